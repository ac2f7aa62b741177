"""What the benchmarks share: where the data lie, timing in pairs, and the table.

A pair is timed in turns within one run, and its ratio is the median of the
rounds' ratios: seconds vary with the machine and its other users, ratios little.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("CITYPLAN_TEST_DATA") or ROOT.parent / "shared" / "data")
LAS_PALMAS = DATA / "las_palmas" / "las_palmas.osm.pbf"
BOUNDARY = DATA / "las_palmas" / "boundary.geojson"
UNITS = DATA / "las_palmas" / "school_districts.geojson"
NINE_TIMES = DATA / "perf" / "las_palmas_x9.osm.pbf"
USUAL_SCRIPT = DATA.parent / "bench" / "usual_script.py"


@dataclass
class Table:
    """The goals of one benchmark: a JSON line each on stdout, a table at the end on stderr."""

    benchmark: str
    rows: list[dict[str, object]] = field(default_factory=list)

    def goal(
        self,
        name: str,
        *,
        ours: float,
        peer: float | None,
        ratio: float,
        limit: str,
        unit: str = "s",
    ) -> None:
        """Judge one goal; ``limit`` reads ``>= 12`` or ``<= 0.35`` and speaks of the ratio."""
        sign, number = limit.split()
        reached = ratio >= float(number) if sign == ">=" else ratio <= float(number)
        self._add(
            name=name, ours=ours, peer=peer, ratio=ratio, limit=limit, unit=unit,
            reached="yes" if reached else "no",
        )  # fmt: skip

    def note(self, name: str, value: float, unit: str) -> None:
        """Tell a figure that no goal speaks of."""
        self._add(name=name, ours=value, unit=unit)

    def unavailable(self, name: str, reason: str) -> None:
        """Say that a peer does not run here."""
        self._add(name=name, reached="peer not available", reason=reason)

    def _add(self, **row: object) -> None:
        row = {key: rounded(value) for key, value in row.items()}
        self.rows.append(row)
        print(json.dumps({"benchmark": self.benchmark, **row}, ensure_ascii=False), flush=True)

    def close(self) -> None:
        """Print the table; exit 1 if a goal is missed."""
        if hasattr(os, "getloadavg"):
            self.note("load of the machine, 5 minutes", os.getloadavg()[1], f"of {os.cpu_count()}")
        print_table(self.benchmark, self.rows)
        sys.exit(any(row.get("reached") == "no" for row in self.rows))


def print_table(title: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Print rows for people, to stderr."""
    print(
        f"\n{title:<44}{'ours':>11}{'peer':>11}{'ratio':>12}  {'limit':<10}reached", file=sys.stderr
    )
    for row in rows:
        cells = [row.get(key) for key in ("ours", "peer", "ratio")]
        ours, peer, ratio = ("" if cell is None else f"{cell:.6g}" for cell in cells)
        name = f"  {row['name']} ({row['unit']})" if "unit" in row else f"  {row['name']}"
        line = f"{name:<44}{ours:>11}{peer:>11}{ratio:>12}  {row.get('limit', ''):<10}"
        print(f"{line}{row.get('reached', '')}", file=sys.stderr)


def rounded(value: object) -> object:
    """Keep six digits of a number."""
    return float(f"{value:.6g}") if isinstance(value, float) else value


def in_turns(
    works: Mapping[str, Callable[[], float | None]],
    *,
    rounds: int,
    often: Mapping[str, int] | None = None,
) -> dict[str, list[float]]:
    """Do every work in turn, several rounds, and return the seconds of each.

    A work may return the seconds itself (those of a child process, say). What is
    over in a blink can be done ``often`` in its turn: the median counts.
    """
    often = often or {}
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(rounds):
        for name, work in works.items():
            took = statistics.median(_timed(work) for _ in range(often.get(name, 1)))
            seconds[name].append(took)
            print(f"  round {turn + 1}: {name} {took:.3f} s", file=sys.stderr)
    return seconds


def _timed(work: Callable[[], float | None]) -> float:
    start = time.perf_counter()
    told = work()
    return time.perf_counter() - start if told is None else told


def median_ratio(upper: Sequence[float], lower: Sequence[float]) -> float:
    """Return the median of the rounds' ratios."""
    return statistics.median(a / b for a, b in zip(upper, lower, strict=True))


@dataclass(frozen=True)
class Process:
    """What a finished process took; ``peak_gb`` is its largest resident memory."""

    seconds: float
    peak_gb: float
    stdout: str


class ProcessFailedError(RuntimeError):
    """A process of ours or of a peer did not end with 0."""


def run_process(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None) -> Process:
    """Run a process to its end, timed from outside, with its peak memory."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        start = time.perf_counter()
        child = subprocess.Popen(
            [str(word) for word in command],
            stdout=out, stderr=errors, stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})},
        )  # fmt: skip
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        if child.returncode != 0:
            last = "\n".join(errors.read().splitlines()[-5:])
            raise ProcessFailedError(f"{command[1]} ended with {child.returncode}: {last}")
        unit = 1 if sys.platform == "darwin" else 1024
        return Process(seconds, usage.ru_maxrss * unit / 1e9, out.read())


def need(*paths: Path) -> None:
    """End with one sentence where data are missing."""
    for path in paths:
        if not path.exists():
            sys.exit(f"{path} is missing: set CITYPLAN_TEST_DATA to the folder of test data.")
