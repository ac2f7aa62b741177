"""What a batch would do, and take, without doing it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cityplan.analyzers import choose
from cityplan.batching.folder import CITIES
from cityplan.batching.inputs import cache_folder, read_list
from cityplan.batching.journal import JOURNAL, Journal
from cityplan.batching.memory import FREE_SHARE, available_gb
from cityplan.batching.parts import count_parts
from cityplan.batching.plan import City, estimate, is_unchanged, nodes_by_size, plan
from cityplan.text import Language, Text

if TYPE_CHECKING:
    from cityplan.batching.journal import Line


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A line of a dry run."""

    city: str
    state: Literal["to do", "unchanged", "failed"]
    nodes: int
    seconds: float
    gb: float
    cause: Text | None = None


@dataclass(frozen=True, kw_only=True)
class DryRun:
    """What a batch would do.

    Attributes
    ----------
    seconds
        Of the whole, with as many processes as ``jobs`` and the memory allow.
    jobs
        Cities side by side.
    free_gb
        Memory nobody uses at the moment; None if the system does not tell.
    """

    cities: tuple[Planned, ...]
    seconds: float
    jobs: int
    free_gb: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return everything in JSON types."""
        rows = [
            {**asdict(city), "cause": city.cause.as_dict() if city.cause else None}
            for city in self.cities
        ]
        return {
            "cities": rows,
            "seconds": round(self.seconds, 1),
            "jobs": self.jobs,
            "free_gb": self.free_gb,
        }


def dry_run(  # noqa: PLR0913 - one parameter per option
    cities: str | Path,
    out: str | Path,
    *,
    extract: str | Path | None = None,
    standard: str | None = None,
    lang: Language | None = None,
    only: Sequence[str] = (),
    cache: str | Path | None = None,
    pictures: bool = True,
    jobs: int | None = None,
) -> DryRun:
    """List the cities of a batch with the time and memory each will take; measure nothing.

    The cost grows with the nodes of a city's extract: they are counted in a shared one,
    taken from its size in the city's own. What a node costs was measured, and is
    corrected by what this batch has measured already. Parameters as in :func:`batch`.

    Raises
    ------
    CityplanError
        The list or the shared extract cannot be used.
    """
    out, cache = Path(out).absolute(), cache_folder(cache)
    choose(only)
    rows = read_list(cities, extract, standard, lang, cache, pictures=pictures)
    planned = plan(rows, tuple(only), lang or "en")
    lines = Journal(out).lines if (out / JOURNAL).exists() else {}
    todo = [c for c in planned if not is_unchanged(c, lines.get(c.name), out / CITIES)]
    faults = count_parts(todo, cache)
    found = []
    for city in planned:
        fault = city.row.fault or faults.get(city.name)
        if city not in todo:
            line = lines[city.name]
            found.append(_as_planned(city, "unchanged", line.get("nodes") or 0, (), None))
            continue
        nodes = city.nodes or nodes_by_size(city.row)
        state: Literal["failed", "to do"] = "failed" if fault else "to do"
        found.append(_as_planned(city, state, nodes, tuple(lines.values()), fault))
    side = jobs or os.cpu_count() or 1
    free, most = available_gb(), max((city.gb for city in found), default=0.0)
    if free is not None and most:
        side = max(1, min(side, int(free * FREE_SHARE / most)))
    longest = max((city.seconds for city in found), default=0.0)
    whole = max(longest, sum(city.seconds for city in found) / side)
    return DryRun(cities=tuple(found), seconds=whole, jobs=side, free_gb=free)


def _as_planned(
    city: City,
    state: Literal["to do", "unchanged", "failed"],
    nodes: int,
    lines: Sequence[Line],
    cause: Text | None,
) -> Planned:
    cost = estimate(nodes, lines)
    idle = state != "to do"
    return Planned(
        city=city.name,
        state=state,
        nodes=nodes,
        seconds=0.0 if idle else cost.seconds,
        gb=0.0 if idle else cost.gb,
        cause=cause,
    )
