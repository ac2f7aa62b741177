"""What each measure means, in one sentence for readers who have not seen the code."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from cityplan.outputs.labels import measure_title
from cityplan.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cityplan.model.result import Result
    from cityplan.model.standard import Standard
    from cityplan.text import Language


def _t(en: str, zh: str) -> Text:
    return Text(en=en, zh=zh)


# Pattern of measure ids -> what they are called together (None: the measure's title) and mean.
_DEFINITIONS: Mapping[str, tuple[Text | None, Text]] = {
    "life_circle.complete_share": (None, _t(
        "Share of homes from which at least one facility of every required category that the data "
        "hold can be walked to within the limit.",
        "在步行限值内可到达数据中有记录的各类应配设施（每类至少一处）的居住占比。",
    )),
    "life_circle.mean_missing": (None, _t(
        "Mean number of required categories beyond the limit, over all homes.",
        "各居住点步行限值内缺少的应配设施类数的加权平均。",
    )),
    "life_circle.group.*": (_t("Groups of facilities", "各组设施齐全率"), _t(
        "Share of homes that reach every required category of the group.",
        "步行限值内可到达该组全部应配设施的居住占比。",
    )),
    "life_circle.reach.*": (_t("Single categories", "各类设施步行可达率"), _t(
        "Share of homes that reach at least one facility of the category.",
        "步行限值内可到达该类设施至少一处的居住占比。",
    )),
    "park_coverage.*.network_share": (_t("Walking distance", "居住覆盖率（步行距离）"), _t(
        "Share of homes whose walk along public ways to an entrance is within the distance asked for.",
        "沿公共步行道路至绿地出入口的距离不超过规定值的居住占比。",
    )),
    "park_coverage.*.radius_share": (_t("Straight line", "居住覆盖率（直线半径）"), _t(
        "Share of homes within the straight-line distance of the outline.",
        "距绿地边界直线距离不超过规定值的居住占比。",
    )),
    "park_coverage.*.residential_land_share": (
        _t("Residential land", "居住用地覆盖率"),
        _t(
            "Share of residential land in the built-up area within the straight-line distance.",
            "建成区内服务半径所覆盖的居住用地面积占比。",
        ),
    ),
    "toilet_density.per_km2": (None, _t(
        "Public toilets in the built-up area divided by its area; records of one toilet count once.",
        "建成区内对公众开放的公厕座数除以建成区面积，同一公厕的多条记录只计一座。",
    )),
    "toilet_density.missing": (None, _t(
        "Whole toilets short of the lower end of the standard.",
        "达到标准下限尚缺的公厕整座数。",
    )),
    "toilet_density.*_coverage_share": (_t("Coverage", "公厕服务覆盖率"), _t(
        "Share of the built-up area, and of homes, within the service radius (straight line).",
        "公厕服务半径（直线）所覆盖的建成区面积占比与居住占比。",
    )),
    "toilet_density.female_male_ratio_crowded": (None, _t(
        "Women's places divided by men's places (urinals included), summed over toilets where "
        "crowds gather and whose places are recorded.",
        "人流集中场所中有厕位记录的公厕，女厕位总数与男厕位总数（含小便位）之比。",
    )),
    "road_area_ratio.ratio": (None, _t(
        "Area of the union of all public road surfaces in the built-up area, sidewalks included, "
        "divided by the built-up area.",
        "建成区内公共道路路面（含人行道）合并后的面积除以建成区面积。",
    )),
    "road_area_ratio.ratio_red_line": (None, _t(
        "The same with the width between the red lines of the plan; for information.",
        "按道路红线宽度计算的道路面积率，仅供参考。",
    )),
    "road_area_ratio.density*": (_t("Road density", "路网密度"), _t(
        "Length of centre lines of public streets, the carriageways of one road once, divided by "
        "the built-up area.",
        "建成区内公共道路中心线长度（双向分离的车行道计一次）除以建成区面积。",
    )),
    "dead_ends.through_count": (None, _t(
        "Ends of public motor roads that head for a road within reach and stop short of it.",
        "机动车道路末端正对前方可及范围内的道路而中断、未予连通的处数。",
    )),
    "dead_ends.count": (None, _t(
        "All ends of public motor roads but those cut by the edge of the data or drawn wrong.",
        "公共机动车道路的全部末端，不含被数据边界截断和绘制误差所致的。",
    )),
    "dead_ends.share": (None, _t(
        "Dead ends divided by dead ends and junctions.",
        "尽端数除以尽端数与交叉口数之和。",
    )),
    "dead_ends.length_share": (None, _t(
        "Length of roads that lead only to dead ends, divided by the length of public roads.",
        "仅通向尽端的道路长度占公共道路总长度的比例。",
    )),
}  # fmt: skip


def definitions(result: Result, standard: Standard, lang: Language) -> list[tuple[str, str]]:
    """Return name and meaning of the measures of a result that cityplan can define.

    The measures of other analyzers are defined by their basis, which every report prints.
    """
    found: dict[str, tuple[str, str]] = {}
    for measure in result.measures:
        pattern = next((p for p in _DEFINITIONS if fnmatchcase(measure.id, p)), None)
        if pattern is not None and pattern not in found:
            name, meaning = _DEFINITIONS[pattern]
            title = name or measure_title(measure.id, standard)
            found[pattern] = (title.get(lang), meaning.get(lang))
    return list(found.values())
