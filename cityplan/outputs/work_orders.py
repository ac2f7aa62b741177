"""Work orders: what the plan and the gaps ask of each lead department and each territory."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from cityplan.model.report import Responsibility
from cityplan.model.result import OUTSIDE_UNITS
from cityplan.outputs.findings import unit_name
from cityplan.outputs.gap_lists import number_ranges
from cityplan.outputs.gap_rows import gap_rows
from cityplan.outputs.ledger_chapter import ledger_line
from cityplan.outputs.plain_text import harmless
from cityplan.outputs.words import word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cityplan.model.ledger import Entry, Ledger
    from cityplan.model.plan import Plan
    from cityplan.model.report import Report
    from cityplan.outputs.gap_rows import GapRow
    from cityplan.outputs.ledger_chapter import LedgerLine
    from cityplan.text import Language

_NO_FILE_NAME = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_STEM_BYTES = 120


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A clause that is short of its target or has gaps.

    Attributes
    ----------
    gaps
        Numbers of its gaps in the order, as text.
    """

    line: LedgerLine
    gap_count: int
    gaps: str


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is asked of one department or one territory.

    Attributes
    ----------
    name
        As the plan, or the layer of units, has it.
    stem
        Its file name without the suffix.
    duty
        What the plan says a territory answers for, empty where it says nothing.
    lines
        The clauses it leads; of a territory those with gaps in it.
    asks
        Those that ask for something now: short of their target first, then by deadline.
    gaps
        With the departments of the clauses they belong to.
    units
        Names of the units it lies in; empty for the whole city.
    """

    kind: Literal["department", "territory"]
    name: str
    stem: str
    duty: str
    ledger: Ledger
    lines: tuple[LedgerLine, ...]
    asks: tuple[Ask, ...]
    gaps: tuple[GapRow, ...]
    units: tuple[str, ...]


def department_orders(report: Report, *, coordinates: bool = True) -> list[Order]:
    """Return an order per department that leads a clause or duty, in the order of the plan.

    A gap goes to every department that leads a clause tied to its measure; a gap of
    a measure without a clause goes to none. Without a plan there are no orders.
    """
    plan, ledger = report.plan, report.ledger
    if plan is None or ledger is None:
        return []
    desk = _Desk(report, plan, ledger, coordinates=coordinates)
    orders = []
    for name in dict.fromkeys(name for entry in ledger.entries for name in entry.lead):
        own = {
            measure: [entry for entry in entries if name in entry.lead]
            for measure, entries in desk.tied.items()
        }
        mine = [entry for entry in ledger.entries if name in entry.lead]
        gaps = [row for row in desk.rows if own.get(row.measure)]
        order = desk.order("department", plan.departments[name].get(report.lang), mine, gaps, own)
        orders.append(replace(order, stem=safe_stem(name, desk.stems)))
    return orders


def territory_orders(report: Report, *, coordinates: bool = True) -> list[Order]:
    """Return an order per reporting unit with every gap in it, also those of no department.

    Gaps of the city as a whole go to a territory only where it is the single one.
    """
    plan, ledger, lang = report.plan, report.ledger, report.lang
    if plan is None or ledger is None:
        return []
    desk = _Desk(report, plan, ledger, coordinates=coordinates)
    units = [str(name) for name in report.area.units["unit"]]
    single = len(units) == 1
    if any(row.territory == unit_name(OUTSIDE_UNITS, lang) for row in desk.rows) and not single:
        units = [*dict.fromkeys([*units, OUTSIDE_UNITS])]
    orders = []
    for unit in units:
        name = unit_name(unit, lang)
        gaps = [
            row for row in desk.rows if single or (row.level != "city" and row.territory == name)
        ]
        touched = [entry.ref for row in gaps for entry in desk.tied.get(row.measure, ())]
        mine = [entry for entry in ledger.entries if entry.ref in touched]
        order = desk.order("territory", name, mine, gaps, desk.tied)
        duties = (t.duty.get(lang) for t in plan.territories if unit in t.units)
        stem = safe_stem(name, desk.stems)
        orders.append(replace(order, stem=stem, duty=" ".join(duties), units=(unit,)))
    return orders


def safe_stem(name: str, used: set[str]) -> str:
    """Return a file name for a department, unlike the ones in ``used``, and add it there.

    Letters of any script stay; what a file system refuses or takes for a path does not.
    """
    plain = _NO_FILE_NAME.sub(" ", unicodedata.normalize("NFC", harmless(name)))
    plain = " ".join(plain.split()).strip(". ") or "_"
    plain = plain.encode()[:_STEM_BYTES].decode(errors="ignore").strip(". ")
    if _RESERVED.fullmatch(plain):
        plain = f"_{plain}"
    unique, number = plain, 1
    while unique.casefold() in used:
        number += 1
        unique = f"{plain} {number}"
    used.add(unique.casefold())
    return unique


class _Desk:
    """What all orders of a report are written from.

    Attributes
    ----------
    rows
        Every gap.
    tied
        Measure id -> the clauses and duties tied to it.
    stems
        File names already given.
    """

    def __init__(self, report: Report, plan: Plan, ledger: Ledger, *, coordinates: bool) -> None:
        self.lang, self.plan, self.ledger = report.lang, plan, ledger
        self.rows = gap_rows(report, report.lang, coordinates=coordinates)
        self.stems: set[str] = set()
        self.tied: dict[str, list[Entry]] = {}
        for row, entry in zip(plan.rows, ledger.entries, strict=True):
            for measure in row.tie.measures:
                self.tied.setdefault(measure, []).append(entry)

    def order(
        self,
        kind: Literal["department", "territory"],
        name: str,
        entries: Sequence[Entry],
        gaps: Sequence[GapRow],
        tied: Mapping[str, Sequence[Entry]],
    ) -> Order:
        """Return an order that has no file name yet; ``tied`` holds the clauses it counts."""
        lines = tuple(ledger_line(entry, self.ledger, self.lang) for entry in entries)
        asks = []
        for line in lines:
            numbers = [row.no for row in gaps if line.entry in tied.get(row.measure, ())]
            if numbers or line.entry.verdict == "not_met":
                said = number_ranges(numbers, self.lang)
                asks.append(Ask(line=line, gap_count=len(numbers), gaps=said))
        asks.sort(key=_urgency)
        whose = {row.measure: tied.get(row.measure, ()) for row in gaps}
        return Order(
            kind=kind,
            name=name,
            stem="",
            duty="",
            ledger=self.ledger,
            lines=lines,
            asks=tuple(asks),
            gaps=tuple(
                replace(row, responsibility=_answering(whose[row.measure], self.plan, self.lang))
                for row in gaps
            ),
            units=(),
        )


def _urgency(ask: Ask) -> tuple[bool, dt.date]:
    entry = ask.line.entry
    return entry.verdict != "not_met", entry.deadline or dt.date.max


def _answering(entries: Sequence[Entry], plan: Plan, lang: Language) -> Responsibility:
    """Return who answers for a gap by all clauses given, until the earliest of their deadlines."""
    lead = list(dict.fromkeys(name for entry in entries for name in entry.lead))
    helping = dict.fromkeys(name for entry in entries for name in entry.cooperating)
    days = [entry.deadline for entry in entries if entry.deadline is not None]

    def names(keys: Iterable[str]) -> tuple[str, ...]:
        return tuple(plan.departments[key].get(lang) for key in keys)

    return Responsibility(
        lead=word("comma", lang).join(names(lead)),
        cooperating=names(name for name in helping if name not in lead),
        deadline=min(days).isoformat() if days else "",
    )
