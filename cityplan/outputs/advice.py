"""What to do about a gap: a catalogue of sentences, keyed by measure or by kind of shape.

An analyzer that brings its own sentences (``Result.advice``) is asked first; for
what nobody wrote a sentence for, a plain one is made of value and target.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from cityplan.model.result import Advice
from cityplan.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cityplan.model.result import Measure, Result
    from cityplan.text import Language


def _t(en: str, zh: str) -> Text:
    return Text(en=en, zh=zh)


_CATALOGUE: Mapping[str, Advice] = {
    # measures
    "road_area_ratio.ratio": Advice(
        action=_t(
            "Measure the streets whose width is not recorded; then add collector and local streets "
            "so that the road area rises from {value} to at least {floor}%: about {gap_ha} ha more.",
            "先实测未登记宽度的道路；结合城市更新加密次干路、支路，使道路面积率由 {value} 提高到 {floor}%"
            "以上，约需新增道路面积 {gap_ha} 公顷。",
        ),
        verify=_t(
            "Measure the streets whose width is not recorded (recorded for {width_known_share} of "
            "the length), fix the limit of the built-up area, and judge again.",
            "先实测未登记宽度的道路（目前有宽度记录的里程仅占 {width_known_share}），"
            "并核定建成区范围，再行判定。",
        ),
    ),
    "toilet_density.per_km2": Advice(
        action=_t(
            "Check the register of public toilets first, for what is not in the data may exist; for "
            "what is still short, build or open {missing} toilets to reach {floor} per km².",
            "先核对公厕台账（数据未收录不等于没有）；核对后仍不足的，新建或开放公厕 {missing} 座，"
            "使每平方公里达到 {floor} 座。",
        ),
        verify=_t(
            "Fix the limit of the built-up area and check the register of public toilets, then "
            "judge again.",
            "先核定建成区范围、核对公厕台账，再行判定。",
        ),
    ),
    "toilet_density.female_male_ratio_crowded": Advice(
        action=_t(
            "Add places for women, or places that change with the crowd, where people gather, so "
            "that the ratio rises from {value} to at least {floor}; record the places still unknown.",
            "在人流集中场所增设女厕位或可男女转换的厕位，使女厕位与男厕位之比由 {value} 提高到"
            " {floor} 以上，并补登未记录厕位数的公厕。",
        ),
        verify=_t(
            "Record the women's and men's places (urinals included) of toilets where crowds gather, "
            "then judge.",
            "先逐座登记人流集中场所公厕的女厕位、男厕位（含小便位）数量，再行判定。",
        ),
    ),
    "park_coverage.*.network_share": Advice(
        action=_t(
            "Check green and entrances that the data lack; then add pocket parks, open enclosed "
            "green or add entrances in the blind spots, to raise the share from {value} to {floor}%.",
            "先核实未收录的绿地和公园出入口；再在盲区建设口袋公园、开放附属绿地或增设出入口，"
            "使步行覆盖率由 {value} 提高到 {floor}%。",
        ),
        verify=_t(
            "Survey green and park entrances near the edge of the data, then judge again.",
            "先补测数据边缘的绿地和公园出入口，再行判定。",
        ),
    ),
    # kinds of shapes
    "life_circle.blind_spot": Advice(
        measure="life_circle.complete_share",
        present=_t(
            "{lack_count} kinds of required facility out of walking reach",
            "步行范围内缺 {lack_count} 类应配设施",
        ),
        shortfall=_t("{lack_count} kinds", "{lack_count} 类"),
        action=_t(
            "Check on site first; of what is truly missing, add within walking distance, sharing "
            "buildings where possible: {lacks}.",
            "先现场核实；确属缺少的，在步行范围内补建或复合设置：{lacks}。",
        ),
    ),
    "park_coverage.*": Advice(
        measure="park_coverage.{key}.network_share",
        present=_t("Not served: {kind}", "未实现“{kind}”"),
        shortfall=_t("{size} without it", "盲区 {size}"),
        action=_t(
            "Check green and park entrances that the data lack; where it is a true blind spot, add "
            "at least 1 pocket park, open enclosed green, or add an entrance or a path.",
            "先核实未收录的绿地和公园出入口；确属盲区的，新增口袋公园或开放附属绿地至少 1 处，"
            "或增设出入口、打通步行通道。",
        ),
    ),
    "toilet_density.beyond_radius": Advice(
        measure="toilet_density.demand_coverage_share",
        present=_t("No public toilet within the radius", "服务半径内无公厕"),
        shortfall=_t("{size} without it", "盲区 {size}"),
        action=_t(
            "Check the register of public toilets; where there is none, build at least 1 or open "
            "toilets of premises along the street.",
            "先核对公厕台账；确无公厕的，新建公厕至少 1 座，或开放沿街单位厕所。",
        ),
    ),
    "service_coverage.*": Advice(
        measure="service_coverage.{key}.share",
        present=_t("Within the service distance there is none: {kind}", "服务距离内未见{kind}"),
        shortfall=_t("{size} without it", "盲区 {size}"),
        action=_t(
            "Check what the data lack; where there is none, add at least 1 within the service "
            "distance, or a path that shortens the way: {kind}.",
            "先核实未收录的设施；确属空白的，在服务距离内补设{kind}至少 1 处，或打通步行通道。",
        ),
    ),
    "dead_ends.through": Advice(
        measure="dead_ends.through_count",
        present=_t("Stops {ahead_m} short of the road ahead", "距前方道路 {ahead_m} 处中断"),
        shortfall=_t("{ahead_m} of road", "缺 {ahead_m} 路段"),
        action=_t(
            "Check the plan and the site; if a through road was meant, build the missing {ahead_m} "
            "to the road ahead.",
            "先查核规划并现场踏勘；规划为贯通道路的，打通至前方道路约 {ahead_m} 的路段。",
        ),
    ),
}

_REACH = _t(
    "Check the data, then bring “{title}” from {value} to the standard ({target}).",
    "先核实数据，再采取措施使“{title}”由 {value} 达到标准值（{target}）。",
)
_VERIFY = _t(
    "Complete the data, then judge against {target}.", "先补充数据，再对照标准值 {target} 判定。"
)
_LOOK = _t("Check on site and put right.", "现场核实后整治。")


@dataclass(frozen=True, kw_only=True)
class PlaceWords:
    """What there is to say about a gap on the ground."""

    measure: str
    present: str
    shortfall: str
    action: str


def measure_action(
    result: Result, measure: Measure, blanks: Mapping[str, str], lang: Language
) -> str:
    """Say what to do where a measure misses its target, or what to find out where it may."""
    advice = _find(result, measure.id)
    own, plain = (advice.action if advice else None), _REACH
    if measure.verdict == "cannot_tell":
        own, plain = (advice.verify if advice else None), _VERIFY
    return _filled(own, blanks, lang) or _filled(plain, blanks, lang)


def place_words(result: Result, kind: str, blanks: Mapping[str, str], lang: Language) -> PlaceWords:
    """Say what is missing at a place and what to do about it."""
    advice = _find(result, f"{result.analyzer}.{kind}") or Advice(action=_LOOK)
    return PlaceWords(
        measure=advice.measure.format(key=kind),
        present=_filled(advice.present, blanks, lang) or blanks.get("kind", ""),
        shortfall=_filled(advice.shortfall, blanks, lang) or blanks.get("size", ""),
        action=_filled(advice.action, blanks, lang) or _LOOK.get(lang),
    )


def _find(result: Result, key: str) -> Advice | None:
    """Return the advice of the analyzer itself, else of the catalogue; an exact key wins."""
    for table in (result.advice, _CATALOGUE):
        found = [p for p in table if p.count(".") == key.count(".") and fnmatchcase(key, p)]
        if found:
            return table[max(found, key=lambda pattern: (pattern == key, len(pattern)))]
    return None


def _filled(text: Text | None, blanks: Mapping[str, str], lang: Language) -> str:
    """Fill the blanks of a sentence; empty where one of them is not known."""
    if text is None:
        return ""
    try:
        return text.get(lang).format_map({key: value for key, value in blanks.items() if value})
    except KeyError:
        return ""
