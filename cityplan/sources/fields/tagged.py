"""Local files whose columns are OpenStreetMap tags: exports of osmnx, QuickOSM and others.

The rules of ``tags.toml`` sort such rows as they sort the objects of an extract.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from cityplan.sources.osm_columns import FACILITIES, TAG_COLUMNS
from cityplan.sources.tag_rules import FACILITY, RuleSet, Tags, load_tag_rules
from cityplan.text import Text

if TYPE_CHECKING:
    import geopandas as gpd

Kind = str
_KIND_OF_TYPE: Mapping[int, Kind] = {
    0: "point", 4: "point", 1: "line", 2: "line", 5: "line", 3: "polygon", 6: "polygon",
}  # fmt: skip
_FEWEST = ("lanes",)
_IDS = ("id", "osm_id", "osmid")
_KEY = re.compile(r"[a-z][a-z0-9_:.-]*")
_TAG_OF_NUMBER = {
    "width_m": "width", "lanes": "lanes", "levels": "building:levels",
    "female_places": "toilets:number:female", "male_places": "toilets:number:male",
}  # fmt: skip
_TAG = r"(?:\[')?[a-z][a-z0-9_:;,' -]*(?:'\])?"


@dataclass(frozen=True)
class TaggedRows:
    """The tags of every row of a frame.

    Attributes
    ----------
    tags
        One mapping per row.
    columns
        Columns of the frame that are tags.
    notes
        What had to be decided where a column holds several values.
    """

    tags: tuple[Tags, ...]
    columns: frozenset[str]
    notes: tuple[Text, ...]


def read_tags(frame: gpd.GeoDataFrame) -> TaggedRows | None:
    """Return the tags a frame's columns hold, None where no column is a tag.

    Lists, real ones or written out, count by their first value, lanes by the smallest;
    True and False become yes and no.
    """
    rules = load_tag_rules()
    keys = rules.areas.keys | rules.nodes.keys | rules.ways.keys
    schema = next((name for name in ("fclass", "kind") if _is_schema(frame, name)), None)
    present = {str(column) for column in frame.columns if column != frame.geometry.name}
    if schema is None and not any(_holds_tags(frame[column]) for column in present & keys):
        return None
    several: dict[str, int] = {}
    values = {column: _texts(frame[column], column, several) for column in sorted(present)}
    rows = [
        {key: value for key, value in zip(values, row, strict=True) if value}
        for row in zip(*values.values(), strict=True)
    ]
    if schema is not None:
        rows = _by_schema(rows, schema, frame)
    notes = tuple(_several(c, count) for c, count in several.items() if c not in _IDS)
    return TaggedRows(tuple(rows), frozenset(present), notes)


def targets_of(tagged: TaggedRows, layer: str) -> list[list[str]]:
    """Return, row by row, the targets of ``layer``: itself, or categories of facilities."""
    rules = load_tag_rules()
    sets = [s for s in (rules.ways, rules.nodes, rules.areas) if _names(s, layer)]
    found = []
    for tags in tagged.tags:
        targets: dict[str, None] = {}
        for rule_set in sets:
            targets |= dict.fromkeys(t for t in rule_set.match(tags) if _belongs(t, layer))
        found.append(list(targets))
    return found


def tag_columns(tagged: TaggedRows, layer: str) -> dict[str, list[Any]]:
    """Return the columns of a layer as the reader of extracts reads them from tags."""
    readers: Mapping[str, Callable[[Tags], Any]] = TAG_COLUMNS.get(layer, {})
    return {name: [read(tags) for tags in tagged.tags] for name, read in readers.items()}


def as_written(column: str, tags: Tags, read: object) -> object:
    """Return a tag's text where it could not be read as the number of its column."""
    key = _TAG_OF_NUMBER.get(column)
    return tags.get(key) if key is not None and read != read else read  # noqa: PLR0124 - NaN


def no_tags(names: Iterable[str]) -> list[str]:
    """Return the columns that stand beside tags: their names are no keys of OpenStreetMap."""
    own = [name for name, key in _TAG_OF_NUMBER.items() if name != key]
    return [name for name in names if name in own or not _KEY.fullmatch(name)]


def categories_of(targets: list[str]) -> tuple[str, ...]:
    """Return the facility categories among targets."""
    return tuple(t.removeprefix(FACILITY) for t in targets if t.startswith(FACILITY))


