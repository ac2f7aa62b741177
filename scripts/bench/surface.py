"""The ground that the roads of Las Palmas cover: whole chains in tiles, against way by way.

Both sides start from the same ways and widths, and mean the same surface: flat
ends, and a disc where two ends meet. The peer buffers each way and unites all at
once. A raster of one metre, drawn from distances with numpy alone, is the judge.
"""

from __future__ import annotations

import statistics

import numpy as np
import pandas as pd
import shapely
from common import LAS_PALMAS, Table, in_turns, median_ratio, need

from cityplan.model.roads import CHAIN_KEYS, Roads
from cityplan.model.standard import load_standard
from cityplan.model.ways import public_roads
from cityplan.pipeline import check
from cityplan.sources.study import load_study
from cityplan.spatial.chains import merge_chains
from cityplan.spatial.graph import VERTEX_GRID_M
from cityplan.spatial.surface import QUADRANT_SEGMENTS, road_bodies, surface_in_tiles

ROUNDS = 7
SAME_AREA = 1e-5
SAME_RASTER = 1e-3
CELL_M = 1.0
BATCH = 2_000_000


def load():
    """Return the ways that count as road, their full width, and their attribute group."""
    layers = check(load_study(LAS_PALMAS)).layers
    standard = load_standard("cn-action-plan")
    streets = layers["streets"]
    streets = streets[public_roads(streets)].reset_index(drop=True)
    table = streets[list(CHAIN_KEYS)].copy()
    table["oneway"] = table["oneway"].fillna(0).ne(0)
    of_highway = {
        highway: key for key, row in standard.road_classes.items() for highway in row.highways
    }
    table["class"] = table["highway"].map(of_highway).fillna("")
    keys = [pd.factorize(table[column], use_na_sentinel=False)[0] for column in CHAIN_KEYS]
    group = pd.factorize(pd.MultiIndex.from_arrays(keys))[0]
    roads = Roads(streets.geometry.to_numpy(), table, np.zeros(len(table)), standard)
    counted = roads.in_class("counts_in_area") & ~table["tunnel"].to_numpy(dtype=bool)
    lines, group = roads.lines[counted], np.unique(group[counted], return_inverse=True)[1]
    oneway = np.zeros(group.max() + 1, dtype=bool)
    oneway[group] = table["oneway"].to_numpy(dtype=bool)[counted]
    return lines, roads.widths.value[counted], group, oneway


def disc_centres(lines, half):
    """Return where two line ends or more meet, with the second largest half-width."""
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    xy, half = shapely.get_coordinates(ends), np.concatenate([half, half])
    at = pd.DataFrame(np.round(xy / VERTEX_GRID_M).astype(np.int64), columns=["x", "y"])
    at["half"] = half
    second = at.sort_values("half", ascending=False).groupby(["x", "y"])["half"].nth(1)
    return xy[second.index], second.to_numpy()


class Raster:
    """Cells whose middle lies on a road; memory is only touched where roads are."""

    def __init__(self, lines, half) -> None:
        margin = half.max() + CELL_M
        west, south, east, north = shapely.total_bounds(lines)
        self.origin = np.array([west - margin, south - margin])
        columns = int((east - west + 2 * margin) / CELL_M) + 1
        rows = int((north - south + 2 * margin) / CELL_M) + 1
        self.columns = columns
        self.cells = np.zeros(rows * columns, dtype=bool)

    def mark(self, low, high, inside) -> None:
        """Mark the cells of each box [low, high] for which ``inside(item, x, y)`` holds."""
        first = np.floor((low - self.origin) / CELL_M).astype(np.int64)
        size = np.ceil((high - self.origin) / CELL_M).astype(np.int64) - first + 1
        count = size[:, 0] * size[:, 1]
        batch = np.cumsum(count) // BATCH
        for number in np.unique(batch):
            items = np.flatnonzero(batch == number)
            item = np.repeat(items, count[items])
            start = np.repeat(np.cumsum(count[items]) - count[items], count[items])
            turn = np.arange(len(item)) - start
            column = first[item, 0] + turn % size[item, 0]
            row = first[item, 1] + turn // size[item, 0]
            x = self.origin[0] + (column + 0.5) * CELL_M
            y = self.origin[1] + (row + 0.5) * CELL_M
            hit = inside(item, x, y)
            self.cells[row[hit] * self.columns + column[hit]] = True

    @property
    def area(self) -> float:
        return float(self.cells.sum()) * CELL_M**2


