"""The ledger of the plan in Word documents: counts, clauses, gaps without a department."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cityplan.outputs.docx_table import Shown
from cityplan.outputs.words import word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cityplan.outputs.docx_builder import Builder
    from cityplan.outputs.ledger_chapter import LedgerChapter, LedgerLine, VerdictCount

WIDTHS = {
    "ref": 1.9, "task": 3, "lead": 2.6, "cooperating": 3.4, "asks": 4, "value": 4, "verdict": 2.4,
    "deadline": 2.2, "days_left": 2, "trend": 2.3, "reason": 4.5,
}  # fmt: skip


def write_ledger(out: Builder, ledger: LedgerChapter) -> None:
    """Write the chapter on the plan on pages that lie."""
    lang = out.lang
    out.page(landscape=True)
    out.chapter(word("ledger", lang))
    out.paragraph(ledger.summary)
    write_counts(out, ledger.counts)
    write_clauses(out, word("ledger", lang), ledger.lines, dict(ledger.columns))
    if ledger.unnamed:
        out.part(word("no_department", lang))
        out.note(ledger.unnamed_note)
        out.table(
            word("no_department", lang),
            [word(key, lang) for key in ("indicator", "gap_count", "problem_numbers")],
            (
                [row.indicator, Shown(str(row.count), number=True), row.numbers]
                for row in ledger.unnamed
            ),
            (8, 2, 8),
        )


def write_counts(out: Builder, counts: Sequence[VerdictCount]) -> None:
    """Write how many clauses stand how."""
    lang = out.lang

    def number(count: int) -> Shown:
        return Shown(str(count) if count else "", number=True)

    out.table(
        word("ledger_counts", lang),
        [word(key, lang) for key in ("verdict", "clause_count", "duty_count", "overdue_count")],
        (
            [
                Shown(f"{row.mark} {row.words}", verdict=row.look),
                Shown(str(row.clauses), number=True),
                Shown(str(row.duties), number=True),
                number(row.overdue),
            ]
            for row in counts
        ),
        (4, 3, 3, 3),
    )


def write_clauses(
    out: Builder, caption: str, lines: Iterable[LedgerLine], columns: dict[str, str]
) -> None:
    """Write a row per clause.

    Parameters
    ----------
    columns
        Columns of the ledger to write -> their headings.
    """
    out.table(
        caption,
        list(columns.values()),
        ([_cell(line, key) for key in columns] for line in lines),
        [WIDTHS[key] for key in columns],
        small=True,
    )


def _cell(line: LedgerLine, key: str) -> str | Shown:
    if key == "verdict":
        return Shown(f"{line.mark} {line.cells[key]}", verdict=line.look)
    return line.cells[key]
