"""MapInfo files and what GDAL says of files, in both languages."""

import json
import re
import zipfile

import geopandas as gpd
import pyogrio
import pytest
import shapely

from cityplan.errors import InputFileError
from cityplan.sources.files.open_source import read_raw
from cityplan.sources.layer_source import LayerSource
from cityplan.sources.locating import locate
from cityplan.text import Text

WHAT = Text(en="layer 'parks'", zh="图层“公园”")
NAMES = ["人民公园", "解放路街头绿地", "滨河公园"]


@pytest.fixture
def write(tmp_path):
    """Return a function that writes three parks as a MapInfo file."""

    def write(name, charset):
        frame = gpd.GeoDataFrame(
            {"MC": NAMES, "MJ": [1.5, 0.25, 12.0]},
            geometry=[shapely.box(x, 3.6e6, x + 50, 3.6e6 + 40) for x in (5e5, 5.1e5, 5.2e5)],
            crs="EPSG:4548",
        )
        options = {"ENCODING": charset} if charset else None
        pyogrio.write_dataframe(
            frame, tmp_path / name, driver="MapInfo File", layer_options=options,
            encoding="UTF-8" if charset else "GBK",
        )  # fmt: skip
        return tmp_path / name

    return write


@pytest.mark.parametrize("suffix", [".tab", ".mif"])
@pytest.mark.parametrize("charset", ["CP936", "UTF-8", None])
def test_letters_by_the_header_or_the_text(write, read, suffix, charset):
    layer = read(write(f"公园{suffix}", charset))
    assert layer.frame["MC"].tolist() == NAMES
    assert layer.frame["MJ"].tolist() == [1.5, 0.25, 12.0]
    assert layer.encoding == ("" if charset else "GB18030")
    located = locate(layer, LayerSource(path="x"), what=WHAT, place=None)
    x, y = shapely.get_coordinates(located.frame.geometry.iloc[0])[0]
    assert (x, y) == pytest.approx((117.0, 32.52), abs=0.02)


def test_names_of_columns_in_chinese(tmp_path, read):
    header = (
        'Version 300\nCharset "WindowsSimpChinese"\nDelimiter ","\nCoordSys Earth Projection 1, 0\n'
    )
    text = header + "Columns 1\n  名称 Char(40)\nData\n\nPoint 117.98 32.78\n"
    (tmp_path / "a.mif").write_bytes(text.encode("gbk"))
    (tmp_path / "a.mid").write_bytes('"人民公园"\n'.encode("gbk"))
    assert read(tmp_path / "a.mif").frame["名称"].tolist() == ["人民公园"]


def test_the_hash_is_of_all_its_files(write, read):
    path = write("a.mif", "CP936")
    before = read(path)
    table = path.with_suffix(".mid")
    table.write_bytes(table.read_bytes().replace(b"1.5", b"2.5"))
    after = read(path)
    assert after.frame["MJ"].iloc[0] == 2.5
    assert before.sha256 != after.sha256


def test_zipped(write, read, tmp_path):
    path = write("a.tab", "CP936")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for suffix in (".tab", ".dat", ".map", ".id"):
            archive.write(path.with_suffix(suffix), f"公园{suffix}")
    assert read(tmp_path / "a.zip").frame["MC"].tolist() == NAMES


def test_a_table_with_tabs_is_no_mapinfo_file(tmp_path, refuses):
    (tmp_path / "a.tab").write_text("lon\tlat\n118\t32\n", encoding="utf-8")
    refuses(tmp_path / "a.tab", InputFileError, "is no .tab file")


def test_repeated_ids_are_told_in_both_languages(tmp_path):
    point = {"type": "Point", "coordinates": [118, 32]}
    rows = [{"type": "Feature", "id": 1, "properties": {}, "geometry": point}] * 2
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}), encoding="utf-8")
    layer = read_raw(LayerSource(path=path), what=WHAT)
    assert len(layer.frame) == 2
    (note,) = layer.notes
    assert note.en.startswith("Several rows of 'a.geojson' have the same id")
    assert not re.search("[a-z]{4}", note.zh.replace("a.geojson", ""))
