"""The text in the attribute table of a Shapefile, as bytes.

GDAL takes a DBF without a stated encoding for Latin-1 and says nothing. To judge
the encoding, the bytes themselves are needed: names and character fields, and
the language byte of the header. Layout: dBASE III/IV file header.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from cityplan.sources.files.encoding import BIG5, CP1252, GB18030, Sample

HEADER, DESCRIPTOR, END = 32, 32, 0x0D
NAME_BYTES = 10
BEYOND_ASCII = 0x80
ENOUGH_BYTES = 64 * 2**20

# Language bytes that mean something. 0 and 0x57 ("whatever Windows has") do not;
# 0x03 and 0x58 (Western) are what many programs write without thinking.
LANGUAGES = {
    0x4D: GB18030, 0x7A: GB18030, 0x4F: BIG5, 0x78: BIG5,
    0x13: "cp932", 0x7B: "cp932", 0x4E: "cp949", 0x79: "cp949",
    0xC8: "cp1250", 0xC9: "cp1251", 0x01: "cp437", 0x02: "cp850", 0x65: "cp866",
}  # fmt: skip
WESTERN = {0x03: CP1252, 0x58: CP1252}


@dataclass(frozen=True)
class DbfText:
    """Texts of a DBF that are not ASCII, and its language byte."""

    language: int
    samples: list[Sample]


def read_dbf_text(stream: BinaryIO) -> DbfText | None:
    """Read the texts of a DBF (of its first 64 MB); None where it is damaged."""
    header = stream.read(HEADER)
    if len(header) < HEADER:
        return None
    header_bytes, record_bytes = np.frombuffer(header, "<u2", 2, 8).tolist()
    promised = int(np.frombuffer(header, "<u4", 1, 4)[0])
    descriptors = stream.read(max(header_bytes - HEADER, 0))
    if not record_bytes or len(descriptors) < header_bytes - HEADER:
        return None
    names, spans = _fields(descriptors, record_bytes)
    body = stream.read(ENOUGH_BYTES // record_bytes * record_bytes)
    if len(body) // record_bytes < min(promised, ENOUGH_BYTES // record_bytes):
        return None
    rows = np.frombuffer(body, np.uint8, len(body) // record_bytes * record_bytes)
    rows = rows.reshape(-1, record_bytes)
    samples = [Sample(name, cut=len(name) >= NAME_BYTES) for name in names]
    for start, stop in spans:
        samples += _values(rows[:, start:stop])
    return DbfText(header[29], [sample for sample in samples if not sample.raw.isascii()])


def _fields(descriptors: bytes, record_bytes: int) -> tuple[list[bytes], list[tuple[int, int]]]:
    """Return the names of fields, and where in a row the character fields lie."""
    names, spans = [], []
    start = 1
    for at in range(0, len(descriptors) - DESCRIPTOR + 1, DESCRIPTOR):
        field = descriptors[at : at + DESCRIPTOR]
        if field[0] == END:
            break
        names.append(field[:11].split(b"\0")[0])
        text = field[11:12] == b"C"
        width = field[16] + 256 * field[17] if text else field[16]
        if text and start + width <= record_bytes:
            spans.append((start, start + width))
        start += width
    return names, spans


def _values(column: np.ndarray) -> list[Sample]:
    """Return the different values with bytes beyond ASCII."""
    column = np.ascontiguousarray(column[(column >= BEYOND_ASCII).any(axis=1)])
    width = column.shape[1]
    if not column.size:
        return []
    raws = [row.tobytes() for row in np.unique(column.view(f"V{width}").ravel().view(f"S{width}"))]
    return [Sample(raw.rstrip(b"\0 "), cut=raw[-1:] not in b"\0 ") for raw in raws]
