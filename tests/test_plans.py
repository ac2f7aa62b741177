"""Plan files: the shipped plan clause by clause, one written from the README, and wrong ones."""

import csv
import datetime as dt
import json
import re
import tomllib
from importlib import resources
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

import cityplan
from cityplan.analyzers import all_analyzers
from cityplan.cli import main
from cityplan.errors import (
    CityplanError,
    InputFileError,
    MissingFileError,
    PlanError,
    StudyError,
    UnknownNameError,
)
from cityplan.ledgers import plan_of
from cityplan.model.plan_file import available_plans, build_plan, check_plan, load_plan
from cityplan.model.report import Responsibility
from cityplan.model.standard import load_standard
from cityplan.model.territories import territory_checks
from cityplan.outputs.gap_rows import gap_rows
from cityplan.sources.fields.categories import known_categories
from cityplan.sources.reported import read_reported
from cityplan.sources.study import load_study

ROOT = Path(__file__).parent.parent
FOLDER = resources.files("cityplan") / "plans"
README = (FOLDER / "README.md").read_text(encoding="utf-8")
SCHEMA = json.loads((FOLDER / "plan.schema.json").read_text(encoding="utf-8"))
EXAMPLE = re.findall(r"```toml\n(.*?)```", README, flags=re.DOTALL)[-1]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def plan():
    return load_plan("mingguang-2020")


@pytest.fixture(scope="module")
def measures():
    standard = load_standard("cn-action-plan")
    return {key for item in all_analyzers().values() for key in item.measure_ids(standard)}


def as_json(text):
    """Return a TOML text as JSON types."""
    return json.loads(json.dumps(tomllib.loads(text), default=str))


def fits_schema(text):
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(as_json(text))


# --- the shipped plan ------------------------------------------------------------------


def test_there_is_a_plan_and_its_schema_is_one():
    assert "mingguang-2020" in available_plans()
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", available_plans())
def test_shipped_plans_keep_the_schema(name):
    text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    jsonschema.Draft202012Validator(SCHEMA).validate(as_json(text))


def test_all_61_clauses_in_their_order(plan):
    assert len(plan.clauses) == 61
    assert [plan.clauses[i].ref for i in (0, 27, 60)] == ["(一)1.(1)", "(二)3", "(四)4.(2)"]
    assert [row.ref[:3] for row in plan.clauses].count("(一)") == 20


def test_it_checks_against_the_measures_and_categories_there_are(plan, measures):
    check_plan(plan, measures=measures, categories=known_categories())


def test_spatial_clauses_are_tied_to_a_measure_or_say_what_is_lacking(plan):
    spatial = [row for row in plan.clauses if "A" in row.kind]
    assert len(spatial) == 14
    for row in spatial:
        assert row.tie.measures or row.tie.lacks, row.ref
    assert all(row.tie.measures for row in spatial if row.kind == "A")


def test_numbers_are_the_plans(plan):
    goals = {key: (f.operator, f.value) for key, (_, f) in plan.figures.items() if f.operator}
    assert goals == {
        "utility_blank_spots": ("<=", 0),
        "sewers_rebuilt_km": (">=", 30),
        "direct_outfalls": ("<=", 0),
        "sewage_plants_upgraded": (">=", 1),
        "black_odorous_waters": ("<=", 0),
        "food_waste_plant_built": (">=", 1),
        "sorting_pilot_estates": (">=", 2),
        "sweeping_rate": (">=", 0.85),
        "new_illegal_building": ("<=", 0),
        "illegal_stock_handled": (">=", 1),
        "pipe_monitoring_built": (">=", 1),
        "annual_programme": (">=", 1),
        "assessment_done": (">=", 1),
    }
    for _, figure in plan.figures.values():
        assert figure.operator is None or (figure.source and figure.verified)


def test_deadlines_are_last_days_of_months(plan):
    assert {row.deadline for row in plan.clauses} == {
        None,
        dt.date(2019, 12, 31),
        dt.date(2020, 10, 31),
        dt.date(2020, 12, 31),
        dt.date(2021, 12, 31),
    }
    assert [row.ref for row in plan.clauses if row.deadline is None] == [
        "(四)1.(1)",
        "(四)1.(2)",
        "(四)1.(3)",
        "(四)1.(4)",
    ]


