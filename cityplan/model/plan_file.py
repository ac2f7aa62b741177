"""Read a plan file: every fault is named with its row and what to do."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, get_args

from cityplan.errors import MissingFileError, UnknownNameError
from cityplan.model.layers import CATALOGUE
from cityplan.model.plan import (
    Clause,
    ClauseClass,
    Count,
    Duty,
    Figure,
    FigureUnit,
    GoalOperator,
    Plan,
    Territory,
    Tie,
)
from cityplan.model.plan_rows import Row, near_name, wrong_plan
from cityplan.text import Text

TIES = ("measure", "figure", "count", "none")
CONFIDENCES = ("S1", "S2", "V", "K", "S1+K", "S2+K")


def available_plans() -> tuple[str, ...]:
    """Return the ids of the shipped plans."""
    names = (item.name for item in (resources.files("cityplan") / "plans").iterdir())
    return tuple(sorted(n.removesuffix(".toml") for n in names if n.endswith(".toml")))


def load_plan(name: str) -> Plan:
    """Load a shipped plan by id, or one's own by file path (ending in ``.toml``).

    Raises
    ------
    UnknownNameError
        The id is not a shipped plan.
    MissingFileError
        The named file does not exist.
    PlanError
        The file breaks the rules of ``cityplan/plans/README.md``.
    """
    if name.endswith(".toml"):
        path = Path(name)
        if not path.is_file():
            raise MissingFileError(
                Text(
                    en=f"Plan file '{path}' does not exist: check the path.",
                    zh=f"方案文件“{path}”不存在，请检查路径。",
                )
            )
        return build_plan(path.read_bytes(), name)
    known = available_plans()
    if name not in known:
        en, zh = near_name(name, known)
        raise UnknownNameError(
            Text(
                en=f"Unknown plan '{name}': {en}; a plan of your own is named by its .toml file.",
                zh=f"未知方案“{name}”：{zh}；自备方案请写 .toml 文件路径。",
            )
        )
    file = resources.files("cityplan") / "plans" / f"{name}.toml"
    return build_plan(file.read_bytes(), f"{name}.toml")


def build_plan(data: bytes, file: str) -> Plan:
    """Build a plan from the bytes of its file.

    Raises
    ------
    PlanError
        The file is not TOML in UTF-8, or breaks the rules.
    """
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise wrong_plan(
            file,
            Text(en=f"not TOML in UTF-8 ({error}): mend that place",
                 zh=f"不是有效的 UTF-8 TOML（{error}），请修改该处"),
        ) from None  # fmt: skip
    head = Row(table, file, Text(en="top of the file", zh="文件开头"))
    head.only("id", "title", "summary", "source", "standard", "ends", "department", "territory",
              "clause", "duty")  # fmt: skip
    departments = _departments(head)
    clauses = tuple(_clause(row, departments) for row in head.rows("clause", "ref"))
    if not clauses:
        raise head.fault("clause", "write at least one [[clause]]", "至少写一个 [[clause]]")
    duties = tuple(_duty(row, departments) for row in head.rows("duty", "ref", optional=True))
    plan = Plan(
        id=head.string("id"),
        title=head.text("title"),
        summary=head.text("summary"),
        source=head.string("source"),
        standard=head.string("standard"),
        ends=head.date("ends"),
        departments=departments,
        clauses=clauses,
        duties=duties,
        territories=tuple(_territory(row) for row in head.rows("territory", "id", optional=True)),
        file=file,
        sha256=hashlib.sha256(data).hexdigest(),
    )
    _figures_once(plan)
    return plan


def check_plan(plan: Plan, *, measures: Collection[str], categories: Collection[str]) -> None:
    """Check what a plan names in other parts of cityplan.

    Parameters
    ----------
    measures
        Ids of every measure the analyzers give under the study's standard.
    categories
        Ids of every facility category.

    Raises
    ------
    PlanError
        A clause is tied to a measure or category that does not exist.
    """
    for row in plan.rows:
        for measure in row.tie.measures:
            if measure not in measures:
                raise _unknown(plan, row, measure, measures, "measure", "指标")
        count = row.tie.count
        if count is not None and count.category is not None and count.category not in categories:
            raise _unknown(plan, row, count.category, categories, "facility category", "设施类别")


def _unknown(
    plan: Plan, row: Clause, name: str, known: Iterable[str], en: str, zh: str
) -> Exception:
    near_en, near_zh = near_name(name, known)
    more = "`cityplan analyzers` lists them" if en == "measure" else "see categories.toml"
    return wrong_plan(
        plan.file or plan.id,
        Text(
            en=f"[[{'duty' if isinstance(row, Duty) else 'clause'}]] {row.ref}: there is no {en} "
            f"'{name}' under this standard (the plan is written for '{plan.standard}'): "
            f"{near_en}; {more}",
            zh=f"{row.ref}：所用标准下没有{zh}“{name}”（本方案按标准“{plan.standard}”编写），{near_zh}",
        ),
    )


def _departments(head: Row) -> dict[str, Text]:
    found: dict[str, Text] = {}
    for row in head.rows("department", "name"):
        row.only("name", "en")
        found[row.string("name")] = Text(en=row.string("en"), zh=row.string("name"))
    return found


def _territory(row: Row) -> Territory:
    row.only("id", "title", "units", "duty")
    return Territory(
        id=row.string("id"),
        title=row.text("title"),
        units=row.strings("units"),
        duty=row.text("duty"),
    )


_CLAUSE = ("ref", "class", "title", "lead", "cooperating", "deadline", "target", "tie")


def _clause(row: Row, departments: Mapping[str, Text]) -> Clause:
    row.only(*_CLAUSE)
    fields = _common(row, departments)
    clause = Clause(**fields, kind=row.choice("class", get_args(ClauseClass)))
    if "A" in clause.kind and not clause.tie.measures and clause.tie.lacks is None:
        raise row.fault(
            "tie",
            f"a clause of class {clause.kind} needs a measure, or says in lacks what layer is missing",
            f"{clause.kind} 类条款须关联指标，或在 lacks 中写明缺少的图层",
        )
    return clause


def _duty(row: Row, departments: Mapping[str, Text]) -> Duty:
    row.only(*_CLAUSE, "every")
    every = row.choice("every", ("year",)) if "every" in row.table else None
    return Duty(**_common(row, departments), kind="N", every=every)


def _common(row: Row, departments: Mapping[str, Text]) -> dict[str, Any]:
    tie = row.child("tie")
    lead = row.strings("lead")
    if not lead:
        raise row.fault("lead", "name at least one department", "至少写一个责任单位")
    cooperating = row.strings("cooperating", optional=True)
    for name in (*lead, *cooperating):
        if name not in departments:
            en, zh = near_name(name, departments)
            raise row.fault(
                "lead" if name in lead else "cooperating",
                f"'{name}' is no [[department]]: {en}, or add it to the list",
                f"“{name}”不在 [[department]] 名单中：{zh}，或将其加入名单",
            )
    return {
        "ref": row.string("ref"),
        "title": row.text("title"),
        "lead": lead,
        "cooperating": cooperating,
        "deadline": row.date("deadline"),
        "target": row.text("target"),
        "tie": _tie(tie, row),
    }


def _tie(tie: Row, row: Row) -> Tie:
    tie.only(*TIES, "lacks")
    given = [key for key in TIES if key in tie.table]
    if len(given) != 1:
        raise row.fault(
            "tie", f"give exactly one of {', '.join(TIES)}, not {len(given)}",
            f"{'、'.join(TIES)} 中须写且只写一项，现有 {len(given)} 项",
        )  # fmt: skip
    lacks = tie.text("lacks") if "lacks" in tie.table else None
    kind = given[0]
    if kind == "measure":
        named = tie.table["measure"]
        measures = (named,) if isinstance(named, str) else tie.strings("measure")
        if not measures or any("." not in measure for measure in measures):
            raise tie.fault("measure", "a measure id looks like analyzer.name",
                            "指标编号形如 analyzer.name")  # fmt: skip
        return Tie(measures=measures, lacks=lacks)
    if kind == "figure":
        figures = tuple(_figure(item, row) for item in tie.rows("figure", "id"))
        if not figures:
            raise tie.fault("figure", "write at least one figure", "至少写一个 figure")
        return Tie(figures=figures, lacks=lacks)
    if kind == "count":
        return Tie(count=_count(tie.child("count"), row), lacks=lacks)
    return Tie(none=tie.text("none"), lacks=lacks)


_SOURCED = ("source", "clause", "confidence")


def _figure(item: Row, row: Row) -> Figure:
    item.only("id", "title", "unit", "operator", "value", *_SOURCED)
    return Figure(
        id=item.string("id"),
        title=item.text("title"),
        unit=item.choice("unit", get_args(FigureUnit)),
        **_goal(item, row),
    )


def _count(item: Row, row: Row) -> Count:
    item.only("layer", "category", "title", "operator", "value", *_SOURCED)
    layer = item.choice("layer", tuple(CATALOGUE))
    category = item.string("category") if "category" in item.table else None
    if (layer == "facilities") != (category is not None):
        raise item.fault("category", "layer 'facilities' needs a category, other layers have none",
                         "facilities 图层须写 category，其他图层不写")  # fmt: skip
    return Count(
        id=layer if category is None else f"{layer}/{category}",
        title=item.text("title"),
        unit="count",
        layer=layer,
        category=category,
        **_goal(item, row),
    )


def _goal(item: Row, row: Row) -> dict[str, Any]:
    """Return what a figure is held against; a number must say where it comes from."""
    if "value" not in item.table and "operator" not in item.table:
        return {"source": "", "clause": row.string("ref"), "confidence": "S1"}
    value = item.number("value")
    if item.table.get("unit") == "share" and not 0 <= value <= 1:
        raise item.fault("value", "a share is written from 0 to 1: 0.85 for 85 %",
                         "比例写 0 至 1：85% 写作 0.85")  # fmt: skip
    return {
        "operator": item.choice("operator", get_args(GoalOperator)),
        "value": value,
        "source": item.string("source"),
        "clause": item.string("clause") if "clause" in item.table else row.string("ref"),
        "confidence": item.choice("confidence", CONFIDENCES),
    }


def _figures_once(plan: Plan) -> None:
    seen: dict[str, str] = {}
    for row in plan.rows:
        for figure in row.tie.figures:
            if figure.id in seen:
                raise wrong_plan(
                    plan.file,
                    Text(
                        en=f"figure '{figure.id}' stands in {seen[figure.id]} and in {row.ref}: "
                        "give each an id of its own",
                        zh=f"figure “{figure.id}”同时出现在{seen[figure.id]}与{row.ref}，请使用不同的 id",
                    ),
                )
            seen[figure.id] = row.ref
