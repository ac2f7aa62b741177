from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString
from shapely.affinity import rotate, translate
from shapely.ops import substring

from cityplan.spatial.chains import merge_chains, paired_share

EASTWARD = LineString([(0, 0), (1000, 0)])
WESTWARD = LineString([(1000, 26), (0, 26)])
NAME, OTHER, UNKNOWN = 1, 2, -1


def arr(lines):
    return np.array(lines, dtype=object)


def share(lines, *, oneway=None, name=None, ref=None, road_class=None, max_m=40.0):
    n = len(lines)
    return paired_share(
        arr(lines),
        np.array([True] * n if oneway is None else oneway),
        name=np.array([NAME] * n if name is None else name),
        ref=np.array([UNKNOWN] * n if ref is None else ref),
        road_class=np.array([NAME] * n if road_class is None else road_class),
        max_m=max_m,
    ).tolist()


# --- chains ------------------------------------------------------------------


def merged(lines, group=None, directed=None):
    group = np.zeros(len(lines), dtype=int) if group is None else np.array(group)
    directed = np.zeros(10, dtype=bool) if directed is None else np.array(directed)
    return merge_chains(arr(lines), group, directed=directed)


def test_pieces_of_one_road_become_one_chain():
    chains = merged([LineString([(0, 0), (50, 0)]), LineString([(100, 0), (50, 0)])])
    assert [sorted(line.coords) for line in chains.lines] == [[(0, 0), (50, 0), (100, 0)]]


def test_other_attributes_part_chains():
    chains = merged([LineString([(0, 0), (50, 0)]), LineString([(50, 0), (100, 0)])], [3, 1])
    assert sorted(chains.group.tolist()) == [1, 3]
    assert chains.lines[chains.group == 3][0].coords[0] == (0, 0)


def test_three_that_meet_stay_apart():
    tips = [(50, 0), (-50, 0), (0, 50)]
    assert len(merged([LineString([(0, 0), tip]) for tip in tips]).lines) == 3


def test_one_way_chains_keep_their_direction():
    towards = [LineString([(0, 0), (50, 0)]), LineString([(50, 0), (100, 0)])]
    against = [LineString([(0, 0), (50, 0)]), LineString([(100, 0), (50, 0)])]
    chain = merged(towards, directed=[True])
    assert chain.lines[0].coords[:] == [(0, 0), (50, 0), (100, 0)]
    assert len(merged(against, directed=[True]).lines) == 2
    assert len(merged(against, directed=[False]).lines) == 1


def test_no_lines_make_no_chains():
    assert len(merged([]).lines) == len(merged([]).group) == 0


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_chains_keep_every_metre_of_their_group(group, random):
    lines = [LineString([(100 * i, 0), (100 * i + 100, 7)]) for i in range(len(group))]
    lines = [translate(line, 0, 7 * i) for i, line in enumerate(lines)]
    order = random.sample(range(len(group)), len(group))
    chains = merged([lines[i] for i in order], [group[i] for i in order])
    for number in set(group):
        own = chains.lines[chains.group == number]
        whole = sum(line.length for line, g in zip(lines, group, strict=True) if g == number)
        assert shapely.length(own).sum() == pytest.approx(whole)
    runs = 1 + sum(a != b for a, b in pairwise(group))
    assert len(chains.lines) == runs


# --- pairs -------------------------------------------------------------------


def test_two_carriageways_are_a_pair_in_both_directions():
    assert share([EASTWARD, WESTWARD]) == [1, 1]
    assert share([WESTWARD, EASTWARD]) == [1, 1]
    assert share([EASTWARD.reverse(), WESTWARD.reverse()]) == [1, 1]


@pytest.mark.parametrize(
    "other",
    [
        WESTWARD.reverse(),  # the same way
        translate(WESTWARD, 0, 30),  # too far
        LineString([(1020, 26), (1900, 26)]).reverse(),  # one after the other
        LineString([(500, 30), (500, 900)]),  # across
    ],
)
def test_what_is_no_other_carriageway(other):
    assert share([EASTWARD, other]) == [0, 0]


def test_parallel_one_way_streets_of_other_names_are_no_pair():
    assert share([EASTWARD, WESTWARD], name=[NAME, OTHER]) == [0, 0]
    assert share([EASTWARD, WESTWARD], name=[NAME, OTHER], ref=[1, 1]) == [0, 0]


def test_being_one_way_is_no_sign_and_two_way_streets_have_no_pair():
    assert share([EASTWARD]) == [0]
    assert share([EASTWARD, WESTWARD], oneway=[True, False]) == [0, 0]
    assert share([EASTWARD, WESTWARD], oneway=[False, False]) == [0, 0]


@pytest.mark.parametrize(
    ("name", "ref", "road_class", "pair"),
    [
        ([UNKNOWN, UNKNOWN], [5, 5], [1, 2], True),
        ([UNKNOWN, UNKNOWN], [5, 6], [1, 1], False),
        ([UNKNOWN, NAME], [5, 5], [1, 2], True),
        ([UNKNOWN, UNKNOWN], [UNKNOWN, 6], [1, 1], True),
        ([UNKNOWN, UNKNOWN], [UNKNOWN, UNKNOWN], [1, 2], False),
        ([NAME, NAME], [5, 6], [1, 2], True),
    ],
)
def test_where_the_name_is_unknown_reference_and_then_class_decide(name, ref, road_class, pair):
    found = share([EASTWARD, WESTWARD], name=name, ref=ref, road_class=road_class)
    assert found == ([1, 1] if pair else [0, 0])


def test_only_the_stretch_beside_each_other_counts():
    half = LineString([(500, 26), (0, 26)])
    long, short = share([EASTWARD, half])
    assert short == 1
    assert long == pytest.approx(0.5, abs=0.05)


def test_one_line_is_never_its_own_pair():
    hairpin = LineString([(0, 0), (300, 0), (300, 20), (0, 20)])
    assert share([hairpin]) == [0]


def test_no_lines_have_no_pairs():
    assert share([]) == []


@given(
    st.floats(5, 39),
    st.floats(0, 360),
    st.integers(-5_000_000, 5_000_000),
    st.booleans(),
    st.booleans(),
)
def test_moving_turning_and_reversing_traffic_change_nothing(gap, angle, shift, back, swapped):
    lines = [EASTWARD, LineString([(1000, gap), (0, gap)]), LineString([(0, 900), (700, 900)])]
    moved = [translate(rotate(line, angle, origin=(0, 0)), shift, -shift) for line in lines]
    moved = [line.reverse() if back else line for line in moved]
    found = share(moved[::-1] if swapped else moved)
    assert found == ([0, 1, 1] if swapped else [1, 1, 0])


@given(st.lists(st.floats(10, 990), max_size=5), st.lists(st.floats(10, 990), max_size=5))
def test_splitting_carriageways_keeps_them_paired(east, west):
    pieces = []
    for line, cuts in ((EASTWARD, east), (WESTWARD, west)):
        at = [0.0, *sorted(cuts), line.length]
        parts = [substring(line, a, b) for a, b in pairwise(at) if b - a > 1]
        pieces += parts
    assert share(pieces) == [1] * len(pieces)
