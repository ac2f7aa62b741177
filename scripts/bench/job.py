"""The whole job on Las Palmas against the script a planner would write today.

Whole processes, cold: ``cityplan run`` with every output and with ``--no-pictures``,
and the usual script beside the data, which has no such option: the seconds it tells
of its sheets are subtracted.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from pathlib import Path

from common import (
    BOUNDARY,
    LAS_PALMAS,
    UNITS,
    USUAL_SCRIPT,
    Table,
    in_turns,
    median_ratio,
    need,
    run_process,
)

ROUNDS = 3


def main() -> None:
    need(LAS_PALMAS, BOUNDARY, UNITS, USUAL_SCRIPT)
    command = Path(sys.executable).with_name("cityplan")
    sheets: list[float] = []
    stages: list[dict[str, float]] = []
    peak: dict[str, list[float]] = {"cityplan": [], "usual script": []}

    def ours(*options: str) -> float:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            process = run_process(
                [command, "run", LAS_PALMAS, "--boundary", BOUNDARY, "--units", UNITS, "-o", out,
                 *options]
            )  # fmt: skip
            results = json.loads((out / "results.json").read_text(encoding="utf-8"))
        if not options:
            stages.append(results["provenance"]["seconds"])
        peak["cityplan"].append(process.peak_gb)
        return process.seconds

    def peer() -> float:
        with tempfile.TemporaryDirectory() as folder:
            process = run_process(
                [sys.executable, USUAL_SCRIPT, LAS_PALMAS, BOUNDARY, UNITS],
                env={"TMPDIR": folder},
            )
        told = json.loads(process.stdout.splitlines()[-1])
        sheets.append(told["seconds"]["sheets"])
        peak["usual script"].append(process.peak_gb)
        return process.seconds

    seconds = in_turns(
        {"whole": ours, "bare": lambda: ours("--no-pictures"), "usual script": peer},
        rounds=ROUNDS,
    )
    theirs = seconds["usual script"]
    bare = [whole - part for whole, part in zip(theirs, sheets, strict=True)]
    table = Table("job")
    for title, took, peers, limit in (
        ("without pictures", seconds["bare"], bare, "<= 0.2"),
        ("with all outputs", seconds["whole"], theirs, "<= 0.4"),
    ):
        table.goal(
            title, ours=statistics.median(took), peer=statistics.median(peers),
            ratio=median_ratio(took, peers), limit=limit,
        )  # fmt: skip
    most = max(peak["cityplan"])
    table.goal(
        "peak memory",
        ours=most,
        peer=max(peak["usual script"]),
        ratio=most,
        limit="<= 2",
        unit="GB",
    )
    for name in stages[0]:
        table.note(f"stage {name}", statistics.median(row.get(name, 0.0) for row in stages), "s")
    table.close()


if __name__ == "__main__":
    main()
