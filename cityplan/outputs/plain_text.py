"""Text of the data made harmless: no control characters, nothing that turns the writing direction."""

from __future__ import annotations

import unicodedata

_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def harmless(text: str) -> str:
    """Return ``text`` on one line, without characters that documents refuse or that mislead.

    Control characters become spaces; lone surrogates, non-characters and marks
    that override the direction of what follows are dropped. Letters of any script
    and emoji stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        " " if unicodedata.category(letter) in {"Cc", "Zl", "Zp"} else letter
        for letter in text
        if letter not in _TURNS
        and unicodedata.category(letter) != "Cs"
        and ord(letter) & 0xFFFE != 0xFFFE  # noqa: PLR2004 - U+FFFE and U+FFFF of every plane
    )
