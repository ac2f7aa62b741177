"""One look for every output: colours, marks and number formats.

Colours are from the Okabe-Ito set and stay apart for colour-blind readers; no
meaning is carried by colour alone: each role also has a hatch or a marker, each
verdict a mark and a word.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, TypeGuard

from cityplan.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cityplan.model.result import Measure, Role, Verdict
    from cityplan.model.standard import Target
    from cityplan.text import Language

INK = "#1d2733"
MUTED = "#5c6875"
PAPER = "#ffffff"
GROUND = "#eef1f4"
BUILT_UP = "#f3ead9"
OUTLINE = "#7a8794"
STREET = "#c2cad1"
NO_DATA = "#cfd3d6"
NO_VALUE = "—"
# Of units that miss no target, one, two and so on.
MISSED_RAMP = ("#cfe3f2", "#fbe7cc", "#f3cfa3", "#e8ab74", "#d98a4e")


@dataclass(frozen=True, kw_only=True)
class RoleStyle:
    """How shapes of a role are drawn.

    Attributes
    ----------
    edge, fill
        Colours of outlines and of areas and points.
    opacity
        Of areas.
    hatch
        Pattern of areas in print, None for a plain area.
    marker
        matplotlib marker of points.
    dash
        Dash pattern of outlines on screen, empty for a solid line.
    order
        Drawing order, lowest first.
    """

    edge: str
    fill: str
    opacity: float
    hatch: str | None
    marker: str
    width: float
    dash: str
    order: int


@dataclass(frozen=True, kw_only=True)
class VerdictStyle:
    """Colours of a verdict and the mark that tells it without colour."""

    color: str
    soft: str
    mark: str


@dataclass(frozen=True, kw_only=True)
class UnitStyle:
    """How numbers of a unit are written."""

    scale: float
    decimals: int
    suffix: Text
    excel: str


ROLES: Mapping[Role, RoleStyle] = {
    "context": RoleStyle(
        edge="#8a949e", fill="#b9c0c7", opacity=0.14, hatch=None, marker=".", width=0.6, dash="",
        order=1,
    ),
    "served": RoleStyle(
        edge="#4a9cc9", fill="#a6d4ee", opacity=0.65, hatch=None, marker="o", width=0.5, dash="",
        order=2,
    ),
    "gap": RoleStyle(
        edge="#a84100", fill="#e8813a", opacity=0.72, hatch="////", marker="X", width=1.0,
        dash="4 3", order=3,
    ),
    "facility": RoleStyle(
        edge="#00385c", fill="#0072b2", opacity=0.7, hatch="....", marker="o", width=0.9, dash="",
        order=4,
    ),
    "proposal": RoleStyle(
        edge="#b03a86", fill="#cc79a7", opacity=0.85, hatch="xx", marker="*", width=1.6, dash="8 3",
        order=5,
    ),
}  # fmt: skip

# What tells the kinds of a role apart, the most frequent kind first; "" is the role's own.
KIND_MARKERS = ("", "^", "s", "D", "v", "P", "<", ">", "h")
KIND_HATCHES = ("", "\\\\\\\\", "||||", "----", "++", "oo", "..", "//\\\\", "xx")


def line_look(color: str, width: float, rank: int, kinds: int) -> tuple[str, float]:
    """Return colour and width of lines: the more frequent a kind, the lighter and thinner."""
    if kinds == 1:
        return color, width
    rarity = rank / (kinds - 1)
    channels = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    mixed = (round(c + (255 - c) * 0.5 * (1 - rarity)) for c in channels)
    return "#" + "".join(f"{c:02x}" for c in mixed), width * (0.7 + 0.8 * rarity)


VERDICTS: Mapping[Verdict, VerdictStyle] = {
    "met": VerdictStyle(color="#00598c", soft="#dcedf8", mark="●"),
    "not_met": VerdictStyle(color="#a84100", soft="#fdeadd", mark="▲"),
    "cannot_tell": VerdictStyle(color="#6d28a8", soft="#f0e8f8", mark="◇"),
    "no_target": VerdictStyle(color="#5c6875", soft="#eceff2", mark="○"),
}

UNITS: Mapping[str, UnitStyle] = {
    "share": UnitStyle(scale=100, decimals=1, suffix=Text(en="%", zh="%"), excel="0.0%"),
    "1/km2": UnitStyle(scale=1, decimals=2, suffix=Text(en=" per km²", zh=" 个/km²"), excel="0.00"),
    "km/km2": UnitStyle(scale=1, decimals=2, suffix=Text(en=" km/km²", zh=" km/km²"), excel="0.00"),
    "km2": UnitStyle(scale=1, decimals=2, suffix=Text(en=" km²", zh=" km²"), excel="0.00"),
    "m": UnitStyle(scale=1, decimals=0, suffix=Text(en=" m", zh=" m"), excel="#,##0"),
    "count": UnitStyle(scale=1, decimals=0, suffix=Text(en="", zh=""), excel="#,##0"),
    "degrees": UnitStyle(scale=1, decimals=6, suffix=Text(en="°", zh="°"), excel="0.000000"),
    "ratio": UnitStyle(scale=1, decimals=2, suffix=Text(en="", zh=""), excel="0.00"),
}
POINTS = Text(en=" percentage points", zh=" 个百分点")
_MOST_DECIMALS = 6


def is_number(value: object) -> TypeGuard[float]:
    """Whether ``value`` is a finite number."""
    return isinstance(value, Real) and math.isfinite(value)


def unit_style(unit: str) -> UnitStyle:
    """Return how numbers of ``unit`` are written; unknown units keep their name."""
    known = UNITS.get(unit)
    if known is not None:
        return known
    return UnitStyle(scale=1, decimals=2, suffix=Text(en=f" {unit}", zh=f" {unit}"), excel="0.00")


def format_value(
    value: float | None, unit: str, lang: Language, *, against: float | None = None
) -> str:
    """Write a number with its unit; a dash where the data cannot tell.

    Parameters
    ----------
    value
        The number in data units: shares are 0..1.
    against
        A figure the number is compared with: decimals are added until the two
        can be told apart, so that 14.96 % never reads as "15.0 %, 15 % missed".
    """
    if not is_number(value):
        return NO_VALUE
    style = unit_style(unit)
    decimals = _decimals(value, style, unit)
    text = f"{value * style.scale:,.{decimals}f}"
    if against is not None and not math.isclose(value, against, rel_tol=1e-9):
        while text == f"{against * style.scale:,.{decimals}f}" and decimals < _MOST_DECIMALS:
            decimals += 1
            text = f"{value * style.scale:,.{decimals}f}"
    return _minus(text) + style.suffix.get(lang)


def format_target(target: Target, lang: Language) -> str:
    """Write a target with its operator, for example ``≥ 15%`` or ``3–5 per km²``."""
    suffix = unit_style(target.unit).suffix.get(lang)
    if target.operator == "band" and target.high is not None:
        return f"{format_figure(target.floor, target.unit)}–{format_figure(target.high, target.unit)}{suffix}"
    sign = "≤" if target.operator == "<=" else "≥"
    return f"{sign} {format_figure(target.floor, target.unit)}{suffix}"


def format_measure(measure: Measure, lang: Language) -> str:
    """Write the value of a measure so that it can be told from its target."""
    against = measure.target.floor if measure.target is not None else None
    return format_value(measure.value, measure.unit, lang, against=against)


def format_gap(gap: float | None, unit: str, lang: Language) -> str:
    """Write by how much a target is missed; empty where nothing is compared."""
    if gap is None or gap == 0:
        return "" if gap is None else "0"
    text = format_value(gap, unit, lang, against=0.0)
    return text.removesuffix("%") + POINTS.get(lang) if unit == "share" else text


def format_range(measure: Measure, lang: Language) -> str:
    """Write ``low–high`` of a measure, empty where no range was computed."""
    if not (is_number(measure.low) and is_number(measure.high)):
        return ""
    suffix = unit_style(measure.unit).suffix.get(lang)
    against = measure.target.floor if measure.target is not None else None
    low, high = (
        format_value(bound, measure.unit, lang, against=against)
        for bound in (measure.low, measure.high)
    )
    return f"{low.removesuffix(suffix)}–{high}"


def excel_format(value: float, unit: str) -> str:
    """Return the Excel number format of a value of ``unit``."""
    style = unit_style(unit)
    if style.decimals == 0 and _decimals(value, style, unit) == 1:
        return "#,##0.0"
    return style.excel


def _decimals(value: float, style: UnitStyle, unit: str) -> int:
    if unit == "count" and not float(value).is_integer():
        return 1
    return style.decimals


def format_figure(value: float, unit: str) -> str:
    """Write a figure of a standard without its unit: ``15`` for a share of 0.15."""
    return f"{round(value * unit_style(unit).scale, 6):,.10g}"


def _minus(text: str) -> str:
    """Write a true minus, and no sign before a rounded zero."""
    if text.startswith("-"):
        return text[1:] if not text.strip("-0.,") else f"−{text[1:]}"
    return text
