"""The text of MapInfo files: by the character set of the header, else by the text itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from cityplan.sources.files.encoding import LATIN1, UTF8, Choice, Sample, choose_encoding
from cityplan.sources.files.places import OnDisk

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from cityplan.sources.files.places import Place

PARTS = {".tab": (".dat", ".map", ".id"), ".mif": (".mid",)}
SUFFIXES = tuple(PARTS)
_HEAD_BYTES = 2048
_CHARSET = re.compile(rb'charset\s+"?([\w-]+)', re.IGNORECASE)
_NONE_SAID = (b"", b"neutral")


def files_of(path: Path) -> list[Path]:
    """Return the files on disk that make up a data set."""
    parts = PARTS[path.suffix.lower()]
    return [path, *(f for part in parts if (f := OnDisk(path).sidecar(part)) is not None)]


def says_charset(place: Place) -> bool:
    """Whether the header names a character set, from which GDAL then makes UTF-8."""
    stream = place.open()
    if stream is None:
        return False
    with stream:
        found = _CHARSET.search(stream.read(_HEAD_BYTES))
    return found is not None and found[1].lower() not in _NONE_SAID


def text_of_mapinfo(frame: gpd.GeoDataFrame, asked: str | None, file: str) -> Choice:
    """Return the encoding of text that was read as Latin-1.

    Raises
    ------
    InputFileError
        It cannot be told.
    StudyError
        The text is not in the encoding that was asked for.
    """
    texts = [str(name) for name in frame.columns]
    for name in frame.columns.drop([frame.geometry.name]):
        if pd.api.types.is_string_dtype(frame[name].dtype):
            texts += [value for value in frame[name].dropna().unique() if isinstance(value, str)]
    samples = [Sample(text.encode(LATIN1, "replace")) for text in texts if not text.isascii()]
    if not samples and asked is None:
        return Choice(UTF8, ())
    return choose_encoding(samples, file=file, asked=asked)
