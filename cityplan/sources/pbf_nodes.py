"""The nodes of a ``.osm.pbf``, a block of thousands at a time.

pyosmium hands over one object after the other, microseconds each; where a whole
country is only asked which of its nodes lie in some boxes, that is minutes. The
blocks of the format hold nodes as columns, which numpy reads at once.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Ints = npt.NDArray[np.int64]
PER_DEGREE = 10_000_000
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_HEADER_MOST, _BLOB_MOST = 64 * 2**10, 32 * 2**20
_NANODEGREES = 100  # of a coordinate in 1e-7 degrees


class UnusualPbfError(ValueError):
    """The file is no ``.osm.pbf``, or packs its nodes in a way only libosmium reads."""


@dataclass(frozen=True)
class NodeBlock:
    """Nodes in the order of the file.

    Attributes
    ----------
    ids
        Node ids.
    x, y
        Longitude and latitude in 1e-7 degrees.
    """

    ids: Ints
    x: Ints
    y: Ints
    _tag_words: Ints
    _strings: memoryview
    _decoded: list[str] = field(default_factory=list)
    _ends: list[Ints] = field(default_factory=list)

    def tags(self, row: int) -> dict[str, str]:
        """Return the tags of the node in a row."""
        if len(self._tag_words) == 0:
            return {}
        if not self._ends:
            self._ends.append(np.flatnonzero(self._tag_words == 0))
        ends = self._ends[0]
        start = int(ends[row - 1]) + 1 if row else 0
        words = self._tag_words[start : int(ends[row])].tolist()
        if not words:
            return {}
        if not self._decoded:
            self._decoded.extend(
                bytes(text).decode("utf-8", "replace") for _, text in _fields(self._strings)
            )
        texts = self._decoded
        return {texts[k]: texts[v] for k, v in zip(words[::2], words[1::2], strict=True)}


def node_blocks(path: Path) -> Iterator[NodeBlock]:
    """Yield every block of nodes of a file.

    Raises
    ------
    UnusualPbfError
        It has to be read by libosmium.
    """
    for block in _blocks(path):
        found = _message(block)
        strings = found.get(1, [memoryview(b"")])[0]
        granularity, x0, y0 = (
            found.get(key, [usual])[0] for key, usual in ((17, 100), (20, 0), (19, 0))
        )
        for group in found.get(2, []):
            parts = _message(group)
            if 1 in parts:
                raise UnusualPbfError("nodes that are not dense")
            for dense in parts.get(2, []):
                columns = _message(dense)
                ids, y, x = (
                    np.cumsum(_signed(_varints(b"".join(columns.get(k, []))))) for k in (1, 8, 9)
                )
                words = _varints(b"".join(columns.get(10, []))).astype(np.int64)
                yield NodeBlock(
                    ids=ids,
                    x=_coordinate(x, granularity, x0),
                    y=_coordinate(y, granularity, y0),
                    _tag_words=words,
                    _strings=strings,
                )


def _coordinate(values: Ints, granularity: int, offset: int) -> Ints:
    if granularity == _NANODEGREES and offset == 0:
        return values
    nano = values * granularity + offset
    return np.sign(nano) * (np.abs(nano) // _NANODEGREES)  # towards zero, as libosmium


def _blocks(path: Path) -> Iterator[memoryview]:
    """Yield the unpacked data blocks of a file."""
    with path.open("rb") as file:
        while size := file.read(4):
            if len(size) < 4:  # noqa: PLR2004 - of the length's own bytes
                raise UnusualPbfError("truncated")
            length = struct.unpack(">I", size)[0]
            if length > _HEADER_MOST:
                raise UnusualPbfError("no header of a block")
            header = _message(_read(file, length))
            kind = bytes(header.get(1, [b""])[0])
            blob = _read(file, header.get(3, [0])[0])
            if kind == b"OSMData":
                yield _unpacked(_message(blob))


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


def _message(data: memoryview) -> dict[int, list[Any]]:
    """Return field number -> its values, in order."""
    found: dict[int, list[Any]] = {}
    for number, value in _fields(data):
        found.setdefault(number, []).append(value)
    return found


def _fields(data: memoryview) -> Iterator[tuple[int, Any]]:
    """Yield the fields of a protobuf message; packed ones as bytes."""
    position, end = 0, len(data)
    try:
        while position < end:
            key, position = _varint(data, position)
            wire = key & 7
            if wire == _VARINT:
                value, position = _varint(data, position)
                yield key >> 3, value
            elif wire == _BYTES:
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


def _varints(packed: bytes) -> npt.NDArray[np.uint64]:
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


def _signed(values: npt.NDArray[np.uint64]) -> Ints:
    """Undo the zigzag that makes small negative numbers short."""
    return (values >> np.uint64(1)).astype(np.int64) ^ -(values & np.uint64(1)).astype(np.int64)
