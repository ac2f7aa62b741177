"""Why a row of the input was mended or left out, in both languages.

Readers count rows under the English key; outputs show the words.
"""

from __future__ import annotations

from collections.abc import Mapping

from cityplan.text import Text


def _t(en: str, zh: str) -> Text:
    return Text(en=en, zh=zh)


CAUSES_OF_INPUT: Mapping[str, Text] = {
    "no geometry": _t("no geometry", "无几何"),
    "no coordinates": _t("no coordinates", "无坐标"),
    "geometry cannot be read": _t("geometry cannot be read", "几何无法解析"),
    "drawing entity of a type without use": _t(
        "drawing entity of a type without use", "图形实体类型不适用"
    ),
    "wrong geometry type": _t("wrong geometry type", "几何类型不符"),
    "invalid polygon mended": _t("invalid polygon mended", "无效多边形已修复"),
    "cut at the data's edge: kept up to there": _t(
        "cut at the data's edge: kept up to there", "在数据边缘被截断，保留至边缘"
    ),
    "cut at the data's edge: nothing of it is in the extract": _t(
        "cut at the data's edge: nothing of it is in the extract", "在数据边缘被截断，数据内无内容"
    ),
    "outline cut at the data's edge: closed with a straight segment": _t(
        "outline cut at the data's edge: closed with a straight segment",
        "轮廓在数据边缘被截断，以直线段闭合",
    ),
    "outline cut at the data's edge: less than half of it is in the extract": _t(
        "outline cut at the data's edge: less than half of it is in the extract",
        "轮廓在数据边缘被截断，数据内不足一半",
    ),
    "outline rebuilt from its members": _t(
        "outline rebuilt from its members", "轮廓由组成要素重建"
    ),
    "fewer than two different points": _t("fewer than two different points", "不足两个不同的点"),
    "pitch of another category's size": _t(
        "pitch of another category's size", "运动场地面积不属于该类别"
    ),
    "beyond the margin around the boundary": _t(
        "beyond the margin around the boundary", "位于边界外围缓冲范围之外"
    ),
}
