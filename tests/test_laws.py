"""Laws of the measures, on the toy city redrawn: what must not change, and what only grows."""

import importlib.util
import json
import math
import os
import random
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import cityplan
from cityplan.model.result import OUTSIDE_UNITS

ROOT = Path(__file__).parent.parent
TOY, MONACO = ROOT / "sample_data" / "toy", ROOT / "sample_data" / "monaco"
AREAS = ("boundary.geojson", "built_up.geojson", "units.geojson")
FIRST_ID = 10_000_000  # of what is drawn anew
WEST_END = "149"  # node of the avenue's northern carriageway

MOVED = "+proj=tmerc +lon_0=117 +x_0=512345 +y_0=-3500321 +ellps=GRS80 +units=m +type=crs"
TURNED = (
    "+proj=omerc +lat_0=32.005 +lonc=117.005 +alpha={} +gamma=0 +ellps=GRS80 +units=m +type=crs"
)

LINES_REL, POLYGONS_REL = 1e-6, 5e-3
POLYGON_MEASURES = (
    "toilet_density.area_coverage_share",
    "park_coverage.green.residential_land_share",
    "park_coverage.park.residential_land_share",
    "road_area_ratio.ratio",
    "road_area_ratio.ratio_red_line",
    "service_coverage.bus_stop.share",
    "service_coverage.greenway.share",
)
COUNTS = (
    "toilet_density.count",
    "toilet_density.missing",
    "dead_ends.count",
    "dead_ends.through_count",
    "dead_ends.cause",
)
# Drawing the city elsewhere moves every node on the grid of 1e-7 degrees, about 1 cm: that is
# a thousandth of a home's side, and twice that of its weight beside that of residential land.
REDRAWN_REL = 2e-3


# --- redrawing ---------------------------------------------------------------


def study(folder, *, osm=TOY / "toy.osm", areas=TOY, standard="cn-action-plan", crs="auto"):
    """Write a study file and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "study.toml"
    path.write_text(
        f"""[study]
name = "Toy city"
boundary = "{areas / AREAS[0]}"
built_up = "{areas / AREAS[1]}"
units = {{ path = "{areas / AREAS[2]}", name = "name" }}
standard = "{standard}"
crs = "{crs}"
[osm]
path = "{osm}"
""",
        encoding="utf-8",
    )
    return path


def redrawn(folder, change, *, crs="auto"):
    """Change the toy city's OSM elements and measure what comes out."""
    folder.mkdir(parents=True, exist_ok=True)
    root = ET.fromstring((TOY / "toy.osm").read_text(encoding="utf-8"))
    change(root)
    ET.ElementTree(root).write(folder / "toy.osm", encoding="utf-8", xml_declaration=True)
    return cityplan.run(study(folder, osm=folder / "toy.osm", crs=crs))


def tags_of(way):
    return {tag.get("k"): tag.get("v") for tag in way.iter("tag")}


def streets(root):
    """Return the ways that are drawn as lines."""
    return [way for way in root.iter("way") if "highway" in tags_of(way)]


def reverse_two_way_streets(root):
    for way in streets(root):
        if tags_of(way).get("oneway") != "yes":
            refs = [nd.get("ref") for nd in way.iter("nd")]
            for nd, ref in zip(way.iter("nd"), refs[::-1], strict=True):
                nd.set("ref", ref)


def split_every_street(root):
    """Cut every street at its middle node; one of two nodes gets a new one."""
    nodes = {node.get("id"): node for node in root.iter("node")}
    for number, way in enumerate(streets(root), start=FIRST_ID):
        parts = list(way.iter("nd"))
        if len(parts) == 2:
            ends = [nodes[nd.get("ref")] for nd in parts]
            middle = {k: f"{sum(float(n.get(k)) for n in ends) / 2:.7f}" for k in ("lat", "lon")}
            root.insert(1, ET.Element("node", id=str(number), version="1", **middle))
            parts.insert(1, ET.Element("nd", ref=str(number)))
            way.insert(1, parts[1])
        cut = len(parts) // 2
        rest = ET.SubElement(root, "way", id=str(number), version="1")
        rest.extend([ET.Element("nd", ref=nd.get("ref")) for nd in parts[cut:]])
        rest.extend([ET.Element("tag", tag.attrib) for tag in way.iter("tag")])
        for nd in parts[cut + 1 :]:
            way.remove(nd)


