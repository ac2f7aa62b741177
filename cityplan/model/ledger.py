"""Where each clause of a plan stands on a given day, and on what number that rests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cityplan.model.ledger_items import Dated, Item, count_item, figure_item, with_trend
from cityplan.model.plan import Clause, ClauseClass, Duty, Plan
from cityplan.text import Text

LedgerVerdict = Literal["met", "not_met", "cannot_tell", "no_data", "not_measurable"]
VERDICTS: tuple[LedgerVerdict, ...] = (
    "met", "not_met", "cannot_tell", "no_data", "not_measurable",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One clause or duty on the day of the ledger.

    Attributes
    ----------
    kind
        ``clause`` or ``duty``.
    clause_class
        Class of the clause, None for a duty.
    days_left
        Days from the ledger's day to the deadline, negative after it; None
        without a deadline.
    reason
        Why the verdict is what it is.
    items
        The numbers behind it, the deciding ones first.
    """

    ref: str
    kind: Literal["clause", "duty"]
    clause_class: ClauseClass | None
    title: Text
    lead: tuple[str, ...]
    cooperating: tuple[str, ...]
    target: Text
    deadline: dt.date | None
    days_left: int | None
    verdict: LedgerVerdict
    reason: Text
    items: tuple[Item, ...]

    def __post_init__(self) -> None:
        if self.verdict == "met" and not any(
            item.verdict == "met" and item.value is not None for item in self.items
        ):
            message = f"{self.ref} is met without a number"
            raise ValueError(message)

    @property
    def main(self) -> Item | None:
        """The item that stands for the entry in one line."""
        return self.items[0] if self.items else None


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """All clauses and duties of a plan on one day."""

    plan: Plan
    as_of: dt.date
    entries: tuple[Entry, ...]

    @property
    def clauses(self) -> tuple[Entry, ...]:
        """The entries of the plan's clauses."""
        return tuple(entry for entry in self.entries if entry.kind == "clause")


def make_ledger(
    plan: Plan,
    *,
    as_of: dt.date,
    measured: Mapping[str, Item],
    reported: Mapping[str, Sequence[Dated]],
    counted: Mapping[str, float | None],
    earlier: Mapping[str, float] | None = None,
) -> Ledger:
    """Hold every clause and duty of a plan against what is known on a day.

    Parameters
    ----------
    as_of
        The day: figures reported for later days are left out, and the days left
        are counted from it.
    measured
        Measure id -> what a run measured.
    reported
        Figure id -> reported values.
    counted
        Id of a count -> records in the boundary, None where the data hold none.
    earlier
        Item id -> value of an earlier run, for the trend.
    """
    entries = []
    for row in plan.rows:
        due, since = _due(row, plan, as_of)
        items = [
            *(_measure(key, measured) for key in row.tie.measures),
            *(figure_item(f, reported.get(f.id, ()), as_of, since) for f in row.tie.figures),
            *([count_item(row.tie.count, counted)] if row.tie.count is not None else ()),
        ]
        items = [with_trend(item, (earlier or {}).get(item.id)) for item in items]
        entries.append(_entry(row, _deciding_first(items), due, as_of))
    return Ledger(plan=plan, as_of=as_of, entries=tuple(entries))


def _due(row: Clause, plan: Plan, as_of: dt.date) -> tuple[dt.date | None, dt.date | None]:
    """Return the deadline, and for a yearly duty the first day its figures count."""
    if not isinstance(row, Duty) or row.every is None:
        return row.deadline, None
    year = as_of.year if plan.ends is None else min(as_of.year, plan.ends.year)
    return dt.date(year, 12, 31), dt.date(year, 1, 1)


def _measure(key: str, measured: Mapping[str, Item]) -> Item:
    if key in measured:
        return measured[key]
    return Item(
        id=key,
        title=Text(en=key, zh=key),
        unit="",
        note=Text(en="Not measured in this run.", zh="本次运行未测算该指标。"),
    )


def _deciding_first(items: list[Item]) -> tuple[Item, ...]:
    order = ("not_met", "cannot_tell", "met", "no_target", "no_data")
    return tuple(sorted(items, key=lambda item: (item.goal is None, order.index(item.verdict))))


def _entry(row: Clause, items: tuple[Item, ...], due: dt.date | None, as_of: dt.date) -> Entry:
    verdict, reason = _judge(row, items)
    duty = isinstance(row, Duty)
    return Entry(
        ref=row.ref,
        kind="duty" if duty else "clause",
        clause_class=None if duty else row.kind,
        title=row.title,
        lead=row.lead,
        cooperating=row.cooperating,
        target=row.target,
        deadline=due,
        days_left=None if due is None else (due - as_of).days,
        verdict=verdict,
        reason=reason,
        items=items,
    )


def _judge(row: Clause, items: tuple[Item, ...]) -> tuple[LedgerVerdict, Text]:
    """Return the verdict: one miss decides; met needs every figure with a goal to reach it."""
    if row.tie.none is not None:
        return "not_measurable", row.tie.none
    lacks = _lacks(row)
    by = {v: [item for item in items if item.verdict == v] for v in
          ("met", "not_met", "cannot_tell", "no_data", "no_target")}  # fmt: skip
    if len(by["no_data"]) == len(items):
        return "no_data", (items[0].note or NOTHING) + lacks
    if by["not_met"]:
        return "not_met", _sentence("Short of the target", "未达目标", by["not_met"])
    unknown = [item for item in by["no_data"] if item.goal is not None]
    if by["cannot_tell"] or unknown:
        open_items = [*by["cannot_tell"], *unknown]
        reason = _sentence("The data cannot carry a verdict", "数据不足以判定", open_items)
        return "cannot_tell", reason + (open_items[0].note or NOTHING) + lacks
    if by["met"]:
        reason = _sentence("Reached", "已达到", by["met"])
        unverified = any(i.goal is not None and not i.goal.verified for i in by["met"])
        return "met", reason + (UNVERIFIED if unverified else NOTHING)
    return "cannot_tell", NO_NUMBER + lacks


NOTHING = Text(en="", zh="")
NO_NUMBER = Text(
    en="The plan sets no number to hold the value against.",
    zh="方案未给出可对照的数值，仅列现状值。",
)
UNVERIFIED = Text(
    en="The target's figure was not found in a source.", zh="目标数值未在来源中核实。"
)


def _lacks(row: Clause) -> Text:
    lacks = row.tie.lacks
    if lacks is None:
        return NOTHING
    return Text(en=f"Lacks {lacks.en}.", zh=f"尚缺{lacks.zh}。")


def _sentence(en: str, zh: str, items: Sequence[Item]) -> Text:
    return Text(
        en=f"{en}: {'; '.join(item.title.en for item in items)}.",
        zh=f"{zh}：{'；'.join(item.title.zh for item in items)}。",
    )
