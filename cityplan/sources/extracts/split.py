"""Cut one extract into small ones, a city each, in a few passes over the file.

Every part holds the nodes in the city's box, every way that has one of them, whole,
and every relation with a member among those; the ways of a multipolygon are all
there, those of a boundary (it may be a province's) only as far as they come near.

Memory: ids are kept as sorted columns of integers, for as many cities at a time as
``GROUP_NODES`` allows, whatever the extract holds; the rest waits on disk. Nodes and
ways, of which there are millions, are handled as columns, a block of the file at a time.
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
from rtree.index import Index

from cityplan.sources.extracts.pbf_fields import UnusualPbfError
from cityplan.sources.extracts.pbf_nodes import PER_DEGREE, NodeBlock, node_blocks
from cityplan.sources.extracts.split_members import CITIES, Marks, Spooled, bit_of
from cityplan.sources.extracts.split_writing import Things, write_parts
from cityplan.sources.osm_file import check_extract, unreadable

if TYPE_CHECKING:
    import numpy.typing as npt

    from cityplan.spatial.arrays import Ints
    from cityplan.spatial.readings import Box

GROUP_NODES = 12_000_000
SPOOLED = 4_000_000
CELLS = 2048


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
        tempfile.TemporaryDirectory(dir=folder, prefix=".split-") as temporary,
        _readable(extract, Path(temporary)) as plain,
    ):
        scratch = Path(temporary)
        spool = _spool_nodes(plain, Boxes(boxes), scratch, len(boxes))
        members = Spooled(plain, scratch)
        for group in _groups(spool.counts):
            fresh = [scratch / f"{number}.osm.pbf" for number in group]
            things = _members_of(spool.marks(group), members)
            write_parts(
                plain, things, {path: boxes[n] for n, path in zip(group, fresh, strict=True)}
            )
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

    def marks(self, group: list[int]) -> Marks:
        """Return the nodes of a group of boxes, marked with the place of the box in the group."""
        ids = np.concatenate([self._ids(number) for number in group])
        ids.sort()
        ids = ids[np.diff(ids, prepend=-1 - abs(ids[0])) != 0] if len(ids) else ids
        cities = np.zeros(len(ids), dtype=np.uint64)
        for place, number in enumerate(group):
            cities[np.searchsorted(ids, self._ids(number))] |= bit_of(place)
        return Marks(ids, cities)

    def _ids(self, number: int) -> Ints:
        return np.fromfile(self.folder / f"{number}.ids", dtype=np.int64)


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
        if group and (nodes + count > GROUP_NODES or len(group) == CITIES):
            yield group
            group, nodes = [], 0
        group.append(number)
        nodes += count
    if group:
        yield group


def _members_of(nodes: Marks, members: Spooled) -> Things:
    """Return everything that belongs to the cities whose boxes hold these nodes."""
    ways, elsewhere = members.kept_ways(nodes)
    relations, lacking = members.kept_relations(ways, nodes)
    more_ways, more_nodes = members.nodes_of(lacking)
    return Things(
        nodes.with_more(elsewhere).with_more(more_nodes), ways.with_more(more_ways), relations
    )
