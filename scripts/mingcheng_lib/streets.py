"""The streets of Mingcheng, and where they end.

``ENDS`` lists every end of a public road inside the boundary with its cause: the answer
that the analyzer ``dead_ends`` has to find.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from mingcheng_lib.ground import bend, dense
from scipy.interpolate import CubicSpline
from shapely import LineString, Point, STRtree

HALF_PAIR_M = 9.0
RIVER_V = np.arange(-1500.0, 4001.0, 50.0)
RIVER_U = 1985 + 38 * np.sin(2 * np.pi * RIVER_V / 1900) + 0.02 * (RIVER_V - 1250)
RIVER_HALF_M = 28.0
BANK_M = 78.0
RAIL = [(-1300, 300), (3000, 300), (4300, 380)]


@dataclass(frozen=True)
class Street:
    """A row of 道路.shp, drawn on the plan."""

    name: str
    grade: str
    places: list
    width: float | None = None
    lanes: int | None = None
    red_line: float | None = None
    oneway: str = "否"
    sidewalk: str | None = None
    access: str | None = None
    foot: str | None = None
    bridge: str = "否"
    tunnel: str = "否"
    level: int = 0

    @property
    def line(self):
        return LineString(self.places)


GRADES = {
    "快速路": {"width": 12, "lanes": 3, "red_line": 60, "sidewalk": "无", "foot": "禁止"},
    "主干路": {"width": 11.5, "lanes": 3, "red_line": 45, "sidewalk": "右侧"},
    "次干路": {"width": 15, "lanes": 4, "red_line": 32, "sidewalk": "两侧"},
    "支路": {"width": 9, "lanes": 2, "red_line": 18, "sidewalk": "两侧"},
    "街巷": {"width": 4.5, "lanes": 1, "red_line": 8, "sidewalk": "无"},
    "匝道": {"width": 7.5, "lanes": 1, "red_line": 9, "sidewalk": "无", "foot": "禁止"},
    "小区道路": {"width": 6, "access": "内部", "foot": "允许"},
    "厂区道路": {"width": 7, "access": "内部", "foot": "禁止"},
    "步道": {},
    "人行道": {},
}

# (place on the plan, cause): every end of a public road inside the boundary.
ENDS = [
    ((260, 1525), "through"),
    ((1610, 990), "through"),
    ((2740, 1385), "through"),
    ((1440, 1530), "private_or_gate"),
    ((2580, 880), "private_or_gate"),
    ((500, 640), "turning_head"),
    ((1770, 1525), "turning_head"),
    ((None, 1640), "barrier_ahead"),
    ((700, 350), "barrier_ahead"),
    ((650, 830), "continues_other"),
    ((2340, 1400), "continues_other"),
    ((365, 1165), "short"),
    ((1350, 780), "short"),
    ((1350, 1235), "artefact"),
    ((0, 1000), "boundary"),
    ((1480, 190), "unexplained"),
    ((2650, 1950), "unexplained"),  # in the fields, outside the built-up area
]
TURNING_CIRCLE = (500, 640)
GATES = [(1440, 1530), (1250, 1448)]


def river(v, *, off=0.0):
    return float(np.interp(v, RIVER_V, RIVER_U)) + off


def bank(v, side):
    return river(v, off=side * BANK_M)


def river_shape():
    """The river on the plan."""
    left = [(u - RIVER_HALF_M, v) for u, v in zip(RIVER_U, RIVER_V, strict=True)]
    right = [(u + RIVER_HALF_M, v) for u, v in zip(RIVER_U, RIVER_V, strict=True)]
    return shapely.Polygon([*left, *right[::-1]])


def _street(name, grade, *places, **more):
    return Street(name, grade, list(places), **(GRADES[grade] | more))


def _pair(name, grade, places, half_m=HALF_PAIR_M, **more):
    """Two carriageways; traffic keeps to the right."""
    line = LineString(places)
    right = list(shapely.offset_curve(line, -half_m, join_style="mitre").coords)
    left = list(shapely.offset_curve(line, half_m, join_style="mitre").coords)
    return [_street(name, grade, *side, oneway="是", **more) for side in (right, left[::-1])]


def _along_river(name, south, north, side):
    inner = [v for v in RIVER_V.tolist() if south < v < north]
    places = [(bank(v, side), v) for v in (south, *inner, north)]
    return _street(name, "支路", *places)


def _ring():
    """The expressway's middle line."""
    u = [-1300, -500, 250, 1000, 1750, 2350, 2900, 3500, 4200]
    v = [1840, 2150, 2330, 2390, 2360, 2260, 2080, 1800, 1480]
    curve = CubicSpline(u, v)
    return [(float(x), float(curve(x))) for x in np.arange(-1300, 4201, 100.0)]


