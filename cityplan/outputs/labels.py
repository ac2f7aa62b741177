"""Titles of measures and of kinds of shapes: the only place of the outputs that knows analyzers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cityplan.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cityplan.model.standard import Standard


def _t(en: str, zh: str) -> Text:
    return Text(en=en, zh=zh)


_MEASURES: Mapping[str, Text] = {
    "life_circle.complete_share": _t(
        "Homes that reach every required facility on foot", "步行可达全部必配设施的居住占比"
    ),
    "life_circle.mean_missing": _t(
        "Required facility types missing per home", "平均缺少的必配设施类数"
    ),
    "toilet_density.count": _t("Public toilets in the built-up area", "建成区公厕数量"),
    "toilet_density.count_outside": _t(
        "Public toilets outside the built-up area", "建成区以外公厕数量"
    ),
    "toilet_density.per_km2": _t("Public toilets per km² of built-up area", "建成区公厕密度"),
    "toilet_density.missing": _t("Public toilets missing", "尚缺公厕数量"),
    "toilet_density.area_coverage_share": _t(
        "Built-up area within reach of a public toilet", "公厕服务半径覆盖的建成区占比"
    ),
    "toilet_density.demand_coverage_share": _t(
        "Homes within reach of a public toilet", "公厕服务半径覆盖的居住占比"
    ),
    "toilet_density.female_male_ratio_crowded": _t(
        "Women's to men's toilet places where crowds gather", "人流集中场所女厕位与男厕位之比"
    ),
    "toilet_density.places_known_share": _t(
        "Public toilets whose places are recorded", "厕位有记录的公厕占比"
    ),
    "road_area_ratio.ratio": _t(
        "Road-area ratio of the built-up area (paved width)", "建成区道路面积率（铺装宽度口径）"
    ),
    "road_area_ratio.ratio_red_line": _t(
        "Road-area ratio of the built-up area (red-line width)",
        "建成区道路面积率（红线宽度口径）",
    ),
    "road_area_ratio.density_km_per_km2": _t(
        "Road density of the built-up area", "建成区路网密度"
    ),
    "road_area_ratio.width_known_share": _t(
        "Road length whose width is recorded", "宽度有记录的道路长度占比"
    ),
    "dead_ends.count": _t("Dead ends in the built-up area", "建成区尽端路数量"),
    "dead_ends.count_outside": _t("Dead ends outside the built-up area", "建成区以外尽端路数量"),
    "dead_ends.through_count": _t(
        "True dead-end roads, which stop short of a road ahead", "真断头路数量"
    ),
    "dead_ends.share": _t("Dead ends among all road ends and junctions", "尽端占道路节点的比例"),
    "dead_ends.length_share": _t("Road length that leads to a dead end", "尽端路长度占比"),
    "dead_ends.per_km2": _t("Dead ends per km² of built-up area", "建成区尽端路密度"),
}  # fmt: skip

_CAUSES: Mapping[str, Text] = {
    "boundary": _t("cut by the edge of the data", "被数据边界截断"),
    "artefact": _t("mapping error, ends beside another road", "制图误差（邻近道路未连接）"),
    "private_or_gate": _t("private or behind a gate", "内部道路或设门禁"),
    "continues_other": _t("goes on as a path or service way", "接续为小路或内部通道"),
    "turning_head": _t("turning head or loop", "设有回车场或环路"),
    "barrier_ahead": _t("water, railway or motorway ahead", "前方为水系、铁路或快速路"),
    "short": _t("short", "长度较短"),
    "through": _t("true dead-end road", "真断头路"),
    "unexplained": _t("unexplained", "原因不明"),
}

_KINDS: Mapping[str, Text] = {
    **_CAUSES,
    "blind_spot": _t("blind spot", "盲区"),
    "complete": _t("all required facilities in reach", "必配设施齐全"),
    "catchment": _t("15-minute catchment of the unit's centre", "单元中心15分钟步行范围"),
    "all_services": _t("all services within their distance", "各项服务均在服务距离内"),
    "all_clauses": _t("all clauses met", "各项条款均满足"),
    "beyond_radius": _t("homes beyond the radius", "服务半径以外的居住区"),
    "built_up_beyond_radius": _t("built-up area beyond the radius", "服务半径以外的建成区"),
    "within_radius": _t("within the radius", "服务半径以内"),
    "in_boundary": _t("within the boundary", "研究范围以内"),
    "counted": _t("in the built-up area", "建成区以内"),
    "outside_built_up": _t("outside the built-up area", "建成区以外"),
    "outside_boundary": _t("outside the boundary", "研究范围以外"),
    "missing_link": _t("missing link", "建议打通路段"),
}

_COLUMNS: Mapping[str, Text] = {
    "homes": _t("Homes", "居住点数"),
    "found": _t("Required categories found", "具备的必配设施类数"),
    "length_m": _t("Length of the end", "尽端长度"),
    "ahead_m": _t("Distance to the road ahead", "距前方道路"),
    "width_m": _t("Width", "宽度"),
    "width_known": _t("Width recorded", "宽度有记录"),
    "female_places": _t("Women's places", "女厕位"),
    "male_places": _t("Men's places", "男厕位"),
    "records": _t("Records merged", "合并记录数"),
}

_CLAUSE_METHODS: Mapping[str, Text] = {
    "network_share": _t("homes, walking distance", "居住覆盖率（步行距离）"),
    "radius_share": _t("homes, straight line", "居住覆盖率（直线半径）"),
    "residential_land_share": _t("residential land, straight line", "居住用地覆盖率（直线半径）"),
}

_SERVICE_METHODS: Mapping[str, Text] = {
    "share": _t("covered share", "覆盖率"),
    "count": _t("number recorded", "记录数量"),
}
_METHODS: Mapping[str, Text] = {**_CLAUSE_METHODS, **_SERVICE_METHODS}


def _without_facilities(group: Text | None) -> Text | None:
    """Return the title of a group without the word that the pattern adds to it."""
    return None if group is None else Text(en=group.en, zh=group.zh.removesuffix("设施"))


_PATTERNS: tuple[tuple[re.Pattern[str], Text, Callable[[Standard, str], Text | None]], ...] = (
    (
        re.compile(r"life_circle\.reach\.(?P<part>\w+)"),
        _t("{part} within walking distance", "步行可达{part}"),
        lambda standard, part: getattr(standard.categories.get(part), "title", None),
    ),
    (
        re.compile(r"life_circle\.group\.(?P<part>\w+)"),
        _t("{part}: all required within reach", "{part}设施齐全"),
        lambda standard, part: _without_facilities(standard.groups.get(part)),
    ),
    (
        re.compile(rf"park_coverage\.(?P<part>\w+)\.(?P<method>{'|'.join(_CLAUSE_METHODS)})"),
        _t("{part} ({method})", "{part}{method}"),
        lambda standard, part: getattr(standard.park_clauses.get(part), "title", None),
    ),
    (
        re.compile(r"road_area_ratio\.density\.(?P<part>\w+)"),
        _t("Road density, {part}", "{part}路网密度"),
        lambda standard, part: getattr(standard.road_classes.get(part), "title", None),
    ),
    (
        re.compile(rf"service_coverage\.(?P<part>\w+)\.(?P<method>{'|'.join(_SERVICE_METHODS)})"),
        _t("{part}: {method}", "{part}{method}"),
        lambda standard, part: getattr(standard.services.get(part), "title", None),
    ),
    (
        re.compile(r"dead_ends\.cause\.(?P<part>\w+)"),
        _t("Dead ends ({part})", "尽端路（{part}）"),
        lambda _standard, part: _CAUSES.get(part),
    ),
)


def measure_title(measure_id: str, standard: Standard) -> Text:
    """Return the human title of a measure.

    Measures of analyzers that cityplan does not ship get the title of their
    target, where the standard has one, else their id.
    """
    fixed = _MEASURES.get(measure_id)
    if fixed is not None:
        return fixed
    for pattern, title, find in _PATTERNS:
        match = pattern.fullmatch(measure_id)
        part = find(standard, match["part"]) if match else None
        if match and part is not None:
            method = _METHODS.get(match.groupdict().get("method", ""), _t("", ""))
            return Text(
                en=title.en.format(part=part.en, method=method.en),
                zh=title.zh.format(part=part.zh, method=method.zh),
            )
    target = standard.target(measure_id)
    return target.title if target is not None else _t(measure_id, measure_id)


def kind_title(kind: str, standard: Standard) -> Text:
    """Return the human name of a shape's ``kind``, else the key in plain words."""
    tables: tuple[Mapping[str, object], ...] = (
        standard.categories,
        standard.park_clauses,
        standard.road_classes,
        standard.services,
    )
    for table in tables:
        if kind in table:
            title: Text = getattr(table[kind], "title")  # noqa: B009 - the rows share no base
            return title
    plain = kind.replace("_", " ")
    return standard.groups.get(kind) or _KINDS.get(kind) or _t(plain, plain)


def column_title(column: str) -> Text:
    """Return the human name of a column of shapes, else its name in plain words."""
    plain = column.removesuffix("_m").replace("_", " ").capitalize()
    return _COLUMNS.get(column) or _t(plain, plain)
