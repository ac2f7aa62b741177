"""``batch.jsonl``: one line per city, what became of it and what it was made of."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cityplan.errors import OutputError
from cityplan.text import Text

JOURNAL = "batch.jsonl"
Line = Mapping[str, Any]


class Journal:
    """The account of a batch in its folder.

    Lines are added one by one, each on disk before the next city counts, so that
    whatever ends the batch loses no finished city. When the batch is over the file
    is written anew, with one line per city in the order of the list.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / JOURNAL
        self.lines: dict[str, Line] = {}
        if self.path.exists():
            for text in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
                line = _parsed(text)
                if line is not None:
                    self.lines[str(line["city"])] = line

    def add(self, line: Line) -> None:
        """Keep a line.

        Raises
        ------
        OutputError
            It cannot be written.
        """
        self.lines[str(line["city"])] = line
        try:
            torn = self.path.exists() and not _ends_a_line(self.path)
            with self.path.open("a", encoding="utf-8", newline="\n") as file:
                file.write(("\n" if torn else "") + _written(line))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise _unwritable(self.path, error) from None

    def close(self, cities: Iterable[str]) -> None:
        """Write one line per city of the list, in its order; cities no longer in it go."""
        fresh = self.path.with_suffix(".fresh")
        try:
            text = "".join(_written(self.lines[name]) for name in cities if name in self.lines)
            fresh.write_text(text, encoding="utf-8", newline="\n")
            fresh.replace(self.path)
        except OSError as error:
            raise _unwritable(self.path, error) from None


def _parsed(text: str) -> Line | None:
    """Return a line; None for one that was torn when the batch was killed."""
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) and "city" in line and "status" in line else None


def _written(line: Line) -> str:
    return json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n"


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        if file.tell() == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(
        Text(
            en=f"Cannot write '{path}' ({error.strerror or error}): free some space or choose another "
            "folder with -o; what is finished stays, and the same command goes on from there.",
            zh=f"无法写入“{path}”（{error.strerror or error}），请释放空间或用 -o 指定其他文件夹；"
            "已完成的城市会保留，重新运行同一命令即可继续。",
        )
    )
