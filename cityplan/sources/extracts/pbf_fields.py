"""The ``.osm.pbf`` format as blocks, messages and columns of numbers, which numpy reads at once."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Ints = npt.NDArray[np.int64]
Octets = npt.NDArray[np.uint8]
VARINT, BYTES = 0, 2
_FIXED64, _FIXED32 = 1, 5
_HEADER_MOST, _BLOB_MOST = 64 * 2**10, 32 * 2**20


class UnusualPbfError(ValueError):
    """The file is no ``.osm.pbf``, or packs its objects in a way only libosmium reads."""


def blocks(path: Path) -> Iterator[memoryview]:
    """Yield the unpacked data blocks of a file."""
    with path.open("rb") as file:
        while size := file.read(4):
            if len(size) < 4:  # noqa: PLR2004 - of the length's own bytes
                raise UnusualPbfError("truncated")
            length = struct.unpack(">I", size)[0]
            if length > _HEADER_MOST:
                raise UnusualPbfError("no header of a block")
            header = message(_read(file, length))
            kind = bytes(header.get(1, [b""])[0])
            blob = _read(file, header.get(3, [0])[0])
            if kind == b"OSMData":
                yield _unpacked(message(blob))


def _read(file: Any, length: int) -> memoryview:
    if not 0 <= length <= _BLOB_MOST:
        raise UnusualPbfError("a block too long")
    data = file.read(length)
    if len(data) < length:
        raise UnusualPbfError("truncated")
    return memoryview(data)


def _unpacked(blob: dict[int, list[Any]]) -> memoryview:
    if 1 in blob:
        return memoryview(blob[1][0])
    if 3 not in blob:  # noqa: PLR2004 - the field of zlib data
        raise UnusualPbfError("not packed by zlib")
    unpack = zlib.decompressobj()
    try:
        data = unpack.decompress(blob[3][0], _BLOB_MOST + 1)
    except zlib.error as error:
        raise UnusualPbfError(str(error)) from None
    if len(data) > _BLOB_MOST:
        raise UnusualPbfError("a block too long")
    return memoryview(data)


def message(data: memoryview) -> dict[int, list[Any]]:
    """Return field number -> its values, in order."""
    found: dict[int, list[Any]] = {}
    for number, value in fields_of(data):
        found.setdefault(number, []).append(value)
    return found


def fields_of(data: memoryview) -> Iterator[tuple[int, Any]]:
    """Yield the fields of a protobuf message; packed ones as bytes."""
    position, end = 0, len(data)
    try:
        while position < end:
            key, position = _varint(data, position)
            wire = key & 7
            if wire == VARINT:
                value, position = _varint(data, position)
                yield key >> 3, value
            elif wire == BYTES:
                length, position = _varint(data, position)
                if position + length > end:
                    raise UnusualPbfError("truncated")
                yield key >> 3, data[position : position + length]
                position += length
            elif wire in (_FIXED32, _FIXED64):
                position += 4 if wire == _FIXED32 else 8
            else:
                raise UnusualPbfError("not protobuf")
    except IndexError:
        raise UnusualPbfError("truncated") from None


def _varint(data: memoryview, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 127) << shift
        if byte < 128:  # noqa: PLR2004 - the bit that says: more follows
            return value, position
        shift += 7


def varints(packed: bytes | Octets) -> npt.NDArray[np.uint64]:
    """Return the numbers of a packed field."""
    octets = np.frombuffer(packed, dtype=np.uint8)
    last = np.flatnonzero(octets < 128)  # noqa: PLR2004 - as above
    if len(last) == 0:
        return np.zeros(0, dtype=np.uint64)
    first = np.concatenate(([0], last[:-1] + 1))
    length = last - first + 1
    values = (octets[first] & 127).astype(np.uint64)
    for place in range(1, int(length.max())):
        more = np.flatnonzero(length > place)
        values[more] |= (octets[first[more] + place] & 127).astype(np.uint64) << np.uint64(
            7 * place
        )
    return values


def signed(values: npt.NDArray[np.uint64]) -> Ints:
    """Undo the zigzag that makes small negative numbers short."""
    return (values >> np.uint64(1)).astype(np.int64) ^ -(values & np.uint64(1)).astype(np.int64)
