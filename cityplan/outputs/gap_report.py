"""The gap report: one page in plain sentences, then every figure with what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from cityplan.model.result import Result
from cityplan.outputs.facts import (
    built_up_words,
    cause_words,
    crs_words,
    data_date,
    flattened,
    layer_title,
    study_notes,
    study_sentence,
)
from cityplan.outputs.findings import (
    finding,
    is_judged,
    join,
    measure_sentence,
    target_words,
    worst_unit_sentence,
)
from cityplan.outputs.labels import measure_title
from cityplan.outputs.overview import Overview, overview
from cityplan.outputs.results_json import plain
from cityplan.outputs.shapes import gap_places, place_columns
from cityplan.outputs.standard_rows import FigureRow, standard_rows
from cityplan.outputs.style import (
    ROLES,
    format_gap,
    format_measure,
    format_range,
    format_value,
    is_number,
)
from cityplan.outputs.style import VERDICTS as VERDICT_STYLES
from cityplan.outputs.templating import page_template
from cityplan.outputs.unit_table import UnitTable, unit_table
from cityplan.outputs.words import KIND_OF_TARGET, VERDICTS, word
from cityplan.outputs.words import ROLES as ROLE_WORDS

if TYPE_CHECKING:
    from pathlib import Path

    from cityplan.model.report import Report
    from cityplan.model.result import Measure, Verdict
    from cityplan.text import Language

WORST_PLACES = 15
_SUMMARY_ORDER: tuple[Verdict, ...] = ("not_met", "cannot_tell", "met")


@dataclass(frozen=True, kw_only=True)
class MeasureView:
    """A measure in words; ``raw`` is the number of ``results.json``, ``basis`` a footnote."""

    analyzer: str
    title: str
    raw: float | None
    value: str
    range: str
    target: str
    target_kind: str
    clause: str
    gap: str
    verdict: Verdict
    verdict_words: str
    mark: str
    basis: int
    note: str
    unverified: bool
    judged: bool


@dataclass(frozen=True, kw_only=True)
class PlaceTable:
    """The heaviest gaps on the ground."""

    header: list[str]
    rows: list[list[str]]
    more: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """One analysis of the report."""

    anchor: str
    title: str
    finding: str
    verdict: Verdict | None
    worst_unit: str
    measures: list[MeasureView]
    bases: list[str]
    units: UnitTable | None
    places: PlaceTable | None
    overview: Overview | None
    notes: list[str]


def write_report(report: Report, path: Path) -> None:
    """Write ``report.html``: self-contained, no script, no request, in the report's language."""
    path.write_text(report_html(report), encoding="utf-8", newline="\n")


def report_html(report: Report) -> str:
    """Return the gap report as one page of HTML; all text of the data is escaped."""
    lang = report.lang
    sections = [_section(number, report, lang) for number in range(len(report.results))]
    return page_template("report.html.j2", lang).render(
        report=report,
        subtitle=study_sentence(report, lang),
        facts=_facts(report, lang),
        counts=_counts(sections, lang),
        verdicts=_verdict_lists(report, lang),
        skipped=[
            (result.title.get(lang), finding(result, report.standard, lang))
            for result in report.results
            if not isinstance(result, Result)
        ],
        sure=_how_sure(report, sections, lang),
        judged=[view for section in sections for view in section.measures if view.judged],
        sections=sections,
        marks={key: style.mark for key, style in VERDICT_STYLES.items()},
        role_words={key: text.get(lang) for key, text in ROLE_WORDS.items()},
        built_up_words=built_up_words(report, lang),
        gap_style=ROLES["gap"],
        verdict_words={key: text.get(lang) for key, text in VERDICTS.items()},
        inputs=_inputs(report, lang),
        notes=[note.get(lang) for note in study_notes(report)],
        figures=_figures(report, lang),
        provenance=list(flattened(plain(report.provenance))),
    )


def _facts(report: Report, lang: Language) -> list[tuple[str, str]]:
    """Return the key facts under the title."""
    return [
        (word("standard", lang), report.standard.title.get(lang)),
        (word("data_date", lang), data_date(report) or word("date_unknown", lang)),
        (word("crs", lang), crs_words(report.area.crs)),
        (word("credits", lang), "; ".join(report.attribution)),
    ]


def _counts(sections: list[Section], lang: Language) -> str:
    verdicts = [v.verdict for section in sections for v in section.measures if v.judged]
    return word("counts", lang).format(
        judged=len(verdicts),
        met=verdicts.count("met"),
        missed=verdicts.count("not_met"),
        open=verdicts.count("cannot_tell"),
    )


def _verdict_lists(report: Report, lang: Language) -> list[tuple[Verdict, str, list[str]]]:
    """Return verdict, heading and one sentence per judged measure, the missed ones first."""
    sentences: dict[Verdict, list[str]] = {verdict: [] for verdict in _SUMMARY_ORDER}
    for result in report.results:
        if not isinstance(result, Result):
            continue
        for measure in filter(is_judged, result.measures):
            sentence = measure_sentence(measure, report.standard, lang)
            where = worst_unit_sentence(result, measure, lang)
            sentences[measure.verdict].append(join((sentence, where), lang))
    return [
        (verdict, word(f"{verdict}_heading", lang), lines)
        for verdict, lines in sentences.items()
        if lines
    ]


