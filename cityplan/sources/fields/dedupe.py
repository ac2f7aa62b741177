"""One feature, one row: twins, pieces cut at map tiles, labels among polygons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import STRtree

from cityplan.spatial.overlay import linked_groups, polygons_only

if TYPE_CHECKING:
    from cityplan.spatial.arrays import Bools, Ints, Shapes

TWIN = "duplicate of another row"
REVERSED = "the same line drawn in the other direction"
UNITED = "pieces of one feature united"
PIECE = "a piece of another row: united with it"
LABEL = "label point among polygons"
SPLIT = "line of several parts: one row each"

LINES, POLYGONS, POINTS = (1, 2, 5), (3, 6), (0, 4)
MULTILINE = 5
# Rows of one geometry that differ in one of these are not the same thing twice.
_TELLING = ("category", "use", "kind", "highway", "oneway", "sex", "people")
ROUNDING = 1e-9


@dataclass(frozen=True)
class Tidy:
    """A layer without repeats; causes as :class:`~cityplan.model.layers.InputCount` has them."""

    frame: gpd.GeoDataFrame
    rejected: dict[str, int] = field(default_factory=dict)
    repaired: dict[str, int] = field(default_factory=dict)


def tidy(frame: gpd.GeoDataFrame, layer: str) -> Tidy:
    """Drop labels, reversed twins and duplicates of a layer, and unite pieces.

    Parameters
    ----------
    frame
        One source's rows with the catalogue's columns; any CRS.
    layer
        Name of the catalogue layer.
    """
    steps = [drop_label_points, drop_duplicates, unite_pieces]
    if layer == "population" and _only_points(frame):  # households of one house are not one
        steps = []
    if layer == "streets":
        steps = [split_lines, drop_reversed_twins, drop_duplicates, unite_pieces]
    rejected: dict[str, int] = {}
    repaired: dict[str, int] = {}
    for step in steps:
        done = step(frame)
        frame = done.frame
        rejected |= {c: rejected.get(c, 0) + rows for c, rows in done.rejected.items()}
        repaired |= {c: repaired.get(c, 0) + rows for c, rows in done.repaired.items()}
    return Tidy(_numbered(frame) if layer == "streets" else frame, rejected, repaired)


def _only_points(frame: gpd.GeoDataFrame) -> bool:
    types = shapely.get_type_id(np.asarray(frame.geometry.array))
    return bool(np.isin(types[types >= 0], POINTS).all())


def _numbered(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Tell streets of one id apart: ``w1/1``, ``w1/2``."""
    several = frame["id"].duplicated(keep=False)
    number = (frame.groupby("id").cumcount() + 1).astype(str)
    return frame.assign(id=frame["id"].where(~several, frame["id"] + "/" + number))


def without(frame: gpd.GeoDataFrame, dropped: Bools, cause: str) -> Tidy:
    """Drop rows, counted."""
    count = int(dropped.sum())
    if count == 0:
        return Tidy(frame)
    return Tidy(frame[~dropped].reset_index(drop=True), {cause: count})


def drop_label_points(frame: gpd.GeoDataFrame) -> Tidy:
    """Drop points that carry the id of a polygon: the places where its label goes."""
    types = shapely.get_type_id(np.asarray(frame.geometry.array))
    polygons = set(frame["id"].to_numpy()[np.isin(types, POLYGONS)])
    return without(frame, np.isin(types, POINTS) & frame["id"].isin(polygons).to_numpy(), LABEL)


def drop_reversed_twins(frame: gpd.GeoDataFrame) -> Tidy:
    """Drop lines that are there in the other direction as well, where both ways are allowed.

    A directed graph holds each two-way street twice. A one-way street is never a twin.
    """
    lines = np.asarray(frame.geometry.array)
    both = ~_one_way(frame)
    seen: set[bytes] = set()
    dropped = np.zeros(len(frame), dtype=bool)
    wkb, reverse = shapely.to_wkb(lines), shapely.to_wkb(shapely.reverse(lines))
    for row in np.flatnonzero(both & np.isin(shapely.get_type_id(lines), LINES)).tolist():
        dropped[row] = reverse[row] in seen and reverse[row] != wkb[row]
        if not dropped[row]:
            seen.add(wkb[row])
    return without(frame, dropped, REVERSED)


def _one_way(frame: gpd.GeoDataFrame) -> Bools:
    if "oneway" not in frame:
        return np.zeros(len(frame), dtype=bool)
    return frame["oneway"].fillna(0).ne(0).to_numpy(dtype=bool)


