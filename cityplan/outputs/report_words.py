"""The fixed words and sentences that only the gap report says; part of ``words``."""

from __future__ import annotations

from collections.abc import Mapping

from cityplan.text import Text


def _t(en: str, zh: str) -> Text:
    return Text(en=en, zh=zh)


REPORT_WORDS: Mapping[str, Text] = {
    # headings
    "plain_page": _t("In plain words", "总体结论"),
    "by_group": _t("By group of people: {groups}.", "分人群：{groups}。"),
    "group_elderly": _t("the elderly", "老年人"),
    "group_children": _t("children", "儿童"),
    "severity": _t("Severity", "级别"),
    "rows": _t("Rows", "行数"),
    "finding": _t("Finding", "检查发现"),
    "done": _t("What was done", "处理方式"),
    "fix": _t("What you can do", "处理建议"),
    "meaning": _t("What follows", "含义"),
    "lists": _t("Gaps, problems and remedies", "短板、问题与整治建议"),
    "problem_list": _t("Problems", "问题清单"),
    "remedy_list": _t("Remedies", "整治建议清单"),
    "definitions": _t("Definitions", "指标定义"),
    "what_to_do": _t("What to do", "整治建议"),
    "map": _t("Map", "专题图"),
    "judged_measures": _t("Judged measures at a glance", "评价指标一览"),
    "unverified_figures": _t("Unverified figures", "未核实数值"),
    "no_target_heading": _t("No target set", "未设目标值"),
    "table_label": _t("Table", "表"),
    "figure_label": _t("Figure", "图"),
    "unit_results": _t("{title} by unit", "{title}分单元结果"),
    "measures_of": _t("Measures: {title}", "{title}指标结果"),
    "places_of": _t("Worst places: {title}", "{title}最突出位置"),
    "map_title": _t("Map of {title}", "{title}专题图"),
    "annex": _t("Annex {letter}", "附录{letter}"),
    # columns of the gap lists
    "indicator": _t("Measure", "指标"),
    "territory": _t("Territory", "属地"),
    "present_value": _t("Present value", "现状值"),
    "standard_value": _t("Standard", "标准值"),
    "shortfall": _t("Gap", "缺口"),
    "affected": _t("People affected", "受影响人口"),
    "remark": _t("Remark", "备注"),
    "problem": _t("Problem", "存在问题"),
    "problem_numbers": _t("Gaps no.", "对应短板序号"),
    "place_count": _t("Places", "处数"),
    "dwelling_m2": _t("Dwelling area touched (m²)", "受影响居住面积（m²）"),
    "longitude": _t("Longitude (WGS 84)", "经度（WGS 84）"),
    "latitude": _t("Latitude (WGS 84)", "纬度（WGS 84）"),
    "gap_number": _t("Gap (number)", "缺口（数值）"),
    "value_number": _t("Present value (number)", "现状值（数值）"),
    "verdict_of": _t("Verdict: {title}", "判定：{title}"),
    # cells
    "value_range": _t("{value} (range {range})", "{value}（区间 {range}）"),
    "in_brackets": _t("{text} ({more})", "{text}（{more}）"),
    "star_unverified": _t(
        "* rests on a figure not found in a source.", "* 所依据的数值未在来源中核实。"
    ),
    "gap_unknown": _t("cannot tell", "无法判定"),
    "whole_unit": _t("whole unit", "全域"),
    "near": _t("near {street}", "{street}附近"),
    "name_near": _t("{name}, {near}", "{name}（{near}）"),
    "people_of": _t("{people} people", "{people} 人"),
    "weight_of": _t("{m2} m² of homes", "居住面积 {m2} m²"),
    "check_on_site": _t("From map data: check on site.", "据地图数据识别，待现场核实。"),
    "built_up_estimated": _t("Built-up area estimated.", "建成区范围为推算。"),
    "figure_unverified": _t(
        "Rests on a figure not found in a source.", "所依据的数值未在来源中核实。"
    ),
    # sentences
    "problem_missed": _t(
        "{indicator} is {present}; the standard is {standard}; it falls short by {gap}.",
        "{indicator}为 {present}，标准值为 {standard}，未达标，差 {gap}。",
    ),
    "problem_open": _t(
        "{indicator} is {present}; the standard is {standard}; the data cannot tell whether it is "
        "met.",
        "{indicator}为 {present}，标准值为 {standard}，现有数据不足以判定。",
    ),
    "problem_place": _t("{present}.", "{present}。"),
    "places_found": _t(
        "{count} gaps on the ground; the largest: {territory}, {place}.",
        "现场短板 {count} 处，最突出的在{territory}：{place}。",
    ),
    "places_found_here": _t(
        "{count} gaps on the ground; the largest: {place}.",
        "现场短板 {count} 处，最突出的位置：{place}。",
    ),
    "places_touch": _t("Together they touch {affected}.", "共涉及{affected}。"),
    "numbers_kept": _t(
        "{shown} of {total} rows: of each measure the worst units and places. Numbers are those of "
        "tables.xlsx, which holds all.",
        "列出 {total} 项中的 {shown} 项，即各指标最突出的单元与位置；序号与 tables.xlsx 一致，"
        "全部内容见 tables.xlsx。",
    ),
    "units_kept": _t(
        "The {shown} worst of {total} units; all are in tables.xlsx.",
        "列出 {total} 个单元中最突出的 {shown} 个，全部见 tables.xlsx。",
    ),
    "departments_empty": _t(
        "Lead and cooperating departments and deadlines come from a plan; where none was given "
        "they are left empty to be filled in.",
        "牵头责任单位、配合单位和完成时限以方案为准；未提供方案的留空，由主管部门填写。",
    ),
    "affected_note": _t(
        "Where the data hold no population, people affected are told by the floor area of their "
        "homes (m²).",
        "无人口数据时，受影响人口以所涉居住面积（m²）表示。",
    ),
    "no_gaps": _t("No gaps were found.", "未发现短板。"),
    "no_unverified": _t("Every figure was found in a source.", "全部数值均已在来源中核实。"),
    "sure_osm": _t(
        "The data are from OpenStreetMap, which volunteers draw: what is not in them may exist. "
        "Check on site before money is spent.",
        "数据来自 OpenStreetMap，由志愿者采集：“数据未检出”不等于“不存在”，列入整治计划前应现场核实。",
    ),
    "sure_no_people": _t(
        "No population was given: shares weigh homes by floor area or land, and no number of "
        "people is stated.",
        "未提供人口数据：覆盖率按住宅建筑面积或用地面积加权，报告不给出人口数。",
    ),
    "because": _t("Reason: {reason}", "原因：{reason}"),
    "reason_range": _t("The target lies within the possible range.", "标准值落在可能区间之内。"),
}
