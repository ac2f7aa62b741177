"""The folder of a batch: locked while one works on it, swept of what was left half done."""

from __future__ import annotations

import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from cityplan.batching.journal import JOURNAL
from cityplan.errors import OutputError
from cityplan.text import Text

CITIES, LOCK = "cities", ".batch.lock"


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Keep other batches away from a folder; refuse one that is no batch's."""
    try:
        if _is_foreign(out):
            raise _foreign(out)
        out.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(out / LOCK)
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise _taken(out) from None
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise unwritable(out, error) from None
    try:
        yield
    finally:
        lock.release()


def _is_foreign(out: Path) -> bool:
    if not out.exists():
        return False
    if not out.is_dir():
        return True
    ours = (out / JOURNAL).exists() or (out / LOCK).exists()
    return not ours and any(out.iterdir())


def _foreign(out: Path) -> OutputError:
    return OutputError(
        Text(
            en=f"'{out}' is not the folder of a batch, so nothing is written to it: choose another "
            "folder with -o.",
            zh=f"“{out}”不是批处理的输出文件夹，不予写入，请用 -o 指定其他文件夹。",
        )
    )


def _taken(out: Path) -> OutputError:
    return OutputError(
        Text(
            en=f"Another batch is at work in '{out}': wait for it, or choose another folder with -o.",
            zh=f"另一个批处理正在使用“{out}”，请等待其结束，或用 -o 指定其他文件夹。",
        )
    )


def unwritable(folder: Path, error: OSError) -> OutputError:
    """Return the error for a folder that takes no files."""
    return OutputError(
        Text(
            en=f"Cannot write to '{folder}' ({error.strerror or error}): free some space, check the "
            "permissions, or choose another folder.",
            zh=f"无法写入“{folder}”（{error.strerror or error}），请释放空间、检查权限或指定其他文件夹。",
        )
    )


@contextmanager
def ended_by_signal() -> Iterator[None]:
    """Let a request to end (systemd's, say) end the batch as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def sweep(cities: Path) -> None:
    """Take away what workers that were killed have left half done; the lock is ours."""
    if cities.is_dir():
        for entry in cities.iterdir():
            if entry.name.startswith("."):
                shutil.rmtree(entry, ignore_errors=True) if entry.is_dir() else entry.unlink()
