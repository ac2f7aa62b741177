"""How soon the library and its command line answer, against importing geopandas alone."""

from __future__ import annotations

import compileall
import importlib.util
import statistics
import sys
from pathlib import Path

from common import Table, in_turns, median_ratio, run_process

ROUNDS = 7
LIMIT = "<= 0.3333"


def main() -> None:
    for package in ("cityplan", "click", "geopandas", "pandas", "shapely", "pyproj", "numpy"):
        home = Path(importlib.util.find_spec(package).origin).parent
        compileall.compile_dir(home, quiet=2)
    command = Path(sys.executable).with_name("cityplan")
    works = {
        "import cityplan": [sys.executable, "-c", "import cityplan"],
        "cityplan --help": [command, "--help"],
        "import geopandas": [sys.executable, "-c", "import geopandas"],
    }
    for words in works.values():
        run_process(words)
    seconds = in_turns(
        {name: lambda words=words: run_process(words).seconds for name, words in works.items()},
        rounds=ROUNDS,
    )
    table = Table("imports")
    peer = seconds.pop("import geopandas")
    for name, ours in seconds.items():
        table.goal(
            name, ours=statistics.median(ours), peer=statistics.median(peer),
            ratio=median_ratio(ours, peer), limit=LIMIT,
        )  # fmt: skip
    table.close()


if __name__ == "__main__":
    main()
