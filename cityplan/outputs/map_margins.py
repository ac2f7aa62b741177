"""What stands around the map on a sheet: title, legend, measures, scale, credits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch
from matplotlib_scalebar.scalebar import ScaleBar

from cityplan.model.result import OUTSIDE_UNITS
from cityplan.outputs.facts import built_up_words, crs_words, data_date
from cityplan.outputs.findings import (
    finding,
    is_judged,
    join,
    main_measure,
    target_words,
    unit_name,
    unit_values,
    worst_unit_sentence,
)
from cityplan.outputs.fonts import drawable
from cityplan.outputs.labels import kind_title, measure_title
from cityplan.outputs.style import (
    BUILT_UP,
    INK,
    MUTED,
    OUTLINE,
    ROLES,
    VERDICTS,
    format_measure,
    format_value,
)
from cityplan.outputs.words import ROLES as ROLE_WORDS
from cityplan.outputs.words import pair, word
from cityplan.outputs.wrapping import shortened, wrapped

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cityplan.model.report import Report
    from cityplan.model.result import Result
    from cityplan.outputs.drawing import Drawn
    from cityplan.text import Language

PAGE_IN = (11.69, 8.27)
MAP_BOX = (0.03, 0.085, 0.705, 0.785)
_TOP = MAP_BOX[1] + MAP_BOX[3]
_LEFT, _RIGHT = 0.752, 0.972
_PANEL_COLUMNS = 36
_FACTS_END = MAP_BOX[1] + 0.115
_POINT = 1 / (72 * PAGE_IN[1])
_WORST_UNITS = 6
_INCH_M = 0.0254


def add_title(figure: Figure, result: Result, report: Report, lang: Language) -> None:
    """Write study and analysis, and below it the finding with its verdict."""
    names = (shortened(drawable(report.area.name), 40), drawable(result.title.get(lang)))
    title = " · ".join(name for name in names if name)
    figure.text(0.03, 0.962, title, fontsize=16, weight="bold", color=INK, va="center")
    measure = main_measure(result)
    look = VERDICTS[measure.verdict]
    sentences = (
        finding(result, report.standard, lang),
        worst_unit_sentence(result, measure, lang),
    )
    text = wrapped(drawable(join(sentences, lang)), 150, lines=2)
    mark = f"{look.mark} " if is_judged(measure) else ""
    figure.text(0.03, 0.927, mark + text, fontsize=10, color=look.color, va="top", linespacing=1.3)


def add_panel(
    figure: Figure, drawn: list[Drawn], result: Result, report: Report, lang: Language
) -> None:
    """Put the legend beside the map, then the judged measures and the worst units."""
    entries = [*_shape_entries(drawn, report, lang), *_ground_entries(report, lang)]
    legend = figure.legend(
        [handle for handle, _ in entries],
        [wrapped(drawable(label), _PANEL_COLUMNS - 2, lines=3) for _, label in entries],
        title=word("legend", lang),
        loc="upper left",
        bbox_to_anchor=(_LEFT - 0.008, _TOP + 0.012),
        fontsize=8.5,
        title_fontsize=11,
        alignment="left",
        frameon=False,
        labelspacing=0.7,
        handlelength=2.2,
        handleheight=1.2,
    )
    legend.get_title().set_fontweight("bold")
    box = legend.get_window_extent().transformed(figure.transFigure.inverted())
    y = _add_lines(figure, word("measures", lang), _measure_lines(result, report, lang), box.y0)
    _add_lines(figure, word("by_unit", lang), _unit_lines(result, lang), y)


def add_scale_and_north(figure: Figure, axes: Axes, width_m: float, lang: Language) -> None:
    """Put scale bar, scale and north arrow below the legend, beside the map."""
    bottom = MAP_BOX[1]
    bar = ScaleBar(
        1, "m", length_fraction=0.2, width_fraction=0.006, location="lower left", frameon=False,
        color=INK, scale_loc="top", border_pad=0, pad=0, font_properties={"size": 8},
        bbox_to_anchor=(_LEFT, bottom + 0.028), bbox_transform=figure.transFigure,
    )  # fmt: skip
    bar.set_clip_on(False)
    axes.add_artist(bar)
    ratio = width_m / (MAP_BOX[2] * PAGE_IN[0] * _INCH_M)
    scale = f"{word('scale', lang)} 1:{round(ratio, -2):,.0f} ({word('on_a4', lang)})"
    figure.text(_LEFT, bottom, scale, fontsize=8, color=INK, va="bottom")
    x = _RIGHT - 0.012
    arrow = FancyArrowPatch(
        (x, bottom), (x, bottom + 0.075), transform=figure.transFigure, color=INK, linewidth=0,
        arrowstyle="simple,head_width=9,head_length=12,tail_width=2.2",
    )  # fmt: skip
    figure.add_artist(arrow)
    figure.text(
        x, bottom + 0.078, word("north", lang), ha="center", fontsize=9, weight="bold", color=INK
    )


def add_footer(figure: Figure, report: Report, lang: Language) -> None:
    """Write standard, coordinate system, date of the data and credits."""
    facts = (
        pair(word("standard", lang), report.standard.title.get(lang), lang),
        pair(word("crs", lang), crs_words(report.area.crs), lang),
        pair(word("data_date", lang), data_date(report) or word("date_unknown", lang), lang),
    )
    credit = pair(word("credits", lang), "; ".join(report.attribution), lang)
    lines = [wrapped(drawable(text), 200, lines=1) for text in ("   |   ".join(facts), credit)]
    figure.text(0.03, 0.066, "\n".join(lines), fontsize=7.5, color=MUTED, va="top", linespacing=1.5)


def _shape_entries(drawn: list[Drawn], report: Report, lang: Language) -> list[tuple[Artist, str]]:
    """Return the legend of the shapes: proposals and gaps first."""
    entries = []
    for entry in sorted(drawn, key=lambda entry: -ROLES[entry.role].order):
        kind = kind_title(entry.kind, report.standard).get(lang) if entry.kind else ""
        label = ROLE_WORDS[entry.role].get(lang)
        if kind:
            label = pair(label, kind, lang)
        entries.append((entry.handle, f"{label} ({entry.count:,})"))
    return entries


def _ground_entries(report: Report, lang: Language) -> list[tuple[Artist, str]]:
    built_up = Patch(facecolor=BUILT_UP, edgecolor="#d9c9a6", linewidth=0.6)
    entries: list[tuple[Artist, str]] = [(built_up, built_up_words(report, lang))]
    if len(report.area.units) > 1:
        entries.append((Line2D([], [], color=OUTLINE, linewidth=1.0), word("units", lang)))
    entries.append((Line2D([], [], color=INK, linewidth=1.5), word("boundary", lang)))
    return entries


def _measure_lines(result: Result, report: Report, lang: Language) -> list[tuple[str, str]]:
    """Return colour and text of each judged measure."""
    lines = []
    for measure in filter(is_judged, result.measures):
        look = VERDICTS[measure.verdict]
        title = measure_title(measure.id, report.standard).get(lang)
        figures = format_measure(measure, lang)
        if measure.target is not None:
            figures += f" ({target_words(measure.target, lang)})"
        lines.append((look.color, f"{look.mark} {pair(title, figures, lang)}"))
    return lines


def _unit_lines(result: Result, lang: Language) -> list[tuple[str, str]]:
    """Return colour and text of the worst units."""
    measure = main_measure(result)
    rows = [
        row
        for row in unit_values(result, measure)
        if row.value is not None and row.unit != OUTSIDE_UNITS
    ]
    if len(rows) <= 1:
        return []
    lines = []
    for row in rows[:_WORST_UNITS]:
        look = VERDICTS[row.verdict]
        name = shortened(unit_name(row.unit, lang), 20)
        value = format_value(row.value, measure.unit, lang)
        mark = f"{look.mark} " if is_judged(measure) else ""
        lines.append((look.color, mark + pair(name, value, lang)))
    return lines


def _add_lines(figure: Figure, heading: str, lines: list[tuple[str, str]], y: float) -> float:
    """Write a heading and lines downwards from ``y`` while there is room; return where it ends."""
    step = 8.5 * 1.35 * _POINT
    y -= 2 * step
    if not lines or y - 2 * step < _FACTS_END:
        return y
    figure.text(_LEFT, y, heading, fontsize=10, weight="bold", color=INK, va="top")
    y -= 1.5 * step
    for color, text in lines:
        block = wrapped(drawable(text), _PANEL_COLUMNS, lines=3)
        height = (block.count("\n") + 1) * step
        if y - height < _FACTS_END:
            break
        figure.text(_LEFT, y, block, fontsize=8.5, color=color, va="top", linespacing=1.25)
        y -= height + 0.25 * step
    return y
