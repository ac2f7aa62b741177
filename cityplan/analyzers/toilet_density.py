"""Are there enough public toilets, near enough, and enough places for women?

Formula
    per_km2 = toilets in the built-up area / its area
    missing = whole toilets short of the floor
    area_coverage = built-up area within the radius of a toilet / built-up area
    ratio = women's places / men's places, pooled over crowded places

Data needed
    toilets.

Limits
    Toilets closed to the public are left out, fee-paying ones count. Records
    within 20 m of each other, or a men's and a women's record within twice that,
    are one toilet. Places that nobody recorded are unknown, not zero; men's
    places include urinals. The radius is a straight line.

Source
    The action plan, part two (two) 2 (3); GB 55013-2021 (radius); CJJ 14-2016
    (places).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from cityplan.model.gaps import demand_areas
from cityplan.model.result import Measure, Result, Role, judge
from cityplan.model.toilets import merge_records
from cityplan.model.unit_table import unit_table
from cityplan.model.ways import open_to_public
from cityplan.spatial.overlay import (
    near_any,
    polygon_parts,
    polygons_only,
    region_of,
    union,
)
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.model.city import City
    from cityplan.model.standard import Standard
    from cityplan.spatial.arrays import Bools, Floats, Geometry, Shapes

CROWDED_CATEGORIES = (
    "crowded_place", "metro", "rail_station", "market", "mall", "bus_terminal",
)  # fmt: skip
QUADRANT_SEGMENTS = 32
SQUARE_METRE_KM2 = 1e-6


def short_of_floor(count: float, area_km2: float, floor_per_km2: float) -> int:
    """Return how many whole toilets bring ``area_km2`` up to the floor."""
    return max(0, math.ceil(floor_per_km2 * area_km2 - 1e-9) - round(count))


@dataclass(frozen=True)
class _Answer:
    city: City
    standard: Standard

    @cached_property
    def open_records(self) -> gpd.GeoDataFrame:
        frame = self.city.layers["toilets"]
        return frame[open_to_public(frame["access"])].reset_index(drop=True)

    @cached_property
    def toilets(self) -> gpd.GeoDataFrame:
        """All public toilets of the data, also beyond the boundary."""
        merged = merge_records(self.open_records, merge_m=self.standard.number("toilets.merge_m"))
        points = merged.geometry.to_numpy()
        area = self.city.area
        merged["in_built_up"] = shapely.intersects(area.built_up.geometry, points)
        merged["in_boundary"] = shapely.intersects(area.boundary, points)
        merged["unit"] = region_of(points, area.units.geometry.to_numpy())
        merged["crowded"] = merged["crowded"] | self._near_crowd(points)
        return merged

    def _near_crowd(self, points: Shapes) -> Bools:
        layers = self.city.layers
        facilities, parks = layers["facilities"], layers["parks"]
        places = facilities.geometry.to_numpy()[
            facilities["category"].isin(CROWDED_CATEGORIES).to_numpy()
        ]
        large = parks.area.to_numpy() >= self.standard.number("toilets.crowded_park_m2")
        crowd = np.concatenate([places, parks.geometry.to_numpy()[large]])
        return near_any(points, crowd, self.standard.number("toilets.crowded_m"))

    @cached_property
    def counted(self) -> gpd.GeoDataFrame:
        return self.toilets[self.toilets["in_built_up"]]

    def per_slot(self, rows: Bools) -> Floats:
        """Count toilets per unit and, last, outside all units."""
        units = len(self.city.area.units)
        unit = self.toilets["unit"].to_numpy()[rows]
        slot = np.where(unit < 0, units, unit)
        return np.bincount(slot, minlength=units + 1).astype(float)

    @cached_property
    def reach(self) -> Geometry:
        """Everything within the radius of a toilet."""
        radius = self.standard.number("toilets.radius_m")
        circles = shapely.buffer(
            self.toilets.geometry.to_numpy(), radius, quad_segs=QUADRANT_SEGMENTS
        )
        return union(circles, tile_m=2_000)

    @cached_property
    def near_home(self) -> Bools:
        radius = self.standard.number("toilets.radius_m")
        return near_any(self.city.demand.points, self.toilets.geometry.to_numpy(), radius)


TITLE = Text(en="Public toilets", zh="公共厕所")


@dataclass(frozen=True)
class ToiletDensity:
    """Analyzer ``toilet_density``."""

    name: str = "toilet_density"
    title: Text = TITLE
    rank: int = 30
    needs: tuple[frozenset[str], ...] = (frozenset({"toilets"}),)

    def measure_ids(self, standard: Standard) -> tuple[str, ...]:  # noqa: ARG002
        """Return the ids of all measures, in order."""
        names = (
            "per_km2", "count", "count_outside", "missing", "area_coverage_share",
            "demand_coverage_share", "female_male_ratio_crowded", "places_known_share",
        )  # fmt: skip
        return tuple(f"toilet_density.{name}" for name in names)

    def run(self, city: City, standard: Standard) -> Result:
        """Measure the city and its units."""
        answer = _Answer(city, standard)
        rows = [
            *_density(answer), _missing(answer), *_coverage(answer), _ratio(answer),
            _places_known(answer),
        ]  # fmt: skip
        by_id = {measure.id: (measure, by_unit) for measure, by_unit in rows}
        order = self.measure_ids(standard)
        return Result(
            analyzer=self.name,
            title=self.title,
            measures=tuple(by_id[key][0] for key in order),
            units=unit_table(city.area, {key: by_id[key][1] for key in order}),
            shapes=_shapes(answer),
            notes=_notes(answer),
        )


_Row = tuple[Measure, "Floats"]


def _density(answer: _Answer) -> list[_Row]:
    city, standard = answer.city, answer.standard
    inside = answer.toilets["in_built_up"].to_numpy()
    outside = answer.toilets["in_boundary"].to_numpy() & ~inside
    count, area = int(inside.sum()), city.area.built_up
    by_unit = answer.per_slot(inside)
    large = answer.city.built_up_km2 >= standard.number("toilets.unit_min_km2")
    density = np.divide(
        by_unit, answer.city.built_up_km2, out=np.full(len(large), np.nan), where=large
    )
    densities = [count / area.km2 if area.km2 > 0 else None]
    for shape in area.alternatives.values():
        points = answer.toilets.geometry.to_numpy()
        densities.append(int(shapely.intersects(shape, points).sum()) / (shape.area / 1e6))
    target = standard.target("toilet_density.per_km2")
    note = None
    if target is not None and target.high is not None and (densities[0] or 0) > target.high:
        note = Text(
            en=f"More than the band's upper end of {target.high:g}.",
            zh=f"高于区间上限{target.high:g}座。",
        )
    known = [value for value in densities if value is not None]
    per_km2 = judge(
        "toilet_density.per_km2",
        densities[0],
        "1/km2",
        standard=standard,
        basis=_count_basis(answer) + area.basis,
        low=min(known) if area.alternatives else None,
        high=max(known) if area.alternatives else None,
        note=note,
        uncertain=area.is_unknown,
    )
    counted = judge(
        "toilet_density.count", count, "count", standard=standard,
        basis=_count_basis(answer) + area.basis,
    )  # fmt: skip
    beyond = judge(
        "toilet_density.count_outside", int(outside.sum()), "count", standard=standard,
        basis=Text(en="Inside the boundary, outside the built-up area.", zh="边界内、建成区外。"),
    )  # fmt: skip
    return [(per_km2, density), (counted, by_unit), (beyond, answer.per_slot(outside))]


def _count_basis(answer: _Answer) -> Text:
    records, closed = len(answer.open_records), len(answer.city.layers["toilets"])
    return Text(
        en=f"{closed} records in the data, {closed - records} closed to the public, the others are "
        f"{len(answer.toilets)} toilets.",
        zh=f"数据中{closed}条记录，{closed - records}条不对公众开放，其余合并为{len(answer.toilets)}座。",
    )


def _missing(answer: _Answer) -> _Row:
    target = answer.standard.target("toilet_density.per_km2")
    slots = len(answer.city.built_up_km2)
    if target is None:
        measure = judge(
            "toilet_density.missing", None, "count", standard=answer.standard,
            basis=_count_basis(answer),
            note=Text(en="The standard sets no density.", zh="标准未规定密度。"),
        )  # fmt: skip
        return measure, np.full(slots, np.nan)
    count = answer.per_slot(answer.toilets["in_built_up"].to_numpy())
    by_unit = np.array(
        [
            short_of_floor(have, km2, target.floor)
            if km2 >= answer.standard.number("toilets.unit_min_km2")
            else np.nan
            for have, km2 in zip(count, answer.city.built_up_km2, strict=True)
        ]
    )
    city = short_of_floor(count.sum(), answer.city.area.built_up.km2, target.floor)
    total = int(np.nansum(by_unit[:-1]))
    measure = judge(
        "toilet_density.missing", city, "count", standard=answer.standard,
        basis=Text(
            en=f"Whole toilets to reach {target.floor:g} per km² in the city as a whole.",
            zh=f"全市达到每平方公里{target.floor:g}座所缺整座数。",
        ),
        note=Text(
            en=f"Summed over units that fall short on their own: {total}.",
            zh=f"各单元分别计算缺口合计：{total}座。",
        ),
    )  # fmt: skip
    return measure, by_unit


def _coverage(answer: _Answer) -> list[_Row]:
    city, standard, area = answer.city, answer.standard, answer.city.area
    radius = standard.number("toilets.radius_m")
    verified = standard.setting("toilets.radius_m").verified
    basis = Text(
        en=f"Straight line of {radius:g} m from any public toilet of the data.",
        zh=f"距任一公共厕所直线{radius:g}米。",
    )
    parts = city.built_up_parts.areas(polygon_parts(np.array([answer.reach]))) / 1e6
    km2 = float(parts.sum())
    share = np.divide(
        parts,
        answer.city.built_up_km2,
        out=np.full(len(parts), np.nan),
        where=answer.city.built_up_km2 > SQUARE_METRE_KM2,
    )
    by_area = judge(
        "toilet_density.area_coverage_share",
        km2 / area.built_up.km2 if area.built_up.km2 > 0 else None,
        "share", standard=standard, basis=basis + area.built_up.basis, definition_verified=verified,
    )  # fmt: skip
    everyone = np.ones(len(city.demand), dtype=bool)
    nobody = Text(en="No homes are known.", zh="无住宅数据。") if len(city.demand) == 0 else None
    by_home = judge(
        "toilet_density.demand_coverage_share", city.demand.share(answer.near_home), "share",
        standard=standard, basis=basis + city.demand.basis, definition_verified=verified,
        note=nobody, by_group=city.demand.mean_by_group(answer.near_home),
    )  # fmt: skip
    homes = city.demand.share_by_unit(answer.near_home, everyone, len(area.units))
    return [(by_area, share), (by_home, homes)]


def _known(frame: gpd.GeoDataFrame) -> Bools:
    return (frame["female_places"].notna() & frame["male_places"].notna()).to_numpy()


def _ratio(answer: _Answer) -> _Row:
    crowded = answer.counted[answer.counted["crowded"]]
    known = crowded[_known(crowded)]
    units = len(answer.city.area.units)
    slot = np.where(known["unit"] < 0, units, known["unit"])
    women = np.bincount(slot, known["female_places"], minlength=units + 1)
    men = np.bincount(slot, known["male_places"], minlength=units + 1)
    by_unit = np.divide(women, men, out=np.full(units + 1, np.nan), where=men > 0)
    unknown = len(crowded) - len(known)
    general = answer.standard.number("toilets.ratio_general")
    measure = judge(
        "toilet_density.female_male_ratio_crowded",
        float(women.sum() / men.sum()) if men.sum() > 0 else None,
        "ratio",
        standard=answer.standard,
        basis=Text(
            en=f"{len(known)} toilets in crowded places with recorded places.",
            zh=f"人流集中场所中有厕位记录的{len(known)}座公厕。",
        ),
        note=Text(
            en=f"{len(crowded)} toilets are in crowded places, {unknown} without recorded places "
            f"(unknown, not failing). Elsewhere {general:g} is the general reference.",
            zh=f"人流集中场所共{len(crowded)}座，其中{unknown}座无厕位记录（未知，不等于不达标）；"
            f"其他场所一般参考值为{general:g}。",
        ),
    )
    return measure, by_unit


def _places_known(answer: _Answer) -> _Row:
    inside = answer.toilets["in_built_up"].to_numpy()
    count = answer.per_slot(inside)
    known = answer.per_slot(inside & _known(answer.toilets))
    by_unit = np.divide(known, count, out=np.full(len(count), np.nan), where=count > 0)
    measure = judge(
        "toilet_density.places_known_share",
        float(known.sum() / count.sum()) if count.sum() else None,
        "share",
        standard=answer.standard,
        basis=Text(
            en="Toilets in the built-up area whose women's and men's places are both recorded.",
            zh="建成区内男女厕位均有记录的公厕占比。",
        ),
        note=None if count.sum() else Text(en="There is no toilet.", zh="无公厕记录。"),
    )
    return measure, by_unit


def _notes(answer: _Answer) -> tuple[Text, ...]:
    least = answer.standard.number("toilets.unit_min_km2")
    small = int((answer.city.built_up_km2[:-1] < least).sum())
    note = Text(
        en=f"{small} units have too little built-up area for a density: cannot tell.",
        zh=f"{small}个单元建成区面积过小，密度无法判断。",
    )
    return (note,) if small else ()


def _shapes(answer: _Answer) -> dict[Role, gpd.GeoDataFrame]:
    city, area = answer.city, answer.city.area
    kind = np.where(
        answer.toilets["in_built_up"], "counted",
        np.where(answer.toilets["in_boundary"], "outside_built_up", "outside_boundary"),
    )  # fmt: skip
    toilets = answer.toilets.assign(kind=kind).drop(
        columns=["in_built_up", "in_boundary", "unit", "crowded"]
    )
    served = polygons_only(shapely.intersection(answer.reach, area.built_up.geometry))
    return {
        "gap": demand_areas(city, ~answer.near_home, kind="beyond_radius"),
        "served": gpd.GeoDataFrame(
            {"name": [None], "kind": ["within_radius"]}, geometry=[served], crs=area.crs
        ),
        "facility": toilets,
    }


ANALYZER = ToiletDensity()
