"""Write Monaco's boundary and quarters out of the extract in ``sample_data/monaco``.

The extract lacks three stretches of the land border, one in each of three quarters. Each is
closed with one straight segment, which is counted; the same segments close the national ring.
Quarters are cut to the land, so that harbour basins are out. The same input gives the same bytes.

    python scripts/make_monaco.py [FOLDER]
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import osmium
import shapely
from pyproj import Geod

FOLDER = Path(__file__).resolve().parents[1] / "sample_data" / "monaco"
EXTRACT_SHA256 = "1fdee8b72c48f932cab3aa9f1f74f87dfd954509a3b47cb932556d827189b97c"
LAND = 36990  # boundary=land_area: the national territory without the sea
QUARTER_LEVEL = "10"
DECIMALS = 7  # the grid on which OpenStreetMap keeps nodes
GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True)
class Ring:
    osm_id: int
    name: str
    ways: tuple[int, ...]


def read(path: Path) -> tuple[list[Ring], Ring, dict[int, shapely.LineString]]:
    """Return the quarters, the land, and the ways they are made of."""
    quarters, land = [], None
    for relation in osmium.FileProcessor(str(path), osmium.osm.RELATION):
        tags = relation.tags
        is_quarter = tags.get("boundary") == "administrative" and (
            tags.get("admin_level") == QUARTER_LEVEL
        )
        if not (is_quarter or relation.id == LAND):
            continue
        ways = tuple(m.ref for m in relation.members if m.type == "w" and m.role == "outer")
        ring = Ring(relation.id, tags["name"], ways)
        if is_quarter:
            quarters.append(ring)
        else:
            land = ring
    assert land is not None
    wanted = {ref for ring in (*quarters, land) for ref in ring.ways}
    lines = {}
    for way in osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY).with_locations():
        if way.is_way() and way.id in wanted:
            lines[way.id] = shapely.LineString([(n.lon, n.lat) for n in way.nodes])
    return sorted(quarters, key=lambda ring: ring.osm_id), land, lines


def closing_segments(
    quarters: list[Ring], lines: dict[int, shapely.LineString]
) -> dict[int, shapely.LineString]:
    """Return a straight segment for each way that is missing from one quarter's ring."""
    segments = {}
    for quarter in quarters:
        missing = [ref for ref in quarter.ways if ref not in lines]
        if not missing:
            continue
        (ref,) = missing  # more than one gap in a ring would need more thought
        known = shapely.MultiLineString([lines[ref] for ref in quarter.ways if ref in lines])
        (open_end,) = [part for part in _chains(known) if not part.is_closed]
        segments[ref] = shapely.LineString([open_end.coords[-1], open_end.coords[0]])
    return segments


def _chains(lines: shapely.MultiLineString) -> list[shapely.LineString]:
    return list(shapely.get_parts(shapely.line_merge(lines)))


def area(ring: Ring, lines: dict[int, shapely.LineString]) -> shapely.Geometry:
    chains = _chains(shapely.MultiLineString([lines[ref] for ref in ring.ways]))
    assert all(chain.is_closed for chain in chains), ring
    shape = shapely.union_all([shapely.Polygon(chain) for chain in chains])
    assert shape.is_valid, ring
    return shape


def cut(shape: shapely.Geometry, territory: shapely.Geometry) -> shapely.Geometry:
    """Return what lies on the territory; where only edges are shared is not worth keeping."""
    parts = shapely.get_parts(shapely.intersection(shape, territory))
    return shapely.union_all([part for part in parts if part.geom_type == "Polygon"])


def feature(properties, shape) -> str:
    shape = shapely.normalize(shapely.set_precision(shape, 10**-DECIMALS))
    geometry = json.loads(shapely.to_geojson(shapely.orient_polygons(shape)))
    geometry["coordinates"] = _rounded(geometry["coordinates"])
    row = {"type": "Feature", "properties": properties, "geometry": geometry}
    return json.dumps(row, ensure_ascii=False)


def _rounded(values):
    if isinstance(values, float):
        return round(values, DECIMALS)
    return [_rounded(value) for value in values]


def write(path: Path, features: list[str]) -> None:
    text = '{"type": "FeatureCollection", "features": [\n' + ",\n".join(features) + "\n]}\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def main(folder: Path) -> None:
    extract = folder / "monaco.osm.pbf"
    with extract.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == EXTRACT_SHA256, extract
    quarters, land, lines = read(extract)
    segments = closing_segments(quarters, lines)
    lines |= segments
    territory = area(land, lines)
    write(
        folder / "boundary.geojson",
        [feature({"name": land.name, "osm_id": land.osm_id, **_closed(land, segments)}, territory)],
    )
    write(
        folder / "units.geojson",
        [
            feature(
                {"name": ring.name, "osm_id": ring.osm_id, **_closed(ring, segments)},
                cut(area(ring, lines), territory),
            )
            for ring in quarters
        ],
    )


def _closed(ring: Ring, segments: dict[int, shapely.LineString]) -> dict[str, float]:
    own = [segments[ref] for ref in ring.ways if ref in segments]
    metres = sum(GEOD.geometry_length(segment) for segment in own)
    return {"closed_m": round(metres, 1), "closed_segments": len(own)}


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
