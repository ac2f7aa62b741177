"""The shift detector: it finds known displacements, and stays silent about everything else."""

import geopandas as gpd
import numpy as np
import osmium
import pytest
import shapely

from cityplan.spatial.datum import geometries_from_wgs84, geometries_to_wgs84
from cityplan.spatial.shift import MAX_POINTS, find_shift, sample
from cityplan.text import Text

WHAT = Text(en="The layer 'toilets'", zh="图层“toilets”")
DEG = 1 / 111_195  # of latitude, per metre


def town(lon=118.0, lat=32.8, *, seed=5):
    """Streets at irregular distances of 90 to 220 m, 3.5 km in the square."""
    rng = np.random.default_rng(seed)
    at = np.cumsum(rng.uniform(90, 220, 24)) - 1_800
    east = at[:, None] * DEG / np.cos(np.radians(lat)) + lon
    north = at[:, None] * DEG + lat

    west, right = np.full((24, 1), east.min()), np.full((24, 1), east.max())
    south, top = np.full((24, 1), north.min()), np.full((24, 1), north.max())
    upright = np.stack([np.hstack([east, south]), np.hstack([east, top])], axis=1)
    level = np.stack([np.hstack([west, north]), np.hstack([right, north])], axis=1)
    return shapely.linestrings(np.concatenate([upright, level]))


def along(streets, count, *, off_m, seed=7):
    """Points beside streets, at a distance from the middle of about ``off_m``."""
    rng = np.random.default_rng(seed)
    lines = streets[rng.integers(0, len(streets), count)]
    on = shapely.line_interpolate_point(lines, rng.uniform(0.1, 0.9, count), normalized=True)
    step = rng.normal(0, off_m * DEG, (count, 2))
    return shapely.points(shapely.get_coordinates(on) + step)


def scattered(streets, count, *, seed):
    rng = np.random.default_rng(seed)
    west, south, east, north = shapely.total_bounds(streets)
    return shapely.points(rng.uniform(west, east, count), rng.uniform(south, north, count))


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_points_along_streets_are_found(datum):
    streets = town()
    shown = geometries_from_wgs84(along(streets, 200, off_m=12), datum=datum)
    finding = find_shift(shown, streets)
    assert finding.suspect == ("layer", datum)
    after = finding.fits[finding.suspect].median_m
    assert after < 15
    assert finding.given.median_m > 2 * after
    text = finding.warning(WHAT)
    assert f"{finding.given.median_m:.0f} m to {after:.0f} m (200 points)" in text.en
    assert f'datum = "{datum}"' in text.en
    assert f'datum = "{datum}"' in text.zh
    assert text.en.startswith("The layer 'toilets' and the streets differ")


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_the_streets_may_be_the_displaced_ones(datum):
    streets = town()
    layer = along(streets, 200, off_m=12)
    finding = find_shift(layer, geometries_from_wgs84(streets, datum=datum))
    assert finding.suspect == ("streets", datum)
    assert "reading the streets as" in finding.warning(WHAT).en


def test_a_layer_converted_without_need_is_found():
    streets = town()
    moved_once_too_often = geometries_to_wgs84(along(streets, 200, off_m=12), datum="gcj02")
    assert find_shift(moved_once_too_often, streets).suspect == ("streets", "gcj02")


@pytest.mark.parametrize("seed", range(12))
def test_what_is_right_or_random_is_not_suspected(seed):
    streets = town(seed=seed)
    for count in (30, 100, 400):
        for layer in (
            along(streets, count, off_m=12, seed=seed),
            along(streets, count, off_m=40, seed=seed),
            scattered(streets, count, seed=seed),
        ):
            finding = find_shift(layer, streets)
            assert finding.suspect is None
            assert finding.warning(WHAT) is None


def test_another_displacement_is_not_taken_for_a_known_one():
    streets = town()
    layer = shapely.transform(
        along(streets, 300, off_m=12), lambda xy: xy + np.array([0.002, 0.003])
    )
    assert find_shift(layer, streets).suspect is None


def test_too_few_or_elsewhere_nothing_is_said():
    streets = town()
    assert find_shift(along(streets, 29, off_m=5), streets) is None
    assert find_shift(along(streets, 30, off_m=5), streets) is not None
    assert find_shift(np.array([], dtype=object), streets) is None
    assert find_shift(along(streets, 50, off_m=5), streets[:0]) is None
    assert find_shift(along(streets, 300, off_m=5), town(121.0, 32.8)) is None
    abroad = town(114.17, 22.32)
    assert (
        find_shift(geometries_from_wgs84(along(abroad, 300, off_m=5), datum="bd09"), abroad) is None
    )


def test_sample_of_each_kind():
    layer = np.array(
        [
            shapely.Point(1, 2),
            None,
            shapely.LineString([(0, 0), (2, 0), (4, 0)]),
            shapely.MultiPoint([(5, 5), (6, 6)]),
            shapely.Polygon(),
        ],
        dtype=object,
    )
    assert sorted(map(tuple, sample(layer))) == [(1, 2), (2, 0), (5, 5), (6, 6)]
    assert len(sample(np.array([shapely.box(0, 0, 1, 1), shapely.Point(0, 0).buffer(9)]))) == 16
    many = shapely.points(np.arange(5_000), np.zeros(5_000))
    assert len(sample(many)) == MAX_POINTS
    assert sample(many)[-1, 0] == 4_999


# --- Hangzhou, Las Palmas ----------------------------------------------------


@pytest.fixture(scope="module")
def hangzhou(data_file):
    path = data_file("hangzhou/hangzhou_xixi.gpkg")

    def read(layer):
        return gpd.read_file(path, layer=layer).geometry.to_numpy()

    return read


LAYERS = ["amenities_osm_2024", "nodes_street_count", "landuse_geofabrik"]


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_displaced_layers_of_hangzhou_are_found(hangzhou, name, datum):
    streets, layer = hangzhou("roads_directed_osmnx_drive"), hangzhou(name)
    assert find_shift(layer, streets).suspect is None
    finding = find_shift(geometries_from_wgs84(layer, datum=datum), streets)
    assert finding.suspect == ("layer", datum)


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_displaced_street_layer_is_found_by_few_streets(hangzhou, datum):
    streets = hangzhou("roads_directed_osmnx_drive")
    noise = np.random.default_rng(2)
    layer = shapely.transform(streets[::50], lambda xy: xy + noise.normal(0, 5 * DEG, xy.shape))
    assert find_shift(layer, streets).suspect is None
    shown = geometries_from_wgs84(layer, datum=datum)
    assert find_shift(shown, streets).suspect == ("layer", datum)


def test_las_palmas_is_not_china(data_file):
    streets, shops = [], []
    path = data_file("las_palmas/las_palmas.osm.pbf")
    for thing in osmium.FileProcessor(path).with_locations():
        if thing.is_way() and thing.tags.get("highway") == "residential":
            nodes = [(node.lon, node.lat) for node in thing.nodes if node.location.valid()]
            if len(nodes) > 1:
                streets.append(shapely.LineString(nodes))
        elif thing.is_node() and "shop" in thing.tags:
            shops.append(shapely.Point(thing.location.lon, thing.location.lat))
    assert len(shops) > 1_000
    assert find_shift(np.array(shops), np.array(streets)) is None
