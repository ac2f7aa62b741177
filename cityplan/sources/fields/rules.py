"""The synonyms, words, units and limits of ``fields.toml``."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from cityplan.model.ways import ON_FOOT, ON_FOOT_IF_ALLOWED, ROADS
from cityplan.text import Text

_DROPPED = re.compile(r"[\s_\-.:：·/\\]+")
_BRACKETS = re.compile(r"[(\[（【]([^)\]）】]*)[)\]）】]")
_CHINESE = re.compile(r"[一-鿿]")
# A Shapefile keeps 10 bytes of a name; a Chinese character takes two or three.
_CUT_BYTES = (9, 10)
MIN_CONTAINED = 2


@dataclass(frozen=True)
class Limits:
    """Between which a number can be true."""

    low: float
    high: float
    low_is_out: bool = False


@dataclass(frozen=True)
class RoadClass:
    """What a word for a road class stands for."""

    highway: str
    road_class: str | None


@dataclass(frozen=True)
class Sum:
    """Columns that add to one of the catalogue."""

    alternatives: tuple[tuple[str, ...], ...]
    groups: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Group:
    """A group of the population and what its columns are called."""

    column: str
    layers: tuple[str, ...]
    names: tuple[str, ...]
    from_age_min: float | None
    to_age_max: float | None
    title: Text


@dataclass(frozen=True)
class Remark:
    """What to tell about columns of certain names: read as ``column``, or not used at all."""

    layer: str
    column: str | None
    names: tuple[str, ...]
    reason: Text


@dataclass(frozen=True)
class State:
    """How sources tell what is there from what is planned, being built or gone."""

    layers: tuple[str, ...]
    names: tuple[str, ...]
    words: Words
    planned: tuple[str, ...]


class Words:
    """Words of a column and the catalogue's values they stand for."""

    def __init__(
        self, values: Mapping[str, Iterable[str]], *, values_are_words: bool = True
    ) -> None:
        self.values = tuple(values)
        self._exact: dict[str, str] = {}
        for value, words in values.items():
            for word in (value, *words) if values_are_words else words:
                self._exact.setdefault(plain(word), value)
        inside = [w for w in self._exact if len(w) >= MIN_CONTAINED and _CHINESE.search(w)]
        self._inside = sorted(inside, key=lambda word: (-len(word), word))

    def find(self, text: str) -> str | None:
        """Return the value a text stands for: the whole text, else the longest word in it."""
        key = plain(text)
        if key in self._exact:
            return self._exact[key]
        return next((self._exact[word] for word in self._inside if word in key), None)


@dataclass(frozen=True)
class FieldRules:
    """Everything ``fields.toml`` says."""

    columns: Mapping[str, Mapping[str, tuple[str, ...]]]
    sums: Mapping[tuple[str, str], Sum]
    unused: tuple[Remark, ...]
    assumed: tuple[Remark, ...]
    groups: tuple[Group, ...]
    state: State
    units: Mapping[str, Mapping[str, float]]
    limits: Mapping[tuple[str | None, str], Limits]
    defaults: Mapping[tuple[str, str], str]
    words: Mapping[tuple[str | None, str], Words]
    flags: Words
    turned: Mapping[str, tuple[str, ...]]
    roads: Words
    road_classes: tuple[RoadClass, ...]
    file_words: Mapping[str, tuple[str, ...]]

    def synonyms(self, layer: str, column: str) -> tuple[str, ...]:
        """Return the names a catalogue column goes by, best first."""
        names = (
            *self.columns.get(layer, {}).get(column, ()),
            *self.columns["any"].get(column, ()),
        )
        return tuple(dict.fromkeys(names))

    def limits_of(self, layer: str, column: str) -> Limits | None:
        """Return between which a number of a column can be true."""
        return self.limits.get((layer, column)) or self.limits.get((None, column))

    def words_of(self, layer: str, column: str) -> Words | None:
        """Return the words of a column, None where any text will do."""
        return self.words.get((layer, column)) or self.words.get((None, column))

    def road(self, text: str) -> RoadClass | None:
        """Return the road class a text names."""
        if text in (*ROADS, *ON_FOOT, *ON_FOOT_IF_ALLOWED):
            return RoadClass(text, None)
        number = self.roads.find(text)
        return None if number is None else self.road_classes[int(number)]


