"""A graph out of lines: nodes where lines meet or end, edges between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from cityplan.spatial.arrays import run_starts

if TYPE_CHECKING:
    from cityplan.spatial.arrays import Bools, Floats, Ints, Shapes

# Vertices nearer than this are one vertex: a tenth of a millimetre is below any
# survey and above the rounding of a projection.
VERTEX_GRID_M = 1e-4


@dataclass(frozen=True)
class LineGraph:
    """Edges between the points where lines meet or end.

    Attributes
    ----------
    xy
        Node coordinates, shape (nodes, 2), sorted by x, then y.
    u, v
        Node index at the start and the end of each edge.
    lines
        Edge geometry from ``u`` to ``v``.
    length
        Edge lengths in metres.
    row
        The input line each edge is part of.
    """

    xy: Floats
    u: Ints
    v: Ints
    lines: Shapes
    length: Floats
    row: Ints

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.xy)

    def degree(self) -> Ints:
        """Return how many edge ends meet at each node; a loop counts twice."""
        return np.bincount(np.concatenate([self.u, self.v]), minlength=self.nodes)


def build_graph(lines: Shapes, *, blocked: Floats | None = None) -> LineGraph:
    """Cut lines where they share a vertex and join them into a graph.

    Lines are connected where they have a vertex in common, as in OpenStreetMap;
    a mere crossing without a common vertex (a bridge) is no connection.

    Parameters
    ----------
    lines
        LineStrings in metres.
    blocked
        Points, shape (n, 2), through which nothing passes (locked gates): every
        line that reaches one ends there on its own.
    """
    lines = np.asarray(lines, dtype=object)
    coordinates, row = shapely.get_coordinates(lines, return_index=True)
    coordinates, row = _without_repeats(coordinates, row)
    vertex, xy = unique_vertices(coordinates)

    first = run_starts(row)
    last = np.ones(len(row), dtype=bool)
    last[:-1] = first[1:]

    closed = vertex[np.flatnonzero(first)] == vertex[np.flatnonzero(last)]
    visits = np.bincount(vertex, minlength=len(xy))
    ring_starts = np.bincount(vertex[np.flatnonzero(first)][closed], minlength=len(xy))
    meets = visits - ring_starts > 1
    cut = meets[vertex] | first | last
    if blocked is not None and len(blocked):
        shut = _at(xy, blocked)
        cut |= shut[vertex]
    else:
        shut = np.zeros(len(xy), dtype=bool)
    return _edges(coordinates, row, vertex, cut, first, last, shut)


def _without_repeats(coordinates: Floats, row: Ints) -> tuple[Floats, Ints]:
    """Drop vertices that repeat the one before, and lines that are a single point."""
    grid = np.round(coordinates / VERTEX_GRID_M)
    keep = run_starts(grid[:, 0], grid[:, 1], row)
    coordinates, row = coordinates[keep], row[keep]
    sizes = np.bincount(row) if len(row) else np.zeros(0, dtype=np.int64)
    long_enough = sizes[row] > 1
    return coordinates[long_enough], row[long_enough]


def unique_vertices(
    coordinates: Floats,
) -> tuple[Ints, Floats]:
    """Return the vertex index of each coordinate, and the vertices sorted by x, y."""
    grid = np.round(coordinates / VERTEX_GRID_M).astype(np.int64)
    order = np.lexsort((grid[:, 1], grid[:, 0]))
    new = run_starts(grid[order, 0], grid[order, 1])
    vertex = np.empty(len(order), dtype=np.int64)
    vertex[order] = np.cumsum(new) - 1
    return vertex, coordinates[order[new]]


def _at(xy: Floats, points: Floats) -> Bools:
    grid = {tuple(p) for p in np.round(points / VERTEX_GRID_M).astype(np.int64).tolist()}
    near = np.round(xy / VERTEX_GRID_M).astype(np.int64).tolist()
    return np.fromiter((tuple(p) in grid for p in near), dtype=bool, count=len(xy))


def _edges(
    coordinates: Floats,
    row: Ints,
    vertex: Ints,
    cut: Bools,
    first: Bools,
    last: Bools,
    shut: Bools,
) -> LineGraph:
    """Split the vertex table at its cuts: an inner cut ends one edge and starts the next."""
    repeats = 1 + (cut & ~first & ~last)
    index = np.repeat(np.arange(len(row)), repeats)
    starts = np.zeros(len(index), dtype=bool)
    position = np.cumsum(repeats) - 1
    starts[position[cut & ~last]] = True
    edge = np.cumsum(starts) - 1

    if len(index) == 0:
        empty = np.zeros(0, dtype=np.int64)
        return LineGraph(
            np.zeros((0, 2)), empty, empty, np.zeros(0, dtype=object), np.zeros(0), empty
        )
    lines = shapely.linestrings(coordinates[index], indices=edge)
    start_at = np.flatnonzero(starts)
    end_at = np.append(start_at[1:], len(index)) - 1
    u, v = vertex[index[start_at]], vertex[index[end_at]]
    line_row = row[index[start_at]]
    ends, end_xy = _own_ends(np.concatenate([u, v]), coordinates, vertex, shut)
    half = len(u)
    return LineGraph(
        xy=end_xy,
        u=ends[:half],
        v=ends[half:],
        lines=lines,
        length=shapely.length(lines),
        row=line_row,
    )


def _own_ends(
    ends: Ints,
    coordinates: Floats,
    vertex: Ints,
    shut: Bools,
) -> tuple[Ints, Floats]:
    """Return node numbers for the end vertices; at a shut vertex every end has its own."""
    where = np.zeros(len(shut), dtype=np.int64)
    where[vertex] = np.arange(len(vertex))
    used, node = np.unique(ends, return_inverse=True)
    xy = coordinates[where[used]]
    at_shut = np.flatnonzero(shut[ends])
    if len(at_shut):
        node = node.copy()
        node[at_shut] = len(used) + np.arange(len(at_shut))
        xy = np.vstack([xy, coordinates[where[ends[at_shut]]]])
        used_nodes, node = np.unique(node, return_inverse=True)
        xy = xy[used_nodes]
    return node, xy
