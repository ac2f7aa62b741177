"""What coordinates are, from points of known longitude and latitude that pyproj projected."""

import tomllib

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import CRS, Transformer

from cityplan.errors import CrsError
from cityplan.spatial.georeference import georeference
from cityplan.spatial.readings import explain
from cityplan.text import Text

WHAT = Text(en="The layer 'parks' (parks.shp)", zh="图层“parks”（parks.shp）")
CITIES = {
    "Mingguang": (118.0, 32.8),
    "Hangzhou": (120.15, 30.27),
    "Beijing": (116.39, 39.91),
    "Harbin": (126.53, 45.80),
}
WGS84 = CRS.from_epsg(4326)


def around(lon, lat, *, half_deg=0.04):
    steps = np.linspace(-half_deg, half_deg, 7)
    east, north = np.meshgrid(lon + steps, lat + steps)
    return np.column_stack([east.ravel(), north.ravel()])


def box_around(lon, lat, *, half_deg=0.05):
    return (lon - half_deg, lat - half_deg, lon + half_deg, lat + half_deg)


def project(lonlat, epsg):
    transformer = Transformer.from_crs(WGS84, CRS.from_epsg(epsg), always_xy=True)
    return np.column_stack(transformer.transform(lonlat[:, 0], lonlat[:, 1]))


def decide(xy, *, declared=None, stated=None, place=None):
    declared = CRS.from_user_input(declared) if declared is not None else None
    stated = CRS.from_user_input(stated) if stated is not None else None
    return georeference(xy, what=WHAT, declared=declared, stated=stated, place=place)


def refused(xy, **options):
    with pytest.raises(CrsError) as caught:
        decide(xy, **options)
    text = caught.value.text
    assert "parks.shp" in text.en
    assert "parks.shp" in text.zh
    return text.en


def said(result):
    assert all(note.en and note.zh for note in result.notes)
    return " ".join(note.en for note in result.notes)


def recover(xy, result):
    if result.swapped:
        xy = xy[:, ::-1]
    to_lonlat = Transformer.from_crs(result.crs, WGS84, always_xy=True)
    return np.column_stack(to_lonlat.transform(xy[:, 0], xy[:, 1]))


# --- zones with their number -------------------------------------------------

ZONES = [(4513 + zone - 25, 3 * zone) for zone in range(25, 46)]
ZONES += [(4491 + zone - 13, 6 * zone - 3) for zone in range(13, 24)]
# A latitude at which the central meridian crosses the mainland.
LATITUDE = dict.fromkeys(range(75, 136, 3), 34.0) | {75: 38.5, 78: 37.0, 123: 42.0, 126: 45.0}
LATITUDE |= {129: 46.0, 132: 47.0, 135: 48.3, 120: 30.0, 117: 30.0}


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize(("epsg", "meridian"), ZONES)
def test_every_zone_with_its_number_is_known_by_it(epsg, meridian, swap):
    lonlat = around(meridian - 0.3, LATITUDE[meridian])
    xy = project(lonlat, epsg)
    if swap:
        xy = xy[:, ::-1]
    result = decide(xy, place=box_around(meridian - 0.3, LATITUDE[meridian]))
    assert (result.crs.to_epsg(), result.swapped) == (epsg, swap)
    assert np.abs(recover(xy, result) - lonlat).max() < 1e-8
    assert "does not say its CRS" in said(result)
    assert "Beijing 1954" in said(result)
    assert ("exchanged" in said(result)) == swap
    if epsg not in (4491, 4492, 4493):  # their numbers are also web Mercator of the east
        assert decide(xy).crs.to_epsg() == epsg


def test_zone_13_without_a_place_may_be_web_mercator():
    text = refused(project(around(76.0, 39.45), 4491))
    assert "EPSG:4491" in text
    assert "EPSG:3857" in text


# --- zones without their number ----------------------------------------------


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize(("city", "epsg"), [("Hangzhou", 4549), ("Harbin", 4551)])
def test_without_number_the_place_decides(city, epsg, swap):
    lonlat = around(*CITIES[city])
    xy = project(lonlat, epsg)[:, :: -1 if swap else 1]
    result = decide(xy, place=box_around(*CITIES[city]))
    assert (result.crs.to_epsg(), result.swapped) == (epsg, swap)
    assert np.abs(recover(xy, result) - lonlat).max() < 1e-8
    assert f'crs = "EPSG:{epsg}"' in said(result)


