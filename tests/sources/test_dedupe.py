"""One feature, one row; one place from several sources, one row."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point, box

from cityplan.errors import CrsError
from cityplan.sources.fields.dedupe import (
    drop_duplicates,
    drop_reversed_twins,
    tidy,
    unite_pieces,
)
from cityplan.sources.fields.mapping import map_fields
from cityplan.sources.fields.merge import Sources, merge_sources, same_place
from cityplan.sources.layer_source import LayerSource

METRES = "EPSG:4549"
AREAS = ("buildings", "parks", "residential_land")


def layer(geometry, **columns):
    count = len(geometry)
    base = {"id": [str(n) for n in range(count)], "name": [None] * count}
    return gpd.GeoDataFrame(base | columns, geometry=geometry, crs=METRES)


def balanced(before, done):
    return len(before) + done.repaired.get("line of several parts: one row each", 0) >= len(
        done.frame
    ) + sum(done.rejected.values())


# --- twins -------------------------------------------------------------------------


def test_the_same_outline_from_another_corner_is_a_twin():
    frame = layer(
        [box(0, 0, 10, 10), box(0, 0, 10, 10).reverse(), box(0, 0, 10, 11)],
        name=["a", "a", "a"],
    )
    done = drop_duplicates(frame)
    assert done.rejected == {"duplicate of another row": 1}
    assert done.frame["id"].tolist() == ["0", "2"]


def test_two_named_places_at_one_point_are_two():
    frame = layer([Point(0, 0)] * 3, name=["麦当劳", "肯德基", None], category=["catering"] * 3)
    assert drop_duplicates(frame).frame["name"].tolist() == ["麦当劳", "肯德基"]


def test_what_tells_rows_of_one_geometry_apart():
    line = LineString([(0, 0), (9, 0)])
    lanes = layer([line, line.reverse(), line], oneway=[1.0, 1.0, 1.0])
    assert drop_duplicates(lanes).frame["id"].tolist() == ["0", "1"]
    assert len(drop_duplicates(lanes.assign(oneway=0.0)).frame) == 1
    toilets = layer([Point(0, 0)] * 3, sex=["female", "male", "male"])
    assert drop_duplicates(toilets).frame["sex"].tolist() == ["female", "male"]


def test_one_place_in_two_categories_is_two_rows():
    frame = layer([Point(0, 0)] * 2, name=["a", "a"], category=["school", "primary_school"])
    assert drop_duplicates(frame).rejected == {}


def test_two_directions_are_one_street_unless_one_way():
    line = LineString([(0, 0), (50, 5), (100, 0)])
    frame = layer([line, line.reverse(), line, line.reverse()], oneway=[0.0, 0.0, 1.0, 1.0])
    done = drop_reversed_twins(frame)
    assert done.frame["id"].tolist() == ["0", "2", "3"]
    assert done.rejected == {"the same line drawn in the other direction": 1}


def test_a_directed_graph_holds_each_two_way_street_once(data_file):
    raw = gpd.read_file(
        data_file("hangzhou/hangzhou_xixi.gpkg"), layer="roads_directed_osmnx_drive"
    )
    frame = map_fields(raw, "streets", LayerSource(path="x.gpkg")).frame.to_crs(METRES)
    done = drop_reversed_twins(frame)
    # 2020 of 3166 edges are of two-way streets: half of them stay
    assert done.rejected == {"the same line drawn in the other direction": 1010}
    whole = tidy(frame, "streets")
    assert set(whole.frame.geom_type) == {"LineString"}
    assert not whole.frame["id"].duplicated().any()
    assert whole.frame.length.sum() == pytest.approx(done.frame.length.sum())
    united = shapely.union_all(frame.geometry.to_numpy()).length
    assert shapely.union_all(whole.frame.geometry.to_numpy()).length == pytest.approx(united)


# --- pieces ------------------------------------------------------------------------


def test_pieces_of_one_feature_are_united():
    frame = layer(
        [box(0, 0, 10, 10), box(9, 0, 20, 10), box(50, 0, 60, 10), box(20, 0, 30, 10)],
        id=["a", "a", "a", "b"],
    )
    done = unite_pieces(frame)
    assert done.frame.area.tolist() == [200, 100, 100]
    assert done.repaired == {"pieces of one feature united": 1}
    assert done.rejected == {"a piece of another row: united with it": 1}


def test_lines_are_merged_in_their_direction():
    first, second = LineString([(0, 0), (5, 0)]), LineString([(5, 0), (9, 0)])
    against = LineString([(9, 0), (5, 0)])
    oneway = unite_pieces(layer([first, against], id=["w", "w"], oneway=[1.0, 1.0]))
    assert len(oneway.frame) == 2
    assert len(unite_pieces(layer([first, against], id=["w", "w"], oneway=[0.0, 0.0])).frame) == 1
    merged = unite_pieces(layer([second, first], id=["w", "w"], oneway=[1.0, 1.0])).frame
    assert merged.geometry.iloc[0].coords[0] == (0, 0)
    assert merged.geometry.iloc[0].coords[-1] == (9, 0)


def test_a_street_that_crosses_itself_is_not_cut_there():
    loop = [LineString([(0, 0), (10, 0), (10, 10)]), LineString([(10, 10), (5, 10), (5, -5)])]
    done = unite_pieces(layer(loop, id=["w", "w"]))
    assert len(done.frame) == 1
    assert done.frame.geometry.iloc[0].length == pytest.approx(20 + 5 + 15)


def test_parts_become_rows_with_ids_of_their_own():
    parts = MultiLineString([[(0, 0), (1, 0)], [(5, 0), (6, 0)]])
    done = tidy(layer([parts, LineString([(0, 9), (1, 9)])], oneway=[0.0, 0.0]), "streets")
    assert done.frame["id"].tolist() == ["0/1", "0/2", "1"]
    assert done.repaired == {"line of several parts: one row each": 2}


def test_a_label_point_goes_with_its_polygon():
    frame = layer([box(0, 0, 9, 9), Point(5, 5), Point(50, 5)], id=["a", "a", "b"])
    done = tidy(frame, "facilities")
    assert done.rejected == {"label point among polygons": 1}
    assert done.frame["id"].tolist() == ["a", "b"]


@given(st.lists(st.floats(1, 99), min_size=1, max_size=5), st.randoms())
def test_however_a_polygon_is_cut_it_comes_back(cuts, random):
    edges = sorted({0.0, 100.0, *cuts})
    pieces = [box(a, 0, b + 0.5, 10) for a, b in pairwise(edges)]
    random.shuffle(pieces)
    done = unite_pieces(layer(pieces, id=["p"] * len(pieces)))
    assert done.frame.area.tolist() == pytest.approx([1005])
    assert len(pieces) == 1 + done.rejected.get("a piece of another row: united with it", 0)


@pytest.mark.filterwarnings("ignore:Several features with id:RuntimeWarning")
@pytest.mark.parametrize(
    ("name", "kind", "united", "dropped"),
    [
        ("buildings", "buildings", 22, 22),
        ("landuse", "parks", 13, 17),
        ("landuse", "residential_land", 13, 19),
        ("roads", "rail", 12, 71),
        ("roads", "streets", 354, 723),
    ],
)
def test_tiles_are_put_together_without_counting_twice(data_file, name, kind, united, dropped):
    raw = gpd.read_file(data_file(f"traps/tile_cut/shangHai_{name}.geojson")).to_crs(METRES)
    frame = map_fields(raw, kind, LayerSource(path="x.geojson")).frame
    done = tidy(frame, kind)
    size = shapely.area if kind in AREAS else shapely.length
    assert done.repaired["pieces of one feature united"] == united
    assert done.rejected["a piece of another row: united with it"] == dropped

    def features(table):
        table = table[~np.isin(table.geom_type, ["Point"])]
        ids = table["id"].str.split("/").str[0]
        return sum(size(shapely.union_all(part.geometry)) for _, part in table.groupby(ids))

    # nothing of any place is lost, and within a feature nothing is there twice
    whole = shapely.union_all(frame.geometry.to_numpy())
    assert size(shapely.union_all(done.frame.geometry.to_numpy())) == pytest.approx(size(whole))
    assert size(done.frame.geometry.to_numpy()).sum() == pytest.approx(features(done.frame))
    if kind == "buildings":
        assert done.rejected["label point among polygons"] == 220
        assert size(frame.geometry.to_numpy()).sum() > 1.14 * features(done.frame)


# --- several sources ------------------------------------------------------------------


def test_places_another_source_has_are_not_taken_again():
    first = layer([Point(0, 0), Point(500, 0)], name=["文一小学", "b"], category=["school"] * 2)
    second = layer(
        [Point(15, 0), Point(21, 0), Point(10, 0), Point(5, 0), Point(500, 9)],
        name=["杭州市文一小学", "文一小学", "文一小学", "文二小学", None],
        category=["school", "school", "bank", "school", "school"],
    )
    done = merge_sources(first, second, "facilities")
    assert done.rejected == {"already in another source": 2}
    assert done.frame["name"].tolist() == ["文一小学", "b", "文一小学", "文一小学", "文二小学"]


def test_a_building_is_one_whatever_its_use_is_called():
    first = layer([box(0, 0, 10, 10)], use=["unknown"])
    second = layer([box(1, 0, 11, 10), box(50, 0, 60, 10)], use=["residential", "residential"])
    done = merge_sources(first, second, "buildings")
    assert done.rejected == {"already in another source": 1}
    assert done.frame["use"].tolist() == ["unknown", "residential"]
    assert len(merge_sources(first, second, "land_use").frame) == 3


def test_toilets_are_told_by_place_alone():
    first = layer([Point(0, 0)], name=["文三路公厕"])
    second = layer([Point(12, 0), Point(40, 0)], name=["公共厕所", "公共厕所"])
    assert merge_sources(first, second, "toilets").rejected == {"already in another source": 1}


def test_a_source_does_not_repeat_itself():
    second = layer([Point(0, 0), Point(5, 0)], category=["bus_stop"] * 2)
    empty = layer([], category=[])
    assert len(merge_sources(empty, second, "facilities").frame) == 2


def test_a_third_source_meets_what_the_second_added():
    sources = Sources("toilets")
    for x, rejected in ((0, {}), (100, {}), (110, {"already in another source": 1})):
        assert sources.add(layer([Point(x, 0)])).rejected == rejected
    assert len(sources.frame) == 2


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (box(0, 0, 10, 10), box(4, 0, 14, 10), True),
        (box(0, 0, 10, 10), box(6, 0, 16, 10), False),
        (box(0, 0, 100, 100), box(90, 90, 101, 101), True),
        (box(0, 0, 10, 10), Point(25, 5), True),
        (box(0, 0, 10, 10), Point(31, 5), False),
        (LineString([(0, 0), (100, 0)]), LineString([(101, 5), (1, 5)]), True),
        (LineString([(0, 0), (100, 0)]), LineString([(0, 11), (100, 11)]), False),
        (LineString([(0, 0), (100, 0)]), LineString([(0, 0), (50, 0)]), False),
        (LineString([(0, 0), (100, 0)]), LineString([(50, -50), (50, 50)]), False),
    ],
)
def test_same_place(a, b, same):
    assert same_place(a, b) is same
    assert same_place(b, a) is same


def test_degrees_cannot_be_compared():
    frame = layer([Point(0, 0)]).to_crs("EPSG:4326")
    with pytest.raises(CrsError, match="project them first"):
        merge_sources(frame, frame, "toilets")


def test_merging_agrees_with_comparing_all_pairs():
    random = np.random.default_rng(7)
    first = layer(shapely.points(random.uniform(0, 600, (120, 2))))
    second = layer(shapely.points(random.uniform(0, 600, (120, 2))))
    done = merge_sources(first, second, "toilets")
    near = [first.distance(point).min() <= 20 for point in second.geometry]
    assert done.rejected == {"already in another source": sum(near)}
    assert 0 < sum(near) < 120
