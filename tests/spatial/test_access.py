import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point, box
from shapely.affinity import rotate, translate

from cityplan.spatial.access import access_points, fenced_by

PARK = box(0, 0, 100, 100)
CROSSING = LineString([(50, -50), (50, 50)])
GATE = Point(100, 30)
coordinate = st.integers(-20, 120)
ways_near = st.lists(
    st.tuples(st.tuples(coordinate, coordinate), st.tuples(coordinate, coordinate))
    .filter(lambda ends: ends[0] != ends[1])
    .map(LineString),
    max_size=5,
)


def arr(geometries):
    return np.array(geometries, dtype=object)


def entrances(areas, ways=(), gates=(), *, fenced=None, gate_m=10.0):
    return access_points(
        arr(areas),
        arr(ways),
        arr(gates),
        fenced=np.array(fenced or [False] * len(areas), dtype=bool),
        gate_m=gate_m,
    )


def told(access):
    """Return (owner, place, assumed, in a wall) of every entrance, in a fixed order."""
    points = shapely.centroid(access.geometry)
    return sorted(
        (int(owner), *shapely.get_coordinates(point).round(6)[0].tolist(), bool(guess), bool(wall))
        for owner, point, guess, wall in zip(
            access.owner, points, access.assumed, access.in_wall, strict=True
        )
    )


def test_way_that_crosses_the_outline_is_an_entrance():
    assert told(entrances([PARK], [CROSSING])) == [(0, 50, 0, False, False)]


def test_way_that_ends_on_the_outline_is_an_entrance():
    touching = LineString([(50, -50), (50, 0)])
    assert told(entrances([PARK], [touching])) == [(0, 50, 0, False, False)]


def test_way_that_passes_by_is_none():
    passing = LineString([(-50, -1), (150, -1)])
    assert told(entrances([PARK], [passing])) == [(0, 50, 50, True, True)]


def test_gates_join_crossings_where_there_is_no_fence():
    open_park = entrances([PARK], [CROSSING], [GATE])
    assert told(open_park) == [(0, 50, 0, False, False), (0, 100, 30, False, True)]


def test_gates_alone_count_where_there_is_a_fence():
    assert told(entrances([PARK], [CROSSING], [GATE], fenced=[True])) == [(0, 100, 30, False, True)]


def test_fenced_without_gates_is_entered_where_ways_cross():
    assert told(entrances([PARK], [CROSSING], fenced=[True])) == [(0, 50, 0, False, False)]


@pytest.mark.parametrize(("away_m", "belongs"), [(9.9, True), (10.1, False)])
def test_gate_belongs_to_an_outline_nearby(away_m, belongs):
    access = entrances([PARK], gates=[Point(100 + away_m, 30)])
    assert (not access.assumed[0]) == belongs
    assert access.geometry[0] == (Point(100 + away_m, 30) if belongs else PARK)


def test_gate_deep_inside_is_not_on_the_outline():
    assert entrances([PARK], gates=[Point(50, 50)]).assumed.tolist() == [True]


def test_without_any_entrance_the_outline_is_assumed():
    access = entrances([PARK])
    assert access.geometry[0] is PARK
    assert (access.assumed.tolist(), access.in_wall.tolist()) == ([True], [True])


def test_point_is_its_own_entrance():
    place = Point(7, 8)
    assert told(entrances([place], [CROSSING], [GATE])) == [(0, 7, 8, False, False)]
    beside_gate = entrances([Point(100, 31)], [], [GATE])
    assert told(beside_gate) == [(0, 100, 31, False, False)]


def test_every_area_keeps_its_own_entrances():
    shop, neighbour = Point(300, 300), box(100, 0, 200, 100)
    access = entrances([PARK, shop, neighbour], [CROSSING], [GATE])
    assert told(access) == [
        (0, 50, 0, False, False),
        (0, 100, 30, False, True),
        (1, 300, 300, False, False),
        (2, 100, 30, False, True),
    ]


def test_two_ways_through_one_place_are_one_entrance():
    ways = [LineString([(50, -50), (50, 0)]), LineString([(50, 0), (50, 50)])]
    assert told(entrances([PARK], ways)) == [(0, 50, 0, False, False)]


def test_no_areas():
    access = entrances([], [CROSSING], [GATE])
    assert len(access.geometry) == len(access.owner) == 0


@pytest.mark.parametrize(("north_m", "fenced"), [(0, False), (70, False), (100, True)])
def test_fence_along_half_the_outline_makes_it_fenced(north_m, fenced):
    wall = LineString([(-1, -1), (101, -1), (101, north_m)])
    assert fenced_by(arr([PARK, box(500, 0, 600, 50)]), arr([wall])).tolist() == [fenced, False]


def test_fence_in_pieces_counts_whole_and_far_fence_not():
    sides = [LineString([(0, y), (100, y)]) for y in (0, 100)]
    assert fenced_by(arr([PARK]), arr(sides)).tolist() == [True]
    assert fenced_by(arr([PARK]), arr([translate(s, 0, -300) for s in sides])).tolist() == [False]
    assert fenced_by(arr([PARK]), arr([])).tolist() == [False]


@given(ways_near, st.randoms(use_true_random=False))
def test_order_and_direction_of_ways_change_nothing(ways, random):
    other = [way.reverse() if random.random() < 0.5 else way for way in ways]
    random.shuffle(other)
    assert told(entrances([PARK], other)) == told(entrances([PARK], ways))


@given(ways_near)
def test_every_area_has_an_entrance_on_its_outline(ways):
    access = entrances([PARK], ways)
    assert len(access.geometry) > 0
    assert (access.owner == 0).all()
    assert (shapely.distance(access.geometry, PARK.exterior) < 1e-6).all()
    meets = any(way.intersects(PARK.exterior) for way in ways)
    assert access.assumed.all() == (not meets)


@given(ways_near, st.floats(0, 360), st.integers(-1_000_000, 1_000_000))
def test_moving_and_turning_change_no_count(ways, angle, shift):
    # Ways that just touch a corner, or just end on the outline, may miss it once turned.
    corners = [Point(corner) for corner in PARK.exterior.coords]
    clear = [
        way
        for way in ways
        if shapely.distance(way, corners).min() > 0.1
        and shapely.distance([Point(tip) for tip in way.coords], PARK.exterior).min() > 0.1
    ]

    def moved(shapes):
        return [translate(rotate(s, angle, origin=(0, 0)), shift, -shift) for s in shapes]

    before, after = entrances([PARK], clear), entrances(moved([PARK]), moved(clear))
    assert after.assumed.tolist() == before.assumed.tolist()
    np.testing.assert_allclose(
        np.sort(shapely.distance(after.geometry, moved([Point(50, 50)])[0])),
        np.sort(shapely.distance(before.geometry, Point(50, 50))),
        atol=1e-5,
    )
