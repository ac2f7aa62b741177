"""The sheets of the workbook as plain rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cityplan.model.result import Result
from cityplan.outputs.facts import cause_words, flattened, layer_title, study_notes
from cityplan.outputs.findings import is_judged, unit_name, unit_values
from cityplan.outputs.labels import measure_title
from cityplan.outputs.results_json import plain, unit_rows
from cityplan.outputs.shapes import gap_places
from cityplan.outputs.standard_rows import standard_rows
from cityplan.outputs.style import format_target, unit_style
from cityplan.outputs.words import KIND_OF_TARGET, VERDICTS, word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cityplan.model.report import Report
    from cityplan.model.result import Measure, Skipped
    from cityplan.text import Language

_SUMMARY = (
    "analyzer", "measure", "value", "unit_of_measure", "low", "high", "target", "target_kind",
    "gap", "verdict", "definition_verified", "source", "clause", "confidence", "basis", "note",
    "measure_id",
)  # fmt: skip
_GAPS = (
    "no", "level", "analyzer", "measure", "where", "unit", "value", "target", "gap", "people",
    "lacks", "size", "coordinates", "proposed_action", "lead", "cooperating", "deadline", "note",
)  # fmt: skip
_TO_FILL_IN = 5
_INPUTS = (
    "layer", "source", "rows_read", "rows_used", "rows_repaired", "rows_rejected", "causes",
    "datum", "encoding", "osm_timestamp", "sha256",
)  # fmt: skip
_STANDARD = (
    "group", "key", "name", "figure", "source", "clause", "confidence", "verified",
)  # fmt: skip


@dataclass(frozen=True)
class Number:
    """A cell that is a number, with the unit it is written in."""

    value: float | None
    unit: str


Cell = str | int | Number | None


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One sheet: a header and rows of as many cells."""

    name: str
    header: tuple[str, ...]
    rows: list[tuple[Cell, ...]]


def all_sheets(report: Report) -> list[Sheet]:
    """Return the sheets in their order: summary, one per analysis, gaps, annexes."""
    lang = report.lang
    answered = [result for result in report.results if isinstance(result, Result)]
    return [
        _sheet("summary", _SUMMARY, _summary_rows(report, lang), lang),
        *(_unit_sheet(result, report, lang) for result in answered),
        _sheet("gaps", _GAPS, _gap_rows(answered, report, lang), lang),
        _sheet("inputs", _INPUTS, _input_rows(report, lang), lang),
        _sheet("standard", _STANDARD, _standard_rows(report, lang), lang),
        _sheet("provenance", ("key", "value"), _provenance_rows(report, lang), lang),
    ]


def _sheet(
    name: str, keys: Sequence[str], rows: Iterator[tuple[Cell, ...]], lang: Language
) -> Sheet:
    return Sheet(
        name=word(name, lang), header=tuple(word(key, lang) for key in keys), rows=list(rows)
    )


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
        VERDICTS[measure.verdict].get(lang),
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
    units = {measure.id: measure.unit for measure in result.measures}
    titles = (measure_title(measure_id, report.standard).get(lang) for measure_id in units)
    rows: list[tuple[Cell, ...]] = [
        (
            unit_name(row["unit"], lang),
            *(Number(row[measure_id], unit) for measure_id, unit in units.items()),
        )
        for row in unit_rows(result, list(units))
    ]
    return Sheet(name=result.title.get(lang), header=(word("unit", lang), *titles), rows=rows)


def _gap_rows(results: list[Result], report: Report, lang: Language) -> Iterator[tuple[Cell, ...]]:
    """Return all gaps, numbered: of the city, then of units, then places on the ground."""
    rows = (
        *(row for result in results for row in _missed_rows(result, report, lang)),
        *(row for result in results for row in _place_rows(result, report, lang)),
    )
    for number, row in enumerate(rows, start=1):
        yield number, *row


def _missed_rows(result: Result, report: Report, lang: Language) -> Iterator[tuple[Cell, ...]]:
    for measure in result.measures:
        target = measure.target
        if target is None or not is_judged(measure):
            continue
        missed = [row for row in unit_values(result, measure) if row.verdict == "not_met"]
        levels = [(word("unit", lang), unit_name(row.unit, lang), row.value) for row in missed]
        if measure.verdict == "not_met":
            levels.insert(0, (word("city", lang), report.area.name, measure.value))
        for level, where, value in levels:
            yield (
                level,
                result.title.get(lang),
                measure_title(measure.id, report.standard).get(lang),
                where,
                where if level == word("unit", lang) else "",
                Number(value, measure.unit),
                format_target(target, lang),
                Number(None if value is None else target.gap(value), measure.unit),
                *[None] * (len(_GAPS) - 9),
            )


def _place_rows(result: Result, report: Report, lang: Language) -> Iterator[tuple[Cell, ...]]:
    for place in gap_places(result, report, lang):
        yield (
            word("place", lang),
            result.title.get(lang),
            place.kind,
            place.name,
            place.unit,
            Number(place.value, "ratio"),
            None,
            None,
            Number(place.people, "count"),
            place.lacks,
            place.size,
            f"{place.lon:.6f}, {place.lat:.6f}",
            *[None] * _TO_FILL_IN,
        )


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
