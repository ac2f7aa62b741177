"""Where Mingcheng lies: a plan drawn on a straight grid, bent a little, then put on the map.

The plan is in metres, u to the east and v to the north, 0..3000 by 0..2500. ``bend`` turns
and waves it, so that no street of the city is quite straight.
"""

from __future__ import annotations

import math

import numpy as np
import shapely
from pyproj import Transformer
from shapely import LineString, Polygon

CRS = "EPSG:4527"  # CGCS2000, 3-degree zone 39 (117 E), eastings with the zone's number
ORIGIN = (39_592_000.0, 3_629_000.0)  # of the plan's corner: 117.98 E, 32.78 N
TURN = math.radians(-6)
MIDDLE = (1500.0, 1250.0)
STEP_M = 50.0
GRID_M = 1e-3

TO_WGS84 = Transformer.from_crs(CRS, "EPSG:4490", always_xy=True)


def bend(uv):
    """Plan -> metres on the ground, rounded to a millimetre, shape (n, 2)."""
    u, v = np.asarray(uv, dtype=float).reshape(-1, 2).T
    du = u - MIDDLE[0] + 16 * np.sin(2 * np.pi * v / 2100 + 0.6) + 7 * np.sin(2 * np.pi * u / 1300)
    dv = v - MIDDLE[1] + 18 * np.sin(2 * np.pi * u / 1900 + 1.1) + 6 * np.sin(2 * np.pi * v / 900)
    x = MIDDLE[0] + du * math.cos(TURN) - dv * math.sin(TURN)
    y = MIDDLE[1] + du * math.sin(TURN) + dv * math.cos(TURN)
    return np.round(np.column_stack([x, y]) / GRID_M) * GRID_M


def straighten(xy):
    """The opposite of ``bend``, to a millimetre or so."""
    xy = np.asarray(xy, dtype=float).reshape(-1, 2)
    uv = xy.copy()
    for _ in range(30):
        uv = uv + (xy - bend(uv)) @ _turned()
    return uv


def _turned():
    return np.array([[math.cos(TURN), -math.sin(TURN)], [math.sin(TURN), math.cos(TURN)]])


def heading(u, v):
    """Direction of the plan's east at a place, radians."""
    (x1, y1), (x2, y2) = bend([(u - 20, v), (u + 20, v)])
    return math.atan2(y2 - y1, x2 - x1)


def at(u, v):
    """One place of the plan on the ground."""
    return tuple(bend([(u, v)])[0].tolist())


def dense(places):
    """Add vertices where a level or upright stretch meets the plan's 50 m grid.

    Two lines along the same stretch get the same vertices, so they still lie on each
    other once they are bent.
    """
    result = [tuple(places[0])]
    for (u1, v1), (u2, v2) in zip(places[:-1], places[1:], strict=True):
        axis = 0 if abs(u2 - u1) >= abs(v2 - v1) else 1
        start, end = ((u1, u2), (v1, v2))[axis]
        low, high = min(start, end), max(start, end)
        marks = np.arange(math.ceil(low / STEP_M) * STEP_M, high, STEP_M)
        marks = marks[(marks > low + 1) & (marks < high - 1)]
        if start > end:
            marks = marks[::-1]
        for mark in marks.tolist():
            t = (mark - start) / (end - start)
            result.append((u1 + t * (u2 - u1), v1 + t * (v2 - v1)))
        result.append((u2, v2))
    return result


def bent_line(places):
    return LineString(bend(dense(places)))


def bent_ring(places):
    ring = [*places, places[0]] if tuple(places[0]) != tuple(places[-1]) else list(places)
    return Polygon(bend(dense(ring)))


def bent_polygon(polygon):
    return bent_ring(list(polygon.exterior.coords))


def box(west, south, east, north):
    return bent_ring([(west, south), (east, south), (east, north), (west, north)])


def block_of_house(u, v, length, depth, *, turn=0.0):
    """A rectangle around a place, right-angled on the ground."""
    (x, y), angle = at(u, v), heading(u, v) + turn
    along = np.array([math.cos(angle), math.sin(angle)]) * length / 2
    across = np.array([-math.sin(angle), math.cos(angle)]) * depth / 2
    centre = np.array([x, y])
    corners = [centre - along - across, centre + along - across, centre + along + across,
               centre - along + across]  # fmt: skip
    return shapely.set_precision(Polygon(corners), GRID_M)


def placed(geometry):
    """Ground metres -> eastings and northings of the zone."""
    moved = shapely.transform(geometry, lambda xy: xy + np.array(ORIGIN))
    return shapely.transform(moved, lambda xy: np.round(xy, 3))


def degrees(xy):
    """Ground metres -> longitude and latitude (CGCS2000, which is WGS 84 here)."""
    xy = np.asarray(xy, dtype=float).reshape(-1, 2) + np.array(ORIGIN)
    return np.column_stack(TO_WGS84.transform(xy[:, 0], xy[:, 1]))
