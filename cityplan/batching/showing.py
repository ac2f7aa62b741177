"""What a batch tells while it runs: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cityplan.text import Language, Text

if TYPE_CHECKING:
    from cityplan.batching.dry_run import DryRun
    from cityplan.batching.journal import Line
    from cityplan.batching.run import BatchReport

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
        """Hear that a city is in work."""

    def stage(self, city: str, title: Text) -> None:
        """Hear that a city has come to another stage."""

    def lost(self, city: str) -> None:
        """Hear that the process of a city has died; it is tried once more."""
        self.note(
            Text(
                en=f"{city}: its process ended unexpectedly, it is tried once more.",
                zh=f"{city}：进程意外终止，将重试一次。",
            )
        )

    def finished(self, line: Line) -> None:
        """Hear that a city is done or has failed."""
        self.finished_count += 1
        colon, comma = ("：", "，") if self.lang == "zh" else (": ", ", ")
        what = DONE[line["status"]].get(self.lang)
        cause = line.get("cause")
        more = colon + cause[self.lang] if cause else comma + duration(line["seconds"], self.lang)
        place = f"[{self.finished_count}/{self.count}]"
        self._say(f"{place} {line['city']}{colon}{what}{more}")


class Bars(Shown):
    """The same on a terminal: a bar for the batch, a line per city in work."""

    def __init__(self, progress: Any, lang: Language) -> None:
        from rich.markup import escape  # noqa: PLC0415 - only on a terminal

        super().__init__(lambda line: progress.console.print(escape(line)), lang)
        self._escape = escape
        self._progress = progress
        title = Text(en="Cities", zh="城市").get(lang)
        self._whole = progress.add_task(title, total=None, done="")
        self._cities: dict[str, Any] = {}

    def begin(self, *, cities: int, unchanged: int) -> None:
        """Say how much there is to do."""
        super().begin(cities=cities, unchanged=unchanged)
        self._progress.update(self._whole, total=self.count, done=f"0/{self.count}")

    def started(self, city: str) -> None:
        """Hear that a city is in work."""
        self._cities[city] = self._progress.add_task(f"  {self._escape(city)}", total=None, done="")

    def stage(self, city: str, title: Text) -> None:
        """Hear that a city has come to another stage."""
        if city in self._cities:
            text = self._escape(f"{city}: {title.get(self.lang)}")
            self._progress.update(self._cities[city], description=f"  {text}")

    def lost(self, city: str) -> None:
        """Hear that the process of a city has died; it is tried once more."""
        self._remove(city)
        super().lost(city)

    def finished(self, line: Line) -> None:
        """Hear that a city is done or has failed."""
        self._remove(line["city"])
        super().finished(line)
        done = f"{self.finished_count}/{self.count}"
        self._progress.update(self._whole, completed=self.finished_count, done=done)

    def _remove(self, city: str) -> None:
        if city in self._cities:
            self._progress.remove_task(self._cities.pop(city))


@contextmanager
def shown_on_stderr(lang: Language, say: Callable[[str], None]) -> Iterator[Shown]:
    """Show a batch on a terminal with bars, elsewhere as lines through ``say``."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    console = Console(stderr=True)
    if not console.is_terminal:
        yield Shown(say, lang)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[done]}"))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        yield Bars(progress, lang)


STATES = {
    "to do": Text(en="to do", zh="待测算"),
    "unchanged": Text(en="done, unchanged", zh="已完成且无变化"),
    "failed": Text(en="cannot be measured", zh="无法测算"),
}


def listed(planned: DryRun, lang: Language) -> list[str]:
    """Return the lines of a dry run: cities, cost, and what the cost is taken from."""
    lines = []
    for city in planned.cities:
        words = STATES[city.state].get(lang)
        if city.state == "to do":
            cost = Text(
                en=f"about {duration(city.seconds, 'en')}, {city.gb:.1f} GB, {city.nodes:,} nodes",
                zh=f"约{duration(city.seconds, 'zh')}，{city.gb:.1f} GB，{city.nodes:,}个节点",
            )
            words = f"{words}: {cost.get(lang)}" if lang == "en" else f"{words}：{cost.get(lang)}"
        elif city.cause is not None:
            words += f": {city.cause.en}" if lang == "en" else f"：{city.cause.zh}"
        lines.append(f"{city.city}  {words}")
    todo = sum(city.state == "to do" for city in planned.cities)
    whole = Text(
        en=f"{todo} of {len(planned.cities)} cities to do, {planned.jobs} at a time: about "
        f"{duration(planned.seconds, 'en')}. The cost goes by the nodes of each city's part of the "
        "extract, as measured on real cities and on those this batch has done.",
        zh=f"{len(planned.cities)}个城市中有{todo}个待测算，同时{planned.jobs}个：约"
        f"{duration(planned.seconds, 'zh')}。估算依据为各城市数据的节点数，单位成本由实测城市及本批次"
        "已完成城市得出。",
    )
    return [*lines, whole.get(lang)]


def duration(seconds: float, lang: Language) -> str:
    """Return seconds in the unit people would use."""
    for least, unit, en, zh in ((5400.0, 3600.0, "h", "小时"), (90.0, 60.0, "min", "分钟")):
        if seconds >= least:
            return f"{seconds / unit:.1f}{zh}" if lang == "zh" else f"{seconds / unit:.1f} {en}"
    return f"{seconds:.0f}秒" if lang == "zh" else f"{seconds:.0f} s"


def summed_up(report: BatchReport, lang: Language) -> list[str]:
    """Return what became of a batch, and where to look."""
    count = dict.fromkeys(("done", "skipped", "failed"), 0)
    for line in report.lines:
        count[line["status"]] += 1
    text = Text(
        en=f"{count['done']} done, {count['skipped']} unchanged, {count['failed']} failed.",
        zh=f"完成{count['done']}个，无变化{count['skipped']}个，失败{count['failed']}个。",
    )
    return [text.get(lang), str(report.out / "atlas.html"), str(report.out / "batch.jsonl")]
