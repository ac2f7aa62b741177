"""The fixed words of the atlas, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.text import Language


def _t(en: str, zh: str) -> Text:
    return Text(en=en, zh=zh)


_WORDS: Mapping[str, Text] = {
    "atlas": _t("Atlas of cities", "城市对比图册"),
    "ranking": _t("Ranking", "排名"),
    "small_maps": _t("Small maps", "缩略图"),
    "quality": _t("Data quality", "数据质量"),
    "failures": _t("Cities without a result", "未得出结果的城市"),
    "measures": _t("Measures", "指标明细"),
    "city": _t("City", "城市"),
    "rank": _t("Rank", "名次"),
    "tier": _t("Data", "数据等级"),
    "met": _t("Met", "达标"),
    "missed": _t("Missed", "未达标"),
    "open": _t("Cannot tell", "无法判定"),
    "cause": _t("Why", "原因"),
    "lacking": _t("What is lacking", "不足之处"),
    "figure": _t("Figure", "数据指标"),
    "measure": _t("Measure", "指标"),
    "value": _t("Value", "现状值"),
    "unit": _t("Unit", "单位"),
    "target": _t("Target", "目标"),
    "verdict": _t("Verdict", "结论"),
    "report": _t("report", "报告"),
    "map": _t("map", "地图"),
    "nothing": _t("No city has a result.", "没有得出结果的城市。"),
    "all_done": _t("Every city has a result.", "所有城市均已得出结果。"),
    "none": _t("nothing", "无"),
    "sort": _t("Sort by", "排序"),
    "served": _t("served", "已覆盖"),
    "gap": _t("gap", "短板"),
    "facility": _t("facility", "现有设施"),
    "built_up": _t("built-up area", "建成区"),
    "counts": _t(
        "{cities} cities: {done} measured, {failed} without a result.",
        "共{cities}个城市：{done}个已测算，{failed}个未得出结果。",
    ),
    "rank_rule": _t(
        "Rank: by the share of targets met among those that could be judged, then by how far the "
        "missed ones are missed (gap in parts of the target, on average). What cannot be told "
        "counts for neither side, so read a rank together with that column and the data tier: a "
        "well-mapped city shows more of its gaps than a poorly mapped one.",
        "名次：按可判定目标的达标比例排列，其次按未达标项的平均差距（占目标值的比例）。无法判定的指标"
        "不计入任何一方，因此须结合“无法判定”列与数据等级阅读：数据完善的城市会暴露更多短板。",
    ),
    "tier_rule": _t(
        "Data tier, of six checks: A passes at least five, B three or four, C fewer. The limits are "
        "cityplan's own rule of thumb, no standard.",
        "数据等级（六项检查）：A 级至少通过五项，B 级通过三至四项，C 级更少。界限为 cityplan 的经验值，"
        "并非标准规定。",
    ),
    "unreadable": _t(
        "Its results cannot be read: delete its folder and run the batch again.",
        "结果文件无法读取，请删除该城市文件夹后重新运行。",
    ),
}  # fmt: skip


def atlas_words(lang: Language) -> dict[str, str]:
    """Return every word of the atlas in a language."""
    return {key: text.get(lang) for key, text in _WORDS.items()}
