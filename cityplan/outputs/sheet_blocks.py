"""The blocks beside the map of one analysis: legend, measures, units by class, key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.lines import Line2D

from cityplan.outputs.drawing import area_handle
from cityplan.outputs.facts import built_up_words
from cityplan.outputs.findings import is_judged, main_measure, target_words
from cityplan.outputs.labels import kind_title, measure_title
from cityplan.outputs.map_body import (
    add_map,
    class_handle,
    detail_m,
    draw_classes,
    draw_edges,
    unit_classes,
)
from cityplan.outputs.sheet_layout import extent_at, fitting_scale
from cityplan.outputs.style import (
    BUILT_UP,
    INK,
    MUTED,
    OUTLINE,
    ROLES,
    VERDICTS,
    format_measure,
)
from cityplan.outputs.words import KIND_OF_TARGET, pair, word
from cityplan.outputs.words import ROLES as ROLE_WORDS

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

    from cityplan.model.report import Report
    from cityplan.model.result import Measure, Result
    from cityplan.outputs.classes import UnitClass
    from cityplan.outputs.map_body import Body
    from cityplan.outputs.panel import Panel
    from cityplan.outputs.unit_labels import Placed, UnitLabel
    from cityplan.text import Language

LegendEntry = tuple[tuple["Artist", ...], str]

_STREET_MARK = "#aab3bc"
_INSET_IN = (0.9, 1.9)
_WORST_UNITS = 8
_BASIS_LINES = 12


def add_legend(panel: Panel, body: Body, report: Report, lang: Language) -> None:
    """Write the legend of what is on the map, nothing else."""
    entries = [*legend_entries(body, report, lang)]
    needed = panel.heading_height() + panel.row_height() * min(len(entries), 6)
    panel.start(needed)
    panel.heading(word("legend", lang))
    for handles, label in entries:
        if not panel.row(label, handles=handles):
            panel.start(panel.row_height(3))
            panel.row(label, handles=handles)


def legend_entries(body: Body, report: Report, lang: Language) -> list[LegendEntry]:
    """Return handles and words of what was drawn: proposals and gaps first, the ground last."""
    entries: list[LegendEntry] = []
    for drawn in sorted(body.shapes, key=lambda entry: -ROLES[entry.role].order):
        label = ROLE_WORDS[drawn.role].get(lang)
        if drawn.kind:
            label = pair(label, kind_title(drawn.kind, report.standard).get(lang), lang)
        entries.append((drawn.handles, f"{label} ({drawn.count:,})"))
    entries += [((class_handle(row),), class_words(row, lang)) for row in body.classes]
    if body.has_streets:
        line = Line2D([], [], color=_STREET_MARK, linewidth=0.8)
        entries.append(((line,), word("streets", lang)))
    entries.append(((area_handle(BUILT_UP, "#d9c9a6", None),), built_up_words(report, lang)))
    if len(report.area.units) > 1:
        entries.append(((Line2D([], [], color=OUTLINE, linewidth=1.0),), word("units", lang)))
    entries.append(((Line2D([], [], color=INK, linewidth=1.2),), word("boundary", lang)))
    return entries


def class_words(unit_class: UnitClass, lang: Language) -> str:
    """Return figures and words of a class."""
    if not unit_class.figures:
        return unit_class.label
    return pair(unit_class.figures, unit_class.label, lang)


def measure_line(measure: Measure, report: Report, lang: Language) -> str:
    """Return mark, title, value and target of a measure in one line."""
    title = measure_title(measure.id, report.standard).get(lang)
    figures = format_measure(measure, lang)
    if measure.target is not None:
        kind = KIND_OF_TARGET[measure.target.kind].get(lang)
        figures += f"{word('semicolon', lang)}{kind} {target_words(measure.target, lang)}"
    mark = f"{VERDICTS[measure.verdict].mark} " if is_judged(measure) else ""
    return mark + pair(title, figures, lang)


def add_measures(panel: Panel, result: Result, report: Report, lang: Language) -> None:
    """Write each judged measure with value, target and verdict; without any, the first ones."""
    judged = [measure for measure in result.measures if is_judged(measure)]
    measures = judged or list(result.measures[:4])
    texts = [measure_line(measure, report, lang) for measure in measures]
    lines = [panel.lines_of(text, indented=False) for text in texts]
    panel.start(panel.heading_height() + sum(map(panel.row_height, lines)))
    panel.heading(word("measures", lang))
    for measure, text in zip(measures, texts, strict=True):
        panel.row(text, color=VERDICTS[measure.verdict].color)


def add_inset(figure: Figure, panel: Panel, result: Result, report: Report, lang: Language) -> None:
    """Draw the small map of the units by class, with its own legend, where there is room."""
    if len(report.area.units) <= 1:
        return
    bounds = report.area.boundary.bounds
    caption = measure_title(main_measure(result).id, report.standard).get(lang)
    labels = [class_words(row, lang) for row in unit_classes(result, lang)[0]]
    rows = [panel.lines_of(caption, indented=False, lines=2), 1]
    rows += [panel.lines_of(label, indented=True, lines=2) for label in labels]
    text = panel.heading_height() + sum(map(panel.row_height, rows))
    shape = (bounds[3] - bounds[1]) / (bounds[2] - bounds[0])
    wanted = min(panel.width * shape, _INSET_IN[1] * panel.width / 2.6)
    panel.start(text + min(wanted, _INSET_IN[0]))
    height = min(wanted, panel.room() - text)
    if height < _INSET_IN[0]:
        return
    panel.heading(word("by_unit", lang))
    panel.row(caption, lines=2)
    box = panel.take(height)
    scale = fitting_scale(bounds, box)
    axes = add_map(figure, box, extent_at(bounds, box, scale), frame=False)
    classes = draw_classes(axes, result, lang, thin_m=detail_m(scale))
    draw_edges(axes, report, detail_m(scale), width=0.8)
    panel.take(panel.row_height() / 3)
    for unit_class in classes:
        panel.row(class_words(unit_class, lang), handles=(class_handle(unit_class),), lines=2)


def start_key(panel: Panel, units: int) -> int:
    """Begin the key of numbered units and return for how many it has room."""
    panel.start(panel.heading_height() + (units + 1) * panel.row_height())
    most = int((panel.room() - panel.heading_height()) / panel.row_height() + 1e-6)
    return max(0, most if most >= units else most - 1)


def add_basis(panel: Panel, result: Result, lang: Language) -> None:
    """Write what the main measure rests on and the notes of the analysis, where there is room."""
    texts = dict.fromkeys((main_measure(result).basis, *result.notes))
    first = panel.lines_of(next(iter(texts)).get(lang), indented=False, lines=_BASIS_LINES)
    height = panel.heading_height() + panel.row_height(first)
    panel.start(height)
    if panel.room() < height:
        return
    panel.heading(word("basis", lang))
    for text in texts:
        if not panel.row(text.get(lang), color=MUTED, lines=_BASIS_LINES):
            break


def add_key(panel: Panel, labels: list[UnitLabel], placed: list[Placed], lang: Language) -> None:
    """Write the key of the numbers on the map; without any, the worst units."""
    numbered = sorted(
        (place for place in placed if place.number is not None), key=lambda place: place.number or 0
    )
    rows = [(str(place.number), place.label) for place in numbered]
    hidden = len(labels) - len(placed)
    if not rows:
        rows = [("", label) for label in labels[:_WORST_UNITS] if label.judged]
        hidden = 0
    if not rows or panel.room() < panel.heading_height() + 2 * panel.row_height():
        return
    panel.heading(word("unit_key" if numbered else "worst_units", lang))
    for number, label in rows:
        color = VERDICTS[label.verdict].color
        if not panel.numbered(number, label.name, label.figure, color=color):
            break
    if hidden:
        panel.row(word("units_not_shown", lang).format(count=hidden), lines=2)
