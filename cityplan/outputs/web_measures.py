"""Measures as the web map shows them: the city's figure, and what each unit is shaded with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from cityplan.model.result import OUTSIDE_UNITS
from cityplan.outputs.classes import classify_units
from cityplan.outputs.findings import is_judged, target_words
from cityplan.outputs.labels import measure_title
from cityplan.outputs.style import (
    POINTS,
    format_gap,
    format_measure,
    format_range,
    is_number,
    unit_style,
)
from cityplan.outputs.web_columns import both
from cityplan.text import Language

if TYPE_CHECKING:
    from collections.abc import Callable

    from cityplan.model.report import Report
    from cityplan.model.result import Measure, Result
    from cityplan.model.standard import Target

LANGUAGES: tuple[Language, ...] = get_args(Language)[::-1]
_SIX_DIGITS = ".6g"


def in_both(say: Callable[[Language], str]) -> list[str]:
    """Return what ``say`` answers in English and in Chinese."""
    return [say(lang) for lang in LANGUAGES]


def measures_of(result: Result, report: Report) -> list[dict[str, Any]]:
    """Return every measure of a result with its value in each unit."""
    return [_measure(measure, result, report) for measure in result.measures]


def _measure(measure: Measure, result: Result, report: Report) -> dict[str, Any]:
    style = unit_style(measure.unit)
    return {
        "id": measure.id,
        "title": both(measure_title(measure.id, report.standard)),
        "verdict": measure.verdict,
        "judged": is_judged(measure),
        "verified": measure.definition_verified,
        "value": in_both(lambda lang: format_measure(measure, lang)),
        "range": in_both(lambda lang: format_range(measure, lang)),
        "gap": in_both(lambda lang: format_gap(measure.gap, measure.unit, lang)),
        "basis": both(measure.basis),
        "note": both(measure.note) if measure.note is not None else None,
        "numbers": [_number(n) for n in (measure.low, measure.value, measure.high)],
        "unit": {
            "scale": style.scale,
            "decimals": style.decimals,
            "suffix": both(style.suffix),
            "gapSuffix": both(POINTS if measure.unit == "share" else style.suffix),
            "whole": measure.unit == "count",
        },
        "target": _target(measure.target) if measure.target is not None else None,
        "shades": _shades(measure, result, report),
    }


def _target(target: Target) -> dict[str, Any]:
    return {
        "words": in_both(lambda lang: target_words(target, lang)),
        "kind": target.kind,
        "less": target.operator == "<=",
        "floor": target.floor,
        "high": target.high,
        "source": f"{target.source} {target.clause}".strip(),
    }


def _shades(measure: Measure, result: Result, report: Report) -> dict[str, Any] | None:
    """Return value and class of every unit of the study; None if the units lack the measure."""
    if measure.id not in result.units:
        return None
    pairs = zip(result.units["unit"].map(str), result.units[measure.id], strict=True)
    table = {unit: float(value) for unit, value in pairs if is_number(value)}
    values = [table.get(str(unit)) for unit in report.area.units["unit"]]
    named = [classify_units(values, measure, lang) for lang in LANGUAGES]
    (english, indexes), (chinese, _) = named
    return {
        "values": [_number(value) for value in values],
        "outside": _number(table.get(OUTSIDE_UNITS)),
        "index": indexes,
        "classes": [
            {"label": [en.label, zh.label], "color": en.color, "hatch": en.hatch or ""}
            for en, zh in zip(english, chinese, strict=True)
        ],
    }


def _number(value: float | None) -> float | None:
    """Return a number with the digits a page can show."""
    return float(format(value, _SIX_DIGITS)) if is_number(value) else None
