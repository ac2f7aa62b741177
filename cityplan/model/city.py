"""A city: its area, its layers, and what is built from them on first use."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely

from cityplan.model.demand import Demand, make_demand
from cityplan.model.network import WalkNetwork, build_walk_network
from cityplan.model.road_ends import RoadNetwork, build_road_network
from cityplan.model.roads import Roads, build_roads
from cityplan.model.ways import FOR_WALKERS, open_to_public, public_roads, walkable
from cityplan.spatial.access import Access, access_points, fenced_by
from cityplan.spatial.overlay import polygons_only, union
from cityplan.spatial.partition import Partition, make_partition
from cityplan.spatial.snap import BLOCKED, TOO_FAR
from cityplan.text import Text

if TYPE_CHECKING:
    import geopandas as gpd

    from cityplan.model.area import StudyArea
    from cityplan.model.layers import Layers
    from cityplan.model.standard import Standard
    from cityplan.spatial.arrays import Bools, Floats, Geometry, Ints, Shapes
    from cityplan.spatial.snap import Snap

# A street this near the edge of the data leads out of it.
DATA_EDGE_M = 50.0


@dataclass(frozen=True, eq=False)
class City:
    """Study area and layers, with the networks and the demand made from them."""

    area: StudyArea
    layers: Layers
    standard: Standard

    def holds(self, name: str) -> bool:
        """Whether there are rows of a layer, public ``roads``, ``ways`` to walk or ``demand``."""
        streets = self.layers["streets"]
        if name == "roads":
            return bool(public_roads(streets).any())
        if name == "ways":
            return bool(walkable(streets).any())
        return len(self.demand) > 0 if name == "demand" else self.layers.has(name)

    @cached_property
    def unit_parts(self) -> Partition:
        """The units and, last, what lies outside all of them."""
        return make_partition([*self.area.units.geometry, self.area.outside_units])

    @cached_property
    def built_up_parts(self) -> Partition:
        """The built-up area of each unit and, last, outside all units."""
        units, whole = self.unit_parts, make_partition([self.area.built_up.geometry])
        parts, _, unit = units.cut(whole.parts)
        single, row = shapely.get_parts(parts, return_index=True)
        solid = shapely.area(single) > 0
        return Partition(single[solid], unit[row[solid]], units.count)

    @cached_property
    def built_up_km2(self) -> Floats:
        """Built-up area of each unit and, last, outside all units."""
        return self.built_up_parts.own_area / 1e6

    @cached_property
    def residential_land(self) -> Geometry:
        """Residential land inside the built-up area."""
        land = union(self.layers["residential_land"].geometry.to_numpy())
        return polygons_only(shapely.intersection(land, self.area.built_up.geometry))

    @cached_property
    def walk(self) -> WalkNetwork:
        """The walking network."""
        return build_walk_network(
            self.layers, fragment_min_m=self.standard.number("walk.fragment_min_m")
        )

    @cached_property
    def walk_basis(self) -> Text:
        """Say that the walking network is a stand-in where the data hold no way for walkers."""
        streets = self.layers["streets"]
        if np.isin(streets["highway"].to_numpy(dtype=object).astype(str), FOR_WALKERS).any():
            return Text(en="", zh="")
        return Text(
            en="Proxy: the data hold carriageways only, no footways or paths.",
            zh="替代口径：数据仅有车行道路，无步行道与小径。",
        )

    @cached_property
    def roads(self) -> Roads:
        """The public roads."""
        return build_roads(self.layers, self.standard)

    @cached_property
    def road_network(self) -> RoadNetwork:
        """The public motor roads as a network."""
        return build_road_network(self.layers, self.standard)

    @cached_property
    def demand(self) -> Demand:
        """Where people live."""
        return make_demand(self.layers, self.area, self.standard)

    @cached_property
    def demand_snap(self) -> Snap:
        """Where homes are attached to the walking network."""
        return self.snap(self.demand.points)

    def snap(self, geometries: Shapes) -> Snap:
        """Attach points to the walking network, within the standard's limit."""
        return self.walk.snap(geometries, max_m=self.standard.number("walk.snap_max_m"))

    def snap_access(self, access: Access) -> Snap:
        """Attach entrances to the walking network; a gate's own wall does not bar it."""
        limit = self.standard.number("walk.snap_max_m")
        return self.walk.snap(access.geometry, max_m=limit, pass_walls=access.in_wall)

    @cached_property
    def gates(self) -> Shapes:
        """Gates and entrances the public may pass."""
        entrances = self.layers["entrances"]
        return np.asarray(
            entrances.geometry.to_numpy()[open_to_public(entrances["access"])], dtype=object
        )

    def access_to(self, frame: gpd.GeoDataFrame) -> Access:
        """Return where the features of a layer are entered on foot."""
        geometry = frame.geometry.to_numpy()
        fenced = fenced_by(geometry, self.layers["barriers"].geometry.to_numpy())
        if "fenced" in frame.columns:
            fenced |= frame["fenced"].to_numpy(dtype=bool)
        return access_points(
            geometry,
            self.walk.graph.lines,
            self.gates,
            fenced=fenced,
            gate_m=self.standard.number("walk.gate_m"),
        )

    def near_data_edge(self, cutoff_m: float) -> Bools:
        """Return which homes can walk out of the data within ``cutoff_m``."""
        return self.walk.near_edge_of_data(
            self.demand_snap, self._nodes_at_data_edge, cutoff_m=cutoff_m
        )

    def edge_note(self, served: Bools, cutoff_m: float) -> Text | None:
        """Say what a share would be without the homes whose walk leaves the data."""
        marked = self.near_data_edge(cutoff_m)
        part = self.demand.share(marked)
        without = self.demand.share(served, ~marked)
        if not part:
            return None
        if without is None:
            return Text(
                en="All homes can walk out of the data within the limit: facilities beyond it are "
                "unknown, so every share here is a lower bound.",
                zh="全部住宅的步行范围均触及数据边缘，边缘以外的设施未知，各项比例均为下限。",
            )
        return Text(
            en=f"{part:.1%} of demand can walk out of the data within the limit; without it "
            f"{without:.1%} is served.",
            zh=f"{part:.1%}的居住需求步行范围触及数据边缘；剔除后覆盖率为{without:.1%}。",
        )

    @cached_property
    def _nodes_at_data_edge(self) -> Ints:
        """Nodes near or beyond the extent of the data, or where a way was cut."""
        xy = self.walk.graph.xy
        at_edge = np.zeros(len(xy), dtype=bool)
        if self.area.data_extent is not None:
            inner = self.area.data_extent.buffer(-DATA_EDGE_M)
            shapely.prepare(inner)
            at_edge |= ~shapely.contains_xy(inner, xy[:, 0], xy[:, 1])
        cut = cut_points(self.layers["streets"])
        if len(cut):
            tree = shapely.STRtree(shapely.points(xy))
            at_edge[tree.query(cut, predicate="dwithin", distance=1e-3)[1]] = True
        return np.flatnonzero(at_edge)

    @cached_property
    def lost_homes(self) -> tuple[float, Text | None]:
        """Share of demand that could not be attached to the network, and a note on why."""
        lost = ~self.demand_snap.attached
        share = self.demand.share(lost) or 0.0
        if share == 0:
            return 0.0, None
        far = self.demand.share(self.demand_snap.outcome == TOO_FAR) or 0.0
        barred = self.demand.share(self.demand_snap.outcome == BLOCKED) or 0.0
        limit = self.standard.number("walk.snap_max_m")
        return share, Text(
            en=f"{share:.1%} of demand is not attached to the walking network and counts as not "
            f"served: {far:.1%} has no way within {limit:.0f} m, {barred:.1%} only ways "
            "behind water, rail, a wall or a motorway.",
            zh=f"{share:.1%}的居住需求未能接入步行网络，按未覆盖计：{far:.1%}在{limit:.0f}米内无路，"
            f"{barred:.1%}仅有被水体、铁路、围墙或高速公路阻隔的道路。",
        )


def cut_points(streets: gpd.GeoDataFrame) -> Shapes:
    """Return the street ends that were cut at the extract's edge."""
    lines = streets.geometry.to_numpy()
    starts = shapely.get_point(lines[streets["cut_start"].to_numpy(dtype=bool)], 0)
    ends = shapely.get_point(lines[streets["cut_end"].to_numpy(dtype=bool)], -1)
    return np.concatenate([starts, ends])
