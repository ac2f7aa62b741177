import math
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely import LineString

from cityplan.spatial.graph import build_graph
from cityplan.spatial.noding import node_lines

places = st.tuples(st.integers(0, 200), st.integers(0, 200))
drawings = st.lists(st.lists(places, min_size=2, max_size=4, unique=True), min_size=2, max_size=9)


def noded(*places, own=None, ground=None):
    lines = np.array([LineString(p) for p in places], dtype=object)
    every = np.ones(len(lines), dtype=bool)
    return node_lines(
        lines,
        own=every if own is None else np.array(own, dtype=bool),
        ground=every if ground is None else np.array(ground, dtype=bool),
    )


def degrees(lines):
    return sorted(build_graph(lines).degree().tolist())


EAST = [(0, 0), (100, 0)]
NORTH = [(50, -50), (50, 50)]


def test_streets_that_cross_without_a_vertex_are_joined_where_none_has_one():
    done = noded(EAST, NORTH)
    assert (done.ends, done.crossings, done.passed) == (0, 1, 0)
    assert [line.wkt for line in done.lines] == [
        "LINESTRING (0 0, 50 0, 100 0)",
        "LINESTRING (50 -50, 50 0, 50 50)",
    ]


def test_where_streets_end_on_vertices_a_crossing_without_one_is_a_bridge():
    main = [(0, 0), (10, 0), (20, 0), (100, 0)]
    sides = [[(10, 0), (10, 50)], [(20, 0), (20, 50)]]
    done = noded(main, *sides, NORTH)
    assert (done.drawn, done.crossings, done.passed) == (True, 0, 1)
    assert done.lines[0].equals(LineString(main))
    many = noded(main, *sides, *[[(x, -50), (x, 50)] for x in (50, 60, 70)])
    assert (many.crossings, many.passed) == (0, 3)


def test_where_streets_end_on_the_middle_of_others_a_crossing_is_one():
    sides = [[(10, 0), (10, 50)], [(20, 0.2), (20, 50)], [(30, 0), (30, 50)]]
    done = noded([(0, 0), (30, 0), (100, 0)], *sides, NORTH)
    assert (done.drawn, done.ends, done.crossings, done.passed) == (False, 2, 1, 0)


@pytest.mark.parametrize("ground", [(0, 1), (1, 0), (0, 0)])
def test_a_bridge_or_tunnel_is_never_joined_in_its_middle(ground):
    done = noded(EAST, NORTH, ground=ground)
    assert (done.crossings, done.passed) == (0, 0)
    assert degrees(done.lines) == [1, 1, 1, 1]


def test_ways_of_openstreetmap_are_left_as_they_are():
    done = noded(EAST, NORTH, [(50, 0.3), (70, 40)], own=(0, 0, 0))
    assert (done.ends, done.crossings, done.passed) == (0, 0, 0)
    assert noded(EAST, NORTH, own=(0, 1)).crossings == 1


@pytest.mark.parametrize(
    ("gap_m", "ends"), [(0.0, 1), (0.4, 1), (-0.4, 1), (0.99, 1), (1.01, 0), (5.0, 0)]
)
def test_a_side_street_ends_on_the_main_street_within_a_metre(gap_m, ends):
    done = noded(EAST, [(50, gap_m), (50, 50)])
    assert done.ends == ends
    assert degrees(done.lines) == ([1, 1, 1, 3] if ends else [1, 1, 1, 1])


def test_ends_that_miss_each_other_meet_in_one_place():
    done = noded(EAST, [(100.5, 0.4), (150, 50)], [(100.5, -0.4), (150, -50)])
    assert degrees(done.lines) == [1, 1, 1, 3]
    assert len({line.coords[end] for line, end in zip(done.lines, (-1, 0, 0), strict=True)}) == 1


