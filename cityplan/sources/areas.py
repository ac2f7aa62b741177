"""Read the polygons a study is drawn on: boundary, built-up area, reporting units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from cityplan.errors import CrsError, InputFileError, StudyError
from cityplan.sources.files.open_source import read_raw
from cityplan.sources.locating import WGS84, locate
from cityplan.spatial.overlay import polygon_parts
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.sources.files.raw import RawLayer
    from cityplan.sources.layer_source import AreaSource
    from cityplan.spatial.arrays import Geometry
    from cityplan.spatial.readings import Box

UNITS = "reporting units"
SHOWN_NAMES = 5
NAME_COLUMNS = ("name", "NAME", "Name", "名称", "MC", "mc", "unit", "nombre", "nom")

DEGREES = 180.0


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


def read_areas(source: AreaSource, role: Text, *, place: Box | None = None) -> AreaFile:
    """Read the polygons of a vector file.

    Parameters
    ----------
    source
        The file, and the column of unit names; absent: the first that looks like one.
    role
        What the file is for, used in messages ("boundary").
    place
        West, south, east, north of the study in degrees, where known.

    Raises
    ------
    MissingFileError
        There is no such file.
    InputFileError
        It cannot be read, is empty or holds no polygons.
    CrsError
        It does not say what its coordinates are.
    StudyError
        It has no column of that name.
    """
    path = source.path
    what = Text(en=f"The {role.en} '{path}'", zh=f"{role.zh}文件“{path}”")
    raw = read_raw(source, what=role)
    empty = shapely.is_missing(raw.frame.geometry) | shapely.is_empty(raw.frame.geometry)
    if empty.all():
        raise _unusable(
            what, Text(en="holds no features: export it again", zh="没有任何要素，请重新导出")
        )
    _refuse_bare_degrees(raw, source, what)
    located = locate(raw, source, what=what, place=place)
    geometry = located.frame.geometry.to_numpy().copy()
    notes = [*raw.notes, *located.notes, *located.doubts]
    invalid = ~shapely.is_valid(geometry) & ~shapely.is_missing(geometry)
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
    polygons = [_polygons(shape) for shape in geometry]
    keep = np.array([polygon is not None for polygon in polygons])
    if not keep.any():
        raise _unusable(
            what,
            Text(
                en="holds lines or points but no polygons: give an area, for example by closing "
                "the line to a polygon",
                zh="只有线或点，没有面，请提供面要素（如将边界线闭合成面）",
            ),
        )
    if not keep.all():
        notes.append(
            Text(
                en=f"{int((~keep).sum())} features of the {role.en} are no polygons and were left out.",
                zh=f"{role.zh}中{int((~keep).sum())}个非面要素未采用。",
            )
        )
    names, renamed = _names(raw.frame, what, source.name)
    if role.en == UNITS:
        notes += renamed
    frame = gpd.GeoDataFrame({"unit": names}, geometry=polygons, crs=WGS84)
    return AreaFile(frame[keep].reset_index(drop=True), tuple(notes))


def _refuse_bare_degrees(raw: RawLayer, source: AreaSource, what: Text) -> None:
    """Refuse degrees of an unknown datum: 500 m off, an area is another area."""
    if raw.frame.crs is not None or source.crs is not None or source.datum is not None:
        return
    xy = np.abs(shapely.get_coordinates(raw.frame.geometry.to_numpy()))
    if (xy <= DEGREES).all():
        raise CrsError(
            Text(
                en=f"{what.en} has degrees but no CRS (a .prj is missing): add it, or write "
                '{ path = "...", datum = "wgs84" } in the study file ("gcj02" where it comes from a '
                "map service).",
                zh=f"{what.zh}坐标为经纬度，但缺少坐标系（如 .prj），请补充，或在研究文件中写明"
                '{ path = "…", datum = "wgs84" }（来自网络地图的写 "gcj02"）。',
            )
        )


def _unusable(what: Text, fault: Text) -> InputFileError:
    return InputFileError(Text(en=f"{what.en} {fault.en}.", zh=f"{what.zh}{fault.zh}。"))


def _names(
    frame: gpd.GeoDataFrame, what: Text, name_column: str | None
) -> tuple[list[str], list[Text]]:
    """Return unique names; empty ones become numbers, repeated ones are numbered, and told."""
    if name_column is not None and name_column not in frame.columns:
        known = ", ".join(str(c) for c in frame.columns if c != frame.geometry.name)
        raise StudyError(
            Text(
                en=f"{what.en} has no column '{name_column}': its columns are {known}.",
                zh=f"{what.zh}没有字段“{name_column}”，现有字段：{known}。",
            )
        )
    column = name_column or _name_like(frame)
    raw = frame[column].tolist() if column else [None] * len(frame)
    names: list[str] = []
    seen: dict[str, int] = {}
    blank = 0
    for number, value in enumerate(raw, start=1):
        text = "" if value is None or value != value else str(value).strip()  # noqa: PLR0124 - NaN
        blank += not text
        text = text or f"{number}"
        seen[text] = seen.get(text, 0) + 1
        names.append(text if seen[text] == 1 else f"{text} ({seen[text]})")
    repeated = [text for text, times in seen.items() if times > 1]
    return names, _renamed(blank if column else 0, repeated)


def _renamed(blank: int, repeated: list[str]) -> list[Text]:
    told = []
    if blank:
        told.append(
            Text(
                en=f"{blank} reporting units have no name: their row's number stands for it.",
                zh=f"{blank}个统计单元没有名称，以行号代替。",
            )
        )
    if repeated:
        shown = repeated[:SHOWN_NAMES]
        told.append(
            Text(
                en=f"{len(repeated)} names stand for several reporting units, which were numbered "
                f"({', '.join(shown)}): unite their polygons where they are one unit.",
                zh=f"{len(repeated)}个名称对应多个统计单元，已加序号区分（{'、'.join(shown)}）；"
                "如属同一单元，请先合并图形。",
            )
        )
    return told


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
