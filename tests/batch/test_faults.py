"""What goes wrong in the night: killed workers, a killed batch, full disks, two at once."""

import errno
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import filelock
import pytest
from toy_batches import ROOT, answers, call, command, journal, quick, statuses, toy_rows, write_list

from cityplan import writing
from cityplan.batching import processes, run
from cityplan.batching.journal import Journal
from cityplan.batching.memory import available_gb, peak_gb, start_peak, total_gb
from cityplan.batching.plan import Estimate
from cityplan.batching.showing import Shown
from cityplan.batching.worker import Outcome
from cityplan.errors import OutputError
from cityplan.text import Text

LONGEST_S = 120


class Killer(Shown):
    """Kill the worker of a city as soon as it has begun, a number of times."""

    def __init__(self, city, times):
        super().__init__()
        self.city, self.times = city, times
        self.lost_cities = []

    def stage(self, city, title):  # noqa: ARG002 - what batches call it with
        if city == self.city and self.times:
            self.times -= 1
            for child in multiprocessing.active_children():
                os.kill(child.pid, signal.SIGKILL)

    def lost(self, city):
        self.lost_cities.append(city)


def test_a_killed_worker_loses_nothing(toys, toy_list, tmp_path, shared_cache):
    killer = Killer("b", times=1)
    quick(toy_list, tmp_path / "out", shared_cache, toys[0], jobs=1, shown=killer)
    assert killer.lost_cities == ["b"]
    assert statuses(tmp_path / "out") == dict.fromkeys("abc", "done")
    assert_swept(tmp_path / "out")


def test_a_city_that_kills_every_worker_fails_alone(toys, toy_list, tmp_path, shared_cache):
    killer = Killer("b", times=2)
    quick(toy_list, tmp_path / "out", shared_cache, toys[0], jobs=1, shown=killer)
    assert statuses(tmp_path / "out") == {"a": "done", "b": "failed", "c": "done"}
    assert "SIGKILL" in journal(tmp_path / "out")["b"]["cause"]["en"]
    assert_swept(tmp_path / "out")


def assert_swept(out):
    left = [path.name for path in out.rglob(".*") if path.name != ".batch.lock"]
    assert not left
    assert not multiprocessing.active_children()


# --- the batch itself is ended -----------------------------------------------


@pytest.fixture
def started(toys, toy_list, tmp_path, shared_cache):
    """Start a batch as a process group of its own, and end it at the latest with the test."""
    words = command(
        toy_list, "--extract", toys[0], "-o", tmp_path / "out", "--cache", shared_cache,
        "--only", "toilet_density", "--jobs", 1, "--lang", "en",
    )  # fmt: skip
    child = subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        start_new_session=True,
    )  # fmt: skip
    yield child, tmp_path / "out"
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
    child.communicate()


def wait_for(condition):
    start = time.monotonic()
    while not (found := condition()):
        assert time.monotonic() - start < LONGEST_S, "too long"
        time.sleep(0.05)
    return found


def one_is_done(out):
    path = out / "batch.jsonl"
    return path.exists() and path.read_text(encoding="utf-8").count("\n") >= 1


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_killed_batch_goes_on_where_it_was(started, toys, toy_list, shared_cache):
    child, out = started
    wait_for(lambda: one_is_done(out))
    children = Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    wait_for(lambda: not any(map(alive, children)))  # workers do not outlive it
    finished = set(statuses(out))
    assert 1 <= len(finished) < 3
    before = {c: (out / "cities" / c / "results.json").stat().st_mtime_ns for c in finished}
    with (out / "batch.jsonl").open("a") as file:
        file.write('{"city": "c", "status": "do')  # a line torn by the kill

    quick(toy_list, out, shared_cache, toys[0], jobs=1, lang="en")
    found = statuses(out)
    assert {city for city, status in found.items() if status == "skipped"} == finished
    assert {city for city, status in found.items() if status == "done"} == set("abc") - finished
    for city, then in before.items():
        assert (out / "cities" / city / "results.json").stat().st_mtime_ns == then
    assert_swept(out)
    assert {"a", "b", "c"} == {path.name for path in (out / "cities").iterdir()}


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_when_asked(started, number):
    child, out = started
    wait_for(lambda: any((out / "cities").glob(".*")) if out.exists() else False)
    if number == signal.SIGINT:
        os.killpg(child.pid, number)  # as a terminal does
    else:
        os.kill(child.pid, number)  # as systemd does
    told, errors = child.communicate(timeout=LONGEST_S)
    assert (child.returncode, told) == (130, "")
    assert "Interrupted." in errors
    assert "Traceback" not in errors
    assert_swept(out)
    with filelock.FileLock(out / ".batch.lock", timeout=0):
        pass  # nobody holds it