def shuffle(root, seed):
    """Bring nodes and ways into any order, and number them anew."""
    luck = random.Random(seed)
    kinds = {kind: root.findall(kind) for kind in ("node", "way")}
    for kind, elements in kinds.items():
        luck.shuffle(elements)
        new = {element.get("id"): str(i) for i, element in enumerate(elements, start=1)}
        for element in elements:
            element.set("id", new[element.get("id")])
            root.remove(element)
        if kind == "node":
            for nd in root.iter("nd"):
                nd.set("ref", new[nd.get("ref")])
        root.extend(elements)


def all_at_once(root):
    split_every_street(root)
    reverse_two_way_streets(root)
    shuffle(root, 3)


def drawn_elsewhere(folder, east_m, north_m):
    """Draw the toy city some metres away with its own script."""
    spec = importlib.util.spec_from_file_location("toy", ROOT / "scripts" / "make_toy_city.py")
    toy = importlib.util.module_from_spec(spec)
    sys.modules["toy"] = toy  # dataclasses and typing look modules up by name
    spec.loader.exec_module(toy)
    toy.ORIGIN = (toy.ORIGIN[0] + east_m, toy.ORIGIN[1] + north_m)
    toy.main(folder)
    return cityplan.run(study(folder / "study", osm=folder / "toy.osm", areas=folder))


# --- comparing ---------------------------------------------------------------


def table(report):
    """Return every number of a report: (measure, unit or city's field) -> value."""
    numbers = {}
    for result in report.results:
        for measure in result.measures:
            numbers |= {(measure.id, f): getattr(measure, f) for f in ("value", "low", "high")}
        for row in result.units.drop(columns="geometry").to_dict("records"):
            unit = row.pop("unit")
            numbers |= {(key, unit): value for key, value in row.items()}
    return {key: None if v is None or math.isnan(v) else v for key, v in numbers.items()}


def unlike(before, after, *, lines_rel=LINES_REL):
    """Return what differs by more than the law allows."""
    first, second = table(before), table(after)
    assert set(first) == set(second)
    found = {}
    for key, value in first.items():
        other, measure = second[key], key[0]
        if value is None or other is None or measure.startswith(COUNTS):
            same = value == other
        else:
            rel = POLYGONS_REL if measure in POLYGON_MEASURES else lines_rel
            same = math.isclose(value, other, rel_tol=rel, abs_tol=1e-12)
        if not same:
            found[key] = (value, other)
    verdicts = [
        [m.verdict for r in report.results for m in r.measures] for report in (before, after)
    ]
    assert verdicts[0] == verdicts[1]
    return found


@pytest.fixture(scope="module")
def toy():
    return cityplan.run(TOY)


@pytest.fixture(scope="module")
def monaco():
    return cityplan.run(MONACO)


@pytest.mark.parametrize(
    "change",
    [
        split_every_street,
        reverse_two_way_streets,
        lambda root: shuffle(root, 1),
        lambda root: shuffle(root, 2),
        all_at_once,
    ],
    ids=["split", "reverse", "shuffle", "shuffle otherwise", "all at once"],
)
def test_how_the_map_is_drawn_changes_nothing(tmp_path, toy, change):
    assert not unlike(toy, redrawn(tmp_path, change))


@pytest.mark.parametrize("crs", [MOVED, TURNED.format(33), TURNED.format(-58)])
def test_another_frame_of_coordinates_changes_nothing(tmp_path, toy, crs):
    assert not unlike(toy, cityplan.run(study(tmp_path, crs=crs)))


def monaco_turned(angle):
    """Measure Monaco in a frame turned by some degrees, its built-up area being given."""
    loaded = cityplan.load_study(MONACO, built_up=MONACO / "boundary.geojson")
    crs = f"+proj=omerc +lat_0=43.74 +lonc=7.42 +alpha={angle} +gamma=0 +ellps=GRS80 +units=m"
    return cityplan.run(loaded.model_copy(update={"crs": f"{crs} +type=crs"}))


def test_turning_a_real_city_changes_little():
    """The city's figures: what lies on a unit's border may fall to either side."""
    before, after = (table(monaco_turned(angle)) for angle in (0.001, 71))
    wrong = {}
    for key, value in before.items():
        if key[1] != "value" or value is None:
            continue
        on_lines = key[0].startswith(("road_area_ratio.density", "dead_ends"))
        rel = 0 if key[0].startswith(COUNTS) else LINES_REL if on_lines else POLYGONS_REL
        if not math.isclose(value, after[key], rel_tol=rel, abs_tol=1e-12):
            wrong[key[0]] = (value, after[key])
    assert not wrong


