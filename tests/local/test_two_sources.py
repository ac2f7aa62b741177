"""Local layers beside or in place of OpenStreetMap, several files, displaced files."""

from pathlib import Path

import geopandas as gpd
import pytest
from local_bench import at, frame, homes, square, warnings_of

from cityplan.model.demand import make_demand
from cityplan.model.ways import open_to_public
from cityplan.outputs.results_json import results_document
from cityplan.pipeline import check, run
from cityplan.sources.osm_file import read_osm
from cityplan.spatial.datum import geometries_from_wgs84

TOY = Path(__file__).parents[2] / "sample_data" / "toy"


@pytest.fixture
def toy(bureau):
    """Return a function that judges the toy city with a local layer of its own buildings."""
    own = read_osm(TOY / "toy.osm").layers["buildings"][["name", "building", "levels", "geometry"]]
    new = own.head(1).translate(0.0005, 0)  # 47 m east, on empty ground

    def inputs(mode, rows=own):
        text = f'[study]\nname = "toy"\nboundary = "{TOY}/boundary.geojson"\n'
        text += f'[osm]\npath = "{TOY}/toy.osm"\n'
        if mode:
            rows.to_file(bureau.folder / "own.gpkg")
            text += f'[layers.buildings]\npath = "own.gpkg"\nmode = "{mode}"\n'
        (bureau.folder / "study.toml").write_text(text, encoding="utf-8")
        return check(bureau.folder / "study.toml")

    inputs.own, inputs.new = own, own.head(1).set_geometry(new)
    return inputs


def floor_area(inputs, standard):
    return make_demand(inputs.layers, inputs.area, standard).weight.sum()


def test_buildings_of_both_sources_are_counted_once(toy, standard):
    alone = floor_area(toy(None), standard)
    both = toy("add")
    assert floor_area(both, standard) == pytest.approx(alone, rel=1e-12)
    count = both.layers.counts["buildings"]
    assert count.rejected == {"already in another source": len(toy.own)}
    assert count.read == count.used + len(toy.own)
    assert [part.source for part in count.parts] == ["toy.osm", "own.gpkg: own"]


def test_what_the_second_source_adds_is_added(toy):
    before = len(toy(None).layers["buildings"])
    assert len(toy("add", toy.new).layers["buildings"]) == before + 1


def test_a_replacing_layer_says_so(toy):
    inputs = toy("replace", toy.new)
    assert len(inputs.layers["buildings"]) == 1
    assert any(
        "takes the place of the layer in the OpenStreetMap extract" in found.what.en
        for found in inputs.checks
    )


def test_toilets_of_the_extract_are_still_reached_where_local_facilities_replace_its_own(bureau):
    rows = frame([at(100, 100)], name=["东门菜市场"])
    text = f'[study]\nname = "toy"\nboundary = "{TOY}/boundary.geojson"\n'
    text += f'[osm]\npath = "{TOY}/toy.osm"\n[layers.facilities]\npath = "own.gpkg"\n'
    own = read_osm(TOY / "toy.osm").layers["toilets"].geometry.iloc[[0]].reset_index(drop=True)
    rows.to_crs(4326).set_geometry(own.to_numpy(), crs=4326).to_file(bureau.folder / "own.gpkg")
    (bureau.folder / "study.toml").write_text(text, encoding="utf-8")
    layers = check(bureau.folder / "study.toml").layers
    found = layers["facilities"]["category"].value_counts()
    assert found["market"] == 1
    for layer, category in (("toilets", "public_toilet"), ("parks", "park")):
        assert found[category] == open_to_public(layers[layer]["access"]).sum() > 0
    count = layers.counts["facilities"]
    assert count.used == len(layers["facilities"]) == count.read - sum(count.rejected.values())


