"""What an analyzer answers: measures, a table per unit, shapes by role."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from cityplan.text import Text

if TYPE_CHECKING:
    import geopandas as gpd

    from cityplan.model.standard import Standard, Target

Verdict = Literal["met", "not_met", "cannot_tell", "no_target"]
Role = Literal["served", "gap", "facility", "context", "proposal"]

OUTSIDE_UNITS = "outside units"
NOTHING_THERE = Text(
    en="The area holds nothing this could be measured on.", zh="范围内没有可供测算的对象。"
)


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One number about the city, with what it rests on.

    Attributes
    ----------
    id
        Stable id, ``<analyzer>.<name>``.
    value
        The number, or None where the data cannot tell; ``note`` then says why.
    low, high
        The range the assumptions allow, where one was computed.
    unit
        ``share`` (0..1), ``1/km2``, ``km/km2``, ``m``, ``count`` or ``ratio``.
    basis
        The data and the method the number rests on.
    by_group
        Group of people (``elderly`` ...) -> the value for it alone.
    definition_verified
        False where a figure of the definition is general knowledge only.
    """

    id: str
    value: float | None
    unit: str
    basis: Text
    low: float | None = None
    high: float | None = None
    target: Target | None = None
    verdict: Verdict = "no_target"
    definition_verified: bool = True
    note: Text | None = None
    by_group: Mapping[str, float] = field(default_factory=dict)

    @property
    def gap(self) -> float | None:
        """How far the value falls short of the target; 0 when it is met."""
        if self.target is None or self.value is None:
            return None
        return self.target.gap(self.value)


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What gap lists say about the gaps of one measure, or about shapes of one kind.

    Blanks in braces are filled for each gap. Of a measure: ``{title}``,
    ``{value}``, ``{target}``, ``{floor}`` (the figure alone), ``{gap}``,
    ``{gap_ha}`` (a share of the built-up area as hectares) and the analyzer's
    other measures by their short id. Of a shape: ``{kind}``, ``{size}``, ``{lacks}``,
    ``{lack_count}`` and the columns of the shape. A sentence with a blank that is
    not known is left out.

    Attributes
    ----------
    action
        What to do, honest about what the data cannot know.
    verify
        What to find out first where a verdict cannot be told.
    measure
        Of shapes: id of the measure they fall short of; ``{key}`` is the kind.
    present, shortfall
        Of shapes: how it is there today, and how much is missing.
    """

    action: Text
    verify: Text | None = None
    measure: str = ""
    present: Text | None = None
    shortfall: Text | None = None


@dataclass(frozen=True, kw_only=True)
class Result:
    """The answer of one analyzer.

    Attributes
    ----------
    units
        One row per reporting unit and, last, one row ``outside units`` where
        anything lies in none: columns ``unit``, one per measure id, geometry.
    shapes
        Role -> features in the study's CRS, with at least the columns ``name``
        and ``kind`` (a short English key) and ``geometry``. Of gaps, ``people`` or
        ``weight`` (m2 of dwellings or residential land) say how much they touch.
    advice
        Measure id, or ``<analyzer>.<kind>`` of gap shapes -> what to do; the
        analyzers cityplan ships leave it to the catalogue of the outputs.
    """

    analyzer: str
    title: Text
    measures: tuple[Measure, ...]
    units: gpd.GeoDataFrame
    shapes: Mapping[Role, gpd.GeoDataFrame] = field(default_factory=dict)
    notes: tuple[Text, ...] = ()
    advice: Mapping[str, Advice] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shapes", MappingProxyType(dict(self.shapes)))

    def __getitem__(self, measure_id: str) -> Measure:
        for measure in self.measures:
            if measure_id in (measure.id, measure.id.removeprefix(f"{self.analyzer}.")):
                return measure
        raise KeyError(measure_id)


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """An analyzer that could not run, and why."""

    analyzer: str
    title: Text
    reason: Text
    measure_ids: tuple[str, ...]


def judge(  # noqa: PLR0913 - one keyword per attribute of the measure it builds
    measure_id: str,
    value: float | None,
    unit: str,
    *,
    standard: Standard,
    basis: Text,
    low: float | None = None,
    high: float | None = None,
    note: Text | None = None,
    definition_verified: bool = True,
    uncertain: bool = False,
    by_group: Mapping[str, float] | None = None,
) -> Measure:
    """Build a measure and hold it against the standard's target.

    The verdict is ``cannot_tell`` where the value is unknown, where the target
    lies between ``low`` and ``high``, or where ``uncertain`` says that the data
    cannot carry a verdict; a value without a target has no verdict.
    """
    number = None if value is None or math.isnan(value) else float(value)
    target = standard.target(measure_id)
    bounds = [bound for bound in (low, number, high) if bound is not None]
    verdict: Verdict = "no_target"
    if target is not None and target.kind == "target":
        if number is None or len({target.met_by(bound) for bound in bounds}) > 1:
            verdict = "cannot_tell"
        else:
            verdict = "met" if target.met_by(number) else "not_met"
    if uncertain and (verdict != "no_target" or number is None):
        verdict = "cannot_tell"
    return Measure(
        id=measure_id,
        value=number,
        unit=unit,
        basis=basis,
        low=low,
        high=high,
        target=target,
        verdict=verdict,
        definition_verified=definition_verified and (target is None or target.verified),
        note=NOTHING_THERE if number is None and note is None else note,
        by_group=by_group or {},
    )