def _grid():
    w, e = lambda v: (bank(v, -1), v), lambda v: (bank(v, 1), v)
    s = _street
    return [
        # level, west of the river
        s("站前路", "次干路", (400, 430), w(430)),
        s("文昌路", "支路", (150, 560), w(560)),
        s("人民路", "次干路", (150, 750), (2850, 750)),
        s("鼓楼街", "支路", (400, 910), w(910)),
        s("学府路", "支路", (150, 1080), (991, 1080)),
        s("学府路", "支路", (1009, 1080), w(1080), sidewalk=None),
        s("和平路", "支路", (150, 1430), w(1430)),
        s("光明路", "支路", (150, 1620), (991, 1620), sidewalk=None),
        s("光明路", "支路", (1500, 1620), w(1620)),
        s("北关路", "次干路", (150, 1800), w(1800)),
        s("湖滨路", "支路", (150, 2000), (400, 2000)),
        s("湖滨路", "支路", (800, 2000), (1500, 2000)),
        s("北城路", "支路", (150, 2150), (1500, 2150), width=None, lanes=None),
        # upright, west of the river
        s("城西路", "支路", (150, 560), (150, 2150), width=None, lanes=None),
        s("西关路", "次干路", (400, 430), (400, 2150)),
        s("府前街", "支路", (600, 430), (600, 1800)),
        s("文庙街", "支路", (800, 430), (800, 2150), sidewalk=None),
        s("东门街", "支路", (1200, 430), (1200, 1430)),
        s("东门街", "支路", (1200, 1800), (1200, 2150)),
        s("建设路", "次干路", (1500, 430), (1500, 2150)),
        s("新华路", "支路", (1720, 430), (1720, 1800), sidewalk=None),
        _along_river("滨河西路", 430, 1800, -1),
        # east of the river
        _along_river("滨河东路", 450, 1800, 1),
        s("金桥路", "支路", e(450), (2850, 450), width=None, lanes=2),
        s("高新路", "支路", e(1000), (2850, 1000)),
        s("银杏路", "支路", e(1520), (2850, 1520), sidewalk=None),
        s("北关东路", "次干路", e(1800), (2850, 1800)),
        s("创新路", "支路", (2250, 450), (2250, 1800)),
        s("科技路", "次干路", (2450, 450), (2450, 1800)),
        s("兴业路", "支路", (2650, 450), (2650, 1950), width=None, lanes=2),
        s("工业大道", "次干路", (2850, 450), (2850, 1800)),
        s("运河斜街", "支路", (1200, 910), (1500, 1080)),
        # south of the railway
        s("铁南路", "支路", (600, 150), (1400, 150)),
        s("铁南北街", "支路", (600, 230), (1400, 230), sidewalk=None),
        s("铁南西街", "支路", (600, 150), (600, 230)),
        s("铁南东街", "支路", (1400, 150), (1400, 230)),
        # old town lanes
        s("文庙巷", "街巷", (700, 750), (700, 1080)),
        s("状元巷", "街巷", (600, 990), (991, 990)),
        s("米市巷", "街巷", (800, 830), (991, 830)),
        s("钟楼巷", "街巷", (900, 910), (900, 1080)),
        s("东门里巷", "街巷", (1009, 660), (1200, 660)),
        s("北关里", "街巷", (700, 1620), (700, 1800)),
    ]


