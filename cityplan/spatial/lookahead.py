"""What lies ahead of a road's end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import STRtree

if TYPE_CHECKING:
    from cityplan.spatial.arrays import Bools, Floats, Ints, Shapes

RAYS = (-1.0, -0.5, 0.0, 0.5, 1.0)  # as shares of the angle to either side
BACK_M = 20.0


@dataclass(frozen=True)
class Ahead:
    """The next road ahead of each end, and whether something stands before it.

    Attributes
    ----------
    distance_m
        To the next road, infinite where none is in reach.
    target
        Where the road would be joined; None where none is in reach.
    barred
        A barrier stands before the road or, without a road, straight ahead.
    """

    distance_m: Floats
    target: Shapes
    barred: Bools


def outward_bearing(line: shapely.LineString, *, at_start: bool) -> float:
    """Return the direction in which a line leaves its end, radians from east.

    Taken over the last 20 m, so that a bend in the last metre does not decide.
    """
    tip, back = (0.0, min(BACK_M, line.length)) if at_start else (line.length, -BACK_M)
    if not at_start:
        back = max(0.0, line.length - BACK_M)
    end, inner = line.interpolate(tip), line.interpolate(back)
    return float(np.arctan2(end.y - inner.y, end.x - inner.x))


def look_ahead(
    xy: Floats,
    bearing: Floats,
    own: Ints,
    roads: Shapes,
    road_owner: Ints,
    barriers: Shapes,
    *,
    reach_m: float,
    angle_rad: float,
) -> Ahead:
    """Look along rays ahead of each end for the next road and for barriers.

    Parameters
    ----------
    xy, bearing
        Ends, shape (n, 2), and the direction in which each points (radians).
    own
        The branch of each end: never its own way ahead.
    roads, road_owner
        Lines, and the branch each belongs to.
    barriers
        Water, railways and motorways.
    reach_m, angle_rad
        How far, and how far to either side, to look.
    """
    n = len(xy)
    directions = bearing[:, None] + np.array(RAYS) * angle_rad
    starts = np.repeat(xy, len(RAYS), axis=0)
    tips = starts + reach_m * np.column_stack(
        [np.cos(directions.ravel()), np.sin(directions.ravel())]
    )
    rays = shapely.linestrings(np.stack([starts, tips], axis=1))
    origin = shapely.points(starts)
    road = _first_hit(rays, origin, roads, skip=(np.repeat(own, len(RAYS)), road_owner))
    barrier = _first_hit(rays, origin, barriers)
    road, barrier = road.reshape(n, len(RAYS)), barrier.reshape(n, len(RAYS))
    best = np.lexsort((np.broadcast_to(np.abs(RAYS), road.shape), road), axis=-1)[:, 0]
    every = np.arange(n)
    distance = road[every, best]
    found = np.isfinite(distance)
    straight = RAYS.index(0.0)
    barred = np.where(found, barrier[every, best] < distance, np.isfinite(barrier[:, straight]))
    target = np.full(n, None, dtype=object)
    heading = directions[every, best]
    ahead = xy + np.where(found, distance, 0.0)[:, None] * np.column_stack(
        [np.cos(heading), np.sin(heading)]
    )
    target[found] = shapely.points(ahead[found])
    return Ahead(distance, target, barred)


def _first_hit(
    rays: Shapes,
    origin: Shapes,
    things: Shapes,
    *,
    skip: tuple[Ints, Ints] | None = None,
) -> Floats:
    """Return the distance along each ray to the first thing it meets, infinite for none."""
    first = np.full(len(rays), np.inf)
    if len(things) == 0:
        return first
    ray, thing = STRtree(things).query(rays, predicate="intersects")
    if skip is not None:
        other = skip[0][ray] != skip[1][thing]
        ray, thing = ray[other], thing[other]
    meeting = shapely.intersection(rays[ray], things[thing])
    np.minimum.at(first, ray, shapely.distance(origin[ray], meeting))
    return first