def test_two_batches_on_one_folder_are_refused(toys, toy_list, tmp_path, shared_cache):
    out = tmp_path / "out"
    out.mkdir()
    with filelock.FileLock(out / ".batch.lock"):
        found = call(
            toy_list, "--extract", toys[0], "-o", out, "--cache", shared_cache, "--lang", "zh"
        )
    assert (found.returncode, found.stdout) == (1, "")
    assert "另一个批处理" in found.stderr
    assert [path.name for path in out.iterdir()] == [".batch.lock"]


# --- disks -------------------------------------------------------------------


def test_a_full_disk_under_one_city_is_its_fault_alone(
    toys, toy_list, tmp_path, shared_cache, monkeypatch
):
    here(monkeypatch)
    real = writing.put_in_place

    def put(fresh, folder):
        if folder.name == "b":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(fresh, folder)

    monkeypatch.setattr(writing, "put_in_place", put)
    quick(toy_list, tmp_path / "out", shared_cache, toys[0])
    assert statuses(tmp_path / "out") == {"a": "done", "b": "failed", "c": "done"}
    assert "No space left" in journal(tmp_path / "out")["b"]["cause"]["en"]
    assert_swept(tmp_path / "out")


def test_a_disk_too_full_for_the_account_ends_the_batch(
    toys, toy_list, tmp_path, shared_cache, monkeypatch
):
    here(monkeypatch)

    def full(_descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OutputError, match="No space left"):
            quick(toy_list, tmp_path / "out", shared_cache, toys[0])
    quick(toy_list, tmp_path / "out", shared_cache, toys[0])
    assert set(statuses(tmp_path / "out")) == set("abc")


def here(monkeypatch):
    """Measure in this process, where faults can be planted."""

    class Here:
        def __init__(self, _jobs):
            pass

        def run(self, work, _shown):
            for city, job in work:
                yield city, processes.measure_city(job)

    monkeypatch.setattr(run, "Processes", Here)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_folder_that_takes_nothing_really(toys, toy_list, tmp_path, shared_cache):
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o555)
    with pytest.raises(OutputError):
        quick(toy_list, shut / "out", shared_cache, toys[0])


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS])
def test_a_folder_that_takes_nothing(toys, toy_list, tmp_path, shared_cache, monkeypatch, code):
    real = Path.mkdir

    def mkdir(path, *args, **options):
        if path.name == "out":
            raise OSError(code, os.strerror(code))
        real(path, *args, **options)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    with pytest.raises(OutputError, match="Cannot write to") as caught:
        quick(toy_list, tmp_path / "out", shared_cache, toys[0])
    assert "无法写入" in caught.value.text.zh


