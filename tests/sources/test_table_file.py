"""Ledgers: titles above the header, numbers as people write them, coordinates half missing."""

# ruff: noqa: RUF001 - full-width digits and mojibake are the point

import math

import openpyxl
import pytest
import shapely

from cityplan.errors import InputFileError, StudyError
from cityplan.sources.files.coordinates import find_columns, number
from cityplan.sources.files.open_source import list_layers


def points(layer):
    return shapely.get_coordinates(layer.frame.geometry.to_numpy()).tolist()


@pytest.fixture
def csv(tmp_path):
    """Return a function that writes a CSV file in some encoding."""

    def write(text, codec="utf-8", name="台账.csv"):
        path = tmp_path / name
        path.write_bytes(text.encode(codec))
        return path

    return write


@pytest.fixture
def workbook(tmp_path):
    """Return a function that writes sheets of rows to a workbook."""

    def write(name="台账.xlsx", **sheets):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        book.save(tmp_path / name)
        return tmp_path / name

    return write


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("118.25", 118.25), ("１１８．２５", 118.25), (" 118.25 ", 118.25), ("－3.5", -3.5), (7, 7.0),
        ("118°12′33″", 118.209166667), ("118°12'33.5\"E", 118.209305556), ("118º12’33”", 118.209166667),
        ("N32°03′", 32.05), ("东经118度12分33秒", 118.209166667), ("118:12:33", 118.209166667),
        ("W70°30'", -70.5), ("-70°30'", -70.5), ("南纬３°", -3.0), ("118.5°", 118.5),
        ("4,123,456.7", 4123456.7), ("512,345", 512345.0), ("118,25", 118.25), ("118,203", 118.203),
        ("3512345,25", 3512345.25), ("12 345.6", 12345.6), ("1e5", 100000.0),
    ],
)  # fmt: skip
def test_numbers(written, value):
    assert number(written) == pytest.approx(value, abs=1e-8)


@pytest.mark.parametrize(
    "written", [None, "", "无", "n/a", "nan", "inf", "1e999", math.inf, "118°75′", "1.2.3", "118,2,3", "=A1"]
)  # fmt: skip
def test_what_is_no_number(written):
    assert math.isnan(number(written))


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["名称", "经度", "纬度"], (1, 2)),
        (["LAT", "LON"], (1, 0)),
        (["经度（°）", "纬度(度)"], (0, 1)),
        (["X坐标", "Y坐标", "lng", "lat"], (2, 3)),
        (["北坐标", "东坐标"], (1, 0)),
        (["Coord X", "Coord_Y"], (0, 1)),
        (["id", "WKT"], (1,)),
        (["lon", "y"], ()),
        (["名称"], ()),
        ([None, 3], ()),
    ],
)
def test_columns_of_coordinates_are_known_by_name(names, found):
    assert find_columns(names) == found


LEDGER = (
    "明光市公共厕所台账,,,,\n"
    "单位：座,,,,\n"
    "名称,坐标,,女厕位,编码\n"
    ",经度,纬度,,\n"
    "人民路公厕,117.98,32.78,4,0101\n"
    "\n"
    "广场公厕,１１７．９９,32.79,,0102\n"
    "无坐标,,,3,0103\n"
    "零,0,0,3,0104\n"
    "合计,,,7,\n"
)


@pytest.mark.parametrize(
    ("codec", "encoding"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("gb18030", "GB18030")],
)
def test_a_ledger(csv, read, codec, encoding):
    layer = read(csv(LEDGER, codec))
    assert layer.encoding == encoding
    assert list(layer.frame.columns) == ["名称", "经度", "纬度", "女厕位", "编码", "geometry"]
    assert layer.frame["名称"].tolist() == ["人民路公厕", "广场公厕"]
    assert points(layer) == [[117.98, 32.78], [117.99, 32.79]]
    assert layer.frame["编码"].tolist() == ["0101", "0102"]
    assert layer.frame["女厕位"].iloc[0] == 4
    assert layer.frame.crs is None
    assert layer.rejected == {"no coordinates": 3}
    assert "row 8, 9, 10." in layer.notes[-1].en
    assert "第8、9、10行" in layer.notes[-1].zh
    assert any("row 4" in note.en for note in layer.notes)


def test_wide_letters_without_a_mark(csv, read):
    layer = read(csv(LEDGER, "utf-16-le"))
    assert layer.encoding == "UTF-16"
    assert layer.frame["名称"].tolist() == ["人民路公厕", "广场公厕"]


def test_traditional_letters(csv, read):
    layer = read(csv("名稱,經度,緯度\n忠孝東路公廁,121.5,25.0\n衛生所,121.6,25.1\n", "big5"))
    assert (layer.encoding, layer.frame["名稱"].iloc[0]) == ("Big5", "忠孝東路公廁")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(csv, read, delimiter):
    rows = [["name", "lon", "lat"], ['"a, b; c"', "1.5", "2.5"], ["d", "3.5", "4.5"]]
    layer = read(csv("\n".join(delimiter.join(row) for row in rows), name="a.tsv"))
    assert layer.frame["name"].tolist() == ["a, b; c", "d"]
    assert points(layer) == [[1.5, 2.5], [3.5, 4.5]]


