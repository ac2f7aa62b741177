"""The list of cities of a batch: TOML, a table, a layer of extents, or a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import shapely

from cityplan.errors import InputFileError, MissingFileError
from cityplan.sources.city_rows import COLUMNS, CityRow, city_row
from cityplan.sources.files.open_source import TABLES, read_raw
from cityplan.sources.files.table_rows import read_sheets
from cityplan.sources.layer_source import AreaSource
from cityplan.sources.locating import locate
from cityplan.sources.osm_file import SUFFIXES
from cityplan.sources.study import STUDY_FILE
from cityplan.sources.toml_file import check_keys, read_toml
from cityplan.text import Text

ROLE = Text(en="list of cities", zh="城市列表")
USUAL = ("extract", "standard", "lang")


def read_cities(
    path: Path,
    *,
    extract: Path | None = None,
    standard: str | None = None,
    lang: str | None = None,
    scratch: Path,
) -> list[CityRow]:
    """Read the cities of a batch, in the order of the list.

    Parameters
    ----------
    path
        A TOML file with ``[[city]]`` tables, a table (CSV, Excel) or a vector layer
        with a row per city, or a folder of studies and extracts.
    extract, standard, lang
        What holds for every city whose row says nothing else. In a folder the standard
        and the language take the place of what the studies say.
    scratch
        Where boundaries that are no files are put.

    Raises
    ------
    MissingFileError
        There is nothing at ``path``.
    InputFileError
        It cannot be read, or holds no city.
    StudyError
        A key of the TOML file is unknown.
    """
    if not path.exists():
        raise MissingFileError(
            Text(
                en=f"'{path}' does not exist: give a list of cities (.toml, .csv, .gpkg) or a folder "
                "of studies and extracts.",
                zh=f"“{path}”不存在，请提供城市列表（.toml、.csv、.gpkg）或包含研究文件与数据的文件夹。",
            )
        )
    usual: dict[str, Any] = {"extract": extract, "standard": standard, "lang": lang}
    folder = path if path.is_dir() else path.parent
    rows = []
    for number, (fields, shape) in enumerate(_rows(path, usual), start=1):
        rows.append(
            city_row(
                fields, number=number, folder=folder.absolute(), usual=usual, shape=shape,
                scratch=scratch,
            )
        )  # fmt: skip
    if not rows:
        raise InputFileError(
            Text(
                en=f"'{path}' names no city: add a row, or a study or extract to the folder.",
                zh=f"“{path}”中没有城市，请添加一行，或在文件夹中放入研究文件或数据。",
            )
        )
    return _unique(rows)


Fields = Mapping[str, Any]


def _rows(path: Path, usual: dict[str, Any]) -> Iterator[tuple[Fields, Any]]:
    if path.is_dir():
        yield from ((fields, None) for fields in _in_folder(path))
    elif path.suffix.lower() == ".toml":
        yield from ((fields, None) for fields in _in_toml(path, usual))
    elif path.suffix.lower() in TABLES:
        yield from ((fields, None) for fields in _in_table(path))
    else:
        yield from _in_layer(path)


def _in_folder(folder: Path) -> Iterator[Fields]:
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        study = (entry / STUDY_FILE).is_file() if entry.is_dir() else entry.suffix == ".toml"
        if study or (entry.is_file() and entry.name.lower().endswith(SUFFIXES)):
            name = {} if study else {"name": _stem(entry)}
            yield {"study": entry.name, **name}


def _stem(path: Path) -> str:
    return next(path.name[: -len(s)] for s in SUFFIXES if path.name.lower().endswith(s))


def _in_toml(path: Path, usual: dict[str, Any]) -> Iterator[Fields]:
    file = Text(en=f"List of cities '{path}'", zh=f"城市列表“{path}”")
    data = read_toml(path, file)
    check_keys(file, data, {"batch", "city"}, "")
    head, cities = data.get("batch", {}), data.get("city", [])
    if not isinstance(head, dict) or not isinstance(cities, list):
        raise InputFileError(
            Text(
                en=f"List of cities '{path}': write [batch] once and [[city]] for every city.",
                zh=f"城市列表“{path}”：[batch] 写一次，每个城市写一个 [[city]]。",
            )
        )
    check_keys(file, head, USUAL, "batch.")
    for key in USUAL:
        if usual[key] is None and key in head:
            said = str(head[key])
            usual[key] = path.parent.absolute() / said if key == "extract" else said
    for city in cities:
        if not isinstance(city, dict):
            city = {}  # noqa: PLW2901 - a row without anything in it
        check_keys(file, city, {*COLUMNS, "bbox"}, "city.")
        yield city


def _columns(names: list[str]) -> dict[str, int]:
    """Return key -> the column that holds it; other columns are the user's own."""
    lower = [name.strip().lower() for name in names]
    return {
        key: lower.index(spelling)
        for key, spellings in COLUMNS.items()
        for spelling in [next((s for s in spellings if s in lower), None)]
        if spelling is not None
    }


def _in_table(path: Path) -> Iterator[Fields]:
    sheet = read_sheets(path, ROLE)[0]
    header = [str(cell or "") for cell in sheet.rows[0]] if len(sheet.rows) else []
    columns = _columns(header)
    if "name" not in columns and "study" not in columns:
        raise _no_names(path, header)
    for cells in list(sheet.rows)[1:]:
        if any(cell is not None for cell in cells):
            yield {
                key: cells[at]
                for key, at in columns.items()
                if at < len(cells) and cells[at] not in (None, "")
            }


def _in_layer(path: Path) -> Iterator[tuple[Fields, Any]]:
    source = AreaSource(path=path)
    what = Text(en=f"The list of cities '{path}'", zh=f"城市列表“{path}”")
    frame = locate(read_raw(source, what=ROLE), source, what=what, place=None).frame
    names = [str(name) for name in frame.columns]
    columns = _columns(names)
    if "name" not in columns:
        raise _no_names(path, [name for name in names if name != frame.geometry.name])
    shapes = shapely.make_valid(frame.geometry.to_numpy())
    for row, shape in enumerate(shapes):
        values: dict[str, Any] = {key: frame.iloc[row, at] for key, at in columns.items()}
        fields = {key: value for key, value in values.items() if not pd.isna(value) and value != ""}
        area = shape is not None and shapely.get_dimensions(shape) == 2  # noqa: PLR2004
        yield fields, shape if area else None


def _no_names(path: Path, names: list[str]) -> InputFileError:
    return InputFileError(
        Text(
            en=f"List of cities '{path}' has no column 'name' among {', '.join(names)}: add it.",
            zh=f"城市列表“{path}”没有 name（名称）列，现有：{'、'.join(names)}，请添加。",
        )
    )


def _unique(rows: list[CityRow]) -> list[CityRow]:
    """Give the second city of a name a fault instead of the first one's folder."""
    seen: Counter[str] = Counter()
    kept = []
    for row in rows:
        seen[row.name] += 1
        if seen[row.name] == 1:
            kept.append(row)
            continue
        fault = Text(
            en=f"'{row.name}' is in the list more than once: give every city a name of its own.",
            zh=f"“{row.name}”在列表中出现多次，请为每个城市使用不同名称。",
        )
        kept.append(
            replace(
                row, name=f"{row.name} ({seen[row.name]})", study=None, shared=None, fault=fault
            )
        )
    return kept
