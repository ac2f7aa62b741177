import math
import re
from dataclasses import replace
from pathlib import Path

import pytest

from cityplan.errors import MissingFileError, StandardError, UnknownNameError
from cityplan.model import standard as module
from cityplan.model.standard import available_standards, load_standard

PROFILES = ("cn-action-plan", "cn-gb50180", "cn-tijian-2021", "eu-who")
FOLDER = Path(module.__file__).parents[1] / "standards"
README = (FOLDER / "README.md").read_text(encoding="utf-8")
SIX_GROUPS = {
    "public_service",
    "commerce",
    "utilities",
    "transport",
    "community",
    "convenience",
}
HEAD = """
id = "own"
title = { en = "Own", zh = "自定" }
summary = { en = "For a test.", zh = "用于测试。" }
"""
TARGET = """
[[target]]
measure = "toilet_density.per_km2"
title = { en = "Toilets", zh = "公厕" }
operator = ">="
value = 4
unit = "1/km2"
kind = "target"
source = "a paper"
clause = "1"
confidence = "S1"
"""
CATEGORY = """
[[group]]
id = "learning"
title = { en = "Learning", zh = "学习" }

[[category]]
id = "school"
title = { en = "School", zh = "学校" }
group = "learning"
tier = "15"
required = true
limit_m = 700
source = "a paper"
clause = ""
confidence = "S2"
"""
CLAUSE = """
[[park_clause]]
id = "park"
title = { en = "Park", zh = "公园" }
bands = [{ layer = "park", min_m2 = 5000, distance_m = 500 }]
source = "a paper"
clause = ""
confidence = "S1"
"""


@pytest.fixture(params=PROFILES)
def profile(request):
    return load_standard(request.param)


@pytest.fixture
def own(tmp_path):
    def load(text):
        path = tmp_path / "own.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_standard(str(path))

    return load


def sourced_rows(standard):
    tables = (
        standard.targets,
        standard.settings,
        standard.categories,
        standard.park_clauses,
        standard.road_classes,
        standard.services,
    )
    return [row for table in tables for row in table.values()]


# --- the shipped profiles ----------------------------------------------------


def test_every_shipped_file_is_a_profile():
    assert available_standards() == PROFILES


def test_profile_has_what_the_analyzers_ask_for(profile):
    assert profile.id in PROFILES
    assert profile.categories
    assert profile.groups
    assert profile.park_clauses
    assert profile.road_classes
    assert profile.setting("life_circle.limit_mode").value in ("common", "category")
    assert 0 < profile.number("life_circle.sensitivity_m") < profile.number("life_circle.limit_m")
    assert profile.number("toilets.ratio_general") == 1.5
    assert profile.number("walk.snap_max_m") == 100


def test_every_row_says_where_it_comes_from_and_how_sure_it_is(profile):
    for row in sourced_rows(profile):
        assert row.source == row.source.strip() != ""
        assert row.verified == (not set(row.confidence.split("+")) & {"K"})
        if row.clause == "":
            assert len(row.source) > len("a source")


def test_a_figure_that_says_general_knowledge_is_unverified(profile):
    for row in sourced_rows(profile):
        if re.search("general knowledge|cityplan method|practice|unverified", row.source):
            assert not row.verified, row


def test_limits_without_a_printed_radius_are_the_walk_of_the_tier():
    walks = {"15": 1000, "10": 500, "5": 300, "block": 300}
    derived = [
        row
        for row in load_standard("cn-gb50180").categories.values()
        if re.search("prints no radius|no radius known", row.source)
    ]
    assert len(derived) > 10
    for row in derived:
        assert row.limit_m == walks[row.tier]
        assert f"{walks[row.tier]} m" in row.source
        assert row.confidence == "K"


def test_texts_are_in_both_languages(profile):
    rows = (
        *profile.targets.values(),
        *profile.categories.values(),
        *profile.park_clauses.values(),
        *profile.road_classes.values(),
    )
    for text in (
        profile.title,
        profile.summary,
        *profile.groups.values(),
        *(r.title for r in rows),
    ):
        assert not re.search(r"[\u4e00-\u9fff]", text.en)
        assert re.search(r"[\u4e00-\u9fff]", text.zh)


def test_every_group_has_categories_and_every_category_a_group(profile):
    assert {row.group for row in profile.categories.values()} == set(profile.groups)
    assert all(row.limit_m > 0 for row in profile.categories.values())


