"""Encodings: judged on the bytes, against texts whose encoding is known because we wrote them."""

# ruff: noqa: RUF001 - full-width digits and mojibake are the point

import xml.etree.ElementTree as ET

import geopandas as gpd
import pytest
import shapely

from cityplan.errors import InputFileError, StudyError
from cityplan.sources.files.dbf import read_dbf_text
from cityplan.sources.files.encoding import Said, Sample, canonical, choose_encoding
from cityplan.sources.files.mojibake import unscrambled
from cityplan.text import Text

SIMPLIFIED = ["公园绿地", "居住用地", "幸福小区", "公共厕所", "人民路", "浮梁县第一中学"]
TRADITIONAL = ["公園綠地", "居住用地", "幸福社區", "公共廁所", "忠孝東路", "衛生所"]
SPANISH = ["Educación", "MUÑOZ", "Peñón", "25°C", "Ávila"]
CPG = Text(en="The .cpg", zh=".cpg ")


def chosen(words, codec, **options):
    samples = [Sample(word.encode(codec)) for word in words]
    return choose_encoding(samples, file="x", **options).encoding


@pytest.mark.parametrize(
    ("words", "codec", "expected"),
    [
        (SIMPLIFIED, "utf-8", "UTF-8"),
        (SIMPLIFIED, "gbk", "GB18030"),
        (TRADITIONAL, "utf-8", "UTF-8"),
        (TRADITIONAL, "big5", "Big5"),
        (TRADITIONAL, "gbk", "GB18030"),
        (SPANISH, "utf-8", "UTF-8"),
        (["Улица Ленина"], "utf-8", "UTF-8"),
        (["plain"], "ascii", "UTF-8"),
        ([], "ascii", "UTF-8"),
    ],
)
def test_the_text_itself_tells(words, codec, expected):
    assert chosen(words, codec) == expected


def test_western_text_is_no_chinese_whatever_its_bytes_spell():
    with pytest.raises(InputFileError) as caught:
        chosen(SPANISH, "cp1252")
    for way in ("Peñón", "'Pe耋n' in GB18030", "in Big5", 'encoding = "GB18030"'):
        assert way in caught.value.text.en
    assert "“Peñón”" in caught.value.text.zh
    assert chosen(SPANISH, "cp1252", last_resort="CP1252") == "CP1252"
    assert chosen(SIMPLIFIED, "gbk", last_resort="CP1252") == "GB18030"


@pytest.mark.parametrize(
    ("said", "codec", "expected"),
    [
        ("GB18030", "gbk", "GB18030"),
        ("UTF-8", "utf-8", "UTF-8"),
        ("UTF-8", "gbk", "GB18030"),
        ("GB18030", "utf-8", "UTF-8"),
        ("ISO-8859-1", "gbk", "GB18030"),
        ("ISO-8859-1", "utf-8", "UTF-8"),
        ("Big5", "gbk", "GB18030"),
        ("cp932", "gbk", "GB18030"),
    ],
)
def test_what_the_file_says_is_taken_unless_its_text_contradicts(said, codec, expected):
    samples = [Sample(word.encode(codec)) for word in SIMPLIFIED]
    choice = choose_encoding(samples, file="x", said=[Said(said, CPG)])
    assert choice.encoding == expected
    assert len(choice.notes) == (0 if said == expected else 2)


@pytest.mark.parametrize("said", [[], [Said("GB18030", CPG)]])
def test_pinyin_beside_few_chinese_words_does_not_make_it_big5(said):
    words = ["公园", "游园", "广场", "Rénmín Gōngyuán", "Xīhú Guǎngchǎng", "Běihú Huāyuán"]
    assert chosen(words, "gb18030", said=said) == "GB18030"


def test_what_a_western_file_says_is_taken():
    assert chosen(SPANISH, "latin-1", said=[Said("ISO-8859-1", CPG)]) == "ISO-8859-1"


