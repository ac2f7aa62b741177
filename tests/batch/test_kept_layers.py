"""Layers kept between runs are what the reader gave, or are read again."""

import json
import logging
import shutil

import pandas as pd
import pytest
from toy_batches import TOY, answers

import cityplan
from cityplan.sources.extracts import extract_cache
from cityplan.sources.extracts.extract_cache import read_osm_cached
from cityplan.sources.osm_file import read_osm


@pytest.fixture
def counted(monkeypatch):
    """Return a list that grows with every real reading."""
    read = []

    def spy(path):
        read.append(path)
        return read_osm(path)

    monkeypatch.setattr(extract_cache, "read_osm", spy)
    return read


def assert_same(one, other):
    assert (one.counts, one.extent, one.timestamp) == (other.counts, other.extent, other.timestamp)
    assert list(one.layers) == list(other.layers)
    for name, frame in one.layers.items():
        kept = other.layers[name]
        assert list(frame.columns) == list(kept.columns)
        assert frame.crs == kept.crs
        assert (frame.geometry.to_wkb() == kept.geometry.to_wkb()).all()
        for column in frame.columns.drop("geometry"):
            a, b = frame[column], kept[column]
            assert (a.isna() == b.isna()).all(), (name, column)
            pd.testing.assert_series_equal(
                a.dropna().astype(object), b.dropna().astype(object), check_names=False
            )


@pytest.mark.parametrize("name", ["monaco/monaco-2023.osm.pbf", "traps/helsinki_cut_refs.osm.pbf"])
def test_they_are_what_was_read(data_file, tmp_path, counted, name):
    first = read_osm_cached(data_file(name), tmp_path)
    second = read_osm_cached(data_file(name), tmp_path)
    assert len(counted) == 1
    assert_same(first, second)
    assert_same(read_osm(data_file(name)), second)


def damage_parquet(entry):
    file = entry / "streets.parquet"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 255
    file.write_bytes(data)


DAMAGES = {
    "a bit turned": damage_parquet,
    "a file gone": lambda entry: (entry / "buildings.parquet").unlink(),
    "a file cut": lambda entry: (entry / "streets.parquet").write_bytes(b"PAR1"),
    "no account": lambda entry: (entry / "entry.json").unlink(),
    "account cut": lambda entry: (entry / "entry.json").write_text('{"files": {'),
    "account of another shape": lambda entry: (entry / "entry.json").write_text("[]"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_ones_are_read_anew(tmp_path, counted, caplog, damage):
    cache = tmp_path / "cache"
    first = read_osm_cached(TOY / "toy.osm", cache)
    (entry,) = cache.iterdir()
    damage(entry)
    with caplog.at_level(logging.WARNING):
        again = read_osm_cached(TOY / "toy.osm", cache)
    assert "damaged" in caplog.text
    assert len(counted) == 2
    assert_same(first, again)
    read_osm_cached(TOY / "toy.osm", cache)
    assert len(counted) == 2


def test_another_file_or_reader_is_another_entry(tmp_path, counted, monkeypatch):
    copy = shutil.copy(TOY / "toy.osm", tmp_path / "other.osm")
    cache = tmp_path / "cache"
    read_osm_cached(TOY / "toy.osm", cache)
    found = read_osm_cached(copy, cache)  # the same content under another name
    assert len(counted) == 1
    assert {count.source for count in found.counts.values()} == {"other.osm"}
    text = copy.read_text(encoding="utf-8")
    copy.write_text(text.replace("residential", "tertiary", 1), encoding="utf-8")
    read_osm_cached(copy, cache)
    monkeypatch.setattr(extract_cache, "reader_version", lambda: "another")
    read_osm_cached(copy, cache)
    assert len(counted) == 3


def test_a_cache_that_takes_nothing_stops_nobody(tmp_path, caplog):
    (tmp_path / "cache").write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        found = read_osm_cached(TOY / "toy.osm", tmp_path / "cache")
    assert found.layers
    assert "not kept" in caplog.text


def test_another_standard_reads_nothing_and_answers_the_same(tmp_path, counted):
    cache, only = tmp_path / "cache", ["toilet_density", "dead_ends"]
    for number, standard in enumerate(("cn-action-plan", "cn-gb50180")):
        study = cityplan.load_study(TOY, standard=standard)
        cityplan.run(study, only=only, cache=cache).write(tmp_path / f"kept-{number}")
        cityplan.run(study, only=only).write(tmp_path / f"read-{number}")
        kept, fresh = (answers(tmp_path / f"{how}-{number}") for how in ("kept", "read"))
        assert json.dumps(kept) == json.dumps(fresh)
    assert len(counted) == 1
