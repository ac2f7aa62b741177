"""Dead ends: a networkx multigraph of road vertices, each end tried against each cause."""

import math
from collections import defaultdict

import networkx as nx
import numpy as np
import shapely
from shapely import STRtree
from shapely.geometry import LineString, MultiLineString, Point
from shapely.ops import linemerge
from verify_lib.place import rows
from verify_lib.roads import blank, is_public, pair_share
from verify_lib.walks import GATES, NO, key, lines_of

CAUSES = (
    "boundary", "artefact", "private_or_gate", "continues_other", "turning_head",
    "barrier_ahead", "short", "through", "unexplained",
)  # fmt: skip
TAGS = ("highway", "name", "ref", "oneway", "roundabout", "bridge", "tunnel")


class Roads:
    """Vertices are nodes; branches run between nodes that are not passed through."""

    def __init__(self, place):
        self.place, self.others, self.cuts = place, [], []
        graph = nx.MultiGraph()
        table = rows(
            place.layers["streets"], *TAGS, "access", "motor", "area", "cut_start", "cut_end"
        )
        for shape, *values in table:
            *tags, access, motor, area, cut_start, cut_end = (blank(v) for v in values)
            parts = lines_of(shape)
            if cut_start:
                self.cuts.append(Point(parts[0].coords[0]))
            if cut_end:
                self.cuts.append(Point(parts[-1].coords[-1]))
            if not is_public(tags[0], access, motor, area):
                self.others.append((shape, access in NO))
                continue
            for line in parts:
                points = list(line.coords)
                for a, b in zip(points[:-1], points[1:], strict=True):
                    if key(*a) != key(*b):
                        graph.add_edge(
                            key(*a), key(*b), line=LineString([a, b]),
                            tags=dict(zip(TAGS, tags, strict=True)),
                        )  # fmt: skip
        self.graph = graph
        self.find_branches()

    def find_branches(self):
        graph, self.branch_of, self.branches = self.graph, {}, []
        links = nx.Graph()
        for u, v, k in graph.edges(keys=True):
            links.add_node((min(u, v), max(u, v), k))
        for node, degree in graph.degree():
            if degree == 2:
                a, b = [(min(u, v), max(u, v), k) for u, v, k in graph.edges(node, keys=True)] * (
                    2 if len(graph.edges(node)) == 1 else 1
                )
                links.add_edge(a, b)
        for number, group in enumerate(nx.connected_components(links)):
            ends = []
            for u, v, k in group:
                self.branch_of[u, v, k] = number
                ends += [n for n in (u, v) if graph.degree(n) != 2]
            lines = [graph.edges[e]["line"] for e in group]
            self.branches.append((ends, lines, sum(line.length for line in lines)))

    def branch_at(self, node):
        u, v, k = next(iter(self.graph.edges(node, keys=True)))
        return self.branch_of[min(u, v), max(u, v), k]


def paired_edges(roads):
    """Return the edges, cut at junctions only, that run beside their other carriageway."""
    place = roads.place
    chains, owners = [], []
    degree = defaultdict(int)
    ways = []
    table = rows(place.layers["streets"], *TAGS, "access", "motor", "area")
    for shape, *values in table:
        *tags, access, motor, area = (blank(v) for v in values)
        if is_public(tags[0], access, motor, area):
            for line in lines_of(shape):
                ways.append((line, dict(zip(TAGS, tags, strict=True))))
                for point in dict.fromkeys(key(*c) for c in line.coords):
                    degree[point] += 1
    for line, tags in ways:
        points, start = list(line.coords), 0
        for i in range(1, len(points)):
            if i == len(points) - 1 or degree[key(*points[i])] > 1:
                piece = LineString(points[start : i + 1])
                start = i
                if piece.length > 0:
                    if (tags["oneway"] or 0) < 0:
                        piece = piece.reverse()
                    chains.append((piece, tags))
                    owners.append(piece)
    share = pair_share(chains, [tags["highway"] for _, tags in chains])
    return [(piece, s >= 0.5) for (piece, _), s in zip(chains, share, strict=True)]


def outward(roads, branch, node):
    """Direction over the last 20 m before the end, and the branch as one line."""
    merged = linemerge(MultiLineString(roads.branches[branch][1]))
    line = max(lines_of(merged), key=lambda part: part.length)
    if key(*line.coords[-1]) != node:
        line = line.reverse()
    tip, back = Point(line.coords[-1]), line.interpolate(max(0, line.length - 20))
    return math.atan2(tip.y - back.y, tip.x - back.x)


