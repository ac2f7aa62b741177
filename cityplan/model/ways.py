"""Who may use a street: the rules behind the walking and the road network.

An unknown tag never closes a way: only what is written down as private, locked
or forbidden does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import geopandas as gpd

    from cityplan.spatial.arrays import Bools

MOTORWAYS = ("motorway", "motorway_link")
ROADS = (
    *MOTORWAYS, "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link",
    "tertiary", "tertiary_link", "unclassified", "residential", "living_street", "road",
)  # fmt: skip
FOR_WALKERS = ("pedestrian", "footway", "path", "steps")
ON_FOOT = (*ROADS[2:], *FOR_WALKERS, "service", "track", "bridleway")
ON_FOOT_IF_ALLOWED = ("cycleway", "busway")
CLOSED = ("no", "private")
OPEN = ("yes", "designated", "permissive", "public")
GATES = (
    "gate", "lift_gate", "swing_gate", "sliding_gate", "kissing_gate", "turnstile",
    "full-height_turnstile", "entrance", "stile",
)  # fmt: skip
ROAD_BLOCKS = (
    *GATES, "bollard", "block", "chain", "jersey_barrier", "debris", "barrier", "cycle_barrier",
    "bus_trap", "sump_buster",
)  # fmt: skip
TURNING = ("turning_circle", "turning_loop")


def _is(column: object, values: tuple[str, ...]) -> Bools:
    return np.isin(np.asarray(column, dtype=object).astype(str), values)


def walkable(streets: gpd.GeoDataFrame) -> Bools:
    """Return which ways the public may walk on."""
    highway, foot = streets["highway"], streets["foot"]
    allowed = _is(foot, OPEN)
    by_class = _is(highway, ON_FOOT) | (_is(highway, ON_FOOT_IF_ALLOWED) & allowed)
    forbidden = _is(foot, (*CLOSED, "use_sidepath")) | (_is(streets["access"], CLOSED) & ~allowed)
    return by_class & ~forbidden


def public_roads(streets: gpd.GeoDataFrame) -> Bools:
    """Return which ways are roads the public may drive on."""
    motor, access = streets["motor"], streets["access"]
    forbidden = _is(motor, CLOSED) | (_is(access, CLOSED) & ~_is(motor, OPEN))
    pedestrian_area = streets["area"].to_numpy(dtype=bool)
    return _is(streets["highway"], ROADS) & ~forbidden & ~pedestrian_area


def motorways(streets: gpd.GeoDataFrame) -> Bools:
    """Return which ways are motorways."""
    return _is(streets["highway"], MOTORWAYS)


def locked_to_walkers(nodes: gpd.GeoDataFrame) -> Bools:
    """Return which gates on ways the public cannot walk through."""
    closed = _is(nodes["access"], CLOSED) | _is(nodes["foot"], CLOSED)
    return _is(nodes["kind"], ROAD_BLOCKS) & closed & ~_is(nodes["foot"], OPEN)


def open_to_public(access: object) -> Bools:
    """Return which features the public may enter; unknown access counts as open."""
    return ~_is(access, (*CLOSED, "customers", "permit", "residents", "members", "employees"))
