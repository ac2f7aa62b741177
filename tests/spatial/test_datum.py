"""GCJ-02 and BD-09, against the compiled coordTransform of somebody else."""

import coordTransform
import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon

from cityplan.spatial.datum import (
    from_wgs84,
    geometries_from_wgs84,
    geometries_to_wgs84,
    in_mainland,
    to_wgs84,
)

FORWARD = {"gcj02": coordTransform.wgs84_to_gcj02, "bd09": coordTransform.wgs84_to_bd09}
DISPLACED = sorted(FORWARD)
METRES_PER_DEGREE = 111_320
LONGEST_SHIFT_M = {"gcj02": 710, "bd09": 1_700}

OUTSIDE = {
    "Hong Kong": (114.1694, 22.3193),
    "Sheung Shui": (114.1270, 22.5020),
    "Macau": (113.5439, 22.1987),
    "Taipa": (113.5577, 22.1560),
    "Kinmen": (118.3171, 24.4321),
    "Matsu": (119.9300, 26.1500),
    "Taipei": (121.5654, 25.0330),
    "Kaohsiung": (120.3014, 22.6273),
    "Hanoi": (105.8342, 21.0278),
    "Ulaanbaatar": (106.9176, 47.9200),
    "Vladivostok": (131.8855, 43.1155),
    "Paris": (2.3522, 48.8566),
    "Sydney": (151.2093, -33.8688),
}
INSIDE = {
    "Mingguang": (118.0, 32.8),
    "Hangzhou": (120.15, 30.27),
    "Beijing": (116.3913, 39.9075),
    "Harbin": (126.53, 45.80),
    "Shenzhen": (114.0579, 22.5431),
    "Zhuhai": (113.5510, 22.2240),
    "Hengqin": (113.5200, 22.1300),
    "Xiamen": (118.1000, 24.4600),
    "Weihai": (122.1167, 37.4500),
    "Kashgar": (75.9898, 39.4704),
    "Haikou": (110.3312, 20.0311),
}


def grid():
    lon, lat = np.meshgrid(np.arange(74, 135, 0.37), np.arange(18.2, 53.5, 0.31))
    lon, lat = lon.ravel(), lat.ravel()
    inside = in_mainland(lon, lat)
    return lon[inside], lat[inside]


def metres_apart(lon, lat, other_lon, other_lat):
    east = (lon - other_lon) * np.cos(np.radians(lat)) * METRES_PER_DEGREE
    return np.hypot(east, (lat - other_lat) * METRES_PER_DEGREE)


@pytest.mark.parametrize("datum", DISPLACED)
def test_forward_is_that_of_the_independent_library(datum):
    lon, lat = grid()
    shown = from_wgs84(lon, lat, datum=datum)
    theirs = np.array([FORWARD[datum](x, y) for x, y in zip(lon, lat, strict=True)])
    assert len(lon) > 7_000
    assert metres_apart(*shown, theirs[:, 0], theirs[:, 1]).max() < 1e-6


@pytest.mark.parametrize("datum", DISPLACED)
def test_inverse_recovers_what_the_independent_library_displaced(datum):
    lon, lat = grid()
    theirs = np.array([FORWARD[datum](x, y) for x, y in zip(lon, lat, strict=True)])
    back = to_wgs84(theirs[:, 0], theirs[:, 1], datum=datum)
    assert metres_apart(lon, lat, *back).max() < 1e-4
    moved = metres_apart(*back, theirs[:, 0], theirs[:, 1])
    assert np.median(moved) > 200
    assert moved.max() < LONGEST_SHIFT_M[datum]


@pytest.mark.parametrize("datum", DISPLACED)
@given(st.floats(73.5, 135), st.floats(18, 53.6))
def test_there_and_back(datum, lon, lat):
    assume(in_mainland(np.array([lon]), np.array([lat]))[0])
    shown = from_wgs84(np.array([lon]), np.array([lat]), datum=datum)
    back = to_wgs84(*shown, datum=datum)
    assert abs(back[0][0] - lon) <= 1e-9
    assert abs(back[1][0] - lat) <= 1e-9


