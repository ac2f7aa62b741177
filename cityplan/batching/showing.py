"""What a batch tells while it runs: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cityplan.text import Language, Text

if TYPE_CHECKING:
    from cityplan.batching.journal import Line

DONE = {"done": Text(en="done", zh="完成"), "failed": Text(en="failed", zh="失败")}


class Shown:
    """Hears what happens, and says a line per finished city to whoever listens."""

    def __init__(self, say: Callable[[str], None] | None = None, lang: Language = "en") -> None:
        self._say = say or (lambda _line: None)
        self.lang = lang
        self.count = 0
        self.finished_count = 0

    def begin(self, *, cities: int, unchanged: int) -> None:
        """Say how much there is to do."""
        self.count = cities - unchanged
        if unchanged:
            text = Text(
                en=f"{unchanged} of {cities} cities are done and unchanged: skipped.",
                zh=f"{cities}个城市中有{unchanged}个已完成且无变化，跳过。",
            )
            self.note(text)

    def note(self, text: Text) -> None:
        """Say something about the batch as a whole."""
        self._say(text.get(self.lang))

    def started(self, city: str) -> None:
        """A city is in work."""

    def stage(self, city: str, title: Text) -> None:
        """A city has come to another stage."""

    def lost(self, city: str) -> None:
        """The process of a city has died, it is tried once more."""
        self.note(
            Text(
                en=f"{city}: its process ended unexpectedly, it is tried once more.",
                zh=f"{city}：进程意外终止，将重试一次。",
            )
        )

    def finished(self, line: Line) -> None:
        """A city is done or has failed."""
        self.finished_count += 1
        what = f"{DONE[line['status']].get(self.lang)}, {line['seconds']:.1f} s"
        cause = line.get("cause")
        words = f"{what}: {cause[self.lang]}" if cause else what
        self._say(f"[{self.finished_count}/{self.count}] {line['city']}: {words}")


class Bars(Shown):
    """The same on a terminal: a bar for the batch, a line per city in work."""

    def __init__(self, progress: Any, lang: Language) -> None:
        from rich.markup import escape  # noqa: PLC0415 - only on a terminal

        super().__init__(lambda line: progress.console.print(escape(line)), lang)
        self._escape = escape
        self._progress = progress
        self._whole = progress.add_task(Text(en="Cities", zh="城市").get(lang), total=None)
        self._cities: dict[str, Any] = {}

    def begin(self, *, cities: int, unchanged: int) -> None:
        """Say how much there is to do."""
        super().begin(cities=cities, unchanged=unchanged)
        self._progress.update(self._whole, total=self.count)

    def started(self, city: str) -> None:
        """A city is in work."""
        self._cities[city] = self._progress.add_task(f"  {self._escape(city)}", total=None)

    def stage(self, city: str, title: Text) -> None:
        """A city has come to another stage."""
        if city in self._cities:
            text = self._escape(f"{city}: {title.get(self.lang)}")
            self._progress.update(self._cities[city], description=f"  {text}")

    def lost(self, city: str) -> None:
        """The process of a city has died, it is tried once more."""
        self._remove(city)
        super().lost(city)

    def finished(self, line: Line) -> None:
        """A city is done or has failed."""
        self._remove(line["city"])
        super().finished(line)
        self._progress.update(self._whole, completed=self.finished_count)

    def _remove(self, city: str) -> None:
        if city in self._cities:
            self._progress.remove_task(self._cities.pop(city))


@contextmanager
def shown_on_stderr(lang: Language, say: Callable[[str], None]) -> Iterator[Shown]:
    """Show a batch on a terminal with bars, elsewhere as lines through ``say``."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    console = Console(stderr=True)
    if not console.is_terminal:
        yield Shown(say, lang)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        yield Bars(progress, lang)
