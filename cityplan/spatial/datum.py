"""Take map coordinates of mainland China to WGS 84 and back.

Published maps of mainland China show GCJ-02, a displacement of up to 700 m that
varies from place to place, or BD-09, which is GCJ-02 with a second displacement.
The formulas here are the ones in public use; they were reverse-engineered, and
against the map services themselves they have been measured to be a few metres
off. Their inverse is exact: what is lost is lost by the formulas.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import shapely

from cityplan.spatial.crs import MAINLAND_CHINA

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapely import Polygon

    from cityplan.spatial.arrays import Bools, Floats, Shapes

Datum: TypeAlias = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]

# GCJ-02: the Krassowsky ellipsoid, and the point its polynomial is centred on.
SEMI_MAJOR_M = 6_378_245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323
CENTRE_LON, CENTRE_LAT = 105.0, 35.0
# BD-09: turns and stretches GCJ-02 a little and moves it by this much.
BAIDU_WAVE = np.pi * 3000 / 180
BAIDU_LON_DEG, BAIDU_LAT_DEG = 0.0065, 0.006

TOLERANCE_DEG = 1e-9
MAX_STEPS = 20
CHUNK = 50_000
# No displacement inside the mainland is larger.
LARGEST_SHIFT_DEG = 0.03


def to_wgs84(lon: Floats, lat: Floats, *, datum: Datum) -> tuple[Floats, Floats]:
    """Return WGS 84 coordinates.

    Parameters
    ----------
    lon, lat
        Degrees. What is not a number stays so.
    datum
        What they are. CGCS2000 is WGS 84 to within some decimetres and is
        returned unchanged, as PROJ does. GCJ-02 and BD-09 are taken back by
        fixed-point iteration until a step is below 1e-9 degrees (0.1 mm).

    Notes
    -----
    Only points of mainland China (`crs.MAINLAND_CHINA`, digitised at about 50 km)
    are moved; Hong Kong, Macau, Taiwan and everything abroad are returned as
    they are, under either datum. Inside is decided on the recovered point, so
    that `from_wgs84` and back is the identity inside. In the band along the
    outline that is as wide as the displacement (up to 700 m, BD-09 up to 1.7 km)
    a point outside cannot be told from a displaced one inside and is moved.

    Baidu documents BD-09 for Hong Kong, Macau and Taiwan too, but not what it is
    built on there: those points are left alone rather than moved by a guess.
    Count them with `in_mainland` and say so.
    """
    return _by_chunks(lon, lat, datum, _recover)


def from_wgs84(lon: Floats, lat: Floats, *, datum: Datum) -> tuple[Floats, Floats]:
    """Return WGS 84 coordinates as a map of that datum shows them: see `to_wgs84`."""
    return _by_chunks(lon, lat, datum, _displace)


def in_mainland(lon: Floats, lat: Floats) -> Bools:
    """Return which WGS 84 points the displacements apply to."""
    return _inside(MAINLAND_CHINA, lon, lat)


def geometries_to_wgs84(geometry: Shapes, *, datum: Datum) -> Shapes:
    """Return shapes in longitude and latitude with every vertex taken to WGS 84.

    Heights are dropped; missing geometries stay missing.
    """
    return _transform(geometry, datum, to_wgs84)


def geometries_from_wgs84(geometry: Shapes, *, datum: Datum) -> Shapes:
    """Return shapes as a map of that datum shows them: the opposite of `geometries_to_wgs84`."""
    return _transform(geometry, datum, from_wgs84)


def _transform(
    geometry: Shapes, datum: Datum, move: Callable[..., tuple[Floats, Floats]]
) -> Shapes:
    return shapely.transform(
        geometry, lambda xy: np.column_stack(move(xy[:, 0], xy[:, 1], datum=datum))
    )


def _by_chunks(
    lon: Floats,
    lat: Floats,
    datum: Datum,
    move: Callable[[Floats, Floats, Datum], tuple[Floats, Floats]],
) -> tuple[Floats, Floats]:
    """Return moved copies; pieces that fit the processor's cache go three times as fast."""
    lon, lat = np.array(lon, dtype=np.float64), np.array(lat, dtype=np.float64)
    if datum in ("wgs84", "cgcs2000"):
        return lon, lat
    flat_lon, flat_lat = lon.reshape(-1), lat.reshape(-1)
    for start in range(0, len(flat_lon), CHUNK):
        piece = slice(start, start + CHUNK)
        flat_lon[piece], flat_lat[piece] = move(flat_lon[piece], flat_lat[piece], datum)
    return lon, lat


