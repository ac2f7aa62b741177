"""Which layer of the catalogue rows may be, by geometry, tags, words, columns and names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from cityplan.model.layers import CATALOGUE
from cityplan.sources.fields.categories import sort_facilities
from cityplan.sources.fields.columns import candidates
from cityplan.sources.fields.land_use import known_share
from cityplan.sources.fields.reader import ColumnReader
from cityplan.sources.fields.rules import find_column, load_field_rules
from cityplan.sources.fields.tagged import read_tags, targets_of
from cityplan.sources.fields.values import read_texts
from cityplan.sources.osm_columns import FACILITIES
from cityplan.text import Text

if TYPE_CHECKING:
    import geopandas as gpd

# What speaks for a layer, and how loudly.
BY_NAME, BY_TAGS, BY_CONTENT, BY_COLUMN = 3.0, 4.0, 3.0, 1.0
LEAST = 1.0
_KINDS = {0: "point", 4: "point", 1: "line", 2: "line", 5: "line", 3: "polygon", 6: "polygon"}
_NOT_TELLING = ("id", "name", "kind", "access", "level", "tunnel", "bridge", "area")


@dataclass(frozen=True)
class Fit:
    """How well a layer of the catalogue fits, and why."""

    layer: str
    score: float
    reasons: tuple[Text, ...]


def columns_of(frame: gpd.GeoDataFrame) -> list[str]:
    """Return the names of the columns of attributes."""
    return [str(name) for name in frame.columns if name != frame.geometry.name]


def layers_like(frame: gpd.GeoDataFrame, file_name: str, layer_name: str) -> tuple[Fit, ...]:
    """Return the layers a frame may be, by geometry, tags, words, columns and names."""
    types = shapely.get_type_id(np.asarray(frame.geometry.array))
    kinds = pd.Series([_KINDS.get(kind) for kind in types.tolist()], dtype=object).dropna()
    if kinds.empty:
        return ()
    commonest = kinds.mode().iloc[0]
    tagged = read_tags(frame)
    found = []
    for layer, spec in CATALOGUE.items():
        if commonest not in spec.geometry:
            continue
        fit = Fit(layer, 0.0, ())
        if tagged is not None:
            share = float(np.mean([bool(hit) for hit in targets_of(tagged, layer)]))
            fit = _plus(fit, BY_TAGS * share, f"{share:.0%} of its tags", f"{share:.0%}的标签")
        else:
            fit = _by_columns(fit, frame)
            share = _content_share(frame, layer)
            fit = _plus(fit, BY_CONTENT * share, f"{share:.0%} of its words", f"{share:.0%}的用词")
        fit = _by_file_name(fit, file_name, layer_name)
        if fit.score >= LEAST:
            found.append(fit)
    return tuple(sorted(found, key=lambda fit: -fit.score))


def _plus(fit: Fit, score: float, en: str, zh: str) -> Fit:
    if score <= 0:
        return fit
    return Fit(fit.layer, fit.score + score, (*fit.reasons, Text(en=en, zh=zh)))


def _by_columns(fit: Fit, frame: gpd.GeoDataFrame) -> Fit:
    """Count the columns that say something about a layer and hold what it wants."""
    names = columns_of(frame)
    reader = ColumnReader(frame, fit.layer, names, {})
    told = []
    for column, kind in CATALOGUE[fit.layer].columns.items():
        telling = column not in _NOT_TELLING and (fit.layer, column) not in (
            ("land_use", "use"),
            (FACILITIES, "category"),
        )
        if telling and any(
            reader.fits(column, kind, found) for found in candidates(names, fit.layer, column)
        ):
            told.append(column)
    some = ", ".join(told)
    return _plus(fit, BY_COLUMN * len(told), f"columns for {some}", f"含字段 {some}")


def _content_share(frame: gpd.GeoDataFrame, layer: str) -> float:
    """Return the share of rows whose words are those of a layer."""
    names = columns_of(frame)
    if layer == "land_use":
        shares = [0.0]
        for found in candidates(names, layer, "use"):
            cells = [t for t in read_texts(frame[found.columns[0]].tolist()) if t is not None]
            shares.append(known_share(cells, None))
        return max(shares)
    if layer == FACILITIES:
        name = find_column(names, load_field_rules().synonyms(layer, "name"))
        blank: list[str | None] = [None] * len(frame)
        called = read_texts(frame[name].tolist()) if name else blank
        columns = [found.columns[0] for found in candidates(names, layer, "category")]
        classes = [read_texts(frame[column].tolist()) for column in columns] or [blank]
        return max(
            float(np.mean([bool(hit) for hit in sort_facilities(cells, called).categories]))
            for cells in classes
        )
    return 0.0


def _by_file_name(fit: Fit, file_name: str, layer_name: str) -> Fit:
    for text in dict.fromkeys((layer_name, file_name)):
        words = load_field_rules().file_words.get(fit.layer, ())
        word = next((word for word in words if word in text.casefold()), None)
        if word is not None:
            # a longer word says more: 道路面 is not 道路
            bonus = BY_NAME + len(word) / 100
            return _plus(fit, bonus, f"the name holds '{word}'", f"名称含“{word}”")
    return fit
