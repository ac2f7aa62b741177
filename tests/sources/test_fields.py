"""Columns of bureau tables, and of OpenStreetMap exports, as columns of the catalogue."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from cityplan.errors import LayerError, StudyError
from cityplan.model.causes import CAUSES_OF_INPUT
from cityplan.model.layers import CATALOGUE, InputCount, check_layers
from cityplan.sources.fields.columns import ages_of
from cityplan.sources.fields.mapping import map_fields
from cityplan.sources.fields.rules import find_column, load_field_rules, plain, unit_of
from cityplan.sources.layer_source import LayerSource


def source(**fields):
    return LayerSource(path="layer.shp", **fields)


def rows(geometry="point", crs="EPSG:4548", **columns):
    count = len(next(iter(columns.values())))
    made = {
        "point": lambda x: shapely.Point(x, 0),
        "line": lambda x: shapely.LineString([(x, 0), (x, 50)]),
        "polygon": lambda x: shapely.box(x, 0, x + 10, 10),
    }[geometry]
    shapes = [made(100 * n) for n in range(count)]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)


def in_english(mapped):
    return " | ".join(note.en for note in mapped.notes)


# --- the data file -----------------------------------------------------------------


def test_every_column_of_the_catalogue_has_names():
    rules = load_field_rules()
    for layer, spec in CATALOGUE.items():
        for column in spec.columns:
            assert rules.synonyms(layer, column) or column in ("area", "cut_start", "cut_end"), (
                layer,
                column,
            )
        assert set(rules.columns.get(layer, {})) <= set(spec.columns), layer


def test_every_cause_is_known_in_both_languages():
    from cityplan.sources.fields import dedupe, merge, state
    from cityplan.sources.fields import mapping as fields
    from cityplan.sources.fields import reader as field_reader

    for module in (dedupe, field_reader, fields, merge, state):
        for name, value in vars(module).items():
            if name.isupper() and isinstance(value, str) and name not in ("TAGS", "FACILITIES"):
                assert value in CAUSES_OF_INPUT, name


def test_road_classes_are_those_of_the_standard():
    from cityplan.model.standard import load_standard

    known = load_standard("cn-gb50180").road_classes
    for road in load_field_rules().road_classes:
        if road.road_class is not None:
            assert road.road_class in known
            assert road.highway in known[road.road_class].highways


# --- names -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "synonyms"),
    [
        ("\uff2d\uff23", ("MC",)),
        ("道路 名称", ("道路名称",)),
        ("人口（万人）", ("人口",)),
        ("building_l", ("building_levels",)),
        ("用地分类代", ("用地分类代码",)),
    ],
)
def test_names_match_in_spite_of_how_they_are_written(name, synonyms):
    assert find_column(["x1", name], synonyms) == name


def test_the_first_synonym_wins_over_the_first_column():
    assert find_column(["MC", "名称"], ("名称", "MC")) == "名称"


def test_a_whole_name_is_not_a_cut_one():
    # nine bytes in UTF-8, as a cut name has: yet it is the count of stalls, not the total
    assert find_column(["男厕位"], ("男厕位总数",)) is None


@pytest.mark.parametrize(
    ("name", "factor"),
    [("人口(万人)", 1e4), ("人口_万人", 1e4), ("常住人口万人", 1e4), ("人口", 1), ("人口(人)", 1)],
)
def test_units_in_names(name, factor):
    assert unit_of(name, load_field_rules().units["people"])[1] == factor


@pytest.mark.parametrize(
    ("name", "ages"),
    [
        ("0-14岁", (0, 14)),
        ("60岁以上", (60, 150)),
        ("60岁及以上", (60, 150)),
        ("65+", (65, 150)),
        ("pop_0_14", (0, 14)),
        ("3岁以下", (0, 3)),
        ("人口", None),
        ("2020-2021", None),
        ("X60", None),
    ],
)
def test_ages_in_names(name, ages):
    assert ages_of(name) == ages


# --- toilets -----------------------------------------------------------------------


@pytest.fixture
def ledger():
    """Return a bureau's ledger of toilets."""
    return rows(
        编号=["G1", "G2", "G3", ""],
        公厕名称=["文三路公厕", "古荡女厕", "古荡男厕所", "男女公厕"],
        女厕位=["6", "4个", "", "约3"],
        男厕位=[3, 2, 2, 1],
        男小便位=["3", "2", "一个", "900"],
        是否对外开放=["是", "不对外开放", "内部", "看情况"],
        是否免费=["是", "否", "是", None],
        类型=["附属式", "独立式", "活动式", "附属式"],
        第三卫生间=["有", "无", "有", "有"],
    )


