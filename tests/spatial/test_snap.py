import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point, STRtree, box
from shapely.affinity import rotate, translate

from cityplan.model.network import WalkNetwork
from cityplan.spatial.graph import build_graph
from cityplan.spatial.snap import ATTACHED, BLOCKED, TOO_FAR, EdgeIndex, snap_to_edges

NEAR, FAR = LineString([(0, 10), (100, 10)]), LineString([(0, -40), (100, -40)])
RIVER = LineString([(-500, 5), (500, 5)])
coordinate = st.floats(-100, 100).map(lambda value: round(value, 3))
place = st.tuples(coordinate, coordinate)
stroke = st.tuples(place, place).filter(lambda ends: ends[0] != ends[1]).map(LineString)


def attach(geometries, edges, *, max_m=100.0, fragments=None, rank=None, **more):
    n = len(edges)
    index = EdgeIndex(
        edges=np.array(edges, dtype=object),
        rank=np.arange(n) if rank is None else np.array(rank),
        second_choice=np.zeros(n, dtype=bool) if fragments is None else np.array(fragments),
    )
    return snap_to_edges(np.array(geometries, dtype=object), index, max_m=max_m, **more)


def one(snap):
    return (
        int(snap.edge[0]),
        float(snap.position_m[0]),
        float(snap.leg_m[0]),
        int(snap.outcome[0]),
    )


def test_nearest_edge_at_its_nearest_spot():
    assert one(attach([Point(30, 0)], [FAR, NEAR])) == (1, 30, 10, ATTACHED)


def test_nothing_within_the_limit_is_too_far():
    snap = attach([Point(30, 0)], [NEAR, FAR], max_m=9.99)
    assert (snap.edge[0], snap.outcome[0]) == (-1, TOO_FAR)
    assert np.isnan(snap.position_m[0])
    assert np.isnan(snap.leg_m[0])
    assert attach([Point(30, 0)], [NEAR], max_m=10).attached.all()


def test_water_sends_to_the_next_edge():
    snap = attach([Point(30, 0)], [NEAR, FAR], obstacles=(STRtree([RIVER]), STRtree([])))
    assert one(snap) == (1, 30, 40, ATTACHED)


def test_all_ways_behind_water_is_blocked():
    snap = attach([Point(30, 0)], [NEAR], obstacles=(STRtree([RIVER]), STRtree([])))
    assert (snap.edge[0], snap.outcome[0], snap.attached[0]) == (-1, BLOCKED, False)


def test_who_stands_on_a_way_crosses_nothing():
    bridge = LineString([(0, 0), (100, 0)])
    water = box(20, -30, 80, 30)
    snap = attach([Point(50, 0), Point(20, 0)], [bridge], obstacles=(STRtree([water]), STRtree([])))
    assert snap.leg_m.tolist() == [0, 0]


@pytest.mark.parametrize(("tree", "free"), [(0, False), (1, True)])
def test_only_walls_open_for_gates(tree, free):
    trees = [STRtree([]), STRtree([])]
    trees[tree] = STRtree([RIVER])
    gate = attach([Point(30, 0)], [NEAR], obstacles=trees, pass_walls=np.array([True]))
    home = attach([Point(30, 0)], [NEAR], obstacles=trees, pass_walls=np.array([False]))
    assert gate.attached[0] == free
    assert not home.attached[0]


def test_fragment_is_second_choice():
    edges = [NEAR, FAR]
    assert one(attach([Point(30, 0)], edges, fragments=[True, False])) == (1, 30, 40, ATTACHED)
    assert one(attach([Point(30, 0)], edges, fragments=[True, False], max_m=39))[0] == 0
    river = (STRtree([LineString([(-500, -20), (500, -20)])]), STRtree([]))
    assert one(attach([Point(30, 0)], edges, fragments=[True, False], obstacles=river))[0] == 0


def test_network_knows_its_fragments():
    lines = [LineString([(0, 30), (600, 30)]), LineString([(0, -5), (50, -5)])]
    for fragment_min_m, y in ((500, 30), (40, -5)):
        graph = build_graph(np.array(lines, dtype=object))
        walk = WalkNetwork(graph, STRtree([]), STRtree([]), fragment_min_m)
        snap = walk.snap(np.array([Point(20, 0)]), max_m=100)
        assert graph.lines[snap.edge[0]].coords[0][1] == y


def test_area_is_attached_from_its_outline():
    assert one(attach([box(20, -20, 60, 0)], [NEAR]))[2] == 10
    assert one(attach([box(20, 0, 60, 40)], [NEAR]))[2] == 0


