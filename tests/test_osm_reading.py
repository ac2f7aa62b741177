"""Reading OpenStreetMap: the real extracts, and small ones made by hand."""

import bz2
import gzip
import hashlib
import re
from pathlib import Path
from types import SimpleNamespace
from xml.sax.saxutils import quoteattr

import geopandas as gpd
import osmium
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal

from cityplan.sources.osm_file import read_osm

ROOT = Path(__file__).parent.parent
TOY = ROOT / "sample_data" / "toy" / "toy.osm"
MONACO = ROOT / "sample_data" / "monaco" / "monaco.osm.pbf"
CLOSED = "outline cut at the data's edge: closed with a straight segment"
KEPT = "cut at the data's edge: kept up to there"
LOST_RING = "outline cut at the data's edge: less than half of it is in the extract"
LOST_LINE = "cut at the data's edge: nothing of it is in the extract"
STREET = {"highway": "residential"}
SQUARE = [(0, 0), (100, 0), (100, 100), (0, 100)]
# Corners are numbered from 1 in the order they are drawn; this one is in no extract.
LOST = 99


def shown(value):
    """Name a case the same in every process: sets in order."""
    return str(sorted(value)) if isinstance(value, set) else str(value)


def nodes(extract, *places, **tags):
    """Draw nodes, in metres from (32 N, 117 E) roughly, and return their numbers."""
    numbers = []
    for x, y in places:
        number = 1 + sum(line.startswith("<node") for line in extract.lines)
        at = f'lon="{117 + x / 94_400:.7f}" lat="{32 + y / 110_900:.7f}"'
        extract.lines.append(f'<node id="{number}" {at}>{_tags(tags)}</node>')
        numbers.append(number)
    return numbers


def way(extract, refs, tags, *, number=1):
    members = "".join(f'<nd ref="{ref}"/>' for ref in refs)
    extract.lines.append(f'<way id="{number}">{members}{_tags(tags)}</way>')


def relation(extract, members, tags, *, number=1):
    ways = "".join(f'<member type="way" ref="{w}" role="{role}"/>' for w, role in members)
    kind = _tags({"type": "multipolygon"} | tags)
    extract.lines.append(f'<relation id="{number}">{ways}{kind}</relation>')


def read(extract):
    text = f'<osm version="0.6">{"".join(extract.lines)}</osm>'
    extract.path.write_text(text, encoding="utf-8")
    found = read_osm(extract.path)
    for name, count in found.counts.items():
        assert count.read == count.used + sum(count.rejected.values()), name
        assert count.used == len(found.layers[name]), name
    return found


def _tags(tags):
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())


@pytest.fixture
def extract(tmp_path):
    """Return an empty drawing."""
    return SimpleNamespace(path=tmp_path / "tiny.osm", lines=[])


def m2(frame):
    """Return areas to the nearest 10 square metres."""
    return frame.to_crs("EPSG:4548").area.round(-1).tolist()


def street(extract, tags, places=((0, 0), (100, 0))):
    """Read one street with the given tags."""
    way(extract, nodes(extract, *places), STREET | tags)
    return read(extract).layers["streets"].iloc[0]


def categories(extract, tags):
    """Read one place with the given tags and return the categories it falls into."""
    nodes(extract, (0, 0), **tags)
    way(extract, nodes(extract, (0, 0), (9, 9)), STREET)
    layers = read(extract).layers
    return set(layers["facilities"]["category"]) if "facilities" in layers else set()


# --- outlines ----------------------------------------------------------------


def test_multipolygon_with_a_hole(extract):
    outer, inner = nodes(extract, *SQUARE), nodes(extract, (40, 40), (60, 40), (60, 60), (40, 60))
    way(extract, [*outer, outer[0]], {}, number=1)
    way(extract, [*inner, inner[0]], {}, number=2)
    relation(extract, [(1, "outer"), (2, "inner")], {"leisure": "park"})
    parks = read(extract).layers["parks"]
    assert parks["id"].tolist() == ["r1"]
    assert m2(parks) == pytest.approx([9600], rel=0.01)


