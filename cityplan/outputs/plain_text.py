"""Text of the data made harmless: no control characters, nothing that turns the writing direction."""

from __future__ import annotations

import re
import unicodedata

_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LAST_OF_PLANES = "".join(
    f"{chr(0x10000 * n + 0xFFFE)}-{chr(0x10000 * n + 0xFFFF)}" for n in range(17)
)
_SUSPECT = re.compile(
    rf"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff{_LAST_OF_PLANES}]"
)


def harmless(text: str) -> str:
    """Return ``text`` on one line, without characters that documents refuse or that mislead.

    Control characters become spaces; lone surrogates, non-characters and marks
    that override the direction of what follows are dropped. Letters of any script
    and emoji stay.
    """
    if _SUSPECT.search(text) is None:
        return text
    return "".join(
        " " if unicodedata.category(letter) in {"Cc", "Zl", "Zp"} else letter
        for letter in text
        if letter not in _TURNS
        and unicodedata.category(letter) != "Cs"
        and ord(letter) & 0xFFFE != 0xFFFE  # noqa: PLR2004 - U+FFFE and U+FFFF of every plane
    )
