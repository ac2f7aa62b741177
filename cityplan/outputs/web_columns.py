"""Columns of shapes for the web map: packed whole, put into words by the page itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from cityplan.model.result import OUTSIDE_UNITS
from cityplan.outputs.labels import column_title, kind_title
from cityplan.outputs.shapes import listed, text_of
from cityplan.outputs.style import unit_style
from cityplan.outputs.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import geopandas as gpd

    from cityplan.model.standard import Standard
    from cityplan.outputs.packing import Packer
    from cityplan.text import Text

Column = dict[str, Any]
Pair = list[str]

_OWN = ("name", "label_en", "label_zh", "kind", "unit", "people", "weight", "lacks", "value")
_MOST = 2**30
_SIX_DIGITS = 6
_M2_PER_HA = 10_000.0
_AREA = 2


def both(text: Text) -> Pair:
    """Return a text as the page keeps it: English, Chinese."""
    return [text.en, text.zh]


def columns_of(frame: gpd.GeoDataFrame, standard: Standard, packer: Packer) -> list[Column]:
    """Return the columns a reader sees, ``name`` and ``kind`` first; empty ones are left out.

    Texts are kept once each with the number of their row; figures are packed with the
    decimals they are shown with.
    """

    def lacking(text: str) -> Pair:
        return [listed(text, standard, "en"), listed(text, standard, "zh")]

    def known() -> Iterator[Column | None]:
        yield _names(frame, packer)
        kinds = _plain(frame["kind"])
        yield _texts(
            "kind",
            kinds,
            both(WORDS["kind"]),
            packer,
            lambda kind: both(kind_title(kind, standard)),
        )
        if "unit" in frame:
            units = _plain(frame["unit"])
            yield _texts("unit", units, both(WORDS["unit"]), packer, _unit_words)
        for name in ("people", "weight"):
            if name in frame:
                yield _figures(name, frame[name], both(WORDS[name]), packer, decimals=0)
        if "lacks" in frame:
            lacks = [_joined(value) for value in frame["lacks"]]
            yield _texts("lacks", lacks, both(WORDS["lacks"]), packer, lacking)
        if "value" in frame:
            yield _figures("value", frame["value"], both(WORDS["number"]), packer)
        for name in frame.columns:
            if name not in _OWN and name not in ("id", frame.geometry.name):
                yield _other(str(name), frame[name], packer)
        yield _size(frame, packer)

    return [column for column in known() if column is not None]


def _names(frame: gpd.GeoDataFrame, packer: Packer) -> Column | None:
    """Return what shapes are called: their label in each language, else their name."""
    name = _plain(frame["name"])
    title = both(WORDS["name"])
    if "label_en" not in frame and "label_zh" not in frame:
        return _texts("name", name, title, packer, _unit_words)
    english, chinese = (
        [own or other for own, other in zip(_plain(frame[label]), name, strict=True)]
        if label in frame
        else name
        for label in ("label_en", "label_zh")
    )
    return _texts("name", list(zip(english, chinese, strict=True)), title, packer, list)


def _other(name: str, values: pd.Series[Any], packer: Packer) -> Column | None:
    """Return a column only its analyzer knows; the unit is in the column's name."""
    title = both(column_title(name))
    if pd.api.types.is_bool_dtype(values):
        keys = ["yes" if value else "no_word" for value in values]
        return _texts(name, keys, title, packer, lambda key: both(WORDS[key]))
    if not pd.api.types.is_numeric_dtype(values):
        return _texts(name, _plain(values), title, packer, str)
    if name.endswith("_m"):
        return _figures(name, values, title, packer, decimals=1, suffix=" m")
    if name.endswith("_share"):
        return _figures(name, values * 100, title, packer, decimals=1, suffix="%")
    return _figures(name, values, title, packer)


def _size(frame: gpd.GeoDataFrame, packer: Packer) -> Column | None:
    """Return hectares of areas, else metres of lines."""
    title = both(WORDS["size"])
    if (shapely.get_dimensions(frame.geometry.to_numpy()) == _AREA).any():
        hectares = frame.area / _M2_PER_HA
        return _figures(
            "size", hectares.where(hectares > 0), title, packer, decimals=2, suffix=[" ha", " 公顷"]
        )
    metres = frame.length
    suffix = both(unit_style("m").suffix)
    return _figures("size", metres.where(metres > 0), title, packer, decimals=0, suffix=suffix)


def _texts(
    key: str,
    values: Iterable[Any],
    title: Pair,
    packer: Packer,
    worded: Callable[[Any], Pair | str],
) -> Column | None:
    """Return a column of texts; ``worded`` says each of them, in both languages if they differ."""
    seen: dict[Any, int] = {}
    codes = [seen.setdefault(text, len(seen)) for text in values]
    if seen.keys() <= {"", ("", "")}:
        return None
    return {
        "key": key,
        "title": title,
        "words": [worded(text) if text else "" for text in seen],
        "column": packer.whole(np.array(codes)),
    }


def _figures(
    key: str,
    values: pd.Series[Any],
    title: Pair,
    packer: Packer,
    *,
    decimals: int | None = None,
    suffix: Pair | str = "",
) -> Column | None:
    """Return a column of figures; without ``decimals`` six digits of each are kept.

    The first number of the column marks a figure that is not known.
    """
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    known = numbers[~np.isnan(numbers)]
    if len(known) == 0:
        return None
    kept = _decimals(known) if decimals is None else decimals
    while np.abs(known).max() * 10.0**kept >= _MOST:
        kept -= 1
    scaled = np.round(numbers * 10.0**kept)
    unknown = int(np.nanmin(scaled)) - 1
    whole = np.nan_to_num(scaled, nan=unknown).astype(np.int64)
    return {
        "key": key,
        "title": title,
        "decimals": kept,
        "fixed": decimals is not None,
        "suffix": suffix,
        "unknown": unknown,
        "column": packer.whole(whole),
    }


def _decimals(known: np.ndarray[Any, np.dtype[np.float64]]) -> int:
    """Return the decimals that six digits of the largest number leave."""
    if (known == np.round(known)).all():
        return 0
    before = int(np.floor(np.log10(max(np.abs(known).max(), 1e-9)))) + 1
    return max(0, _SIX_DIGITS - before)


def _plain(values: pd.Series[Any]) -> list[str]:
    return [text_of(value) for value in values.to_numpy(dtype=object)]


def _joined(value: object) -> str:
    return (
        ", ".join(str(item) for item in value)
        if isinstance(value, list | tuple)
        else text_of(value)
    )


def _unit_words(name: str) -> Pair | str:
    return both(WORDS["outside_units"]) if name == OUTSIDE_UNITS else name