def sides(extract, count):
    """Draw a square of four ways, of which only some are in the extract."""
    corner = nodes(extract, *SQUARE)
    for number in range(1, count + 1):
        way(extract, [corner[number - 1], corner[number % 4]], {}, number=number)
    way(extract, corner[:2], STREET, number=9)
    members = [(number, "outer") for number in (1, 2, 3, 4)]
    relation(extract, members, {"landuse": "residential"})
    return read(extract)


def test_multipolygon_of_pieces_is_whole(extract):
    found = sides(extract, 4)
    assert m2(found.layers["residential_land"]) == pytest.approx([10_000], rel=0.01)
    assert found.counts["residential_land"].repaired == {}


def test_missing_member_is_closed_with_a_segment_and_counted(extract):
    found = sides(extract, 3)
    assert m2(found.layers["residential_land"]) == pytest.approx([10_000], rel=0.01)
    assert found.counts["residential_land"].repaired == {CLOSED: 1}
    assert found.counts["land_use"].repaired == {CLOSED: 1}


def test_ring_mostly_missing_is_rejected_and_counted(extract):
    found = sides(extract, 1)
    assert len(found.layers["residential_land"]) == 0
    assert found.counts["residential_land"].rejected == {LOST_RING: 1}
    assert (found.counts["residential_land"].read, found.counts["residential_land"].used) == (1, 0)


def test_closed_way_that_lacks_a_node_is_closed(extract):
    corner = nodes(extract, *SQUARE, (-30, 50))
    way(extract, [*corner, LOST, corner[0]], {"building": "yes"})
    found = read(extract)
    assert m2(found.layers["buildings"]) == pytest.approx([11_500], rel=0.01)
    assert found.counts["buildings"].repaired == {CLOSED: 1}


def test_closed_street_is_no_area_and_a_track_is_one(extract):
    ring = nodes(extract, *SQUARE)
    way(extract, [*ring, ring[0]], STREET, number=1)
    way(extract, [*ring, ring[0]], {"leisure": "track"}, number=2)
    layers = read(extract).layers
    assert layers["streets"]["id"].tolist() == ["w1"]
    assert set(layers["facilities"]["id"]) == {"w2"}


def test_squares_can_be_walked_along_their_edge(extract):
    ring = nodes(extract, *SQUARE)
    way(extract, [*ring, ring[0]], {"highway": "pedestrian", "area": "yes"})
    # A square cut away by the edge of the data is one more that was read and rejected.
    relation(extract, [(7, "outer")], {"highway": "pedestrian"})
    found = read(extract)
    assert sum(found.counts["streets"].rejected.values()) == 1
    layers = found.layers
    edge = layers["streets"].iloc[0]
    assert (edge["highway"], edge["area"], edge["motor"]) == ("pedestrian", True, "no")
    assert edge.geometry.geom_type == "LineString"
    assert m2(layers["road_surface"]) == pytest.approx([10_000], rel=0.01)


# --- lines -------------------------------------------------------------------


def test_street_drawn_twice_is_one(extract):
    corners = nodes(extract, (0, 0), (100, 0), (200, 50))
    again = nodes(extract, (200, 50), (100, 0), (0, 0))
    way(extract, corners, STREET, number=1)
    way(extract, again, STREET, number=2)
    way(extract, corners, {"highway": "footway"}, number=3)
    way(extract, corners, STREET | {"layer": "1", "bridge": "yes"}, number=4)
    found = read(extract)
    assert found.layers["streets"]["id"].tolist() == ["w1", "w3", "w4"]
    assert found.counts["streets"].rejected == {"duplicate of another row": 1}


def test_way_with_a_gap_is_two_pieces_marked_as_cut(extract):
    a = nodes(extract, (0, 0), (10, 0), (20, 0), (90, 0), (100, 0))
    way(extract, [*a[:3], LOST, *a[3:]], STREET)
    found = read(extract)
    streets = found.layers["streets"].set_index("id")
    assert streets.loc["w1/1", ["cut_start", "cut_end"]].tolist() == [False, True]
    assert streets.loc["w1/2", ["cut_start", "cut_end"]].tolist() == [True, False]
    lengths = streets.to_crs("EPSG:4548").length.round()
    assert lengths.to_dict() == {"w1/1": 20, "w1/2": 10}
    assert found.counts["streets"].repaired == {KEPT: 2}


