"""The ledger: verdicts, days, trends, and what it reads."""

import datetime as dt
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

import cityplan
from cityplan.cli import main
from cityplan.errors import InputFileError, MissingFileError, PlanError
from cityplan.ledgers import day_of, ledger_of_document, read_results
from cityplan.model.ledger import VERDICTS, make_ledger
from cityplan.model.ledger_items import Dated, Goal, Item
from cityplan.model.plan import Clause, Count, Duty, Figure, Plan, Tie
from cityplan.outputs.ledger_table import ledger_header, ledger_rows, ledger_summary
from cityplan.outputs.results_json import ledger_document, results_document, results_schema
from cityplan.sources.study import load_study
from cityplan.text import Text

ROOT = Path(__file__).parent.parent
CHINESE = re.compile(r"[\u4e00-\u9fff]")
EARLY, LATE = dt.date(2020, 6, 1), dt.date(2022, 1, 1)
FIGURES = """条款,指标,数值,日期,来源
（二）2.（1）,,80%,2019年12月31日,市城管执法局
（二）2.（1）,,86.5%,2020-12-01,市城管执法局
(一)3.(1),sewers_rebuilt_km,12公里,2020-05-01,市住建局
(一)3.(1),sewers_rebuilt_km,31公里,44500,市住建局
(一)3.(1),direct_outfalls,0,2021-12-01,市住建局
(一)3.(1),sewage_plants_upgraded,是,2021-12-01,市住建局
(二)1.(1),,1,2020-05-31,市城管执法局
(二)1.(2),,35,2020-05-31,市城管执法局
,annual_programme,是,2020-01-15,市政府
"""


def t(word):
    return Text(en=word, zh=word)


# --- by hand -----------------------------------------------------------------------

GOAL = Goal(operator=">=", value=10, source="x", clause="", confidence="S1")


def a_plan(tie, *, row=Clause, **more):
    fields = {
        "ref": "1", "kind": "B", "title": t("a clause"), "lead": ("a",), "cooperating": (),
        "deadline": dt.date(2020, 12, 31), "target": t("much"),
    }  # fmt: skip
    clause = row(**(fields | more), tie=tie)
    rows = {"duties": (clause,), "clauses": ()} if row is Duty else {"clauses": (clause,)}
    return Plan(
        id="p", title=t("p"), summary=t("p"), source="x", standard="cn-action-plan",
        ends=dt.date(2021, 12, 31), departments={"a": t("a")}, **rows,
    )  # fmt: skip


def entry(tie, *, day=EARLY, measured=None, reported=None, counted=None, earlier=None, **more):
    ledger = make_ledger(
        a_plan(tie, **more), as_of=day, measured=measured or {}, reported=reported or {},
        counted=counted or {}, earlier=earlier,
    )  # fmt: skip
    return ledger.entries[0]


def measure(key, value, verdict, goal=GOAL, **more):
    return Item(id=key, title=t(key), unit="count", value=value, verdict=verdict, goal=goal, **more)


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["met"], "met"),
        (["met", "met"], "met"),
        (["met", "not_met"], "not_met"),
        (["cannot_tell", "not_met"], "not_met"),
        (["met", "cannot_tell"], "cannot_tell"),
        (["met", "no_data"], "cannot_tell"),
        (["no_data", "no_data"], "no_data"),
        (["met", "no_target"], "met"),
        (["no_target"], "cannot_tell"),
        (["no_target", "no_data"], "cannot_tell"),
        (["not_met", "no_data"], "not_met"),
    ],
)
def test_several_measures_make_one_verdict(verdicts, expected):
    items = {
        f"a.{i}": measure(
            f"a.{i}", None if v == "no_data" else 5, v, None if v == "no_target" else GOAL,
            note=t("why"),
        )
        for i, v in enumerate(verdicts)
    }  # fmt: skip
    found = entry(Tie(measures=tuple(items)), measured=items)
    assert found.verdict == expected
    assert found.reason.en
    assert found.reason.zh


def test_nothing_is_met_without_a_number():
    with pytest.raises(ValueError, match="met without a number"):
        entry(Tie(measures=("a.b",)), measured={"a.b": measure("a.b", None, "met")})
    found = entry(Tie(measures=("a.b",)), measured={"a.b": measure("a.b", 11, "met")})
    with pytest.raises(ValueError, match="met without a number"):
        replace(found, items=())


