"""Land-use codes, titles and tags, and the layers one land-use source feeds."""

import re

import geopandas as gpd
import pytest
import shapely

from cityplan.errors import StudyError
from cityplan.sources.fields.land_use import SYSTEMS, classify, code_in, load_code_tables
from cityplan.sources.fields.mapping import derive_layers, map_fields
from cityplan.sources.layer_source import LayerSource


def plots(**columns):
    count = len(next(iter(columns.values())))
    shapes = [shapely.box(20 * n, 0, 20 * n + 10, 10) for n in range(count)]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4548")


def source(**fields):
    return LayerSource(path="yd.shp", **fields)


@pytest.mark.parametrize(
    ("system", "value", "use", "layer"),
    [
        ("gb50137", "R2", "residential", "residential_land"),
        ("gb50137", "R21", "residential", "residential_land"),
        ("gb50137", "R22", "institutional", "residential_land"),
        ("gb50137", "A33", "institutional", None),
        ("gb50137", "G1", "leisure", "parks"),
        ("gb50137", "G2", "green", "green"),
        ("gb50137", "G3", "square", None),
        ("gb50137", "S1", "transport", "road"),
        ("gb50137", "B11 零售商业用地", "commercial", None),
        ("gbt21010", "0701", "residential", "residential_land"),
        ("gbt21010", "701", "residential", "residential_land"),
        ("gbt21010", "0810", "leisure", "parks"),
        ("gbt21010", "0810A", "square", None),
        ("gbt21010", "1004", "transport", "road"),
        ("gbt21010", "08H2", "institutional", None),
        ("gbt21010", "1101", "water", "water"),
        ("ydyh", "070102", "residential", "residential_land"),
        ("ydyh", "0702", "institutional", None),
        ("ydyh", "1401", "leisure", "parks"),
        ("ydyh", "1207", "transport", "road"),
        ("ydyh", "1101", "industrial", None),
        ("ydyh", "城镇住宅用地", "residential", "residential_land"),
    ],
)
def test_codes(system, value, use, layer):
    found = load_code_tables()[system].find(value)
    assert (found.use, found.layer) == (use, layer)


@pytest.mark.parametrize(
    ("system", "value"),
    [
        ("gb50137", "X9"),
        ("gb50137", "G"),
        ("gb50137", "R2/B1"),
        ("gb50137", "0701"),
        ("gbt21010", "R2"),
        ("gbt21010", "99"),
        ("ydyh", "0810A1"),
        ("ydyh", "14"),
        ("ydyh", "外星用地"),
    ],
)
def test_codes_nobody_knows_are_not_guessed(system, value):
    assert load_code_tables()[system].find(value) is None


def test_tables_are_sound():
    from cityplan.model.layers import CATALOGUE

    for name in SYSTEMS:
        table = load_code_tables()[name]
        assert re.fullmatch(r"S[12]|K|V|S2\+K|S1\+K", table.confidence)
        assert table.source
        for code, land in table.classes.items():
            assert table.pattern.fullmatch(code), code
            assert land.layer in (None, "road", *CATALOGUE), code


def test_a_code_is_not_a_word():
    assert code_in("二类居住用地") is None
    assert code_in("R2 二类居住用地") == "R2"
    assert code_in("701.0") == "701"


def test_the_system_is_asked_for():
    with pytest.raises(StudyError, match=r"gb50137 \(100% of the codes\), gbt21010 \(0%"):
        map_fields(plots(YDDM=["R2", "A1", "G1"]), "land_use", source())


def test_one_source_feeds_several_layers():
    frame = plots(YDDM=["R2", "G1", "G2", "E1", "S1", "Z9", None], 面积=[1, 2, 3, 4, 5, 6, 7])
    layers = derive_layers(frame, source(code_system="gb50137"))
    assert {name: len(mapped.frame) for name, mapped in layers.items()} == {
        "land_use": 5,
        "residential_land": 1,
        "parks": 1,
        "green": 1,
        "water": 1,
    }
    land = layers["land_use"]
    assert land.rejected == {"land-use code or name not in the table of its system": 2}
    assert land.read == 7
    assert any("(blank): 1, Z9: 1" in note.en for note in land.notes)
    assert any("confidence S2+K" in note.en for note in land.notes)
    assert layers["parks"].frame.geometry.iloc[0].equals(frame.geometry.iloc[1])
    assert layers["parks"].frame["kind"].tolist() == ["park"]


def test_parks_from_a_file_of_codes():
    mapped = map_fields(plots(YDDM=["R2", "G1"]), "parks", source(code_system="gb50137"))
    assert len(mapped.frame) == 1
    assert mapped.rejected == {"land of another use": 1}


def test_titles_and_words_need_no_system():
    frame = plots(DLMC=["城镇住宅用地", "公园绿地", "工业", "河流水面", "什么"])
    layers = derive_layers(frame, source())
    assert layers["land_use"].frame["use"].tolist() == [
        "residential", "leisure", "industrial", "water",
    ]  # fmt: skip
    assert set(layers) == {"land_use", "residential_land", "parks", "water"}


@pytest.mark.parametrize(
    ("title", "use"),
    [
        ("在建用地", "construction"), ("商住混合用地", "residential"), ("铁路用地", "transport"),
        ("水田", "farmland"), ("果园", "orchard"), ("灌木林地", "forest"), ("附属绿地", "green"),
    ],
)  # fmt: skip
def test_titles_below_those_of_the_tables(title, use):
    assert classify([title], None, "x")[0].use == use


def test_a_column_of_numbers_has_lost_its_zeros():
    frame = plots(DLBM=[701.0, 810.0, 1004.0])
    layers = derive_layers(frame, source(code_system="gbt21010"))
    assert layers["land_use"].frame["use"].tolist() == ["residential", "leisure", "transport"]


def test_codes_in_a_column_called_landuse_are_codes():
    layers = derive_layers(plots(landuse=["R2", "G1"]), source(code_system="gb50137"))
    assert set(layers) == {"land_use", "residential_land", "parks"}


def test_land_use_of_geofabrik(data_file):
    frame = gpd.read_file(data_file("hangzhou/hangzhou_xixi.gpkg"), layer="landuse_geofabrik")
    layers = derive_layers(frame, source())
    classes = frame["fclass"].value_counts()
    assert len(layers["residential_land"].frame) == classes["residential"] == 241
    parks = ["park", "nature_reserve", "recreation_ground"]
    assert len(layers["parks"].frame) == classes[parks].sum() == 45
    assert len(layers["green"].frame) == classes[["grass", "forest"]].sum() == 169
    # only the nature reserve is no land use by the rules of tags.toml
    assert layers["land_use"].rejected == {"its tags do not belong to this layer": 1}
    assert "water" not in layers


def test_codes_of_a_real_plan(data_file):
    frame = gpd.read_file(data_file("traps/wrong_prj/land.shp"))
    layers = derive_layers(frame, source(code_system="gb50137"))
    assert len(layers["land_use"].frame) + sum(layers["land_use"].rejected.values()) == 79
    assert len(layers["residential_land"].frame) == frame["Layer"].str.startswith("R").sum()
