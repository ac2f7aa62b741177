"""Does everyone find green within 300 m and a park within 500 m?

A clause of the standard is a list of size bands, each with its distance; a home
is served when any band's park is near enough. Touching polygons are one park.

Formula
    network_share = weight of homes whose walk to a park entrance is within the
    band's distance / weight of all homes
    radius_share = weight of homes within the straight distance of the park's
    outline / weight of all homes
    residential_land_share = residential land within the straight distance /
    residential land, both inside the built-up area

Data needed
    parks or green; streets and homes for the first two; residential land for the
    third.

Limits
    Entrances are mapped gates and places where public ways meet the park; where
    neither is known the nearest spot of the outline is used and counted. Homes no
    way reaches count as not served; ``high`` counts them as served. Green in
    schools, compounds and medians does not count unless the public may enter.

Source
    The action plan, part two (three) 2 (2); GB/T 51346-2019; the 2021 urban
    examination indicators for the land share.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import STRtree

from cityplan.model.gaps import demand_areas
from cityplan.model.result import Measure, Result, Role, judge
from cityplan.model.unit_table import unit_table
from cityplan.model.ways import OPEN, open_to_public
from cityplan.spatial.arrays import run_starts
from cityplan.spatial.overlay import near_any, polygon_parts, touching_groups, union
from cityplan.spatial.partition import make_partition
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.model.city import City
    from cityplan.model.layers import Layers
    from cityplan.model.standard import Band, ParkClause, Standard
    from cityplan.spatial.arrays import Bools, Floats, Geometry, Ints, Shapes

CLOSED_LAND = ("institutional", "military", "industrial", "residential")
QUADRANT_SEGMENTS = 32
ALWAYS_PARK = ("park", "nature_reserve", "recreation_ground", "common")


def dissolve_touching(
    polygons: Shapes,
) -> tuple[Shapes, Ints]:
    """Unite polygons that touch; return the united ones and each input's group.

    Groups are numbered by the coordinates of their first polygon.
    """
    if len(polygons) == 0:
        return np.zeros(0, dtype=object), np.zeros(0, dtype=np.int64)
    group = touching_groups(polygons)
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(run_starts(group[order]))
    united = [
        polygons[rows[0]] if len(rows) == 1 else shapely.union_all(polygons[rows])
        for rows in np.split(order, starts[1:])
    ]
    return np.array(united, dtype=object), group


def in_band(area_m2: Floats, band: Band) -> Bools:
    """Return which areas fall in a size band, lower bound included, upper not."""
    return np.asarray((area_m2 >= band.min_m2) & (area_m2 < band.max_m2))


@dataclass(frozen=True)
class _Greens:
    """Parks and green of the city, touching ones united."""

    city: City

    @cached_property
    def park(self) -> gpd.GeoDataFrame:
        return _united(_public(self.city.layers, "parks", self.city.standard))

    @cached_property
    def green(self) -> gpd.GeoDataFrame:
        both = pd.concat(
            [_public(self.city.layers, name, self.city.standard) for name in ("parks", "green")],
            ignore_index=True,
        )
        return _united(both)

    def of(self, band: Band) -> gpd.GeoDataFrame:
        """Return the parks or greens of a band's layer and size."""
        frame = self.park if band.layer == "park" else self.green
        return frame[in_band(shapely.area(frame.geometry.to_numpy()), band)].reset_index(drop=True)


def _public(layers: Layers, name: str, standard: Standard) -> gpd.GeoDataFrame:
    """Return the layer without what the public may not enter, and without medians."""
    frame = layers[name]
    if len(frame) == 0:
        return frame
    geometry, access = frame.geometry.to_numpy(), frame["access"]
    sure = frame["kind"].isin(ALWAYS_PARK).to_numpy() | access.isin(OPEN).to_numpy()
    land = layers["land_use"]
    closed = land.geometry.to_numpy()[land["use"].isin(CLOSED_LAND).to_numpy()]
    enclosed = np.zeros(len(frame), dtype=bool)
    centres = shapely.point_on_surface(geometry)
    enclosed[STRtree(closed).query(centres, predicate="intersects")[0]] = True
    mean_width_m = 2 * shapely.area(geometry) / shapely.length(geometry)
    strip = mean_width_m < standard.number("green.min_width_m")
    keep = open_to_public(access) & (sure | (~enclosed & ~strip))
    return frame[keep].reset_index(drop=True)


