"""Beijing 1954 and Xian 1980: refused unless their parameters are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cityplan.errors import CrsError
from cityplan.text import Text

if TYPE_CHECKING:
    from pyproj import CRS

BEIJING_1954 = Text(en="Beijing 1954", zh="1954北京坐标系")
XIAN_1980 = Text(en="Xian 1980", zh="1980西安坐标系")
NEW_BEIJING = Text(en="New Beijing 1954", zh="新1954北京坐标系")
NAMES = {"new beijing": NEW_BEIJING, "beijing": BEIJING_1954, "xian": XIAN_1980}
# Semi-major axis and inverse flattening of Krassowsky 1940 and IAU 1975, by
# which the two are known where a file names the ellipsoid and no datum.
ELLIPSOIDS = {(6_378_245.0, 298.3): BEIJING_1954, (6_378_140.0, 298.257): XIAN_1980}
UNNAMED = ("unknown", "not specified", "undefined")
TRANSVERSE_MERCATOR = ("Transverse Mercator", "Gauss-Kruger")


def refuse_old_datum(crs: CRS, what: Text) -> None:
    """Refuse a CRS whose way to CGCS2000 differs from city to city.

    Parameters
    ----------
    crs
        What a layer is said to be. One that carries its parameters (``+towgs84``)
        passes.
    what
        The layer, as the subject of a sentence.

    Raises
    ------
    CrsError
        It is Beijing 1954, New Beijing or Xian 1980 without parameters.
    """
    datum = None if crs.is_bound else old_datum(crs)
    if datum is None or crs.ellipsoid is None:
        return
    axis_m, flattening = crs.ellipsoid.semi_major_metre, crs.ellipsoid.inverse_flattening
    line = _line_with_parameters(crs, f"+a={axis_m:.10g} +rf={flattening:.10g}")
    raise CrsError(
        Text(
            en=f"{what.en} is in {datum.en} ('{crs.name}'), which differs from CGCS2000 by tens of "
            "metres or more, in each city by other amounts. Have the surveying office transform it "
            "to CGCS2000, or write the office's seven parameters in its table of the study file: "
            f"crs = '{line}'.",
            zh=f"{what.zh}采用{datum.zh}（{crs.name}），与 CGCS2000 相差数十米以上，且各地参数不同。"
            "请由测绘部门转换为 CGCS2000 后使用，或在研究文件该图层下写入测绘部门提供的七参数："
            f"crs = '{line}'。",
        )
    )


def old_datum(crs: CRS) -> Text | None:
    """Return which of the old datums a CRS rests on, by its name or its ellipsoid."""
    geodetic = crs.geodetic_crs
    if geodetic is None or geodetic.datum is None:
        return None
    datum = geodetic.datum.name
    names = f"{crs.name} {geodetic.name} {datum}".lower()
    names = names.replace("_", " ").replace("'", "")
    if any(word in datum.lower() for word in UNNAMED) and geodetic.ellipsoid is not None:
        ellipsoid = geodetic.ellipsoid
        flattening = round(ellipsoid.inverse_flattening, 3)
        return ELLIPSOIDS.get((ellipsoid.semi_major_metre, flattening)) or _named(names)
    return _named(names)


def _named(names: str) -> Text | None:
    return next((text for name, text in NAMES.items() if name in names), None)


def _line_with_parameters(crs: CRS, size: str) -> str:
    parameters = "+towgs84=dX,dY,dZ,rX,rY,rZ,dS"
    operation = crs.coordinate_operation
    if operation is None or operation.method_name not in TRANSVERSE_MERCATOR:
        return f"+proj=longlat {size} {parameters}"
    value = {parameter.name: parameter.value for parameter in operation.params}
    return (
        f"+proj=tmerc +lat_0=0 +lon_0={value['Longitude of natural origin']:g} "
        f"+k={value['Scale factor at natural origin']:g} +x_0={value['False easting']:.10g} "
        f"+y_0={value['False northing']:.10g} {size} +units=m {parameters}"
    )
