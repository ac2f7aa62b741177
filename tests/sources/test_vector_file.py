"""Formats of GDAL and GeoParquet: what goes in comes out."""

import shutil
import sqlite3
import struct
import zipfile

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from cityplan.errors import InputFileError, MissingFileError, StudyError
from cityplan.sources.files.open_source import list_layers

WRITERS = {
    ".gpkg": {},
    ".geojson": {},
    ".fgb": {},
    ".shp": {"encoding": "UTF-8"},
    ".kml": {"driver": "LIBKML"},
    ".kmz": {"driver": "LIBKML"},
    ".gdb": {"driver": "OpenFileGDB"},
}
IN_DEGREES = (".geojson", ".kml", ".kmz")


def saved(frame, path):
    if path.suffix in IN_DEGREES:
        frame = frame.to_crs("EPSG:4326")
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path, **WRITERS[path.suffix])
    return frame


@pytest.mark.parametrize("suffix", [*WRITERS, ".parquet"])
def test_every_format(parks, read, tmp_path, suffix):
    path = tmp_path / f"公园{suffix}"
    expected = saved(parks, path)
    layer = read(path)
    rows = layer.frame.sort_values("面积", ignore_index=True)
    expected = expected.sort_values("面积", ignore_index=True)
    assert rows["名称"].tolist() == expected["名称"].tolist()
    assert rows["面积"].astype(float).tolist() == expected["面积"].tolist()
    assert rows.geometry.geom_equals_exact(expected.geometry, 1e-6).all() or (
        shapely.equals_exact(shapely.normalize(rows.geometry.to_numpy()),
                             shapely.normalize(expected.geometry.to_numpy()), 1e-6).all()
        or shapely.symmetric_difference(rows.geometry, expected.geometry).area.max() < 1e-9
    )  # fmt: skip
    assert rows.crs == expected.crs
    assert layer.source.startswith(path.name)
    assert len(layer.sha256) == 64
    assert (layer.rejected, layer.repaired) == ({}, {})
    assert max(list_layers(path), key=lambda info: info.rows).rows == 3


def test_the_hash_changes_with_any_part_of_a_shapefile(parks, read, tmp_path):
    path = tmp_path / "a.shp"
    saved(parks, path)
    before = read(path).sha256
    assert read(path).sha256 == before
    path.with_suffix(".prj").unlink()
    layer = read(path)
    assert layer.sha256 != before
    assert layer.frame.crs is None


@pytest.mark.parametrize("old_names", [False, True])
def test_a_zip_with_a_shapefile_in_a_chinese_folder(
    parks, write_shapefile, read, pack, tmp_path, old_names
):
    shapefile = write_shapefile(parks, tmp_path / "公园.shp", "GB18030")
    path = pack(tmp_path / "资料 [1].zip", shapefile, "规划数据/2024年", old_names=old_names)
    before = sorted(tmp_path.rglob("*"))
    layer = read(path)
    assert layer.frame["名称"].tolist() == parks["名称"].tolist()
    assert layer.encoding == "GB18030"
    assert list_layers(path) == [("公园", "Polygon", 3)]
    assert sorted(tmp_path.rglob("*")) == before


def test_a_zip_with_several_shapefiles(parks, write_shapefile, read, refuses, pack, tmp_path):
    path = tmp_path / "all.zip"
    for name in ("公园", "绿地"):
        shapefile = write_shapefile(parks, tmp_path / f"{name}.shp", "GB18030", cpg="GBK")
        pack(path, shapefile, "a")
    pack(path, shapefile, "b")
    assert [layer.name for layer in list_layers(path)] == ["公园", "a/绿地/绿地", "b/绿地/绿地"]
    refuses(path, StudyError, """3 layers: '公园' (Polygon, 3), 'a/绿地/绿地' (Polygon, 3)""")
    refuses(path, StudyError, "no layer '公元': it has 公园", layer="公元")
    assert read(path, layer="公园").source == "all.zip: 公园"
    assert len(read(path, layer="b/绿地/绿地").frame) == 3


def test_a_zip_with_a_geodatabase(parks, read, tmp_path):
    saved(parks, tmp_path / "city.gdb")
    archive = shutil.make_archive(tmp_path / "city", "zip", tmp_path, "city.gdb")
    layer = read(archive)
    assert layer.frame["名称"].tolist() == parks["名称"].tolist()
    assert layer.frame.crs == parks.crs


def test_one_of_several_layers(parks, read, refuses, tmp_path):
    path = tmp_path / "city.gpkg"
    parks.to_file(path, layer="公园")
    parks.head(0).to_file(path, layer="空")
    layer = read(path)
    assert layer.source == "city.gpkg: 公园"
    assert "only '公园' holds features" in layer.notes[0].en
    parks.head(1).to_file(path, layer="绿地")
    refuses(path, StudyError, 'Say which, for example layer = "公园"')
    assert len(read(path, layer="绿地").frame) == 1
    refuses(path, InputFileError, "holds no features", layer="空")


def test_settings_without_effect_are_named(parks, read, tmp_path):
    parks.to_file(tmp_path / "a.gpkg")
    layer = read(tmp_path / "a.gpkg", encoding="GBK", x="面积")
    assert "whose format settles it: encoding, x." in layer.notes[0].en


def test_a_table_of_styles_is_no_layer_to_choose(parks, read, refuses, tmp_path):
    path = tmp_path / "qgis.gpkg"
    parks.to_file(path, layer="公园")
    pyogrio.write_dataframe(pd.DataFrame({"styleQML": ["<qgis>"]}), path, layer="layer_styles")
    assert read(path).source == "qgis.gpkg: 公园"
    refuses(path, InputFileError, "is a table without geometry", layer="layer_styles")


