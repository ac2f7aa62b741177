"""Layers of an extract and of local sources as those of one city."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cityplan.errors import InputFileError
from cityplan.model.checks import Check, notes
from cityplan.model.layers import (
    CATALOGUE,
    Layers,
    check_layer,
    check_layers,
    count_of_all,
    without,
)
from cityplan.model.place import near_boundary
from cityplan.model.street_noding import meet_at_vertices, node_streets
from cityplan.model.ways import open_to_public
from cityplan.sources.fields.merge import merge_sources
from cityplan.spatial.shift import find_shift
from cityplan.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from pyproj import CRS

    from cityplan.model.layers import InputCount
    from cityplan.sources.local import LocalLayer
    from cityplan.sources.osm_file import OsmExtract
    from cityplan.sources.study import Study
    from cityplan.spatial.arrays import Bools, Geometry

# Local layers whose places are also what people walk to.
ALSO_FACILITIES = {"toilets": "public_toilet", "parks": "park"}
GIVEN_WAY = "a local layer takes its place"
# Layers that follow streets closely enough for a displacement to show.
SHIFT_SHOWS = (
    "streets",
    "facilities",
    "toilets",
    "entrances",
    "population",
    "buildings",
    "land_use",
)


def join_layers(
    study: Study,
    boundary: Geometry,
    crs: CRS,
    extract: OsmExtract | None,
    local: list[LocalLayer],
) -> tuple[Layers, list[Check]]:
    """Return the layers of the extract with the local ones in their place or beside them.

    Parameters
    ----------
    boundary
        In longitude and latitude.

    Raises
    ------
    InputFileError
        A source lies nowhere near the boundary.
    """
    frames: dict[str, gpd.GeoDataFrame] = {}
    counts: dict[str, InputCount] = {}
    if extract is not None:
        frames, counts = near_boundary(extract.layers, extract.counts, boundary)
        if not local and not any(len(frame) for frame in frames.values()):
            raise _apart(
                f"'{study.osm and study.osm.path}'", f"“{study.osm and study.osm.path}”", study
            )
    layers = check_layers({n: f.to_crs(crs) for n, f in frames.items()}, counts, crs)
    checks: list[Check] = []
    parts: dict[str, list[InputCount]] = {n: [c] for n, c in layers.counts.items()}
    merged = dict(layers)
    for item in local:
        near, told = near_boundary({item.layer: item.frame}, {item.layer: item.count}, boundary)
        if len(item.frame) and not len(near[item.layer]):
            raise _apart(item.what.en, item.what.zh, study)
        frame, count = check_layer(item.layer, near[item.layer].to_crs(crs), told[item.layer])
        checks += item.checks
        if item.mode == "replace":
            if item.layer in parts:
                checks.append(_replaced(item))
            merged[item.layer], parts[item.layer] = frame, [count]
        else:
            joined = merge_sources(merged[item.layer], frame, item.layer)
            merged[item.layer] = joined.frame
            parts.setdefault(item.layer, []).append(without(count, joined.rejected))
    streets = [item for item in local if item.layer == "streets"]
    if streets:
        own = _may_lack_vertices(merged["streets"], streets, parts["streets"])
        merged["streets"], told_of_streets = node_streets(merged["streets"], own)
        checks += told_of_streets
    for layer in _places_to_reach(local, merged):
        checks.append(_also_facilities(layer, merged, parts, from_osm=extract is not None))
    return Layers(merged, {name: count_of_all(items) for name, items in parts.items()}), checks


def _places_to_reach(local: list[LocalLayer], merged: Mapping[str, gpd.GeoDataFrame]) -> list[str]:
    """Return the layers whose places are to count as facilities too.

    Those a local source gives; and those of the extract, where local facilities took the
    place of its own and hold none of the kind.
    """
    layers = list(dict.fromkeys(item.layer for item in local if item.layer in ALSO_FACILITIES))
    if any(item.layer == "facilities" and item.mode == "replace" for item in local):
        known = set(merged["facilities"]["category"])
        left = [n for n, category in ALSO_FACILITIES.items() if category not in known]
        layers += [n for n in left if n not in layers and len(merged[n])]
    return layers


def _may_lack_vertices(
    frame: gpd.GeoDataFrame, items: list[LocalLayer], counts: list[InputCount]
) -> Bools:
    """Return which streets may meet without a common vertex: those not as OpenStreetMap's."""
    own = np.zeros(len(frame), dtype=bool)
    last = len(frame)
    for item, count in zip(reversed(items), reversed(counts), strict=False):
        first = last - count.used
        own[first:last] = not (item.is_osm and meet_at_vertices(frame.iloc[first:last]))
        last = first
    return own


def _also_facilities(
    layer: str,
    merged: dict[str, gpd.GeoDataFrame],
    parts: dict[str, list[InputCount]],
    *,
    from_osm: bool,
) -> Check:
    """Let the places of a local layer count as facilities; those of an extract give way."""
    category, facilities = ALSO_FACILITIES[layer], merged["facilities"]
    counts = parts.setdefault("facilities", [])
    same = (facilities["category"] == category).to_numpy()
    if from_osm and counts and counts[0].osm_timestamp is not None:
        counts[0] = without(counts[0], {GIVEN_WAY: int(same.sum())})
        facilities = facilities[~same]
    places = merged[layer][open_to_public(merged[layer]["access"])]
    rows = places.assign(id=f"{layer}/" + places["id"].astype(str), category=category)
    joined = merge_sources(facilities, rows[list(facilities.columns)], "facilities")
    merged["facilities"] = joined.frame
    count = parts[layer][0]
    counts.append(
        replace(count, read=len(rows), used=len(rows), repaired={}, rejected={}, parts=())
    )
    counts[-1] = without(counts[-1], joined.rejected)
    return Check(
        layer="facilities",
        severity="note",
        rows=len(rows),
        what=Text(
            en=f"The places of layer '{layer}' also count as facilities '{category}'.",
            zh=f"“{CATALOGUE[layer].title.zh}”图层同时计入设施类别“{category}”。",
        ),
    )


def shift_checks(local: list[LocalLayer], extract: OsmExtract | None) -> list[Check]:
    """Warn of local layers that lie beside the streets as the maps of China do."""
    own = [item.frame.geometry.to_numpy() for item in local if item.layer == "streets"]
    drawn = extract.layers.get("streets") if extract is not None else None
    streets = (
        own[0] if own and drawn is None else None if drawn is None else drawn.geometry.to_numpy()
    )
    if streets is None:
        return []
    checks = []
    for item in local:
        if (
            item.layer in SHIFT_SHOWS
            and not item.derived
            and not (item.layer == "streets" and drawn is None)
        ):
            found = find_shift(item.positions, streets)
            warning = found.warning(item.what) if found is not None else None
            checks += notes(item.layer, [warning] if warning is not None else [], "warning")
    return checks


def _replaced(item: LocalLayer) -> Check:
    return Check(
        layer=item.layer,
        severity="note",
        what=Text(
            en=f"{item.what.en} takes the place of the layer in the OpenStreetMap extract.",
            zh=f"{item.what.zh}取代 OpenStreetMap 数据中的同名图层。",
        ),
    )


def _apart(en: str, zh: str, study: Study) -> InputFileError:
    path = study.boundary.path if study.boundary is not None else study.name
    return InputFileError(
        Text(
            en=f"{en} and the boundary '{path}' do not meet: they are of different places, or the "
            "CRS of one is wrong.",
            zh=f"{zh}与边界“{path}”不相交：两者不是同一地区，或其中之一坐标系有误。",
        )
    )
