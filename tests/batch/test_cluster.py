"""The same batch on a real Dask scheduler with worker processes, one of them killed."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from toy_batches import ROOT, answers, call, journal, quick, statuses, toy_rows, write_list

from cityplan.batching import cluster
from cityplan.batching.showing import Shown
from cityplan.errors import StudyError

pytest.importorskip("distributed")
LONGEST_S = 120


def serve(*words, folder):
    environment = {**os.environ, "DASK_DISTRIBUTED__WORKER__DAEMON": "True"}
    return subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_" + words[0], *map(str, words[1:])],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment,
        start_new_session=True,
    )  # fmt: skip


def end(process):
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """Start a scheduler and two workers without nannies; return its address and the workers."""
    folder = tmp_path_factory.mktemp("dask")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    head = serve(
        "scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard", folder=folder
    )
    workers = [
        serve(
            "worker", address, "--no-nanny", "--nthreads", 1, "--no-dashboard",
            "--local-directory", folder, folder=folder,
        )
        for _ in range(2)
    ]  # fmt: skip
    start = time.monotonic()
    while time.monotonic() - start < LONGEST_S:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.2)
    yield address, workers
    for child in (*workers, head):
        if child.poll() is None:
            child.kill()
        child.wait()


def batch_there(cities, extract, out, cache, address):
    return call(
        cities, "--extract", extract, "-o", out, "--cache", cache, "--only", "toilet_density",
        "--lang", "en", "--scheduler", address,
    )  # fmt: skip


@pytest.fixture(scope="module")
def serial(toys, tmp_path_factory, shared_cache):
    """Return the answers of the toy cities, one after the other in one process."""
    folder = tmp_path_factory.mktemp("serial")
    cities = write_list(folder / "cities.csv", toy_rows(toys[1]))
    quick(cities, folder / "out", shared_cache, toys[0], jobs=1, lang="en")
    return {city: answers(folder / "out" / "cities" / city) for city in "abc"}


def test_a_worker_killed_in_mid_run_changes_no_answer(
    scheduler, serial, toys, toy_list, tmp_path, shared_cache
):
    address, workers = scheduler
    out = tmp_path / "out"
    child = subprocess.Popen(
        [sys.executable, "-m", "cityplan", "batch", toy_list, "--extract", toys[0], "-o", out,
         "--cache", shared_cache, "--only", "toilet_density", "--lang", "en",
         "--scheduler", address],
        cwd=ROOT, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    start = time.monotonic()
    while not list((out / "cities").glob(".a-*") if out.exists() else ()):
        assert time.monotonic() - start < LONGEST_S, "too long"
        assert child.poll() is None, child.stderr.read()
        time.sleep(0.02)
    os.kill(workers[0].pid, signal.SIGKILL)
    _, errors = child.communicate(timeout=LONGEST_S)
    assert child.returncode == 0, errors
    assert workers[0].wait() == -signal.SIGKILL
    assert statuses(out) == dict.fromkeys("abc", "done")
    assert {city: answers(out / "cities" / city) for city in "abc"} == serial
    assert {path.name for path in (out / "cities").iterdir()} == set("abc")


def test_without_a_shared_folder_everything_travels(
    serial, toys, toy_list, tmp_path, shared_cache, monkeypatch
):
    monkeypatch.setattr(cluster.Cluster, "_shares_files", lambda *_: False)
    sent = []
    real = cluster.unpack_outcome

    def unpack(parcel, out, folder):
        sent.append(folder)
        real(parcel, out, folder)

    monkeypatch.setattr(cluster, "unpack_outcome", unpack)
    monkeypatch.setattr(cluster, "Cluster", Directly)
    from cityplan.batching import run

    monkeypatch.setattr(run, "Cluster", Directly)
    quick(toy_list, tmp_path / "out", shared_cache, toys[0], lang="en", scheduler="here")
    assert sorted(sent) == ["a", "b", "c"]
    for city in "abc":
        there = answers(tmp_path / "out" / "cities" / city)
        assert there == serial[city]


class Directly(cluster.Cluster):
    """A cluster whose only worker is this process."""

    def __init__(self, _address, *, jobs):  # noqa: ARG002 - as a cluster is made
        self._client, self._local = self, None
        self._distributed = type("Here", (), {"as_completed": staticmethod(iter)})

    def submit(self, work, job, *, key, pure):
        assert not pure
        assert job.out is None
        assert not any(str(path).startswith("nowhere") for path in (job.parcel,))
        outcome = work(job)
        return type("Future", (), {
            "key": key, "status": "finished", "result": lambda _self: outcome,
            "release": lambda _self: None,
        })()  # fmt: skip

    def close(self, futures=()):
        pass


def test_a_cluster_of_this_machine(serial, toys, toy_list, tmp_path, shared_cache):
    rows = [*toy_rows(toys[1])[:2], {"name": "x", "west": 1, "south": 1, "east": 2, "north": 2}]
    write_list(toy_list, rows)
    found = batch_there(toy_list, toys[0], tmp_path / "out", shared_cache, "local")
    assert found.returncode == 3, found.stderr
    assert statuses(tmp_path / "out") == {"a": "done", "b": "done", "x": "failed"}
    assert "Traceback" not in found.stderr
    for city in "ab":
        assert answers(tmp_path / "out" / "cities" / city) == serial[city]
    assert journal(tmp_path / "out")["a"]["peak_gb"] > 0


def test_no_scheduler_there_is_one_sentence(monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE_S", 1)
    with pytest.raises(StudyError, match="No Dask scheduler with workers"):
        cluster.Cluster("tcp://127.0.0.1:9", jobs=1)
    with pytest.raises(StudyError, match="No Dask scheduler with workers"):
        cluster.Cluster("nonsense://x", jobs=1)


def test_without_dask_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(StudyError, match=r"cityplan\[cluster\]"):
        cluster.Cluster("local", jobs=1)


@pytest.mark.full
def test_las_palmas_on_workers_that_die(data_file, scheduler, tmp_path):
    """Nine cities on a cluster that loses its workers one by one: the serial answers."""
    address, _ = scheduler
    rows = [
        {
            "name": f"{n}", "west": -15.50 + 0.01 * n, "south": 28.10, "east": -15.48 + 0.01 * n,
            "north": 28.14,
        }
        for n in range(9)
    ]  # fmt: skip
    cities = write_list(tmp_path / "cities.csv", rows)
    extract = data_file("las_palmas/las_palmas.osm.pbf")
    options = {"extract": extract, "cache": tmp_path / "cache", "only": ()}
    quick(cities, tmp_path / "serial", **options, jobs=1, lang="en")
    helpers = [
        serve("worker", address, "--no-nanny", "--nthreads", 1, "--no-dashboard", folder=tmp_path)
        for _ in range(3)
    ]

    class Killer(Shown):
        def finished(self, line):
            super().finished(line)
            if self.finished_count in (2, 5):
                end(helpers.pop())

    quick(cities, tmp_path / "there", **options, lang="en", scheduler=address, shown=Killer())
    for helper in helpers:
        end(helper)
    for row in rows:
        one, two = (answers(tmp_path / out / "cities" / row["name"]) for out in ("serial", "there"))
        assert one == two
