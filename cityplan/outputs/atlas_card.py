"""What the atlas of a batch needs of one city beyond ``results.json``: small maps."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from cityplan.model.result import Result
from cityplan.outputs.shapes import heaviest_first, with_geometry
from cityplan.outputs.thinning import thinned

if TYPE_CHECKING:
    from pathlib import Path

    from cityplan.model.report import Report
    from cityplan.outputs.thinning import Geometries

WIDTH, HEIGHT = 190, 150
MOST_SHAPES = 120
ROLES = ("served", "gap", "facility")


def write_card(report: Report, path: Path) -> None:
    """Write the small maps of a report as SVG paths, one map per analysis."""
    path.write_text(
        json.dumps(city_card(report), ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
    )


def city_card(report: Report) -> dict[str, Any]:
    """Return the small maps of a report: outline, built-up area, and shapes by role.

    At most ``MOST_SHAPES`` shapes of a role are drawn, the largest ones, each no finer
    than a pixel.
    """
    west, south, east, north = report.area.boundary.bounds
    scale = min(WIDTH / (east - west), HEIGHT / (north - south))

    def placed(shapes: Iterable[object]) -> Geometries:
        drawn = thinned(np.array(list(shapes), dtype=object), 1 / scale)
        return shapely.transform(drawn, lambda xy: (xy - [west, north]) * [scale, -scale])

    maps = {}
    for result in report.results:
        if isinstance(result, Result):
            maps[result.analyzer] = {
                role: _marks(placed(_largest(result, role, 1 / scale)))
                for role in ROLES
                if role in result.shapes
            }
    return {
        "width": round((east - west) * scale),
        "height": round((north - south) * scale),
        "boundary": _path(placed([report.area.boundary])),
        "built_up": _path(placed([report.area.built_up.geometry])),
        "maps": maps,
    }


def _largest(result: Result, role: Any, pixel_m: float) -> Iterable[object]:
    """Return the shapes worth drawing; areas under a pixel are left out."""
    frame = with_geometry(result.shapes[role])
    shapes = frame.geometry.iloc[heaviest_first(frame)].to_numpy()
    areas = shapely.get_dimensions(shapes) == 2  # noqa: PLR2004 - areas
    seen = shapes[~areas | (shapely.area(shapes) > pixel_m**2)]
    return list(seen[:MOST_SHAPES])


def _marks(shapes: Geometries) -> dict[str, Any]:
    dimensions = shapely.get_dimensions(shapes)
    points = shapely.get_coordinates(shapes[dimensions == 0])
    return {
        "areas": _path(shapes[dimensions == 2]),  # noqa: PLR2004 - areas
        "lines": _path(shapes[dimensions == 1]),
        "points": [[round(x), round(y)] for x, y in points.tolist()],
    }


def _path(shapes: Geometries) -> str:
    """Return an SVG path in tenths of a pixel; holes stay open with the even-odd rule."""
    pieces = []
    for part in shapely.get_parts(shapes):
        closed = part.geom_type == "Polygon"
        for line in shapely.get_rings(part) if closed else [part]:
            places = " ".join(f"{x:.1f},{y:.1f}" for x, y in shapely.get_coordinates(line).tolist())
            pieces.append(f"M{places}Z" if closed else f"M{places}")
    return "".join(pieces)
