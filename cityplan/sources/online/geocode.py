"""From a place name to its boundary, asking back instead of guessing.

OSMnx's geocoder takes the first polygon of the answer. A boundary decides every
share and density that follows, so here a name that stands for several areas, or
for a point, is an error that says how to name the one that is meant.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely

from cityplan.errors import PlaceError
from cityplan.sources.online.web_client import (
    Server,
    TryAgainError,
    WebClient,
    not_data,
    one_line,
)
from cityplan.spatial.overlay import polygons_only
from cityplan.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cityplan.sources.online.answer_cache import AnswerCache
    from cityplan.spatial.arrays import Area

MOST = 10
AREA_CLASSES = ("boundary", "place")
SAME_SHARE = 0.99
OSM_ID = re.compile(r"([NWR])\s*(\d{1,18})", flags=re.IGNORECASE)
LETTERS = {"node": "N", "way": "W", "relation": "R"}
GIVE_BOUNDARY = Text(en="give a boundary file with --boundary", zh="请用 --boundary 提供边界文件")


@dataclass(frozen=True)
class Place:
    """A place as the geocoder knows it; ``area`` in longitude and latitude, None for a point."""

    osm_id: str
    name: str
    full_name: str
    kind: str
    of_places: bool
    area: Area | None


def find_place(query: str, *, server: Server, client: WebClient, cache: AnswerCache) -> Place:
    """Return the one area a name stands for.

    Parameters
    ----------
    query
        A name, best with its country and state, or an OpenStreetMap id such as
        ``R3221112``.

    Raises
    ------
    PlaceError
        Nothing, only a point, or several areas have this name.
    FetchError
        The geocoder cannot be reached or gives no usable answer.
    """
    places = _ask(query.strip(), server, client, cache)
    if not places:
        raise PlaceError(
            Text(
                en=f"No place '{query}' was found: write it with its province and country, give its "
                f"OpenStreetMap id (such as R3221112), or {GIVE_BOUNDARY.en}.",
                zh=f"未找到“{query}”：请写出省份与国家，或给出 OpenStreetMap 编号（如 R3221112），"
                f"或{GIVE_BOUNDARY.zh}。",
            )
        )
    areas = [place for place in places if place.area is not None]
    if not areas:
        raise PlaceError(
            Text(
                en=f"'{query}' is a point or a line on the map, no area ({_listed(places)}): "
                f"{GIVE_BOUNDARY.en}.",
                zh=f"“{query}”在地图上只是点或线，没有面（{_listed(places)}），{GIVE_BOUNDARY.zh}。",
            )
        )
    areas = _different([place for place in areas if place.of_places] or areas)
    if len(areas) > 1:
        raise PlaceError(
            Text(
                en=f"'{query}' may be one of {len(areas)} areas: {_listed(areas)}. Name one by its "
                f"full name or its id, for example: cityplan fetch {areas[0].osm_id}.",
                zh=f"“{query}”可能指{len(areas)}个区域之一：{_listed(areas)}。请用全称或编号指明，"
                f"例如：cityplan fetch {areas[0].osm_id}。",
            )
        )
    return areas[0]


def _ask(query: str, server: Server, client: WebClient, cache: AnswerCache) -> list[Place]:
    by_id = OSM_ID.fullmatch(query)
    path = "/lookup" if by_id else "/search"
    words = {"format": "json", "polygon_geojson": "1"}
    if by_id:
        words["osm_ids"] = by_id[1].upper() + by_id[2]
    else:
        words |= {"q": query, "limit": str(MOST)}
    question = json.dumps([server.url, path, words, client.lang])
    kept = cache.get(question)
    if kept is not None:
        return _places(kept, server)
    body, places = client.ask(server, path, lambda body: (body, _places(body, server)), query=words)
    if places:
        cache.put(question, body)
    return places


def _places(body: bytes, server: Server) -> list[Place]:
    """Return the places of an answer."""
    try:
        rows = json.loads(body)
    except (ValueError, RecursionError):
        if body.lstrip()[:1] == b"<":
            raise not_data(server, body) from None
        raise TryAgainError(Text(en="the answer was cut off", zh="应答不完整")) from None
    if not isinstance(rows, list):
        raise not_data(server, body)
    try:
        return [_place(row) for row in rows]
    except (AttributeError, KeyError, TypeError, ValueError, shapely.errors.ShapelyError):
        raise not_data(server, body) from None


def _place(row: dict[str, Any]) -> Place:
    full_name = one_line(str(row["display_name"]))
    kind = str(row.get("addresstype") or row.get("type") or "")
    return Place(
        osm_id=f"{LETTERS.get(str(row.get('osm_type')), '?')}{int(row.get('osm_id', 0))}",
        name=one_line(str(row.get("name") or "")) or full_name.split(",")[0],
        full_name=full_name,
        kind=one_line(kind),
        of_places=str(row.get("class") or row.get("category")) in AREA_CLASSES,
        area=_area(row.get("geojson")),
    )


def _area(geojson: Any) -> Area | None:
    if not isinstance(geojson, dict) or geojson.get("type") not in {"Polygon", "MultiPolygon"}:
        return None
    shape = shapely.from_geojson(json.dumps(geojson))
    area = polygons_only(shapely.make_valid(shape, method="structure", keep_collapsed=False))
    west, south, east, north = area.bounds
    if area.is_empty or not (-180 <= west < east <= 180 and -90 <= south < north <= 90):  # noqa: PLR2004
        raise ValueError
    return area


def _different(places: Sequence[Place]) -> list[Place]:
    """Keep one of those that cover the same ground, as a city and its district often do."""
    kept: list[Place] = []
    for place in places:
        if not any(_same(place.area, other.area) for other in kept):
            kept.append(place)
    return kept


def _same(a: Area | None, b: Area | None) -> bool:
    if a is None or b is None:
        return False
    return shapely.area(a & b) >= SAME_SHARE * shapely.area(a | b)


def _listed(places: Sequence[Place]) -> str:
    return "; ".join(f"{place.osm_id} {place.full_name} ({place.kind})" for place in places)
