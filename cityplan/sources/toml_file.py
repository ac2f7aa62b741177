"""Files in TOML: read, and keys that nobody knows refused."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cityplan.errors import InputFileError, StudyError
from cityplan.text import Text, did_you_mean


def read_toml(path: Path, file: Text) -> dict[str, Any]:
    """Return what a file in UTF-8 holds.

    Parameters
    ----------
    file
        What the file is, for the message.

    Raises
    ------
    InputFileError
        It is not in UTF-8, or not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputFileError(
            Text(
                en=f"{file.en} is not valid TOML in UTF-8 ({error}): mend that place.",
                zh=f"{file.zh}不是有效的 UTF-8 TOML（{error}），请修改该处。",
            )
        ) from None


def check_keys(file: Text, given: Iterable[str], known: Iterable[str], prefix: str) -> None:
    """Refuse a key that is not known.

    Parameters
    ----------
    file
        What the keys are of, for the message.
    prefix
        The table the keys are in, with its full stop.

    Raises
    ------
    StudyError
        A key is unknown; the nearest known one is named.
    """
    choice = sorted(known)
    for key in sorted(set(given) - set(choice)):
        unknown = Text(
            en=f"{file.en}: unknown key '{prefix}{key}'.", zh=f"{file.zh}：未知键“{prefix}{key}”。"
        )
        raise StudyError(unknown + did_you_mean(key, choice))
