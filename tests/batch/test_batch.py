"""A batch from its list to its atlas: what is measured, skipped, done again."""

import json
import shutil

import openpyxl
import pytest
import shapely
from toy_batches import (
    SHIFTABLE,
    TOY,
    answers,
    bounds_of,
    call,
    journal,
    quick,
    shifted_copies,
    statuses,
    toy_rows,
    write_list,
)

import cityplan
from cityplan import batching
from cityplan.batching import parts
from cityplan.batching.plan import estimate
from cityplan.errors import CityplanError, MissingFileError, OutputError, UnknownNameError
from cityplan.sources.extracts import split as splitting

# Which part of a file a city was read from, and where it lies: not what was found there.
PLACE = {"extract", "crs", "study", "inputs"}


def assert_same_answers(one, other, *, rel=1e-6):
    """Compare results that may differ by where the city lies, and by nothing else."""
    if isinstance(one, dict):
        assert set(one) == set(other)
        for key in set(one) - PLACE:
            assert_same_answers(one[key], other[key], rel=rel)
    elif isinstance(one, list):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_same_answers(a, b, rel=rel)
    elif isinstance(one, float):
        assert one == pytest.approx(other, rel=rel, abs=1e-9)
    else:
        assert one == other


@pytest.fixture(scope="module")
def done(toys, tmp_path_factory):
    """Return a finished batch of three toy cities and two bad ones, called as users do."""
    folder = tmp_path_factory.mktemp("done")
    extract, boxes = toys
    bad = [
        {"name": "nowhere", "west": 1, "south": 1, "east": 2, "north": 2},
        {"name": "<b>&=1+1", "west": 9, "south": 1, "east": 2, "north": 2},
    ]
    cities = write_list(folder / "cities.csv", [*toy_rows(boxes), *bad])
    found = call(
        cities, "--extract", extract, "-o", folder / "out", "--cache", folder / "cache",
        "--only", "toilet_density,life_circle,park_coverage", "--jobs", 2, "--lang", "en",
    )  # fmt: skip
    return found, folder


def test_the_bad_do_not_stop_the_good(done):
    found, folder = done
    assert (found.returncode, found.stdout) == (3, "")
    assert "Traceback" not in found.stderr
    assert statuses(folder / "out") == {
        "a": "done", "b": "done", "c": "done", "nowhere": "failed", "<b>&=1+1": "failed",
    }  # fmt: skip
    lines = journal(folder / "out")
    assert "holds nothing" in lines["nowhere"]["cause"]["en"]
    assert "west < east" in lines["<b>&=1+1"]["cause"]["en"]
    for city in "abc":
        line = lines[city]
        assert line["seconds"] > 0
        assert 0.05 < line["peak_gb"] < 4
        assert len(line["config"]) == 64
        assert line["version"] == cityplan.__version__
        assert all(len(digest) == 64 for digest in line["inputs"].values())
        assert (folder / "out" / line["folder"] / "map.html").exists()
    assert {path.name for path in (folder / "out" / "cities").iterdir()} == {"a", "b", "c"}
    # plain lines, where nobody looks at a terminal: one per finished city
    assert "\x1b" not in found.stderr
    assert sum(line.startswith("[") for line in found.stderr.splitlines()) == 5


def test_copies_answer_alike_and_like_the_original(done, tmp_path):
    """Cut out of a shared extract, a city is what it is by itself, wherever it lies."""
    _, folder = done
    first, *others = (answers(folder / "out" / "cities" / city) for city in "abc")
    for other in others:
        assert_same_answers(first | {"study": 0}, other | {"study": 0})
    boundary = tmp_path / "box.geojson"
    boundary.write_text(shapely.to_geojson(shapely.box(*bounds_of(TOY / "toy.osm"))))
    study = cityplan.load_study(TOY / "toy.osm", boundary=boundary)
    study = study.model_copy(update={"crs": SHIFTABLE})
    only = ["toilet_density", "life_circle", "park_coverage"]
    cityplan.run(study, only=only).write(tmp_path / "original")
    assert_same_answers(first, answers(tmp_path / "original"))
    counted = [
        {name: (count["read"], count["used"]) for name, count in document["inputs"].items()}
        for document in (first, *others)
    ]
    assert counted[0] == counted[1] == counted[2]


