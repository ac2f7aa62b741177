"""Services: hand-made places, the two methods against what is known, and absent ones."""

import re

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point, box
from shapely.affinity import rotate

import cityplan
from cityplan.analyzers.service_coverage import ANALYZER, place_records
from cityplan.errors import StandardError
from cityplan.model.area import BuiltUp, StudyArea
from cityplan.model.city import City
from cityplan.model.standard import available_standards, load_standard
from cityplan.text import Text

SURE = 'source = "a test"\nclause = ""\nconfidence = "S1"\n'
HEAD = """id = "t"
extends = "cn-action-plan"
title = { en = "t", zh = "t" }
summary = { en = "t", zh = "t" }
"""


@pytest.fixture
def profile(tmp_path):
    def make(rows):
        path = tmp_path / "own.toml"
        path.write_text(HEAD + rows, encoding="utf-8")
        return load_standard(str(path))

    return make


@pytest.fixture(scope="module")
def toy():
    return cityplan.check(cityplan.sample("toy"))


def service(name, where, **more):
    lines = [f'id = "{name}"', f'title = {{ en = "{name}", zh = "{name}" }}', where]
    lines += [f"{key} = {value!r}".replace("'", '"') for key, value in more.items()]
    return "\n[[service]]\n" + "\n".join(lines) + "\n" + SURE


def measured(inputs, standard):
    return ANALYZER.run(City(inputs.area, inputs.layers, standard), standard)


# --- where records count ----------------------------------------------------------

AREA = StudyArea(
    name="two halves",
    crs="EPSG:4548",
    boundary=box(0, 0, 200, 100),
    built_up=BuiltUp(geometry=box(0, 0, 200, 100), basis=Text(en="x", zh="x"), is_proxy=False),
    units=gpd.GeoDataFrame(
        {"unit": ["west", "east"]},
        geometry=[box(0, 0, 100, 100), box(100, 0, 190, 100)],
        crs="EPSG:4548",
    ),
)


def shapes(*geometries):
    return np.array(geometries, dtype=object)


def test_points_and_areas_count_where_their_centre_is():
    found = place_records(
        shapes(Point(5, 5), box(90, 0, 130, 10), Point(195, 5), Point(300, 5)), AREA
    )
    assert found.tolist() == [0, 1, -1, -2]


def test_touching_lines_are_one_where_most_of_them_is():
    pieces = shapes(
        LineString([(60, 50), (110, 50)]),
        LineString([(110, 50), (130, 50)]),
        LineString([(130, 50), (170, 50)]),
        LineString([(10, 80), (20, 80)]),
        LineString([(-50, 10), (-20, 10)]),
    )
    assert place_records(pieces, AREA).tolist() == [1, 0, -2]


def test_splitting_and_turning_a_line_changes_nothing():
    line = LineString([(60, 50), (170, 55)])
    middle = line.interpolate(0.3, normalized=True)
    start, end = (Point(xy) for xy in line.coords)
    pieces = shapes(LineString([end, middle]), LineString([start, middle]))
    assert place_records(pieces, AREA).tolist() == place_records(shapes(line), AREA).tolist()
    assert place_records(shapes(line.reverse()), AREA).tolist() == [1]


def test_a_line_along_the_outside_of_the_boundary_does_not_count():
    outside = rotate(LineString([(-10, -10), (-10, 90)]), 0)
    assert place_records(shapes(outside), AREA).tolist() == [-2]
    assert place_records(shapes(), AREA).tolist() == []


# --- the two methods ----------------------------------------------------------------


def test_a_walk_is_the_life_circles(toy, profile):
    standard = profile(
        service("shops", 'category = "convenience_store"', distance_m=1000, method="network")
        + service("banks", 'category = "bank"', distance_m=1000, method="network")
    )
    ours = measured(toy, standard)
    circle = cityplan.run(cityplan.sample("toy"), only=["life_circle"])["life_circle"]
    for name, category in (("shops", "convenience_store"), ("banks", "bank")):
        mine, its = ours[f"{name}.share"], circle[f"reach.{category}"]
        assert mine.value == pytest.approx(its.value, rel=1e-12)
        assert ours.units[mine.id].to_list() == pytest.approx(circle.units[its.id].to_list())


def test_a_straight_line_serves_at_least_the_walk_and_more_with_distance(toy, profile):
    rows = [
        service(f"{method}_{m}", 'category = "market"', distance_m=m, method=method)
        for method in ("radius", "network")
        for m in (200, 400, 800)
    ]
    result = measured(toy, profile("".join(rows)))
    share = {
        (method, m): result[f"{method}_{m}.share"].value
        for method in ("radius", "network")
        for m in (200, 400, 800)
    }
    for m in (200, 400, 800):
        assert share["radius", m] >= share["network", m]
    for method in ("radius", "network"):
        assert share[method, 200] <= share[method, 400] <= share[method, 800]


def test_land_is_all_covered_from_afar_and_hardly_from_near(toy, profile):
    rows = [
        service(f"{of}_{m}", 'category = "bus_stop"', distance_m=m, denominator=of)
        for of in ("residential_land", "built_up_area")
        for m in (1, 5000)
    ]
    result = measured(toy, profile("".join(rows)))
    for of in ("residential_land", "built_up_area"):
        assert result[f"{of}_5000.share"].value == pytest.approx(1, abs=1e-9)
        assert result[f"{of}_1.share"].value < 1e-5


