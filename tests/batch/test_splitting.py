"""Parts of an extract against a plain calculation, object by object."""

import osmium
import pytest

from cityplan.errors import InputFileError, MissingFileError
from cityplan.sources.extracts import split as splitting
from cityplan.sources.extracts.pbf_fields import UnusualPbfError
from cityplan.sources.extracts.pbf_nodes import node_blocks
from cityplan.sources.extracts.split import count_nodes, split
from cityplan.sources.osm_file import read_osm

MONACO = "monaco/monaco-2023.osm.pbf"
BOXES = {
    "west": (7.40, 43.72, 7.42, 43.74),
    "middle": (7.415, 43.73, 7.43, 43.745),
    "nowhere": (10.0, 10.0, 11.0, 11.0),
}


def objects(path):
    """Return the objects of a file as plain values, by type and id."""
    found = {"n": {}, "w": {}, "r": {}}
    for thing in osmium.FileProcessor(str(path)):
        kind = thing.type_str()
        if kind == "n":
            what = (thing.location.x, thing.location.y)
        elif kind == "w":
            what = tuple(node.ref for node in thing.nodes)
        else:
            what = tuple((m.type, m.ref, m.role) for m in thing.members)
        assert thing.id not in found[kind]
        found[kind][thing.id] = (dict(thing.tags), what)
    return found


def expected(whole, box):
    """Return the ids a part must have, the slow and plain way."""
    west, south, east, north = (round(side * 1e7) for side in box)
    inside = {
        i for i, (_, (x, y)) in whole["n"].items() if west <= x <= east and south <= y <= north
    }
    ways = {i for i, (_, nodes) in whole["w"].items() if inside.intersection(nodes)}
    relations = {
        i
        for i, (_, members) in whole["r"].items()
        if any((k == "w" and r in ways) or (k == "n" and r in inside) for k, r, _ in members)
    }
    for relation in relations:
        tags, members = whole["r"][relation]
        if tags.get("type") == "multipolygon":
            ways |= {r for k, r, _ in members if k == "w" and r in whole["w"]}
    nodes = inside | {n for way in ways for n in whole["w"][way][1]}
    return {"n": nodes & set(whole["n"]), "w": ways, "r": relations}


@pytest.fixture(scope="module")
def monaco(data_file):
    return data_file(MONACO)


def check_parts(extract, whole, parts):
    for path, box in parts.items():
        part, wanted = objects(path), expected(whole, box)
        for kind in "nwr":
            assert set(part[kind]) == wanted[kind], (path.name, kind)
            assert all(part[kind][i] == whole[kind][i] for i in wanted[kind]), (extract, kind)


def test_parts_are_those_of_the_plain_calculation(monaco, tmp_path):
    parts = {tmp_path / f"{name}.osm.pbf": box for name, box in BOXES.items()}
    counts = split(monaco, parts)
    whole = objects(monaco)
    assert sum(len(expected(whole, box)["r"]) for box in BOXES.values()) > 10
    check_parts(monaco, whole, parts)
    assert list(counts.values()) == count_nodes(monaco, list(BOXES.values()))
    assert counts[tmp_path / "nowhere.osm.pbf"] == 0
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in parts}


def test_boxes_without_anything(monaco, tmp_path):
    part = tmp_path / "part.osm.pbf"
    assert split(monaco, {part: BOXES["nowhere"]}) == {part: 0}
    assert objects(part) == {"n": {}, "w": {}, "r": {}}
    assert split(monaco, {}) == {}


def test_groups_change_nothing(monaco, tmp_path, monkeypatch):
    one = {tmp_path / f"one-{name}.osm.pbf": box for name, box in BOXES.items()}
    split(monaco, one)
    monkeypatch.setattr(splitting, "GROUP_NODES", 10_000)
    monkeypatch.setattr(splitting, "SPOOLED", 1_000)
    many = {tmp_path / f"many-{name}.osm.pbf": box for name, box in BOXES.items()}
    split(monaco, many)
    for first, second in zip(one, many, strict=True):
        assert first.read_bytes() == second.read_bytes()


