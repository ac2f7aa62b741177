"""Contiguous areas of homes that lack, or have, something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from cityplan.spatial.arrays import run_starts
from cityplan.spatial.overlay import linked_groups

if TYPE_CHECKING:
    from cityplan.spatial.arrays import Bools, Ints, Shapes


@dataclass(frozen=True)
class Spots:
    """Areas made of square cells.

    Attributes
    ----------
    geometry
        One polygon or multipolygon per area.
    member
        For each point the area it belongs to, -1 for none.
    """

    geometry: Shapes
    member: Ints


def blind_spots(
    points: Shapes,
    chosen: Bools,
    split: Ints,
    *,
    cell_m: float,
) -> Spots:
    """Group chosen points whose cells touch, separately for each value of ``split``.

    Parameters
    ----------
    points
        All points.
    chosen
        Which of them to group.
    split
        Groups never join points of different values (reporting units).
    cell_m
        Side of a cell, metres.
    """
    member = np.full(len(points), -1, dtype=np.int64)
    rows = np.flatnonzero(chosen)
    if len(rows) == 0:
        return Spots(np.zeros(0, dtype=object), member)
    xy = np.floor(shapely.get_coordinates(points[rows]) / cell_m).astype(np.int64)
    cells, cell = np.unique(np.column_stack([split[rows], xy]), axis=0, return_inverse=True)
    label = _connected(cells)
    member[rows] = label[cell.ravel()]
    west, south = cells[:, 1] * cell_m, cells[:, 2] * cell_m
    boxes = shapely.box(west, south, west + cell_m, south + cell_m)
    order = np.argsort(label, kind="stable")
    starts = np.flatnonzero(run_starts(label[order]))
    shapes = [shapely.union_all(boxes[group]) for group in np.split(order, starts[1:])]
    return Spots(np.array(shapes, dtype=object), member)


def _connected(cells: Ints) -> Ints:
    """Label cells (split, column, row) that touch at a side or a corner."""
    index = {tuple(cell): number for number, cell in enumerate(cells.tolist())}
    pairs = [
        (number, index[(part, x + dx, y + dy)])
        for (part, x, y), number in index.items()
        for dx, dy in ((1, 0), (0, 1), (1, 1), (1, -1))
        if (part, x + dx, y + dy) in index
    ]
    a, b = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return linked_groups(a, b, len(cells))
