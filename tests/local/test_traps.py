"""`cityplan inspect` and `check` on every trap: an answer or one sentence, no traceback."""

import warnings

import geopandas as gpd
import pytest
import shapely
from local_bench import warnings_of

from cityplan.pipeline import check

TILES = {
    "streets": "roads", "buildings": "buildings", "land_use": "landuse", "facilities": "pois",
}  # fmt: skip


def traps(data_file):
    folder = data_file("traps")
    return [folder, *sorted(path for path in folder.rglob("*") if path.name != "README.md")]


def test_inspect_every_trap(data_file, command):
    readable = (".shp", ".geojson", ".pbf")
    paths = traps(data_file)
    assert sum(path.suffix in readable for path in paths) == 7
    for path in paths:
        code = 0 if path.suffix in readable else 1
        for lang in ("en", "zh"):
            done = command("inspect", path, "--lang", lang, code=code)
            assert path.stem in done.stderr
            assert "Warning" not in done.output.replace("RuntimeWarning: Several", "")


@pytest.mark.parametrize(
    ("name", "layer", "says"),
    [
        (
            "wrong_prj/land.shp",
            "land_use",
            "the file says EPSG:4326, which numbers around x 533098",
        ),
        ("no_prj/mainroad.shp", "streets", "does not say its CRS"),
    ],
)
def test_unknown_coordinates_are_explained_with_candidates(
    data_file, bureau, command, name, layer, says
):
    path = data_file(f"traps/{name}")
    seen = command("inspect", path, "--lang", "en", code=0).stderr
    assert "EPSG:4547" in seen
    assert "EPSG:32649" in seen
    assert '# crs = "EPSG:4548"' in seen
    study = bureau.study({layer: {"path": path}}, boundary=layer != "streets")
    said = command("check", study, "--lang", "en", code=1).stderr
    assert says in said or "EPSG:4549" in said
    assert "EPSG:454" in said
    assert 'crs = "EPSG:' in said


def test_the_wrong_prj_is_mended_by_the_study_file(data_file, bureau):
    """With its true CRS the areas are those the file itself records."""
    path = data_file("traps/wrong_prj/land.shp")
    box = shapely.box(114.31, 23.0, 114.34, 23.04)
    area = bureau.put("b.gpkg", gpd.GeoDataFrame(geometry=[box], crs=4326))
    study = bureau.put(
        "study.toml",
        f'[study]\nname = "x"\nboundary = "{area}"\n[layers.land_use]\npath = "{path}"\n'
        'crs = "EPSG:4547"\ncode_system = "gb50137"\n',
    )
    inputs = check(study)
    said = [found.what.en for found in inputs.checks if found.layer == "land_use"]
    assert any("names the CRS 'WGS 84'; it was read as EPSG:4547" in text for text in said)
    recorded = gpd.read_file(path)["SHAPE_Area"].sum()
    assert inputs.layers["land_use"].area.sum() == pytest.approx(recorded, rel=0.01)


def test_an_extract_with_cut_ways(data_file, command):
    done = command("check", data_file("traps/helsinki_cut_refs.osm.pbf"), "--lang", "en", code=0)
    assert "cut at the data's edge" in done.stderr


# --- a city from map tiles ---------------------------------------------------


@pytest.fixture(scope="module")
def tiles(data_file, tmp_path_factory):
    folder = data_file("traps/tile_cut")
    text = '[study]\nname = "上海"\n' + "".join(
        f'[layers.{layer}]\npath = "{folder}/shangHai_{name}.geojson"\n'
        for layer, name in TILES.items()
    )
    study = tmp_path_factory.mktemp("tiles") / "study.toml"
    study.write_text(text, encoding="utf-8")
    return study, folder


@pytest.fixture(scope="module")
def tiled(tiles):
    return check(tiles[0])


def test_tiles_can_be_checked_from_the_command_line(tiles, command):
    for lang in ("en", "zh"):
        command("check", tiles[0], "--lang", lang, code=0)


def raw(tiles, name, crs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ids that repeat: that is the trap
        return gpd.read_file(tiles[1] / f"shangHai_{name}.geojson").to_crs(crs)


def test_no_building_of_the_tiles_is_counted_twice(tiled, tiles):
    """One row per id, all ground of the file's buildings, no ground twice."""
    used = tiled.layers["buildings"]
    rows = raw(tiles, "buildings", tiled.area.crs)
    rows = rows[rows.geom_type.isin(["Polygon", "MultiPolygon"]) & (rows["kind"] == "building")]
    rows = rows[rows["kind_detail"] != "construction"]  # nobody is in it yet
    assert used["id"].is_unique
    assert len(used) == rows["id"].nunique()
    ground = shapely.union_all(shapely.make_valid(rows.geometry.to_numpy())).area
    assert used.union_all().area == pytest.approx(ground, rel=1e-4)
    mended = rows.set_geometry(shapely.make_valid(rows.geometry.to_numpy()))
    by_id = mended.dissolve("id").area.sum()
    assert used.area.sum() == pytest.approx(by_id, rel=0.002)
    assert by_id < 0.9 * rows.area.sum()


def test_no_street_of_the_tiles_is_counted_twice(tiled, tiles):
    used = tiled.layers["streets"]
    rows = raw(tiles, "roads", tiled.area.crs)
    plain = shapely.union_all(rows[~rows["kind"].isin(["rail", "ferry"])].geometry.to_numpy())
    assert used.length.sum() == pytest.approx(used.union_all().length, rel=0.005)
    assert used.union_all().length <= plain.length * 1.001
    assert used.union_all().length > 0.9 * plain.length


def test_labels_and_pieces_are_told(tiled):
    for layer in ("buildings", "streets", "land_use"):
        count = tiled.layers.counts[layer]
        assert count.read == count.used + sum(count.rejected.values())
        assert count.rejected["a piece of another row: united with it"] > 0
    assert tiled.layers.counts["buildings"].rejected["label point among polygons"] == 220
    assert len(warnings_of(tiled)) <= 1
