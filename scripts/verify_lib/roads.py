"""Road area and density: one buffer per road, one union of all."""

from collections import defaultdict

import numpy as np
from shapely import STRtree
from shapely.geometry import MultiLineString, Point
from shapely.ops import linemerge, unary_union
from verify_lib.place import rows
from verify_lib.walks import NO, YES, key, lines_of

ROADS = {
    "motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link", "secondary",
    "secondary_link", "tertiary", "tertiary_link", "unclassified", "residential",
    "living_street", "road",
}  # fmt: skip
ATTRIBUTES = (
    "highway", "name", "ref", "oneway", "width_m", "lanes", "sidewalk", "tunnel", "bridge",
    "level", "road_class", "red_line_m", "roundabout",
)  # fmt: skip


def blank(value):
    return None if value is None or value != value else value


def is_public(highway, access, motor, area):
    closed = motor in NO or (access in NO and motor not in YES)
    return highway in ROADS and not closed and not blank(area)


def public_chains(place):
    """Return line and attributes of roads joined where two of the same kind meet."""
    groups = defaultdict(list)
    table = rows(place.layers["streets"], *ATTRIBUTES, "access", "motor", "area")
    for shape, *values in table:
        *values, access, motor, area = (blank(v) for v in values)
        if is_public(values[0], access, motor, area):
            if (values[3] or 0) < 0:
                shape = shape.reverse()
            values[3] = bool(values[3])
            groups[tuple(values)] += lines_of(shape)
    for values, lines in groups.items():
        merged = linemerge(MultiLineString(lines), directed=values[3])
        for line in lines_of(merged):
            yield line, dict(zip(ATTRIBUTES, values, strict=True))


def pair_share(chains, road_class):
    """How much of each one-way chain runs beside its opposite, sampled every 20 m."""
    samples = []
    for i, (line, tags) in enumerate(chains):
        if tags["oneway"] and not tags["roundabout"] and not line.is_closed:
            count = max(1, int(np.ceil(line.length / 20)))
            step = line.length / count
            for k in range(count):
                a, m, b = (line.interpolate((k + f) * step) for f in (0, 0.5, 1))
                way = np.array([b.x - a.x, b.y - a.y])
                samples.append((i, m, way / max(np.hypot(*way), 1e-9)))
    tree, hits, total = STRtree([s[1] for s in samples]), defaultdict(int), defaultdict(int)
    for i, middle, way in samples:
        total[i] += 1
        hits[i] += any(
            beside(chains, road_class, i, middle, way, samples[n])
            for n in tree.query(middle.buffer(46))
        )
    return [hits[i] / total[i] if total[i] else 0.0 for i in range(len(chains))]


def beside(chains, road_class, i, middle, way, other):
    j, there, back = other
    if i == j or way @ back > -0.866:
        return False
    a, b = chains[i][1], chains[j][1]
    if a["name"] and b["name"]:
        same = a["name"] == b["name"]
    elif a["ref"] and b["ref"]:
        same = a["ref"] == b["ref"]
    else:
        same = road_class[i] == road_class[j]
    apart = np.array([there.x - middle.x, there.y - middle.y])
    axis = (way - back) / np.hypot(*(way - back))
    along = abs(apart @ axis)
    across = np.sqrt(max(apart @ apart - along**2, 0))
    return same and along <= 20 and across <= 40


def surface(lines, widths, given, region):
    """Unite one flat buffer per line, and a disc where lines end together."""
    bodies, ends = list(given), defaultdict(list)
    for line, width in zip(lines, widths, strict=True):
        if width > 0 and line.length > 0:
            bodies.append(line.buffer(width / 2, 32, cap_style="flat"))
            for end in (line.coords[0], line.coords[-1]):
                ends[key(*end)].append((width / 2, end))
    for meeting in ends.values():
        if len(meeting) > 1:
            radius, end = sorted(meeting, reverse=True)[1]
            bodies.append(Point(end).buffer(radius, 32))
    return unary_union([b for b in bodies if b.intersects(region)]).intersection(region).area


def road_area(place):
    standard, region = place.standard, place.built_up
    of_highway = {h: c for c, row in standard.road_classes.items() for h in row.highways}
    chains = list(public_chains(place))
    classes = [
        t["road_class"]
        if t["road_class"] in standard.road_classes
        else of_highway.get(t["highway"])
        for _, t in chains
    ]
    pairs = pair_share(chains, classes)
    given = list(place.layers["road_surface"].geometry)
    tree = STRtree(given)
    lines, paved, red, km = [], [], [], defaultdict(float)
    for (line, tags), name, pair in zip(chains, classes, pairs, strict=True):
        road = standard.road_classes.get(name)
        if road is None:
            continue
        length = line.intersection(region).length * (1 - pair / 2) / 1e3
        if road.counts_in_density:
            km[name] += length
        if tags["tunnel"] or not road.counts_in_area:
            continue
        km["known"] += length * bool(tags["width_m"] or tags["lanes"])
        km["all"] += length
        half = 0.5 if pair >= 0.5 else 1
        width = tags["width_m"] or (tags["lanes"] or 0) * road.lane_m or road.carriageway_m * half
        sides = {"both": 2, "left": 1, "right": 1, "no": 0}.get(tags["sidewalk"], 2 * half)
        covers = tree.query(line, "intersects")
        rest = line.difference(unary_union([given[i] for i in covers])) if len(covers) else line
        for part in lines_of(rest):
            lines.append(part)
            paved.append(width + sides * road.sidewalk_m)
            red.append(tags["red_line_m"] or road.red_line_m * half)
    km2 = region.area / 1e6
    counted = [c for c, row in standard.road_classes.items() if row.counts_in_density]
    return {
        "road_area_ratio.ratio": surface(lines, paved, given, region) / region.area,
        "road_area_ratio.ratio_red_line": surface(lines, red, given, region) / region.area,
        "road_area_ratio.density_km_per_km2": sum(km[c] for c in counted) / km2,
        **{f"road_area_ratio.density.{c}": km[c] / km2 for c in counted},
        "road_area_ratio.width_known_share": km["known"] / km["all"],
    }
