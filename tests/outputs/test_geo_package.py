import dataclasses

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
from hand_made import FORMULA, SCRIPT, UTM

from cityplan.outputs.geo_package import write_layers
from cityplan.outputs.gis_layers import safe_name
from cityplan.outputs.results_json import results_document


@pytest.fixture
def package(report, tmp_path):
    path = tmp_path / "layers.gpkg"
    write_layers(report, path)
    return path


def test_layers(package):
    layers = dict(pyogrio.list_layers(package).tolist())
    assert layers == {
        "boundary": "MultiPolygon",
        "built_up": "MultiPolygon",
        "units": "MultiPolygon",
        "toilet_density_served": "MultiPolygon",
        "toilet_density_gap": "MultiPolygon",
        "toilet_density_facility": "Point",
        "toilet_density_proposal": "Point",
        "my_own_context": "MultiLineString",
        "my_own_gap": "Point",
        "data_dictionary": None,
        "about": None,
    }
    for name, kind in layers.items():
        if kind is not None:
            assert gpd.read_file(package, layer=name).crs == UTM
    assert list(package.parent.iterdir()) == [package]


def test_units_hold_the_numbers_of_results_json(package, report):
    units = gpd.read_file(package, layer="units").set_index("unit")
    for analyzer in results_document(report)["analyzers"][:2]:
        for row in analyzer["units"]:
            for measure_id in (m["id"] for m in analyzer["measures"]):
                value = units.loc[row["unit"], measure_id.replace(".", "_")]
                expected = row[measure_id]
                assert np.isnan(value) if expected is None else value == expected
    assert units.geometry["outside units"] is None


def test_attributes_survive_as_they_are(package, toilets):
    gaps = gpd.read_file(package, layer="toilet_density_gap")
    assert gaps["name"].tolist() == toilets.shapes["gap"]["name"].tolist()
    assert gaps["name"][0] == SCRIPT
    assert gaps["lacks"][1] == FORMULA
    assert gaps.area.sum() == pytest.approx(toilets.shapes["gap"].area.sum())


def test_dictionary_says_what_each_column_means(package):
    table = pyogrio.read_dataframe(package, layer="data_dictionary")
    told = set(zip(table["layer"], table["column"], strict=True))
    for name, kind in pyogrio.list_layers(package).tolist():
        if kind is not None:
            columns = pyogrio.read_info(package, layer=name)["fields"]
            assert {(name, column) for column in columns} <= told
    row = table[table["column"] == "toilet_density_per_km2"].iloc[0]
    assert (row["meaning_zh"], row["unit"]) == ("建成区公厕密度", "1/km2")


def test_credits_travel_with_the_data(package):
    about = pyogrio.read_dataframe(package, layer="about").set_index("key")["value"]
    assert "© OpenStreetMap contributors, ODbL" in about["attribution"]


def test_same_report_same_file(package, report, tmp_path):
    write_layers(report, tmp_path / "again.gpkg")
    assert package.read_bytes() == (tmp_path / "again.gpkg").read_bytes()
    write_layers(report, package)
    assert package.read_bytes() == (tmp_path / "again.gpkg").read_bytes()


def test_empty_layers_are_left_out(report, toilets, tmp_path):
    empty = toilets.shapes["gap"].iloc[:0]
    result = dataclasses.replace(toilets, shapes={"gap": empty})
    write_layers(dataclasses.replace(report, results=(result,)), tmp_path / "a.gpkg")
    assert "toilet_density_gap" not in pyogrio.list_layers(tmp_path / "a.gpkg")[:, 0]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("A.b-c", "a_b_c"),
        ("公厕", "column"),
        ("fid", "x_fid"),
        ("1x", "x_1x"),
        ("a" * 99, "a" * 60),
    ],
)
def test_names_are_safe(text, name):
    used = set()
    assert safe_name(text, used) == name
    assert safe_name(text, used) == f"{name[:58]}_2"
