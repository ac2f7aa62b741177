"""Rebuild what the extract's edge has cut: lines in pieces, rings closed, all counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

import osmium
import shapely

from cityplan.sources.osm_order import DisorderedError
from cityplan.sources.tag_rules import load_tag_rules
from cityplan.spatial.rings import polygon_from_pieces

if TYPE_CHECKING:
    from pathlib import Path

    from shapely import LineString

    from cityplan.sources.osm_columns import Collected
    from cityplan.sources.tag_rules import Tags

CUT_LINE = "cut at the data's edge: kept up to there"
CUT_RING = "outline cut at the data's edge: closed with a straight segment"
LOST_LINE = "cut at the data's edge: nothing of it is in the extract"
LOST_RING = "outline cut at the data's edge: less than half of it is in the extract"
MIN_POINTS = 2


@dataclass
class Damaged:
    """What the first reading built, and what it could not.

    ``built_ways`` and ``built_relations`` became areas, ``lines`` lacks nodes,
    ``relations`` holds every multipolygon and boundary that should become one.
    """

    built_ways: set[int] = field(default_factory=set)
    built_relations: set[int] = field(default_factory=set)
    lines: dict[int, tuple[Tags, list[str]]] = field(default_factory=dict)
    relations: dict[int, tuple[Tags, list[tuple[int, str]]]] = field(default_factory=dict)

    def expect_relation(self, relation: Any) -> None:
        """Note a multipolygon or boundary that has not been built so far."""
        if relation.id in self.built_relations:
            return
        tags = dict(relation.tags)
        if tags.get("type") in ("multipolygon", "boundary"):
            members = [(m.ref, m.role) for m in relation.members if m.type == "w"]
            self.relations[relation.id] = (tags | {"@relation": "yes"}, members)


def repair(path: Path, damaged: Damaged, locations: Any, collected: Collected) -> None:
    """Rebuild cut lines and outlines from what the extract holds of them.

    Parameters
    ----------
    path
        The extract, of which the ways are read a second time.
    locations
        Node id -> location, as kept by the first reading.

    Raises
    ------
    DisorderedError
        Ways came before their nodes, or ids are negative.
    """
    areas = load_tag_rules().areas
    relations = {
        identity: row
        for identity, row in damaged.relations.items()
        if identity not in damaged.built_relations
    }
    members = {ref for _, refs in relations.values() for ref, _ in refs}
    pieces, rings = _read_ways(path, damaged, members, locations)
    _repair_lines(damaged, pieces, collected)
    for identity, tags in rings.items():
        outer = [piece.line for piece in pieces[identity]]
        _add_ring(f"w{identity}", tags, areas.match(tags), outer, [], collected)
    for identity, (tags, refs) in relations.items():
        outer = [p.line for ref, role in refs if role != "inner" for p in pieces.get(ref, [])]
        inner = [p.line for ref, role in refs if role == "inner" for p in pieces.get(ref, [])]
        _add_ring(f"r{identity}", tags, areas.match(tags), outer, inner, collected)


def _read_ways(
    path: Path, damaged: Damaged, members: set[int], locations: Any
) -> tuple[dict[int, list[_Piece]], dict[int, Tags]]:
    """Return the pieces of the ways wanted, and the closed ways that should be areas."""
    pieces: dict[int, list[_Piece]] = {}
    rings: dict[int, Tags] = {}
    areas, built = load_tag_rules().areas, damaged.built_ways
    wanted = members.union(damaged.lines)
    # No filter by id: libosmium's reserves memory for all ids up to the highest.
    for way in osmium.FileProcessor(str(path), osmium.osm.WAY):
        identity = way.id
        if (
            identity not in built
            and way.is_closed()
            and way.tags.get("area") != "no"
            and areas.match(way.tags)
        ):
            rings[identity] = dict(way.tags)
        elif identity not in wanted:
            continue
        pieces[identity] = _pieces([node.ref for node in way.nodes], locations)
    return pieces, rings


@dataclass(frozen=True)
class _Piece:
    line: LineString
    cut_start: bool
    cut_end: bool


def _pieces(refs: list[int], locations: Any) -> list[_Piece]:
    """Return the runs of nodes the extract holds."""
    known = []
    for ref in refs:
        if ref < 0:
            raise DisorderedError
        try:
            location = locations.get(ref)
            known.append((location.lon, location.lat) if location.valid() else None)
        except KeyError:
            known.append(None)
    pieces, position = [], 0
    for present, run in groupby(known, key=lambda point: point is not None):
        points = list(run)
        start, position = position, position + len(points)
        if present and len(set(points)) >= MIN_POINTS:
            line = shapely.LineString(points)
            pieces.append(_Piece(line, start > 0, position < len(known)))
    return pieces


def _repair_lines(damaged: Damaged, pieces: dict[int, list[_Piece]], collected: Collected) -> None:
    for identity, (tags, targets) in damaged.lines.items():
        found = pieces.get(identity, [])
        if not found:
            collected.reject(targets, LOST_LINE)
        for number, piece in enumerate(found):
            if not (piece.cut_start or piece.cut_end):  # its nodes came after it
                raise DisorderedError
            name = f"w{identity}" if len(found) == 1 else f"w{identity}/{number + 1}"
            collected.add(targets, name, tags, shapely.to_wkb(piece.line, hex=True))
            collected.mend(targets, CUT_LINE)
            collected.cut_ends |= {(name, 0)} if piece.cut_start else set()
            collected.cut_ends |= {(name, 1)} if piece.cut_end else set()


def _add_ring(
    identity: str,
    tags: Tags,
    targets: list[str],
    outer: list[LineString],
    inner: list[LineString],
    collected: Collected,
) -> None:
    if not targets:
        return
    built = polygon_from_pieces(outer, inner)
    if built.geometry is None:
        collected.reject(targets, LOST_RING)
        return
    collected.add(targets, identity, tags, shapely.to_wkb(built.geometry, hex=True))
    collected.mend(targets, CUT_RING if built.segments else "outline rebuilt from its members")
