"""Attach points and areas to the nearest edge of a network."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
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
CHUNK = 1_000


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


@dataclass(frozen=True)
class EdgeIndex:
    """The edges of a network, indexed once for any number of searches.

    Attributes
    ----------
    edges
        LineStrings, in a metric CRS.
    rank
        Order of the edges by coordinates: breaks ties.
    second_choice
        Edges to use only where no other is in reach (fragments).
    """

    edges: Shapes
    rank: Ints
    second_choice: Bools

    @cached_property
    def choices(self) -> tuple[_Choice, ...]:
        """First choice and second, those that have edges."""
        rows = (np.flatnonzero(~self.second_choice), np.flatnonzero(self.second_choice))
        return tuple(_Choice(self, usable) for usable in rows if len(usable) > 0)


@dataclass(frozen=True)
class _Choice:
    index: EdgeIndex
    usable: Ints

    @cached_property
    def tree(self) -> STRtree:
        return STRtree(self.index.edges[self.usable])

    @cached_property
    def segments(self) -> tuple[Shapes, Ints]:
        """Return the straight stretches of the usable edges, and the edge of each."""
        coordinates, row = shapely.get_coordinates(self.index.edges[self.usable], return_index=True)
        inner = row[1:] == row[:-1]
        ends = np.stack([coordinates[:-1], coordinates[1:]], axis=1)[inner]
        return shapely.linestrings(ends), self.usable[row[1:][inner]]

    @cached_property
    def segment_tree(self) -> STRtree:
        return STRtree(self.segments[0])


def snap_to_edges(
    geometries: Shapes,
    index: EdgeIndex,
    *,
    max_m: float,
    obstacles: Sequence[STRtree] = (),
    pass_walls: Bools | None = None,
) -> Snap:
    """Attach each geometry to the nearest edge that is not behind an obstacle.

    Parameters
    ----------
    geometries
        Points, or areas that are reached at their nearest outline, in the metric
        CRS of the edges.
    max_m
        Farthest a geometry may lie from its edge.
    obstacles
        What a connection must not touch: first water, railways and motorways, then
        walls.
    pass_walls
        Geometries that walls, the later trees, do not bar.
    """
    geometries = np.asarray(geometries, dtype=object)
    walls = np.zeros(len(geometries), dtype=bool) if pass_walls is None else pass_walls
    snap = _nowhere(len(geometries))
    for choice in index.choices:
        rows = np.flatnonzero(~snap.attached)
        finder = _Finder(choice, max_m, obstacles)
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
    choice: _Choice
    max_m: float
    obstacles: Sequence[STRtree]

    def attach(self, geometries: Shapes, pass_walls: Bools) -> Snap:
        """Return the nearest free edge of each geometry."""
        snap = _nowhere(len(geometries))
        chosen = np.full(len(geometries), None, dtype=object)
        edges = self.choice.index.edges
        pairs, distance = self.choice.tree.query_nearest(
            geometries, max_distance=self.max_m, return_distance=True, all_matches=True
        )
        edge = self.choice.usable[pairs[1]]
        nearest = _Pairs(pairs[0], edge, edges[edge], distance)
        blocked = self._take_first(nearest, geometries, pass_walls, snap, chosen)
        if len(blocked):
            snap.outcome[blocked] = BLOCKED
            others = self._segments_near(geometries, blocked)
            self._take_first_free(others, geometries, pass_walls, snap, chosen)
        found = snap.attached
        snap.outcome[found] = ATTACHED
        foot = shapely.get_point(shapely.shortest_line(geometries[found], chosen[found]), 1)
        snap.position_m[found] = shapely.line_locate_point(edges[snap.edge[found]], foot)
        return snap

    def _segments_near(self, geometries: Shapes, rows: Ints) -> _Pairs:
        """Pair geometries with every stretch in reach: one edge may be free further along."""
        segments, owner = self.choice.segments
        tree = self.choice.segment_tree
        near = tree.query(geometries[rows], predicate="dwithin", distance=self.max_m)
        who, lines = rows[near[0]], segments[near[1]]
        distance = shapely.distance(geometries[who], lines)
        return _Pairs(who, owner[near[1]], lines, distance)

    def _sorted(self, pairs: _Pairs) -> _Pairs:
        rank = self.choice.index.rank
        return pairs.take(np.lexsort((rank[pairs.edge], pairs.distance, pairs.who)))

    def _take_first(
        self, pairs: _Pairs, geometries: Shapes, pass_walls: Bools, snap: Snap, chosen: Shapes
    ) -> Ints:
        """Accept the first pair of each geometry where free; return who was blocked."""
        pairs = self._sorted(pairs)
        pairs = pairs.take(run_starts(pairs.who))
        free = self._free(pairs, geometries, pass_walls)
        pairs.take(free).accept(snap, chosen)
        return pairs.who[~free]

    def _take_first_free(
        self, pairs: _Pairs, geometries: Shapes, pass_walls: Bools, snap: Snap, chosen: Shapes
    ) -> None:
        """Try the pairs of each geometry in order of distance until one is free.

        Each round tries as many of the nearest as all rounds before it together.
        """
        pairs = self._sorted(pairs)
        start, rows = np.flatnonzero(run_starts(pairs.who)), len(pairs.who)
        turn = np.arange(rows) - np.repeat(start, np.diff(np.append(start, rows)))
        tried = 0
        while len(turn) > 0:
            now = turn < max(2 * tried, 1)
            free = pairs.take(now)
            free = free.take(self._free(free, geometries, pass_walls))
            free.take(run_starts(free.who)).accept(snap, chosen)
            left = ~now & (snap.edge[pairs.who] < 0)
            pairs, turn, tried = pairs.take(left), turn[left], max(2 * tried, 1)

    def _free(self, pairs: _Pairs, geometries: Shapes, pass_walls: Bools) -> Bools:
        free = np.ones(len(pairs.who), dtype=bool)
        connection = shapely.shortest_line(geometries[pairs.who], pairs.line)
        for number, tree in enumerate(self.obstacles):
            hit = tree.query(connection, predicate="intersects")[0]
            free[hit if number == 0 else hit[~pass_walls[pairs.who[hit]]]] = False
        return free | (pairs.distance == 0)  # who stands on a way crosses nothing


@dataclass(frozen=True)
class _Pairs:
    """Geometries by row, and a line each might be attached to: an edge or part of one."""

    who: Ints
    edge: Ints
    line: Shapes
    distance: Floats

    def take(self, rows: Ints | Bools) -> _Pairs:
        return _Pairs(self.who[rows], self.edge[rows], self.line[rows], self.distance[rows])

    def accept(self, snap: Snap, chosen: Shapes) -> None:
        snap.edge[self.who], snap.leg_m[self.who] = self.edge, self.distance
        chosen[self.who] = self.line
