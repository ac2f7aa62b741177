"""The numbers a ledger rests on: measured, reported or counted, with their trend."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from cityplan.model.plan import Count, Figure
from cityplan.model.standard import Sourced
from cityplan.text import Text

ItemVerdict = Literal["met", "not_met", "cannot_tell", "no_data", "no_target"]
Direction = Literal["better", "worse", "same", "up", "down"]
SAME = 1e-9


@dataclass(frozen=True, kw_only=True)
class Goal(Sourced):
    """What a number is held against; ``high`` is the upper end of a band."""

    operator: Literal[">=", "<=", "band"]
    value: float
    high: float | None = None

    def met_by(self, value: float) -> bool:
        """Whether ``value`` reaches the goal."""
        return value <= self.value if self.operator == "<=" else value >= self.value


@dataclass(frozen=True, kw_only=True)
class Dated:
    """A reported value of one day."""

    date: dt.date
    value: float
    source: str


@dataclass(frozen=True, kw_only=True)
class Trend:
    """How a number changed since an earlier one.

    Attributes
    ----------
    date
        Day of the earlier number, None where it comes from an earlier run.
    direction
        ``better`` or ``worse`` where a goal says which is which, else ``up`` or ``down``.
    """

    earlier: float
    change: float
    direction: Direction
    date: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class Item:
    """One number behind a clause.

    Attributes
    ----------
    date
        Day a reported figure is for.
    series
        Everything reported for the figure, also for later days.
    note
        Why there is no number, or what it does not say.
    """

    id: str
    title: Text
    unit: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    goal: Goal | None = None
    verdict: ItemVerdict = "no_data"
    basis: Text | None = None
    note: Text | None = None
    date: dt.date | None = None
    series: tuple[Dated, ...] = ()
    trend: Trend | None = None


def figure_item(
    figure: Figure, series: Sequence[Dated], as_of: dt.date, since: dt.date | None
) -> Item:
    """Return a reported figure as it stood on a day.

    Parameters
    ----------
    since
        Figures of earlier days do not count; None for all.
    """
    ordered = tuple(sorted(series, key=lambda point: point.date))
    known = [p for p in ordered if p.date <= as_of and (since is None or p.date >= since)]
    goal = goal_of(figure)
    item = Item(
        id=figure.id, title=figure.title, unit=figure.unit, goal=goal, series=ordered,
        note=Text(
            en=f"No figure reported up to {as_of}: enter '{figure.id}' ({figure.title.en}) in the "
            "table of reported figures.",
            zh=f"截至{as_of}尚无填报，请在填报表中填写“{figure.title.zh}”（{figure.id}）。",
        ),
    )  # fmt: skip
    if not known:
        return item
    last = known[-1]
    item = replace(
        item, value=last.value, date=last.date, note=None,
        verdict=_held_against(goal, last.value),
        basis=Text(en=f"Reported for {last.date} by {last.source}.",
                   zh=f"{last.source}填报，数据日期{last.date}。"),
    )  # fmt: skip
    if len(known) == 1:
        return item
    return replace(item, trend=_trend(known[-2].value, last.value, goal, known[-2].date))


def count_item(count: Count, counted: Mapping[str, float | None]) -> Item:
    """Return the records of a layer as an item."""
    value, goal = counted.get(count.id), goal_of(count)
    where = count.layer if count.category is None else f"{count.layer}, category {count.category}"
    return Item(
        id=count.id,
        title=count.title,
        unit="count",
        value=value,
        goal=goal,
        verdict="no_data" if value is None else _held_against(goal, value),
        basis=Text(en=f"Records of {where} in the boundary.", zh=f"边界内{where}的记录数。"),
        note=None if value is not None else Text(
            en=f"Not found in the data: {count.title.en}. Give a local layer ({where}).",
            zh=f"数据中未检出：{count.title.zh}。请提供本地图层（{where}）。",
        ),
    )  # fmt: skip


def goal_of(figure: Figure) -> Goal | None:
    """Return what a figure is held against, None where the plan has no number."""
    if figure.operator is None or figure.value is None:
        return None
    return Goal(
        operator=figure.operator,
        value=figure.value,
        source=figure.source,
        clause=figure.clause,
        confidence=figure.confidence,
    )


def with_trend(item: Item, earlier: float | None) -> Item:
    """Return the item with its trend against an earlier run, unless its series tells one."""
    if earlier is None or item.value is None or item.trend is not None:
        return item
    return replace(item, trend=_trend(earlier, item.value, item.goal, None))


def _held_against(goal: Goal | None, value: float) -> ItemVerdict:
    if goal is None:
        return "no_target"
    return "met" if goal.met_by(value) else "not_met"


def _trend(earlier: float, now: float, goal: Goal | None, date: dt.date | None) -> Trend:
    change = now - earlier
    direction: Direction = "up" if change > 0 else "down"
    if math.isclose(now, earlier, rel_tol=SAME, abs_tol=SAME):
        direction = "same"
    elif goal is not None:
        direction = "better" if (change > 0) != (goal.operator == "<=") else "worse"
    return Trend(earlier=earlier, change=change, direction=direction, date=date)


# --- from the document of a run -----------------------------------------------


def measured_items(document: Mapping[str, Any]) -> dict[str, Item]:
    """Return measure id -> item for every measure of a ``results.json``."""
    return {
        measure["id"]: _measured(measure, analyzer["reason"])
        for analyzer in document["analyzers"]
        for measure in analyzer["measures"]
    }


def _measured(measure: Mapping[str, Any], skipped: Mapping[str, str] | None) -> Item:
    value, note, goal = measure["value"], measure["note"] or skipped, _goal(measure["target"])
    verdict: ItemVerdict = "no_target" if goal is None else measure["verdict"]
    return Item(
        id=measure["id"],
        title=Text(**measure["title"]),
        unit=measure["unit"] or "",
        value=value,
        low=measure["low"],
        high=measure["high"],
        goal=goal,
        verdict="no_data" if value is None else verdict,
        basis=Text(**measure["basis"]) if measure["basis"] else None,
        note=Text(**note) if note else None,
    )


def _goal(target: Mapping[str, Any] | None) -> Goal | None:
    if target is None or target["kind"] != "target":
        return None
    band = target["operator"] == "band"
    return Goal(
        operator=target["operator"],
        value=target["low"] if band else target["value"],
        high=target["high"] if band else None,
        source=target["source"],
        clause=target["clause"],
        confidence=target["confidence"],
    )


def kept_items(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return item id -> the row it has in the ledger of a ``results.json``."""
    return {item["id"]: item for entry in document.get("ledger", ()) for item in entry["items"]}


def series_of(item: Mapping[str, Any]) -> tuple[Dated, ...]:
    """Return the reported values an item of a document keeps."""
    return tuple(
        Dated(date=dt.date.fromisoformat(p["date"]), value=p["value"], source=p["source"])
        for p in item["series"]
    )


def earlier_values(document: Mapping[str, Any]) -> dict[str, float]:
    """Return item id -> value of an earlier run, of those that have one."""
    values = {key: item["value"] for key, item in kept_items(document).items()}
    values |= {key: item.value for key, item in measured_items(document).items()}
    return {key: value for key, value in values.items() if value is not None}
