"""Figures that departments report: a table of clause, value, date and source."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cityplan.errors import PlanError
from cityplan.model.ledger_items import Dated
from cityplan.model.plan import Clause, Figure, Plan
from cityplan.model.plan_rows import near_name
from cityplan.sources.files.faults import missing, unusable
from cityplan.sources.files.table_rows import read_sheets
from cityplan.sources.reported_cells import Cell, is_percent_scale, read_cell, read_day
from cityplan.text import Text

WHAT = Text(en="table of reported figures", zh="填报数据")
HEADER_WITHIN = 20
SHOWN_FAULTS = 10
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "clause": ("clause", "ref", "条款", "条款号", "任务编号", "任务条款", "编号", "序号"),
    "figure": ("figure", "id", "indicator", "指标", "指标编号", "指标名称", "填报指标", "项目"),
    "value": ("value", "number", "数值", "填报值", "现状值", "完成值", "完成情况", "值"),
    "date": ("date", "day", "asof", "日期", "数据日期", "统计日期", "截至日期", "填报日期", "时间"),
    "source": (
        "source",
        "reportedby",
        "来源",
        "数据来源",
        "填报单位",
        "上报单位",
        "单位名称",
        "出处",
    ),
}
NEEDED = ("value", "date", "source")


@dataclass(frozen=True)
class _Line:
    """One filled row: its number as the user sees it, and what it says."""

    number: int
    figure: Figure
    cell: Cell
    date: dt.date
    source: str


def read_reported(path: Path, plan: Plan) -> dict[str, tuple[Dated, ...]]:
    """Read the figures reported for a plan: CSV or workbook, any usual encoding.

    Percentages: ``85%`` is 85 %. A bare number above 1 counts per cent (85), below 1
    as a share (0.85); a bare 1, and a figure written both ways, are refused.

    Parameters
    ----------
    path
        Columns clause or figure, value, date and source, in Chinese or English.

    Returns
    -------
    dict
        Figure id -> values by date. Shares are 0..1, yes is 1 and no 0.

    Raises
    ------
    MissingFileError
        There is no such file.
    InputFileError
        It is no table, or lacks a column.
    PlanError
        Rows are wrong: each is named, with what to do.
    """
    if not path.is_file():
        raise missing(WHAT, path)
    sheet = next((s for s in read_sheets(path, WHAT) if any(map(_filled, s.rows))), None)
    top, columns = _header(sheet.rows if sheet is not None else (), path)
    faults: list[Text] = []
    lines: list[_Line] = []
    for number, row in enumerate((sheet.rows if sheet else ())[top + 1 :], start=top + 2):
        if _filled(row):
            cells = {name: row[at] if at < len(row) else None for name, at in columns.items()}
            line = _line(number, cells, plan)
            if isinstance(line, Text):
                faults.append(line)
            else:
                lines.append(line)
    faults += [*_mixed(lines), *_twice(lines)]
    if faults:
        raise _faulty(path, faults)
    series: dict[str, list[Dated]] = {}
    for line in sorted(lines, key=lambda line: line.date):
        point = Dated(date=line.date, value=line.cell.value, source=line.source)
        series.setdefault(line.figure.id, []).append(point)
    return {key: tuple(points) for key, points in series.items()}


def _filled(row: Sequence[Any]) -> bool:
    return any(cell is not None for cell in row)


def _plain(cell: object) -> str:
    text = unicodedata.normalize("NFKC", str(cell or "")).casefold()
    return "".join(c for c in text if c not in " _-.·\t\n").split("(")[0]


def _header(rows: Sequence[Sequence[Any]], path: Path) -> tuple[int, dict[str, int]]:
    """Return the row of column names and where each column is."""
    best: dict[str, int] = {}
    for at, row in enumerate(rows[:HEADER_WITHIN]):
        names = [_plain(cell) for cell in row]
        found: dict[str, int] = {}
        for column, synonyms in COLUMNS.items():
            place = next((names.index(s) for s in synonyms if s in names), None)
            if place is not None and place not in found.values():
                found[column] = place
        if len(found) > len(best):
            best = found
        if all(c in found for c in NEEDED) and ("clause" in found or "figure" in found):
            return at, found
    lost = [c for c in NEEDED if c not in best]
    if "clause" not in best and "figure" not in best:
        lost.insert(0, "clause")
    raise unusable(
        WHAT, path,
        Text(
            en=f"lacks the column {', '.join(lost)}: its first row must name clause (条款) or figure "
            "(指标), value (数值), date (日期) and source (来源)",
            zh=f"缺少字段 {'、'.join(COLUMNS[c][2] if len(COLUMNS[c]) > 2 else c for c in lost)}："  # noqa: PLR2004
            "表头须有 条款（或指标）、数值、日期、来源",
        ),
    )  # fmt: skip


def _line(number: int, cells: Mapping[str, Any], plan: Plan) -> _Line | Text:
    """Return what a row says, or what is wrong with it."""
    figure = _figure(cells.get("clause"), cells.get("figure"), plan)
    if isinstance(figure, Text):
        return _at(number, figure)
    day = read_day(cells["date"])
    if isinstance(day, Text):
        return _at(number, day)
    value = read_cell(cells["value"], figure.unit)
    if isinstance(value, Text):
        return _at(
            number, Text(en=f"{figure.title.en}: {value.en}", zh=f"{figure.title.zh}：{value.zh}")
        )
    source = str(cells["source"] or "").strip()
    if not source:
        return _at(number, Text(en="say in the column source who reported it",
                                zh="请在“来源”栏填写填报单位或文件"))  # fmt: skip
    return _Line(number, figure, value, day, source)


def _at(number: int, fault: Text) -> Text:
    return Text(en=f"row {number}: {fault.en}", zh=f"第{number}行：{fault.zh}")


def _ref(text: object) -> str:
    """Return a clause's number without spaces and in half-width signs."""
    return "".join(unicodedata.normalize("NFKC", str(text)).replace("、", ".").split())


