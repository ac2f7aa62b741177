"""Geometries for the eye: without the detail that a map cannot show."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

Geometries = np.ndarray[Any, np.dtype[np.object_]]

_LINE_TYPES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)
_AREA_TYPES = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


def thinned(geometry: Geometries, thin_m: float) -> Geometries:
    """Return geometries without detail below ``thin_m``; no shape vanishes.

    Rings are thinned one by one and may touch afterwards: that is fit to be drawn,
    not to be measured, and many times faster than a simplification that stays valid.
    """
    result = geometry.copy()
    kinds = shapely.get_type_id(geometry)
    lines, areas = np.isin(kinds, _LINE_TYPES), np.isin(kinds, _AREA_TYPES)
    if lines.any():
        result[lines] = shapely.simplify(geometry[lines], thin_m, preserve_topology=False)
    if areas.any():
        result[areas] = _thinned_areas(geometry[areas], thin_m)
    return result


def _thinned_areas(areas: Geometries, thin_m: float) -> Geometries:
    parts, area_of_part = shapely.get_parts(areas, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    shells = np.diff(part_of_ring, prepend=-1) > 0
    simple = shapely.simplify(rings, thin_m, preserve_topology=False)
    closed = shapely.get_type_id(simple) == shapely.GeometryType.LINEARRING
    closed &= ~shapely.is_empty(simple)
    kept = closed | shells
    outlines = np.where(closed, simple, rings)[kept]
    polygons = np.asarray(shapely.polygons(outlines, indices=part_of_ring[kept]))
    return np.asarray(shapely.multipolygons(polygons, indices=area_of_part))