def ahead(roads, end, barriers, tree):
    """Return distance to the next road ahead and whether a barrier stands before it."""
    best = (math.inf, 1.0, False)
    straight = False
    for turn in (-1, -0.5, 0, 0.5, 1):
        heading = end["bearing"] + turn * math.radians(20)
        x, y = end["point"].x, end["point"].y
        ray = LineString([(x, y), (x + 150 * math.cos(heading), y + 150 * math.sin(heading))])
        road = min(
            (
                end["point"].distance(ray.intersection(line))
                for line, branch, highway in (roads.lines[i] for i in tree.query(ray, "intersects"))
                if branch != end["branch"] and highway not in {"motorway", "motorway_link"}
            ),
            default=math.inf,
        )
        barrier = min(
            (
                end["point"].distance(ray.intersection(barriers.geometries[i]))
                for i in barriers.query(ray, "intersects")
            ),
            default=math.inf,
        )
        if turn == 0:
            straight = barrier < math.inf
        best = min(best, (road, abs(turn), barrier < road))
    return best[0], best[2] if best[0] < math.inf else straight


def cause_of(roads, end, trees):
    place, point = roads.place, end["point"]
    inner = place.extent.buffer(-10)
    touching = [] if end["loop"] else [roads.others[i] for i in trees["other"].query(
        point, "dwithin", distance=0.01)]  # fmt: skip
    if (
        place.boundary.boundary.distance(point) <= 10
        or not inner.contains(point)
        or len(trees["cut"].query(point, "dwithin", distance=0.01))
    ):
        return "boundary"
    if not end["loop"]:
        own = roads.branches[end["branch"]][0]
        junction = {n for n in own if n != end["node"]}
        for i in trees["road"].query(point, "dwithin", distance=10):
            _, branch, _ = roads.lines[i]
            level = roads.levels[i] == end["level"]
            apart = branch != end["branch"] and not junction & set(roads.branches[branch][0])
            if apart and level:
                return "artefact"
    gate = len(trees["gate"].query(point, "dwithin", distance=5)) > 0
    if gate or any(private for _, private in touching):
        return "private_or_gate"
    if touching:
        return "continues_other"
    if end["loop"] or len(trees["turn"].query(point, "dwithin", distance=5)):
        return "turning_head"
    distance, barred = ahead(roads, end, trees["barrier"], trees["road"])
    if barred:
        return "barrier_ahead"
    if roads.branches[end["branch"]][2] < 50:
        return "short"
    return "through" if distance < math.inf else "unexplained"


def find_ends(roads):
    graph, found = roads.graph, []
    for node, degree in graph.degree():
        if degree == 1:
            found.append((node, roads.branch_at(node), False))
    for number, (ends, _, length) in enumerate(roads.branches):
        loop = len(ends) == 2 and ends[0] == ends[1] and length <= 200
        if loop and graph.degree(ends[0]) == 3:
            found.append((ends[0], number, True))
    where = {}
    for u, v, data in graph.edges(data=True):
        for node in (u, v):
            coordinates = data["line"].coords
            for c in coordinates:
                if key(*c) == node:
                    where[node] = Point(c)
    result = []
    for node, branch, loop in found:
        point = where[node]
        if roads.place.boundary.intersects(point):
            edge = next(iter(graph.edges(node, data=True)))[2]["tags"]
            result.append(
                {
                    "node": node, "branch": branch, "loop": loop, "point": point,
                    "bearing": outward(roads, branch, node), "oneway": bool(edge["oneway"]),
                    "level": bool(edge["bridge"]) - bool(edge["tunnel"]), "twin": False,
                }
            )  # fmt: skip
    result.sort(key=lambda end: (end["point"].x, end["point"].y))
    for i, a in enumerate(result):
        for b in result[:i]:
            if a["oneway"] and b["oneway"] and a["point"].distance(b["point"]) <= 40:
                a["twin"] |= math.cos(a["bearing"] - b["bearing"]) >= 0.866
    return result, where