def test_a_loose_end_takes_a_vertex_rather_than_the_middle_of_a_street():
    done = noded([(0, 0), (50.5, 0), (100, 0)], [(50, 0.1), (50, 50)])
    assert done.lines[1].coords[0] == (50.5, 0)
    assert done.lines[0].coords[:] == [(0, 0), (50.5, 0), (100, 0)]


def test_two_streets_that_end_together_on_a_third_are_joined_to_it():
    done = noded(EAST, [(50, -50), (50, 0)], [(50, 0), (50, 50)])
    assert done.ends == 1
    assert degrees(done.lines) == [1, 1, 1, 1, 4]


@pytest.mark.parametrize("drawn", [False, True])
@pytest.mark.parametrize("shift_m", [-0.3, 0.0, 0.3])
@pytest.mark.parametrize("gaps_m", [(0.3, -0.3), (0.9, -0.05), (0.0, -0.3), (0.5, 0.9)])
def test_ends_that_merge_are_still_joined_to_the_street_they_end_on(gaps_m, shift_m, drawn):
    """Two side streets opposite each other, which meet before they meet the main street."""
    near, far = gaps_m
    sides = [(50, near), (50, 50)], [(50 + shift_m, far), (52, 50 if far > 0 else -50)]
    others = [[(x, 0), (x, 40)] for x in (*range(2, 47, 2), *range(54, 99, 2)) if drawn]
    main = [(0, 0), *[other[0] for other in others], (100, 0)]
    for lines in ((main, *sides), (*sides, main)):
        done = noded(*lines, *others)
        assert (done.drawn, done.ends) == (drawn, 2)
        assert degrees(done.lines)[-1] == 4


def test_a_row_of_ends_is_not_drawn_together():
    comb = [[(0.9 * n, 0), (0.9 * n, 40 * (-1) ** n)] for n in range(30)]
    done = noded(*comb)
    for line, before in zip(done.lines, comb, strict=True):
        for end in (0, -1):
            assert math.dist(line.coords[end], before[end]) <= 2


def test_an_end_that_is_written_twice_is_loose_all_the_same():
    done = noded(EAST, [(50, 0.3), (50, 0.3), (50, 50), (50, 50)])
    assert done.ends == 1
    assert degrees(done.lines) == [1, 1, 1, 3]


def test_lines_of_no_length_meet_nothing():
    done = noded(EAST, [(50, 0.5), (50, 0.5)], [(50.3, 0.6), (50, 60)], [(100.5, 0), (100.5, 0)])
    assert done.ends == 1
    assert done.lines[0].coords[:] == [(0, 0), (50.3, 0.6), (100, 0)]
    assert [done.lines[at].length for at in (1, 3)] == [0, 0]


def test_lines_that_overlap_are_joined_where_they_cross_elsewhere():
    one = [(0, 0), (100, 0), (100, 50), (0, 50)]
    done = noded(one, [(50, 0), (100, 0), (100, 20), (80, 20), (80, 80)])
    assert (done.ends, done.crossings) == (1, 1)
    assert (80, 50) in done.lines[0].coords[:]


def test_vertices_a_hair_apart_at_a_crossing_become_one():
    done = noded([(0, 0), (50, 0.0003), (100, 0)], [(50, -50), (50, -0.0003), (50, 50)])
    assert done.crossings == 1
    assert degrees(done.lines) == [1, 1, 1, 1, 4]


def test_a_ring_that_is_not_quite_closed_is_closed():
    ring = [(40, 0.2), (50, 20), (60, 20), (40, -0.3)]
    done = noded(ring)
    assert done.ends == 1
    assert done.lines[0].is_ring
    assert degrees(noded(EAST, ring).lines) == [1, 1, 4]
    hook = noded([(0, 0), (3, 3), (0.5, 0)])
    assert hook.ends == 0


def test_a_ring_that_starts_on_a_street_is_joined_to_it():
    done = noded(EAST, [(50, 0), (60, 20), (40, 20), (50, 0)])
    assert done.ends == 1
    assert degrees(done.lines) == [1, 1, 4]


