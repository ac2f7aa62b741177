"""Every way to name the cities of a batch, and what is wrong with some of them."""

import shutil

import geopandas as gpd
import pytest
import shapely
from toy_batches import TOY

from cityplan.errors import InputFileError, MissingFileError, StudyError
from cityplan.sources.city_list import read_cities

BOX = shapely.box(7.40, 43.72, 7.42, 43.74)


@pytest.fixture
def read(tmp_path):
    def read_list(name, text=None, encoding="utf-8", **options):
        path = tmp_path / name
        if text is not None:
            path.write_text(text, encoding=encoding)
        return read_cities(path, scratch=tmp_path / "extents", **options)

    return read_list


def test_toml(read, tmp_path):
    shutil.copytree(TOY, tmp_path / "toy")
    box_file = tmp_path / "box.geojson"
    gpd.GeoSeries([BOX], crs="EPSG:4326").to_file(box_file)
    rows = read(
        "cities.toml",
        """
        [batch]
        extract = "all.osm.pbf"
        standard = "cn-gb50180"
        lang = "zh"
        [[city]]
        name = "明光市"
        bbox = [7.40, 43.72, 7.42, 43.74]
        [[city]]
        name = "B"
        boundary = "box.geojson"
        units = { path = "units.shp", name = "MC" }
        standard = "cn-action-plan"
        extract = "b.osm.pbf"
        [[city]]
        study = "toy"
        """,
    )
    one, two, three = rows
    assert [row.fault for row in rows] == [None, None, None]
    assert one.bounds() == pytest.approx(BOX.bounds)
    assert two.bounds() == pytest.approx(BOX.bounds)
    assert (one.study.standard, one.study.lang) == ("cn-gb50180", "zh")
    assert one.shared == one.study.osm.path == tmp_path / "all.osm.pbf"
    assert (two.study.standard, two.shared) == ("cn-action-plan", tmp_path / "b.osm.pbf")
    assert (two.study.units.path, two.study.units.name) == (tmp_path / "units.shp", "MC")
    assert (three.name, three.shared) == ("Toy city", None)
    assert three.study.osm.path == tmp_path / "toy" / "toy.osm"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_of_a_chinese_bureau(read, tmp_path, encoding):
    text = "城市名称,西,南,东,北,人口\n明光市,7.40,43.72,7.42,43.74,600000\n滁州市,1,2,3,4,1\n"
    rows = read("cities.csv", text, encoding, extract=tmp_path / "x.osm.pbf")
    assert [row.name for row in rows] == ["明光市", "滁州市"]
    assert rows[0].bounds() == pytest.approx(BOX.bounds)


def test_csv_of_polygons(read, tmp_path):
    text = f'name,wkt\nA,"{BOX.wkt}"\nB,POINT (1 2)\nC,POLYGON ((\n'
    a, b, c = read("cities.csv", text, extract=tmp_path / "x.osm.pbf")
    assert a.bounds() == pytest.approx(BOX.bounds)
    assert "wkt" in b.fault.en
    assert "wkt" in c.fault.zh


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:32632", "EPSG:3035"])
def test_a_layer_of_extents(read, tmp_path, crs):
    frame = gpd.GeoDataFrame(
        {"NAME": ["A", "B", None], "standard": ["cn-gb50180", None, None]},
        geometry=[BOX, shapely.affinity.translate(BOX, 1), BOX], crs="EPSG:4326",
    )  # fmt: skip
    frame.to_crs(crs).to_file(tmp_path / "cities.gpkg")
    a, b, c = read("cities.gpkg", extract=tmp_path / "x.osm.pbf", standard="cn-action-plan")
    assert a.bounds() == pytest.approx(BOX.bounds, abs=1e-4)
    assert [row.study.standard for row in (a, b)] == ["cn-gb50180", "cn-action-plan"]
    assert "no name" in c.fault.en


def test_a_folder_of_studies_and_extracts(read, tmp_path):
    folder = tmp_path / "all"
    shutil.copytree(TOY, folder / "one")
    shutil.copy(TOY / "toy.osm", folder / "two.osm")
    (folder / "broken.toml").write_text("[study]\nname = 1 2")
    (folder / "notes.txt").write_text("no city")
    (folder / ".hidden.osm").write_text("")
    rows = {row.name: row for row in read("all", lang="zh")}
    assert set(rows) == {"1", "Toy city", "two"}
    assert rows["Toy city"].study.lang == "zh"
    assert rows["two"].study.osm.path == folder / "two.osm"
    assert "TOML" in rows["1"].fault.en


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("A,7,43,6,44,", "west < east"),
        ("A,7,43,8,95,", "degrees"),
        ("A,x,43,8,44,", "degrees"),
        ("A,7,43,8,,", "degrees"),
        (",7,43,8,44,", "no name"),
        ("A,,,,,", "no extent"),
        ("A,7,43,8,44,de", "lang"),
    ],
)
def test_a_bad_row_is_its_own_fault(read, tmp_path, row, words):
    text = f"name,west,south,east,north,lang\n{row}\nGood,7,43,8,44,en\n"
    bad, good = read("cities.csv", text, extract=tmp_path / "x.osm.pbf")
    assert words in bad.fault.en
    assert bad.study is None
    assert good.fault is None


def test_the_second_city_of_a_name_is_a_fault(read, tmp_path):
    text = "name,west,south,east,north\nA,7,43,8,44\nA,1,2,3,4\n"
    first, second = read("cities.csv", text, extract=tmp_path / "x.osm.pbf")
    assert first.fault is None
    assert "more than once" in second.fault.en
    assert first.name != second.name


def test_without_data_a_row_says_what_to_give(read):
    (row,) = read("cities.csv", "name,west,south,east,north\nA,7,43,8,44\n")
    assert "--extract" in row.fault.en


@pytest.mark.parametrize(
    ("name", "text", "error", "words"),
    [
        ("no.csv", None, MissingFileError, "does not exist"),
        ("a.csv", "town,x\nA,1\n", InputFileError, "no column 'name'"),
        ("a.csv", "name,west\n", InputFileError, "names no city"),
        ("a.toml", "[[city]]\nnmae = 'A'", StudyError, "Did you mean 'name'"),
        ("a.toml", "[batch]\nextrct = 'A'", StudyError, "Did you mean 'extract'"),
        ("a.toml", "city = 1", InputFileError, "[[city]]"),
        ("a.toml", "[[city", InputFileError, "TOML"),
        ("a.toml", "", InputFileError, "names no city"),
    ],
)
def test_a_list_that_cannot_be_read_is_one_sentence(read, name, text, error, words):
    with pytest.raises(error) as caught:
        read(name, text)
    assert words in caught.value.text.en
    assert any("\u4e00" <= letter <= "\u9fff" for letter in caught.value.text.zh)
