"""Tables of map services: longitude and latitude in one cell, in either order."""

# ruff: noqa: RUF001 - full-width marks are the point

import json

import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from cityplan.errors import InputFileError
from cityplan.model.causes import CAUSES_OF_INPUT
from cityplan.sources.files.pairs import read_pairs
from cityplan.sources.layer_source import LayerSource
from cityplan.sources.local import read_local

PLACE = (117.9, 32.7, 118.1, 32.9)


def points(layer):
    return shapely.get_coordinates(layer.frame.geometry.to_numpy()).tolist()


@pytest.mark.parametrize(
    "written",
    [
        "117.98,32.78", "32.78,117.98", "117.98，32.78", "[117.98, 32.78]", "（117.98；32.78）",
        "117.98 32.78", "32.78|117.98", '{"lng":117.98,"lat":32.78}', '{"lat":32.78,"lng":117.98}',
        "经度:117.98,纬度:32.78", "117°58′48″E, 32°46′48″N", "１１７．９８，３２．７８", "117.98、32.78",
    ],
)  # fmt: skip
def test_a_pair(written):
    assert read_pairs([written]).xy[0] == pytest.approx([117.98, 32.78], abs=1e-9)


@pytest.mark.parametrize(
    "written",
    [None, "", 117.98, "117.98", "暂无", "人民路12号", "1,2,3", "a,b", "0,0", "117.98,"],
)
def test_no_pair(written):
    assert not read_pairs([written]).there.any()


@pytest.mark.parametrize(
    ("written", "xy", "exchanged"),
    [
        ("87.6,43.8", (87.6, 43.8), False),  # Urumqi: both numbers could be a latitude
        ("43.8,87.6", (87.6, 43.8), True),
        ("7.42,43.73", (7.42, 43.73), False),  # outside China the ranges say nothing
        ("35.7,139.7", (139.7, 35.7), True),
        ("-70.5,-33.4", (-70.5, -33.4), False),
        ("lat=43.73;lng=7.42", (7.42, 43.73), True),
        ("512345.6,3612345.7", (512345.6, 3612345.7), False),
    ],
)
def test_order(written, xy, exchanged):
    pairs = read_pairs([written])
    assert pairs.xy[0] == pytest.approx(xy)
    assert pairs.exchanged.tolist() == [exchanged]


@pytest.mark.parametrize(
    "name", ["location", "Location", "坐标", "经纬度", "坐标点", "lnglat", "coordinates", "坐标（经度,纬度）"]
)  # fmt: skip
def test_an_export_of_amap(tmp_path, read, name):
    path = tmp_path / "高德.csv"
    rows = ['甲公厕,"117.98,32.78"', '乙公厕,"32.79,117.99"', "丙公厕,", "丁公厕,不详"]
    path.write_text("\n".join([f'name,"{name}"', *rows]), encoding="utf-8")
    layer = read(path)
    assert points(layer) == [[117.98, 32.78], [117.99, 32.79]]
    assert layer.rejected == {"no coordinates": 1, "coordinates cannot be read": 1}
    assert set(layer.rejected) <= set(CAUSES_OF_INPUT)
    order, lost = layer.notes[-2:]
    assert "longitude first in 1 rows, latitude first in 1" in order.en
    assert "1行经度在前，1行纬度在前" in order.zh
    assert "row 4, 5" in lost.en


def test_named_columns_of_both_go_before(tmp_path, read):
    path = tmp_path / "a.csv"
    path.write_text('lon,lat,location\n1,2,"117.98,32.78"\n', encoding="utf-8")
    assert points(read(path)) == [[1, 2]]
    assert points(read(path, wkt="location")) == [[117.98, 32.78]]


def test_a_column_of_addresses_is_none_of_coordinates(tmp_path, read, refuses):
    path = tmp_path / "a.csv"
    path.write_text('name,location,坐标\n甲,人民路12号,"117.98,32.78"\n', encoding="utf-8")
    layer = read(path)
    assert points(layer) == [[117.98, 32.78]]
    assert layer.frame["location"].tolist() == ["人民路12号"]
    path.write_text("name,location\n甲,人民路12号\n", encoding="utf-8")
    refuses(path, InputFileError, "has no columns of coordinates among name, location")


def test_one_heading_merged_over_two_columns(tmp_path, read):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["公厕台账"], ["名称", "坐标", None, "厕位"], ["甲", 117.98, 32.78, 4]):
        sheet.append(row)
    sheet.merge_cells("B2:C2")
    book.save(tmp_path / "a.xlsx")
    layer = read(tmp_path / "a.xlsx")
    assert points(layer) == [[117.98, 32.78]]
    assert layer.frame["厕位"].tolist() == [4]


@pytest.mark.parametrize(("datum", "moved_m"), [("gcj02", (300, 700)), ("bd09", (500, 1500))])
def test_the_datum_is_the_one_the_study_names(tmp_path, datum, moved_m):
    path = tmp_path / "a.csv"
    path.write_text('name,location\n甲,"32.78,117.98"\n乙,"32.79,117.98"\n', encoding="utf-8")
    (plain,) = read_local("toilets", LayerSource(path=path), mode="replace", place=PLACE)
    (moved,) = read_local(
        "toilets", LayerSource(path=path, datum=datum), mode="replace", place=PLACE
    )
    a, b = (
        shapely.get_coordinates(layer.frame.geometry.to_numpy()) * 111_195 * [np.cos(0.572), 1]
        for layer in (plain, moved)
    )
    distance_m = np.hypot(*(a - b).T)
    assert (moved_m[0] < distance_m).all()
    assert (distance_m < moved_m[1]).all()
    assert (plain.count.datum, moved.count.datum) == ("wgs84", datum)
    warnings = [check.what for check in plain.checks if check.severity == "warning"]
    assert any("taken for WGS 84" in text.en and "WGS 84" in text.zh for text in warnings)


def test_a_downloaded_answer_of_a_map_service_as_parquet(tmp_path, read):
    rows = [{"name": "甲", "location": json.dumps({"lng": 117.98, "lat": 32.78})}]
    pd.DataFrame(rows).to_parquet(tmp_path / "a.parquet")
    assert points(read(tmp_path / "a.parquet")) == [[117.98, 32.78]]
