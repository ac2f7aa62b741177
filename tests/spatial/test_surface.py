import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, box
from shapely.affinity import rotate, translate

from cityplan.spatial.surface import road_bodies, surface_in_tiles

coordinate = st.floats(-100, 100).map(lambda value: round(value, 2))
place = st.tuples(coordinate, coordinate)
stroke = st.tuples(place, place).filter(lambda ends: math.dist(*ends) > 1).map(LineString)
roads = st.lists(st.tuples(stroke, st.floats(1, 30)), min_size=1, max_size=10)
EAST, NORTH = LineString([(0, 0), (100, 0)]), LineString([(50, -50), (50, 50)])


def bodies(*pairs):
    lines, widths = zip(*pairs, strict=True)
    return road_bodies(np.array(lines, dtype=object), np.array(widths, dtype=float))


def paved(*pairs, **options):
    return shapely.area(surface_in_tiles(bodies(*pairs), **options)).sum()


def test_one_road_is_length_times_width():
    assert paved((EAST, 10)) == pytest.approx(1000)


def test_a_crossing_is_paved_once():
    assert paved((EAST, 10), (NORTH, 20)) == pytest.approx(1000 + 2000 - 10 * 20)


def test_road_without_width_is_none():
    assert len(bodies((EAST, 0), (NORTH, -1))) == 0
    assert len(surface_in_tiles(bodies((EAST, 0)))) == 0
    assert paved((EAST, 0), (NORTH, 20)) == pytest.approx(2000)


def test_nothing_is_no_surface():
    nothing = np.zeros(0, dtype=object)
    assert len(surface_in_tiles(road_bodies(nothing, np.zeros(0)))) == 0


def test_ends_are_flat():
    assert shapely.total_bounds(bodies((EAST, 10))).tolist() == [0, -5, 100, 5]


def test_the_notch_between_two_roads_is_closed():
    bend = [(LineString([(0, 0), (100, 0)]), 10), (LineString([(100, 0), (100, 100)]), 10)]
    # Both roads, less the square they share, and a quarter of a disc in the notch.
    assert paved(*bend) == pytest.approx(2000 - 25 + math.pi * 25 / 4, rel=1e-3)


def test_the_narrower_road_sets_the_joint():
    broad, narrow = (LineString([(0, 0), (100, 0)]), 40), (LineString([(100, 0), (200, 0)]), 10)
    joint = max(geometry.bounds[2] for geometry in bodies(broad, narrow) if geometry.area < 100)
    assert joint == pytest.approx(105)


def test_only_tiles_that_meet_the_region_are_worked_on():
    region = box(0, -50, 30, 50)
    pieces = surface_in_tiles(bodies((EAST, 10)), region, tile_m=25)
    inside = shapely.intersection(pieces, region)
    assert shapely.area(inside).sum() == pytest.approx(300)
    assert shapely.area(pieces).sum() == pytest.approx(500)


@given(roads, st.sampled_from([7.0, 30.0, 64.0, 500.0]))
def test_surface_is_the_union_of_the_bodies(pairs, tile_m):
    parts = bodies(*pairs)
    whole = shapely.union_all(parts)
    pieces = surface_in_tiles(parts, tile_m=tile_m)
    assert shapely.area(pieces).sum() == pytest.approx(whole.area, rel=1e-9)
    assert shapely.union_all(pieces).symmetric_difference(whole).area < 1e-6 * whole.area
    assert (shapely.get_type_id(pieces) == shapely.GeometryType.POLYGON).all()


@given(roads, st.randoms(use_true_random=False))
def test_order_and_direction_change_nothing(pairs, random):
    other = [(line.reverse() if random.random() < 0.5 else line, width) for line, width in pairs]
    random.shuffle(other)
    assert paved(*other) == pytest.approx(paved(*pairs), rel=1e-9)


@given(roads, st.floats(0, 360), st.integers(-5_000_000, 5_000_000))
def test_moving_and_turning_change_little(pairs, angle, shift):
    moved = [
        (translate(rotate(line, angle, origin=(0, 0)), shift, -shift), width)
        for line, width in pairs
    ]
    # Discs at joints are polygons: turning them is within the law's half a per cent.
    assert paved(*moved) == pytest.approx(paved(*pairs), rel=5e-3)


@given(roads, st.floats(0.3, 0.7))
def test_splitting_a_road_changes_nothing(pairs, share):
    """Pieces are longer than half their width: the disc between them stays on the road."""
    long = [(line, min(width, line.length / 2)) for line, width in pairs]
    halves = []
    for line, width in long:
        middle = line.interpolate(share, normalized=True)
        halves += [(LineString([line.coords[0], middle]), width)]
        halves += [(LineString([middle, line.coords[-1]]), width)]
    assert paved(*halves) == pytest.approx(paved(*long), rel=5e-3)


@given(roads, stroke, st.floats(1, 30))
def test_another_road_never_takes_ground_away(pairs, line, width):
    before, after = paved(*pairs), paved(*pairs, (line, width))
    joints_m2 = 2 * math.pi * (width / 2) ** 2
    assert before * (1 - 1e-9) <= after <= (before + line.length * width + joints_m2) * (1 + 1e-9)