def test_ties_go_by_rank_and_not_by_row():
    twins = [LineString([(0, 10), (50, 10)]), LineString([(50, 10), (100, 10)])]
    assert attach([Point(50, 0)], twins, rank=[0, 1]).edge[0] == 0
    assert attach([Point(50, 0)], twins, rank=[1, 0]).edge[0] == 1


def test_no_edges_and_no_points():
    assert attach([Point(0, 0)], []).outcome.tolist() == [TOO_FAR]
    assert len(attach([], [NEAR]).edge) == 0


def test_take_keeps_rows_together():
    snap = attach([Point(30, 0), Point(70, 1), Point(0, 900)], [NEAR])
    assert one(snap.take(np.array([1]))) == (0, 70, 9, ATTACHED)
    assert snap.take(snap.attached).leg_m.tolist() == [10, 9]


# --- laws --------------------------------------------------------------------


def blocked(leg, obstacles):
    return any(leg.intersects(obstacle) for obstacle in obstacles)


def by_hand(point, edges, obstacles, max_m):
    """Return the distance to the nearest edge not behind an obstacle, None for none."""
    free = [
        point.distance(edge)
        for edge in edges
        if point.distance(edge) <= max_m
        and (point.intersects(edge) or not blocked(shapely.shortest_line(point, edge), obstacles))
    ]
    return min(free, default=None)


@given(
    st.lists(place.map(Point), min_size=1, max_size=6),
    st.lists(stroke, min_size=1, max_size=8),
    st.lists(stroke, max_size=4),
    st.floats(1, 150),
)
def test_finds_what_a_search_by_hand_finds(points, edges, obstacles, max_m):
    snap = attach(points, edges, max_m=max_m, obstacles=(STRtree(obstacles), STRtree([])))
    for row, point in enumerate(points):
        expected = by_hand(point, edges, obstacles, max_m)
        if expected is None:
            assert snap.edge[row] == -1
            assert np.isnan(snap.leg_m[row])
            near = any(point.distance(edge) <= max_m for edge in edges)
            assert snap.outcome[row] == (BLOCKED if near else TOO_FAR)
            continue
        assert snap.leg_m[row] == pytest.approx(expected, abs=1e-9)
        assert snap.leg_m[row] <= max_m
        edge = edges[snap.edge[row]]
        foot = edge.interpolate(snap.position_m[row])
        assert foot.distance(point) == pytest.approx(expected, abs=1e-6)
        assert expected == 0 or not blocked(shapely.shortest_line(point, edge), obstacles)


@given(
    st.lists(place.map(Point), min_size=1, max_size=5),
    st.lists(st.tuples(stroke, st.booleans()), min_size=1, max_size=8),
    st.floats(1, 150),
)
def test_fragments_serve_only_for_want_of_others(points, pairs, max_m):
    edges, fragments = zip(*pairs, strict=True)
    snap = attach(points, edges, max_m=max_m, fragments=fragments)
    for row, point in enumerate(points):
        proper = [e for e, small in pairs if not small and point.distance(e) <= max_m]
        assert snap.attached[row] == any(point.distance(e) <= max_m for e in edges)
        if proper:
            assert not fragments[snap.edge[row]]
        assert snap.attached[row] or snap.outcome[row] == TOO_FAR


@given(
    st.lists(place.map(Point), min_size=1, max_size=5),
    st.lists(stroke, min_size=1, max_size=8),
    st.randoms(use_true_random=False),
    st.floats(0, 360),
    st.integers(-1_000_000, 1_000_000),
)
def test_moving_turning_reversing_and_shuffling_change_no_leg(points, edges, random, angle, shift):
    other = [edge.reverse() if random.random() < 0.5 else edge for edge in edges]
    random.shuffle(other)

    def moved(shapes):
        turned = [rotate(shape, angle, origin=(0, 0)) for shape in shapes]
        return [translate(shape, shift, -shift) for shape in turned]

    before, after = attach(points, edges, max_m=1e3), attach(moved(points), moved(other), max_m=1e3)
    np.testing.assert_allclose(after.leg_m, before.leg_m, atol=1e-6)


@given(st.lists(place.map(Point), min_size=1, max_size=5), st.lists(stroke, min_size=1, max_size=8))
def test_splitting_edges_changes_no_leg(points, edges):
    halves = []
    for edge in edges:
        middle = edge.interpolate(0.5, normalized=True)
        halves += [LineString([edge.coords[0], middle]), LineString([middle, edge.coords[-1]])]
    before, after = attach(points, edges, max_m=1e3), attach(points, halves, max_m=1e3)
    np.testing.assert_allclose(after.leg_m, before.leg_m, atol=1e-6)
