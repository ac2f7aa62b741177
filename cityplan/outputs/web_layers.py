"""Layers of the web map: the shapes of each analysis, with their look and their detail."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from cityplan.outputs.labels import kind_title
from cityplan.outputs.nearby import Streets
from cityplan.outputs.packing import Packer, pack_shapes
from cityplan.outputs.shapes import (
    heaviest_first,
    ranked_kinds,
    text_of,
    to_wgs84,
    with_geometry,
)
from cityplan.outputs.style import KIND_HATCHES, KIND_MARKERS, ROLES, line_look
from cityplan.outputs.web_columns import both, columns_of
from cityplan.outputs.words import ROLES as ROLE_WORDS
from cityplan.outputs.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyproj import CRS

    from cityplan.model.report import Report
    from cityplan.model.result import Result, Role

POINT_RADIUS: Mapping[Role, float] = {
    "context": 3, "served": 3, "facility": 4.5, "gap": 6, "proposal": 6.5,
}  # fmt: skip
_SHAPES: Mapping[str, str] = {
    "context": "o",
    "served": "o",
    "facility": "o",
    "gap": "D",
    "proposal": "*",
}
_HOLLOW = 0.12
_AREA = 2
_LINE = 1


@dataclass(frozen=True, kw_only=True)
class Detail:
    """How exactly a page draws: outlines thinned to ``thin_m``, at most so many shapes a layer."""

    thin_m: float
    most: int | None


@dataclass
class Drawn:
    """What a page holds: the columns, and how much was drawn of how much there is."""

    report: Report
    detail: Detail
    packer: Packer
    shapes: int = 0
    vertices: int = 0
    left_out: int = 0

    @cached_property
    def streets(self) -> Streets:
        """The named streets of the report."""
        return Streets(self.report)

    def shapes_of(self, frame: gpd.GeoDataFrame | gpd.GeoSeries) -> dict[str, int]:
        """Pack outlines, thinned to the detail of the page, in degrees."""
        degrees = to_wgs84(frame.crs)
        packed = pack_shapes(
            np.asarray(frame.geometry.array),
            self.packer,
            to_degrees=lambda xy: np.column_stack(degrees.transform(xy[:, 0], xy[:, 1])),
            thin=self.detail.thin_m,
        )
        self.shapes += len(frame)
        self.vertices += packed.pop("vertices_drawn")
        return packed

    def heaviest(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the shapes that are drawn, neighbours side by side."""
        if self.detail.most is not None and len(frame) > self.detail.most:
            self.left_out += len(frame) - self.detail.most
            frame = frame.iloc[heaviest_first(frame)[: self.detail.most]]
        return frame.iloc[np.argsort(frame.hilbert_distance().to_numpy(), kind="stable")]


def outline(shapes: Iterable[object], crs: CRS, drawn: Drawn) -> dict[str, int]:
    """Pack shapes that have no columns: the ground of the map."""
    return drawn.shapes_of(gpd.GeoSeries(list(shapes), crs=crs))


def layers_of(result: Result, drawn: Drawn) -> list[dict[str, Any]]:
    """Return the layers of one analysis, the lowest first."""
    layers = []
    for role in sorted(result.shapes, key=lambda role: ROLES[role].order):
        frame = with_geometry(result.shapes[role])
        if frame.empty:
            continue
        if role == "gap":
            frame = _with_whereabouts(frame, drawn.streets)
        kinds = ranked_kinds(frame, list(drawn.report.standard.road_classes))
        for rank, (kind, shapes) in enumerate(kinds):
            layers.append(_layer(role, kind, shapes, rank, len(kinds), drawn))
    return layers


def _with_whereabouts(frame: gpd.GeoDataFrame, streets: Streets) -> gpd.GeoDataFrame:
    """Call gaps that have no name but that of their unit by the street they lie at."""
    if "label_en" in frame or "label_zh" in frame or "unit" not in frame:
        return frame
    name, unit = frame["name"].map(text_of), frame["unit"].map(text_of)
    found = [
        street if own in ("", where) else ""
        for own, where, street in zip(name, unit, streets.nearest(frame), strict=True)
    ]
    near = WORDS["near"]
    return frame.assign(
        label_en=[near.en.format(street=street) if street else "" for street in found],
        label_zh=[near.zh.format(street=street) if street else "" for street in found],
    )


def _layer(
    role: Role, kind: str, frame: gpd.GeoDataFrame, rank: int, kinds: int, drawn: Drawn
) -> dict[str, Any]:
    total = len(frame)
    frame = drawn.heaviest(frame)
    dimension = int(np.bincount(shapely.get_dimensions(frame.geometry.to_numpy())).argmax())
    title = kind_title(kind, drawn.report.standard) if kind else None
    return {
        "role": role,
        "title": both(title) if title is not None else both(ROLE_WORDS[role]),
        "total": total,
        "dimension": dimension,
        "look": _look(role, rank, kinds, dimension),
        "shapes": drawn.shapes_of(frame),
        "fields": columns_of(frame, drawn.report.standard, drawn.packer),
    }


def _look(role: Role, rank: int, kinds: int, dimension: int) -> dict[str, Any]:
    """Return the look of the kind of this rank: kinds differ by mark, hatch or shade."""
    style = ROLES[role]
    color, width = line_look(style.edge, max(style.width * 2.4, 1.2), rank, kinds)
    hatch = KIND_HATCHES[rank] or style.hatch or ""
    return {
        "color": color if dimension == _LINE else style.edge,
        "weight": width if dimension == _LINE else max(style.width * 1.3, 0.8),
        "dash": [int(part) for part in style.dash.split()] if dimension >= _LINE else [],
        "fill": style.fill,
        "opacity": _HOLLOW if dimension < _AREA and rank % 2 else style.opacity,
        "hatch": hatch if role == "gap" or rank else "",
        "mark": KIND_MARKERS[rank] or _SHAPES[role],
        "radius": POINT_RADIUS[role],
    }