def test_a_ledger_of_toilets(ledger):
    mapped = map_fields(ledger, "toilets", source())
    frame = mapped.frame
    assert frame["id"].tolist() == ["G1", "G2", "G3", "row-4"]
    assert frame["female_places"].tolist()[:2] == [6, 4]
    assert np.isnan(frame["female_places"][2])
    assert frame["female_places"][3] == 3
    # stalls and urinals add; a part that cannot be read leaves the sum unknown
    np.testing.assert_array_equal(frame["male_places"], [6, 4, np.nan, np.nan])
    assert frame["sex"].tolist() == [None, "female", "male", None]
    assert frame["access"].tolist() == ["yes", "private", "private", None]
    assert frame["fee"].tolist() == ["no", "yes", "no", None]
    assert mapped.columns["male_places"] == "男厕位 + 男小便位"
    assert mapped.repaired == {
        "text where a number belongs: left empty": 1,
        "impossible value: left empty": 1,
        "a word nobody knows: left empty": 1,
    }
    notes = in_english(mapped)
    assert "'一个'" in notes
    assert "'900'" in notes
    assert "'看情况'" in notes
    assert "'第三卫生间' is not used" in notes


def test_a_total_is_not_added_to(ledger):
    ledger["男厕位总数"] = [9, 9, 9, 9]
    mapped = map_fields(ledger, "toilets", source())
    assert mapped.columns["male_places"] == "男厕位总数"
    assert mapped.frame["male_places"].tolist() == [9, 9, 9, 9]


def test_the_study_wins_and_may_add(ledger):
    given = {"male_places": "男厕位", "female_places": "女厕位 + 男小便位", "name": "编号"}
    mapped = map_fields(ledger, "toilets", source(columns=given))
    assert mapped.frame["male_places"].tolist() == [3, 2, 2, 1]
    np.testing.assert_array_equal(mapped.frame["female_places"], [9, 6, np.nan, np.nan])
    assert mapped.frame["name"][0] == "G1"


@pytest.mark.parametrize(
    ("given", "near"),
    [
        ({"female_place": "女厕位"}, "'female_places'"),
        ({"female_places": "女厕"}, "'女厕位'"),
        ({"male_places": "男厕位 + 男小便"}, "'男小便位'"),
    ],
)
def test_wrong_columns_are_told_with_the_nearest(ledger, given, near):
    with pytest.raises(StudyError, match=f"Did you mean {near}"):
        map_fields(ledger, "toilets", source(columns=given))


# --- streets and buildings ------------------------------------------------------------