@pytest.mark.parametrize("last", [(50, 0), (50, -50)])
def test_a_street_that_meets_itself_is_joined_to_itself(last):
    """A loop at the end of a street, drawn in one go."""
    loop = [(0, 0), (100, 0), (100, 50), (50, 50), last]
    touches = last == (50, 0)
    done = noded(loop)
    assert (done.ends, done.crossings) == ((1, 0) if touches else (0, 1))
    assert degrees(done.lines) == ([1, 3] if touches else [1, 1, 4])
    assert done.lines[0].length == LineString(loop).length
    assert done.lines[0].coords[:] == [
        *loop[:1],
        (50, 0),
        *loop[1:4],
        *dict.fromkeys([(50, 0), last]),
    ]
    for kept in ({"own": [0]}, {"ground": [0]}):
        assert noded(loop, **kept).lines[0].coords[:] == loop


def test_a_roundabout_is_no_junction_of_its_own():
    """Where no end tells it, vertices were drawn if crossings have them as often as not."""
    ring = [(200, 0), (210, 0), (210, 10), (200, 0)]
    assert noded(EAST, NORTH, ring).crossings == 1


def test_the_end_of_a_bridge_is_joined_to_the_street_it_lands_on():
    done = noded(EAST, [(50, 0.2), (50, 50)], ground=(1, 0))
    assert done.ends == 1
    under = noded(EAST, [(50, 0.2), (50, 50)], ground=(0, 1))
    assert under.ends == 0


def test_densely_drawn_and_tiny_streets_keep_their_shape():
    dense = [(x / 2, 0) for x in range(100)]
    done = noded(dense, [(200, 0), (200.3, 0)])
    assert [line.length for line in done.lines] == pytest.approx([49.5, 0.3])


def test_nothing_at_all():
    none = np.zeros(0, dtype=object)
    done = node_lines(none, own=np.zeros(0, dtype=bool), ground=np.zeros(0, dtype=bool))
    assert len(done.lines) == 0


@given(drawings)
def test_a_drawing_is_joined_where_the_plane_says_so_and_once(drawing):
    """Against the noding of GEOS: the same nodes and the same edges meet at each."""
    drawing = [list(line) for line in drawing]
    parts = [LineString(pair) for line in drawing for pair in pairwise(line)]
    lines = np.array([LineString(line) for line in drawing], dtype=object)
    tree = shapely.STRtree(parts)
    a, b = tree.query(parts, predicate="intersects")
    meet = shapely.intersection(np.array(parts)[a[a < b]], np.array(parts)[b[a < b]])
    assume(not (shapely.get_type_id(meet) == 1).any())  # no stretch drawn twice
    assume(all(line.is_simple and not line.is_ring for line in lines))
    spots = shapely.points(np.unique(shapely.get_coordinates(meet).round(6), axis=0))
    ends = shapely.points(np.unique(shapely.get_coordinates(lines), axis=0))
    for one, other in ((ends, spots), (ends, ends), (spots, spots)):
        distance = shapely.distance(one[:, None], other[None, :])
        assume(not ((distance > 1e-5) & (distance <= 1.5)).any())
    loose = shapely.distance(ends[:, None], np.array(parts)[None, :])
    assume(not ((loose > 1e-5) & (loose <= 1.5)).any())

    done = noded(*drawing)
    assume(not done.passed)
    expected = shapely.get_parts(shapely.node(shapely.multilinestrings(lines)))
    assert degrees(done.lines) == degrees(expected)
    assert shapely.length(done.lines).sum() == pytest.approx(shapely.length(lines).sum())
    again = node_lines(done.lines, own=np.ones(len(lines), bool), ground=np.ones(len(lines), bool))
    assert (again.ends, again.crossings) == (0, 0)
    assert all(a.equals_exact(b, 0) for a, b in zip(done.lines, again.lines, strict=True))
