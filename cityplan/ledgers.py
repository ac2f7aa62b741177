"""From a study or a folder of outputs to the ledger of its plan."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import shapely

from cityplan.analyzers import all_analyzers
from cityplan.errors import InputFileError, MissingFileError, PlanError
from cityplan.model.checks import Check
from cityplan.model.ledger import Ledger, make_ledger
from cityplan.model.ledger_items import (
    Dated,
    earlier_values,
    kept_items,
    measured_items,
    series_of,
)
from cityplan.model.plan import Plan
from cityplan.model.plan_file import available_plans, check_plan, load_plan
from cityplan.model.report import Report
from cityplan.model.standard import available_standards, load_standard
from cityplan.outputs.results_json import results_document
from cityplan.sources.fields.categories import known_categories
from cityplan.sources.reported import read_reported
from cityplan.sources.reported_cells import read_day
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.model.area import StudyArea
    from cityplan.model.layers import Layers
    from cityplan.model.standard import Standard
    from cityplan.sources.study import Study

RESULTS = "results.json"
AnyReport = TypeVar("AnyReport", bound=Report)
Reported = Mapping[str, Sequence[Dated]]


def today() -> dt.date:
    """Return the day where the program runs."""
    return dt.datetime.now().astimezone().date()


def day_of(text: str | None) -> dt.date:
    """Return the day a user names, today where none is.

    Raises
    ------
    PlanError
        It is no day.
    """
    day = today() if text is None else read_day(text)
    if isinstance(day, Text):
        raise PlanError(Text(en=f"--as-of: {day.en}.", zh=f"--as-of：{day.zh}。"))
    return day


def plan_of(study: Study, standard: Standard) -> tuple[Plan | None, Reported, list[Check]]:
    """Return the plan a study names and the figures reported for it, both checked.

    Raises
    ------
    CityplanError
        The plan or the table of figures is missing or wrong.
    """
    if study.plan is None:
        if study.reported is not None:
            raise PlanError(
                Text(
                    en="The study names reported figures but no plan they belong to: add "
                    'plan = "mingguang-2020" or a .toml file to [study].',
                    zh="研究文件指定了填报数据却未指定所属方案，请在 [study] 中添加 "
                    'plan = "mingguang-2020" 或自备 .toml 文件。',
                )
            )
        return None, {}, []
    plan = load_plan(study.plan)
    ids = [key for item in all_analyzers().values() for key in item.measure_ids(standard)]
    check_plan(plan, measures=ids, categories=known_categories())
    reported = read_reported(study.reported, plan) if study.reported is not None else {}
    values = sum(len(series) for series in reported.values())
    note = Check(
        layer="plan",
        severity="note",
        rows=len(plan.clauses),
        what=Text(
            en=f"{plan.title.en}: {len(plan.clauses)} clauses, {len(plan.duties)} duties; "
            f"{values} values reported for {len(reported)} of {len(plan.figures)} figures.",
            zh=f"{plan.title.zh}：{len(plan.clauses)}条任务，{len(plan.duties)}项职责；"
            f"{len(plan.figures)}项填报指标中已填{len(reported)}项，共{values}个数值。",
        ),
    )
    return plan, reported, [note]


def with_ledger(
    report: AnyReport, plan: Plan, reported: Reported, layers: Layers, *, as_of: dt.date
) -> AnyReport:
    """Return the report with the plan's ledger on a day, and who answers for each measure."""
    ledger = make_ledger(
        plan,
        as_of=as_of,
        measured=measured_items(results_document(report)),
        reported=reported,
        counted=_counts(plan, layers, report.area),
    )
    who = plan.responsibilities(report.lang)
    return replace(report, plan=plan, ledger=ledger, responsibilities=who)


def _plan_of_run(document: Mapping[str, Any]) -> Plan:
    """Return the shipped plan a run was made with; a file has to be named again."""
    made_with = document["plan"]
    if made_with is None:
        raise PlanError(
            Text(
                en="This output was made without a plan: name one with --plan, for example "
                "--plan mingguang-2020.",
                zh="该输出未关联方案，请用 --plan 指定，如 --plan mingguang-2020。",
            )
        )
    name = made_with["id"]
    shipped = load_plan(name) if name in available_plans() else None
    if shipped is None or shipped.sha256 != made_with["sha256"]:
        raise PlanError(
            Text(
                en=f"This output was made with the plan '{name}' of a file of your own or of another "
                "version of cityplan: name it with --plan FILE.toml.",
                zh=f"该输出使用的方案“{name}”为自备文件或其他版本，请用 --plan 文件.toml 指定。",
            )
        )
    return shipped


def _measures_under(standard: str) -> list[str]:
    """Return the measure ids of a shipped standard, none for any other."""
    if standard not in available_standards():
        return []
    profile = load_standard(standard)
    return [key for item in all_analyzers().values() for key in item.measure_ids(profile)]


def _counts(plan: Plan, layers: Layers, area: StudyArea) -> dict[str, float | None]:
    """Return id of a count -> records in the boundary, None where the data hold none."""
    found: dict[str, float | None] = {}
    for count in plan.counts:
        frame = layers[count.layer]
        if count.category is not None:
            frame = frame[(frame["category"] == count.category).to_numpy()]
        inside = shapely.intersects(area.boundary, frame.geometry.to_numpy())
        found[count.id] = float(inside.sum()) if len(frame) else None
    return found


def read_results(folder: Path) -> dict[str, Any]:
    """Return the document of an output folder.

    Raises
    ------
    MissingFileError
        The folder holds no ``results.json``.
    InputFileError
        It is none of cityplan's.
    """
    path = folder / RESULTS
    if not path.is_file():
        raise MissingFileError(
            Text(
                en=f"'{folder}' holds no {RESULTS}: give an output folder of `cityplan run`.",
                zh=f"“{folder}”中没有 {RESULTS}，请提供 cityplan run 的输出文件夹。",
            )
        )
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        measured_items(document)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputFileError(
            Text(
                en=f"'{path}' is not a {RESULTS} of this version of cityplan: run the study again.",
                zh=f"“{path}”不是本版本 cityplan 的 {RESULTS}，请重新运行该研究。",
            )
        ) from None
    return dict(document)


def ledger_of_document(
    document: Mapping[str, Any],
    *,
    plan: str | None = None,
    as_of: dt.date,
    earlier: Mapping[str, Any] | None = None,
) -> Ledger:
    """Return the ledger of a run from its document alone; the data are not read.

    Parameters
    ----------
    plan
        Id or file of the plan; absent: the one the run was made with.
    earlier
        Document of an earlier run, for the trend.

    Raises
    ------
    PlanError
        The run was made without a plan and none is named; or the plan is wrong.
    """
    chosen = load_plan(plan) if plan is not None else _plan_of_run(document)
    kept, measured = kept_items(document), measured_items(document)
    known = {*measured, *_measures_under(chosen.standard)}
    check_plan(chosen, measures=known, categories=known_categories())
    return make_ledger(
        chosen,
        as_of=as_of,
        measured=measured,
        reported={key: series_of(kept[key]) for key in chosen.figures if key in kept},
        counted={c.id: kept[c.id]["value"] for c in chosen.counts if c.id in kept},
        earlier=earlier_values(earlier) if earlier is not None else None,
    )
