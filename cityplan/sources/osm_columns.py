"""From OpenStreetMap tags to the columns of each layer."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from cityplan.sources.tag_rules import FACILITY, load_tag_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cityplan.sources.tag_rules import Tags

    _Cells = list[tuple[Callable[[Any], None], Callable[[Tags], Any]]]

_NUMBER = re.compile(r"^\s*(\d+(?:[.,]\d+)?)\s*(m|metres?|meters?|米)?\s*$", re.IGNORECASE)
_ONEWAY = {"yes": 1.0, "true": 1.0, "1": 1.0, "-1": -1.0, "reverse": -1.0}
_NO = ("no", "0", "false")
FACILITIES = "facilities"
DRAWN_TWICE = "duplicate of another row"
PLACES = ("toilets", "parks")
# Beside the tag of the thing; as a prefix (disused:amenity=...) it hides the thing anyway.
IDLE_KEYS = ("construction", "proposed", "disused", "abandoned", "demolished", "removed", "razed")
OUT_OF_USE = "out of use or not yet built"
OTHER_SIZE = "pitch of another category's size"


@dataclass
class LayerRows:
    """The columns of one layer, filled row by row; shapes by their number."""

    columns: dict[str, list[Any]]
    shapes: list[int] = field(default_factory=list)
    repaired: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)


class Collected:
    """Everything read from an extract, sorted into layers.

    Attributes
    ----------
    cut_ends
        Street id and 0 (start) or 1 (end), for ends cut at the extract's edge.
    newest_edit
        Time of the newest way or relation, a lower bound of the data's date.
    """

    def __init__(self) -> None:
        self.layers: dict[str, LayerRows] = {}
        self.cut_ends: set[tuple[str, int]] = set()
        self.newest_edit: str | None = None
        self._wkb: list[bytes] = []
        self._targets: dict[str, tuple[LayerRows, _Cells]] = {}

    def layer(self, name: str) -> LayerRows:
        """Return the rows of a layer, a new one if there were none."""
        if name not in self.layers:
            extra = ("category",) if name == FACILITIES else ()
            names = ("id", "name", *TAG_COLUMNS.get(name, ()), *extra)
            self.layers[name] = LayerRows({column: [] for column in names})
        return self.layers[name]

    def add(self, targets: Sequence[str], identity: str, tags: Tags, wkb_hex: str) -> None:
        """Add one object to each layer, and facility category, of its targets."""
        shape = len(self._wkb)
        self._wkb.append(bytes.fromhex(wkb_hex))  # binary parses five times as fast
        for target in targets:
            if (target in PLACES or target.startswith(FACILITY)) and _out_of_use(tags):
                self.reject([target], OUT_OF_USE)
                continue
            if target not in self._targets:
                self._targets[target] = self._target(target)
            rows, cells = self._targets[target]
            rows.shapes.append(shape)
            rows.columns["id"].append(identity)
            for append, read in cells:
                append(read(tags))

    def _target(self, target: str) -> tuple[LayerRows, _Cells]:
        """Return the layer of a target and what adds a cell to each of its columns."""
        name = _layer_of(target)
        rows = self.layer(name)
        readers = {"name": _text("name"), **TAG_COLUMNS.get(name, {})}
        if name == FACILITIES:
            category = target.removeprefix(FACILITY)
            readers["category"] = lambda _: category
        return rows, [(rows.columns[column].append, read) for column, read in readers.items()]

    def reject(self, targets: Sequence[str], cause: str) -> None:
        """Count an object that no geometry could be made for."""
        for target in targets:
            _count(self.layer(_layer_of(target)).rejected, cause)

    def mend(self, targets: Sequence[str], cause: str) -> None:
        """Count an object that was mended."""
        for target in targets:
            _count(self.layer(_layer_of(target)).repaired, cause)

    def frames(self) -> dict[str, gpd.GeoDataFrame]:
        """Return every layer in EPSG:4326; the rows are given up on the way."""
        frames: dict[str, gpd.GeoDataFrame] = {}
        shapes = np.asarray(shapely.from_wkb(self._wkb), dtype=object)
        self._wkb = []
        for name, rows in self.layers.items():
            if name == "streets":
                ends = [[(i, side) in self.cut_ends for i in rows.columns["id"]] for side in (0, 1)]
                rows.columns |= {"cut_start": ends[0], "cut_end": ends[1]}
            frames[name] = gpd.GeoDataFrame(
                rows.columns, geometry=shapes[rows.shapes], crs="EPSG:4326"
            )
            rows.columns, rows.shapes = {}, []
        if "streets" in frames:
            frames["streets"], twice = drawn_once(frames["streets"])
            if twice:
                self.layer("streets").rejected[DRAWN_TWICE] = twice
        if FACILITIES in frames:
            frames[FACILITIES], others = pitches_by_area(frames[FACILITIES])
            if others:
                self.layer(FACILITIES).rejected[OTHER_SIZE] = others
        if "walk_areas" in frames:
            edges = _walk_area_edges(frames.pop("walk_areas"))
            streets = [frames["streets"]] if "streets" in frames else []
            frames["streets"] = pd.concat([*streets, edges], ignore_index=True)
        self._count_squares_as_streets()
        return frames

    def _count_squares_as_streets(self) -> None:
        if "walk_areas" in self.layers:
            squares, ways = self.layers.pop("walk_areas"), self.layer("streets")
            for cause, count in squares.rejected.items():
                ways.rejected[cause] = ways.rejected.get(cause, 0) + count
            for cause, count in squares.repaired.items():
                ways.repaired[cause] = ways.repaired.get(cause, 0) + count


def pitches_by_area(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, int]:
    """Drop pitches whose size is not that of their category; points have no size.

    Parameters
    ----------
    frame
        Facilities with column ``category``; without a CRS they count as in metres.

    Returns
    -------
    tuple
        The rows that stay, and how many were dropped.
    """
    category = frame["category"].to_numpy()
    sized = load_tag_rules().facility_area_m2
    rows = np.flatnonzero(np.isin(category, list(sized)))
    if len(rows) == 0:
        return frame, 0
    keep = np.ones(len(frame), dtype=bool)
    shapes = frame.geometry.iloc[rows]
    area_m2 = (shapes if shapes.crs is None else shapes.to_crs("EPSG:6933")).area.to_numpy()
    for row, area in zip(rows, area_m2, strict=True):
        low, high = sized[category[row]]
        keep[row] = low <= area < high
    return frame[keep].reset_index(drop=True), int((~keep).sum())


def drawn_once(streets: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, int]:
    """Drop streets that lie on another of the same kind from end to end, and count them."""
    lines = shapely.normalize(streets.geometry.to_numpy())
    kind = streets[["highway", "tunnel", "bridge", "level"]].assign(line=shapely.to_wkb(lines))
    twice = kind.duplicated().to_numpy()
    return streets[~twice].reset_index(drop=True), int(twice.sum())


def _layer_of(target: str) -> str:
    return FACILITIES if target.startswith(FACILITY) else target


def _count(causes: dict[str, int], cause: str) -> None:
    causes[cause] = causes.get(cause, 0) + 1


def _walk_area_edges(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Turn pedestrian areas into street rows along their edges."""
    lines = frame.set_geometry(frame.geometry.boundary).explode(index_parts=False)
    return lines.assign(area=True).reset_index(drop=True)


