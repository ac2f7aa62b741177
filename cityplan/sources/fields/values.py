"""Read the cells of a column as numbers, flags, words or text; what fails is marked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cityplan.sources.fields.rules import Limits, Words
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.spatial.arrays import Bools, Floats

_BLANK = frozenset(
    ("", "null", "<null>", "none", "nan", "n/a", "na", "-", "--", "—", "/", "\\", "空", "<na>")
)
_NUMBER = re.compile(
    r"^(?:约|共|地上|≈|~)?\s*([+-]?\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*"
    r"(万人|万|千人|千|人|米|m|metres?|meters?|层|f|车道|条|个|位|座|间|辆|户|lanes?)?$",
    re.IGNORECASE,
)
# "砼6", "6+1", "6/-1", "地上6层地下1层": what stands above ground; "双向四车道": all lanes.
_DIGITS = dict(zip("一二三四五六七八九十", range(1, 11), strict=True)) | {"两": 2, "双": 2}
_COUNT = "([0-9]{1,3}|[一二两三四五六七八九十])"
_WRITTEN = {
    "levels": re.compile(
        rf"^(?:地上|砼|混|砖|钢|框|框架|砖混|木|石|土|简)?{_COUNT}(?:层|f)?"
        r"(?:(?:\+|/-|[/,、 ]?地下)[0-9]{1,2}(?:层|f)?)?$",
        re.IGNORECASE,
    ),
    "lanes": re.compile(rf"^(?:双向)?{_COUNT}(?:条)?(?:机动)?车道$"),
}
_FACTORS = {"万": 1e4, "万人": 1e4, "千": 1e3, "千人": 1e3}
SAMPLES = 3


@dataclass(frozen=True)
class Numbers:
    """A column read as numbers.

    Attributes
    ----------
    values
        NaN where blank, text or impossible.
    text, impossible
        Which cells held something that is no number, or no number that can be.
    """

    values: Floats
    text: Bools
    impossible: Bools


def read_numbers(cells: Sequence[object], *, factor: float, limits: Limits | None) -> Numbers:
    """Read cells as numbers; ``factor`` turns the column's unit into the catalogue's."""
    texts = read_texts(cells)
    known = {text: _number(text, factor) for text in set(texts) if text is not None}
    values = np.array([np.nan if text is None else known[text] for text in texts], dtype=float)
    text = np.array([t is not None for t in texts], dtype=bool) & np.isnan(values)
    impossible = np.zeros(len(values), dtype=bool)
    if limits is not None:
        with np.errstate(invalid="ignore"):
            impossible = (values < limits.low) | (values > limits.high)
            if limits.low_is_out:
                impossible |= values == limits.low
    impossible |= np.isinf(values)
    return Numbers(np.where(impossible, np.nan, values), text, impossible)


def _number(text: str, factor: float) -> float:
    match = _NUMBER.match(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return float("nan")
    own = _FACTORS.get((match[2] or "").lower())
    return float(match[1].replace(",", "")) * (factor if own is None else own)


def as_number(column: str, cells: Sequence[object]) -> Sequence[object]:
    """Return cells with the usual ways to write storeys and lanes as plain numbers."""
    pattern = _WRITTEN.get(column)
    if pattern is None:
        return cells
    texts = read_texts(cells)
    known = {text: _counted(pattern, text) for text in set(texts) if text is not None}
    return [None if text is None else known[text] for text in texts]


def _counted(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.match(unicodedata.normalize("NFKC", text).strip())
    return text if match is None else str(_DIGITS.get(match[1], match[1]))


def read_texts(cells: Sequence[object]) -> list[str | None]:
    """Read cells as text: blanks and words for nothing are None, 12.0 is 12."""
    return [_clean(cell) for cell in cells]


def _clean(cell: object) -> str | None:
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return None
    if isinstance(cell, float | np.floating):
        if np.isnan(cell):
            return None
        number = float(cell)
        return str(int(number)) if number.is_integer() else repr(number)
    text = str(cell).replace("\u3000", " ").strip()
    return None if text.casefold() in _BLANK else text


def read_words(cells: Sequence[object], words: Words) -> tuple[list[str | None], Bools]:
    """Read cells as values of the catalogue; mark the words nobody knows."""
    texts = read_texts(cells)
    known = {text: words.find(text) for text in set(texts) if text is not None}
    values = [None if text is None else known[text] for text in texts]
    unknown = [text is not None and known[text] is None for text in texts]
    return values, np.array(unknown, dtype=bool)


def samples(cells: Sequence[object], marked: Bools) -> str:
    """Return some of the marked cells, quoted."""
    texts = read_texts([cell for cell, mark in zip(cells, marked.tolist(), strict=True) if mark])
    seen = dict.fromkeys(text for text in texts if text is not None)
    return ", ".join(f"'{text[:30]}'" for text in list(seen)[:SAMPLES])


def text_note(column: str, cells: Sequence[object], marked: Bools) -> Text:
    """Say that a column of numbers holds text, and what to do."""
    count, some = int(marked.sum()), samples(cells, marked)
    return Text(
        en=f"Column '{column}': {count} cells hold text where a number belongs ({some}); they count "
        "as blank. Write plain numbers there, or map another column.",
        zh=f"字段“{column}”有{count}个单元格应为数字却是文字（{some}），按空值处理；请改为数字或另选字段。",
    )


def impossible_note(
    column: str, cells: Sequence[object], marked: Bools, limits: Limits | None
) -> Text:
    """Say that a column holds numbers that cannot be, and what to do."""
    count, some = int(marked.sum()), samples(cells, marked)
    span = (
        ""
        if limits is None
        else f"{'>' if limits.low_is_out else ''}{limits.low:g}..{limits.high:g}"
    )
    return Text(
        en=f"Column '{column}': {count} numbers cannot be ({some}; expected {span}); they count as "
        "blank. Correct them, or check the column's unit.",
        zh=f"字段“{column}”有{count}个数值不可能（{some}；应在 {span} 之间），按空值处理；请更正或核对单位。",
    )


def word_note(column: str, cells: Sequence[object], marked: Bools, values: Sequence[str]) -> Text:
    """Say that a column holds words nobody knows, and which are known."""
    count, some = int(marked.sum()), samples(cells, marked)
    known = [value for value in values if value]
    return Text(
        en=f"Column '{column}': {count} cells hold words cityplan does not know ({some}); they count "
        f"as blank. Known: {', '.join(known)} and their usual synonyms.",
        zh=f"字段“{column}”有{count}个单元格用词无法识别（{some}），按空值处理；可用：{'、'.join(known)}及常见同义词。",
    )


def sex_of(name: str | None) -> str | None:
    """Return the sex a toilet's name tells, None where it names both or neither."""
    female = name is not None and any(word in name for word in ("女厕", "女廁", "女卫", "女洗手"))
    male = name is not None and any(word in name for word in ("男厕", "男廁", "男卫", "男洗手"))
    if female == male or (name is not None and "男女" in name):
        return None
    return "female" if female else "male"
