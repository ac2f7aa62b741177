"""The ledger of the plan as a chapter: how many clauses stand how, each clause, who is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cityplan.model.ledger import VERDICTS
from cityplan.outputs.gap_lists import number_ranges
from cityplan.outputs.ledger_table import (
    LEDGER_LOOKS,
    LEDGER_VERDICTS,
    entry_cells,
    is_overdue,
    ledger_summary,
)
from cityplan.outputs.style import VERDICTS as VERDICT_STYLES
from cityplan.outputs.words import word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cityplan.model.ledger import Entry, Ledger
    from cityplan.model.report import Report
    from cityplan.model.result import Verdict
    from cityplan.outputs.gap_rows import GapRow
    from cityplan.text import Language

CHAPTER_COLUMNS = (
    "ref", "task", "lead", "cooperating", "asks", "value", "verdict", "deadline", "days_left",
    "trend", "reason",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LedgerLine:
    """One clause or duty in words.

    Attributes
    ----------
    cells
        Column of :data:`cityplan.outputs.ledger_table.COLUMNS` -> text.
    look
        The verdict whose colour and mark it has.
    raw
        The number of ``results.json`` that stands for it, None without one.
    """

    entry: Entry
    cells: Mapping[str, str]
    look: Verdict
    mark: str
    raw: float | None


@dataclass(frozen=True, kw_only=True)
class VerdictCount:
    """How many clauses and duties have a verdict, and how many of them are overdue."""

    words: str
    look: Verdict
    mark: str
    clauses: int
    duties: int
    overdue: int


@dataclass(frozen=True, kw_only=True)
class Unnamed:
    """Gaps of one measure that no clause is tied to, by their numbers."""

    indicator: str
    count: int
    numbers: str


@dataclass(frozen=True, kw_only=True)
class LedgerChapter:
    """What the report says of the plan.

    Attributes
    ----------
    unnamed
        Gaps for which the plan names no department.
    unnamed_note
        How many they are of all, empty without any.
    """

    summary: str
    counts: list[VerdictCount]
    columns: list[tuple[str, str]]
    lines: list[LedgerLine]
    unnamed: list[Unnamed]
    unnamed_note: str


def ledger_chapter(report: Report, rows: Sequence[GapRow], lang: Language) -> LedgerChapter | None:
    """Return the chapter on the plan, None where the study names none.

    Parameters
    ----------
    rows
        All gaps of the report.
    """
    if report.ledger is None:
        return None
    unnamed = unnamed_gaps(rows, lang)
    missing = sum(group.count for group in unnamed)
    note = word("no_department_note", lang).format(count=missing, total=len(rows))
    return LedgerChapter(
        summary=ledger_summary(report.ledger, lang),
        counts=verdict_counts(report.ledger.entries, lang),
        columns=[(key, word(key, lang)) for key in CHAPTER_COLUMNS],
        lines=[ledger_line(entry, report.ledger, lang) for entry in report.ledger.entries],
        unnamed=unnamed,
        unnamed_note=note if unnamed else "",
    )


def ledger_line(entry: Entry, ledger: Ledger, lang: Language) -> LedgerLine:
    """Return a clause or duty in words."""
    look = LEDGER_LOOKS[entry.verdict]
    return LedgerLine(
        entry=entry,
        cells=entry_cells(entry, ledger, lang),
        look=look,
        mark=VERDICT_STYLES[look].mark,
        raw=entry.main.value if entry.main is not None else None,
    )


def verdict_counts(entries: Iterable[Entry], lang: Language) -> list[VerdictCount]:
    """Count entries by verdict, those that miss their target among the first."""
    entries = list(entries)
    counts = []
    for verdict in VERDICTS:
        mine = [entry for entry in entries if entry.verdict == verdict]
        look = LEDGER_LOOKS[verdict]
        counts.append(
            VerdictCount(
                words=LEDGER_VERDICTS[verdict].get(lang),
                look=look,
                mark=VERDICT_STYLES[look].mark,
                clauses=sum(entry.kind == "clause" for entry in mine),
                duties=sum(entry.kind == "duty" for entry in mine),
                overdue=sum(map(is_overdue, mine)),
            )
        )
    return counts


def unnamed_gaps(rows: Sequence[GapRow], lang: Language) -> list[Unnamed]:
    """Return the gaps that no department answers for, by measure in their order."""
    groups: dict[str, list[GapRow]] = {}
    for row in rows:
        if not row.responsibility.lead:
            groups.setdefault(row.indicator, []).append(row)
    return [
        Unnamed(
            indicator=indicator,
            count=len(group),
            numbers=number_ranges([row.no for row in group], lang),
        )
        for indicator, group in groups.items()
    ]
