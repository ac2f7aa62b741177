"""Write the toy city of ``sample_data/toy``, every measure of which is known by hand.

Drawn in metres of EPSG:4548 counted from ``ORIGIN`` and written in degrees; what stands where,
and why, is in ``sample_data/toy/README.md``. The same input gives the same bytes.

    python scripts/make_toy_city.py [FOLDER]
"""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import quoteattr

from pyproj import Transformer

ORIGIN = (500_000, 3_542_000)  # EPSG:4548: 117.0 E, its central meridian, and 32.0 N
TO_DEGREES = Transformer.from_crs("EPSG:4548", "EPSG:4326", always_xy=True)
FOLDER = Path(__file__).resolve().parents[1] / "sample_data" / "toy"

Point = tuple[float, float]
Tags = dict[str, str]

BOUNDARY = (-200, -200, 1600, 1200)
BUILT_UP = (-200, -200, 1200, 1200)
UNITS = {
    "NW": (-200, 450, 450, 1200),
    "NE": (450, 450, 1600, 1200),
    "SW": (-200, -200, 450, 450),
    "SE": (450, -200, 1600, 450),
}
DATA_EXTENT = (-1500, -1500, 2900, 2500)  # nothing is drawn there, but nothing is unknown either

PLAIN = {"highway": "residential", "width": "10", "sidewalk": "no"}
BOTH_SIDEWALKS = PLAIN | {"sidewalk": "both"}
SIDEWALK_UNKNOWN = {"highway": "residential", "width": "10"}
LANES_ONLY = {"highway": "residential", "lanes": "2", "sidewalk": "no"}
NOTHING_KNOWN = {"highway": "residential"}
NARROW = PLAIN | {"width": "4"}
AVENUE = {"highway": "primary", "name": "人民大道", "oneway": "yes"}
FOOTWAY = {"highway": "footway"}

ROW_TAGS = {300: NOTHING_KNOWN, 700: LANES_ONLY}
COLUMN_TAGS = {300: SIDEWALK_UNKNOWN, 700: BOTH_SIDEWALKS}
ROWS = [0, 100, 200, 300, 400, 600, 700, 800, 900, 1000]  # 500 is the avenue
COLUMNS = [0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]

# Homes: x of ten buildings in a row, y, storeys.
HOMES_WEST = [120, 140, 160, 180, 220, 240, 260, 280, 320, 340]
HOMES_EAST = [620, 640, 660, 680, 720, 740, 760, 780, 820, 840]
HOME_ROWS = [
    (HOMES_WEST, 115, 6),
    (HOMES_EAST, 115, 10),
    (HOMES_WEST, 815, 3),
    (HOMES_EAST, 815, 6),
]

# Facilities of one site stand in a row, 2 m apart, 5 m off the street.
SITE_C = (505, 230)
AT_C: list[Tags] = [
    {"amenity": "school", "isced:level": "2", "name": "城南初级中学"},
    {"amenity": "doctors"},
    {"amenity": "social_facility", "social_facility": "nursing_home"},
    {"amenity": "library"},
    {"amenity": "community_centre", "name": "便民服务中心"},
    {"amenity": "community_centre", "name": "文化活动站"},
    {"amenity": "townhall"},
    {"amenity": "police"},
    {"amenity": "marketplace"},
    {"leisure": "fitness_centre"},
    {"amenity": "bank"},
    {"amenity": "fire_station"},
    {"highway": "bus_stop"},
    {"office": "government", "name": "城南社区居委会"},
    {"leisure": "fitness_station"},
    {"amenity": "social_facility", "social_facility": "day_care", "social_facility:for": "senior"},
    {"amenity": "recycling"},
    {"amenity": "waste_disposal", "name": "生活垃圾收集站"},
    {"leisure": "playground"},
    {"amenity": "parcel_locker"},
    {"amenity": "parking"},
]
SITE_N = (505, 946)
AT_N: list[Tags] = [
    {
        "amenity": "social_facility",
        "social_facility": "assisted_living",
        "social_facility:for": "senior",
    },
    {"shop": "mall"},
    {"leisure": "sports_centre"},
    {"amenity": "bus_station"},
    {"amenity": "kindergarten"},
]
SITE_E = (995, 969)
AT_E: list[Tags] = [
    {"healthcare": "centre", "name": "城北社区卫生服务中心"},
    {"amenity": "post_office"},
]
SINGLE_FACILITIES: list[tuple[Point, Tags]] = [
    ((418, 215), {"shop": "convenience"}),
    ((422, 215), {"amenity": "restaurant"}),
    ((105, 350), {"amenity": "kindergarten"}),
    ((105, 60), {"amenity": "marketplace"}),
]
TOILETS: list[tuple[Point, Tags]] = [
    ((107, 105), {"female": "yes", "toilets:number:female": "6"}),
    ((109, 105), {"male": "yes", "toilets:number:male": "3"}),
    ((138, 145), {"toilets:number:female": "4", "toilets:number:male": "4"}),
    ((780, 130), {"toilets:number:female": "6", "toilets:number:male": "4", "fee": "yes"}),
    ((110, 840), {}),
    ((850, 850), {"access": "private"}),
    ((860, 650), {"access": "customers"}),
    ((1520, 100), {}),
]


