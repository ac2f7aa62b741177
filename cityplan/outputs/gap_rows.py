"""Every gap as one row, the same for the page, the document and the workbook."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import shapely

from cityplan.model.report import Responsibility
from cityplan.model.result import Result
from cityplan.outputs.advice import measure_action, place_words
from cityplan.outputs.findings import is_judged, join, target_words, unit_name, unit_values
from cityplan.outputs.labels import measure_title
from cityplan.outputs.nearby import Streets
from cityplan.outputs.shapes import gap_frame, places
from cityplan.outputs.shared import worked_out_once
from cityplan.outputs.style import (
    format_figure,
    format_gap,
    format_measure,
    format_range,
    format_value,
    is_number,
)
from cityplan.outputs.words import word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cityplan.model.report import Report
    from cityplan.model.result import Measure, Verdict
    from cityplan.outputs.findings import UnitValue
    from cityplan.outputs.shapes import Place
    from cityplan.spatial.arrays import Geometry
    from cityplan.text import Language, Text

Level = Literal["city", "unit", "place"]
_HA_PER_KM2 = 100.0


@dataclass(frozen=True, kw_only=True)
class GapRow:
    """One gap in words and numbers.

    Attributes
    ----------
    no
        Number within the report, the same in every format and list.
    territory, place
        The reporting unit, and where in it.
    lon, lat
        WGS 84; None where there is no point or coordinates are left out.
    value, gap
        The numbers of ``results.json`` in ``unit``; None for places on the ground.
    present, standard, shortfall
        The same in words, and what places on the ground have to say.
    lacks
        What a place lacks, where its analysis says so.
    people, weight
        Residents, or m2 of dwellings where the data hold no population.
    shape
        What is drawn of a place, in the CRS of the study; None for the city and its units.
    """

    no: int = 0
    level: Level
    analyzer: str
    measure: str
    indicator: str
    territory: str
    place: str
    lon: float | None = None
    lat: float | None = None
    unit: str = ""
    value: float | None = None
    gap: float | None = None
    present: str
    standard: str
    shortfall: str
    lacks: str = ""
    people: float | None = None
    weight: float | None = None
    action: str
    responsibility: Responsibility
    remark: str
    verdict: Verdict
    shape: Geometry | None = field(default=None, compare=False, repr=False)

    @property
    def coordinates(self) -> str:
        """Longitude and latitude as text, empty without them."""
        return "" if self.lon is None or self.lat is None else f"{self.lon:.5f}, {self.lat:.5f}"


@worked_out_once
def gap_rows(report: Report, lang: Language, *, coordinates: bool = True) -> list[GapRow]:
    """Return every gap, numbered: per analysis the city, its units, then places on the ground.

    A judged measure that the data cannot tell is a row too: what to find out first.

    Parameters
    ----------
    coordinates
        False leaves longitude and latitude out.
    """
    streets, built_up_km2 = Streets(report), _built_up_km2(report)
    rows: list[GapRow] = []
    for result in report.results:
        if isinstance(result, Result):
            found = _Gaps(result, report, lang, built_up_km2)
            on_ground = list(found.places(streets))
            rows += [*found.measures(on_ground), *on_ground]
    if not coordinates:
        rows = [replace(row, lon=None, lat=None) for row in rows]
    return [replace(row, no=number) for number, row in enumerate(rows, start=1)]


def affected(people: float | None, weight: float | None, lang: Language) -> str:
    """Say how many people a gap touches, or how much dwelling area where nobody counted people."""
    if people is not None:
        return word("people_of", lang).format(people=f"{people:,.0f}")
    return "" if weight is None else word("weight_of", lang).format(m2=f"{weight:,.0f}")


@dataclass(frozen=True)
class _Gaps:
    """The gaps of one analysis."""

    result: Result
    report: Report
    lang: Language
    built_up_km2: Mapping[str, float]

    def measures(self, on_ground: Sequence[GapRow]) -> Iterator[GapRow]:
        """Return the judged measures that the city misses or may miss, each before its units."""
        for measure in filter(is_judged, self.result.measures):
            touched = [row for row in on_ground if row.measure == measure.id]
            if measure.verdict in {"not_met", "cannot_tell"}:
                yield self._city(measure, touched)
            if len(self.report.area.units) > 1:
                for row in unit_values(self.result, measure):
                    if row.verdict == "not_met":
                        yield self._unit(measure, row, touched)

    def _city(self, measure: Measure, touched: Sequence[GapRow]) -> GapRow:
        lang, known = self.lang, measure.verdict == "not_met"
        numbers = {m.id: m.value for m in self.result.measures}
        value, spread = format_measure(measure, lang), format_range(measure, lang)
        return replace(
            self._row(measure, numbers, self.report.area.built_up.km2),
            level="city",
            territory=word("city", lang),
            place=self.report.area.name,
            present=word("value_range", lang).format(value=value, range=spread)
            if spread
            else value,
            shortfall=format_gap(measure.gap, measure.unit, lang)
            if known
            else word("gap_unknown", lang),
            gap=measure.gap if known else None,
            people=total([row.people for row in touched]),
            weight=total([row.weight for row in touched]),
            remark=self._remark(measure, None if known else measure.note),
        )

    def _unit(self, measure: Measure, row: UnitValue, touched: Sequence[GapRow]) -> GapRow:
        name = unit_name(row.unit, self.lang)
        here = [place for place in touched if place.territory == name]
        table = self.result.units
        cells = table[table["unit"] == row.unit].iloc[0]
        numbers = {m.id: cells.get(m.id) for m in self.result.measures}
        in_unit = replace(measure, value=row.value, low=None, high=None, verdict=row.verdict)
        return replace(
            self._row(in_unit, numbers, self.built_up_km2.get(row.unit, 0.0)),
            level="unit",
            territory=name,
            place=word("whole_unit", self.lang),
            people=total([place.people for place in here]),
            weight=total([place.weight for place in here]),
        )

    def _row(self, measure: Measure, numbers: Mapping[str, object], built_up_km2: float) -> GapRow:
        """Return the row of a measure, of the city or as it is in one unit."""
        lang, target = self.lang, measure.target
        blanks = {
            m.id.removeprefix(f"{self.result.analyzer}."): format_value(number, m.unit, lang)
            for m in self.result.measures
            if is_number(number := numbers[m.id])
        }
        gap = measure.gap
        blanks |= {
            "title": self._title(measure),
            "value": format_measure(measure, lang),
            "target": _standard(measure, lang),
            "floor": "" if target is None else format_figure(target.floor, target.unit),
            "gap": format_gap(gap, measure.unit, lang),
            "gap_ha": f"{gap * built_up_km2 * _HA_PER_KM2:,.1f}" if gap and built_up_km2 else "",
        }
        return GapRow(
            level="unit",
            analyzer=self.result.analyzer,
            measure=measure.id,
            indicator=self._title(measure),
            territory="",
            place="",
            unit=measure.unit,
            value=measure.value,
            gap=gap,
            present=blanks["value"],
            standard=blanks["target"],
            shortfall=blanks["gap"],
            action=measure_action(self.result, measure, blanks, lang),
            responsibility=self._responsibility(measure.id),
            remark=self._remark(measure, None),
            verdict=measure.verdict,
        )

    def places(self, streets: Streets) -> Iterator[GapRow]:
        """Return the gaps on the ground, the heaviest first."""
        frame = gap_frame(self.result)
        if frame is not None:
            found = places(frame, self.report, self.lang)
            rows = zip(found, streets.nearest(frame), frame.geometry, strict=True)
            for place, street, shape in rows:
                yield replace(self._place(place, street), shape=shape)

    def _place(self, place: Place, street: str) -> GapRow:
        blanks = {
            **place.cells,
            "kind": place.kind,
            "size": place.size,
            "lacks": place.lacks,
            "lack_count": f"{place.lack_count}" if place.lack_count else "",
        }
        said = place_words(self.result, place.key, blanks, self.lang)
        measure = next((m for m in self.result.measures if m.id == said.measure), None)
        judged = measure is not None and is_judged(measure)
        return GapRow(
            level="place",
            analyzer=self.result.analyzer,
            measure=said.measure,
            indicator=self.result.title.get(self.lang) if measure is None else self._title(measure),
            territory=place.unit or word("city", self.lang),
            place=_whereabouts(place, street, self.lang),
            lon=place.lon,
            lat=place.lat,
            present=said.present,
            standard=_standard(measure, self.lang),
            shortfall=said.shortfall,
            lacks=place.lacks,
            people=place.people,
            weight=place.weight,
            action=said.action,
            responsibility=self._responsibility(said.measure),
            remark=word("check_on_site", self.lang),
            verdict="not_met" if judged else "no_target",
        )

    def _title(self, measure: Measure) -> str:
        return measure_title(measure.id, self.report.standard).get(self.lang)

    def _responsibility(self, measure_id: str) -> Responsibility:
        return self.report.responsibilities.get(measure_id, Responsibility())

    def _remark(self, measure: Measure, note: Text | None) -> str:
        """Say what weakens the figure: an estimated built-up area, unverified figures."""
        built_up = self.report.area.built_up
        estimated = built_up.is_proxy and measure.basis.en.endswith(built_up.basis.en)
        remarks = (
            word("built_up_estimated", self.lang) if estimated else "",
            "" if measure.definition_verified else word("figure_unverified", self.lang),
            "" if note is None else note.get(self.lang),
        )
        return join(remarks, self.lang)


def _built_up_km2(report: Report) -> dict[str, float]:
    """Return the built-up area of each unit."""
    units = report.area.units
    parts = shapely.intersection(units.geometry.to_numpy(), report.area.built_up.geometry)
    return dict(zip(map(str, units["unit"]), (shapely.area(parts) / 1e6).tolist(), strict=True))


def _standard(measure: Measure | None, lang: Language) -> str:
    target = None if measure is None else measure.target
    return "" if target is None else target_words(target, lang)


def _whereabouts(place: Place, street: str, lang: Language) -> str:
    """Say where a place is: by its own name, and by the street it lies at."""
    own = place.name if place.name not in {place.unit, place.kind} else ""
    near = word("near", lang).format(street=street) if street and street != own else ""
    if own and near:
        return word("name_near", lang).format(name=own, near=near)
    return own or near or place.kind


def total(numbers: Sequence[float | None]) -> float | None:
    """Return the sum of what is known, None where nothing is."""
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None
