"""Which named street lies nearest: what makes a place findable without coordinates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import STRtree

from cityplan.model.result import Result
from cityplan.outputs.shapes import text_of, with_geometry

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from cityplan.model.report import Report

MOST_M = 300.0


class Streets:
    """The named lines among the facilities of a report."""

    def __init__(self, report: Report) -> None:
        frames = [
            with_geometry(result.shapes["facility"])
            for result in report.results
            if isinstance(result, Result) and "facility" in result.shapes
        ]
        lines = [(frame.geometry.to_numpy(), frame["name"].map(text_of)) for frame in frames]
        shapes = np.concatenate([np.zeros(0, dtype=object), *(shape for shape, _ in lines)])
        names = np.array([name for _, column in lines for name in column], dtype=object)
        named = (shapely.get_dimensions(shapes) == 1) & (names != "")
        self._names = names[named]
        self._tree = STRtree(shapes[named])

    def nearest(self, frame: gpd.GeoDataFrame) -> Sequence[str]:
        """Return the name of the street nearest to each shape, empty where none is near."""
        found = np.full(len(frame), "", dtype=object)
        if len(self._names) and len(frame):
            points = frame.geometry.representative_point().to_numpy()
            row, street = self._tree.query_nearest(points, max_distance=MOST_M, all_matches=False)
            found[row] = self._names[street]
        return [str(name) for name in found]
