"""The same cities on a Dask cluster: one here, or machines that are there already."""

from __future__ import annotations

import importlib
import logging
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cityplan.batching.worker import (
    Job,
    Outcome,
    files_of,
    measure_city,
    parcel_of,
    unpack_outcome,
)
from cityplan.errors import StudyError
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.batching.plan import City
    from cityplan.batching.showing import Shown

LOCAL = "local"
PATIENCE_S = 30


class Cluster:
    """Cities on the workers of a Dask scheduler.

    Where every worker sees the batch's folders, results are written there. Where one
    does not, inputs and results travel with the tasks.

    Parameters
    ----------
    address
        ``tcp://HOST:PORT`` of a scheduler, or ``local`` for one on this machine.
    jobs
        Worker processes of a local cluster.

    Raises
    ------
    StudyError
        Dask is not installed, nothing answers at the address, or it has no workers.
    """

    def __init__(self, address: str, *, jobs: int) -> None:
        try:
            distributed: Any = importlib.import_module("distributed")  # an extra
        except ImportError:
            raise _not_installed() from None
        # Threads of a worker share one interpreter: a process per city is faster.
        logging.getLogger("distributed").setLevel(logging.ERROR)
        self._distributed = distributed
        self._local = None
        if address == LOCAL:
            self._local = distributed.LocalCluster(
                n_workers=jobs, threads_per_worker=1, processes=True, dashboard_address=None
            )
        try:
            self._client = distributed.Client(self._local or address, timeout=PATIENCE_S)
            self._client.wait_for_workers(1, timeout=PATIENCE_S)
        except (OSError, TimeoutError, ValueError) as error:
            raise _no_answer(address, error) from None

    def run(self, work: Sequence[tuple[City, Job]], shown: Shown) -> Iterator[tuple[City, Outcome]]:
        """Yield each city with its outcome, as they come; the largest start first."""
        shared = self._shares_files(work)
        ordered = sorted(work, key=lambda item: -item[0].estimate.seconds)
        cities: dict[str, tuple[City, Job]] = {}
        futures = []
        for city, job in ordered:
            key = f"cityplan-{secrets.token_hex(6)}"
            cities[key] = (city, job)
            shown.started(city.name)
            try:
                sent = job if shared else replace(
                    job, out=None, cache=None, parcel=parcel_of(job.study)
                )  # fmt: skip
            except OSError as error:
                yield city, _lost(error)
                continue
            futures.append(self._client.submit(measure_city, sent, key=key, pure=False))
        try:
            for future in self._distributed.as_completed(futures):
                city, job = cities[future.key]
                yield city, self._outcome(future, job)
                future.release()
        finally:
            self.close(futures)

    def _outcome(self, future: Any, job: Job) -> Outcome:
        """Return the outcome of a city; what was sent back is put in its place."""
        if future.status != "finished":
            return _lost(future.exception() if future.status == "error" else None)
        outcome: Outcome = future.result()
        if outcome.parcel is None or job.out is None:
            return outcome
        try:
            unpack_outcome(outcome.parcel, job.out, job.folder)
        except OSError as error:
            return _lost(error)
        return replace(outcome, parcel=None)

    def _shares_files(self, work: Sequence[tuple[City, Job]]) -> bool:
        """Whether every worker sees what this process sees: the inputs, and a file just made."""
        if not work:
            return True
        job = work[0][1]
        if job.out is None:
            return False
        inputs = [str(path) for _, job in work for path in files_of(job.study)]
        mark = job.out / f".seen-{secrets.token_hex(8)}"
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
        try:
            seen = self._client.run(_sees, str(mark), inputs)
            return bool(seen) and all(seen.values())
        finally:
            mark.unlink(missing_ok=True)

    def close(self, futures: Sequence[Any] = ()) -> None:
        """Give up what is not finished, and a scheduler of our own."""
        with suppress(Exception):  # the scheduler may be gone
            self._client.cancel(list(futures), force=True)
        with suppress(Exception):
            self._client.close(timeout=5)
        if self._local is not None:
            with suppress(Exception):
                self._local.close(timeout=5)


def _sees(mark: str, inputs: list[str]) -> bool:
    """Whether this worker may write beside ``mark`` and read the inputs."""
    folder = Path(mark).parent
    return (
        Path(mark).is_file()
        and os.access(folder, os.W_OK)
        and shutil.disk_usage(folder).free > 0
        and all(Path(path).is_file() for path in inputs)
    )


def _lost(error: BaseException | None) -> Outcome:
    said = f"{type(error).__name__}: {error}".splitlines()[0][:300] if error else "cancelled"
    return Outcome(
        cause=Text(
            en=f"The cluster gave up on it ({said}): look at the workers' logs and memory.",
            zh=f"集群未能完成（{said}），请查看各工作节点的日志与内存。",
        ),
        seconds=0.0,
    )


def _not_installed() -> StudyError:
    return StudyError(
        Text(
            en="--scheduler needs Dask: pip install 'cityplan[cluster]', here and on every worker.",
            zh="--scheduler 需要 Dask：请在本机及每个工作节点执行 pip install 'cityplan[cluster]'。",
        )
    )


def _no_answer(address: str, error: Exception) -> StudyError:
    said = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    return StudyError(
        Text(
            en=f"No Dask scheduler with workers answers at '{address}' ({said}): check the address "
            "and that both run, or give --scheduler local.",
            zh=f"“{address}”没有带工作节点的 Dask 调度器响应（{said}），请检查地址及二者是否运行，"
            "或使用 --scheduler local。",
        )
    )
