import dataclasses
import re
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from hand_made import FORMULA, HOSTILE, SCRIPT, UTM
from matplotlib.colors import to_rgba

from cityplan.outputs.classes import judged_classes
from cityplan.outputs.geo_package import write_layers
from cityplan.outputs.gis_layers import safe_name
from cityplan.outputs.results_json import results_document
from cityplan.outputs.style import ROLES


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
        "layer_styles": None,
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


def test_dictionary_says_what_each_column_means_in_both_languages(package):
    table = pyogrio.read_dataframe(package, layer="data_dictionary")
    told = set(zip(table["layer"], table["column"], strict=True))
    for name, kind in pyogrio.list_layers(package).tolist():
        if kind is not None:
            columns = pyogrio.read_info(package, layer=name)["fields"]
            assert {(name, column) for column in (*columns, "geom", "")} <= told
    assert (table["meaning_en"].str.strip() != "").all()
    assert (table["meaning_zh"].str.strip() != "").all()
    row = table[table["column"] == "toilet_density_per_km2"].iloc[0]
    assert (row["meaning_zh"], row["unit"]) == ("建成区公厕密度", "1/km2")


def test_dictionary_explains_every_kind(package):
    table = pyogrio.read_dataframe(package, layer="data_dictionary")
    kinds = table[table["value"] != ""]
    told = dict(zip(kinds["layer"] + "." + kinds["value"], kinds["meaning_zh"], strict=True))
    assert told["toilet_density_gap.blind_spot"] == "盲区"
    assert told["my_own_gap.barrier_ahead"] == "前方为水系、铁路或快速路"
    for name in ("toilet_density_facility", "my_own_gap"):
        for kind in gpd.read_file(package, layer=name)["kind"]:
            assert f"{name}.{kind}" in told


def test_credits_and_citation_travel_with_the_data(package):
    about = pyogrio.read_dataframe(package, layer="about").set_index("key")["value"]
    assert "© OpenStreetMap contributors, ODbL" in about["attribution"]
    assert "cityplan 0.1.0" in about["citation_en"]
    assert "数据日期：2026-11-02" in about["citation_zh"]
    metadata = pyogrio.read_info(package, layer="boundary")["layer_metadata"]
    assert metadata["citation_zh"] == about["citation_zh"]


def styles(package):
    table = pyogrio.read_dataframe(package, layer="layer_styles")
    assert (table["f_table_schema"] == "").all()
    assert (table["f_geometry_column"] == "geom").all()
    return table


def options(element):
    return {row.get("name"): row.get("value") for row in element.iter("Option") if row.get("name")}


def test_every_layer_has_one_default_style_of_its_geometry(package):
    table = styles(package)
    layers = dict(pyogrio.list_layers(package).tolist())
    drawn = {name for name, kind in layers.items() if kind is not None}
    assert set(table["f_table_name"]) == drawn
    default = table[table["useAsDefault"]]
    assert sorted(default["f_table_name"]) == sorted(drawn)
    symbols = {"Point": "marker", "MultiLineString": "line", "MultiPolygon": "fill"}
    for row in table.itertuples():
        root = ET.fromstring(row.styleQML.split("\n", 1)[1])
        assert root.tag == "qgis"
        kinds = {symbol.get("type") for symbol in root.iter("symbol")}
        assert kinds == {symbols[layers[row.f_table_name]]}
        names = {symbol.get("name") for symbol in root.iter("symbol")}
        used = {row.get("symbol") for row in (*root.iter("rule"), *root.iter("category"))}
        assert used in (set(), names)


def rgba(color, opacity=1.0):
    return ",".join(str(round(part * 255)) for part in to_rgba(color, opacity))


def test_styles_have_the_colours_of_the_roles(package):
    table = styles(package).set_index("f_table_name")["styleQML"]
    for name in ("toilet_density_gap", "toilet_density_served", "toilet_density_proposal"):
        look = ROLES[name.rsplit("_", 1)[1]]
        told = options(ET.fromstring(table[name].split("\n", 1)[1]))
        assert told["outline_color"] == rgba(look.edge)
        if name != "toilet_density_proposal":
            assert rgba(look.fill, look.opacity) in table[name]
    assert 'value="b_diagonal"' in table["toilet_density_gap"]
    assert 'value="star"' in table["toilet_density_proposal"]


def test_kinds_are_categories_with_their_names(package):
    table = styles(package).set_index("f_table_name")["styleQML"]
    root = ET.fromstring(table["my_own_gap"].split("\n", 1)[1])
    assert root.find("renderer-v2").get("attr") == "kind"
    told = {row.get("value"): row.get("label") for row in root.iter("category")}
    assert told["through"] == "真断头路"
    assert len(told) == 3


def test_units_are_styled_by_the_breaks_of_the_target(package, report):
    table = styles(package)
    units = table[table["f_table_name"] == "units"]
    assert units["styleName"].tolist() == ["建成区公厕密度", "my_own.walk_share 的标题"]
    root = ET.fromstring(units["styleQML"].iloc[0].split("\n", 1)[1])
    column = '"toilet_density_per_km2"'
    assert [rule.get("filter") for rule in root.find("renderer-v2/rules")] == [
        f"{column} >= 3",
        f"{column} >= 1.5 AND {column} < 3",
        f"{column} < 1.5",
        f"{column} IS NULL",
    ]
    goal = report.standard.target("toilet_density.per_km2")
    for row in judged_classes(goal, "zh"):
        assert rgba(row.color) in units["styleQML"].iloc[0]
    assert root.find("labeling/settings/text-style").get("fieldName") == "unit"


def test_mixed_shapes_become_layers_of_one_type_each(report, toilets, tmp_path):
    frame = toilets.shapes["facility"].copy()
    shapes = list(frame.geometry)
    shapes[0] = shapes[0].buffer(50)
    shapes[1] = shapely.GeometryCollection(
        [shapely.Point(0, 0), shapely.LineString([(0, 0), (9, 9)])]
    )
    mixed = dataclasses.replace(toilets, shapes={"facility": frame.set_geometry(shapes)})
    write_layers(dataclasses.replace(report, results=(mixed,)), tmp_path / "a.gpkg")
    layers = dict(pyogrio.list_layers(tmp_path / "a.gpkg").tolist())
    found = {name: kind for name, kind in layers.items() if "facility" in name}
    assert found == {
        "toilet_density_facility_points": "Point",
        "toilet_density_facility_lines": "MultiLineString",
        "toilet_density_facility_areas": "MultiPolygon",
    }
    rows = sum(pyogrio.read_info(tmp_path / "a.gpkg", layer=name)["features"] for name in found)
    assert rows == len(frame)


def test_hostile_names_stay_within_the_xml(report, own, tmp_path):
    gaps = own.shapes["gap"].assign(kind=[*HOSTILE[:3], 'a"b<&>'])
    hostile = dataclasses.replace(own, shapes={"gap": gaps})
    write_layers(dataclasses.replace(report, results=(hostile,)), tmp_path / "a.gpkg")
    table = styles(tmp_path / "a.gpkg").set_index("f_table_name")["styleQML"]
    root = ET.fromstring(re.sub(r"^<!DOCTYPE.*\n", "", table["my_own_gap"]))
    assert {row.get("value") for row in root.iter("category")} == set(gaps["kind"])


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
