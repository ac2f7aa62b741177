"""Where an area can be entered on foot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import STRtree

if TYPE_CHECKING:
    from cityplan.spatial.arrays import Bools, Floats, Ints, Shapes

FENCE_BESIDE_M = 2.0
FENCED_SHARE = 0.5


@dataclass(frozen=True)
class Access:
    """Places where areas, or points, are entered.

    Attributes
    ----------
    geometry
        Points; or the area itself where no way and no gate is known, to be
        reached at the nearest spot of its outline.
    owner
        Row of the area each place belongs to.
    assumed
        True where no entrance is known.
    in_wall
        Gates, and outlines without a known entrance: they may lie in a wall, which
        does not bar the way to them.
    """

    geometry: Shapes
    owner: Ints
    assumed: Bools
    in_wall: Bools


def access_points(
    areas: Shapes,
    ways: Shapes,
    gates: Shapes,
    *,
    fenced: Bools,
    gate_m: float,
) -> Access:
    """Find the entrances of areas; points are their own entrance.

    Mapped gates on the outline together with the places where public ways cross
    or touch it; gates alone where the area is fenced and has any; the nearest
    spot of the outline, marked, where there is neither.

    Parameters
    ----------
    areas
        Polygons or points.
    ways
        Edges of the walking network.
    gates
        Gates the public may pass.
    fenced
        Which areas are fenced.
    gate_m
        A gate this near an outline belongs to it.
    """
    areas = np.asarray(areas, dtype=object)
    polygon_rows = np.flatnonzero(shapely.get_dimensions(areas) == 2)  # noqa: PLR2004 - areas
    outlines = shapely.boundary(areas[polygon_rows])

    at_gate = STRtree(gates).query(outlines, predicate="dwithin", distance=gate_m)
    gate_owner = polygon_rows[at_gate[0]]
    has_gate = np.zeros(len(areas), dtype=bool)
    has_gate[gate_owner] = True

    crossed = STRtree(ways).query(outlines, predicate="intersects")
    open_outline = ~(fenced & has_gate)[polygon_rows[crossed[0]]]
    crossed = crossed[:, open_outline]
    crossings = shapely.intersection(
        outlines[crossed[0]], np.asarray(ways, dtype=object)[crossed[1]]
    )
    coordinates, pair = shapely.get_coordinates(crossings, return_index=True)
    cross_owner = polygon_rows[crossed[0][pair]]
    cross_owner, coordinates = _distinct(cross_owner, coordinates)

    entered = has_gate.copy()
    entered[cross_owner] = True
    alone = np.flatnonzero(~entered)
    gate, crossing, assumed = (
        np.ones(len(gate_owner), dtype=bool),
        np.ones(len(cross_owner), dtype=bool),
        np.isin(alone, polygon_rows),
    )
    return Access(
        geometry=np.concatenate(
            [np.asarray(gates, dtype=object)[at_gate[1]], shapely.points(coordinates), areas[alone]]
        ),
        owner=np.concatenate([gate_owner, cross_owner, alone]),
        assumed=np.concatenate([~gate, ~crossing, assumed]),
        in_wall=np.concatenate([gate, ~crossing, assumed]),
    )


def fenced_by(areas: Shapes, barriers: Shapes) -> Bools:
    """Return which areas have walls or fences along most of their outline."""
    areas = np.asarray(areas, dtype=object)
    outlines = shapely.boundary(areas)
    pairs = STRtree(barriers).query(outlines, predicate="dwithin", distance=FENCE_BESIDE_M)
    fenced = np.zeros(len(areas), dtype=bool)
    for row in np.unique(pairs[0]):
        beside = shapely.union_all(
            shapely.buffer(
                np.asarray(barriers, dtype=object)[pairs[1][pairs[0] == row]], FENCE_BESIDE_M
            )
        )
        outline = outlines[row]
        fenced[row] = outline.intersection(beside).length >= FENCED_SHARE * outline.length
    return fenced


def _distinct(owner: Ints, coordinates: Floats) -> tuple[Ints, Floats]:
    """Drop an owner's repeated points."""
    table = np.column_stack([owner, coordinates])
    unique = np.unique(table, axis=0) if len(table) else table
    return unique[:, 0].astype(np.int64), unique[:, 1:]
