import dataclasses

import geopandas as gpd
import pytest
from hand_made import SCRIPT, UNITS, UTM, X, Y, text
from shapely import LineString

import cityplan
from cityplan.model.report import Responsibility
from cityplan.model.result import Advice
from cityplan.outputs.gap_lists import MOST_PLACES, abridged, problems, remedies
from cityplan.outputs.gap_rows import affected, gap_rows
from cityplan.outputs.results_json import results_document


def levels(rows):
    return [(row.level, row.territory) for row in rows]


def test_rows_are_numbered_city_then_units_then_places(report):
    rows = gap_rows(report, "zh")
    assert [row.no for row in rows] == list(range(1, len(rows) + 1))
    assert levels(rows)[:4] == [
        ("city", "全市"), ("unit", UNITS[0]), ("unit", UNITS[3]), ("city", "全市"),
    ]  # fmt: skip
    assert [row.level for row in rows].count("place") == 7
    assert "单元以外" not in {row.territory for row in rows}


def test_numbers_are_those_of_results_json(report):
    document = results_document(report)
    measures = {m["id"]: m for a in document["analyzers"] for m in a["measures"]}
    units = {a["name"]: {row["unit"]: row for row in a["units"]} for a in document["analyzers"]}
    rows = [row for row in gap_rows(report, "en") if row.level != "place"]
    assert len(rows) == 8
    for row in rows:
        target = measures[row.measure]["target"]
        floor = target.get("value", target.get("low"))
        if row.level == "city":
            assert row.value == measures[row.measure]["value"]
            assert row.gap == (measures[row.measure]["gap"] if row.verdict == "not_met" else None)
        else:
            assert row.value == units[row.analyzer][row.territory][row.measure]
            assert row.gap == pytest.approx(floor - row.value)


def test_a_place_says_where_what_and_for_whom(report):
    row = next(row for row in gap_rows(report, "zh") if row.level == "place")
    assert (row.territory, row.place, row.people) == (UNITS[0], SCRIPT, 1830.0)
    assert row.lacks == "菜市场、银行网点"
    assert row.lon == pytest.approx(117.0160, abs=400 / 93_600)  # in the ring, 1500 m east of 117°
    assert affected(row.people, row.weight, "zh") == "1,830 人"
    assert affected(None, 1234.5, "en") == "1,234 m² of homes"
    assert affected(None, None, "en") == ""


def test_coordinates_can_be_left_out(report):
    rows = gap_rows(report, "zh", coordinates=False)
    assert all(row.lon is None and row.lat is None and not row.coordinates for row in rows)


def test_what_cannot_be_told_is_to_be_found_out_first(report):
    (row,) = [row for row in gap_rows(report, "zh") if row.verdict == "cannot_tell"]
    assert row.measure == "toilet_density.female_male_ratio_crowded"
    assert (row.shortfall, row.gap) == ("无法判定", None)
    assert row.action.startswith("先逐座登记")
    assert "厕位均无记录" in row.remark
    (problem,) = problems([row], "zh")
    assert problem.sentence.endswith("现有数据不足以判定。")


def test_sentences_carry_the_numbers_and_never_a_blank(report):
    rows = gap_rows(report, "zh")
    city, unit = rows[:2]
    # How many are missing is known for the city, not for the unit.
    assert "新建或开放公厕 26 座，使每平方公里达到 3 座" in city.action
    assert "由 1.20 个/km² 达到标准值（3–5 个/km²）" in unit.action
    for row in (*rows, *gap_rows(report, "en")):
        assert row.action
        assert "{" not in row.action + row.present + row.shortfall
    assert "建成区范围为推算" not in city.remark  # its basis does not mention the built-up area


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("city", ["toy", "monaco"])
def test_every_sentence_of_the_catalogue_finds_its_numbers(city, lang):
    report = cityplan.run(cityplan.sample(city))
    rows = gap_rows(report, lang)
    plain = {"zh": ("先核实数据，再", "先补充数据", "现场核实后"),
             "en": ("Check the data, then", "Complete the data", "Check on site and")}[lang]  # fmt: skip
    assert not [row.action for row in rows if row.action.startswith(plain)]
    assert {row.analyzer for row in rows} == {result.analyzer for result in report.results}


def test_toilets_to_build_are_those_that_are_missing():
    report = cityplan.run(cityplan.sample("toy"))
    table = report["toilet_density"].units.set_index("unit")["toilet_density.missing"]
    rows = [r for r in gap_rows(report, "zh") if r.measure == "toilet_density.per_km2"]
    assert rows[0].level == "city"
    assert f"公厕 {report['toilet_density']['missing'].value:.0f} 座" in rows[0].action
    units = [row for row in rows if row.level == "unit"]
    assert units
    for row in units:
        assert f"公厕 {table[row.territory]:.0f} 座" in row.action


