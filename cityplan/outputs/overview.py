"""A small map for the gap report: units by class, the heaviest gaps, as inline SVG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from cityplan.outputs.classes import classify_units
from cityplan.outputs.findings import main_measure, unit_name, unit_values
from cityplan.outputs.shapes import heaviest_first, reporting_units, with_geometry
from cityplan.outputs.style import format_value
from cityplan.outputs.thinning import thinned
from cityplan.outputs.words import pair

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cityplan.model.report import Report
    from cityplan.model.result import Result
    from cityplan.outputs.classes import UnitClass
    from cityplan.outputs.thinning import Geometries
    from cityplan.text import Language

WIDTH = 640
_HEIGHT_MOST = 460
_MOST_GAPS = 500


@dataclass(frozen=True, kw_only=True)
class UnitShape:
    """A unit to draw: its outline, its colour and what it is."""

    path: str
    color: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Overview:
    """The parts of the small map, in its own pixels."""

    width: int
    height: int
    boundary: str
    built_up: str
    units: list[UnitShape]
    gap_areas: str
    gap_lines: str
    gap_points: list[tuple[float, float]]
    classes: list[UnitClass]

    @property
    def has_gaps(self) -> bool:
        """Whether any gap is drawn."""
        return bool(self.gap_areas or self.gap_lines or self.gap_points)


def overview(result: Result, report: Report, lang: Language) -> Overview:
    """Return the small map of one analysis."""
    area = report.area
    west, south, east, north = area.boundary.bounds
    scale = min(WIDTH / (east - west), _HEIGHT_MOST / (north - south))

    def placed(geometry: Iterable[object]) -> Geometries:
        shapes = thinned(np.array(list(geometry), dtype=object), 0.7 / scale)
        return shapely.transform(shapes, lambda xy: (xy - [west, north]) * [scale, -scale])

    units, classes = _units(result, lang, placed)
    gaps = _heaviest_gaps(result, placed)
    dimensions = shapely.get_dimensions(gaps)
    points = shapely.get_coordinates(gaps[dimensions == 0])
    return Overview(
        width=round((east - west) * scale),
        height=round((north - south) * scale),
        boundary=_path(placed([area.boundary])),
        built_up=_path(placed([area.built_up.geometry])),
        units=units,
        gap_areas=_path(gaps[dimensions == 2]),  # noqa: PLR2004 - polygons
        gap_lines=_path(gaps[dimensions == 1]),
        gap_points=[(round(x, 1), round(y, 1)) for x, y in points.tolist()],
        classes=classes,
    )


def _units(
    result: Result, lang: Language, placed: Callable[[Iterable[object]], Geometries]
) -> tuple[list[UnitShape], list[UnitClass]]:
    measure = main_measure(result)
    values = {row.unit: row.value for row in unit_values(result, measure)}
    frame = reporting_units(result)
    names = [str(unit) for unit in frame["unit"]]
    classes, indexes = classify_units([values.get(name) for name in names], measure, lang)
    shapes = placed(frame.geometry)
    units = [
        UnitShape(
            path=_path(np.array([shape], dtype=object)),
            color=classes[index].color,
            title=pair(
                unit_name(name, lang), format_value(values.get(name), measure.unit, lang), lang
            ),
        )
        for name, shape, index in zip(names, shapes, indexes, strict=True)
    ]
    return units, classes


def _heaviest_gaps(result: Result, placed: Callable[[Iterable[object]], Geometries]) -> Geometries:
    frame = result.shapes.get("gap")
    if frame is None or with_geometry(frame).empty:
        return np.array([], dtype=object)
    known = with_geometry(frame)
    return placed(known.geometry.iloc[heaviest_first(known)[:_MOST_GAPS]])


def _path(geometry: Geometries) -> str:
    """Return the SVG path of lines and areas; holes stay open with the even-odd rule."""
    pieces = []
    for part in shapely.get_parts(geometry):
        closed = part.geom_type == "Polygon"
        for line in shapely.get_rings(part) if closed else [part]:
            places = " ".join(f"{x:.1f},{y:.1f}" for x, y in shapely.get_coordinates(line).tolist())
            pieces.append(f"M{places}Z" if closed else f"M{places}")
    return "".join(pieces)