def test_a_measure_that_was_not_run_is_no_data():
    found = entry(Tie(measures=("a.b",)))
    assert (found.verdict, found.reason.en) == ("no_data", "Not measured in this run.")


def test_what_cannot_be_measured_gives_its_reason():
    found = entry(Tie(none=t("because")))
    assert (found.verdict, found.reason.en, found.items) == ("not_measurable", "because", ())


FIGURE = Figure(
    id="f", title=t("figure f"), unit="km", operator=">=", value=30, source="x", clause="",
    confidence="S1",
)  # fmt: skip


def points(*pairs):
    return {"f": tuple(Dated(date=dt.date.fromisoformat(d), value=v, source="z") for d, v in pairs)}


def test_a_figure_counts_from_its_day_on():
    reported = points(("2021-06-01", 31), ("2020-03-01", 12))
    early = entry(Tie(figures=(FIGURE,)), reported=reported)
    late = entry(Tie(figures=(FIGURE,)), reported=reported, day=LATE)
    before = entry(Tie(figures=(FIGURE,)), reported=reported, day=dt.date(2019, 1, 1))
    assert [(e.verdict, e.items[0].value) for e in (before, early, late)] == [
        ("no_data", None),
        ("not_met", 12),
        ("met", 31),
    ]
    assert "enter 'f'" in before.reason.en
    assert (early.items[0].trend, late.items[0].trend.direction) == (None, "better")
    assert late.items[0].trend.date == dt.date(2020, 3, 1)
    assert len(early.items[0].series) == 2


@pytest.mark.parametrize(
    ("operator", "was", "now", "direction"),
    [
        (">=", 10, 12, "better"), (">=", 12, 10, "worse"), ("<=", 12, 10, "better"),
        ("<=", 10, 12, "worse"), (None, 10, 12, "up"), (None, 12, 10, "down"), (">=", 5, 5, "same"),
    ],
)  # fmt: skip
def test_trend_knows_which_way_is_good(operator, was, now, direction):
    figure = replace(FIGURE, operator=operator, value=30 if operator else None)
    reported = points(("2020-01-01", was), ("2020-02-01", now))
    trend = entry(Tie(figures=(figure,)), reported=reported).items[0].trend
    assert (trend.direction, trend.change) == (direction, now - was)


def test_trend_against_an_earlier_run():
    found = entry(
        Tie(measures=("a.b",)), measured={"a.b": measure("a.b", 11, "met")}, earlier={"a.b": 8}
    )
    assert (found.items[0].trend.earlier, found.items[0].trend.direction) == (8, "better")
    none = entry(Tie(measures=("a.b",)), measured={"a.b": measure("a.b", 11, "met")}, earlier={})
    assert none.items[0].trend is None


def test_counts():
    count = Count(
        id="facilities/x", title=t("things"), unit="count", layer="facilities", category="x",
        operator=">=", value=2, source="s", clause="", confidence="S1",
    )  # fmt: skip
    for number, verdict in ((None, "no_data"), (0, "not_met"), (2, "met")):
        found = entry(Tie(count=count), counted={"facilities/x": number})
        assert found.verdict == verdict
    assert "Give a local layer" in entry(Tie(count=count)).reason.en


@pytest.mark.parametrize(("day", "left"), [(EARLY, 213), (dt.date(2020, 12, 31), 0), (LATE, -366)])
def test_days_left(day, left):
    assert entry(Tie(none=t("x")), day=day).days_left == left
    assert entry(Tie(none=t("x")), day=day, deadline=None).days_left is None


@pytest.mark.parametrize(
    ("day", "due", "value"),
    [
        ("2020-06-01", "2020-12-31", 3),
        ("2021-06-01", "2021-12-31", None),
        ("2023-06-01", "2021-12-31", None),
    ],
)
def test_a_yearly_duty_falls_due_every_year_until_the_plan_ends(day, due, value):
    found = entry(
        Tie(figures=(FIGURE,)), row=Duty, every="year", deadline=None,
        reported=points(("2020-05-01", 3)), day=dt.date.fromisoformat(day),
    )  # fmt: skip
    assert (found.kind, found.deadline.isoformat(), found.items[0].value) == ("duty", due, value)


