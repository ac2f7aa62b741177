"""The place itself: layers, boundary, built-up stand-in and homes."""

from collections import defaultdict
from dataclasses import dataclass
from statistics import median

import geopandas as gpd
import shapely
from shapely import STRtree
from shapely.geometry import Point, Polygon
from shapely.ops import unary_union

from cityplan.model.standard import Standard, load_standard
from cityplan.sources.osm_file import read_osm

URBAN = {"residential", "commercial", "industrial", "institutional", "transport", "construction"}
NOT_HOMES = {
    "commercial", "industrial", "institutional", "transport", "military", "leisure",
    "construction", "cemetery", "religious",
}  # fmt: skip
IN_THE_STREET = {
    "bus_stop", "parcel_point", "playground", "parking", "recycling", "recycling_point",
    "waste_collection_point", "outdoor_fitness", "fitness_outdoor", "sports_small",
    "sports_medium", "sports_large", "sports_pitch", "park", "public_transport", "metro",
    "hydrant", "charging", "fire_duty_point", "vendor_point", "old_tree", "historic_building",
    "specialised_market",
}  # fmt: skip


@dataclass
class Place:
    layers: dict
    boundary: object
    units: list
    built_up: object
    homes: list  # (x, y, weight, on residential land)
    standard: Standard
    extent: object


def read_place(study, crs):
    extract = read_osm(study.osm.path)
    standard = load_standard(study.standard)
    layers = {}
    for name, frame in extract.layers.items():
        frame = frame.to_crs(crs)
        bad = ~frame.is_valid & (frame.geom_type.isin(["Polygon", "MultiPolygon"]))
        frame.loc[bad, "geometry"] = shapely.make_valid(
            frame.geometry[bad].to_numpy(), method="structure", keep_collapsed=False
        )
        layers[name] = frame[~frame.geometry.is_empty].reset_index(drop=True)
    boundary = unary_union(gpd.read_file(study.boundary.path).to_crs(crs).geometry)
    taken, units = [], []
    for shape in gpd.read_file(study.units.path).to_crs(crs).geometry:
        units.append(shape.buffer(0).intersection(boundary).difference(unary_union(taken)))
        taken.append(shape.buffer(0))
    extent = gpd.GeoSeries([extract.extent], crs="EPSG:4326").to_crs(crs).iloc[0]
    place = Place(layers, boundary, units, None, [], standard, extent)
    place.built_up = built_up(place)
    place.homes = homes(place)
    return place


def column(frame, name):
    return frame[name] if name in frame else [None] * len(frame)


def rows(frame, *names):
    """Geometry and columns of every row."""
    return zip(frame.geometry, *(column(frame, name) for name in names), strict=True)


def built_up(place):
    """Urban land and buildings grown by 50 m and shrunk again, dry, small holes filled."""
    land, buildings = place.layers["land_use"], place.layers["buildings"]
    urban = [g for g, use in rows(land, "use") if use in URBAN]
    urban += list(buildings.geometry) + list(place.layers["residential_land"].geometry)
    near = place.boundary.envelope.buffer(200)
    grown = unary_union([g.buffer(50) for g in urban if g.intersects(near)])
    water = [g for g in place.layers["water"].geometry if g.area > 0 and g.intersects(near)]
    dry = grown.buffer(-50).difference(unary_union(water))
    filled = []
    for part in getattr(dry, "geoms", [dry]):
        holes = [ring for ring in part.interiors if Polygon(ring).area >= 10_000]
        filled.append(Polygon(part.exterior, holes))
    return unary_union(filled).intersection(place.boundary)


def unit_of(place, point):
    return next((i for i, unit in enumerate(place.units) if unit.intersects(point)), -1)


def homes(place):
    """Residential buildings by floor area, then grid points on empty residential land."""
    layers = place.layers
    held = [g.centroid for g, c in rows(layers["facilities"], "category") if c not in IN_THE_STREET]
    held_tree = STRtree(held)
    other = [g for g, use in rows(layers["land_use"], "use") if use in NOT_HOMES]
    other_tree = STRtree(other)
    found = []
    table = rows(layers["buildings"], "use", "building", "levels")
    for shape, use, kind, levels in table:
        if use == "unknown":
            if shape.area < 30 or len(held_tree.query(shape, "intersects")):
                continue
            if len(other_tree.query(shape.centroid, "intersects")):
                continue
        elif use != "residential":
            continue
        if place.boundary.intersects(shape.centroid):
            found.append((shape, kind or "", levels if levels and levels > 0 else None))
    storeys = defaultdict(list)
    unit = [unit_of(place, shape.centroid) for shape, _, _ in found]
    for (_, kind, levels), where in zip(found, unit, strict=True):
        if levels is not None:
            for key in ((where, kind), kind, None):
                storeys[key].append(levels)
    land = layers["residential_land"].geometry
    result = []
    for (shape, kind, levels), where in zip(found, unit, strict=True):
        if levels is None and storeys:
            key = next(k for k in ((where, kind), kind, None) if storeys.get(k))
            levels = median(storeys[key])
        result.append((shape.centroid, shape.area * (levels or 1)))
    result += empty_land(place)
    return [
        (p.x, p.y, weight, any(land.intersects(p)))
        for p, weight in result
        if place.boundary.intersects(p)
    ]


def empty_land(place):
    """Points every 50 m from the corner of each piece of land, away from buildings."""
    tree = STRtree(list(place.layers["buildings"].geometry))
    points = []
    for land in place.layers["residential_land"].geometry:
        if not land.intersects(place.boundary):
            continue
        west, south, east, north = land.bounds
        inside, y = [], south + 25
        while y < north:
            x = west + 25
            while x < east:
                if land.intersects(Point(x, y)):
                    inside.append(Point(x, y))
                x += 50
            y += 50
        inside = inside or [land.representative_point()]
        for point in inside:
            if len(tree.query(point, "dwithin", distance=50)) == 0:
                points.append((point, land.area / len(inside)))
    return points
