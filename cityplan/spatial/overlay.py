"""Unions and intersections of many polygons, tile by tile and on all cores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely import STRtree

from cityplan.spatial.arrays import run_starts
from cityplan.spatial.parallel import map_threads

if TYPE_CHECKING:
    from cityplan.spatial.arrays import Area, Bools, Geometry, Ints, Shapes

TILE_M = 500.0
POLYGON = 3
GROWN_SEGMENTS = 4  # per quarter circle


def tiles_of(geometries: Shapes, *, tile_m: float = TILE_M) -> list[Ints]:
    """Return the rows of each tile; a geometry belongs to the tile of its box's centre."""
    if len(geometries) == 0:
        return []
    box = shapely.bounds(geometries)
    column = np.floor((box[:, 0] + box[:, 2]) / 2 / tile_m).astype(np.int64)
    row = np.floor((box[:, 1] + box[:, 3]) / 2 / tile_m).astype(np.int64)
    order = np.lexsort((row, column))
    new = run_starts(column[order], row[order])
    return np.split(order, np.flatnonzero(new)[1:])


def union(geometries: Shapes, *, grow_m: float = 0.0, tile_m: float = TILE_M) -> Geometry:
    """Unite many polygons, grown if wanted: first within tiles, in threads, then the tiles."""
    geometries = np.asarray(geometries, dtype=object)

    def unite(rows: Ints) -> Geometry:
        shapes = geometries[rows]
        if grow_m > 0:
            shapes = shapely.buffer(shapes, grow_m, quad_segs=GROWN_SEGMENTS)
        return shapely.union_all(shapes)

    return shapely.union_all(map_threads(unite, tiles_of(geometries, tile_m=tile_m)))


def polygons_only(geometry: Geometry) -> Area:
    """Drop the points and lines an overlay may leave behind."""
    polygons = polygon_parts(np.array([geometry], dtype=object))
    return polygons[0] if len(polygons) == 1 else shapely.multipolygons(polygons)


def polygon_parts(geometries: Shapes) -> Shapes:
    """Return every single polygon the geometries hold."""
    flat = shapely.get_parts(shapely.get_parts(geometries))
    return flat[(shapely.get_type_id(flat) == POLYGON) & (shapely.area(flat) > 0)]


def fill_holes(geometry: Geometry, *, below_m2: float) -> Area:
    """Fill holes smaller than ``below_m2``."""
    filled = [
        shapely.Polygon(
            part.exterior, [h for h in part.interiors if shapely.Polygon(h).area >= below_m2]
        )
        for part in shapely.get_parts(polygons_only(geometry))
    ]
    return filled[0] if len(filled) == 1 else shapely.multipolygons(filled)


def region_of(points: Shapes, regions: Shapes) -> Ints:
    """Return the index of the region each point lies in, -1 outside; ties go to the lowest."""
    found = np.full(len(points), -1, dtype=np.int64)
    if len(points) and len(regions):
        who, where = STRtree(regions).query(points, predicate="intersects")
        order = np.lexsort((-where, who))
        found[who[order]] = where[order]
    return found


def near_any(points: Shapes, things: Shapes, distance_m: float) -> Bools:
    """Return which points lie within a straight distance of any of the things."""
    near = np.zeros(len(points), dtype=bool)
    near[STRtree(things).query(points, predicate="dwithin", distance=distance_m)[0]] = True
    return near


def lines_near_any(lines: Shapes, things: Shapes, distance_m: float) -> Bools:
    """Return which lines lie within a straight distance of any of the things.

    Most lines have a vertex near something, and one nearest thing is found faster
    than all in reach.
    """
    near = np.zeros(len(lines), dtype=bool)
    tree = STRtree(things)
    vertices, row = shapely.get_coordinates(lines, return_index=True)
    found = tree.query_nearest(
        shapely.points(vertices), max_distance=distance_m, all_matches=False
    )[0]
    near[row[found]] = True
    rest = np.flatnonzero(~near)
    near[rest[tree.query(lines[rest], predicate="dwithin", distance=distance_m)[0]]] = True
    return near


def touching_groups(polygons: Shapes) -> Ints:
    """Return a group number for each polygon; polygons that touch share one."""
    a, b = STRtree(polygons).query(polygons, predicate="intersects")
    return linked_groups(a, b, len(polygons))


def linked_groups(a: Ints, b: Ints, count: int) -> Ints:
    """Return a group number for each of ``count`` things; linked things share one."""
    links = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(count, count))
    _, label = connected_components(links, directed=False)
    return np.asarray(label, dtype=np.int64)