# --- on real cities --------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return the output of Monaco under the plan, and nothing else of it."""
    place = tmp_path_factory.mktemp("monaco")
    shutil.copytree(cityplan.sample(), place / "in")
    study = place / "in" / "study.toml"
    text = study.read_text(encoding="utf-8")
    more = 'standard = "cn-action-plan"\nplan = "mingguang-2020"\nreported = "figures.csv"'
    study.write_text(text.replace('standard = "cn-action-plan"', more), encoding="utf-8")
    (place / "in" / "figures.csv").write_text(FIGURES, encoding="gb18030")
    report = cityplan.run(place / "in")
    (place / "out").mkdir()
    document = json.dumps(results_document(report), ensure_ascii=False)
    (place / "out" / "results.json").write_text(document, encoding="utf-8")
    shutil.rmtree(place / "in")
    return place / "out"


@pytest.fixture(scope="module")
def document(folder):
    return read_results(folder)


def by_ref(ledger):
    return {e.ref: e for e in ledger.entries}


def test_document_keeps_the_schema(document):
    jsonschema.Draft202012Validator(results_schema()).validate(document)
    assert document["plan"]["id"] == "mingguang-2020"
    assert document["plan"]["territories"][0]["units"] == ["经开区"]
    assert len(document["ledger"]) == 69


@pytest.mark.parametrize("day", [EARLY, LATE])
def test_61_of_61_clauses_have_a_verdict_and_a_reason(document, day):
    ledger = ledger_of_document(document, as_of=day)
    assert len(ledger.clauses) == 61
    for e in ledger.entries:
        assert e.verdict in VERDICTS
        assert e.reason.en
        assert CHINESE.search(e.reason.zh)
        assert not CHINESE.search(re.sub(r"\(.*?\)", "", e.reason.en)), e.reason.en
        if e.verdict == "met":
            assert any(i.verdict == "met" and i.value is not None for i in e.items)
    found = {e.verdict for e in ledger.clauses}
    assert found == set(VERDICTS) - ({"met"} if day == EARLY else set())


def test_two_days_differ_as_they_should(document):
    early, late = (by_ref(ledger_of_document(document, as_of=day)) for day in (EARLY, LATE))
    changed = {ref for ref in early if early[ref].verdict != late[ref].verdict}
    assert changed == {"(二)2.(1)", "(一)3.(1)", "三(四)1"}
    assert (early["(二)2.(1)"].verdict, early["(二)2.(1)"].days_left) == ("not_met", 213)
    assert (late["(二)2.(1)"].verdict, late["(二)2.(1)"].days_left) == ("met", -366)
    assert late["(二)2.(1)"].items[0].trend.earlier == 0.8
    assert early["(一)3.(1)"].verdict == "not_met"
    assert late["(一)3.(1)"].verdict == "met"
    assert (early["三(四)1"].verdict, late["三(四)1"].verdict) == ("met", "no_data")
    assert (early["(二)1.(1)"].verdict, late["(二)1.(1)"].verdict) == ("not_met", "not_met")
    assert early["(二)1.(2)"].verdict == "cannot_tell"
    measured = ("(一)1.(1)", "(二)2.(3)", "(三)2.(2)")
    assert [early[r].items[0].value for r in measured] == [late[r].items[0].value for r in measured]
    assert all(late[r].days_left < 0 < early[r].days_left for r in measured)


def test_measures_are_the_runs(document):
    ledger = by_ref(ledger_of_document(document, as_of=LATE))
    values = {m["id"]: m["value"] for a in document["analyzers"] for m in a["measures"]}
    for e in ledger.values():
        for item in e.items:
            if item.id in values:
                assert item.value == values[item.id]
    assert ledger["(一)1.(1)"].verdict == "cannot_tell"
    assert "no percentage" in ledger["(三)1.(1)"].target.en


def test_an_earlier_run_gives_the_trend(document):
    before = json.loads(json.dumps(document))
    for analyzer in before["analyzers"]:
        for row in analyzer["measures"]:
            if row["id"] == "toilet_density.per_km2":
                row["value"] = 1.0
    found = by_ref(ledger_of_document(document, as_of=LATE, earlier=before))
    density = next(i for i in found["(二)2.(3)"].items if i.id == "toilet_density.per_km2")
    assert (density.trend.earlier, density.trend.direction) == (1.0, "better")
    assert found["(二)2.(1)"].items[0].trend.earlier == 0.8


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_cells_for_documents(document, lang):
    ledger = ledger_of_document(document, as_of=LATE)
    rows = ledger_rows(ledger, lang)
    assert len(rows) == len(ledger.entries)
    assert {len(row) for row in rows} == {len(ledger_header(lang))}
    sweeping = next(row for row in rows if row[0] == "(二)2.(1)")
    if lang == "zh":
        assert sweeping[2:4] == ("市城管执法局", "市生态环境分局")
        assert sweeping[5:10] == (
            "2020-12-31",
            "时限已过366天",
            "已达标",
            "86.5%",
            "改善 (2019-12-31: 80.0%)",
        )
    pilots = next(row for row in rows if row[0] == "(二)1.(1)")
    assert pilots[6] == {"en": "366 days overdue", "zh": "逾期366天"}[lang]
    assert "61" in ledger_summary(ledger, lang)


