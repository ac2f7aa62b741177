from types import SimpleNamespace

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, STRtree

from cityplan.model.network import WalkNetwork
from cityplan.spatial.graph import build_graph
from cityplan.spatial.shortest import adjacency, components, node_costs
from cityplan.spatial.snap import ATTACHED, TOO_FAR, Snap

FAR = 1e6
NOWHERE = None


def network(lines):
    nothing = STRtree([])
    return WalkNetwork(build_graph(np.array(lines, dtype=object)), nothing, nothing, 0.0)


def snap(*spots):
    """Return spots (edge, metres along it, metres off it); None is attached to nothing."""
    rows = [(-1, np.nan, np.nan, TOO_FAR) if s is NOWHERE else (*s, ATTACHED) for s in spots]
    table = np.array(rows, dtype=float).reshape(-1, 4)
    return Snap(table[:, 0].astype(np.int64), table[:, 1], table[:, 2], table[:, 3].astype(np.int8))


def distances(walk, targets, sources, *, cutoff_m=FAR):
    answer = walk.cost_to_nearest(snap(*targets), {"it": snap(*sources)}, cutoff_m=cutoff_m)["it"]
    return answer.cost_m.tolist(), answer.source.tolist()


STREET = [LineString([(0, 0), (100, 0)]), LineString([(100, 0), (100, 50)])]


def test_walk_is_leg_and_way_and_leg():
    cost, source = distances(network(STREET), [(0, 20, 7)], [(1, 30, 5)])
    assert cost == [7 + 80 + 30 + 5]
    assert source == [0]


def test_same_edge_needs_no_node():
    cost, _ = distances(network(STREET), [(0, 20, 1)], [(0, 60, 2)])
    assert cost == [43]


def test_same_edge_may_be_longer_than_the_way_round():
    lines = [LineString([(0, 0), (0, 200), (10, 200), (10, 0)]), LineString([(0, 0), (10, 0)])]
    walk = network(lines)
    long = int(np.argmax(walk.graph.length))
    cost, _ = distances(walk, [(long, 5, 0)], [(long, 400, 0)])
    assert cost == [5 + 10 + 10]


def test_of_parallel_edges_the_shorter_counts():
    walk = network(
        [LineString([(0, 0), (0, 40), (30, 40), (30, 0)]), LineString([(0, 0), (30, 0)])]
    )
    assert walk.matrix.toarray().max() == 30
    assert adjacency(walk.graph).toarray().tolist() == [[0, 30], [30, 0]]


def test_loop_is_walked_the_shorter_way():
    ring = LineString([(0, 0), (40, 0), (40, 40), (0, 40), (0, 0)])
    walk = network([ring])
    assert distances(walk, [(0, 10, 0)], [(0, 150, 0)])[0] == [20]


def test_source_on_a_node_costs_nothing_more():
    cost, _ = distances(network(STREET), [(0, 0, 0), (1, 50, 0)], [(0, 100, 0)])
    assert cost == [100, 50]


def test_exactly_the_limit_is_within_it():
    walk = network(STREET)
    assert distances(walk, [(0, 20, 7)], [(1, 30, 5)], cutoff_m=122)[0] == [122]
    assert np.isnan(distances(walk, [(0, 20, 7)], [(1, 30, 5)], cutoff_m=121.99)[0][0])
    assert np.isnan(distances(walk, [(0, 20, 7)], [(0, 30, 5)], cutoff_m=21)[0][0])


def test_unreached_is_nan_and_never_zero():
    walk = network([*STREET, LineString([(900, 900), (950, 900)])])
    island = int(walk.graph.u[np.argmax(walk.graph.xy[walk.graph.u][:, 0])])
    edge = int(np.flatnonzero(walk.graph.u == island)[0])
    cost, source = distances(walk, [(edge, 10, 1), NOWHERE, (0, 3, 0)], [(1, 0, 0)])
    assert np.isnan(cost[:2]).all()
    assert source == [-1, -1, 0]


@pytest.mark.parametrize("sources", [[], [NOWHERE], [NOWHERE, NOWHERE]])
def test_nothing_attached_reaches_nobody(sources):
    cost, source = distances(network(STREET), [(0, 10, 0)], sources)
    assert np.isnan(cost).all()
    assert source == [-1]


def test_the_row_of_the_nearest_source_is_told():
    cost, source = distances(network(STREET), [(0, 0, 0)], [NOWHERE, (1, 10, 0), (0, 90, 0)])
    assert (cost, source) == ([90], [2])


def test_categories_do_not_mix():
    walk = network(STREET)
    answers = walk.cost_to_nearest(
        snap((0, 0, 0)),
        {"near": snap((0, 10, 0)), "none": snap(), "far": snap((1, 50, 0))},
        cutoff_m=FAR,
    )
    assert {key: answer.cost_m[0] for key, answer in answers.items() if key != "none"} == {
        "near": 10,
        "far": 150,
    }
    assert np.isnan(answers["none"].cost_m[0])


def test_no_source_nodes_reach_nothing():
    walk = network(STREET)
    reached = node_costs(walk.matrix, np.zeros(0, dtype=np.int64), cutoff_m=FAR)
    assert np.isnan(reached.cost_m).all()
    assert (reached.source == -1).all()


# --- against networkx --------------------------------------------------------


