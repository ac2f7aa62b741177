"""Cells and sheets of a workbook as plain rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cityplan.outputs.words import VERDICTS, word

if TYPE_CHECKING:
    from cityplan.model.result import Verdict
    from cityplan.text import Language


@dataclass(frozen=True)
class Number:
    """A cell that is a number, with the unit it is written in."""

    value: float | None
    unit: str


@dataclass(frozen=True)
class Judged:
    """A cell that is a verdict: its words, and how it is coloured."""

    text: str
    verdict: Verdict


Cell = str | int | Number | Judged | None


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One sheet: a header and rows of as many cells."""

    name: str
    header: tuple[str, ...]
    rows: list[tuple[Cell, ...]]


def sheet(
    name: str, keys: Sequence[str], rows: Iterable[tuple[Cell, ...]], lang: Language
) -> Sheet:
    """Return a sheet whose name and header are fixed words."""
    return Sheet(
        name=word(name, lang), header=tuple(word(key, lang) for key in keys), rows=list(rows)
    )


def verdict_cell(verdict: Verdict, lang: Language) -> Judged:
    """Return the cell of a verdict."""
    return Judged(VERDICTS[verdict].get(lang), verdict)
