"""Put an extract in order: nodes, ways, relations, by id, each object once.

libosmium reads files sorted so, with the ids of objects that are in OpenStreetMap.
Answers of Overpass have ways before nodes and objects twice, files of histories
have every version, and what an editor has drawn but not uploaded has negative ids.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import osmium

from cityplan.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

# Beyond all real ids, and libosmium can still double it for an area.
NEGATIVE_FROM = 2**60
# Of one version, the copy with the most tags is the whole one.
MOST_TAGS = 999
NEW_VERSION = 4_000_000
_NUMBER = re.compile(r"\d{19}")


class DisorderedError(Exception):
    """An extract cannot be read as it stands, but can be put in order."""


def ordered_copy(path: Path, folder: Path) -> tuple[Path, Text]:
    """Write a copy of an extract that is in order, and tell what was done.

    Parameters
    ----------
    path
        The extract.
    folder
        Where the copy is written.

    Returns
    -------
    tuple
        The copy, in which :data:`NEGATIVE_FROM` - id stands for a negative id, and a note.

    Raises
    ------
    RuntimeError
        libosmium cannot read the file at all.
    """
    reader = osmium.io.Reader(str(path), osmium.osm.osm_entity_bits.NOTHING)
    header = reader.header()
    reader.close()
    once, copy = folder / "once.osm.pbf", folder / "ordered.osm.pbf"
    read, seen = 0, set()
    with osmium.SimpleWriter(str(once), header=header) as writer:
        for thing in osmium.FileProcessor(str(path)):
            read += 1
            seen.add((thing.type_str(), thing.id))
            writer.add(_ranked(thing))
    merged = osmium.MergeInputReader()
    merged.add_file(str(once))
    with osmium.SimpleWriter(str(copy), header=header) as writer:
        merged.apply(writer, simplify=True)
    again = read - len(seen)
    return copy, Text(
        en=f"The OpenStreetMap file was not in order: it was sorted, and {again} repeated or older "
        "versions of objects were left out.",
        zh=f"OpenStreetMap 文件未按规定顺序排列：已重新排序，{again}个重复对象或旧版本未采用。",
    )


def given_ids(ids: pd.Series) -> pd.Series:
    """Return the ids of a layer of an ordered copy as they stand in the original."""
    return ids.str.replace(_NUMBER, _given, regex=True)


def _given(match: re.Match[str]) -> str:
    number = int(match[0])
    return str(NEGATIVE_FROM - number if number > NEGATIVE_FROM else number)


def _positive(identity: int) -> int:
    return identity if identity >= 0 else NEGATIVE_FROM - identity


def _ranked(thing: Any) -> Any:
    """Return an object with a positive id, and a version by which the best copy is the newest."""
    version = min(thing.version, NEW_VERSION) * (MOST_TAGS + 1) + min(len(thing.tags), MOST_TAGS)
    changed: dict[str, Any] = {"version": version}
    if thing.id < 0:
        changed["id"] = _positive(thing.id)
    references: dict[str, Callable[[Any], Any]] = {"w": _nodes, "r": _members}
    kind = thing.type_str()
    if kind in references:
        changed |= references[kind](thing)
    return thing.replace(**changed)


def _nodes(way: Any) -> dict[str, Any]:
    refs = [node.ref for node in way.nodes]
    return {"nodes": [_positive(ref) for ref in refs]} if min(refs, default=0) < 0 else {}


def _members(relation: Any) -> dict[str, Any]:
    members = [(m.type, m.ref, m.role) for m in relation.members]
    if min((ref for _, ref, _ in members), default=0) >= 0:
        return {}
    return {"members": [(kind, _positive(ref), role) for kind, ref, role in members]}