def test_the_atlas_ranks_and_lists_failures(done):
    _, folder = done
    book = openpyxl.load_workbook(folder / "out" / "atlas.xlsx")
    ranking, measures, quality, failures = (
        list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets
    )
    assert [row[:3] for row in ranking[1:]] == [(1, c, ranking[1][2]) for c in "abc"]
    assert len(measures) == 1 + 3 * (len(ranking[0]) - 6)
    assert [row[0] for row in quality[1:]] == ["a", "b", "c"]
    assert [row[0] for row in failures[1:]] == ["nowhere", "<b>&=1+1"]
    html = (folder / "out" / "atlas.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;&amp;=1+1" in html
    assert "<b>&" not in html
    assert 'href="cities/a/report.html"' in html


def test_unchanged_is_skipped_and_what_failed_is_tried_again(
    toys, toy_list, tmp_path, shared_cache
):
    extract = tmp_path / "own.osm.pbf"
    shutil.copy(toys[0], extract)
    out = tmp_path / "out"
    rows = toy_rows(toys[1])
    write_list(toy_list, [*rows[:2], rows[2] | {"built_up": "later.geojson"}])
    report = quick(toy_list, out, shared_cache, extract)
    assert statuses(out) == {"a": "done", "b": "done", "c": "failed"}
    assert [line["city"] for line in report.failed] == ["c"]
    assert "later.geojson" in journal(out)["c"]["cause"]["en"]
    before = {c: (out / "cities" / c / "results.json").stat().st_mtime_ns for c in "ab"}
    shutil.copy(TOY / "built_up.geojson", tmp_path / "later.geojson")

    # another city's file has come, one city's result is gone, one city is new in the list
    (out / "cities" / "b" / "results.json").unlink()
    report = quick(toy_list, out, shared_cache, extract)
    assert statuses(out)["a"] == "skipped"
    assert statuses(out)["b"] == "done"
    assert (out / "cities" / "a" / "results.json").stat().st_mtime_ns == before["a"]
    # the built-up area of the toy lies in a's place, so c cannot use it: still its own fault
    assert "does not meet the boundary" in journal(out)["c"]["cause"]["en"]

    # another configuration of one city; the list no longer names another
    write_list(toy_list, [rows[0] | {"lang": "zh"}, rows[1]])
    report = quick(toy_list, out, shared_cache, extract)
    assert {line["city"]: line["status"] for line in report.lines} == {"a": "done", "b": "skipped"}
    assert set(journal(out)) == {"a", "b"}
    assert answers(out / "cities" / "a")["study"]["lang"] == "zh"
    report = quick(toy_list, out, shared_cache, extract)
    assert not report.failed
    assert set(statuses(out).values()) == {"skipped"}


def test_another_standard_neither_cuts_nor_reads(toys, toy_list, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    quick(toy_list, tmp_path / "one", cache, toys[0])
    kept = {p: p.stat().st_mtime_ns for p in cache.rglob("*") if p.is_file()}
    monkeypatch.setattr(parts, "split", no_split(parts.split))
    quick(toy_list, tmp_path / "two", cache, toys[0], standard="cn-gb50180")
    assert statuses(tmp_path / "two") == dict.fromkeys("abc", "done")
    assert {p: p.stat().st_mtime_ns for p in cache.rglob("*") if p.is_file()} == kept
    standards = [
        answers(tmp_path / out / "cities" / "a")["standard"]["id"] for out in ("one", "two")
    ]
    assert standards == ["cn-action-plan", "cn-gb50180"]


def no_split(real):
    def split(extract, wanted):
        assert not wanted, "cut again"
        return real(extract, wanted)

    return split


def test_damaged_parts_are_cut_again(toys, toy_list, tmp_path):
    cache = tmp_path / "cache"
    quick(toy_list, tmp_path / "one", cache, toys[0], jobs=1)
    first, second, third = sorted((cache / "parts").glob("*.osm.pbf"))
    whole = [path.read_bytes() for path in (first, second, third)]
    first.write_bytes(whole[0][: len(whole[0]) // 2])
    second.unlink()
    third.with_suffix(".json").write_text("{")
    shutil.rmtree(cache / "layers")
    quick(toy_list, tmp_path / "two", cache, toys[0], jobs=1)
    assert [path.read_bytes() for path in (first, second, third)] == whole
    assert statuses(tmp_path / "two") == dict.fromkeys("abc", "done")
    for city in "abc":
        one, two = (answers(tmp_path / out / "cities" / city) for out in ("one", "two"))
        assert one == two


def test_a_folder_of_studies(tmp_path, shared_cache):
    folder = tmp_path / "studies"
    shutil.copytree(TOY, folder / "one")
    shutil.copy(TOY / "toy.osm", folder / "two.osm")
    (folder / "three.toml").write_text("[study]\nname = 'three'\n[osm]\npath = 'no.osm.pbf'\n")
    out = tmp_path / "out"
    report = quick(folder, out, shared_cache, lang="zh")
    assert statuses(out) == {"Toy city": "done", "three": "failed", "two": "done"}
    assert "不存在" in report.failed[0]["cause"]["zh"]
    assert "排名" in (out / "atlas.html").read_text(encoding="utf-8")
    cityplan.run(TOY, only=["toilet_density"]).write(tmp_path / "alone")
    alone, batched = answers(tmp_path / "alone"), answers(out / "cities" / "Toy city")
    assert alone["study"].pop("lang") == "en"
    assert batched["study"].pop("lang") == "zh"
    assert alone == batched


def test_fail_fast_stops(toys, toy_list, tmp_path, shared_cache):
    rows = toy_rows(toys[1])
    write_list(toy_list, [rows[0], rows[1] | {"north": -91}, rows[2]])
    report = quick(toy_list, tmp_path / "out", shared_cache, toys[0], fail_fast=True)
    assert [line["status"] for line in report.lines] == ["failed"]
    assert (tmp_path / "out" / "atlas.html").exists()


# --- dry run -----------------------------------------------------------------


def test_dry_run_lists_and_measures_nothing(toys, toy_list, tmp_path):
    rows = toy_rows(toys[1])
    write_list(toy_list, [*rows, {"name": "x", "west": 1, "south": 1, "east": 2, "north": 2}])
    out, cache = tmp_path / "out", tmp_path / "cache"
    words = (toy_list, "--extract", toys[0], "-o", out, "--cache", cache, "-n", "--jobs", 2)
    found = call(*words, "--lang", "en")
    assert (found.returncode, found.stdout) == (0, "")
    assert "3 of 4 cities to do" in found.stderr
    assert not out.exists()
    assert not (cache / "parts").exists()
    document = json.loads(call(*words, "--json").stdout)
    nodes = [city["nodes"] for city in document["cities"]]
    assert nodes == splitting.count_nodes(toys[0], [city_box(row) for row in rows] + [(1, 1, 2, 2)])
    assert [city["state"] for city in document["cities"]] == ["to do"] * 3 + ["failed"]
    assert document["cities"][0]["seconds"] == pytest.approx(estimate(nodes[0]).seconds)
    assert "holds nothing" in document["cities"][3]["cause"]["en"]
    assert document["seconds"] >= max(city["seconds"] for city in document["cities"])


def city_box(row):
    from cityplan.model.place import with_margin

    return with_margin(tuple(row[side] for side in ("west", "south", "east", "north")))


def test_dry_run_knows_what_is_done(done):
    _, folder = done
    found = batching.dry_run(
        folder / "cities.csv", folder / "out", extract=next(iter_extracts(folder)),
        only=["toilet_density", "life_circle", "park_coverage"], cache=folder / "cache", lang="en",
        pictures=False,
    )  # fmt: skip
    assert [city.state for city in found.cities] == ["unchanged"] * 3 + ["failed"] * 2
    assert found.seconds == 0


def iter_extracts(folder):
    inputs = journal(folder / "out")["a"]["inputs"]
    return (path for path in inputs if path.endswith(".osm.pbf"))


def test_estimates_learn_from_what_was_measured():
    plain = estimate(1_000_000)
    slow = [{"nodes": n, "seconds": 3 * estimate(n).seconds, "peak_gb": 0.1} for n in (10, 20, 30)]
    assert estimate(1_000_000, slow).seconds == pytest.approx(3 * plain.seconds)
    assert estimate(1_000_000, slow[:2]).seconds == plain.seconds
    assert estimate(1_000_000, slow).gb == plain.gb  # memory is never guessed lower
    large = [line | {"peak_gb": 2 * estimate(line["nodes"]).gb} for line in slow]
    assert estimate(1_000_000, large).gb == pytest.approx(2 * plain.gb)


# --- what is refused ---------------------------------------------------------


def test_what_is_no_batch_is_left_alone(toys, toy_list, tmp_path, shared_cache):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.docx").write_text("")
    with pytest.raises(OutputError, match="not the folder of a batch"):
        quick(toy_list, tmp_path / "mine", shared_cache, toys[0])
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.docx"]
    with pytest.raises(OutputError):
        quick(toy_list, tmp_path / "mine" / "thesis.docx", shared_cache, toys[0])


def test_wrong_words_end_before_anything_starts(toys, toy_list, tmp_path, shared_cache):
    for error, options in (
        (MissingFileError, {"extract": tmp_path / "no.osm.pbf"}),
        (UnknownNameError, {"only": ["no_such"], "extract": toys[0]}),
        (CityplanError, {"scheduler": "tcp://127.0.0.1:1", "extract": toys[0]}),
    ):
        with pytest.raises(error):
            quick(toy_list, tmp_path / "out", shared_cache, **options)
    missing = call(tmp_path / "no.csv", "-o", tmp_path / "out", "--lang", "zh")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "不存在" in missing.stderr


# --- the real thing ----------------------------------------------------------


@pytest.mark.full
def test_nine_times_las_palmas(data_file, tmp_path):
    """Nine extents of one extract: nine equal results, equal to the original's."""
    centre = (-15.45, 28.08, -15.41, 28.16)  # with its margin it meets no copy beside it
    steps = [(0.17 * east, 0.18 * north) for north in range(3) for east in range(3)]
    rows = [
        {
            "name": f"{number}", "west": centre[0] + x, "south": centre[1] + y,
            "east": centre[2] + x, "north": centre[3] + y, "crs": SHIFTABLE.replace("31", "28"),
        }
        for number, (x, y) in enumerate(steps)
    ]  # fmt: skip
    cities = write_list(tmp_path / "cities.csv", rows)
    report = cityplan.batch(
        cities, tmp_path / "nine", extract=data_file("perf/las_palmas_x9.osm.pbf"),
        cache=tmp_path / "cache", jobs=2,
    )  # fmt: skip
    assert not report.failed
    one = write_list(tmp_path / "one.csv", rows[:1])
    cityplan.batch(
        one, tmp_path / "one", extract=data_file("las_palmas/las_palmas.osm.pbf"),
        cache=tmp_path / "cache",
    )  # fmt: skip
    original = answers(tmp_path / "one" / "cities" / "0")
    assert original["analyzers"] == answers(tmp_path / "nine" / "cities" / "0")["analyzers"]
    for number in range(1, 9):
        copy = answers(tmp_path / "nine" / "cities" / f"{number}")
        for one, other in zip(measures(original), measures(copy), strict=True):
            assert one["id"] == other["id"]
            # Lines that touch a barrier may cross it elsewhere by the last digit, and grids
            # start elsewhere: half a per cent, and never another count.
            near = {"abs": 5e-3} if one["unit"] == "share" else {"rel": 5e-3}
            if one["id"].endswith(("count", "count_outside")):
                near = {"rel": 0}
            for key in ("value", "low", "high"):
                assert one[key] == (
                    None if other[key] is None else pytest.approx(other[key], **near)
                )


def measures(document):
    return [measure for analyzer in document["analyzers"] for measure in analyzer["measures"]]


def test_shifted_copies_are_what_they_say(tmp_path):
    moved = shifted_copies(TOY / "toy.osm", tmp_path / "moved.osm.pbf", [(0.0, 0.0), (0.5, 0.25)])
    west, south, east, north = bounds_of(TOY / "toy.osm")
    assert bounds_of(moved) == pytest.approx((west, south, east + 0.5, north + 0.25))
