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
    "a local layer takes its place": _t("a local layer takes its place", "由本地图层取代"),
    "no coordinates": _t("no coordinates", "无坐标"),
    "coordinates cannot be read": _t("coordinates cannot be read", "坐标无法解析"),
    "geometry cannot be read": _t("geometry cannot be read", "几何无法解析"),
    "drawing entity of a type without use": _t(
        "drawing entity of a type without use", "图形实体类型不适用"
    ),
    "wrong geometry type": _t("wrong geometry type", "几何类型不符"),
    "invalid polygon mended": _t("invalid polygon mended", "无效多边形已修复"),
    "closed line taken as the outline of an area": _t(
        "closed line taken as the outline of an area", "闭合线按面轮廓处理"
    ),
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
    "out of use or not yet built": _t("out of use or not yet built", "已停用或尚未建成"),
    "pitch of another category's size": _t(
        "pitch of another category's size", "运动场地面积不属于该类别"
    ),
    "beyond the margin around the boundary": _t(
        "beyond the margin around the boundary", "位于边界外围缓冲范围之外"
    ),
    "text where a number belongs: left empty": _t(
        "text where a number belongs: left empty", "应为数字处填了文字，按空值处理"
    ),
    "impossible value: left empty": _t("impossible value: left empty", "数值不可能，按空值处理"),
    "a word nobody knows: left empty": _t(
        "a word nobody knows: left empty", "用词无法识别，按空值处理"
    ),
    "road class not recognised: taken as a road of unknown class": _t(
        "road class not recognised: taken as a road of unknown class",
        "道路等级无法识别，按未知等级道路处理",
    ),
    "its tags do not belong to this layer": _t(
        "its tags do not belong to this layer", "标签不属于本图层"
    ),
    "land of another use": _t("land of another use", "其他用途的土地"),
    "land-use code or name not in the table of its system": _t(
        "land-use code or name not in the table of its system", "用地代码或名称不在所用分类表中"
    ),
    "no facility category recognised": _t("no facility category recognised", "无法识别设施类别"),
    "planned, being built or no longer in use": _t(
        "planned, being built or no longer in use", "规划、在建或已停用"
    ),
    "duplicate of another row": _t("duplicate of another row", "与另一行重复"),
    "the same line drawn in the other direction": _t(
        "the same line drawn in the other direction", "同一条线的反向重复"
    ),
    "pieces of one feature united": _t("pieces of one feature united", "同一要素的分块已合并"),
    "a piece of another row: united with it": _t(
        "a piece of another row: united with it", "为另一行的分块，已并入"
    ),
    "line of several parts: one row each": _t(
        "line of several parts: one row each", "多部分线已拆分，每部分一行"
    ),
    "label point among polygons": _t("label point among polygons", "面要素中混入的标注点"),
    "already in another source": _t("already in another source", "另一数据来源中已有"),
}

# What the user may do about a cause.
REMEDIES: Mapping[str, Text] = {
    "no geometry": _t(
        "Draw the missing shapes, or delete the empty rows.", "补绘缺失的图形，或删除空记录。"
    ),
    "wrong geometry type": _t(
        "Give a layer of the right kind of geometry.", "请提供几何类型相符的图层。"
    ),
    "invalid polygon mended": _t(
        "Repair the polygons at the source (for example with QGIS, Fix geometries).",
        "请在源数据中修复多边形（如用 QGIS 的“修复几何图形”）。",
    ),
    "planned, being built or no longer in use": _t(
        "Nothing, where these rows are not there today; else correct the column that says so.",
        "若这些记录今日确不存在则无需处理，否则请更正相应的状态字段。",
    ),
    "beyond the margin around the boundary": _t(
        "Nothing, where the layer covers more than the study; else check its CRS and datum.",
        "若图层范围大于研究范围则无需处理，否则请检查坐标系与坐标基准。",
    ),
}
