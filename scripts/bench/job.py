"""The whole job on Las Palmas against the script a planner would write today.

Whole processes, cold: ``cityplan run`` with every output, and the usual script
beside the data. There is no option to leave pictures out, so their stage is
subtracted on both sides.
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
    pictures: dict[str, list[float]] = {"cityplan": [], "usual script": []}
    stages: list[dict[str, float]] = []
    peak: dict[str, list[float]] = {"cityplan": [], "usual script": []}

    def ours() -> float:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            process = run_process(
                [command, "run", LAS_PALMAS, "--boundary", BOUNDARY, "--units", UNITS, "-o", out]
            )
            results = json.loads((out / "results.json").read_text(encoding="utf-8"))
        stages.append(results["provenance"]["seconds"])
        pictures["cityplan"].append(stages[-1]["write maps"])
        peak["cityplan"].append(process.peak_gb)
        return process.seconds

    def peer() -> float:
        with tempfile.TemporaryDirectory() as folder:
            process = run_process(
                [sys.executable, USUAL_SCRIPT, LAS_PALMAS, BOUNDARY, UNITS],
                env={"TMPDIR": folder},
            )
        told = json.loads(process.stdout.splitlines()[-1])
        pictures["usual script"].append(told["seconds"]["sheets"])
        peak["usual script"].append(process.peak_gb)
        return process.seconds

    seconds = in_turns({"cityplan": ours, "usual script": peer}, rounds=ROUNDS)
    bare = {
        name: [whole - part for whole, part in zip(seconds[name], pictures[name], strict=True)]
        for name in seconds
    }
    table = Table("job")
    for title, took, limit in (
        ("without pictures", bare, "<= 0.2"),
        ("with all outputs", seconds, "<= 0.4"),
    ):
        table.goal(
            title, ours=statistics.median(took["cityplan"]),
            peer=statistics.median(took["usual script"]),
            ratio=median_ratio(took["cityplan"], took["usual script"]), limit=limit,
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
