"""Where gaps are: one map with numbers for an order, and a small one for each place."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D

from cityplan.outputs.drawing import add_areas, add_lines, area_handle
from cityplan.outputs.findings import unit_name
from cityplan.outputs.fonts import figure_language
from cityplan.outputs.gap_lists import number_ranges
from cityplan.outputs.map_body import add_map, detail_m, draw_edges, measured_roads
from cityplan.outputs.map_margins import add_scale_and_north
from cityplan.outputs.plain_text import harmless
from cityplan.outputs.sheet_layout import (
    INCH_M,
    Box,
    Extent,
    SheetLayout,
    extent_at,
    fitting_scale,
)
from cityplan.outputs.static_map import drawing_settings
from cityplan.outputs.style import (
    BUILT_UP,
    INK,
    KIND_HATCHES,
    KIND_MARKERS,
    MUTED,
    PAPER,
    ROLES,
    STREET,
)
from cityplan.outputs.thinning import thinned
from cityplan.outputs.unit_labels import Rect
from cityplan.outputs.words import word
from cityplan.outputs.wrapping import columns, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from cityplan.model.report import Report
    from cityplan.outputs.gap_rows import GapRow

_HEIGHT_IN, _DPI = 4.6, 150
_LEGEND_LINE_IN, _LEGEND_ACROSS, _LEGEND_COLUMNS = 0.22, 3, 50
_OPACITY, _FAINTEST = 0.5, 0.1
_SMALL_IN, _SMALL_DPI = (1.5, 1.05), 130
_SMALL_M, _AROUND = 700.0, 1.5
_GAP = ROLES["gap"]
_LETTER_IN, _LINE_IN = 0.052, 0.125
_NUMBER_PT, _NAME_PT, _NAME_COLUMNS = 7, 7.5, 24
_OFFSETS = ((1, 1), (-1, 1), (1, -1), (-1, -1), (0, 2), (0, -2), (2, 0), (-2, 0), (0, 0))
_LABELS = 90


@dataclass(frozen=True)
class _Page:
    """Where a map stands on its page and what it shows."""

    box: Box
    extent: Extent
    scale: int

    def covered(self, centre: shapely.Point, lines: Sequence[str]) -> Rect:
        """Return what lines of text cover, inches on the page."""
        inch = INCH_M * self.scale
        x = self.box.left + (centre.x - self.extent.west) / inch
        y = self.box.bottom + (centre.y - self.extent.south) / inch
        half = _LETTER_IN * max(map(columns, lines)) / 2 + 0.04
        tall = _LINE_IN * len(lines) / 2 + 0.03
        return Rect(x - half, y - tall, x + half, y + tall)


class Locator:
    """Draws where the gaps of a report are; what all its maps share is prepared once."""

    def __init__(self, report: Report) -> None:
        self._report = replace(report, lang=figure_language(report.lang))
        self._roads = measured_roads(report)
        self._tree = shapely.STRtree(self._roads)

    def order_map(
        self, rows: Sequence[GapRow], units: Sequence[str], width_in: float
    ) -> io.BytesIO:
        """Return a PNG of the gaps with their numbers.

        Parameters
        ----------
        units
            Names of the units the map shows; empty for the whole city.
        """
        report = self._report
        table = report.area.units
        chosen = table[table["unit"].isin(units)].geometry.to_numpy()
        bounds = tuple(shapely.total_bounds(chosen)) if len(chosen) else report.area.boundary.bounds
        groups = _by_measure(rows)
        below_in = _LEGEND_LINE_IN * -(-len(groups) // _LEGEND_ACROSS) + 0.05 * bool(groups)
        box = Box(left=0.0, bottom=below_in, width=width_in, height=_HEIGHT_IN - below_in)
        scale = fitting_scale(bounds, box)
        extent = extent_at(bounds, box, scale)
        page = _Page(box, extent, scale)
        layout = SheetLayout(
            paper="A4", width=box.width, height=box.height, text_scale=1.0, content=box, map=box,
            columns=(), scale=scale, extent=extent,
        )  # fmt: skip
        with drawing_settings():
            figure = _figure(width_in, _HEIGHT_IN)
            axes = add_map(figure, box, extent)
            self._ground(axes, extent, detail_m(scale))
            _tint_units(axes, rows, report)
            legend = []
            for rank, (title, group) in enumerate(groups.items()):
                shapes = [row.shape for row in group if row.shape is not None]
                see_through = max(_FAINTEST, _OPACITY / len(groups))
                handles = _draw_gaps(axes, shapes, detail_m(scale), rank=rank, opacity=see_through)
                legend.append((handles, title))
            if legend:
                _add_legend(figure, legend, below_in)
            if len(chosen):
                add_lines(axes, thinned(chosen, detail_m(scale)), color=INK, width=2.0, order=83)
            taken = add_scale_and_north(
                figure, axes, layout, report, box=box, extent=extent, scale=scale
            )
            taken += _name_units(axes, rows, report, page, taken)
            _number(axes, rows, page, taken)
            return _png(figure, _DPI)

    def thumbnail(self, row: GapRow) -> io.BytesIO | None:
        """Return a PNG of one place and the streets around it, None where there is no shape."""
        if row.shape is None:
            return None
        west, south, east, north = row.shape.bounds
        width, height = _SMALL_IN
        half = (
            max(_SMALL_M, _AROUND * (east - west), _AROUND * (north - south) * width / height) / 2
        )
        x, y = (west + east) / 2, (south + north) / 2
        extent = Extent(x - half, y - half * height / width, x + half, y + half * height / width)
        thin_m = 2 * half / width / _SMALL_DPI
        with drawing_settings():
            figure = _figure(width, height)
            axes = add_map(figure, Box(left=0, bottom=0, width=width, height=height), extent)
            self._ground(axes, extent, thin_m, wide=1.6)
            _draw_gaps(axes, [row.shape], thin_m)
            return _png(figure, _SMALL_DPI)

    def _ground(self, axes: Axes, extent: Extent, thin_m: float, *, wide: float = 1.0) -> None:
        area = self._report.area
        add_areas(axes, thinned(np.array([area.boundary]), thin_m), face=PAPER, order=0)
        built_up = thinned(np.array([area.built_up.geometry]), thin_m)
        add_areas(axes, built_up, face=BUILT_UP, order=1)
        roads = self._roads[np.sort(self._tree.query(shapely.box(*extent)))]
        if len(roads):
            add_lines(axes, thinned(roads, thin_m), color=STREET, width=0.8 * wide, order=2)
        draw_edges(axes, self._report, thin_m)


def _figure(width_in: float, height_in: float) -> Figure:
    figure = Figure(figsize=(width_in, height_in), facecolor=PAPER)
    FigureCanvasAgg(figure)
    return figure


def _png(figure: Figure, dpi: float) -> io.BytesIO:
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=dpi, metadata={"Software": "cityplan"})
    image.seek(0)
    return image


def _draw_gaps(
    axes: Axes,
    shapes: Sequence[shapely.Geometry],
    thin_m: float,
    *,
    rank: int = 0,
    opacity: float = _OPACITY,
) -> list[Artist]:
    """Draw gaps of one measure, told from others by hatch and marker; return legend handles."""
    geometries = np.array(shapes, dtype=object)
    kinds = shapely.get_dimensions(geometries)
    points, lines, areas = (geometries[kinds == dimension] for dimension in range(3))
    hatch = KIND_HATCHES[rank % len(KIND_HATCHES)] or _GAP.hatch
    marker = KIND_MARKERS[rank % len(KIND_MARKERS)] or _GAP.marker
    handles: list[Artist] = []
    if len(areas):
        add_areas(
            axes, thinned(areas, thin_m), face=_GAP.fill, opacity=opacity, edge=_GAP.edge,
            width=1.0, hatch=hatch, order=30,
        )  # fmt: skip
        handles.append(area_handle(_GAP.fill, _GAP.edge, hatch, opacity=opacity))
    if len(lines):
        add_lines(axes, thinned(lines, thin_m), color=_GAP.edge, width=2.6, order=31)
        handles.append(Line2D([], [], color=_GAP.edge, linewidth=2.6))
    look: dict[str, Any] = {"marker": marker, "markerfacecolor": _GAP.fill, "markeredgecolor": _GAP.edge,
            "markersize": 6.5, "linestyle": "", "markeredgewidth": 0.7}  # fmt: skip
    points = shapely.get_parts(points)
    if len(points):
        axes.add_line(Line2D(shapely.get_x(points), shapely.get_y(points), zorder=32, **look))
        handles.append(Line2D([], [], **look))
    return handles


def _by_measure(rows: Sequence[GapRow]) -> dict[str, list[GapRow]]:
    """Return name of a measure -> its gaps on the ground."""
    groups: dict[str, list[GapRow]] = {}
    for row in rows:
        if row.shape is not None:
            groups.setdefault(row.indicator, []).append(row)
    return groups


def _add_legend(
    figure: Figure, groups: Sequence[tuple[list[Artist], str]], below_in: float
) -> None:
    height = figure.get_size_inches()[1]
    handles: list[Any] = [tuple(shown) for shown, _ in groups]
    labels = [shortened(harmless(title), _LEGEND_COLUMNS) for _, title in groups]
    figure.legend(
        handles, labels, handler_map={tuple: HandlerTuple(None)}, loc="upper left",
        ncols=_LEGEND_ACROSS, bbox_to_anchor=(0, 0, 1, below_in / height), frameon=False,
        fontsize=_NAME_PT, borderaxespad=0.4, handlelength=2.2, handleheight=1.1,
    )  # fmt: skip


def _whole_units(rows: Sequence[GapRow], name: str) -> list[int]:
    return [row.no for row in rows if row.level == "unit" and row.territory == name]


def _tint_units(axes: Axes, rows: Sequence[GapRow], report: Report) -> None:
    """Shade the units that fall short as a whole."""
    units = report.area.units
    short = [bool(_whole_units(rows, unit_name(str(name), report.lang))) for name in units["unit"]]
    shapes = units.geometry.to_numpy()[np.array(short, dtype=bool)]
    if len(shapes):
        add_areas(axes, shapes, face=_GAP.fill, opacity=0.13, order=1)


def _name_units(
    axes: Axes,
    rows: Sequence[GapRow],
    report: Report,
    page: _Page,
    taken: Sequence[Rect],
) -> list[Rect]:
    """Write the names of units and the numbers of their gaps as a whole, where there is room."""
    units, written = report.area.units, list[Rect]()
    if len(units) == 1:
        return written
    window = shapely.box(*page.extent)
    for name, shape in zip(map(str, units["unit"]), units.geometry, strict=True):
        seen = shape.intersection(window)
        if seen.is_empty:
            continue
        title = unit_name(name, report.lang)
        numbers = _whole_units(rows, title)
        lines = [shortened(harmless(title), _NAME_COLUMNS)]
        if numbers:
            said = number_ranges(numbers, report.lang)
            lines.append(word("whole_unit_numbers", report.lang).format(numbers=said))
        point = seen.representative_point()
        rect = page.covered(point, lines)
        if any(rect.overlaps(other) for other in (*taken, *written)):
            continue
        written.append(rect)
        axes.text(
            point.x, point.y, "\n".join(lines), ha="center", va="center", fontsize=_NAME_PT,
            color=MUTED, zorder=85, bbox={"facecolor": PAPER, "alpha": 0.7, "edgecolor": "none",
                                          "boxstyle": "round,pad=0.15"},
        )  # fmt: skip
    return written


def _number(axes: Axes, rows: Sequence[GapRow], page: _Page, taken: Sequence[Rect]) -> None:
    """Write the number of each place beside it, and none over another."""
    used, inch = list(taken), INCH_M * page.scale
    for row in [row for row in rows if row.shape is not None][:_LABELS]:
        point = shapely.point_on_surface(row.shape)
        text = f"{row.no}"
        for right, up in _OFFSETS:
            x, y = point.x + right * 0.11 * inch, point.y + up * 0.09 * inch
            rect = page.covered(shapely.Point(x, y), [text])
            if any(rect.overlaps(other) for other in used):
                continue
            used.append(rect)
            axes.annotate(
                text, (point.x, point.y), (x, y), ha="center", va="center", fontsize=_NUMBER_PT,
                color=INK, zorder=90, fontweight="bold",
                bbox={"facecolor": PAPER, "edgecolor": _GAP.edge, "linewidth": 0.6,
                      "boxstyle": "round,pad=0.18"},
            )  # fmt: skip
            break
