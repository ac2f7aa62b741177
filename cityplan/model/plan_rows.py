"""Rows of a plan file: read key by key, every fault named."""

from __future__ import annotations

import datetime as dt
import difflib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cityplan.errors import PlanError
from cityplan.text import Text

SHOWN = 8


def wrong_plan(file: str, fault: Text) -> PlanError:
    """Return the error for a plan file; ``fault`` says where, what and what to do."""
    return PlanError(
        Text(
            en=f"Plan file '{file}' is wrong: {fault.en}. See cityplan/plans/README.md.",
            zh=f"方案文件“{file}”有误：{fault.zh}。请对照 cityplan/plans/README.md。",
        )
    )


def near_name(name: str, known: Iterable[str]) -> tuple[str, str]:
    """Return the nearest known name, else some of them, in both languages."""
    options = list(known)
    near = difflib.get_close_matches(name, options, n=1, cutoff=0.4)
    if near:
        return f"did you mean '{near[0]}'?", f"是否指“{near[0]}”？"
    more = ", ..." if len(options) > SHOWN else ""
    return (
        f"known: {', '.join(options[:SHOWN])}{more}",
        f"可用：{'、'.join(options[:SHOWN])}{'等' if more else ''}",
    )


@dataclass(frozen=True)
class Row:
    """One table of a plan file, with where it stands."""

    table: dict[str, Any]
    file: str
    place: Text

    def fault(self, key: str, en: str, zh: str) -> PlanError:
        """Return the error for a key of this row."""
        return wrong_plan(
            self.file,
            Text(en=f"{self.place.en}, {key}: {en}", zh=f"{self.place.zh}，{key}：{zh}"),
        )

    def only(self, *known: str) -> None:
        """Refuse keys nobody knows."""
        for key in self.table:
            if key not in known:
                en, zh = near_name(key, known)
                raise self.fault(key, f"unknown key, {en}", f"未知键，{zh}")

    def _value(self, key: str) -> Any:
        if key not in self.table:
            raise self.fault(key, "is missing, write it", "缺失，请填写")
        return self.table[key]

    def string(self, key: str) -> str:
        """Return a text that is not empty."""
        value = self._value(key)
        if not isinstance(value, str) or not value.strip():
            raise self.fault(key, "must be a text in quotes", "须为带引号的文字")
        return value

    def text(self, key: str) -> Text:
        """Return a sentence in both languages."""
        value = self._value(key)
        parts = value if isinstance(value, dict) else {}
        if set(parts) != {"en", "zh"} or not all(isinstance(p, str) and p for p in parts.values()):
            raise self.fault(
                key, 'must be { en = "...", zh = "..." }, both filled in',
                '须写作 { en = "...", zh = "..." }，两种文字都要填写',
            )  # fmt: skip
        return Text(**parts)

    def strings(self, key: str, *, optional: bool = False) -> tuple[str, ...]:
        """Return a list of texts, none of them twice."""
        value = self.table.get(key, []) if optional else self._value(key)
        if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
            raise self.fault(key, 'must be a list of texts, ["...", "..."]',
                             '须为文字列表，如 ["...", "..."]')  # fmt: skip
        for name in value:
            if value.count(name) > 1:
                raise self.fault(key, f"'{name}' stands there twice", f"“{name}”重复")
        return tuple(value)

    def number(self, key: str) -> float:
        """Return a finite number."""
        value = self._value(key)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            raise self.fault(key, "must be a number", "须为数字")
        return float(value)

    def choice(self, key: str, allowed: Sequence[str]) -> Any:
        """Return one of the allowed words."""
        value = self._value(key)
        if value not in allowed:
            en, zh = near_name(str(value), allowed)
            raise self.fault(
                key, f"'{value}' is not allowed, {en} (allowed: {', '.join(allowed)})",
                f"“{value}”不可用，{zh}（可用：{'、'.join(allowed)}）",
            )  # fmt: skip
        return value

    def date(self, key: str) -> dt.date | None:
        """Return a day, None where the key is absent."""
        value = self.table.get(key)
        if value is None or (isinstance(value, dt.date) and not isinstance(value, dt.datetime)):
            return value
        raise self.fault(
            key, "must be a day without quotes, such as 2020-12-31 (leave it out if there is none)",
            "须为不带引号的日期，如 2020-12-31（没有则不写）",
        )  # fmt: skip

    def child(self, key: str) -> Row:
        """Return a table within this row."""
        value = self._value(key)
        if not isinstance(value, dict):
            raise self.fault(key, f"must be a table, [.. .{key}]", "须为表")
        return Row(
            value, self.file, Text(en=f"{self.place.en}, {key}", zh=f"{self.place.zh}，{key}")
        )

    def rows(self, key: str, named_by: str, *, optional: bool = False) -> list[Row]:
        """Return the rows of an array of tables, each with a name of its own."""
        value = self.table.get(key, []) if optional else self._value(key)
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            raise self.fault(key, f"write [[{key}]] for each row", f"每行写作 [[{key}]]")
        found: list[Row] = []
        names: list[str] = []
        for number, table in enumerate(value, start=1):
            name = str(table.get(named_by, ""))
            label = f"[[{key}]] {number} {name}".strip()
            row = Row(table, self.file, Text(en=label, zh=label))
            row.string(named_by)
            if name in names:
                raise row.fault(
                    named_by, f"'{name}' stands in row {names.index(name) + 1} already: each once",
                    f"“{name}”已见于第{names.index(name) + 1}行，每个只写一次",
                )  # fmt: skip
            names.append(name)
            found.append(row)
        return found
