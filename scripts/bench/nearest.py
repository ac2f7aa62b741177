"""Nearest facility of 15 categories within 1 200 m, from every node of a large walking network.

All engines get the same nodes, edges and facility nodes. Counted is the question
itself; the graph each engine builds beforehand is not (its seconds are told apart).
"""

from __future__ import annotations

import time

import networkx as nx
import numpy as np
import pandana
import pandas as pd
import shapely
from common import NINE_TIMES, Table, in_turns, median_ratio, need
from scipy.sparse import triu
from scipy.spatial import cKDTree

from cityplan.model.layers import check_layers
from cityplan.model.network import build_walk_network
from cityplan.model.place import hull_of_streets, working_crs
from cityplan.sources.osm_file import read_osm
from cityplan.spatial.shortest import node_costs
from cityplan.spatial.snap import Snap

CUTOFF_M = 1_200.0
SAME_M = 1e-3
ROUNDS = 3
CATEGORIES = (
    "school", "kindergarten", "doctor", "pharmacy", "bank", "market", "convenience_store",
    "post_office", "restaurant", "police", "community_centre", "library", "bus_stop",
    "public_toilet", "park",
)  # fmt: skip


def load():
    """Return the walking network, and the nodes where each category's facilities lie."""
    extract = read_osm(NINE_TIMES)
    crs = working_crs("auto", hull_of_streets(extract.layers["streets"], NINE_TIMES.name))
    frames = {
        name: extract.layers[name].to_crs(crs) for name in ("streets", "street_nodes", "facilities")
    }
    layers = check_layers(frames, extract.counts, crs)
    walk = build_walk_network(layers, fragment_min_m=500.0)
    xy = walk.graph.xy
    # At locked gates several nodes share one place: no facility there, or a peer
    # that takes coordinates could not tell which is meant.
    _, place, count = np.unique(xy, axis=0, return_inverse=True, return_counts=True)
    plain = np.flatnonzero(count[place] == 1)
    facilities = layers["facilities"]
    points = shapely.get_coordinates(shapely.centroid(facilities.geometry.to_numpy()))
    node = plain[cKDTree(xy[plain]).query(points)[1]]
    category = facilities["category"].to_numpy(dtype=object)
    return walk, {name: np.unique(node[category == name]) for name in CATEGORIES}


def whole_question(walk, facilities):
    """Return the question as the pipeline puts it: homes and facilities on edges."""
    graph = walk.graph
    edge, at_end = np.full(graph.nodes, -1), np.zeros(graph.nodes, dtype=bool)
    edge[graph.v], at_end[graph.v] = np.arange(len(graph.v)), True
    edge[graph.u], at_end[graph.u] = np.arange(len(graph.u)), False
    zero = np.zeros(graph.nodes)
    nodes = Snap(edge, np.where(at_end, graph.length[edge], 0.0), zero, zero.astype(np.int64))
    sources = {name: nodes.take(rows) for name, rows in facilities.items()}
    return lambda: walk.cost_to_nearest(nodes, sources, cutoff_m=CUTOFF_M)


def main() -> None:
    need(NINE_TIMES)
    walk, facilities = load()
    started = time.perf_counter()
    matrix = walk.matrix
    build = {"cityplan": time.perf_counter() - started}
    upper = triu(matrix).tocoo()

    started = time.perf_counter()
    graph = nx.Graph()
    graph.add_nodes_from(range(matrix.shape[0]))
    graph.add_weighted_edges_from(
        zip(upper.row.tolist(), upper.col.tolist(), upper.data.tolist(), strict=True)
    )
    build["networkx"] = time.perf_counter() - started

    started = time.perf_counter()
    x, y = (pd.Series(column) for column in walk.graph.xy.T)
    weights = pd.DataFrame({"m": upper.data})
    network = pandana.Network(x, y, pd.Series(upper.row), pd.Series(upper.col), weights)
    network.precompute(CUTOFF_M)
    for name, rows in facilities.items():
        network.set_pois(name, CUTOFF_M, 1, x[rows], y[rows])
    build["pandana"] = time.perf_counter() - started

    found: dict[str, dict[str, object]] = {}
    in_pipeline = whole_question(walk, facilities)

    def ours() -> None:
        found["cityplan"] = {
            name: node_costs(matrix, rows, cutoff_m=CUTOFF_M).cost_m
            for name, rows in facilities.items()
        }

    def ours_in_pipeline() -> None:
        found["pipeline"] = {name: row.cost_m for name, row in in_pipeline().items()}

    def networkx() -> None:
        found["networkx"] = {
            name: nx.multi_source_dijkstra_path_length(graph, rows.tolist(), CUTOFF_M, "weight")
            for name, rows in facilities.items()
        }

    def peer_pandana() -> None:
        found["pandana"] = {
            name: network.nearest_pois(CUTOFF_M, name, 1)[1].to_numpy() for name in facilities
        }

    ours()  # the first call imports and warms up
    works = {
        "cityplan": ours,
        "pipeline": ours_in_pipeline,
        "networkx": networkx,
        "pandana": peer_pandana,
    }
    seconds = in_turns(works, rounds=ROUNDS, often={"cityplan": 7, "pipeline": 3})

    table = Table("nearest")
    best = {name: float(np.median(row)) for name, row in seconds.items()}
    for peer, limit in (("pandana", ">= 12"), ("networkx", ">= 15")):
        ratio = median_ratio(seconds[peer], seconds["cityplan"])
        table.goal(
            f"query: {peer}", ours=best["cityplan"], peer=best[peer], ratio=ratio, limit=limit
        )
    for peer in ("pandana", "networkx"):
        ratio = median_ratio(seconds[peer], seconds["pipeline"])
        table.note(f"with homes on edges, {peer} takes", ratio, "times")
    for name, took in build.items():
        table.note(f"preparing: {name}", took, "s")
    worst = {"cityplan": 0.0, "pipeline": 0.0, "pandana": 0.0}
    for name in facilities:
        truth = np.full(matrix.shape[0], np.nan)
        reached = found["networkx"][name]
        truth[list(reached)] = list(reached.values())
        for engine in worst:
            cost = found[engine][name]
            known = np.isfinite(truth) & np.isfinite(cost) & (cost < CUTOFF_M)
            if engine != "pandana":  # it rounds to millimetres, and says 1200 for "none"
                assert np.array_equal(np.isnan(truth), np.isnan(cost)), (engine, name)
            worst[engine] = max(worst[engine], float(np.abs(truth - cost)[known].max()))
    table.note("nodes", float(matrix.shape[0]), "count")
    table.note("pandana off networkx by up to", worst.pop("pandana"), "m")
    for engine, off in worst.items():
        assert off <= SAME_M, (engine, off)
        table.note(f"{engine} off networkx by up to", off, "m")
    table.close()


if __name__ == "__main__":
    main()
