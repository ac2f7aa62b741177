import dataclasses
import re
from importlib import resources

import pytest
from hand_made import text

from cityplan.model.result import Measure
from cityplan.model.standard import available_standards, load_standard
from cityplan.outputs.classes import classify_units
from cityplan.outputs.facts import flattened
from cityplan.outputs.findings import main_measure, measure_sentence, unit_values
from cityplan.outputs.labels import column_title, kind_title, measure_title
from cityplan.outputs.shapes import gap_places, listed, split_kinds
from cityplan.outputs.style import (
    ROLES,
    VERDICTS,
    excel_format,
    format_gap,
    format_range,
    format_target,
    format_value,
)
from cityplan.outputs.words import WORDS
from cityplan.outputs.wrapping import columns, shortened, wrapped


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0.5318, "share", "53.2%"),
        (2.307, "1/km2", "2.31 per km²"),
        (8, "km/km2", "8.00 km/km²"),
        (1234.4, "m", "1,234 m"),
        (1234, "count", "1,234"),
        (1.37, "count", "1.4"),
        (1.5, "ratio", "1.50"),
        (2, "furlong", "2.00 furlong"),
        (-0.001, "share", "−0.1%"),
        (-0.0001, "share", "0.0%"),
        (None, "share", "—"),
        (float("nan"), "count", "—"),
        (float("inf"), "m", "—"),
    ],
)
def test_numbers(value, unit, expected):
    assert format_value(value, unit, "en") == expected


def test_decimals_are_added_until_value_and_target_differ():
    assert format_value(0.1496, "share", "en", against=0.15) == "14.96%"
    assert format_value(0.15, "share", "en", against=0.15) == "15.0%"
    assert format_value(2.9999, "1/km2", "zh", against=3) == "2.9999 个/km²"
    assert format_gap(0.0004, "share", "zh") == "0.04 个百分点"
    assert format_gap(0, "share", "en") == "0"
    assert format_gap(None, "share", "en") == ""


def test_targets_and_ranges(standard, toilets):
    assert format_target(standard.target("toilet_density.per_km2"), "zh") == "3–5 个/km²"
    assert format_target(standard.target("my_own.wait_m"), "en") == "≤ 500 m"
    assert format_target(standard.target("my_own.walk_share"), "en") == "≥ 15%"
    assert format_range(toilets["per_km2"], "en") == "1.02–1.31 per km²"
    assert format_range(toilets["count"], "en") == ""


def test_excel_formats():
    assert excel_format(0.5, "share") == "0.0%"
    assert excel_format(3, "count") == "#,##0"
    assert excel_format(3.5, "count") == "#,##0.0"


def test_no_meaning_is_carried_by_colour_alone():
    assert len({style.mark for style in VERDICTS.values()}) == len(VERDICTS)
    assert len({style.color for style in VERDICTS.values()}) == len(VERDICTS)
    assert len({(style.hatch, style.marker) for style in ROLES.values()}) == len(ROLES)


@pytest.mark.parametrize(
    ("measure_id", "en", "zh"),
    [
        ("life_circle.reach.market", "Market within walking distance", "步行可达菜市场"),
        ("life_circle.group.commerce", "Shops: all required within reach", "商业服务设施齐全"),
        (
            "park_coverage.green.radius_share",
            "Green in sight (homes, straight line)",
            "300米见绿居住覆盖率（直线半径）",
        ),
        ("road_area_ratio.density.local", "Road density, Local road", "支路路网密度"),
        ("dead_ends.cause.short", "Dead ends (short)", "尽端路（长度较短）"),
        ("toilet_density.per_km2", "Public toilets per km² of built-up area", "建成区公厕密度"),
        ("my_own.wait_m", "Title of my_own.wait_m", "my_own.wait_m 的标题"),
        ("my_own.odd", "my_own.odd", "my_own.odd"),
        ("life_circle.reach.unknown", "life_circle.reach.unknown", "life_circle.reach.unknown"),
    ],
)
def test_measures_have_titles(standard, measure_id, en, zh):
    assert measure_title(measure_id, standard).as_dict() == {"en": en, "zh": zh}


def test_no_title_of_a_shipped_standard_says_facilities_twice():
    for name in available_standards():
        shipped = load_standard(name)
        for group in shipped.groups:
            assert "设施设施" not in measure_title(f"life_circle.group.{group}", shipped).zh


def test_kinds_and_columns_have_names(standard):
    assert kind_title("bank", standard).zh == "银行网点"
    assert kind_title("through", standard).zh == "真断头路"
    assert kind_title("some_thing", standard).en == "some thing"
    assert column_title("ahead_m").zh == "距前方道路"
    assert column_title("my_column_m").en == "My column"


