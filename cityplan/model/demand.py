"""Who is served: one layer of weighted points, made once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from shapely import STRtree

from cityplan.spatial.overlay import region_of
from cityplan.text import Text

if TYPE_CHECKING:
    import geopandas as gpd

    from cityplan.model.area import StudyArea
    from cityplan.model.layers import Layers
    from cityplan.model.standard import Standard
    from cityplan.spatial.arrays import Bools, Floats, Geometry, Ints, Shapes

NOT_HOMES = ("commercial", "industrial", "institutional", "transport", "military", "leisure",
             "construction", "cemetery", "religious")  # fmt: skip
# Facilities that stand in a street or a yard say nothing about the building behind.
NO_BUILDING = ("bus_stop", "parcel_point", "playground", "parking", "recycling", "recycling_point",
               "waste_collection_point", "outdoor_fitness", "fitness_outdoor", "sports_small",
               "sports_medium", "sports_large", "sports_pitch", "park", "public_transport",
               "metro")  # fmt: skip


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
    """

    points: Shapes
    weight: Floats
    unit: Ints
    on_land: Bools
    is_people: bool
    basis: Text

    def __len__(self) -> int:
        return len(self.points)

    def share(self, served: Bools, among: Bools | None = None) -> float | None:
        """Return the weighted share served, None where there is nobody."""
        among = np.ones(len(self), dtype=bool) if among is None else among
        total = self.weight[among].sum()
        return float(self.weight[among & served].sum() / total) if total > 0 else None

    def share_by_unit(self, served: Bools, among: Bools, units: int) -> Floats:
        """Return the weighted share served in each unit, then outside all; NaN for nobody."""
        slot = np.where(self.unit < 0, units, self.unit)
        whole = np.bincount(slot[among], self.weight[among], minlength=units + 1)
        part = np.bincount(slot[among & served], self.weight[among & served], minlength=units + 1)
        return np.divide(part, whole, out=np.full(units + 1, np.nan), where=whole > 0)


def make_demand(layers: Layers, area: StudyArea, standard: Standard) -> Demand:
    """Make the demand points from buildings, residential land and population."""
    shapely.prepare(area.boundary)
    homes, floors = _homes(layers, area, standard)
    lots, lot_weight = _empty_residential_land(layers, area, standard)
    points = np.concatenate([shapely.centroid(homes.geometry.to_numpy()), lots])
    weight = np.concatenate([floors.weight, lot_weight])
    inside = shapely.intersects(area.boundary, points)
    points, weight = points[inside], weight[inside]
    basis, is_people = floors.basis, False
    if len(lots):
        basis += Text(
            en=f"{int(inside[len(homes) :].sum())} grid points stand for residential land without "
            "buildings, weighted by its area.",
            zh=f"另有{int(inside[len(homes) :].sum())}个格点代表无建筑的居住用地，按用地面积加权。",
        )
    people = _people(layers, homes, points, weight, inside)
    if people is not None:
        points, weight, is_people = people[0], people[1], True
        basis = Text(
            en="People of the population data, spread over homes by dwelling floor area.",
            zh="人口数据按住宅建筑面积分摊到住宅。",
        )
    order = np.lexsort((shapely.get_y(points), shapely.get_x(points)))
    points, weight = points[order], weight[order]
    return Demand(
        points=points,
        weight=weight,
        unit=region_of(points, area.units.geometry.to_numpy()),
        on_land=region_of(points, layers["residential_land"].geometry.to_numpy()) >= 0,
        is_people=is_people,
        basis=basis,
    )


@dataclass(frozen=True)
class _Floors:
    weight: Floats
    basis: Text


def _homes(layers: Layers, area: StudyArea, standard: Standard) -> tuple[gpd.GeoDataFrame, _Floors]:
    """Return residential buildings in the boundary and their floor area."""
    buildings = layers["buildings"]
    use = buildings["use"].to_numpy(dtype=object)
    unknown = (use == "unknown") & (
        buildings.area.to_numpy() >= standard.number("demand.building_min_m2")
    )
    rows = np.flatnonzero(unknown)
    if len(rows):
        footprints = buildings.geometry.to_numpy()[rows]
        unknown[rows] = ~_holds_facility(footprints, layers) & ~_on_other_land(footprints, layers)
    homes = buildings[(use == "residential") | unknown]
    inside = shapely.intersects(area.boundary, shapely.centroid(homes.geometry.to_numpy()))
    homes = homes[inside].reset_index(drop=True)
    return homes, _floor_area(homes, area)


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


def _people(
    layers: Layers,
    homes: gpd.GeoDataFrame,
    points: Shapes,
    weight: Floats,
    inside: Bools,
) -> tuple[Shapes, Floats] | None:
    """Return points and people where population is known, totals kept; else None."""
    population = layers["population"]
    if len(population) == 0:
        counted = homes["people"].to_numpy()
        if not np.isfinite(counted).any():
            return None
        return points, np.nan_to_num(np.append(counted, np.zeros(len(inside) - len(counted))))[
            inside
        ]
    zones, people = population.geometry.to_numpy(), population["people"].fillna(0).to_numpy()
    zone = region_of(points, zones)
    total = np.bincount(zone[zone >= 0], weight[zone >= 0], minlength=len(zones))
    spread = np.zeros(len(points))
    known = zone >= 0
    spread[known] = people[zone[known]] * weight[known] / total[zone[known]]
    homeless = np.flatnonzero((total == 0) & (people > 0))
    extra = shapely.point_on_surface(zones[homeless])
    return np.concatenate([points, extra]), np.concatenate([spread, people[homeless]])
