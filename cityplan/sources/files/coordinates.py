"""Columns of coordinates: which they are, and the numbers people write in them."""

from __future__ import annotations

import functools
import math
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from importlib import resources

_BRACKETS = re.compile(r"[(\[{].*?[)\]}]")
_PLAIN = re.compile(r"[+-]?\d+(?:\.\d*)?(?:e[+-]?\d+)?|[+-]?\.\d+")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_SIGNS = str.maketrans("º˚度′’‘分″”“秒：", "°°°''''\"\"\"\":")
_DEGREES = re.compile(
    r"(?P<sign>[+-]?)(?P<degrees>\d+(?:\.\d*)?)(?:[°:](?:(?P<minutes>\d+(?:\.\d*)?)[':]"
    r"(?:(?P<seconds>\d+(?:\.\d*)?)(?:\"|'')?)?)?)?"
)
_HEMISPHERES = {
    "东经": 1, "東經": 1, "北纬": 1, "北緯": 1, "西经": -1, "西經": -1, "南纬": -1, "南緯": -1,
    "e": 1, "n": 1, "w": -1, "s": -1,
}  # fmt: skip
WIDEST_DEGREES = 180
SIXTY = 60


@functools.cache
def _synonyms() -> tuple[list[tuple[list[str], list[str]]], list[str], list[str]]:
    text = resources.files("cityplan.sources.files").joinpath("coordinates.toml").read_text("utf-8")
    data = tomllib.loads(text)
    pairs = [(pair["x"], pair["y"]) for pair in data["pairs"]]
    return pairs, data["wkt"]["names"], data["both"]["names"]


def plain_name(name: object) -> str:
    """Return a column's name without case, width, brackets, spaces and signs."""
    text = unicodedata.normalize("NFKC", str(name)).lower()
    text = _BRACKETS.sub("", text)
    return "".join(letter for letter in text if letter.isalnum())


def find_columns(names: Sequence[object]) -> tuple[int, ...]:
    """Return the positions of the columns whose names say that they hold coordinates.

    Those of x and y, or that of geometry as text; none where no name says so.
    """
    plain = [plain_name(name) for name in names]
    pairs, wkt, _ = _synonyms()
    for xs, ys in pairs:
        x, y = _first(plain, xs), _first(plain, ys)
        if x is not None and y is not None:
            return x, y
    position = _first(plain, wkt)
    return () if position is None else (position,)


def columns_of_shapes(names: Sequence[object]) -> tuple[int, ...]:
    """Return the positions of the columns that by name hold geometry as text."""
    _, wkt, _ = _synonyms()
    return tuple(at for at, name in enumerate(names) if plain_name(name) in wkt)


def columns_of_both(names: Sequence[object]) -> tuple[int, ...]:
    """Return the positions of the columns that by name may hold two coordinates in a cell."""
    _, _, both = _synonyms()
    return tuple(at for at, name in enumerate(names) if plain_name(name) in both)


def _first(names: list[str], wanted: Iterable[str]) -> int | None:
    return next((names.index(name) for name in wanted if name in names), None)


def number(value: object) -> float:
    """Return the number a cell holds; NaN where it holds none.

    Understands full-width digits, commas as thousands or decimals, and degrees,
    minutes and seconds (``118°12′33″E``, ``东经118度12分33秒``).
    """
    if isinstance(value, int | float):
        return _finite(value)
    text = unicodedata.normalize("NFKC", str(value).translate(_SIGNS))
    text = "".join(text.lower().split())
    if _PLAIN.fullmatch(text):
        return _finite(text)
    decimal = _DECIMAL_COMMA.fullmatch(text)
    small = decimal is not None and abs(int(text.split(",")[0])) <= WIDEST_DEGREES
    if _THOUSANDS.fullmatch(text) and not small:
        return _finite(text.replace(",", ""))
    return _finite(text.replace(",", ".")) if decimal else _degrees(text)


def _finite(written: str | float) -> float:
    value = float(written)
    return value if math.isfinite(value) else math.nan


def _degrees(text: str) -> float:
    side = 1
    for word, sign in _HEMISPHERES.items():
        if text.startswith(word) or text.endswith(word):
            text, side = text.removeprefix(word).removesuffix(word), sign
            break
    match = _DEGREES.fullmatch(text)
    if match is None:
        return math.nan
    minutes, seconds = float(match["minutes"] or 0), float(match["seconds"] or 0)
    if minutes >= SIXTY or seconds >= SIXTY:
        return math.nan
    value = float(match["degrees"]) + minutes / SIXTY + seconds / SIXTY**2
    return side * (-value if match["sign"] == "-" else value)