def _dead_ends():
    s = _street
    loop = [(1770, 1525), (1795, 1505), (1815, 1525), (1795, 1545), (1770, 1525)]
    return [
        s("和平里路", "支路", (400, 1525), (260, 1525)),
        s("建新路", "支路", (1610, 910), (1610, 990)),
        s("创业支路", "支路", (2650, 1385), (2740, 1385)),
        s("御景路", "支路", (1500, 1530), (1440, 1530)),
        s("化工路", "支路", (2650, 880), (2580, 880)),
        s("化工路", "厂区道路", (2580, 880), (2490, 880)),
        s("文昌里", "街巷", (500, 560), (500, 640)),
        s("新华里", "支路", (1720, 1525), (1770, 1525)),
        s("新华里", "支路", *loop),
        s("渡口路", "支路", (bank(1640, -1), 1640), (bank(1640, -1) + 36, 1640)),
        s("货场路", "支路", (700, 430), (700, 350)),
        s("井巷", "街巷", (650, 750), (650, 830)),
        s("井巷", "人行道", (650, 830), (650, 910)),
        s("银杏支路", "支路", (2250, 1400), (2340, 1400)),
        s("银杏步道", "步道", (2340, 1400), (2450, 1400)),
        s("西关里", "街巷", (400, 1165), (365, 1165)),
        s("人民里", "街巷", (1350, 750), (1350, 780)),
        s("东门北街", "支路", (1350, 1080), (1350, 1235)),
        s("城西村路", "支路", (150, 1000), (0, 1000)),
        s("铁南村路", "支路", (1400, 190), (1480, 190)),
    ]


def _compounds():
    s = _street
    return [
        # 御景花园, the walled compound between 和平路 and 北关路
        s("御景花园内部路", "小区道路", (1250, 1430), (1250, 1775)),
        s("御景花园内部路", "小区道路", (1440, 1530), (1040, 1530)),
        s("御景花园内部路", "小区道路", (1070, 1650), (1430, 1650)),
        s("御景花园内部路", "小区道路", (1100, 1530), (1100, 1740)),
        s("御景花园内部路", "小区道路", (1390, 1530), (1390, 1740)),
        s("滨江华府内部路", "小区道路", (2250, 1640), (2140, 1640)),
        s("滨江华府内部路", "小区道路", (2165, 1560), (2165, 1740)),
        s("城西新村内部路", "小区道路", (275, 560), (275, 750)),
    ]


def _park_paths():
    s = _street
    around = [(600, 1860), (700, 1880), (740, 1960), (700, 2050), (600, 2080), (500, 2050),
              (450, 1960), (500, 1880), (600, 1860)]  # fmt: skip
    return [
        s("明湖环湖步道", "步道", *around),
        s("明湖公园南门步道", "步道", (600, 1800), (600, 1860)),
        s("明湖公园东门步道", "步道", (800, 1960), (740, 1960)),
        s("明湖公园北门步道", "步道", (600, 2150), (600, 2080)),
        s(
            "滨河步道",
            "步道",
            *[(river(v, off=-52), v) for v in (760, *range(800, 1201, 50), 1230)],
        ),
        s("滨河步道", "步道", (bank(850, -1), 850), (river(850, off=-52), 850)),
        s("滨河步道", "步道", (bank(1080, -1), 1080), (river(1080, off=-52), 1080)),
        s("科技公园步道", "步道", (2250, 1125), (2450, 1125)),
        s("科技公园步道", "步道", (2350, 1000), (2350, 1125)),
    ]


def _ramps(ring):
    """A diamond between 中山路 and the expressway."""
    south, north = (shapely.offset_curve(LineString(ring), side * 13, join_style="mitre")
                    for side in (-1, 1))  # fmt: skip

    def on(line, u):
        uv = np.array(line.coords)
        order = np.argsort(uv[:, 0])
        return (u, float(np.interp(u, uv[order, 0], uv[order, 1])))

    return [
        _street("中山路匝道", "匝道", *places, oneway="是", level=9)
        for places in (
            [on(south, 780), (930, 2330), (991, 2270)],
            [(1009, 2270), (1070, 2330), on(south, 1220)],
            [on(north, 1220), (1070, 2450), (1009, 2510)],
            [(991, 2510), (930, 2450), on(north, 780)],
        )
    ]


