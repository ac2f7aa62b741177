"""What bare numbers may be: each plausible CRS, and where it would put them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import shapely
from pyproj import CRS, Transformer

from cityplan.spatial.cgcs2000 import epsg_of_prefix, plain_epsgs
from cityplan.spatial.crs import MAINLAND_CHINA, WEB_MERCATOR
from cityplan.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cityplan.spatial.arrays import Floats

Box: TypeAlias = tuple[float, float, float, float]

WGS84 = 4326
UTM_NORTH, UTM_SOUTH = 32600, 32700
UTM_ZONES_OF_CHINA = range(43, 54)
# Northings of China, 18 to 54 degrees north; eastings of a zone and its neighbours.
CHINA_NORTHING_M = (1_900_000.0, 6_000_000.0)
PLAIN_EASTING_M = (0.0, 1_000_000.0)
UTM_NORTHING_M = (0.0, 10_000_000.0)
MERCATOR_MAX_M = 20_037_508.35
# The coarse outline of China may be this wrong; a layer may lie this far beside a study.
MAINLAND_MARGIN_DEG = 0.5
PLACE_MARGIN_DEG = 0.1
OUTER_QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Numbers:
    """Where most coordinates of a layer are: stray rows do not count.

    Attributes
    ----------
    box
        5th percentile of x and y, 95th of x and y.
    centre
        Medians.
    """

    box: Box
    centre: tuple[float, float]

    def swapped(self) -> Numbers:
        """Return the same with x and y exchanged."""
        x0, y0, x1, y1 = self.box
        return Numbers((y0, x0, y1, x1), (self.centre[1], self.centre[0]))


@dataclass(frozen=True)
class Reading:
    """One way to understand a layer's numbers.

    Attributes
    ----------
    crs
        What they would be.
    swapped
        Whether x holds the northing (or latitude) and y the easting.
    box
        West, south, east, north in degrees.
    centre
        Longitude, latitude.
    """

    crs: CRS
    swapped: bool
    box: Box
    centre: tuple[float, float]

    def meets(self, place: Box) -> bool:
        """Return whether it puts the layer at a place, give or take 0.1 degrees."""
        west, south, east, north = place
        margin = PLACE_MARGIN_DEG
        return (
            self.box[0] <= east + margin
            and self.box[2] >= west - margin
            and self.box[1] <= north + margin
            and self.box[3] >= south - margin
        )

    def text(self) -> Text:
        """Return the reading and where it puts the layer's centre."""
        where = spot(*self.centre)
        order = Text(en=", x and y exchanged", zh="，x、y互换") if self.swapped else Text("", "")
        return Text(
            en=f"{code_of(self.crs)} ({self.crs.name}{order.en}): {where.en}",
            zh=f"{code_of(self.crs)}（{self.crs.name}{order.zh}）：{where.zh}",
        )


def summarise(xy: Floats) -> Numbers | None:
    """Return where coordinates are, or None where there are none.

    Rows of two zeros, and rows that are not numbers, stand for "unknown".
    """
    xy = xy[np.isfinite(xy).all(axis=1)]
    xy = xy[(xy != 0).any(axis=1)]
    if len(xy) == 0:
        return None
    low, middle, high = np.quantile(xy, OUTER_QUANTILES, axis=0)
    return Numbers(
        (float(low[0]), float(low[1]), float(high[0]), float(high[1])),
        (float(middle[0]), float(middle[1])),
    )


def read_as(numbers: Numbers, crs: CRS, *, swapped: bool = False) -> Reading | None:
    """Return where a CRS puts the numbers, or None where it cannot hold them."""
    if swapped:
        numbers = numbers.swapped()
    x0, y0, x1, y1 = numbers.box
    lon, lat = _to_lonlat(crs).transform(
        [x0, x0, x1, x1, numbers.centre[0]], [y0, y1, y0, y1, numbers.centre[1]]
    )
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return None
    if max(map(abs, lat)) > 90 or max(map(abs, lon)) > 360:  # noqa: PLR2004
        return None
    return Reading(crs, swapped, (min(lon), min(lat), max(lon), max(lat)), (lon[-1], lat[-1]))


