"""Objects of an Overpass answer as OSM text (OPL), and many such texts as one extract.

OPL is libosmium's own text form: one object a line, read back by libosmium, which
also refuses what is no OSM object. The first line keeps the time of the data.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import osmium

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PLAIN = re.compile(r"[^A-Za-z0-9_:.;/+()*'#!?&^|~\[\]{}-]")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
MEMBER = {"node": "n", "way": "w", "relation": "r"}


class NoOsmDataError(ValueError):
    """Something stands where an OpenStreetMap object should."""


def to_text(elements: Iterable[dict[str, Any]], osm_base: str) -> bytes:
    """Return the elements of an Overpass answer as text.

    Names and numbers of the people who edited are left out.

    Raises
    ------
    NoOsmDataError
        An element is no node, way or relation, or breaks the rules of one.
    """
    if not TIME.fullmatch(osm_base):
        raise NoOsmDataError(osm_base)
    try:
        lines = [_line(element) for element in elements]
        text = "\n".join([f"# {osm_base}", *lines, ""]).encode()
        osmium.MergeInputReader().add_buffer(text, "opl")
    except (RuntimeError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise NoOsmDataError(str(error)) from None
    return text


def osm_base_of(text: bytes) -> str:
    """Return when the data of a text were current."""
    return text[2 : text.index(b"\n")].decode()


def is_empty(text: bytes) -> bool:
    """Return whether a text holds no objects."""
    return text.count(b"\n") <= 1


def write_extract(
    path: Path,
    texts: Iterable[bytes],
    *,
    box: tuple[float, float, float, float],
    osm_base: str,
) -> None:
    """Write one extract: each object once, in its newest version, sorted by type and id.

    Parameters
    ----------
    texts
        What :func:`to_text` gave for tiles that may overlap.
    box
        West, south, east, north of where the data are complete.

    Raises
    ------
    OSError
        It cannot be written.
    """
    merged = osmium.MergeInputReader()
    for text in texts:
        merged.add_buffer(text, "opl")
    header = osmium.io.Header()
    header.add_box(osmium.osm.Box(*box))
    header.set("generator", "cityplan")
    header.set("osmosis_replication_timestamp", osm_base)
    header.set("sorting", "Type_then_ID")
    nothing = osmium.io.Reader(osmium.io.FileBuffer(b"\n", "opl"))
    # SimpleWriter ends the process where the disk is full; this writer raises.
    try:
        writer = osmium.io.Writer(str(path), header)
        merged.apply_to_reader(nothing, writer)
        writer.close()
    except RuntimeError as error:
        raise OSError(str(error).removeprefix("Write failed: ")) from None


def _line(element: dict[str, Any]) -> str:
    kind = element["type"]
    parts = [f"{MEMBER[kind]}{element['id']:d}"]
    if "version" in element:
        parts.append(f"v{element['version']:d}")
    if "timestamp" in element:
        parts.append(f"t{_escaped(element['timestamp'])}")
    tags = element.get("tags") or {}
    if tags:
        parts.append("T" + ",".join(f"{_escaped(k)}={_escaped(v)}" for k, v in tags.items()))
    if kind == "node":
        lon, lat = element["lon"], element["lat"]
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):  # noqa: PLR2004 - degrees
            raise NoOsmDataError(f"{lon} {lat}")
        parts.append(f"x{lon:.7f} y{lat:.7f}")
    elif kind == "way":
        parts.append("N" + ",".join(f"n{ref:d}" for ref in element.get("nodes", ())))
    else:
        members = (
            f"{MEMBER[member['type']]}{member['ref']:d}@{_escaped(member['role'])}"
            for member in element.get("members", ())
        )
        parts.append("M" + ",".join(members))
    return " ".join(parts)


def _escaped(text: str) -> str:
    return PLAIN.sub(lambda match: f"%{ord(match[0]):x}%", text)
