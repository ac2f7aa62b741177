"""The ground that roads cover, from centre lines and widths."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
import shapely
from shapely import STRtree

from cityplan.spatial.arrays import run_starts
from cityplan.spatial.graph import VERTEX_GRID_M
from cityplan.spatial.overlay import polygon_parts
from cityplan.spatial.parallel import map_threads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cityplan.spatial.arrays import Floats, Geometry, Ints, Shapes

TILE_M = 350.0
TILES = 25  # united by a thread at a time
QUADRANT_SEGMENTS = 8
BATCH = 500
CapStyle = Literal["round", "flat"]


def road_bodies(lines: Shapes, width_m: Floats) -> Shapes:
    """Buffer centre lines to their width, flat at the ends, joined at shared ends.

    Where two lines or more end in one point, a disc of the second largest
    half-width closes the notch between their flat ends.

    Parameters
    ----------
    lines
        LineStrings, metres.
    width_m
        Full width of each; lines of no width are left out.
    """
    wide = (width_m > 0) & (shapely.length(lines) > 0)
    lines, half = lines[wide], width_m[wide] / 2
    return np.concatenate([_buffers(lines, half, cap_style="flat"), _joints(lines, half)])


def _buffers(geometries: Shapes, distance_m: Floats, *, cap_style: CapStyle = "round") -> Shapes:
    """Buffer in batches, on all cores."""

    def grow(rows: slice) -> Shapes:
        return shapely.buffer(
            geometries[rows], distance_m[rows], cap_style=cap_style, quad_segs=QUADRANT_SEGMENTS
        )

    starts = range(0, len(geometries), BATCH)
    grown = map_threads(grow, [slice(start, start + BATCH) for start in starts])
    return np.concatenate([np.zeros(0, dtype=object), *grown])


def _joints(lines: Shapes, half: Floats) -> Shapes:
    if len(lines) == 0:
        return np.zeros(0, dtype=object)
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    xy, half = shapely.get_coordinates(ends), np.concatenate([half, half])
    grid = np.round(xy / VERTEX_GRID_M).astype(np.int64)
    order = np.lexsort((-half, grid[:, 1], grid[:, 0]))
    first = run_starts(grid[order, 0], grid[order, 1])
    second = np.flatnonzero(first[:-1] & ~first[1:]) + 1
    joint = order[second]
    return _buffers(ends[joint], half[joint])


def surface_in_tiles(
    bodies: Shapes, region: Geometry | None = None, *, tile_m: float = TILE_M
) -> Shapes:
    """Unite road bodies tile by tile; the pieces do not overlap.

    Parameters
    ----------
    bodies
        Polygons, overlapping at junctions.
    region
        Only tiles that meet it are worked on; None for all.
    tile_m
        Side of a tile. Small tiles make small unions, which is what is fast.
    """
    if len(bodies) == 0:
        return bodies
    boxes = _tiles(bodies, region, tile_m)
    tile, body = STRtree(bodies).query(boxes, predicate="intersects")
    order = np.argsort(tile, kind="stable")
    tile, parts = tile[order], bodies[body[order]]
    crossing = np.flatnonzero(~shapely.contains_properly(boxes[tile], parts))
    parts[crossing] = _clipped(parts[crossing], boxes, tile[crossing])
    groups = np.split(parts, np.flatnonzero(run_starts(tile))[1:])
    chunks = [groups[start : start + TILES] for start in range(0, len(groups), TILES)]
    return polygon_parts(np.concatenate(map_threads(_unite, chunks)))


def _clipped(parts: Shapes, boxes: Shapes, tile: Ints) -> Shapes:
    """Cut each part to its tile; the parts are in the order of the tiles."""
    starts = np.flatnonzero(run_starts(tile))
    clipped = parts.copy()
    for start, end in pairwise([*starts, len(tile)]):
        bounds = boxes[tile[start]].bounds
        clipped[start:end] = shapely.clip_by_rect(parts[start:end], *bounds)
    broken = ~shapely.is_valid(clipped)  # clipping is fast, and does not promise validity
    clipped[broken] = shapely.intersection(parts[broken], boxes[tile[broken]])
    return clipped


def _unite(groups: Sequence[Shapes]) -> Shapes:
    """Unite each group; one call for all keeps the threads apart."""
    table = np.full((len(groups), max(map(len, groups))), None, dtype=object)
    for row, group in zip(table, groups, strict=True):
        row[: len(group)] = group
    return np.asarray(shapely.union_all(table, axis=1), dtype=object)


def _tiles(bodies: Shapes, region: Geometry | None, tile_m: float) -> Shapes:
    west, south, east, north = shapely.total_bounds(bodies) if region is None else region.bounds
    columns = np.arange(np.floor(west / tile_m), np.ceil(east / tile_m))
    rows = np.arange(np.floor(south / tile_m), np.ceil(north / tile_m))
    x, y = (grid.ravel() * tile_m for grid in np.meshgrid(columns, rows))
    boxes = shapely.box(x, y, x + tile_m, y + tile_m)
    if region is not None:
        shapely.prepare(region)
        boxes = boxes[shapely.intersects(region, boxes)]
    shapely.prepare(boxes)
    return boxes