def _united(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shapes, group = dissolve_touching(frame.geometry.to_numpy())
    if len(shapes) == 0:
        return frame.assign(fenced=False)[["name", "kind", "fenced", "geometry"]]
    fenced = frame["fenced"].fillna(value=False).astype(bool) if "fenced" in frame else False
    rows = pd.DataFrame({"group": group, "fenced": fenced})
    first = frame.assign(group=group).sort_values(["name", "id"]).groupby("group")
    return gpd.GeoDataFrame(
        {
            "name": first["name"].first().to_numpy(),
            "kind": first["kind"].first().to_numpy(),
            "fenced": rows.groupby("group")["fenced"].all().to_numpy(),
        },
        geometry=shapes,
        crs=frame.crs,
    )


@dataclass(frozen=True)
class _Clause:
    """One clause measured on one city."""

    city: City
    clause: ParkClause
    greens: _Greens

    @cached_property
    def qualifying(self) -> list[tuple[Band, gpd.GeoDataFrame]]:
        return [(band, self.greens.of(band)) for band in self.clause.bands]

    @cached_property
    def count(self) -> int:
        return sum(len(frame) for _, frame in self.qualifying)

    @cached_property
    def by_network(self) -> tuple[Bools, int]:
        """Homes served on foot, and how many parks had no known entrance."""
        served = np.zeros(len(self.city.demand), dtype=bool)
        assumed = 0
        for band, frame in self.qualifying:
            access = self.city.access_to(frame)
            assumed += int(access.assumed.sum())
            snap = self.city.snap_access(access)
            cost = self.city.walk.cost_to_nearest(
                self.city.demand_snap, {"park": snap}, cutoff_m=band.distance_m
            )["park"].cost_m
            served |= cost <= band.distance_m
        return served, assumed

    @cached_property
    def by_radius(self) -> Bools:
        served = np.zeros(len(self.city.demand), dtype=bool)
        for band, frame in self.qualifying:
            served |= near_any(self.city.demand.points, frame.geometry.to_numpy(), band.distance_m)
        return served

    def covered(self, land: Geometry) -> Shapes:
        """Return the land within the straight distance of a qualifying park."""
        around = []
        for band, frame in self.qualifying:
            polygons = frame.geometry.to_numpy()
            near = polygons[shapely.dwithin(polygons, land, band.distance_m)]
            around.append(shapely.buffer(near, band.distance_m, quad_segs=QUADRANT_SEGMENTS))
        reach = union(np.concatenate(around), tile_m=2_000)
        return polygon_parts(make_partition([reach]).cut(shapely.get_parts(land))[0])


TITLE = Text(en="Parks and green within reach", zh="公园绿地覆盖")


@dataclass(frozen=True)
class ParkCoverage:
    """Analyzer ``park_coverage``."""

    name: str = "park_coverage"
    title: Text = TITLE
    rank: int = 50
    needs: tuple[frozenset[str], ...] = (
        frozenset({"parks", "green"}),
        frozenset({"ways"}),
        frozenset({"demand"}),
    )

    def measure_ids(self, standard: Standard) -> tuple[str, ...]:
        """Return the ids of all measures, in order."""
        kinds = ("network_share", "radius_share", "residential_land_share")
        return tuple(f"park_coverage.{c}.{kind}" for c in standard.park_clauses for kind in kinds)

    def run(self, city: City, standard: Standard) -> Result:
        """Measure the city and its units."""
        greens, land = _Greens(city), city.residential_land
        measures: list[Measure] = []
        columns: dict[str, Floats] = {}
        clauses = [_Clause(city, c, greens) for c in standard.park_clauses.values()]
        for clause in clauses:
            for measure, by_unit in (
                _network(clause, standard),
                _radius(clause, standard),
                _land(clause, standard, land),
            ):
                measures.append(measure)
                columns[measure.id] = by_unit
        lost = city.lost_homes[1]
        return Result(
            analyzer=self.name,
            title=self.title,
            measures=tuple(measures),
            units=unit_table(city.area, columns),
            shapes=_shapes(city, clauses),
            notes=(lost,) if lost is not None else (),
        )


def _measure_id(clause: _Clause, kind: str) -> str:
    return f"park_coverage.{clause.clause.id}.{kind}"


def _sizes(clause: _Clause) -> Text:
    def words(band: Band) -> tuple[str, str]:
        top = f"-{band.max_m2:g}" if np.isfinite(band.max_m2) else "+"
        size = f"{band.min_m2:g}{top}"
        return f"{size} m² within {band.distance_m:g} m", f"{size}平方米{band.distance_m:g}米"

    pairs = [words(band) for band in clause.clause.bands]
    return Text(
        en=f"{'; '.join(p[0] for p in pairs)}; {clause.count} qualify.",
        zh=f"{'；'.join(p[1] for p in pairs)}；符合条件{clause.count}处。",
    )


def _network(clause: _Clause, standard: Standard) -> tuple[Measure, Floats]:
    city, (served, assumed) = clause.city, clause.by_network
    everyone = np.ones(len(served), dtype=bool)
    value = city.demand.share(served)
    basis = Text(
        en=f"Walk to an entrance, {assumed} of the parks without a known one.",
        zh=f"步行至出入口的网络距离，其中{assumed}处出入口未知、按最近边界计。",
    )
    measure = judge(
        _measure_id(clause, "network_share"),
        value,
        "share",
        standard=standard,
        low=value,
        high=None if value is None else min(1.0, value + city.lost_homes[0]),
        basis=basis + city.walk_basis + _sizes(clause) + city.demand.basis,
        definition_verified=clause.clause.verified,
        by_group=city.demand.mean_by_group(served),
        note=city.edge_note(served, max(band.distance_m for band in clause.clause.bands)),
    )
    return measure, city.demand.share_by_unit(served, everyone, len(city.area.units))


def _radius(clause: _Clause, standard: Standard) -> tuple[Measure, Floats]:
    city = clause.city
    everyone = np.ones(len(city.demand), dtype=bool)
    measure = judge(
        _measure_id(clause, "radius_share"),
        city.demand.share(clause.by_radius),
        "share",
        standard=standard,
        basis=Text(en="Straight line from the outline.", zh="自边界起的直线服务半径。")
        + _sizes(clause)
        + city.demand.basis,
        definition_verified=clause.clause.verified,
        by_group=city.demand.mean_by_group(clause.by_radius),
    )
    return measure, city.demand.share_by_unit(clause.by_radius, everyone, len(city.area.units))


def _land(clause: _Clause, standard: Standard, land: Geometry) -> tuple[Measure, Floats]:
    city, units = clause.city, len(clause.city.area.units)
    on_land = city.demand.share(city.demand.on_land) or 0.0
    few = on_land < standard.number("demand.on_land_min_share")
    value, by_unit = None, np.full(units + 1, np.nan)
    note = Text(
        en="No residential land inside the built-up area is recorded.",
        zh="建成区内无居住用地数据。",
    )
    if land.area > 0:
        parts = city.unit_parts
        whole = parts.areas(polygon_parts(np.array([land])))
        covered = parts.areas(clause.covered(land))
        value = float(covered.sum() / whole.sum())
        some = whole >= 1.0
        by_unit = np.divide(covered, whole, out=by_unit, where=some)
        note = Text(
            en=f"{on_land:.1%} of demand lies on recorded residential land.",
            zh=f"{on_land:.1%}的居住需求位于已记录的居住用地上。",
        )
    measure = judge(
        _measure_id(clause, "residential_land_share"),
        value,
        "share",
        standard=standard,
        basis=Text(
            en=f"Residential land in the built-up area ({land.area / 1e6:.2f} km²), straight line.",
            zh=f"建成区内居住用地（{land.area / 1e6:.2f}平方公里），直线服务半径。",
        )
        + _sizes(clause)
        + city.area.built_up.basis,
        note=note,
        definition_verified=clause.clause.verified,
        uncertain=few,
    )
    return measure, by_unit


def _shapes(city: City, clauses: list[_Clause]) -> dict[Role, gpd.GeoDataFrame]:
    gaps = [demand_areas(city, ~c.by_network[0], kind=c.clause.id) for c in clauses]
    parks = [
        frame.assign(kind=clause.clause.id)[["name", "kind", "geometry"]]
        for clause in clauses
        for _, frame in clause.qualifying
    ]
    everywhere = np.ones(len(city.demand), dtype=bool)
    for clause in clauses:
        everywhere &= clause.by_network[0]
    return {
        "gap": pd.concat(gaps, ignore_index=True),
        "served": demand_areas(city, everywhere, kind="all_clauses"),
        "facility": pd.concat(parks, ignore_index=True),
    }


ANALYZER = ParkCoverage()
