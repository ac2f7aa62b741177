"""Worker processes on this machine: spawned, watched, replaced when one dies.

A pool of the standard library gives up as a whole when one of its processes is
killed. Here each worker has a pipe of its own: one that dies takes its city with
it, which is tried once more, and nothing else.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import connection
from typing import TYPE_CHECKING, Any, cast

from cityplan.batching.memory import FREE_SHARE, available_gb, total_gb
from cityplan.batching.worker import Job, Outcome, measure_city
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.batching.plan import City
    from cityplan.batching.showing import Shown

FRESH_ABOVE_GB = 1.5  # a worker that has been larger gives its memory back by ending
# Objects made between two searches for garbage: a worker searches after every city anyway, and
# the usual hundreds cost a city one second in sixteen.
SELDOM = (20_000, 20, 50)
PATIENCE_S = 5.0
TRIES = 2


def worker_main(pipe: Any) -> None:
    """Measure cities until none comes; end with the batch, whatever ended it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the batch, which ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.set_threshold(*SELDOM)
    while True:
        try:
            job: Job | None = pipe.recv()
        except (EOFError, OSError):
            return
        if job is None:
            return
        outcome = measure_city(job, told=pipe.send)
        pipe.send(outcome)
        gc.collect()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@dataclass
class _Worker:
    process: Any
    pipe: Any
    city: City | None = None

    def stop(self) -> None:
        """Ask an idle worker to end."""
        with suppress(OSError):
            self.pipe.send(None)
        self.pipe.close()


class Processes:
    """Cities side by side, as many as processes and memory allow."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._budget = (available_gb() or float("inf")) * FREE_SHARE
        self._context = multiprocessing.get_context("spawn")
        self._workers: list[_Worker] = []

    def run(self, work: Sequence[tuple[City, Job]], shown: Shown) -> Iterator[tuple[City, Outcome]]:
        """Yield each city with its outcome, as they come; the largest start first."""
        jobs = {city.name: job for city, job in work}
        tries = dict.fromkeys(jobs, 0)
        waiting = sorted((city for city, _ in work), key=lambda city: -city.estimate.seconds)
        most = total_gb()
        try:
            for large in [c for c in waiting if most is not None and c.estimate.gb > most]:
                waiting.remove(large)
                yield large, _too_large(large, most or 0.0)
            while waiting or self._busy():
                self._start(waiting, jobs, shown)
                for worker in self._ready():
                    city = worker.city
                    outcome = self._answer(worker, shown)
                    if city is None or outcome is None:
                        continue
                    tries[city.name] += 1
                    if outcome is DIED and tries[city.name] < TRIES:
                        waiting.append(city)
                        shown.lost(city.name)
                    else:
                        yield city, _died(worker) if outcome is DIED else outcome
        finally:
            self.close()

    def _busy(self) -> list[_Worker]:
        return [worker for worker in self._workers if worker.city is not None]

    def _start(self, waiting: list[City], jobs: dict[str, Job], shown: Shown) -> None:
        """Hand out cities that fit into the memory beside those in work."""
        while waiting and len(self._busy()) < self._jobs:
            taken = sum(worker.city.estimate.gb for worker in self._busy() if worker.city)
            fitting = (c for c in waiting if not taken or taken + c.estimate.gb <= self._budget)
            city = next(fitting, None)
            if city is None:
                return
            waiting.remove(city)
            worker = next((w for w in self._workers if w.city is None), None) or self._hire()
            worker.city = city
            shown.started(city.name)
            try:
                worker.pipe.send(jobs[city.name])
            except OSError:
                continue  # it died while idle: its end is noticed as any other

    def _hire(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=worker_main, args=(theirs,), daemon=True)
        process.start()
        theirs.close()
        worker = _Worker(process, ours)
        self._workers.append(worker)
        return worker

    def _ready(self) -> list[_Worker]:
        """Wait until a worker says something or ends."""
        ends = {worker.pipe: worker for worker in self._workers}
        ends |= {worker.process.sentinel: worker for worker in self._workers}
        found = {id(ends[end]): ends[end] for end in connection.wait(list(ends))}
        return list(found.values())

    def _answer(self, worker: _Worker, shown: Shown) -> Outcome | None:
        """Return what a worker has to say about its city; None for a stage, or if it was idle."""
        try:
            if worker.pipe.poll():
                said = worker.pipe.recv()
                if isinstance(said, Text):
                    shown.stage(worker.city.name if worker.city else "", said)
                    return None
                worker.city = None
                if (said.peak_gb or 0.0) > FRESH_ABOVE_GB:
                    self._dismiss(worker)
                return cast("Outcome", said)
        except (EOFError, OSError):
            pass
        if worker.process.is_alive():
            worker.process.join(PATIENCE_S)
        self._dismiss(worker)
        return DIED if worker.city is not None else None

    def _dismiss(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.stop()

    def close(self) -> None:
        """End every worker, whatever it is at."""
        for worker in self._workers:
            if worker.city is None:
                worker.stop()
            else:
                worker.process.terminate()
        for worker in self._workers:
            worker.process.join(PATIENCE_S)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
        self._workers.clear()


DIED = Outcome(cause=Text(en="", zh=""), seconds=0.0)


def _died(worker: _Worker) -> Outcome:
    code = worker.process.exitcode
    how = signal.Signals(-code).name if code is not None and code < 0 else f"{code}"
    return Outcome(
        cause=Text(
            en=f"Its process ended twice ({how}), perhaps for want of memory: give fewer --jobs, or "
            "narrow the boundary.",
            zh=f"其进程两次意外终止（{how}），可能因内存不足，请减少 --jobs 或缩小边界。",
        ),
        seconds=0.0,
    )


def _too_large(city: City, most: float) -> Outcome:
    need = city.estimate.gb
    return Outcome(
        cause=Text(
            en=f"It takes about {need:.1f} GB of memory and this machine has {most:.1f} GB: narrow "
            "the boundary, or use a larger machine.",
            zh=f"预计需要约{need:.1f} GB 内存，本机仅有{most:.1f} GB，请缩小边界或换用更大的机器。",
        ),
        seconds=0.0,
    )
