"""Text that was once read in the wrong encoding and saved so: ``Ãû³Æ`` for ``名称``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from cityplan.sources.files.encoding import (
    CERTAIN,
    CP1252,
    GB18030,
    LATIN1,
    UTF8,
    Sample,
    chinese_share,
)
from cityplan.text import Text

if TYPE_CHECKING:
    import geopandas as gpd

FEWEST_LETTERS = 2
FIRST_OF_EAST_ASIA = "\u2e80"


def unscrambled(text: str) -> str | None:
    """Return what was meant, or None where the text is no mojibake beyond doubt.

    Beyond doubt is what turns, byte by byte, into UTF-8 or into common Chinese letters.
    """
    if text.isascii() or max(text) >= FIRST_OF_EAST_ASIA:
        return None
    for wrong in (LATIN1, CP1252):
        try:
            raw = text.encode(wrong)
        except UnicodeEncodeError:
            continue
        for right in (UTF8, GB18030):
            meant = _read(raw, right)
            if meant is not None:
                return meant
    return None


def _read(raw: bytes, encoding: str) -> str | None:
    try:
        meant = raw.decode(encoding)
    except UnicodeDecodeError:
        return None
    letters = sum(letter > "\x7f" for letter in meant)
    if encoding == GB18030 and (
        letters < FEWEST_LETTERS or chinese_share([Sample(raw)], GB18030) < CERTAIN
    ):
        return None
    return meant


def with_right_letters(
    frame: gpd.GeoDataFrame, file: str
) -> tuple[gpd.GeoDataFrame, tuple[Text, ...]]:
    """Mend names of columns, and columns of text most of which is mojibake."""
    geometry = frame.geometry.name
    names = {name: meant for name in frame.columns if (meant := unscrambled(str(name)))}
    names = {name: meant for name, meant in names.items() if meant not in frame.columns}
    examples = [f"{name} → {meant}" for name, meant in names.items()]
    columns: dict[str, pd.Series] = {}
    for name in frame.columns.drop([geometry]):
        if pd.api.types.is_string_dtype(frame[name].dtype):
            means = _meanings({value for value in frame[name] if isinstance(value, str)})
            if means:
                columns[name] = frame[name].map(
                    lambda value, means=means: (
                        means.get(value, value) if isinstance(value, str) else value
                    )
                )
                examples += [f"{old} → {new}" for old, new in list(means.items())[:1]]
    if not examples:
        return frame, ()
    frame = frame.assign(**columns).rename(columns=names)
    shown = examples[:3]
    note = Text(
        en=f"Text of '{file}' had been saved in a wrong encoding and was mended: "
        f"{', '.join(shown)}.",
        zh=f"“{file}”中的乱码已还原：{'、'.join(shown)}。",
    )
    return frame, (note,)


def _meanings(values: Iterable[str]) -> dict[str, str]:
    beyond = sorted(value for value in values if not value.isascii())
    meant = {value: right for value in beyond if (right := unscrambled(value))}
    return meant if 2 * len(meant) > len(beyond) else {}