def test_a_multipolygon_at_the_edge_is_whole(tmp_path):
    """A lake of two half rings, one of them far outside the box."""
    corners = [(7.0, 43.0), (7.01, 43.0), (7.2, 43.0), (7.2, 43.1), (7.01, 43.1), (7.0, 43.1)]
    source = tmp_path / "lake.osm.pbf"
    lake, border = {"natural": "water"}, {"boundary": "administrative", "admin_level": "4"}
    with osmium.SimpleWriter(str(source)) as writer:
        for number, place in enumerate(corners, start=1):
            writer.add(osmium.osm.mutable.Node(id=number, location=place))
        writer.add(osmium.osm.mutable.Way(id=1, nodes=[5, 6, 1, 2]))
        writer.add(osmium.osm.mutable.Way(id=2, nodes=[2, 3, 4, 5]))
        for identity, kind, tags in ((1, "multipolygon", lake), (2, "boundary", border)):
            members = [("w", 1, "outer"), ("w", 2 if kind == "multipolygon" else 3, "outer")]
            writer.add(
                osmium.osm.mutable.Relation(
                    id=identity, members=members, tags={"type": kind, **tags}
                )
            )
    part = tmp_path / "part.osm.pbf"
    split(source, {part: (6.99, 42.99, 7.02, 43.2)})
    water = read_osm(part).layers["water"]
    assert water.geometry.iloc[0].bounds == (7.0, 43.0, 7.2, 43.1)


def test_nodes_are_those_libosmium_reads(monaco, tmp_path):
    odd = tmp_path / "odd.osm.pbf"
    with osmium.SimpleWriter(str(odd)) as writer:
        for number in (-5, 3, 810_678_707_240):
            writer.add(
                osmium.osm.mutable.Node(
                    id=number, location=(-179.9999999, -0.0000001 * number), tags={"名": "值"}
                )
            )
    for path in (monaco, odd):
        ours = {
            int(i): (block.tags(row), (int(block.x[row]), int(block.y[row])))
            for block in node_blocks(path)
            for row, i in enumerate(block.ids)
        }
        assert ours == objects(path)["n"]


@pytest.mark.parametrize("suffix", [".osm", ".osm.gz", ".osm.bz2", "-plain.osm.pbf"])
def test_other_formats_are_split_alike(toys, tmp_path, suffix):
    extract, boxes = toys
    other = tmp_path / f"toys{suffix}"
    form = "pbf,pbf_dense_nodes=false" if suffix.endswith("pbf") else suffix[1:]
    with osmium.SimpleWriter(osmium.io.File(str(other), form)) as writer:
        for thing in osmium.FileProcessor(str(extract)):
            writer.add(thing)
    if suffix.endswith("pbf"):
        with pytest.raises(UnusualPbfError):
            next(node_blocks(other))
    part = tmp_path / "part.osm.pbf"
    split(other, {part: boxes[1]})
    check_parts(other, objects(extract), {part: boxes[1]})


def test_parts_say_how_far_they_are_complete_and_of_when(data_file, tmp_path):
    source = data_file("las_palmas/las_palmas.osm.pbf")
    whole, part = read_osm(source), tmp_path / "part.osm.pbf"
    box = (-15.6, 28.10, -15.42, 28.12)
    split(source, {part: box})
    found = read_osm(part)
    west = whole.extent.bounds[0]
    assert found.extent.bounds == pytest.approx((west, 28.10, -15.42, 28.12))
    assert found.timestamp == whole.timestamp


@pytest.mark.parametrize("cut", [0, 10, 1000, 60_000])
def test_a_damaged_extract_is_one_sentence(monaco, tmp_path, cut):
    damaged = tmp_path / "damaged.osm.pbf"
    damaged.write_bytes(monaco.read_bytes()[:cut])
    with pytest.raises(InputFileError):
        split(damaged, {tmp_path / "out" / "part.osm.pbf": BOXES["west"]})
    assert not list((tmp_path / "out").glob("*"))


def test_a_missing_extract_is_one_sentence(tmp_path):
    with pytest.raises(MissingFileError):
        count_nodes(tmp_path / "no.osm.pbf", [BOXES["west"]])