def _street(x, y, kind):
    """Streets of a lattice: straight, a detour beside it, or a loop back to its start."""
    a, east, north = (x * 100, y * 100), (x * 100 + 100, y * 100), (x * 100, y * 100 + 100)
    return {
        "east": [a, east],
        "north": [a, north],
        "east by detour": [a, (a[0] + 50, a[1] + 7), east],
        "loop": [a, (a[0] + 13, a[1] + 11), (a[0] + 5, a[1] + 17), a],
    }[kind]


@st.composite
def cases(draw):
    kinds = st.sampled_from(["east", "north", "east by detour", "loop"])
    streets = draw(
        st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3), kinds), min_size=1, max_size=16)
    )
    lines = [LineString(_street(*street)) for street in sorted(streets)]
    edges = len(build_graph(np.array(lines, dtype=object)).u)
    share = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1))
    leg = st.one_of(st.just(0.0), st.floats(0, 80))
    spot = st.one_of(st.none(), st.tuples(st.integers(0, edges - 1), share, leg))
    return SimpleNamespace(
        lines=lines,
        targets=draw(st.lists(spot, min_size=1, max_size=4)),
        sources=draw(st.lists(spot, min_size=0, max_size=4)),
        cutoff_m=draw(st.floats(50, 900)),
    )


def spots_in_metres(graph, spots):
    return [s if s is NOWHERE else (s[0], s[1] * graph.length[s[0]], s[2]) for s in spots]


def by_networkx(graph, targets, sources):
    """Return the distance of each target to the nearest source, None where there is none."""
    stops = {edge: [] for edge in range(len(graph.u))}
    for kind, spots in (("target", targets), ("source", sources)):
        for row, spot in enumerate(spots):
            if spot is not NOWHERE:
                stops[spot[0]].append((spot[1], (kind, row), spot[2]))
    net = nx.MultiGraph()
    net.add_nodes_from(range(graph.nodes))
    for edge, along in stops.items():
        before, at = int(graph.u[edge]), 0.0
        for position, door, leg in sorted(along):
            foot = ("foot", door)
            net.add_edge(before, foot, weight=max(0.0, position - at))
            net.add_edge(foot, door, weight=leg)
            before, at = foot, position
        net.add_edge(before, int(graph.v[edge]), weight=max(0.0, graph.length[edge] - at))
    doors = {("source", row) for row, spot in enumerate(sources) if spot is not NOWHERE}
    found = nx.multi_source_dijkstra_path_length(net, doors) if doors else {}
    return [found.get(("target", row)) for row in range(len(targets))]


@given(cases())
def test_distances_are_those_of_networkx(case):
    walk = network(case.lines)
    targets, sources = (spots_in_metres(walk.graph, s) for s in (case.targets, case.sources))
    expected = by_networkx(walk.graph, targets, sources)
    cost, source = distances(walk, targets, sources)
    for row, known in enumerate(expected):
        if known is None:
            assert np.isnan(cost[row])
            assert source[row] == -1
        else:
            assert cost[row] == pytest.approx(known, abs=1e-6)
            alone = by_networkx(walk.graph, targets, [sources[source[row]]])
            assert alone[row] == pytest.approx(known, abs=1e-6)


@given(cases())
def test_a_limit_hides_what_is_beyond_and_nothing_else(case):
    walk = network(case.lines)
    targets, sources = (spots_in_metres(walk.graph, s) for s in (case.targets, case.sources))
    full, _ = distances(walk, targets, sources)
    cut, _ = distances(walk, targets, sources, cutoff_m=case.cutoff_m)
    for whole, short in zip(full, cut, strict=True):
        if whole <= case.cutoff_m - 1e-6:
            assert short == pytest.approx(whole, abs=1e-6)
        elif not whole <= case.cutoff_m + 1e-6:
            assert np.isnan(short)


@given(cases(), st.randoms(use_true_random=False))
def test_splitting_reversing_and_shuffling_lines_change_no_distance(case, random):
    """Targets and sources are given by their place, so that edges may be numbered anew."""
    first = network(case.lines)
    spots = [s for s in (*case.targets, *case.sources) if s is not NOWHERE]
    feet = shapely.line_interpolate_point(
        first.graph.lines[[s[0] for s in spots]], [s[1] for s in spots], normalized=True
    )
    other = []
    for line in case.lines:
        middle = line.interpolate(line.length / 2)
        halves = [shapely.LineString(p) for p in _cut(line, middle)]
        other += [shapely.reverse(h) if random.random() < 0.5 else h for h in halves]
    random.shuffle(other)
    answers = []
    for walk in (first, network(other)):
        at = walk.snap(feet, max_m=0.01)
        assert at.attached.all()
        answers.append(
            walk.cost_to_nearest(at, {"first": at.take(np.arange(len(feet)) == 0)}, cutoff_m=FAR)
        )
    before, after = (answer["first"].cost_m for answer in answers)
    np.testing.assert_allclose(after, before, atol=1e-3)


def _cut(line, middle):
    """Cut a line of two, three or four vertices at its middle."""
    places = list(line.coords)
    lengths = np.cumsum(np.hypot(*np.diff(np.array(places), axis=0).T))
    after = int(np.searchsorted(lengths, line.length / 2)) + 1
    knee = (middle.x, middle.y)
    return [*places[:after], knee], [knee, *places[after:]]


@given(cases())
def test_component_lengths_are_those_of_networkx(case):
    graph = build_graph(np.array(case.lines, dtype=object))
    net = nx.MultiGraph(list(zip(graph.u.tolist(), graph.v.tolist(), strict=True)))
    total = components(graph, adjacency(graph))
    for part in nx.connected_components(net):
        own = np.isin(graph.u, list(part))
        assert total[own] == pytest.approx(graph.length[own].sum())