def test_what_the_user_says_is_taken_but_checked():
    assert chosen(SIMPLIFIED, "gbk", asked="gb2312") == "GB18030"
    assert chosen(["Ãû³Æ"], "latin-1", asked="latin1") == "ISO-8859-1"
    with pytest.raises(StudyError, match='write encoding = "GB18030"'):
        chosen(SIMPLIFIED, "gbk", asked="utf-8")
    with pytest.raises(StudyError, match="'klingon' is no encoding"):
        chosen(SIMPLIFIED, "gbk", asked="klingon")


@pytest.mark.parametrize(
    ("name", "label"),
    [("936", "GB18030"), ("GBK", "GB18030"), ("cp936", "GB18030"), ("65001", "UTF-8"),
     ("utf8", "UTF-8"), ("UTF-8\n", "UTF-8"), ("BIG5", "Big5"), ("950", "Big5"),
     ("88591", "ISO-8859-1"), ("ISO 8859-1", "ISO-8859-1"), ("ANSI 1252", "CP1252"),
     ("1251", "cp1251"), ("Shift_JIS", "shift_jis"), ("zip", None), ("", None), ("a\0b", None)],
)  # fmt: skip
def test_encodings_have_many_names(name, label):
    assert canonical(name) == label


@pytest.mark.parametrize("codec", ["utf-8", "gbk"])
def test_a_letter_cut_by_the_end_of_a_field_is_left_out(codec):
    raw = "河畔花园小区居民委员会".encode(codec)[:-1]
    label = {"utf-8": "UTF-8", "gbk": "GB18030"}[codec]
    assert choose_encoding([Sample(raw, cut=True)], file="x").encoding == label
    with pytest.raises(StudyError):
        choose_encoding([Sample(raw)], file="x", asked=codec)


@pytest.mark.data
def test_real_names_one_by_one(data_file):
    """Each of 3 500 names and addresses of Taipei alone is enough to tell Big5."""
    root = ET.parse(data_file("taipei/toilets.xml")).getroot()
    names = {element.text for element in root.iter("Address") if element.text}
    told = 0
    for name in names:
        raw = name.encode("cp950", "ignore")
        told += choose_encoding([Sample(raw)], file="x").encoding == "Big5"
    assert told == len(names) > 1000


@pytest.mark.parametrize(
    ("scrambled", "meant"),
    [
        ("Ãû³Æ", "名称"),
        ("å…¬å›­", "公园"),
        ("¹«Ô°ÂÌµØ", "公园绿地"),
        *(
            (word, None)
            for word in ("公园", "park", "São João", "Straße", "ÄÖÜ", "Ελλάδα", "Ñ", "Åland")
        ),
    ],
)
def test_mojibake_is_only_what_surely_is(scrambled, meant):
    assert unscrambled(scrambled) == meant


# --- whole Shapefiles ---------------------------------------------------------


@pytest.mark.parametrize(
    "case",
    [
        ("GB18030", None, 0, "GB18030", 1),
        ("GB18030", None, 0x57, "GB18030", 1),
        ("GB18030", None, 0x03, "GB18030", 1),
        ("GB18030", None, 0x4D, "GB18030", 0),
        ("GB18030", "936", 0, "GB18030", 0),
        ("GB18030", "LDID/77", 0, "GB18030", 0),
        ("GB18030", "UTF-8", 0, "GB18030", 2),
        ("GB18030", "UTF-8", 0x4D, "GB18030", 1),
        ("GB18030", "88591", 0, "GB18030", 2),
        ("GB18030", "nonsense", 0, "GB18030", 1),
        ("UTF-8", None, 0, "UTF-8", 1),
        ("UTF-8", None, 0x4D, "UTF-8", 2),
        ("UTF-8", "UTF-8", 0x4D, "UTF-8", 0),
        ("UTF-8", "GBK", 0, "UTF-8", 2),
    ],
)
def test_shapefiles(parks, write_shapefile, read, tmp_path, case):
    codec, cpg, language, expected, notes = case
    path = write_shapefile(parks, tmp_path / "公园.shp", codec, cpg=cpg, language=language)
    layer = read(path)
    assert layer.encoding == expected
    assert len(layer.notes) == notes, layer.notes
    assert list(layer.frame.columns) == ["名称", "面积", "geometry"]
    assert layer.frame["名称"].tolist() == parks["名称"].tolist()
    assert layer.frame["面积"].tolist() == parks["面积"].tolist()
    assert layer.frame.crs == "EPSG:4548"


