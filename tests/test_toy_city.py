"""The toy city against its answers, worked out by hand in sample_data/toy/README.md."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

import cityplan

ROOT = Path(__file__).parent.parent
TOY = ROOT / "sample_data" / "toy"
ANSWERS = json.loads((TOY / "answers.json").read_text(encoding="utf-8"))
ORIGIN = (500_000, 3_542_000)
DRAWN = ("toy.osm", "boundary.geojson", "built_up.geojson", "units.geojson")
# The avenue ends twice, 13 m to either side of its middle.
PLACE_M = 14.0


@pytest.fixture(scope="session")
def report():
    return cityplan.run(TOY)


@pytest.fixture(scope="session")
def measures(report):
    return {measure.id: measure for result in report.results for measure in result.measures}


@pytest.fixture(scope="session")
def unit_rows(report):
    """Return unit -> measure id -> value, over all analyzers."""
    rows = {}
    for result in report.results:
        for row in result.units.drop(columns="geometry").to_dict("records"):
            rows.setdefault(row.pop("unit"), {}).update(row)
    return rows


def agrees(measure_id, expected, found):
    if expected is None or found is None or math.isnan(found):
        return expected is None and (found is None or math.isnan(found))
    tolerance = ANSWERS["tolerance"].get(measure_id, ANSWERS["tolerance"]["default"])
    return math.isclose(expected, found, rel_tol=tolerance["rel"], abs_tol=tolerance["abs"])


def place(end):
    point = end.geometry
    return point.x - ORIGIN[0], point.y - ORIGIN[1]


def test_answers_and_program_know_the_same_measures(report, measures):
    assert set(measures) == set(ANSWERS["city"])
    assert report.standard.id == ANSWERS["standard"]
    assert report.area.crs.to_epsg() == 4548


@pytest.mark.parametrize("measure_id", ANSWERS["city"])
def test_city(measures, measure_id):
    measure, answer = measures[measure_id], dict(ANSWERS["city"][measure_id])
    if "verdict" in answer:
        assert measure.verdict == answer.pop("verdict")
    assert answer
    for name, expected in answer.items():
        assert agrees(measure_id, expected, getattr(measure, name)), name


@pytest.mark.parametrize("unit", ANSWERS["units"])
def test_unit(unit_rows, unit):
    found, expected = unit_rows[unit], ANSWERS["units"][unit]
    assert set(found) == set(expected)
    wrong = {
        key: (value, found[key])
        for key, value in expected.items()
        if not agrees(key, value, found[key])
    }
    assert not wrong


def test_units_are_all_and_nothing_lies_outside_them(unit_rows):
    assert list(unit_rows) == list(ANSWERS["units"])


@pytest.mark.parametrize("answer", ANSWERS["dead_ends"], ids=lambda end: f"{end['x']},{end['y']}")
def test_dead_end_has_its_cause(report, answer):
    shapes = report["dead_ends"].shapes
    ends = [end for role in ("gap", "context") for end in shapes[role].itertuples()]
    near = [end for end in ends if math.dist(place(end), (answer["x"], answer["y"])) < PLACE_M]
    assert [(end.kind, end.unit) for end in near] == [(answer["cause"], answer["unit"])]


def test_there_are_no_other_dead_ends(report):
    shapes = report["dead_ends"].shapes
    assert len(shapes["gap"]) + len(shapes["context"]) == len(ANSWERS["dead_ends"])
    assert set(shapes["gap"]["kind"]) == {"through"}


def test_the_missing_link_leads_to_the_road_ahead(report):
    links = report["dead_ends"].shapes["proposal"]
    assert len(links) == 1
    assert links.length.iloc[0] == pytest.approx(40, abs=0.05)


def test_categories_that_are_not_in_the_data_have_no_value(measures):
    without = {
        key.removeprefix("life_circle.reach.")
        for key, measure in measures.items()
        if key.startswith("life_circle.reach.") and measure.value is None
    }
    assert without == set(ANSWERS["not_in_the_data"])
    for category in without:
        assert "Not found in the data" in measures[f"life_circle.reach.{category}"].note.en


def test_demand(report):
    answer = ANSWERS["demand"]
    circle = report["life_circle"].shapes
    weight = sum(circle[role]["weight"].sum() for role in ("gap", "served"))
    homes = sum(circle[role]["homes"].sum() for role in ("gap", "served"))
    assert weight == pytest.approx(answer["floor_area_m2"], rel=2e-4)
    assert report.provenance["demand_points"] == homes
    lost = next(note.en for note in report["life_circle"].notes if "not attached" in note.en)
    assert lost.startswith(f"{answer['unsnapped_m2'] / answer['floor_area_m2']:.1%} of demand")


def test_demand_points_are_homes_and_land():
    from cityplan.model.city import City
    from cityplan.model.standard import load_standard

    inputs = cityplan.check(TOY)
    demand = City(inputs.area, inputs.layers, load_standard("cn-action-plan")).demand
    answer = ANSWERS["demand"]
    on_grid = len(demand) - answer["homes"]
    assert on_grid > 0
    per_point = answer["grid_land_m2"] / on_grid
    assert (abs(demand.weight - per_point) < per_point * 1e-3).sum() == on_grid
    assert demand.weight.sum() == pytest.approx(answer["floor_area_m2"], rel=2e-4)


def test_toilets_missing_summed_over_units(measures):
    summed = ANSWERS["toilets_missing_summed_over_units"]
    assert measures["toilet_density.missing"].note.en.endswith(f": {summed}.")


def test_the_script_draws_the_same_city_byte_for_byte(tmp_path):
    script = ROOT / "scripts" / "make_toy_city.py"
    subprocess.run([sys.executable, script, tmp_path], check=True, cwd=tmp_path)
    for name in DRAWN:
        assert (tmp_path / name).read_bytes() == (TOY / name).read_bytes(), name