def test_without_number_and_place_all_zones_are_offered():
    text = refused(project(around(*CITIES["Hangzhou"]), 4549))
    assert text.count("CGCS2000") > 8
    assert "EPSG:4549 (CGCS2000 / 3-degree Gauss-Kruger CM 120E): 120.150°E 30.270°N" in text
    assert "EPSG:4534" not in text  # 75 degrees east at 30 north is not China


def test_utm_of_the_same_meridian_is_not_excluded():
    # UTM 50 and CGCS2000 at 117 degrees east differ by 1.5 km here.
    text = refused(
        project(around(*CITIES["Mingguang"]), 4548), place=box_around(*CITIES["Mingguang"])
    )
    assert "EPSG:4548" in text
    assert "EPSG:32650" in text
    stated = decide(project(around(*CITIES["Mingguang"]), 4548), stated=4548)
    assert stated.crs.to_epsg() == 4548
    assert stated.notes == ()


def test_six_degree_zone_without_number_is_the_three_degree_zone_of_its_meridian():
    lonlat = around(119.0, 32.0)
    assert np.abs(project(lonlat, 4509) - project(lonlat, 4548)).max() == 0


@pytest.mark.parametrize(("declared", "written"), [(4548, 4527), (4527, 4548), (4509, 4498)])
@pytest.mark.parametrize("swap", [False, True])
def test_number_of_the_zone_against_the_prj(declared, written, swap):
    lonlat = around(*CITIES["Mingguang"])
    xy = project(lonlat, written)[:, :: -1 if swap else 1]
    result = decide(xy, declared=declared)
    assert (result.crs.to_epsg(), result.swapped) == (written, swap)
    assert f"names EPSG:{declared}" in said(result)
    assert f"EPSG:{written}" in said(result)
    assert np.abs(recover(xy, result) - lonlat).max() < 1e-8


def test_number_of_another_zone_than_the_prj():
    result = decide(project(around(*CITIES["Hangzhou"]), 4528), declared=4548)
    assert result.crs.to_epsg() == 4528
    assert "contradict" in said(result)


# --- what the file says ------------------------------------------------------


@pytest.mark.parametrize("epsg", [4326, 4490, 4548, 4527, 4509, 4498, 32650, 3857])
@pytest.mark.parametrize("esri", [False, True])
def test_a_true_crs_is_believed(epsg, esri):
    crs = CRS.from_epsg(epsg)
    if esri:
        crs = CRS.from_wkt(crs.to_wkt("WKT1_ESRI"))
    lon, lat = CITIES["Mingguang"]
    result = decide(project(around(lon, lat), epsg), declared=crs, place=box_around(lon, lat))
    assert result.crs is not None
    assert result.crs.to_epsg() == epsg
    assert not result.swapped
    assert ("web Mercator" in said(result)) == (epsg == 3857)
    assert len(result.notes) == (epsg == 3857)


@pytest.mark.parametrize("epsg", [4490, 4548, 4527, 4498, 32650])
def test_northing_first_is_exchanged(epsg):
    lonlat = around(*CITIES["Mingguang"])
    xy = project(lonlat, epsg)[:, ::-1]
    result = decide(xy, declared=epsg)
    assert (result.crs.to_epsg(), result.swapped) == (epsg, True)
    assert np.abs(recover(xy, result) - lonlat).max() < 1e-8
    assert "exchanged" in said(result)


def test_latitude_first_where_both_orders_are_degrees():
    urumqi = around(87.6, 43.8)
    swapped = urumqi[:, ::-1]
    assert decide(swapped, declared=4326, place=box_around(87.6, 43.8)).swapped
    assert not decide(urumqi, declared=4326, place=box_around(87.6, 43.8)).swapped
    assert not decide(swapped, declared=4326).swapped  # nothing proves it


def test_degrees_said_to_be_metres():
    result = decide(around(*CITIES["Beijing"]), declared=4548)
    assert result.crs.to_epsg() == 4326
    assert "contradict" in said(result)