def test_streets_of_a_bureau():
    frame = rows(
        "line",
        DLMC=["文三路", "古翠路", "无名", "学院路"],
        道路等级=["城市主干路", "支路", "快速路", "沥青"],
        路面宽度=["24米", "-3", "0", "宽"],
        红线宽度=[40, 16, 50, 999],
        车道数=["6", "2", "双向四车道", "2"],
        单行=["否", "单行", "双向", "逆向"],
    )
    mapped = map_fields(frame, "streets", source())
    streets = mapped.frame
    assert streets["highway"].tolist() == ["primary", "tertiary", "trunk", "road"]
    assert streets["road_class"].tolist() == ["arterial", "branch", "expressway", None]
    np.testing.assert_array_equal(streets["width_m"], [24, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(streets["red_line_m"], [40, 16, 50, np.nan])
    np.testing.assert_array_equal(streets["lanes"], [6, 2, 4, 2])
    assert streets["oneway"].tolist() == [0, 1, 0, -1]
    assert mapped.repaired == {
        "road class not recognised: taken as a road of unknown class": 1,
        "text where a number belongs: left empty": 1,
        "impossible value: left empty": 3,
    }


def test_numbers_of_classes_are_not_guessed():
    mapped = map_fields(rows("line", 道路等级=["1", "2", "4"]), "streets", source())
    assert mapped.frame["highway"].tolist() == ["road"] * 3
    assert mapped.repaired == {"road class not recognised: taken as a road of unknown class": 3}


# --- what is not there ----------------------------------------------------------------


@pytest.mark.parametrize("layer", ["streets", "toilets", "parks", "facilities", "buildings"])
def test_rows_that_are_not_there_are_left_out(layer):
    kind = {"streets": "line", "parks": "polygon", "buildings": "polygon"}.get(layer, "point")
    states = [
        "已建",
        "规划",
        "在建",
        None,
        "已拆除",
        "停用",
        "现状保留",
        "尚未建成",
        "正常使用",
        "待查",
    ]
    frame = rows(kind, 编号=list("abcdefghij"), 类型=["医院"] * 10, 建设状态=states)
    mapped = map_fields(frame, layer, source())
    assert mapped.frame["id"].unique().tolist() == ["a", "d", "g", "i", "j"]
    assert mapped.rejected == {"planned, being built or no longer in use": 5}
    assert mapped.columns["state"] == "建设状态"


def test_whether_it_was_built():
    frame = rows(编号=["a", "b"], 是否建成=["是", "否"])
    assert map_fields(frame, "toilets", source()).frame["id"].tolist() == ["a"]


def test_a_column_of_states_without_words_for_one_tells_nothing():
    frame = rows(编号=["a", "b"], 状态=["1", "2"], 现状=["水泥", "沥青"])
    mapped = map_fields(frame, "toilets", source())
    assert len(mapped.frame) == 2
    assert "state" not in mapped.columns


def test_the_study_names_the_column_of_states():
    frame = rows(编号=["a", "b"], 备注=["在建", "已建"])
    assert len(map_fields(frame, "toilets", source()).frame) == 2
    mapped = map_fields(frame, "toilets", source(columns={"state": "备注"}))
    assert mapped.frame["id"].tolist() == ["b"]


def test_planned_roads_are_no_roads_yet():
    frame = rows("line", 编号=list("abc"), 道路等级=["主干路", "规划主干路", "在建支路"])
    mapped = map_fields(frame, "streets", source())
    assert mapped.frame["id"].tolist() == ["a"]
    assert mapped.rejected == {"planned, being built or no longer in use": 2}
    whole = map_fields(frame.iloc[1:], "streets", source())
    assert whole.frame["highway"].tolist() == ["primary", "tertiary"]
    assert "calls every road planned" in in_english(whole)


def test_what_a_name_leaves_open_is_told():
    streets = rows("line", 等级=["支路"], 宽度=[9])
    assert "taken for the width of the carriageway" in in_english(
        map_fields(streets, "streets", source())
    )
    chosen = map_fields(
        streets, "streets", source(columns={"red_line_m": "宽度", "width_m": "宽度"})
    )
    assert "taken for" not in in_english(chosen)
    toilets = rows(男厕位=[2], 女厕位=[3])
    assert "no column of urinals" in in_english(map_fields(toilets, "toilets", source()))
    toilets["小便位"] = [1]
    assert "no column of urinals" not in in_english(map_fields(toilets, "toilets", source()))


def test_streets_without_classes_say_so():
    mapped = map_fields(rows("line", 路名=["a", "b"]), "streets", source())
    assert mapped.frame["highway"].tolist() == ["road", "road"]
    assert "no column of road classes" in in_english(mapped)


def test_buildings_of_a_bureau():
    frame = rows(
        "polygon",
        JZMC=["1幢", "2幢", "3幢", "4幢"],
        房屋用途=["住宅", "商住混合", "车棚", "厂房"],
        层数=["18层", "6", "1", "1,000"],
        居住人口=[300, 120, 0, 0],
        老年人口=[60, 20, 0, 0],
        儿童=["30", "12", "", "0"],
    )
    mapped = map_fields(frame, "buildings", source())
    assert mapped.frame["use"].tolist() == ["residential", "residential", "shed", "other"]
    np.testing.assert_array_equal(mapped.frame["levels"], [18, 6, 1, np.nan])
    assert mapped.frame["people"].tolist() == [300, 120, 0, 0]
    assert mapped.frame["people_elderly"].sum() == 80
    np.testing.assert_array_equal(mapped.frame["people_children"], [30, 12, np.nan, 0])


@pytest.mark.parametrize(
    ("written", "levels"),
    [
        ("6F", 6), ("砼6", 6), ("混4层", 4), ("6+1", 6), ("6/-1", 6), ("地上18层地下2层", 18),
        ("六层", 6), ("12", 12), ("3.0", 3), ("6-7", None), ("2018", None), ("很高", None),
        ("地下1层", None),
    ],
)  # fmt: skip
def test_storeys_as_they_are_written(written, levels):
    mapped = map_fields(rows("polygon", 层数=[written, "5"]), "buildings", source())
    found = mapped.frame["levels"][0]
    assert np.isnan(found) if levels is None else found == levels


@pytest.mark.parametrize("use", ["旅馆", "配套设施", "餐饮", "金融服务"])
def test_hotels_and_the_like_are_no_homes(use):
    mapped = map_fields(rows("polygon", 建筑用途=[use]), "buildings", source())
    assert mapped.frame["use"].tolist() == ["other"]


def test_buildings_of_unknown_use_may_be_homes():
    mapped = map_fields(rows("polygon", MC=["a"]), "buildings", source())
    assert mapped.frame["use"].tolist() == ["unknown"]


def test_population_in_ten_thousands_with_ages():
    frame = rows(
        "polygon",
        社区名称=["甲", "乙"],
        **{
            "常住人口(万人)": [1.2, "0.8万"],
            "0-6岁": [300, 200],
            "7-14岁": [500, 300],
            "60-64岁": [10, 20],
            "65岁以上": [90, 80],
        },
    )
    mapped = map_fields(frame, "population", source())
    assert mapped.frame["people"].tolist() == [12_000, 8_000]
    assert mapped.frame["people_children"].tolist() == [800, 500]
    assert mapped.frame["people_elderly"].tolist() == [100, 100]
    assert "multiplied by 10000" in in_english(mapped)


def test_ages_that_overlap_are_not_added():
    frame = rows("polygon", 人口=[100], **{"60岁以上": [20], "65岁以上": [15], "80岁以上": [5]})
    mapped = map_fields(frame, "population", source())
    assert mapped.columns["people_elderly"] == "60岁以上"
    assert mapped.frame["people_elderly"].tolist() == [20]


def test_a_required_column_nobody_has():
    with pytest.raises(LayerError, match=r"no column looks like 'people'.*社区"):
        map_fields(rows("polygon", 社区=["a"]), "population", source())


def test_an_unknown_layer():
    with pytest.raises(LayerError, match="Did you mean 'toilets'"):
        map_fields(rows(a=[1]), "toilet", source())


def test_ids_that_are_all_alike_are_none():
    mapped = map_fields(rows("line", Id=[0, 0, 0]), "streets", source())
    assert mapped.frame["id"].tolist() == ["row-1", "row-2", "row-3"]


def test_parks_of_a_bureau_are_parks():
    frame = rows(
        "polygon", 公园名称=["a", "b"], 绿地类型=["G14", "城市广场"], 是否封闭=["是", "否"]
    )
    mapped = map_fields(frame, "parks", source())
    assert mapped.frame["kind"].tolist() == ["park", "square"]
    assert mapped.frame["fenced"].tolist() == [True, False]


def test_the_input_is_not_touched(ledger):
    before = ledger.copy(deep=True)
    map_fields(ledger, "toilets", source())
    pd.testing.assert_frame_equal(pd.DataFrame(before), pd.DataFrame(ledger))


@pytest.mark.parametrize("layer", sorted(CATALOGUE))
def test_no_rows_and_rows_without_geometry(layer):
    from cityplan.sources.fields.dedupe import tidy
    from cityplan.sources.fields.merge import merge_sources

    kind = min(CATALOGUE[layer].geometry)
    columns = {"名称": ["某小学", "b", "b"], "人口": [1, 2, 2], "DLMC": ["城镇住宅用地"] * 3}
    frame = rows(kind, **columns)
    frame.loc[1, "geometry"] = None
    frame.loc[2, "geometry"] = shapely.from_wkt("POINT EMPTY")
    for part in (frame, frame[:0]):
        mapped = map_fields(part, layer, source())
        done = tidy(mapped.frame, layer)
        both = merge_sources(done.frame, frame[:0], layer)
        assert len(mapped.frame) + sum(mapped.rejected.values()) == mapped.read
        assert len(both.frame) == len(done.frame)


@pytest.mark.parametrize("layer", sorted(set(CATALOGUE) - {"land_use", "population", "facilities"}))
def test_what_comes_out_passes_the_door(layer):
    kind = min(CATALOGUE[layer].geometry)
    mapped = map_fields(rows(kind, 名称=["a", "b"]), layer, source())
    count = InputCount(source="x", sha256="", read=mapped.read, used=len(mapped.frame))
    layers = check_layers({layer: mapped.frame}, {layer: count}, mapped.frame.crs)
    assert len(layers[layer]) == 2


# --- columns that are OpenStreetMap tags --------------------------------------------------


def test_lists_booleans_and_text_in_tags():
    frame = rows(
        "line",
        highway=["['residential', 'tertiary']", "primary", None, "proposed"],
        oneway=[True, False, False, False],
        lanes=["['3', '2']", "4", None, None],
        width=["3,5 m", "breit", None, None],
    )
    mapped = map_fields(frame, "streets", source())
    assert mapped.frame["highway"].tolist() == ["residential", "primary"]
    assert mapped.frame["oneway"].tolist() == [1, 0]
    assert mapped.frame["lanes"].tolist() == [2, 4]
    np.testing.assert_array_equal(mapped.frame["width_m"], [3.5, np.nan])
    assert mapped.rejected == {"its tags do not belong to this layer": 2}
    assert mapped.repaired == {"text where a number belongs: left empty": 1}
    assert "'highway' holds several values in 1 rows: the first" in in_english(mapped)
    assert "'lanes' holds several values in 1 rows: the smallest" in in_english(mapped)


def test_columns_beside_tags_tell_what_no_tag_does():
    mapped = map_fields(
        rows(
            "line",
            highway=["primary", "residential"],
            lanes=["4", None],
            width_m=[None, "7"],
            车道数=[6, 2],
            隧道=["是", "否"],
            备注=["a", "b"],
        ),
        "streets",
        source(),
    )
    np.testing.assert_array_equal(mapped.frame["width_m"], [np.nan, 7])
    np.testing.assert_array_equal(mapped.frame["lanes"], [4, np.nan])
    assert mapped.frame["tunnel"].tolist() == [True, False]
    assert "width_m = 'width_m'" in in_english(mapped)
    assert "Not used: 车道数, 备注." in in_english(mapped)


@pytest.mark.parametrize(("tag", "names"), [(None, ["中山路", None]), ("a", [None, "a"])])
def test_names_beside_tags_are_read_where_no_tag_names_a_row(tag, names):
    frame = rows(
        "line", highway=["primary", "residential"], name=[None, tag], 道路名称=["中山路", None]
    )
    mapped = map_fields(frame, "streets", source())
    assert mapped.frame["name"].tolist() == names
    assert ("Not used: 道路名称" in in_english(mapped)) is (tag is not None)


def test_geofabrik_letters():
    frame = rows("line", fclass=["primary"] * 3, oneway=["F", "B", "T"], bridge=["T", "F", "F"])
    mapped = map_fields(frame, "streets", source())
    assert mapped.frame["oneway"].tolist() == [1, 0, -1]
    assert mapped.frame["bridge"].tolist() == [True, False, False]


def test_buildings_and_water_of_geofabrik():
    frame = rows("polygon", fclass=["building"] * 3, type=["apartments", "school", None])
    mapped = map_fields(frame, "buildings", source())
    assert mapped.frame["use"].tolist() == ["residential", "other", "unknown"]
    lines = rows("line", fclass=["river", "drain", "canal"], code=[8101, 8104, 8103])
    water = map_fields(lines, "water", source())
    assert water.frame["kind"].tolist() == ["river", "canal"]


def test_a_bureaus_column_called_building_is_no_tag():
    frame = rows("polygon", building=["B-12", "B-13"], 用途=["住宅", "办公"])
    assert map_fields(frame, "buildings", source()).frame["use"].tolist() == [
        "residential",
        "other",
    ]


def test_one_file_of_amenities_feeds_facilities_and_toilets(data_file):
    frame = gpd.read_file(data_file("hangzhou/hangzhou_xixi.gpkg"), layer="amenities_osm_2024")
    toilets = map_fields(frame, "toilets", source())
    assert len(toilets.frame) == 22
    assert toilets.read == 1048
    facilities = map_fields(frame, "facilities", source())
    counts = facilities.frame["category"].value_counts()
    assert counts["kindergarten"] == 24
    assert counts["school"] == 72
    assert counts["public_toilet"] == 22
    assert counts["bank"] == 29
    named = frame["amenity"].eq("school") & frame["name"].str.contains("小学|九年一贯")
    assert counts["primary_school"] == named.sum()


def test_a_directed_graph_of_streets(data_file):
    frame = gpd.read_file(
        data_file("hangzhou/hangzhou_xixi.gpkg"), layer="roads_directed_osmnx_drive"
    )
    mapped = map_fields(frame, "streets", source())
    assert len(mapped.frame) == 3166
    assert mapped.frame["oneway"].sum() == 1146
    assert not mapped.frame["name"].str.contains("[", regex=False).any()
    assert len(mapped.notes) == 4
    assert mapped.frame["lanes"].notna().sum() == (frame["lanes"] != "").sum()


def test_water_of_geofabrik(data_file):
    frame = gpd.read_file(data_file("hangzhou/hangzhou_xixi.gpkg"), layer="water_geofabrik")
    mapped = map_fields(frame, "water", source())
    assert len(mapped.frame) == 159
    assert mapped.rejected == {"its tags do not belong to this layer": 2}  # wetlands


MESS = st.one_of(
    st.none(),
    st.text(max_size=6),
    st.floats(),
    st.integers(-(10**20), 10**20),
    st.booleans(),
    st.sampled_from(["是", "３米", "1,000", "1e9", "-", "无", "主干路", "6层", "住宅", "0701"]),
)


@given(cells=st.lists(st.lists(MESS, min_size=3, max_size=3), min_size=1, max_size=8))
@pytest.mark.parametrize(
    ("layer", "columns"),
    [
        ("toilets", ("女厕位", "男厕位", "是否收费")),
        ("streets", ("道路等级", "宽度", "单行")),
        ("buildings", ("用途", "层数", "老年人口")),
        ("facilities", ("类型", "名称", "编号")),
    ],
)
def test_no_cell_breaks_it_and_no_row_is_lost(layer, columns, cells):
    kind = min(CATALOGUE[layer].geometry)
    table = rows(kind, **{name: [row[n] for row in cells] for n, name in enumerate(columns)})
    mapped = map_fields(table, layer, source())
    rejected = sum(mapped.rejected.values())
    kept = mapped.frame.geometry.to_wkb().nunique()
    assert kept + rejected == len(cells)
    numbers = mapped.frame.select_dtypes("number")
    assert np.isfinite(numbers.to_numpy()[~np.isnan(numbers.to_numpy())]).all()
    assert not (numbers.drop(columns="oneway", errors="ignore") < 0).any(axis=None)


def test_plain_is_idempotent():
    for text in ("\uff2d\uff23 1", "A_b-c", "道路（米）"):
        assert plain(plain(text)) == plain(text)
