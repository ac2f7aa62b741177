"""A report made by hand: two analyses, one skipped, and names that try to break the outputs."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pytest
from hand_made import BASIS, FORMULA, HOSTILE, SCRIPT, UNITS, UTM, X, Y, target, text
from shapely import LineString, MultiPolygon, Point, box

from cityplan.model.area import BuiltUp, StudyArea
from cityplan.model.layers import InputCount
from cityplan.model.report import Report
from cityplan.model.result import Measure, Result, Skipped, judge
from cityplan.model.standard import (
    Band,
    Category,
    ParkClause,
    RoadClass,
    Setting,
    Standard,
)


@pytest.fixture
def standard():
    sourced = {"source": "GB 50180-2018", "clause": "B.0.1", "confidence": "S2"}
    targets = (
        target("toilet_density.per_km2", "band", "1/km2", low=3, high=5),
        target("toilet_density.female_male_ratio_crowded", ">=", "ratio", value=2.0),
        target("toilet_density.area_coverage_share", ">=", "share", value=0.9, kind="reference"),
        target("my_own.walk_share", ">=", "share", value=0.15, confidence="K", source=SCRIPT),
        target("my_own.wait_m", "<=", "m", value=500),
    )
    road = {
        f"{name}_m": 6.0
        for name in ("carriageway", "lane", "sidewalk", "red_line", "red_line_low", "red_line_high")
    }
    return Standard(
        id="toy",
        title=text("Toy action plan", "示例实施方案"),
        summary=text("For tests.", "仅供测试。"),
        targets={row.measure: row for row in targets},
        settings={
            "walk.snap_max_m": Setting(id="walk.snap_max_m", value=100, unit="m", **sourced),
            "list": Setting(id="list", value=[25, 100], unit="m", **{**sourced, "confidence": "K"}),
        },
        groups={"commerce": text("Shops", "商业服务")},
        categories={
            key: Category(
                id=key, title=text(en, zh), group="commerce", tier="10min", required=True,
                limit_m=500, **sourced,
            )
            for key, en, zh in (("market", "Market", "菜市场"), ("bank", "Bank", "银行网点"))
        },
        park_clauses={
            "green": ParkClause(
                id="green", title=text("Green in sight", "300米见绿"),
                bands=(
                    Band(layer="green", min_m2=400, max_m2=float("inf"), distance_m=300),
                    Band(layer="park", min_m2=2000, max_m2=5000, distance_m=300),
                ),
                **sourced,
            )
        },
        road_classes={
            "local": RoadClass(
                id="local", title=text("Local road", "支路"), highways=("residential",),
                counts_in_area=True, counts_in_density=True, **road, **sourced,
            )
        },
    )  # fmt: skip


@pytest.fixture
def area():
    quarters = [box(X + 3000 * i, Y + 2500 * j, X + 3000 * (i + 1), Y + 2500 * (j + 1))
                for i in (0, 1) for j in (0, 1)]  # fmt: skip
    built_up = MultiPolygon(
        [box(X + 500, Y + 400, X + 4200, Y + 4100), box(X + 4600, Y + 600, X + 5600, Y + 2000)]
    )
    return StudyArea(
        name="明光市 <i>test</i>",
        crs=UTM,
        boundary=box(X, Y, X + 6000, Y + 5000),
        built_up=BuiltUp(
            geometry=built_up,
            basis=text("drawn around buildings and urban land.", "由建筑与城镇用地外扩闭合推算。"),
            is_proxy=True,
            alternatives={25.0: built_up.buffer(-25), 100.0: built_up.buffer(50)},
        ),
        units=gpd.GeoDataFrame({"unit": list(UNITS)}, geometry=quarters, crs=UTM),
        notes=(text("Units as given.", "单元按输入数据。"),),
    )


@pytest.fixture
def toilets(area, standard):
    """Judged in a band, with hostile names and all kinds of shapes."""
    per_km2 = [1.2, np.nan, 3.4, 2.96, 0.0]
    units = gpd.GeoDataFrame(
        {
            "unit": [*UNITS, "outside units"],
            "toilet_density.per_km2": per_km2,
            "toilet_density.count": [4, 0, 9, 3, 1],
            "toilet_density.area_coverage_share": [0.25, np.nan, 0.871, 0.5, 0.0],
        },
        geometry=[*area.units.geometry, None],
        crs=UTM,
    )
    rng = np.random.default_rng(1)
    points = [Point(X + 600 + 3400 * a, Y + 500 + 3400 * b) for a, b in rng.random((17, 2))]
    gaps = gpd.GeoDataFrame(
        {
            "name": [HOSTILE[0], HOSTILE[2], "南苑小区片区"],
            "kind": ["blind_spot"] * 3,
            "unit": [UNITS[0], UNITS[3], UNITS[2]],
            "people": [1830.0, np.nan, 420.5],
            "lacks": ["market,bank", FORMULA, None],
            "label_zh": [None, None, "南苑小区片区（标注）"],
        },
        geometry=[
            Point(X + 1500, Y + 1500).buffer(400).difference(Point(X + 1500, Y + 1500).buffer(150)),
            box(X + 4700, Y + 700, X + 5300, Y + 1600),
            box(X + 700, Y + 3200, X + 1200, Y + 3900),
        ],
        crs=UTM,
    )
    facilities = gpd.GeoDataFrame(
        {
            "name": [HOSTILE[i % len(HOSTILE)] if i < 12 else None for i in range(17)],
            "kind": ["public_toilet", "market"][:1] * 12 + ["market"] * 5,
        },
        geometry=points,
        crs=UTM,
    )
    served = gpd.GeoDataFrame(
        {"name": ["300 m"], "kind": ["catchment"]},
        geometry=[MultiPolygon([facilities.buffer(300).union_all()])
                  if facilities.buffer(300).union_all().geom_type == "Polygon"
                  else facilities.buffer(300).union_all()],
        crs=UTM,
    )  # fmt: skip
    proposals = gpd.GeoDataFrame(
        {"name": [FORMULA], "kind": ["new_toilet"], "value": [0.4]},
        geometry=[Point(X + 1500, Y + 1500)],
        crs=UTM,
    )
    basis = text("17 toilets on 14.1 km².", "17 座公厕，建成区 14.1 km²。")
    measures = (
        judge("toilet_density.count", 17.0, "count", standard=standard, basis=basis),
        judge(
            "toilet_density.per_km2", 1.137, "1/km2", standard=standard, basis=basis, low=1.02,
            high=1.31, note=text(f"Note with {SCRIPT}.", f"备注 {SCRIPT}。"),
        ),
        judge("toilet_density.missing", 26, "count", standard=standard, basis=basis),
        judge(
            "toilet_density.area_coverage_share", 0.4711, "share", standard=standard, basis=basis
        ),
        judge(
            "toilet_density.female_male_ratio_crowded", None, "ratio", standard=standard,
            basis=basis, note=text("No places recorded.", "厕位均无记录。"),
        ),
    )  # fmt: skip
    return Result(
        analyzer="toilet_density",
        title=text("Public toilets", "公共厕所密度"),
        measures=measures,
        units=units,
        shapes={
            "gap": gaps, "facility": facilities, "served": served, "proposal": proposals,
        },
        notes=(text("A pair of records is one toilet.", "成对记录计为一座。"),),
    )  # fmt: skip


@pytest.fixture
def own(area, standard):
    """A user's own analysis: unknown ids, lines and points, no title of ours."""
    units = gpd.GeoDataFrame(
        {"unit": list(UNITS), "my_own.walk_share": [0.1, 0.1496, 0.2, 0.03]},
        geometry=area.units.geometry.array,
        crs=UTM,
    )
    lines = [
        LineString([(X + 300 * i, Y + 200), (X + 300 * i + 900, Y + 4200)]) for i in range(1, 17)
    ]
    return Result(
        analyzer="my_own",
        title=text("My own analysis", "自定义分析"),
        measures=(
            judge(
                "my_own.walk_share", 0.1496, "share", standard=standard, basis=BASIS, low=0.12,
                high=0.1499,
            ),
            judge("my_own.wait_m", 432.0, "m", standard=standard, basis=BASIS),
            Measure(id="my_own.odd", value=float("nan"), unit="furlong", basis=BASIS),
        ),
        units=units,
        shapes={
            "context": gpd.GeoDataFrame(
                {"name": [f"路{i}" for i in range(16)], "kind": "local"}, geometry=lines, crs=UTM
            ),
            "gap": gpd.GeoDataFrame(
                {
                    "name": None,
                    "kind": ["through", "short", "through", "barrier_ahead"],
                    "value": [120.5, 40, 300, 70],
                },
                geometry=[Point(X + 900 * i, Y + 900 * i) for i in range(1, 5)],
                crs=UTM,
            ),
        },
    )  # fmt: skip


