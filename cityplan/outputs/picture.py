"""Drawn sheets as PNG: half the time and three quarters of the size of the usual way."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    Pixels = np.ndarray[Any, np.dtype[np.uint8]]

_COMPRESSION = 3  # of 9
_INCH_M = 0.0254


def png(pixels: Pixels, *, dpi: float) -> bytes:
    """Return rows of red, green and blue pixels as a PNG.

    Its rows are not filtered: the flat colours of a map grow by it, and trying
    the filters takes as long as all else.
    """
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), dtype=np.uint8)
    rows[:, 1:].reshape(height, width, 3)[:] = pixels
    per_metre = round(dpi / _INCH_M)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"tEXt", b"Software\0cityplan"),
        (b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)),
        (b"IDAT", zlib.compress(rows.data, _COMPRESSION)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def halved(pixels: Pixels) -> Pixels:
    """Return a picture of half the width and height; an odd last row or column is left out."""
    height, width = (side // 2 * 2 for side in pixels.shape[:2])
    total = np.full((height // 2, width // 2, 3), 2, dtype=np.uint16)
    for row, column in ((0, 0), (0, 1), (1, 0), (1, 1)):
        total += pixels[row:height:2, column:width:2]
    return (total // 4).astype(np.uint8)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
