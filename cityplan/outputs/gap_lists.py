"""The gap rows once more as bureaus file them: a list of problems and a list of remedies."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from cityplan.outputs.gap_rows import total
from cityplan.outputs.words import pair, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cityplan.model.report import Responsibility
    from cityplan.outputs.gap_rows import GapRow
    from cityplan.text import Language

MOST_UNITS, MOST_PLACES = 15, 10


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A gap in one sentence."""

    row: GapRow
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """One thing to do, for all gaps of a territory that ask for it.

    Attributes
    ----------
    problems
        Numbers of the gap rows, as text, for example ``4–7, 9``.
    first
        The lowest of them.
    """

    no: int
    action: str
    territory: str
    indicator: str
    places: int
    problems: str
    first: int
    people: float | None
    weight: float | None
    responsibility: Responsibility
    analyzer: str


def problems(rows: Sequence[GapRow], lang: Language) -> list[Problem]:
    """Return each gap as a problem in one sentence."""
    return [Problem(row=row, sentence=_sentence(row, lang)) for row in rows]


def remedies(rows: Sequence[GapRow], lang: Language) -> list[Remedy]:
    """Return what to do, one row per action and territory, in the order of the gaps."""
    groups: dict[tuple[str, str, str], list[GapRow]] = {}
    for row in rows:
        groups.setdefault((row.measure, row.territory, row.action), []).append(row)
    return [
        Remedy(
            no=number,
            action=action,
            territory=territory,
            indicator=group[0].indicator,
            places=sum(row.level == "place" for row in group),
            problems=number_ranges([row.no for row in group], lang),
            first=group[0].no,
            people=total([row.people for row in group]),
            weight=total([row.weight for row in group]),
            responsibility=group[0].responsibility,
            analyzer=group[0].analyzer,
        )
        for number, ((_, territory, action), group) in enumerate(groups.items(), start=1)
    ]


def abridged(rows: Sequence[GapRow]) -> list[GapRow]:
    """Return what fits on paper: of each measure the city, the worst units and places."""
    seen: Counter[tuple[str, str, str]] = Counter()
    most = {"city": 1, "unit": MOST_UNITS, "place": MOST_PLACES}
    kept = []
    for row in rows:
        key = (row.analyzer, row.measure, row.level)
        seen[key] += 1
        if seen[key] <= most[row.level]:
            kept.append(row)
    return kept


def _sentence(row: GapRow, lang: Language) -> str:
    if row.level == "place":
        present = pair(row.present, row.lacks, lang) if row.lacks else row.present
        return word("problem_place", lang).format(present=present)
    key = "problem_missed" if row.verdict == "not_met" else "problem_open"
    return word(key, lang).format(
        indicator=row.indicator, present=row.present, standard=row.standard, gap=row.shortfall
    )


def number_ranges(numbers: Sequence[int], lang: Language) -> str:
    """Write numbers with runs of three or more as ``4–7``."""
    runs = [
        [number for _, number in run]
        for _, run in groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0])
    ]
    texts = [
        f"{run[0]}–{run[-1]}" if len(run) > 2 else word("comma", lang).join(map(str, run))  # noqa: PLR2004
        for run in runs
    ]
    return word("comma", lang).join(texts)