def _number(text: str | None) -> float:
    match = _NUMBER.match(text or "")
    return float(match[1].replace(",", ".")) if match else float("nan")


def _out_of_use(tags: Tags) -> bool:
    return any(tags.get(key) == "yes" for key in IDLE_KEYS)


def _width(tags: Tags) -> float:
    for key in ("width:carriageway", "width", "est_width"):
        if key in tags:
            return _number(tags[key])
    return float("nan")


def _roundabout(tags: Tags) -> bool:
    return tags.get("junction") in ("roundabout", "circular")


def _oneway(tags: Tags) -> float:
    if _roundabout(tags):
        return 1.0
    return _ONEWAY.get(tags.get("oneway", ""), 0.0)


def _sidewalk(tags: Tags) -> str | None:
    """Return both, left, right, no, or None where nobody wrote it down."""
    if "sidewalk:both" in tags:
        return "no" if tags["sidewalk:both"] in ("no", "none") else "both"
    value = tags.get("sidewalk")
    sides = [side for side in ("left", "right") if f"sidewalk:{side}" in tags]
    if value is None and not sides:
        return None
    if value is None:
        present = [s for s in sides if tags[f"sidewalk:{s}"] not in ("no", "none")]
        return "both" if len(present) > 1 else present[0] if present else "no"
    return {"none": "no", "no": "no", "left": "left", "right": "right"}.get(value, "both")


