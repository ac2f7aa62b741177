"""Longitude and latitude that share one cell, as map services export them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cityplan.sources.files.coordinates import WIDEST_DEGREES, number
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.spatial.arrays import Bools, Floats

# Of China. No number is in both, so a pair of them has but one order.
LONGITUDES, LATITUDES = (73.0, 136.0), (3.0, 54.0)
HIGHEST_LATITUDE = 90
_BRACKETS = re.compile(r"[()\[\]{}<>]")
_MARKS = re.compile(r"[,;|/、]")
_LABEL = re.compile(r"[\"']?(?P<name>[^\W\d]+)[\"']?\s*[:=]\s*[\"']?(?P<number>[^\"']+)[\"']?")
_NORTHWARD = ("lat", "latitude", "纬度", "y")


@dataclass(frozen=True)
class Pairs:
    """Cells read as pairs.

    Attributes
    ----------
    xy
        Longitude or easting, latitude or northing; NaN where there is no pair, (n, 2).
    exchanged
        Which cells had the latitude first.
    """

    xy: Floats
    exchanged: Bools

    @property
    def there(self) -> Bools:
        """Which cells hold a pair; two zeros stand for "unknown"."""
        found: Bools = np.isfinite(self.xy).all(axis=1) & (self.xy != 0).any(axis=1)
        return found


def read_pairs(cells: Sequence[object]) -> Pairs:
    """Read cells such as ``118.2,32.7``, ``(32.7 118.2)`` or ``{"lng": 118.2, "lat": 32.7}``.

    Notes
    -----
    The order is that of labels, where the cell has them; else that of the ranges of
    China; elsewhere a first number beyond any longitude's bounds for latitude decides.
    """
    found = [_pair(cell) for cell in cells]
    xy = np.array([(x, y) for x, y, _ in found], dtype=np.float64).reshape(-1, 2)
    return Pairs(xy, np.array([exchanged for _, _, exchanged in found], dtype=bool))


def _pair(cell: object) -> tuple[float, float, bool]:
    nothing = (np.nan, np.nan, False)
    if not isinstance(cell, str):
        return nothing
    text = unicodedata.normalize("NFKC", cell)
    parts = _parts(_BRACKETS.sub(" ", text).strip())
    if len(parts) != 2:  # noqa: PLR2004 - a pair
        return nothing
    labels = [_LABEL.fullmatch(part) for part in parts]
    a, b = (
        number(part if label is None else label["number"])
        for part, label in zip(parts, labels, strict=True)
    )
    if labels[0] is not None:
        latitude_first = labels[0]["name"].lower() in _NORTHWARD
    else:
        latitude_first = _is_latitude_first(a, b)
    return (b, a, True) if latitude_first else (a, b, False)


def _parts(text: str) -> list[str]:
    """Cut at the one mark in the middle; without one, at the space."""
    marked = [part.strip() for part in _MARKS.split(text) if part.strip()]
    return marked if len(marked) > 1 else text.split()


def _is_latitude_first(a: float, b: float) -> bool:
    if _within(a, LONGITUDES) and _within(b, LATITUDES):
        return False
    if _within(a, LATITUDES) and _within(b, LONGITUDES):
        return True
    return abs(a) <= HIGHEST_LATITUDE < abs(b) <= WIDEST_DEGREES


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def order_note(pairs: Pairs, column: str, file: str) -> Text:
    """Say which column holds the coordinates and in which order they were read."""
    there, exchanged = int(pairs.there.sum()), int((pairs.exchanged & pairs.there).sum())
    if exchanged == 0:
        order = Text(en="longitude first", zh="经度在前")
    elif exchanged == there:
        order = Text(en="latitude first, exchanged", zh="纬度在前，已互换")
    else:
        order = Text(
            en=f"longitude first in {there - exchanged} rows, latitude first in {exchanged}, which "
            "were exchanged",
            zh=f"{there - exchanged}行经度在前，{exchanged}行纬度在前，后者已互换",
        )
    return Text(
        en=f"Column '{column}' of '{file}' holds both coordinates in one cell: {order.en}.",
        zh=f"“{file}”的字段“{column}”一格内含两个坐标：{order.zh}。",
    )
