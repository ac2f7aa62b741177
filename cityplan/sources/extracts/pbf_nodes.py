"""The nodes of a ``.osm.pbf``, a block of thousands at a time.

pyosmium hands over one object after the other, microseconds each; where a whole
country is only asked which of its nodes lie in some boxes, that is minutes. The
blocks of the format hold nodes as columns, which numpy reads at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from cityplan.sources.extracts.pbf_fields import (
    Ints,
    UnusualPbfError,
    blocks,
    fields_of,
    message,
    signed,
    varints,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

PER_DEGREE = 10_000_000
_NANODEGREES = 100  # of a coordinate in 1e-7 degrees
_NODE, _DENSE = 1, 2  # what a group holds, as the number of its only field


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

    def tagged(self) -> npt.NDArray[np.bool_]:
        """Return which nodes have tags."""
        if len(self._tag_words) == 0:
            return np.zeros(len(self.ids), dtype=bool)
        return np.diff(np.flatnonzero(self._tag_words == 0), prepend=-1) > 1

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
                bytes(text).decode("utf-8", "replace") for _, text in fields_of(self._strings)
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
    for block in blocks(path):
        found = message(block)
        strings = found.get(1, [memoryview(b"")])[0]
        granularity, x0, y0 = (
            found.get(key, [usual])[0] for key, usual in ((17, 100), (20, 0), (19, 0))
        )
        for group in found.get(2, []):
            held = group[0] >> 3 if len(group) else 0
            if held == _NODE:
                raise UnusualPbfError("nodes that are not dense")
            for dense in message(group).get(_DENSE, []) if held == _DENSE else []:
                columns = message(dense)
                ids, y, x = (
                    np.cumsum(signed(varints(b"".join(columns.get(k, []))))) for k in (1, 8, 9)
                )
                words = varints(b"".join(columns.get(10, []))).astype(np.int64)
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
