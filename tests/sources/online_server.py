"""A stand-in for Nominatim and Overpass on this machine, which can have every fault."""

import json
import re
import threading
import xml.etree.ElementTree as ET
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import shapely

OSM_BASE = "2026-02-28T17:22:18Z"


@dataclass
class Reply:
    """What a server sends back; ``cut`` bytes of the body are promised and not sent."""

    body: bytes = b""
    status: int = 200
    headers: dict = field(default_factory=dict)
    cut: int = 0
    hang_up: bool = False


@dataclass
class Asked:
    """What was asked: path, parameters, headers."""

    path: str
    words: dict
    headers: dict


@dataclass
class FakeServer:
    """Answers with ``on_search(words)`` and ``on_query(query)``; notes what was asked."""

    url: str = ""
    asked: list = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    on_search: object = None
    on_query: object = None

    @property
    def queries(self):
        return [a.words["data"] for a in self.asked if a.path.endswith("/interpreter")]

    def reply(self, asked):
        self.asked.append(asked)
        if asked.path.endswith("/interpreter"):
            return self.on_query(asked.words["data"])
        return self.on_search(asked.words)


@contextmanager
def serving():
    """Run a server in a thread."""
    fake = FakeServer()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            with lock:
                fake.at_once += 1
                fake.most_at_once = max(fake.most_at_once, fake.at_once)
            parts = urlsplit(self.path)
            size = int(self.headers.get("Content-Length", 0))
            text = self.rfile.read(size).decode() if size else parts.query
            words = {key: values[0] for key, values in parse_qs(text).items()}
            reply = fake.reply(Asked(parts.path, words, dict(self.headers)))
            with lock:
                fake.at_once -= 1
            if reply.hang_up:
                self.connection.close()
                return
            self.send_response(reply.status)
            for key, value in reply.headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(reply.body) + reply.cut))
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_POST = answer  # noqa: N815 - http.server's names

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def overpass_answer(elements, *, osm_base=OSM_BASE, **more):
    """Return the body of an answer."""
    answer = {
        "version": 0.6,
        "generator": "Overpass API 0.7.62.10 2d4cfc48",
        "osm3s": {"timestamp_osm_base": osm_base, "copyright": "ODbL"},
        "elements": elements,
    }
    return json.dumps(answer | more).encode()


def box_of_query(query):
    """Return the rectangle a query is about."""
    found = re.search(r"way\(([-\d.]+),([-\d.]+),([-\d.]+),([-\d.]+)\)", query)
    south, west, north, east = map(float, found.groups())
    return shapely.box(west, south, east, north)


class FakeOverpass:
    """Answers the query of a tile from an OSM XML file, as the language defines it."""

    def __init__(self, path):
        self.nodes, self.ways, self.relations = {}, {}, {}
        for thing in ET.parse(path).getroot():
            if thing.tag in ("node", "way", "relation"):
                getattr(self, f"{thing.tag}s")[int(thing.get("id"))] = _element(thing)
        self.lines = {
            key: shapely.LineString(
                [(self.nodes[n]["lon"], self.nodes[n]["lat"]) for n in way["nodes"]]
            )
            for key, way in self.ways.items()
        }

    def elements(self, query):
        box = box_of_query(query)
        nodes = {k for k, n in self.nodes.items() if box.covers(shapely.Point(n["lon"], n["lat"]))}
        ways = {k for k, line in self.lines.items() if box.intersects(line)}
        relations = {
            k
            for k, r in self.relations.items()
            if any(
                m["ref"] in {"node": nodes, "way": ways}.get(m["type"], ()) for m in r["members"]
            )
        }
        rings = {
            m["ref"]
            for k in relations
            if self.relations[k].get("tags", {}).get("type") == "multipolygon"
            for m in self.relations[k]["members"]
            if m["type"] == "way"
        }
        ways |= rings
        nodes |= {ref for k in ways for ref in self.ways[k]["nodes"]}
        # As `out qt` does: in no order anybody could rely on.
        return [
            *(self.nodes[k] for k in sorted(nodes, reverse=True)),
            *(self.ways[k] for k in sorted(ways, reverse=True)),
            *(self.relations[k] for k in relations),
        ]

    def __call__(self, query):
        return Reply(overpass_answer(self.elements(query)))


def _element(thing):
    element = {"type": thing.tag, "id": int(thing.get("id")), "version": int(thing.get("version"))}
    element |= {"timestamp": thing.get("timestamp"), "user": "somebody", "uid": 7, "changeset": 9}
    if thing.tag == "node":
        element |= {"lat": float(thing.get("lat")), "lon": float(thing.get("lon"))}
    if thing.tag == "way":
        element["nodes"] = [int(nd.get("ref")) for nd in thing.iter("nd")]
    if thing.tag == "relation":
        element["members"] = [
            {"type": m.get("type"), "ref": int(m.get("ref")), "role": m.get("role")}
            for m in thing.iter("member")
        ]
    tags = {tag.get("k"): tag.get("v") for tag in thing.iter("tag")}
    return element | ({"tags": tags} if tags else {})


def row(number, full_name, shape, **more):
    """Return a place as Nominatim describes it."""
    base = {"osm_type": "relation", "osm_id": number, "name": full_name.split(",")[0]}
    base |= {"display_name": full_name, "class": "boundary", "type": "administrative"}
    base |= {"addresstype": "city", "geojson": json.loads(shapely.to_geojson(shape))}
    return base | more


CITY = shapely.box(117, 32, 117.01, 32.01)
PROVINCE = shapely.box(116, 31, 118, 33)
POINT = shapely.Point(117, 32)


def rows(*found):
    """Answer every search with these places."""
    return lambda _: Reply(json.dumps(found).encode())
