"""The sheets of the workbook as plain rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cityplan.model.checks import sorted_checks
from cityplan.model.result import Result
from cityplan.outputs.facts import cause_words, flattened, layer_title, study_notes
from cityplan.outputs.findings import is_judged, unit_name, unit_values
from cityplan.outputs.gap_rows import gap_rows
from cityplan.outputs.gap_sheets import gap_sheet, problem_sheet, remedy_sheet
from cityplan.outputs.input_words import check_cells
from cityplan.outputs.labels import measure_title
from cityplan.outputs.ledger_sheet import ledger_sheets
from cityplan.outputs.results_json import plain, unit_rows
from cityplan.outputs.sheet_cells import Number, Sheet, sheet, verdict_cell
from cityplan.outputs.standard_rows import standard_rows
from cityplan.outputs.style import format_target, unit_style
from cityplan.outputs.words import KIND_OF_TARGET, word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cityplan.model.report import Report
    from cityplan.model.result import Measure, Skipped
    from cityplan.outputs.sheet_cells import Cell
    from cityplan.text import Language

_SUMMARY = (
    "analyzer", "measure", "value", "unit_of_measure", "low", "high", "target", "target_kind",
    "gap", "verdict", "definition_verified", "source", "clause", "confidence", "basis", "note",
    "measure_id",
)  # fmt: skip
_INPUTS = (
    "layer", "source", "rows_read", "rows_used", "rows_repaired", "rows_rejected", "causes",
    "datum", "encoding", "osm_timestamp", "sha256",
)  # fmt: skip
_QUALITY = ("figure", "value", "meaning")
_CHECKS = ("severity", "layer", "rows", "finding", "done", "fix")
_STANDARD = (
    "group", "key", "name", "figure", "source", "clause", "confidence", "verified",
)  # fmt: skip


def all_sheets(report: Report, *, coordinates: bool = True) -> list[Sheet]:
    """Return the sheets in their order: summary, one per analysis, the gap lists, the plan, annexes.

    Parameters
    ----------
    coordinates
        False leaves longitude and latitude out.
    """
    lang = report.lang
    answered = [result for result in report.results if isinstance(result, Result)]
    gaps = gap_rows(report, lang, coordinates=coordinates)
    return [
        sheet("summary", _SUMMARY, _summary_rows(report, lang), lang),
        *(_unit_sheet(result, report, lang) for result in answered),
        gap_sheet(gaps, lang, coordinates=coordinates),
        problem_sheet(gaps, lang),
        remedy_sheet(gaps, lang),
        *ledger_sheets(report, gaps, lang),
        sheet("inputs", _INPUTS, _input_rows(report, lang), lang),
        sheet("input_quality", _QUALITY, _quality_rows(report, lang), lang),
        sheet("checks", _CHECKS, _check_rows(report, lang), lang),
        sheet("standard", _STANDARD, _standard_rows(report, lang), lang),
        sheet("provenance", ("key", "value"), _provenance_rows(report, lang), lang),
    ]


def _summary_rows(report: Report, lang: Language) -> Iterator[tuple[Cell, ...]]:
    for result in report.results:
        if isinstance(result, Result):
            for measure in result.measures:
                yield _measure_row(result, measure, report, lang)
        else:
            yield from _skipped_rows(result, report, lang)


def _measure_row(
    result: Result, measure: Measure, report: Report, lang: Language
) -> tuple[Cell, ...]:
    target, unit = measure.target, measure.unit
    return (
        result.title.get(lang),
        measure_title(measure.id, report.standard).get(lang),
        Number(measure.value, unit),
        unit_style(unit).suffix.get(lang).strip(),
        Number(measure.low, unit),
        Number(measure.high, unit),
        format_target(target, lang) if target is not None else "",
        KIND_OF_TARGET[target.kind].get(lang) if target is not None else "",
        Number(measure.gap, unit),
        verdict_cell(measure.verdict, lang),
        _yes_no(measure.definition_verified, lang),
        target.source if target is not None else "",
        target.clause if target is not None else "",
        target.confidence if target is not None else "",
        measure.basis.get(lang),
        measure.note.get(lang) if measure.note is not None else "",
        measure.id,
    )


def _skipped_rows(skipped: Skipped, report: Report, lang: Language) -> Iterator[tuple[Cell, ...]]:
    for measure_id in skipped.measure_ids:
        row: dict[str, Cell] = {
            "analyzer": skipped.title.get(lang),
            "measure": measure_title(measure_id, report.standard).get(lang),
            "verdict": word("skipped_heading", lang),
            "note": skipped.reason.get(lang),
            "measure_id": measure_id,
        }
        yield tuple(row.get(key) for key in _SUMMARY)


def _unit_sheet(result: Result, report: Report, lang: Language) -> Sheet:
    """Return a row per unit: its numbers, then the verdict of every judged measure in words."""
    units = {measure.id: measure.unit for measure in result.measures}
    titles = {key: measure_title(key, report.standard).get(lang) for key in units}
    judged = [measure for measure in result.measures if is_judged(measure)]
    verdicts = {m.id: {row.unit: row.verdict for row in unit_values(result, m)} for m in judged}
    rows: list[tuple[Cell, ...]] = [
        (
            unit_name(row["unit"], lang),
            *(Number(row[measure_id], unit) for measure_id, unit in units.items()),
            *(
                verdict_cell(found.get(row["unit"], "no_target"), lang)
                for found in verdicts.values()
            ),
        )
        for row in unit_rows(result, list(units))
    ]
    judgements = (word("verdict_of", lang).format(title=titles[m.id]) for m in judged)
    header = (word("unit", lang), *titles.values(), *judgements)
    return Sheet(name=result.title.get(lang), header=header, rows=rows)


def _input_rows(report: Report, lang: Language) -> Iterator[tuple[Cell, ...]]:
    for layer, count in report.inputs.items():
        yield (
            layer_title(layer, lang),
            count.source,
            count.read,
            count.used,
            sum(count.repaired.values()),
            sum(count.rejected.values()),
            "; ".join(f"{cause_words(cause, lang)}: {rows}" for cause, rows in
                      (*count.repaired.items(), *count.rejected.items())),
            count.datum,
            count.encoding,
            count.osm_timestamp,
            count.sha256,
        )  # fmt: skip


def _quality_rows(report: Report, lang: Language) -> Iterator[tuple[Cell, ...]]:
    for row in report.quality:
        yield row.title.get(lang), Number(row.value, row.unit), row.meaning.get(lang)


def _check_rows(report: Report, lang: Language) -> Iterator[tuple[Cell, ...]]:
    for check in sorted_checks(report.checks):
        severity, layer, _, *texts = check_cells(check, lang)
        yield severity, layer, check.rows or None, *texts


def _standard_rows(report: Report, lang: Language) -> Iterator[tuple[Cell, ...]]:
    for row in standard_rows(report.standard, lang):
        yield (
            row.table,
            row.id,
            row.title,
            row.figure,
            row.source,
            row.clause,
            row.confidence,
            _yes_no(row.verified, lang),
        )


def _provenance_rows(report: Report, lang: Language) -> Iterator[tuple[Cell, ...]]:
    yield word("city", lang), report.area.name
    yield word("built_up", lang), report.area.built_up.basis.get(lang)
    for note in study_notes(report):
        yield word("assumptions", lang), note.get(lang)
    for result in report.results:
        for note in result.notes if isinstance(result, Result) else ():
            yield result.title.get(lang), note.get(lang)
    for credit in report.attribution:
        yield word("credits", lang), credit
    yield from flattened(plain(report.provenance))


def _yes_no(value: bool, lang: Language) -> str:  # noqa: FBT001 - it is the value itself
    return word("yes" if value else "no_word", lang)
