"""The overview: every analysis as a small map with its verdicts, and the units that miss most."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cityplan.model.result import OUTSIDE_UNITS, Result
from cityplan.outputs.findings import is_judged, main_measure, unit_name, unit_values
from cityplan.outputs.map_body import (
    add_map,
    class_handle,
    detail_m,
    draw_body,
    draw_classes,
    draw_edges,
    unit_classes,
)
from cityplan.outputs.map_margins import add_header, add_rule, add_scale_and_north
from cityplan.outputs.panel import Panel
from cityplan.outputs.sheet_blocks import legend_entries, measure_line
from cityplan.outputs.sheet_layout import Box, extent_at, fitting_scale
from cityplan.outputs.style import INK, MUTED, VERDICTS
from cityplan.outputs.words import pair, word

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from cityplan.model.report import Report
    from cityplan.model.result import Skipped, Verdict
    from cityplan.outputs.sheet_blocks import LegendEntry
    from cityplan.outputs.sheet_layout import SheetLayout

_GUTTER_IN = 0.25
_TEXT_SHARE = 0.9
_TEXT_IN = 0.75
_MAP_SHARE = 0.58
_LEGEND_ROW_IN = 0.175
_LEGEND_GAP_IN = 0.12
_NARROWEST_CELL_IN = 2.2
_EMPTY_CELL = 0.05
_SCALE_IN = (2.2, 0.6)
_MOST_MEASURES = 3


def fill_overview(figure: Figure, layout: SheetLayout, report: Report) -> None:
    """Fill a sheet with one cell per analysis and one for the units that miss most."""
    lang, bounds = report.lang, report.area.boundary.bounds
    title = pair(report.area.name, word("overview_sheet", lang), lang)
    add_header(figure, layout, title, counts(report))
    by_unit = len(report.area.units) > 1
    above_in = _legend_in(layout, report) if by_unit else None
    boxes = _grid(layout, len(report.results) + by_unit, bounds, above_in)
    panels = [
        _cell_text(figure, layout, report, result, box, number)
        for number, (result, box) in enumerate(zip(report.results, boxes, strict=False), start=1)
    ]
    maps = [(result, panel) for result, panel in zip(report.results, panels, strict=True)
            if isinstance(result, Result)]  # fmt: skip
    height = min(panel.room() for _, panel in maps)
    place, above = _map_box(panels[0].width, height, bounds, above_in)
    scale = fitting_scale(bounds, place)
    for result, panel in maps:
        legends = _halves(figure, layout, panel, above_in) if above and above_in else []
        _cell_map(figure, report, result, panel, place, scale, legends)
    _add_scale(figure, layout, report, scale)
    if by_unit:
        _verdicts_by_unit(figure, layout, report, boxes[-1])


def counts(report: Report) -> str:
    """Say how many measures are met, missed and open."""
    verdicts = [
        measure.verdict
        for result in report.results
        if isinstance(result, Result)
        for measure in result.measures
        if is_judged(measure)
    ]
    return word("counts", report.lang).format(
        judged=len(verdicts),
        met=verdicts.count("met"),
        missed=verdicts.count("not_met"),
        open=verdicts.count("cannot_tell"),
    )


def _legend_in(layout: SheetLayout, report: Report) -> float:
    """Return the height of the longest legend of unit classes, set in two columns."""
    results = [result for result in report.results if isinstance(result, Result)]
    most = max((len(unit_classes(result, report.lang)[0]) for result in results), default=0)
    return (-(-most // 2) * _LEGEND_ROW_IN + _LEGEND_GAP_IN) * layout.text_scale


def _grid(
    layout: SheetLayout,
    cells: int,
    bounds: tuple[float, float, float, float],
    above_in: float | None,
) -> list[Box]:
    """Return the boxes of the cells, in as many columns as make the maps largest."""
    content, gutter = layout.content, _GUTTER_IN * layout.text_scale

    def size(columns: int) -> tuple[float, float]:
        rows = -(-cells // columns)
        return (
            (content.width - (columns - 1) * gutter) / columns,
            (content.height - (rows - 1) * gutter) / rows,
        )

    def map_width(columns: int) -> float:
        width, height = size(columns)
        if width < _NARROWEST_CELL_IN * layout.text_scale:
            return 0.0
        place, _ = _map_box(width, height - _TEXT_IN * layout.text_scale, bounds, above_in)
        return place.width - _EMPTY_CELL * (-cells % columns)

    columns = max(range(1, cells + 1), key=map_width)
    width, height = size(columns)
    return [
        Box(
            left=content.left + (number % columns) * (width + gutter),
            bottom=content.top - (number // columns + 1) * height - (number // columns) * gutter,
            width=width,
            height=height,
        )
        for number in range(cells)
    ]


def _map_box(
    width: float,
    height: float,
    bounds: tuple[float, float, float, float],
    above_in: float | None,
) -> tuple[Box, bool]:
    """Return how large the map of a cell can be, and whether its legend stands above it.

    The legend stands to the right of the map, or above it where that leaves the map larger.

    Parameters
    ----------
    above_in
        Height of the legend where it stands above, None where it cannot.
    """
    shape = (bounds[2] - bounds[0]) / (bounds[3] - bounds[1])
    beside = min(height * shape, _MAP_SHARE * width)
    above = 0.0 if above_in is None else min((height - above_in) * shape, width)
    map_width = max(beside, above)
    box = Box(left=0, bottom=0, width=map_width, height=min(height, map_width / shape))
    return box, above > beside


def _halves(figure: Figure, layout: SheetLayout, panel: Panel, height: float) -> list[Panel]:
    """Take the place of a legend of two columns out of a cell."""
    box = panel.take(height)
    half = box.width / 2
    return [
        Panel(figure, (replace(box, left=left, width=half),), layout.text_scale * _TEXT_SHARE)
        for left in (box.left, box.left + half)
    ]


def _cell_text(
    figure: Figure,
    layout: SheetLayout,
    report: Report,
    result: Result | Skipped,
    box: Box,
    number: int,
) -> Panel:
    """Write title and judged measures of one analysis, or why there are none."""
    lang = report.lang
    panel = Panel(figure, (box,), layout.text_scale * _TEXT_SHARE)
    add_rule(figure, box.left, box.right, box.top + 0.04 * layout.text_scale)
    panel.heading(f"{number} {result.title.get(lang)}")
    if not isinstance(result, Result):
        text = word("skipped_sentence", lang).format(reason=result.reason.get(lang))
        panel.row(text, color=MUTED, lines=6)
        return panel
    judged = [measure for measure in result.measures if is_judged(measure)]
    for measure in (judged or [main_measure(result)])[:_MOST_MEASURES]:
        color = VERDICTS[measure.verdict].color
        panel.row(measure_line(measure, report, lang), color=color, lines=2)
    return panel


def _cell_map(
    figure: Figure,
    report: Report,
    result: Result,
    panel: Panel,
    size: Box,
    scale: int,
    legends: list[Panel],
) -> None:
    """Draw the small map of one analysis at the foot of its cell, and its legend.

    Parameters
    ----------
    legends
        The columns of the legend above the map; where there are none it stands beside it.
    """
    lang, bounds = report.lang, report.area.boundary.bounds
    rest = panel.rest()
    place = Box(left=rest.left, bottom=rest.bottom, width=size.width, height=size.height)
    extent = extent_at(bounds, place, scale)
    axes = add_map(figure, place, extent, frame=False)
    entries: list[LegendEntry]
    if len(report.area.units) > 1:
        classes = draw_classes(axes, result, lang, thin_m=detail_m(scale))
        draw_edges(axes, report, detail_m(scale), width=0.8)
        entries = [((class_handle(row),), row.figures or row.label) for row in classes]
    else:
        body = draw_body(axes, result, report, extent, scale)
        entries = legend_entries(body, report, lang)
    legends = legends or [panel.beside(place.right + 0.12)]
    each = -(-len(entries) // len(legends))
    for number, legend in enumerate(legends):
        for handles, label in entries[number * each : (number + 1) * each]:
            if not legend.row(label, handles=handles, lines=3 if len(legends) == 1 else 1):
                break


def _add_scale(figure: Figure, layout: SheetLayout, report: Report, scale: int) -> None:
    """Put scale bar and north arrow of the small maps into the header, to the right."""
    size, content = layout.text_scale, layout.content
    width, height = _SCALE_IN[0] * size, _SCALE_IN[1] * size
    box = Box(
        left=content.right - width, bottom=content.top + 0.16 * size, width=width, height=height
    )
    extent = extent_at(report.area.boundary.bounds, box, scale)
    axes = add_map(figure, box, extent, frame=False)
    add_scale_and_north(figure, axes, layout, report, box=box, extent=extent, scale=scale)


def _verdicts_by_unit(figure: Figure, layout: SheetLayout, report: Report, box: Box) -> None:
    """Write the marks of every unit, one per judged analysis, the units that miss most first."""
    lang = report.lang
    panel = Panel(figure, (box,), layout.text_scale * _TEXT_SHARE)
    add_rule(figure, box.left, box.right, box.top + 0.04 * layout.text_scale)
    panel.heading(word("verdicts_by_unit", lang))
    panel.row(word("marks", lang), color=MUTED, lines=2)
    numbers, rows = unit_verdicts(report)
    panel.marks("", [(str(number), INK) for number in numbers])
    shown = len(rows)
    if shown > panel.rows():
        shown = max(0, panel.rows() - 1)
    for unit, verdicts in rows[:shown]:
        marks = [(VERDICTS[verdict].mark, VERDICTS[verdict].color) for verdict in verdicts]
        panel.marks(unit_name(unit, lang), marks)
    if shown < len(rows):
        panel.row(word("units_not_shown", lang).format(count=len(rows) - shown), color=MUTED)


def unit_verdicts(report: Report) -> tuple[list[int], list[tuple[str, list[Verdict]]]]:
    """Return the numbers of the judged analyses and, per unit, a verdict of each.

    Units that miss the most targets come first, ties by name.
    """
    judged = [
        (number, result)
        for number, result in enumerate(report.results, start=1)
        if isinstance(result, Result) and is_judged(main_measure(result))
    ]
    tables = [
        {row.unit: row.verdict for row in unit_values(result, main_measure(result))}
        for _, result in judged
    ]
    rows = [
        (unit, [table.get(unit, "cannot_tell") for table in tables])
        for unit in map(str, report.area.units["unit"])
        if unit != OUTSIDE_UNITS
    ]
    rows.sort(key=lambda row: (-row[1].count("not_met"), row[0]))
    return [number for number, _ in judged], rows
