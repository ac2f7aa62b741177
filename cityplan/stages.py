"""The stages of a run: announced, timed."""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cityplan.text import Text

log = logging.getLogger(__name__)


@dataclass
class Stages:
    """Seconds per stage, told to whoever listens."""

    listener: Callable[[Text], None] | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, key: str, title: Text) -> Iterator[None]:
        """Time a stage and announce it."""
        log.info("%s", title.en)
        if self.listener is not None:
            self.listener(title)
        start = time.perf_counter()
        yield
        self.seconds[key] = round(time.perf_counter() - start, 3)