def test_duties_of_part_three_and_the_development_zone(plan):
    yearly = {row.ref for row in plan.duties if row.every == "year"}
    assert yearly == {"三(三) 示范道路", "三(三) 示范街区", "三(三) 示范小区", "三(四)1"}
    assert plan.duties[-1].lead == ("市作风办", "市政府督查室", "市规建管办")
    assert [(t.title.zh, t.units) for t in plan.territories] == [("经开区", ("经开区",))]


def test_titles_are_short_and_in_both_languages(plan):
    for row in plan.rows:
        assert CHINESE.search(row.title.zh)
        assert not CHINESE.search(row.title.en)
        assert len(row.title.en) <= 50
        assert len(row.title.zh) <= 20


def test_who_answers_for_a_measure(plan, measures):
    who = plan.responsibilities()
    assert set(who) <= measures
    assert who["toilet_density.per_km2"] == Responsibility(
        lead="市城管执法局", cooperating=("市住建局", "市生态环境分局"), deadline="2020-12-31"
    )
    assert "市自然资源和规划局" in who["road_area_ratio.ratio"].lead
    assert plan.responsibilities("en")["toilet_density.per_km2"] == Responsibility(
        lead="Urban Management and Enforcement Bureau",
        cooperating=("Housing and Construction Bureau", "Ecology and Environment Branch"),
        deadline="2020-12-31",
    )


def test_departments_named_are_departments_listed(plan):
    used = {name for row in plan.rows for name in (*row.lead, *row.cooperating)}
    assert used == set(plan.departments)


# --- a plan written from the README ------------------------------------------------------


def test_the_readmes_example_is_a_plan(measures):
    assert fits_schema(EXAMPLE)
    own = build_plan(EXAMPLE.encode(), "own.toml")
    check_plan(own, measures=measures, categories=known_categories())
    assert [row.ref for row in own.clauses] == ["1", "2", "3", "4"]
    assert own.clauses[0].deadline == dt.date(2030, 6, 30)
    assert own.clauses[2].tie.count.value == 1


OTHER_CITY = """
id = "bengbu-2026"
title = { en = "Bengbu 2026", zh = "蚌埠 2026" }
summary = { en = "Two promises.", zh = "两项任务。" }
source = "Made up for a test"
standard = "cn-action-plan"

[[department]]
name = "市城管局"
en = "Urban Management"

[[territory]]
id = "zone"
title = { en = "Zone", zh = "高新区" }
units = ["NW"]
duty = { en = "All of it.", zh = "全部任务。" }

[[clause]]
ref = "一.1"
class = "A"
title = { en = "Dead ends", zh = "断头路" }
lead = ["市城管局"]
target = { en = "none left", zh = "全部打通" }
[clause.tie]
measure = ["dead_ends.through_count", "dead_ends.count"]

[[duty]]
ref = "二.1"
title = { en = "Yearly report", zh = "年度报告" }
lead = ["市城管局"]
every = "year"
target = { en = "one a year", zh = "每年一份" }
[[duty.tie.figure]]
id = "report"
title = { en = "Report", zh = "年度报告" }
unit = "yes_no"
"""


