"""Draw many geometries fast: one collection per role and kind, thinned to the print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path as Outline

from cityplan.outputs.shapes import ranked_kinds
from cityplan.outputs.style import KIND_HATCHES, KIND_MARKERS, ROLES, line_look
from cityplan.outputs.thinning import thinned

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from cityplan.model.result import Role
    from cityplan.outputs.style import RoleStyle

    Geometries = np.ndarray[Any, np.dtype[np.object_]]

_POINT, _LINE, _AREA = 0, 1, 2
_CHUNK = 500
_LINE_WIDTH = 1.5
_POINTS_ABOVE = 50
_POINT_SIZES = ((100, 46.0), (600, 26.0), (4000, 11.0))
_SMALLEST_POINT = 2.0
_MANY = 1000  # shapes; then lines are thinner and facilities lie beneath all else
_BENEATH, _LOWEST_ROLE = 3, 10
_THIN = 0.6
_POINT_EDGE = 0.5
_HATCHED = 400  # above, the hatch of small areas is only noise
_HEAVY = 60_000  # coordinates or points; above, a picture inside the PDF is smaller


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What was drawn for one kind of a role, for the legend.

    Attributes
    ----------
    handles
        One per sort of shape (areas, lines, points), the lowest first.
    """

    role: Role
    kind: str
    count: int
    handles: tuple[Artist, ...]


@dataclass(frozen=True, kw_only=True)
class _Look:
    """How one kind of a role is drawn."""

    style: RoleStyle
    hatch: str | None
    marker: str
    line_color: str
    line_width: float
    order: int


def draw_role(
    axes: Axes,
    frame: gpd.GeoDataFrame,
    role: Role,
    *,
    extent: tuple[float, float, float, float],
    thin_m: float,
    ladder: Sequence[str] = (),
) -> list[Drawn]:
    """Draw the shapes of a role and say what was drawn, one entry per kind.

    Parameters
    ----------
    extent
        West, south, east, north of the sheet; what lies outside is left out.
    thin_m
        Detail below this size cannot be seen at the scale of the sheet.
    ladder
        See :func:`cityplan.outputs.shapes.ranked_kinds`.
    """
    bounds = frame.bounds.to_numpy()
    west, south, east, north = extent
    seen = (
        (bounds[:, 0] <= east)
        & (bounds[:, 2] >= west)
        & (bounds[:, 1] <= north)
        & (bounds[:, 3] >= south)
    )
    parts = ranked_kinds(frame[seen], ladder)
    many = int(seen.sum()) > _MANY
    drawn = []
    for rank, (kind, part) in enumerate(parts):
        width = _LINE_WIDTH * (_THIN if many else 1)
        look = _look(ROLES[role], rank, len(parts), width, beneath=many and role == "facility")
        handles = _draw(axes, part.geometry.to_numpy(), look, thin_m)
        drawn.append(Drawn(role=role, kind=kind, count=len(part), handles=handles))
    return drawn


def add_areas(
    axes: Axes,
    geometries: Geometries,
    *,
    face: str,
    order: int,
    opacity: float = 1.0,
    edge: str = "none",
    width: float = 0.0,
    hatch: str | None = None,
) -> None:
    """Add polygons as few compound paths; holes stay open."""
    parts = shapely.get_parts(geometries)
    polygons = shapely.orient_polygons(parts[shapely.get_dimensions(parts) == _AREA])
    chunks = [polygons[start : start + _CHUNK] for start in range(0, len(polygons), _CHUNK)]
    axes.add_collection(
        PathCollection(
            [_outline(chunk) for chunk in chunks],
            facecolor=to_rgba(face, opacity),
            edgecolor=edge,
            linewidth=width,
            hatch=hatch,
            zorder=order,
            rasterized=shapely.get_num_coordinates(polygons).sum() > _HEAVY,
        ),
        autolim=False,
    )