def plausible(numbers: Numbers, place: Box | None) -> tuple[Reading, ...]:
    """Return the ways to understand numbers of which nothing is known.

    Degrees, CGCS2000 with and without zone number, UTM and web Mercator, in both
    orders. With a place: those that meet it. Without: those in mainland China, or,
    where none is, degrees anywhere.

    Notes
    -----
    The numbers cannot tell CGCS2000 from Xian 1980 or Beijing 1954, nor longitude
    and latitude of WGS 84 from GCJ-02 or BD-09.
    """
    found = [
        reading
        for swapped in (False, True)
        for code in dict.fromkeys(_codes(numbers.swapped() if swapped else numbers, place))
        if (reading := read_as(numbers, _crs(code), swapped=swapped)) is not None
    ]
    if place is not None:
        return tuple(reading for reading in found if reading.meets(place))
    home = tuple(r for r in found if _home().contains(shapely.Point(r.centre)))
    return home or tuple(r for r in found if r.crs.to_epsg() == WGS84)


def explain(xy: Floats) -> tuple[Text, ...]:
    """Return the plausible readings of coordinates and where each puts their centre.

    Parameters
    ----------
    xy
        Coordinates in the order of the file, (n, 2).
    """
    numbers = summarise(xy)
    return () if numbers is None else tuple(r.text() for r in plausible(numbers, None))


def _codes(numbers: Numbers, place: Box | None) -> Iterator[int]:
    x0, y0, x1, y1 = numbers.box
    if max(abs(x0), abs(x1)) <= 180 and max(abs(y0), abs(y1)) <= 90:  # noqa: PLR2004
        yield WGS84
        return
    chinese = CHINA_NORTHING_M[0] <= y0 and y1 <= CHINA_NORTHING_M[1]
    plain = PLAIN_EASTING_M[0] < x0 and x1 < PLAIN_EASTING_M[1]
    code = epsg_of_prefix(x0)
    if chinese and code is not None and code == epsg_of_prefix(x1):
        yield code
    if chinese and plain:
        yield from plain_epsgs()
        yield from (UTM_NORTH + zone for zone in UTM_ZONES_OF_CHINA)
    if place is not None and plain and UTM_NORTHING_M[0] <= y0 and y1 <= UTM_NORTHING_M[1]:
        yield from _utm_of(place)
    if max(map(abs, numbers.box)) <= MERCATOR_MAX_M:
        yield WEB_MERCATOR


def _utm_of(place: Box) -> Iterator[int]:
    west, south, east, north = place
    half = UTM_NORTH if south + north >= 0 else UTM_SOUTH
    first, last = (min(int((lon + 180) // 6) + 1, 60) for lon in (west, east))
    yield from range(half + first, half + last + 1)


@lru_cache
def _home() -> shapely.Polygon:
    area = MAINLAND_CHINA.buffer(MAINLAND_MARGIN_DEG)
    shapely.prepare(area)
    return area


@lru_cache(maxsize=128)
def _to_lonlat(crs: CRS) -> Transformer:
    return Transformer.from_crs(crs, _crs(WGS84), always_xy=True)


@lru_cache(maxsize=128)
def _crs(code: int) -> CRS:
    return CRS.from_epsg(code)


def code_of(crs: CRS) -> str:
    """Return what to write for a CRS in a study file."""
    code = crs.to_epsg()
    return f"EPSG:{code}" if code is not None else crs.name


def spot(lon: float, lat: float) -> Text:
    """Return a point on the globe in words."""
    east, east_zh = ("E", "东经") if lon >= 0 else ("W", "西经")
    north, north_zh = ("N", "北纬") if lat >= 0 else ("S", "南纬")
    return Text(
        en=f"{abs(lon):.3f}°{east} {abs(lat):.3f}°{north}",
        zh=f"{east_zh}{abs(lon):.3f}°、{north_zh}{abs(lat):.3f}°",
    )
