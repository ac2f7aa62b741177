"""The public motor roads as a network of branches, pairs of carriageways known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from cityplan.model.ways import public_roads
from cityplan.spatial.branches import Branches, join_branches
from cityplan.spatial.chains import paired_share
from cityplan.spatial.graph import LineGraph, build_graph
from cityplan.spatial.overlay import linked_groups

if TYPE_CHECKING:
    import geopandas as gpd

    from cityplan.model.layers import Layers
    from cityplan.model.standard import Standard
    from cityplan.spatial.arrays import Bools, Ints

END, JUNCTION = 1, 3
LOOP_DEGREE = 3
PAIRED = 0.5


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """Public motor roads.

    Attributes
    ----------
    streets
        The rows the network was made of; ``graph.row`` points into them.
    """

    streets: gpd.GeoDataFrame
    graph: LineGraph
    standard: Standard

    @cached_property
    def branches(self) -> Branches:
        """Stretches between ends and junctions."""
        return join_branches(self.graph)

    @cached_property
    def degree(self) -> Ints:
        """Edge ends that meet at each node."""
        return self.graph.degree()

    @cached_property
    def edge_table(self) -> pd.DataFrame:
        """The street attributes of each edge."""
        return self.streets.drop(columns="geometry").iloc[self.graph.row].reset_index(drop=True)

    @cached_property
    def paired(self) -> Bools:
        """Which edges run beside the other carriageway of their road."""
        table = self.edge_table
        oneway = table["oneway"].fillna(0).to_numpy()
        lines = self.graph.lines.copy()
        lines[oneway < 0] = shapely.reverse(lines[oneway < 0])
        share = paired_share(
            lines,
            (oneway != 0) & ~table["roundabout"].to_numpy(dtype=bool),
            name=pd.factorize(table["name"])[0],
            ref=pd.factorize(table["ref"])[0],
            road_class=pd.factorize(table["highway"])[0],
            max_m=self.standard.number("roads.pair_max_m"),
        )
        return np.asarray(share >= PAIRED)

    @cached_property
    def loops(self) -> Ints:
        """Branches that leave a node and come back to it, with a single stem there."""
        branches = self.branches
        loop = (branches.start == branches.end) & (branches.start >= 0)
        short = branches.length_m <= self.standard.number("dead_ends.loop_max_m")
        rows = np.flatnonzero(loop & short)
        return rows[self.degree[branches.start[rows]] == LOOP_DEGREE]

    @cached_property
    def merged_node(self) -> Ints:
        """Node number with the nodes of two paired carriageways, side by side, as one."""
        n = self.graph.nodes
        used = np.zeros(n, dtype=bool)
        used[self.graph.u[self.paired]] = used[self.graph.v[self.paired]] = True
        rows = np.flatnonzero(used & (self.degree != 2))  # noqa: PLR2004 - a passing node
        if len(rows) == 0:
            return np.arange(n)
        near = cKDTree(self.graph.xy[rows]).query_pairs(
            self.standard.number("roads.pair_max_m"), output_type="ndarray"
        )
        return linked_groups(rows[near[:, 0]], rows[near[:, 1]], n)


def build_road_network(layers: Layers, standard: Standard) -> RoadNetwork:
    """Build the network of public motor roads from the layer ``streets``."""
    streets = layers["streets"]
    streets = streets[public_roads(streets)].explode(index_parts=False).reset_index(drop=True)
    return RoadNetwork(streets, build_graph(streets.geometry.to_numpy()), standard)
