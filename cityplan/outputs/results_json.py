"""The machine-readable answer: ``results.json``, its contract is ``results.schema.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from cityplan.model.checks import sorted_checks
from cityplan.model.result import Result
from cityplan.model.standard import Sourced
from cityplan.outputs.facts import study_notes
from cityplan.outputs.labels import measure_title
from cityplan.outputs.style import is_number
from cityplan.text import Text

if TYPE_CHECKING:
    from pathlib import Path

    from cityplan.model.ledger import Ledger
    from cityplan.model.report import Report
    from cityplan.model.result import Measure, Skipped
    from cityplan.model.standard import Standard, Target

SCHEMA_VERSION = "1.0"


def results_document(report: Report) -> dict[str, Any]:
    """Return everything a run found out as plain JSON types.

    Numbers that are unknown, not a number or infinite are None. The order of
    keys is fixed: the same report gives the same document.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "study": _study(report),
        "standard": _standard(report.standard),
        "analyzers": [
            _answered(result, report.standard)
            if isinstance(result, Result)
            else _skipped(result, report.standard)
            for result in report.results
        ],
        "plan": _plan(report),
        "ledger": plain(report.ledger.entries) if report.ledger is not None else [],
        "inputs": {name: plain(count) for name, count in report.inputs.items()},
        "checks": plain(sorted_checks(report.checks)),
        "quality": plain(report.quality),
        "provenance": plain(report.provenance),
    }


def write_results(report: Report, path: Path) -> None:
    """Write ``results.json``."""
    text = json.dumps(results_document(report), ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def results_schema() -> dict[str, Any]:
    """Return the JSON Schema that every ``results.json`` keeps."""
    file = resources.files("cityplan.outputs") / "results.schema.json"
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema


def plain(value: object) -> Any:
    """Return ``value`` in JSON types: texts in both languages, no NaN, no infinity."""
    if isinstance(value, Text):
        return value.as_dict()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if is_dataclass(value):
        row = {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        return {**row, "verified": value.verified} if isinstance(value, Sourced) else row
    return _scalar(value.item() if hasattr(value, "item") else value)


def _scalar(value: object) -> str | bool | float | int | None:
    if value is None or isinstance(value, bool | str):
        return value
    return _number(value) if isinstance(value, int | float) else str(value)


def _number(value: object) -> float | int | None:
    """Return a finite number, whole numbers without a decimal point, else None."""
    if not is_number(value):
        return None
    return int(value) if float(value).is_integer() else float(value)


def _study(report: Report) -> dict[str, Any]:
    area = report.area
    return {
        "name": area.name,
        "lang": report.lang,
        "crs": area.crs.to_string(),
        "boundary_km2": area.boundary.area / 1e6,
        "built_up": {
            "km2": area.built_up.km2,
            "is_proxy": area.built_up.is_proxy,
            "basis": area.built_up.basis.as_dict(),
            "alternatives": [
                {"closing_m": closing_m, "km2": geometry.area / 1e6}
                for closing_m, geometry in area.built_up.alternatives.items()
            ],
        },
        "units": [str(name) for name in area.units["unit"]],
        "data_extent_known": area.data_extent is not None,
        "notes": [note.as_dict() for note in study_notes(report)],
        "attribution": list(report.attribution),
    }


def _plan(report: Report) -> dict[str, Any] | None:
    """Return which plan the ledger follows and on which day."""
    if report.plan is None or report.ledger is None:
        return None
    plan = report.plan
    return {
        "id": plan.id,
        "title": plan.title.as_dict(),
        "source": plan.source,
        "standard": plan.standard,
        "sha256": plan.sha256,
        "as_of": report.ledger.as_of.isoformat(),
        "territories": plain(plan.territories),
    }


def ledger_document(ledger: Ledger) -> dict[str, Any]:
    """Return a ledger alone as plain JSON types, as ``cityplan ledger --json`` prints it."""
    return {
        "plan": {"id": ledger.plan.id, "title": ledger.plan.title.as_dict()},
        "as_of": ledger.as_of.isoformat(),
        "ledger": plain(ledger.entries),
    }


def _standard(standard: Standard) -> dict[str, Any]:
    return {
        "id": standard.id,
        "title": standard.title.as_dict(),
        "summary": standard.summary.as_dict(),
        "targets": [plain(row) for row in standard.targets.values()],
        "settings": [plain(row) for row in standard.settings.values()],
        "groups": [{"id": key, "title": title.as_dict()} for key, title in standard.groups.items()],
        "categories": [plain(row) for row in standard.categories.values()],
        "park_clauses": [plain(row) for row in standard.park_clauses.values()],
        "road_classes": [plain(row) for row in standard.road_classes.values()],
        "services": [plain(row) for row in standard.services.values()],
    }


def _answered(result: Result, standard: Standard) -> dict[str, Any]:
    ids = [measure.id for measure in result.measures]
    return {
        "name": result.analyzer,
        "title": result.title.as_dict(),
        "status": "ok",
        "reason": None,
        "measures": [_measure(measure, standard) for measure in result.measures],
        "units": unit_rows(result, ids),
        "notes": [note.as_dict() for note in result.notes],
    }


def unit_rows(result: Result, measure_ids: list[str]) -> list[dict[str, Any]]:
    """Return one row per unit: ``unit``, then one number or None per measure id."""
    table = result.units
    columns = {
        key: [_number(value) for value in table[key]] if key in table else [None] * len(table)
        for key in measure_ids
    }
    return [
        {"unit": str(name), **{key: values[row] for key, values in columns.items()}}
        for row, name in enumerate(table["unit"])
    ]


def _measure(measure: Measure, standard: Standard) -> dict[str, Any]:
    return {
        "id": measure.id,
        "title": measure_title(measure.id, standard).as_dict(),
        "value": _number(measure.value),
        "low": _number(measure.low),
        "high": _number(measure.high),
        "unit": measure.unit,
        "target": _target(measure.target) if measure.target is not None else None,
        "gap": _number(measure.gap),
        "verdict": measure.verdict,
        "definition_verified": measure.definition_verified,
        "basis": measure.basis.as_dict(),
        "note": measure.note.as_dict() if measure.note is not None else None,
        "by_group": {name: _number(value) for name, value in measure.by_group.items()},
    }


def _target(target: Target) -> dict[str, Any]:
    figures = (
        {"low": target.low, "high": _number(target.high)}
        if target.operator == "band"
        else {"value": target.value}
    )
    return {
        "operator": target.operator,
        **figures,
        "kind": target.kind,
        "source": target.source,
        "clause": target.clause,
        "confidence": target.confidence,
        "verified": target.verified,
    }


def _skipped(skipped: Skipped, standard: Standard) -> dict[str, Any]:
    return {
        "name": skipped.analyzer,
        "title": skipped.title.as_dict(),
        "status": "skipped",
        "reason": skipped.reason.as_dict(),
        "measures": [_unmeasured(measure_id, standard) for measure_id in skipped.measure_ids],
        "units": [],
        "notes": [],
    }


def _unmeasured(measure_id: str, standard: Standard) -> dict[str, Any]:
    target = standard.target(measure_id)
    judged = target is not None and target.kind == "target"
    return {
        "id": measure_id,
        "title": measure_title(measure_id, standard).as_dict(),
        "value": None,
        "low": None,
        "high": None,
        "unit": target.unit if target is not None else None,
        "target": _target(target) if target is not None else None,
        "gap": None,
        "verdict": "cannot_tell" if judged else "no_target",
        "definition_verified": target is None or target.verified,
        "basis": None,
        "note": None,
        "by_group": {},
    }
