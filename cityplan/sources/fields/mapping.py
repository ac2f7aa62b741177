"""From the columns of a local source to those of the catalogue, every decision told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from cityplan.errors import LayerError
from cityplan.model.layers import CATALOGUE
from cityplan.sources.fields.categories import (
    UNRECOGNISED,
    category_of,
    several_note,
    sort_facilities,
)
from cityplan.sources.fields.columns import (
    LAND_LAYERS,
    Found,
    candidates,
    check_layer,
    columns_by_user,
    describe,
    group_columns,
)
from cityplan.sources.fields.land_use import (
    DERIVED,
    LandClass,
    classify,
    known_share,
    system_note,
    unknown_note,
)
from cityplan.sources.fields.mapped import TAGS, Mapped
from cityplan.sources.fields.reader import ColumnReader
from cityplan.sources.fields.rules import find_column
from cityplan.sources.fields.state import NOT_THERE, not_there
from cityplan.sources.fields.tagged import (
    TaggedRows,
    as_written,
    categories_of,
    no_tags,
    read_tags,
    tag_columns,
    targets_of,
)
from cityplan.sources.fields.values import read_texts, sex_of
from cityplan.sources.layer_source import LayerSource
from cityplan.sources.osm_columns import FACILITIES, OTHER_SIZE, pitches_by_area
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.spatial.arrays import Ints

OTHER_TAGS = "its tags do not belong to this layer"
OTHER_LAND = "land of another use"
UNKNOWN_LAND = "land-use code or name not in the table of its system"


def map_fields(raw_frame: gpd.GeoDataFrame, layer: str, source: LayerSource) -> Mapped:
    """Map the columns of a source to those of a layer of the catalogue.

    Parameters
    ----------
    raw_frame
        Attributes as they were written.
    layer
        Name of a catalogue layer.
    source
        What the study says about it; its ``columns`` win over synonyms.

    Raises
    ------
    LayerError
        There is no such layer, or nothing in the source can be a column it requires.
    StudyError
        The study names a column or category that does not exist, or the source holds
        land-use codes and the study does not say of which system.
    """
    check_layer(layer)
    return _Mapping(raw_frame, layer, source).result()


def derive_layers(raw_frame: gpd.GeoDataFrame, source: LayerSource) -> dict[str, Mapped]:
    """Map a land-use source to ``land_use`` and the layers it also feeds.

    Parameters
    ----------
    raw_frame
        Land use by codes, titles, words or OpenStreetMap tags.
    source
        What the study says about the layer ``land_use``.

    Returns
    -------
    dict
        ``land_use``, and of residential_land, parks, green and water those with rows.
        The derived ones stand in where the study gives no layer of its own.
    """
    result = {"land_use": map_fields(raw_frame, "land_use", source)}
    for layer in DERIVED:
        mapped = _Mapping(raw_frame, layer, source, derived=True).result()
        if len(mapped.frame):
            result[layer] = Mapped(
                frame=mapped.frame,
                columns=mapped.columns,
                notes=(_derived_note(layer, len(mapped.frame)),),
                repaired=mapped.repaired,
            )
    return result


class _Mapping:
    """One source on its way to one layer."""

    def __init__(
        self, frame: gpd.GeoDataFrame, layer: str, source: LayerSource, *, derived: bool = False
    ) -> None:
        self.raw, self.layer, self.source, self.derived = frame, layer, source, derived
        self.spec = CATALOGUE[layer]
        taken = {frame.geometry.name, source.x, source.y, source.wkt}
        names = [str(name) for name in frame.columns if name not in taken]
        self.given = columns_by_user(names, "land_use" if derived else layer, source)
        self.reader = ColumnReader(frame, layer, names, self.given)
        self.rejected: dict[str, int] = {}

    def result(self) -> Mapped:
        reader = self.reader
        tagged, targets = self._tagged()
        if tagged is not None:
            self._from_tags(tagged)
        else:
            gone = not_there(reader)
            self._reject(NOT_THERE, int(gone.sum()))
            reader.keep = reader.keep & ~gone
        for column, kind in self.spec.columns.items():
            special = (self.layer, column) in (("land_use", "use"), (FACILITIES, "category"))
            if not special and (column in self.given or column not in reader.columns):
                reader.column(column, kind)
        for column, found in self._groups().items():
            reader.number(column, found)
        self._identity()
        if tagged is None:
            self._land()
        rows = np.flatnonzero(reader.keep)
        categories = self._categories(targets) if self.layer == FACILITIES else None
        if categories is not None:
            rows, reader.columns["category"] = _one_row_each(categories, rows)
        self._fill()
        frame = self._frame(rows)
        if categories is not None and tagged is not None:
            frame, others = pitches_by_area(frame)
            self._reject(OTHER_SIZE, others)
        return Mapped(
            frame=frame,
            columns=reader.used,
            notes=(self._what_became_what(), *reader.notes, *self._left_unused()),
            rejected=self.rejected,
            repaired=self._repaired(rows),
        )

    # --- tags of OpenStreetMap -------------------------------------------------

    def _tagged(self) -> tuple[TaggedRows | None, list[list[str]]]:
        """Return the rows' tags and targets, nothing where no row is of this layer."""
        told = self.layer == FACILITIES and "category" in self.given
        if told or self.source.code_system is not None or self.source.category is not None:
            return None, []
        tagged = read_tags(self.raw)
        if tagged is None:
            return None, []
        targets = targets_of(tagged, self.layer)
        if not any(targets_of(tagged, "land_use") if self.derived else targets):
            return None, []
        self.reader.keep = np.array([bool(found) for found in targets], dtype=bool)
        self._reject(OTHER_TAGS, int((~self.reader.keep).sum()))
        return tagged, targets

    def _from_tags(self, tagged: TaggedRows) -> None:
        reader = self.reader
        for column, cells in tag_columns(tagged, self.layer).items():
            if column in self.given:
                continue
            reader.columns[column] = cells
            if self.spec.columns[column] == "number":
                written = [
                    as_written(column, t, c) for t, c in zip(tagged.tags, cells, strict=True)
                ]
                reader.columns[column] = reader.checked(column, column, written)
            if any(cell not in (None, "", False) and cell == cell for cell in cells):  # noqa: PLR0124
                reader.used[column] = TAGS
            else:
                reader.column(column, self.spec.columns[column], no_tags(reader.names))
        if "name" not in self.given:
            reader.columns["name"] = [tags.get("name") for tags in tagged.tags]
            if not any(reader.columns["name"]):
                reader.column("name", "text", no_tags(reader.names))
        reader.notes += tagged.notes

    # --- what layers need beyond columns --------------------------------------------

    def _groups(self) -> dict[str, Found]:
        reader = self.reader
        groups = [g.column for g in reader.rules.groups if self.layer in g.layers]
        found = group_columns([n for n in reader.names if n not in reader.sources], self.layer)
        found |= {column: self.given[column] for column in groups if column in self.given}
        return found

    def _identity(self) -> None:
        """Give every row an id, and toilets the sex their name tells."""
        reader = self.reader
        ids = enumerate(reader.get("id"))
        reader.columns["id"] = [known or f"row-{n + 1}" for n, known in ids]
        if self.layer == "toilets":
            pairs = zip(reader.get("sex"), reader.get("name"), strict=True)
            reader.columns["sex"] = [sex or sex_of(name) for sex, name in pairs]

    def _land(self) -> None:
        """Read land-use codes, titles or words, and keep the land of this layer."""
        wanted = self.layer == "land_use" or self.derived or self.source.code_system is not None
        if self.layer not in LAND_LAYERS or not wanted:
            return
        reader, system = self.reader, self.source.code_system
        found = self.given.get("use") or self._land_column()
        if found is None:
            raise self._lacking("use")
        cells = read_texts(reader.cells(found.columns[0]))
        classes = classify(cells, system, self._where)
        if self.layer == "land_use":
            reader.claim("use", found)
            reader.columns["use"] = [land.use if land else None for land in classes]
            known = np.array([land is not None for land in classes], dtype=bool)
            self._reject(UNKNOWN_LAND, int((reader.keep & ~known).sum()))
            note = unknown_note(cells, classes)
            reader.notes += [note] if note else []
            reader.notes += [system_note(system)] if system else []
        else:
            known = np.array([_of_layer(land, self.layer) for land in classes], dtype=bool)
            self._reject(OTHER_LAND, int((reader.keep & ~known).sum()))
        reader.keep = reader.keep & known

    def _land_column(self) -> Found | None:
        """Return the column of codes or titles most cells of which are known."""
        options = candidates(self.reader.names, "land_use", "use")
        best, most = None, 0.0
        for found in options:
            cells = [text for text in read_texts(self.reader.cells(found.columns[0])) if text]
            share = known_share(cells, self.source.code_system)
            if share > most:
                best, most = found, share
        return best or (options[0] if options else None)

    def _categories(self, targets: list[list[str]]) -> list[tuple[str, ...]]:
        """Return the facility categories of the rows kept, in their order."""
        reader = self.reader
        rows = np.flatnonzero(reader.keep)
        if self.source.category is not None:
            constant = category_of(self.source.category, f"[layers.{self.layer}] category")
            return [(constant,)] * len(rows)
        if targets:
            reader.used["category"] = TAGS
            categories = [categories_of(targets[row]) for row in rows]
            reader.notes += several_note(categories)
            return categories
        found = self.given.get("category") or self._class_column()
        if found is None and "name" not in reader.columns:
            raise self._lacking("category")
        classes: list[str | None] = [None] * len(self.raw)
        if found is not None:
            reader.claim("category", found)
            classes = read_texts(reader.cells(found.columns[0]))
        names = reader.get("name")
        ordered = sort_facilities([classes[r] for r in rows], [names[r] for r in rows])
        reader.notes += ordered.notes
        self._reject(UNRECOGNISED, sum(not found for found in ordered.categories))
        return ordered.categories

    def _class_column(self) -> Found | None:
        """Return the column of classes by which most rows are recognised, else the first."""
        best: Found | None = None
        most = 0
        for found in candidates(self.reader.names, FACILITIES, "category"):
            cells = read_texts(self.reader.cells(found.columns[0]))
            hits = sum(map(bool, sort_facilities(cells, [None] * len(cells)).categories))
            if hits > most or (best is None and any(cells)):
                best, most = found, hits
        return best

    def _fill(self) -> None:
        """Put the layer's usual value where the source says nothing."""
        reader = self.reader
        for (layer, column), value in reader.rules.defaults.items():
            if layer == self.layer and reader.used.get(column) != TAGS:
                reader.columns[column] = [
                    value if cell is None else cell for cell in reader.get(column)
                ]
        if self.layer == "streets" and "highway" not in reader.used:
            reader.notes.append(_NO_ROAD_CLASS)
        for column in sorted(self.spec.required):
            if column not in reader.columns:
                raise self._lacking(column)

    # --- the result ----------------------------------------------------------------------

    def _frame(self, rows: Ints) -> gpd.GeoDataFrame:
        """Return the rows wanted; ``category`` is already one per row of the result."""
        data = {}
        groups = [column for column in self.reader.columns if column.startswith("people_")]
        for column in (*self.spec.columns, *groups):
            if column not in self.reader.columns:
                continue
            number = self.spec.columns.get(column, "number") == "number"
            cells = pd.Series(
                list(self.reader.columns[column]), dtype="float64" if number else object
            )
            if column != "category":
                cells = cells.iloc[rows].reset_index(drop=True)
            data[column] = cells
        geometry = np.asarray(self.raw.geometry.array)[rows]
        return gpd.GeoDataFrame(data, geometry=geometry, crs=self.raw.crs)

    def _repaired(self, rows: Ints) -> dict[str, int]:
        counts = {cause: int(marked[rows].sum()) for cause, marked in self.reader.marked.items()}
        return {cause: count for cause, count in counts.items() if count}

    def _reject(self, cause: str, rows: int) -> None:
        if rows:
            self.rejected[cause] = self.rejected.get(cause, 0) + rows

    @property
    def _where(self) -> str:
        layer = f", {self.source.layer}" if self.source.layer else ""
        return f"[layers.{'land_use' if self.derived else self.layer}] ({self.source.path}{layer})"

    def _lacking(self, column: str) -> LayerError:
        names = ", ".join(self.reader.names) or "none"
        return LayerError(
            Text(
                en=f"{self._where}: no column looks like '{column}', which the layer needs "
                f'(columns: {names}). Write columns = {{ {column} = "..." }}.',
                zh=f"{self._where}：找不到该图层必需的“{column}”字段（现有字段：{names}），"
                f'请写 columns = {{ {column} = "…" }}。',
            )
        )

    def _what_became_what(self) -> Text:
        reader = self.reader
        left = [name for name in reader.names if name not in reader.sources]
        left = no_tags(left) if TAGS in reader.used.values() else left
        return describe(self.layer, reader.used, left)

    def _left_unused(self) -> list[Text]:
        """Say why columns that are understood change nothing."""
        reader, notes = self.reader, []
        for row in reader.rules.unused:
            free = [name for name in reader.names if name not in reader.sources]
            name = find_column(free, row.names) if row.layer == self.layer else None
            if name is not None:
                notes.append(
                    Text(
                        en=f"Column '{name}' is not used: {row.reason.en}.",
                        zh=f"字段“{name}”未采用：{row.reason.zh}。",
                    )
                )
        return notes


def _one_row_each(categories: list[tuple[str, ...]], rows: Ints) -> tuple[Ints, list[str]]:
    """Return a row per category, the same row again where there are several."""
    counts = [len(found) for found in categories]
    return np.repeat(rows, counts), [category for found in categories for category in found]


def _of_layer(land: LandClass | None, layer: str) -> bool:
    return land is not None and land.layer == layer


def _derived_note(layer: str, rows: int) -> Text:
    title = CATALOGUE[layer].title
    return Text(
        en=f"{rows} rows of the land use also serve as layer '{layer}' ({title.en}).",
        zh=f"用地数据中的{rows}行同时作为“{title.zh}”图层。",
    )


_NO_ROAD_CLASS = Text(
    en="The streets have no column of road classes: all count as roads of unknown class (branch "
    'roads). Map one with columns = { highway = "..." }.',
    zh='道路没有等级字段，全部按未知等级道路（支路）处理；可用 columns = { highway = "…" } 指定。',
)
