import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point, box
from shapely.affinity import rotate, translate

from cityplan.spatial.partition import make_partition, subdivide

WEST, EAST = box(0, 0, 100, 100), box(100, 0, 200, 100)
coordinate = st.floats(-50, 250).map(lambda value: round(value, 2))
place = st.tuples(coordinate, coordinate)
boxes = st.tuples(place, place).map(lambda ends: box(*map(min, *ends), *map(max, *ends)))
pieces_of_land = st.lists(boxes.filter(lambda b: b.area > 1), min_size=1, max_size=6)
strokes = st.lists(
    st.tuples(place, place).filter(lambda ends: ends[0] != ends[1]).map(LineString),
    min_size=1,
    max_size=6,
)


def arr(*geometries):
    return np.array(geometries, dtype=object)


def districts(count, angle=0.0):
    """Cut a disc of 100 m, of many vertices, into sectors that share their borders."""
    disc = Point(100, 50).buffer(100, quad_segs=64)
    turns = np.radians(np.linspace(0, 360, count + 1) + angle)
    corners = [(100 + 300 * np.cos(t), 50 + 300 * np.sin(t)) for t in turns]
    wedges = [shapely.Polygon([(100, 50), corners[i], corners[i + 1]]) for i in range(count)]
    return [disc.intersection(wedge) for wedge in wedges]


def test_land_is_shared_by_area():
    parts = make_partition([WEST, EAST])
    assert parts.own_area.tolist() == [10_000, 10_000]
    assert parts.areas(arr(box(90, 0, 130, 10))).tolist() == [100, 300]


def test_line_is_shared_by_length_and_weight():
    parts = make_partition([WEST, EAST])
    lines = arr(LineString([(90, 5), (130, 5)]), LineString([(50, 500), (60, 500)]))
    assert parts.lengths(lines, np.array([0.5, 1.0])).tolist() == [5, 15]


def test_line_along_a_common_border_counts_once():
    parts = make_partition([WEST, EAST])
    border = arr(LineString([(100, 0), (100, 100)]))
    assert parts.lengths(border, np.ones(1)).sum() == pytest.approx(100)


def test_line_partly_along_a_common_border_counts_once():
    parts = make_partition([WEST, EAST])
    street = arr(LineString([(50, 20), (100, 20), (100, 80), (150, 80)]))
    assert parts.lengths(street, np.ones(1)).sum() == pytest.approx(160)


def test_cut_tells_row_and_region():
    parts = make_partition([WEST, EAST])
    cut, row, region = parts.cut(arr(box(10, 10, 20, 20), box(90, 0, 110, 10)))
    found = sorted(zip(row.tolist(), region.tolist(), shapely.area(cut).tolist(), strict=True))
    assert [f for f in found if f[2] > 0] == [(0, 0, 100), (1, 0, 100), (1, 1, 100)]


@pytest.mark.parametrize("pieces", [[], [box(500, 500, 600, 600)]])
def test_nothing_inside_is_zero(pieces):
    assert make_partition([WEST, EAST]).areas(arr(*pieces)).tolist() == [0, 0]


def test_empty_region_has_no_part():
    parts = make_partition([WEST, shapely.Polygon(), EAST])
    assert parts.own_area.tolist() == [10_000, 0, 10_000]
    assert parts.areas(arr(box(90, 0, 130, 10))).tolist() == [100, 0, 300]


def test_pieces_are_small_and_make_the_whole():
    disc = Point(0, 0).buffer(100, quad_segs=500).difference(Point(20, 0).buffer(30, quad_segs=90))
    pieces = subdivide(disc, max_vertices=50)
    assert max(shapely.get_num_coordinates(piece) for piece in pieces) <= 50
    assert shapely.area(pieces).sum() == pytest.approx(disc.area, rel=1e-9)
    assert shapely.union_all(pieces).symmetric_difference(disc).area < 1e-6 * disc.area


@given(st.integers(2, 6), st.floats(0, 360), pieces_of_land)
def test_areas_add_up_to_the_whole(count, angle, land):
    regions = districts(count, angle)
    whole = shapely.union_all(regions)
    apart = shapely.get_parts(shapely.union_all(land))
    shares = make_partition(regions).areas(apart)
    inside = shapely.area(shapely.intersection(apart, whole)).sum()
    assert shares.sum() == pytest.approx(inside, rel=1e-9, abs=1e-6)
    for region, share in zip(regions, shares, strict=True):
        own = shapely.area(shapely.intersection(apart, region)).sum()
        assert share == pytest.approx(own, rel=1e-9, abs=1e-6)


@given(st.integers(2, 6), st.floats(0, 360), strokes)
def test_lengths_add_up_to_the_whole(count, angle, lines):
    regions = districts(count, angle)
    lengths = make_partition(regions).lengths(arr(*lines), np.ones(len(lines)))
    inside = shapely.length(shapely.intersection(arr(*lines), shapely.union_all(regions))).sum()
    assert lengths.sum() == pytest.approx(inside, rel=1e-9, abs=1e-6)


@given(pieces_of_land, st.floats(0, 360), st.integers(-1_000_000, 1_000_000))
def test_moving_and_turning_change_no_share(land, angle, shift):
    regions, apart = districts(3), shapely.get_parts(shapely.union_all(land))

    def moved(shapes):
        return [translate(rotate(s, angle, origin=(0, 0)), shift, -shift) for s in shapes]

    before = make_partition(regions).areas(apart)
    after = make_partition(moved(regions)).areas(arr(*moved(apart)))
    np.testing.assert_allclose(after, before, rtol=1e-6, atol=1e-4)


@given(pieces_of_land, st.permutations(range(4)))
def test_shuffling_regions_shuffles_their_shares(land, order):
    regions, apart = districts(4), shapely.get_parts(shapely.union_all(land))
    before = make_partition(regions).areas(apart)
    after = make_partition([regions[i] for i in order]).areas(apart)
    np.testing.assert_allclose(after, before[list(order)], atol=1e-6)
