"""Break and shorten text by its width in print: a Chinese character is two columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_WIDE = frozenset("WF")
_PIECES = re.compile(
    r"个/[a-z²]+|[≥≤<>]\s[^\s\u2e80-\u9fff\uf900-\uffef]+|[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]|[^\s\u2e80-\u9fff\uf900-\uffef]+|\s+"
)
_CLOSING = "，。；：、）！？”》"  # these may stand out of a line


def columns(text: str) -> int:
    """Return the width of ``text``: two columns for a wide character, one for others."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(c) in _WIDE else 1 for c in text)


def shortened(text: str, most: float, *, width: Callable[[str], float] = columns) -> str:
    """Return ``text`` cut to ``most`` columns, an ellipsis in place of the rest.

    Parameters
    ----------
    width
        How wide a text is, in the unit of ``most``.
    """
    if width(text) <= most:
        return text
    kept = ""
    for character in text:
        if width(f"{kept}{character}…") > most:
            break
        kept += character
    return kept.rstrip() + "…"


def wrapped(text: str, most: float, *, lines: int, width: Callable[[str], float] = columns) -> str:
    """Return ``text`` broken at ``most`` columns into at most ``lines`` lines.

    Parameters
    ----------
    width
        How wide a text is, in the unit of ``most``.
    """
    rows = [""]
    for piece in _PIECES.findall(text):
        fits = width((rows[-1] + piece).rstrip()) <= most or piece in _CLOSING
        if fits or not rows[-1]:
            rows[-1] += piece
        elif not piece.isspace():
            rows.append(piece)
    rows = [row.strip() for row in rows]
    if len(rows) > lines:
        rest = rows[lines - 1]
        for row in rows[lines:]:
            rest += row if _is_wide(rest[-1:]) or _is_wide(row[:1]) else f" {row}"
        rows = [*rows[: lines - 1], rest]
    fitting = (width(row.rstrip(_CLOSING)) <= most for row in rows)
    return "\n".join(
        row if fits else shortened(row, most, width=width)
        for row, fits in zip(rows, fitting, strict=True)
    )


def _is_wide(character: str) -> bool:
    return columns(character) > 1
