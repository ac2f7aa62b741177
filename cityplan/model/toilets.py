"""Toilet records as toilets."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import STRtree

from cityplan.spatial.overlay import linked_groups


def merge_records(records: gpd.GeoDataFrame, *, merge_m: float) -> gpd.GeoDataFrame:
    """Unite records of one toilet: near each other, or a men's and a women's one.

    Parameters
    ----------
    records
        Columns ``name``, ``sex``, ``female_places``, ``male_places``,
        ``crowded``; points or polygons, metres.
    merge_m
        Records nearer than this are one; of opposite sexes, twice as far.

    Returns
    -------
    geopandas.GeoDataFrame
        One point per toilet, ordered by coordinates, with ``records`` merged.
    """
    n = len(records)
    geometry, sex = records.geometry.to_numpy(), records["sex"].to_numpy(dtype=object)
    a, b = STRtree(geometry).query(geometry, predicate="dwithin", distance=2 * merge_m)
    near = shapely.distance(geometry[a], geometry[b]) <= merge_m
    pair = np.isin(sex[a], ("female", "male")) & np.isin(sex[b], ("female", "male"))
    same = near | (pair & (sex[a] != sex[b]))
    group = linked_groups(a[same], b[same], n)
    centre = shapely.get_coordinates(shapely.centroid(geometry)) if n else np.zeros((0, 2))
    table = pd.DataFrame(
        {
            "name": records["name"].to_numpy(dtype=object),
            "female_places": records["female_places"].to_numpy(),
            "male_places": records["male_places"].to_numpy(),
            "crowded": records["crowded"].to_numpy(dtype=bool),
            "x": centre[:, 0],
            "y": centre[:, 1],
        }
    ).groupby(group)
    merged = table.agg(
        {"name": "first", "female_places": "max", "male_places": "max", "crowded": "any",
         "x": "mean", "y": "mean"}
    )  # fmt: skip
    merged["records"] = table.size()
    merged = merged.sort_values(["x", "y"]).reset_index(drop=True)
    points = gpd.points_from_xy(merged["x"], merged["y"])
    return gpd.GeoDataFrame(merged.drop(columns=["x", "y"]), geometry=points, crs=records.crs)
