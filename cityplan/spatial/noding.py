"""Noding: lines that meet get a common vertex.

Ways of OpenStreetMap are connected where they share one. In drawings and in layers
of a bureau a side street may end on the middle of another without it, streets may
cross without it, and ends may miss each other by a hair.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import cKDTree
from shapely import LineString, STRtree

from cityplan.spatial.arrays import run_starts
from cityplan.spatial.graph import unique_vertices
from cityplan.spatial.overlay import linked_groups

if TYPE_CHECKING:
    from cityplan.spatial.arrays import Bools, Floats, Ints, Shapes

# How far a loose end may miss what it is meant to meet: about what a street map of
# 1:2000 shows. Ends that others share already lie on a line or do not.
JOIN_M = 1.0
ON_LINE_M = 0.01
# A row of ends, each near the next, is not drawn together into one place.
FARTHEST_M = 2 * JOIN_M
# Where fewer ends than this share lack a vertex, vertices were drawn. On seven street layers
# made of OpenStreetMap at most one end in a hundred lacks one.
LACKING = 0.1
SAME_SPOT_M = 1e-3
RING_M = 10.0  # a line whose own ends nearly meet is a ring if it is as long
POINT = 0
THREE = 3


@dataclass(frozen=True)
class Noded:
    """Lines with common vertices where they meet.

    Attributes
    ----------
    lines
        The lines, in their order.
    drawn
        Whether they had common vertices where one ends on another.
    ends
        Ends of lines that were joined to what they end on.
    crossings
        Crossings that were joined.
    passed
        Crossings without a common vertex that were left as they are.
    """

    lines: Shapes
    drawn: bool
    ends: int
    crossings: int
    passed: int


def node_lines(lines: Shapes, *, own: Bools, ground: Bools) -> Noded:
    """Give lines common vertices where they meet.

    Loose ends are joined to the nearest vertex, else to the nearest line, within a
    metre; ends joined to each other are also joined to the line they end on. Whether
    a crossing without a common vertex is a bridge is told by the ends, which meet
    what they end on: where nine in ten had a common vertex with it, vertices were
    drawn, and such crossings are left; else they are joined.

    Parameters
    ----------
    lines
        LineStrings in metres.
    own
        Which lines may lack vertices, where they meet others or themselves; where two
        others meet nothing is changed.
    ground
        Which lines are neither bridge nor tunnel nor motorway: only those are joined
        where they cross. The others may be joined at their ends, and in their middle
        to the ends of others of their kind.
    """
    if not own.any():
        return Noded(lines, drawn=True, ends=0, crossings=0, passed=0)
    pieces, row = _untangled(lines, own & ground)
    noded = _node_pieces(pieces, own[row], ground[row])
    return replace(noded, lines=_whole(noded.lines, row))


def _untangled(lines: Shapes, cut: Bools) -> tuple[Shapes, Ints]:
    """Cut lines that meet themselves into pieces that do not, and tell the line of each."""
    tangled = np.flatnonzero(cut & ~shapely.is_simple(lines))
    if len(tangled) == 0:
        return lines, np.arange(len(lines))
    pieces: list[list[LineString]] = [[line] for line in lines]
    for row in tangled:
        pieces[row] = _simple_parts(lines[row])
    every = np.array([piece for parts in pieces for piece in parts], dtype=object)
    return every, np.repeat(np.arange(len(lines)), [len(parts) for parts in pieces])


def _simple_parts(line: LineString) -> list[LineString]:
    xy = shapely.get_coordinates(line)
    half = len(xy) // 2
    if line.is_simple or len(xy) < THREE:
        return [line]
    parts = [LineString(xy[: half + 1]), LineString(xy[half:])]
    return [simple for part in parts for simple in _simple_parts(part)]


def _whole(pieces: Shapes, row: Ints) -> Shapes:
    """Return the lines of sorted pieces, each of which starts where the one before ends."""
    start = run_starts(row)
    lines = pieces[start]
    cut = np.bincount(row) > 1
    parts = np.flatnonzero(cut[row])
    xy, piece = shapely.get_coordinates(pieces[parts], return_index=True)
    owner = row[parts][piece]
    keep = ~run_starts(piece) | run_starts(owner)
    lines[cut] = _lines_of(xy[keep], owner[keep])
    return lines


def _node_pieces(lines: Shapes, own: Bools, ground: Bools) -> Noded:
    """Node lines that do not meet themselves."""
    table = _Vertices.of(lines)
    threes, fours = table.junctions(own)
    lines, loose = _merge_loose_ends(lines, table, own, ground)
    lines, touching = _join_ends(lines, table, own, ground)
    lacking, crossings = _crossings(lines, own, ground)
    ends = loose + touching
    drawn = ends <= LACKING * (ends + threes) if ends or threes else crossings <= fours
    if drawn:
        return Noded(lines, drawn, ends, 0, crossings)
    return Noded(lacking.insert(lines), drawn, ends, crossings, 0)


@dataclass(frozen=True)
class _Vertices:
    """Every vertex of every line, and which of them are one.

    Attributes
    ----------
    row
        The line of each.
    xy, number
        Where it is; equal numbers are one place.
    end
        Whether its line starts or ends there.
    ways
        In how many directions its line goes on from it, repeats of a vertex counted
        once.
    """

    row: Ints
    xy: Floats
    number: Ints
    end: Bools
    ways: Ints

    @classmethod
    def of(cls, lines: Shapes) -> _Vertices:
        xy, row = shapely.get_coordinates(lines, return_index=True)
        number, _ = unique_vertices(xy)
        first = run_starts(row)
        last = np.append(first[1:], True)[: len(first)]
        goes_on = (number[1:] != number[:-1]) & ~first[1:]
        ways = np.append(goes_on, False).astype(np.int64) + np.append(False, goes_on)
        return cls(row, xy, number, first | last, ways[: len(row)])

    @property
    def where(self) -> Floats:
        """The place of each number, shape (numbers, 2)."""
        places = np.zeros((int(self.number.max(initial=-1)) + 1, 2))
        places[self.number] = self.xy
        return places

    @property
    def stump(self) -> Bools:
        """Vertices of lines of no length, which meet nothing."""
        return np.asarray(np.bincount(self.number, self.ways)[self.number] == 0)

    @property
    def loose(self) -> Bools:
        """Vertices where a line ends that meets nothing else there."""
        return np.asarray(np.bincount(self.number, self.ways)[self.number] == 1)

    def junctions(self, own: Bools) -> tuple[int, int]:
        """Count the common vertices where three ways meet, and where more do."""
        ways = np.bincount(self.number, self.ways)
        ours = np.bincount(self.number, own[self.row]) > 0
        return int(((ways == THREE) & ours).sum()), int(((ways > THREE) & ours).sum())


def _merge_loose_ends(
    lines: Shapes, table: _Vertices, own: Bools, ground: Bools
) -> tuple[Shapes, int]:
    """Move loose ends to the nearest vertex of another line, and count them.

    Ends whose nearest are each other go to one of them.
    """
    loose = np.flatnonzero(table.loose & (table.ways > 0))
    if len(loose) == 0:
        return lines, 0
    near = cKDTree(table.xy[loose]).sparse_distance_matrix(
        cKDTree(table.xy), JOIN_M, output_type="coo_matrix"
    )
    end, other, apart = loose[near.row], near.col, near.data
    mine, theirs = table.row[end], table.row[other]
    closes = table.end[other] & (shapely.length(lines)[mine] > RING_M)
    keep = (mine != theirs) | closes & (table.number[end] != table.number[other])
    keep &= (own[mine] | own[theirs]) & (table.ways[other] > 0)
    keep &= ground[theirs] | table.end[other] | ~ground[mine]
    end, other, apart = end[keep], other[keep], apart[keep]
    order = np.lexsort((table.number[other], apart, end))
    first = order[run_starts(end[order])] if len(order) else order
    here, there = table.number[end[first]], table.number[other[first]]

    where = table.where
    target = _gathered(here, there, where)
    moved = target[table.number] != table.number
    changed = np.unique(table.row[moved])
    xy = np.where(moved[:, None], where[target[table.number]], table.xy)
    rows = np.isin(table.row, changed)
    lines = lines.copy()
    lines[changed] = _lines_of(xy[rows], table.row[rows])
    return lines, int((moved & table.end).sum())


def _gathered(here: Ints, there: Ints, where: Floats) -> Ints:
    """Return to which vertex each goes; those from ``here`` to ``there`` in turn are a group.

    Of a group the vertex that stays, else the first by its coordinates, is where all go.
    """
    every = np.arange(len(where))
    group = linked_groups(here, there, len(where))
    moves = np.zeros(len(where), dtype=bool)
    moves[here] = True
    order = np.lexsort((every, moves, group))
    target = order[run_starts(group[order])][group]
    far = np.hypot(*(where - where[target]).T) > FARTHEST_M
    return np.where(far, every, target)


def _lines_of(xy: Floats, row: Ints) -> Shapes:
    """Return the lines of sorted rows of vertices."""
    return shapely.linestrings(xy, indices=np.cumsum(run_starts(row)) - 1)


def _join_ends(lines: Shapes, before: _Vertices, own: Bools, ground: Bools) -> tuple[Shapes, int]:
    """Give the lines on which others end a vertex there, and count the ends.

    What an end lies on is told by where it was ``before`` loose ends were moved.
    """
    table = _Vertices.of(lines)
    ends = np.flatnonzero(table.end & ~table.stump)
    ends = ends[np.unique(before.number[ends], return_index=True)[1]]
    if len(ends) == 0:
        return lines, 0
    number = table.number[ends]
    count = int(table.number.max()) + 1
    shared = np.bincount(table.number, ~before.loose, count) > 0
    ours = np.bincount(table.number, own[table.row], count) > 0
    grounded = np.bincount(table.number, ground[table.row], count) > 0

    points = shapely.points(before.xy[ends])
    end, line = STRtree(lines).query(
        points, predicate="dwithin", distance=np.where(shared[number], ON_LINE_M, JOIN_M)
    )
    keep = ours[number[end]] | own[line]
    keep &= ground[line] | ~grounded[number[end]]
    keep &= ~_has_vertex(table, line, number[end], count) & (shapely.length(lines[line]) > 0)
    keep &= shapely.distance(shapely.points(table.xy[ends])[end], lines[line]) <= FARTHEST_M
    end, line = end[keep], line[keep]
    apart = shapely.distance(points[end], lines[line])
    order = np.lexsort((line, apart, number[end]))
    place, line, apart = number[end[order]], line[order], apart[order]
    first = run_starts(place) if len(place) else np.zeros(0, dtype=bool)
    chosen = first | (apart <= ON_LINE_M)
    place, line = np.unique(np.column_stack([place, line])[chosen], axis=0).T
    return _Meetings(line, table.where[place]).insert(lines), len(np.unique(place))


def _has_vertex(table: _Vertices, row: Ints, number: Ints, count: int) -> Bools:
    return np.isin(row * count + number, table.row * count + table.number)


@dataclass(frozen=True)
class _Meetings:
    """Places, each with a line that is to have a vertex there."""

    row: Ints
    xy: Floats

    def insert(self, lines: Shapes) -> Shapes:
        """Return the lines with the vertices; each goes where its line is nearest to it.

        A line whose end is nearest goes on to the vertex.
        """
        changed = np.unique(self.row)
        if len(changed) == 0:
            return lines
        place = np.searchsorted(changed, self.row)
        xy, row = shapely.get_coordinates(lines[changed], return_index=True)
        step = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
        step[run_starts(row)] = 0.0
        along = np.cumsum(step)
        along -= along[run_starts(row)][row]
        at = shapely.line_locate_point(lines[self.row], shapely.points(self.xy))
        open_end = ~shapely.is_closed(lines[self.row])
        at[open_end & (at <= 0)] = -1.0
        at[open_end & (at >= shapely.length(lines[self.row]) - SAME_SPOT_M)] = np.inf
        every, owner = np.vstack([xy, self.xy]), np.concatenate([row, place])
        order = np.lexsort((np.concatenate([along, at]), owner))
        lines = lines.copy()
        lines[changed] = _lines_of(every[order], owner[order])
        return lines


def _crossings(lines: Shapes, own: Bools, ground: Bools) -> tuple[_Meetings, int]:
    """Return the vertices that crossings on the ground lack, and how many crossings those are."""
    rows = np.flatnonzero(ground)
    a, b = rows[STRtree(lines[rows]).query(lines[rows])]
    keep = (a < b) & (own[a] | own[b])
    a, b = a[keep], b[keep]
    # Lines that overlap may cross elsewhere too.
    cross = shapely.crosses(lines[a], lines[b]) | shapely.overlaps(lines[a], lines[b])
    a, b = a[cross], b[cross]
    parts, pair = shapely.get_parts(shapely.intersection(lines[a], lines[b]), return_index=True)
    points = shapely.get_type_id(parts) == POINT
    xy, pair = shapely.get_coordinates(parts[points]), pair[points]
    a, b = a[pair], b[pair]
    table = _Vertices.of(lines)
    on_a, on_b = _vertex_at(table, a, xy), _vertex_at(table, b, xy)
    vertex = np.where(on_a >= 0, on_a, on_b)
    xy = np.where((vertex >= 0)[:, None], table.xy[vertex], xy)
    lacks_a = on_a < 0
    lacks_b = lacks_a & (on_b < 0) | ~lacks_a & (table.number[on_a] != table.number[on_b])
    apart = lacks_a | lacks_b
    meetings = _Meetings(
        np.concatenate([a[lacks_a], b[lacks_b]]), np.vstack([xy[lacks_a], xy[lacks_b]])
    )
    return meetings, int(apart.sum())


def _vertex_at(table: _Vertices, row: Ints, xy: Floats) -> Ints:
    """Return which vertex of its line is at each place, -1 where there is none."""
    found = np.full(len(row), -1, dtype=np.int64)
    if len(row) and len(table.xy):
        near = cKDTree(xy).sparse_distance_matrix(
            cKDTree(table.xy), SAME_SPOT_M, output_type="coo_matrix"
        )
        mine = table.row[near.col] == row[near.row]
        found[near.row[mine]] = near.col[mine]
    return found
