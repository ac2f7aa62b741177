"""Read columns of a source, one by one, into columns of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cityplan.sources.fields.columns import Found, candidates
from cityplan.sources.fields.rules import find_column, load_field_rules, unit_of
from cityplan.sources.fields.values import (
    Numbers,
    as_number,
    impossible_note,
    read_numbers,
    read_texts,
    read_words,
    text_note,
    word_note,
)
from cityplan.text import Text

if TYPE_CHECKING:
    import geopandas as gpd

    from cityplan.spatial.arrays import Bools, Floats

NOT_A_NUMBER = "text where a number belongs: left empty"
IMPOSSIBLE = "impossible value: left empty"
UNKNOWN_WORD = "a word nobody knows: left empty"
UNKNOWN_ROAD = "road class not recognised: taken as a road of unknown class"
# A column nobody named is taken for numbers when at least half of its cells are some.
MOSTLY = 0.5


class ColumnReader:
    """The columns of one layer, filled from those of a source.

    Attributes
    ----------
    names
        Columns of the source that may be read.
    columns
        Catalogue column -> one value per row of the source.
    used
        Catalogue column -> where it came from, for people.
    sources
        Columns of the source that were read.
    keep
        Rows that belong to the layer; cells of others are neither counted nor told.
    marked
        Cause -> rows of which a cell was mended.
    """

    def __init__(
        self,
        frame: gpd.GeoDataFrame,
        layer: str,
        names: Sequence[str],
        given: Mapping[str, Found],
    ) -> None:
        self.frame, self.layer, self.names, self.given = frame, layer, names, given
        self.rules = load_field_rules()
        self.columns: dict[str, Any] = {}
        self.used: dict[str, str] = {}
        self.sources: set[str] = set()
        self.notes: list[Text] = []
        self.marked: dict[str, Bools] = {}
        self.keep: Bools = np.ones(len(frame), dtype=bool)

    def get(self, column: str) -> list[Any]:
        """Return a column, all blank where nothing was read."""
        cells = self.columns.get(column)
        return [None] * len(self.frame) if cells is None else list(cells)

    def column(self, column: str, kind: str, names: Sequence[str] | None = None) -> None:
        """Read a column of the catalogue, where the source has one like it; ``names`` are looked at."""
        found = self.choose(column, kind, self.names if names is None else names)
        if found is None:
            return
        if kind == "number":
            self.number(column, found)
        elif kind == "flag":
            self._flag(column, found)
        elif (self.layer, column) == ("streets", "highway"):
            self._road_classes(found)
        elif (self.layer, column) == ("streets", "road_class"):
            self.claim(column, found)
            roads = [
                (t, self.rules.road(t) if t else None)
                for t in read_texts(self.cells(found.columns[0]))
            ]
            self.columns[column] = [road.road_class if road else text for text, road in roads]
        else:
            self._words(column, found)

    def choose(self, column: str, kind: str, names: Sequence[str]) -> Found | None:
        """Return the user's column, else the first synonym whose cells make sense."""
        if column in self.given:
            return self.given[column]
        options = candidates(names, self.layer, column)
        fitting = (found for found in options if self.fits(column, kind, found))
        return next(fitting, options[0] if options and column != "id" else None)

    def fits(self, column: str, kind: str, found: Found) -> bool:
        """Whether the cells of a column are what the catalogue's column wants."""
        cells = self.cells(found.columns[0])
        filled = sum(text is not None for text in read_texts(cells))
        if filled == 0 or (column == "id" and 1 == len(set(read_texts(cells))) < len(cells)):
            return False
        if kind == "number" and column != "oneway":
            numbers = read_numbers(as_number(column, cells), factor=1, limits=None)
            return bool(np.isfinite(numbers.values).sum() >= MOSTLY * filled)
        if (self.layer, column) == ("streets", "highway"):
            return any(self.rules.road(text) for text in read_texts(cells) if text)
        words = self.rules.flags if kind == "flag" else self.rules.words_of(self.layer, column)
        return words is None or any(words.find(text) for text in read_texts(cells) if text)

    def cells(self, name: str) -> list[object]:
        """Return the cells of a column of the source."""
        return self.frame[name].tolist()

    def claim(self, column: str, found: Found) -> None:
        """Note where a column came from."""
        self.used[column] = str(found)
        self.sources |= set(found.columns)
        for remark in self.rules.assumed:
            asked = (remark.layer, remark.column) == (self.layer, column) and not found.by_user
            if asked and len(found.columns) == 1 and find_column(found.columns, remark.names):
                self.notes.append(_assumed_note(str(found), remark.reason))

    def number(self, column: str, found: Found) -> None:
        """Read a column of numbers, or a sum of some."""
        self.claim(column, found)
        if column == "oneway":
            values, unknown = read_words(
                self.cells(found.columns[0]), self.rules.words[None, column]
            )
            self._mark(UNKNOWN_WORD, unknown)
            self.columns[column] = [np.nan if value is None else float(value) for value in values]
            return
        units = self.rules.units.get("people" if column.startswith("people") else column, {})
        total = np.zeros(len(self.frame))
        for name in found.columns:
            unit, factor = unit_of(name, units)
            if factor != 1:
                self.notes.append(_unit_note(name, unit, factor))
            cells = self.cells(name)
            total = total + self.checked(column, name, cells, factor=factor)
        self.columns[column] = total

    def checked(
        self, column: str, name: str, cells: Sequence[object], *, factor: float = 1
    ) -> Floats:
        """Return cells as numbers; what is none or cannot be one is blank, counted and told."""
        limits = self.rules.limits_of(self.layer, column)
        plain = as_number(column, cells)
        numbers: Numbers = read_numbers(plain, factor=factor, limits=limits)
        text, impossible = numbers.text & self.keep, numbers.impossible & self.keep
        if text.any():
            self.notes.append(text_note(name, cells, text))
        if impossible.any():
            self.notes.append(impossible_note(name, cells, impossible, limits))
        self._mark(NOT_A_NUMBER, text)
        self._mark(IMPOSSIBLE, impossible)
        return numbers.values

    def _flag(self, column: str, found: Found) -> None:
        self.claim(column, found)
        cells = self.cells(found.columns[0])
        values, unknown = read_words(cells, self.rules.flags)
        self._tell_unknown(found, cells, unknown, self.rules.flags.values)
        self.columns[column] = [value == "yes" for value in values]

    def _words(self, column: str, found: Found) -> None:
        self.claim(column, found)
        cells = self.cells(found.columns[0])
        words = self.rules.words_of(self.layer, column)
        if words is None:
            self.columns[column] = read_texts(cells)
            return
        values, unknown = read_words(cells, words)
        fallback = self.rules.defaults.get((self.layer, column))
        if fallback is None or column == "use":
            self._tell_unknown(found, cells, unknown, words.values)
        if found.columns[0] in self.rules.turned.get(column, ()):
            values = [{"yes": "no", "no": "yes"}.get(v, v) if v else None for v in values]
        self.columns[column] = values

    def _road_classes(self, found: Found) -> None:
        self.claim("highway", found)
        cells = self.cells(found.columns[0])
        texts = read_texts(cells)
        roads = {text: self.rules.road(text) for text in set(texts) if text}
        classes = [roads[text] if text else None for text in texts]
        unknown = np.array([road is None for road in classes], dtype=bool)
        self.columns["highway"] = [road.highway if road else None for road in classes]
        self.columns["road_class"] = [road.road_class if road else None for road in classes]
        self.used["road_class"] = str(found)
        self._mark(UNKNOWN_ROAD, unknown)
        if (unknown & self.keep).any():
            self.notes.append(_road_note(found, texts, unknown))

    def _tell_unknown(
        self, found: Found, cells: Sequence[object], unknown: Bools, values: Sequence[str]
    ) -> None:
        unknown = unknown & self.keep
        self._mark(UNKNOWN_WORD, unknown)
        if unknown.any():
            self.notes.append(word_note(str(found), cells, unknown, values))

    def _mark(self, cause: str, rows: Bools) -> None:
        if rows.any():
            self.marked[cause] = self.marked.get(cause, np.zeros(len(rows), dtype=bool)) | rows


def _assumed_note(name: str, reason: Text) -> Text:
    return Text(en=f"Column '{name}': {reason.en}.", zh=f"字段“{name}”：{reason.zh}。")


def _unit_note(name: str, unit: str, factor: float) -> Text:
    return Text(
        en=f"Column '{name}' is in {unit}: multiplied by {factor:g}.",
        zh=f"字段“{name}”以{unit}为单位，已乘以{factor:g}。",
    )


def _road_note(found: Found, texts: Sequence[str | None], unknown: Bools) -> Text:
    words = dict.fromkeys(t or "(blank)" for t, u in zip(texts, unknown, strict=True) if u)
    some = ", ".join(list(words)[:4])
    return Text(
        en=f"Column '{found}': {int(unknown.sum())} road classes are unknown ({some}); they count as "
        "roads of unknown class (branch roads).",
        zh=f"字段“{found}”有{int(unknown.sum())}个道路等级无法识别（{some}），按未知等级道路（支路）处理。",
    )
