"""Whatever is wrong with the input: one sentence, the right exit code, and nothing left behind."""

import errno
import json
import random
import re
import shutil
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from click.testing import CliRunner

from cityplan.cli import main

ROOT = Path(__file__).parent.parent
TOY, MONACO = ROOT / "sample_data" / "toy", ROOT / "sample_data" / "monaco"
BOUNDARY = ("--boundary", TOY / "boundary.geojson")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
STREET = '<tag k="highway" v="residential"/>'


def cityplan(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def place(tmp_path):
    """Return a folder for inputs, beside the empty one the output shall go to."""
    (tmp_path / "outputs").mkdir()
    (tmp_path / "inputs").mkdir()
    return tmp_path / "inputs"


@pytest.fixture
def refuses(place, capfd):
    """Return a check that a run fails with one sentence, in both languages, leaving nothing."""

    def check(*words, says, code=1):
        out = place.parent / "outputs" / "out"
        run = cityplan("run", *words, "-o", out, "--lang", "en")
        assert run.exit_code == code, run.output
        assert isinstance(run.exception, SystemExit)
        assert run.stdout == ""
        lines = run.stderr.strip().splitlines()
        assert len(lines) == 1
        assert "Traceback" not in lines[0]
        assert lines[0].endswith((".", "?"))
        for word in (says,) if isinstance(says, str) else says:
            assert str(word) in lines[0]
        assert not CHINESE.search(re.sub("'[^']*'", "", lines[0]))

        chinese = cityplan("run", *words, "-o", out, "--lang", "zh")
        assert (chinese.exit_code, chinese.stdout) == (code, "")
        assert len(chinese.stderr.strip().splitlines()) == 1
        assert CHINESE.search(re.sub("“[^”]*”", "", chinese.stderr))

        assert list(out.parent.iterdir()) == []
        # Nor do the libraries underneath say anything of their own.
        assert capfd.readouterr() == ("", "")

    return check


def write(path, content):
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content, encoding="utf-8")
    return path


def study(place, keys="", *, osm=TOY / "toy.osm"):
    text = f'[study]\nname = "x"\n{keys}\n[osm]\npath = "{osm}"\n'
    return write(place / "study.toml", text)


def osm(place, *tags, name="tiny.osm"):
    """Write an extract of a triangle with the given tags; at the toy city's place."""
    corners = [(32.001, 117.001), (32.002, 117.001), (32.002, 117.003)]
    nodes = [f'<node id="{i}" lat="{y}" lon="{x}"/>' for i, (y, x) in enumerate(corners, 1)]
    refs = "".join(f'<nd ref="{ref}"/>' for ref in (1, 2, 3, 1))
    ways = [f'<way id="{i}">{refs}{tag}</way>' for i, tag in enumerate(tags, 1)]
    return write(place / name, f'<osm version="0.6">{"".join(nodes + ways)}</osm>')


def toy_without(place, pattern):
    """Write the toy city without the ways whose text matches."""
    text = (TOY / "toy.osm").read_text(encoding="utf-8")
    kept = re.sub(
        r' <way id="\d+".*?</way>\n',
        lambda way: "" if re.search(pattern, way[0]) else way[0],
        text,
        flags=re.DOTALL,
    )
    assert kept != text
    return write(place / "toy.osm", kept)


def noise(count):
    return random.Random(1).randbytes(count)


