"""Two hundred cities cut from one extract: the split, one process against two, a second call.

    scripts/bench/run batch            200 extents, half an hour on two processors
    .venv-bench/bin/python scripts/bench/batch.py 8

The extents are squares of 1.5 km over nine copies of Las Palmas, those with the
most nodes. Everything is measured and written but pictures, which take as long again.
"""

from __future__ import annotations

import csv
import json
import shutil
import sys
import tempfile
from pathlib import Path

from common import NINE_TIMES, Table, in_turns, median_ratio, need, run_process

CITIES = 200
SIDE_M, DEGREE_M, COSINE = 1500.0, 111_000.0, 0.88
WEST, SOUTH, EAST, NORTH = -15.543, 28.010, -15.038, 28.556


def extents(count: int) -> list[tuple[float, float, float, float]]:
    """Return the squares with the most nodes."""
    from cityplan.sources.extracts.split import count_nodes  # noqa: PLC0415

    high = SIDE_M / DEGREE_M
    wide = high / COSINE
    boxes = [
        (WEST + wide * x, SOUTH + high * y, WEST + wide * (x + 1), SOUTH + high * (y + 1))
        for x in range(int((EAST - WEST) / wide))
        for y in range(int((NORTH - SOUTH) / high))
    ]
    nodes = count_nodes(NINE_TIMES, boxes)
    best = sorted(range(len(boxes)), key=lambda n: -nodes[n])[:count]
    return [boxes[n] for n in sorted(best)]


def split_only(cities: str, cache: str) -> None:
    """Cut the parts (in a process of its own)."""
    from cityplan.batching.inputs import read_list  # noqa: PLC0415
    from cityplan.batching.parts import cut_parts  # noqa: PLC0415
    from cityplan.batching.plan import plan  # noqa: PLC0415

    rows = read_list(cities, NINE_TIMES, None, None, Path(cache), pictures=True)
    planned = plan(rows, (), "en")
    assert not cut_parts(planned, Path(cache), told=lambda _text: None)
    print(json.dumps([city.nodes for city in planned]))


def main(count: int) -> None:
    need(NINE_TIMES)
    table = Table("batch")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        cities, cache = folder / "cities.csv", folder / "cache"
        with cities.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["name", "west", "south", "east", "north"])
            writer.writerows([f"{n:03}", *box] for n, box in enumerate(extents(count)))
        cut = run_process([sys.executable, __file__, "split", cities, cache])
        nodes = json.loads(cut.stdout)

        def batch(out: Path, jobs: int) -> float:
            return run_process(
                [sys.executable, "-m", "cityplan", "batch", cities, "--extract", NINE_TIMES,
                 "-o", out, "--cache", cache, "--jobs", f"{jobs}", "--lang", "en",
                 "--no-pictures"]
            ).seconds  # fmt: skip

        def fresh(jobs: int) -> float:
            shutil.rmtree(cache / "layers", ignore_errors=True)
            shutil.rmtree(folder / f"out-{jobs}", ignore_errors=True)
            return batch(folder / f"out-{jobs}", jobs)

        took = in_turns({"one": lambda: fresh(1), "two": lambda: fresh(2)}, rounds=1)
        again = in_turns({"again": lambda: batch(folder / "out-2", 2)}, rounds=3)["again"]
        lines = [
            json.loads(line) for line in (folder / "out-1" / "batch.jsonl").read_text().splitlines()
        ]
    table.goal(
        f"{count} cities, 2 processes over 1", ours=took["two"][0], peer=took["one"][0],
        ratio=median_ratio(took["one"], took["two"]), limit=">= 1.6",
    )  # fmt: skip
    table.goal(
        "unchanged, called again", ours=min(again), peer=None, ratio=min(again), limit="<= 5"
    )
    table.goal(
        "peak memory of the split", ours=cut.peak_gb, peer=None, ratio=cut.peak_gb, limit="<= 1",
        unit="GB",
    )  # fmt: skip
    table.note("split", cut.seconds, "s")
    table.note("nodes of the largest city", max(nodes), "nodes")
    table.note(
        "median seconds of a city", sorted(line["seconds"] for line in lines)[count // 2], "s"
    )
    table.note("largest memory of a city", max(line["peak_gb"] for line in lines), "GB")
    table.close()


if __name__ == "__main__":
    if sys.argv[1:2] == ["split"]:
        split_only(*sys.argv[2:4])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else CITIES)
