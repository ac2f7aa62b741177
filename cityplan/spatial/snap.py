"""Attach points and areas to the nearest edge of a network."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import STRtree

from cityplan.spatial.arrays import run_starts
from cityplan.spatial.parallel import map_threads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cityplan.spatial.arrays import Bools, Floats, Ints, Shapes

ATTACHED, TOO_FAR, BLOCKED = 0, 1, 2
CHUNK = 5_000


@dataclass(frozen=True)
class Snap:
    """Where geometries are attached to a network.

    Attributes
    ----------
    edge
        Edge index, -1 where nothing was in reach.
    position_m
        Distance from the edge's start to the foot of the connection.
    leg_m
        Length of the connection itself, walked off the network.
    outcome
        ``ATTACHED``, ``TOO_FAR`` or ``BLOCKED`` (all ways in reach lie behind an
        obstacle).
    """

    edge: Ints
    position_m: Floats
    leg_m: Floats
    outcome: Ints

    @property
    def attached(self) -> Bools:
        """Which geometries found an edge."""
        return self.edge >= 0

    def take(self, rows: Ints | Bools) -> Snap:
        """Return some of the rows."""
        return Snap(self.edge[rows], self.position_m[rows], self.leg_m[rows], self.outcome[rows])


def snap_to_edges(
    geometries: Shapes,
    edges: Shapes,
    *,
    max_m: float,
    rank: Ints,
    second_choice: Bools,
    obstacles: Sequence[STRtree] = (),
    pass_walls: Bools | None = None,
) -> Snap:
    """Attach each geometry to the nearest edge that is not behind an obstacle.

    Parameters
    ----------
    geometries
        Points, or areas that are reached at their nearest outline.
    edges
        LineStrings of the network, in the same metric CRS.
    max_m
        Farthest a geometry may lie from its edge.
    rank
        Order of the edges by coordinates: breaks ties.
    second_choice
        Edges to use only where no other is in reach (fragments).
    obstacles
        What a connection must not touch: first water, railways and motorways, then
        walls.
    pass_walls
        Geometries that walls, the later trees, do not bar.
    """
    geometries = np.asarray(geometries, dtype=object)
    walls = np.zeros(len(geometries), dtype=bool) if pass_walls is None else pass_walls
    snap = _nowhere(len(geometries))
    for choice in (~second_choice, second_choice):
        rows, usable = np.flatnonzero(~snap.attached), np.flatnonzero(choice)
        if len(rows) == 0 or len(usable) == 0:
            continue
        finder = _Finder(STRtree(edges[usable]), edges, usable, rank, max_m, obstacles)
        chunks = [rows[i : i + CHUNK] for i in range(0, len(rows), CHUNK)]
        parts = map_threads(partial(_attach_chunk, finder, geometries, walls), chunks)
        for chunk, part in zip(chunks, parts, strict=True):
            snap.edge[chunk], snap.position_m[chunk] = part.edge, part.position_m
            snap.leg_m[chunk] = part.leg_m
            worst = np.maximum(snap.outcome[chunk], part.outcome)
            snap.outcome[chunk] = np.where(part.attached, ATTACHED, worst)
    return snap


def _nowhere(n: int) -> Snap:
    """Return a snap in which nothing is attached yet."""
    return Snap(
        edge=np.full(n, -1, dtype=np.int64),
        position_m=np.full(n, np.nan),
        leg_m=np.full(n, np.nan),
        outcome=np.full(n, TOO_FAR, dtype=np.int64),
    )


def _attach_chunk(finder: _Finder, geometries: Shapes, walls: Bools, rows: Ints) -> Snap:
    return finder.attach(geometries[rows], walls[rows])


@dataclass(frozen=True)
class _Finder:
    tree: STRtree
    edges: Shapes
    usable: Ints
    rank: Ints
    max_m: float
    obstacles: Sequence[STRtree]

    def attach(self, geometries: Shapes, pass_walls: Bools) -> Snap:
        """Return the nearest free edge of each geometry."""
        snap = _nowhere(len(geometries))
        pairs, distance = self.tree.query_nearest(
            geometries, max_distance=self.max_m, return_distance=True, all_matches=True
        )
        table = _Pairs(geometries, pass_walls, pairs[0], self.usable[pairs[1]], distance)
        blocked = self._take_first(table, snap)
        if len(blocked):
            snap.outcome[blocked] = BLOCKED
            near = self.tree.query(geometries[blocked], predicate="dwithin", distance=self.max_m)
            who, which = blocked[near[0]], self.usable[near[1]]
            distance = shapely.distance(geometries[who], self.edges[which])
            self._take_first_free(_Pairs(geometries, pass_walls, who, which, distance), snap)
        found = snap.attached
        snap.outcome[found] = ATTACHED
        lines = self.edges[snap.edge[found]]
        foot = shapely.get_point(shapely.shortest_line(geometries[found], lines), 1)
        snap.position_m[found] = shapely.line_locate_point(lines, foot)
        return snap

    def _take_first(self, pairs: _Pairs, snap: Snap) -> Ints:
        """Accept the first pair of each geometry where free; return who was blocked."""
        pairs = pairs.take(np.lexsort((self.rank[pairs.edge], pairs.distance, pairs.who)))
        pairs = pairs.take(run_starts(pairs.who))
        free = self._free(pairs)
        snap.edge[pairs.who[free]] = pairs.edge[free]
        snap.leg_m[pairs.who[free]] = pairs.distance[free]
        return pairs.who[~free]

    def _take_first_free(self, pairs: _Pairs, snap: Snap) -> None:
        """Try the pairs of each geometry in order of distance until one is free."""
        pairs = pairs.take(np.lexsort((self.rank[pairs.edge], pairs.distance, pairs.who)))
        start, rows = np.flatnonzero(run_starts(pairs.who)), len(pairs.who)
        turn = np.arange(rows) - np.repeat(start, np.diff(np.append(start, rows)))
        for number in range(1, int(turn.max(initial=0)) + 1):
            now = pairs.take((turn == number) & (snap.edge[pairs.who] < 0))
            if len(now.who) == 0:
                break
            free = self._free(now)
            snap.edge[now.who[free]] = now.edge[free]
            snap.leg_m[now.who[free]] = now.distance[free]

    def _free(self, pairs: _Pairs) -> Bools:
        free = np.ones(len(pairs.who), dtype=bool)
        connection = shapely.shortest_line(pairs.geometries[pairs.who], self.edges[pairs.edge])
        for number, tree in enumerate(self.obstacles):
            hit = tree.query(connection, predicate="intersects")[0]
            free[hit if number == 0 else hit[~pairs.pass_walls[pairs.who[hit]]]] = False
        return free | (pairs.distance == 0)  # who stands on a way crosses nothing


@dataclass(frozen=True)
class _Pairs:
    """Candidate edges of geometries, with their distance."""

    geometries: Shapes
    pass_walls: Bools
    who: Ints
    edge: Ints
    distance: Floats

    def take(self, rows: Ints | Bools) -> _Pairs:
        return _Pairs(
            self.geometries, self.pass_walls, self.who[rows], self.edge[rows], self.distance[rows]
        )
