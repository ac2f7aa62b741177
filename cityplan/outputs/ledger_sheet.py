"""The sheets of the plan: every clause with its number, and how many stand how."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cityplan.outputs.ledger_chapter import ledger_line, unnamed_gaps, verdict_counts
from cityplan.outputs.ledger_table import COLUMNS
from cityplan.outputs.sheet_cells import Judged, Number, Sheet, sheet
from cityplan.outputs.style import unit_style

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cityplan.model.ledger import Entry, Ledger
    from cityplan.model.report import Report
    from cityplan.outputs.gap_rows import GapRow
    from cityplan.outputs.sheet_cells import Cell
    from cityplan.text import Language

_NUMBERS = ("value_number", "unit_of_measure", "days_number")
_COUNTS = ("verdict", "clause_count", "duty_count", "overdue_count")
_UNNAMED = ("indicator", "gap_count", "problem_numbers")


def ledger_sheets(report: Report, rows: Sequence[GapRow], lang: Language) -> list[Sheet]:
    """Return counts by verdict, the ledger, and gaps without a department; none without a plan."""
    if report.ledger is None:
        return []
    unnamed = ((row.indicator, row.count, row.numbers) for row in unnamed_gaps(rows, lang))
    return [
        counts_sheet(report.ledger.entries, lang),
        ledger_sheet(report.ledger.entries, report.ledger, lang),
        sheet("no_department", _UNNAMED, unnamed, lang),
    ]


def counts_sheet(entries: Iterable[Entry], lang: Language) -> Sheet:
    """Return how many clauses and duties have each verdict."""
    rows: list[tuple[Cell, ...]] = [
        (Judged(row.words, row.look), row.clauses, row.duties, row.overdue)
        for row in verdict_counts(entries, lang)
    ]
    return sheet("ledger_counts", _COUNTS, rows, lang)


def ledger_sheet(entries: Iterable[Entry], ledger: Ledger, lang: Language) -> Sheet:
    """Return a row per clause, its words first, then its number and the days left."""
    return sheet("ledger", (*COLUMNS, *_NUMBERS), _rows(entries, ledger, lang), lang)


def _rows(entries: Iterable[Entry], ledger: Ledger, lang: Language) -> Iterator[tuple[Cell, ...]]:
    for entry in entries:
        line, main = ledger_line(entry, ledger, lang), entry.main
        cells: dict[str, Cell] = dict(line.cells)
        cells["verdict"] = Judged(line.cells["verdict"], line.look)
        unit = main.unit if main is not None else ""
        number = Number(line.raw, "count" if unit == "yes_no" else unit)
        in_words = unit_style(unit).suffix.get(lang).strip() if unit not in {"", "yes_no"} else ""
        yield (*cells.values(), number, in_words, entry.days_left)