def gate_on_one_carriageway(root):
    """Shut the northern carriageway of the avenue at its west end."""
    avenue = next(w for w in streets(root) if list(w.iter("nd"))[-1].get("ref") == WEST_END)
    assert tags_of(avenue)["name"] == "人民大道"
    node = next(n for n in root.iter("node") if n.get("id") == WEST_END)
    ET.SubElement(node, "tag", k="barrier", v="gate")


@pytest.mark.parametrize("angle", [0, 90, 180, -90])
def test_which_carriageway_has_the_gate_is_all_one(tmp_path, angle):
    report = redrawn(tmp_path, gate_on_one_carriageway, crs=TURNED.format(angle + 0.01))
    ends = report["dead_ends"]
    assert ends["cause.private_or_gate"].value == 2
    assert ends["cause.unexplained"].value == 1


@pytest.mark.parametrize(("east_m", "north_m"), [(137, -259), (-4321, 1234)])
def test_the_city_may_stand_elsewhere(tmp_path, toy, east_m, north_m):
    moved = drawn_elsewhere(tmp_path, east_m, north_m)
    assert not unlike(toy, moved, lines_rel=REDRAWN_REL)


# --- what only grows ---------------------------------------------------------


HEAD = """id = "own"
extends = "cn-action-plan"
title = { en = "Own", zh = "自定" }
summary = { en = "For a test.", zh = "用于测试。" }
"""
SOURCED = 'source = "a test"\nclause = ""\nconfidence = "K"\n'


def reach(folder, distance_m):
    """Measure the toy city with one distance for everything."""
    text = HEAD
    for setting in ("life_circle.limit_m", "toilets.radius_m"):
        text += f'[[setting]]\nid = "{setting}"\nvalue = {distance_m}\nunit = "m"\n{SOURCED}'
    for clause in ("green", "park"):
        text += f'[[park_clause]]\nid = "{clause}"\n{SOURCED}title = {{ en = "A", zh = "甲" }}\n'
        text += f'bands = [{{ layer = "{clause}", min_m2 = 400, distance_m = {distance_m} }}]\n'
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "own.toml").write_text(text, encoding="utf-8")
    return table(cityplan.run(study(folder, standard=folder / "own.toml")))


def grows(key):
    measure = key[0]
    return "coverage" in measure or measure.startswith(("life_circle.reach", "life_circle.group"))


@settings(max_examples=6)
@given(st.lists(st.integers(20, 1500), min_size=2, max_size=2, unique=True))
def test_coverage_never_falls_as_the_distance_grows(tmp_path_factory, distances):
    folder = tmp_path_factory.mktemp("reach")
    near, far = (reach(folder / str(d), d) for d in sorted(distances))
    grown = [key for key in near if grows(key) and near[key] is not None]
    assert len(grown) > 100
    assert not {k: (near[k], far[k]) for k in grown if far[k] < near[k] - 1e-9}
    missing = ("life_circle.mean_missing", "value")
    assert far[missing] <= near[missing] + 1e-9


def test_distances_matter(tmp_path):
    """Without this the law above could hold for want of any effect."""
    near, far = reach(tmp_path / "near", 60), reach(tmp_path / "far", 1400)
    for measure in (
        "life_circle.complete_share",
        "life_circle.reach.market",
        "park_coverage.park.network_share",
        "park_coverage.green.radius_share",
        "park_coverage.green.residential_land_share",
        "toilet_density.area_coverage_share",
        "toilet_density.demand_coverage_share",
    ):
        assert near[measure, "value"] < far[measure, "value"], measure


@pytest.mark.parametrize("city", ["toy", "monaco"])
def test_network_reaches_no_more_than_the_straight_line(request, city):
    numbers = table(request.getfixturevalue(city))
    pairs = [
        (value, numbers[key[0].replace("network_share", "radius_share"), key[1]])
        for key, value in numbers.items()
        if key[0].endswith("network_share") and key[1] not in ("low", "high")
    ]
    known = [(network, straight) for network, straight in pairs if network is not None]
    assert len(known) > 4
    assert all(network <= straight + 1e-9 for network, straight in known)