def test_targets_hold_measures_of_clauses_that_exist(profile):
    for measure, target in profile.targets.items():
        analyzer, *rest = measure.split(".")
        assert target.measure == measure
        assert analyzer in (
            "road_area_ratio",
            "toilet_density",
            "park_coverage",
            "service_coverage",
        )
        if analyzer == "park_coverage":
            assert rest[0] in profile.park_clauses
        if analyzer == "service_coverage":
            assert rest[0] in profile.services


def test_road_classes_share_no_highway_and_widths_fit_the_red_line(profile):
    highways = [value for row in profile.road_classes.values() for value in row.highways]
    assert len(highways) == len(set(highways))
    for row in profile.road_classes.values():
        assert row.red_line_low_m <= row.red_line_m <= row.red_line_high_m
        assert 0 < row.lane_m <= row.carriageway_m
        assert row.carriageway_m + 2 * row.sidewalk_m <= row.red_line_m
    assert {r.id for r in profile.road_classes.values() if not r.counts_in_area} == {"motorway"}
    assert {r.id for r in profile.road_classes.values() if not r.counts_in_density} == {
        "motorway",
        "ramp",
    }


@pytest.mark.parametrize("name", ["cn-gb50180", "cn-action-plan", "cn-tijian-2021"])
def test_chinese_profiles_have_the_six_groups_of_the_plan(name):
    assert set(load_standard(name).groups) == SIX_GROUPS


# --- the figures -------------------------------------------------------------


def test_figures_of_the_action_plan():
    plan = load_standard("cn-action-plan")
    assert plan.target("road_area_ratio.ratio").value == 0.15
    toilets = plan.target("toilet_density.per_km2")
    assert (toilets.operator, toilets.low, toilets.high) == ("band", 3, 5)
    assert plan.target("toilet_density.female_male_ratio_crowded").value == 2.0
    green, park = (plan.park_clauses[key].bands for key in ("green", "park"))
    assert [(b.layer, b.min_m2, b.max_m2, b.distance_m) for b in green] == [
        ("green", 400, math.inf, 300)
    ]
    assert [(b.layer, b.min_m2, b.max_m2, b.distance_m) for b in park] == [
        ("park", 5000, math.inf, 500)
    ]
    assert plan.setting("life_circle.limit_mode").value == "common"
    assert plan.number("life_circle.limit_m") == 1000
    assert plan.number("life_circle.sensitivity_m") == 800


def test_what_the_action_plan_judges_and_what_it_only_shows():
    plan = load_standard("cn-action-plan")
    judged = {key for key, target in plan.targets.items() if target.kind == "target"}
    assert judged == {
        "road_area_ratio.ratio",
        "toilet_density.per_km2",
        "toilet_density.female_male_ratio_crowded",
        "park_coverage.green.network_share",
        "park_coverage.park.network_share",
    }
    assert set(plan.targets) - judged == {
        "road_area_ratio.density_km_per_km2",
        "service_coverage.bus_stop.share",
    }
    verified = {key for key in judged if plan.targets[key].verified}
    assert judged - verified == {
        "park_coverage.green.network_share",
        "park_coverage.park.network_share",
    }


@pytest.mark.parametrize("name", ["cn-gb50180", "cn-tijian-2021", "eu-who"])
def test_the_other_profiles_judge_nothing(name):
    assert {target.kind for target in load_standard(name).targets.values()} == {"reference"}


def test_figures_of_the_other_profiles():
    residential = load_standard("cn-gb50180")
    assert residential.setting("life_circle.limit_mode").value == "category"
    assert residential.target("road_area_ratio.density_km_per_km2").value == 8
    limits = {key: row.limit_m for key, row in residential.categories.items()}
    assert (limits["junior_school"], limits["primary_school"], limits["kindergarten"]) == (
        1000,
        500,
        300,
    )
    assert limits["waste_collection_point"] == 70

    check_up = load_standard("cn-tijian-2021")
    assert [(b.min_m2, b.max_m2, b.distance_m) for b in check_up.park_clauses["park"].bands] == [
        (5000, math.inf, 500),
        (2000, 5000, 300),
    ]
    assert check_up.target("park_coverage.park.residential_land_share").value == 0.8

    who = load_standard("eu-who")
    assert [(b.min_m2, b.distance_m) for b in who.park_clauses["green"].bands] == [(5000, 300)]
    assert who.number("life_circle.limit_m") == 15 * 60 * 1.2
    assert not set(who.groups) & SIX_GROUPS