def test_a_big5_shapefile(write_shapefile, read, tmp_path):
    frame = gpd.GeoDataFrame({"名稱": TRADITIONAL}, geometry=[shapely.Point(1, 2)] * 6, crs=3826)
    layer = read(write_shapefile(frame, tmp_path / "a.shp", "Big5"))
    assert (layer.encoding, layer.frame["名稱"].tolist()) == ("Big5", TRADITIONAL)


@pytest.mark.parametrize(("codec", "whole"), [("UTF-8", 26), ("GB18030", 39)])
def test_text_that_a_field_cut_in_the_middle_of_a_letter(
    write_shapefile, read, tmp_path, codec, whole
):
    frame = gpd.GeoDataFrame({"mc": ["x" * 79, "短"]}, geometry=[shapely.Point(1, 2)] * 2, crs=4548)
    path = write_shapefile(frame, tmp_path / "a.shp", codec)
    table = path.with_suffix(".dbf")
    raw = table.read_bytes()
    width = raw[32 + 16]
    text = ("a" * (width % 2 + 1) + "河" * 200).encode(codec)[:width]
    table.write_bytes(raw.replace(b"x" * 79 + b" " * (width - 79), text))
    layer = read(path)
    assert layer.encoding == codec
    assert layer.frame["mc"].iloc[0].strip("a") == "河" * whole
    assert layer.frame["mc"].iloc[1] == "短"


def test_the_user_decides_and_is_checked(parks, write_shapefile, read, refuses, tmp_path):
    path = write_shapefile(parks, tmp_path / "a.shp", "GB18030", cpg="88591")
    assert read(path, encoding="gbk").frame["名称"].iloc[0] == "人民公园"
    refuses(path, StudyError, 'write encoding = "GB18030"', encoding="UTF-8")


def test_text_no_encoding_fits_is_shown_in_three(write_shapefile, read, refuses, tmp_path):
    frame = gpd.GeoDataFrame({"n": SPANISH}, geometry=[shapely.Point(1, 2)] * 5, crs=4326)
    path = write_shapefile(frame, tmp_path / "a.shp", "CP1252")
    refuses(path, InputFileError, "'Peñón' in CP1252")
    assert read(path, encoding="1252").frame["n"].tolist() == SPANISH
    raw = bytearray(path.with_suffix(".dbf").read_bytes())
    raw[29] = 0x03
    path.with_suffix(".dbf").write_bytes(raw)
    assert read(path).frame["n"].tolist() == SPANISH


def test_mojibake_saved_in_another_format_is_mended(read, tmp_path):
    frame = gpd.GeoDataFrame(
        {"Ãû³Æ": ["ÈËÃñ¹«Ô°", "Café", None]}, geometry=[shapely.Point(1, 2)] * 3, crs=4326
    )
    frame.to_file(tmp_path / "a.gpkg")
    layer = read(tmp_path / "a.gpkg")
    assert layer.frame.columns.tolist() == ["名称", "geometry"]
    # Half of the text is sound: it stays as it is.
    assert layer.frame["名称"].tolist()[:2] == ["ÈËÃñ¹«Ô°", "Café"]
    frame.iloc[[0, 2]].to_file(tmp_path / "b.gpkg")
    layer = read(tmp_path / "b.gpkg")
    assert layer.frame["名称"].tolist()[0] == "人民公园"
    assert "Ãû³Æ → 名称" in layer.notes[0].zh


def test_a_table_with_a_damaged_header_is_no_table(tmp_path):
    for raw in (b"", b"\x03" * 31, b"\x03" * 40, bytes(65)):
        (tmp_path / "a.dbf").write_bytes(raw)
        with (tmp_path / "a.dbf").open("rb") as stream:
            assert read_dbf_text(stream) is None