def _figure(clause: object, name: object, plan: Plan) -> Figure | Text:
    """Return the figure a row is for, by its id or title or, if it has one only, its clause."""
    figures = plan.figures
    by_name = {_ref(f.id): f for _, f in figures.values()}
    for _, figure in figures.values():
        by_name |= {_ref(figure.title.zh): figure, _ref(figure.title.en): figure}
    rows: dict[str, Clause] = {_ref(row.ref): row for row in plan.rows}
    for given in (name, clause):
        if given is not None and _ref(given) in by_name:
            found = by_name[_ref(given)]
            owner = figures[found.id][0]
            if clause is not None and _ref(clause) in rows and rows[_ref(clause)] is not owner:
                return Text(
                    en=f"figure '{given}' belongs to clause {owner.ref}, not to {clause}: correct one",
                    zh=f"指标“{given}”属于条款{owner.ref}，并非{clause}，请更正其一",
                )
            return found
    if name is not None:
        en, zh = near_name(str(name), _names(plan))
        return Text(en=f"the plan has no figure '{name}': {en}", zh=f"方案中没有指标“{name}”：{zh}")
    if clause is None:
        return Text(en="name a clause or a figure", zh="请填写条款或指标")
    row = rows.get(_ref(clause))
    if row is None:
        en, zh = near_name(_ref(clause), [r.ref for r in plan.rows])
        return Text(
            en=f"the plan has no clause '{clause}': {en}", zh=f"方案中没有条款“{clause}”：{zh}"
        )
    return _only_figure(row)


def _names(plan: Plan) -> list[str]:
    return [name for _, f in plan.figures.values() for name in (f.id, f.title.zh, f.title.en)]


def _only_figure(row: Clause) -> Figure | Text:
    figures = row.tie.figures
    if len(figures) == 1:
        return figures[0]
    if figures:
        ids = ", ".join(f.id for f in figures)
        titles = "、".join(f.title.zh for f in figures)
        return Text(
            en=f"clause {row.ref} has several figures: say in the column figure which ({ids})",
            zh=f"条款{row.ref}有多项指标，请在“指标”栏注明（{titles}）",
        )
    return Text(
        en=f"clause {row.ref} takes no reported figure, the plan ties it to something else: "
        "delete the row, or tie the clause to a figure in the plan file",
        zh=f"条款{row.ref}不接收填报数据（方案中另有关联），请删除该行或在方案文件中改为 figure",
    )


def _mixed(lines: Sequence[_Line]) -> list[Text]:
    """Name figures written once as 85 and once as 0.85."""
    found = []
    for key in dict.fromkeys(line.figure.id for line in lines):
        own = [line for line in lines if line.figure.id == key and line.figure.unit == "share"]
        percent = next((line for line in own if is_percent_scale(line.cell) is True), None)
        share = next((line for line in own if is_percent_scale(line.cell) is False), None)
        if percent is not None and share is not None:
            found.append(
                Text(
                    en=f"rows {percent.number} and {share.number}: {percent.figure.title.en} is written "
                    f"as {percent.cell.written} and as {share.cell.written}: write both with %",
                    zh=f"第{percent.number}行与第{share.number}行：{percent.figure.title.zh}"
                    f"分别写作{percent.cell.written}与{share.cell.written}，请统一加“%”",
                )
            )
    return found


def _twice(lines: Sequence[_Line]) -> list[Text]:
    """Name figures with two values for one day."""
    seen: dict[tuple[str, dt.date], _Line] = {}
    found = []
    for line in lines:
        first = seen.setdefault((line.figure.id, line.date), line)
        if first is not line:
            found.append(
                Text(
                    en=f"rows {first.number} and {line.number}: {line.figure.title.en} has two values "
                    f"for {line.date} ({first.cell.written}, {line.cell.written}): keep one",
                    zh=f"第{first.number}行与第{line.number}行：{line.figure.title.zh}在{line.date}"
                    f"有两个数值（{first.cell.written}、{line.cell.written}），请保留一个",
                )
            )
    return found


def _faulty(path: Path, faults: Sequence[Text]) -> PlanError:
    more = len(faults) - SHOWN_FAULTS
    shown = faults[:SHOWN_FAULTS]
    return PlanError(
        Text(
            en=f"The {WHAT.en} '{path}' has {len(faults)} faults. "
            + " ".join(f"{fault.en}." for fault in shown)
            + (f" And {more} more." if more > 0 else ""),
            zh=f"{WHAT.zh}“{path}”有{len(faults)}处错误。"
            + "".join(f"{fault.zh}。" for fault in shown)
            + (f"另有{more}处。" if more > 0 else ""),
        )
    )
