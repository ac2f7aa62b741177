"""Is what the plan asks for there, and how much of the city lies within its distance?

One analyzer for every ``[[service]]`` of the standard: wet markets, shops, car
parks, bus stops, greenways, hydrants and whatever else a profile adds.

Formula
    count = records inside the boundary; touching lines are one
    share = homes, residential land or built-up area within the distance / all of it

Data needed
    facilities or greenways; for shares also homes, residential land, and for walks streets.

Limits
    Without a distance in a source a service is only counted. A service without
    any record is "not found in the data", never "does not exist". Straight
    lines ignore rivers and railways. Greenways, special markets and the like are
    proxies where they come from OpenStreetMap; hydrants and duty points are
    hardly ever mapped.

Source
    The action plan names the services; distances as each row of the standard says.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from shapely import STRtree

from cityplan.model.gaps import demand_areas
from cityplan.model.result import NOTHING_THERE, Measure, Result, Role, judge
from cityplan.model.unit_table import unit_table
from cityplan.spatial.overlay import (
    near_any,
    polygon_parts,
    polygons_only,
    region_of,
    touching_groups,
    union,
)
from cityplan.text import Text

if TYPE_CHECKING:
    import geopandas as gpd

    from cityplan.model.area import StudyArea
    from cityplan.model.city import City
    from cityplan.model.standard import Service, Standard
    from cityplan.spatial.arrays import Bools, Floats, Geometry, Ints, Shapes
    from cityplan.spatial.partition import Partition

QUADRANT_SEGMENTS = 32
LEAST_M2 = 1.0
LINE, OUTSIDE, NO_UNIT = 1, -2, -1


def place_records(records: Shapes, area: StudyArea) -> Ints:
    """Return the unit of each record: -1 in no unit, -2 outside the boundary.

    Touching lines are one record, in the unit that holds most of their length;
    anything else lies where its centre does.
    """
    units = area.units.geometry.to_numpy()
    if len(records) == 0 or not (shapely.get_dimensions(records) == LINE).all():
        centres = shapely.centroid(records)
        inside = shapely.intersects(area.boundary, centres)
        return np.where(inside, region_of(centres, units), OUTSIDE)
    group = touching_groups(records)
    inside_m = shapely.length(shapely.intersection(records, area.boundary))
    inside = np.bincount(group, inside_m) > 0
    line, unit = STRtree(units).query(records, predicate="intersects")
    length_m = np.zeros((len(inside), len(units)))
    pieces = shapely.length(shapely.intersection(records[line], units[unit]))
    np.add.at(length_m, (group[line], unit), pieces)
    most = np.where(length_m.max(axis=1) > 0, length_m.argmax(axis=1), NO_UNIT)
    return np.where(inside, most, OUTSIDE)


@dataclass(frozen=True)
class _Answer:
    """One service of one city."""

    city: City
    service: Service

    @cached_property
    def records(self) -> gpd.GeoDataFrame:
        if self.service.layer is not None:
            return self.city.layers[self.service.layer]
        facilities = self.city.layers["facilities"]
        rows = (facilities["category"] == self.service.category).to_numpy()
        return facilities[rows].reset_index(drop=True)

    @cached_property
    def shapes(self) -> Shapes:
        return np.asarray(self.records.geometry.to_numpy(), dtype=object)

    @property
    def distance_m(self) -> float:
        return self.service.distance_m or 0.0

    @cached_property
    def near(self) -> Bools:
        """Which homes lie within the distance."""
        demand = self.city.demand
        if self.service.method == "radius":
            return near_any(demand.points, self.shapes, self.distance_m)
        snap = self.city.snap_access(self.city.access_to(self.records))
        cost = self.city.walk.cost_to_nearest(
            self.city.demand_snap, {"service": snap}, cutoff_m=self.distance_m
        )
        return np.asarray(cost["service"].cost_m <= self.distance_m)

    @cached_property
    def land(self) -> Geometry:
        if self.service.denominator == "built_up_area":
            return self.city.area.built_up.geometry
        return self.city.residential_land

    @cached_property
    def covered(self) -> Geometry:
        """The land within a straight line of the distance."""
        near = self.shapes[shapely.dwithin(self.shapes, self.land, self.distance_m)]
        around = shapely.buffer(near, self.distance_m, quad_segs=QUADRANT_SEGMENTS)
        return polygons_only(shapely.intersection(union(around, tile_m=2_000), self.land))

    @property
    def absent(self) -> Text | None:
        if len(self.records):
            return None
        title = self.service.title
        return Text(
            en=f"Not found in the data: {title.en}.", zh=f"数据中未检出：{title.zh}。"
        )  # fmt: skip


TITLE = Text(en="Services within reach", zh="服务设施覆盖")


@dataclass(frozen=True)
class ServiceCoverage:
    """Analyzer ``service_coverage``."""

    name: str = "service_coverage"
    title: Text = TITLE
    rank: int = 60
    needs: tuple[frozenset[str], ...] = (frozenset({"facilities", "greenways"}),)

    def measure_ids(self, standard: Standard) -> tuple[str, ...]:
        """Return the ids of all measures, in order."""
        return tuple(
            f"service_coverage.{service.id}.{kind}"
            for service in standard.services.values()
            for kind in (("count",) if service.distance_m is None else ("share", "count"))
        )

    def run(self, city: City, standard: Standard) -> Result:
        """Measure the city and its units."""
        answers = [_Answer(city, service) for service in standard.services.values()]
        rows: list[tuple[Measure, Floats]] = []
        for answer in answers:
            if answer.service.distance_m is not None:
                of_homes = answer.service.denominator == "homes"
                rows.append(
                    _of_homes(answer, standard)
                    if of_homes
                    else _of_land(answer, standard, city.unit_parts)
                )
            rows.append(_count(answer, standard))
        lost = city.lost_homes[1] if city.layers.has("streets") and len(city.demand) else None
        return Result(
            analyzer=self.name,
            title=self.title,
            measures=tuple(measure for measure, _ in rows),
            units=unit_table(city.area, {measure.id: by_unit for measure, by_unit in rows}),
            shapes=_shapes(city, answers),
            notes=(lost,) if lost is not None else (),
        )


def _unknown(answer: _Answer) -> Floats:
    return np.full(len(answer.city.area.units) + 1, np.nan)


def _count(answer: _Answer, standard: Standard) -> tuple[Measure, Floats]:
    units = len(answer.city.area.units)
    unit = place_records(answer.shapes, answer.city.area)
    slot = np.where(unit == NO_UNIT, units, unit)[unit != OUTSIDE]
    by_unit = np.bincount(slot, minlength=units + 1).astype(float)
    measure = judge(
        f"service_coverage.{answer.service.id}.count",
        None if answer.absent else float(by_unit.sum()),
        "count",
        standard=standard,
        basis=Text(
            en=f"{len(answer.records)} records in the data, those inside the boundary counted.",
            zh=f"数据中共{len(answer.records)}条记录，统计边界以内的数量。",
        ),
        note=answer.absent,
        uncertain=answer.absent is not None,
    )
    return measure, _unknown(answer) if answer.absent else by_unit


def _of_homes(answer: _Answer, standard: Standard) -> tuple[Measure, Floats]:
    city, network = answer.city, answer.service.method == "network"
    note = answer.absent
    if note is None and len(city.demand) == 0:
        note = Text(en="No homes are known.", zh="无住宅数据。")
    if note is None and network and not city.holds("ways"):
        note = Text(en="The data hold no public ways to walk on.", zh="数据中没有公共步行道路。")
    basis = _basis(answer) + (city.walk_basis if network else Text(en="", zh=""))
    key = f"service_coverage.{answer.service.id}.share"
    verified = answer.service.verified
    if note is not None:
        measure = judge(
            key, None, "share", standard=standard, basis=basis, note=note,
            definition_verified=verified, uncertain=True,
        )  # fmt: skip
        return measure, _unknown(answer)
    value = city.demand.share(answer.near)
    lost = city.lost_homes[0] if network else 0.0
    measure = judge(
        key, value, "share", standard=standard, basis=basis + city.demand.basis,
        low=value if network else None,
        high=min(1.0, (value or 0.0) + lost) if network else None,
        note=city.edge_note(answer.near, answer.distance_m) if network else None,
        definition_verified=verified, by_group=city.demand.mean_by_group(answer.near),
    )  # fmt: skip
    everyone = np.ones(len(city.demand), dtype=bool)
    return measure, city.demand.share_by_unit(answer.near, everyone, len(city.area.units))


def _of_land(answer: _Answer, standard: Standard, units: Partition) -> tuple[Measure, Floats]:
    city, note, uncertain = answer.city, answer.absent, answer.absent is not None
    value, by_unit = None, _unknown(answer)
    if note is None and answer.land.area == 0:
        note = NOTHING_THERE
    if note is None:
        whole = units.areas(polygon_parts(np.array([answer.land])))
        part = units.areas(polygon_parts(np.array([answer.covered])))
        value = min(1.0, float(answer.covered.area / answer.land.area))
        by_unit = np.divide(part, whole, out=by_unit, where=whole >= LEAST_M2)
        if answer.service.denominator == "residential_land":
            on_land = city.demand.share(city.demand.on_land) or 0.0
            uncertain = on_land < standard.number("demand.on_land_min_share")
            note = Text(
                en=f"{on_land:.1%} of demand lies on recorded residential land.",
                zh=f"{on_land:.1%}的居住需求位于已记录的居住用地上。",
            )
        elif answer.service.denominator == "built_up_area":
            uncertain = city.area.built_up.is_unknown
    measure = judge(
        f"service_coverage.{answer.service.id}.share", value, "share", standard=standard,
        basis=_basis(answer) + city.area.built_up.basis, note=note,
        definition_verified=answer.service.verified, uncertain=uncertain,
    )  # fmt: skip
    return measure, np.minimum(by_unit, 1.0)


def _basis(answer: _Answer) -> Text:
    service = answer.service
    of = {
        "homes": Text(en="homes", zh="居住"),
        "residential_land": Text(en="residential land in the built-up area", zh="建成区内居住用地"),
        "built_up_area": Text(en="built-up area", zh="建成区"),
    }[service.denominator]
    how = {
        "radius": Text(en="in a straight line of", zh="直线距离"),
        "network": Text(en="on a walk of", zh="步行距离"),
    }[service.method]
    return Text(
        en=f"Share of {of.en} {how.en} {answer.distance_m:g} m from one of "
        f"{len(answer.records)} records.",
        zh=f"{len(answer.records)}条记录{how.zh}{answer.distance_m:g}米内的{of.zh}占比。",
    )


def _shapes(city: City, answers: list[_Answer]) -> dict[Role, gpd.GeoDataFrame]:
    found = [answer for answer in answers if answer.absent is None]
    measured = [answer for answer in found if answer.service.distance_m is not None]
    if not city.holds("ways"):
        measured = [answer for answer in measured if answer.service.method == "radius"]
    everywhere = np.ones(len(city.demand), dtype=bool)
    for answer in measured:
        everywhere &= answer.near
    frames: dict[Role, list[gpd.GeoDataFrame]] = {
        "gap": [demand_areas(city, ~a.near, kind=a.service.id) for a in measured],
        "served": [demand_areas(city, everywhere, kind="all_services")] if measured else [],
        "facility": [
            a.records.assign(kind=a.service.id)[["name", "kind", "geometry"]] for a in found
        ],
    }
    return {role: pd.concat(rows, ignore_index=True) for role, rows in frames.items() if rows}


ANALYZER = ServiceCoverage()
