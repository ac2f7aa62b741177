"""A stand-in for the built-up area where none is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from cityplan.spatial.overlay import fill_holes, polygons_only, union
from cityplan.spatial.parallel import map_threads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cityplan.spatial.arrays import Area, Geometry, Shapes


QUADRANT_SEGMENTS = 4
# Takes out near-collinear vertices only: areas change by a millionth.
SIMPLIFY_M = 0.05


def built_up_proxies(
    urban: Shapes,
    water: Shapes,
    boundary: Geometry,
    *,
    closings_m: Sequence[float],
    hole_min_m2: float,
) -> dict[float, Area]:
    """Close the gaps between urban land and buildings, for each closing distance.

    Everything nearer than twice the distance grows together (buffered, then
    shrunk by as much); water is taken out, small holes are filled, and the
    result is cut to the boundary.

    Parameters
    ----------
    urban
        Urban land uses and buildings.
    water
        Water polygons.
    closings_m
        Closing distances, metres.
    hole_min_m2
        Smaller holes are filled.

    Notes
    -----
    Growing by 25 m and again by 25 m is growing by 50 m, so the many polygons
    are united only once, at the smallest distance.
    """
    reach = max(closings_m) * 2
    nearby = boundary.envelope.buffer(reach)
    shapely.prepare(nearby)
    urban, water = (
        urban[shapely.intersects(nearby, urban)],
        water[shapely.intersects(nearby, water)],
    )
    wet = shapely.union_all(water)
    least = min(closings_m)
    grown = {least: shapely.simplify(union(urban, grow_m=least), SIMPLIFY_M)}
    done = least
    for distance in sorted(set(closings_m) - {least}):
        grown[distance] = shapely.buffer(grown[done], distance - done, quad_segs=QUADRANT_SEGMENTS)
        done = distance

    def shrink(distance: float) -> Area:
        closed = shapely.buffer(grown[distance], -distance, quad_segs=QUADRANT_SEGMENTS)
        dry = fill_holes(closed.difference(wet), below_m2=hole_min_m2)
        return polygons_only(shapely.intersection(dry, boundary))

    return dict(zip(closings_m, map_threads(shrink, closings_m), strict=True))
