"""Nearest facility along a network: one bounded search per category, not per home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from cityplan.spatial.arrays import run_starts

if TYPE_CHECKING:
    from cityplan.spatial.arrays import Floats, Ints
    from cityplan.spatial.graph import LineGraph
    from cityplan.spatial.snap import Snap


@dataclass(frozen=True)
class Nearest:
    """Cost to the nearest source, NaN where none is within the cutoff.

    Attributes
    ----------
    source
        Row of that source, -1 where unreached.
    """

    cost_m: Floats
    source: Ints


def adjacency(graph: LineGraph) -> csr_array:
    """Return the symmetric matrix of edge lengths; of parallel edges the shortest."""
    a = np.concatenate([graph.u, graph.v])
    b = np.concatenate([graph.v, graph.u])
    length = np.concatenate([graph.length, graph.length])
    order = np.lexsort((length, b, a))
    a, b, length = a[order], b[order], length[order]
    new = run_starts(a, b) & (a != b)
    indptr = np.searchsorted(a[new], np.arange(graph.nodes + 1))
    return csr_array(
        (length[new], b[new].astype(np.int32), indptr.astype(np.int32)),
        shape=(graph.nodes, graph.nodes),
    )


def with_sources(matrix: csr_array, graph: LineGraph, sources: Snap) -> csr_array:
    """Add one node per source, joined to both ends of its edge, outward only."""
    n, count = matrix.shape[0], len(sources.edge)
    to_u = sources.leg_m + sources.position_m
    to_v = sources.leg_m + graph.length[sources.edge] - sources.position_m
    weights = np.column_stack([to_u, np.maximum(to_v, 0.0)]).ravel()
    ends = np.column_stack([graph.u[sources.edge], graph.v[sources.edge]]).ravel()
    return csr_array(
        (
            np.concatenate([matrix.data, weights]),
            np.concatenate([matrix.indices, ends.astype(np.int32)]),
            np.concatenate([matrix.indptr, matrix.indptr[-1] + 2 * np.arange(1, count + 1)]),
        ),
        shape=(n + count, n + count),
    )


def node_costs(matrix: csr_array, source_nodes: Ints, *, cutoff_m: float) -> Nearest:
    """Cost from the nearest of ``source_nodes`` to every node of the matrix."""
    n = matrix.shape[0]
    if len(source_nodes) == 0:
        return Nearest(np.full(n, np.nan), np.full(n, -1, dtype=np.int64))
    cost, _, source = dijkstra(
        matrix,
        directed=True,
        indices=source_nodes,
        limit=cutoff_m,
        min_only=True,
        return_predecessors=True,
    )
    row_of = np.full(n, -1, dtype=np.int64)
    row_of[source_nodes] = np.arange(len(source_nodes))
    reached = np.isfinite(cost)
    cost[~reached] = np.nan
    nearest = np.full(n, -1, dtype=np.int64)
    nearest[reached] = row_of[source[reached]]
    return Nearest(cost, nearest)


def cost_at(
    graph: LineGraph, nodes: Nearest, targets: Snap, sources: Snap, *, cutoff_m: float
) -> Nearest:
    """Cost from the nearest source to points along the edges.

    Either end of the target's edge may be the way in; a source on the very same
    edge is also reached directly.
    """
    on = targets.attached
    edge = np.where(on, targets.edge, 0)
    from_u = nodes.cost_m[graph.u[edge]] + targets.position_m
    from_v = nodes.cost_m[graph.v[edge]] + np.maximum(graph.length[edge] - targets.position_m, 0.0)
    by_u = np.isnan(from_v) | (from_u <= from_v)
    cost = np.where(by_u, from_u, from_v) + targets.leg_m
    source = np.where(by_u, nodes.source[graph.u[edge]], nodes.source[graph.v[edge]])

    direct, who = _same_edge(targets, sources)
    better = direct < np.where(np.isnan(cost), np.inf, cost)
    cost = np.where(better, direct, cost)
    source = np.where(better, who, source)
    reached = on & (cost <= cutoff_m)
    return Nearest(np.where(reached, cost, np.nan), np.where(reached, source, -1))


def _same_edge(targets: Snap, sources: Snap) -> tuple[Floats, Ints]:
    """Return the cost to the nearest source on the same edge, infinite where there is none."""
    cost = np.full(len(targets.edge), np.inf)
    who = np.full(len(targets.edge), -1, dtype=np.int64)
    order = np.argsort(sources.edge, kind="stable")
    first = np.searchsorted(sources.edge[order], targets.edge, side="left")
    count = np.searchsorted(sources.edge[order], targets.edge, side="right") - first
    count[~targets.attached] = 0
    target = np.repeat(np.arange(len(cost)), count)
    if len(target) == 0:
        return cost, who
    start = np.cumsum(count) - count
    source = order[np.arange(len(target)) - np.repeat(start - first, count)]
    along = np.abs(targets.position_m[target] - sources.position_m[source])
    total = along + targets.leg_m[target] + sources.leg_m[source]
    best = np.lexsort((source, total, target))
    new = run_starts(target[best])
    cost[target[best][new]] = total[best][new]
    who[target[best][new]] = source[best][new]
    return cost, who


def components(graph: LineGraph, matrix: csr_array) -> Floats:
    """Return, for every edge, the total length of the component it belongs to."""
    _, label = connected_components(matrix, directed=False)
    total = np.bincount(label[graph.u], weights=graph.length).astype(float)
    return total[label[graph.u]]