# --- the extract -------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("gone.osm.pbf", None, "does not exist"),
        ("empty.osm.pbf", b"", "is empty (0 bytes): download or export it again"),
        ("half.osm.pbf", "half of Monaco", "download or export it again"),
        ("text.osm.pbf", "This is no map.\n" * 100, "download or export it again"),
        ("text.osm", "This is no map.\n", "download or export it again"),
        ("page.osm", "<html><body>404</body></html>", "download or export it again"),
        ("noise.osm.gz", noise(5000), "download or export it again"),
        ("noise.osm.bz2", noise(5000), "download or export it again"),
        ("nothing.osm", '<osm version="0.6"></osm>', "check that it is an extract"),
    ],
)
def test_extract_that_is_none(place, refuses, name, content, says):
    path = place / name
    if content == "half of Monaco":
        whole = (MONACO / "monaco.osm.pbf").read_bytes()
        content = whole[: len(whole) // 2]
    if content is not None:
        write(path, content)
    refuses(path, says=[path, says])
    if content is not None:  # and the same by a study file
        refuses(study(place, osm=path), says=[path, says])


def test_extract_of_a_wrong_suffix(place, refuses):
    path = shutil.copy(TOY / "toy.osm", place / "toy.xml")
    refuses(study(place, osm=path), says=[path, ".osm.pbf"])
    refuses(path, says=[path])


def test_extract_and_boundary_do_not_meet(refuses):
    boundary = MONACO / "boundary.geojson"
    refuses(TOY / "toy.osm", "--boundary", boundary, says=[TOY / "toy.osm", boundary, "CRS"])


# --- boundary, units, built-up area ------------------------------------------


def test_boundary_file_that_is_none(place, refuses):
    empty = '{"type": "FeatureCollection", "features": []}'
    for name, content, says in (
        ("gone.geojson", None, "check the path"),
        ("empty.geojson", empty, "holds no features: export it again"),
        ("broken.geojson", '{"type": "Feat', "cannot be read"),
        ("noise.gpkg", noise(5000), "is no .gpkg file"),
    ):
        path = place / name
        if content is not None:
            write(path, content)
        refuses(TOY / "toy.osm", "--boundary", path, says=[path, says])


def test_boundary_without_geometry(place, refuses):
    path = write(place / "table.csv", "name,people\nA,5\n")
    refuses(
        TOY / "toy.osm",
        "--boundary",
        path,
        says=[path, "no columns of coordinates", "name, people"],
    )


def test_boundary_of_lines(place, refuses):
    boundary = gpd.read_file(TOY / "boundary.geojson")
    path = place / "lines.gpkg"
    boundary.set_geometry(boundary.boundary).to_file(path)
    refuses(TOY / "toy.osm", "--boundary", path, says=[path, "no polygons", "give an area"])


def test_boundary_on_both_sides_of_the_180th_meridian(place, refuses):
    sides = [shapely.box(179.9, -17, 180, -16.9), shapely.box(-180, -17, -179.9, -16.9)]
    path = place / "fiji.geojson"
    gpd.GeoDataFrame(geometry=sides, crs="EPSG:4326").to_file(path)
    refuses(TOY / "toy.osm", "--boundary", path, says=["180th meridian", "one side"])


@pytest.mark.parametrize(
    ("crs", "says"),
    [
        ("EPSG:4326", ["degrees but no CRS", 'datum = "wgs84"']),
        ("EPSG:4548", ["does not say its CRS", 'crs = "EPSG:']),
    ],
)
def test_boundary_without_crs(place, refuses, crs, says):
    path = place / "boundary.shp"
    gpd.read_file(TOY / "boundary.geojson").to_crs(crs).to_file(path)
    path.with_suffix(".prj").unlink()
    refuses(TOY / "toy.osm", "--boundary", path, says=[path, *says])


def test_units_outside(refuses):
    units = MONACO / "units.geojson"
    refuses(TOY / "toy.osm", *BOUNDARY, "--units", units, says=[units, "boundary", "CRS"])


def test_built_up_area_outside(refuses):
    elsewhere = MONACO / "boundary.geojson"
    refuses(
        TOY / "toy.osm", *BOUNDARY, "--built-up", elsewhere, says=[elsewhere, "boundary", "CRS"]
    )


def test_units_without_their_column(place, refuses):
    keys = f'boundary = "{TOY}/boundary.geojson"\nunits = {{ path = "{TOY}/units.geojson", name = "MC" }}'
    refuses(study(place, keys), says=[TOY / "units.geojson", "'MC'", "its columns are name"])


# --- names and study files ---------------------------------------------------


def test_unknown_names_suggest_the_nearest(place, refuses):
    refuses(TOY, "--only", "dead_end", says="Did you mean 'dead_ends'?")
    refuses(TOY, "--only", "zzz", says="Known: dead_ends")
    refuses(TOY, "--standard", "cn-action-plna", says="Did you mean 'cn-action-plan'?")
    refuses(TOY, "--standard", "zzz", says="Known: cn-action-plan")
    refuses(study(place, 'boundry = "b.gpkg"'), says=["study.boundry", "Did you mean 'boundary'?"])
    refuses(study(place, 'units = { pfad = "u" }'), says=["study.units.pfad", "'path'"])
    refuses(write(place / "s.toml", "[stduy]\nname = 'x'\n"), says=["stduy", "'study'?"])


def test_standards_file_that_is_none(place, refuses):
    refuses(TOY, "--standard", place / "gone.toml", says=[place / "gone.toml", "check the path"])
    broken = write(place / "own.toml", 'id = "own"\n[[target]\n')
    refuses(TOY, "--standard", broken, says=[broken, "not TOML", "README"])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('[study\nname = "x"\n', ["line 1", "mend that place"]),
        ('[study]\nname = "明光"\n'.encode("gbk"), ["UTF-8", "mend that place"]),
        (noise(200), ["UTF-8", "mend that place"]),
        ('[study]\nname = "x"\n', "names no data"),
        ('[study]\nname = "x"\n[osm]\n', "names no data"),
        ('osm = "a.osm"\n[study]\nname = "x"\n', "[osm] must be a table"),
        ('study = "x"\n[osm]\npath = "a.osm"\n', "[study] must be a table"),
        ('[study]\n[osm]\npath = "a.osm"\n', "[study] name is missing"),
        ('[study]\nname = ""\n[osm]\npath = "a.osm"\n', "name"),
        ('[study]\nname = "x"\nunits = 3\n[osm]\npath = "a.osm"\n', "units"),
        ('[study]\nname = "x"\ncrs = 4548\n[osm]\npath = "a.osm"\n', "crs"),
    ],
    ids=["broken", "not UTF-8", "noise", "no osm", "no path", "osm is text", "study is text",
         "no name", "empty name", "units are a number", "crs is a number"],
)  # fmt: skip
def test_study_file_that_is_wrong(place, refuses, content, says):
    path = write(place / "study.toml", content)
    refuses(path, says=[path, *([says] if isinstance(says, str) else says)])