# --- the command -------------------------------------------------------------------------


def call(*words, **environment):
    return CliRunner(env=environment).invoke(main, ["ledger", *(str(word) for word in words)])


def test_the_command_reads_an_output_without_the_data(folder):
    shown = call(folder, "--as-of", "2022年1月1日", "--lang", "en")
    assert shown.exit_code == 0
    assert shown.stdout == ""
    assert "(二)2.(1)" in shown.stderr
    assert "61 clauses" in shown.stderr
    assert "overdue" in shown.stderr


def test_json_is_one_document(folder, document):
    shown = call(folder, "--as-of", "2020-06-01", "--json")
    found = json.loads(shown.stdout)
    assert found["as_of"] == "2020-06-01"
    expected = ledger_document(ledger_of_document(document, as_of=EARLY))
    assert found == json.loads(json.dumps(expected))


def test_the_command_measures_a_study(tmp_path):
    shown = call(ROOT / "sample_data" / "toy", "--plan", "mingguang-2020", "--json")
    rows = {row["ref"]: row for row in json.loads(shown.stdout)["ledger"]}
    assert len(rows) == 69
    assert rows["(一)1.(1)"]["verdict"] == "not_met"
    assert rows["(二)2.(3)"]["verdict"] == "not_met"
    assert rows["(三)2.(4)"]["verdict"] == "no_data"
    assert not list(tmp_path.iterdir())


def test_python_has_it_too(folder, document, tmp_path):
    expected = ledger_document(ledger_of_document(document, as_of=EARLY))
    for day in ("2020-06-01", EARLY):
        assert ledger_document(cityplan.ledger(folder, as_of=day)) == expected
    table = tmp_path / "figures.csv"
    table.write_text(FIGURES, encoding="gb18030")
    study = load_study(cityplan.sample("toy"), plan="mingguang-2020", reported=table)
    assert study.reported == table
    found = by_ref(cityplan.ledger(study, as_of=LATE, earlier=folder))
    assert found["(二)2.(1)"].main.value == 0.865
    assert found["(一)1.(1)"].main.trend is not None
    with pytest.raises(PlanError, match="without a plan"):
        cityplan.ledger(str(cityplan.sample("toy")))


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("--as-of", "gestern"), "'gestern' is no day"),
        (("--plan", "mingguang"), "did you mean 'mingguang-2020'?"),
        (("--plan", "none.toml"), "does not exist"),
        (("--earlier", "nowhere"), "holds no results.json"),
    ],
)
def test_wrong_options_are_one_sentence(folder, words, fault):
    shown = call(folder, *words, "--lang", "en")
    assert shown.exit_code == 1
    assert fault in shown.stderr
    assert "Traceback" not in shown.output


def test_a_study_without_a_plan_says_how_to_name_one():
    shown = call(ROOT / "sample_data" / "toy", "--lang", "en")
    assert (shown.exit_code, "--plan mingguang-2020" in shown.stderr) == (1, True)


def test_an_output_of_another_plan_has_to_be_named(document):
    other = document | {"plan": document["plan"] | {"sha256": "0"}}
    with pytest.raises(PlanError, match="--plan FILE"):
        ledger_of_document(other, as_of=LATE)
    assert ledger_of_document(other, plan="mingguang-2020", as_of=LATE).clauses
    with pytest.raises(PlanError, match="without a plan"):
        ledger_of_document(document | {"plan": None}, as_of=LATE)


def test_results_of_something_else(tmp_path):
    with pytest.raises(MissingFileError):
        read_results(tmp_path)
    for text in ("[]", "{", '{"analyzers": [{}]}'):
        (tmp_path / "results.json").write_text(text, encoding="utf-8")
        with pytest.raises(InputFileError, match=r"not a results\.json"):
            read_results(tmp_path)


def test_the_day_is_today_unless_named():
    assert day_of(None) == dt.datetime.now().astimezone().date()
    assert day_of("2020年12月") == dt.date(2020, 12, 31)