def test_the_third_dimension_is_dropped(read, tmp_path):
    shape = shapely.from_wkt("POLYGON Z ((0 0 5, 1 0 5, 1 1 5, 0 0 5))")
    gpd.GeoDataFrame({"a": [1]}, geometry=[shape], crs=4548).to_file(tmp_path / "a.gpkg")
    assert not read(tmp_path / "a.gpkg").frame.geometry.has_z.any()


def test_arcs_become_segments(read, tmp_path):
    """A half disc of radius 1 as CURVEPOLYGON: its area is a little under pi / 2."""
    path = tmp_path / "arc.gpkg"
    frame = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4548)
    frame.to_file(path, layer="arc", layer_options={"SPATIAL_INDEX": "NO"})
    arc = struct.pack("<BII6d", 1, 8, 3, -1, 0, 0, 1, 1, 0)
    chord = struct.pack("<BII4d", 1, 2, 2, 1, 0, -1, 0)
    ring = struct.pack("<BII", 1, 9, 2) + arc + chord
    curve = struct.pack("<BII", 1, 10, 1) + ring
    with sqlite3.connect(path) as base:
        head = base.execute("select geom from arc").fetchone()[0][:8]
        for trigger in base.execute(
            "select name from sqlite_master where type = 'trigger'"
        ).fetchall():
            base.execute(f'drop trigger "{trigger[0]}"')
        base.execute("update gpkg_geometry_columns set geometry_type_name = 'CURVEPOLYGON'")
        base.execute("update arc set geom = ?", (head[:3] + b"\x01" + head[4:] + curve,))
    base.close()
    area = read(path).frame.area.iloc[0]
    assert 1.56 < area < 1.5708


def test_rows_without_geometry_stay(read, tmp_path):
    frame = gpd.GeoDataFrame({"a": [1, 2]}, geometry=[shapely.Point(1, 2), None], crs=4548)
    frame.to_file(tmp_path / "a.gpkg")
    assert read(tmp_path / "a.gpkg").frame.geometry.isna().tolist() == [False, True]


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_an_incomplete_shapefile(parks, refuses, tmp_path, part):
    path = tmp_path / "a.shp"
    saved(parks, path)
    path.with_suffix(part).unlink()
    refuses(path, InputFileError, f"a Shapefile needs .shp, .shx and .dbf, {part} is missing")


def test_suffixes_in_capitals(parks, read, tmp_path):
    saved(parks, tmp_path / "a.shp")
    for file in list(tmp_path.iterdir()):
        file.rename(file.with_suffix(file.suffix.upper()))
    layer = read(tmp_path / "a.SHP")
    assert layer.frame["名称"].tolist() == parks["名称"].tolist()
    assert layer.encoding == "UTF-8"
    assert layer.frame.crs == parks.crs


def test_parquet_without_geometry_is_a_table(read, refuses, tmp_path):
    path = tmp_path / "a.parquet"
    table = pd.DataFrame({"经度": [117.9, 0.0, 118.0], "纬度": [32.7, 0.0, 32.8], "n": [1, 2, 3]})
    table.to_parquet(path)
    layer = read(path)
    assert shapely.get_x(layer.frame.geometry).tolist() == [117.9, 118.0]
    assert layer.rejected == {"no coordinates": 1}
    assert list_layers(path) == [("a", "", 3)]
    table[["n"]].to_parquet(path)
    refuses(path, InputFileError, "has no columns of coordinates among n")


def test_kml_in_folders_is_read_layer_by_layer(read, refuses, tmp_path):
    place = "<Placemark><name>{}</name><Point><coordinates>117.9,32.7,5</coordinates></Point></Placemark>"
    folders = "".join(
        f"<Folder><name>{name}</name>{place.format(name)}</Folder>" for name in ("公厕", "公园")
    )
    kml = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{folders}</Document></kml>'
    path = tmp_path / "a.kml"
    path.write_text(kml, encoding="utf-8")
    refuses(path, StudyError, "2 layers: '公厕'")
    assert read(path, layer="公园").frame["Name"].tolist() == ["公园"]


def test_what_cannot_be_found_or_read(parks, refuses, tmp_path):
    refuses(tmp_path / "no.gpkg", MissingFileError, "does not exist: check the path")
    refuses(tmp_path / ("x" * 300 + ".gpkg"), MissingFileError, "does not exist")
    saved(parks, tmp_path / "a.shp")
    refuses(tmp_path / "a.dbf", InputFileError, "only a part of a Shapefile: give the .shp")
    (tmp_path / "folder.shp").mkdir()
    refuses(tmp_path / "folder.shp", InputFileError, "is a folder")
    (tmp_path / "a.tif").write_bytes(b"II*")
    refuses(tmp_path / "a.tif", InputFileError, "give one of .gpkg .shp")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    refuses(tmp_path / "a.zip", InputFileError, "is an archive without map data")


@pytest.mark.data
def test_real_traps(data_file, read):
    layer = read(data_file("traps/no_prj/mainroad.shp"))
    assert (len(layer.frame), layer.frame.crs) == (3, None)
    layer = read(data_file("traps/wrong_prj/land.shp"))
    assert len(layer.frame) == 79
    assert layer.frame.crs.is_geographic
    assert layer.frame.total_bounds.max() > 1000