def _how_sure(report: Report, sections: list[Section], lang: Language) -> list[str]:
    """Say what the figures rest on: built-up area, ranges, unverified figures, lost rows."""
    built_up = report.area.built_up
    area = format_value(built_up.km2, "km2", lang)
    key = "sure_proxy" if built_up.is_proxy else "sure_given"
    lines = [word(key, lang).format(built_up=area, basis=built_up.basis.get(lang))]
    views = [view for section in sections for view in section.measures]
    ranged = sum(bool(view.range) for view in views)
    unverified = sum(view.unverified and view.judged for view in views)
    inputs = report.inputs.values()
    rejected = sum(sum(count.rejected.values()) for count in inputs)
    repaired = sum(sum(count.repaired.values()) for count in inputs)
    lost = word("sure_rejected", lang).format(
        rejected=f"{rejected:,}",
        repaired=f"{repaired:,}",
        read=f"{sum(count.read for count in inputs):,}",
    )
    lines += [word("sure_ranges", lang).format(count=ranged)] if ranged else []
    lines += [word("sure_unverified", lang).format(count=unverified)] if unverified else []
    return [*lines, lost] if report.inputs else lines


def _section(number: int, report: Report, lang: Language) -> Section:
    result = report.results[number]
    sentence = finding(result, report.standard, lang)
    if not isinstance(result, Result):
        return Section(
            anchor=f"a{number}",
            title=result.title.get(lang),
            finding=sentence,
            verdict=None,
            worst_unit="",
            measures=[],
            bases=[],
            units=None,
            places=None,
            overview=None,
            notes=[],
        )
    table = unit_table(result, report, lang)
    bases = list(dict.fromkeys(measure.basis.get(lang) for measure in result.measures))
    return Section(
        anchor=f"a{number}",
        title=result.title.get(lang),
        finding=sentence,
        verdict=table.measure.verdict,
        worst_unit=worst_unit_sentence(result, table.measure, lang),
        measures=[_measure(result, measure, bases, report, lang) for measure in result.measures],
        bases=bases,
        units=table if table.rows else None,
        places=_places(result, report, lang),
        overview=overview(result, report, lang),
        notes=[note.get(lang) for note in result.notes],
    )


def _measure(
    result: Result, measure: Measure, bases: list[str], report: Report, lang: Language
) -> MeasureView:
    target = measure.target
    return MeasureView(
        analyzer=result.title.get(lang),
        title=measure_title(measure.id, report.standard).get(lang),
        raw=measure.value if is_number(measure.value) else None,
        value=format_measure(measure, lang),
        range=format_range(measure, lang),
        target=target_words(target, lang) if target is not None else "",
        target_kind=KIND_OF_TARGET[target.kind].get(lang) if target is not None else "",
        clause=" ".join(filter(None, (target.source, target.clause))) if target is not None else "",
        gap=format_gap(measure.gap, measure.unit, lang),
        verdict=measure.verdict,
        verdict_words=VERDICTS[measure.verdict].get(lang),
        mark=VERDICT_STYLES[measure.verdict].mark,
        basis=bases.index(measure.basis.get(lang)) + 1,
        note=measure.note.get(lang) if measure.note is not None else "",
        unverified=not measure.definition_verified,
        judged=is_judged(measure),
    )


def _places(result: Result, report: Report, lang: Language) -> PlaceTable | None:
    places = gap_places(result, report, lang)
    if not places:
        return None
    shown = places[:WORST_PLACES]
    known = place_columns(shown, lang)
    rows = [
        [place.name, *texts, f"{place.lon:.5f}, {place.lat:.5f}"]
        for place, *texts in zip(shown, *known.values(), strict=True)
    ]
    more = word("more_places", lang).format(shown=len(shown), total=f"{len(places):,}")
    return PlaceTable(
        header=[word("place", lang), *known, word("coordinates", lang)],
        rows=rows,
        more=more if len(places) > len(shown) else "",
    )


def _inputs(report: Report, lang: Language) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for layer, count in report.inputs.items():
        causes = (*count.repaired.items(), *count.rejected.items())
        day = count.osm_timestamp[:10] if count.osm_timestamp else ""
        facts = (count.datum, count.encoding, day)
        rows.append(
            (
                layer_title(layer, lang),
                count.source,
                f"{count.read:,}",
                f"{count.used:,}",
                f"{sum(count.repaired.values()):,}",
                f"{sum(count.rejected.values()):,}",
                "; ".join(f"{cause_words(cause, lang)}: {n:,}" for cause, n in causes),
                " · ".join(fact for fact in facts if fact),
            )
        )
    return rows


def _figures(report: Report, lang: Language) -> list[tuple[str, list[FigureRow]]]:
    rows = standard_rows(report.standard, lang)
    return [(table, list(group)) for table, group in groupby(rows, key=lambda row: row.table)]
