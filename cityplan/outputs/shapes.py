"""Shapes in words: what a place is called, what it lacks, how large it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from cityplan.model.result import OUTSIDE_UNITS
from cityplan.outputs.findings import unit_name
from cityplan.outputs.labels import column_title, kind_title
from cityplan.outputs.style import format_value, is_number
from cityplan.outputs.words import word

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    import geopandas as gpd
    from pyproj import CRS

    from cityplan.model.report import Report
    from cityplan.model.result import Result
    from cityplan.model.standard import Standard
    from cityplan.text import Language

MAX_KINDS = 9
_OWN_COLUMNS = frozenset(
    {"id", "name", "kind", "unit", "people", "weight", "lacks", "value", "label_en", "label_zh"}
)
_M2_PER_HA = 10_000.0


@dataclass(frozen=True, kw_only=True)
class Place:
    """One shape in words; what the analyzer did not say is empty.

    Attributes
    ----------
    key
        The short key of its kind.
    lack_count
        How many things it lacks.
    cells
        Column -> text of the columns that only this analyzer knows.
    """

    name: str
    key: str
    kind: str
    unit: str
    people: float | None
    weight: float | None
    lacks: str
    lack_count: int
    value: float | None
    size: str
    cells: dict[str, str]
    lon: float
    lat: float


def gap_frame(result: Result) -> gpd.GeoDataFrame | None:
    """Return the gaps of a result on the ground, the heaviest first; None without any."""
    frame = result.shapes.get("gap")
    if frame is None or with_geometry(frame).empty:
        return None
    frame = with_geometry(frame)
    return frame.iloc[heaviest_first(frame)]


def gap_places(result: Result, report: Report, lang: Language) -> list[Place]:
    """Return the gaps of a result on the ground in words, the heaviest first."""
    frame = gap_frame(result)
    return [] if frame is None else places(frame, report, lang)


def places(frame: gpd.GeoDataFrame, report: Report, lang: Language) -> list[Place]:
    """Return each shape in words, in the order of the rows."""
    lon, lat = _positions(frame, report)
    rows = frame.drop(columns=frame.geometry.name).to_dict("records")
    return [
        _place(row, size, (x, y), report.standard, lang)
        for row, size, x, y in zip(rows, sizes(frame, lang), lon, lat, strict=True)
    ]


def place_columns(rows: Sequence[Place], lang: Language) -> dict[str, list[str]]:
    """Return heading -> texts of what is known about places; columns that say nothing are out."""
    kinds = [row.kind for row in rows]
    elsewhere = any(row.unit != row.name for row in rows)
    own = {column_title(column).get(lang): column for row in rows[:1] for column in row.cells}
    columns = {
        word("kind", lang): kinds if len(set(kinds)) > 1 else [],
        word("unit", lang): [row.unit for row in rows] if elsewhere else [],
        word("people", lang): [people_text(row.people) for row in rows],
        word("weight", lang): [people_text(row.weight) for row in rows],
        word("lacks", lang): [row.lacks for row in rows],
        word("number", lang): [_plain_number(row.value) for row in rows],
        **{title: [row.cells[column] for row in rows] for title, column in own.items()},
        word("size", lang): [row.size for row in rows],
    }
    return {title: texts for title, texts in columns.items() if any(texts)}


def with_geometry(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the rows that have a shape."""
    shapes = frame.geometry.to_numpy()
    return frame[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]


def reporting_units(result: Result) -> gpd.GeoDataFrame:
    """Return the units that can be drawn, without the row of what lies in none."""
    units = with_geometry(result.units)
    return units[units["unit"] != OUTSIDE_UNITS]


