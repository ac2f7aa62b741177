"""Cut one extract into small ones, a city each, in a few passes over the file.

Every part holds the nodes in the city's box, every way that has one of them, whole,
and every relation with a member among those; the ways of a multipolygon are all
there, those of a boundary (it may be a province's) only as far as they come near.

Memory: ids are kept as sorted columns of integers, for as many cities at a time as
``GROUP_NODES`` allows, whatever the extract holds; the rest waits on disk.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import osmium
import shapely
from rtree.index import Index

from cityplan.sources.osm_file import check_extract, read_header, unreadable
from cityplan.sources.pbf_nodes import PER_DEGREE, NodeBlock, UnusualPbfError, node_blocks
from cityplan.sources.split_members import Keys, Streamed, kept_relations, kept_ways, pairs

if TYPE_CHECKING:
    import numpy.typing as npt

    from cityplan.spatial.arrays import Ints
    from cityplan.spatial.readings import Box

GROUP_NODES = 8_000_000
GROUP_CITIES = 32  # each has a file open, with buffers of some 10 MB
SPOOLED = 4_000_000
CELLS = 2048
WRITE_BUFFER = 2**18


class Boxes:
    """Which boxes a point lies in: an R-tree behind a raster of where boxes are at all."""

    def __init__(self, boxes: list[Box]) -> None:
        corners = np.array(boxes, dtype=float).reshape(-1, 4)
        self._tree: Any = Index((row, box, None) for row, box in enumerate(corners.tolist()))
        self._low = corners[:, :2].min(axis=0)
        self._cell = np.maximum((corners[:, 2:].max(axis=0) - self._low) / CELLS, 1e-9)
        self._taken = np.zeros((CELLS, CELLS), dtype=bool)
        for box in corners:
            west, south = self._cells(box[:2])
            east, north = self._cells(box[2:])
            self._taken[west : east + 1, south : north + 1] = True

    def _cells(self, points: npt.NDArray[np.float64]) -> Ints:
        cells = np.floor((points - self._low) / self._cell).astype(np.int64)
        return np.clip(cells, 0, CELLS - 1)

    def of(self, block: NodeBlock) -> tuple[Ints, Ints]:
        """Return rows of nodes and the numbers of the boxes they lie in."""
        points = np.column_stack([block.x, block.y]) / PER_DEGREE
        cells = self._cells(points)
        near = np.flatnonzero(self._taken[cells[:, 0], cells[:, 1]])
        if len(near) == 0:
            return near, near
        boxes, found = self._tree.intersection_v(points[near], points[near])
        return np.repeat(near, found.astype(np.int64)), boxes


def count_nodes(extract: Path, boxes: list[Box]) -> list[int]:
    """Return how many nodes of an extract lie in each box (degrees): what a city will cost.

    Raises
    ------
    MissingFileError, InputFileError
        There is no such file, or it is no OpenStreetMap data.
    """
    counts = np.zeros(len(boxes), dtype=np.int64)
    with _readable(extract) as plain:
        index = Boxes(boxes)
        for block in node_blocks(plain):
            counts += np.bincount(index.of(block)[1], minlength=len(boxes))
    return [int(count) for count in counts]


def split(extract: Path, parts: Mapping[Path, Box]) -> dict[Path, int]:
    """Write one small extract per box, each under a temporary name until it is whole.

    Parameters
    ----------
    extract
        Any file :func:`~cityplan.sources.osm_file.read_osm` takes.
    parts
        Where to write (``.osm.pbf``) -> west, south, east, north, margin included.

    Returns
    -------
    dict
        Nodes in the box of each part.

    Raises
    ------
    MissingFileError, InputFileError
        There is no such file, or it is no OpenStreetMap data.
    OSError
        A part cannot be written.
    """
    paths, boxes = list(parts), list(parts.values())
    if not paths:
        return {}
    folder = paths[0].parent
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=folder, prefix=".split-") as scratch,
        _readable(extract, Path(scratch)) as plain,
    ):
        spool = _spool_nodes(plain, Boxes(boxes), Path(scratch), len(boxes))
        for group in _groups(spool.counts):
            fresh = [Path(scratch) / f"{number}.osm.pbf" for number in group]
            _write_group(plain, [boxes[n] for n in group], fresh, spool.keys(group))
            for number, written in zip(group, fresh, strict=True):
                written.replace(paths[number])
    return dict(zip(paths, spool.counts, strict=True))


@contextmanager
def _readable(extract: Path, scratch: Path | None = None) -> Iterator[Path]:
    """Yield the extract as a plain ``.osm.pbf``: itself, or a copy made by libosmium."""
    check_extract(extract)
    try:
        with tempfile.TemporaryDirectory(dir=scratch, prefix="cityplan-") as folder:
            try:
                next(node_blocks(extract), None)
                plain = extract
            except UnusualPbfError:
                plain = Path(folder) / "plain.osm.pbf"
                _convert(extract, plain)
            yield plain
    except (UnusualPbfError, RuntimeError) as error:
        raise unreadable(extract, str(error)) from None


def _convert(extract: Path, plain: Path) -> None:
    reader = osmium.io.Reader(str(extract))
    try:
        with osmium.SimpleWriter(str(plain), header=reader.header()) as writer:
            for thing in osmium.FileProcessor(str(extract)):
                writer.add(thing)
    finally:
        reader.close()


@dataclass(frozen=True)
class _Spool:
    """Node ids of every box, in a file each."""

    folder: Path
    counts: list[int]

    def keys(self, group: list[int]) -> Keys:
        """Return the ids of a group of boxes with the place of the box in the group."""
        found = np.concatenate(
            [
                Keys.pack(np.fromfile(self.folder / f"{number}.ids", dtype=np.int64), place)
                for place, number in enumerate(group)
            ]
        )
        found.sort()
        return Keys(found)


def _spool_nodes(plain: Path, index: Boxes, folder: Path, count: int) -> _Spool:
    counts = np.zeros(count, dtype=np.int64)
    for number in range(count):
        (folder / f"{number}.ids").touch()
    ids: list[Ints] = []
    boxes: list[Ints] = []
    waiting = 0
    for block in node_blocks(plain):
        rows, found = index.of(block)
        ids.append(block.ids[rows])
        boxes.append(found)
        waiting += len(rows)
        if waiting > SPOOLED:
            _append(folder, ids, boxes, counts)
            waiting = 0
    _append(folder, ids, boxes, counts)
    return _Spool(folder, [int(number) for number in counts])


def _append(folder: Path, ids: list[Ints], boxes: list[Ints], counts: Ints) -> None:
    if not ids:
        return
    box, node = np.concatenate(boxes), np.concatenate(ids)
    order = np.argsort(box, kind="stable")
    found, starts, lengths = np.unique(box[order], return_index=True, return_counts=True)
    for number, start, length in zip(found, starts, lengths, strict=True):
        part = node[order[start : start + length]]
        with (folder / f"{number}.ids").open("ab") as file:
            part.tofile(file)
        counts[number] += len(part)
    ids.clear()
    boxes.clear()


def _groups(counts: list[int]) -> Iterator[list[int]]:
    """Yield box numbers, as many at a time as fit the memory; neighbours stay together."""
    group: list[int] = []
    nodes = 0
    for number, count in enumerate(counts):
        if group and (nodes + count > GROUP_NODES or len(group) == GROUP_CITIES):
            yield group
            group, nodes = [], 0
        group.append(number)
        nodes += count
    if group:
        yield group


def _write_group(plain: Path, boxes: list[Box], parts: list[Path], nodes: Keys) -> None:
    relations, wanted = kept_relations(plain, kept_ways(plain, nodes).ways, nodes)
    ways = kept_ways(plain, nodes, wanted)
    nodes = nodes.with_more(ways.more_nodes)
    pool = osmium.io.ThreadPool(1)
    writers = [
        osmium.SimpleWriter(str(part), WRITE_BUFFER, header, thread_pool=pool)
        for part, header in zip(parts, _headers(plain, boxes), strict=True)
    ]
    try:
        for block in node_blocks(plain):
            _write_nodes(block, nodes, writers)
        _write_streamed(plain, osmium.osm.WAY, ways.ways, writers)
        _write_streamed(plain, osmium.osm.RELATION, relations, writers)
    finally:
        for writer in writers:
            writer.close()


def _write_nodes(block: NodeBlock, nodes: Keys, writers: list[Any]) -> None:
    made = osmium.osm.mutable.Node
    rows, cities = pairs(nodes, block.ids)
    ids, x, y = block.ids[rows].tolist(), block.x[rows].tolist(), block.y[rows].tolist()
    for row, identity, lon, lat, city in zip(
        rows.tolist(), ids, x, y, cities.tolist(), strict=True
    ):
        place = (lon / PER_DEGREE, lat / PER_DEGREE)
        writers[city].add_node(made(id=identity, version=1, location=place, tags=block.tags(row)))


def _write_streamed(plain: Path, kind: Any, keys: Keys, writers: list[Any]) -> None:
    kept = Streamed(keys)
    for thing in osmium.FileProcessor(str(plain), kind):
        for city in kept.cities(thing.id):
            writers[city].add(thing)


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