def test_every_word_is_used_and_speaks_both_languages():
    folder = resources.files("cityplan.outputs")
    files = [*folder.iterdir(), *(folder / "templates").iterdir()]
    used = "".join(
        file.read_text(encoding="utf-8")
        for file in files
        if file.is_file() and file.name not in {"words.py", "report_words.py"}
    )
    for key, words in WORDS.items():
        assert words.en.strip()
        assert words.zh.strip()
        assert set(re.findall(r"{\w+}", words.en)) == set(re.findall(r"{\w+}", words.zh))
        stem = re.sub(
            r"^(finding|band|by|of|group)_.*|^severity\..*|.*_heading$|^(city|unit|place)$", "", key
        )
        assert not stem or re.search(rf"[\"'.]{key}\b", used), key


def test_only_tables_of_words_know_analyzers():
    tables = {"labels.py", "advice.py", "definitions.py"}
    names = "life_circle|park_coverage|toilet_density|road_area_ratio|dead_ends|service_coverage"
    for file in resources.files("cityplan.outputs").iterdir():
        if file.name.endswith(".py") and file.name not in tables:
            assert not re.search(names, file.read_text(encoding="utf-8")), file.name


def test_main_measure_is_the_first_that_is_judged(toilets, own):
    assert main_measure(toilets).id == "toilet_density.per_km2"
    odd = Measure(id="a.b", value=1.0, unit="count", basis=text("x"))
    assert main_measure(dataclasses.replace(own, measures=(odd,))) is odd


def test_sentences(toilets, own, standard):
    ratio = toilets["female_male_ratio_crowded"]
    assert measure_sentence(ratio, standard, "en") == (
        "Women's to men's toilet places where crowds gather: the data give no figure; target ≥ 2: "
        "cannot tell."
    )
    assert measure_sentence(own["odd"], standard, "zh") == "my_own.odd：—。"


def test_units_are_sorted_worst_first(toilets):
    rows = unit_values(toilets, toilets["per_km2"])
    assert [row.value for row in rows] == [1.2, 2.96, 3.4, None, 0.0]
    assert [row.verdict for row in rows] == [
        "not_met", "not_met", "met", "cannot_tell", "no_target",
    ]  # fmt: skip
    counts = unit_values(toilets, toilets["count"])
    assert [row.value for row in counts] == [9, 4, 3, 0, 1]


def test_classes_of_a_judged_measure_start_from_the_target(toilets):
    classes, indexes = classify_units([3.4, 2.0, 1.0, None], toilets["per_km2"], "en")
    assert [classes[i].label for i in indexes] == [
        "target met",
        "missed, at most half the target",
        "missed by more than half the target",
        "cannot tell",
    ]


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([0, 1, 3], ["0", "1", "3"]),
        ([0, 7, 17], ["0 – 9", "0 – 9", "10 – 19"]),
        ([5, 5], ["5", "5"]),
        ([None], ["cannot tell"]),
    ],
)
def test_classes_without_a_target_are_round_steps(toilets, values, labels):
    classes, indexes = classify_units(values, toilets["count"], "en")
    assert [classes[i].label for i in indexes] == labels


def test_no_class_goes_beyond_the_whole(toilets):
    share = dataclasses.replace(toilets["count"], unit="share", value=0.5)
    classes, indexes = classify_units([0.0, 0.42, 0.5, 1.0, None], share, "en")
    assert [classes[i].label for i in indexes] == [
        "0.0% – 50.0%", "0.0% – 50.0%", "50.0% – 100.0%", "50.0% – 100.0%", "cannot tell",
    ]  # fmt: skip


def test_places_are_sorted_by_people_and_say_what_they_lack(toilets, report):
    rows = gap_places(toilets, report, "zh")
    assert [row.people for row in rows] == [1830.0, 420.5, None]
    assert rows[0].lacks == "菜市场、银行网点"
    assert rows[1].name == "南苑小区片区（标注）"
    assert rows[1].size == "35.00 公顷"
    assert rows[1].lon == pytest.approx(117.0101, abs=1e-3)


def test_lists_of_categories_are_named_other_text_stays(standard):
    assert listed(["market", "bank"], standard, "en") == "Market, Bank"
    assert listed("market, commerce", standard, "zh") == "菜市场、商业服务"
    assert listed("no lights", standard, "zh") == "no lights"
    assert listed(None, standard, "zh") == ""


def test_kinds_are_split_most_frequent_first(toilets):
    kinds = [kind for kind, _ in split_kinds(toilets.shapes["facility"])]
    assert kinds == ["public_toilet", "market"]


def test_wrapping_counts_chinese_as_two_columns():
    assert columns("ab中") == 4
    assert shortened("中文字符", 6) == "中文…"
    assert wrapped("中文字符中文字符", 8, lines=3) == "中文字符\n中文字符"
    assert wrapped("1.5–3 个/km²", 9, lines=2) == "1.5–3\n个/km²"
    assert wrapped("one two three four", 9, lines=2) == "one two\nthree fo…"
    assert wrapped("中文字符，然后", 8, lines=2) == "中文字符，\n然后"


def test_nested_tables_are_flattened():
    assert list(flattened({"a": {"b": [1, 2]}, "c": None})) == [("a.b", "1, 2"), ("c", "")]
