"""Fetching a city: the folder it gives, the requests it takes, and going on after a break."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import geopandas as gpd
import osmium
import pytest
import shapely
from click.testing import CliRunner
from online_server import (
    CITY,
    OSM_BASE,
    PROVINCE,
    Reply,
    box_of_query,
    overpass_answer,
    row,
    rows,
    serving,
)

import cityplan
from cityplan.cli import main
from cityplan.errors import FetchError, OutputError, StudyError
from cityplan.model.place import MARGIN_M
from cityplan.sources.online.tiles import SIDE_DEG, Tile, cut_into_tiles
from cityplan.sources.study import load_study

ROOT = Path(__file__).parent.parent.parent
TOY = ROOT / "sample_data" / "toy"
MACAU = "overpass/macau_nominatim.json"
LAND_USE = "overpass/macau_landuse_overpass.json"


@pytest.fixture
def small_tiles(monkeypatch):
    """Cut the toy city into many tiles."""
    monkeypatch.setattr("cityplan.sources.online.tiles.SIDE_DEG", 0.02)


def objects(path):
    """Return every object of an extract as text, as libosmium reads it."""
    return [
        (str(thing), dict(thing.tags), thing.version, thing.timestamp)
        for thing in osmium.FileProcessor(str(path))
    ]


def measures(report):
    return {m.id: m for result in report.results for m in result.measures}


# --- the same city -----------------------------------------------------------


@pytest.mark.usefixtures("small_tiles")
def test_a_fetched_city_measures_as_its_extract_does(fetch, server):
    city = fetch()
    assert city.tiles == len(server.queries) > 6
    study = load_study(
        city.folder, built_up=TOY / "built_up.geojson", units=TOY / "units.geojson", lang="en"
    )
    fetched, own = cityplan.run(study), cityplan.run(TOY / "study.toml")
    for key, measure in measures(own).items():
        other = measures(fetched)[key]
        assert (other.value, other.low, other.high) == (measure.value, measure.low, measure.high)
        assert other.verdict == measure.verdict
    assert len(measures(own)) == len(measures(fetched)) > 50
    for name, frame in cityplan.read_osm(TOY / "toy.osm").layers.items():
        assert len(frame) == len(cityplan.read_osm(city.folder / "extract.osm.pbf").layers[name])


@pytest.mark.usefixtures("small_tiles")
def test_every_object_comes_once_and_whole(fetch):
    path = fetch().folder / "extract.osm.pbf"
    assert objects(path) == objects(TOY / "toy.osm")
    kinds = [(t.type_str(), t.id) for t in osmium.FileProcessor(str(path))]
    assert kinds == sorted(kinds, key=lambda pair: ("nwr".index(pair[0]), pair[1]))
    for thing in osmium.FileProcessor(str(path)):
        assert (thing.user, thing.uid, thing.changeset) == ("", 0, 0)


def test_the_folder_is_a_study_with_the_data_s_age(fetch):
    folder = fetch().folder
    assert sorted(path.name for path in folder.iterdir()) == [
        "ATTRIBUTION.txt", "boundary.geojson", "extract.osm.pbf", "study.toml",
    ]  # fmt: skip
    study = load_study(folder)
    assert study.name == "Toy city"
    extract = cityplan.read_osm(study.osm.path)
    assert extract.timestamp == OSM_BASE
    boundary = gpd.read_file(folder / "boundary.geojson").to_crs("EPSG:32650")
    own = gpd.read_file(TOY / "boundary.geojson").to_crs("EPSG:32650")
    assert boundary.union_all().symmetric_difference(own.union_all()).area < 1
    extent = gpd.GeoSeries([extract.extent], crs="EPSG:4326").to_crs("EPSG:32650").iloc[0]
    assert extent.contains(own.union_all().buffer(MARGIN_M - 10))
    credit = (folder / "ATTRIBUTION.txt").read_text(encoding="utf-8")
    assert "© OpenStreetMap contributors" in credit
    assert "ODbL" in credit
    assert OSM_BASE in credit


def test_the_real_answers_of_macau(fetch, server, data_file, monkeypatch):
    monkeypatch.setattr("cityplan.sources.online.tiles.SIDE_DEG", 0.1)
    recorded = json.loads(data_file(LAND_USE).read_bytes())
    server.on_search = lambda _: Reply(data_file(MACAU).read_bytes())
    server.on_query = lambda _: Reply(data_file(LAND_USE).read_bytes())
    city = fetch("Macau")
    assert city.name == "Macau"
    assert city.oldest == city.newest == recorded["osm3s"]["timestamp_osm_base"]
    found = {}
    for thing in osmium.FileProcessor(str(city.folder / "extract.osm.pbf")):
        refs = [node.ref for node in thing.nodes] if thing.is_way() else []
        found[thing.type_str(), thing.id] = (dict(thing.tags), refs)
    assert found == {
        (e["type"][0], e["id"]): (e.get("tags", {}), e.get("nodes", []))
        for e in recorded["elements"]
    }
    area = gpd.read_file(city.folder / "boundary.geojson").geometry.iloc[0]
    given = shapely.from_geojson(
        json.dumps(json.loads(data_file(MACAU).read_bytes())[0]["geojson"])
    )
    assert area.equals(given)
    words = server.asked[0].words
    assert server.asked[0].path == "/search"
    assert (words["q"], words["polygon_geojson"]) == ("Macau", "1")


def test_chinese_names_arrive(fetch, server):
    node = {"type": "node", "id": 1, "lat": 32.0, "lon": 117.0, "version": 3}
    name = "公厕 100%, a=b\t@“x”😀"
    node |= {"timestamp": "2024-01-01T00:00:00Z", "tags": {"amenity": "toilets", "name": name}}
    server.on_query = lambda _: Reply(overpass_answer([node]))
    (thing,) = objects(fetch().folder / "extract.osm.pbf")
    assert thing[1:3] == ({"amenity": "toilets", "name": name}, 3)


def test_tiles_of_different_times_keep_the_newest_object_and_the_oldest_date(fetch, server):
    times = itertools.count(1)

    def answer(_):
        number = next(times)
        node = {"type": "node", "id": 5, "lat": 32.0, "lon": 117.0, "version": number}
        node["tags"] = {"amenity": "toilets", "name": f"version {number}"}
        return Reply(overpass_answer([node], osm_base=f"2026-03-0{number}T00:00:00Z"))

    server.on_query = answer
    city = fetch()
    assert city.tiles == 2
    assert (city.oldest, city.newest) == ("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z")
    assert "different times" in city.notes[0].en
    path = city.folder / "extract.osm.pbf"
    assert cityplan.read_osm(path).timestamp == city.oldest
    ((_, tags, version, _),) = objects(path)
    assert (version, tags["name"]) == (2, "version 2")


# --- requests ----------------------------------------------------------------


@pytest.mark.usefixtures("small_tiles")
def test_requests_are_named_sequential_and_never_repeated(fetch, server, waits):
    fetch()
    assert server.most_at_once == 1
    assert len(set(server.queries)) == len(server.queries)
    for asked in server.asked:
        assert asked.headers["User-Agent"].startswith("cityplan/")
    pauses = [seconds for seconds in waits if seconds > 0]
    assert len(pauses) == len(server.asked) - 1
    assert all(0.5 < seconds <= 1 for seconds in pauses)
    boxes = shapely.union_all([box_of_query(query) for query in server.queries])
    assert boxes.area == pytest.approx(sum(box_of_query(q).area for q in server.queries))


@pytest.mark.usefixtures("small_tiles")
def test_an_interrupted_fetch_goes_on_to_the_same_data(fetch, server, fetch_refuses):
    whole = fetch(out="whole", cache="other").folder / "extract.osm.pbf"
    queries, toy = list(server.queries), server.on_query
    server.asked.clear()
    server.on_query = lambda q: toy(q) if len(server.queries) <= 4 else Reply(status=400)
    fetch_refuses(kind=FetchError, says="HTTP 400")
    assert len(server.queries) == 5
    server.on_query = toy
    city = fetch()
    assert city.reused == 4
    assert sorted(server.queries) == sorted([*queries, queries[4]])  # only the refused one twice
    assert (city.folder / "extract.osm.pbf").read_bytes() == whole.read_bytes()
    again = fetch(out="again")
    assert again.reused == again.tiles
    assert len(server.queries) == len(queries) + 1


def test_ctrl_c_keeps_what_was_fetched(server, tmp_path):
    toy = server.on_query
    # One thread of this process serves; what is interrupted is another process.
    stop = []

    def slow(query):
        if len(server.queries) == 2:
            stop[0].send_signal(signal.SIGINT)
            return Reply(hang_up=True)
        return toy(query)

    server.on_query = slow
    words = [
        "fetch",
        "--boundary",
        TOY / "boundary.geojson",
        "-o",
        tmp_path / "out",
        "--lang",
        "en",
    ]
    environment = {
        **os.environ,
        "XDG_CACHE_HOME": str(tmp_path / "user"),
        "CITYPLAN_OVERPASS_URL": f"{server.url}/api",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "cityplan", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        cwd=ROOT,
        env=environment,
    )
    stop.append(process)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (130, "")
    assert "kept" in err
    assert err.splitlines()[-1] == "Interrupted."
    assert not (tmp_path / "out").exists()
    assert len(list((tmp_path / "user" / "cityplan" / "osm").glob("*.gz"))) == 1

    server.on_query = toy
    done = CliRunner(env=environment).invoke(main, [str(word) for word in words])
    assert (done.exit_code, done.stdout) == (0, "")
    assert "1 of them kept" in done.stderr
    assert objects(tmp_path / "out" / "extract.osm.pbf") == objects(TOY / "toy.osm")


def test_answers_older_than_a_week_or_damaged_are_asked_again(fetch, server, tmp_path):
    fetch()
    first = len(server.queries)
    old, broken = sorted((tmp_path / "cache").glob("*.gz"))
    week = time.time() - 8 * 24 * 3600
    os.utime(old, (week, week))
    broken.write_bytes(broken.read_bytes()[:-9])
    fetch(out="second")
    assert len(server.queries) == first + 2
    fetch(out="third")
    assert len(server.queries) == first + 2
    assert [p.suffix for p in (tmp_path / "cache").iterdir()] == [".gz", ".gz"]


def test_another_server_s_answers_are_not_taken_for_this_one_s(fetch, server, tmp_path):
    fetch()
    with serving() as other:
        other.on_query = server.on_query
        from cityplan.sources.osm_online import Online

        online = Online(overpass_url=f"{other.url}/api/interpreter/", cache=tmp_path / "cache")
        city = cityplan.fetch(boundary=TOY / "boundary.geojson", out=tmp_path / "b", online=online)
        assert city.reused == 0
        assert {asked.path.rstrip("/") for asked in other.asked} == {"/api/interpreter"}


# --- the folder --------------------------------------------------------------


def test_an_existing_folder_is_kept_unless_told(fetch, fetch_refuses, server):
    folder = fetch().folder
    fetch_refuses(kind=OutputError, says=("exists already", "--overwrite"))
    study = folder / "study.toml"
    own = study.read_text("utf-8").replace("[osm]", 'units = "units.geojson"\n\n[osm]')
    study.write_text(own, encoding="utf-8")
    (folder / "units.geojson").write_bytes((TOY / "units.geojson").read_bytes())
    (folder / "extract.osm.pbf").write_bytes(b"old")
    fetch(overwrite=True)
    assert study.read_text("utf-8") == own
    assert (folder / "units.geojson").exists()
    assert cityplan.read_osm(folder / "extract.osm.pbf").timestamp == OSM_BASE

    server.on_search = rows(row(1, "Elsewhere", CITY))
    fetch("Elsewhere", overwrite=True)
    assert load_study(folder).name == "Elsewhere"


def test_a_folder_of_somebody_else_is_never_overwritten(fetch_refuses, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.docx").write_text("years of work")
    fetch_refuses(kind=OutputError, says="no folder that cityplan fetched", overwrite=True)
    assert (tmp_path / "out" / "thesis.docx").read_text() == "years of work"


# --- words -------------------------------------------------------------------


def test_the_command_says_what_it_did(server, tmp_path):
    environment = {
        "XDG_CACHE_HOME": str(tmp_path / "user"),
        "CITYPLAN_OVERPASS_URL": f"{server.url}/api",
        "CITYPLAN_NOMINATIM_URL": server.url,
    }
    server.on_search = rows(row(3221112, "Toy City", CITY))
    out = tmp_path / "a city"
    run = CliRunner(env=environment).invoke(
        main, ["fetch", "R3221112", "-o", str(out), "--margin", "100", "--lang", "en"]
    )
    assert (run.exit_code, run.stdout) == (0, "")
    assert f"Toy City: OpenStreetMap data as of {OSM_BASE}, 1 tiles." in run.stderr
    assert run.stderr.splitlines()[-1] == f"cityplan run '{out}'"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_cannot_be_fetched_is_one_sentence_and_exit_1(server, tmp_path, lang):
    server.on_search = rows(row(4, "Toy, Canarias", PROVINCE), row(5, "Toy, Sonora", CITY))
    words = ["fetch", "Toy", "-o", str(tmp_path / "out"), "--nominatim-url", server.url]
    environment = {"XDG_CACHE_HOME": str(tmp_path / "user")}
    run = CliRunner(env=environment).invoke(main, [*words, "--lang", lang])
    assert (run.exit_code, run.stdout) == (1, "")
    assert len(run.stderr.splitlines()) == 1
    assert "cityplan fetch R4" in run.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("words", [[], ["Macau", "--boundary", "x.geojson"]])
def test_a_place_or_a_boundary_not_both_nor_neither(words, tmp_path):
    run = CliRunner().invoke(main, ["fetch", *words, "-o", str(tmp_path / "out")])
    assert run.exit_code == 2
    assert "--boundary" in run.stderr


def test_the_margin_is_what_a_run_looks_at(fetch_refuses):
    (margin,) = (o for o in main.commands["fetch"].params if o.name == "margin")
    assert margin.default == MARGIN_M
    fetch_refuses(kind=StudyError, says="margin", margin_m=-1)


@pytest.mark.usefixtures("small_tiles")
def test_without_the_full_margin_the_declared_box_is_filled(fetch, tmp_path):
    corner = shapely.Polygon([(117, 32), (117.06, 32), (117, 32.06)])
    path = tmp_path / "corner.geojson"
    gpd.GeoDataFrame({"name": ["Corner"]}, geometry=[corner], crs=4326).to_file(path)
    assert fetch(boundary=path, margin_m=0).tiles == 9


# --- tiles -------------------------------------------------------------------


@pytest.mark.parametrize(
    "area",
    [
        shapely.box(117, 32, 117.123, 32.2),
        shapely.Point(117, 32).buffer(0.2),
        shapely.box(-0.01, -0.01, 0.01, 0.01) | shapely.box(0.3, 0.3, 0.31, 0.31),
    ],
)
def test_tiles_cover_the_area_without_overlap(area):
    tiles = cut_into_tiles(area)
    boxes = [shapely.box(t.west, t.south, t.east, t.north) for t in tiles]
    assert shapely.union_all(boxes).buffer(1e-9).contains(area)
    assert shapely.union_all(boxes).area == pytest.approx(sum(box.area for box in boxes))
    assert all(box.intersects(area) for box in boxes)
    assert max(t.north - t.south for t in tiles) <= SIDE_DEG + 1e-6
    quarters = [shapely.box(q.west, q.south, q.east, q.north) for q in tiles[0].quarters()]
    assert shapely.union_all(quarters).equals(boxes[0])


def test_quarters_end():
    tile, depth = Tile(32.0, 117.0, 32.05, 117.05), 0
    while tile.quarters():
        tile, depth = tile.quarters()[3], depth + 1
    assert depth == 3