def test_columns_that_the_study_names(csv, read, refuses):
    path = csv("东,北,lon,lat\n500000,3600000,118,32\n")
    assert points(read(path)) == [[118, 32]]
    layer = read(path, x="东", y="北", query="select 1")
    assert points(layer) == [[500000, 3600000]]
    assert layer.notes[-1].en == "Without effect on '台账.csv', whose format settles it: query."
    refuses(path, StudyError, "no column '东坐标': it has 东, 北, lon, lat.", x="东坐标", y="北")
    refuses(csv("a,b\n1,2\n"), InputFileError, "has no columns of coordinates among a, b")
    refuses(csv("lon,lat\n0,0\n,\n"), InputFileError, "has no row with coordinates")
    refuses(csv("lon,lat\n"), InputFileError, "holds no features")


def test_geometry_as_text(csv, read):
    text = 'n\twkt\n1\tPOINT Z (1 2 3)\n2\tPOLYGON((0 0,1 0\n3\t\n4\t"LINESTRING (0 0, 1 1)"\n'
    layer = read(csv(text))
    assert layer.frame["n"].tolist() == [1, 4]
    assert layer.frame.geometry.to_wkt().tolist() == ["POINT (1 2)", "LINESTRING (0 0, 1 1)"]
    assert layer.rejected == {"geometry cannot be read": 2}


def test_areas_as_text_say_more_than_coordinates_beside_them(csv, read):
    text = "lon\tlat\tgeometry\n5\t5\tPOLYGON ((0 0, 10 0, 10 10, 0 0))\n"
    assert read(csv(text)).frame.geometry.geom_type.tolist() == ["Polygon"]
    layer = read(csv("lon\tlat\tgeometry\tn\n5\t6\tPOINT (1 2)\t7\n"))
    assert points(layer) == [[5, 6]]
    assert layer.frame["geometry (column)"].tolist() == ["POINT (1 2)"]
    assert layer.frame["n"].tolist() == [7]


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\r"])
@pytest.mark.parametrize("rest", ["7,8,c\n9,10,d", '7,8,"c"\n9,10,d', '7,8,c\n9,10,"d"'])
def test_a_quotation_mark_that_is_never_closed(csv, refuses, rest, end):
    """With quotes in a later row the cell ends there, and only the rows between are lost."""
    text = f'lon,lat,name\n1,2,"two\nlines"\n3,4,a\n5,6,"b\n{rest}{end}'
    text = text.replace("\n", end or "\n")
    refuses(csv(text), InputFileError, "a quotation mark in line 5 that is not closed")


def test_quotation_marks_that_swallow_nothing_are_read(csv, read):
    text = 'lon,lat,name\n1,2,"Bar "Sol""\n3,4,12" pipe\n5,6,"b" x\n7,8,"two\nlines"\n9,10,"end\n'
    assert len(read(csv(text)).frame) == 5


def test_the_last_cell_may_have_several_lines(csv, read):
    assert len(read(csv('lon,lat,name\n1,2,a\n3,4,"two\nlines"\n')).frame) == 2


def test_a_workbook(workbook, read, refuses):
    rows = [
        ["台账"],
        [],
        ["名称", "经度", "纬度", "蹲位"],
        ["甲", 117.98, 32.78, 4.0],
        ["乙", "117°30′", 32, None],
    ]
    path = workbook(封面=[], 公厕=rows)
    layer = read(path)
    assert points(layer) == [[117.98, 32.78], [117.5, 32]]
    assert layer.frame["蹲位"].iloc[0] == 4
    assert layer.source == "台账.xlsx: 公厕"
    assert "row 3" in layer.notes[-1].en
    path = workbook(公厕=rows, 公园=rows)
    assert [(name, count) for name, _, count in list_layers(path)] == [("公厕", 3), ("公园", 3)]
    refuses(path, StudyError, 'for example layer = "公厕"')
    assert len(read(path, layer="公园").frame) == 2


def test_formulas_are_what_they_last_came_to(workbook, read):
    """openpyxl writes formulas without a value: nothing is computed, here or by calamine."""
    path = workbook(a=[["name", "lon", "lat"], ["a", "=1+1", 2], ["=1+1", 3, 4]])
    layer = read(path)
    assert points(layer) == [[3, 4]]
    assert layer.frame["name"].isna().all()
    assert layer.rejected == {"no coordinates": 1}


@pytest.mark.data
def test_records_in_xml(data_file, read):
    layer = read(data_file("taipei/toilets.xml"))
    assert len(layer.frame) == 1777
    assert layer.frame["Address"].iloc[0] == "臺北市士林區福林路60號"
    assert points(layer)[0] == [121.530152, 25.094898]
    assert (layer.rejected, layer.notes) == ({}, ())


def test_xml_with_several_kinds_of_rows(tmp_path, read, refuses):
    def rows(tag):
        return "".join(f"<{tag}><lon>{i}</lon><lat>2</lat><n/></{tag}>" for i in (1, 2))

    path = tmp_path / "a.xml"
    path.write_text(f"<r>{rows('wc')}{rows('park')}</r>", encoding="utf-8")
    refuses(path, StudyError, "2 layers: 'wc'")
    assert points(read(path, layer="park")) == [[1, 2], [2, 2]]
