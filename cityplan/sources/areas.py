"""Read the polygons a study is drawn on: boundary, built-up area, reporting units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from cityplan.errors import CrsError, InputFileError, MissingFileError, StudyError
from cityplan.spatial.overlay import polygon_parts
from cityplan.text import Text

if TYPE_CHECKING:
    from pathlib import Path

    from cityplan.spatial.arrays import Geometry

NAME_COLUMNS = ("name", "NAME", "Name", "名称", "MC", "mc", "unit", "nombre", "nom")
DEGREES = 360.0


@dataclass(frozen=True)
class AreaFile:
    """Polygons of a file in longitude and latitude, with what had to be done.

    Attributes
    ----------
    frame
        Column ``unit`` (name) and polygons, EPSG:4326.
    notes
        Repairs and assumptions.
    """

    frame: gpd.GeoDataFrame
    notes: tuple[Text, ...]


def read_areas(path: Path, role: Text, *, name_column: str | None = None) -> AreaFile:
    """Read the polygons of a vector file.

    Parameters
    ----------
    path
        Any format GDAL reads.
    role
        What the file is for, used in messages ("boundary").
    name_column
        Column of unit names; absent: the first that looks like one.

    Raises
    ------
    MissingFileError
        There is no such file.
    InputFileError
        It cannot be read, is empty or holds no polygons.
    CrsError
        It does not say what its coordinates are.
    StudyError
        It has no column ``name_column``.
    """
    frame = _read(path, role)
    if frame.crs is None:
        raise _no_crs(path, role, frame)
    geometry = shapely.force_2d(frame.geometry.to_numpy())
    if (shapely.is_missing(geometry) | shapely.is_empty(geometry)).all():
        raise _unusable(
            path, role,
            Text(en="holds no features: export it again", zh="没有任何要素，请重新导出"),
        )  # fmt: skip
    invalid = ~shapely.is_valid(geometry) & ~shapely.is_missing(geometry)
    notes: list[Text] = []
    if invalid.any():
        geometry[invalid] = shapely.make_valid(
            geometry[invalid], method="structure", keep_collapsed=False
        )
        notes.append(
            Text(
                en=f"{int(invalid.sum())} invalid polygons of the {role.en} were mended.",
                zh=f"{role.zh}中{int(invalid.sum())}个无效面已修复。",
            )
        )
    names = _names(frame, path, name_column)
    frame = gpd.GeoDataFrame({"unit": names}, geometry=geometry, crs=frame.crs).to_crs("EPSG:4326")
    polygons = [_polygons(shape) for shape in frame.geometry.to_numpy()]
    keep = np.array([polygon is not None for polygon in polygons])
    if not keep.any():
        raise _unusable(
            path, role,
            Text(
                en="holds lines or points but no polygons: give an area, for example by closing "
                "the line to a polygon",
                zh="只有线或点，没有面，请提供面要素（如将边界线闭合成面）",
            ),
        )  # fmt: skip
    if not keep.all():
        notes.append(
            Text(
                en=f"{int((~keep).sum())} features of the {role.en} are no polygons and were left out.",
                zh=f"{role.zh}中{int((~keep).sum())}个非面要素未采用。",
            )
        )
    frame = frame.set_geometry(gpd.GeoSeries(polygons, index=frame.index, crs=frame.crs))
    return AreaFile(frame[keep].reset_index(drop=True), tuple(notes))


def _read(path: Path, role: Text) -> gpd.GeoDataFrame:
    if not path.exists():
        raise MissingFileError(
            Text(
                en=f"The {role.en} '{path}' does not exist: check the path.",
                zh=f"{role.zh}文件“{path}”不存在，请检查路径。",
            )
        )
    try:
        frame = gpd.read_file(path)
    except (DataSourceError, DataLayerError, UnicodeDecodeError, ValueError, shapely.GEOSException):
        raise _unusable(
            path, role,
            Text(
                en="cannot be read as map data: give a GeoPackage, GeoJSON or Shapefile",
                zh="无法按矢量数据读取，请提供 GeoPackage、GeoJSON 或 Shapefile",
            ),
        ) from None  # fmt: skip
    if not isinstance(frame, gpd.GeoDataFrame):
        raise _unusable(
            path, role,
            Text(
                en="is a table without geometry: give a file with polygons, such as a GeoPackage",
                zh="是没有几何的表格，请提供含面要素的文件（如 GeoPackage）",
            ),
        )  # fmt: skip
    if len(frame) == 0:
        raise _unusable(
            path, role,
            Text(en="holds no features: export it again", zh="没有任何要素，请重新导出"),
        )  # fmt: skip
    return frame


def _unusable(path: Path, role: Text, fault: Text) -> InputFileError:
    return InputFileError(
        Text(en=f"The {role.en} '{path}' {fault.en}.", zh=f"{role.zh}文件“{path}”{fault.zh}。")
    )


def _no_crs(path: Path, role: Text, frame: gpd.GeoDataFrame) -> CrsError:
    west, south, east, north = frame.total_bounds
    degrees = max(abs(west), abs(east)) <= DEGREES and max(abs(south), abs(north)) <= DEGREES
    kind = "degrees" if degrees else "projected numbers"
    kind_zh = "经纬度" if degrees else "投影坐标"
    return CrsError(
        Text(
            en=f"The {role.en} '{path}' has {kind} but no CRS (a .prj is missing): add it, or save "
            "the file as GeoPackage with its CRS.",
            zh=f"{role.zh}文件“{path}”坐标为{kind_zh}，但缺少坐标系（如 .prj），请补充坐标系后再用。",
        )
    )


def _names(frame: gpd.GeoDataFrame, path: Path, name_column: str | None) -> list[str]:
    """Return unique names; empty ones become numbers, repeated ones are numbered."""
    if name_column is not None and name_column not in frame.columns:
        known = ", ".join(str(c) for c in frame.columns if c != frame.geometry.name)
        raise StudyError(
            Text(
                en=f"'{path}' has no column '{name_column}': its columns are {known}.",
                zh=f"“{path}”没有字段“{name_column}”，现有字段：{known}。",
            )
        )
    column = name_column or _name_like(frame)
    raw = frame[column].tolist() if column else [None] * len(frame)
    names: list[str] = []
    seen: dict[str, int] = {}
    for number, value in enumerate(raw, start=1):
        text = "" if value is None or value != value else str(value).strip()  # noqa: PLR0124 - NaN
        text = text or f"{number}"
        seen[text] = seen.get(text, 0) + 1
        names.append(text if seen[text] == 1 else f"{text} ({seen[text]})")
    return names


def _name_like(frame: gpd.GeoDataFrame) -> str | None:
    """Return the column that looks like names: a usual title, else unique words."""
    for column in NAME_COLUMNS:
        if column in frame.columns:
            return column
    for column in frame.columns.drop([frame.geometry.name]):
        values = frame[column].dropna().astype(str)
        worded = values.str.contains(r"[^\W\d_]{2}", regex=True)
        if len(values) == len(frame) and values.is_unique and worded.all():
            return str(column)
    return None


def _polygons(shape: Geometry | None) -> Geometry | None:
    if shape is None:
        return None
    parts = polygon_parts(np.array([shape], dtype=object))
    if len(parts) == 0:
        return None
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
