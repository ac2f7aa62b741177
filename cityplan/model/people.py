"""People of the population data, spread over homes with totals kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import STRtree

from cityplan.model.layers import GROUP_PREFIX
from cityplan.spatial.overlay import region_of
from cityplan.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from cityplan.spatial.arrays import Bools, Floats, Ints, Shapes

POINT_TYPES = (0, 4)


@dataclass(frozen=True)
class Homes:
    """Where people may live, before anybody is counted.

    Attributes
    ----------
    points
        A point per home.
    weight
        Dwelling floor area in m2, or what stands for it.
    footprints
        The building of each home; None for points on empty residential land.
    """

    points: Shapes
    weight: Floats
    footprints: Shapes


@dataclass(frozen=True)
class People:
    """People at each home, then at places that hold people but no known home.

    Attributes
    ----------
    extra
        Points of the places without a known home.
    count
        People per home, then per extra point.
    groups
        Group (``elderly``, ``children`` ...) -> people of it, in the same order.
    basis
        Where the numbers come from.
    """

    extra: Shapes
    count: Floats
    groups: Mapping[str, Floats]
    basis: Text


def groups_of(frame: gpd.GeoDataFrame) -> list[str]:
    """Return the groups of people a layer counts beside all people."""
    return sorted(
        name.removeprefix(GROUP_PREFIX) for name in frame.columns if name.startswith(GROUP_PREFIX)
    )


def people_of_population(
    population: gpd.GeoDataFrame, homes: Homes, *, point_reach_m: float
) -> People:
    """Spread the people of areas and points over homes by weight.

    People of an area go to the homes in it. People of points in a building go
    to that building; those of any other point, to the homes nearer to it than to
    any other point and within ``point_reach_m``. Homes that take from points take
    from no area. Where there is no such home, people stay at the point, or inside
    the area. Each row's total is kept to the person, also where areas overlap.

    Parameters
    ----------
    population
        Columns ``people`` and ``people_*``; points or polygons, metres.
    """
    geometry = population.geometry.to_numpy()
    home, row = _homes_of_rows(geometry, homes, point_reach_m=point_reach_m)
    total = np.bincount(row, homes.weight[home], minlength=len(geometry))
    size = np.bincount(row, minlength=len(geometry))
    weightless = total[row] == 0
    share = np.where(weightless, 1.0, homes.weight[home])
    share /= np.where(weightless, size[row], total[row])
    homeless = np.flatnonzero(size == 0)
    extra = shapely.point_on_surface(geometry[homeless])

    def spread(column: str) -> Floats:
        counted = population[column].fillna(0).to_numpy(dtype=float)
        at_homes = np.bincount(home, counted[row] * share, minlength=len(homes.points))
        return np.concatenate([at_homes, counted[homeless]])

    names = groups_of(population)
    return People(
        extra=extra,
        count=spread("people"),
        groups={name: spread(GROUP_PREFIX + name) for name in names},
        basis=Text(
            en=f"{len(population)} rows of population data, spread over homes by dwelling floor area.",
            zh=f"人口数据{len(population)}条，按住宅建筑面积分摊到住宅。",
        ),
    )


def _homes_of_rows(geometry: Shapes, homes: Homes, *, point_reach_m: float) -> tuple[Ints, Ints]:
    """Return pairs of a home and a row of the population that has people there."""
    is_point = np.isin(shapely.get_type_id(geometry), POINT_TYPES)
    areas, points = np.flatnonzero(~is_point), np.flatnonzero(is_point)
    built = np.flatnonzero(~shapely.is_missing(homes.footprints))
    housed = region_of(shapely.point_on_surface(geometry[points]), homes.footprints[built])
    inside = housed >= 0
    pairs = [np.vstack([built[housed[inside]], points[inside]])]

    def free() -> Ints:
        return np.setdiff1d(np.arange(len(homes.points)), np.concatenate([p[0] for p in pairs]))

    around = points[~inside]
    if len(around):
        left = free()
        home, near = STRtree(geometry[around]).query_nearest(
            homes.points[left], max_distance=point_reach_m
        )
        pairs.append(np.vstack([left[home], around[near]]))
    left = free()
    home, within = STRtree(geometry[areas]).query(homes.points[left], predicate="intersects")
    pairs.append(np.vstack([left[home], areas[within]]))
    table = np.hstack(pairs)
    table = table[:, np.lexsort(table)]
    return table[0], table[1]


def people_of_buildings(homes: gpd.GeoDataFrame, homes_weight: Floats, lots: int) -> People | None:
    """Return the people recorded at buildings; None where nobody recorded any.

    A building without a record takes the people per weight of those with one.

    Parameters
    ----------
    homes
        Residential buildings, columns ``people`` and ``people_*``.
    homes_weight
        Their dwelling floor area.
    lots
        How many points on empty residential land follow the buildings: nobody.
    """
    counted = homes["people"].to_numpy(dtype=float)
    known = np.isfinite(counted)
    if not known.any():
        return None
    weighed = float(homes_weight[known].sum())

    def filled(column: str) -> Floats:
        values = homes[column].to_numpy(dtype=float)
        rate = float(np.nansum(values[known])) / weighed if weighed > 0 else 0.0
        values = np.where(np.isfinite(values), values, np.where(known, 0.0, rate * homes_weight))
        return np.append(values, np.zeros(lots))

    part = float(known.mean())
    basis = Text(en="People as recorded at buildings.", zh="人口采用建筑记录。")
    if part < 1:
        basis += Text(
            en=f"{1 - part:.0%} of residential buildings record none and take the people per m² of "
            "the others.",
            zh=f"{1 - part:.0%}的居住建筑无人口记录，按其余建筑每平方米人数推算。",
        )
    return People(
        extra=np.zeros(0, dtype=object),
        count=filled("people"),
        groups={name: filled(GROUP_PREFIX + name) for name in groups_of(homes)},
        basis=basis,
    )


def lives_there(buildings: gpd.GeoDataFrame) -> Bools:
    """Return which buildings record people."""
    return np.asarray(buildings["people"].fillna(0) > 0, dtype=bool)
