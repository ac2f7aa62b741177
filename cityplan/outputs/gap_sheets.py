"""The sheets of gaps, problems and remedies, of the report and of a work order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cityplan.outputs.gap_lists import problems, remedies
from cityplan.outputs.sheet_cells import Number, Sheet, sheet, verdict_cell
from cityplan.outputs.style import unit_style
from cityplan.outputs.words import word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cityplan.outputs.gap_rows import GapRow
    from cityplan.outputs.sheet_cells import Cell
    from cityplan.text import Language

_GAPS = (
    "no", "indicator", "territory", "place", "present_value", "standard_value", "shortfall",
    "affected", "proposed_action", "lead", "cooperating", "deadline", "remark", "level",
    "value_number", "gap_number", "unit_of_measure", "dwelling_m2", "lacks", "verdict",
    "measure_id",
)  # fmt: skip
_COORDINATES = ("longitude", "latitude")
_PROBLEMS = (
    "no", "territory", "place", "problem", "affected", "dwelling_m2", "remark",
)  # fmt: skip
_REMEDIES = (
    "no", "territory", "proposed_action", "indicator", "place_count", "problem_numbers",
    "affected", "dwelling_m2", "lead", "cooperating", "deadline",
)  # fmt: skip


def gap_sheet(rows: Sequence[GapRow], lang: Language, *, coordinates: bool) -> Sheet:
    """Return a row per gap, in words and numbers."""
    keys = (*_GAPS, *_COORDINATES) if coordinates else _GAPS
    return sheet("gaps", keys, _gap_cells(rows, lang, coordinates=coordinates), lang)


def problem_sheet(rows: Sequence[GapRow], lang: Language) -> Sheet:
    """Return a sentence per gap."""
    return sheet("problem_list", _PROBLEMS, _problem_cells(rows, lang), lang)


def remedy_sheet(rows: Sequence[GapRow], lang: Language) -> Sheet:
    """Return a row per action and territory."""
    return sheet("remedy_list", _REMEDIES, _remedy_cells(rows, lang), lang)


def _gap_cells(
    gaps: Sequence[GapRow], lang: Language, *, coordinates: bool
) -> Iterator[tuple[Cell, ...]]:
    for row in gaps:
        yield (
            row.no,
            row.indicator,
            row.territory,
            row.place,
            row.present,
            row.standard,
            row.shortfall,
            Number(row.people, "count"),
            row.action,
            row.responsibility.lead,
            word("comma", lang).join(row.responsibility.cooperating),
            row.responsibility.deadline,
            row.remark,
            word(row.level, lang),
            Number(row.value, row.unit),
            Number(row.gap, row.unit),
            unit_style(row.unit).suffix.get(lang).strip() if row.unit else "",
            Number(row.weight, "m"),
            row.lacks,
            verdict_cell(row.verdict, lang),
            row.measure,
            *((Number(row.lon, "degrees"), Number(row.lat, "degrees")) if coordinates else ()),
        )


def _problem_cells(gaps: Sequence[GapRow], lang: Language) -> Iterator[tuple[Cell, ...]]:
    for problem in problems(gaps, lang):
        row = problem.row
        yield (
            row.no,
            row.territory,
            row.place,
            problem.sentence,
            Number(row.people, "count"),
            Number(row.weight, "m"),
            row.remark,
        )


def _remedy_cells(gaps: Sequence[GapRow], lang: Language) -> Iterator[tuple[Cell, ...]]:
    for remedy in remedies(gaps, lang):
        yield (
            remedy.no,
            remedy.territory,
            remedy.action,
            remedy.indicator,
            remedy.places or None,
            remedy.problems,
            Number(remedy.people, "count"),
            Number(remedy.weight, "m"),
            remedy.responsibility.lead,
            word("comma", lang).join(remedy.responsibility.cooperating),
            remedy.responsibility.deadline,
        )
