"""Keys of a file that nobody knows: the word that was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from cityplan.errors import StudyError
from cityplan.text import Text


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
        near = difflib.get_close_matches(key, choice, n=1, cutoff=0.4)
        raise StudyError(
            Text(
                en=f"{file.en}: unknown key '{prefix}{key}'. "
                + (f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(choice)}."),
                zh=f"{file.zh}：未知键“{prefix}{key}”。"
                + (f"是否指“{near[0]}”？" if near else f"可用：{'、'.join(choice)}。"),
            )
        )
