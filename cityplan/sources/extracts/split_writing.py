"""The parts of an extract that is being split, written side by side."""

from __future__ import annotations

import shutil
import struct
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import osmium
import shapely

from cityplan.sources.extracts.pbf_fields import message
from cityplan.sources.extracts.pbf_nodes import NodeBlock, node_blocks
from cityplan.sources.extracts.pbf_writing import NodeWriter
from cityplan.sources.extracts.split_members import Marks, bit_of, cities_in
from cityplan.sources.osm_file import read_header

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cityplan.spatial.readings import Box

WRITE_BUFFER = 2**18
FILES = 32  # side by side: libosmium has some 10 MB of buffers for each


@dataclass(frozen=True)
class Things:
    """What belongs to the cities of a group."""

    nodes: Marks
    ways: Marks
    relations: Marks


def write_parts(plain: Path, things: Things, parts: Mapping[Path, Box]) -> None:
    """Write the parts of a group: nodes, ways and relations, each in the order of the extract."""
    paths = list(parts)
    others = [path.with_suffix(".others.pbf") for path in paths]
    for first in range(0, len(paths), FILES):
        lot = range(first, min(first + FILES, len(paths)))
        headers = _headers(plain, [parts[paths[city]] for city in lot])
        _write_others(plain, things, dict(zip(lot, headers, strict=True)), others)
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("wb")) for path in paths]
        readers = [stack.enter_context(path.open("rb")) for path in others]
        for reader, file in zip(readers, files, strict=True):
            file.write(_first_block(reader))
        writers = [NodeWriter(file) for file in files]
        for block in node_blocks(plain):
            _write_nodes(block, things.nodes, writers)
        for writer, reader, file in zip(writers, readers, files, strict=True):
            writer.flush()
            shutil.copyfileobj(reader, file)
    for path in others:
        path.unlink()


def _write_others(
    plain: Path, things: Things, headers: Mapping[int, Any], paths: Sequence[Path]
) -> None:
    """Write files of ways and relations for some of the cities."""
    pool = osmium.io.ThreadPool(1)
    writers = {
        city: osmium.SimpleWriter(str(paths[city]), WRITE_BUFFER, header, thread_pool=pool)
        for city, header in headers.items()
    }
    try:
        _write_streamed(plain, osmium.osm.WAY, things.ways, writers)
        _write_streamed(plain, osmium.osm.RELATION, things.relations, writers)
    finally:
        for writer in writers.values():
            writer.close()


def _first_block(file: Any) -> bytes:
    """Read the block that holds the header of a file libosmium has just written."""
    size: bytes = file.read(4)
    header: bytes = file.read(struct.unpack(">I", size)[0])
    blob = bytes(file.read(message(memoryview(header))[3][0]))
    return size + header + blob


def _write_nodes(block: NodeBlock, nodes: Marks, writers: list[NodeWriter]) -> None:
    cities = nodes.of(block.ids)
    tags = {row: block.tags(row) for row in np.flatnonzero(block.tagged() & (cities != 0)).tolist()}
    tagged = np.array(list(tags), dtype=np.int64)
    for city in cities_in(int(np.bitwise_or.reduce(cities))):
        rows = np.flatnonzero(cities & bit_of(city))
        mine = tagged[cities[tagged] & bit_of(city) != 0]
        places = np.searchsorted(rows, mine).tolist()
        own = {place: tags[row] for place, row in zip(places, mine.tolist(), strict=True)}
        writers[city].add(block.ids[rows], block.x[rows], block.y[rows], own)


def _write_streamed(plain: Path, kind: Any, marks: Marks, writers: Mapping[int, Any]) -> None:
    kept = _Streamed(marks)
    takers: dict[int, list[Any]] = {
        bits: [writers[city].add for city in cities_in(bits) if city in writers]
        for bits in np.unique(marks.cities).tolist()
    }
    for thing in osmium.FileProcessor(str(plain), kind):
        for add in takers.get(kept.cities(thing.id), ()):
            add(thing)


class _Streamed:
    """Look ids up that come in the order of a file, which is that of the ids as a rule."""

    def __init__(self, marks: Marks) -> None:
        # Plain integers, which are compared faster than numpy's.
        self._ids: Sequence[int] = memoryview(marks.ids.data)
        self._cities: Sequence[int] = memoryview(marks.cities.data)
        self._next = 0
        self._last: int | None = None

    def cities(self, identity: int) -> int:
        """Return the cities an id belongs to, as one number."""
        place, count = self._next, len(self._ids)
        ahead = self._ids[place] if place < count else None
        if ahead != identity:
            if self._last is not None and self._last < identity and (
                ahead is None or identity < ahead
            ):  # fmt: skip
                self._last = identity
                return 0
            place = bisect_left(self._ids, identity)
        self._last = identity
        self._next = place
        if place == count or self._ids[place] != identity:
            return 0
        self._next = place + 1
        return self._cities[place]


def _headers(plain: Path, boxes: list[Box]) -> Iterator[Any]:
    """Yield the headers of parts: the data's time, and how far they are complete."""
    extent, timestamp = read_header(plain)
    for box in boxes:
        header = osmium.io.Header()
        header.set("generator", "cityplan")
        if timestamp:
            header.set("timestamp", timestamp)
            header.set("osmosis_replication_timestamp", timestamp)
        shared = shapely.intersection(shapely.box(*box), extent) if extent is not None else None
        if shared is not None and shared.area > 0:
            west, south, east, north = shared.bounds
            header.add_box(osmium.osm.Box(west, south, east, north))
        yield header
