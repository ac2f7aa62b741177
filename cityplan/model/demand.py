"""Who is served: one layer of weighted points, made once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from shapely import STRtree

from cityplan.model.people import (
    Homes,
    People,
    lives_there,
    people_of_buildings,
    people_of_population,
)
from cityplan.spatial.overlay import region_of
from cityplan.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from cityplan.model.area import StudyArea
    from cityplan.model.layers import Layers
    from cityplan.model.standard import Standard
    from cityplan.spatial.arrays import Bools, Floats, Geometry, Ints, Shapes

NOT_HOMES = ("commercial", "industrial", "institutional", "transport", "military", "leisure",
             "construction", "cemetery", "religious")  # fmt: skip
NOT_TWICE = Text(
    en="People recorded at buildings are not used beside it.", zh="建筑上记录的人口不再另计。"
)
# Facilities that stand in a street or a yard say nothing about the building behind.
NO_BUILDING = ("bus_stop", "parcel_point", "playground", "parking", "recycling", "recycling_point",
               "waste_collection_point", "outdoor_fitness", "fitness_outdoor", "sports_small",
               "sports_medium", "sports_large", "sports_pitch", "park", "public_transport",
               "metro", "hydrant", "charging", "fire_duty_point", "vendor_point", "old_tree",
               "historic_building", "specialised_market")  # fmt: skip


@dataclass(frozen=True)
class Demand:
    """Points where people live, inside the boundary, with their weight.

    Attributes
    ----------
    points
        Point geometries in the study's CRS.
    weight
        People, or dwelling floor area in m2, or ground area in m2: see ``basis``.
    unit
        Row of the reporting unit, -1 outside all of them.
    on_land
        Which points lie on residential land.
    is_people
        Whether weights are people.
    basis
        What the points and weights rest on.
    groups
        Group of people (``elderly`` ...) -> how many of it live at each point.
    """

    points: Shapes
    weight: Floats
    unit: Ints
    on_land: Bools
    is_people: bool
    basis: Text
    groups: Mapping[str, Floats] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.points)

    def share(self, served: Bools, among: Bools | None = None) -> float | None:
        """Return the weighted share served, None where there is nobody."""
        among = np.ones(len(self), dtype=bool) if among is None else among
        total = self.weight[among].sum()
        return float(self.weight[among & served].sum() / total) if total > 0 else None

    def mean_by_group(self, values: Bools | Floats) -> dict[str, float]:
        """Return the mean value (of shares: 0 or 1) for each group anybody belongs to."""
        return {
            name: float((count * values).sum() / count.sum())
            for name, count in self.groups.items()
            if count.sum() > 0
        }

    def share_by_unit(self, served: Bools, among: Bools, units: int) -> Floats:
        """Return the weighted share served in each unit, then outside all; NaN for nobody."""
        slot = np.where(self.unit < 0, units, self.unit)
        whole = np.bincount(slot[among], self.weight[among], minlength=units + 1)
        part = np.bincount(slot[among & served], self.weight[among & served], minlength=units + 1)
        return np.divide(part, whole, out=np.full(units + 1, np.nan), where=whole > 0)


def make_demand(layers: Layers, area: StudyArea, standard: Standard) -> Demand:
    """Make the demand points from buildings, residential land and population."""
    shapely.prepare(area.boundary)
    buildings = _homes(layers, standard)
    if not layers.has("population"):  # whose people the homes beyond the boundary share
        centres = shapely.centroid(buildings.geometry.to_numpy())
        buildings = buildings[shapely.intersects(area.boundary, centres)].reset_index(drop=True)
    floors = _floor_area(buildings, area)
    lots, lot_weight = _empty_residential_land(layers, area, standard)
    homes = Homes(
        points=np.concatenate([shapely.centroid(buildings.geometry.to_numpy()), lots]),
        weight=np.concatenate([floors.weight, lot_weight]),
        footprints=np.append(buildings.geometry.to_numpy(), np.full(len(lots), None)),
    )
    people = _people(layers, buildings, floors.weight, homes, standard)
    points, weight, basis = homes.points, homes.weight, floors.basis
    if people is not None:
        points = np.concatenate([points, people.extra])
        weight, basis = people.count, people.basis
    inside = shapely.intersects(area.boundary, points) & (weight > 0)
    empty = int(inside[len(buildings) : len(homes.points)].sum())
    if empty:
        basis += Text(
            en=f"{empty} grid points stand for residential land without buildings, weighted by "
            "its area.",
            zh=f"另有{empty}个格点代表无建筑的居住用地，按用地面积加权。",
        )
    rows = np.flatnonzero(inside)
    rows = rows[np.lexsort((shapely.get_y(points[rows]), shapely.get_x(points[rows])))]
    points = points[rows]
    return Demand(
        points=points,
        weight=weight[rows],
        unit=region_of(points, area.units.geometry.to_numpy()),
        on_land=region_of(points, layers["residential_land"].geometry.to_numpy()) >= 0,
        is_people=people is not None,
        basis=basis,
        groups={name: counts[rows] for name, counts in people.groups.items()} if people else {},
    )


def _people(
    layers: Layers,
    buildings: gpd.GeoDataFrame,
    floor_m2: Floats,
    homes: Homes,
    standard: Standard,
) -> People | None:
    """Return people where population is known, else None."""
    if layers.has("population"):
        people = people_of_population(
            layers["population"], homes, point_reach_m=standard.number("demand.people_reach_m")
        )
        both = bool(buildings["people"].notna().any())
        return replace(people, basis=people.basis + NOT_TWICE) if both else people
    return people_of_buildings(buildings, floor_m2, len(homes.points) - len(buildings))


@dataclass(frozen=True)
class _Floors:
    weight: Floats
    basis: Text


def _homes(layers: Layers, standard: Standard) -> gpd.GeoDataFrame:
    """Return the buildings people live in."""
    buildings = layers["buildings"]
    use = buildings["use"].to_numpy(dtype=object)
    unknown = (use == "unknown") & (
        buildings.area.to_numpy() >= standard.number("demand.building_min_m2")
    )
    rows = np.flatnonzero(unknown)
    if len(rows):
        footprints = buildings.geometry.to_numpy()[rows]
        unknown[rows] = ~_holds_facility(footprints, layers) & ~_on_other_land(footprints, layers)
    return buildings[(use == "residential") | unknown | lives_there(buildings)].reset_index(
        drop=True
    )


def _holds_facility(footprints: Shapes, layers: Layers) -> Bools:
    facilities = layers["facilities"]
    places = facilities.geometry.to_numpy()[~facilities["category"].isin(NO_BUILDING).to_numpy()]
    held = np.zeros(len(footprints), dtype=bool)
    held[STRtree(footprints).query(shapely.centroid(places), predicate="intersects")[1]] = True
    return held


def _on_other_land(footprints: Shapes, layers: Layers) -> Bools:
    land = layers["land_use"]
    other = land.geometry.to_numpy()[land["use"].isin(NOT_HOMES).to_numpy()]
    return region_of(shapely.centroid(footprints), other) >= 0


def _floor_area(homes: gpd.GeoDataFrame, area: StudyArea) -> _Floors:
    """Footprint times storeys; unknown storeys: the median of the type in the unit."""
    footprint: Floats = shapely.area(homes.geometry.to_numpy())
    recorded = homes["levels"].where(homes["levels"] > 0)
    known = int(recorded.notna().sum())
    if known == 0:
        return _Floors(
            footprint,
            Text(
                en=f"{len(homes)} residential buildings weighted by footprint; no storeys are recorded.",
                zh=f"{len(homes)}栋居住建筑，按占地面积加权；数据未记录层数。",
            ),
        )
    unit = region_of(shapely.centroid(homes.geometry.to_numpy()), area.units.geometry.to_numpy())
    kind = homes["building"].fillna("")
    levels = recorded
    for keys in ([pd.Series(unit), kind], [kind], None):
        typical = recorded.median() if keys is None else recorded.groupby(keys).transform("median")
        levels = levels.fillna(typical)
    return _Floors(
        footprint * levels.to_numpy(),
        Text(
            en=f"{len(homes)} residential buildings weighted by floor area; storeys are recorded for "
            f"{known / max(len(homes), 1):.0%}, the others take the median of their type and unit.",
            zh=f"{len(homes)}栋居住建筑，按建筑面积加权；{known / max(len(homes), 1):.0%}有层数记录，"
            "其余取所在单元同类建筑的中位数。",
        ),
    )


def _empty_residential_land(
    layers: Layers, area: StudyArea, standard: Standard
) -> tuple[Shapes, Floats]:
    """Return grid points on residential land away from any building, weighing their land."""
    land = layers["residential_land"].geometry.to_numpy()
    land = land[shapely.intersects(area.boundary, land)]
    step = standard.number("demand.grid_m")
    buildings = STRtree(layers["buildings"].geometry.to_numpy())
    plots = [_grid_points(polygon, step) for polygon in land]
    points = np.concatenate([np.zeros(0, dtype=object), *plots])
    near = buildings.query(
        points, predicate="dwithin", distance=standard.number("demand.near_building_m")
    )[0]
    empty = np.ones(len(points), dtype=bool)
    empty[near] = False
    plot_of = np.repeat(np.arange(len(land)), [len(plot) for plot in plots])
    per_point = shapely.area(land) / np.maximum(np.bincount(plot_of, minlength=len(land)), 1)
    return points[empty], per_point[plot_of][empty]


def _grid_points(polygon: Geometry, step: float) -> Shapes:
    """Return points on a grid laid from the polygon's corner; at least one point."""
    west, south, east, north = polygon.bounds
    x, y = np.meshgrid(
        np.arange(west + step / 2, east, step), np.arange(south + step / 2, north, step)
    )
    points = shapely.points(x.ravel(), y.ravel())
    shapely.prepare(polygon)
    inside = points[shapely.intersects(polygon, points)]
    return inside if len(inside) else np.array([polygon.representative_point()], dtype=object)
