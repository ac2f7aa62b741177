import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point, box
from shapely.affinity import rotate, translate

from cityplan.spatial.lookahead import look_ahead, outward_bearing

EAST, NORTH = 0.0, math.pi / 2
ROAD = LineString([(-500, 40), (500, 40)])
coordinate = st.integers(-200, 200)
strokes = st.lists(
    st.tuples(st.tuples(coordinate, coordinate), st.tuples(coordinate, coordinate))
    .filter(lambda ends: ends[0] != ends[1])
    .map(LineString),
    max_size=6,
)


def look(roads=(), barriers=(), *, bearing=NORTH, at=(0.0, 0.0), own=-1, owners=None):
    return look_ahead(
        np.array([at], dtype=float),
        np.array([bearing]),
        np.array([own]),
        np.array(roads, dtype=object),
        np.array(range(len(roads)) if owners is None else owners, dtype=np.int64),
        np.array(barriers, dtype=object),
        reach_m=150,
        angle_rad=math.radians(20),
    )


def test_the_road_ahead():
    ahead = look([ROAD])
    assert ahead.distance_m.tolist() == [40]
    assert ahead.target[0].distance(Point(0, 40)) == pytest.approx(0, abs=1e-9)
    assert not ahead.barred[0]


def test_the_nearest_of_several_roads():
    assert look([translate(ROAD, 0, 30), ROAD]).distance_m.tolist() == [40]


@pytest.mark.parametrize(
    ("road", "bearing"),
    [
        (translate(ROAD, 0, 111), NORTH),  # beyond reach
        (ROAD, -NORTH),  # behind
        (translate(ROAD, 0, 20), EAST),  # beside
        (LineString([(60, 40), (500, 40)]), NORTH),  # 56 degrees to the right
    ],
)
def test_what_is_not_ahead(road, bearing):
    ahead = look([road], bearing=bearing)
    assert np.isinf(ahead.distance_m[0])
    assert ahead.target[0] is None
    assert not ahead.barred[0]


def test_a_road_a_little_to_the_side_is_ahead():
    ahead = look([LineString([(13, 40), (500, 40)])])
    assert ahead.distance_m[0] == pytest.approx(40 / math.cos(math.radians(20)))


def test_its_own_road_is_not_ahead():
    assert np.isinf(look([ROAD], own=7, owners=[7]).distance_m[0])
    assert look([ROAD, translate(ROAD, 0, 10)], own=7, owners=[7, 8]).distance_m[0] == 50


@pytest.mark.parametrize(
    ("roads", "y", "barred"),
    [([ROAD], 20, True), ([ROAD], 60, False), ([], 100, True), ([], 151, False)],
)
def test_a_barrier_before_the_road_or_without_one(roads, y, barred):
    river = box(-500, y, 500, y + 5)
    assert look(roads, [river]).barred.tolist() == [barred]


def test_a_barrier_beside_the_straight_way_bars_nothing_without_a_road():
    pond = box(10, 20, 60, 140)
    assert look([], [pond]).barred.tolist() == [False]


def test_no_ends():
    nothing = np.zeros(0)
    ahead = look_ahead(
        np.zeros((0, 2)), nothing, nothing.astype(int), np.array([ROAD]), np.array([0]),
        np.array([ROAD]), reach_m=150, angle_rad=0.3,
    )  # fmt: skip
    assert len(ahead.distance_m) == len(ahead.target) == len(ahead.barred) == 0


def test_bearing_leaves_the_end():
    line = LineString([(0, 0), (100, 0)])
    assert outward_bearing(line, at_start=False) == pytest.approx(EAST)
    assert abs(outward_bearing(line, at_start=True)) == pytest.approx(math.pi)


def test_a_bend_in_the_last_metre_does_not_decide():
    hook = LineString([(0, 0), (100, 0), (100, 1)])
    assert abs(outward_bearing(hook, at_start=False)) < math.radians(5)
    short = LineString([(0, 0), (0, 5)])
    assert outward_bearing(short, at_start=False) == pytest.approx(NORTH)
    assert outward_bearing(short, at_start=True) == pytest.approx(-NORTH)


@given(strokes, strokes, st.floats(-math.pi, math.pi))
def test_order_and_direction_change_nothing(roads, barriers, bearing):
    before = look(roads, barriers, bearing=bearing)
    after = look(
        [road.reverse() for road in roads[::-1]], [b.reverse() for b in barriers[::-1]],
        bearing=bearing,
    )  # fmt: skip
    assert after.distance_m == pytest.approx(before.distance_m)
    assert after.barred.tolist() == before.barred.tolist()


@given(strokes, st.floats(0, 360), st.integers(-1_000_000, 1_000_000))
def test_moving_and_turning_change_no_distance(roads, angle, shift):
    moved = [translate(rotate(r, angle, origin=(0, 0)), shift, -shift) for r in roads]
    # A ray that just grazes the tip of a road may miss it once turned.
    tips = [Point(road.coords[i]) for road in roads for i in (0, -1)]
    rays = [NORTH + math.radians(20) * share for share in (-1, -0.5, 0, 0.5, 1)]
    sight = [LineString([(0, 0), (150 * math.cos(r), 150 * math.sin(r))]) for r in rays]
    if any(ray.distance(tip) < 1e-3 for ray in sight for tip in tips):
        return
    before = look(roads).distance_m
    after = look(moved, bearing=NORTH + math.radians(angle), at=(shift, -shift)).distance_m
    assert after == pytest.approx(before, rel=1e-6)


@given(strokes)
def test_the_road_found_is_a_road_in_reach(roads):
    ahead = look(roads)
    if np.isinf(ahead.distance_m[0]):
        assert not any(road.intersects(LineString([(0, 0), (0, 150)])) for road in roads)
        return
    assert ahead.distance_m[0] <= 150 + 1e-9
    assert min(ahead.target[0].distance(road) for road in roads) < 1e-6
    assert Point(0, 0).distance(ahead.target[0]) == pytest.approx(ahead.distance_m[0])
