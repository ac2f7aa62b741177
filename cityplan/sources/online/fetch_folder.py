"""The folder a fetch writes: extract, boundary, study file, attribution."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import shapely

from cityplan.errors import CityplanError, OutputError
from cityplan.sources.study import STUDY_FILE
from cityplan.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from cityplan.spatial.arrays import Area

EXTRACT, BOUNDARY, CREDIT = "extract.osm.pbf", "boundary.geojson", "ATTRIBUTION.txt"


@dataclass(frozen=True, kw_only=True)
class FolderText:
    """What the small files say; ``area`` in longitude and latitude."""

    name: str
    area: Area
    boundary_source: Text
    data_source: Text


def check_folder(folder: Path, *, overwrite: bool) -> None:
    """Refuse a folder that exists, unless it is an earlier fetch to be replaced.

    Raises
    ------
    OutputError
        It exists, or is not ours.
    """
    if not folder.exists():
        return
    if not overwrite:
        raise OutputError(
            Text(
                en=f"'{folder}' exists already: choose another folder with -o, or give --overwrite.",
                zh=f"“{folder}”已存在，请用 -o 指定其他文件夹，或加 --overwrite 覆盖。",
            )
        )
    if not folder.is_dir() or (any(folder.iterdir()) and not (folder / EXTRACT).exists()):
        raise OutputError(
            Text(
                en=f"'{folder}' is no folder that cityplan fetched, so it is not overwritten: choose "
                "another folder with -o.",
                zh=f"“{folder}”不是 cityplan fetch 的结果，不予覆盖，请用 -o 指定其他文件夹。",
            )
        )


def write_folder(text: FolderText, folder: Path, *, write_data: Callable[[Path], None]) -> None:
    """Write all files beside the folder, then move them in; nothing half-written stands there.

    Parameters
    ----------
    write_data
        Writes the extract to a path.

    Raises
    ------
    OutputError
        The folder cannot be written, or the disk is full.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            dir=folder.parent, prefix=f".{folder.name}-", ignore_cleanup_errors=True
        ) as scratch:
            fresh = Path(scratch) / "out"
            fresh.mkdir()
            write_data(fresh / EXTRACT)
            (fresh / BOUNDARY).write_text(_boundary(text), encoding="utf-8")
            (fresh / STUDY_FILE).write_text(_study(text), encoding="utf-8")
            (fresh / CREDIT).write_text(_credit(text), encoding="utf-8")
            _put_in_place(fresh, folder)
    except OSError as error:
        if isinstance(error, CityplanError):
            raise
        raise OutputError(
            Text(
                en=f"Cannot write to '{folder}' ({error.strerror or error}): free some space or choose "
                "another folder with -o; what was fetched is kept, the same command goes on from there.",
                zh=f"无法写入“{folder}”（{error.strerror or error}），请释放空间或用 -o 指定其他文件夹；"
                "已下载的部分已保留，再次运行同一命令即可续传。",
            )
        ) from None


def _put_in_place(fresh: Path, folder: Path) -> None:
    """Move the files in; a study file of the same place stays, it may have been added to."""
    if not folder.exists():
        fresh.replace(folder)
        return
    study, new = folder / STUDY_FILE, fresh / STUDY_FILE
    name_line = new.read_text(encoding="utf-8").splitlines()[1]
    if study.exists() and name_line in study.read_text("utf-8", errors="replace").splitlines():
        new.unlink()
    for path in sorted(fresh.iterdir()):
        path.replace(folder / path.name)


def _boundary(text: FolderText) -> str:
    feature = {
        "type": "Feature",
        "properties": {"name": text.name, "source": text.boundary_source.en},
        "geometry": json.loads(shapely.to_geojson(text.area)),
    }
    return json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False)


def _study(text: FolderText) -> str:
    name = json.dumps(
        text.name, ensure_ascii=False
    )  # a TOML string: the name has no control letters
    return f"""\
[study]
name = {name}
boundary = "{BOUNDARY}"

[osm]
path = "{EXTRACT}"
"""


def _credit(text: FolderText) -> str:
    return f"""\
© OpenStreetMap contributors, Open Database License (ODbL) 1.0
https://www.openstreetmap.org/copyright
{text.data_source.en}
Boundary: {text.boundary_source.en}.

© OpenStreetMap 贡献者，开放数据库许可（ODbL）1.0
{text.data_source.zh}
边界：{text.boundary_source.zh}。
"""
