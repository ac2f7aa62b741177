"""Which ways and relations belong to which part of an extract that is being split.

Up to 64 cities at a time are the bits of one number, so that an object's cities are
found by joining the numbers of its members, however many the cities are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import osmium

from cityplan.sources.extracts.pbf_ways import Members, way_blocks

if TYPE_CHECKING:
    from cityplan.spatial.arrays import Ints

CITIES = 64
BATCH = 1_000_000
WHOLE = "multipolygon"
Bits = npt.NDArray[np.uint64]


def bit_of(city: int) -> np.uint64:
    """Return the number that stands for a city (0 .. 63)."""
    return np.uint64(1 << city)


def cities_in(bits: int) -> list[int]:
    """Return the cities a number stands for."""
    return [city for city in range(CITIES) if bits >> city & 1]


@dataclass(frozen=True)
class Marks:
    """Ids, ascending, each with the cities it belongs to."""

    ids: Ints
    cities: Bits

    @staticmethod
    def joined(parts: Sequence[tuple[Ints, Bits]]) -> Marks:
        """Return the marks of all parts; an id may come more than once."""
        if not parts:
            return NOTHING
        ids, cities = (np.concatenate(column) for column in zip(*parts, strict=True))
        if len(ids) == 0:
            return NOTHING
        order = np.argsort(ids, kind="stable")
        ids = ids[order]
        first = np.flatnonzero(np.diff(ids, prepend=ids[0] - 1))
        return Marks(ids[first], np.bitwise_or.reduceat(cities[order], first))

    def with_more(self, more: Marks) -> Marks:
        """Return these marks and others."""
        place = np.searchsorted(self.ids, more.ids)
        known = self.of(more.ids) != 0
        cities = self.cities.copy()
        cities[place[known]] |= more.cities[known]
        return Marks(
            np.insert(self.ids, place[~known], more.ids[~known]),
            np.insert(cities, place[~known], more.cities[~known]),
        )

    def of(self, ids: Ints) -> Bits:
        """Return the cities of each id."""
        if len(self.ids) == 0:
            return np.zeros(len(ids), dtype=np.uint64)
        place = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return np.where(self.ids[place] == ids, self.cities[place], np.uint64(0))


NOTHING = Marks(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint64))


class Spooled:
    """Ways and relations of an extract with their members, as columns on disk."""

    def __init__(self, plain: Path, folder: Path) -> None:
        self._ways = [
            _kept(folder / f"ways-{number}.npz", ids=w.ids, refs=w.refs, sizes=w.sizes)
            for number, w in enumerate(_batches(way_blocks(plain)))
        ]
        self._relations = [
            _kept(folder / f"relations-{number}.npz", **columns)
            for number, columns in enumerate(_relations(plain))
        ]

    def kept_ways(self, nodes: Marks) -> tuple[Marks, Marks]:
        """Return the ways with a node among ``nodes``, and the nodes they have elsewhere."""
        ways: list[tuple[Ints, Bits]] = []
        more: list[tuple[Ints, Bits]] = []
        for path in self._ways:
            with np.load(path) as batch:
                ids, refs, sizes = batch["ids"], batch["refs"], batch["sizes"]
            here = nodes.of(refs)
            found = _united(here, sizes)
            ways.append(_marked(ids, found))
            more.append(_marked(refs, np.repeat(found, sizes) & ~here))
        return Marks.joined(ways), Marks.joined(more)

    def nodes_of(self, ways: Marks) -> tuple[Marks, Marks]:
        """Return the ways that are there, and their nodes."""
        there: list[tuple[Ints, Bits]] = []
        nodes: list[tuple[Ints, Bits]] = []
        for path in self._ways if len(ways.ids) else []:
            with np.load(path) as batch:
                found = ways.of(batch["ids"])
                there.append(_marked(batch["ids"], found))
                nodes.append(_marked(batch["refs"], np.repeat(found, batch["sizes"])))
        return Marks.joined(there), Marks.joined(nodes)

    def kept_relations(self, ways: Marks, nodes: Marks) -> tuple[Marks, Marks]:
        """Return the relations with a member in a city, and the ways that make them whole."""
        relations: list[tuple[Ints, Bits]] = []
        lacking: list[tuple[Ints, Bits]] = []
        for path in self._relations:
            with np.load(path) as batch:
                refs, is_way, sizes = batch["refs"], batch["is_way"], batch["sizes"]
                here = np.where(is_way, ways.of(refs), nodes.of(refs))
                found = _united(here, sizes)
                relations.append(_marked(batch["ids"], found))
                whole = np.repeat(np.where(batch["whole"], found, np.uint64(0)), sizes)
            lacking.append(_marked(refs[is_way], (whole & ~here)[is_way]))
        return Marks.joined(relations), Marks.joined(lacking)


def _kept(path: Path, **columns: npt.NDArray[np.generic]) -> Path:
    np.savez(path, **columns)  # type: ignore[arg-type]  # columns, none of them its own option
    return path


def _marked(ids: Ints, cities: Bits) -> tuple[Ints, Bits]:
    rows = np.flatnonzero(cities)
    return ids[rows], cities[rows]


def _united(cities: Bits, sizes: Ints) -> Bits:
    """Return the cities of objects, given those of the members of all of them."""
    found = np.zeros(len(sizes), dtype=np.uint64)
    rows = np.flatnonzero(sizes)
    if len(rows):
        starts = np.cumsum(sizes) - sizes
        found[rows] = np.bitwise_or.reduceat(cities, starts[rows])
    return found


def _batches(blocks: Iterator[Members]) -> Iterator[Members]:
    """Yield ways in fewer and larger lots."""
    lot: list[Members] = []
    for block in blocks:
        lot.append(block)
        if sum(len(part.refs) for part in lot) > BATCH:
            yield _joined(lot)
            lot = []
    if lot:
        yield _joined(lot)


def _joined(lot: list[Members]) -> Members:
    return Members(
        *(np.concatenate([getattr(m, name) for m in lot]) for name in ("ids", "refs", "sizes"))
    )


def _relations(plain: Path) -> Iterator[dict[str, npt.NDArray[np.generic]]]:
    ids: list[int] = []
    refs: list[int] = []
    is_way: list[bool] = []
    sizes: list[int] = []
    whole: list[bool] = []

    def columns() -> dict[str, npt.NDArray[np.generic]]:
        return {
            "ids": np.array(ids, dtype=np.int64),
            "refs": np.array(refs, dtype=np.int64),
            "is_way": np.array(is_way, dtype=bool),
            "sizes": np.array(sizes, dtype=np.int64),
            "whole": np.array(whole, dtype=bool),
        }

    for relation in osmium.FileProcessor(str(plain), osmium.osm.RELATION):
        members = [(m.ref, m.type == "w") for m in relation.members if m.type in "nw"]
        ids.append(relation.id)
        refs += [ref for ref, _ in members]
        is_way += [way for _, way in members]
        sizes.append(len(members))
        whole.append(relation.tags.get("type") == WHOLE)
        if len(refs) > BATCH:
            yield columns()
            for column in (ids, refs, is_way, sizes, whole):
                column.clear()
    if ids:
        yield columns()