def _displace(lon: Floats, lat: Floats, datum: Datum) -> tuple[Floats, Floats]:
    inside = in_mainland(lon, lat)
    x, y = _gcj02(lon[inside], lat[inside])
    if datum == "bd09":
        x, y = _bd09(x, y)
    lon[inside], lat[inside] = x, y
    return lon, lat


def _recover(lon: Floats, lat: Floats, datum: Datum) -> tuple[Floats, Floats]:
    near = np.flatnonzero(_inside(_surroundings(), lon, lat))
    x, y = lon[near], lat[near]
    if datum == "bd09":
        x, y = _invert(_bd09, x, y)
    x, y = _invert(_gcj02, x, y)
    inside = in_mainland(x, y)
    lon[near[inside]], lat[near[inside]] = x[inside], y[inside]
    return lon, lat


def _inside(area: Polygon, lon: Floats, lat: Floats) -> Bools:
    shapely.prepare(area)
    return shapely.contains_xy(area, lon, lat)


@cache
def _surroundings() -> Polygon:
    return MAINLAND_CHINA.buffer(LARGEST_SHIFT_DEG)


def _invert(
    forward: Callable[[Floats, Floats], tuple[Floats, Floats]], lon: Floats, lat: Floats
) -> tuple[Floats, Floats]:
    """Return the points that ``forward`` moves to those given."""
    x, y = lon, lat
    for _ in range(MAX_STEPS):
        shown_x, shown_y = forward(x, y)
        step_x, step_y = lon - shown_x, lat - shown_y
        x, y = x + step_x, y + step_y
        if max(np.abs(step_x).max(initial=0), np.abs(step_y).max(initial=0)) < TOLERANCE_DEG:
            break
    return x, y


def _gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - CENTRE_LON, lat - CENTRE_LAT
    root, product = np.sqrt(np.abs(x)), x * y
    twice, third_x, third_y = (np.sin(2 * np.pi * x), np.sin(np.pi / 3 * x), np.sin(np.pi / 3 * y))
    common = 20 * _sine_of_triple(twice) + 20 * twice
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * product + 0.2 * root
    north += (common + 20 * _sine_of_triple(third_y) + 40 * third_y) * 2 / 3
    north += (160 * np.sin(np.pi / 12 * y) + 320 * np.sin(np.pi / 30 * y)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * product + 0.1 * root
    east += (common + 20 * _sine_of_triple(third_x) + 40 * third_x) * 2 / 3
    east += (150 * np.sin(np.pi / 12 * x) + 300 * np.sin(np.pi / 30 * x)) * 2 / 3
    sine_squared = np.sin(np.radians(lat)) ** 2
    shape = 1 - ECCENTRICITY_SQUARED * sine_squared
    parallel_m = SEMI_MAJOR_M * np.sqrt((1 - sine_squared) / shape)
    meridian_m = SEMI_MAJOR_M * (1 - ECCENTRICITY_SQUARED) / (shape * np.sqrt(shape))
    return lon + np.degrees(east / parallel_m), lat + np.degrees(north / meridian_m)


def _sine_of_triple(sine: Floats) -> Floats:
    """Return the sine of three times the angle: half the sines need no computing."""
    return sine * (3 - 4 * sine * sine)


def _bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    radius = np.hypot(lon, lat) + 2e-5 * np.sin(lat * BAIDU_WAVE)
    angle = np.arctan2(lat, lon) + 3e-6 * np.cos(lon * BAIDU_WAVE)
    return radius * np.cos(angle) + BAIDU_LON_DEG, radius * np.sin(angle) + BAIDU_LAT_DEG