def heaviest_first(frame: gpd.GeoDataFrame) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Return the order of shapes by people, weight and size, ties by place."""
    bounds = frame.bounds.to_numpy()
    keys = [bounds[:, 1], bounds[:, 0], -_extent(frame)]
    keys += [-_numbers(frame, column) for column in ("weight", "people") if column in frame]
    return np.lexsort(keys)


def sizes(frame: gpd.GeoDataFrame, lang: Language) -> list[str]:
    """Return the size of each shape in words: hectares, metres, nothing for points."""
    dimensions = shapely.get_dimensions(frame.geometry.to_numpy())
    return [_size(number, dimension, lang) for number, dimension in zip(
        _extent(frame), dimensions, strict=True
    )]  # fmt: skip


def shape_name(row: Mapping[Hashable, Any], standard: Standard, lang: Language) -> str:
    """Return what a shape is called: its label, its name, else its kind."""
    for column in (f"label_{lang}", "name"):
        text = text_of(row.get(column))
        if text:
            return unit_name(text, lang)
    return kind_title(text_of(row.get("kind")), standard).get(lang)


def listed(value: object, standard: Standard, lang: Language) -> str:
    """Return a list of category ids in words; any other text stays as it is."""
    ids = _items(value)
    if not all(item in standard.categories or item in standard.groups for item in ids):
        return ", ".join(ids) if isinstance(value, list | tuple) else text_of(value)
    titles = (kind_title(item, standard).get(lang) for item in ids)
    return word("comma", lang).join(titles)


def _items(value: object) -> list[str]:
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    return [item.strip() for item in text_of(value).split(",") if item.strip()]


def people_text(people: float | None) -> str:
    """Return a number of people, whole; empty where it is not known."""
    return "" if people is None else f"{round(people):,}"


def split_kinds(frame: gpd.GeoDataFrame) -> list[tuple[str, gpd.GeoDataFrame]]:
    """Return kind -> shapes, the most frequent first; too many kinds are one without a name."""
    kinds = frame["kind"].map(text_of).to_numpy()
    names, counts = np.unique(kinds, return_counts=True)
    if len(names) > MAX_KINDS:
        return [("", frame)]
    order = np.argsort(-counts, kind="stable")
    return [(str(names[place]), frame[kinds == names[place]]) for place in order]


def ranked_kinds(
    frame: gpd.GeoDataFrame, ladder: Sequence[str]
) -> list[tuple[str, gpd.GeoDataFrame]]:
    """Return kind -> shapes, the one to be drawn the weakest first.

    Parameters
    ----------
    ladder
        Kinds from the highest to the lowest, such as road classes: where all
        kinds stand on it the lowest is the weakest, else the most frequent is.
    """
    parts = split_kinds(frame)
    if all(kind in ladder for kind, _ in parts):
        parts.sort(key=lambda part: -ladder.index(part[0]))
    return parts


def text_of(value: object) -> str:
    """Return text from a table cell, empty for a missing one."""
    missing = value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value))
    return "" if missing else str(value)


def _place(
    row: Mapping[Hashable, Any],
    size: str,
    position: tuple[float, float],
    standard: Standard,
    lang: Language,
) -> Place:
    def number(column: str) -> float | None:
        value = row.get(column)
        return float(value) if is_number(value) else None

    return Place(
        name=shape_name(row, standard, lang),
        key=text_of(row.get("kind")),
        kind=kind_title(text_of(row.get("kind")), standard).get(lang),
        unit=unit_name(text_of(row.get("unit")), lang),
        people=number("people"),
        weight=number("weight"),
        lacks=listed(row.get("lacks"), standard, lang),
        lack_count=len(_items(row.get("lacks"))),
        value=number("value"),
        size=size,
        cells={
            str(column): _cell_text(value, str(column), lang)
            for column, value in row.items()
            if column not in _OWN_COLUMNS
        },
        lon=position[0],
        lat=position[1],
    )


def _cell_text(value: object, column: str, lang: Language) -> str:
    """Return a cell of a column only its analyzer knows; the unit is in the column's name."""
    if isinstance(value, bool | np.bool):
        return word("yes" if value else "no_word", lang)
    if not is_number(value):
        return text_of(value)
    if column.endswith("_m"):
        return f"{value:,.1f} m"
    return format_value(value, "share", lang) if column.endswith("_share") else _plain_number(value)


def _plain_number(value: float | None) -> str:
    return "" if value is None else f"{value:,.6g}"


@lru_cache(maxsize=8)
def to_wgs84(crs: CRS) -> Transformer:
    """Return the way to longitude and latitude: pyproj takes 50 ms to find that of CGCS2000."""
    return Transformer.from_crs(crs, "EPSG:4326", always_xy=True)


def _positions(frame: gpd.GeoDataFrame, report: Report) -> tuple[Sequence[float], Sequence[float]]:
    points = shapely.get_coordinates(frame.representative_point().to_numpy())
    lon, lat = to_wgs84(report.area.crs).transform(points[:, 0], points[:, 1])
    return np.round(lon, 6).tolist(), np.round(lat, 6).tolist()


def _extent(frame: gpd.GeoDataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    area = frame.area.to_numpy(dtype="float64")
    return np.where(area > 0, area, frame.length.to_numpy(dtype="float64"))


def _numbers(frame: gpd.GeoDataFrame, column: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([value if is_number(value) else -np.inf for value in frame[column]], float)


def _size(number: float, dimension: int, lang: Language) -> str:
    if dimension == 2:  # noqa: PLR2004 - a polygon
        return f"{number / _M2_PER_HA:,.2f} {'公顷' if lang == 'zh' else 'ha'}"
    return format_value(number, "m", lang) if dimension == 1 else ""