def test_another_citys_plan_runs_from_its_own_study(tmp_path):
    (tmp_path / "own.toml").write_text(OTHER_CITY, encoding="utf-8")
    (tmp_path / "figures.csv").write_text(
        "指标,数值,日期,来源\n年度报告,是,2026年3月1日,市城管局\n", encoding="gb18030"
    )
    toy = ROOT / "sample_data" / "toy"
    study = (toy / "study.toml").read_text(encoding="utf-8")
    study = re.sub(r'"([\w.]+\.(?:osm|geojson))"', rf'"{toy.as_posix()}/\1"', study)
    more = 'standard = "cn-action-plan"\nplan = "own.toml"\nreported = "figures.csv"'
    (tmp_path / "study.toml").write_text(
        study.replace('standard = "cn-action-plan"', more), encoding="utf-8"
    )
    report = cityplan.run(tmp_path, only=["dead_ends"])
    first, duty = report.ledger.entries
    assert (first.verdict, first.items[0].value) == ("cannot_tell", 1)
    assert duty.items[0].series[0].source == "市城管局"
    assert report.responsibilities["dead_ends.count"].lead == "Urban Management"
    assert {row.responsibility.lead for row in gap_rows(report, "en")} == {"Urban Management"}
    checks = cityplan.check(tmp_path).checks
    assert (
        "1 values reported for 1 of 1 figures"
        in next(c for c in checks if c.layer == "plan").what.en
    )


def territory(units):
    text = OTHER_CITY.replace('units = ["NW"]', f"units = {json.dumps(units, ensure_ascii=False)}")
    return build_plan(text.encode(), "own.toml")


def area_of(names):
    return SimpleNamespace(units=pd.DataFrame({"unit": names}))


def test_territories_that_are_units_need_no_word():
    assert territory_checks(territory(["NW", "SE"]), area_of(["NW", "SE", "SW"])) == []


def test_a_territory_no_unit_bears_the_name_of():
    units = ["明东街道", "明西街道", "经济开发区"]
    (check,) = territory_checks(territory(["经开区", "明东街道"]), area_of(units))
    assert (check.layer, check.severity, check.rows) == ("plan", "warning", 1)
    assert "no reporting unit is named '经开区'" in check.what.en
    assert "属地“高新区”：没有名为“经开区”的统计单元" in check.what.zh
    assert check.fix.en.startswith("Nearest: 经济开发区.")
    assert "相近的单元：经济开发区。" in check.fix.zh
    assert check.done.en == "the other units carry its duty"
    (check,) = territory_checks(territory(["滨海"]), area_of(units))
    assert "The units are: 明东街道, 明西街道, 经济开发区." in check.fix.en
    assert "no territory's work order" in check.done.en


def test_without_units_a_territory_is_only_noted():
    (check,) = territory_checks(territory(["经开区"]), area_of(["明城市"]))
    assert check.severity == "note"
    assert "give the territories as units" in check.fix.en


@pytest.mark.parametrize("command", ["check", "run"])
def test_commands_tell_of_it(tmp_path, command):
    wrong = OTHER_CITY.replace('units = ["NW"]', 'units = ["N-W"]')
    (tmp_path / "own.toml").write_text(wrong, encoding="utf-8")
    toy = ROOT / "sample_data" / "toy"
    study = (toy / "study.toml").read_text(encoding="utf-8")
    study = re.sub(r'"([\w.]+\.(?:osm|geojson))"', rf'"{toy.as_posix()}/\1"', study)
    study = study.replace('standard = "cn', 'plan = "own.toml"\nstandard = "cn')
    (tmp_path / "study.toml").write_text(study, encoding="utf-8")
    if command == "check":
        checks = cityplan.check(tmp_path).checks
    else:
        checks = cityplan.run(tmp_path, only=["dead_ends"]).checks
    (found,) = (check for check in checks if "'N-W'" in check.what.en)
    assert "Nearest: NW" in found.fix.en


# --- wrong plan files ------------------------------------------------------------------------


def spoilt(old, new, text=EXAMPLE):
    assert old in text
    return text.replace(old, new, 1)