@pytest.mark.parametrize("datum", DISPLACED)
@pytest.mark.parametrize("city", OUTSIDE)
def test_outside_the_mainland_nothing_moves(city, datum):
    lon, lat = OUTSIDE[city]
    assert not in_mainland(np.array([lon]), np.array([lat]))[0]
    for move in (to_wgs84, from_wgs84):
        x, y = move(np.array([lon]), np.array([lat]), datum=datum)
        assert (x[0], y[0]) == (lon, lat)


@pytest.mark.parametrize("city", INSIDE)
def test_cities_of_the_mainland_move(city):
    lon, lat = INSIDE[city]
    x, y = to_wgs84(np.array([lon]), np.array([lat]), datum="gcj02")
    assert 50 < metres_apart(lon, lat, x, y)[0] < 710


def test_near_the_outline_points_of_the_inside_come_back():
    # The displaced point may lie outside: inside is decided on the recovered one.
    outline = shapely.segmentize(
        Polygon([(114.6, 22.55), (114.04, 22.51), (113.7, 22.3)]).exterior, 1e-3
    )
    lon, lat = shapely.get_coordinates(outline).T
    lat = lat + 1e-4
    inside = in_mainland(lon, lat)
    shown = from_wgs84(lon[inside], lat[inside], datum="gcj02")
    assert (~in_mainland(*shown)).sum() > 100
    back = to_wgs84(*shown, datum="gcj02")
    assert np.abs(back[0] - lon[inside]).max() <= 1e-9


@pytest.mark.parametrize("datum", ["wgs84", "cgcs2000"])
def test_wgs84_and_cgcs2000_are_one(datum):
    lon, lat = np.array([116.3913]), np.array([39.9075])
    assert to_wgs84(lon, lat, datum=datum) == (lon, lat)
    assert from_wgs84(lon, lat, datum=datum) == (lon, lat)


def test_input_is_not_changed_and_gaps_stay_gaps():
    lon, lat = np.array([116.0, np.nan, 116.0]), np.array([40.0, np.nan, np.nan])
    x, y = to_wgs84(lon, lat, datum="gcj02")
    assert lon[0] == 116.0
    assert x[0] != 116.0
    assert np.isnan(x[1])
    assert np.isnan(y[1:]).all()


def test_more_points_than_one_chunk_in_any_shape():
    lon, lat = np.full((3, 40_000), 116.3913), np.full((3, 40_000), 39.9075)
    x, y = to_wgs84(lon, lat, datum="bd09")
    one = to_wgs84(lon[:1, 0], lat[:1, 0], datum="bd09")
    assert x.shape == (3, 40_000)
    assert (x == one[0][0]).all()
    assert (y == one[1][0]).all()


def test_geometries_move_vertex_by_vertex():
    shapes = np.array(
        [
            Point(118.0, 32.8),
            None,
            LineString([(118.0, 32.8, 7.0), (118.1, 32.9, 8.0)]),
            Polygon([(118.0, 32.8), (118.1, 32.8), (118.1, 32.9)]),
        ],
        dtype=object,
    )
    shown = geometries_from_wgs84(shapes, datum="bd09")
    back = geometries_to_wgs84(shown, datum="bd09")
    assert shown[1] is None
    assert not shapely.has_z(shown[2])
    assert not shapely.equals_exact(shapes[3], shown[3], tolerance=1e-3)
    flat = shapely.force_2d(shapes)
    present = [0, 2, 3]
    assert shapely.equals_exact(flat[present], back[present], tolerance=1e-9).all()
    x, y = from_wgs84(np.array([118.0]), np.array([32.8]), datum="bd09")
    assert shapely.get_coordinates(shown[2])[0].tolist() == [x[0], y[0]]
