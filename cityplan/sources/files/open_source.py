"""The door for every local layer: whatever the format, raw rows come out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from cityplan.sources.files import cad_file, database, table_file, table_rows, vector_file
from cityplan.sources.files.faults import LayerInfo, missing, sha256_of, unusable
from cityplan.sources.files.mojibake import with_right_letters
from cityplan.sources.files.places import ARCHIVES
from cityplan.sources.files.raw import RawLayer
from cityplan.sources.layer_source import Source
from cityplan.text import Text

VECTORS = (*vector_file.SUFFIXES, *ARCHIVES)
TABLES = (*table_rows.TEXTS, *table_rows.WORKBOOKS, ".xml")
DRAWINGS = (".dxf", ".dwg")
PARQUET = (".parquet", ".geoparquet")
PARTS_OF_SHAPEFILE = (".dbf", ".shx", ".prj", ".cpg")
THE_FILE = Text(en="file", zh="数据")


def read_raw(source: Source, *, what: Text) -> RawLayer:
    """Read the rows of a file, of one layer of it, or of a database table.

    Parameters
    ----------
    source
        Where the layer is. Of its fields `path`, `layer`, `query`, `x`, `y`, `wkt`
        and `encoding` are used here.
    what
        What it is for, used in messages ("boundary", "layer 'toilets'").

    Returns
    -------
    RawLayer
        Geometry in column ``geometry``, in two dimensions and the source's own
        coordinates; it may be missing in some rows.

    Raises
    ------
    MissingFileError
        There is no such file.
    InputFileError
        It cannot be read, is empty, is not what its name says, or its encoding
        cannot be told.
    StudyError
        A layer, column or encoding that `source` names does not fit.
    """
    layer = _reader(source.path, what)(source, what=what)
    shapes = shapely.force_2d(layer.frame.geometry.to_numpy())
    rows = pd.DataFrame(layer.frame).drop(columns=layer.frame.geometry.name)
    frame = gpd.GeoDataFrame(rows.reset_index(drop=True), geometry=shapes, crs=layer.frame.crs)
    frame, mended = with_right_letters(frame, layer.source)
    return replace(layer, frame=frame, notes=layer.notes + mended + _unused(source, layer))


def _unused(source: Source, layer: RawLayer) -> tuple[Text, ...]:
    """Say which lines of the study file the format leaves without effect."""
    in_database = database.is_database(source.path)
    table = not in_database and Path(source.path).suffix.lower() in (*TABLES, *PARQUET)
    without_effect = {
        "encoding": not layer.encoding,
        "x": not table,
        "y": not table,
        "wkt": not table,
        "query": not in_database,
    }
    keys = [
        key for key, idle in without_effect.items() if idle and getattr(source, key) is not None
    ]
    if not keys:
        return ()
    return (
        Text(
            en=f"Without effect on '{layer.source}', whose format settles it: {', '.join(keys)}.",
            zh=f"以下设置对“{layer.source}”不起作用（由文件格式决定）：{'、'.join(keys)}。",
        ),
    )


def _reader(path: Path | str, what: Text) -> Callable[..., RawLayer]:
    if database.is_database(path):
        return database.read_database
    path = _existing(path, what)
    readers: dict[tuple[str, ...], Callable[..., RawLayer]] = {
        VECTORS: vector_file.read_vector,
        PARQUET: _read_parquet,
        TABLES: table_file.read_table,
        DRAWINGS: cad_file.read_drawing,
    }
    for suffixes, reader in readers.items():
        if path.suffix.lower() in suffixes:
            return reader
    raise _unknown_format(path, what)


def list_layers(path: Path | str, *, what: Text = THE_FILE) -> list[LayerInfo]:
    """Return name, kind of geometry and number of rows of every layer of a source.

    Raises
    ------
    MissingFileError
        There is no such file.
    InputFileError
        It cannot be read.
    """
    if database.is_database(path):
        return database.list_database_tables(str(path), what=what)
    path = _existing(path, what)
    suffix = path.suffix.lower()
    if suffix in PARQUET:
        frame = _parquet(path, what)
        kinds = set(frame.geom_type.dropna()) if isinstance(frame, gpd.GeoDataFrame) else set()
        return [LayerInfo(path.stem, ", ".join(sorted(kinds)), len(frame))]
    if suffix in VECTORS:
        return vector_file.list_vector_layers(path, what=what)
    if suffix in TABLES:
        return table_file.list_tables(path, what=what)
    if suffix in DRAWINGS:
        return cad_file.list_drawing_layers(path, what=what)
    raise _unknown_format(path, what)


def _existing(path: Path | str, what: Text) -> Path:
    path = Path(path)
    try:
        there = path.exists()
    except (OSError, ValueError):  # too long, or with a NUL
        there = False
    if not there:
        raise missing(what, path)
    if path.is_dir() and path.suffix.lower() != ".gdb":
        raise unusable(
            what, path,
            Text(en="is a folder: name the file in it (of folders only .gdb is read)",
                 zh="是文件夹，请指明其中的文件（文件夹仅支持 .gdb）"),
        )  # fmt: skip
    return path


def _unknown_format(path: Path, what: Text) -> Exception:
    suffix = path.suffix.lower()
    if suffix in PARTS_OF_SHAPEFILE:
        return unusable(
            what, path,
            Text(en="is only a part of a Shapefile: give the .shp",
                 zh="只是 Shapefile 的一部分，请提供 .shp"),
        )  # fmt: skip
    known = " ".join((*VECTORS, *PARQUET, *TABLES, ".dxf"))
    return unusable(
        what, path,
        Text(
            en=f"has a format cityplan does not read: give one of {known}, or a postgresql:// address",
            zh=f"格式不受支持，可用：{known}，或 postgresql:// 地址",
        ),
    )  # fmt: skip


def _parquet(path: Path, what: Text) -> pd.DataFrame:
    try:
        try:
            return gpd.read_parquet(path)
        except ValueError:  # no geometry in it that it says of: a plain table, or no Parquet
            return pd.read_parquet(path)
    except (ValueError, OSError, TypeError, KeyError, NotImplementedError):
        raise unusable(
            what,
            path,
            Text(
                en="is no readable Parquet: export it again", zh="不是可读取的 Parquet，请重新导出"
            ),
        ) from None


def _read_parquet(source: Source, *, what: Text) -> RawLayer:
    path = Path(source.path)
    frame = _parquet(path, what)
    if isinstance(frame, gpd.GeoDataFrame):
        layer = RawLayer(frame=frame, source=path.name, sha256="")
    else:
        layer = table_file.located(frame, source, what=what)
    return replace(layer, sha256=sha256_of([path]))
