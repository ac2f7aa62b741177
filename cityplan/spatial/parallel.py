"""Spread array work over threads; shapely lets go of the interpreter's lock."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def map_threads(work: Callable[[Item], Answer], items: Iterable[Item]) -> list[Answer]:
    """Apply ``work`` to every item on all cores; answers keep the items' order."""
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        return list(pool.map(work, items))
