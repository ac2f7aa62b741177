"""PostGIS: a real server, started here, that wants a password."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from cityplan.analyzers import all_analyzers
from cityplan.errors import InputFileError, StudyError
from cityplan.outputs.results_json import results_document
from cityplan.pipeline import run
from cityplan.sources.files.open_source import list_layers, read_raw
from cityplan.sources.layer_source import LayerSource
from cityplan.sources.osm_file import read_osm
from cityplan.text import Text

WHAT = Text(en="layer 'parks'", zh="图层“公园”")
PASSWORD = "open-sesame-芝麻"  # noqa: S105


def missing(reason):
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def server():
    """Yield the address of a fresh PostGIS server."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("pg_ctl")
    binaries = Path(found).parent if found else next(iter(folders), None)
    if binaries is None:
        missing("no PostgreSQL server on this machine: apt-get install postgresql")
    pytest.importorskip("psycopg")
    root = os.geteuid() == 0
    # PostgreSQL refuses to run as root; its package comes with a user of its own.
    start = ["runuser", "-u", "postgres", "--"] if root else []
    folder = Path(tempfile.mkdtemp(prefix="cityplan-postgis-"))
    (folder / "pw").write_text(PASSWORD, encoding="utf-8")
    if root:
        for path in (folder, folder / "pw"):
            shutil.chown(path, "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(program, *words):
        done = subprocess.run(
            [*start, binaries / program, *words],
            cwd=folder, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    data = folder / "data"
    run("initdb", "-D", data, "-U", "planner", "-A", "scram-sha-256", "--pwfile", folder / "pw",
        "-E", "UTF8", "--locale=C")  # fmt: skip
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    run("pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
    try:
        yield f"postgresql://planner:{PASSWORD}@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def parks():
    shapes = [shapely.box(i * 100, 0, i * 100 + 50, 40) for i in range(4)]
    names = ["人民公园", "it's", None, "<b>x</b>"]
    return gpd.GeoDataFrame({"名称": names, "area": [1.5, 2, 3, 4]}, geometry=shapes, crs=4548)


@pytest.fixture(scope="module")
def filled(server, parks):
    """Put the same rows under names that would break SQL glued from text."""
    from sqlalchemy import create_engine, text

    engine = create_engine(server.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        if not connection.execute(
            text("select 1 from pg_available_extensions where name = 'postgis'")
        ).first():
            missing("no PostGIS on this machine: apt-get install postgresql-15-postgis-3")
        connection.execute(text("create extension postgis"))
        connection.execute(text('create schema "规划"'))
        parks.to_postgis("parks", connection)
        parks.head(2).to_postgis('公园 "x"; drop table parks; --', connection, schema="规划")
        connection.execute(text("create table ledger (name text)"))
        connection.execute(
            text("create view tall as select ST_Force3D(geometry) g, 1 a from parks")
        )
    engine.dispose()
    return server


def test_a_table_comes_back_as_it_went_in(filled, parks, tmp_path):
    path = tmp_path / "parks.gpkg"
    parks.to_file(path)
    before = read_raw(LayerSource(path=path), what=WHAT)
    after = read_raw(LayerSource(path=filled, layer="parks"), what=WHAT)
    order = ["area", "名称", "geometry"]
    rows = after.frame.sort_values("area", ignore_index=True)[order]
    expected = before.frame.sort_values("area", ignore_index=True)[order]
    assert rows.geometry.geom_equals_exact(expected.geometry, 0).all()
    assert rows["名称"].fillna("").tolist() == expected["名称"].fillna("").tolist()
    assert rows["area"].tolist() == expected["area"].tolist()
    assert after.frame.crs == before.frame.crs == "EPSG:4548"


def test_a_query_is_read_too_and_dimensions_beyond_two_are_dropped(filled):
    query = "select * from tall where a::int = 1 and 5 % 2 = 1; "
    layer = read_raw(LayerSource(path=filled, query=query), what=WHAT)
    assert len(layer.frame) == 4
    assert not layer.frame.geometry.has_z.any()
    assert layer.source.endswith(": query")
    query = "select * from tall -- 50 % of :all"
    assert len(read_raw(LayerSource(path=filled, query=query), what=WHAT).frame) == 4


def test_names_that_would_break_sql_are_only_names(filled):
    name = '规划.公园 "x"; drop table parks; --'
    assert len(read_raw(LayerSource(path=filled, layer=name), what=WHAT).frame) == 2
    assert len(read_raw(LayerSource(path=filled, layer="parks"), what=WHAT).frame) == 4


def test_tables_are_listed_with_their_rows(filled):
    rows = {layer.name: layer.rows for layer in list_layers(filled)}
    assert rows["parks"] == 4
    assert rows['规划.公园 "x"; drop table parks; --'] == 2
    assert "ledger" not in rows


def test_the_hash_is_of_the_rows_in_whatever_order(filled):
    one, other, less = (
        read_raw(LayerSource(path=filled, query=query), what=WHAT).sha256
        for query in (
            "select * from parks order by area",
            "select * from parks order by area desc",
            "select * from parks where area > 2",
        )
    )
    assert one == other != less


@pytest.mark.parametrize(
    ("fields", "kind", "says"),
    [
        ({"layer": "park"}, StudyError, "no layer 'park': it has parks"),
        ({}, StudyError, 'for example layer = "'),
        ({"query": "select 1 as a"}, InputFileError, "without geometry"),
        ({"query": "select * from parks where false"}, InputFileError, "gives no rows"),
        ({"query": "select * from nothing"}, InputFileError, '"nothing" does not exist'),
        ({"query": "delete from parks returning *"}, InputFileError, "cannot be read"),
        ({"query": "select 1); drop table parks; select (1"}, InputFileError, "cannot be read"),
        (
            {"query": "select *, setval('s', 1) from parks, (select lo_create(0)) x"},
            InputFileError,
            "cannot be read",
        ),
    ],
)
def test_what_cannot_be_read_is_said(filled, fields, kind, says):
    with pytest.raises(kind, match=r"(?s).*") as caught:
        read_raw(LayerSource(path=filled, **fields), what=WHAT)
    for words in (caught.value.text.en, caught.value.text.zh):
        assert PASSWORD not in words
        assert "\n" not in words
    assert says in caught.value.text.en
    assert len(read_raw(LayerSource(path=filled, layer="parks"), what=WHAT).frame) == 4


def test_the_password_is_nowhere(filled):
    layer = read_raw(LayerSource(path=filled, layer="parks"), what=WHAT)
    assert PASSWORD not in repr(layer)
    wrong = filled.replace(PASSWORD, "guess-me")
    with pytest.raises(InputFileError, match="authentication failed") as caught:
        read_raw(LayerSource(path=wrong, layer="parks"), what=WHAT)
    assert "guess-me" not in str(caught.value)


def test_a_server_that_is_not_there():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"postgresql://u:secret@127.0.0.1:{closed.getsockname()[1]}/plan"
        with pytest.raises(InputFileError, match="check address, rights and query") as caught:
            read_raw(LayerSource(path=address, layer="parks"), what=WHAT)
    assert "postgresql://127.0.0.1/plan" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_without_drivers_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(InputFileError, match=r'pip install "cityplan\[postgis\]"'):
        read_raw(LayerSource(path="postgresql://u:p@h/d", layer="parks"), what=WHAT)


TOY = Path(__file__).parents[2] / "sample_data" / "toy"
TABLES = ("streets", "buildings", "toilets", "facilities", "parks", "land_use")


def test_a_run_from_the_database_equals_the_run_from_files(filled, tmp_path):
    """The same tables as GeoPackage and as PostGIS: every measure and every count agrees."""
    from sqlalchemy import create_engine

    layers = read_osm(TOY / "toy.osm").layers
    engine = create_engine(filled.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        for name in TABLES:
            rows = layers[name].drop(columns=["cut_start", "cut_end"], errors="ignore")
            rows.to_file(tmp_path / "toy.gpkg", layer=f"t_{name}")
            rows.sample(frac=1, random_state=1).to_postgis(f"t_{name}", connection)
    engine.dispose()
    documents = []
    for path in ("toy.gpkg", filled):
        tables = [f'[layers.{n}]\npath = "{path}"\nlayer = "t_{n}"\n' for n in TABLES]
        head = f'[study]\nname = "toy"\nboundary = "{TOY}/boundary.geojson"\n'
        (tmp_path / "study.toml").write_text(head + "".join(tables), encoding="utf-8")
        documents.append(results_document(run(tmp_path / "study.toml")))
    file, database = documents
    assert PASSWORD not in json.dumps(database, ensure_ascii=False)
    assert database["study"] == file["study"]
    assert [a["status"] for a in file["analyzers"]] == ["ok"] * len(all_analyzers())
    for first, second in zip(file["analyzers"], database["analyzers"], strict=True):
        for a, b in zip(first["measures"], second["measures"], strict=True):
            for key in ("low", "value", "high"):
                assert b[key] == (a[key] if a[key] is None else pytest.approx(a[key], rel=1e-9)), a
            assert b["verdict"] == a["verdict"]
    for name, count in file["inputs"].items():
        for key in ("read", "used", "rejected", "repaired"):
            assert database["inputs"][name][key] == count[key], (name, key)
