"""The ledger of a plan in words: cells for documents, a table for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text as RichText

from cityplan.model.ledger import VERDICTS
from cityplan.outputs.style import format_value, is_number
from cityplan.outputs.words import word
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.model.ledger import Entry, Ledger, LedgerVerdict
    from cityplan.model.ledger_items import Item, Trend
    from cityplan.model.result import Verdict
    from cityplan.text import Language

COLUMNS = (
    "ref", "task", "lead", "cooperating", "asks", "deadline", "days_left", "verdict", "value",
    "trend", "reason", "basis",
)  # fmt: skip
_ON_TERMINAL = {  # column -> its part of the width
    "ref": 4,
    "task": 9,
    "lead": 6,
    "value": 5,
    "verdict": 4,
    "days_left": 5,
    "reason": 14,
}
_BELOW = {"task": "asks", "value": "trend", "days_left": "deadline", "reason": "basis"}  # fmt: skip


def _t(en: str, zh: str) -> Text:
    return Text(en=en, zh=zh)


LEDGER_VERDICTS: Mapping[LedgerVerdict, Text] = {
    "met": _t("met", "已达标"),
    "not_met": _t("not met", "未达标"),
    "cannot_tell": _t("cannot tell", "无法判定"),
    "no_data": _t("no data", "无数据"),
    "not_measurable": _t("not measurable", "不可量化"),
}
# The look a verdict of the ledger shares with the verdicts of measures.
LEDGER_LOOKS: Mapping[LedgerVerdict, Verdict] = {
    "met": "met", "not_met": "not_met", "cannot_tell": "cannot_tell", "no_data": "no_target",
    "not_measurable": "no_target",
}  # fmt: skip
_COLORS: Mapping[LedgerVerdict, str] = {
    "met": "cyan", "not_met": "bold red", "cannot_tell": "yellow", "no_data": "magenta",
    "not_measurable": "dim",
}  # fmt: skip
_DIRECTIONS: Mapping[str, Text] = {
    "better": _t("better", "改善"),
    "worse": _t("worse", "变差"),
    "same": _t("unchanged", "持平"),
    "up": _t("up", "上升"),
    "down": _t("down", "下降"),
}


def ledger_header(lang: Language) -> tuple[str, ...]:
    """Return the names of the columns of :func:`ledger_rows`."""
    return tuple(word(column, lang) for column in COLUMNS)


def ledger_rows(ledger: Ledger, lang: Language) -> list[tuple[str, ...]]:
    """Return one row of cells per clause, then per duty, in the plan's order."""
    return [tuple(entry_cells(entry, ledger, lang).values()) for entry in ledger.entries]


def entry_cells(entry: Entry, ledger: Ledger, lang: Language) -> dict[str, str]:
    """Return the cells of one clause or duty by column."""
    main = entry.main
    cells = (
        entry.ref,
        entry.title.get(lang),
        department_names(entry.lead, ledger, lang),
        department_names(entry.cooperating, ledger, lang),
        entry.target.get(lang),
        entry.deadline.isoformat() if entry.deadline is not None else word("no_deadline", lang),
        days_words(entry, lang),
        LEDGER_VERDICTS[entry.verdict].get(lang),
        item_values(entry.items, lang, named=len(entry.items) > 1),
        trend_words(main.trend, main, lang) if main is not None and main.trend is not None else "",
        entry.reason.get(lang),
        main.basis.get(lang) if main is not None and main.basis is not None else "",
    )
    return dict(zip(COLUMNS, cells, strict=True))


def department_names(names: tuple[str, ...], ledger: Ledger, lang: Language) -> str:
    """Return departments as the plan's file names them in the language."""
    return word("comma", lang).join(ledger.plan.departments[name].get(lang) for name in names)


def days_words(entry: Entry, lang: Language) -> str:
    """Say how many days are left, or how long the deadline has passed."""
    days = entry.days_left
    if days is None:
        return ""
    if days >= 0:
        return word("ledger_days_left", lang).format(days=days)
    key = "ledger_overdue" if is_overdue(entry) else "ledger_passed"
    return word(key, lang).format(days=-days)


def is_overdue(entry: Entry) -> bool:
    """Whether the deadline has passed without the target being met."""
    return entry.verdict == "not_met" and (entry.days_left or 0) < 0


def item_value(item: Item, lang: Language) -> str:
    """Write the number of an item with its unit; a dash where there is none."""
    if item.unit == "yes_no" and is_number(item.value):
        return word("yes" if item.value else "no_word", lang)
    against = item.goal.value if item.goal is not None else None
    return format_value(item.value, item.unit, lang, against=against)


def trend_words(trend: Trend, item: Item, lang: Language) -> str:
    """Say how the number changed, and since when where that is known."""
    was = format_value(trend.earlier, item.unit, lang, against=item.value)
    since = f"{trend.date}: " if trend.date is not None else ""
    return f"{_DIRECTIONS[trend.direction].get(lang)} ({since}{was})"


def item_values(items: Sequence[Item], lang: Language, *, named: bool) -> str:
    """Write the numbers of items that have one, with the title of each where ``named``."""
    known = [item for item in items if item.value is not None]
    if not named:
        return "".join(item_value(item, lang) for item in known)
    colon = word("colon", lang)
    parts = (f"{item.title.get(lang)}{colon}{item_value(item, lang)}" for item in known)
    return word("semicolon", lang).join(parts)


def ledger_summary(ledger: Ledger, lang: Language) -> str:
    """Return in one sentence how many clauses stand how, and how many are overdue."""
    count = Counter(entry.verdict for entry in ledger.clauses)
    parts = (f"{LEDGER_VERDICTS[v].get(lang)} {count[v]}" for v in VERDICTS)
    overdue = sum(map(is_overdue, ledger.clauses))
    return word("ledger_summary", lang).format(
        title=ledger.plan.title.get(lang),
        day=ledger.as_of.isoformat(),
        clauses=len(ledger.clauses),
        counts=word("comma", lang).join(parts),
        overdue=overdue,
    )


def terminal_table(ledger: Ledger, lang: Language) -> Table:
    """Return the ledger as a table for a terminal; names from files are never markup."""
    table = Table(show_lines=True, expand=True)
    for column, ratio in _ON_TERMINAL.items():
        title = RichText(word(column, lang))
        if column in _BELOW:
            title.append(f"\n{word(_BELOW[column], lang)}", style="dim")
        table.add_column(title, overflow="fold", ratio=ratio)
    for entry in ledger.entries:
        cells = entry_cells(entry, ledger, lang)
        cells["value"] = "" if entry.main is None else item_value(entry.main, lang)
        table.add_row(*(_terminal_cell(column, cells, entry.verdict) for column in _ON_TERMINAL))
    return table


def _terminal_cell(column: str, cells: Mapping[str, str], verdict: LedgerVerdict) -> RichText:
    """Return a cell and, dimmed below it, what belongs to it."""
    cell = RichText(cells[column], style=_COLORS[verdict] if column == "verdict" else "")
    below = cells.get(_BELOW.get(column, ""), "")
    if below:
        cell.append(f"\n{below}" if cells[column] else below, style="dim")
    return cell