def add_lines(axes: Axes, geometries: Geometries, *, color: str, width: float, order: int) -> None:
    """Add lines, and outlines of polygons, as few compound paths."""
    areas = shapely.get_dimensions(geometries) == _AREA
    lines = shapely.get_parts(np.where(areas, shapely.boundary(geometries), geometries))
    lines = lines[shapely.get_dimensions(lines) == _LINE]
    chunks = [lines[start : start + _CHUNK] for start in range(0, len(lines), _CHUNK)]
    axes.add_collection(
        PathCollection(
            [_strokes(chunk) for chunk in chunks],
            facecolor="none",
            edgecolor=color,
            linewidth=width,
            capstyle="round",
            joinstyle="round",
            zorder=order,
            rasterized=shapely.get_num_coordinates(lines).sum() > _HEAVY,
        ),
        autolim=False,
    )


def _draw(axes: Axes, shapes: Geometries, look: _Look, thin_m: float) -> tuple[Artist, ...]:
    """Draw geometries of one kind and return the handles of their legend entry."""
    style, dimensions = look.style, shapely.get_dimensions(shapes)
    areas, lines = shapes[dimensions == _AREA], shapes[dimensions == _LINE]
    points = shapely.get_parts(shapes[dimensions == _POINT])
    handles: list[Artist] = []
    if len(areas):
        hatch = look.hatch if len(areas) <= _HATCHED else None
        add_areas(
            axes, thinned(areas, thin_m), face=style.fill, opacity=style.opacity, edge=style.edge,
            width=style.width * 0.6, hatch=hatch, order=look.order,
        )  # fmt: skip
        handles.append(area_handle(style.fill, style.edge, hatch, opacity=style.opacity))
    if len(lines):
        add_lines(
            axes, thinned(lines, thin_m), color=look.line_color, width=look.line_width,
            order=look.order,
        )  # fmt: skip
        handles.append(Line2D([], [], color=look.line_color, linewidth=look.line_width))
    if len(points):
        size = _point_size(len(points))
        axes.scatter(
            shapely.get_x(points), shapely.get_y(points), s=size,
            marker=look.marker, facecolor=style.fill, edgecolor=style.edge,
            linewidth=_POINT_EDGE if size > _SMALLEST_POINT else 0,
            zorder=look.order + (_POINTS_ABOVE if look.order >= _LOWEST_ROLE else 0), rasterized=len(points) > _HEAVY,
        )  # fmt: skip
        handles.append(
            Line2D(
                [],
                [],
                linestyle="",
                marker=look.marker,
                markersize=min(max(size**0.5, 3), 7),
                markerfacecolor=style.fill,
                markeredgecolor=style.edge,
                markeredgewidth=_POINT_EDGE,
            )
        )
    return tuple(handles)


def area_handle(face: str, edge: str, hatch: str | None, *, opacity: float = 1.0) -> Patch:
    """Return the legend handle of an area."""
    return Patch(facecolor=to_rgba(face, opacity), edgecolor=edge, hatch=hatch, linewidth=0.7)


def _look(style: RoleStyle, rank: int, kinds: int, line_width: float, *, beneath: bool) -> _Look:
    """Return the look of the kind of this rank: same colour, another hatch and marker."""
    color, width = line_look(style.edge, style.width * line_width, rank, kinds)
    return _Look(
        style=style,
        hatch=KIND_HATCHES[rank] or style.hatch,
        marker=KIND_MARKERS[rank] or style.marker,
        line_color=color,
        line_width=width,
        order=(_BENEATH if beneath else style.order * 10) + rank,
    )


def _outline(polygons: Geometries) -> Outline:
    """Return one compound path of oriented polygons."""
    _, coordinates, offsets = shapely.to_ragged_array(polygons)
    rings = np.asarray(offsets[0])
    codes = np.full(len(coordinates), Outline.LINETO, dtype=Outline.code_type)
    codes[rings[:-1]] = Outline.MOVETO
    codes[rings[1:] - 1] = Outline.CLOSEPOLY
    return Outline(coordinates[:, :2], codes)


def _strokes(lines: Geometries) -> Outline:
    """Return one compound path of lines."""
    coordinates, index = shapely.get_coordinates(lines, return_index=True)
    codes = np.full(len(coordinates), Outline.LINETO, dtype=Outline.code_type)
    codes[np.diff(index, prepend=-1) > 0] = Outline.MOVETO
    return Outline(coordinates, codes)


def _point_size(count: int) -> float:
    return next((size for most, size in _POINT_SIZES if count <= most), _SMALLEST_POINT)
