"""Write Mingcheng (明城), a made-up city in the files of a planning bureau.

Drawn on a plan (``mingcheng_lib/ground.py``) from one seed: the same input gives the same
content. What is in the files, and which answers are known, is in
``sample_data/mingcheng/README.md``.

    python scripts/make_mingcheng.py [FOLDER]
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import numpy as np
import shapely
from mingcheng_lib import figures, files, ground, houses, land, places
from mingcheng_lib import streets as roads
from shapely import Point

SEED = 527
FOLDER = Path(__file__).resolve().parents[1] / "sample_data" / "mingcheng" / "规划数据"
GREEN = ("G1", "G2")


def main(folder=FOLDER):
    folder.mkdir(parents=True, exist_ok=True)
    streets = roads.noded_streets()
    lots, walls = land.lots(streets), land.walls()
    parks = [lot for lot in lots if lot.code in GREEN]
    built = houses.all_houses(lots, streets, walls, [lot.shape for lot in parks], SEED)
    front = places.StreetFront(streets)

    _write_streets(folder, streets)
    _write_land(folder, lots, walls)
    _write_parks(folder, lots)
    _write_areas(folder)
    files.write_shapefile(
        folder / "建筑.shp",
        {
            "编号": [f"JZ{number:04d}" for number in range(1, len(built) + 1)],
            "用途": [house.use for house in built],
            "层数": _numbers([house.storeys for house in built]),
        },
        [house.shape for house in built],
        language=files.CODE_PAGE_936,
    )
    _write_places(folder, front)
    files.write_csv(
        folder / "填报数据.csv",
        ["条款", "指标", "填报值", "截至日期", "填报单位"],
        figures.REPORTED,
    )
    grades = Counter(street.grade for street in streets)
    print(f"{len(built)} buildings, {len(lots)} lots, streets: {dict(grades)}")


def _numbers(values):
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def _write_streets(folder, streets):
    files.write_shapefile(
        folder / "道路.shp",
        {
            "编号": [f"DL{number:04d}" for number in range(1, len(streets) + 1)],
            "名称": [street.name for street in streets],
            "道路等级": [street.grade for street in streets],
            "红线宽": _numbers([street.red_line for street in streets]),
            "车行道宽": _numbers([street.width for street in streets]),
            "车道数": _numbers([street.lanes for street in streets]),
            "单行": [street.oneway for street in streets],
            "人行道": [street.sidewalk for street in streets],
            "通行权限": [street.access for street in streets],
            "行人通行": [street.foot for street in streets],
            "桥梁": [street.bridge for street in streets],
            "隧道": [street.tunnel for street in streets],
        },
        [roads.bent(street) for street in streets],
    )
    nodes = [("回车场", None, None, roads.TURNING_CIRCLE)]
    nodes += [("门禁", "内部", "允许", gate) for gate in roads.GATES]
    files.write_shapefile(
        folder / "道路节点.shp",
        {
            "类型": [node[0] for node in nodes],
            "通行权限": [node[1] for node in nodes],
            "行人通行": [node[2] for node in nodes],
        },
        [Point(ground.at(*node[3])) for node in nodes],
    )


def _write_land(folder, lots, walls):
    files.write_shapefile(
        folder / "用地.shp",
        {
            "用地代码": [lot.code for lot in lots],
            "用地名称": [land.NAMES_OF_CLASS[lot.code] for lot in lots],
            "项目名称": [lot.name or None for lot in lots],
        },
        [lot.shape for lot in lots],
    )
    water = land.water_shape()
    files.write_shapefile(
        folder / "水系.shp",
        {"名称": list(water), "类型": ["河流", "湖泊"]},
        list(water.values()),
    )
    files.write_shapefile(
        folder / "铁路.shp", {"名称": ["明城铁路"], "类型": ["铁路"]}, [land.rail_line()]
    )
    files.write_shapefile(
        folder / "围墙.shp",
        {"名称": [name for name, _ in walls], "类型": ["围墙"] * len(walls)},
        [line for _, line in walls],
    )


def _write_parks(folder, lots):
    """A park is its land of class G1; the lake of a park belongs to the water."""
    shapes = {
        name: shapely.union_all([lot.shape for lot in lots if (lot.code, lot.name) == ("G1", name)])
        for name in land.PARKS
    }
    files.write_shapefile(
        folder / "公园.shp",
        {
            "公园名称": list(land.PARKS),
            "公园类型": [kind for kind, _, _ in land.PARKS.values()],
            "是否开放": [is_open for _, is_open, _ in land.PARKS.values()],
            "围墙": [fenced for _, _, fenced in land.PARKS.values()],
        },
        list(shapes.values()),
    )
    files.write_shapefile(
        folder / "公园出入口.shp",
        {
            "名称": [name for name, _ in land.PARK_GATES],
            "类型": ["出入口"] * len(land.PARK_GATES),
        },
        [Point(ground.at(*place)) for _, place in land.PARK_GATES],
    )


def _write_areas(folder):
    communities = land.communities()
    units = {
        unit: shapely.union_all(
            [communities[name] for name, row in land.COMMUNITIES.items() if row[1] == unit]
        )
        for unit in land.UNITS
    }
    files.write_shapefile(folder / "市界.shp", {"名称": ["明城市"]}, [land.boundary()])
    files.write_shapefile(folder / "建成区.shp", {"名称": ["明城市建成区"]}, [land.built_up()])
    files.write_shapefile(folder / "街道.shp", {"名称": list(units)}, list(units.values()))
    rows = land.COMMUNITIES
    files.write_geopackage(
        folder / "社区人口.gpkg",
        "社区人口",
        {
            "社区名称": list(rows),
            "所属街道": [row[1] for row in rows.values()],
            "总人口": [row[2] for row in rows.values()],
            "60岁以上": [row[3] for row in rows.values()],
            "0-14岁": [row[4] for row in rows.values()],
        },
        [communities[name] for name in rows],
    )


def _write_places(folder, front):
    pois = places.pois(front)
    where = files.shown([poi.place for poi in pois], "gcj02")
    files.write_csv(
        folder / "设施.csv",
        ["id", "名称", "类型", "typecode", "经度", "纬度"],
        [
            [f"B0MC{number:04d}", poi.name, poi.kind, poi.typecode, f"{lon:.6f}", f"{lat:.6f}"]
            for number, (poi, (lon, lat)) in enumerate(zip(pois, where, strict=True), start=1)
        ],
    )
    services = places.services(front)
    where = files.shown([service.place for service in services], "bd09")
    files.write_csv(
        folder / "社区设施.csv",
        ["序号", "设施名称", "设施类别", "所属社区", "经度", "纬度"],
        [
            [number, row.name, row.kind, row.community, f"{lon:.6f}", f"{lat:.6f}"]
            for number, (row, (lon, lat)) in enumerate(zip(services, where, strict=True), start=1)
        ],
    )
    toilets = places.toilets(front)
    where = files.shown([place for _, place in toilets], "gcj02")
    files.write_ledger(
        folder / "公厕台账.xlsx",
        "明城市公共厕所台账（虚构示例，截至2025年6月）",
        ["序号", "公厕名称", "经度", "纬度", "女厕位", "男厕位", "男小便位", "第三卫生间", "类别",
         "是否对外开放"],
        [
            [number, row.name, lon, lat, row.women, row.men, row.urinals, row.third, row.grade,
             row.open]
            for number, ((row, _), (lon, lat)) in enumerate(zip(toilets, where, strict=True), start=1)
        ],
    )  # fmt: skip


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:2]))