# --- wholes and parts --------------------------------------------------------


@pytest.mark.parametrize("city", ["toy", "monaco"])
def test_served_and_gap_are_everybody(request, city):
    report = request.getfixturevalue(city)
    circle = report["life_circle"].shapes
    whole = sum(circle[role]["weight"].sum() for role in ("gap", "served"))
    assert (
        sum(circle[r]["homes"].sum() for r in ("gap", "served"))
        == (report.provenance["demand_points"])
    )
    shares = [(report["life_circle"]["complete_share"], circle["gap"])]
    parks = report["park_coverage"].shapes["gap"]
    shares += [
        (report["park_coverage"][f"{kind}.network_share"], rows)
        for kind, rows in parks.groupby("kind")
    ]
    shares.append(
        (report["toilet_density"]["demand_coverage_share"], report["toilet_density"].shapes["gap"])
    )
    for measure, gap in shares:
        # Weights of shapes are rounded to a tenth.
        served = 1 - gap["weight"].sum() / whole
        assert served == pytest.approx(measure.value, abs=0.1 * len(gap) / whole + 1e-9), measure.id


def some_units_only(folder):
    units = gpd.read_file(TOY / "units.geojson")
    folder.mkdir(parents=True, exist_ok=True)
    for name in AREAS[:2]:
        shutil.copy(TOY / name, folder)
    units[units["name"].isin(["NW", "SE"])].to_file(folder / "units.geojson")
    return folder


def test_units_and_the_row_outside_add_up_to_the_city(tmp_path, toy, monaco):
    partial = cityplan.run(study(tmp_path / "s", areas=some_units_only(tmp_path / "areas")))
    for report in (toy, monaco, partial):
        counts = {
            m.id: (m.value, result.units)
            for result in report.results
            for m in result.measures
            if m.unit == "count"
            and m.value is not None
            and m.id not in ("life_circle.mean_missing", "toilet_density.missing")
        }
        assert len(counts) >= 14
        for key, (value, units) in counts.items():
            assert units[key].sum() == value, key
    outside = partial["dead_ends"].units.set_index("unit").loc[OUTSIDE_UNITS]
    ne_and_sw = toy["dead_ends"].units.set_index("unit").loc[["NE", "SW"]]
    assert outside["dead_ends.count"] == ne_and_sw["dead_ends.count"].sum()
    before, after = table(toy), table(partial)
    values = [key for key in before if key[1] == "value" and before[key] is not None]
    # The median of storeys is taken within a unit, but every home of the toy city has its own.
    assert {k: after[k] for k in values} == pytest.approx({k: before[k] for k in values}, rel=1e-9)


# --- the same again ----------------------------------------------------------


def everything(report):
    """Return a report's numbers and shapes as text."""
    numbers = sorted((str(key), repr(value)) for key, value in table(report).items())
    shapes = [
        (
            result.analyzer,
            role,
            frame.drop(columns="geometry").to_json(),
            [shape.hex() for shape in shapely.to_wkb(frame.geometry.to_numpy())],
        )
        for result in report.results
        for role, frame in result.shapes.items()
    ]
    return json.dumps([numbers, shapes])


@pytest.mark.parametrize("folder", [TOY, MONACO], ids=["toy", "monaco"])
def test_twice_is_the_same(request, folder):
    first = request.getfixturevalue(folder.name)
    assert everything(first) == everything(cityplan.run(folder))


def test_other_hashes_are_the_same(toy):
    code = (
        "import cityplan, sys; sys.path.insert(0, sys.argv[2]); from test_laws import everything; "
        "print(everything(cityplan.run(sys.argv[1])))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, TOY, ROOT / "tests"],
        check=True,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONHASHSEED": "42"},
    )
    assert run.stdout.strip() == everything(toy)


@pytest.mark.parametrize("folder", [TOY, MONACO], ids=["toy", "monaco"])
def test_rows_read_are_rows_used_and_rows_rejected(folder):
    layers = cityplan.check(folder).layers
    assert {"streets", "buildings", "facilities", "toilets", "parks"} <= set(layers.counts)
    for name, count in layers.counts.items():
        assert count.read == count.used + sum(count.rejected.values()), name
        assert len(layers[name]) == count.used, name
        assert sum(count.repaired.values()) <= count.read, name
    for name in set(layers) - set(layers.counts):
        assert not layers.has(name)
