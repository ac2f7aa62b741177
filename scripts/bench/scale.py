"""The five analyses on nine copies of a city, against those on one.

Counted are the stage ``prepare`` and the analyzers, from the report's own
provenance; reading and writing are not. Both extracts are bare: the boundary is
the hull of the streets.
"""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path

from common import LAS_PALMAS, NINE_TIMES, Table, in_turns, median_ratio, need, run_process

ROUNDS = 3
LIMIT = "<= 11"


def analyse(extract: Path) -> None:
    """Print the seconds of every stage (in a process of its own)."""
    import cityplan  # noqa: PLC0415

    print(json.dumps(cityplan.run(extract).provenance["seconds"]))


def main() -> None:
    need(LAS_PALMAS, NINE_TIMES)
    stages: dict[Path, list[dict[str, float]]] = {LAS_PALMAS: [], NINE_TIMES: []}
    peak: dict[Path, float] = {}

    def analysed(extract: Path) -> float:
        process = run_process([sys.executable, __file__, extract])
        took = json.loads(process.stdout)
        took.pop("read")
        stages[extract].append(took)
        peak[extract] = max(process.peak_gb, peak.get(extract, 0.0))
        return sum(took.values())

    seconds = in_turns(
        {
            "one": lambda: analysed(LAS_PALMAS),
            "nine": lambda: analysed(NINE_TIMES),
        },
        rounds=ROUNDS,
    )
    table = Table("scale")
    table.goal(
        "nine copies over one", ours=statistics.median(seconds["nine"]),
        peer=statistics.median(seconds["one"]),
        ratio=median_ratio(seconds["nine"], seconds["one"]), limit=LIMIT,
    )  # fmt: skip
    for name in stages[LAS_PALMAS][0]:
        one, nine = (statistics.median(row[name] for row in stages[e]) for e in stages)
        table.note(f"{name}: {one:.2f} s, then", nine, "s")
    table.note("peak memory, nine copies", peak[NINE_TIMES], "GB")
    table.close()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        analyse(Path(sys.argv[1]))
    else:
        main()
