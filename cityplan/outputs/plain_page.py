"""The first page: what is met, what is missed and by how much, where worst, how sure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cityplan.model.result import Result
from cityplan.outputs.findings import (
    finding,
    is_judged,
    join,
    main_measure,
    measure_sentence,
    worst_unit_sentence,
)
from cityplan.outputs.gap_rows import affected, total
from cityplan.outputs.style import format_range, format_value
from cityplan.outputs.words import word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cityplan.model.report import Report
    from cityplan.model.result import Measure, Verdict
    from cityplan.outputs.gap_rows import GapRow
    from cityplan.text import Language

_ORDER: tuple[Verdict, ...] = ("not_met", "cannot_tell", "met", "no_target")


@dataclass(frozen=True, kw_only=True)
class PlainPage:
    """Sentences by verdict, the missed ones first.

    Attributes
    ----------
    verdicts
        Verdict, heading and one paragraph per measure.
    skipped
        Analysis and why it was left out.
    sure
        What the figures rest on.
    """

    counts: str
    verdicts: list[tuple[Verdict, str, list[str]]]
    skipped: list[tuple[str, str]]
    sure: list[str]


def plain_page(report: Report, rows: Sequence[GapRow], lang: Language) -> PlainPage:
    """Return the first page of a report with its gap rows."""
    sentences: dict[Verdict, list[str]] = {verdict: [] for verdict in _ORDER}
    answered = [result for result in report.results if isinstance(result, Result)]
    for result in answered:
        on_ground = [r for r in rows if r.level == "place" and r.analyzer == result.analyzer]
        judged = [measure for measure in result.measures if is_judged(measure)]
        for measure in judged:
            short = [row for row in on_ground if row.measure == measure.id]
            sentences[measure.verdict].append(_paragraph(result, measure, short, report, lang))
        if not judged:
            paragraph = _paragraph(result, main_measure(result), on_ground, report, lang)
            sentences["no_target"].append(paragraph)
    return PlainPage(
        counts=_counts(answered, lang),
        verdicts=[
            (verdict, word(f"{verdict}_heading", lang), lines)
            for verdict, lines in sentences.items()
            if lines
        ],
        skipped=[
            (result.title.get(lang), finding(result, report.standard, lang))
            for result in report.results
            if not isinstance(result, Result)
        ],
        sure=list(_how_sure(report, answered, rows, lang)),
    )


def _counts(results: Iterable[Result], lang: Language) -> str:
    verdicts = [m.verdict for result in results for m in result.measures if is_judged(m)]
    return word("counts", lang).format(
        judged=len(verdicts),
        met=verdicts.count("met"),
        missed=verdicts.count("not_met"),
        open=verdicts.count("cannot_tell"),
    )


def _paragraph(
    result: Result, measure: Measure, short: Sequence[GapRow], report: Report, lang: Language
) -> str:
    sentences = (
        measure_sentence(measure, report.standard, lang),
        _why_open(measure, lang),
        worst_unit_sentence(result, measure, lang),
        _places_sentence(short, report, lang),
    )
    return join(sentences, lang)


def _why_open(measure: Measure, lang: Language) -> str:
    """Say why the data cannot tell, where they cannot."""
    if measure.verdict != "cannot_tell":
        return ""
    if measure.value is not None and format_range(measure, lang):
        return word("reason_range", lang)
    note = "" if measure.note is None else measure.note.get(lang)
    return word("because", lang).format(reason=note) if note else ""


def _places_sentence(rows: Sequence[GapRow], report: Report, lang: Language) -> str:
    """Say how many gaps there are on the ground, which is the largest, and whom they touch."""
    if not rows:
        return ""
    key = "places_found" if len(report.area.units) > 1 else "places_found_here"
    largest = rows[0]
    found = word(key, lang).format(
        count=f"{len(rows):,}", territory=largest.territory, place=largest.place
    )
    if len({row.measure for row in rows}) > 1:  # the same people may live in gaps of both
        return found
    touched = affected(
        total([row.people for row in rows]), total([row.weight for row in rows]), lang
    )
    return join(
        (found, word("places_touch", lang).format(affected=touched) if touched else ""), lang
    )


def _how_sure(
    report: Report, results: Sequence[Result], rows: Sequence[GapRow], lang: Language
) -> Iterable[str]:
    """Say what the figures rest on: data, built-up area, ranges, unverified figures, lost rows."""
    built_up, inputs = report.area.built_up, report.inputs.values()
    if any(count.osm_timestamp for count in inputs):
        yield word("sure_osm", lang)
    key = "sure_proxy" if built_up.is_proxy else "sure_given"
    yield word(key, lang).format(
        built_up=format_value(built_up.km2, "km2", lang), basis=built_up.basis.get(lang)
    )
    if any(row.weight is not None for row in rows) and all(row.people is None for row in rows):
        yield word("sure_no_people", lang)
    measures = [measure for result in results for measure in result.measures]
    ranged = sum(bool(format_range(measure, lang)) for measure in measures)
    if ranged:
        yield word("sure_ranges", lang).format(count=ranged)
    unverified = sum(is_judged(m) and not m.definition_verified for m in measures)
    if unverified:
        yield word("sure_unverified", lang).format(count=unverified)
    if report.inputs:
        yield word("sure_rejected", lang).format(
            rejected=f"{sum(sum(count.rejected.values()) for count in inputs):,}",
            repaired=f"{sum(sum(count.repaired.values()) for count in inputs):,}",
            read=f"{sum(count.read for count in inputs):,}",
        )
