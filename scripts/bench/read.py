"""Reading a large extract into layers, against quackosm and pyrosm.

Every reader runs in a process of its own, with empty caches; counted is the
reading, not the import.
"""

from __future__ import annotations

import importlib.util
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from common import (
    NINE_TIMES,
    Process,
    ProcessFailedError,
    Table,
    in_turns,
    median_ratio,
    need,
    run_process,
)

ROUNDS = 3
LIMITS = {"quackosm": ">= 1.5", "pyrosm": ">= 1"}


def read_with_cityplan(path: Path):
    from cityplan.sources.osm_file import read_osm  # noqa: PLC0415

    def read() -> int:
        return sum(len(frame) for frame in read_osm(path).layers.values())

    return read


def read_with_pyrosm(path: Path):
    from pyrosm import OSM  # noqa: PLC0415

    def read() -> int:
        osm = OSM(str(path), progress=False)
        rows = len(osm.get_network("all"))
        for layer in (osm.get_buildings, osm.get_pois, osm.get_landuse, osm.get_natural):
            rows += len(layer())
        return rows

    return read


def read_with_quackosm(path: Path):
    # DuckDB would download its spatial extension; the package brings it along.
    import duckdb  # noqa: PLC0415
    import quackosm  # noqa: PLC0415

    from cityplan.sources.tag_rules import load_tag_rules  # noqa: PLC0415

    home = importlib.util.find_spec("duckdb_extension_spatial")
    if home is not None:
        file = next(Path(home.origin).parent.rglob("spatial.duckdb_extension"))
        duckdb.install_extension(str(file))
    duckdb.load_extension("spatial")
    rules = load_tag_rules()
    keys = sorted(rules.ways.keys | rules.nodes.keys | rules.areas.keys)

    def read() -> int:
        with tempfile.TemporaryDirectory() as folder:
            frame = quackosm.convert_pbf_to_geodataframe(
                path,
                tags_filter=dict.fromkeys(keys, True),
                working_directory=folder,
                ignore_cache=True,
                verbosity_mode="silent",
            )
        return len(frame)

    return read


READERS = {
    "cityplan": read_with_cityplan,
    "pyrosm": read_with_pyrosm,
    "quackosm": read_with_quackosm,
}


def read_alone(reader: str, path: Path) -> None:
    """Print what one reader took (in a process of its own)."""
    read = READERS[reader](path)
    start = time.perf_counter()
    rows = read()
    print(json.dumps({"rows": rows, "seconds": time.perf_counter() - start}))


def start(reader: str) -> Process:
    """Run a reader in a process of its own, home and temporary folder empty."""
    with tempfile.TemporaryDirectory() as folder:
        return run_process(
            [sys.executable, __file__, reader, NINE_TIMES], env={"HOME": folder, "TMPDIR": folder}
        )


def main() -> None:
    need(NINE_TIMES)
    table = Table("read")
    peak: dict[str, float] = {}
    told: dict[str, dict[str, float]] = {}

    def timed(reader: str) -> float:
        process = start(reader)
        told[reader] = json.loads(process.stdout.splitlines()[-1])
        peak[reader] = max(process.peak_gb, peak.get(reader, 0.0))
        return told[reader]["seconds"]

    works = {}
    for reader in READERS:
        try:
            timed(reader)
        except ProcessFailedError as error:
            if reader == "cityplan":
                raise
            table.unavailable(reader, str(error))
        else:
            works[reader] = lambda reader=reader: timed(reader)
    seconds = in_turns(works, rounds=ROUNDS)
    for peer, limit in LIMITS.items():
        if peer in seconds:
            table.goal(
                peer, ours=statistics.median(seconds["cityplan"]),
                peer=statistics.median(seconds[peer]),
                ratio=median_ratio(seconds[peer], seconds["cityplan"]), limit=limit,
            )  # fmt: skip
    table.goal(
        "peak memory", ours=peak["cityplan"], peer=min(v for k, v in peak.items() if k != "cityplan")
        if len(peak) > 1 else None, ratio=peak["cityplan"], limit="<= 2.5", unit="GB",
    )  # fmt: skip
    for reader, row in told.items():
        table.note(f"rows: {reader}", row["rows"], "count")
    table.close()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        read_alone(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