WRONG = {
    "unknown department": (
        spoilt('lead = ["镇环卫所"]', 'lead = ["镇环卫站"]'),
        ("[[clause]] 1 1, lead", "'镇环卫站' is no [[department]]", "did you mean '镇环卫所'?"),
    ),
    "unknown cooperating department": (
        spoilt('cooperating = ["镇建设办"]', 'cooperating = ["水务局"]'),
        ("[[clause]] 1 1, cooperating", "add it to the list"),
    ),
    "unknown key": (spoilt("deadline = ", "deadlines = "), ("unknown key, did you mean 'deadline'",)),
    "quoted date": (
        spoilt("deadline = 2030-06-30", 'deadline = "2030年6月30日"'),
        ("[[clause]] 1 1, deadline", "without quotes"),
    ),
    "clause twice": (spoilt('ref = "2"', 'ref = "1"'), ("[[clause]] 2 1, ref", "row 1 already")),
    "no tie": (
        spoilt('[clause.tie]\nmeasure = "toilet_density.per_km2"\n', ""),
        ("[[clause]] 1 1, tie: is missing",),
    ),
    "two ties": (
        spoilt('"toilet_density.per_km2"', '"toilet_density.per_km2"\nnone = { en = "x", zh = "x" }'),
        ("exactly one of measure, figure, count, none, not 2",),
    ),
    "no class": (spoilt('class = "A"', 'class = "C"'), ("class: 'C' is not allowed",)),
    "class A without a measure": (
        spoilt('class = "N"', 'class = "A"'),
        ("[[clause]] 4 4, tie", "says in lacks what layer is missing"),
    ),
    "85 for 85 %": (spoilt("value = 0.7", "value = 70"), ("a share is written from 0 to 1",)),
    "number without source": (
        spoilt('value = 0.7\nsource = "Action programme of our town"\n', "value = 0.7\n"),
        ("source: is missing",),
    ),
    "no such layer": (spoilt('layer = "facilities"', 'layer = "facility"'), ("did you mean 'facilities'",)),
    "category without facilities": (
        spoilt('layer = "facilities"', 'layer = "greenways"'),
        ("'facilities' needs a category",),
    ),
    "one language": (
        spoilt('title = { en = "Public toilets", zh = "公共厕所" }', 'title = "公共厕所"'),
        ("[[clause]] 1 1, title",),
    ),
    "figure twice": (
        EXAMPLE + EXAMPLE.split('[[clause]]\nref = "3"')[0].split("[[clause]]")[2].join(
            ["\n[[clause]]", ""]
        ).replace('ref = "2"', 'ref = "5"'),
        ("figure 'sweeping' stands in 2 and in 5",),
    ),
    "no clauses": (EXAMPLE.split("[[clause]]")[0], ("clause: is missing",)),
    "not TOML": ("id = ", ("not TOML in UTF-8",)),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_plan_is_named_with_row_and_remedy(name):
    text, words = WRONG[name]
    with pytest.raises(PlanError) as error:
        build_plan(text.encode(), "own.toml")
    for part in ("own.toml", *words):
        assert part in str(error.value)
    assert CHINESE.search(error.value.in_language("zh"))


@pytest.mark.parametrize(
    "name",
    [
        key
        for key in WRONG
        if key
        not in (
            "not TOML",
            "clause twice",
            "figure twice",
            "unknown department",
            "unknown cooperating department",
            "85 for 85 %",
            "no such layer",
            "quoted date",
        )
    ],
)
def test_the_schema_refuses_it_too(name):
    assert not fits_schema(WRONG[name][0])


def test_a_measure_no_analyzer_has_is_found_by_check(measures):
    own = build_plan(spoilt("toilet_density.per_km2", "toilet_density.per_km").encode(), "own.toml")
    with pytest.raises(
        PlanError, match=r"1: there is no measure 'toilet_density\.per_km'"
    ) as error:
        check_plan(own, measures=measures, categories=known_categories())
    assert "did you mean 'toilet_density.per_km2'?" in str(error.value)
    own = build_plan(spoilt('"vendor_point"', '"vendor_pint"').encode(), "own.toml")
    with pytest.raises(PlanError, match="did you mean 'vendor_point'"):
        check_plan(own, measures=measures, categories=known_categories())


def test_check_finds_what_is_wrong_and_says_it_in_one_sentence(tmp_path):
    toy = ROOT / "sample_data" / "toy"
    text = re.sub(
        r'"([\w.]+\.(?:osm|geojson))"',
        rf'"{toy.as_posix()}/\1"',
        (toy / "study.toml").read_text(encoding="utf-8"),
    )
    named = 'standard = "cn-action-plan"\nplan = "own.toml"\nreported = "f.csv"'
    (tmp_path / "study.toml").write_text(text.replace('standard = "cn-action-plan"', named))
    wrong = {
        spoilt("toilet_density.per_km2", "toilet_density.per_km"): "no measure",
        spoilt('lead = ["镇环卫所"]', 'lead = ["镇环卫站"]'): "is no [[department]]",
        EXAMPLE: "no clause '9'",
    }
    for plan_text, fault in wrong.items():
        (tmp_path / "own.toml").write_text(plan_text, encoding="utf-8")
        (tmp_path / "f.csv").write_text("clause,value,date,source\n9,1,2030-01-01,x\n")
        found = CliRunner().invoke(main, ["check", str(tmp_path), "--lang", "en"])
        assert (found.exit_code, found.stdout) == (1, "")
        assert fault in found.stderr
        assert "Traceback" not in found.stderr


def test_unknown_and_missing_plans():
    with pytest.raises(UnknownNameError, match="did you mean 'mingguang-2020'"):
        load_plan("mingguang-2021")
    with pytest.raises(MissingFileError):
        load_plan("nowhere.toml")


def test_reported_figures_need_a_plan(tmp_path):
    study = load_study(cityplan.sample("toy")).model_copy(update={"reported": tmp_path / "x.csv"})
    with pytest.raises(PlanError, match="no plan they belong to"):
        plan_of(study, load_standard("cn-action-plan"))


# --- reported figures --------------------------------------------------------------------------

HEADER = ("条款", "指标", "数值", "日期", "来源")


@pytest.fixture
def table(tmp_path, plan):
    def read(*rows, header=HEADER, name="figures.csv", encoding="utf-8-sig"):
        path = tmp_path / name
        with path.open("w", newline="", encoding=encoding) as file:
            csv.writer(file).writerows([header, *rows])
        return read_reported(path, plan)

    return read


def sweeping(value, date="2020-12-31"):
    return ("(二)2.(1)", "", value, date, "市城管执法局")


@pytest.mark.parametrize("value", ["85", "0.85", "85%", "85 %", "\uff18\uff15\uff05", "85.0"])
def test_percentages_however_written(table, value):
    (point,) = table(sweeping(value))["sweeping_rate"]
    assert point.value == pytest.approx(0.85)


@pytest.mark.parametrize("value", ["0", "0%", "100", "100%", "0.5%"])
def test_percentages_at_the_ends(table, value):
    (point,) = table(sweeping(value))["sweeping_rate"]
    assert point.value == {"0": 0, "0%": 0, "100": 1, "100%": 1, "0.5%": 0.005}[value]


@pytest.mark.parametrize(
    "date",
    ["2020-12-31", "2020/12/31", "2020.12.31", "2020年12月31日", "2020年12月", "2020-12", "20201231",
     "44196", "2020年底", "2020 年 12 月 31 日"],
)  # fmt: skip
def test_days_however_written(table, date):
    (point,) = table(sweeping("85%", date))["sweeping_rate"]
    assert point.date == dt.date(2020, 12, 31)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_encodings_and_names_of_columns(table, encoding):
    rows = [("85%", "2020-12-31", "（二）2\uff0e（1）", "城管")]
    header = ("填报值", "截至日期", "条款号", "填报单位")
    (point,) = table(*rows, header=header, encoding=encoding)["sweeping_rate"]
    assert (point.value, point.source) == (0.85, "城管")


def test_a_workbook_with_dates_and_percent_cells(tmp_path, plan):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["2020年填报表"])
    sheet.append(["clause", "figure", "value", "date", "source"])
    sheet.append(["(二)2.(1)", None, 0.85, dt.datetime(2020, 12, 31), "x"])  # noqa: DTZ001
    sheet["C3"].number_format = "0%"
    sheet.append([None, "sewers_rebuilt_km", 31, 44196, "x"])
    sheet.append(["(一)3.(1)", "改造城市污水管网长度", "12公里", "2019年12月31日", "x"])
    sheet.append([None, "food_waste_plant_built", "已建成", dt.date(2021, 1, 5), "x"])
    book.save(tmp_path / "f.xlsx")
    found = read_reported(tmp_path / "f.xlsx", plan)
    assert found["sweeping_rate"][0].value == 0.85
    assert [(p.date.year, p.value) for p in found["sewers_rebuilt_km"]] == [(2019, 12), (2020, 31)]
    assert found["food_waste_plant_built"][0].value == 1