# --- what is not there -----------------------------------------------------------------


def test_an_absent_service_is_not_found_never_zero(toy):
    result = measured(toy, load_standard("cn-action-plan"))
    for key in ("hydrant.count", "charging.count", "fire_duty_point.count"):
        measure = result[key]
        assert measure.value is None
        assert measure.verdict == "cannot_tell"
        assert measure.note.en.startswith("Not found in the data")
        assert measure.note.zh.startswith("数据中未检出")
        assert result.units[measure.id].isna().all()


def test_without_a_distance_a_service_is_only_counted():
    for name in available_standards():
        standard = load_standard(name)
        ids = ANALYZER.measure_ids(standard)
        for row in standard.services.values():
            assert f"service_coverage.{row.id}.count" in ids
            share = f"service_coverage.{row.id}.share"
            assert (share in ids) == (row.distance_m is not None)


def test_the_plans_services_are_there_with_the_distances_of_the_digest():
    services = load_standard("cn-action-plan").services
    assert {key: row.distance_m for key, row in services.items()} == {
        "wet_market": 500,
        "community_shop": 300,
        "convenience_store": None,
        "specialised_market": None,
        "car_park": None,
        "charging": None,
        "bus_stop": 500,
        "greenway": 1000,
        "recycling_point": None,
        "waste_collection_point": 70,
        "waste_station": None,
        "hydrant": None,
        "fire_duty_point": None,
        "community_station": 300,
    }
    assert {key for key, row in services.items() if not row.verified} == {
        "bus_stop",
        "waste_collection_point",
        "community_station",
    }


def test_shapes_say_which_service(toy):
    result = measured(toy, load_standard("cn-action-plan"))
    kinds = {role: set(frame["kind"]) for role, frame in result.shapes.items()}
    assert {"wet_market", "bus_stop", "greenway"} <= kinds["facility"]
    assert "hydrant" not in kinds["facility"]
    assert kinds["served"] <= {"all_services"}
    assert "waste_collection_point" in kinds["gap"]


@pytest.mark.parametrize(
    ("where", "more", "fault"),
    [
        ('category = "bank"\nlayer = "greenways"', {}, "either category or layer"),
        ("", {}, "either category or layer"),
        ('category = "bank"', {"method": "flight"}, "method = 'flight'"),
        (
            'layer = "greenways"',
            {"method": "network", "denominator": "built_up_area"},
            "'network' serves denominator 'homes' only",
        ),
    ],
)
def test_a_wrong_row_is_named(profile, where, more, fault):
    with pytest.raises(StandardError, match=fault):
        profile(service("odd", where, **more))


# --- what local tables give -------------------------------------------------------------------


def test_a_local_table_of_duty_points_and_hydrants_is_counted(tmp_path):
    (tmp_path / "points.csv").write_text(
        "名称,类型,经度,纬度\n甲,消防救援执勤点,117.002,32.002\n乙,市政消火栓,117.003,32.003\n"
        "丙,消防栓,117.004,32.003\n丁,夜市,117.004,32.004\n",
        encoding="gb18030",
    )
    toy = cityplan.sample("toy")
    text = (toy / "study.toml").read_text(encoding="utf-8")
    text = re.sub(r'"([\w.]+\.(?:osm|geojson))"', rf'"{toy.as_posix()}/\1"', text)
    text += '\n[layers.facilities]\npath = "points.csv"\nx = "经度"\ny = "纬度"\n'
    text += 'datum = "wgs84"\nmode = "add"\n'
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    result = cityplan.run(tmp_path, only=["service_coverage"])["service_coverage"]
    assert (result["hydrant.count"].value, result["fire_duty_point.count"].value) == (2, 1)
    assert result["wet_market.count"].value == 2


# --- what OpenStreetMap gives -------------------------------------------------------------

OSM = """<osm version="0.6">
<node id="1" lat="32" lon="117"><tag k="emergency" v="fire_hydrant"/></node>
<node id="2" lat="32.001" lon="117"><tag k="amenity" v="charging_station"/></node>
<node id="3" lat="32.002" lon="117"><tag k="amenity" v="charging_station"/><tag k="access" v="private"/></node>
<node id="4" lat="32.003" lon="117"><tag k="shop" v="wholesale"/></node>
<node id="5" lat="32.004" lon="117"/>
<node id="6" lat="32.005" lon="117"/>
<way id="1"><nd ref="5"/><nd ref="6"/><tag k="highway" v="path"/><tag k="bicycle" v="designated"/></way>
<way id="2"><nd ref="1"/><nd ref="2"/><tag k="highway" v="footway"/></way>
<way id="3"><nd ref="2"/><nd ref="3"/><tag k="highway" v="footway"/><tag k="name" v="滨河绿道"/></way>
</osm>"""


def test_tags_of_the_new_services(tmp_path):
    path = tmp_path / "few.osm"
    path.write_text(OSM, encoding="utf-8")
    layers = cityplan.read_osm(path).layers
    assert sorted(layers["facilities"]["category"]) == ["charging", "hydrant", "specialised_market"]
    assert sorted(layers["greenways"]["id"]) == ["w1", "w3"]
    assert len(layers["streets"]) == 3
