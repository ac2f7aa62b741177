"""Stretches of road between junctions and ends."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely

from cityplan.spatial.arrays import run_starts
from cityplan.spatial.overlay import linked_groups

if TYPE_CHECKING:
    from cityplan.spatial.arrays import Bools, Floats, Ints
    from cityplan.spatial.graph import LineGraph

PASSING = 2  # edge ends at a node that is neither an end nor a junction


@dataclass(frozen=True)
class Branches:
    """Edges joined across nodes of degree two.

    Attributes
    ----------
    of_edge
        The branch each edge belongs to.
    start, end
        Nodes at its ends; the same node for a loop, -1 for a ring that meets
        nothing.
    length_m
        Length of each branch.
    """

    graph: LineGraph
    of_edge: Ints
    start: Ints
    end: Ints
    length_m: Floats

    @cached_property
    def _edges(self) -> tuple[Ints, Ints]:
        """Edges branch by branch, by their coordinates, and where each branch begins."""
        middle = shapely.line_interpolate_point(self.graph.lines, 0.5, normalized=True)
        order = np.lexsort((shapely.get_y(middle), shapely.get_x(middle), self.of_edge))
        return order, np.searchsorted(self.of_edge[order], np.arange(len(self.start) + 1))

    def edges(self, branch: int) -> Ints:
        """Return the edges of a branch, by their coordinates."""
        order, begin = self._edges
        return order[begin[branch] : begin[branch + 1]]

    def line(self, branch: int) -> shapely.LineString:
        """Return a branch as one line, from ``start`` to ``end``."""
        parts = self.graph.lines[self.edges(branch)]
        merged = shapely.line_merge(shapely.multilinestrings(parts))
        line = max(shapely.get_parts(merged), key=lambda part: part.length)
        first = self.start[branch]
        if first >= 0:
            x, y = self.graph.xy[first]
            if np.hypot(line.coords[0][0] - x, line.coords[0][1] - y) > np.hypot(
                line.coords[-1][0] - x, line.coords[-1][1] - y
            ):
                line = line.reverse()
        return line


def join_branches(graph: LineGraph) -> Branches:
    """Join the edges of a graph into branches between ends and junctions."""
    edges = len(graph.u)
    degree = graph.degree()
    node = np.concatenate([graph.u, graph.v])
    edge = np.concatenate([np.arange(edges), np.arange(edges)])
    passing = degree[node] == PASSING
    order = np.argsort(node[passing], kind="stable")
    pairs = edge[passing][order].reshape(-1, 2)
    label = linked_groups(pairs[:, 0], pairs[:, 1], edges)
    count = int(label.max(initial=-1)) + 1

    start, end = np.full(count, -1, dtype=np.int64), np.full(count, -1, dtype=np.int64)
    terminal = ~passing
    order = np.lexsort((node[terminal], label[edge[terminal]]))
    branch, at = label[edge[terminal]][order], node[terminal][order]
    first = run_starts(branch)
    start[branch[first]] = at[first]
    end[branch[~first]] = at[~first]
    return Branches(
        graph=graph,
        of_edge=np.asarray(label, dtype=np.int64),
        start=start,
        end=end,
        length_m=np.bincount(label, graph.length, minlength=count).astype(float),
    )


def prune_trees(branches: Branches, ends: Ints, loops: Ints) -> Bools:
    """Return the branches of dead-end trees that grow from the given ends.

    A branch belongs to one when everything beyond it does: its outer node is an
    end, or a junction all of whose other branches do.

    Parameters
    ----------
    ends
        End nodes.
    loops
        Branches that turn at the end of a stem.
    """
    in_tree = np.zeros(len(branches.start), dtype=bool)
    in_tree[loops] = True
    nodes = np.concatenate([branches.start, branches.end])
    owner = np.concatenate([np.arange(len(in_tree)), np.arange(len(in_tree))])
    at_node: dict[int, list[int]] = {}
    for node, branch in zip(nodes.tolist(), owner.tolist(), strict=True):
        if node >= 0:
            at_node.setdefault(node, []).append(branch)
    front = sorted({*ends.tolist(), *branches.start[loops].tolist()})
    while front:
        node = front.pop()
        left = [b for b in at_node.get(node, ()) if not in_tree[b]]
        if len(left) != 1:
            continue
        in_tree[left[0]] = True
        other = branches.start[left[0]] + branches.end[left[0]] - node
        if other != node:
            front.append(int(other))
    return in_tree
