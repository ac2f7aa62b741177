"""The fixed words and sentences of the ledger's chapter and of work orders; part of ``words``."""

from __future__ import annotations

from collections.abc import Mapping

from cityplan.text import Text


def _t(en: str, zh: str) -> Text:
    return Text(en=en, zh=zh)


ORDER_WORDS: Mapping[str, Text] = {
    # the ledger in the report
    "ledger": _t("Ledger of the plan", "方案条款台账"),
    "ledger_counts": _t("Clauses by verdict", "条款判定汇总"),
    "clause_count": _t("Clauses", "任务条款"),
    "duty_count": _t("Standing duties", "保障职责"),
    "overdue_count": _t("Of these overdue", "其中逾期未达标"),
    "days_number": _t("Days left", "剩余天数"),
    "gap_count": _t("Gaps", "短板数"),
    "no_department": _t("Gaps no department is named for", "未明确责任单位的短板"),
    "no_department_note": _t(
        "The plan ties no clause to these measures, so {count} of {total} gaps are in no work order "
        "of a department; name one before they are handed on.",
        "方案条款未涉及以下指标，{total} 项短板中有 {count} 项未列入任何牵头单位的任务单，"
        "交办前请先明确责任单位。",
    ),
    # work orders
    "order_department": _t("work order", "工作任务单"),
    "order_territory": _t("work order of the territory", "属地工作任务单"),
    "city_name": _t("City", "城市"),
    "order_plan": _t("Plan", "依据方案"),
    "order_as_of": _t("As of", "截止日期"),
    "order_clauses": _t("{count} clauses", "任务 {count} 项"),
    "order_duties": _t("{count} standing duties", "保障职责 {count} 项"),
    "order_overdue": _t("overdue and not met:", "其中逾期未达标"),
    "order_duty": _t("Duty in the plan", "方案规定的属地职责"),
    "order_opening": _t(
        "Under the plan “{plan}” you lead {clauses}: {counts}. {gaps}",
        "按《{plan}》，贵单位牵头{clauses}：{counts}。{gaps}",
    ),
    "order_has_gaps": _t(
        "The survey found {count} gaps in your charge as of {day}.",
        "截至 {day}，测算发现由贵单位牵头整治的短板 {count} 项。",
    ),
    "order_no_gaps": _t(
        "No gap in your charge was found as of {day}.",
        "截至 {day}，未发现由贵单位牵头整治的短板。",
    ),
    "territory_has_gaps": _t(
        "The survey found {count} gaps in this territory as of {day}.",
        "截至 {day}，测算发现辖区内短板 {count} 项，请按属地管理要求配合牵头单位落实。",
    ),
    "territory_unnamed": _t(
        " For {count} of them the plan names no department.",
        "其中 {count} 项方案未明确牵头单位。",
    ),
    "territory_no_gaps": _t(
        "No gap was found in this territory as of {day}.", "截至 {day}，未发现辖区内的短板。"
    ),
    "order_asks": _t("What is asked, by when, with whom", "需整改、核查的任务与时限"),
    "order_asks_nothing": _t(
        "No clause is short of its target and no gap was found.", "无未达标任务，也未发现短板。"
    ),
    "order_gap_numbers": _t("Gaps", "对应短板"),
    "order_gap_count": _t("{count}: no. {numbers}", "{count} 项：{numbers}"),
    "order_actions": _t("First steps", "整治建议"),
    "order_more_actions": _t(
        "{count} more are in the workbook of the same name.", "另有 {count} 条见同名 xlsx 文件。"
    ),
    "order_to_report": _t("Figures to report", "需补报的数据"),
    "order_to_report_note": _t(
        "Without these nothing can be judged: enter them in the table of reported figures, or give "
        "the layer.",
        "缺少下列数据则无法判定，请在填报表中填写，或提供相应图层。",
    ),
    "order_map": _t("Where the gaps are", "短板位置图"),
    "order_map_caption": _t(
        "Gaps of {name}; numbers are those of the list", "{name}短板位置，编号与短板清单序号一致"
    ),
    "whole_unit_numbers": _t("whole unit: {numbers}", "全域：{numbers}"),
    "order_gap_list": _t("List of gaps", "短板清单"),
    "order_city_gaps": _t("Gaps of the city or of a whole unit", "全市与单元层面的短板"),
    "order_place_gaps": _t("Gaps on the ground", "具体位置的短板"),
    "order_kept": _t(
        "{shown} of {total} gaps: of each measure the worst. All are in the workbook of the same "
        "name.",
        "列出 {total} 项中的 {shown} 项，即各指标最突出者，全部见同名 xlsx 文件。",
    ),
    "order_all_clauses": _t("All clauses led", "牵头任务一览"),
    "order_clauses_here": _t("Clauses with gaps here", "涉及条款"),
    "not_named": _t("none named in the plan", "方案未明确"),
    "thumbnail": _t("Map", "位置示意"),
    "asked": _t("Asked", "要求"),
    "by_when": _t("By when", "完成时限"),
    "content": _t("Content", "内容"),
    "city_verdict": _t("Verdict of the city", "全市判定"),
    "present_state": _t("Present state", "现状"),
}
