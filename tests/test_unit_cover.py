"""Reporting units: what none of them covers, and names they share or lack."""

import geopandas as gpd
import pytest
import shapely

from cityplan.model.build_area import clean_units
from cityplan.sources.areas import read_areas
from cityplan.sources.layer_source import AreaSource
from cityplan.text import Text

BOUNDARY = shapely.box(0, 0, 1000, 1000)


def cleaned(*boxes):
    names = [f"u{i}" for i, _ in enumerate(boxes)]
    shapes = [shapely.box(*box) for box in boxes]
    return clean_units(gpd.GeoDataFrame({"unit": names}, geometry=shapes, crs=32650), BOUNDARY)


def test_what_no_unit_covers_is_told():
    (note,) = cleaned((0, 0, 500, 500), (500, 0, 1000, 500)).notes
    assert note.en.startswith("50.0% of the boundary lies in no reporting unit")
    assert note.zh.startswith("边界内有50.0%的面积不属于任何统计单元")


@pytest.mark.parametrize("edge", [991, 1000, 1200])
def test_edges_drawn_twice_are_not(edge):
    assert cleaned((0, 0, 500, 1000), (500, 0, edge, 1000)).notes == ()


def test_overlaps_do_not_hide_it():
    overlap, uncovered = cleaned((0, 0, 1000, 500), (0, 0, 1000, 500.1)).notes
    assert "overlap" in overlap.en
    assert uncovered.en.startswith("50.0%")


@pytest.mark.parametrize(
    ("role", "told"), [("reporting units", ["1 reporting", "1 names stand"]), ("boundary", [])]
)
def test_names_that_are_blank_or_shared(tmp_path, role, told):
    shapes = [shapely.box(x, 32, x + 0.1, 32.1) for x in (117, 117.1, 117.2)]
    frame = gpd.GeoDataFrame({"MC": ["甲", "甲", None]}, geometry=shapes, crs=4326)
    frame.to_file(tmp_path / "units.gpkg")
    source = AreaSource(path=tmp_path / "units.gpkg")
    file = read_areas(source, Text(en=role, zh="统计单元"), place=None)
    assert file.frame["unit"].tolist() == ["甲", "甲 (2)", "3"]
    assert [note.en[: len(start)] for note, start in zip(file.notes, told, strict=True)] == told
