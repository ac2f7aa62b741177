"""The walking network as compressed arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import STRtree

from cityplan.model.ways import locked_to_walkers, motorways, walkable
from cityplan.spatial.catchment import Catchment, catchment
from cityplan.spatial.graph import LineGraph, build_graph
from cityplan.spatial.shortest import (
    Nearest,
    adjacency,
    components,
    cost_at,
    node_costs,
    with_sources,
)
from cityplan.spatial.snap import EdgeIndex, Snap, snap_to_edges

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scipy.sparse import csr_array

    from cityplan.model.layers import Layers
    from cityplan.spatial.arrays import Bools, Floats, Ints, Shapes


@dataclass(frozen=True)
class WalkNetwork:
    """Public ways on foot, and the search for the nearest of anything.

    Attributes
    ----------
    graph
        Nodes, edges and their lengths in metres.
    obstacles
        Water, railways and motorways a connection must not cross.
    walls
        Walls and fences, which it must not cross either, except at a gate.
    fragment_min_m
        Components shorter than this in all are used only for want of a larger one.
    """

    graph: LineGraph
    obstacles: STRtree
    walls: STRtree
    fragment_min_m: float

    @cached_property
    def matrix(self) -> csr_array:
        """Symmetric matrix of edge lengths between nodes."""
        return adjacency(self.graph)

    @cached_property
    def component_m(self) -> Floats:
        """Total length of the component each edge belongs to."""
        return components(self.graph, self.matrix)

    @cached_property
    def _edges(self) -> EdgeIndex:
        low = np.minimum(self.graph.u, self.graph.v)
        high = np.maximum(self.graph.u, self.graph.v)
        rank = np.empty(len(low), dtype=np.int64)
        rank[np.lexsort((self.graph.length, high, low))] = np.arange(len(low))
        return EdgeIndex(self.graph.lines, rank, self.component_m < self.fragment_min_m)

    def snap(
        self,
        geometries: Shapes,
        *,
        max_m: float,
        pass_walls: Bools | None = None,
    ) -> Snap:
        """Attach points or areas to their nearest edge.

        Parameters
        ----------
        geometries
            Points, or areas reached at the nearest spot of their outline.
        max_m
            Farthest a geometry may lie from its edge.
        pass_walls
            Which of them walls do not bar (gates).
        """
        return snap_to_edges(
            geometries,
            self._edges,
            max_m=max_m,
            obstacles=(self.obstacles, self.walls),
            pass_walls=pass_walls,
        )

    def cost_to_nearest(
        self, targets: Snap, sources: Mapping[str, Snap], *, cutoff_m: float
    ) -> dict[str, Nearest]:
        """Return the walking distance from each target to the nearest source of every category.

        Parameters
        ----------
        targets
            Where people start.
        sources
            Category -> where its facilities are attached.
        cutoff_m
            Farthest distance of interest; beyond it the cost is NaN.

        Returns
        -------
        dict
            Category -> distance in metres, with both connections, and the row
            of the source in the category.
        """
        matrix, nodes = self._with_all(sources)
        answers = {}
        for category, snap in sources.items():
            rows = np.flatnonzero(snap.attached)
            used = snap.take(rows)
            reached = node_costs(matrix, nodes[category], cutoff_m=cutoff_m)
            found = cost_at(self.graph, reached, targets, used, cutoff_m=cutoff_m)
            source = (
                np.where(found.source >= 0, rows[found.source], -1) if len(rows) else found.source
            )
            answers[category] = Nearest(found.cost_m, source)
        return answers

    def _with_all(self, sources: Mapping[str, Snap]) -> tuple[csr_array, dict[str, Ints]]:
        """Return the matrix with every source as a node, and their node numbers."""
        attached = [snap.take(snap.attached) for snap in sources.values()]
        everything = Snap(
            *(
                np.concatenate([getattr(snap, name) for snap in attached])
                for name in ("edge", "position_m", "leg_m", "outcome")
            )
        )
        bounds = self.graph.nodes + np.cumsum([0, *(len(snap.edge) for snap in attached)])
        nodes = {
            category: np.arange(low, high)
            for category, low, high in zip(sources, bounds[:-1], bounds[1:], strict=True)
        }
        return with_sources(self.matrix, self.graph, everything), nodes

    def cost_from(
        self, start: Snap, targets: Mapping[str, Snap], *, cutoff_m: float
    ) -> dict[str, float]:
        """Return the walking distance from one point to the nearest target per category.

        NaN where none is within ``cutoff_m``.
        """
        matrix = with_sources(self.matrix, self.graph, start)
        reached = node_costs(matrix, np.array([self.graph.nodes]), cutoff_m=cutoff_m)
        nearest = {}
        for category, snap in targets.items():
            cost = cost_at(self.graph, reached, snap, start, cutoff_m=cutoff_m).cost_m
            known = cost[~np.isnan(cost)]
            nearest[category] = float(known.min()) if len(known) else float("nan")
        return nearest

    def catchment(self, start: Snap, *, cutoff_m: float) -> Catchment:
        """Return the ways within ``cutoff_m`` on foot of one attached point."""
        matrix = with_sources(self.matrix, self.graph, start)
        reached = node_costs(matrix, np.array([self.graph.nodes]), cutoff_m=cutoff_m)
        return catchment(self.graph, reached.cost_m[: self.graph.nodes], start, cutoff_m=cutoff_m)

    def near_edge_of_data(self, targets: Snap, edge_nodes: Ints, *, cutoff_m: float) -> Bools:
        """Return which targets can walk out of the data within ``cutoff_m``."""
        reached = node_costs(self.matrix, edge_nodes, cutoff_m=cutoff_m)
        nobody = targets.take(np.zeros(0, dtype=np.int64))
        cost = cost_at(self.graph, reached, targets, nobody, cutoff_m=cutoff_m).cost_m
        return np.isfinite(cost)


def build_walk_network(layers: Layers, *, fragment_min_m: float) -> WalkNetwork:
    """Build the walking network from the layers ``streets`` and ``street_nodes``."""
    streets, nodes = layers["streets"], layers["street_nodes"]
    lines = streets.geometry.to_numpy()[walkable(streets)]
    parts = shapely.get_parts(lines)
    locked = shapely.get_coordinates(nodes.geometry.to_numpy()[locked_to_walkers(nodes)])
    return WalkNetwork(
        graph=build_graph(parts, blocked=locked),
        obstacles=STRtree(walking_obstacles(layers)),
        walls=STRtree(layers["barriers"].geometry.to_numpy()),
        fragment_min_m=fragment_min_m,
    )


def walking_obstacles(layers: Layers) -> Shapes:
    """Return water, railways on the ground and open motorways."""
    water, rail, streets = layers["water"], layers["rail"], layers["streets"]
    on_ground = ~(rail["tunnel"] | rail["bridge"]).to_numpy(dtype=bool)
    open_motorway = motorways(streets) & ~(streets["tunnel"] | streets["bridge"]).to_numpy(
        dtype=bool
    )
    return np.concatenate(
        [
            water.geometry.to_numpy()[~water["tunnel"].to_numpy(dtype=bool)],
            rail.geometry.to_numpy()[on_ground],
            streets.geometry.to_numpy()[open_motorway],
        ]
    )
