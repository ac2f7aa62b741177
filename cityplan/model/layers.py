"""The layer catalogue, and the layers of one city, checked once at the door."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from cityplan.errors import LayerError
from cityplan.text import Text

if TYPE_CHECKING:
    from pyproj import CRS

    from cityplan.spatial.arrays import Shapes

GeometryKind = Literal["point", "line", "polygon"]
ColumnKind = Literal["text", "number", "flag"]

GROUP_PREFIX = "people_"
OUTLINE = "closed line taken as the outline of an area"
_SINGLE_LINES = (1, 2)
MIN_RING = 3
_KIND_OF_TYPE: dict[int, GeometryKind] = {
    0: "point", 4: "point", 1: "line", 2: "line", 5: "line", 3: "polygon", 6: "polygon",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LayerSpec:
    """One row of the catalogue: what a layer means and what it must hold."""

    title: Text
    geometry: frozenset[GeometryKind]
    columns: Mapping[str, ColumnKind]
    required: frozenset[str] = frozenset()


def _spec(
    en: str, zh: str, geometry: str, columns: dict[str, ColumnKind], *, required: str = ""
) -> LayerSpec:
    kinds: dict[str, GeometryKind] = {"p": "point", "l": "line", "a": "polygon"}
    return LayerSpec(
        title=Text(en=en, zh=zh),
        geometry=frozenset(kinds[letter] for letter in geometry),
        columns={"id": "text", "name": "text", **columns},
        required=frozenset(required.split()),
    )


CATALOGUE: Mapping[str, LayerSpec] = {
    "streets": _spec(
        "streets and ways (centre lines)",
        "道路与步行道（中心线）",
        "l",
        {
            "highway": "text", "ref": "text", "oneway": "number", "width_m": "number",
            "lanes": "number", "sidewalk": "text", "access": "text", "foot": "text",
            "motor": "text", "service": "text", "tunnel": "flag", "bridge": "flag",
            "level": "number", "area": "flag", "roundabout": "flag", "road_class": "text", "red_line_m": "number",
            "cut_start": "flag", "cut_end": "flag",
        },
        required="highway",
    ),
    "street_nodes": _spec(
        "turning circles and gates on streets", "道路上的回车场与门禁", "p",
        {"kind": "text", "access": "text", "foot": "text", "motor": "text"}, required="kind",
    ),
    "road_surface": _spec("road surfaces", "道路面", "a", {"kind": "text"}),
    "buildings": _spec(
        "buildings", "建筑", "a",
        {"building": "text", "use": "text", "levels": "number", "people": "number"},
    ),
    "residential_land": _spec("residential land", "居住用地", "a", {}),
    "land_use": _spec("land use", "用地", "a", {"use": "text"}, required="use"),
    "population": _spec("population", "人口", "pa", {"people": "number"}, required="people"),
    "facilities": _spec("facilities", "设施", "pa", {"category": "text"}, required="category"),
    "toilets": _spec(
        "public toilets", "公共厕所", "pa",
        {
            "access": "text", "fee": "text", "sex": "text", "female_places": "number",
            "male_places": "number", "crowded": "flag",
        },
    ),
    "parks": _spec("parks", "公园", "a", {"kind": "text", "access": "text", "fenced": "flag"}),
    "green": _spec("green space", "绿地", "a", {"kind": "text", "access": "text"}),
    "greenways": _spec("greenways", "绿道", "l", {"kind": "text"}),
    "entrances": _spec("entrances and gates", "出入口", "p", {"kind": "text", "access": "text"}),
    "water": _spec("water", "水域", "la", {"kind": "text", "tunnel": "flag"}),
    "rail": _spec("railways", "铁路", "l", {"kind": "text", "tunnel": "flag", "bridge": "flag"}),
    "barriers": _spec("walls and fences", "围墙与栏杆", "l", {"kind": "text"}),
    "admin": _spec("administrative areas", "行政区划", "a", {"admin_level": "number"}),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class InputCount:
    """What became of the rows of one layer: ``read == used + rejected``.

    Attributes
    ----------
    repaired
        Cause -> rows that were mended and then used.
    rejected
        Cause -> rows that were left out.
    repaired_area_m2
        By how much mending polygons changed their area, in all.
    parts
        The count of each source, where the layer has several.
    """

    source: str
    sha256: str
    read: int
    used: int
    repaired: Mapping[str, int] = field(default_factory=dict)
    rejected: Mapping[str, int] = field(default_factory=dict)
    datum: str = "wgs84"
    encoding: str = ""
    osm_timestamp: str | None = None
    repaired_area_m2: float = 0.0
    parts: tuple[InputCount, ...] = ()


def without(count: InputCount, rejected: Mapping[str, int]) -> InputCount:
    """Return a count after more rows were left out."""
    return replace(
        count,
        used=count.used - sum(rejected.values()),
        rejected=_sum([count.rejected, rejected]),
    )


def count_of_all(parts: Sequence[InputCount]) -> InputCount:
    """Return the count of a layer that was read from several sources."""
    if len(parts) == 1:
        return parts[0]
    stamps = [part.osm_timestamp for part in parts if part.osm_timestamp]
    return InputCount(
        source=" + ".join(part.source for part in parts),
        sha256="+".join(part.sha256 for part in parts),
        read=sum(part.read for part in parts),
        used=sum(part.used for part in parts),
        repaired=_sum(part.repaired for part in parts),
        rejected=_sum(part.rejected for part in parts),
        datum="+".join(dict.fromkeys(part.datum for part in parts)),
        encoding="+".join(dict.fromkeys(part.encoding for part in parts if part.encoding)),
        osm_timestamp=max(stamps, default=None),
        repaired_area_m2=sum(part.repaired_area_m2 for part in parts),
        parts=tuple(parts),
    )


def _sum(causes: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for cause in causes:
        for key, rows in cause.items():
            total[key] = total.get(key, 0) + rows
    return total


class Layers(Mapping[str, gpd.GeoDataFrame]):
    """Immutable name -> GeoDataFrame; every catalogue layer is there, maybe empty."""

    def __init__(
        self, frames: Mapping[str, gpd.GeoDataFrame], counts: Mapping[str, InputCount]
    ) -> None:
        self._frames = dict(frames)
        self.counts = dict(counts)

    def __getitem__(self, name: str) -> gpd.GeoDataFrame:
        return self._frames[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._frames)

    def __len__(self) -> int:
        return len(self._frames)

    def has(self, name: str) -> bool:
        """Whether the layer holds any row."""
        return len(self._frames[name]) > 0


def check_layers(
    frames: Mapping[str, gpd.GeoDataFrame], counts: Mapping[str, InputCount], crs: CRS
) -> Layers:
    """Check every layer against the catalogue; repair or reject rows, counted.

    Parameters
    ----------
    frames
        Layers in ``crs``, with the catalogue's columns or some of them.
    counts
        Layer name -> what the reader already counted.
    crs
        The study's projected CRS, metres.

    Raises
    ------
    LayerError
        A layer is unknown or lacks a required column.
    """
    checked: dict[str, gpd.GeoDataFrame] = {}
    told: dict[str, InputCount] = {}
    for name in frames:
        if name not in CATALOGUE:
            raise LayerError(
                Text(
                    en=f"Unknown layer '{name}': use one of {', '.join(CATALOGUE)}.",
                    zh=f"未知图层“{name}”，可用图层：{'、'.join(CATALOGUE)}。",
                )
            )
    for name, spec in CATALOGUE.items():
        frame = frames.get(name)
        if frame is None:
            checked[name] = _with_columns(gpd.GeoDataFrame(geometry=[], crs=crs), spec)
        else:
            checked[name], told[name] = check_layer(name, frame, counts[name])
    return Layers(checked, told)


def check_layer(
    name: str, frame: gpd.GeoDataFrame, count: InputCount
) -> tuple[gpd.GeoDataFrame, InputCount]:
    """Check the rows of one layer of the catalogue; repair or reject them, counted.

    Raises
    ------
    LayerError
        It lacks a required column.
    """
    spec = CATALOGUE[name]
    lacking = spec.required - set(frame.columns)
    if lacking:
        raise LayerError(
            Text(
                en=f"Layer '{name}' of '{count.source}' lacks column '{min(lacking)}': name the "
                f'column that holds it, columns = {{ {min(lacking)} = "..." }} in [layers.{name}].',
                zh=f"“{count.source}”的图层“{name}”缺少字段“{min(lacking)}”，请在 [layers.{name}] 中"
                f'用 columns = {{ {min(lacking)} = "..." }} 指定对应字段。',
            )
        )
    return _check_rows(_with_columns(frame, spec), spec, count)


def _with_columns(frame: gpd.GeoDataFrame, spec: LayerSpec) -> gpd.GeoDataFrame:
    """Return the catalogue's columns in its order and types, missing ones empty.

    Columns of groups of people (``people_elderly`` ...) are kept beside ``people``.
    """
    columns = {}
    kinds = dict(spec.columns)
    if "people" in kinds:
        kinds |= {name: "number" for name in frame.columns if name.startswith(GROUP_PREFIX)}
    for column, kind in kinds.items():
        values = frame[column] if column in frame.columns else None
        if kind == "number":
            numbers = pd.to_numeric(values, errors="coerce") if values is not None else np.nan
            columns[column] = pd.Series(numbers, index=frame.index, dtype="float64")
        elif kind == "flag":
            flags = values.fillna(value=False).astype(bool) if values is not None else False
            columns[column] = pd.Series(flags, index=frame.index, dtype="bool")
        else:
            columns[column] = pd.Series(values, index=frame.index, dtype="object")
    return gpd.GeoDataFrame(columns, geometry=frame.geometry.array, crs=frame.crs)


def _check_rows(
    frame: gpd.GeoDataFrame, spec: LayerSpec, count: InputCount
) -> tuple[gpd.GeoDataFrame, InputCount]:
    geometry, outlines = _outlines_as_areas(np.asarray(frame.geometry.array), spec)
    rejected, repaired = dict(count.rejected), _add(count.repaired, OUTLINE, outlines)
    changed_m2 = count.repaired_area_m2

    types = shapely.get_type_id(geometry)
    empty = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    wrong = ~empty & ~np.isin(
        types, [t for t, kind in _KIND_OF_TYPE.items() if kind in spec.geometry]
    )
    polygon = np.isin(types, [t for t, kind in _KIND_OF_TYPE.items() if kind == "polygon"])
    invalid = ~empty & ~wrong & polygon & ~shapely.is_valid(geometry)
    if invalid.any():
        geometry = geometry.copy()
        before = shapely.area(geometry[invalid])
        geometry[invalid] = shapely.make_valid(
            geometry[invalid], method="structure", keep_collapsed=False
        )
        changed_m2 += float(np.abs(shapely.area(geometry[invalid]) - before).sum())
        collapsed = invalid & shapely.is_empty(geometry)
        empty |= collapsed
        repaired = _add(repaired, "invalid polygon mended", int((invalid & ~collapsed).sum()))
    rejected = _add(rejected, "no geometry", int(empty.sum()))
    rejected = _add(rejected, "wrong geometry type", int(wrong.sum()))

    keep = ~(empty | wrong)
    used = frame.set_geometry(gpd.GeoSeries(geometry, index=frame.index, crs=frame.crs))
    used = used[keep].reset_index(drop=True)
    return used, replace(
        count,
        used=len(used),
        repaired=repaired,
        rejected=rejected,
        repaired_area_m2=round(changed_m2, 1),
    )


def _outlines_as_areas(geometry: Shapes, spec: LayerSpec) -> tuple[Shapes, int]:
    """Return the areas that closed lines go round, in layers of areas and not of lines."""
    if "polygon" not in spec.geometry or "line" in spec.geometry:
        return geometry, 0
    line = np.isin(shapely.get_type_id(geometry), _SINGLE_LINES)
    closed = line & shapely.is_closed(geometry) & (shapely.get_num_points(geometry) > MIN_RING)
    if closed.any():
        geometry = geometry.copy()
        points, ring = shapely.get_coordinates(geometry[closed], return_index=True)
        geometry[closed] = shapely.polygons(shapely.linearrings(points, indices=ring))
    return geometry, int(closed.sum())


def _add(causes: Mapping[str, int], cause: str, rows: int) -> dict[str, int]:
    return {**causes, cause: causes.get(cause, 0) + rows} if rows else dict(causes)