def test_an_analyzer_brings_its_own_advice(report, own):
    advice = {
        "my_own.walk_share": Advice(
            action=text("Raise by {gap} to {floor}%.", "提高 {gap}，达到 {floor}%。")
        ),
        "my_own.through": Advice(
            action=text("Join it.", "接通。"),
            measure="my_own.wait_m",
            present=text("It ends.", "路止于此。"),
        ),
    }
    mine = dataclasses.replace(own, advice=advice)
    rows = gap_rows(dataclasses.replace(report, results=(mine,)), "zh")
    assert rows[0].action == "提高 0.04 个百分点，达到 15%。"
    joined = [row for row in rows if row.action == "接通。"]
    assert len(joined) == 2
    assert {row.measure for row in joined} == {"my_own.wait_m"}
    assert {row.present for row in joined} == {"路止于此。"}
    others = [row for row in rows if row.level == "place" and row not in joined]
    assert {row.action for row in others} == {"现场核实后整治。"}


def test_departments_come_from_the_report_only(report):
    assert {row.responsibility for row in gap_rows(report, "zh")} == {Responsibility()}
    who = Responsibility(lead="甲局", cooperating=("乙局", "丙局"), deadline="2026年12月")
    told = dataclasses.replace(report, responsibilities={"toilet_density.per_km2": who})
    rows = gap_rows(told, "zh")
    assert {row.responsibility.lead for row in rows if row.measure == "toilet_density.per_km2"} == {
        "甲局"
    }
    assert {row.responsibility for row in rows if row.measure != "toilet_density.per_km2"} == {
        Responsibility()
    }


def test_a_place_is_found_by_the_street_it_lies_at(report, own):
    streets = gpd.GeoDataFrame(
        {"name": ["甲路", None, "远路"], "kind": "local"},
        geometry=[
            LineString([(X + 800, Y + 900), (X + 1000, Y + 1100)]),
            LineString([(X + 1800, Y + 1800), (X + 1810, Y + 1800)]),
            LineString([(X + 5000, Y + 100), (X + 5100, Y + 100)]),
        ],
        crs=UTM,
    )
    shapes = {**own.shapes, "facility": streets}
    rows = gap_rows(
        dataclasses.replace(report, results=(dataclasses.replace(own, shapes=shapes),)), "zh"
    )
    places = [row.place for row in rows if row.level == "place"]
    assert places.count("甲路附近") == 1
    assert len(places) == 4
    assert not any("远路" in place for place in places)


def test_people_of_a_measure_are_those_of_its_places(report, toilets):
    gaps = toilets.shapes["gap"].assign(kind="beyond_radius", people=[100.0, 20.0, 3.0])
    measures = tuple(
        dataclasses.replace(m, id="toilet_density.demand_coverage_share")
        if m.id == "toilet_density.per_km2"
        else m
        for m in toilets.measures
    )
    units = toilets.units.rename(
        columns={"toilet_density.per_km2": "toilet_density.demand_coverage_share"}
    )
    changed = dataclasses.replace(
        toilets, measures=measures, units=units, shapes={**toilets.shapes, "gap": gaps}
    )
    rows = gap_rows(dataclasses.replace(report, results=(changed,)), "zh")
    missed = [row for row in rows if row.measure == "toilet_density.demand_coverage_share"]
    assert {(row.level, row.territory): row.people for row in missed if row.level != "place"} == {
        ("city", "全市"): 123.0, ("unit", UNITS[0]): 100.0, ("unit", UNITS[3]): 20.0,
    }  # fmt: skip


def test_one_remedy_for_all_gaps_that_ask_for_it(report):
    rows = gap_rows(report, "zh")
    found = remedies(rows, "zh")
    assert [remedy.no for remedy in found] == list(range(1, len(found) + 1))
    numbers = [remedy.problems for remedy in found]
    assert f"{rows[-4].no}–{rows[-1].no}" in numbers  # the own analysis knows no territory
    assert sum(remedy.places for remedy in found) == 7
    last = found[-1]
    assert (last.places, last.territory) == (4, "全市")


def test_paper_holds_the_worst_and_keeps_the_numbers(report):
    template = gap_rows(report, "zh")[-1]
    many = [dataclasses.replace(template, no=number) for number in range(1, 100)]
    assert [row.no for row in abridged(many)] == list(range(1, MOST_PLACES + 1))
    rows = gap_rows(report, "zh")
    assert abridged(rows) == rows