def test_a_cache_that_takes_nothing(toys, toy_list, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    found = call(
        toy_list, "--extract", toys[0], "-o", tmp_path / "out", "--cache", tmp_path / "cache"
    )
    assert found.returncode == 1
    assert "Traceback" not in found.stderr


def test_what_nobody_foresaw_is_kept_with_its_traceback(
    toys, toy_list, tmp_path, shared_cache, monkeypatch
):
    here(monkeypatch)
    real = writing.write

    def write(report, folder, **options):
        if report.area.name == "b":
            raise ZeroDivisionError("<oops>")
        return real(report, folder, **options)

    monkeypatch.setattr(writing, "write", write)
    quick(toy_list, tmp_path / "out", shared_cache, toys[0])
    line = journal(tmp_path / "out")["b"]
    assert (line["status"], "ZeroDivisionError: <oops>" in line["cause"]["en"]) == ("failed", True)
    assert "in write" in line["traceback"]
    html = (tmp_path / "out" / "atlas.html").read_text(encoding="utf-8")
    assert "<oops>" not in html
    assert "&lt;oops&gt;" in html


# --- memory ------------------------------------------------------------------


def test_memory_is_known():
    start_peak()
    assert 0 < peak_gb() < total_gb()
    assert 0 < available_gb() <= total_gb()


class City:
    def __init__(self, name, gb):
        self.name = name
        self.estimate = Estimate(nodes=1, seconds=gb, gb=gb)


class Pretended(processes.Processes):
    """The bookkeeping of processes, without any: every city ends in the order of starting."""

    def __init__(self, jobs, budget):
        super().__init__(jobs)
        self._budget = budget
        self.together, self.order = [], []

    def _hire(self):
        worker = processes._Worker(None, type("Pipe", (), {"send": lambda *_: None})())
        self._workers.append(worker)
        return worker

    def _ready(self):
        self.together.append(sum(worker.city.estimate.gb for worker in self._busy()))
        self.order.append([worker.city.name for worker in self._busy()])
        return self._busy()[:1]

    def _answer(self, worker, _shown):
        worker.city = None
        return Outcome(cause=None, seconds=1.0)

    def close(self):
        self._workers.clear()


def test_no_more_memory_is_given_out_than_there_is(monkeypatch):
    monkeypatch.setattr(processes, "total_gb", lambda: 16.0)
    cities = [City(f"{gb}-{n}", float(gb)) for n, gb in enumerate([1, 5, 2, 7, 1, 3, 9, 40])]
    pretended = Pretended(jobs=4, budget=8.0)
    found = list(pretended.run([(city, None) for city in cities], Shown()))
    assert len(found) == len(cities)
    failed = {city.name: outcome.cause.en for city, outcome in found if outcome.failed}
    assert set(failed) == {"40-7"}
    assert "16.0 GB" in failed["40-7"]
    # within the budget, except for the one that needs more than it: alone then
    assert all(gb <= 8.0 or len(names) == 1 for gb, names in zip(
        pretended.together, pretended.order, strict=True))  # fmt: skip
    assert max(len(names) for names in pretended.order) >= 3


# --- the account -------------------------------------------------------------


def test_the_account_survives_a_torn_line(tmp_path):
    journal_ = Journal(tmp_path)
    journal_.add({"city": "a", "status": "done", "n": 1})
    with (tmp_path / "batch.jsonl").open("a") as file:
        file.write('{"city": "b", "sta')
    again = Journal(tmp_path)
    again.add({"city": "c", "status": "failed"})
    again.add({"city": "a", "status": "done", "n": 2})
    last = Journal(tmp_path)
    assert {k: v.get("n") for k, v in last.lines.items()} == {"a": 2, "c": None}
    last.close(["c", "a", "x"])
    lines = [json.loads(t) for t in (tmp_path / "batch.jsonl").read_text().splitlines()]
    assert [line["city"] for line in lines] == ["c", "a"]


def test_plain_lines_say_each_city_once(capsys):
    shown = Shown(print, "zh")
    shown.begin(cities=3, unchanged=1)
    shown.started("明光市")
    shown.stage("明光市", Text(en="x", zh="某阶段"))
    shown.finished({"city": "明光市", "status": "done", "seconds": 2.0, "cause": None})
    cause = {"en": "no", "zh": "无路"}
    shown.finished({"city": "b", "status": "failed", "seconds": 0.1, "cause": cause})
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:] == ["[1/2] 明光市：完成，2秒", "[2/2] b：失败：无路"]


def test_same_results_whatever_the_processes(toys, toy_list, tmp_path, shared_cache):
    for jobs in (1, 3):
        quick(toy_list, tmp_path / f"{jobs}", shared_cache, toys[0], jobs=jobs)
    for city in "abc":
        one, three = (answers(tmp_path / jobs / "cities" / city) for jobs in "13")
        assert one == three


def test_rows_out_of_order_keep_their_results(toys, tmp_path, shared_cache):
    rows = toy_rows(toys[1])
    cities = write_list(tmp_path / "cities.csv", rows)
    quick(cities, tmp_path / "out", shared_cache, toys[0])
    write_list(cities, rows[::-1])
    report = quick(cities, tmp_path / "out", shared_cache, toys[0])
    assert [(line["city"], line["status"]) for line in report.lines] == [
        (city, "skipped") for city in "cba"
    ]
