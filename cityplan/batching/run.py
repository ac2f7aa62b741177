"""A batch from its list to its atlas; whatever ends it, the same call goes on from there."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cityplan.analyzers import choose
from cityplan.batching.cluster import LOCAL, Cluster
from cityplan.batching.folder import CITIES, ended_by_signal, locked, sweep, unwritable
from cityplan.batching.inputs import cache_folder, read_list
from cityplan.batching.journal import Journal
from cityplan.batching.parts import cut_parts
from cityplan.batching.plan import City, estimate, is_unchanged, nodes_by_size, plan
from cityplan.batching.processes import Processes
from cityplan.batching.showing import Shown
from cityplan.batching.worker import CARD, Job, Outcome
from cityplan.text import Language, Text

if TYPE_CHECKING:
    from cityplan.batching.journal import Line


@dataclass(frozen=True, kw_only=True)
class BatchReport:
    """What became of a batch.

    Attributes
    ----------
    lines
        The lines of ``batch.jsonl``, in the order of the list.
    out
        Its folder, with ``atlas.html`` and ``atlas.xlsx``.
    """

    out: Path
    lines: tuple[Line, ...]

    @property
    def failed(self) -> tuple[Line, ...]:
        """The cities without a result."""
        return tuple(line for line in self.lines if line["status"] == "failed")


def batch(  # noqa: PLR0913 - one parameter per option
    cities: str | Path,
    out: str | Path,
    *,
    extract: str | Path | None = None,
    standard: str | None = None,
    lang: Language | None = None,
    only: Sequence[str] = (),
    jobs: int | None = None,
    scheduler: str | None = None,
    fail_fast: bool = False,
    cache: str | Path | None = None,
    pictures: bool = True,
    shown: Shown | None = None,
) -> BatchReport:
    """Measure many cities, each on its own, and compare them in an atlas.

    Cities that are done and whose inputs, configuration and version have not changed
    are skipped; one that fails never stops the others. Processes are spawned: a script
    that calls this needs its ``if __name__ == "__main__":``.

    Parameters
    ----------
    cities
        A list of cities (TOML, CSV, Excel, or a layer of extents with a row per city),
        or a folder of studies and extracts.
    out
        Folder of the batch: ``cities/NAME``, ``batch.jsonl``, ``atlas.html``,
        ``atlas.xlsx``. One that holds anything but a batch is refused.
    extract
        OpenStreetMap extract shared by the cities of a list; each is measured on its
        own part of it, cut with the margin.
    standard, lang
        For cities whose row says nothing else.
    only
        Names of the analyzers to run; empty for all.
    jobs
        Processes at most; as many as processors by default. Fewer run where memory
        would not suffice.
    scheduler
        Address of a Dask scheduler, or ``local``; processes of this machine by default.
    fail_fast
        Stop at the first city that fails.
    cache
        Folder of parts and layers that are kept between batches; the user's cache
        folder by default.
    pictures
        Whether map sheets are drawn: what takes the longest.
    shown
        Hears of the progress.

    Raises
    ------
    CityplanError
        The list or the shared extract cannot be used, another batch works on the
        folder, or it cannot be written.
    """
    out, cache = Path(out).absolute(), cache_folder(cache)
    shown = shown or Shown(lang=lang or "en")
    choose(only)
    rows = read_list(cities, extract, standard, lang, cache, pictures=pictures)
    with locked(out), ended_by_signal():
        journal = Journal(out)
        sweep(out / CITIES)
        planned = plan(rows, tuple(only), lang or shown.lang)
        todo = []
        for city in planned:
            line = journal.lines.get(city.name)
            if is_unchanged(city, line, out / CITIES):
                journal.lines[city.name] = {**(line or {}), "status": "skipped"}
            else:
                todo.append(city)
        shown.begin(cities=len(planned), unchanged=len(planned) - len(todo))
        try:
            if todo:
                measured = _Batch(out, cache, journal, shown, tuple(only), lang)
                measured.measure(todo, jobs=jobs, scheduler=scheduler, fail_fast=fail_fast)
        finally:
            sweep(out / CITIES)
        names = [city.name for city in planned]
        journal.close(names)
        lines = tuple(journal.lines[name] for name in names if name in journal.lines)
        _write_atlas(out, planned, lines, shown)
    return BatchReport(out=out, lines=lines)


class _Batch:
    """The part of a batch that measures."""

    def __init__(
        self,
        out: Path,
        cache: Path,
        journal: Journal,
        shown: Shown,
        only: tuple[str, ...],
        lang: Language | None,
    ) -> None:
        self._out, self._cache = out, cache
        self._journal, self._shown = journal, shown
        self._only, self._lang = only, lang

    def measure(
        self, cities: list[City], *, jobs: int | None, scheduler: str | None, fail_fast: bool
    ) -> None:
        """Measure cities and keep account of them."""
        faults = {c.name: c.row.fault for c in cities if c.row.fault is not None}
        able = [city for city in cities if city.name not in faults]
        faults |= cut_parts(able, self._cache, told=self._shown.note)
        for city in cities:
            if city.name in faults:
                outcome = Outcome(cause=faults[city.name], seconds=0.0)
                self._account(city, outcome)
        able = [city for city in able if city.name not in faults]
        if not able or (fail_fast and faults):
            return
        for city in able:
            city.nodes = city.nodes or nodes_by_size(city.row)
            city.estimate = estimate(city.nodes, tuple(self._journal.lines.values()))
        cores = os.cpu_count() or 1
        workers = min(jobs or cores, len(able))
        engine = Cluster(scheduler, jobs=workers) if scheduler else Processes(workers)
        threads = max(1, cores // workers) if scheduler in {None, LOCAL} else None
        work = [(city, self._job(city, threads)) for city in able]
        outcomes = engine.run(work, self._shown)
        try:
            for city, outcome in outcomes:
                self._account(city, outcome)
                if outcome.failed and fail_fast:
                    return
        finally:
            outcomes.close()  # type: ignore[attr-defined]  # a generator: ends its workers

    def _job(self, city: City, threads: int | None) -> Job:
        study = city.row.study
        assert study is not None  # noqa: S101 - cities without one have failed before
        return Job(
            name=city.name,
            folder=city.folder,
            study=study,
            only=self._only,
            lang=self._lang or self._shown.lang,
            out=self._out / CITIES,
            cache=self._cache / "layers",
            threads=threads,
        )

    def _account(self, city: City, outcome: Outcome) -> None:
        line: dict[str, Any] = {
            "city": city.name,
            "folder": f"{CITIES}/{city.folder}",
            "status": "failed" if outcome.failed else "done",
            "cause": outcome.cause.as_dict() if outcome.cause is not None else None,
            "seconds": outcome.seconds,
            "peak_gb": round(outcome.peak_gb, 3) if outcome.peak_gb else None,
            "nodes": city.nodes or None,
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            **{key: city.fingerprint.get(key) for key in ("inputs", "config", "version")},
        }
        if outcome.traceback:
            line["traceback"] = outcome.traceback
        self._journal.add(line)
        self._shown.finished(line)


def _write_atlas(out: Path, cities: Sequence[City], lines: Sequence[Line], shown: Shown) -> None:
    from cityplan.outputs.atlas import Entry, write_atlas  # noqa: PLC0415 - heavy

    folders = {city.name: city.folder for city in cities}
    entries = []
    for line in lines:
        folder = out / CITIES / folders[line["city"]]
        failed = line["status"] == "failed"
        entries.append(
            Entry(
                city=line["city"],
                folder=f"{CITIES}/{folders[line['city']]}",
                results=None if failed else _document(folder / "results.json"),
                card=None if failed else _document(folder / CARD),
                cause=Text(**line["cause"]) if line.get("cause") else None,
                seconds=line["seconds"],
            )
        )
    try:
        write_atlas(entries, out, lang=shown.lang)
    except OSError as error:
        raise unwritable(out, error) from None


def _document(path: Path) -> dict[str, Any] | None:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) else None
