"""The arrays that geometry and graphs are made of."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Shapes: TypeAlias = NDArray[np.object_]
Geometry: TypeAlias = BaseGeometry
Area: TypeAlias = Polygon | MultiPolygon


def run_starts(*sorted_keys: NDArray[np.generic]) -> Bools:
    """Return where a run of equal rows begins in columns that are sorted together."""
    new = np.zeros(len(sorted_keys[0]), dtype=bool)
    new[:1] = True
    for key in sorted_keys:
        new[1:] |= key[1:] != key[:-1]
    return new
