"""Mingcheng, the made-up city in a bureau's files: drawn anew, and against its answers.

The answers follow from how the city is drawn (`scripts/mingcheng_lib`) and stand in
sample_data/mingcheng/README.md; none was taken from a run.
"""

import csv
import io
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from python_calamine import CalamineWorkbook

import cityplan
from cityplan.model.city import City
from cityplan.model.result import Skipped
from cityplan.model.standard import load_standard

ROOT = Path(__file__).parent.parent
MINGCHENG = ROOT / "sample_data" / "mingcheng"
DATA = MINGCHENG / "规划数据"
SIDECARS = (".dbf", ".prj", ".shx")
ZONE_M = 39_000_000  # the zone's number in the eastings of the files
COMMUNITIES = {
    "鼓楼社区": (9150, 2420, 1100),
    "南门社区": (4880, 1170, 630),
    "东门社区": (12970, 2600, 1950),
    "城西社区": (6670, 1530, 880),
    "北关社区": (4520, 1170, 545),
    "御景社区": (12670, 1640, 2280),
    "滨河社区": (14300, 1290, 2720),
    "高新社区": (3310, 190, 410),
}
PEOPLE, ELDERLY, CHILDREN = np.sum(list(COMMUNITIES.values()), axis=0).tolist()
UNITS = ["鼓楼街道", "北关街道", "明城经开区"]
# Fifteen records: the park's toilet twice, one closed, one beyond the built-up area.
TOILETS = {"鼓楼街道": 9, "北关街道": 2, "明城经开区": 1}
# Near a mall, a market, the station, a mall, two parks of more than 2 ha.
WOMEN_CROWDED = 8 + 8 + 10 + 12 + 6 + 6
MEN_CROWDED = (2 + 2) + (2 + 2) + (5 + 7) + (3 + 3) + (2 + 1) + (1 + 2)
CAUSES = {
    "boundary": 1, "artefact": 1, "private_or_gate": 2, "continues_other": 2, "turning_head": 2,
    "barrier_ahead": 2, "short": 2, "through": 3, "unexplained": 1,
}  # fmt: skip
NOT_COUNTED = CAUSES["boundary"] + CAUSES["artefact"]


