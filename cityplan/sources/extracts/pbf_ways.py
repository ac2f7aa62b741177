"""The ways of a ``.osm.pbf`` and the nodes they are made of, a block of thousands at a time.

Each way is a message of its own. numpy walks through all messages of a block side by
side, a field of each in every step; they have fewer than ten.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cityplan.sources.extracts.pbf_fields import (
    BYTES,
    VARINT,
    Ints,
    Octets,
    UnusualPbfError,
    blocks,
    message,
    signed,
    varints,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_WAY = 3  # what a group holds, as the number of its only field
_ID, _REFS = 1, 8
_LONGEST = 10  # bytes of a number


@dataclass(frozen=True)
class Members:
    """Objects in the order of the file, and what they are made of.

    Attributes
    ----------
    ids
        Their ids.
    refs
        Ids of the members of all of them, one object after the other.
    sizes
        How many members each has.
    """

    ids: Ints
    refs: Ints
    sizes: Ints


def way_blocks(path: Path) -> Iterator[Members]:
    """Yield every block of ways of a file.

    Raises
    ------
    UnusualPbfError
        It has to be read by libosmium.
    """
    for block in blocks(path):
        for group in message(block).get(2, []):
            if len(group) and group[0] >> 3 == _WAY:
                yield _ways(message(group)[_WAY])


def _ways(messages: list[memoryview]) -> Members:
    octets = np.frombuffer(b"".join([*messages, bytes(_LONGEST * 3)]), dtype=np.uint8)
    lengths = np.array([len(way) for way in messages], dtype=np.int64)
    ends = np.cumsum(lengths)
    at = ends - lengths
    ids, starts, sizes = (np.zeros(len(messages), dtype=np.int64) for _ in range(3))
    rows = np.flatnonzero(at < ends)
    while len(rows):
        key, place = _numbers_at(octets, at[rows])
        value, place = _numbers_at(octets, place)
        field, wire = key >> 3, key & 7
        if np.any((wire != VARINT) & (wire != BYTES)):
            raise UnusualPbfError("a way with a field of another kind")
        ids[rows[field == _ID]] = value[field == _ID]
        if np.any(sizes[rows[field == _REFS]]):
            raise UnusualPbfError("a way whose nodes are in several fields")
        starts[rows[field == _REFS]] = place[field == _REFS]
        sizes[rows[field == _REFS]] = value[field == _REFS]
        at[rows] = place + np.where(wire == BYTES, value, 0)
        if np.any((value < 0) & (wire == BYTES)) or np.any(at[rows] > ends[rows]):
            raise UnusualPbfError("truncated")
        rows = rows[at[rows] < ends[rows]]
    return _with_refs(ids, octets, starts, sizes)


def _with_refs(ids: Ints, octets: Octets, starts: Ints, sizes: Ints) -> Members:
    """Undo the packing of the nodes, which are told as steps from one to the next."""
    bounds = np.concatenate(([0], np.cumsum(sizes)))
    packed = octets[np.repeat(starts - bounds[:-1], sizes) + np.arange(bounds[-1])]
    before = np.concatenate(([0], np.cumsum(packed < 128)))[bounds]  # noqa: PLR2004 - as in varints
    walked = np.concatenate(([0], np.cumsum(signed(varints(packed)))))
    counts = np.diff(before)
    return Members(ids, walked[1:] - np.repeat(walked[before[:-1]], counts), counts)


def _numbers_at(octets: Octets, places: Ints) -> tuple[Ints, Ints]:
    """Return the numbers that start at places, and where each ends."""
    octet = octets[places]
    values = (octet & 127).astype(np.uint64)
    ends = places + 1
    more = np.flatnonzero(octet > 127)  # noqa: PLR2004 - the bit that says: more follows
    for step in range(1, _LONGEST):
        if len(more) == 0:
            break
        octet = octets[ends[more]]
        values[more] |= (octet & 127).astype(np.uint64) << np.uint64(7 * step)
        ends[more] += 1
        more = more[octet > 127]  # noqa: PLR2004 - as above
    return values.astype(np.int64), ends