def test_a_prj_of_the_wrong_meridian_is_refused_where_the_place_shows_it():
    place = box_around(*CITIES["Hangzhou"])
    xy = project(around(*CITIES["Hangzhou"]), 4549)
    text = refused(xy, declared=4548, place=place)
    assert "By its CRS EPSG:4548" in text
    assert 'crs = "EPSG:4549"' in text


def test_a_layer_of_elsewhere_is_noted():
    result = decide(
        around(*CITIES["Beijing"]), declared=4326, place=box_around(*CITIES["Hangzhou"])
    )
    assert result.crs.to_epsg() == 4326
    assert "away from the study" in said(result)


def test_a_national_layer_meets_the_place():
    lon, lat = np.meshgrid(np.linspace(75, 133, 30), np.linspace(20, 52, 30))
    xy = np.column_stack([lon.ravel(), lat.ravel()])
    assert decide(xy, declared=4326, place=box_around(*CITIES["Hangzhou"])).notes == ()


# --- what the study file says ------------------------------------------------


def test_the_study_file_overrides_the_file():
    xy = project(around(*CITIES["Mingguang"]), 4548)
    result = decide(xy, declared=4326, stated=4548)
    assert result.crs.to_epsg() == 4548
    assert "as the study file says" in said(result)
    assert decide(xy, declared=2384, stated=4548).crs.to_epsg() == 4548


def test_an_impossible_statement_is_refused():
    text = refused(project(around(*CITIES["Hangzhou"]), 4528), stated=4326)
    assert "the study file says EPSG:4326" in text
    assert 'crs = "EPSG:4528"' in text


# --- degrees without a CRS ---------------------------------------------------


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("city", CITIES)
def test_degrees_of_the_mainland_need_no_crs(city, swap):
    xy = around(*CITIES[city])[:, :: -1 if swap else 1]
    for place in (None, box_around(*CITIES[city])):
        result = decide(xy, place=place)
        assert (result.crs.to_epsg(), result.swapped) == (4326, swap)
        assert "EPSG:4326" in said(result)


def test_degrees_of_elsewhere_need_a_place_or_a_word():
    paris = around(2.35, 48.85)
    assert "EPSG:4326" in refused(paris)
    assert not decide(paris, place=box_around(2.35, 48.85)).swapped
    assert decide(paris[:, ::-1], place=box_around(2.35, 48.85)).swapped
    assert decide(paris, stated=4326).notes == ()


def test_utm_of_a_place_abroad():
    place = box_around(-15.43, 28.12)
    xy = project(around(-15.43, 28.12), 32628)
    assert decide(xy, place=place).crs.to_epsg() == 32628
    sydney = project(around(151.2, -33.87), 32756)
    assert decide(sydney, place=box_around(151.2, -33.87)).crs.to_epsg() == 32756


def test_web_mercator_without_a_crs():
    xy = project(around(*CITIES["Beijing"]), 3857)
    assert decide(xy, place=box_around(*CITIES["Beijing"])).crs.to_epsg() == 3857


# --- refused -----------------------------------------------------------------

OLD = [2331, 2349, 2363, 2384, 2401, 2415, 2436, 4214, 4555, 4579, 4610, 4768, 21420, 21460]


@pytest.mark.parametrize("esri", [False, True])
@pytest.mark.parametrize("epsg", OLD)
def test_old_datums_are_refused_with_the_remedy(epsg, esri):
    crs = CRS.from_epsg(epsg)
    if esri:
        crs = CRS.from_wkt(crs.to_wkt("WKT1_ESRI"))
    xy = np.array([[500_000.0, 3_600_000.0]])
    for said_by in ("declared", "stated"):
        text = refused(xy, **{said_by: crs})
        assert "seven parameters" in text
        assert "transform it to CGCS2000" in text
    if crs.is_projected:
        assert "+proj=tmerc" in text


def test_the_remedy_works_once_parameters_stand_in_it():
    xy = project(around(*CITIES["Mingguang"]), 4527)
    text = refused(xy, declared=2415)
    line = text[text.rindex("crs = ") : -1]
    stated = tomllib.loads(line)["crs"].replace("dX,dY,dZ,rX,rY,rZ,dS", "15,-154,-82,0,0,0,0")
    result = decide(xy, declared=2415, stated=stated)
    moved = (recover(xy, result) - around(*CITIES["Mingguang"])) * 111_000
    assert 30 < np.hypot(*moved.T).mean() < 150