def test_folder_without_study(place, refuses):
    refuses(place, says=[place / "study.toml", "give a study file"])


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:4326", "EPSG:2263", "nonsense", "EPSG:999999"])
def test_crs_that_does_not_fit(place, refuses, crs):
    """Web Mercator, degrees, feet, and no CRS at all."""
    said = {"EPSG:4326": "WGS 84", "EPSG:2263": "New York"}.get(crs, crs)
    refuses(study(place, f'crs = "{crs}"'), says=[said, "auto"])


# --- nothing to measure, or only some of it ----------------------------------


def test_no_streets_and_no_boundary(place, refuses):
    path = toy_without(place, 'k="highway"')
    refuses(path, says=[path, "no streets", "give a boundary"])


def test_a_square_without_streets_is_no_crash(place):
    path = osm(place, '<tag k="highway" v="pedestrian"/><tag k="area" v="yes"/>')
    run = cityplan("run", path, *BOUNDARY, "-o", place.parent / "outputs" / "out")
    assert run.exception is None or isinstance(run.exception, SystemExit)


@pytest.mark.parametrize("bend", [0, 1e-6])
def test_streets_in_one_line(place, refuses, bend):
    at = ((32, 117), (32.001, 117 + bend), (32.002, 117))
    nodes = "".join(f'<node id="{i}" lat="{y}" lon="{x:.7f}"/>' for i, (y, x) in enumerate(at, 1))
    way = f'<way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/>{STREET}</way>'
    path = write(place / "line.osm", f'<osm version="0.6">{nodes}{way}</osm>')
    refuses(path, says=[path, "give a boundary"])


def test_nothing_that_any_analyzer_needs(place, refuses):
    path = osm(place, '<tag k="shop" v="mall"/>')
    refuses(path, *BOUNDARY, says=["Nothing could be measured", "Check that"])


def results(run, out):
    assert run.exit_code == 0, run.output
    assert run.stdout == ""
    rows = json.loads((out / "results.json").read_text(encoding="utf-8"))["analyzers"]
    return {row["name"]: row for row in rows}


@pytest.mark.parametrize(
    ("pattern", "skipped"),
    [
        ('k="highway"', {"dead_ends", "life_circle", "park_coverage", "road_area_ratio"}),
        ('k="building"|k="landuse" v="residential"', {"life_circle", "park_coverage"}),
        ('k="leisure" v="park"|v="grass"', {"park_coverage"}),
    ],
    ids=["no streets", "no homes", "no parks"],
)
def test_what_is_missing_skips_its_analyzers_only(place, pattern, skipped):
    path, out = toy_without(place, pattern), place.parent / "outputs" / "out"
    rows = results(cityplan("run", path, *BOUNDARY, "-o", out), out)
    assert {name for name, row in rows.items() if row["status"] == "skipped"} == skipped
    for name in skipped:
        assert "no " in rows[name]["reason"]["en"].lower()
        assert CHINESE.search(rows[name]["reason"]["zh"])
        assert rows[name]["measures"]
        assert all(measure["value"] is None for measure in rows[name]["measures"])


