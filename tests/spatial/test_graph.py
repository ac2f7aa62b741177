import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString
from shapely.affinity import rotate, translate

from cityplan.spatial.graph import VERTEX_GRID_M, build_graph

# Streets drawn on a small lattice meet often, pass through themselves, close and repeat.
lattice_lines = st.lists(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=6),
    min_size=1,
    max_size=8,
)


def lines_of(places, *, step_m=10.0):
    return np.array([LineString(np.array(p) * step_m) for p in places], dtype=object)


def graph_of(*places):
    return build_graph(np.array([LineString(p) for p in places], dtype=object))


def edges_between_places(graph):
    """Return the edges, without their direction, by the places of their nodes."""
    ends = np.sort(np.column_stack([graph.u, graph.v]), axis=1)
    return sorted(
        (*graph.xy[a].round(6), *graph.xy[b].round(6), round(length, 6))
        for (a, b), length in zip(ends, graph.length, strict=True)
    )


def shape_of(graph):
    """Return what no motion changes: degrees, and lengths with the degrees at their ends."""
    degree = graph.degree()
    edges = zip(graph.u, graph.v, graph.length, strict=True)
    return sorted(degree.tolist()), sorted(
        (round(length, 5), *sorted((int(degree[u]), int(degree[v])))) for u, v, length in edges
    )


def test_lines_that_share_a_vertex_are_cut_there():
    graph = graph_of([(0, 0), (50, 0), (100, 0)], [(50, 0), (50, 30)])
    assert graph.xy.tolist() == [[0, 0], [50, 0], [50, 30], [100, 0]]
    assert sorted(graph.length.tolist()) == [30, 50, 50]
    assert graph.degree().tolist() == [1, 3, 1, 1]
    assert graph.row.tolist() == [0, 0, 1]


def test_a_crossing_without_a_common_vertex_is_a_bridge():
    graph = graph_of([(0, 0), (100, 0)], [(50, -50), (50, 50)])
    assert graph.nodes == 4
    assert graph.degree().tolist() == [1, 1, 1, 1]


def test_inner_vertices_of_one_line_are_no_nodes():
    graph = graph_of([(0, 0), (50, 0), (50, 70), (90, 70)])
    assert graph.degree().tolist() == [1, 1]
    assert graph.length.tolist() == [160]


def test_closed_line_alone_is_one_loop():
    graph = graph_of([(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)])
    assert (graph.nodes, graph.u.tolist(), graph.v.tolist()) == (1, [0], [0])
    assert graph.degree().tolist() == [2]


def test_closed_line_that_others_meet_is_cut_where_they_do():
    ring = [(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)]
    graph = graph_of(ring, [(10, 10), (30, 10)])
    assert sorted(graph.length.tolist()) == [20, 20, 20]
    assert graph.degree().tolist() == [2, 3, 1]


def test_line_that_ends_on_itself_is_stem_and_loop():
    graph = graph_of([(0, 0), (0, 60), (20, 60), (20, 80), (0, 80), (0, 60)])
    assert sorted(graph.length.tolist()) == [60, 80]
    assert sorted(graph.degree().tolist()) == [1, 3]


def test_nothing_passes_a_locked_gate():
    gate = np.array([[50.0, 0.0]])
    line = np.array([LineString([(0, 0), (50, 0), (100, 0)])], dtype=object)
    graph = build_graph(line, blocked=gate)
    assert sorted(graph.length.tolist()) == [50, 50]
    assert graph.degree().tolist() == [1, 1, 1, 1]
    assert build_graph(line).degree().tolist() == [1, 1]


def test_a_locked_gate_at_a_junction_parts_every_street():
    lines = [LineString([(0, 0), tip]) for tip in ((10, 0), (0, 20), (-30, 0))]
    graph = build_graph(np.array(lines, dtype=object), blocked=np.zeros((1, 2)))
    assert graph.degree().tolist() == [1] * 6
    assert sorted(graph.length.tolist()) == [10, 20, 30]
    for line, u, v in zip(graph.lines, graph.u, graph.v, strict=True):
        assert line.coords[0] == tuple(graph.xy[u])
        assert line.coords[-1] == tuple(graph.xy[v])


def test_repeated_vertices_and_lines_of_one_place_fall_away():
    graph = graph_of([(0, 0), (0, 0), (9, 0), (9, 0)], [(5, 5), (5, 5)])
    assert graph.length.tolist() == [9]
    assert graph.row.tolist() == [0]


def test_vertices_a_rounding_apart_are_one():
    graph = graph_of([(0, 0), (10, 0)], [(10 + VERTEX_GRID_M / 10, 0), (20, 0)])
    assert graph.degree().tolist() == [1, 2, 1]


@pytest.mark.parametrize("lines", [[], [LineString([(1, 1), (1, 1)])]])
def test_nothing_makes_an_empty_graph(lines):
    graph = build_graph(np.array(lines, dtype=object))
    assert graph.nodes == len(graph.u) == len(graph.length) == 0


@given(lattice_lines)
def test_edges_are_the_lines_cut_in_pieces(places):
    lines = lines_of(places)
    graph = build_graph(lines)
    assert graph.length.sum() == pytest.approx(shapely.length(lines).sum())
    for row in set(graph.row.tolist()):
        own = graph.lines[graph.row == row]
        assert shapely.length(own).sum() == pytest.approx(lines[row].length)
    starts, ends = (shapely.get_coordinates(shapely.get_point(graph.lines, i)) for i in (0, -1))
    assert np.array_equal(starts.reshape(-1, 2), graph.xy[graph.u])
    assert np.array_equal(ends.reshape(-1, 2), graph.xy[graph.v])


@given(lattice_lines)
def test_nodes_are_sorted_and_apart(places):
    xy = build_graph(lines_of(places)).xy
    assert xy.tolist() == sorted(xy.tolist())
    assert len({tuple(p) for p in xy.tolist()}) == len(xy)


@given(lattice_lines, st.randoms(use_true_random=False))
def test_order_and_direction_change_nothing(places, random):
    other = [p[::-1] if random.random() < 0.5 else p for p in places]
    random.shuffle(other)
    first, second = build_graph(lines_of(places)), build_graph(lines_of(other))
    assert np.array_equal(first.xy, second.xy)
    assert edges_between_places(first) == edges_between_places(second)


@given(
    lattice_lines,
    st.integers(-5_000_000, 5_000_000),
    st.integers(-5_000_000, 5_000_000),
    st.floats(0, 360),
)
def test_moving_and_turning_change_nothing(places, dx, dy, angle):
    lines = shapely.multilinestrings(lines_of(places))
    moved = translate(rotate(lines, angle, origin=(0, 0)), dx, dy)
    before, after = (build_graph(shapely.get_parts(bundle)) for bundle in (lines, moved))
    assert shape_of(before) == shape_of(after)