def test_way_that_leaves_the_extract_is_cut_at_one_end(extract):
    a = nodes(extract, (0, 0), (10, 0))
    way(extract, [*a, LOST, LOST + 1], STREET)
    row = read(extract).layers["streets"].iloc[0]
    assert (row["id"], row["cut_start"], row["cut_end"]) == ("w1", False, True)


def test_ways_with_nothing_of_them_are_counted(extract):
    a = nodes(extract, (0, 0), (10, 0), (10, 0))
    way(extract, a[:2], STREET, number=1)
    way(extract, [LOST, LOST + 1], STREET, number=2)
    way(extract, a[1:], STREET, number=3)
    count = read(extract).counts["streets"]
    assert (count.read, count.used) == (3, 1)
    assert count.rejected == {LOST_LINE: 1, "fewer than two different points": 1}


@pytest.mark.parametrize(
    ("tags", "column", "value"),
    [
        ({"width": "3,5 m"}, "width_m", 3.5),
        ({"width": "7"}, "width_m", 7),
        ({"width": "7.5m"}, "width_m", 7.5),
        ({"width": "10 米"}, "width_m", 10),
        ({"width": "9", "width:carriageway": "6"}, "width_m", 6),
        ({"est_width": "4"}, "width_m", 4),
        ({"lanes": "2"}, "lanes", 2),
        ({"oneway": "yes"}, "oneway", 1),
        ({"oneway": "-1"}, "oneway", -1),
        ({"oneway": "no"}, "oneway", 0),
        ({}, "oneway", 0),
        ({"junction": "roundabout"}, "oneway", 1),
        ({"sidewalk": "both"}, "sidewalk", "both"),
        ({"sidewalk": "right"}, "sidewalk", "right"),
        ({"sidewalk": "none"}, "sidewalk", "no"),
        ({"sidewalk": "separate"}, "sidewalk", "both"),
        ({"sidewalk:both": "no"}, "sidewalk", "no"),
        ({"sidewalk:both": "separate"}, "sidewalk", "both"),
        ({"sidewalk:left": "yes", "sidewalk:right": "no"}, "sidewalk", "left"),
        ({"sidewalk:left": "yes", "sidewalk:right": "yes"}, "sidewalk", "both"),
        ({"sidewalk:right": "no"}, "sidewalk", "no"),
        ({"tunnel": "yes"}, "tunnel", True),
        ({"tunnel": "building_passage"}, "tunnel", False),
        ({"tunnel": "no"}, "tunnel", False),
        ({"bridge": "viaduct"}, "bridge", True),
        ({"layer": "1"}, "level", 1),
        ({"motorcar": "no"}, "motor", "no"),
        ({"access": "private"}, "access", "private"),
    ],
    ids=shown,
)
def test_street_tags(extract, tags, column, value):
    assert street(extract, tags)[column] == value


@pytest.mark.parametrize("width", ["12'", "narrow", "3;4", "-3", ""])
def test_width_nobody_understands_is_unknown(extract, width):
    found = street(extract, {"width": width})["width_m"]
    assert found != found  # noqa: PLR0124 - NaN


def test_unknown_sidewalk_is_not_no_sidewalk(extract):
    assert street(extract, {})["sidewalk"] is None


@pytest.mark.parametrize("kind", ["construction", "proposed", "services", "bus_stop"])
def test_what_is_no_street(extract, kind):
    way(extract, nodes(extract, (0, 0), (50, 0)), STREET, number=1)
    way(extract, nodes(extract, (0, 9), (50, 9)), {"highway": kind}, number=2)
    assert read(extract).layers["streets"]["id"].tolist() == ["w1"]


