"""From a report to a folder of outputs, whole or not at all."""

from __future__ import annotations

import importlib
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cityplan.errors import CityplanError, OutputError
from cityplan.outputs.shared import written_together
from cityplan.stages import Stages
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.model.output_options import OutputOptions
    from cityplan.model.report import Report


SPACE = 32
LONGEST_NAME = 70  # letters: three bytes each in Chinese
OUTPUTS: tuple[tuple[str, str, str, Text], ...] = (
    ("map.html", "web_map", "write_web_map", Text(en="Drawing the web map", zh="制作网页地图")),
    ("maps", "static_map", "write_map_sheets", Text(en="Drawing the map sheets", zh="绘制图纸")),
    ("tables.xlsx", "tables", "write_tables", Text(en="Writing the tables", zh="写出表格")),
    ("layers.gpkg", "geo_package", "write_layers", Text(en="Writing the layers", zh="写出图层")),
    ("report.html", "gap_report", "write_report", Text(en="Writing the report", zh="撰写报告")),
    (
        "report.docx",
        "docx_report",
        "write_document",
        Text(en="Writing the document", zh="撰写 Word 报告"),
    ),
    (
        "departments",
        "order_files",
        "write_departments",
        Text(en="Writing work orders of departments", zh="撰写部门工作任务单"),
    ),
    (
        "territories",
        "order_files",
        "write_territories",
        Text(en="Writing work orders of territories", zh="撰写属地工作任务单"),
    ),
    ("run.log", "run_log", "write_log", Text(en="Writing the log", zh="写出日志")),
    ("results.json", "results_json", "write_results", Text(en="Writing results", zh="写出结果")),
)


def write(
    report: Report, folder: Path, *, overwrite: bool = False, stages: Stages | None = None
) -> Path:
    """Write every output into a folder, whole or not at all.

    Parameters
    ----------
    folder
        Must not exist, unless ``overwrite``; then it must be an earlier output.

    Raises
    ------
    OutputError
        The folder exists, is not ours, cannot be written, or the disk is full.
    """
    check_folder(folder, overwrite=overwrite)
    options = _options(report.options)
    stages = stages or Stages()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            dir=folder.parent, prefix=f".{folder.name}-", ignore_cleanup_errors=True
        ) as scratch:
            fresh = Path(scratch) / "out"
            fresh.mkdir()
            with written_together(report):
                for name, module, function, title in OUTPUTS:
                    if name == "maps" and not report.options.pictures:
                        continue
                    with stages.stage(f"write {name}", title):
                        writer = getattr(
                            importlib.import_module(f"cityplan.outputs.{module}"), function
                        )
                        writer(report, fresh / name, **options.get(name, {}))
            put_in_place(fresh, folder)
    except OSError as error:
        if isinstance(error, CityplanError):
            raise
        raise OutputError(
            Text(
                en=f"Cannot write to '{folder}' ({error.strerror or error}): free some space or choose "
                "another folder with -o.",
                zh=f"无法写入“{folder}”（{error.strerror or error}），请释放空间或用 -o 指定其他文件夹。",
            )
        ) from None
    return folder


def _options(chosen: OutputOptions) -> dict[str, dict[str, Any]]:
    """Return output -> what the user decided about it."""
    from cityplan.outputs.tiles import chosen_tiles

    coordinates = {"coordinates": chosen.coordinates}
    document = {**coordinates, "template": chosen.template}
    return {
        "map.html": {"tiles": chosen_tiles(chosen)},
        "maps": {"fields": chosen.sheet},
        "tables.xlsx": coordinates,
        "report.html": coordinates,
        "report.docx": document,
        "departments": document,
        "territories": document,
    }


def folder_name(name: str) -> str:
    """Return a study's name as the name of one folder."""
    kept = "".join("_" if c in '/\\:*?"<>|' or ord(c) < SPACE else c for c in name)
    return kept.strip(". ")[:LONGEST_NAME].rstrip(". ") or "study"


def check_folder(folder: Path, *, overwrite: bool) -> None:
    """Refuse a folder that exists, unless it is an earlier output to be replaced."""
    if not folder.exists():
        return
    if not overwrite:
        raise OutputError(
            Text(
                en=f"'{folder}' exists already: choose another folder with -o, or give --overwrite.",
                zh=f"“{folder}”已存在，请用 -o 指定其他文件夹，或加 --overwrite 覆盖。",
            )
        )
    if not folder.is_dir() or (any(folder.iterdir()) and not (folder / "results.json").exists()):
        raise OutputError(
            Text(
                en=f"'{folder}' is not an earlier output of cityplan, so it is not overwritten: "
                "choose another folder with -o.",
                zh=f"“{folder}”不是 cityplan 的输出，不予覆盖，请用 -o 指定其他文件夹。",
            )
        )


def put_in_place(fresh: Path, folder: Path) -> None:
    """Rename the finished folder into place; the old one goes only once that worked."""
    if not folder.exists():
        fresh.replace(folder)
        return
    old = fresh.parent / "old"
    folder.replace(old)
    try:
        fresh.replace(folder)
    except OSError:
        old.replace(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
