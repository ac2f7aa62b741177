"""Streets of a bureau's layers, connected where they meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from cityplan.model.checks import Check
from cityplan.model.ways import motorways
from cityplan.spatial.noding import JOIN_M, node_lines
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.spatial.arrays import Bools
    from cityplan.spatial.noding import Noded

MARK_BRIDGES = Text(
    en="Mark bridges and tunnels in the columns bridge and tunnel.",
    zh="请在桥梁（bridge）、隧道（tunnel）字段中标明立体交叉。",
)
JOINED = Text(en="joined", zh="已连接")
LEFT_APART = Text(en="not joined", zh="未连接")


def node_streets(streets: gpd.GeoDataFrame, own: Bools) -> tuple[gpd.GeoDataFrame, list[Check]]:
    """Give streets common vertices where they meet, and tell what was joined.

    Parameters
    ----------
    streets
        Rows of the layer ``streets``, single lines in metres.
    own
        Which may lack vertices where they meet: those of a bureau's layer.
    """
    noded = node_lines(streets.geometry.to_numpy(), own=own, ground=_on_ground(streets))
    frame = streets.set_geometry(gpd.GeoSeries(noded.lines, index=streets.index, crs=streets.crs))
    return frame, _checks(noded, bridges=bool(_raised(streets)[own].any()))


def meet_at_vertices(streets: gpd.GeoDataFrame) -> bool:
    """Whether streets have common vertices where they meet, as OpenStreetMap's have."""
    every = np.ones(len(streets), dtype=bool)
    return node_lines(streets.geometry.to_numpy(), own=every, ground=_on_ground(streets)).drawn


def _raised(streets: gpd.GeoDataFrame) -> Bools:
    return np.asarray(streets[["bridge", "tunnel"]].to_numpy(dtype=bool).any(axis=1))


def _on_ground(streets: gpd.GeoDataFrame) -> Bools:
    level = (streets["level"].fillna(0) == 0).to_numpy()
    return np.asarray(~_raised(streets) & ~motorways(streets) & level)


def _checks(noded: Noded, *, bridges: bool) -> list[Check]:
    checks = []
    if noded.ends:
        what = Text(
            en=f"{noded.ends} ends of streets had no vertex in common with the street they end on "
            f"(within {JOIN_M:.0f} m).",
            zh=f"{noded.ends}处道路端点与所接道路没有公共顶点（相距{JOIN_M:.0f}米以内）。",
        )
        checks.append(Check(layer="streets", severity="note", what=what, done=JOINED))
    if noded.crossings:
        what = Text(
            en=f"{noded.crossings} crossings of streets had no vertex in common: taken as level, for "
            "other junctions of the layer lack it too"
            + ("." if bridges else " and no bridge or tunnel is recorded."),
            zh=f"{noded.crossings}处道路交叉没有公共顶点：该图层其他路口同样缺少"
            + ("" if bridges else "，且未记录桥梁或隧道")
            + "，故按平面交叉处理。",
        )
        checks.append(
            Check(
                layer="streets",
                severity="note" if bridges else "warning",
                what=what,
                done=JOINED,
                fix=MARK_BRIDGES,
            )
        )
    if noded.passed:
        what = Text(
            en=f"{noded.passed} crossings of streets have no vertex in common: taken as bridges, for "
            "the layer's junctions have it.",
            zh=f"{noded.passed}处道路交叉没有公共顶点：该图层的路口均有公共顶点，故按立体交叉处理。",
        )
        checks.append(Check(layer="streets", severity="note", what=what, done=LEFT_APART))
    return checks
