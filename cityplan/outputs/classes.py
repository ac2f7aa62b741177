"""Classes of units on maps: the target first, never quantiles, so that cities compare."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cityplan.outputs.findings import is_judged
from cityplan.outputs.style import NO_DATA, format_figure, format_value, is_number, unit_style
from cityplan.outputs.words import word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cityplan.model.result import Measure
    from cityplan.model.standard import Target
    from cityplan.text import Language

_MET, _NEAR, _FAR = "#cfe3f2", "#fbe7cc", "#efc08e"
_RAMP = ("#ebebf5", "#cfcfe6", "#aeadd2", "#8c88bd")


@dataclass(frozen=True, kw_only=True)
class UnitClass:
    """One class of the unit map.

    Attributes
    ----------
    label
        What the class is, in words.
    figures
        From where to where the class reaches, empty where the label says it.
    hatch
        Pattern in print that tells the class without its colour, if any.
    low, high
        The ends of the class in data units, None where it is open.
    above
        Whether the class begins above ``low`` and holds ``high``; else it begins
        at ``low`` and ends below ``high``.
    """

    label: str
    color: str
    figures: str = ""
    hatch: str | None = None
    low: float | None = None
    high: float | None = None
    above: bool = False


def classify_units(
    values: Sequence[float | None], measure: Measure, lang: Language
) -> tuple[list[UnitClass], list[int]]:
    """Return the classes in use and, for each value, the index of its class.

    A judged measure has the classes met, missed, missed by more than half, and
    cannot tell; any other measure is cut into equal steps of a round size.
    """
    if is_judged(measure) and measure.target is not None:
        return _judged(values, measure.target, lang)
    return _stepped(values, measure.unit, lang)


def _judged(
    values: Sequence[float | None], target: Target, lang: Language
) -> tuple[list[UnitClass], list[int]]:
    classes = judged_classes(target, lang)

    def index(value: float | None) -> int:
        if not is_number(value):
            return 3
        if target.met_by(value):
            return 0
        return 1 if target.gap(value) <= abs(target.floor) / 2 else 2

    return _used(classes, [index(value) for value in values])


def judged_classes(target: Target, lang: Language) -> list[UnitClass]:
    """Return the four classes of a target, their breaks at the target and at half of it."""
    floor, half = target.floor, abs(target.floor) / 2
    at_most = target.operator == "<="
    far = floor + half if at_most else floor - half

    suffix = unit_style(target.unit).suffix.get(lang)
    low, high = sorted((floor, far))
    between = f"{format_figure(low, target.unit)}–{format_figure(high, target.unit)}{suffix}"
    met, beyond = ("≤", ">") if at_most else ("≥", "<")
    return [
        UnitClass(
            label=word("class_met", lang), color=_MET, figures=f"{met} {format_figure(floor, target.unit)}{suffix}",
            low=None if at_most else floor, high=floor if at_most else None, above=at_most,
        ),
        UnitClass(
            label=word("class_near", lang), color=_NEAR, figures=between, hatch="..",
            low=low, high=high, above=at_most,
        ),
        UnitClass(
            label=word("class_far", lang), color=_FAR, figures=f"{beyond} {format_figure(far, target.unit)}{suffix}",
            hatch="////", low=far if at_most else None, high=None if at_most else far,
            above=at_most,
        ),
        UnitClass(label=word("class_none", lang), color=NO_DATA, hatch="xx"),
    ]  # fmt: skip


def _stepped(
    values: Sequence[float | None], unit: str, lang: Language
) -> tuple[list[UnitClass], list[int]]:
    known = [value for value in values if is_number(value)]
    low, high = min(known, default=0.0), max(known, default=0.0)
    step = _round_step(high - low, least=1.0 if unit == "count" else 0.0)
    start = np.floor(low / step) * step
    last = len(_RAMP) - 1
    if unit != "count":  # the largest value closes its class: 100 % is in 50 to 100 %
        last = min(last, max(math.ceil((high - start) / step) - 1, 0))
    classes = [
        UnitClass(
            label=_step_label(start + n * step, step, unit, lang),
            color=color,
            low=float(start + n * step),
            high=float(start + (n + 1) * step) if n < last else None,
        )
        for n, color in enumerate(_RAMP[: last + 1])
    ]
    classes.append(UnitClass(label=word("class_none", lang), color=NO_DATA, hatch="xx"))
    indexes = [
        min(int((value - start) / step), last) if is_number(value) else last + 1 for value in values
    ]
    if low == high:
        classes[0] = UnitClass(label=format_value(low, unit, lang), color=_RAMP[0], low=low)
    return _used(classes, indexes)


def _step_label(start: float, step: float, unit: str, lang: Language) -> str:
    """Return what a class holds; counts are whole, so 0, 1 and 2 are one class of step 3."""
    if unit == "count":
        last = start + step - 1
        first = format_value(start, unit, lang)
        return first if step == 1 else f"{first} – {format_value(last, unit, lang)}"
    return f"{format_value(start, unit, lang)} – {format_value(start + step, unit, lang)}"


def _round_step(span: float, *, least: float) -> float:
    """Return the smallest of 1, 2, 5 x 10^n whose steps span the values."""
    needed = max(span / (len(_RAMP) - 1), least)
    if needed <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(needed))
    return float(next(power * n for n in (1, 2, 5, 10) if power * n >= needed))


def _used(classes: list[UnitClass], indexes: list[int]) -> tuple[list[UnitClass], list[int]]:
    used = sorted(set(indexes))
    return [classes[index] for index in used], [used.index(index) for index in indexes]