def test_several_files_of_one_layer(bureau):
    first = frame([at(100, 100), at(500, 500)], name=["东门菜市场", "西门菜市场"])
    second = frame([at(110, 100), at(800, 500)], name=["东门菜市场", "南门菜市场"])
    paths = [
        {"path": bureau.put(f"{n}.gpkg", rows), "category": "market"}
        for n, rows in enumerate((first, second))
    ]
    inputs = bureau.check({"facilities": paths})
    count = inputs.layers.counts["facilities"]
    assert (count.read, count.used) == (4, 3)
    assert count.rejected == {"already in another source": 1}
    assert [part.source for part in count.parts] == ["0.gpkg: 0", "1.gpkg: 1"]
    assert sorted(inputs.layers["facilities"]["name"]) == sorted(
        ["东门菜市场", "西门菜市场", "南门菜市场"]
    )


def test_toilets_of_two_files_are_read_as_facilities_once(bureau):
    paths = [
        {"path": bureau.put(f"{n}.gpkg", frame([at(100 + 300 * n, 100)], name=["公厕"]))}
        for n in range(2)
    ]
    count = bureau.check({"toilets": paths}).layers.counts["facilities"]
    assert (count.read, count.used, count.rejected) == (2, 2, {})


def test_one_bad_file_of_several_is_named(bureau, command):
    good = bureau.put("good.gpkg", frame([at(1, 1)], name=["市场"]))
    study = bureau.study(
        {"facilities": [{"path": good, "category": "market"}, {"path": "gone.gpkg"}]}
    )
    assert "gone.gpkg" in command("check", study, "--lang", "en", code=1).stderr


# --- displaced ---------------------------------------------------------------


@pytest.fixture
def displaced(bureau, data_file):
    """Return a function that writes a study of Xixi with amenities as a map shows them."""
    path = data_file("hangzhou/hangzhou_xixi.gpkg")
    rows = gpd.read_file(path, layer="amenities_osm_2024")

    def study(shown_in, **keys):
        shown = geometries_from_wgs84(rows.geometry.to_numpy(), datum=shown_in)
        rows.set_geometry(shown).to_file(bureau.folder / "amenities.gpkg")
        return bureau.study(
            {
                "streets": {"path": path, "layer": "roads_directed_osmnx_drive"},
                "toilets": {"path": "amenities.gpkg", **keys},
            },
            boundary=False,
        )

    return study


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_displaced_layer_is_warned_of_in_check_and_results(displaced, command, datum):
    """The layer has 22 rows only; all 1 048 of its file show the displacement."""
    study = displaced(datum)
    report = run(study, only=["toilet_density"])
    (warning,) = warnings_of(report, "toilets")
    assert f'datum = "{datum}"' in warning
    assert "Nothing was moved" in warning
    written = results_document(report)["checks"]
    assert [row["what"]["en"] for row in written if row["severity"] == "warning"] == [warning]
    assert warning in command("check", study, "--lang", "en", code=0).stderr


def test_declared_or_right_it_is_not(displaced):
    assert warnings_of(check(displaced("gcj02", datum="gcj02"))) == []
    assert warnings_of(check(displaced("wgs84"))) == []


def test_a_run_says_how_much_there_is_to_warn_of(bureau, command):
    houses = homes().assign(层数=["很高"] + ["6"] * 24)
    toilets = frame([at(100, 100), None])
    study = bureau.study(
        {
            "buildings": {"path": bureau.put("b.gpkg", houses)},
            "toilets": {"path": bureau.put("t.gpkg", toilets)},
        }
    )
    words = ("run", study, "-o", bureau.folder / "out", "--only", "toilet_density")
    assert "2 warnings about the inputs" in command(*words, "--lang", "en", code=0).stderr
    listed = command("check", study, "--lang", "en", code=0).stderr
    assert listed.count("[warning]") == 2


def test_parks_that_touch_across_sources_stay_apart_rows(bureau):
    """Two halves of a park in two files are both used: they share a border, not their area."""
    halves = [frame([square(x, 100, 100)], name=["园"]) for x in (100, 200)]
    paths = [{"path": bureau.put(f"{n}.gpkg", rows)} for n, rows in enumerate(halves)]
    inputs = bureau.check({"parks": paths})
    assert inputs.layers["parks"].area.sum() == pytest.approx(20_000, rel=1e-6)