@pytest.fixture
def report(area, standard, toilets, own):
    return Report(
        area=area,
        standard=standard,
        lang="zh",
        results=(
            toilets,
            own,
            Skipped(
                analyzer="dead_ends",
                title=text("Dead ends", "断头路"),
                reason=text("Layer 'streets' is empty.", "图层“streets”没有数据。"),
                measure_ids=("dead_ends.count", "dead_ends.cause.through"),
            ),
        ),
        inputs={
            "toilets": InputCount(
                source=f"公厕台账 {SCRIPT}.csv", sha256="ab" * 32, read=21, used=17,
                repaired={"invalid polygon mended": 2}, rejected={"no geometry": 3, SCRIPT: 1},
                datum="gcj02", encoding="gb18030",
            ),
            "streets": InputCount(
                source="mingguang.osm.pbf", sha256="cd" * 32, read=0, used=0,
                osm_timestamp="2026-11-02T20:21:32Z",
            ),
        },
        notes=(
            text("Boundary: hull of the streets.", "研究范围：道路凸包。"),
            text("Units as given.", "单元按输入数据。"),
        ),
        provenance={
            "cityplan": "0.1.0", "crs": "EPSG:4548", "seconds": {"read": 1.25, "bad": float("nan")},
            "parameters": {"formula": FORMULA, "list": (1, 2)},
        },
        attribution=("© OpenStreetMap contributors, ODbL", f"市住建局 {SCRIPT}"),
    )  # fmt: skip


@pytest.fixture
def english(report):
    return dataclasses.replace(report, lang="en")
