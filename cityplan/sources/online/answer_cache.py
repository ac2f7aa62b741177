"""Answers of online services, kept so that an interrupted fetch goes on where it stopped.

An answer's name is the hash of its question. It is used for a week: long enough to
finish a fetch, short enough that a later fetch brings the map of that day.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from cityplan.errors import OutputError
from cityplan.text import Text

KEPT_S = 7 * 24 * 3600.0
SUFFIX = ".gz"


def default_folder() -> Path:
    """Return the folder of this user's cache."""
    return Path(platformdirs.user_cache_dir("cityplan", appauthor=False)) / "osm"


@dataclass(frozen=True)
class AnswerCache:
    """A folder of answers."""

    folder: Path

    def forget_old(self) -> None:
        """Remove what is older than a week, and what an interruption left half-written."""
        limit = time.time() - KEPT_S
        for path in [*self.folder.glob(f"*{SUFFIX}"), *self.folder.glob("*.part")]:
            try:
                if path.stat().st_mtime < limit:
                    path.unlink()
            except OSError:  # somebody else's run has just removed it
                continue

    def get(self, question: str) -> bytes | None:
        """Return the answer kept for a question, or None."""
        try:
            return gzip.decompress(self._path(question).read_bytes())
        except (OSError, EOFError, zlib.error):
            return None

    def put(self, question: str, answer: bytes) -> None:
        """Keep an answer, whole or not at all.

        Raises
        ------
        OutputError
            The folder cannot be written, or the disk is full.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(gzip.compress(answer, mtime=0))
                Path(name).replace(self._path(question))
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise OutputError(
                Text(
                    en=f"Cannot keep an answer in '{self.folder}' ({error.strerror or error}): free "
                    "some space; what was fetched before is kept, the same command goes on from "
                    "there.",
                    zh=f"无法写入缓存“{self.folder}”（{error.strerror or error}），请释放空间；"
                    "此前下载的部分已保留，再次运行同一命令即可续传。",
                )
            ) from None

    def _path(self, question: str) -> Path:
        return self.folder / (hashlib.sha256(question.encode()).hexdigest() + SUFFIX)
