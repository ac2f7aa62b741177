"""Public toilets: merge by comparing every record with every other."""

import math

import networkx as nx
from shapely.geometry import Point
from shapely.ops import unary_union
from verify_lib.place import rows

CLOSED = {"no", "private", "customers", "permit", "residents", "members", "employees"}
CROWDED = {"crowded_place", "metro", "rail_station", "market", "mall", "bus_terminal"}


def merged(place):
    """Return place and women's and men's places of each toilet."""
    frame = place.layers["toilets"]
    records = [
        row
        for row in rows(frame, "access", "sex", "female_places", "male_places")
        if row[1] not in CLOSED
    ]
    links = nx.Graph()
    links.add_nodes_from(range(len(records)))
    for i, a in enumerate(records):
        for j, b in enumerate(records[:i]):
            pair = {a[2], b[2]} == {"female", "male"}
            if a[0].distance(b[0]) <= (40 if pair else 20):
                links.add_edge(i, j)
    for group in nx.connected_components(links):
        members = [records[i] for i in group]
        centres = [m[0].centroid for m in members]
        x = sum(c.x for c in centres) / len(centres)
        y = sum(c.y for c in centres) / len(centres)
        women, men = (
            max((m[k] for m in members if m[k] is not None and m[k] == m[k]), default=None)
            for k in (3, 4)
        )
        yield Point(x, y), women, men


def toilets(place):
    found = list(merged(place))
    inside = [t for t in found if place.built_up.intersects(t[0])]
    outside = [t for t in found if place.boundary.intersects(t[0])]
    km2 = place.built_up.area / 1e6
    reach = unary_union([t[0].buffer(300, 64) for t in found])
    near = [
        w for x, y, w, _ in place.homes if min(t[0].distance(Point(x, y)) for t in found) <= 300
    ]
    crowd = [g for g, c in rows(place.layers["facilities"], "category") if c in CROWDED]
    crowd += [g for g in place.layers["parks"].geometry if g.area >= 20_000]
    busy = [t for t in inside if min(g.distance(t[0]) for g in crowd) <= 100]
    known = [t for t in inside if t[1] is not None and t[2] is not None]
    counted = [t for t in busy if t in known]
    men = sum(t[2] for t in counted)
    return {
        "toilet_density.per_km2": len(inside) / km2,
        "toilet_density.count": len(inside),
        "toilet_density.count_outside": len(outside) - len(inside),
        "toilet_density.missing": max(0, math.ceil(3 * km2) - len(inside)),
        "toilet_density.area_coverage_share": reach.intersection(place.built_up).area / 1e6 / km2,
        "toilet_density.demand_coverage_share": sum(near) / sum(h[2] for h in place.homes),
        "toilet_density.female_male_ratio_crowded": (
            sum(t[1] for t in counted) / men if men else None
        ),
        "toilet_density.places_known_share": len(known) / len(inside) if inside else None,
    }
