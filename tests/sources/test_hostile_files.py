"""Files made to do harm, or damaged: each is refused in one sentence, or read as what it is."""

import io
import json
import random
import struct
import zipfile

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely

from cityplan.errors import InputFileError
from cityplan.sources.files.open_source import TABLES, VECTORS, list_layers

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><r><row><lon>&i;</lon><lat>1</lat></row></r>"
)
STEALER = BOMB.split("<!ENTITY")[0] + '<!ENTITY a SYSTEM "file:///etc/hostname">]><r>&a;</r>'
HIDDEN = "<!-- -->" * 20000 + BOMB.split("?>")[1]
POINT = '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"n": %s}, "geometry": {"type": "Point", "coordinates": [1, 2]}}]}'


@pytest.mark.parametrize("text", [BOMB, STEALER, HIDDEN])
@pytest.mark.parametrize("name", ["a.xml", "a.kml", "a.kmz"])
def test_xml_with_entities_is_refused_unread(tmp_path, refuses, text, name):
    path = tmp_path / name
    if name == "a.kmz":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("doc.kml", text)
    else:
        path.write_text(text, encoding="utf-16" if text is STEALER else "utf-8")
    refuses(path, InputFileError, "declares a document type")


def test_xml_nested_without_end(tmp_path, refuses):
    (tmp_path / "a.xml").write_text("<a>" * 100_000, encoding="utf-8")
    refuses(tmp_path / "a.xml", InputFileError, "nested too deeply")


def test_names_that_lead_out_of_an_archive(parks, write_shapefile, read, pack, tmp_path):
    shapefile = write_shapefile(parks, tmp_path / "a.shp", "GB18030", cpg="GBK")
    place = tmp_path / "x" / "y"
    place.mkdir(parents=True)
    path = pack(place / "a.zip", shapefile, "")
    for folder in ("..", "../..", "b/../..", "/tmp", "C:\\", "..\\"):  # noqa: S108
        pack(path, shapefile, folder)
    before = sorted(tmp_path.rglob("*"))
    layer = read(path)
    assert len(layer.frame) == 3
    assert "lead out of the archive" in layer.notes[0].en
    assert sorted(tmp_path.rglob("*")) == before
    assert [info.name for info in list_layers(path)] == ["a"]