# --- places ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("城南小学", {"primary_school", "school"}),
        ("第三初级中学", {"junior_school", "school"}),
        ("明湖九年一贯制学校", {"primary_school", "junior_school", "school"}),
        ("明湖学校", {"school_unspecified", "school"}),
        ("第一高中", {"school"}),
        ("Collège Charles III", {"junior_school", "school"}),
        ("Scuola elementare Dante", {"primary_school", "school"}),
        ("İstiklal İlkokulu", {"primary_school", "school"}),
        ("Trường Tiểu học Lê Lợi", {"primary_school", "school"}),
        ("서울중학교", {"junior_school", "school"}),
    ],
)
def test_name_tells_the_level_of_a_school(extract, name, found):
    assert categories(extract, {"amenity": "school", "name": name}) == found


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ({}, {"school_unspecified"}),
        ({"isced:level": "1"}, {"primary_school"}),
        ({"isced:level": "1-2"}, {"primary_school", "junior_school"}),
        ({"isced:level": "0-3"}, {"primary_school", "junior_school"}),
        ({"isced:level": "3"}, set()),
        ({"school": "secondary"}, {"junior_school"}),
    ],
    ids=shown,
)
def test_tags_tell_the_level_of_a_school(extract, tags, found):
    assert categories(extract, {"amenity": "school"} | tags) == found | {"school"}


@pytest.mark.parametrize(
    ("tags", "among"),
    [
        ({"amenity": "clinic", "name": "城北社区卫生服务中心"}, {"health_center", "outpatient"}),
        ({"amenity": "clinic", "name": "东门社区卫生服务站"}, {"health_station"}),
        ({"amenity": "townhall", "name": "城南社区居委会"}, {"community_station"}),
        ({"shop": "yes", "name": "北门农贸市场"}, {"market"}),
        ({"amenity": "restaurant", "name": "幸福社区食堂"}, {"community_canteen", "catering"}),
        ({"amenity": "pharmacy"}, {"pharmacy", "community_shops"}),
        ({"amenity": "toilets"}, {"public_toilet"}),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_place_may_be_of_several_categories(extract, tags, among):
    assert among <= categories(extract, tags)


@pytest.mark.parametrize(
    ("tags", "not_among"),
    [
        ({"amenity": "clinic", "name": "东门社区卫生服务站"}, {"health_center", "outpatient"}),
        ({"amenity": "toilets", "access": "private"}, {"public_toilet"}),
        ({"leisure": "pitch"}, {"sports_small", "sports_medium", "sports_large"}),
    ],
    ids=shown,
)
def test_place_that_is_not_of_a_category(extract, tags, not_among):
    assert not not_among & categories(extract, tags)


def test_one_place_of_two_categories_keeps_its_id(extract):
    nodes(extract, (0, 0), amenity="school", name="九年一贯制学校")
    facilities = read(extract).layers["facilities"]
    assert set(facilities["id"]) == {"n1"}
    assert len(facilities) == len(set(facilities["category"])) == 3


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [(40, 25, "small"), (50, 35, "medium"), (80, 45, "large"), (70, 40, None), (20, 20, None)],
)
def test_pitches_are_told_apart_by_size(extract, width, height, size):
    corner = nodes(extract, (0, 0), (width, 0), (width, height), (0, height))
    way(extract, [*corner, corner[0]], {"leisure": "pitch"})
    found = read(extract)
    assert set(found.layers["facilities"]["category"]) == {
        "sports_pitch",
        *([f"sports_{size}"] if size else []),
    }
    rejected = found.counts["facilities"].rejected
    assert rejected == {"pitch of another category's size": 2 if size else 3}


def test_gates_are_entrances_and_stand_on_streets(extract):
    nodes(extract, (0, 0), barrier="gate", access="private")
    nodes(extract, (9, 0), barrier="bollard")
    nodes(extract, (18, 0), entrance="main")
    nodes(extract, (27, 0), entrance="emergency")
    nodes(extract, (36, 0), highway="turning_circle")
    layers = read(extract).layers
    entrances, on_streets = layers["entrances"], layers["street_nodes"]
    assert list(zip(entrances["id"], entrances["kind"], strict=True)) == [
        ("n1", "gate"),
        ("n3", "main"),
    ]
    assert entrances["access"].fillna("unknown").tolist() == ["private", "unknown"]
    assert dict(zip(on_streets["id"], on_streets["kind"], strict=True)) == {
        "n1": "gate",
        "n2": "bollard",
        "n5": "turning_circle",
    }


def test_toilets_keep_sex_places_and_fee(extract):
    nodes(extract, (0, 0), **{"amenity": "toilets", "female": "yes", "toilets:number:female": "6"})
    nodes(extract, (9, 0), amenity="toilets", female="yes", male="yes", fee="yes")
    toilets = read(extract).layers["toilets"]
    assert toilets["sex"].fillna("both").tolist() == ["female", "both"]
    assert toilets["female_places"].tolist()[0] == 6
    assert toilets["male_places"].isna().all()
    assert toilets["fee"].fillna("unknown").tolist() == ["unknown", "yes"]


# --- files -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "counts"),
    [
        ({"construction": "yes"}, False),
        ({"disused": "yes"}, False),
        ({"abandoned": "yes"}, False),
        ({"disused": "no"}, True),
        ({"construction": "1970"}, True),  # the year it was built
    ],
)
def test_what_is_out_of_use_serves_nobody(extract, tags, counts):
    nodes(extract, (0, 0), **{"amenity": "toilets"} | tags)
    way(extract, nodes(extract, (0, 50), (80, 50), (0, 90)), STREET)
    found = read(extract)
    assert ("toilets" in found.layers and len(found.layers["toilets"]) == 1) is counts
    assert sum(found.counts["toilets"].rejected.values()) == (not counts)


