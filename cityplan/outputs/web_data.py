"""Shapes for the web map: in WGS 84, rounded, thinned, and few enough for one page."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from cityplan.outputs.shapes import heaviest_first, place_columns, places
from cityplan.outputs.thinning import thinned
from cityplan.outputs.words import word

if TYPE_CHECKING:
    import geopandas as gpd

    from cityplan.model.report import Report
    from cityplan.outputs.shapes import Place
    from cityplan.text import Language

MAX_FEATURES = 20_000
MAX_VERTICES = 100_000
_THIN_M = 1.0
_THIN_MOST_M = 16.0
_DECIMALS = 6


@dataclass(frozen=True, kw_only=True)
class LayerData:
    """Features of one layer of the page.

    Attributes
    ----------
    collection
        GeoJSON; the property ``v`` holds the name and the values of ``fields``.
    fields
        Headings of the values in pop-ups.
    dimension
        0 points, 1 lines, 2 areas: the most frequent one.
    notes
        What was left out or simplified.
    """

    collection: dict[str, Any]
    fields: list[str]
    places: list[Place]
    dimension: int
    total: int
    notes: list[str]


def layer_data(frame: gpd.GeoDataFrame, report: Report, lang: Language) -> LayerData:
    """Return the shapes of one role and kind, the heaviest first.

    More than 20 000 shapes are cut to the heaviest ones; outlines are thinned
    to 1 m, and further where a layer has too many vertices. Both are said.
    """
    kept = frame.iloc[heaviest_first(frame)[:MAX_FEATURES]]
    notes = []
    if len(kept) < len(frame):
        sentence = word("sampled", lang)
        notes.append(sentence.format(shown=f"{len(kept):,}", total=f"{len(frame):,}"))
    geometry, thin_m = _thinned(np.asarray(kept.geometry.array))
    if thin_m > _THIN_M:
        notes.append(word("simplified", lang).format(metres=f"{thin_m:g}"))
    rows = places(kept, report, lang)
    columns = place_columns(rows, lang)
    values = zip((row.name for row in rows), *columns.values(), strict=True)
    return LayerData(
        collection=collection(
            kept.set_geometry(geometry), [{"v": list(texts)} for texts in values]
        ),
        fields=list(columns),
        places=rows,
        dimension=int(np.bincount(shapely.get_dimensions(geometry)).argmax()),
        total=len(frame),
        notes=notes,
    )


def collection(frame: gpd.GeoDataFrame, properties: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a GeoJSON collection in WGS 84, six decimals (0.1 m)."""
    geometry = np.asarray(frame.geometry.to_crs("EPSG:4326").array)
    geometry = shapely.transform(shapely.force_2d(geometry), lambda xy: np.round(xy, _DECIMALS))
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": shapely.geometry.mapping(shape), "properties": row}
            for shape, row in zip(geometry, properties, strict=True)
        ],
    }


def _thinned(
    geometry: np.ndarray[Any, np.dtype[np.object_]],
) -> tuple[np.ndarray[Any, np.dtype[np.object_]], float]:
    """Return simplified geometries and the tolerance that was needed."""
    thin_m = _THIN_M
    simple = thinned(geometry, thin_m)
    while shapely.get_num_coordinates(simple).sum() > MAX_VERTICES and thin_m < _THIN_MOST_M:
        thin_m *= 2
        simple = thinned(geometry, thin_m)
    return simple, thin_m


def packed(collections: list[dict[str, Any]]) -> str:
    """Return collections as base64 of gzipped JSON: about a fifth of the plain text."""
    text = json.dumps(collections, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(gzip.compress(text.encode("utf-8"), mtime=0)).decode("ascii")
