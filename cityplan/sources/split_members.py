"""Which ways and relations belong to which part of an extract that is being split."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import osmium

if TYPE_CHECKING:
    from cityplan.spatial.arrays import Ints

CITIES = 128
BATCH = 1_000_000
WHOLE = "multipolygon"


@dataclass(frozen=True)
class Keys:
    """Pairs of an id and a city (0 .. 127), sorted; each is one integer."""

    values: Ints

    @staticmethod
    def pack(ids: Ints, cities: Ints | int) -> Ints:
        """Return pairs as integers."""
        return np.asarray(ids * CITIES + cities)

    def with_more(self, more: Ints) -> Keys:
        """Return these pairs and others."""
        return Keys(np.union1d(self.values, more)) if len(more) else self


NOTHING = Keys(np.zeros(0, dtype=np.int64))


def pairs(keys: Keys, ids: Ints) -> tuple[Ints, Ints]:
    """Return rows of ``ids`` and the cities they belong to."""
    low = np.searchsorted(keys.values, Keys.pack(ids, 0))
    high = np.searchsorted(keys.values, Keys.pack(ids, CITIES))
    found = high - low
    rows = np.repeat(np.arange(len(ids)), found)
    first = np.repeat(low - np.concatenate(([0], np.cumsum(found)[:-1])), found)
    return rows, keys.values[first + np.arange(len(rows))] % CITIES


class Streamed:
    """Look ids up that come in the order of a file, which is that of the ids as a rule."""

    def __init__(self, keys: Keys) -> None:
        ids, self._starts = np.unique(keys.values // CITIES, return_index=True)
        self._ids: Sequence[int] = memoryview(ids.data)  # gives plain integers, faster than numpy's
        self._cities = (keys.values % CITIES).astype(np.uint8)
        self._next = 0
        self._last: int | None = None

    def cities(self, identity: int) -> list[int]:
        """Return the cities an id belongs to."""
        place, count = self._next, len(self._ids)
        ahead = self._ids[place] if place < count else None
        if ahead is None or ahead != identity:
            if self._last is not None and self._last < identity and (
                ahead is None or identity < ahead
            ):  # fmt: skip
                self._last = identity
                return []
            place = bisect_left(self._ids, identity)
        self._last = identity
        self._next = place
        if place == count or self._ids[place] != identity:
            return []
        self._next = place + 1
        end = self._starts[place + 1] if place + 1 < count else len(self._cities)
        cities: list[int] = self._cities[self._starts[place] : end].tolist()
        return cities


@dataclass(frozen=True)
class Ways:
    """Ways of the cities, and the nodes they have outside the boxes."""

    ways: Keys
    more_nodes: Ints


def kept_ways(plain: Path, nodes: Keys, wanted: Keys = NOTHING) -> Ways:
    """Return the ways with a node among ``nodes``, and those ``wanted`` anyway."""
    ways: list[Ints] = []
    more: list[Ints] = []
    for ids, refs, owner in _batches(_ways(plain)):
        at, city = pairs(nodes, refs)
        here = np.unique(Keys.pack(owner[at], city))
        asked, by = pairs(wanted, ids)
        kept = np.union1d(here, Keys.pack(asked, by))
        row = kept // CITIES
        ways.append(Keys.pack(ids[row], kept % CITIES))
        more.append(np.setdiff1d(_nodes_of(kept, refs, owner), Keys.pack(refs[at], city)))
    return Ways(Keys(_united(ways)), _united(more))


def _nodes_of(kept: Ints, refs: Ints, owner: Ints) -> Ints:
    """Return the nodes of the ways kept, each with the way's city."""
    at, city = pairs(Keys(kept), owner)
    return np.unique(Keys.pack(refs[at], city))


def kept_relations(plain: Path, ways: Keys, nodes: Keys) -> tuple[Keys, Keys]:
    """Return the relations with a member in a city, and the ways that make them whole."""
    relations: list[Ints] = []
    lacking: list[Ints] = []
    processor = osmium.FileProcessor(str(plain), osmium.osm.RELATION)
    whole: list[bool] = []

    def members() -> Iterator[tuple[int, list[int]]]:
        for relation in processor:
            refs = [m.ref * 2 + (m.type == "w") for m in relation.members if m.type in "nw"]
            whole.append(relation.tags.get("type") == WHOLE)
            yield relation.id, refs

    for ids, refs, owner in _batches(members()):
        is_way = refs % 2 == 1
        found = [
            Keys.pack(owner[is_way == kind][at], city)
            for kind, keys in ((True, ways), (False, nodes))
            for at, city in [pairs(keys, refs[is_way == kind] // 2)]
        ]
        kept = np.unique(np.concatenate(found))
        relations.append(Keys.pack(ids[kept // CITIES], kept % CITIES))
        complete = np.array(whole, dtype=bool)
        whole.clear()
        of_area = kept[complete[kept // CITIES]]
        lacking.append(_nodes_of(of_area, refs[is_way] // 2, owner[is_way]))
    return Keys(_united(relations)), Keys(_united(lacking))


def _ways(plain: Path) -> Iterator[tuple[int, list[int]]]:
    for way in osmium.FileProcessor(str(plain), osmium.osm.WAY):
        yield way.id, [node.ref for node in way.nodes]


def _batches(
    things: Iterator[tuple[int, list[int]]],
) -> Iterator[tuple[Ints, Ints, Ints]]:
    """Yield ids, the references of all of them, and the row of the id each belongs to."""
    ids: list[int] = []
    refs: list[int] = []
    sizes: list[int] = []
    for identity, references in things:
        ids.append(identity)
        refs += references
        sizes.append(len(references))
        if len(refs) > BATCH:
            yield _columns(ids, refs, sizes)
            ids, refs, sizes = [], [], []
    if ids:
        yield _columns(ids, refs, sizes)


def _columns(
    ids: Sequence[int], refs: Sequence[int], sizes: Sequence[int]
) -> tuple[Ints, Ints, Ints]:
    owner = np.repeat(np.arange(len(ids)), sizes)
    return np.array(ids, dtype=np.int64), np.array(refs, dtype=np.int64), owner


def _united(parts: list[Ints]) -> Ints:
    """Return the distinct values of all parts, sorted; the parts are given up."""
    if not parts:
        return np.zeros(0, dtype=np.int64)
    values = np.concatenate(parts)
    parts.clear()
    return np.unique(values)
