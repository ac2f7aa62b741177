"""Tables with coordinates: CSV, workbooks, XML records, Parquet without geometry."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from cityplan.sources.files.coordinates import (
    columns_of_both,
    columns_of_shapes,
    find_columns,
    number,
)
from cityplan.sources.files.faults import LayerInfo, pick_layer, sha256_of, unknown, unusable
from cityplan.sources.files.pairs import order_note, read_pairs
from cityplan.sources.files.raw import RawLayer
from cityplan.sources.files.table_rows import Sheet, read_sheets
from cityplan.sources.layer_source import Source
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.spatial.arrays import Floats, Shapes

HEADER_WITHIN = 20  # rows in which the header is looked for
OTHER_GEOMETRY = "geometry (column)"  # of a table whose coordinates stand in other columns
UNNAMED = "column "  # and its number, where the header is blank
NEARLY = 0.8  # a header has this share of the texts of the row that has the most
SHOWN_ROWS = 5
NO_COORDINATES, NO_WKT = "no coordinates", "geometry cannot be read"
NO_PAIR = "coordinates cannot be read"
# No leading zeros: those are codes, not numbers. At most what a float keeps.
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d+)?")
_COLUMN = Text(en="column", zh="字段")


def list_tables(path: Path, *, what: Text) -> list[LayerInfo]:
    """Return the sheets of a workbook, the one table of a CSV, the record types of XML."""
    return [_info(sheet) for sheet in read_sheets(path, what)]


def read_table(source: Source, *, what: Text) -> RawLayer:
    """Read one table; rows without usable coordinates are left out and counted.

    The columns of coordinates are those the source names, else those whose names
    say so. ``frame.crs`` is None: numbers alone do not tell.

    Raises
    ------
    InputFileError
        The file cannot be read, has no columns of coordinates, or no row with them.
    StudyError
        A sheet or column is not there, or one of several sheets has to be named.
    """
    path = Path(source.path)
    sheets = read_sheets(path, what, asked=source.encoding)
    position, notes = pick_layer([_info(sheet) for sheet in sheets], source.layer, what, path)
    sheet = sheets[position]
    top = 0 if sheet.header else _header_row(sheet.rows, source)
    if top:
        notes += (
            Text(
                en=f"The names of columns of '{path.name}' were found in row {top + 1}.",
                zh=f"“{path.name}”的表头位于第{top + 1}行。",
            ),
        )
    data = [(at, row) for at, row in enumerate(sheet.rows[top + 1 :], top + 2) if _filled(row)]
    names = _names(sheet.rows, top, max((len(row) for _, row in data), default=0))
    rows = [[*row, *[None] * (len(names) - len(row))][: len(names)] for _, row in data]
    frame = pd.DataFrame({name: _typed([row[at] for row in rows]) for at, name in enumerate(names)})
    numbers = [at for at, _ in data]
    layer = located(frame, source, what=what, numbers=numbers)
    return RawLayer(
        frame=layer.frame,
        source=path.name if len(sheets) == 1 else f"{path.name}: {sheet.name}",
        sha256=sha256_of([path]),
        encoding=sheet.encoding,
        notes=sheet.notes + notes + layer.notes,
        rejected=layer.rejected,
    )


def _info(sheet: Sheet) -> LayerInfo:
    rows = sum(_filled(row) for row in sheet.rows)
    return LayerInfo(sheet.name, "", max(rows - 1, 0))


def _filled(row: Sequence[Any]) -> bool:
    return any(cell is not None for cell in row)


def _header_row(rows: Sequence[Sequence[Any]], source: Source) -> int:
    """Return the row of column names: titles and remarks may stand above it.

    The first row that has the named or recognisable columns of coordinates; else
    the first with about as many different texts as any.
    """
    named = {name for name in (source.x, source.y, source.wkt) if name}
    head = [list(row) for row in rows[:HEADER_WITHIN]]
    for at, row in enumerate(head):
        if named <= {str(cell) for cell in row} if named else find_columns(row):
            return at
    if not named and (both := [at for at, row in enumerate(head) if columns_of_both(row)]):
        return both[0]
    texts = [len({c for c in row if isinstance(c, str) and math.isnan(number(c))}) for row in head]
    enough = NEARLY * max(texts, default=0)
    return next((at for at, count in enumerate(texts) if count >= enough), 0)


def _names(rows: Sequence[Sequence[Any]], top: int, width: int) -> list[str]:
    """Return a different name for each column; of a two-row header, also the upper names."""
    header = list(rows[top]) if rows else []
    above = list(rows[top - 1]) if top else []
    if sum(cell is not None for cell in above) < 2:  # noqa: PLR2004 - a title, not a header
        above = []
    names: list[str] = []
    for at in range(max(width, len(header))):
        cells = [row[at] for row in (header, above) if at < len(row) and row[at] is not None]
        name = " ".join(str(cells[0]).split()) if cells else f"{UNNAMED}{at + 1}"
        names.append(name if name not in names else f"{name} ({at + 1})")
    return names


def _typed(cells: list[Any]) -> pd.Series:
    """Return cells as numbers if all are, written without leading zeros; else as they are."""
    texts = [cell for cell in cells if isinstance(cell, str)]
    if texts and all(_NUMBER.fullmatch(text) for text in texts):
        cells = [float(cell) if isinstance(cell, str) and "." in cell else
                 int(cell) if isinstance(cell, str) else cell for cell in cells]  # fmt: skip
        return pd.Series(cells).infer_objects()
    if len({type(cell) for cell in cells if cell is not None}) > 1 and texts:
        cells = [cell if cell is None else str(cell) for cell in cells]
    return pd.Series(cells, dtype=object if texts else None).infer_objects()


def located(
    frame: pd.DataFrame, source: Source, *, what: Text, numbers: Sequence[int] | None = None
) -> RawLayer:
    """Give rows their geometry from their columns of coordinates.

    Parameters
    ----------
    frame
        The rows.
    source
        Names the columns, or leaves it to their names.
    what
        What the table is for, in messages.
    numbers
        Row numbers as the user sees them; absent: 1, 2, 3 ...
    """
    names = list(frame.columns)
    columns = _columns(frame, source, what)
    cells = [frame[names[at]].to_list() for at in columns]
    if len(cells) == 1:
        geometry, causes, notes = _in_one_column(cells[0], str(names[columns[0]]), source)
    else:
        xy = np.array([[number(cell) for cell in column] for column in cells], dtype=np.float64).T
        geometry, notes = _points(xy), ()
        causes = np.full(len(frame), NO_COORDINATES)
    lost = shapely.is_missing(geometry)
    if lost.all():
        raise unusable(
            what, source.path,
            Text(en="has no row with coordinates: fill them in, or name other columns",
                 zh="没有任何含坐标的行，请补充坐标或指明其他字段"),
        )  # fmt: skip
    kept = frame[~lost].reset_index(drop=True)
    if "geometry" in [names[at] for at in columns]:
        kept = kept.drop(columns="geometry")
    kept = kept.rename(columns={"geometry": OTHER_GEOMETRY})
    if lost.any():
        at = np.arange(1, len(frame) + 1) if numbers is None else np.asarray(numbers)
        notes += (_lost_note(at[lost], Path(source.path).name),)
    return RawLayer(
        frame=gpd.GeoDataFrame(kept, geometry=geometry[~lost]),
        source=Path(source.path).name,
        sha256="",
        notes=notes,
        rejected=dict(Counter(causes[lost].tolist())),
    )


def _points(xy: Floats) -> Shapes:
    """Return points, none where a coordinate lacks or both are zero."""
    there = np.isfinite(xy).all(axis=1) & (xy != 0).any(axis=1)
    geometry = np.full(len(xy), None, dtype=object)
    geometry[there] = shapely.points(xy[there])
    return geometry


def _in_one_column(
    cells: list[Any], name: str, source: Source
) -> tuple[Shapes, Shapes, tuple[Text, ...]]:
    """Return geometries as text or pairs of numbers, what ails cells without, and notes."""
    shapes = shapely.from_wkt(
        [cell if isinstance(cell, str) else None for cell in cells], on_invalid="ignore"
    )
    pairs = read_pairs(cells)
    if not pairs.there.any() or pairs.there.sum() < (~shapely.is_missing(shapes)).sum():
        return shapes, np.full(len(cells), NO_WKT, dtype=object), ()
    blank = [cell is None or cell == "" or cell != cell for cell in cells]  # noqa: PLR0124 - NaN
    causes = np.where(blank, NO_COORDINATES, NO_PAIR)
    return _points(pairs.xy), causes, (order_note(pairs, name, Path(source.path).name),)


def _lost_note(rows: np.ndarray, file: str) -> Text:
    first = ", ".join(str(row) for row in rows[:SHOWN_ROWS])
    more = " ..." if len(rows) > SHOWN_ROWS else ""
    return Text(
        en=f"{len(rows)} rows of '{file}' have no usable coordinates: row {first}{more}.",
        zh=f"“{file}”中{len(rows)}行没有可用坐标：第{first.replace(', ', '、')}行{'等' if more else ''}。",
    )


def _columns(frame: pd.DataFrame, source: Source, what: Text) -> tuple[int, ...]:
    names = list(frame.columns)
    for name in (source.x, source.y, source.wkt):
        if name is not None and name not in names:
            raise unknown(what, source.path, _COLUMN, name, [str(known) for known in names])
    if source.wkt is not None:
        return (names.index(source.wkt),)
    if source.x is not None and source.y is not None:
        return names.index(source.x), names.index(source.y)
    found = _holding_shapes(frame) or find_columns(names) or _holding_both(frame)
    if not found:
        listed = [str(name) for name in names]
        raise unusable(
            what, source.path,
            Text(
                en=f"has no columns of coordinates among {', '.join(listed)}: give a file with "
                'geometry, or name them, as in x = "lon" and y = "lat", or wkt = "shape"',
                zh=f"的字段中没有坐标（{'、'.join(listed)}），请提供含几何的文件，"
                '或写明坐标字段，如 x = "经度"、y = "纬度"，或 wkt = "几何"',
            ),
        )  # fmt: skip
    return found


def _holding_shapes(frame: pd.DataFrame) -> tuple[int, ...]:
    """Return the column of lines or areas as text: they say more than coordinates beside them."""
    for at in columns_of_shapes(list(frame.columns)):
        cells = [cell for cell in frame.iloc[:, at] if isinstance(cell, str)][:SHOWN_ROWS]
        shapes = shapely.from_wkt(cells, on_invalid="ignore")
        if (shapely.get_dimensions(shapes) > 0).any():
            return (at,)
    return ()


def _holding_both(frame: pd.DataFrame) -> tuple[int, ...]:
    """Return the first column with pairs of numbers in its cells that by name may have them.

    Or two columns of numbers under one such name: a merged cell above them.
    """
    for at in columns_of_both(list(frame.columns)):
        cells = frame.iloc[:, at].to_list()
        if read_pairs(cells).there.any():
            return (at,)
        beside = str(frame.columns[at + 1]) if at + 1 < frame.shape[1] else ""
        if beside.startswith(UNNAMED) and any(np.isfinite(number(cell)) for cell in cells):
            return at, at + 1
    return ()