def test_date_and_checksum_are_kept():
    found = read_osm(MONACO)
    assert found.timestamp == "2023-12-26T21:21:22Z"
    digest = hashlib.sha256(MONACO.read_bytes()).hexdigest()
    assert {c.sha256 for c in found.counts.values()} == {digest}
    assert {c.osm_timestamp for c in found.counts.values()} == {found.timestamp}
    assert {c.source for c in found.counts.values()} == {"monaco.osm.pbf"}
    assert read_osm(TOY).timestamp == "2024-01-01T00:00:00Z"


def test_monaco_loses_nothing_silently():
    found = read_osm(MONACO)
    assert len(found.layers["toilets"]) == 28
    assert found.counts["toilets"].rejected == {"out of use or not yet built": 1}
    assert {"Monaco-Ville", "Larvotto"} <= set(found.layers["admin"]["name"])
    assert found.counts["admin"].repaired == {CLOSED: 14}
    assert all(shapely.is_valid(f.geometry.to_numpy()).all() for f in found.layers.values())


@pytest.mark.parametrize("suffix", [".osm.gz", ".osm.bz2", ".osm.pbf", ".pbf"])
def test_every_format_gives_the_same_layers(tmp_path, suffix):
    path = tmp_path / f"toy{suffix}"
    if suffix.endswith(".pbf"):
        with osmium.SimpleWriter(str(path)) as writer:
            for thing in osmium.FileProcessor(str(TOY)):
                writer.add(thing)
    else:
        pack = {".osm.gz": gzip, ".osm.bz2": bz2}[suffix]
        path.write_bytes(pack.compress(TOY.read_bytes()))
    expected, found = read_osm(TOY), read_osm(path)
    assert list(found.layers) == list(expected.layers)
    for name, frame in expected.layers.items():
        assert_geodataframe_equal(found.layers[name], frame)


def test_box_around_all_downloads_of_an_editor(extract):
    boxes = (
        f'<bounds minlat="32" minlon="{x}" maxlat="32.1" maxlon="{x + 1}"/>' for x in (117, 118)
    )
    extract.lines.extend(boxes)
    way(extract, nodes(extract, (0, 0), (100, 0)), STREET)
    assert read(extract).extent.bounds == (117, 32, 119, 32.1)


