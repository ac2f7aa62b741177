"""What the gap report says, before it becomes a page or a document."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from cityplan.model.checks import sorted_checks
from cityplan.model.result import Result
from cityplan.outputs.definitions import definitions
from cityplan.outputs.facts import (
    cause_words,
    crs_words,
    data_date,
    flattened,
    group_words,
    layer_title,
    source_words,
    study_notes,
    study_sentence,
)
from cityplan.outputs.findings import (
    finding,
    is_judged,
    join,
    target_words,
    worst_unit_sentence,
)
from cityplan.outputs.gap_lists import Problem, Remedy, abridged, problems, remedies
from cityplan.outputs.gap_rows import GapRow, gap_rows
from cityplan.outputs.input_words import check_cells, quality_cells
from cityplan.outputs.labels import measure_title
from cityplan.outputs.ledger_chapter import LedgerChapter, ledger_chapter
from cityplan.outputs.plain_page import PlainPage, plain_page
from cityplan.outputs.results_json import plain
from cityplan.outputs.shared import worked_out_once
from cityplan.outputs.standard_rows import FigureRow, standard_rows
from cityplan.outputs.style import VERDICTS as VERDICT_STYLES
from cityplan.outputs.style import format_gap, format_measure, format_range, is_number
from cityplan.outputs.unit_table import UnitTable, unit_table
from cityplan.outputs.words import KIND_OF_TARGET, VERDICTS, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cityplan.model.report import Report
    from cityplan.model.result import Measure, Skipped, Verdict
    from cityplan.text import Language

_REMEDIES_OF_SECTION = 6


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
class Section:
    """One analysis of the report; ``result`` is None where it was skipped.

    Attributes
    ----------
    places, places_total
        The worst gaps on the ground, and how many there are.
    remedies
        The first things to do.
    """

    anchor: str
    title: str
    finding: str
    result: Result | None
    verdict: Verdict | None
    worst_unit: str
    definitions: list[tuple[str, str]]
    measures: list[MeasureView]
    bases: list[str]
    units: UnitTable | None
    places: list[GapRow]
    places_total: int
    remedies: list[Remedy]
    notes: list[str]


@dataclass(frozen=True, kw_only=True)
class Content:
    """Everything the report says, in one language.

    Attributes
    ----------
    gaps, problems, remedies
        What fits on paper; ``kept`` says how much that is of all, empty for all.
    ledger
        Where the clauses of the plan stand, None without a plan.
    inputs
        Layer, source, rows read, used, repaired and rejected, causes, datum and date.
    quality
        Figure about the inputs, its value, what follows.
    checks
        Severity, layer, rows, what was found, what was done, what to do.
    figures
        Table of the standard -> its figures.
    """

    lang: Language
    title: str
    name: str
    subtitle: str
    facts: list[tuple[str, str]]
    plain: PlainPage
    judged: list[MeasureView]
    sections: list[Section]
    ledger: LedgerChapter | None
    gaps: list[GapRow]
    problems: list[Problem]
    remedies: list[Remedy]
    kept: str
    coordinates: bool
    inputs: list[tuple[str, ...]]
    quality: list[tuple[str, ...]]
    checks: list[tuple[str, ...]]
    notes: list[str]
    standard: tuple[str, str]
    figures: list[tuple[str, list[FigureRow]]]
    unverified: list[FigureRow]
    provenance: list[tuple[str, str]]
    credits: str


@worked_out_once
def report_content(report: Report, *, coordinates: bool = True) -> Content:
    """Return what the report says, in its language.

    Parameters
    ----------
    coordinates
        False leaves longitude and latitude out of every list.
    """
    lang = report.lang
    rows = gap_rows(report, lang, coordinates=coordinates)
    shown = abridged(rows)
    numbers = {row.no for row in shown}
    to_do = [remedy for remedy in remedies(rows, lang) if remedy.first in numbers]
    sections = [
        _section(number, result, shown, to_do, rows, report)
        for number, result in enumerate(report.results)
    ]
    figures = standard_rows(report.standard, lang)
    return Content(
        lang=lang,
        title=word("report", lang),
        name=report.area.name,
        subtitle=study_sentence(report, lang),
        facts=_facts(report, lang),
        plain=plain_page(report, rows, lang),
        judged=[view for section in sections for view in section.measures if view.judged],
        sections=sections,
        ledger=ledger_chapter(report, rows, lang),
        gaps=shown,
        problems=problems(shown, lang),
        remedies=to_do,
        kept=word("numbers_kept", lang).format(shown=len(shown), total=f"{len(rows):,}")
        if len(shown) < len(rows)
        else "",
        coordinates=coordinates,
        inputs=_inputs(report, lang),
        quality=[quality_cells(row, lang) for row in report.quality],
        checks=[check_cells(check, lang) for check in sorted_checks(report.checks)],
        notes=[note.get(lang) for note in study_notes(report)],
        standard=(report.standard.title.get(lang), report.standard.summary.get(lang)),
        figures=[(table, list(group)) for table, group in groupby(figures, key=lambda r: r.table)],
        unverified=[row for row in figures if not row.verified],
        provenance=list(flattened(plain(report.provenance))),
        credits=source_words(report, lang),
    )


def _facts(report: Report, lang: Language) -> list[tuple[str, str]]:
    """Return the key facts under the title."""
    return [
        (word("standard", lang), report.standard.title.get(lang)),
        (word("data_date", lang), data_date(report) or word("date_unknown", lang)),
        (word("crs", lang), crs_words(report.area.crs)),
        (word("credits", lang), source_words(report, lang)),
    ]


def _section(
    number: int,
    result: Result | Skipped,
    shown: Sequence[GapRow],
    to_do: Sequence[Remedy],
    rows: Sequence[GapRow],
    report: Report,
) -> Section:
    lang, answered = report.lang, result if isinstance(result, Result) else None
    table = unit_table(answered, report, lang) if answered is not None else None
    measures = answered.measures if answered is not None else ()
    basis_of = {measure.id: _short_basis(measure, report, lang) for measure in measures}
    bases = list(dict.fromkeys(basis_of.values()))
    mine = [row for row in rows if row.level == "place" and row.analyzer == result.analyzer]
    return Section(
        anchor=f"a{number}",
        title=result.title.get(lang),
        finding=finding(result, report.standard, lang),
        result=answered,
        verdict=table.measure.verdict if table is not None else None,
        worst_unit=worst_unit_sentence(answered, table.measure, lang)
        if answered is not None and table is not None
        else "",
        definitions=definitions(answered, report.standard, lang) if answered is not None else [],
        measures=[
            _measure(
                result.title.get(lang), measure, bases.index(basis_of[measure.id]) + 1, report, lang
            )
            for measure in measures
        ],
        bases=bases,
        units=table if table is not None and table.rows else None,
        places=[row for row in shown if row.level == "place" and row.analyzer == result.analyzer],
        places_total=len(mine),
        remedies=[remedy for remedy in to_do if remedy.analyzer == result.analyzer][
            :_REMEDIES_OF_SECTION
        ],
        notes=[note.get(lang) for note in answered.notes] if answered is not None else [],
    )


def _measure(
    analysis: str, measure: Measure, basis: int, report: Report, lang: Language
) -> MeasureView:
    target = measure.target
    return MeasureView(
        analyzer=analysis,
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
        basis=basis,
        note=join(
            (measure.note.get(lang) if measure.note else "", group_words(measure, lang)), lang
        ),
        unverified=not measure.definition_verified,
        judged=is_judged(measure),
    )


def _short_basis(measure: Measure, report: Report, lang: Language) -> str:
    """Return what a measure rests on; where the built-up area comes from is said once, elsewhere."""
    built_up, basis = report.area.built_up, measure.basis.get(lang)
    own = basis.removesuffix(built_up.basis.get(lang)).rstrip()
    if not own or own == basis:
        return basis
    return join((own, word("built_up_estimated", lang) if built_up.is_proxy else ""), lang)


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
