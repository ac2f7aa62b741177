"""Cities side by side: who meets how much, how far the data carry, what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal

from cityplan.outputs.style import format_value, is_number, unit_style
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.text import Language

Tier = Literal["A", "B", "C"]
TIERS: tuple[tuple[Tier, int], ...] = (("A", 5), ("B", 3), ("C", 0))


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A city of a batch as the atlas gets it.

    Attributes
    ----------
    folder
        Where its outputs are, seen from the atlas.
    results, card
        Its ``results.json`` and small maps; None where there are none.
    cause
        Why it failed.
    """

    city: str
    folder: str
    results: Mapping[str, Any] | None
    card: Mapping[str, Any] | None
    cause: Text | None
    seconds: float


@dataclass(frozen=True, kw_only=True)
class QualityCheck:
    """A property of the inputs that results hang on."""

    id: str
    at_least: float | None
    at_most: float | None
    lacking: Text

    def passed_by(self, value: object) -> bool:
        """Whether a figure is good enough; an unknown one is not."""
        if not is_number(value):
            return False
        low = self.at_least is None or value >= self.at_least
        return low and (self.at_most is None or value <= self.at_most)


BUILT_UP = "built_up"
CHECKS = (
    QualityCheck(
        id="facilities.categories_found_share", at_least=0.8, at_most=None,
        lacking=Text(en="facility categories (80 %)", zh="设施类别齐全度（80%）"),
    ),
    QualityCheck(
        id="roads.without_buildings_share", at_least=None, at_most=0.3,
        lacking=Text(
            en="buildings along the roads (at most 30 % without)",
            zh="沿路建筑（无建筑路段不超过30%）",
        ),
    ),
    QualityCheck(
        id="roads.footways", at_least=1, at_most=None,
        lacking=Text(en="footways and paths (any)", zh="步行道与小径（有）"),
    ),
    QualityCheck(
        id="roads.lanes_share", at_least=0.5, at_most=None,
        lacking=Text(en="lanes of roads (50 % of length)", zh="道路车道数（长度的50%）"),
    ),
    QualityCheck(
        id="buildings.use_share", at_least=0.5, at_most=None,
        lacking=Text(en="uses of buildings (50 % of ground)", zh="建筑用途（占地的50%）"),
    ),
    QualityCheck(
        id=BUILT_UP, at_least=1, at_most=None,
        lacking=Text(
            en="a built-up area of its own (not estimated)", zh="给定的建成区（非推定）"
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A judged measure of a city."""

    id: str
    analyzer: str
    title: Text
    value: float | None
    unit: str
    target: Text
    verdict: str
    relative_gap: float | None

    def words(self, lang: Language) -> str:
        """Return the value as a text."""
        return format_value(self.value, self.unit, lang)


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """A city in its place among those of the same standard."""

    entry: Entry
    rank: int
    tier: Tier
    lacking: tuple[Text, ...]
    judged: tuple[Judged, ...]

    def count(self, verdict: str) -> int:
        """Return how many measures have a verdict."""
        return sum(measure.verdict == verdict for measure in self.judged)

    @property
    def by_id(self) -> dict[str, Judged]:
        """The judged measures by their id."""
        return {measure.id: measure for measure in self.judged}


@dataclass(frozen=True, kw_only=True)
class Table:
    """The cities measured by one standard, best first."""

    standard: Text
    cities: tuple[Ranked, ...]

    @property
    def measures(self) -> tuple[Judged, ...]:
        """One of each measure that is judged in any city: the columns."""
        found: dict[str, Judged] = {}
        for city in self.cities:
            for measure in city.judged:
                found.setdefault(measure.id, measure)
        return tuple(found.values())


def tables(entries: Iterable[Entry]) -> list[Table]:
    """Return a ranking per standard: cities judged by different ones are not compared."""
    measured = [entry for entry in entries if entry.results is not None]

    def standard(entry: Entry) -> str:
        return str((entry.results or {})["standard"]["id"])

    made = []
    for _, group in groupby(sorted(measured, key=standard), key=standard):
        cities = list(group)
        title = Text(**(cities[0].results or {})["standard"]["title"])
        made.append(Table(standard=title, cities=tuple(_ranked(cities))))
    return made


def _ranked(entries: Sequence[Entry]) -> Iterable[Ranked]:
    rows = sorted(
        ((_score(measures), entry, measures) for entry in entries for measures in [_judged(entry)]),
        key=lambda row: (row[0], row[1].city),
    )
    rank, before = 0, None
    for place, (score, entry, measures) in enumerate(rows, start=1):
        rank = rank if score == before else place
        before = score
        tier, lacking = quality_tier(entry.results or {})
        yield Ranked(entry=entry, rank=rank, tier=tier, lacking=lacking, judged=measures)


def _score(measures: Sequence[Judged]) -> tuple[float, float]:
    """Return what cities are ordered by, lower is better."""
    met = sum(measure.verdict == "met" for measure in measures)
    gaps = [m.relative_gap for m in measures if m.verdict == "not_met"]
    known = [min(gap, 1.0) for gap in gaps if gap is not None]
    share = met / (met + len(gaps)) if met or gaps else -1.0
    return -round(share, 9), round(sum(known) / len(known), 6) if known else 0.0


def _judged(entry: Entry) -> tuple[Judged, ...]:
    found = []
    for analyzer in (entry.results or {})["analyzers"]:
        for measure in analyzer["measures"]:
            target = measure["target"]
            if target is None or target["kind"] != "target":
                continue
            floor = target.get("value", target.get("low"))
            gap = measure["gap"]
            found.append(
                Judged(
                    id=measure["id"],
                    analyzer=analyzer["name"],
                    title=Text(**measure["title"]),
                    value=measure["value"],
                    unit=measure["unit"] or "",
                    target=_target_words(target, measure["unit"] or ""),
                    verdict=measure["verdict"],
                    relative_gap=gap / abs(floor) if is_number(gap) and floor else None,
                )
            )
    return tuple(found)


def _target_words(target: Mapping[str, Any], unit: str) -> Text:
    style = unit_style(unit)

    def figure(value: float) -> str:
        return f"{round(value * style.scale, 6):,.10g}"

    if target["operator"] == "band":
        high = target.get("high")
        figures = figure(target["low"]) + (f"–{figure(high)}" if is_number(high) else "")
    else:
        figures = f"{'≤' if target['operator'] == '<=' else '≥'} {figure(target['value'])}"
    return Text(en=figures + style.suffix.en, zh=figures + style.suffix.zh)


def quality_tier(results: Mapping[str, Any]) -> tuple[Tier, tuple[Text, ...]]:
    """Return how far the inputs of a city carry, and the checks they do not pass."""
    figures = quality_figures(results)
    lacking = tuple(c.lacking for c in CHECKS if not c.passed_by(figures.get(c.id)))
    passed = len(CHECKS) - len(lacking)
    return next(tier for tier, least in TIERS if passed >= least), lacking


def quality_figures(results: Mapping[str, Any]) -> dict[str, float | None]:
    """Return the figures about the inputs, and whether the built-up area was given (1 or 0)."""
    figures: dict[str, float | None] = {
        row["id"]: row["value"] for row in results.get("quality", ())
    }
    figures[BUILT_UP] = 0.0 if results["study"]["built_up"]["is_proxy"] else 1.0
    return figures