FAULTS = {
    "unknown clause": ([("(二)2.(9)", "", "1%", "2020-12-31", "x")], ("row 2", "no clause '(二)2.(9)'", "did you mean '(二)2.(")),
    "unknown figure": ([("", "sweeping_rat", "1%", "2020-12-31", "x")], ("row 2", "did you mean 'sweeping_rate'")),
    "figure of another clause": ([("(二)3", "sweeping_rate", "1%", "2020-12-31", "x")], ("belongs to clause (二)2.(1)",)),
    "clause of several figures": ([("(一)3.(1)", "", "1", "2020-12-31", "x")], ("has several figures", "sewers_rebuilt_km")),
    "clause that takes none": ([("(二)2.(3)", "", "1", "2020-12-31", "x")], ("takes no reported figure",)),
    "85 and 0.85": ([sweeping("85"), sweeping("0.8", "2019-12-31")], ("rows 2 and 3", "as 85 and as 0.8", "with %")),
    "two values for one day": ([sweeping("85%"), sweeping("80%", "2020年12月31日")], ("rows 2 and 3", "two values for 2020-12-31", "keep one")),
    "a bare 1": ([sweeping("1")], ("row 2", "1 % or 100 %")),
    "more than all": ([sweeping("850")], ("outside 0 to 100 %",)),
    "below zero": ([sweeping("-5%")], ("outside 0 to 100 %",)),
    "no number": ([sweeping("约八成")], ("'约八成' is no number",)),
    "another unit": ([("", "sewers_rebuilt_km", "12万元", "2020-12-31", "x")], ("another unit: write the number in km",)),
    "no day": ([sweeping("85%", "去年底")], ("'去年底' is no day",)),
    "no such day": ([sweeping("85%", "2020年2月31日")], ("is no day",)),
    "blank day": ([sweeping("85%", "")], ("is no day",)),
    "blank value": ([sweeping("")], ("the value is blank",)),
    "neither yes nor no": ([("", "food_waste_plant_built", "快了", "2020-12-31", "x")], ("neither yes",)),
    "no source": ([("(二)2.(1)", "", "85%", "2020-12-31", "")], ("who reported it",)),
    "neither clause nor figure": ([("", "", "85%", "2020-12-31", "x")], ("name a clause or a figure",)),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_wrong_row_is_named_with_its_remedy(table, name):
    rows, words = FAULTS[name]
    with pytest.raises(PlanError) as error:
        table(*rows)
    for part in ("figures.csv", *words):
        assert part in str(error.value)
    assert CHINESE.search(error.value.in_language("zh"))


def test_all_faults_are_told_at_once(table):
    rows = [("x", "", "1", "2020-12-31", "y")] * 3 + [sweeping("85%", "never")]
    with pytest.raises(PlanError, match="has 4 faults"):
        table(*rows)


def test_a_table_without_its_columns(table, tmp_path, plan):
    with pytest.raises(InputFileError, match="lacks the column date"):
        table(("(二)2.(1)", "85%", "x"), header=("条款", "数值", "来源"))
    with pytest.raises(MissingFileError):
        read_reported(tmp_path / "nowhere.csv", plan)
    (tmp_path / "empty.csv").touch()
    with pytest.raises(CityplanError, match="empty"):
        read_reported(tmp_path / "empty.csv", plan)


def test_the_study_file_knows_its_new_keys(tmp_path):
    (tmp_path / "study.toml").write_text(
        '[study]\nname = "x"\nplans = "y"\n[osm]\npath = "z.osm"\n'
    )
    with pytest.raises(
        StudyError, match=r"unknown key 'study\.plans'. Did you mean '(study\.)?plan'"
    ):
        load_study(tmp_path)
