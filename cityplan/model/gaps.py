"""Gap and served areas with the people in them: what maps and gap lists show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from cityplan.model.result import OUTSIDE_UNITS
from cityplan.spatial.blind_spots import blind_spots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cityplan.model.city import City
    from cityplan.spatial.arrays import Bools

MOSTLY = 0.5


def demand_areas(
    city: City,
    chosen: Bools,
    *,
    kind: str,
    lacking: Bools | None = None,
    names: Sequence[str] = (),
) -> gpd.GeoDataFrame:
    """Return contiguous areas of the chosen homes, largest weight first.

    Parameters
    ----------
    chosen
        Which demand points to draw together.
    kind
        Short key of what they have in common.
    lacking
        Shape (points, things): which things each point lacks.
    names
        Ids of those things; an area lacks what most of its weight lacks.
    """
    demand, units = city.demand, city.area.units["unit"].tolist()
    spots = blind_spots(
        demand.points, chosen, demand.unit, cell_m=city.standard.number("life_circle.cell_m")
    )
    member, rows = spots.member, np.flatnonzero(spots.member >= 0)
    count = len(spots.geometry)
    weight = np.bincount(member[rows], demand.weight[rows], minlength=count)
    unit = np.full(count, -1, dtype=np.int64)
    unit[member[rows]] = demand.unit[rows]
    table = pd.DataFrame(
        {
            "name": [units[u] if u >= 0 else OUTSIDE_UNITS for u in unit],
            "kind": kind,
            "unit": [units[u] if u >= 0 else OUTSIDE_UNITS for u in unit],
            "homes": np.bincount(member[rows], minlength=count),
            "people" if demand.is_people else "weight": weight.round(1),
        }
    )
    if lacking is not None:
        shares = np.column_stack(
            [
                np.bincount(member[rows], demand.weight[rows] * lacking[rows, i], minlength=count)
                for i in range(lacking.shape[1])
            ]
        )
        mostly = shares >= MOSTLY * np.maximum(weight, 1e-9)[:, None]
        table["lacks"] = [", ".join(np.asarray(names)[row]) for row in mostly]
    home_of = [*city.area.units.geometry, city.area.boundary]
    within = np.array(home_of, dtype=object)[unit]  # -1 is the last: outside all units
    shapely.prepare(home_of)
    shapes = spots.geometry.copy()
    crossing = ~shapely.contains_properly(within, shapes)
    shapes[crossing] = shapely.intersection(shapes[crossing], within[crossing])
    frame = gpd.GeoDataFrame(table, geometry=shapes, crs=city.area.crs)
    return frame.iloc[np.argsort(-weight, kind="stable")].reset_index(drop=True)