def _flag(key: str) -> Callable[[Tags], bool]:
    return lambda tags: tags.get(key, "no") not in _NO


def _text(*keys: str) -> Callable[[Tags], str | None]:
    if len(keys) == 1:  # most columns, read for every object
        key = keys[0]
        return lambda tags: tags.get(key)
    return lambda tags: next((tags[key] for key in keys if key in tags), None)


def _value(key: str) -> Callable[[Tags], float]:
    return lambda tags: _number(tags.get(key))


def _land_use(tags: Tags) -> str:
    use = load_tag_rules().land_use.first(tags)
    return use or tags.get("landuse", "other")


def _building_use(tags: Tags) -> str:
    return load_tag_rules().building_use.first(tags) or "unknown"


def _sex(tags: Tags) -> str | None:
    female, male = tags.get("female") == "yes", tags.get("male") == "yes"
    if tags.get("unisex") == "yes" or female == male:
        return None
    return "female" if female else "male"


def _kind(tags: Tags) -> str:
    keys = ("leisure", "natural", "landuse", "waterway", "water", "railway", "highway", "barrier")
    return next((tags[key] for key in keys if key in tags), tags.get("entrance", ""))


_ACCESS = _text("access")
TAG_COLUMNS: dict[str, dict[str, Callable[[Tags], Any]]] = {
    "streets": {
        "highway": _text("highway"),
        "ref": _text("ref"),
        "oneway": _oneway,
        "roundabout": _roundabout,
        "width_m": _width,
        "lanes": _value("lanes"),
        "sidewalk": _sidewalk,
        "access": _ACCESS,
        "foot": _text("foot"),
        "motor": _text("motor_vehicle", "motorcar", "vehicle"),
        "service": _text("service"),
        "tunnel": lambda tags: tags.get("tunnel", "no") not in (*_NO, "building_passage"),
        "bridge": _flag("bridge"),
        "level": _value("layer"),
        "road_class": _text("highway:CN:urban"),
    },
    "walk_areas": {
        "highway": _text("highway"),
        "access": _ACCESS,
        "foot": _text("foot"),
        "motor": lambda _: "no",
    },
    "street_nodes": {
        "kind": _text("highway", "barrier"),
        "access": _ACCESS,
        "foot": _text("foot"),
        "motor": _text("motor_vehicle", "vehicle"),
    },
    "road_surface": {"kind": _text("area:highway", "highway")},
    "buildings": {
        "building": _text("building"),
        "use": _building_use,
        "levels": _value("building:levels"),
    },
    "land_use": {"use": _land_use},
    "toilets": {
        "access": _ACCESS,
        "fee": _text("fee"),
        "sex": _sex,
        "female_places": _value("toilets:number:female"),
        "male_places": _value("toilets:number:male"),
    },
    "parks": {
        "kind": _kind,
        "access": _ACCESS,
        "fenced": lambda tags: tags.get("barrier") in ("fence", "wall", "city_wall"),
    },
    "green": {"kind": _kind, "access": _ACCESS},
    "greenways": {"kind": _text("highway")},
    "entrances": {"kind": _text("barrier", "entrance"), "access": _ACCESS},
    "water": {"kind": _kind, "tunnel": _flag("tunnel")},
    "rail": {"kind": _kind, "tunnel": _flag("tunnel"), "bridge": _flag("bridge")},
    "barriers": {"kind": _kind},
    "admin": {"admin_level": _value("admin_level")},
}
