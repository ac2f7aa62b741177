"""Spread array work over threads; shapely lets go of the interpreter's lock."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Item = TypeVar("Item")
Answer = TypeVar("Answer")

_most: ContextVar[int] = ContextVar("_most", default=os.cpu_count() or 1)


@contextmanager
def at_most(threads: int | None) -> Iterator[None]:
    """Let ``map_threads`` start so many threads, where other processes need cores as well.

    Parameters
    ----------
    threads
        None for as many as cores, which is the rule.
    """
    before = _most.set(threads or os.cpu_count() or 1)
    try:
        yield
    finally:
        _most.reset(before)


def map_threads(work: Callable[[Item], Answer], items: Iterable[Item]) -> list[Answer]:
    """Apply ``work`` to every item on all cores; answers keep the items' order."""
    threads = _most.get()
    if threads == 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(threads, initializer=_most.set, initargs=(1,)) as pool:
        return list(pool.map(work, items))