def test_widths_outside_china_are_the_chinese_ones_and_unverified():
    chinese = load_standard("cn-gb50180").road_classes
    repeated = load_standard("eu-who").road_classes
    assert list(repeated) == list(chinese)
    for key, row in repeated.items():
        theirs = chinese[key]
        assert not row.verified
        assert theirs == replace(
            row, source=theirs.source, clause=theirs.clause, confidence=theirs.confidence
        )


# --- what a target does ------------------------------------------------------


def test_a_band_is_met_from_its_lower_end_upwards():
    band = load_standard("cn-action-plan").target("toilet_density.per_km2")
    assert [band.met_by(value) for value in (2.999, 3, 5, 9)] == [False, True, True, True]
    assert band.gap(2.5) == 0.5
    assert band.gap(9) == 0


def test_at_most_is_the_other_way_round():
    share = replace(
        load_standard("cn-action-plan").target("road_area_ratio.ratio"), operator="<=", value=0.2
    )
    assert [share.met_by(value) for value in (0.1, 0.2, 0.3)] == [True, True, False]
    assert share.gap(0.3) == pytest.approx(0.1)


# --- one's own files ---------------------------------------------------------


def test_own_file_starts_from_the_method_settings(own):
    standard = own(HEAD + TARGET + CATEGORY + CLAUSE)
    assert standard.number("walk.snap_max_m") == 100
    assert standard.target("toilet_density.per_km2").value == 4
    assert standard.categories["school"].limit_m == 700
    assert standard.park_clauses["park"].bands[0].max_m2 == math.inf
    assert standard.road_classes == {}


def test_own_rows_override_inherited_rows_one_by_one(own):
    standard = own(HEAD + 'extends = "cn-action-plan"\n' + TARGET + CATEGORY + CLAUSE)
    plan = load_standard("cn-action-plan")
    toilets = standard.target("toilet_density.per_km2")
    assert (toilets.operator, toilets.floor) == (">=", 4)
    others = {key: row for key, row in plan.targets.items() if key != toilets.measure}
    assert others.items() < standard.targets.items()
    assert set(standard.categories) == {*plan.categories, "school"}
    assert standard.park_clauses["park"].source == "a paper"
    assert standard.park_clauses["green"] == plan.park_clauses["green"]
    assert plan.target("toilet_density.per_km2").floor == 3


def test_a_figure_of_ones_own_never_stands_under_another_source(own):
    standard = own(
        HEAD
        + 'extends = "cn-action-plan"\n'
        + '[[target]]\nmeasure = "road_area_ratio.ratio"\nvalue = 0.2\n'
    )
    target = standard.target("road_area_ratio.ratio")
    assert target.value == 0.2
    assert target.title == load_standard("cn-action-plan").target("road_area_ratio.ratio").title
    assert target.source.endswith("own.toml")
    assert target.clause == ""
    assert not target.verified


def test_own_file_is_read_anew_every_time(own):
    assert own(HEAD + TARGET).target("toilet_density.per_km2").value == 4
    changed = TARGET.replace("value = 4", "value = 6")
    assert own(HEAD + changed).target("toilet_density.per_km2").value == 6


def test_own_file_may_begin_with_a_byte_order_mark(own):
    assert own(b"\xef\xbb\xbf" + HEAD.encode()).id == "own"


def test_the_example_of_the_readme_works(own):
    (example,) = re.findall(r"```toml\n(.*?)```", README, flags=re.DOTALL)
    standard = own(example)
    assert standard.target("road_area_ratio.ratio").value == 0.18
    assert standard.target("road_area_ratio.ratio").verified
    assert standard.target("toilet_density.per_km2").floor == 3
    assert standard.categories["kindergarten"].limit_m == 250
    assert standard.number("walk.snap_max_m") == 60
    assert not standard.setting("walk.snap_max_m").verified


def test_the_readme_names_every_key_and_profile():
    rows = (module.Target, module.Setting, module.Category, module.ParkClause, module.RoadClass)
    keys = {key for row in (*rows, module.Band) for key in row.__dataclass_fields__}
    for name in (*keys, *module._HEAD, *module._TABLES, *PROFILES):
        assert re.search(rf"`(\[\[)?{re.escape(name)}(\]\])?`", README), name


