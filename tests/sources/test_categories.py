"""Facility rows and their categories."""

import geopandas as gpd
import pytest
import shapely

from cityplan.errors import StudyError
from cityplan.model.standard import load_standard
from cityplan.sources.fields.categories import category_of, known_categories, sort_facilities
from cityplan.sources.fields.mapping import map_fields
from cityplan.sources.layer_source import LayerSource


def categories(word=None, name=None):
    return set(sort_facilities([word], [name]).categories[0])


def places(**columns):
    count = len(next(iter(columns.values())))
    return gpd.GeoDataFrame(columns, geometry=[shapely.Point(n, 0) for n in range(count)])


@pytest.mark.parametrize(
    ("word", "name", "wanted"),
    [
        ("小学", None, "primary_school"),
        ("学校", "翠苑第一小学", "primary_school"),
        (None, "文三街小学（求智校区）", "primary_school"),
        (None, "杭州第十三中学", "junior_school"),
        ("科教文化服务;学校;中学", "杭州第十三中学", "junior_school"),
        ("141203", None, "primary_school"),
        ("141204", "蓝天", "kindergarten"),
        ("200300", None, "public_toilet"),
        ("教育;幼儿园", "某园", "kindergarten"),
        ("社区卫生服务中心", "古荡", "health_center"),
        ("医疗保健服务;诊所;诊所", "古荡街道社区卫生服务中心", "health_center"),
        ("卫生服务站", "益乐", "health_station"),
        ("菜市场或生鲜超市", None, "market"),
        ("060703", "农贸", "market"),
        ("公交车站", None, "bus_stop"),
        ("050100", "老王面馆", "catering"),
        (None, "中国工商银行(文三路支行)", "bank"),
        (None, "翠苑养老服务驿站", "elder_daycare"),
        ("日间照料中心", "翠苑", "elder_daycare"),
        ("司法所", None, "justice_office"),
        ("派出所", "北山", "police_station"),
        ("community_station", "x", "community_station"),
        ("Primary School", None, "primary_school"),
        ("其他", "北山派出所", "police_station"),
        ("120304", "翠苑社区", "community_center"),
        ("美食;其他", "老王", "catering"),
        (None, "文一小学(公交站)", "bus_stop"),
        (None, "文一小学公交站", "bus_stop"),
        ("150700", "文一小学(公交站)", "bus_stop"),
        ("大型多功能运动场地", None, "sports_large"),
        ("餐馆", None, "catering"),
        ("咖啡馆", None, "cafe"),
        ("面包店", None, "bakery"),
        ("再生资源回收站", None, "recycling_point"),
        ("公交枢纽站", None, "bus_terminal"),
        ("果蔬店", None, "market"),
        ("养老机构", None, "nursing_home"),
        ("社区养老服务站", None, "elder_daycare"),
        ("公共卫生间", None, "public_toilet"),
        ("垃圾分类投放点", None, "waste_collection_point"),
        ("门诊部", None, "doctor"),
        ("中小学", "第一中学", "junior_school"),
        ("中小学校", "育才学校", "school_unspecified"),
        ("小学、初中", "育才", "primary_school"),
        ("小学、初中", "育才", "junior_school"),
        ("初中/高中", "育才", "junior_school"),
    ],
)
def test_words_codes_and_names(word, name, wanted):
    assert wanted in categories(word, name)


@pytest.mark.parametrize(
    ("word", "name", "never"),
    [
        ("诊所", "张医生诊所", "health_center"),
        (None, "张医生诊所", "health_center"),
        ("090300", "李氏口腔诊所", "health_center"),
        ("诊所", "张医生诊所", "outpatient"),
        (None, "小学门口面馆", "primary_school"),
        ("餐饮", "文三小学食堂", "primary_school"),
        ("银行", "ATM", "primary_school"),
        ("高级中学", "学军中学", "junior_school"),
        ("中学", "第一高级中学", "junior_school"),
        ("141202", "城西高中", "junior_school"),
        ("中小学", "第一中学", "primary_school"),
        ("中小学校", "育才学校", "primary_school"),
        ("文化活动中心", None, "community_center"),
        ("宠物医院", "安安宠物医院", "hospital"),
        (None, "安安宠物医院", "hospital"),
        ("老年大学", None, "university"),
        ("儿童福利院", None, "nursing_home"),
        ("160300", "工商银行ATM", "bank"),
        (None, "文一小学(公交站)", "primary_school"),
        ("教育培训;小学生托管班", "阳光", "primary_school"),
        ("120302", "文一小学宿舍", "primary_school"),
    ],
)
def test_what_must_not_be(word, name, never):
    assert never not in categories(word, name)


def test_a_nine_year_school_counts_twice_with_one_id():
    frame = places(编号=["S1", "S2"], 名称=["育华九年一贯制学校", "文一幼儿园"])
    mapped = map_fields(frame, "facilities", LayerSource(path="schools.csv"))
    schools = mapped.frame[mapped.frame["id"] == "S1"]
    assert {"primary_school", "junior_school"} <= set(schools["category"])
    assert schools.geometry.nunique() == 1
    assert mapped.read == len(mapped.frame)


def test_rows_nobody_recognises_are_counted_with_their_words():
    frame = places(名称=["a", "b", "c", "d小学"], 类型=["奇物", "奇物", "怪事", None])
    mapped = map_fields(frame, "facilities", LayerSource(path="poi.csv"))
    assert mapped.rejected == {"no facility category recognised": 3}
    assert any("奇物: 2, 怪事: 1" in note.en for note in mapped.notes)
    assert mapped.read == len(mapped.frame) + 3


def test_the_category_of_the_source_wins():
    frame = places(名称=["某小学", "某银行"])
    mapped = map_fields(frame, "facilities", LayerSource(path="x.csv", category="老年养护院"))
    assert mapped.frame["category"].tolist() == ["care_home", "care_home"]


def test_a_category_that_does_not_exist():
    frame = places(名称=["某小学"])
    with pytest.raises(StudyError, match="Did you mean 'primary_school'"):
        map_fields(frame, "facilities", LayerSource(path="x.csv", category="primary_scool"))


@pytest.mark.parametrize("category", sorted(load_standard("cn-gb50180").categories))
def test_every_title_of_the_standard_is_a_category(category):
    title = load_standard("cn-gb50180").categories[category].title
    assert category_of(category, "x") == category
    assert category_of(title.zh, "x") == category
    assert categories(title.zh) & {category}


def test_every_word_leads_to_known_categories():
    from cityplan.sources.fields.categories import _by_tags, _tables

    tables = _tables()
    named = dict(tables.endings) | dict(tables.anywhere)
    for word, tags in (tables.words | tables.typecodes | named).items():
        if tags == "-":
            continue
        found = _by_tags(tags, word)
        assert set(found) <= set(known_categories()), word
        assert found or "pitch" in tags, word


def test_the_column_most_rows_of_which_are_known_is_taken():
    frame = places(大类=["科教文化服务", "医疗保健服务"], 小类=["小学", "药房"], 名称=["a", "b"])
    mapped = map_fields(frame, "facilities", LayerSource(path="poi.csv"))
    assert mapped.columns["category"] == "小类"
    assert {"primary_school", "pharmacy"} <= set(mapped.frame["category"])
