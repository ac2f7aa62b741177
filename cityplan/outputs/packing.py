"""Shapes and numbers as few bytes: what a page carries in place of GeoJSON.

Coordinates are whole numbers of 1e-6 degree (0.1 m) and stored as differences from
one vertex to the next, x and y apart; every number is split into its bytes and
equal bytes lie side by side, where gzip finds them. ``templates/map_data.js`` reads it.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable

    from cityplan.outputs.thinning import Geometries

    Projection = Callable[[np.ndarray[Any, np.dtype[np.float64]]], np.ndarray[Any, Any]]

Integers = np.ndarray[Any, np.dtype[np.int64]]
Booleans = np.ndarray[Any, np.dtype[np.bool]]

PER_DEGREE = 1_000_000
_GZIP = 31  # zlib's word for a gzip wrapper around the largest window
_LEVEL = 6


class Packer:
    """Collects columns of numbers; each is known by its position from then on."""

    def __init__(self) -> None:
        self._columns: list[bytes] = []
        self._lengths: list[tuple[int, int]] = []

    def whole(self, numbers: Integers) -> int:
        """Add whole numbers and return the position of the column.

        Raises
        ------
        OverflowError
            A number does not fit into 32 bits.
        """
        signed = np.asarray(numbers).astype("<i4")
        if not np.array_equal(signed, numbers):
            raise OverflowError("whole numbers of a page have 32 bits")
        zigzag = ((signed << 1) ^ (signed >> 31)).view("<u4")
        width = 4 if len(zigzag) == 0 else max(1, (int(zigzag.max()).bit_length() + 7) // 8)
        planes = zigzag.view(np.uint8).reshape(-1, 4)[:, :width].T
        self._columns.append(np.ascontiguousarray(planes).tobytes())
        self._lengths.append((len(signed), width))
        return len(self._lengths) - 1

    def packed(self, header: dict[str, Any]) -> str:
        """Return header and columns as base64 of gzip: length, header as JSON, bytes."""
        text = json.dumps(
            {**header, "columns": self._lengths},
            ensure_ascii=False, separators=(",", ":"), allow_nan=False,
        ).encode("utf-8")  # fmt: skip
        squeeze = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
        pieces = [squeeze.compress(len(text).to_bytes(4, "little")), squeeze.compress(text)]
        pieces += [squeeze.compress(column) for column in self._columns]
        pieces.append(squeeze.flush())
        return base64.b64encode(b"".join(pieces)).decode("ascii")


def pack_shapes(
    shapes: Geometries, packer: Packer, *, to_degrees: Projection | None = None, thin: float = 0.0
) -> dict[str, int]:
    """Add shapes and return their columns.

    Parameters
    ----------
    shapes
        Points, lines and areas, single or multiple. Of a mixed collection only the
        parts of the highest dimension are kept.
    to_degrees
        Turns coordinates into longitude and latitude, if they are not; metres, say.
    thin
        Detail below this is left out, in the unit of the shapes. Rings are thinned one
        by one and may touch then: fit to be drawn, not to be measured. No shape vanishes.

    Returns
    -------
    dict
        ``count`` of shapes, ``vertices_drawn`` of all of them, and the columns ``dimensions``, ``rings`` (per shape),
        ``vertices`` (per ring), ``x`` and ``y``. Outer rings turn one way and holes
        the other; the closing vertex of a ring is left out.
    """
    dimensions = shapely.get_dimensions(shapes)
    lines, shape_of_line, hole = _thinned(*_lines(shapes, dimensions), thin)
    closed = shapely.get_type_id(lines) == shapely.GeometryType.LINEARRING
    xy, line_of_vertex = shapely.get_coordinates(lines, return_index=True)
    vertices = np.bincount(line_of_vertex, minlength=len(lines))
    xy = _turned(xy, vertices, closed & (shapely.is_ccw(lines) == hole))
    whole = np.round((xy if to_degrees is None else to_degrees(xy)) * PER_DEGREE).astype(np.int64)
    closing = (np.cumsum(vertices) - 1)[closed]
    whole = np.delete(whole, closing, axis=0)
    steps = np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    return {
        "count": len(shapes),
        "vertices_drawn": len(whole),
        "dimensions": packer.whole(dimensions),
        "rings": packer.whole(np.bincount(shape_of_line, minlength=len(shapes))),
        "vertices": packer.whole(vertices - closed),
        "x": packer.whole(steps[:, 0]),
        "y": packer.whole(steps[:, 1]),
    }


def _lines(shapes: Geometries, dimensions: Integers) -> tuple[Geometries, Integers, Booleans]:
    """Return rings of areas, and lines and points as they are, shape by shape; which are holes."""
    parts, shape_of_part = shapely.get_parts(shapes, return_index=True)
    kept = shapely.get_dimensions(parts) == dimensions[shape_of_part]
    parts, shape_of_part = parts[kept], shape_of_part[kept]
    areas = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    rings, part_of_ring = shapely.get_rings(parts[areas], return_index=True)
    hole = np.diff(part_of_ring, prepend=-1) == 0
    if areas.all():
        return rings, shape_of_part[part_of_ring], hole
    lines = np.concatenate([rings, parts[~areas]])
    part = np.concatenate([np.flatnonzero(areas)[part_of_ring], np.flatnonzero(~areas)])
    order = np.argsort(part, kind="stable")
    hole = np.concatenate([hole, np.zeros(int((~areas).sum()), dtype=bool)])
    return lines[order], shape_of_part[part[order]], hole[order]


def _thinned(
    lines: Geometries, shape_of_line: Integers, hole: Booleans, thin: float
) -> tuple[Geometries, Integers, Booleans]:
    """Leave out detail; holes may vanish, outer rings and lines stay as they were then."""
    if thin == 0:
        return lines, shape_of_line, hole
    simple = shapely.simplify(lines, thin, preserve_topology=False)
    gone = shapely.is_empty(simple) | (shapely.get_type_id(simple) != shapely.get_type_id(lines))
    kept = ~(gone & hole)
    return np.where(gone, lines, simple)[kept], shape_of_line[kept], hole[kept]


def _turned(
    xy: np.ndarray[Any, np.dtype[np.float64]], vertices: Integers, wrong: Booleans
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the vertices of all lines, those of the wrong ones from last to first."""
    if not wrong.any():
        return xy
    ends = np.cumsum(vertices)
    order = np.arange(len(xy))
    turned = np.repeat(wrong, vertices)
    both_ends = np.repeat(2 * ends - vertices - 1, vertices)
    order[turned] = (both_ends - order)[turned]
    return xy[order]