# --- names and files that are wrong ------------------------------------------


def in_both_languages(error, *words):
    assert re.search(r"[\u4e00-\u9fff]", error.in_language("zh"))
    assert not re.search(r"[\u4e00-\u9fff]", error.in_language("en"))
    for word in words:
        assert word in error.in_language("zh")
        assert word in error.in_language("en")
    return True


def test_unknown_id_suggests_the_nearest():
    with pytest.raises(UnknownNameError) as caught:
        load_standard("cn-action-pln")
    assert in_both_languages(caught.value, "cn-action-pln", "cn-action-plan")


def test_unknown_id_without_a_near_one_lists_them_all():
    with pytest.raises(UnknownNameError) as caught:
        load_standard("zzz")
    assert in_both_languages(caught.value, *PROFILES)


def test_unknown_parent_suggests_the_nearest(own):
    with pytest.raises(UnknownNameError) as caught:
        own(HEAD + 'extends = "cn-gb5018"')
    assert in_both_languages(caught.value, "cn-gb50180")


def test_missing_file(tmp_path):
    with pytest.raises(MissingFileError) as caught:
        load_standard(str(tmp_path / "nowhere.toml"))
    assert in_both_languages(caught.value, "nowhere.toml")


def test_missing_setting_names_the_profile(profile):
    with pytest.raises(StandardError) as caught:
        profile.number("walk.snap_max")
    assert in_both_languages(caught.value, profile.id, "walk.snap_max")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + "tagret = 1", ("tagret", "target")),
        (HEAD + TARGET + "valeu = 1", ("valeu", "value", "toilet_density.per_km2")),
        (HEAD + TARGET.replace("value = 4\n", ""), ("toilet_density.per_km2",)),
        (HEAD + TARGET.replace('">="\nvalue', '"band"\nlow'), ("toilet_density.per_km2",)),
        (HEAD + TARGET.replace('">="', '">"'), ("operator", "'>'")),
        (HEAD + TARGET.replace('"target"', '"goal"'), ("kind", "'goal'")),
        (HEAD + TARGET.replace("value = 4", 'value = "4"'), ("value", "'4'")),
        (HEAD + TARGET.replace("value = 4", "value = nan"), ("value", "nan")),
        (HEAD + TARGET.replace("value = 4", "value = true"), ("value", "True")),
        (HEAD + TARGET.replace('"S1"', '"k"'), ("confidence", "'k'")),
        (HEAD + TARGET.replace('"a paper"', '""'), ("source",)),
        (HEAD + TARGET.replace('source = "a paper"\n', ""), ("source",)),
        (HEAD + TARGET.replace(', zh = "公厕"', ""), ("title",)),
        (HEAD + TARGET.replace('measure = "toilet_density.per_km2"\n', ""), ("[[target]]",)),
        (HEAD + TARGET + TARGET, ("toilet_density.per_km2",)),
        (HEAD + TARGET.replace("[[target]]", "[target]"), ("[[target]]",)),
        (HEAD + "target = 3", ("[[target]]",)),
        (HEAD + CATEGORY.replace('"learning"\ntier', '"leaning"\ntier'), ("school", "leaning")),
        (HEAD + CATEGORY.replace('"15"', '"20"'), ("tier", "'20'")),
        (HEAD + CATEGORY.replace("= true", '= "yes"'), ("required", "'yes'")),
        (HEAD + CLAUSE.replace('layer = "park"', 'layer = "lawn"'), ("layer", "'lawn'")),
        (HEAD + CLAUSE.replace("distance_m = 500", "distance = 500"), ("distance_m",)),
        (HEAD + CLAUSE.replace("{ layer", "[]]#"), ()),
        (HEAD + re.sub(r"bands = .*", "bands = []", CLAUSE), ("bands",)),
        (HEAD.replace('id = "own"', ""), ("id",)),
        (HEAD.replace('en = "Own", ', ""), ("title",)),
        ("this is no TOML", ("TOML",)),
        (HEAD.encode("gb18030"), ("UTF-8",)),
    ],
)
def test_broken_file_says_what_is_wrong_in_both_languages(own, text, words):
    with pytest.raises(StandardError) as caught:
        own(text)
    assert in_both_languages(caught.value, "own.toml", "README.md", *words)