@pytest.mark.parametrize(
    ("size", "name"), [("6378245.0,298.3", "Beijing 1954"), ("6378140.0,298.257", "Xian 1980")]
)
def test_a_nameless_datum_is_known_by_its_ellipsoid(size, name):
    wkt = (
        f'PROJCS["local",GEOGCS["GCS_Unknown",DATUM["D_Unknown",SPHEROID["S",{size}]],'
        'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],'
        'PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],'
        'PARAMETER["Central_Meridian",117.0],PARAMETER["Scale_Factor",1.0],'
        'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
    )
    assert name in refused(np.array([[500_000.0, 3_600_000.0]]), declared=wkt)


def test_pulkovo_is_not_beijing():
    moscow = project(around(37.6, 55.75), 28407)
    assert decide(moscow, declared=28407).crs.to_epsg() == 28407


def test_a_city_grid_is_refused():
    rng = np.random.default_rng(3)
    xy = rng.uniform([40_000, 20_000], [60_000, 40_000], (50, 2))
    for options in ({}, {"place": box_around(*CITIES["Beijing"])}, {"declared": 4326}):
        assert "a city's own grid" in refused(xy, **options)


def test_a_city_grid_with_its_projection_is_used():
    grid = "+proj=tmerc +lat_0=0 +lon_0=116.35 +k=1 +x_0=50000 +y_0=-4400000 +ellps=GRS80 +units=m"
    transformer = Transformer.from_crs(WGS84, CRS(grid), always_xy=True)
    lonlat = around(*CITIES["Beijing"])
    xy = np.column_stack(transformer.transform(lonlat[:, 0], lonlat[:, 1]))
    result = decide(xy, stated=grid, place=box_around(*CITIES["Beijing"]))
    assert not result.swapped
    assert np.abs(recover(xy, result) - lonlat).max() < 1e-8


# --- stray rows --------------------------------------------------------------


def test_rows_of_zeros_and_gaps_do_not_count():
    xy = project(around(*CITIES["Hangzhou"]), 4528)
    stray = np.vstack([xy, np.zeros((30, 2)), np.full((5, 2), np.nan)])
    assert decide(stray).crs.to_epsg() == 4528
    nothing = decide(np.zeros((4, 2)), declared=4490)
    assert nothing.crs.to_epsg() == 4490
    assert decide(np.empty((0, 2))).crs.to_epsg() == 4326


def test_explain_lists_where_each_reading_lies():
    texts = [text.en for text in explain(project(around(*CITIES["Hangzhou"]), 4528))]
    assert texts == ["EPSG:4528 (CGCS2000 / 3-degree Gauss-Kruger zone 40): 120.150°E 30.270°N"]
    assert "北纬30.270°" in explain(around(*CITIES["Hangzhou"]))[0].zh
    assert explain(np.empty((0, 2))) == ()


# --- real files --------------------------------------------------------------


def coordinates(path):
    meta, _, wkb, _ = pyogrio.raw.read(path)
    crs = CRS.from_user_input(meta["crs"]) if meta["crs"] else None
    return shapely.get_coordinates(shapely.from_wkb(wkb)), crs


def test_a_prj_of_degrees_over_metres(data_file):
    xy, declared = coordinates(data_file("traps/wrong_prj/land.shp"))
    assert declared.to_epsg() == 4326
    text = refused(xy, declared=declared)
    assert "contradict" in text
    assert "EPSG:4547" in text
    lon, lat = Transformer.from_crs(4547, 4326, always_xy=True).transform(*np.median(xy, axis=0))
    result = decide(xy, declared=declared, stated=4547, place=box_around(lon, lat))
    assert result.crs.to_epsg() == 4547
    result = decide(xy, declared=declared, place=box_around(lon, lat))
    assert result.crs.to_epsg() == 4547
    assert "the file says EPSG:4326" in said(result)


def test_no_prj(data_file):
    xy, declared = coordinates(data_file("traps/no_prj/mainroad.shp"))
    assert declared is None
    text = refused(xy)
    assert "does not say its CRS" in text
    assert "EPSG:4547" in text