def test_no_toilets_skips_toilets_only(place):
    text = (TOY / "toy.osm").read_text(encoding="utf-8")
    path = write(place / "toy.osm", text.replace('v="toilets"', 'v="bench"'))
    out = place.parent / "outputs" / "out"
    rows = results(cityplan("run", path, *BOUNDARY, "-o", out), out)
    skipped = [name for name, row in rows.items() if row["status"] == "skipped"]
    assert skipped == ["toilet_density"]


# --- the output folder -------------------------------------------------------

QUICK = ("--only", "toilet_density")


def tree(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def fails(*words, says, code=1):
    run = cityplan("run", *words)
    assert (run.exit_code, run.stdout) == (code, "")
    assert len(run.stderr.strip().splitlines()) == 1
    assert says in run.stderr


@pytest.mark.parametrize(
    ("words", "says"), [((), "give --overwrite"), (("--overwrite",), "not an earlier output")]
)
def test_a_foreign_folder_is_left_alone(tmp_path, words, says):
    write(tmp_path / "diary.txt", "mine")
    before = tree(tmp_path)
    fails(TOY, *QUICK, "-o", tmp_path, *words, says=says)
    assert tree(tmp_path) == before


def test_a_file_is_no_folder(tmp_path):
    path = write(tmp_path / "out", "mine")
    fails(TOY, *QUICK, "-o", path, "--overwrite", says=str(path))
    fails(TOY, *QUICK, "-o", path / "below", says=str(path / "below"))
    assert tree(tmp_path) == {"out": b"mine"}


def breaking(monkeypatch, error):
    """Make one writer fail, after others have written."""

    def fail(*_args, **_options):
        raise error

    monkeypatch.setattr("cityplan.outputs.results_json.write_results", fail)


@pytest.fixture
def earlier(tmp_path):
    """Return an earlier output to write over."""
    folder = tmp_path / "earlier" / "out"
    assert cityplan("run", TOY, *QUICK, "-o", folder).exit_code == 0
    return folder


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 1, "No space left on device"),
        (PermissionError(errno.EACCES, "Permission denied"), 1, "choose another folder"),
        (KeyboardInterrupt(), 130, "Interrupted"),
        (MemoryError(), 1, "Not enough memory"),
    ],
    ids=["disk full", "not writable", "Ctrl-C", "memory"],
)
def test_what_fails_while_writing_leaves_nothing(tmp_path, monkeypatch, earlier, error, code, says):
    before = tree(earlier.parent)
    breaking(monkeypatch, error)
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    fails(TOY, *QUICK, "-o", fresh / "out", "--lang", "en", says=says, code=code)
    assert tree(fresh) == {}
    fails(TOY, *QUICK, "-o", earlier, "--overwrite", "--lang", "en", says=says, code=code)
    assert tree(earlier.parent) == before
    chinese = cityplan("run", TOY, *QUICK, "-o", fresh / "out", "--lang", "zh")
    assert chinese.exit_code == code
    assert CHINESE.search(chinese.stderr)


def test_ctrl_c_while_measuring(tmp_path, monkeypatch):
    def stop(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("cityplan.prepare.read_osm", stop)
    fails(TOY, "-o", tmp_path / "out", "--lang", "en", says="Interrupted", code=130)
    assert tree(tmp_path) == {}


def test_overwriting_replaces_the_earlier_output_whole(earlier):
    write(earlier / "stale.txt", "from before")
    assert cityplan("run", TOY, *QUICK, "-o", earlier, "--overwrite").exit_code == 0
    assert not (earlier / "stale.txt").exists()
    assert [path.name for path in earlier.parent.iterdir()] == ["out"]


def test_missed_target_fails_where_asked(tmp_path):
    out = tmp_path / "out"
    assert cityplan("run", TOY, *QUICK, "-o", out).exit_code == 0
    run = cityplan("run", TOY, *QUICK, "-o", out, "--overwrite", "--fail-on-gap")
    assert (run.exit_code, run.stdout) == (4, "")
    assert (out / "results.json").exists()
