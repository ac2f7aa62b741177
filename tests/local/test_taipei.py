"""Taipei's ledger of toilets: units and grades, but nobody's places by sex.

The data folder calls it a ledger with seat counts by kind; what the file holds is
the number of units (座數) and how many of each grade. The ratio of women's to men's
places cannot be told from it, and no number may be made up.
"""

import re
from xml.etree import ElementTree as ET

import geopandas as gpd
import pytest
import shapely
from local_bench import warnings_of

from cityplan.outputs.results_json import results_document
from cityplan.pipeline import run


@pytest.fixture(scope="module")
def ledger(data_file):
    return data_file("taipei/toilets.xml")


@pytest.fixture(scope="module")
def points(ledger):
    """Return the points of the ledger as an XML reader of Python's own gives them."""
    rows = list(ET.parse(ledger).getroot().iter("Table"))
    xy = [(float(row.findtext("Lng") or 0), float(row.findtext("Lat") or 0)) for row in rows]
    return shapely.points(xy), rows


def study_of(folder, ledger, boundary, streets):
    gpd.GeoDataFrame(geometry=[boundary], crs=4326).to_file(folder / "boundary.gpkg")
    gpd.GeoDataFrame({"highway": ["residential"]}, geometry=[streets], crs=4326).to_file(
        folder / "streets.gpkg"
    )
    text = (
        '[study]\nname = "臺北"\nboundary = "boundary.gpkg"\nbuilt_up = "boundary.gpkg"\n'
        '[layers.streets]\npath = "streets.gpkg"\n'
        f'[layers.toilets]\npath = "{ledger}"\ndatum = "wgs84"\n'
    )
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder / "study.toml"


@pytest.fixture(scope="module")
def report(ledger, points, tmp_path_factory):
    good = points[0][shapely.intersects(shapely.box(121, 24.5, 122, 25.5), points[0])]
    hull = shapely.convex_hull(shapely.multipoints(good))
    west, south, east, north = hull.bounds
    streets = shapely.LineString([(west, south), (east, north)])
    folder = tmp_path_factory.mktemp("taipei")
    return run(study_of(folder, ledger, shapely.buffer(hull, 0.001), streets))


def test_every_record_is_accounted_for(report, points):
    count = report.inputs["toilets"]
    assert count.read == len(points[1]) == 1_777
    assert count.read == count.used + sum(count.rejected.values())
    assert count.used > 1_500
    assert report["toilet_density"]["count"].value <= count.used


def test_the_file_holds_no_places_by_sex(points):
    contents = [row.findtext("Content") or "" for row in points[1]]
    assert all("座數" in text for text in contents if text)
    assert not any(re.search("[男女].{0,3}[0-9]", text) for text in contents)


def test_places_are_not_recorded_and_no_ratio_is_made_up(report):
    document = results_document(report)
    rows = {m["id"]: m for a in document["analyzers"] for m in a["measures"]}
    known = rows["toilet_density.places_known_share"]
    assert known["value"] == 0
    assert "both recorded" in known["basis"]["en"]
    ratio = rows["toilet_density.female_male_ratio_crowded"]
    assert ratio["value"] is None
    assert ratio["verdict"] == "cannot_tell"
    assert "without recorded places (unknown, not failing)" in ratio["note"]["en"]
    assert "未知" in ratio["note"]["zh"]
    share = next(row for row in report.quality if row.id == "toilets.places_share")
    assert share.value == 0


def test_the_columns_that_were_not_used_are_named(report):
    said = [check.what.en for check in report.checks if check.layer == "toilets"]
    assert any("Content" in text and "Not used" in text for text in said)
    assert warnings_of(report, "boundary") == []


def test_sex_is_taken_from_the_name_and_places_where_they_stand(tmp_path):
    """A men's and a women's record side by side are one toilet, with both places."""
    rows = [
        ("中山公園男廁", "4", 121.53000, 25.05000), ("中山公園女廁", "10", 121.53020, 25.05000),
        ("大安公廁", "", 121.54000, 25.03000),
    ]  # fmt: skip
    table = "公廁名稱,女廁位,男廁位總數,經度,緯度\n"
    for name, places, x, y in rows:
        female, male = (places, "") if "女" in name else ("", places)
        table += f"{name},{female},{male},{x},{y}\n"
    (tmp_path / "ledger.csv").write_text(table, encoding="utf-8")
    box = shapely.box(121.52, 25.02, 121.55, 25.06)
    line = shapely.LineString([(121.52, 25.02), (121.55, 25.06)])
    result = run(study_of(tmp_path, "ledger.csv", box, line))["toilet_density"]
    assert result["count"].value == 2
    assert result["places_known_share"].value == 0.5
    shown = result.shapes["facility"]
    pair = shown[shown["records"] == 2].iloc[0]
    assert (pair["female_places"], pair["male_places"]) == (10, 4)
