"""Read an OpenStreetMap extract into the layers of the catalogue.

Multipolygons are assembled by libosmium, which also drops nothing silently here:
what it cannot build because references are cut at the extract's edge is rebuilt by
:mod:`cityplan.sources.osm_repair`, in a second pass over the ways, and counted.
libosmium's filters and rules that ask few tags keep down what Python is handed.
"""

from __future__ import annotations

import gc
import hashlib
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import osmium
import shapely

from cityplan.errors import InputFileError, MissingFileError
from cityplan.model.layers import InputCount
from cityplan.sources.osm_columns import Collected
from cityplan.sources.osm_order import DisorderedError, given_ids, ordered_copy
from cityplan.sources.osm_repair import Damaged, repair
from cityplan.sources.tag_rules import load_tag_rules
from cityplan.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import geopandas as gpd
    from shapely import Polygon

NEVER = datetime.fromtimestamp(0, UTC)
SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2", ".o5m")


@dataclass(frozen=True, kw_only=True)
class OsmExtract:
    """Layers in longitude and latitude (EPSG:4326), and what became of every row.

    Attributes
    ----------
    extent
        The bounding box the file's header declares, or None.
    timestamp
        When the data was current (ISO 8601), or None where the file does not say.
    notes
        What had to be done to the file before it could be read.
    """

    layers: Mapping[str, gpd.GeoDataFrame]
    counts: Mapping[str, InputCount]
    extent: Polygon | None
    timestamp: str | None
    notes: tuple[Text, ...] = ()


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Pause collection: among millions of new rows it costs as much as reading them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_no_garbage_collection()
def read_osm(path: Path) -> OsmExtract:
    """Read ``.osm.pbf``, ``.osm``, ``.osm.gz``, ``.osm.bz2`` or ``.o5m``.

    Parameters
    ----------
    path
        The extract.

    Returns
    -------
    OsmExtract
        Every layer of the catalogue that OpenStreetMap can give.

    Raises
    ------
    MissingFileError
        There is no such file.
    InputFileError
        The file is empty, truncated, or not OpenStreetMap data.
    """
    check_extract(path)
    try:
        extent, timestamp = read_header(path)
        collected, notes = _collect_in_order(path, dated=timestamp is not None)
        timestamp = timestamp or collected.newest_edit
    except (RuntimeError, OSError, UnicodeDecodeError) as error:
        raise unreadable(path, str(error)) from None
    if not collected.layers:
        raise InputFileError(
            Text(
                en=f"'{path}' holds no OpenStreetMap objects cityplan can use: "
                "check that it is an extract of a city with its tags.",
                zh=f"“{path}”中没有可用的 OpenStreetMap 要素，请确认它是带标签的城市数据提取。",
            )
        )
    frames = collected.frames()
    if notes:
        frames = {name: frame.assign(id=given_ids(frame["id"])) for name, frame in frames.items()}
    digest = file_sha256(path)
    counts = {
        name: InputCount(
            source=path.name,
            sha256=digest,
            read=len(frame) + sum(collected.layer(name).rejected.values()),
            used=len(frame),
            repaired=collected.layer(name).repaired,
            rejected=collected.layer(name).rejected,
            osm_timestamp=timestamp,
        )
        for name, frame in frames.items()
    }
    return OsmExtract(layers=frames, counts=counts, extent=extent, timestamp=timestamp, notes=notes)


def _collect_in_order(path: Path, *, dated: bool) -> tuple[Collected, tuple[Text, ...]]:
    """Collect what an extract holds, from a copy put in order if it is not; and tell so."""
    try:
        return _collect(path, dated=dated), ()
    except (RuntimeError, DisorderedError):
        with tempfile.TemporaryDirectory(prefix="cityplan-") as folder:
            copy, note = ordered_copy(path, Path(folder))
            return _collect(copy, dated=dated), (note,)


def _collect(path: Path, *, dated: bool) -> Collected:
    collected, damaged, processor = _read_objects(path, dated=dated)
    repair(path, damaged, processor.node_location_storage, collected)
    return collected