def _names(rule_set: RuleSet, layer: str) -> bool:
    return any(_belongs(target, layer) for target in rule_set.targets)


def _belongs(target: str, layer: str) -> bool:
    return target.startswith(FACILITY) if layer == FACILITIES else target == layer


def _holds_tags(values: pd.Series) -> bool:
    """Whether a column holds words in small Latin letters, as tags are, or lists of such."""
    texts = values.dropna().astype(str)
    texts = texts[texts != ""].head(200)
    return len(texts) > 0 and bool(texts.str.fullmatch(_TAG).mean() > 1 / 2)


def _texts(values: pd.Series, key: str, several: dict[str, int]) -> list[str]:
    """Return one text per row, empty where there is none; several values are counted."""
    texts = []
    for value in values.tolist():
        choice, count = _one(value, key)
        if count > 1:
            several[key] = several.get(key, 0) + 1
        texts.append(choice)
    return texts


def _one(value: object, key: str) -> tuple[str, int]:
    if isinstance(value, str) and value.startswith("[") and value.endswith("]"):
        try:
            value = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            return str(value), 1
    if isinstance(value, list | tuple | np.ndarray):
        texts = [text for text in (_text(item) for item in value) if text]
        if not texts:
            return "", 0
        return (min(texts, key=_as_number) if key in _FEWEST else texts[0]), len(texts)
    return _text(value), 1


def _text(value: object) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    return {"True": "yes", "False": "no"}.get(text, text)


def _as_number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("inf")


def _several(column: str, count: int) -> Text:
    rule = ("the smallest", "最小值") if column in _FEWEST else ("the first", "第一个值")
    return Text(
        en=f"Column '{column}' holds several values in {count} rows: {rule[0]} is taken.",
        zh=f"字段“{column}”有{count}行含多个值，取{rule[1]}。",
    )


# --- schemas with one column for all keys ---------------------------------------


@cache
def _schemas() -> dict[str, Any]:
    file = resources.files("cityplan.sources.fields") / "tagged_schemas.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _is_schema(frame: gpd.GeoDataFrame, column: str) -> bool:
    """Whether a frame is of Geofabrik (``fclass``) or Tilezen (``kind`` and ``kind_detail``)."""
    if column not in frame.columns:
        return False
    if column == "kind" and not {"kind_detail", "min_zoom"} & set(frame.columns):
        return False
    return _holds_tags(frame[column])


def _by_schema(
    rows: list[dict[str, str]], schema: str, frame: gpd.GeoDataFrame
) -> list[dict[str, str]]:
    tables = _schemas()["fclass" if schema == "fclass" else "tilezen"]
    types = shapely.get_type_id(np.asarray(frame.geometry.array)).tolist()
    renamed = _schemas()["columns"]
    result = []
    for row, type_id in zip(rows, types, strict=True):
        table = tables.get(_KIND_OF_TYPE.get(type_id, ""), {})
        tags = {renamed.get(key, key): value for key, value in row.items()}
        value = tags.pop(schema, "")
        if schema == "fclass":
            tags = _geofabrik_letters(tags)
        result.append(tags | _expand(table, value, tags))
    return result


def _expand(table: Mapping[str, Any], value: str, tags: Tags) -> dict[str, str]:
    """Return the tags one value of a schema stands for."""
    if not value:
        return {}
    detail_key = table.get("detail_key", {}).get(value)
    if detail_key is not None:
        detail = tags.get("kind_detail") or tags.get("type", "")
        if detail and detail != "entrance":
            return {detail_key: detail}
        return _pairs(table.get("detail_default", {}).get(value, ""))
    if value in table.get("rename", {}):
        tag = table["rename"][value]
        if tag == "building=yes" and tags.get("type"):
            return {"building": tags["type"]}
        return _pairs(tag)
    key = table.get("keys", {}).get(value, table.get("default_key"))
    return {key: value} if key else {}


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in text.split())


def _geofabrik_letters(tags: dict[str, str]) -> dict[str, str]:
    """Return Geofabrik's letters as tags: F, B and T of one way; T and F of yes and no."""
    oneway = {"F": "yes", "B": "no", "T": "-1"}
    for key in ("bridge", "tunnel"):
        if tags.get(key) in ("T", "F"):
            tags[key] = "yes" if tags[key] == "T" else "no"
    if tags.get("oneway") in oneway:
        tags["oneway"] = oneway[tags["oneway"]]
    return tags
