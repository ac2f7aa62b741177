"""What can be reached on foot from one place: ways, and the area along them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.ops import substring

if TYPE_CHECKING:
    from cityplan.spatial.arrays import Area, Floats, Shapes
    from cityplan.spatial.graph import LineGraph
    from cityplan.spatial.snap import Snap


@dataclass(frozen=True)
class Catchment:
    """The ways within reach of a place.

    Attributes
    ----------
    lines
        Whole edges and parts of edges.
    """

    lines: Shapes

    def area(self, *, beside_m: float) -> Area:
        """Return the land within ``beside_m`` of the reached ways, small holes filled."""
        around = shapely.union_all(shapely.buffer(self.lines, beside_m, quad_segs=4))
        filled = [
            shapely.Polygon(
                part.exterior,
                [hole for hole in part.interiors if shapely.Polygon(hole).area > beside_m**2 * 16],
            )
            for part in shapely.get_parts(around)
        ]
        return filled[0] if len(filled) == 1 else shapely.multipolygons(filled)


def catchment(graph: LineGraph, node_cost_m: Floats, start: Snap, *, cutoff_m: float) -> Catchment:
    """Return the edges, or parts of them, within ``cutoff_m``.

    Parameters
    ----------
    node_cost_m
        Cost from the start to every node, NaN beyond the cutoff.
    start
        One attached point.
    """
    left_u = np.nan_to_num(cutoff_m - node_cost_m[graph.u], nan=0.0)
    left_v = np.nan_to_num(cutoff_m - node_cost_m[graph.v], nan=0.0)
    whole = left_u + left_v >= graph.length
    lines: list[object] = list(graph.lines[whole])
    for edge in np.flatnonzero(~whole & ((left_u > 0) | (left_v > 0))):
        line, length = graph.lines[edge], graph.length[edge]
        if left_u[edge] > 0:
            lines.append(substring(line, 0, left_u[edge]))
        if left_v[edge] > 0:
            lines.append(substring(line, length - left_v[edge], length))
    own, left = int(start.edge[0]), float(cutoff_m - start.leg_m[0])
    if own >= 0 and left > 0 and not whole[own]:
        position = float(start.position_m[0])
        lines.append(
            substring(
                graph.lines[own], max(0.0, position - left), min(graph.length[own], position + left)
            )
        )
    return Catchment(np.array(lines, dtype=object))