def test_o5m_is_read(tmp_path):
    def number(value):
        """Return a signed number as o5m has it: 7 bits a byte, the sign last in the first."""
        value = value * 2 if value >= 0 else -value * 2 - 1
        return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + unsigned(value >> 7)

    def unsigned(value):
        return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + unsigned(value >> 7)

    def record(kind, body):
        return bytes([kind]) + unsigned(len(body)) + body

    # id, no version, longitude, latitude, each as the difference from the one before
    first = number(1) + b"\0" + number(1_170_000_000) + number(320_000_000)
    second = number(1) + b"\0" + number(10_000) + number(0)
    tag = b"\0highway\0residential\0"
    refs = number(1) + number(1)
    street = number(7) + b"\0" + unsigned(len(refs)) + refs + tag
    path = tmp_path / "street.o5m"
    path.write_bytes(
        b"\xff\xe0\x04o5m2" + record(0x10, first) + record(0x10, second) + b"\xff"
        + record(0x11, street) + b"\xfe"
    )  # fmt: skip
    streets = read_osm(path).layers["streets"]
    assert streets["id"].tolist() == ["w7"]
    assert streets["highway"].tolist() == ["residential"]
    assert shapely.get_coordinates(streets.geometry).tolist() == [[117, 32], [117.001, 32]]


def test_las_palmas_keeps_its_own_boundary(data_file):
    found = read_osm(data_file("las_palmas/las_palmas.osm.pbf"))
    admin = found.layers["admin"].set_index("name")
    city = admin.loc[["Las Palmas de Gran Canaria"]]
    assert city.geom_type.isin(["Polygon", "MultiPolygon"]).all()
    official = gpd.read_file(data_file("las_palmas/boundary.geojson")).to_crs("EPSG:32628")
    assert city.to_crs("EPSG:32628").area.iloc[0] == pytest.approx(official.area.sum(), rel=0.1)
    assert official.area.sum() / 1e6 == pytest.approx(103.3, abs=0.1)
    assert found.counts["admin"].repaired[CLOSED] >= 1


def test_helsinki_cut_everywhere_is_read_and_counted(data_file):
    found = read_osm(data_file("traps/helsinki_cut_refs.osm.pbf"))
    for name in ("streets", "buildings", "land_use", "parks"):
        count = found.counts[name]
        assert sum(count.repaired.values()) > 0, name
        assert sum(count.rejected.values()) > 0, name
        assert count.read == count.used + sum(count.rejected.values()), name
        assert count.used > 0.9 * count.read, name
    cut = found.layers["streets"]
    assert (cut["cut_start"] | cut["cut_end"]).sum() >= 50


def _history(items):
    """Put an older version, drawn elsewhere, before every object."""
    for item in items:
        yield item.replace('version="1"', 'version="1" visible="true"').replace(
            'lon="117', 'lon="116'
        )
        yield item.replace('version="1"', 'version="2" visible="true"')


def _overpass(items):
    """Put ways first, then all nodes, of which those with tags come once more without."""
    kinds = {kind: [i for i in items if i.startswith(kind)] for kind in ("<node", "<way", "<rela")}
    bare = [re.sub("<tag [^>]*>", "", node) for node in kinds["<node"]]
    return [*kinds["<way"], *bare, *kinds["<node"], *kinds["<rela"]]


def _drawn_anew(items):
    """Give every object the id of one that was never uploaded."""
    return [re.sub(r'\b(id|ref)="(\d+)"', r'\1="-\2"', item) for item in items]


@pytest.mark.parametrize("change", [_history, _overpass, reversed, _drawn_anew])
def test_order_and_ids_of_the_file_change_nothing(tmp_path, change):
    text = TOY.read_text(encoding="utf-8")
    objects = re.compile(r"<(node|way|relation)\b(?:[^>]*/>|.*?</\1>)", re.DOTALL)
    items = [match[0] for match in objects.finditer(text)]
    path = tmp_path / "toy.osm"
    path.write_text(
        text[: text.index("<node")] + "\n".join(change(items)) + "</osm>", encoding="utf-8"
    )
    expected, found = read_osm(TOY), read_osm(path)
    assert found.notes
    assert not expected.notes
    for name, frame in expected.layers.items():
        other = found.layers[name]
        other["id"] = other["id"].str.replace("-", "")
        by = ["id", "category"] if "category" in frame else ["id"]
        one, other = (f.sort_values(by, ignore_index=True) for f in (frame, other))
        assert shapely.equals(one.geometry.to_numpy(), other.geometry.to_numpy()).all(), name
        assert_frame_equal(*(pd.DataFrame(f.drop(columns="geometry")) for f in (one, other)))
        assert found.counts[name].repaired == expected.counts[name].repaired