def dead_ends(place):
    roads = Roads(place)
    edges = list(roads.graph.edges(keys=True, data=True))
    number = [roads.branch_of[min(u, v), max(u, v), k] for u, v, k, _ in edges]
    roads.lines = [(d["line"], b, d["tags"]["highway"]) for (_, _, _, d), b in zip(
        edges, number, strict=True)]  # fmt: skip
    roads.levels = [bool(d["tags"]["bridge"]) - bool(d["tags"]["tunnel"]) for *_, d in edges]
    nodes = list(rows(place.layers["street_nodes"], "kind"))
    barriers = [g for g, tunnel in rows(place.layers["water"], "tunnel") if not blank(tunnel)]
    if "rail" in place.layers:
        barriers += [g for g, tunnel in rows(place.layers["rail"], "tunnel") if not blank(tunnel)]
    barriers += [
        g
        for g, highway, tunnel in rows(place.layers["streets"], "highway", "tunnel")
        if highway in {"motorway", "motorway_link"} and not blank(tunnel)
    ]
    trees = {
        "other": STRtree([shape for shape, _ in roads.others]),
        "cut": STRtree(roads.cuts),
        "road": STRtree([line for line, _, _ in roads.lines]),
        "gate": STRtree([g for g, kind in nodes if kind in GATES]),
        "turn": STRtree([g for g, kind in nodes if kind in {"turning_circle", "turning_loop"}]),
        "barrier": STRtree(barriers),
    }
    ends, where = find_ends(roads)
    for end in ends:
        end["cause"] = cause_of(roads, end, trees)
    every = [e for e in ends if not e["twin"]]
    region = place.built_up
    inside = [e for e in every if region.intersects(e["point"])]
    counted = [e for e in inside if e["cause"] not in {"boundary", "artefact"}]
    outside = sum(e["cause"] not in {"boundary", "artefact"} for e in every) - len(counted)
    pairs = paired_edges(roads)
    junctions = count_junctions(roads, where, pairs, region)
    trees_km, all_km = tree_length(roads, ends, pairs, region)
    causes = {c: sum(e["cause"] == c for e in inside) for c in CAUSES}
    return {
        "dead_ends.count": len(counted),
        "dead_ends.count_outside": outside,
        "dead_ends.through_count": causes["through"],
        "dead_ends.share": len(counted) / (len(counted) + junctions),
        "dead_ends.length_share": trees_km / all_km,
        "dead_ends.per_km2": len(counted) / (region.area / 1e6),
        **{f"dead_ends.cause.{c}": n for c, n in causes.items()},
    }


def count_junctions(roads, where, pairs, region):
    """Junctions, those of two carriageways side by side as one at their middle."""
    lone = {
        ends[0]
        for ends, _, length in roads.branches
        if len(ends) == 2
        and ends[0] == ends[1]
        and length <= 200
        and roads.graph.degree(ends[0]) == 3
    }
    beside = {
        key(*c) for piece, paired in pairs if paired for c in (piece.coords[0], piece.coords[-1])
    }
    nodes = [n for n, d in roads.graph.degree() if d >= 3 and n not in lone]
    merge = nx.Graph()
    merge.add_nodes_from(nodes)
    # ends of paired carriageways may link two junctions
    linked = [n for n, d in roads.graph.degree() if d != 2 and n in beside]
    tree = STRtree([where[n] for n in linked])
    for n in linked:
        merge.add_edges_from((n, linked[i]) for i in tree.query(where[n], "dwithin", distance=40))
    total = 0
    wanted = set(nodes)
    for group in nx.connected_components(merge):
        members = [where[n] for n in group if n in wanted]
        if members:
            middle = Point(np.mean([[p.x, p.y] for p in members], axis=0))
            total += region.intersects(middle)
    return total


def tree_length(roads, ends, pairs, region):
    """Kilometres of branches whose everything beyond is a counted end; and of all roads."""
    kept = {e["node"] for e in ends if not e["twin"] and not e["loop"]
            and e["cause"] not in {"boundary", "artefact"}}  # fmt: skip
    for e in ends:
        if e["twin"]:
            kept |= {e["node"] for f in ends if f["node"] in kept and f is not e
                     and f["point"].distance(e["point"]) <= 40}  # fmt: skip
    in_tree = set()
    at = defaultdict(set)
    for number, (nodes, _, length) in enumerate(roads.branches):
        for n in nodes:
            at[n].add(number)
        loop = len(nodes) == 2 and nodes[0] == nodes[1] and length <= 200
        if loop and roads.graph.degree(nodes[0]) == 3:
            in_tree.add(number)
            kept.add(nodes[0])
    front = list(kept)
    while front:
        node = front.pop()
        left = at[node] - in_tree
        if len(left) == 1:
            branch = left.pop()
            in_tree.add(branch)
            front += [n for n in roads.branches[branch][0] if n != node]
    half = STRtree([piece for piece, _ in pairs])
    totals = [0.0, 0.0]
    for (line, branch, _), length in zip(
        roads.lines, shapely.length(shapely.intersection([r[0] for r in roads.lines], region)),
        strict=True,
    ):  # fmt: skip
        middle = line.interpolate(0.5, normalized=True)
        owner = min(half.query(middle, "dwithin", distance=1e-3), default=None)
        weight = 0.5 if owner is not None and pairs[owner][1] else 1.0
        totals[0] += length * weight * (branch in in_tree)
        totals[1] += length * weight
    return totals
