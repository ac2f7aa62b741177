"""Services: every record against every home, single circles, one union."""

import networkx as nx
from shapely.geometry import LineString, Point
from shapely.ops import unary_union
from verify_lib.place import rows
from verify_lib.walks import entrances, share, walk_of


def records_of(place, service):
    if service.layer is not None:
        frame = place.layers.get(service.layer)
        return [] if frame is None else list(frame.geometry)
    return [g for g, c in rows(place.layers["facilities"], "category") if c == service.category]


def counted(place, records):
    """Points and areas by their centre; lines that touch are one."""
    if records and all(isinstance(g, LineString) for g in records):
        graph = nx.Graph()
        for i, a in enumerate(records):
            graph.add_node(i)
            graph.add_edges_from((i, j) for j in range(i) if a.intersects(records[j]))
        long = {i for i, g in enumerate(records) if g.intersection(place.boundary).length > 0}
        return sum(not long.isdisjoint(group) for group in nx.connected_components(graph))
    return sum(place.boundary.intersects(g.centroid) for g in records)


def covered(place, service, records):
    if service.denominator == "homes":
        if service.method == "network":
            walk = walk_of(place)
            snaps = [s for g in records for s in entrances(place, g, False)]
            walks = walk.distances(place.home_snaps, snaps, service.distance_m)
            return share(place, [d is not None for d in walks])
        return share(
            place,
            [
                min(g.distance(Point(x, y)) for g in records) <= service.distance_m
                for x, y, _, _ in place.homes
            ],
        )
    land = place.built_up
    if service.denominator == "residential_land":
        land = unary_union(list(place.layers["residential_land"].geometry)).intersection(land)
    circles = [g.buffer(service.distance_m, 64) for g in records]
    reach = unary_union([c for c in circles if c.intersects(land)])
    return reach.intersection(land).area / land.area


def services(place):
    figures = {}
    for name, service in place.standard.services.items():
        records = records_of(place, service)
        if service.distance_m is not None:
            figures[f"service_coverage.{name}.share"] = (
                covered(place, service, records) if records else None
            )
        figures[f"service_coverage.{name}.count"] = counted(place, records) if records else None
    return figures
