"""Reporting units that leave part of the boundary to none of them."""

import geopandas as gpd
import pytest
import shapely

from cityplan.model.build_area import clean_units

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
