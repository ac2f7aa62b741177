"""Boundary, units, communities, parks and the land between the streets of Mingcheng."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from mingcheng_lib.ground import (
    GRID_M,
    at,
    bend,
    bent_line,
    bent_polygon,
    bent_ring,
    box,
    straighten,
)
from mingcheng_lib.streets import RAIL, RIVER_U, RIVER_V, bank, bent, river, river_shape
from shapely import LineString, Point, Polygon

BOUNDARY = [(0, 150), (400, 0), (2650, 0), (3000, 300), (3000, 2200), (2500, 2500), (300, 2500),
            (0, 2300)]  # fmt: skip
BUILT_UP = [(0, 540), (360, 540), (360, 385), (560, 385), (560, 110), (1520, 110), (1520, 400),
            (2890, 412), (2890, 1850), (1540, 1850), (1540, 2440), (560, 2440), (560, 2190),
            (110, 2190), (110, 1450), (0, 1450)]  # fmt: skip
RING_BELT = (560, 2190, 1540, 2440)
RAIL_HALF_M = 12.0
STRIP_M = 52.0  # nobody builds on narrower ones
MIN_PART_M2 = 150.0

# community -> a place in it, its unit, people, aged 60 and more, aged 14 and less
COMMUNITIES = {
    "鼓楼社区": ((500, 1000), "鼓楼街道", 9150, 2420, 1100),
    "南门社区": ((500, 500), "鼓楼街道", 4880, 1170, 630),
    "东门社区": ((1500, 800), "鼓楼街道", 12970, 2600, 1950),
    "城西社区": ((300, 1600), "北关街道", 6670, 1530, 880),
    "北关社区": ((800, 1600), "北关街道", 4520, 1170, 545),
    "御景社区": ((1500, 1700), "北关街道", 12670, 1640, 2280),
    "滨河社区": ((2250, 1200), "明城经开区", 14300, 1290, 2720),
    "高新社区": ((2700, 1200), "明城经开区", 3310, 190, 410),
}
UNITS = ("鼓楼街道", "北关街道", "明城经开区")

# GB 50137 class and name of the block in which a place lies; the others are R2 in the
# built-up area and E2 beyond it.
BLOCKS = {
    (600, 2080): ("G1", "明湖公园"),
    (950, 1040): ("G1", "鼓楼公园"),
    (2350, 1060): ("G1", "科技公园"),
    (1350, 650): ("A33", "明城第一中学"),
    (650, 1525): ("A33", "明城实验小学"),
    (500, 1340): ("A5", "明城市人民医院"),
    (1100, 1160): ("A1", "明城市政务中心"),
    (1100, 990): ("B1", "明城百货"),
    (900, 1160): ("B1", "鼓楼商业广场"),
    (700, 650): ("B1", "南门市场"),
    (1350, 840): ("B2", "东门商务区"),
    (1350, 2075): ("A4", "明城体育中心"),
    (1100, 2075): ("A2", "明城文化中心"),
    (650, 1720): ("A6", "北关养老服务区"),
    (2150, 600): ("B2", "金桥商务区"),
    (2350, 600): ("W1", "金桥物流园"),
    (2550, 600): ("M1", "明城机械厂"),
    (2750, 600): ("M1", "金桥工业园"),
    (2550, 880): ("M2", "明城化工厂"),
    (2750, 880): ("M1", "高新工业园"),
    (2550, 1100): ("M1", "高新工业园二期"),
    (2750, 1100): ("M1", "高新工业园三期"),
    (2550, 1450): ("R2", "高新公寓"),
    (2750, 1385): ("M1", "创业园"),
    (2550, 1660): ("M1", "创业园二期"),
    (2750, 1660): ("M1", "工业大道产业园"),
    (2150, 880): ("B1", "滨河商业街"),
    (70, 1200): ("R3", "城西村"),
    (70, 700): ("R3", "城西村"),
}
# Land inside blocks: drawn on the plan, taken out of the block around it.
PLOTS = [
    ("S3", "明城火车站", (1060, 335, 1260, 405)),
    ("G1", "南门游园", (1530, 450, 1590, 520)),
    ("G1", "城西游园", (170, 1450, 250, 1510)),
    ("G2", "西环防护绿带", (100, 1450, 150, 2200)),
    ("U2", "污水处理厂", (2560, 1820, 2640, 1846)),
    ("S4", "公交首末站", (2670, 1820, 2760, 1846)),
]
NAMES_OF_CLASS = {
    "R2": "二类居住用地", "R3": "三类居住用地", "A1": "行政办公用地", "A2": "文化设施用地",
    "A33": "中小学用地", "A4": "体育用地", "A5": "医疗卫生用地", "A6": "社会福利用地",
    "B1": "商业用地", "B2": "商务用地", "M1": "一类工业用地", "M2": "二类工业用地",
    "W1": "一类物流仓储用地", "S1": "城市道路用地", "S3": "交通枢纽用地", "S4": "交通场站用地",
    "U2": "环境设施用地", "G1": "公园绿地", "G2": "防护绿地", "H2": "区域交通设施用地",
    "E1": "水域", "E2": "农林用地",
}  # fmt: skip
# name -> kind, open, fenced, gates
PARKS = {
    "明湖公园": ("综合公园", "是", "有"),
    "鼓楼公园": ("社区公园", "是", "无"),
    "科技公园": ("社区公园", "是", "无"),
    "滨河公园": ("带状公园", "是", "无"),
    "南门游园": ("游园", "是", "无"),
    "城西游园": ("游园", "是", "无"),
}
PARK_GATES = [
    ("明湖公园南门", (600, 1820)),
    ("明湖公园东门", (788, 1960)),
    ("明湖公园北门", (600, 2138)),
]


@dataclass(frozen=True)
class Lot:
    """A row of 用地.shp, on the ground."""

    code: str
    name: str
    shape: object


def boundary():
    return bent_ring(BOUNDARY)


def built_up():
    return bent_ring(BUILT_UP)


def communities():
    """Community -> its polygon; together they are the boundary."""
    cuts = [
        LineString(np.column_stack([RIVER_U, RIVER_V])),
        LineString([(1000, -100), (1000, 2600)]),
        LineString([(2450, -100), (2450, 2600)]),
        LineString([(-10, 655), (1000, 655)]),
        LineString([(600, 1250), (600, 2600)]),
        LineString([(-10, 1250), (river(1250), 1250)]),
    ]
    lines = shapely.union_all([*cuts, Polygon(BOUNDARY).exterior])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    found = {}
    for name, (place, *_) in COMMUNITIES.items():
        mine = [f for f in faces if f.contains(Point(place))]
        found[name] = mine[0]
    left = [f for f in faces if Polygon(BOUNDARY).contains(f.representative_point())
            and all(f is not g for g in found.values())]  # fmt: skip
    assert not left, "every face is a community"
    return {name: bent_polygon(face) for name, face in found.items()}


def water_shape():
    """The river and the lake on the ground."""
    lake = Point(at(600, 1970)).buffer(1, quad_segs=16)
    lake = shapely.affinity.scale(lake, 105, 70, origin=lake.centroid)
    return {"明河": Polygon(bend(river_shape().exterior.coords)), "明湖": lake}


def rail_line():
    return bent_line(RAIL)


def lots(streets):
    """Land of every class within the boundary, without gaps or overlaps."""
    area, city = boundary(), built_up()
    water = water_shape()
    roads = shapely.union_all(
        [
            bent(s).buffer(s.red_line / 2, cap_style="flat" if s.level else "round", quad_segs=4)
            for s in streets
            if s.red_line
        ]
    )
    track = rail_line().buffer(RAIL_HALF_M, cap_style="flat")
    taken = []

    def take(shape):
        shape = shapely.intersection(shape, area)
        for other in taken:
            shape = shapely.difference(shape, other)
        taken.append(shape)
        return [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon" and p.area > 1]

    result = [Lot("E1", name, part) for name, shape in water.items() for part in take(shape)]
    result += [Lot("H2", "明城铁路", part) for part in take(track)]
    result += [Lot("S1", "", part) for part in take(roads)]
    for code, name, (w, s, e, n) in PLOTS:
        result += [Lot(code, name, part) for part in take(box(w, s, e, n))]
    result += [Lot("G1", "滨河公园", part) for part in take(_river_park())]
    result += [Lot("G2", "滨河绿带", part) for part in take(_river_belt())]
    result += [Lot("G2", "北外环防护绿带", part) for part in take(box(*RING_BELT))]
    result += [Lot("G2", "铁路防护绿带", part) for part in take(rail_line().buffer(40))]
    rest = shapely.difference(area, shapely.union_all(taken))
    inside = shapely.get_parts(shapely.intersection(rest, city))
    outside = shapely.get_parts(shapely.difference(rest, city))
    marks = [(Point(at(*place)), kind) for place, kind in BLOCKS.items()]
    for part in _polygons(inside):
        kind = next((kind for mark, kind in marks if part.contains(mark)), ("R2", ""))
        if kind[0] == "R2" and part.buffer(-STRIP_M / 2).is_empty:
            kind = ("G2", "道路防护绿带")
        result.append(Lot(*kind, part))
    result += [Lot("E2", "", part) for part in _polygons(outside)]
    result = [replace(lot, shape=shapely.set_precision(lot.shape, GRID_M)) for lot in result]
    return [lot for lot in result if lot.shape.area > MIN_PART_M2]


def _polygons(parts):
    return [p for p in parts if p.geom_type == "Polygon"]


def _river_park():
    """The strip between 滨河西路 and the river, from 人民路 to 明城大道."""
    v = np.arange(762, 1230, 26.0)
    west = [(bank(x, -1) + 9, x) for x in v]
    east = [(river(x, off=-28), x) for x in v]
    return Polygon(bend([*west, *east[::-1]]))


def _river_belt():
    v = np.arange(440, 1811, 30.0)
    west = [(bank(x, -1), x) for x in v]
    east = [(bank(x, 1), x) for x in v]
    return Polygon(bend([*west, *east[::-1]]))


def plan_bounds(shape):
    """Bounds of a ground shape on the plan: west, south, east, north."""
    uv = straighten(shapely.get_coordinates(shape))
    return (*uv.min(axis=0).tolist(), *uv.max(axis=0).tolist())


def walls():
    """Walls and fences on the ground, with gaps where the gates are."""
    compounds = {
        "御景花园围墙": ((1025, 1448, 1445, 1783), [(1250, 1448), (1445, 1530)]),
        "滨江华府围墙": ((2095, 1540, 2238, 1783), [(2238, 1640)]),
        "明湖公园围墙": ((418, 1820, 788, 2138), [place for _, place in PARK_GATES]),
        "明城化工厂围墙": ((2470, 780, 2582, 985), [(2582, 880)]),
        "铁路新村围墙": ((1600, 448, 1706, 548), []),  # no gate is recorded: nobody gets in
    }
    result = []
    for name, ((w, s, e, n), gates) in compounds.items():
        ring = LineString([(w, s), (e, s), (e, n), (w, n), (w, s)])
        holes = shapely.union_all([Point(gate).buffer(5) for gate in gates])
        for part in shapely.get_parts(shapely.line_merge(shapely.difference(ring, holes))):
            result.append((name, bent_line(list(part.coords))))
    return result