@pytest.fixture(scope="session")
def drawn(tmp_path_factory):
    """Return a folder the script has written anew."""
    folder = tmp_path_factory.mktemp("mingcheng")
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    subprocess.run(
        [sys.executable, ROOT / "scripts" / "make_mingcheng.py", folder],
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    return folder


@pytest.fixture(scope="session")
def report():
    return cityplan.run(cityplan.sample("mingcheng"))


@pytest.fixture(scope="session")
def measures(report):
    return {measure.id: measure.value for result in report.results for measure in result.measures}


@pytest.fixture(scope="session")
def city():
    study = cityplan.load_study(MINGCHENG)
    inputs = cityplan.check(study)
    return City(inputs.area, inputs.layers, load_standard(study.standard))


def shapefile(path):
    return gpd.read_file(path, encoding="GB18030")


def per_unit(report, measure):
    table = report[measure.split(".")[0]].units.set_index("unit")[measure]
    return {unit: table[unit] for unit in UNITS}


# --- the files ---------------------------------------------------------------


def test_the_script_draws_the_committed_files(drawn):
    names = sorted(path.name for path in DATA.iterdir())
    assert sorted(path.name for path in drawn.iterdir()) == names
    for name in names:
        ours, fresh = DATA / name, drawn / name
        if ours.suffix in (".shp", ".gpkg"):
            read = shapefile if ours.suffix == ".shp" else gpd.read_file
            one, other = read(ours), read(fresh)
            assert one.crs == other.crs
            assert one.drop(columns="geometry").equals(other.drop(columns="geometry")), name
            near = 0.01 if one.crs.is_projected else 1e-7
            assert shapely.equals_exact(one.geometry, other.geometry, tolerance=near).all(), name
        elif ours.suffix == ".xlsx":
            one, other = (CalamineWorkbook.from_path(path) for path in (ours, fresh))
            assert one.sheet_names == other.sheet_names
            for sheet in one.sheet_names:
                rows = [book.get_sheet_by_name(sheet).to_python() for book in (one, other)]
                assert rows[0] == rows[1]
        elif ours.suffix == ".csv":
            assert ours.read_bytes() == fresh.read_bytes(), name


def test_files_are_those_of_a_bureau():
    assert not list(DATA.glob("*.cpg"))
    for path in DATA.glob("*.dbf"):
        says = path.read_bytes()[29]
        assert says == (0x4D if path.stem == "建筑" else 0x00), path.name
    for path in DATA.glob("*.shp"):
        frame = shapefile(path)
        assert frame.crs.to_epsg() == 4527
        assert ((frame.bounds.minx > ZONE_M) & (frame.bounds.maxx < ZONE_M + 1_000_000)).all()
    assert set(shapefile(DATA / "道路.shp").columns) >= {"名称", "道路等级", "红线宽", "车行道宽"}
    assert pyogrio.read_info(DATA / "社区人口.gpkg")["crs"] == "EPSG:4490"
    shops = (DATA / "设施.csv").read_bytes()
    assert shops.decode("gb18030")
    with pytest.raises(UnicodeDecodeError):
        shops.decode("gbk")  # a rare letter in a name needs all of GB18030
    rows = CalamineWorkbook.from_path(DATA / "公厕台账.xlsx").get_sheet_by_index(0).to_python()
    assert [cell for cell in rows[0] if cell] == ["明城市公共厕所台账（虚构示例，截至2025年6月）"]
    assert rows[1][:4] == ["序号", "公厕名称", "经度", "纬度"]
    assert len(rows) == 2 + 15


def test_files_are_small():
    assert sum(path.stat().st_size for path in MINGCHENG.rglob("*")) < 1_500_000


def test_the_readme_counts_right():
    readme = (MINGCHENG / "README.md").read_text(encoding="utf-8")
    table = readme.split("## 文件 / Files")[1].split("##")[0]
    listed = {}
    for names, rows in re.findall(r"^\| (`[^|]+) \| ([\d, ]+) \|", table, flags=re.MULTILINE):
        listed |= dict(zip(re.findall(r"`([^`]+)`", names), map(int, rows.split(",")), strict=True))
    assert set(listed) == {p.name for p in DATA.iterdir() if p.suffix not in SIDECARS}
    for name, rows in listed.items():
        path = DATA / name
        if path.suffix == ".csv":
            found = len(path.read_bytes().decode("gb18030").splitlines()) - 1
        elif path.suffix == ".xlsx":
            found = len(CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()) - 2
        else:
            found = pyogrio.read_info(path)["features"]
        assert found == rows, name


def test_land_covers_the_city_once():
    land, boundary = shapefile(DATA / "用地.shp"), shapefile(DATA / "市界.shp").geometry[0]
    united = land.union_all()
    assert boundary.difference(united).area < 0.001 * boundary.area
    assert land.area.sum() - united.area < 1.0
    assert set(land["用地代码"]) >= {"R2", "R3", "A33", "B1", "M1", "S1", "G1", "G2", "E1", "E2"}


def test_units_and_communities_are_the_boundary():
    boundary = shapefile(DATA / "市界.shp").geometry[0]
    units = shapefile(DATA / "街道.shp")
    people = gpd.read_file(DATA / "社区人口.gpkg").to_crs(units.crs)
    assert list(units["名称"]) == UNITS
    for frame in (units, people):
        assert frame.area.sum() == pytest.approx(boundary.area, rel=1e-5)
        assert frame.union_all().symmetric_difference(boundary).area < 50
    columns = ["总人口", "60岁以上", "0-14岁"]
    rows = people.set_index("社区名称")[columns].itertuples(name=None)
    assert {name: tuple(row) for name, *row in rows} == COMMUNITIES


def test_points_shown_on_other_maps_are_those_of_the_plan():
    """The ledger in GCJ-02 and the service list in BD-09 lie where the streets are."""
    from cityplan.spatial.datum import to_wgs84

    streets = shapefile(DATA / "道路.shp")
    for name, datum in (("设施.csv", "gcj02"), ("社区设施.csv", "bd09")):
        text = (DATA / name).read_bytes().decode("gb18030")
        rows = list(csv.DictReader(io.StringIO(text)))
        lon = np.array([float(row["经度"]) for row in rows])
        lat = np.array([float(row["纬度"]) for row in rows])
        points = gpd.GeoSeries.from_xy(*to_wgs84(lon, lat, datum=datum), crs=4326).to_crs(4527)
        gap = shapely.distance(np.array(points), streets.union_all())
        assert gap.max() < 30, "beside a street"
        as_they_are = gpd.GeoSeries.from_xy(lon, lat, crs=4326).to_crs(4527)
        assert as_they_are.distance(points).min() > 300, "and hundreds of metres off if misread"


# --- what a run finds --------------------------------------------------------


def test_a_run_needs_no_openstreetmap_and_skips_nothing(report):
    study = cityplan.load_study(MINGCHENG)
    assert study.osm is None
    assert study.lang == "zh"
    assert not [result for result in report.results if isinstance(result, Skipped)]
    assert {result.analyzer for result in report.results} == set(cityplan.all_analyzers())
    assert report.area.crs.to_epsg() == 4548
    assert not [line for line in report.attribution if "OpenStreetMap" in line]
    assert list(report["toilet_density"].units["unit"])[:3] == UNITS


def test_every_row_is_accounted_for(report):
    for name, count in report.inputs.items():
        assert count.read == count.used + sum(count.rejected.values()), name
    assert report.inputs["toilets"].used == 15
    assert report.inputs["population"].used == len(COMMUNITIES)
    assert report.inputs["streets"].used == len(shapefile(DATA / "道路.shp"))
    assert report.inputs["buildings"].used == len(shapefile(DATA / "建筑.shp"))


def test_nobody_is_lost(city):
    assert city.demand.is_people
    assert city.demand.weight.sum() == pytest.approx(PEOPLE)
    groups = {name: count.sum() for name, count in city.demand.groups.items()}
    assert groups == {"elderly": pytest.approx(ELDERLY), "children": pytest.approx(CHILDREN)}
    per_slot = np.bincount(city.demand.unit, city.demand.weight)
    # homes on a unit's edge apart, the people of a unit are those of its communities
    assert per_slot == pytest.approx([27_000, 23_860, 17_610], rel=0.01)


def test_toilets(report, measures):
    assert measures["toilet_density.count"] == sum(TOILETS.values())
    assert per_unit(report, "toilet_density.count") == TOILETS
    assert measures["toilet_density.count_outside"] == 1
    assert measures["toilet_density.places_known_share"] == pytest.approx(10 / 12)
    built_up = shapefile(DATA / "建成区.shp").area.sum() / 1e6
    assert measures["toilet_density.per_km2"] == pytest.approx(12 / built_up, rel=1e-4)
    assert measures["toilet_density.missing"] == np.ceil(3 * built_up) - 12
    ratio = report["toilet_density"]["female_male_ratio_crowded"]
    assert ratio.value == pytest.approx(WOMEN_CROWDED / MEN_CROWDED)
    assert ratio.verdict == "not_met"


def test_dead_ends_by_cause(measures):
    found = {cause: measures[f"dead_ends.cause.{cause}"] for cause in CAUSES}
    assert found == CAUSES
    assert measures["dead_ends.count"] == sum(CAUSES.values()) - NOT_COUNTED
    assert measures["dead_ends.through_count"] == CAUSES["through"]
    assert measures["dead_ends.count_outside"] == 1


def test_dead_ends_are_where_the_plan_has_them(report, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    from mingcheng_lib.ground import ORIGIN, at
    from mingcheng_lib.streets import ENDS, bank

    shapes = report["dead_ends"].shapes
    ends = [
        (row.kind, row.geometry) for role in ("gap", "context") for row in shapes[role].itertuples()
    ]
    planned = [((u if u is not None else bank(v, -1) + 36, v), cause) for (u, v), cause in ENDS]
    unseen = []
    for place, cause in planned:
        x, y = np.array(at(*place)) + ORIGIN - (ZONE_M, 0)
        near = [kind for kind, end in ends if end.distance(shapely.Point(x, y)) < 1]
        if near != [cause]:
            unseen.append((place, cause, near))
    assert unseen == [((2650, 1950), "unexplained", [])], "only the one beyond the built-up area"
    assert Counter(kind for kind, _ in ends) == CAUSES


def test_every_analysis_finds_some_served_and_some_not(report, measures):
    shares = (
        "life_circle.complete_share", "park_coverage.park.network_share",
        "park_coverage.green.network_share", "toilet_density.area_coverage_share",
        "toilet_density.demand_coverage_share",
    )  # fmt: skip
    for share in shares:
        assert 0.05 < measures[share] < 0.95, share
    for name in ("life_circle", "park_coverage", "toilet_density"):
        assert len(report[name].shapes["gap"]), name
        assert len(report[name].shapes["served"]), name
    assert 0.10 < measures["road_area_ratio.ratio"] < 0.25
    assert measures["road_area_ratio.ratio"] < measures["road_area_ratio.ratio_red_line"]
    assert 0.5 < measures["road_area_ratio.width_known_share"] < 1
    for road_class in ("expressway", "arterial", "secondary", "branch", "lane"):
        assert measures[f"road_area_ratio.density.{road_class}"] > 0, road_class


def test_what_is_not_in_the_data(report):
    """No nursing home is recorded: not found in the data, and the low case counts it."""
    complete = report["life_circle"]["complete_share"]
    assert report["life_circle"]["reach.care_home"].value is None
    assert complete.low == 0
    assert complete.value > 0


def test_the_ledger_has_the_reported_figures(report):
    assert len(report.ledger.clauses) == 61
    found = {entry.ref: entry for entry in report.ledger.entries}
    sweeping, sewers = found["(二)2.(1)"], found["(一)3.(1)"]
    assert (sweeping.verdict, sweeping.main.value) == ("met", 0.88)
    assert sweeping.main.trend.direction == "better"
    assert (sewers.verdict, sewers.main.value) == ("not_met", 26.8)
    assert (sewers.main.trend.earlier, sewers.main.trend.direction) == (12.4, "better")
    reported = {item.id for entry in found.values() for item in entry.items if item.series}
    assert len(reported) == 13
    assert sum(len(i.series) for e in found.values() for i in e.items) == 22
