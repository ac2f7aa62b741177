"""Walks: a networkx graph of every vertex, homes and facilities as nodes of their own."""

from collections import defaultdict

import networkx as nx
import shapely
from shapely import STRtree
from shapely.geometry import LineString, Point
from shapely.ops import unary_union
from verify_lib.place import rows
from verify_lib.toilets import CLOSED

NO, YES = {"no", "private"}, {"yes", "designated", "permissive", "public"}
FOOT = {
    "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link", "tertiary",
    "tertiary_link", "unclassified", "residential", "living_street", "road", "service",
    "pedestrian", "footway", "path", "steps", "track", "bridleway",
}  # fmt: skip
GATES = {
    "gate", "lift_gate", "swing_gate", "sliding_gate", "kissing_gate", "turnstile",
    "full-height_turnstile", "entrance", "stile", "bollard", "block", "chain", "jersey_barrier",
    "debris", "barrier", "cycle_barrier", "bus_trap", "sump_buster",
}  # fmt: skip


def key(x, y):
    return round(x * 1e4), round(y * 1e4)


def lines_of(shape):
    return list(shape.geoms) if shape.geom_type.startswith("Multi") else [shape]


class Walk:
    """Ways cut at every vertex; each piece is an edge."""

    def __init__(self, place):
        layers = place.layers
        locked = {
            key(g.x, g.y)
            for g, kind, access, foot in rows(layers["street_nodes"], "kind", "access", "foot")
            if kind in GATES and (access in NO or foot in NO) and foot not in YES
        }
        self.graph, self.pieces, ends = nx.Graph(), [], []
        table = rows(layers["streets"], "highway", "access", "foot")
        for shape, highway, access, foot in table:
            usable = highway in FOOT or (highway in {"cycleway", "busway"} and foot in YES)
            if foot in NO | {"use_sidepath"} or (access in NO and foot not in YES):
                usable = False
            for line in lines_of(shape) if usable else []:
                points = list(line.coords)
                for a, b in zip(points[:-1], points[1:], strict=True):
                    names = [key(*p) for p in (a, b)]
                    if names[0] == names[1]:
                        continue
                    # at a locked gate every piece ends on its own
                    u, v = ((n, len(ends)) if n in locked else n for n in names)
                    ends.append((u, v))
                    piece = LineString([a, b])
                    self.pieces.append(piece)
                    if not self.graph.has_edge(u, v) or (self.graph[u][v]["weight"] > piece.length):
                        self.graph.add_edge(u, v, weight=piece.length)
        self.ends = ends
        total = {}
        whole = defaultdict(float)
        for number, group in enumerate(nx.connected_components(self.graph)):
            total |= dict.fromkeys(group, number)
        for (u, _), piece in zip(ends, self.pieces, strict=True):
            whole[total[u]] += piece.length
        self.fragment = [whole[total[u]] < 500 for u, _ in ends]
        self.tree = STRtree(self.pieces)
        hard = [g for g, tunnel in rows(layers["water"], "tunnel") if not tunnel]
        if "rail" in layers:
            hard += [
                g
                for g, tunnel, bridge in rows(layers["rail"], "tunnel", "bridge")
                if not (tunnel or bridge)
            ]
        hard += [
            g
            for g, highway, tunnel, bridge in rows(layers["streets"], "highway", "tunnel", "bridge")
            if highway in {"motorway", "motorway_link"} and not (tunnel or bridge)
        ]
        self.hard, self.walls = STRtree(hard), STRtree(list(layers["barriers"].geometry))

    def snap(self, shape, *, in_wall=False):
        """Return piece, distance along it and leg; the nearest that nothing bars."""
        near = self.tree.query(shape, "dwithin", distance=100)
        order = sorted(near, key=lambda i: (self.fragment[i], shape.distance(self.pieces[i])))
        for i in order:
            way = shapely.shortest_line(shape, self.pieces[i])
            if way.length > 0 and len(self.hard.query(way, "intersects")):
                continue
            if way.length > 0 and not in_wall and len(self.walls.query(way, "intersects")):
                continue
            return i, self.pieces[i].project(Point(way.coords[-1])), way.length
        return None

    def distances(self, homes, sources, limit):
        """Return the walk of every home to the nearest source, None beyond the limit."""
        graph = self.graph.to_directed(as_view=False)
        on = defaultdict(list)
        for snap in filter(None, sources):
            piece, along, leg = snap
            u, v = self.ends[piece]
            length = self.pieces[piece].length
            on[piece].append((along, leg))
            for node, way in ((u, along), (v, length - along)):
                cost = leg + way
                if not graph.has_edge("all", node) or graph["all"][node]["weight"] > cost:
                    graph.add_edge("all", node, weight=cost)
        if "all" not in graph:
            return [None] * len(homes)
        reached = nx.single_source_dijkstra_path_length(graph, "all", cutoff=limit)
        result = []
        for snap in homes:
            if snap is None:
                result.append(None)
                continue
            piece, along, leg = snap
            u, v = self.ends[piece]
            length = self.pieces[piece].length
            ways = [reached[u] + along] if u in reached else []
            ways += [reached[v] + length - along] if v in reached else []
            ways += [abs(along - other) + own for other, own in on[piece]]
            best = min(ways, default=None)
            result.append(best + leg if best is not None and best + leg <= limit else None)
        return result


def walk_of(place):
    if not hasattr(place, "walk"):
        place.walk = Walk(place)
        place.home_snaps = [place.walk.snap(Point(x, y)) for x, y, _, _ in place.homes]
    return place.walk


