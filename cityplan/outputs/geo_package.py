"""Every shape with its attributes, for GIS: ``layers.gpkg``."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from cityplan.model.result import OUTSIDE_UNITS, Result
from cityplan.outputs.facts import crs_words, data_date
from cityplan.outputs.labels import column_title, measure_title
from cityplan.outputs.results_json import plain, unit_rows
from cityplan.outputs.shapes import text_of
from cityplan.outputs.style import ROLES
from cityplan.outputs.words import ROLES as ROLE_WORDS
from cityplan.outputs.words import WORDS
from cityplan.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shapely import MultiPolygon, Polygon

    from cityplan.model.report import Report
    from cityplan.model.result import Role

DICTIONARY = "data_dictionary"
ABOUT = "about"
_NAME_MOST = 60
_NOTHING = -1  # the dimension shapely gives a missing geometry
_UNSAFE = re.compile(r"[^0-9a-z_]+")
_RESERVED = frozenset({"fid", "geom", "geometry"})
_DATE_OPTION = "OGR_CURRENT_DATE"
_CHANGED = "2000-01-01T00:00:00.000Z"
_AREA = Text(en="Area", zh="面积")
_BASIS = {"name": (WORDS["name"], ""), "basis": (WORDS["basis"], ""), "km2": (_AREA, "km2")}
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
class _Layer:
    """One layer, what it is, and for each column its meaning and unit."""

    name: str
    title: Text
    frame: gpd.GeoDataFrame
    meanings: dict[str, tuple[Text, str]]


def write_layers(report: Report, path: Path) -> None:
    """Write ``layers.gpkg``: ground, units with all measures, shapes by analysis and role.

    Empty layers are left out. The table ``data_dictionary`` says what each column
    means, ``about`` whose data it is; the same report gives the same file.
    """
    path.unlink(missing_ok=True)
    layers = [layer for layer in _layers(report) if len(layer.frame)]
    with _fixed_date():
        for layer in layers:
            pyogrio.write_dataframe(
                layer.frame,
                path,
                layer=layer.name,
                driver="GPKG",
                append=path.exists(),
                promote_to_multi=_can_be_multi(layer.frame),
                layer_options={"DESCRIPTION": layer.title.get(report.lang)},
            )
        for name, table in ((DICTIONARY, _dictionary(layers)), (ABOUT, _about(report))):
            pyogrio.write_dataframe(table, path, layer=name, driver="GPKG", append=True)


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


def _layers(report: Report) -> list[_Layer]:
    built_up = report.area.built_up
    used = {"boundary", "built_up", "units", DICTIONARY, ABOUT}
    return [
        _ground("boundary", report.area.boundary, "", report),
        _ground("built_up", built_up.geometry, built_up.basis.get(report.lang), report),
        _units(report),
        *(
            _shapes(result, role, report, used)
            for result in report.results
            if isinstance(result, Result)
            for role in sorted(result.shapes, key=lambda role: ROLES[role].order)
        ),
    ]


def _ground(name: str, shape: Polygon | MultiPolygon, basis: str, report: Report) -> _Layer:
    frame = gpd.GeoDataFrame(
        {"name": [report.area.name], "basis": [basis], "km2": [shape.area / 1e6]},
        geometry=[shape],
        crs=report.area.crs,
    )
    return _Layer(name=name, title=WORDS[name], frame=frame, meanings=_BASIS)


def _units(report: Report) -> _Layer:
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
    return _Layer(name="units", title=WORDS["units"], frame=frame, meanings=meanings)


def _shapes(result: Result, role: Role, report: Report, used: set[str]) -> _Layer:
    frame = result.shapes[role]
    taken: set[str] = set()
    columns: dict[str, pd.Series[Any]] = {}
    meanings: dict[str, tuple[Text, str]] = {}
    for column in map(str, frame.drop(columns=frame.geometry.name).columns):
        name = safe_name(column, taken)
        columns[name] = _plain_column(frame[column])
        meanings[name] = _KNOWN_COLUMNS.get(column, (column_title(column), ""))
    title = Text(
        en=f"{result.title.en}: {ROLE_WORDS[role].en}",
        zh=f"{result.title.zh}：{ROLE_WORDS[role].zh}",
    )
    return _Layer(
        name=safe_name(f"{result.analyzer}_{role}", used),
        title=title,
        frame=gpd.GeoDataFrame(
            columns, geometry=shapely.force_2d(frame.geometry.to_numpy()), crs=report.area.crs
        ),
        meanings=meanings,
    )


def _plain_column(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return numbers and flags as they are, anything else as text."""
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return values
    return values.map(lambda value: text_of(plain(value)) or None).astype("object")


def _can_be_multi(frame: gpd.GeoDataFrame) -> bool:
    """Whether all shapes are lines or all are areas, so that the layer can be of one type."""
    dimensions = set(shapely.get_dimensions(frame.geometry.to_numpy()).tolist())
    return dimensions - {_NOTHING} in ({1}, {2})


def _dictionary(layers: list[_Layer]) -> pd.DataFrame:
    rows = [
        (layer.name, column, meaning.en, meaning.zh, unit)
        for layer in layers
        for column, (meaning, unit) in {"": (layer.title, ""), **layer.meanings}.items()
    ]
    return pd.DataFrame(rows, columns=["layer", "column", "meaning_en", "meaning_zh", "unit"])


def _about(report: Report) -> pd.DataFrame:
    """Return what the file is about; the credits travel with the data."""
    facts = {
        "study": report.area.name,
        "standard": report.standard.title.get(report.lang),
        "crs": crs_words(report.area.crs),
        "data_date": data_date(report),
        "attribution": "; ".join(report.attribution),
    }
    return pd.DataFrame({"key": list(facts), "value": list(facts.values())})


@contextmanager
def _fixed_date() -> Iterator[None]:
    """Let GDAL note a fixed date: a date of the run would make every file differ."""
    before = pyogrio.get_gdal_config_option(_DATE_OPTION)
    pyogrio.set_gdal_config_options({_DATE_OPTION: _CHANGED})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({_DATE_OPTION: before})
