"""Cells of reported figures: values with units and per cents, days in every usual spelling."""

from __future__ import annotations

import calendar
import datetime as dt
import math
import re
import unicodedata
from dataclasses import dataclass

from cityplan.text import Text

_UNITS = {
    "share": "", "ratio": "", "yes_no": "",
    "count": "处|个|座|条|件|株|棵|栋|家|块|次|小区|街区|道路",
    "km": "公里|千米|km", "km2": "平方公里|km2|km²", "m": "米|m",
}  # fmt: skip
_VALUE = re.compile(r"([+-]?\d+(?:,\d{3})*(?:\.\d+)?)\s*(.*)")
_YES = (
    "是",
    "已建成",
    "建成",
    "已完成",
    "完成",
    "已制定",
    "已开展",
    "有",
    "yes",
    "true",
    "y",
    "done",
    "built",
    "1",
)
_NO = ("否", "未建成", "未完成", "未制定", "未开展", "无", "no", "false", "n", "0")
_DAY = re.compile(
    r"(\d{4})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?(?:[ T]00:00(?::00)?)?"
)
_MONTH = re.compile(r"(\d{4})\s*[年./-]\s*(\d{1,2})\s*月?(?:底|末)?")
_YEAR_END = re.compile(r"(\d{4})\s*年\s*(?:底|末)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
EXCEL_ZERO = dt.date(1899, 12, 30)
SERIALS = (20_000, 80_000)  # 1954 to 2119
HUNDRED = 100.0


@dataclass(frozen=True)
class Cell:
    """A value, as it was written and as a number; shares are 0..1."""

    value: float
    written: str
    bare_share: bool = False


def is_percent_scale(cell: Cell) -> bool | None:
    """Whether a bare share was written per cent (85) or not (0.85); None: it tells nothing."""
    if not cell.bare_share or cell.value == 0:
        return None
    return float(cell.written.replace(",", "")) > 1


def read_cell(raw: object, unit: str) -> Cell | Text:
    """Read a value of a unit, or return what is wrong with it."""
    if raw is None or not str(raw).strip():
        return Text(
            en="the value is blank: enter it or delete the row", zh="数值为空，请填写或删除该行"
        )
    written = str(raw).strip()
    text = unicodedata.normalize("NFKC", written).casefold()
    if unit == "yes_no":
        return _yes_no(text, written)
    match = _VALUE.fullmatch(text)
    if match is None or isinstance(raw, bool):
        return Text(en=f"'{written}' is no number: write a plain number",
                    zh=f"“{written}”不是数字，请填写数字")  # fmt: skip
    number, rest = float(match[1].replace(",", "")), match[2].strip()
    if unit == "share":
        return _share(number, rest, written)
    return _plain(number, rest, written, unit)


def _yes_no(text: str, written: str) -> Cell | Text:
    if text in (*_YES, *_NO):
        return Cell(float(text in _YES), written)
    return Text(en=f"'{written}' is neither yes (是) nor no (否)", zh=f"“{written}”应填“是”或“否”")


def _plain(number: float, rest: str, written: str, unit: str) -> Cell | Text:
    if rest and not re.fullmatch(_UNITS[unit] or "(?!)", rest):
        expected = _UNITS[unit].split("|")[0] or "-"
        return Text(
            en=f"'{written}' is in another unit: write the number in {unit}",
            zh=f"“{written}”的单位不符，应为{expected}（{unit}），请只填数字",
        )
    if number < 0 or not math.isfinite(number):
        return Text(en=f"{written} is below zero: correct it", zh=f"{written}小于零，请更正")
    return Cell(number, written)


def _share(number: float, rest: str, written: str) -> Cell | Text:
    """Read a share: 85%, 85 or 0.85; a bare 1 may be either."""
    if rest not in ("", "%"):
        return Text(en=f"'{written}' is no percentage: write it with %, such as 85%",
                    zh=f"“{written}”不是百分比，请写作 85% 的形式")  # fmt: skip
    if number < 0 or number > HUNDRED:
        return Text(en=f"{written} lies outside 0 to 100 %: correct it",
                    zh=f"{written}不在 0—100% 之间，请更正")  # fmt: skip
    if rest == "%":
        return Cell(number / HUNDRED, written)
    if number == 1:
        return Text(
            en="a bare 1 may be 1 % or 100 %: write it with % (a number above 1 counts per cent, "
            "below 1 as a share)",
            zh="仅写“1”无法区分 1% 与 100%，请加“%”（大于 1 按百分数、小于 1 按比例理解）",
        )
    return Cell(number / HUNDRED if number > 1 else number, written, bare_share=True)


def read_day(raw: object) -> dt.date | Text:
    """Read a day: 2020-12-31, 2020年12月31日, 2020年12月 (its last day), an Excel day number.

    Returns what is wrong where it is none of these.
    """
    if isinstance(raw, dt.datetime):
        return raw.date()
    if isinstance(raw, dt.date):
        return raw
    text = unicodedata.normalize("NFKC", str(raw if raw is not None else "")).strip()
    day = _day(text)
    if day is not None:
        return day
    return Text(
        en=f"'{text}' is no day: write it as 2020-12-31 or 2020年12月31日",
        zh=f"“{text}”不是日期，请写作 2020-12-31 或 2020年12月31日",
    )


def _day(text: str) -> dt.date | None:
    try:
        if match := _DAY.fullmatch(text) or _COMPACT.fullmatch(text):
            return dt.date(int(match[1]), int(match[2]), int(match[3]))
        if match := _MONTH.fullmatch(text):
            year, month = int(match[1]), int(match[2])
            return dt.date(year, month, calendar.monthrange(year, month)[1])
        if match := _YEAR_END.fullmatch(text):
            return dt.date(int(match[1]), 12, 31)
        number = float(text)
    except ValueError:
        return None
    if not SERIALS[0] <= number <= SERIALS[1]:
        return None
    return EXCEL_ZERO + dt.timedelta(days=int(number))