class Drawing:
    """Nodes and ways; a place that is drawn twice is one node."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[int, int], int] = {}
        self.node_tags: dict[int, Tags] = {}
        self.ways: list[tuple[list[int], Tags]] = []

    def node(self, at: tuple[int, int], tags: Tags | None = None) -> int:
        number = self.nodes.setdefault(at, len(self.nodes) + 1)
        if tags:
            self.node_tags[number] = tags
        return number

    def point(self, place: Point, tags: Tags) -> None:
        self.node(grid(place), tags)

    def way(self, places: list[Point], tags: Tags) -> None:
        self.ways.append(([self.node(grid(place)) for place in places], tags))

    def building(self, centre: Point, tags: Tags, *, half_m: float = 5) -> None:
        """A square in whole steps of the OSM grid, so that all of one size are alike."""
        lon, lat = grid(centre)
        (east, _), (_, north) = grid((half_m, 0)), grid((0, half_m))
        zero = grid((0, 0))
        dx, dy = east - zero[0], north - zero[1]
        corners = [(-dx, -dy), (dx, -dy), (dx, dy), (-dx, dy), (-dx, -dy)]
        self.ways.append(([self.node((lon + i, lat + j)) for i, j in corners], tags))

    def xml(self) -> str:
        west, south, east, north = DATA_EXTENT
        low, high = degrees((west, south)), degrees((east, north))
        bounds = f'minlat="{low[1]:.7f}" minlon="{low[0]:.7f}"'
        bounds += f' maxlat="{high[1]:.7f}" maxlon="{high[0]:.7f}"'
        lines = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<osm version="0.6" generator="cityplan/scripts/make_toy_city.py">',
            f" <bounds {bounds}/>",
        ]
        stamp = 'version="1" timestamp="2024-01-01T00:00:00Z"'
        for (lon, lat), number in self.nodes.items():
            head = f' <node id="{number}" {stamp} lat="{lat / 1e7:.7f}" lon="{lon / 1e7:.7f}"'
            tags = self.node_tags.get(number)
            lines += [head + ">", *_tag_lines(tags), " </node>"] if tags else [head + "/>"]
        for number, (refs, tags) in enumerate(self.ways, start=1):
            lines.append(f' <way id="{number}" {stamp}>')
            lines += [f'  <nd ref="{ref}"/>' for ref in refs]
            lines += [*_tag_lines(tags), " </way>"]
        return "\n".join([*lines, "</osm>", ""])


def _tag_lines(tags: Tags) -> list[str]:
    return [f"  <tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items()]


def degrees(place: Point) -> Point:
    return TO_DEGREES.transform(ORIGIN[0] + place[0], ORIGIN[1] + place[1])


def grid(place: Point) -> tuple[int, int]:
    """Longitude and latitude in 1e-7 degrees, the grid on which OpenStreetMap keeps nodes."""
    lon, lat = degrees(place)
    return round(lon * 1e7), round(lat * 1e7)


def rectangle(west: float, south: float, east: float, north: float, *extra: Point) -> list[Point]:
    """A closed ring, with further nodes where they lie on its edges."""
    ring: list[Point] = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    closed = [ring[0]]
    for start, end in pairwise(ring):
        on_edge = [place for place in extra if _between(place, start, end)]
        closed += [*sorted(on_edge, key=lambda place: _apart(start, place)), end]
    return closed


def _apart(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _between(place: Point, start: Point, end: Point) -> bool:
    """Whether a place lies on an axis-parallel stretch, its ends excluded."""
    return place not in (start, end) and (
        _apart(start, place) + _apart(place, end) == _apart(start, end)
        and (place[0] == start[0] == end[0] or place[1] == start[1] == end[1])
    )


def _meeting(one: tuple[Point, Point], other: tuple[Point, Point]) -> Point | None:
    """Where an upright and a level stretch cross or touch."""
    upright, level = (one, other) if one[0][0] == one[1][0] else (other, one)
    place = (upright[0][0], level[0][1])
    on_both = all(place in ends or _between(place, *ends) for ends in (upright, level))
    return place if on_both else None


def noded(ways: list[tuple[list[Point], Tags]]) -> list[tuple[list[Point], Tags]]:
    """Give ways a common node wherever they cross or touch."""
    stretches = [stretch for places, _ in ways for stretch in pairwise(places)]
    result = []
    for places, tags in ways:
        full = [places[0]]
        for start, end in pairwise(places):
            crossing = (start[0] == end[0], start[1] == end[1])
            met = {
                _meeting((start, end), other)
                for other in stretches
                if (other[0][0] == other[1][0], other[0][1] == other[1][1]) != crossing
            }
            joints = [place for place in met if place and _between(place, start, end)]
            full += [*sorted(joints, key=lambda place: _apart(start, place)), end]
        result.append((full, tags))
    return result


def streets() -> list[tuple[list[Point], Tags]]:
    ways: list[tuple[list[Point], Tags]] = []
    for y in ROWS:
        tags = ROW_TAGS.get(y, PLAIN) | {"name": f"横{y // 100}路"}
        ways.append(([(0, y), (1000, y)], tags))
    for x in COLUMNS:
        tags = COLUMN_TAGS.get(x, PLAIN) | {"name": f"纵{x // 100}路"}
        if x == 200:  # one road, drawn in two pieces against each other
            ways += [([(x, 0), (x, 550)], tags), ([(x, 1000), (x, 550)], tags)]
        else:
            ways.append(([(x, 0), (x, 1000)], tags))
    ways += [
        # the avenue: two carriageways, traffic keeps right
        ([(-60, 487), (1000, 487)], AVENUE),
        ([(1000, 513), (-60, 513)], AVENUE),
        # dead ends
        ([(0, 0), (0, -198)], PLAIN),  # boundary
        ([(1000, 1000), (1000, 1060)], PLAIN),  # turning circle
        ([(0, 1000), (0, 1030)], PLAIN),  # short
        ([(850, 200), (850, 230)], PLAIN),  # through, in two pieces against each other
        ([(850, 260), (850, 230)], PLAIN),
        ([(50, 100), (50, 194)], PLAIN),  # artefact
        ([(50, 600), (50, 660)], PLAIN),  # gate
        ([(950, 600), (950, 660)], PLAIN),  # goes on as the footway below
        ([(1000, 200), (1060, 200)], PLAIN),  # river ahead
        (  # lollipop: one way that touches itself
            [
                *[(650, 0), (650, -60), (670, -60), (670, -80)],
                *[(630, -80), (630, -60), (650, -60)],
            ],
            NARROW,
        ),
        # beyond the river
        ([(1000, 0), (1150, 0)], PLAIN | {"bridge": "yes", "layer": "1"}),
        ([(1000, 400), (1150, 400)], PLAIN | {"bridge": "yes", "layer": "1"}),
        ([(1150, -60), (1150, 440)], PLAIN),
        # outside the built-up area, joined to nothing
        ([(1350, -100), (1350, 600)], PLAIN),
        # footways
        ([(950, 660), (950, 700)], FOOTWAY),
        ([(250, 200), (250, 250)], FOOTWAY),  # crosses the outline of park A
        ([(635, 700), (635, 685)], FOOTWAY),  # touches park B
        ([(830, 300), (830, 310)], FOOTWAY),  # touches the fence of park C: no way in
        ([(330, 600), (330, 595)], FOOTWAY),  # touches park D
        ([(615, 200), (615, 175)], FOOTWAY),  # touches the grass
        ([(500, 250), (490, 250)], FOOTWAY),  # touches the large pitch
        ([(500, 350), (490, 350)], FOOTWAY),  # touches the small pitch
        ([(500, 950), (490, 950)], FOOTWAY),  # touches the medium pitch
        ([(320, 620), (380, 620)], FOOTWAY),  # a fragment
    ]
    return noded(ways)


def draw() -> Drawing:
    city = Drawing()
    for places, tags in streets():
        city.way(places, tags)
    city.point((1000, 1060), {"highway": "turning_circle"})
    city.point((50, 660), {"barrier": "gate", "access": "private"})
    _draw_land(city)
    _draw_buildings(city)
    sites = [(SITE_C, AT_C), (SITE_N, AT_N), (SITE_E, AT_E)]
    for (x, y), facilities in sites:
        for number, tags in enumerate(facilities):
            city.point((x, y + 2 * number), tags)
    for place, tags in SINGLE_FACILITIES:
        city.point(place, tags)
    for place, tags in TOILETS:
        city.point(place, {"amenity": "toilets"} | tags)
    # a greenway across the river, joined to nothing and no way on foot
    city.way([(1300, 100), (1300, 900)], {"highway": "cycleway", "name": "城东绿道"})
    return city


def _draw_land(city: Drawing) -> None:
    park = {"leisure": "park"}
    city.way(rectangle(1066, -220, 1076, 1220), {"natural": "water", "water": "river"})
    city.way(rectangle(205, 220, 295, 280), park)  # A
    city.way(rectangle(610, 615, 650, 685, (635, 685)), park)  # B, its west half
    city.way(rectangle(650, 615, 690, 685), park)  # B, its east half
    city.way(  # C, fenced, with a gate
        rectangle(810, 310, 890, 390, (850, 390), (830, 310)), park | {"barrier": "fence"}
    )
    city.point((850, 390), {"barrier": "gate"})
    city.way(  # D: two squares that share a corner, drawn as one closed way
        [
            *[(345, 560), (345, 595), (330, 595), (310, 595), (310, 560), (345, 560)],
            *[(345, 525), (380, 525), (380, 560), (345, 560)],
        ],
        park,
    )
    city.way(rectangle(810, 830, 890, 890), park | {"access": "private"})
    city.way(rectangle(610, 155, 635, 175, (615, 175)), {"landuse": "grass"})
    for west, south, east, north in (
        *[(110, 107, 350, 123), (610, 107, 850, 123), (80, 807, 350, 823), (610, 807, 850, 823)],
    ):
        city.way(rectangle(west, south, east, north), {"landuse": "residential"})
    city.way(rectangle(510, 630, 590, 670), {"landuse": "residential"})  # without buildings
    city.way(rectangle(810, 910, 890, 990), {"landuse": "industrial"})
    city.way(
        rectangle(520, 220, 580, 280, (550, 220)),
        {"amenity": "school", "isced:level": "1", "name": "城南小学", "barrier": "fence"},
    )
    city.point((550, 220), {"barrier": "gate"})
    pitch = {"leisure": "pitch"}
    city.way(rectangle(410, 230, 490, 275, (490, 250)), pitch)  # 3600 m2: large
    city.way(rectangle(440, 930, 490, 965, (490, 950)), pitch)  # 1750 m2: medium
    city.way(rectangle(450, 340, 490, 365, (490, 350)), pitch)  # 1000 m2: small


def _draw_buildings(city: Drawing) -> None:
    def tags(kind: str, levels: int) -> Tags:
        return {"building": kind, "building:levels": str(levels)}

    for row, y, levels in HOME_ROWS:
        for x in row:
            city.building((x, y), tags("apartments", levels))
    city.building((1085, 200), tags("house", 6))  # R, across the river
    city.building((1500, 700), tags("house", 2))  # F, far from any street
    city.building((365, 645), tags("apartments", 4))  # G, beside the fragment
    city.building((420, 815), tags("yes", 2))  # Y, a home by its size
    city.building((380, 115), tags("yes", 1), half_m=2.5)  # a shed
    city.building((420, 215), tags("yes", 2))  # holds a shop
    city.building((850, 950), tags("yes", 2), half_m=10)  # on industrial land


def polygon(box: tuple[float, float, float, float], step_m: float = 50) -> list[list[float]]:
    """A box as a ring of degrees, with nodes close enough to keep its edges straight."""
    ring = []
    for start, end in pairwise(rectangle(*box)):
        count = round(_apart(start, end) / step_m)
        for k in range(count):
            share = k / count
            place = (
                start[0] + share * (end[0] - start[0]),
                start[1] + share * (end[1] - start[1]),
            )
            ring.append([round(value, 9) for value in degrees(place)])
    return [*ring, ring[0]]


def feature_collection(boxes: dict[str, tuple[float, float, float, float]]) -> str:
    features = [
        {
            "type": "Feature",
            "properties": {"name": name},
            "geometry": {"type": "Polygon", "coordinates": [polygon(box)]},
        }
        for name, box in boxes.items()
    ]
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    return '{"type": "FeatureCollection", "features": [\n' + lines + "\n]}\n"


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "toy.osm": draw().xml(),
        "boundary.geojson": feature_collection({"Toy city": BOUNDARY}),
        "built_up.geojson": feature_collection({"Toy city": BUILT_UP}),
        "units.geojson": feature_collection(UNITS),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
