"""What happened in a run, line by line, for whoever looks after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cityplan.model.checks import sorted_checks
from cityplan.model.result import Skipped
from cityplan.outputs.input_words import check_cells
from cityplan.outputs.plain_text import harmless

if TYPE_CHECKING:
    from pathlib import Path

    from cityplan.model.report import Report


def write_log(report: Report, path: Path) -> None:
    """Write ``run.log``: versions, stages with seconds, inputs, checks, what was skipped."""
    told = report.provenance
    lines = [
        f"cityplan {told.get('cityplan')}, Python {told.get('python')}, {told.get('crs')}",
        *(f"{seconds:9.3f} s  {stage}" for stage, seconds in told.get("seconds", {}).items()),
        *(
            f"{layer}: {count.source}, {count.read} read, {count.used} used, sha256 {count.sha256}"
            for layer, count in report.inputs.items()
        ),
        *(" | ".join(check_cells(check, report.lang)) for check in sorted_checks(report.checks)),
        *(
            f"{result.analyzer}: {result.reason.get(report.lang)}"
            for result in report.results
            if isinstance(result, Skipped)
        ),
    ]
    path.write_text("\n".join(map(harmless, lines)) + "\n", encoding="utf-8", newline="\n")
