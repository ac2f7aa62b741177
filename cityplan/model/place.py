"""Where a study lies: its CRS, its margin, and how far its data reach."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError as ProjCrsError

from cityplan.errors import CrsError, NothingToMeasureError
from cityplan.spatial.crs import check_metric, choose_crs
from cityplan.spatial.overlay import linked_groups
from cityplan.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cityplan.model.layers import InputCount
    from cityplan.spatial.arrays import Bools, Geometry, Shapes
    from cityplan.spatial.readings import Box

# Everything this far beyond the boundary still serves it: twice the longest walk.
MARGIN_M = 2_000.0
DEGREE_M = 111_000.0
HALF_TURN = 180.0
BEYOND = "beyond the margin around the boundary"
# A few streets that no street of the others comes near are slips of the pen.
APART_DEG = 0.25
FEW_SHARE = 0.05
# A hull narrower than about 2 m is a line.
ONE_LINE_DEG = 1e-5


def near_others(lines: Shapes) -> Bools:
    """Return which streets lie with the others, in degrees: not the few far from them all.

    Streets further apart than about 25 km, without any between, are different places;
    where those outside the largest are one in twenty or fewer, they do not belong.
    """
    xy = shapely.get_coordinates(shapely.centroid(lines))
    drawn = np.isfinite(shapely.bounds(lines)).all(axis=1)
    belongs = np.zeros(len(lines), dtype=bool)
    if not drawn.any():
        return belongs
    cells, cell = np.unique(np.floor(xy[drawn] / APART_DEG), axis=0, return_inverse=True)
    points = shapely.points(cells)
    a, b = shapely.STRtree(points).query(points, predicate="dwithin", distance=1.5)
    place = linked_groups(a, b, len(cells))[cell.ravel()]
    rows = np.bincount(place)
    main = place == rows.argmax()
    few = rows.sum() - rows.max() <= FEW_SHARE * rows.sum()
    belongs[drawn] = main | ~few
    return belongs


def hull_of_streets(streets: gpd.GeoDataFrame | None, source: str) -> shapely.Polygon:
    """Return the convex hull of the streets: the area to report on where none is given.

    The few that are far from all others do not stretch it.

    Raises
    ------
    NothingToMeasureError
        There are no streets, or they span no area.
    """
    lines = np.zeros(0, dtype=object) if streets is None else streets.geometry.to_numpy()
    lines = lines[shapely.get_dimensions(lines) == 1]
    if len(lines) == 0:
        raise NothingToMeasureError(
            Text(
                en=f"'{source}' holds no streets, so there is no area to report on: give a "
                "boundary, or an extract with streets.",
                zh=f"“{source}”中没有道路，无法确定报告范围，请提供边界或包含道路的数据。",
            )
        )
    lines = lines[near_others(lines)]
    hull = shapely.convex_hull(shapely.multipoints(shapely.get_coordinates(lines)))
    if hull.area <= ONE_LINE_DEG * hull.length:
        raise NothingToMeasureError(
            Text(
                en=f"The streets of '{source}' lie on one line, so they span no area: give a boundary.",
                zh=f"“{source}”中的道路位于一条直线上，无法围成范围，请提供边界。",
            )
        )
    return hull


def working_crs(wanted: str, boundary: Geometry) -> CRS:
    """Return the CRS a study asks for, or the one that fits its boundary (degrees).

    Raises
    ------
    CrsError
        It is unknown, not in metres, or EPSG:3857; or the boundary is on both sides of
        the 180th meridian.
    """
    west, _, east, _ = boundary.bounds
    if east - west > HALF_TURN:
        raise CrsError(
            Text(
                en="The boundary has parts on both sides of the 180th meridian, which cityplan cannot "
                "measure as one: give the boundary of one side.",
                zh="边界跨越180°经线两侧，无法作为整体计算，请提供其中一侧的边界。",
            )
        )
    if wanted == "auto":
        return choose_crs(*boundary.bounds)
    try:
        return check_metric(CRS.from_user_input(wanted))
    except ProjCrsError:
        raise CrsError(
            Text(
                en=f"crs = '{wanted}' is not a coordinate reference system: use 'auto' or a code "
                "such as 'EPSG:4548'.",
                zh=f"crs = “{wanted}”不是有效的坐标系，请使用 auto 或如 EPSG:4548 的代码。",
            )
        ) from None


def with_margin(bounds: Box) -> Box:
    """Widen west, south, east and north (degrees) by the margin."""
    west, south, east, north = bounds
    high = MARGIN_M / DEGREE_M
    wide = high / max(0.05, float(np.cos(np.radians(max(abs(south), abs(north))))))
    return west - wide, south - high, east + wide, north + high


def near_boundary(
    frames: Mapping[str, gpd.GeoDataFrame],
    counts: Mapping[str, InputCount],
    boundary: Geometry,
) -> tuple[dict[str, gpd.GeoDataFrame], dict[str, InputCount]]:
    """Keep what lies within the margin around the boundary, and count the rest.

    Parameters
    ----------
    frames, boundary
        In longitude and latitude.
    """
    west, south, east, north = with_margin(boundary.bounds)
    kept, told = {}, {}
    for name, frame in frames.items():
        box = shapely.bounds(frame.geometry.to_numpy())
        near = (box[:, 0] <= east) & (box[:, 2] >= west)
        near &= (box[:, 1] <= north) & (box[:, 3] >= south)
        near |= np.isnan(box[:, 0])  # without geometry: not far, but empty
        far = int((~near).sum())
        count = counts[name]
        kept[name] = frame[near].reset_index(drop=True)
        told[name] = replace(
            count, rejected={**count.rejected, BEYOND: far} if far else count.rejected
        )
    return kept, told


def project(geometry: Geometry, crs: CRS) -> Geometry:
    """Project a geometry from longitude and latitude."""
    return gpd.GeoSeries([geometry], crs="EPSG:4326").to_crs(crs).iloc[0]


def data_extent(
    declared: shapely.Polygon | None, streets: gpd.GeoDataFrame, crs: CRS
) -> shapely.Polygon | None:
    """Return where the data are complete: the declared box, else the hull of the streets.

    Parameters
    ----------
    declared
        In longitude and latitude.
    streets
        In ``crs``.
    """
    if declared is not None:
        return project(shapely.segmentize(declared, 0.01), crs)
    if len(streets) == 0:
        return None
    hull = shapely.convex_hull(shapely.multipoints(shapely.get_coordinates(streets.geometry)))
    return hull if hull.geom_type == "Polygon" else None
