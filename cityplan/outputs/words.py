"""Every fixed word and sentence of the outputs, in English and Chinese, in one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cityplan.outputs.order_words import ORDER_WORDS
from cityplan.outputs.report_words import REPORT_WORDS
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.model.result import Role, Verdict
    from cityplan.text import Language


def _t(en: str, zh: str) -> Text:
    return Text(en=en, zh=zh)


VERDICTS: Mapping[Verdict, Text] = {
    "met": _t("met", "达标"),
    "not_met": _t("not met", "未达标"),
    "cannot_tell": _t("cannot tell", "无法判定"),
    "no_target": _t("no target", "无目标值"),
}

ROLES: Mapping[Role, Text] = {
    "served": _t("Served", "已覆盖"),
    "gap": _t("Gap", "短板"),
    "facility": _t("Facility", "现有设施"),
    "context": _t("Context", "背景要素"),
    "proposal": _t("Proposal", "建议"),
}

KIND_OF_TARGET: Mapping[str, Text] = {
    "target": _t("target", "目标"),
    "reference": _t("reference", "参考"),
}

WORDS: Mapping[str, Text] = {
    **REPORT_WORDS,
    **ORDER_WORDS,
    # titles
    "report": _t("Gap report", "短板诊断报告"),
    "summary": _t("Summary", "结论摘要"),
    "contents": _t("Contents", "目录"),
    "annexes": _t("Annexes", "附录"),
    "inputs": _t("Inputs", "输入数据"),
    "checks": _t("Checks of the inputs", "输入检查"),
    "input_quality": _t("Input quality", "数据质量"),
    "severity.warning": _t("warning", "警告"),
    "severity.note": _t("note", "提示"),
    "count_line": _t(
        "{layer}: {source}, {read} rows read, {used} used",
        "{layer}：{source}，读取{read}条，采用{used}条",
    ),
    "assumptions": _t("Assumptions", "假定与说明"),
    "standard": _t("Standard", "采用标准"),
    "targets": _t("Targets and reference figures", "目标值与参考值"),
    "settings": _t("Settings of the methods", "方法参数"),
    "categories": _t("Facility categories", "设施类别"),
    "park_clauses": _t("Clauses on parks and green", "公园绿地条款"),
    "road_classes": _t("Road classes", "道路等级"),
    "services": _t("Services", "服务设施"),
    "counted_only": _t("counted only, no distance known", "仅计数，无服务距离"),
    "by_radius": _t("straight line", "直线半径"),
    "by_network": _t("walking distance", "步行距离"),
    "of_homes": _t("homes", "居住"),
    "of_residential_land": _t("residential land", "居住用地"),
    "of_built_up_area": _t("built-up area", "建成区"),
    "provenance": _t("Provenance", "成果来源"),
    "gaps": _t("Gaps", "短板清单"),
    "measures": _t("Measures", "指标"),
    "by_unit": _t("By unit", "分单元结果"),
    "worst_places": _t("Worst places", "最突出的位置"),
    "places": _t("Places", "位置"),
    "notes": _t("Notes", "说明"),
    "legend": _t("Legend", "图例"),
    "findings": _t("Findings", "主要结论"),
    "met_heading": _t("Met", "已达标"),
    "not_met_heading": _t("Not met", "未达标"),
    "cannot_tell_heading": _t("Cannot tell", "无法判定"),
    "skipped_heading": _t("Not analysed", "未分析"),
    "sure_heading": _t("How sure this is", "可靠程度"),
    "colon": _t(": ", "："),
    "comma": _t(", ", "、"),
    "semicolon": _t("; ", "；"),
    # columns
    "plan": _t("Plan", "方案"),
    "ref": _t("Clause", "条款"),
    "task": _t("Task", "任务"),
    "days_left": _t("Time left", "剩余时间"),
    "trend": _t("Trend", "变化"),
    "no_deadline": _t("none given", "未规定"),
    "ledger_days_left": _t("{days} days left", "剩余{days}天"),
    "ledger_overdue": _t("{days} days overdue", "逾期{days}天"),
    "ledger_passed": _t("deadline {days} days ago", "时限已过{days}天"),
    "ledger_summary": _t(
        "{title}, {day}: {clauses} clauses: {counts}; {overdue} overdue.",
        "{title}，{day}：共{clauses}条：{counts}；逾期未达标{overdue}条。",
    ),
    "no": _t("No.", "序号"),
    "level": _t("Level", "层级"),
    "city": _t("City", "全市"),
    "place": _t("Place", "位置"),
    "where": _t("Where", "问题位置"),
    "analyzer": _t("Analysis", "分析项"),
    "measure": _t("Measure", "指标"),
    "measure_id": _t("Measure id", "指标编号"),
    "value": _t("Value", "现状值"),
    "low": _t("Low", "下限"),
    "high": _t("High", "上限"),
    "range": _t("Range", "区间"),
    "unit": _t("Unit", "单元"),
    "unit_of_measure": _t("Unit of measure", "计量单位"),
    "target": _t("Target", "标准值"),
    "target_kind": _t("Kind", "类型"),
    "gap": _t("Gap", "缺口"),
    "verdict": _t("Verdict", "判定"),
    "basis": _t("Rests on", "依据"),
    "note": _t("Note", "备注"),
    "clause": _t("Clause", "条款"),
    "source": _t("Source", "来源"),
    "confidence": _t("Confidence", "可信度"),
    "verified": _t("Verified", "已核实"),
    "unverified": _t("unverified", "未核实"),
    "definition_verified": _t("Definition verified", "定义已核实"),
    "yes": _t("yes", "是"),
    "no_word": _t("no", "否"),
    "name": _t("Name", "名称"),
    "kind": _t("Kind", "类别"),
    "people": _t("People", "受影响人口"),
    "weight": _t("Dwelling area touched (m²)", "受影响居住面积（m²）"),
    "lacks": _t("Lacks", "缺少"),
    "number": _t("Figure", "数值"),
    "size": _t("Size", "规模"),
    "coordinates": _t("Lon, lat (WGS 84)", "经纬度（WGS 84）"),
    "proposed_action": _t("Proposed action", "建议措施"),
    "lead": _t("Lead dept.", "牵头责任单位"),
    "cooperating": _t("Partner depts.", "配合单位"),
    "deadline": _t("Deadline", "完成时限"),
    "layer": _t("Layer", "图层"),
    "rows_read": _t("Rows read", "读取行数"),
    "rows_used": _t("Used", "采用"),
    "rows_repaired": _t("Repaired", "修复"),
    "rows_rejected": _t("Rejected", "剔除"),
    "causes": _t("Causes", "原因"),
    "datum": _t("Datum", "坐标基准"),
    "encoding": _t("Encoding", "编码"),
    "osm_timestamp": _t("OSM data of", "OSM 数据日期"),
    "key": _t("Key", "项"),
    "group": _t("Group", "分组"),
    "required": _t("required", "应配建"),
    "optional": _t("as needed", "按需配建"),
    "band_park": _t("park", "公园"),
    "band_green": _t("green", "绿地"),
    "figure": _t("Figure", "数值"),
    "sha256": _t("SHA-256", "SHA-256"),
    "carriageway": _t("Carriageway", "车行道宽"),
    "lane": _t("Lane", "车道宽"),
    "sidewalk": _t("Sidewalk", "人行道宽"),
    "red_line": _t("Red line", "红线宽度"),
    "status": _t("Status", "状态"),
    "reason": _t("Reason", "原因"),
    # places and dates
    "boundary": _t("Boundary", "研究范围"),
    "built_up": _t("Built-up area", "建成区"),
    "units": _t("Reporting units", "统计单元"),
    "outside_units": _t("outside units", "单元以外"),
    "proxy": _t("estimated", "推算"),
    "crs": _t("Coordinate system", "坐标系"),
    "data_date": _t("Data of", "数据日期"),
    "date_unknown": _t("not recorded", "未记录"),
    "credits": _t("Credits", "数据来源"),
    "scale": _t("Scale", "比例尺"),
    "on_paper": _t("on {paper}", "{paper} 幅面"),
    "streets": _t("Roads", "道路"),
    "prepared_by": _t("Prepared by", "制图单位"),
    "sheet_number": _t("Sheet no.", "图号"),
    "approval_number": _t("Map approval no.", "审图号"),
    "overview_sheet": _t("Overview", "总览图"),
    "unit_key": _t("Units by number", "编号单元"),
    "worst_units": _t("Worst units", "最差单元"),
    "units_not_shown": _t(
        "{count} more units are in tables.xlsx.", "其余 {count} 个单元见 tables.xlsx。"
    ),
    "verdicts_by_unit": _t("Units that miss most", "未达标最多的单元"),
    "geometry": _t("Shape in {crs}", "图形，{crs}"),
    "citation": _t(
        "{name}: measured against “{standard}” with cityplan {version}; data of {date}. "
        "Credits: {credits}.",
        "{name}：按“{standard}”以 cityplan {version} 测算；数据日期：{date}。数据来源：{credits}。",
    ),
    "marks": _t("● met  ▲ not met  ◇ cannot tell", "● 达标  ▲ 未达标  ◇ 无法判定"),
    "north": _t("N", "北"),
    # the web map
    "skip_to_map": _t("Skip to the map", "跳到地图"),
    "map_of": _t("Map of {name}", "{name}地图"),
    "zoom_in": _t("Zoom in", "放大"),
    "zoom_out": _t("Zoom out", "缩小"),
    "zoom_all": _t("Show the whole city", "显示全部范围"),
    "close": _t("Close", "关闭"),
    "print": _t("Print", "打印"),
    "overview": _t("Overview", "总览"),
    "analyses": _t("Analyses", "分析项"),
    "old_browser": _t(
        "This browser is too old to show the map: open the page with a current Edge, Chrome, "
        "Firefox or Safari.",
        "浏览器版本过旧，无法显示地图，请使用新版 Edge、Chrome、Firefox 或 Safari 打开。",
    ),
    "no_script": _t("This map needs JavaScript.", "本地图需要启用 JavaScript。"),
    "no_map": _t("The map could not be drawn:", "地图无法显示："),
    "search": _t("Search by name", "按名称查找"),
    "search_none": _t("Nothing of that name.", "没有找到该名称。"),
    "search_found": _t("{count} found", "找到 {count} 项"),
    "filter": _t("Filter the list", "筛选清单"),
    "shade_by": _t("Shade units by", "单元着色指标"),
    "kinds_all": _t("All kinds", "全部类别"),
    "all_measures": _t("All measures ({count})", "全部指标（{count} 项）"),
    "list": _t("List", "清单"),
    "list_hide": _t("Hide the list", "收起清单"),
    "list_show": _t("Show the list", "展开清单"),
    "rows_shown": _t("{shown} of {total}", "显示 {shown} / {total} 条"),
    "rows_more": _t("Show more", "显示更多"),
    "rows_none": _t("Nothing to list here.", "此处没有可列出的内容。"),
    "sort_by": _t("Sort by {column}", "按“{column}”排序"),
    "study_line": _t(
        "{units} reporting units · built-up area {built_up} · judged by “{standard}”",
        "{units} 个统计单元 · 建成区 {built_up} · 按“{standard}”评价",
    ),
    "study_line_one": _t(
        "{units} reporting unit · built-up area {built_up} · judged by “{standard}”",
        "{units} 个统计单元 · 建成区 {built_up} · 按“{standard}”评价",
    ),
    "unit_count": _t("{count} unit", "{count} 个单元"),
    "measures_judged": _t("Measures judged", "评价指标"),
    "plan_total": _t("{clauses} clauses on {day}", "截至 {day}，共 {clauses} 条任务条款"),
    "plan_overdue": _t("{overdue} of them overdue", "其中逾期未达标 {overdue} 条"),
    "units_count": _t("{count} units", "{count} 个单元"),
    "reference": _t("Reference figure", "参考值"),
    "targets_missed": _t("Targets missed", "未达标项数"),
    "targets_missed_note": _t(
        "Of the main target of each analysis, by the unit's own figure.",
        "按各分析项的主要指标与单元自身数值统计。",
    ),
    "none_missed": _t("none", "无"),
    "crowded": _t(
        "Circles with a number stand for so many places close together: zoom in to see them.",
        "带数字的圆表示邻近的多个要素，放大后可逐一查看。",
    ),
    "about_page": _t("About this page", "关于本页"),
    "page_holds": _t(
        "This page holds {shapes} shapes with {vertices} vertices in {size} MB (budget {budget} "
        "MB). Outlines are simplified to {metres} m, and further the farther out one zooms; "
        "points that crowd are drawn together. {left_out} Exact shapes are in layers.gpkg.",
        "本页含 {shapes} 个要素、{vertices} 个节点，文件 {size} MB（上限 {budget} MB）。轮廓简化至 "
        "{metres} 米，缩小时进一步简化，密集点位聚合显示。{left_out}精确图形见 layers.gpkg。",
    ),
    "page_all": _t("Nothing is left out.", "要素无省略。"),
    "page_left_out": _t(
        "{count} shapes are left out, the lightest first.", "按权重从小到大省略 {count} 个要素。"
    ),
    # classes of units
    "class_met": _t("target met", "达标"),
    "class_near": _t("missed, at most half the target", "未达标，缺口不超过目标的一半"),
    "class_far": _t("missed by more than half the target", "未达标，缺口超过目标的一半"),
    "class_none": _t("cannot tell", "无法判定"),
    # sentences
    "generated_for": _t(
        "{name}: {units} reporting units, built-up area {built_up}, judged by “{standard}”.",
        "{name}：共 {units} 个统计单元，建成区 {built_up}，按“{standard}”评价。",
    ),
    "counts": _t(
        "Judged measures: {judged}. Met: {met}. Not met: {missed}. The data cannot tell: {open}.",
        "共评价 {judged} 项指标：达标 {met} 项，未达标 {missed} 项，数据无法判定 {open} 项。",
    ),
    "finding_met": _t(
        "{title}: {value}, target {target}: met.", "{title}：{value}，标准值 {target}，达标。"
    ),
    "finding_not_met": _t(
        "{title}: {value}, target {target}: missed by {gap}.",
        "{title}：{value}，标准值 {target}，未达标，差 {gap}。",
    ),
    "finding_cannot_tell": _t(
        "{title}: {value}, target {target}: the data cannot tell.",
        "{title}：{value}，标准值 {target}，数据不足以判定。",
    ),
    "finding_cannot_tell_range": _t(
        "{title}: {value} (possible range {range}), target {target}: the data cannot tell.",
        "{title}：{value}（可能区间 {range}），标准值 {target}，数据不足以判定。",
    ),
    "finding_no_value": _t(
        "{title}: the data give no figure; target {target}: cannot tell.",
        "{title}：现有数据得不出数值，标准值 {target}，无法判定。",
    ),
    "finding_no_target": _t("{title}: {value}.", "{title}：{value}。"),
    "worst_unit": _t("Worst unit: {unit}, {value}.", "最差单元：{unit}，{value}。"),
    "units_missing": _t(
        "{missed} of {total} units miss the target.", "{total} 个单元中有 {missed} 个未达标。"
    ),
    "skipped_sentence": _t("Not analysed: {reason}", "未分析：{reason}"),
    "sure_proxy": _t(
        "Densities and ratios are of an estimated built-up area. {basis}",
        "密度与比率以推算的建成区为分母。{basis}",
    ),
    "sure_given": _t("The built-up area is {built_up}: {basis}", "建成区面积 {built_up}：{basis}"),
    "sure_ranges": _t(
        "{count} measures carry a range from low to high assumptions.",
        "{count} 项指标给出了上下限区间。",
    ),
    "sure_unverified": _t(
        "{count} judged measures rest on figures that were not found in a source; they are marked "
        "“unverified”.",
        "{count} 项被评价指标所依据的数值未在来源中核实，已标注“未核实”。",
    ),
    "sure_rejected": _t(
        "{rejected} of {read} input rows were left out, {repaired} were repaired; causes are in "
        "the annex.",
        "输入数据 {read} 行，剔除 {rejected} 行，修复 {repaired} 行，原因见附录。",
    ),
    "more_places": _t(
        "{shown} of {total} places; all are in tables.xlsx and layers.gpkg.",
        "列出 {total} 处中的 {shown} 处，全部见 tables.xlsx 与 layers.gpkg。",
    ),
    "asks": _t("What is asked", "要求"),
    "asks_nothing": _t(
        "The standard gives no figure; the measures are for information.",
        "所用标准未给出数值要求，指标仅供参考。",
    ),
    "unverified_note": _t(
        "Figures marked “unverified” are general knowledge, not found in a source: check them "
        "before they are quoted.",
        "标注“未核实”的数值为一般性知识，未见于来源，引用前请核对。",
    ),
    "more_columns": _t(
        "Further measures per unit are in tables.xlsx.", "其余分单元指标见 tables.xlsx。"
    ),
    "none": _t("none", "无"),
}


def word(key: str, lang: Language) -> str:
    """Return a fixed word or sentence."""
    return WORDS[key].get(lang)


def pair(term: str, text: str, lang: Language) -> str:
    """Return ``term: text`` with the colon of the language."""
    return f"{term}{word('colon', lang)}{text}"


def words(lang: Language) -> dict[str, str]:
    """Return all fixed words in one language, for templates."""
    return {key: text.get(lang) for key, text in WORDS.items()}