def drop_duplicates(frame: gpd.GeoDataFrame) -> Tidy:
    """Drop rows of the same geometry and the same name, category and use as one before.

    A row without a name repeats a named one of the same geometry. Where a line or ring
    begins and which way it runs does not matter, but for one-way streets.
    """
    geometry = np.asarray(frame.geometry.array)
    shapes = shapely.to_wkb(np.where(_one_way(frame), geometry, shapely.normalize(geometry)))
    keys = [column for column in _TELLING if column in frame]
    table = pd.DataFrame({"shape": shapes, **{c: frame[c].to_numpy() for c in keys}})
    name = frame["name"].to_numpy(dtype=object) if "name" in frame else np.full(len(frame), None)
    blank = pd.isna(name)
    group = table.groupby(["shape", *keys], dropna=False, sort=False).ngroup()
    order = np.lexsort((np.arange(len(frame)), blank))  # named rows first
    named = pd.Series(name).where(~blank, "")
    twin = np.zeros(len(frame), dtype=bool)
    seen: dict[int, set[str]] = {}
    for row in order.tolist():
        names = seen.setdefault(int(group[row]), set())
        twin[row] = named[row] in names or (blank[row] and bool(names))
        names.add(str(named[row]))
    return without(frame, twin, TWIN)


# --- pieces ----------------------------------------------------------------------


def split_lines(frame: gpd.GeoDataFrame) -> Tidy:
    """Give each part of a line of several parts a row of its own, counted as repaired."""
    several = shapely.get_type_id(np.asarray(frame.geometry.array)) == MULTILINE
    if not several.any():
        return Tidy(frame)
    parts = frame.explode(ignore_index=True)
    return Tidy(parts, repaired={SPLIT: len(parts) - int((~several).sum())})


def unite_pieces(frame: gpd.GeoDataFrame) -> Tidy:
    """Unite rows of one feature that touch or overlap, as map tiles cut them.

    Rows are of one feature when their ids and all other columns agree. Polygons are
    united, lines merged end to end, in the direction of traffic where they have one;
    each result is counted as repaired, each row that went into another as rejected.
    """
    geometry = np.asarray(frame.geometry.array)
    keys = [column for column in frame.columns if column != frame.geometry.name]
    feature = frame.groupby(keys, dropna=False, sort=False).ngroup().to_numpy()
    types = shapely.get_type_id(geometry)
    solid = np.isin(types, (*LINES, *POLYGONS))
    rows = np.flatnonzero(solid & pd.Series(feature).where(solid).duplicated(keep=False).to_numpy())
    if len(rows) == 0:
        return Tidy(frame)
    oneway = _one_way(frame) if "oneway" in frame else None
    group = _touching(
        geometry[rows], np.asarray(feature[rows], dtype=np.int64), np.isin(types[rows], LINES)
    )
    result, dropped, united = geometry.copy(), np.zeros(len(frame), dtype=bool), 0
    for members in _groups(group):
        whole = rows[members]
        directed = oneway is None or bool(oneway[whole[0]])
        pieces = _united(geometry[whole], directed=directed)
        if len(pieces) < len(whole):
            result[whole[: len(pieces)]] = pieces
            dropped[whole[len(pieces) :]] = True
            united += len(pieces)
    frame = frame.set_geometry(gpd.GeoSeries(result, index=frame.index, crs=frame.crs))
    done = without(frame, dropped, PIECE)
    return Tidy(done.frame, done.rejected, {UNITED: united} if united else {})


def _touching(shapes: Shapes, feature: Ints, is_line: Bools) -> Ints:
    """Return a group for each shape: of one feature, of one kind, and touching."""
    a, b = STRtree(shapes).query(shapes, predicate="intersects")
    same = (feature[a] == feature[b]) & (is_line[a] == is_line[b])
    return linked_groups(a[same], b[same], len(shapes))


def _groups(group: Ints) -> Iterable[Ints]:
    order = np.argsort(group, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(group[order])) + 1)


def _united(shapes: Shapes, *, directed: bool) -> Shapes:
    """Return what pieces that touch become: one polygon, or lines that end at junctions."""
    if shapely.get_type_id(shapes[0]) in LINES:
        lines = shapely.multilinestrings(shapely.get_parts(shapes))
        whole = shapely.union_all(shapes)
        if lines.length > whole.length * (1 + ROUNDING):  # pieces overlap
            lines = whole
        return np.asarray(shapely.get_parts(shapely.line_merge(lines, directed=directed)))
    broken = ~shapely.is_valid(shapes)
    if broken.any():
        shapes = shapes.copy()
        shapes[broken] = shapely.make_valid(
            shapes[broken], method="structure", keep_collapsed=False
        )
    return np.array([polygons_only(shapely.union_all(shapes))], dtype=object)
