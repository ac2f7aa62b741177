"""One layer from several sources: what an earlier source has is not taken again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from rtree.index import Index

from cityplan.errors import CrsError
from cityplan.sources.fields.dedupe import LINES, POLYGONS, Tidy, without
from cityplan.text import Text

if TYPE_CHECKING:
    import geopandas as gpd

    from cityplan.spatial.arrays import Geometry

REPEATED = "already in another source"
# Two records of one place: points this near, polygons that share this much of the
# smaller one, lines of which this much lies this near the other, both ways.
SAME_POINT_M = 20.0
SAME_AREA_SHARE = 0.5
SAME_LINE_M = 10.0
SAME_LINE_SHARE = 0.9
# Neighbours are two households: only the same number of people at one spot is one.
SAME_ADDRESS_M = 1.0
# What tells two records of one place apart. One building is one, whatever its use is called.
KEYS = {"facilities": "category", "population": "people", "land_use": "use"}
# Layers whose rows stand apart only by where they are: their names are worded freely.
NAMELESS = ("toilets", "entrances", "street_nodes")
_IN_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]|\s+")


class Sources:
    """One layer from several sources; what an earlier source has is not taken again.

    Parameters
    ----------
    layer
        Name of the catalogue layer.
    """

    def __init__(self, layer: str) -> None:
        self.layer = layer
        self._within_m = SAME_ADDRESS_M if layer == "population" else SAME_POINT_M
        self._index = Index()
        self._frames: list[gpd.GeoDataFrame] = []
        self._shapes: list[Geometry] = []
        self._keys: list[str] = []
        self._names: list[str] = []

    def add(self, frame: gpd.GeoDataFrame) -> Tidy:
        """Take the rows of a source that none before has; the others are counted.

        Parameters
        ----------
        frame
            Rows with the catalogue's columns, projected in metres.

        Raises
        ------
        CrsError
            The coordinates are not metres.
        """
        _check_metres(frame, self.layer)
        shapes = np.asarray(frame.geometry.array)
        keys = _texts(frame, KEYS.get(self.layer, ""))
        names = [_IN_BRACKETS.sub("", name).casefold() for name in _texts(frame, "name")]
        repeated = np.array(
            [self._has(*row) for row in zip(shapes, keys, names, strict=True)], dtype=bool
        )
        done = without(frame, repeated, REPEATED)
        there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        taken = np.flatnonzero(~repeated & there).tolist()
        self._remember([shapes[row] for row in taken])
        self._keys += [keys[row] for row in taken]
        self._names += [names[row] for row in taken]
        self._frames.append(done.frame)
        return done

    def _remember(self, shapes: Sequence[Geometry]) -> None:
        """Let the index grow; the first source is loaded at once, which is much faster."""
        boxes = [
            (number, shape.bounds, None) for number, shape in enumerate(shapes, len(self._shapes))
        ]
        if not self._shapes and boxes:
            self._index = Index(iter(boxes))
        else:
            for number, box, _ in boxes:
                self._index.insert(number, box)
        self._shapes += shapes

    @property
    def frame(self) -> gpd.GeoDataFrame:
        """The rows of all sources."""
        filled = [frame for frame in self._frames if len(frame)] or self._frames[:1]
        return pd.concat(filled, ignore_index=True)

    def _has(self, shape: Geometry, key: str, name: str) -> bool:
        if shape is None or shape.is_empty:
            return False
        west, south, east, north = shape.bounds
        near = self._index.intersection(
            (west - SAME_POINT_M, south - SAME_POINT_M, east + SAME_POINT_M, north + SAME_POINT_M)
        )
        return any(
            self._keys[other] == key
            and self._one_name(self._names[other], name)
            and same_place(self._shapes[other], shape, within_m=self._within_m)
            for other in near
        )

    def _one_name(self, a: str, b: str) -> bool:
        """Whether two names may be of one place; only points of services are told by names."""
        if self.layer != "facilities" or not a or not b:
            return True
        return a in b or b in a


def merge_sources(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame, layer: str) -> Tidy:
    """Add the rows of a second source that the first has not.

    Points are the same within 20 m (facilities: of one category, their names the same,
    one in the other, or blank), polygons when they share more than half of the smaller,
    lines when nine tenths of each lie within 10 m of the other.

    Parameters
    ----------
    first, second
        Rows of one layer with the catalogue's columns, in one projected CRS, metres.
    layer
        Name of the catalogue layer.

    Returns
    -------
    Tidy
        All of ``first`` and what ``second`` adds; ``rejected`` counts rows of ``second``.

    Raises
    ------
    CrsError
        The coordinates are not metres.
    """
    sources = Sources(layer)
    sources.add(first)
    added = sources.add(second)
    return Tidy(sources.frame, added.rejected)


def same_place(a: Geometry, b: Geometry, *, within_m: float = SAME_POINT_M) -> bool:
    """Whether two geometries, in metres, are records of one thing: points ``within_m``."""
    kinds = {shapely.get_type_id(a).item(), shapely.get_type_id(b).item()}
    if kinds <= set(POLYGONS):
        smaller = min(a.area, b.area)
        return bool(_shared(a, b) > SAME_AREA_SHARE * smaller) if smaller > 0 else bool(a.equals(b))
    if kinds <= set(LINES):
        return _along(a, b) and _along(b, a)
    return bool(a.distance(b) <= within_m)


def _shared(a: Geometry, b: Geometry) -> float:
    valid = [shape if shape.is_valid else shapely.make_valid(shape) for shape in (a, b)]
    return float(shapely.intersection(*valid).area)


def _along(line: Geometry, other: Geometry) -> bool:
    inside = shapely.intersection(line, shapely.buffer(other, SAME_LINE_M, cap_style="flat"))
    return bool(inside.length >= SAME_LINE_SHARE * line.length)


def _texts(frame: gpd.GeoDataFrame, column: str) -> Sequence[str]:
    if column not in frame:
        return [""] * len(frame)
    return ["" if pd.isna(cell) else str(cell) for cell in frame[column]]


def _check_metres(frame: gpd.GeoDataFrame, layer: str) -> None:
    if frame.crs is None or not frame.crs.is_projected:
        raise CrsError(
            Text(
                en=f"Layer '{layer}': sources can only be compared in metres; project them first.",
                zh=f"图层“{layer}”：多个来源须先投影（单位为米）再比较。",
            )
        )