@cache
def load_field_rules() -> FieldRules:
    """Read the shipped ``fields.toml``."""
    file = resources.files("cityplan.sources.fields") / "fields.toml"
    data: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    words: dict[tuple[str | None, str], Words] = {}
    for column, values in data["words"].items():
        if all(isinstance(entry, list) for entry in values.values()):
            words[None, column] = Words(values)
        else:
            words |= {(layer, column): Words(table) for layer, table in values.items()}
    limits: dict[tuple[str | None, str], Limits] = {
        (None, column): Limits(**row) for column, row in data["limits"].items()
    }
    for layer, rows in data["limits_of_layer"].items():
        limits |= {(layer, column): Limits(**row) for column, row in rows.items()}
    return FieldRules(
        columns=_tuples(data["columns"]),
        sums={
            (layer, column): Sum(
                alternatives=tuple(tuple(names) for names in row["sums"]),
                groups={key: tuple(names) for key, names in row["groups"].items()},
            )
            for layer, rows in data["sums"].items()
            for column, row in rows.items()
        },
        unused=_remarks(data["unused"]),
        assumed=_remarks(data["assumed"]),
        groups=tuple(
            Group(
                column=column,
                layers=tuple(row["layers"]),
                names=tuple(row["names"]),
                from_age_min=row.get("from_age_min"),
                to_age_max=row.get("to_age_max"),
                title=Text(en=row["en"], zh=row["zh"]),
            )
            for column, row in data["groups"].items()
        ),
        state=State(
            layers=tuple(data["state"]["layers"]),
            names=tuple(data["state"]["names"]),
            words=Words(data["state"]["words"], values_are_words=False),
            planned=tuple(data["state"]["planned"]),
        ),
        units=data["units"],
        limits=limits,
        defaults={
            (layer, column): value
            for layer, row in data["defaults"].items()
            for column, value in row.items()
        },
        words=words,
        flags=words.pop((None, "flag")),
        turned=_tuples({"all": data["turned"]})["all"],
        roads=Words(
            {str(number): row["words"] for number, row in enumerate(data["road"])},
            values_are_words=False,
        ),
        road_classes=tuple(RoadClass(r["highway"], r.get("road_class")) for r in data["road"]),
        file_words=_tuples({"all": data["file_words"]})["all"],
    )


def _remarks(rows: Sequence[Mapping[str, Any]]) -> tuple[Remark, ...]:
    return tuple(
        Remark(
            row["layer"], row.get("column"), tuple(row["names"]), Text(en=row["en"], zh=row["zh"])
        )
        for row in rows
    )


def _tuples(
    data: Mapping[str, Mapping[str, Sequence[str]]],
) -> dict[str, dict[str, tuple[str, ...]]]:
    return {a: {b: tuple(names) for b, names in row.items()} for a, row in data.items()}


# Letters of titles of columns and of words for places, as Taiwan and Hong Kong write them.
_SIMPLER = str.maketrans(
    "廁稱數類寬層樓區號線車場館園醫學診戶兒齡歲廠衛運動體圖書開對積綠總蓋長間單雙",
    "厕称数类宽层楼区号线车场馆园医学诊户儿龄岁厂卫运动体图书开对积绿总盖长间单双",
)


def plain(name: str) -> str:
    """Return a name or word without case, width, spaces and signs, in simplified letters."""
    return _DROPPED.sub("", unicodedata.normalize("NFKC", name).casefold()).translate(_SIMPLER)


def bare(name: str) -> str:
    """Return a column's name like :func:`plain`, without what stands in brackets."""
    wide = unicodedata.normalize("NFKC", name)
    return plain(_BRACKETS.sub("", wide)) or plain(wide)


def unit_of(name: str, units: Mapping[str, float]) -> tuple[str, float]:
    """Return the unit a column's name carries, in brackets or at its end, and its factor."""
    wide = unicodedata.normalize("NFKC", name).casefold().strip()
    inside = [part.strip() for part in _BRACKETS.findall(wide)]
    tail = re.split(r"[_\s]+", wide)[-1]
    for unit, factor in units.items():
        if unit in inside or (tail == unit and tail != wide):
            return unit, factor
        if _CHINESE.search(unit) and len(unit) > 1 and wide.endswith(unit):
            return unit, factor
    return "", 1.0


def find_column(names: Iterable[str], synonyms: Sequence[str]) -> str | None:
    """Return the column of a source that goes by the first synonym that is there.

    Exact names come first, then names without their unit, then names cut to the ten
    bytes a Shapefile keeps.
    """
    names = list(names)
    by_plain = {plain(name): name for name in reversed(names)}
    by_bare = {bare(name): name for name in reversed(names)}
    for synonym in synonyms:
        key = plain(synonym)
        if key in by_plain or key in by_bare:
            return by_plain.get(key) or by_bare[key]
    for synonym in synonyms:
        for name in names:
            if (
                _is_cut(name)
                and plain(name) not in _all_names()
                and plain(synonym).startswith(plain(name))
            ):
                return name
    return None


@cache
def _all_names() -> frozenset[str]:
    """Every name any column goes by: what is one of them is not cut."""
    rules = load_field_rules()
    lists = [names for row in rules.columns.values() for names in row.values()]
    lists += [names for rule in rules.sums.values() for names in rule.groups.values()]
    lists += [row.names for row in rules.unused] + [row.names for row in rules.groups]
    lists.append(rules.state.names)
    return frozenset(plain(name) for names in lists for name in names)


def _is_cut(name: str) -> bool:
    return any(len(name.encode(code, "ignore")) in _CUT_BYTES for code in ("utf-8", "gb18030"))