def raster_area(lines, width) -> float:
    """Area by counting cells: a rectangle per segment, a disc per inner vertex and joint."""
    half = width / 2
    raster = Raster(lines, half)
    xy, row = shapely.get_coordinates(lines, return_index=True)
    same = np.flatnonzero(row[1:] == row[:-1])
    a, b, reach = xy[same], xy[same + 1], half[row[same]]
    length = np.hypot(*(b - a).T)
    solid = length > 0
    a, b, reach, length = a[solid], b[solid], reach[solid], length[solid]
    along = (b - a) / length[:, None]

    def in_rectangle(item, x, y):
        dx, dy = x - a[item, 0], y - a[item, 1]
        t = dx * along[item, 0] + dy * along[item, 1]
        off = np.abs(dy * along[item, 0] - dx * along[item, 1])
        return (t >= 0) & (t <= length[item]) & (off <= reach[item])

    pad = reach[:, None]
    raster.mark(np.minimum(a, b) - pad, np.maximum(a, b) + pad, in_rectangle)

    inner = np.flatnonzero((row[1:-1] == row[:-2]) & (row[1:-1] == row[2:])) + 1
    joints, joint_half = disc_centres(lines, half)
    centre = np.concatenate([xy[inner], joints])
    radius = np.concatenate([half[row[inner]], joint_half])

    def in_disc(item, x, y):
        return np.hypot(x - centre[item, 0], y - centre[item, 1]) <= radius[item]

    raster.mark(centre - radius[:, None], centre + radius[:, None], in_disc)
    return raster.area


def main() -> None:
    need(LAS_PALMAS)
    lines, width, group, oneway = load()
    width_of = np.zeros(group.max() + 1)
    width_of[group] = width
    area: dict[str, float] = {}

    def ours() -> None:
        chains = merge_chains(lines, group, directed=oneway)
        pieces = surface_in_tiles(road_bodies(chains.lines, width_of[chains.group]))
        area["cityplan"] = float(shapely.area(pieces).sum())

    def peer() -> None:
        half = width / 2
        xy, joint_half = disc_centres(lines, half)
        ways = shapely.buffer(lines, half, cap_style="flat", quad_segs=QUADRANT_SEGMENTS)
        discs = shapely.buffer(shapely.points(xy), joint_half, quad_segs=QUADRANT_SEGMENTS)
        area["union_all"] = float(shapely.union_all(np.concatenate([ways, discs])).area)

    def raster() -> None:
        area["raster"] = raster_area(lines, width)

    ours()
    seconds = in_turns({"cityplan": ours, "union_all": peer}, rounds=ROUNDS)
    seconds |= in_turns({"raster": raster}, rounds=1)
    table = Table("surface")
    table.goal(
        "buffer each way, union_all", ours=statistics.median(seconds["cityplan"]),
        peer=statistics.median(seconds["union_all"]),
        ratio=median_ratio(seconds["cityplan"], seconds["union_all"]), limit="<= 0.35",
    )  # fmt: skip
    for other, limit in (("union_all", SAME_AREA), ("raster", SAME_RASTER)):
        table.goal(
            f"area off {other}", ours=area["cityplan"] / 1e6, peer=area[other] / 1e6,
            ratio=abs(area["cityplan"] / area[other] - 1), limit=f"<= {limit:g}", unit="km2",
        )  # fmt: skip
    table.note("ways", float(len(lines)), "count")
    table.note("raster of 1 m", statistics.median(seconds["raster"]), "s")
    table.close()


if __name__ == "__main__":
    main()
