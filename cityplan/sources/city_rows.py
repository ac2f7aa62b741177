"""One city of a batch: what its row says, made into a study, or the reason why not."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely
from pydantic import ValidationError

from cityplan.errors import CityplanError, StudyError
from cityplan.sources.areas import read_areas
from cityplan.sources.study import Study, load_study
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.spatial.arrays import Geometry
    from cityplan.spatial.readings import Box

BOUNDARY = Text(en="boundary", zh="边界")
FILES = ("boundary", "built_up", "units")
WORDS = ("standard", "lang", "crs")
SIDES = ("west", "south", "east", "north")
# What a row may say, and how the columns of a table may be called.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "city", "名称", "城市", "城市名称"),
    "study": ("study", "研究文件"),
    "extract": ("extract", "osm", "数据文件"),
    "boundary": ("boundary", "边界", "边界文件"),
    "built_up": ("built_up", "建成区"),
    "units": ("units", "统计单元"),
    "standard": ("standard", "标准"),
    "lang": ("lang", "语言"),
    "crs": ("crs", "坐标系"),
    "wkt": ("wkt",),
    "west": ("west", "西"),
    "south": ("south", "南"),
    "east": ("east", "东"),
    "north": ("north", "北"),
}


@dataclass(frozen=True, kw_only=True)
class CityRow:
    """A city of a batch.

    Attributes
    ----------
    study
        What to measure; None where ``fault`` says why it cannot be.
    shared
        The extract named by the list, of which the city's own part is to be cut.
    """

    name: str
    study: Study | None = None
    shared: Path | None = None
    fault: Text | None = None

    def without_pictures(self) -> CityRow:
        """Return the city with map sheets left out."""
        if self.study is None:
            return self
        return replace(self, study=self.study.choosing(pictures=False))

    def bounds(self) -> Box:
        """Return west, south, east and north of the boundary.

        Raises
        ------
        CityplanError
            The boundary cannot be read.
        """
        if self.study is None or self.study.boundary is None:
            raise no_boundary(self.name)
        found = read_areas(self.study.boundary, BOUNDARY)
        west, south, east, north = found.frame.total_bounds.tolist()
        return west, south, east, north


def city_row(
    fields: Mapping[str, Any],
    *,
    number: int,
    folder: Path,
    usual: Mapping[str, Any],
    shape: Geometry | None = None,
    scratch: Path,
) -> CityRow:
    """Make a city of what a row says; what is wrong with it becomes its fault.

    Parameters
    ----------
    fields
        Keys of ``COLUMNS``, empty ones left out; ``bbox`` as four numbers.
    number
        Of the row, for a city without a name.
    folder
        What relative paths start from.
    usual
        ``extract``, ``standard`` and ``lang`` of the whole batch.
    shape
        Boundary in longitude and latitude, where the row itself has it.
    scratch
        Where boundaries that are no files are put.
    """
    name = str(fields.get("name") or "").strip()
    try:
        if "study" in fields:
            return _of_study(name, folder / str(fields["study"]), usual)
        if not name:
            raise _no_name(number)
        return _of_extent(name, fields, folder, usual, shape or _shape(name, fields), scratch)
    except CityplanError as error:
        return CityRow(name=name or f"{number}", fault=error.text)


def _of_study(name: str, path: Path, usual: Mapping[str, Any]) -> CityRow:
    study = load_study(path, standard=usual.get("standard"), lang=usual.get("lang"))
    if name and name != study.name:
        study = study.model_copy(update={"name": name})
    return CityRow(name=study.name, study=study)


def _of_extent(
    name: str,
    fields: Mapping[str, Any],
    folder: Path,
    usual: Mapping[str, Any],
    shape: Geometry | None,
    scratch: Path,
) -> CityRow:
    extract = folder / str(fields["extract"]) if "extract" in fields else usual.get("extract")
    if extract is None:
        raise _no_extract(name)
    given: dict[str, Any] = {"name": name, "osm": {"path": extract}}
    given |= {key: usual[key] for key in WORDS if usual.get(key) is not None}
    given |= {key: str(fields[key]) for key in WORDS if key in fields}
    if str(given.get("standard", "")).endswith(".toml"):
        given["standard"] = str(folder / given["standard"])
    for key in FILES:
        if key in fields:
            said = fields[key] if isinstance(fields[key], dict) else {"path": str(fields[key])}
            given[key] = {**said, "path": folder / str(said.get("path", ""))}
    if shape is not None:
        given["boundary"] = {"path": keep_shape(shape, scratch)}
    if "boundary" not in given:
        raise no_boundary(name)
    try:
        return CityRow(name=name, study=Study(**given), shared=Path(extract))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise StudyError(
            Text(
                en=f"City '{name}': {where} is wrong ({first['msg']}): mend the row.",
                zh=f"城市“{name}”：{where} 有误（{first['msg']}），请修改该行。",
            )
        ) from None


def _shape(name: str, fields: Mapping[str, Any]) -> Geometry | None:
    """Return the polygon a row gives as WKT, as a box, or as its four sides."""
    if "wkt" in fields:
        try:
            shape = shapely.from_wkt(str(fields["wkt"]))
        except shapely.errors.ShapelyError:
            raise _wrong_extent(name, "wkt") from None
        if shape is None or shapely.get_dimensions(shape) != 2:  # noqa: PLR2004 - an area
            raise _wrong_extent(name, "wkt")
        return shape
    given = fields.get("bbox") or [fields[side] for side in SIDES if side in fields]
    if not given:
        return None
    try:
        west, south, east, north = (float(side) for side in given)
    except (TypeError, ValueError):
        raise _wrong_extent(name, ", ".join(SIDES)) from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):  # noqa: PLR2004 - degrees
        raise _wrong_extent(name, ", ".join(SIDES))
    return shapely.box(west, south, east, north)


def keep_shape(shape: Geometry, folder: Path) -> Path:
    """Write a boundary in longitude and latitude to a file named by its content."""
    digest = hashlib.sha256(shapely.to_wkb(shapely.normalize(shape))).hexdigest()[:24]
    path = folder / f"{digest}.geojson"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        feature = {
            "type": "Feature",
            "properties": {},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
        fresh.replace(path)
    return path


def no_boundary(name: str) -> StudyError:
    """Return the error for a city of a shared extract without an extent."""
    return StudyError(
        Text(
            en=f"City '{name}' has no extent: give a boundary file, a polygon, or west, south, east "
            "and north in degrees.",
            zh=f"城市“{name}”没有范围：请提供边界文件、面要素，或以度为单位的 west、south、east、north。",
        )
    )


def _no_extract(name: str) -> StudyError:
    return StudyError(
        Text(
            en=f"City '{name}' names no data: give the extract of all cities with --extract, or one "
            "in the row ('extract'), or a study file ('study').",
            zh=f"城市“{name}”未指定数据：请用 --extract 给出共用的 OpenStreetMap 数据，或在该行用 extract "
            "指定数据文件，或用 study 指定研究文件。",
        )
    )


def _no_name(number: int) -> StudyError:
    return StudyError(
        Text(
            en=f"Row {number} of the list has no name: fill in column 'name'.",
            zh=f"列表第{number}行没有名称，请填写 name（名称）列。",
        )
    )


def _wrong_extent(name: str, where: str) -> StudyError:
    return StudyError(
        Text(
            en=f"City '{name}': {where} is no extent in degrees: a polygon, or west < east and "
            "south < north.",
            zh=f"城市“{name}”：{where} 不是以度表示的范围，应为面，或满足 west < east、south < north。",
        )
    )
