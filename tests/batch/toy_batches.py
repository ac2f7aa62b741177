"""Copies of a city side by side in one extract, and batches of them."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import osmium

import cityplan
from cityplan.sources.osm_file import read_header

ROOT = Path(__file__).parents[2]
TOY = ROOT / "sample_data" / "toy"
# A projection in which a step in degrees is the same step in metres everywhere.
SHIFTABLE = "+proj=eqc +lat_ts=31 +R=6371000 +units=m +no_defs"
STEP = 0.2
QUICK = ("toilet_density",)


def shifted_copies(source, target, steps):
    """Write copies of an extract, each moved by (longitude, latitude) degrees and renumbered."""
    parts = {"n": [], "w": [], "r": []}
    for number, (east, north) in enumerate(steps):
        first = number * 10**9
        for thing in osmium.FileProcessor(str(source)):
            tags = dict(thing.tags)
            if thing.is_node():
                place = thing.location
                made = osmium.osm.mutable.Node(
                    id=thing.id + first, version=1, tags=tags,
                    location=(place.lon + east, place.lat + north),
                )  # fmt: skip
            elif thing.is_way():
                nodes = [node.ref + first for node in thing.nodes]
                made = osmium.osm.mutable.Way(
                    id=thing.id + first, version=1, tags=tags, nodes=nodes,
                    timestamp=thing.timestamp,
                )  # fmt: skip
            else:
                members = [(m.type, m.ref + first, m.role) for m in thing.members]
                made = osmium.osm.mutable.Relation(
                    id=thing.id + first, version=1, tags=tags, members=members,
                    timestamp=thing.timestamp,
                )  # fmt: skip
            parts[thing.type_str()].append(made)
    with osmium.SimpleWriter(str(target), header=_header(source, steps)) as writer:
        for kind in ("n", "w", "r"):
            for made in sorted(parts[kind], key=lambda made: made.id):
                writer.add(made)
    return target


def _header(source, steps):
    """Declare the data complete from the first copy to the last, as the source does for itself."""
    header = osmium.io.Header()
    extent, _ = read_header(source)
    if extent is not None:
        west, south, east, north = extent.bounds
        xs, ys = [x for x, _ in steps], [y for _, y in steps]
        header.add_box(
            osmium.osm.Box(west + min(xs), south + min(ys), east + max(xs), north + max(ys))
        )
    return header


def bounds_of(extract):
    """Return the box of all nodes of an extract."""
    places = [node.location for node in osmium.FileProcessor(str(extract), osmium.osm.NODE)]
    xs, ys = [p.lon for p in places], [p.lat for p in places]
    return min(xs), min(ys), max(xs), max(ys)


def write_list(path, rows):
    """Write rows of a list of cities as CSV."""
    names = list(dict.fromkeys(key for row in rows for key in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    return path


def toy_rows(boxes, names="abc"):
    return [
        {"name": name, "west": w, "south": s, "east": e, "north": n, "crs": SHIFTABLE}
        for name, (w, s, e, n) in zip(names, boxes, strict=False)
    ]


def quick(cities, out, cache, extract=None, **options):
    """Measure a batch with the quickest analyzer."""
    options = {"only": QUICK, "jobs": 2, "pictures": False} | options
    return cityplan.batch(cities, out, extract=extract, cache=cache, **options)


def command(*words):
    """Return the command line of a batch."""
    return [sys.executable, "-m", "cityplan", "batch", "--no-pictures", *map(str, words)]


def call(*words, **environment):
    """Run the command line of a batch to its end."""
    return subprocess.run(
        command(*words), check=False, capture_output=True, encoding="utf-8", cwd=ROOT,
        env={**os.environ, **environment},
    )  # fmt: skip


def journal(out):
    """Return the lines of a batch by city."""
    lines = (out / "batch.jsonl").read_text(encoding="utf-8").splitlines()
    return {line["city"]: line for line in map(json.loads, lines)}


def statuses(out):
    return {city: line["status"] for city, line in journal(out).items()}


def answers(folder):
    """Return what a city's results say, without times, hashes and names of files."""
    document = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    document["provenance"].pop("seconds")
    name = document["study"]["name"]  # a city without units is one unit of its own name
    for analyzer in document["analyzers"]:
        for row in analyzer["units"]:
            if row["unit"] == name:
                row["unit"] = "whole"
    return document
