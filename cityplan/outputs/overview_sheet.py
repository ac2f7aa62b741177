"""The overview: every analysis as a small map with its verdicts, and the units that miss most."""

from __future__ import annotations

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
)
from cityplan.outputs.map_margins import add_header, add_rule, add_scale_and_north
from cityplan.outputs.panel import Panel
from cityplan.outputs.sheet_blocks import class_words, legend_entries, measure_line
from cityplan.outputs.sheet_layout import Box, extent_at, fitting_scale
from cityplan.outputs.style import INK, MUTED, VERDICTS
from cityplan.outputs.words import word

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from cityplan.model.report import Report
    from cityplan.model.result import Skipped, Verdict
    from cityplan.outputs.sheet_layout import SheetLayout

_GUTTER_IN = 0.25
_MOST_MEASURES = 3
_MOST_ENTRIES = 5
_LOWEST_MAP_IN = 0.8


def fill_overview(figure: Figure, layout: SheetLayout, report: Report) -> None:
    """Fill a sheet with one cell per analysis and one for the units that miss most."""
    lang = report.lang
    add_header(figure, layout, f"{report.area.name} · {word('overview', lang)}", counts(report))
    cells = len(report.results) + (len(report.area.units) > 1)
    gutter = _GUTTER_IN * layout.text_scale
    boxes = _grid(layout.content, cells, report.area.boundary.bounds, gutter, layout.text_scale)
    for number, (result, box) in enumerate(zip(report.results, boxes, strict=False), start=1):
        _cell(figure, layout, report, result, box, number)
    if len(report.area.units) > 1:
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


def _grid(
    content: Box,
    cells: int,
    bounds: tuple[float, float, float, float],
    gutter: float,
    text_scale: float,
) -> list[Box]:
    """Return the boxes of the cells, in as many columns as make the maps largest."""
    shape = (bounds[2] - bounds[0]) / (bounds[3] - bounds[1])
    text = 1.5 * text_scale

    def map_width(columns: int) -> float:
        rows = -(-cells // columns)
        width = (content.width - (columns - 1) * gutter) / columns
        height = (content.height - (rows - 1) * gutter) / rows - text
        return min(width, height * shape) - 0.01 * (rows * columns - cells)

    columns = max(range(1, min(cells, 5) + 1), key=map_width)
    rows = -(-cells // columns)
    width = (content.width - (columns - 1) * gutter) / columns
    height = (content.height - (rows - 1) * gutter) / rows
    return [
        Box(
            left=content.left + (number % columns) * (width + gutter),
            bottom=content.top - (number // columns + 1) * height - (number // columns) * gutter,
            width=width,
            height=height,
        )
        for number in range(cells)
    ]


def _cell(
    figure: Figure,
    layout: SheetLayout,
    report: Report,
    result: Result | Skipped,
    box: Box,
    number: int,
) -> None:
    """Draw the cell of one analysis: title, judged measures, small map, its legend."""
    lang = report.lang
    panel = Panel(figure, (box,), layout.text_scale * 0.9)
    add_rule(figure, box.left, box.right, box.top + 0.04 * layout.text_scale)
    panel.heading(f"{number}  {result.title.get(lang)}")
    if not isinstance(result, Result):
        text = word("skipped_sentence", lang).format(reason=result.reason.get(lang))
        panel.row(text, color=MUTED, lines=6)
        return
    judged = [measure for measure in result.measures if is_judged(measure)]
    for measure in (judged or [main_measure(result)])[:_MOST_MEASURES]:
        color = VERDICTS[measure.verdict].color
        panel.row(measure_line(measure, report, lang), color=color, lines=2)
    by_class = len(report.area.units) > 1
    legend = panel.row_height() * (_MOST_ENTRIES if by_class else _MOST_ENTRIES + 1)
    height = panel.room() - legend
    if height < _LOWEST_MAP_IN:
        return
    place = panel.take(height)
    bounds = report.area.boundary.bounds
    scale = fitting_scale(bounds, place)
    extent = extent_at(bounds, place, scale)
    axes = add_map(figure, place, extent, frame=False)
    panel.take(0.05)
    if by_class:
        classes = draw_classes(axes, result, lang, thin_m=detail_m(scale))
        draw_edges(axes, report, detail_m(scale), width=0.8)
        entries = [((class_handle(row),), class_words(row, lang)) for row in classes]
    else:
        body = draw_body(axes, result, report, extent, scale)
        entries = legend_entries(body, report, lang)[:_MOST_ENTRIES]
    for handles, label in entries:
        panel.row(label, handles=handles, lines=1)
    if number == 1:
        add_scale_and_north(figure, axes, place, extent, scale, layout, report, lang)


def _verdicts_by_unit(figure: Figure, layout: SheetLayout, report: Report, box: Box) -> None:
    """Write the marks of every unit, one per judged analysis, the units that miss most first."""
    lang = report.lang
    panel = Panel(figure, (box,), layout.text_scale * 0.9)
    add_rule(figure, box.left, box.right, box.top + 0.04 * layout.text_scale)
    panel.heading(word("verdicts_by_unit", lang))
    panel.row(word("marks", lang), color=MUTED, lines=2)
    numbers, rows = unit_verdicts(report)
    head = "  ".join(str(number) for number in numbers)
    panel.numbered("", "", head, color=INK)
    for unit, verdicts in rows:
        if panel.room() < 2 * panel.row_height():
            break
        marks = " ".join(VERDICTS[verdict].mark for verdict in verdicts)
        color = VERDICTS["not_met" if "not_met" in verdicts else "met"].color
        panel.numbered("", unit_name(unit, lang), marks, color=color)


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


