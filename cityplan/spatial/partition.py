"""Areas and lengths by region, fast for regions with many vertices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import STRtree

from cityplan.spatial.arrays import run_starts
from cityplan.spatial.overlay import polygon_parts
from cityplan.spatial.parallel import map_threads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cityplan.spatial.arrays import Floats, Geometry, Ints, Shapes


MAX_VERTICES = 200
CHUNK = 500
# Cuts lie beside the middle, so that no line of a regular grid runs along one.
BESIDE = 0.4871
# Overlay moves the ends of a line by less than this share of its length.
ONCE = 1 + 1e-9


def subdivide(polygon: Geometry, *, max_vertices: int = MAX_VERTICES) -> list[Geometry]:
    """Cut a polygon into pieces of few vertices each.

    Overlaying with a piece costs little; overlaying with the whole costs its
    every vertex.
    """
    pieces: list[Geometry] = []
    todo = list(polygon_parts(np.array([polygon], dtype=object)))
    while todo:
        part = todo.pop()
        if shapely.get_num_coordinates(part) <= max_vertices:
            pieces.append(part)
            continue
        west, south, east, north = part.bounds
        if east - west >= north - south:
            x = west + BESIDE * (east - west)
            halves = [shapely.box(west, south, x, north), shapely.box(x, south, east, north)]
        else:
            y = south + BESIDE * (north - south)
            halves = [shapely.box(west, south, east, y), shapely.box(west, y, east, north)]
        todo.extend(polygon_parts(shapely.intersection(part, np.array(halves, dtype=object))))
    return pieces


@dataclass(frozen=True)
class Partition:
    """Regions that do not overlap, cut into small parts.

    Attributes
    ----------
    parts
        Polygons of few vertices.
    owner
        The region each part belongs to.
    count
        Number of regions.
    """

    parts: Shapes
    owner: Ints
    count: int

    @cached_property
    def _tree(self) -> STRtree:
        shapely.prepare(self.parts)
        return STRtree(self.parts)

    @cached_property
    def own_area(self) -> Floats:
        """Area of each region."""
        return self._sum(self.owner, shapely.area(self.parts))

    def cut(self, pieces: Shapes) -> tuple[Shapes, Ints, Ints]:
        """Cut geometries at the regions' outlines.

        Returns
        -------
        tuple
            The cut pieces, the row each comes from, and the region it lies in.
        """
        row, part = self._tree.query(pieces, predicate="intersects")
        order = np.lexsort((part, row))
        row, part = row[order], part[order]
        cut = pieces[row].copy()
        crossing = np.flatnonzero(~shapely.contains_properly(self.parts[part], cut))
        chunks = [crossing[i : i + CHUNK] for i in range(0, len(crossing), CHUNK)]
        for chunk, piece in zip(
            chunks,
            map_threads(lambda c: shapely.intersection(cut[c], self.parts[part[c]]), chunks),
            strict=True,
        ):
            cut[chunk] = piece
        return cut, row, self.owner[part]

    def cut_lines(self, lines: Shapes) -> tuple[Shapes, Ints, Ints]:
        """Cut lines as :meth:`cut` does; what runs along a common border counts once."""
        cut, row, region = self.cut(lines)
        order = np.lexsort((region, row))
        cut, row, region = cut[order], row[order], region[order]
        length = np.bincount(row, shapely.length(cut), minlength=len(lines))
        start = np.flatnonzero(run_starts(row))
        for rows in np.split(np.arange(len(row)), start[1:]):
            if len(rows) > 1 and length[row[rows[0]]] > shapely.union_all(cut[rows]).length * ONCE:
                for number in range(1, len(rows)):
                    earlier = shapely.union_all(cut[rows[:number]])
                    cut[rows[number]] = shapely.difference(cut[rows[number]], earlier)
        return cut, row, region

    def areas(self, pieces: Shapes) -> Floats:
        """Return the area of ``pieces``, which do not overlap, within each region."""
        cut, _, region = self.cut(np.asarray(pieces, dtype=object))
        return self._sum(region, shapely.area(cut))

    def lengths(self, lines: Shapes, weight: Floats) -> Floats:
        """Return the weighted length of lines within each region."""
        cut, row, region = self.cut_lines(np.asarray(lines, dtype=object))
        return self._sum(region, shapely.length(cut) * weight[row])

    def _sum(self, region: Ints, values: Floats) -> Floats:
        return np.bincount(region, values, minlength=self.count).astype(float)


def make_partition(regions: Sequence[Geometry] | Shapes) -> Partition:
    """Cut regions, which do not overlap, into a partition."""
    pieces = map_threads(subdivide, regions)
    return Partition(
        parts=np.array([part for parts in pieces for part in parts], dtype=object),
        owner=np.repeat(np.arange(len(regions)), [len(parts) for parts in pieces]),
        count=len(regions),
    )
