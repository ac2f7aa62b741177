"""What a reader wants to know first: the finding of each analysis, and where it is worst."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cityplan.model.result import OUTSIDE_UNITS, Result
from cityplan.outputs.labels import measure_title
from cityplan.outputs.style import (
    format_gap,
    format_measure,
    format_range,
    format_target,
    format_value,
    is_number,
)
from cityplan.outputs.words import word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cityplan.model.result import Measure, Skipped, Verdict
    from cityplan.model.standard import Standard, Target
    from cityplan.text import Language


@dataclass(frozen=True, kw_only=True)
class UnitValue:
    """The value of one measure in one reporting unit."""

    unit: str
    value: float | None
    verdict: Verdict


def is_judged(measure: Measure) -> bool:
    """Whether the measure is held against a target that decides."""
    return measure.target is not None and measure.target.kind == "target"


def main_measure(result: Result) -> Measure:
    """Return the first judged measure of a result, else its first measure."""
    return next((m for m in result.measures if is_judged(m)), result.measures[0])


def finding(result: Result | Skipped, standard: Standard, lang: Language) -> str:
    """Return the finding of one analysis in one sentence."""
    if not isinstance(result, Result):
        return word("skipped_sentence", lang).format(reason=result.reason.get(lang))
    return measure_sentence(main_measure(result), standard, lang)


def measure_sentence(measure: Measure, standard: Standard, lang: Language) -> str:
    """Return value, target, verdict and gap of a measure in one sentence."""
    spread = format_range(measure, lang)
    key = f"finding_{measure.verdict}" if is_judged(measure) else "finding_no_target"
    if measure.verdict == "cannot_tell" and spread:
        key = "finding_cannot_tell_range"
    if is_judged(measure) and measure.value is None:
        key = "finding_no_value"
    return word(key, lang).format(
        title=measure_title(measure.id, standard).get(lang),
        value=format_measure(measure, lang),
        target=target_words(measure.target, lang) if measure.target is not None else "",
        gap=format_gap(measure.gap, measure.unit, lang),
        range=spread,
    )


def target_words(target: Target, lang: Language) -> str:
    """Return a target in words, marked where its figure was not found in a source."""
    figure = format_target(target, lang)
    if target.verified:
        return figure
    mark = word("unverified", lang)
    return f"{figure}（{mark}）" if lang == "zh" else f"{figure} ({mark})"


def unit_name(name: object, lang: Language) -> str:
    """Return a unit's name; the row of what lies in no unit is translated."""
    return word("outside_units", lang) if name == OUTSIDE_UNITS else str(name)


def unit_values(result: Result, measure: Measure) -> list[UnitValue]:
    """Return the values of a measure per unit, worst first, unknown last.

    Without a target nobody can say which end is worse: highest first then.
    """
    if measure.id not in result.units:
        return []
    low_is_worse = is_judged(measure) and measure.target is not None and (
        measure.target.operator != "<="
    )  # fmt: skip
    rows = [
        UnitValue(unit=str(unit), value=number, verdict=_unit_verdict(str(unit), number, measure))
        for unit, value in zip(result.units["unit"], result.units[measure.id], strict=True)
        for number in [float(value) if is_number(value) else None]
    ]
    return sorted(
        rows,
        key=lambda row: (
            row.unit == OUTSIDE_UNITS,
            row.value is None,
            0.0 if row.value is None else row.value if low_is_worse else -row.value,
            row.unit,
        ),
    )


def worst_unit_sentence(result: Result, measure: Measure, lang: Language) -> str:
    """Say how many units miss the target and which one is worst, if any does."""
    rows = [row for row in unit_values(result, measure) if row.unit != OUTSIDE_UNITS]
    missed = [row for row in rows if row.verdict == "not_met"]
    if len(rows) <= 1 or not missed:
        return ""
    sentences = (
        word("units_missing", lang).format(missed=len(missed), total=len(rows)),
        word("worst_unit", lang).format(
            unit=unit_name(missed[0].unit, lang),
            value=format_value(missed[0].value, measure.unit, lang),
        ),
    )
    return join(sentences, lang)


def join(sentences: Iterable[str], lang: Language) -> str:
    """Return sentences one after another, as the language sets them."""
    return ("" if lang == "zh" else " ").join(sentence for sentence in sentences if sentence)


def _unit_verdict(unit: str, value: float | None, measure: Measure) -> Verdict:
    """Judge a unit's value; what lies in no unit is shown but not judged."""
    if not is_judged(measure) or measure.target is None or unit == OUTSIDE_UNITS:
        return "no_target"
    if value is None:
        return "cannot_tell"
    return "met" if measure.target.met_by(value) else "not_met"
