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
    from cityplan.outputs.thinning import Geometries

Integers = np.ndarray[Any, np.dtype[np.int64]]

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


def pack_shapes(degrees: Geometries, packer: Packer) -> dict[str, int]:
    """Add shapes in degrees and return their columns.

    Parameters
    ----------
    degrees
        Points, lines and areas, single or multiple, longitude first. Of a mixed
        collection only the parts of the highest dimension are kept.

    Returns
    -------
    dict
        ``count`` of shapes, and the columns ``dimensions``, ``rings`` (per shape),
        ``vertices`` (per ring), ``x`` and ``y``. Outer rings turn one way and holes
        the other; the closing vertex of a ring is left out.
    """
    dimensions = shapely.get_dimensions(degrees)
    parts, shape_of_part = shapely.get_parts(shapely.force_2d(degrees), return_index=True)
    kept = shapely.get_dimensions(parts) == dimensions[shape_of_part]
    parts, shape_of_part = parts[kept], shape_of_part[kept]
    areas = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts[areas] = shapely.orient_polygons(parts[areas])
    rings, shape_of_ring = _rings(parts, shape_of_part, areas)
    xy, ring_of_vertex = shapely.get_coordinates(rings, return_index=True)
    whole = np.round(xy * PER_DEGREE).astype(np.int64)
    ends = np.flatnonzero(np.diff(ring_of_vertex, append=-1))
    closing = ends[shapely.get_type_id(rings) == shapely.GeometryType.LINEARRING]
    whole = np.delete(whole, closing, axis=0)
    vertices = np.bincount(np.delete(ring_of_vertex, closing), minlength=len(rings))
    steps = np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    return {
        "count": len(degrees),
        "dimensions": packer.whole(dimensions),
        "rings": packer.whole(np.bincount(shape_of_ring, minlength=len(degrees))),
        "vertices": packer.whole(vertices),
        "x": packer.whole(steps[:, 0]),
        "y": packer.whole(steps[:, 1]),
    }


def _rings(
    parts: Geometries, shape_of_part: Integers, areas: np.ndarray[Any, np.dtype[np.bool]]
) -> tuple[Geometries, Integers]:
    """Return the rings of areas, and lines and points as they are, shape by shape."""
    rings, part_of_ring = shapely.get_rings(parts[areas], return_index=True)
    lines = np.concatenate([rings, parts[~areas]])
    part = np.concatenate([np.flatnonzero(areas)[part_of_ring], np.flatnonzero(~areas)])
    order = np.argsort(part, kind="stable")
    return lines[order], shape_of_part[part[order]]