def all_streets():
    """Every street of the plan, whole, before it is cut at crossings."""
    ring = _ring()
    return [
        *_pair("北外环快速路", "快速路", ring, 13.0, level=1, bridge="是"),
        *_pair("明城大道", "主干路", [(-1300, 1250), (4200, 1250)]),
        *_pair("中山路", "主干路", [(1000, -1100), (1000, 3500)]),
        *_ramps(ring),
        *_grid(),
        *_dead_ends(),
        *_compounds(),
        *_park_paths(),
    ]  # fmt: skip


def noded_streets():
    """Streets cut where they meet, flagged where they cross the river or the railway."""
    pieces = [p for street in all_streets() for p in _over_and_under(street)]
    lines = [piece.line for piece in pieces]
    tree = STRtree(lines)
    cuts = [[] for _ in pieces]
    for a, b in sorted(
        map(tuple, tree.query(lines, predicate="dwithin", distance=0.01).T.tolist())
    ):
        if a < b:
            for point in _meetings(pieces[a], pieces[b]):
                cuts[a].append(point)
                cuts[b].append(point)
    result = []
    for piece, points in zip(pieces, cuts, strict=True):
        result += [replace(piece, places=places) for places in _cut(piece.places, points)]
    return result


def _meetings(one, other):
    """Places where two streets join: crossings on one level, and ends that touch."""
    a, b = one.line, other.line
    found = []
    if one.level == other.level:
        shared = shapely.intersection(a, b)
        found = [p for p in shapely.get_parts(shared) if p.geom_type == "Point"]
    ends = [(Point(a.coords[i]), b) for i in (0, -1)] + [(Point(b.coords[i]), a) for i in (0, -1)]
    touching = [end for end, line in ends if end.distance(line) < 0.01]
    found = [p for p in found if all(p.distance(end) > 0.05 for end in touching)]
    places = {(round(p.x, 3), round(p.y, 3)) for p in (*found, *touching)}
    return sorted(places)


def _over_and_under(street):
    """Cut a street at the river and at the railway."""
    if street.level:
        return [street]
    water = river_shape().buffer(6)
    track = LineString(RAIL).buffer(22, cap_style="flat")
    public = street.grade in ("主干路", "次干路", "支路", "街巷")
    pieces, cuts = [street], []
    if public:
        for shape in (water, track):
            if street.line.crosses(shape):
                crossing = shapely.intersection(street.line, shape.boundary)
                cuts += [(p.x, p.y) for p in shapely.get_parts(crossing)]
    if len(cuts) < 2:
        return pieces
    result = []
    for places in _cut(street.places, [(round(u, 3), round(v, 3)) for u, v in cuts]):
        middle = LineString(places).interpolate(0.5, normalized=True)
        result.append(
            replace(
                street, places=places,
                bridge="是" if middle.within(water) else "否",
                tunnel="是" if middle.within(track) else "否",
            )
        )  # fmt: skip
    return result


def _cut(places, points):
    """Cut a polyline at points that lie on it; each point becomes a vertex of both parts."""
    places = [(round(u, 3), round(v, 3)) for u, v in places]
    line = LineString(places)
    vertices = [(0.0, places[0])]
    for i in range(1, len(places)):
        vertices.append(
            (vertices[-1][0] + Point(places[i - 1]).distance(Point(places[i])), places[i])
        )
    total = vertices[-1][0]
    marks = []
    for point in dict.fromkeys(points):
        at = line.project(Point(point))
        if 0.02 < at < total - 0.02:
            marks.append((at, point))
    marks.sort()
    parts, current = [], [places[0]]
    for at, place in vertices[1:]:
        while marks and marks[0][0] <= at + 1e-9:
            _, point = marks.pop(0)
            if Point(point).distance(Point(current[-1])) > 0.02:
                current.append(point)
            else:
                current[-1] = point
            if len(current) > 1:
                parts.append(current)
            current = [point]
        if Point(place).distance(Point(current[-1])) > 0.02:
            current.append(place)
    if len(current) > 1:
        parts.append(current)
    return parts


def bent(street):
    """The street's line on the ground."""
    return LineString(bend(dense(street.places)))
