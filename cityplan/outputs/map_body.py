"""What a map shows inside its frame: ground, roads, shapes, units and classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from cityplan.model.result import Result
from cityplan.outputs.classes import classify_units
from cityplan.outputs.drawing import add_areas, add_lines, area_handle, draw_role
from cityplan.outputs.findings import main_measure, unit_values
from cityplan.outputs.shapes import reporting_units, text_of, with_geometry
from cityplan.outputs.shared import worked_out_once
from cityplan.outputs.sheet_layout import INCH_M
from cityplan.outputs.style import (
    BUILT_UP,
    GROUND,
    INK,
    OUTLINE,
    PAPER,
    ROLES,
    STREET,
)
from cityplan.outputs.thinning import thinned

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    from cityplan.model.report import Report
    from cityplan.outputs.classes import UnitClass
    from cityplan.outputs.drawing import Drawn
    from cityplan.outputs.sheet_layout import Box, Extent
    from cityplan.outputs.thinning import Geometries
    from cityplan.text import Language

_DETAIL_IN = 1 / 900  # a third of a dot at 300 dpi
_CLASS_EDGE = "#9aa5b1"
_LINE = 1


class _Ground(NamedTuple):
    """What lies under a map, thinned to its scale."""

    boundary: Geometries
    built_up: Geometries
    units: Geometries


class Body(NamedTuple):
    """What was drawn on the main map, for its legend."""

    shapes: list[Drawn]
    has_streets: bool
    classes: list[UnitClass]


def add_map(figure: Figure, box: Box, extent: Extent, *, frame: bool = True) -> Axes:
    """Add axes that fill a box of the page and show an extent."""
    width, height = figure.get_size_inches()
    axes = figure.add_axes(
        (box.left / width, box.bottom / height, box.width / width, box.height / height)
    )
    axes.set_xlim(extent.west, extent.east)
    axes.set_ylim(extent.south, extent.north)
    axes.set_aspect("equal")
    axes.set_facecolor(GROUND if frame else PAPER)
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(frame)
        side.set_color(INK)
        side.set_linewidth(0.8)
    return axes


def detail_m(scale: int) -> float:
    """Return the size on the ground of what print cannot show at 1:``scale``."""
    return _DETAIL_IN * INCH_M * scale


def draw_body(axes: Axes, result: Result, report: Report, extent: Extent, scale: int) -> Body:
    """Draw the main map of a sheet and say what is on it.

    A result without shapes shows its units by class instead.
    """
    thin_m = detail_m(scale)
    ground = _ground(report, thin_m)
    add_areas(axes, ground.boundary, face=PAPER, order=0)
    add_areas(axes, ground.built_up, face=BUILT_UP, order=1)
    streets = _joined(
        lines for analyzer, lines in _streets(report, thin_m).items() if analyzer != result.analyzer
    )
    if len(streets):
        add_lines(axes, streets, color=STREET, width=0.55, order=2)
    drawn = [
        entry
        for role in sorted(result.shapes, key=lambda role: ROLES[role].order)
        for entry in draw_role(
            axes,
            with_geometry(result.shapes[role]),
            role,
            extent=extent,
            thin_m=thin_m,
            ladder=list(report.standard.road_classes),
        )
    ]
    classes = [] if drawn else draw_classes(axes, result, report.lang, thin_m=thin_m)
    draw_edges(axes, report, thin_m)
    return Body(shapes=drawn, has_streets=len(streets) > 0, classes=classes)


def draw_edges(axes: Axes, report: Report, thin_m: float, *, width: float = 1.2) -> None:
    """Draw the outlines of units and boundary."""
    ground = _ground(report, thin_m)
    if len(ground.units) > 1:
        add_lines(axes, ground.units, color=PAPER, width=width, order=80)
        add_lines(axes, ground.units, color=OUTLINE, width=width / 2, order=81)
    add_lines(axes, ground.boundary, color=INK, width=width, order=82)


def unit_classes(result: Result, lang: Language) -> tuple[list[UnitClass], list[int]]:
    """Return the classes of the main measure in use and, for each unit, which is its own."""
    measure = main_measure(result)
    values = {row.unit: row.value for row in unit_values(result, measure)}
    units = reporting_units(result)["unit"]
    return classify_units([values.get(str(unit)) for unit in units], measure, lang)


def draw_classes(axes: Axes, result: Result, lang: Language, *, thin_m: float) -> list[UnitClass]:
    """Fill the units by class of the main measure and return the classes in use."""
    units = reporting_units(result)
    classes, indexes = unit_classes(result, lang)
    shapes = thinned(np.asarray(units.geometry.array), thin_m)
    for number, unit_class in enumerate(classes):
        members = shapes[np.array(indexes, dtype=int) == number]
        add_areas(
            axes, members, face=unit_class.color, order=3, edge=_CLASS_EDGE, width=0.0,
            hatch=unit_class.hatch,
        )  # fmt: skip
    return classes


def class_handle(unit_class: UnitClass) -> Patch:
    """Return the legend handle of a class of units."""
    return area_handle(unit_class.color, _CLASS_EDGE, unit_class.hatch)


def measured_roads(report: Report) -> Geometries:
    """Return the roads that analyses measured: they lead the eye on maps."""
    return _joined(_roads_by_analyzer(report).values())


@worked_out_once
def _roads_by_analyzer(report: Report) -> dict[str, Geometries]:
    """Return analyzer -> the roads it measured."""
    classes, roads = report.standard.road_classes, {}
    for result in report.results:
        if isinstance(result, Result):
            lines = []
            for frame in result.shapes.values():
                own = with_geometry(frame[frame["kind"].map(text_of).isin(classes)])
                shapes = own.geometry.to_numpy()
                lines.append(shapes[shapely.get_dimensions(shapes) == _LINE])
            roads[result.analyzer] = _joined(lines)
    return roads


@worked_out_once
def _ground(report: Report, thin_m: float) -> _Ground:
    """Return what lies under all maps of one scale."""
    area = report.area
    return _Ground(
        boundary=thinned(np.array([area.boundary]), thin_m),
        built_up=thinned(np.array([area.built_up.geometry]), thin_m),
        units=thinned(np.asarray(area.units.geometry.array), thin_m),
    )


@worked_out_once
def _streets(report: Report, thin_m: float) -> dict[str, Geometries]:
    """Return analyzer -> the roads it measured, thinned to the scale of a map."""
    roads = _roads_by_analyzer(report)
    return {analyzer: thinned(lines, thin_m) for analyzer, lines in roads.items()}


def _joined(parts: Iterable[Geometries]) -> Geometries:
    return np.concatenate([np.array([], dtype=object), *parts])