def _read_objects(path: Path, *, dated: bool) -> tuple[Collected, Damaged, Any]:
    rules = load_tag_rules()
    entity = osmium.osm
    processor = osmium.FileProcessor(str(path)).with_locations()
    processor.with_areas(osmium.filter.KeyFilter(*rules.areas.keys))
    for keys, kinds in (
        (rules.ways.keys, entity.WAY),
        (rules.nodes.keys, entity.NODE),
        (rules.nodes.needed_keys, entity.NODE),
        (rules.areas.keys, entity.AREA | entity.RELATION),
    ):
        processor.with_filter(osmium.filter.KeyFilter(*keys).enable_for(kinds))
    wkb = osmium.geom.WKBFactory()
    collected, damaged, newest = Collected(), Damaged(), NEVER
    nodes_over = False
    for thing in processor:
        if isinstance(thing, entity.Area):
            _take_area(thing, wkb, collected, damaged)
        elif isinstance(thing, entity.Node):
            if nodes_over:
                raise DisorderedError
            tags = thing.tags
            targets = rules.nodes.match(tags)
            if targets:
                collected.add(targets, f"n{thing.id}", tags, wkb.create_point(thing))
        else:
            nodes_over = True
            if isinstance(thing, entity.Way):
                _take_way(thing, wkb, collected, damaged)
            else:
                damaged.expect_relation(thing)
            if not dated:
                newest = max(newest, thing.timestamp)
    if newest > NEVER:
        collected.newest_edit = newest.strftime("%Y-%m-%dT%H:%M:%SZ")
    return collected, damaged, processor


def _take_area(area: Any, wkb: Any, collected: Collected, damaged: Damaged) -> None:
    identity = area.orig_id()
    from_way = area.from_way()
    tags = area.tags if from_way else {**dict(area.tags), "@relation": "yes"}
    try:
        shape = wkb.create_multipolygon(area)
    except RuntimeError:
        return
    (damaged.built_ways if from_way else damaged.built_relations).add(identity)
    targets = load_tag_rules().areas.match(tags)
    if targets:
        collected.add(targets, f"{'w' if from_way else 'r'}{identity}", tags, shape)


def _take_way(way: Any, wkb: Any, collected: Collected, damaged: Damaged) -> None:
    tags = way.tags
    targets = load_tag_rules().ways.match(tags)
    if not targets:
        return
    try:
        collected.add(targets, f"w{way.id}", tags, wkb.create_linestring(way))
    except osmium.InvalidLocationError:
        damaged.lines[way.id] = (dict(tags), targets)
    except RuntimeError:
        if all(node.location.valid() for node in way.nodes):
            collected.reject(targets, "fewer than two different points")
        else:
            damaged.lines[way.id] = (dict(tags), targets)


def check_extract(path: Path) -> None:
    """Refuse what is no file of OpenStreetMap data by its name or size."""
    if not path.is_file():
        raise MissingFileError(
            Text(
                en=f"OpenStreetMap extract '{path}' does not exist: check the path.",
                zh=f"OpenStreetMap 数据文件“{path}”不存在，请检查路径。",
            )
        )
    if path.stat().st_size == 0:
        raise InputFileError(
            Text(
                en=f"'{path}' is empty (0 bytes): download or export it again.",
                zh=f"“{path}”是空文件（0 字节），请重新下载或导出。",
            )
        )
    if not path.name.lower().endswith(SUFFIXES):
        raise InputFileError(
            Text(
                en=f"'{path}' is not an OpenStreetMap extract by its name: "
                f"give a file ending in {', '.join(SUFFIXES)}.",
                zh=f"“{path}”不是 OpenStreetMap 数据文件，请提供后缀为 {'、'.join(SUFFIXES)} 的文件。",
            )
        )


def unreadable(path: Path, detail: str) -> InputFileError:
    """Return the error for a file libosmium gives up on."""
    detail = detail.replace("\n", " ").strip().rstrip(".")
    return InputFileError(
        Text(
            en=f"'{path}' cannot be read as OpenStreetMap data ({detail}): "
            "it is truncated, damaged or something else; download or export it again.",
            zh=f"“{path}”无法按 OpenStreetMap 数据读取（{detail}）：文件不完整、已损坏或不是该格式，"
            "请重新下载或导出。",
        )
    )


def read_header(path: Path) -> tuple[Polygon | None, str | None]:
    """Return the box a file declares and the time of its data, None where it says nothing."""
    header = _header(path)
    box = header.box()
    extent = None
    low, high = box.bottom_left, box.top_right
    # West of east, which it is not across the 180th meridian.
    if box.valid() and low.lon < high.lon and low.lat < high.lat:
        box = _all_boxes(header)
        low, high = box.bottom_left, box.top_right
        extent = shapely.box(low.lon, low.lat, high.lon, high.lat)
    timestamp = header.get("osmosis_replication_timestamp") or header.get("timestamp")
    return extent, timestamp or None


def _header(path: Path) -> Any:
    reader = osmium.io.Reader(str(path), osmium.osm.osm_entity_bits.NOTHING)
    try:
        return reader.header()
    finally:
        reader.close()


def _all_boxes(header: Any) -> Any:
    """Return the box around all boxes of a header, of which osmium itself shows the first.

    What JOSM saves has one for every download; a PBF has one around them all.
    """
    with tempfile.TemporaryDirectory(prefix="cityplan-") as folder:
        joined = Path(folder) / "header.osm.pbf"
        osmium.SimpleWriter(str(joined), header=header).close()
        return _header(joined).box()


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
