"""The place that is reported on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from cityplan.spatial.overlay import polygons_only

if TYPE_CHECKING:
    import geopandas as gpd
    from pyproj import CRS
    from shapely import Polygon

    from cityplan.spatial.arrays import Area
    from cityplan.text import Text


@dataclass(frozen=True, kw_only=True)
class BuiltUp:
    """The built-up area (建成区): denominator of densities and ratios.

    Attributes
    ----------
    geometry
        Inside the boundary; may have many parts.
    basis
        Where it comes from; printed beside every figure that rests on it.
    alternatives
        Closing distance in metres -> the proxy drawn with it, empty when given.
    is_unknown
        Whether nothing tells it and the whole boundary serves, or a stand-in misses
        most of the city: no verdict can rest on it.
    """

    geometry: Area
    basis: Text
    is_proxy: bool
    alternatives: Mapping[float, Area] = field(default_factory=dict)
    is_unknown: bool = False

    @property
    def km2(self) -> float:
        """Area in square kilometres."""
        return float(self.geometry.area / 1e6)


@dataclass(frozen=True, kw_only=True)
class StudyArea:
    """Boundary, built-up area and reporting units in one projected CRS (metres).

    Attributes
    ----------
    units
        Columns ``unit`` (name) and geometry; cut to the boundary, without
        overlaps.
    data_extent
        Where the source data is complete; None where that is not known.
    """

    name: str
    crs: CRS
    boundary: Area
    built_up: BuiltUp
    units: gpd.GeoDataFrame
    data_extent: Polygon | None = None
    notes: tuple[Text, ...] = ()

    @cached_property
    def outside_units(self) -> Area:
        """The part of the boundary that lies in no unit."""
        return polygons_only(self.boundary.difference(self.units.union_all()))
