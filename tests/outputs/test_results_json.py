import copy
import json
import math

import jsonschema
import numpy as np
import pytest

from cityplan.outputs.results_json import (
    plain,
    results_document,
    results_schema,
    write_results,
)
from cityplan.text import Text


def validator():
    jsonschema.Draft202012Validator.check_schema(results_schema())
    return jsonschema.Draft202012Validator(results_schema())


def numbers(value):
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from numbers(item)
    elif isinstance(value, float):
        yield value


def test_document_keeps_the_schema_and_holds_no_nan(report):
    document = results_document(report)
    validator().validate(document)
    assert all(math.isfinite(number) for number in numbers(document))
    assert list(document) == [
        "schema_version", "study", "standard", "analyzers", "plan", "ledger", "inputs", "checks",
        "quality", "provenance",
    ]  # fmt: skip


def test_measures_units_and_verdicts_are_the_report_s(report):
    toilets, own, skipped = results_document(report)["analyzers"]
    density = next(m for m in toilets["measures"] if m["id"] == "toilet_density.per_km2")
    assert (density["value"], density["low"], density["high"]) == (1.137, 1.02, 1.31)
    assert density["gap"] == pytest.approx(3 - 1.137)
    assert density["verdict"] == "not_met"
    assert density["target"]["low"] == 3
    assert density["target"]["high"] == 5
    assert "value" not in density["target"]
    assert density["title"]["zh"] == "建成区公厕密度"
    assert [row["unit"] for row in toilets["units"]][-1] == "outside units"
    assert [row["toilet_density.per_km2"] for row in toilets["units"]] == [1.2, None, 3.4, 2.96, 0]
    assert toilets["units"][0]["toilet_density.missing"] is None
    assert own["measures"][0]["definition_verified"] is False
    assert own["measures"][2]["value"] is None
    assert skipped["status"] == "skipped"
    assert skipped["reason"]["zh"] == "图层“streets”没有数据。"
    assert [m["id"] for m in skipped["measures"]] == ["dead_ends.count", "dead_ends.cause.through"]
    assert all(m["value"] is None for m in skipped["measures"])


def test_every_row_has_every_measure_id(report):
    for analyzer in results_document(report)["analyzers"]:
        ids = {measure["id"] for measure in analyzer["measures"]}
        assert all(set(row) == ids | {"unit"} for row in analyzer["units"])


def test_assumptions_stand_once(report):
    notes = results_document(report)["study"]["notes"]
    assert [note["en"] for note in notes] == ["Boundary: hull of the streets.", "Units as given."]


def test_file_is_the_same_every_time(report, tmp_path):
    for name in ("a", "b"):
        write_results(report, tmp_path / name)
    text = (tmp_path / "a").read_text(encoding="utf-8")
    assert text == (tmp_path / "b").read_text(encoding="utf-8")
    assert json.loads(text) == results_document(report)
    assert "公厕台账" in text


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.update(extra=1),
        lambda d: d["analyzers"][0]["measures"][1].update(verdict="maybe"),
        lambda d: d["analyzers"][0]["measures"][1]["target"].update(value=3),
        lambda d: d["analyzers"][0]["measures"][1].pop("gap"),
        lambda d: d["analyzers"][2].update(reason=None),
        lambda d: d["analyzers"][2]["measures"][0].update(value=1),
        lambda d: d["analyzers"][0]["units"][0].update({"toilet_density.count": "4"}),
        lambda d: d["inputs"]["toilets"].update(read=-1),
    ],
)
def test_schema_refuses_what_breaks_the_contract(report, spoil):
    document = copy.deepcopy(results_document(report))
    spoil(document)
    assert not validator().is_valid(document)


def test_plain_turns_anything_into_json_types():
    values = {"a": np.float64("nan"), "b": np.int64(3), "c": (Text(en="x", zh="某"), np.bool(1))}
    assert plain(values) == {"a": None, "b": 3, "c": [{"en": "x", "zh": "某"}, True]}
    assert plain(float("inf")) is None
