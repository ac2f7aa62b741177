import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString
from shapely.ops import substring

from cityplan.spatial.branches import join_branches, prune_trees
from cityplan.spatial.graph import build_graph

STEM = [(0, 0), (0, 60)]
LOOP = [(0, 60), (20, 60), (20, 80), (0, 80), (0, 60)]
lattice_streets = st.sets(
    st.tuples(st.integers(0, 4), st.integers(0, 4), st.booleans()), min_size=1, max_size=20
)


def branches_of(*places):
    return join_branches(build_graph(np.array([LineString(p) for p in places], dtype=object)))


def node_at(branches, place):
    return int(np.flatnonzero((branches.graph.xy == place).all(axis=1))[0])


def lattice_lines(streets):
    """Turn (column, row, eastward?) into streets of 100 m between crossings."""
    return [
        LineString([(x * 100, y * 100), ((x + east) * 100, (y + 1 - east) * 100)])
        for x, y, east in sorted(streets)
    ]


def summary(lines):
    """Return what a branch is, wherever its road was cut: length and its two ends."""
    branches = join_branches(build_graph(np.array(lines, dtype=object)))
    xy = branches.graph.xy

    def place(node):
        return tuple(xy[node].round(6)) if node >= 0 else ()

    return sorted(
        (round(length, 6), *sorted((place(start), place(end))))
        for length, start, end in zip(branches.length_m, branches.start, branches.end, strict=True)
    )


def test_pieces_of_one_road_are_one_branch():
    branches = branches_of([(0, 0), (30, 0)], [(70, 0), (30, 0)], [(70, 0), (100, 0)])
    assert branches.length_m.tolist() == [100]
    assert {branches.start[0], branches.end[0]} == {
        node_at(branches, (0, 0)),
        node_at(branches, (100, 0)),
    }
    assert branches.line(0).length == 100
    assert branches.line(0).coords[0] == tuple(branches.graph.xy[branches.start[0]])


def test_junctions_end_branches():
    branches = branches_of([(0, 0), (50, 0), (100, 0)], [(50, 0), (50, 30)])
    assert sorted(branches.length_m.tolist()) == [30, 50, 50]


def test_stem_and_loop():
    branches = branches_of(STEM, LOOP)
    loop = int(np.argmax(branches.length_m))
    assert sorted(branches.length_m.tolist()) == [60, 80]
    assert branches.start[loop] == branches.end[loop] == node_at(branches, (0, 60))


def test_ring_that_meets_nothing_has_no_ends():
    branches = branches_of(LOOP)
    assert (branches.start.tolist(), branches.end.tolist()) == ([-1], [-1])
    assert branches.length_m.tolist() == [80]


def test_nothing_has_no_branches():
    branches = join_branches(build_graph(np.zeros(0, dtype=object)))
    assert len(branches.start) == len(branches.end) == len(branches.length_m) == 0


def test_line_runs_from_start_to_end():
    branches = branches_of([(9, 9), (0, 0), (5, 0)], [(9, 9), (20, 9)], [(5, 0), (5, -7)])
    line = branches.line(0)
    assert line.coords[0] == tuple(branches.graph.xy[branches.start[0]])
    assert line.coords[-1] == tuple(branches.graph.xy[branches.end[0]])
    assert line.length == pytest.approx(branches.length_m[0])


def test_dead_end_tree_is_stem_and_twigs():
    branches = branches_of(
        [(-100, 0), (0, 0)], [(0, 0), (100, 0)],  # the street
        [(0, 0), (0, 50)], [(0, 50), (-20, 50)], [(0, 50), (20, 50)],  # a tree beside it
    )  # fmt: skip
    ends = np.array([node_at(branches, p) for p in ((-20, 50), (20, 50))])
    in_tree = prune_trees(branches, ends, np.zeros(0, dtype=int))
    assert branches.length_m[in_tree].tolist() == [50, 20, 20]
    one_end = prune_trees(branches, ends[:1], np.zeros(0, dtype=int))
    assert branches.length_m[one_end].tolist() == [20]


def test_lollipop_belongs_to_its_stem():
    branches = branches_of([(-50, 0), (0, 0)], [(0, 0), (70, 0)], STEM, LOOP)
    loop = np.flatnonzero(branches.start == branches.end)
    in_tree = prune_trees(branches, np.zeros(0, dtype=int), loop)
    assert sorted(branches.length_m[in_tree].tolist()) == [60, 80]


def test_streets_between_crossings_are_no_tree():
    square = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    branches = branches_of(square, [(0, 0), (100, 100)], [(0, 0), (-40, 0)])
    end = np.array([node_at(branches, (-40, 0))])
    in_tree = prune_trees(branches, end, np.zeros(0, dtype=int))
    assert branches.length_m[in_tree].tolist() == [40]


@given(lattice_streets)
def test_branches_hold_every_edge_once(streets):
    lines = lattice_lines(streets)
    branches = join_branches(build_graph(np.array(lines, dtype=object)))
    assert branches.length_m.sum() == pytest.approx(sum(line.length for line in lines))
    degree = branches.graph.degree()
    ends = np.concatenate([branches.start, branches.end])
    assert (degree[ends[ends >= 0]] != 2).all()
    per_node = np.bincount(ends[ends >= 0], minlength=len(degree))
    assert np.array_equal(per_node[degree != 2], degree[degree != 2])


@given(lattice_streets, st.randoms(use_true_random=False))
def test_cutting_turning_and_shuffling_change_nothing(streets, random):
    lines = lattice_lines(streets)
    cut = []
    for line in lines:
        at = random.choice([25.0, 50.0, 75.0])
        pieces = [substring(line, 0, at), substring(line, at, line.length)]
        cut += [shapely.reverse(piece) if random.random() < 0.5 else piece for piece in pieces]
    random.shuffle(cut)
    assert summary(cut) == summary(lines)


@given(lattice_streets)
def test_pruning_leaves_no_end(streets):
    branches = join_branches(build_graph(np.array(lattice_lines(streets), dtype=object)))
    graph, degree = branches.graph, branches.graph.degree()
    in_tree = prune_trees(branches, np.flatnonzero(degree == 1), np.zeros(0, dtype=int))
    kept = ~in_tree[branches.of_edge]
    left = np.bincount(np.append(graph.u[kept], graph.v[kept]), minlength=graph.nodes)
    assert (left != 1).all()
    assert in_tree.any() == (degree == 1).any()
