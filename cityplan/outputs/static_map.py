"""Map sheets for print: A4 landscape, one per analysis, with all that a sheet must carry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from cityplan.model.result import Result
from cityplan.outputs.drawing import add_areas, add_lines, draw_role
from cityplan.outputs.findings import main_measure, unit_name, unit_values
from cityplan.outputs.fonts import drawable, figure_language, font_families
from cityplan.outputs.map_margins import (
    MAP_BOX,
    PAGE_IN,
    add_footer,
    add_panel,
    add_scale_and_north,
    add_title,
)
from cityplan.outputs.shapes import reporting_units
from cityplan.outputs.style import BUILT_UP, GROUND, INK, OUTLINE, PAPER, ROLES, format_value
from cityplan.outputs.wrapping import columns, shortened

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from cityplan.model.report import Report
    from cityplan.outputs.drawing import Drawn
    from cityplan.text import Language

DPI = 200
_MARGIN_SHARE = 0.04
_LABELLED_UNITS = 40


class Extent(NamedTuple):
    """West, south, east and north edge of the map, metres."""

    west: float
    south: float
    east: float
    north: float


def write_map_sheets(report: Report, folder: Path) -> list[Path]:
    """Write one PNG per analysis that gave a result and return the files.

    Without a Chinese font the sheets are in English; a log line says so.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for result in report.results:
        if isinstance(result, Result):
            path = folder / f"{re.sub(r'[^0-9A-Za-z_-]+', '_', result.analyzer)}.png"
            figure = draw_map_sheet(result, report)
            figure.savefig(path, dpi=DPI, metadata={"Software": "cityplan"})
            written.append(path)
    return written


def _settings() -> dict[Any, Any]:
    """Return the settings of a sheet; matplotlib's own are left alone."""
    return {
        "font.family": font_families(),
        "text.parse_math": False,
        "axes.unicode_minus": False,
        "hatch.linewidth": 0.5,
    }


def draw_map_sheet(result: Result, report: Report) -> Figure:
    """Draw the sheet of one analysis."""
    lang = figure_language(report.lang)
    figure = Figure(figsize=PAGE_IN, facecolor=PAPER)
    FigureCanvasAgg(figure)
    extent = _extent(report)
    with mpl.rc_context(_settings()):
        axes = figure.add_axes(MAP_BOX)
        _frame(axes, extent)
        drawn = _draw_map(axes, result, report, extent)
        _label_units(axes, result, extent, lang)
        add_title(figure, result, report, lang)
        add_panel(figure, drawn, result, report, lang)
        add_scale_and_north(figure, axes, extent.east - extent.west, lang)
        add_footer(figure, report, lang)
    return figure


def _extent(report: Report) -> Extent:
    """Return the boundary's box with a margin, in the shape of the map on the page."""
    west, south, east, north = report.area.boundary.bounds
    width, height = (east - west) * (1 + 2 * _MARGIN_SHARE), (north - south) * (
        1 + 2 * _MARGIN_SHARE
    )  # fmt: skip
    shape = (MAP_BOX[2] * PAGE_IN[0]) / (MAP_BOX[3] * PAGE_IN[1])
    width, height = max(width, height * shape), max(height, width / shape)
    x, y = (west + east) / 2, (south + north) / 2
    return Extent(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _frame(axes: Axes, extent: Extent) -> None:
    axes.set_xlim(extent.west, extent.east)
    axes.set_ylim(extent.south, extent.north)
    axes.set_aspect("equal")
    axes.set_facecolor(GROUND)
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_color(INK)
        side.set_linewidth(0.8)


def _draw_map(axes: Axes, result: Result, report: Report, extent: Extent) -> list[Drawn]:
    area = report.area
    thin_m = (extent.east - extent.west) / (MAP_BOX[2] * PAGE_IN[0] * DPI) / 3
    add_areas(axes, np.array([area.boundary]), face=PAPER, order=0)
    add_areas(axes, np.array([area.built_up.geometry]), face=BUILT_UP, order=1)
    drawn = [
        entry
        for role in sorted(result.shapes, key=lambda role: ROLES[role].order)
        for entry in draw_role(axes, result.shapes[role], role, extent=extent, thin_m=thin_m)
    ]
    if len(area.units) > 1:
        outlines = np.asarray(area.units.geometry.array)
        add_lines(axes, outlines, color=PAPER, width=1.5, order=80)
        add_lines(axes, outlines, color=OUTLINE, width=0.8, order=81)
    add_lines(axes, np.array([area.boundary]), color=INK, width=1.5, order=82)
    return drawn


def _label_units(axes: Axes, result: Result, extent: Extent, lang: Language) -> None:
    """Write each unit's name and main value, largest first, where there is room."""
    measure = main_measure(result)
    values = {row.unit: row.value for row in unit_values(result, measure)}
    units = reporting_units(result)
    if not 1 < len(units) <= _LABELLED_UNITS:
        return
    line_m = (extent.north - extent.south) / (MAP_BOX[3] * PAGE_IN[1] * 72) * 8
    taken: list[tuple[float, float, float, float]] = []
    ordered = units.iloc[np.argsort(-units.area.to_numpy(), kind="stable")]
    points = shapely.get_coordinates(ordered.representative_point().to_numpy())
    for unit, (x, y) in zip(ordered["unit"], points.tolist(), strict=True):
        name = shortened(drawable(unit_name(unit, lang)), 24)
        value = format_value(values.get(str(unit)), measure.unit, lang)
        text = "\n".join(part for part in (name, value) if part)
        width = max(columns(line) for line in text.split("\n")) * 0.3 * line_m
        box = (x - width, y - line_m * 1.3, x + width, y + line_m * 1.3)
        if any(_overlap(box, other) for other in taken):
            continue
        taken.append(box)
        axes.text(
            x, y, text, ha="center", va="center", fontsize=7.5, color=INK,
            linespacing=1.25, zorder=120, clip_on=True,
            path_effects=[withStroke(linewidth=2.4, foreground=PAPER)],
        )  # fmt: skip


def _overlap(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
