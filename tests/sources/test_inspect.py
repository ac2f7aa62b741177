"""What `cityplan inspect` proposes is a block a study file can take."""

import tomllib
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from cityplan.errors import InputFileError
from cityplan.sources.fields.mapping import map_fields
from cityplan.sources.files.raw import RawLayer
from cityplan.sources.inspect import inspect
from cityplan.sources.layer_source import LayerSource
from cityplan.text import Text


def named(*names):
    return lambda _: [SimpleNamespace(name=name) for name in names]


def opened(frame, encoding=""):
    def read(source, *, what):
        assert isinstance(what, Text)
        return RawLayer(frame=frame, source=str(source.path), sha256="0", encoding=encoding)

    return read


def table(geometry="point", crs=None, **columns):
    count = len(next(iter(columns.values())))
    shapes = {
        "point": [shapely.Point(117 + n / 1000, 32) for n in range(count)],
        "line": [shapely.LineString([(n, 0), (n, 50)]) for n in range(count)],
        "polygon": [shapely.box(n, 0, n + 0.5, 1) for n in range(count)],
    }[geometry]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)


def inspected(path, read, *names, lang="zh"):
    """Inspect what ``read`` answers for the layers named, whatever is on the disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cityplan.sources.inspect.read_raw", read)
        patch.setattr("cityplan.sources.inspect.list_layers", named(*names))
        return inspect(path, lang=lang)


def look(frame, name, lang="zh", *, encoding=""):
    path = Path(name)
    return inspected(path, opened(frame, encoding), path.stem, lang=lang).layers[0]


def source_in(block):
    """Return layer and source of a block, as a study would read it."""
    ((layer, fields),) = tomllib.loads(block)["layers"].items()
    return layer, LayerSource(**fields)


TOILETS = {
    "公厕名称": ["a", "b"],
    "经度": [117.1, 117.2],
    "女厕位": [3, 4],
    "男厕位": [1, 2],
    "男小便位": [2, 2],
}


@pytest.mark.parametrize(
    ("name", "frame", "layer"),
    [
        ("公厕台账.csv", table(**TOILETS), "toilets"),
        ("export.csv", table(**TOILETS), "toilets"),
        ("道路中心线.shp", table("line", MC=["a"], 等级=["主干路"]), "streets"),
        ("x.shp", table("line", DLMC=["a"], 道路等级=["主干路"], 车道数=[4]), "streets"),
        ("road.shp", table("line", Id=[0]), "streets"),
        ("x.shp", table("polygon", 房屋用途=["住宅", "厂房"], 层数=[6, 1]), "buildings"),
        ("社区人口.shp", table("polygon", 社区=["a"], 常住人口=[9]), "population"),
        ("x.shp", table("polygon", YDDM=["R2", "G1"]), "land_use"),
        ("国土调查.shp", table("polygon", DLMC=["城镇住宅用地", "水田"]), "land_use"),
        ("学校.xlsx", table(名称=["文一小学", "文二中学"]), "facilities"),
        ("poi.csv", table(name=["a", "b"], typecode=["141203", "050100"]), "facilities"),
        ("公园.shp", table("polygon", 名称=["a"]), "parks"),
        ("围墙.dxf", table("line", Layer=["WQ"]), "barriers"),
        ("道路面.shp", table("polygon", 名称=["a"]), "road_surface"),
        ("水系.shp", table("polygon", 名称=["a"]), "water"),
    ],
)
def test_the_layer_is_recognised(name, frame, layer):
    view = look(frame, name)
    assert view.fits[0].layer == layer, view.fits
    assert source_in(view.toml)[0] == layer


def test_geometry_outweighs_the_name():
    assert look(table("line", Id=[0, 1]), "公厕.shp").fits == ()
    assert look(table("line", Id=[0, 1]), "公厕.shp").toml == ""


def test_the_block_reads_as_the_file_was_understood():
    frame = table(**TOILETS)
    view = look(frame, "公厕台账.csv", encoding="GB18030")
    layer, source = source_in(view.toml)
    assert source.encoding == "GB18030"
    assert source.columns["male_places"] == "男厕位 + 男小便位"
    by_block = map_fields(frame, layer, source)
    by_itself = map_fields(frame, layer, LayerSource(path="公厕台账.csv"))
    pd.testing.assert_frame_equal(
        pd.DataFrame(by_block.frame.drop(columns="geometry")),
        pd.DataFrame(by_itself.frame.drop(columns="geometry")),
    )


def test_road_classes_survive_the_block():
    frame = table("line", MC=["a", "b"], 道路等级=["主干路", "快速路"])
    layer, source = source_in(look(frame, "路网.shp").toml)
    assert map_fields(frame, layer, source).frame["road_class"].tolist() == [
        "arterial", "expressway",
    ]  # fmt: skip


def test_fields_with_samples():
    view = look(table(**TOILETS), "公厕台账.csv")
    by_name = {field.name: field for field in view.fields}
    assert by_name["女厕位"].becomes == "female_places"
    assert by_name["男小便位"].becomes == "male_places"
    assert by_name["女厕位"].samples == ("3", "4")
    assert by_name["女厕位"].kind == "number"
    assert by_name["经度"].becomes == ""
    assert view.rows == 2
    assert view.geometry == {"Point": 2}


def test_a_system_of_codes_is_offered_not_chosen():
    view = look(table("polygon", YDDM=["R2", "G1", "S1"]), "用地.shp", "en")
    _, source = source_in(view.toml)
    assert source.code_system is None
    assert '# code_system = "gb50137"  # GB 50137-2011 urban land classes: 100%' in view.toml
    assert '# code_system = "ydyh"' in view.toml
    chosen = view.toml.replace('# code_system = "gb50137"', 'code_system = "gb50137"')
    assert source_in(chosen)[1].code_system == "gb50137"


def test_unknown_coordinates_are_said_and_explained():
    view = look(table(**TOILETS), "公厕.csv", "en")
    assert '# datum = "wgs84"' in view.toml
    assert any("117.001°E 32.000°N" in note.en for note in view.notes)
    known = look(table(crs="EPSG:4490", **TOILETS), "公厕.csv")
    assert "datum" not in known.toml
    assert known.crs.startswith("EPSG:4490")
    assert not any("°E" in note.en for note in known.notes)


def test_names_that_would_break_toml():
    hostile = 'a"b\\c\n[layers.x]\x7f\x01'
    frame = table(**{hostile: ["x"], "女厕位": [1]}).rename(columns={"女厕位": hostile + "2"})
    given = table(**{"名称": ["x"], "女厕位\"]\n'": [1], "女厕位": [2]})
    for sheet in (frame, given):
        view = look(sheet, 'x"公厕\n\x7f.csv')
        layer, source = source_in(view.toml)
        assert layer == "toilets"
        assert str(source.path) == 'x"公厕\n\x7f.csv'


def test_one_bad_sheet_of_several_does_not_hide_the_others():
    def read(source, *, what):
        if source.layer == "说明":
            raise InputFileError(Text(en="no coordinates", zh="没有坐标"))
        return opened(table(**TOILETS))(source, what=what)

    found = inspected(Path("x.xlsx"), read, "说明", "公厕")
    assert [note.en for note in found.layers[0].notes] == ["no coordinates"]
    layer, source = source_in(found.toml)
    assert (layer, source.layer) == ("toilets", "公厕")


def test_a_file_that_cannot_be_read_is_an_error():
    def read(source, *, what):
        raise InputFileError(Text(en=f"{source.path}: broken", zh=what.zh))

    with pytest.raises(InputFileError, match="broken"):
        inspected(Path("x.csv"), read, "x")


def test_a_real_file_of_several_layers(data_file):
    found = inspect(data_file("hangzhou/hangzhou_xixi.gpkg"))
    best = {view.name: view.fits[0].layer for view in found.layers if view.fits}
    assert best == {
        "roads_directed_osmnx_drive": "streets",
        "amenities_osm_2024": "facilities",
        "landuse_geofabrik": "land_use",
        "water_geofabrik": "water",
    }
    blocks = tomllib.loads(found.toml)["layers"]
    assert {LayerSource(**fields).layer for fields in blocks.values()} == set(best)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_file_without_rows_is_named_once(tmp_path, lang):
    path = tmp_path / "空表.csv"
    path.write_text("名称,经度,纬度\n", encoding="utf-8")
    with pytest.raises(InputFileError) as error:
        inspect(path)
    assert error.value.in_language(lang).count("空表.csv") == 1
