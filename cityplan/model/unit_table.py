"""The table every analyzer fills: one row per unit, and what lies in none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from cityplan.model.result import OUTSIDE_UNITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cityplan.model.area import StudyArea
    from cityplan.spatial.arrays import Floats, Ints


def unit_table(area: StudyArea, columns: Mapping[str, Floats]) -> gpd.GeoDataFrame:
    """Return one row per unit and, where anything lies in none, ``outside units``.

    Parameters
    ----------
    columns
        Measure id -> one value per unit in the area's order and, last, the
        value outside all units (NaN or 0 where nothing is there).
    """
    names = [*area.units["unit"], OUTSIDE_UNITS]
    shapes = [*area.units.geometry, area.outside_units]
    table = gpd.GeoDataFrame({"unit": names, **columns}, geometry=shapes, crs=area.crs)
    last = np.array([values[-1] for values in columns.values()], dtype=float)
    nothing = np.isnan(last) | (last == 0)
    return table.iloc[:-1] if nothing.all() else table


def unit_slots(unit: Ints, units: int) -> Ints:
    """Return the row of the table for each unit number; -1 is the last row."""
    return np.where(unit < 0, units, unit)
