"""The text of a Shapefile: GDAL reads it as Latin-1, which loses nothing; here it gets its letters."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

import geopandas as gpd
import pandas as pd

from cityplan.sources.files.dbf import LANGUAGES, WESTERN, DbfText, read_dbf_text
from cityplan.sources.files.encoding import LATIN1, Choice, Said, canonical, choose_encoding, decode
from cityplan.sources.files.faults import unusable
from cityplan.sources.files.places import OnDisk, Place
from cityplan.text import Text

NEEDED = (".shp", ".shx", ".dbf")
ALL = (*NEEDED, ".prj", ".cpg")
LONGEST_CPG = 64
HEADER = 100


def sidecars_of(path: Path) -> list[Path]:
    """Return the files that make up a Shapefile on disk."""
    place = OnDisk(path)
    found = [path if suffix == ".shp" else place.sidecar(suffix) for suffix in ALL]
    return [file for file in found if file is not None]


def text_of_shapefile(place: Place, asked: str | None, what: Text, path: Path) -> Choice:
    """Return the encoding of a Shapefile's text.

    Raises
    ------
    InputFileError
        A part of the Shapefile is missing or damaged, or no encoding fits.
    StudyError
        The text is not in the encoding that was asked for.
    """
    for suffix in NEEDED:
        stream = place.open(suffix)
        if stream is None:
            raise unusable(
                what, path,
                Text(
                    en=f"is incomplete: a Shapefile needs .shp, .shx and .dbf, {suffix} is missing",
                    zh=f"不完整：Shapefile 需要 .shp、.shx 和 .dbf，缺少 {suffix}",
                ),
            )  # fmt: skip
        with stream:
            short = suffix != ".dbf" and isinstance(place, OnDisk) and _is_short(stream)
        if short:
            raise unusable(
                what, path,
                Text(en=f"has lost the end of its {suffix}: copy it again",
                     zh=f"的 {suffix} 不完整，请重新复制"),
            )  # fmt: skip
    table = _table(place)
    if table is None:
        raise unusable(
            what, path,
            Text(en="has a damaged .dbf: copy or export it again", zh="的 .dbf 已损坏，请重新复制或导出"),
        )  # fmt: skip
    return choose_encoding(
        table.samples,
        file=place.name.name,
        asked=asked,
        said=_said(place, table.language),
        last_resort=WESTERN.get(table.language),
    )


def _is_short(stream: BinaryIO) -> bool:
    """Whether a .shp or .shx is shorter than its header says, in words of two bytes."""
    header = stream.read(HEADER)
    return len(header) < HEADER or stream.seek(0, io.SEEK_END) < 2 * int.from_bytes(header[24:28])


def _table(place: Place) -> DbfText | None:
    stream = place.open(".dbf") or io.BytesIO()
    with stream:
        return read_dbf_text(stream)


def _said(place: Place, language: int) -> list[Said]:
    said = []
    stream = place.open(".cpg")
    if stream is not None:
        with stream:
            word = stream.read(LONGEST_CPG).decode("ascii", "replace").strip()
        label = LANGUAGES.get(int(word[5:])) if word[:5] == "LDID/" and word[5:].isdigit() else None
        label = label or canonical(word)
        if label is not None:
            said.append(Said(label, Text(en="The .cpg", zh=".cpg ")))
    if language in LANGUAGES:
        where = Text(en="The language byte of the .dbf", zh=".dbf 语言标识")
        said.append(Said(LANGUAGES[language], where))
    return said


def with_encoding(
    frame: gpd.GeoDataFrame, encoding: str, file: str
) -> tuple[gpd.GeoDataFrame, tuple[Text, ...]]:
    """Return the rows with their text read as ``encoding``, and a note if some could not be.

    The last letter of a value may be incomplete where the field was too short
    for it; it is left out.
    """
    bad = 0
    columns: dict[str, pd.Series] = {}
    for name in frame.columns.drop([frame.geometry.name]):
        column = frame[name]
        if pd.api.types.is_string_dtype(column.dtype):
            beyond = {v for v in column.dropna().unique() if isinstance(v, str) and not v.isascii()}
            right = {value: _right(value, encoding) for value in beyond}
            wrong = [value for value in beyond if "\ufffd" in right[value]]
            bad += int(column.isin(wrong).sum())
            column = column.map(lambda value, right=right: right.get(value, value))
        columns[_right(str(name), encoding)] = column
    geometry = frame.geometry.to_numpy()
    frame = gpd.GeoDataFrame(columns, geometry=geometry, crs=frame.crs, index=frame.index)
    if not bad:
        return frame, ()
    note = Text(
        en=f"{bad} values of '{file}' hold letters that are no {encoding}, shown as \ufffd.",
        zh=f"“{file}”中{bad}个值含非 {encoding} 字符，以 \ufffd 代替。",
    )
    return frame, (note,)


def _right(text: str, encoding: str) -> str:
    raw = text.encode(LATIN1, "replace")
    try:
        return decode(raw, encoding, cut=True)
    except UnicodeDecodeError:
        return raw.decode(encoding, "replace")
