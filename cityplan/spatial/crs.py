"""Choose a projected CRS in which metres are metres."""

from __future__ import annotations

import shapely
from pyproj import CRS

from cityplan.errors import CrsError
from cityplan.text import Text

WEB_MERCATOR = 3857
CGCS2000_ZONE_25 = 4534
MAX_ZONE_WIDTH_DEG = 3.0
MAX_UTM_LATITUDE_DEG = 84.0

# A coarse outline of mainland China (longitude, latitude), digitised for this
# package at about 50 km, at about 1 km where it passes Hong Kong, Macau, Kinmen
# and Matsu: good enough to pick a zone or a datum, not a border. Those, the
# island of Taiwan and Hanoi are outside.
MAINLAND_CHINA = shapely.Polygon(
    [
        (73.6, 39.4), (76.0, 40.5), (80.2, 42.1), (80.3, 45.0), (82.5, 45.2), (85.5, 48.4),
        (87.7, 49.1), (91.0, 46.0), (95.4, 44.2), (105.0, 41.6), (111.8, 43.6), (112.0, 45.0),
        (116.0, 46.4), (119.9, 46.7), (116.0, 48.0), (118.0, 49.5), (120.0, 52.6), (121.5, 53.5),
        (125.5, 53.0), (127.5, 50.2), (130.6, 48.9), (134.8, 48.4), (133.0, 45.0), (131.2, 43.0),
        (130.6, 42.4), (128.0, 42.0), (126.0, 41.4), (124.3, 40.0), (121.8, 38.7), (122.7, 37.2),
        (120.3, 34.5), (122.4, 31.5), (122.5, 29.8), (120.2, 26.6), (119.9, 26.3), (119.8, 26.05),
        (119.9, 25.9), (118.6, 24.53), (118.3, 24.55), (118.2, 24.47), (118.1, 24.3),
        (116.8, 22.9), (114.6, 22.55), (114.226, 22.548), (114.16, 22.56), (114.113, 22.531),
        (114.066, 22.514), (114.04, 22.51), (113.7, 22.3), (113.555, 22.2165), (113.53, 22.2135),
        (113.53, 22.19), (113.54, 22.165), (113.545, 22.1), (113.2, 21.8),
        (110.8, 21.1), (111.2, 19.7), (109.5, 18.0), (108.5, 19.1), (109.3, 21.0), (108.0, 21.45),
        (106.7, 22.0), (105.3, 23.2), (102.5, 22.6), (101.1, 21.2), (99.3, 22.1), (97.6, 24.2),
        (98.6, 27.5), (95.0, 29.2), (91.8, 27.8), (88.8, 27.5), (86.0, 28.0), (81.0, 30.2),
        (78.6, 31.8), (79.0, 34.3), (75.9, 36.6),
    ]
)  # fmt: skip


def choose_crs(west: float, south: float, east: float, north: float) -> CRS:
    """Return a metric CRS for an extent in degrees.

    CGCS2000 in its 3-degree zone (EPSG:4534 to 4554) in mainland China, UTM
    elsewhere, a local equal-area projection for extents wider than 3 degrees
    or beyond UTM.

    Raises
    ------
    CrsError
        The extent is not in degrees.
    """
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):  # noqa: PLR2004
        raise CrsError(
            Text(
                en=f"The extent ({west:.0f} {south:.0f} {east:.0f} {north:.0f}) is not in degrees "
                "of longitude and latitude: give the file its CRS.",
                zh=f"范围（{west:.0f} {south:.0f} {east:.0f} {north:.0f}）不是经纬度，"
                "请为文件指定坐标系。",
            )
        )
    lon, lat = (west + east) / 2, (south + north) / 2
    if east - west > MAX_ZONE_WIDTH_DEG or max(abs(south), abs(north)) > MAX_UTM_LATITUDE_DEG:
        return CRS.from_proj4(
            f"+proj=laea +lat_0={lat:.2f} +lon_0={lon:.2f} +datum=WGS84 +units=m +no_defs"
        )
    if MAINLAND_CHINA.contains(shapely.Point(lon, lat)):
        zone = int((lon + 1.5) // 3)
        return CRS.from_epsg(CGCS2000_ZONE_25 + zone - 25)
    zone = min(int((lon + 180) // 6) + 1, 60)
    return CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def check_metric(crs: CRS) -> CRS:
    """Return ``crs`` if it is projected, in metres and fit for areas.

    Raises
    ------
    CrsError
        It is geographic, not in metres, or EPSG:3857.
    """
    if crs.to_epsg() == WEB_MERCATOR:
        raise CrsError(
            Text(
                en='EPSG:3857 (web Mercator) shows areas up to 70 % too large: use crs = "auto" '
                "or a projected CRS of the place.",
                zh='EPSG:3857（Web 墨卡托）面积误差可达 70%，请使用 crs = "auto" 或当地投影坐标系。',
            )
        )
    if not crs.is_projected or abs(crs.axis_info[0].unit_conversion_factor - 1) > 0:
        raise CrsError(
            Text(
                en=f"CRS '{crs.name}' is not projected in metres: use crs = \"auto\" or an EPSG code "
                "of a metric CRS.",
                zh=f'坐标系“{crs.name}”不是以米为单位的投影坐标系，请使用 crs = "auto" 或米制投影坐标系代码。',
            )
        )
    return crs
