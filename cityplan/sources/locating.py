"""Bring the rows of a file to longitude and latitude (WGS 84)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError as ProjCrsError

from cityplan.errors import CrsError
from cityplan.spatial.datum import geometries_to_wgs84
from cityplan.spatial.georeference import georeference
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.sources.files.raw import RawLayer
    from cityplan.sources.layer_source import Datum, Source
    from cityplan.spatial.arrays import Geometry, Shapes
    from cityplan.spatial.readings import Box

WGS84 = "EPSG:4326"
GEOGRAPHIC = {"wgs84": WGS84, "cgcs2000": "EPSG:4490", "gcj02": WGS84, "bd09": WGS84}
SHIFTED = ("gcj02", "bd09")
DATUM_NAMES = {"gcj02": "GCJ-02", "bd09": "BD-09"}


@dataclass(frozen=True)
class Located:
    """Rows in longitude and latitude.

    Attributes
    ----------
    frame
        EPSG:4326, two dimensions.
    datum
        What the coordinates were taken for.
    notes
        What was assumed, exchanged or shifted.
    doubts
        Notes a result may hang on.
    """

    frame: gpd.GeoDataFrame
    datum: Datum
    notes: tuple[Text, ...]
    doubts: tuple[Text, ...] = ()


def locate(raw: RawLayer, source: Source, *, what: Text, place: Box | None) -> Located:
    """Decide what the coordinates of a layer are and bring them to EPSG:4326.

    Parameters
    ----------
    what
        The layer, as the subject of a sentence.
    place
        West, south, east, north of the study in degrees, where known.

    Raises
    ------
    CrsError
        It cannot be known for certain; the message says what to write.
    """
    geometry = shapely.force_2d(raw.frame.geometry.to_numpy())
    found = georeference(
        shapely.get_coordinates(geometry),
        what=what,
        declared=raw.frame.crs,
        stated=_stated(source, geometry, what),
        place=place,
    )
    if found.swapped:
        geometry = shapely.transform(geometry, lambda xy: xy[:, ::-1])
    located = gpd.GeoSeries(geometry, index=raw.frame.index, crs=found.crs).to_crs(WGS84)
    notes, doubts = list(found.notes), []
    nowhere = ~np.isfinite(shapely.bounds(located.to_numpy())).all(axis=1)
    nowhere &= ~(located.isna() | located.is_empty).to_numpy()
    if nowhere.any():
        located[nowhere] = None
        doubts.append(_nowhere_note(int(nowhere.sum())))
    datum = source.datum or ("cgcs2000" if _is_cgcs2000(found.crs) else "wgs84")
    if datum in SHIFTED:
        moved = geometries_to_wgs84(located.to_numpy(), datum=datum)
        notes.append(_shift_note(located.to_numpy(), moved, datum))
        located = gpd.GeoSeries(moved, index=raw.frame.index, crs=WGS84)
    elif source.datum is None and raw.frame.crs is None and found.crs.is_geographic:
        doubts.append(
            Text(
                en=f"{what.en} does not say its datum: taken for WGS 84. Coordinates of a map service "
                'are 300 to 700 m off: then write datum = "gcj02" (AMap, Tencent) or "bd09" (Baidu).',
                zh=f"{what.zh}未说明坐标基准，按 WGS 84 处理。若来自网络地图，偏移可达 300 至 700 米，"
                '请写明 datum = "gcj02"（高德、腾讯）或 "bd09"（百度）。',
            )
        )
    return Located(
        raw.frame.set_geometry(located), datum, tuple(dict.fromkeys(notes)), tuple(doubts)
    )


def _stated(source: Source, geometry: Shapes, what: Text) -> CRS | None:
    """Return the CRS the study file states; a datum alone speaks of degrees."""
    if source.crs is None:
        xy = shapely.get_coordinates(geometry)
        degrees = len(xy) > 0 and bool((np.nanmax(np.abs(xy), axis=0) <= (180, 180)).all())
        return CRS.from_user_input(GEOGRAPHIC[source.datum]) if source.datum and degrees else None
    try:
        return CRS.from_user_input(source.crs)
    except ProjCrsError:
        raise CrsError(
            Text(
                en=f"{what.en}: crs = '{source.crs}' is no coordinate reference system: write a code "
                "such as 'EPSG:4548'.",
                zh=f"{what.zh}：crs = “{source.crs}”不是有效的坐标系，请填写如 EPSG:4548 的代码。",
            )
        ) from None


def _is_cgcs2000(crs: CRS) -> bool:
    return "2000" in crs.name and "China" in (crs.datum.name if crs.datum else "")


def _nowhere_note(rows: int) -> Text:
    return Text(
        en=f"{rows} rows have coordinates that lie nowhere on earth: they count as without geometry.",
        zh=f"{rows}行坐标不在地球上任何位置，按无几何处理。",
    )


def _shift_note(before: Shapes, after: Shapes, datum: Datum) -> Text:
    moved_m = _median_move_m(before, after)
    name = DATUM_NAMES[datum]
    return Text(
        en=f"{name} coordinates were converted to WGS 84 and moved by {moved_m:.0f} m (median).",
        zh=f"{name} 坐标已转换为 WGS 84，移动距离中位数{moved_m:.0f}米。",
    )


def _median_move_m(before: Shapes, after: Shapes) -> float:
    a, b = (shapely.get_coordinates(_centres(shapes)) for shapes in (before, after))
    if len(a) == 0:
        return 0.0
    step = (b - a) * 111_195.0
    step[:, 0] *= np.cos(np.radians(a[:, 1]))
    return float(np.median(np.hypot(step[:, 0], step[:, 1])))


def _centres(shapes: Shapes) -> list[Geometry]:
    usable = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    return list(shapely.centroid(usable))