def entrances(place, shape, fenced):
    """Where an area is entered: gates, and where ways meet its outline."""
    walk = walk_of(place)
    if shape.area == 0:
        return [walk.snap(shape)]
    if not hasattr(place, "gates"):
        table = rows(place.layers["entrances"], "access")
        place.gates = [g for g, access in table if access not in CLOSED]
        place.gate_tree = STRtree(place.gates)
        place.barrier_list = list(place.layers["barriers"].geometry)
        place.barrier_tree = STRtree(place.barrier_list)
    outline = shape.boundary
    gates = [place.gates[i] for i in place.gate_tree.query(outline, "dwithin", distance=10)]
    beside = place.barrier_tree.query(outline, "dwithin", distance=2)
    if len(beside) and gates and not fenced:
        along = unary_union([place.barrier_list[i].buffer(2) for i in beside])
        fenced = outline.intersection(along).length >= 0.5 * outline.length
    snaps = [walk.snap(gate, in_wall=True) for gate in gates]
    if not (fenced and gates):
        for i in walk.tree.query(outline, "intersects"):
            meeting = outline.intersection(walk.pieces[i])
            snaps += [walk.snap(Point(c)) for c in shapely.get_coordinates(meeting)]
    return snaps or [walk.snap(shape, in_wall=True)]


def share(place, served):
    total = sum(h[2] for h in place.homes)
    return sum(h[2] for h, yes in zip(place.homes, served, strict=True) if yes) / total


def life_circle(place):
    walk, standard = walk_of(place), place.standard
    limit = standard.number("life_circle.limit_m")
    sources, known = defaultdict(list), {}
    frame = place.layers["facilities"]
    for shape, category, identity in rows(frame, "category", "id"):
        if category in standard.categories:
            if identity not in known:
                known[identity] = entrances(place, shape, False)
            sources[category] += known[identity]
    has = {
        c: [d is not None for d in walk.distances(place.home_snaps, sources[c], limit)]
        for c in standard.categories
        if c in sources
    }
    needed = [c for c, row in standard.categories.items() if row.required and c in has]
    figures = {
        f"life_circle.reach.{c}": share(place, has[c]) if c in has else None
        for c in standard.categories
    }
    for group in standard.groups:
        own = [has[c] for c in needed if standard.categories[c].group == group]
        figures[f"life_circle.group.{group}"] = (
            share(place, [all(v) for v in zip(*own, strict=True)]) if own else None
        )
    every = list(zip(*(has[c] for c in needed), strict=True))
    total = sum(h[2] for h in place.homes)
    missing = [sum(not yes for yes in home) for home in every]
    figures["life_circle.complete_share"] = share(place, [m == 0 for m in missing])
    figures["life_circle.mean_missing"] = (
        sum(h[2] * m for h, m in zip(place.homes, missing, strict=True)) / total
    )
    return figures


def public_greens(place, names):
    """Return open polygons of some layers: no medians, nothing in schools or compounds."""
    land = rows(place.layers["land_use"], "use")
    closed = [g for g, u in land if u in {"institutional", "military", "industrial", "residential"}]
    tree = STRtree(closed)
    for name in names:
        for shape, kind, access, fenced in rows(place.layers[name], "kind", "access", "fenced"):
            sure = kind in {"park", "nature_reserve", "recreation_ground", "common"}
            sure = sure or access in YES
            inside = len(tree.query(shape.point_on_surface(), "intersects")) > 0
            strip = 2 * shape.area / shape.length < 8
            if access not in CLOSED and (sure or not (inside or strip)):
                yield shape, bool(fenced) if name == "parks" else False


def dissolved(pieces):
    pieces = list(pieces)
    tree, links = STRtree([shape for shape, _ in pieces]), nx.Graph()
    for i, (shape, _) in enumerate(pieces):
        links.add_node(i)
        links.add_edges_from((i, j) for j in tree.query(shape, "intersects"))
    for group in nx.connected_components(links):
        members = [pieces[i] for i in group]
        yield unary_union([m[0] for m in members]), all(m[1] for m in members)


def park_coverage(place):
    walk, figures = walk_of(place), {}
    land = unary_union(list(place.layers["residential_land"].geometry))
    land = land.intersection(place.built_up)
    layers = {"park": ["parks"], "green": ["parks", "green"]}
    for clause, row in place.standard.park_clauses.items():
        served, straight = set(), set()
        around = []
        for band in row.bands:
            areas = [
                (shape, fenced)
                for shape, fenced in dissolved(public_greens(place, layers[band.layer]))
                if band.min_m2 <= shape.area < band.max_m2
            ]
            snaps = [s for shape, fenced in areas for s in entrances(place, shape, fenced)]
            walks = walk.distances(place.home_snaps, snaps, band.distance_m)
            served |= {i for i, d in enumerate(walks) if d is not None}
            tree = STRtree([shape for shape, _ in areas])
            for i, (x, y, _, _) in enumerate(place.homes):
                if len(tree.query(Point(x, y), "dwithin", distance=band.distance_m)):
                    straight.add(i)
            around += [shape.buffer(band.distance_m, 64) for shape, _ in areas]
        reach = unary_union([shape for shape in around if shape.intersects(land)])
        homes = range(len(place.homes))
        prefix = f"park_coverage.{clause}"
        figures[f"{prefix}.network_share"] = share(place, [i in served for i in homes])
        figures[f"{prefix}.radius_share"] = share(place, [i in straight for i in homes])
        figures[f"{prefix}.residential_land_share"] = reach.intersection(land).area / land.area
    return figures
