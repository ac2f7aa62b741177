"""Polygons from line pieces, also where pieces are missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely import LineString, Polygon

    from cityplan.spatial.arrays import Area

MIN_RING_POINTS = 3


@dataclass(frozen=True)
class ClosedRings:
    """Polygons built from pieces.

    Attributes
    ----------
    closed_m
        Total length of the straight segments that were added, in the units of
        the coordinates.
    segments
        How many of them.
    """

    geometry: Area | None
    closed_m: float
    segments: int


def polygon_from_pieces(
    outer: Sequence[LineString],
    inner: Sequence[LineString] = (),
    *,
    max_added_share: float = 0.5,
) -> ClosedRings:
    """Join line pieces to rings, close open ones with straight segments.

    Parameters
    ----------
    outer, inner
        Pieces of outer and inner rings, in any order and direction.
    max_added_share
        A ring of which more than this share would be invented is not built.

    Returns
    -------
    ClosedRings
        ``geometry`` is None where no ring could be built.
    """
    shells, added, segments = _rings(outer, max_added_share)
    holes, hole_added, hole_segments = _rings(inner, max_added_share)
    if not shells:
        return ClosedRings(None, added, segments)
    area = shapely.union_all(shapely.make_valid(shells, method="structure", keep_collapsed=False))
    if holes:
        area = area.difference(
            shapely.union_all(shapely.make_valid(holes, method="structure", keep_collapsed=False))
        )
    parts = [g for g in shapely.get_parts(area) if g.geom_type == "Polygon" and g.area > 0]
    geometry = None if not parts else parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    return ClosedRings(geometry, added + hole_added, segments + hole_segments)


def _rings(
    pieces: Sequence[LineString], max_added_share: float
) -> tuple[list[Polygon], float, int]:
    usable = [piece for piece in pieces if piece is not None and piece.length > 0]
    if not usable:
        return [], 0.0, 0
    chains = [
        shapely.get_coordinates(chain)
        for chain in shapely.get_parts(shapely.line_merge(shapely.multilinestrings(usable)))
    ]
    closed = [c for c in chains if _is_closed(c)]
    joined, gaps = _join_open([c for c in chains if not _is_closed(c)])
    rings = [shapely.Polygon(c) for c in closed if len(c) > MIN_RING_POINTS]
    added, segments = 0.0, 0
    for coordinates, gap in zip(joined, gaps, strict=True):
        ring_length = float(shapely.LineString(coordinates).length)
        last = float(np.hypot(*(coordinates[0] - coordinates[-1])))
        invented = sum(gap) + last
        if len(coordinates) < MIN_RING_POINTS or invented > max_added_share * (ring_length + last):
            continue
        rings.append(shapely.Polygon(coordinates))
        added += invented
        segments += len(gap) + (last > 0)
    return rings, added, segments


def _is_closed(coordinates: np.ndarray) -> bool:
    return len(coordinates) > MIN_RING_POINTS and bool((coordinates[0] == coordinates[-1]).all())


def _join_open(chains: list[np.ndarray]) -> tuple[list[np.ndarray], list[list[float]]]:
    """Chain open pieces by their nearest ends, unless closing a piece itself is shorter."""
    rest = sorted(chains, key=lambda c: (c[0].tolist(), c[-1].tolist()))
    joined: list[np.ndarray] = []
    gaps: list[list[float]] = []
    while rest:
        current, gap = rest.pop(0), []
        while rest:
            own = float(np.hypot(*(current[-1] - current[0])))
            distances = [
                (float(np.hypot(*(end - current[-1]))), i, side)
                for i, c in enumerate(rest)
                for side, end in enumerate((c[0], c[-1]))
            ]
            nearest, i, side = min(distances)
            if own <= nearest:
                break
            piece = rest.pop(i)
            current = np.vstack([current, piece if side == 0 else piece[::-1]])
            gap.append(nearest)
        joined.append(current)
        gaps.append(gap)
    return joined, gaps
