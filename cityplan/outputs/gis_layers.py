"""The layers of the hand-over to GIS: their columns, meanings and styles."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from cityplan.model.result import OUTSIDE_UNITS, Result
from cityplan.outputs.classes import classify_units, judged_classes
from cityplan.outputs.findings import is_judged, main_measure, unit_values
from cityplan.outputs.labels import column_title, kind_title, measure_title
from cityplan.outputs.qgis_style import area_style, class_style, role_style
from cityplan.outputs.results_json import plain, unit_rows
from cityplan.outputs.shapes import ranked_kinds, text_of
from cityplan.outputs.style import BUILT_UP, INK, OUTLINE, ROLES
from cityplan.outputs.words import ROLES as ROLE_WORDS
from cityplan.outputs.words import WORDS
from cityplan.text import Text

if TYPE_CHECKING:
    from shapely import MultiPolygon, Polygon

    from cityplan.model.report import Report
    from cityplan.model.result import Role
    from cityplan.outputs.qgis_style import Shape
    from cityplan.outputs.thinning import Geometries

DICTIONARY = "data_dictionary"
ABOUT = "about"
STYLES = "layer_styles"
_NAME_MOST = 60
_NOTHING = -1  # the dimension shapely gives a missing geometry
_UNSAFE = re.compile(r"[^0-9a-z_]+")
_RESERVED = frozenset({"fid", "geom", "geometry"})
_AREA = Text(en="Area", zh="面积")
_BASIS = {"name": (WORDS["name"], ""), "basis": (WORDS["basis"], ""), "km2": (_AREA, "km2")}
_GROUND_STYLES = {
    "boundary": area_style(fill=None, edge=INK, width=1.2),
    "built_up": area_style(fill=BUILT_UP, edge=BUILT_UP, width=0.0),
}
_SORTS: dict[int, tuple[str, Shape]] = {
    0: ("_points", "marker"),
    1: ("_lines", "line"),
    2: ("_areas", "fill"),
}
_KNOWN_COLUMNS = {
    "name": (WORDS["name"], ""),
    "kind": (WORDS["kind"], ""),
    "unit": (WORDS["unit"], ""),
    "people": (WORDS["people"], "count"),
    "weight": (WORDS["weight"], ""),
    "lacks": (WORDS["lacks"], ""),
    "value": (WORDS["number"], ""),
}


@dataclass(frozen=True, kw_only=True)
class GisLayer:
    """One layer, what it is, and how it is drawn.

    Attributes
    ----------
    meanings
        Column -> its meaning and unit.
    kinds
        Key of the column ``kind`` -> its meaning.
    styles
        Name -> QML, the first is shown first.
    """

    name: str
    title: Text
    frame: gpd.GeoDataFrame
    meanings: dict[str, tuple[Text, str]]
    styles: dict[str, str]
    kinds: dict[str, Text] = field(default_factory=dict)


def safe_name(text: str, used: set[str]) -> str:
    """Return a layer or column name of plain letters unlike the ones in ``used``."""
    base = _UNSAFE.sub("_", text.lower()).strip("_") or "column"
    if base[0].isdigit() or base in _RESERVED:
        base = f"x_{base}"
    unique, number = base[:_NAME_MOST], 1
    while unique in used:
        number += 1
        unique = f"{base[: _NAME_MOST - len(str(number)) - 1]}_{number}"
    used.add(unique)
    return unique


def gis_layers(report: Report) -> list[GisLayer]:
    """Return ground, units and shapes of a report; some may be empty."""
    built_up = report.area.built_up
    used = {"boundary", "built_up", "units", DICTIONARY, ABOUT, STYLES}
    return [
        _ground("boundary", report.area.boundary, "", report),
        _ground("built_up", built_up.geometry, built_up.basis.get(report.lang), report),
        _units(report),
        *(
            layer
            for result in report.results
            if isinstance(result, Result)
            for role in sorted(result.shapes, key=lambda role: ROLES[role].order)
            for layer in _shapes(result, role, report, used)
        ),
    ]


def _ground(name: str, shape: Polygon | MultiPolygon, basis: str, report: Report) -> GisLayer:
    frame = gpd.GeoDataFrame(
        {"name": [report.area.name], "basis": [basis], "km2": [shape.area / 1e6]},
        geometry=[shape],
        crs=report.area.crs,
    )
    return GisLayer(
        name=name,
        title=WORDS[name],
        frame=frame,
        meanings=_BASIS,
        styles={WORDS[name].get(report.lang): _GROUND_STYLES[name]},
    )


def _units(report: Report) -> GisLayer:
    """Return the units with the measures of all analyses; what lies in none has no geometry."""
    results = [result for result in report.results if isinstance(result, Result)]
    names = [str(name) for name in report.area.units["unit"]]
    geometry: list[Any] = list(report.area.units.geometry)
    if any(OUTSIDE_UNITS in set(result.units["unit"]) for result in results):
        names, geometry = [*names, OUTSIDE_UNITS], [*geometry, None]
    columns: dict[str, pd.Series[Any]] = {"unit": pd.Series(names, dtype="object")}
    meanings = {"unit": (WORDS["unit"], "")}
    used = {"unit"}
    for result in results:
        rows = {row["unit"]: row for row in unit_rows(result, [m.id for m in result.measures])}
        for measure in result.measures:
            column = safe_name(measure.id, used)
            values = [rows.get(name, {}).get(measure.id) for name in names]
            columns[column] = pd.Series(values, dtype="float64")
            meanings[column] = (measure_title(measure.id, report.standard), measure.unit)
    frame = gpd.GeoDataFrame(columns, geometry=geometry, crs=report.area.crs)
    styles = {WORDS["units"].get(report.lang): area_style(fill=None, edge=OUTLINE, width=0.8)}
    if len(report.area.units) > 1:
        styles = _unit_styles(results, meanings, report) or styles
    return GisLayer(
        name="units", title=WORDS["units"], frame=frame, meanings=meanings, styles=styles
    )


def _unit_styles(
    results: list[Result], meanings: dict[str, tuple[Text, str]], report: Report
) -> dict[str, str]:
    """Return a style of the units for the main measure of each analysis, judged ones first."""
    lang, styles = report.lang, {}
    columns = dict(
        zip((m.id for r in results for m in r.measures), list(meanings)[1:], strict=True)
    )
    for result in sorted(results, key=lambda result: not is_judged(main_measure(result))):
        measure = main_measure(result)
        values = [row.value for row in unit_values(result, measure)]
        classes = (
            judged_classes(measure.target, lang)
            if is_judged(measure) and measure.target is not None
            else classify_units(values, measure, lang)[0]
        )
        title = measure_title(measure.id, report.standard).get(lang)
        styles[title] = class_style(columns[measure.id], classes)
    return styles


def _shapes(result: Result, role: Role, report: Report, used: set[str]) -> list[GisLayer]:
    """Return the shapes of a role; points, lines and areas are a layer each."""
    frame = result.shapes[role]
    shapes = _of_one_sort(shapely.force_2d(frame.geometry.to_numpy()))
    taken: set[str] = set()
    columns: dict[str, pd.Series[Any]] = {}
    meanings: dict[str, tuple[Text, str]] = {}
    for column in map(str, frame.drop(columns=frame.geometry.name).columns):
        name = safe_name(column, taken)
        columns[name] = _plain_column(frame[column])
        meanings[name] = _KNOWN_COLUMNS.get(column, (column_title(column), ""))
    whole = gpd.GeoDataFrame(columns, geometry=shapes, crs=report.area.crs)
    title = Text(
        en=f"{result.title.en}: {ROLE_WORDS[role].en}",
        zh=f"{result.title.zh}：{ROLE_WORDS[role].zh}",
    )
    dimensions = shapely.get_dimensions(shapes)
    sorts = [sort for sort in _SORTS if (dimensions == sort).any()]
    layers = []
    for sort in sorts:
        ending, symbol = _SORTS[sort]
        part = whole[dimensions == sort].reset_index(drop=True)
        ranked = ranked_kinds(part, list(report.standard.road_classes))
        kinds = [kind for kind, _ in ranked]
        names = [(kind, kind_title(kind, report.standard).get(report.lang)) for kind in kinds]
        layers.append(
            GisLayer(
                name=safe_name(f"{result.analyzer}_{role}{ending * (len(sorts) > 1)}", used),
                title=title,
                frame=part,
                meanings=meanings,
                kinds={kind: kind_title(kind, report.standard) for kind in kinds if kind},
                styles={title.get(report.lang): role_style(role, names, symbol)},
            )
        )
    return layers


def _of_one_sort(shapes: Geometries) -> Geometries:
    """Return shapes with mixed collections reduced to their parts of the highest dimension."""
    result = shapes.copy()
    mixed = shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    for index in np.flatnonzero(mixed):
        parts = shapely.get_parts(shapes[index])
        dimensions = shapely.get_dimensions(parts)
        result[index] = shapely.union_all(parts[dimensions == dimensions.max(initial=_NOTHING)])
    return result


def _plain_column(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return numbers and flags as they are, anything else as text."""
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return values
    return values.map(lambda value: text_of(plain(value)) or None).astype("object")
