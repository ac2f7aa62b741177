"""Cut an area into rectangles small enough for one question to an Overpass server."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from cityplan.spatial.arrays import Area

# About 5 km: the densest cities then answer within the server's usual 180 s and 512 MB.
SIDE_DEG = 0.05
SMALLEST_DEG = SIDE_DEG / 10
STEPS_PER_DEG = 10_000  # corners on whole steps, so that a question is always the same text


@dataclass(frozen=True, order=True)
class Tile:
    """A rectangle in degrees."""

    south: float
    west: float
    north: float
    east: float

    def quarters(self) -> tuple[Tile, ...]:
        """Return its four quarters; none where it is small already."""
        if self.north - self.south < 2 * SMALLEST_DEG:
            return ()
        middle = round((self.south + self.north) / 2, 7)
        centre = round((self.west + self.east) / 2, 7)
        return (
            Tile(self.south, self.west, middle, centre),
            Tile(self.south, centre, middle, self.east),
            Tile(middle, self.west, self.north, centre),
            Tile(middle, centre, self.north, self.east),
        )


def cut_into_tiles(area: Area) -> list[Tile]:
    """Return the tiles that meet an area: its box, evenly divided.

    Parameters
    ----------
    area
        In longitude and latitude.
    """
    west, south, east, north = box_of(area)
    columns = max(1, math.ceil(round((east - west) / SIDE_DEG, 6)))
    rows = max(1, math.ceil(round((north - south) / SIDE_DEG, 6)))
    x = [round(float(value), 7) for value in np.linspace(west, east, columns + 1)]
    y = [round(float(value), 7) for value in np.linspace(south, north, rows + 1)]
    shapely.prepare(area)
    return [
        Tile(y[row], x[column], y[row + 1], x[column + 1])
        for row in range(rows)
        for column in range(columns)
        if shapely.intersects(area, shapely.box(x[column], y[row], x[column + 1], y[row + 1]))
    ]


def tiles_in(area: Area) -> float:
    """Return about how many tiles an area takes, its box counted with a hundredth."""
    box = shapely.box(*area.bounds)
    return float(max(shapely.area(area), shapely.area(box) / 100) / SIDE_DEG**2)


def box_of(area: Area) -> tuple[float, float, float, float]:
    """Return west, south, east, north, rounded outwards to whole steps."""
    # Rounded first: 117.06 times 10 000 is a little more than 1 170 600.
    west, south, east, north = (round(value * STEPS_PER_DEG, 3) for value in area.bounds)
    low_x, low_y, high_x, high_y = (
        math.floor(west), math.floor(south), math.ceil(east), math.ceil(north),
    )  # fmt: skip
    return (
        low_x / STEPS_PER_DEG,
        low_y / STEPS_PER_DEG,
        high_x / STEPS_PER_DEG,
        high_y / STEPS_PER_DEG,
    )