@pytest.fixture(scope="module")
def swelling():
    """Return an archive with 600 MB of nothing in half a megabyte."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("a.kml", "w") as stream,
    ):
        for _ in range(600):
            stream.write(bytes(2**20))
    return target.getvalue()


@pytest.mark.parametrize("name", ["a.zip", "a.kmz", "a.xlsx"])
def test_archives_that_swell(tmp_path, refuses, swelling, name):
    (tmp_path / name).write_bytes(swelling)
    refuses(tmp_path / name, InputFileError, "would unpack to 0.6 GB")


def test_an_archive_that_lies_about_its_size(tmp_path, refuses):
    path = tmp_path / "a.xlsx"
    openpyxl.Workbook().save(path)
    raw = bytearray(path.read_bytes())
    at = raw.index(b"PK\x01\x02")
    while at >= 0:
        raw[at + 24 : at + 28] = struct.pack("<I", 10)
        at = raw.find(b"PK\x01\x02", at + 4)
    path.write_bytes(raw)
    refuses(path, InputFileError, "is damaged")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.gpkg", '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd'),
        ("a.geojson", '{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline"}'),
        ("a.kml", '<OGRVRTDataSource><OGRVRTLayer name="a"/></OGRVRTDataSource>'),
        ("a.gdb", '<OGRVRTDataSource><OGRVRTLayer name="a"/></OGRVRTDataSource>'),
        ("a.shp", "/vsicurl/http://127.0.0.1/a.shp"),
        ("a.json", "https://127.0.0.1/a.json"),
        ("a.fgb", "PG:host=127.0.0.1"),
    ],
)
def test_what_would_make_gdal_look_elsewhere(tmp_path, refuses, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    refuses(tmp_path / name, InputFileError, "")


@pytest.mark.parametrize("suffix", [*VECTORS, *TABLES, ".parquet", ".dxf"])
def test_damaged_files_of_every_format(tmp_path, refuses, suffix):
    noise = random.Random(7)
    heads = (b"", b"PK\x03\x04", b"SQLite format 3\0", b"fgb\x03fgb\0", b"PAR1", b"{", b"<kml>",
             b"\x00\x00\x27\x0a", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xef\xbb\xbf", b"\xff\xfe")  # fmt: skip
    path = tmp_path / f"a{suffix}"
    for head in heads:
        path.write_bytes(head + noise.randbytes(300) + bytes(100))
        refuses(path, InputFileError, "")
    path.write_bytes(b"")
    refuses(path, InputFileError, "")


@pytest.mark.parametrize("suffix", [".gpkg", ".fgb", ".shp", ".geojson", ".parquet", ".kml"])
def test_files_cut_short(tmp_path, read, suffix):
    """Half a file is refused, or gives rows that it truly has, with a note."""
    path = tmp_path / f"a{suffix}"
    frame = gpd.GeoDataFrame(
        {"名称": [f"公园{i}" for i in range(500)]},
        geometry=shapely.points(np.arange(500) / 100, 1),
        crs=4326,
    )
    if suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path, driver="LIBKML" if suffix == ".kml" else None)
    raw = path.read_bytes()
    for share in (0.05, 0.3, 0.6, 0.95):
        path.write_bytes(raw[: int(len(raw) * share)])
        try:
            layer = read(path)
        except InputFileError:
            continue
        assert layer.notes
        there = layer.frame[~layer.frame.geometry.isna()]
        assert set(there["名称"].dropna()) <= set(frame["名称"])


def test_nul_bytes(tmp_path, refuses, read, parks, write_shapefile):
    (tmp_path / "a.csv").write_bytes(b"lon,lat,n\n1,2,a\0b\n")
    refuses(tmp_path / "a.csv", InputFileError, "NUL bytes")
    refuses(tmp_path / "a\0b.csv", FileNotFoundError, "")
    path = write_shapefile(parks, tmp_path / "a.shp", "GB18030")
    raw = path.with_suffix(".dbf").read_bytes()
    name = "人民公园".encode("gbk")
    path.with_suffix(".dbf").write_bytes(raw.replace(name + b"    ", name + b"\0  \0"))
    assert read(path).frame["名称"].iloc[0] == "人民公园"


def test_html_and_formulas_are_only_text(tmp_path, read):
    words = ["<script>alert(1)</script>", "=HYPERLINK(1)", "@SUM(A1)", "{{ 7*7 }}"]
    for path in (tmp_path / "a.geojson", tmp_path / "a.csv"):
        if path.suffix == ".csv":
            path.write_text(
                "lon,lat,n\n" + "".join(f'1,2,"{w}"\n' for w in words), encoding="utf-8"
            )
            assert read(path).frame["n"].tolist() == words
        else:
            path.write_text(POINT % json.dumps(words[0]), encoding="utf-8")
            assert read(path).frame["n"].tolist() == words[:1]


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".shp", ".csv"])
def test_a_polygon_with_a_million_vertices(tmp_path, read, suffix):
    angle = np.linspace(0, 2 * np.pi, 1_000_000, endpoint=False)
    shape = shapely.polygons(np.column_stack([np.cos(angle), np.sin(angle)]) / 10)
    path = tmp_path / f"a{suffix}"
    if suffix == ".csv":
        path.write_text(f'wkt\n"{shapely.to_wkt(shape, rounding_precision=9)}"\n', encoding="utf-8")
    else:
        gpd.GeoDataFrame({"a": [1]}, geometry=[shape], crs=4326).to_file(path)
    frame = read(path).frame
    assert shapely.get_num_coordinates(frame.geometry.iloc[0]) == 1_000_001
    assert frame.geometry.iloc[0].area == pytest.approx(np.pi / 100, rel=1e-6)
