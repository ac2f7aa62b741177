"""Layers of an extract as they were read once: GeoParquet, kept by the hash of what made them.

An entry's name is the hash of the extract and of the reader with its tag rules, so
that a changed file or rule never meets an old entry. Every file of an entry is
hashed as well: one that is damaged is thrown away and read anew.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyarrow as pa
import shapely

from cityplan.model.layers import InputCount
from cityplan.sources.osm_file import OsmExtract, check_extract, file_sha256, read_osm
from cityplan.text import Text

log = logging.getLogger(__name__)

READER = (
    "osm_file.py",
    "osm_columns.py",
    "osm_repair.py",
    "osm_order.py",
    "tag_rules.py",
    "tags.toml",
)
META = "entry.json"


def read_osm_cached(path: Path, folder: Path) -> OsmExtract:
    """Read an extract, or what an earlier reading left of it in ``folder``.

    Parameters
    ----------
    path
        The extract; see :func:`~cityplan.sources.osm_file.read_osm`.
    folder
        Where entries are kept; made if need be. Where it cannot be written, the
        extract is read all the same.
    """
    check_extract(path)
    entry = folder / entry_name(file_sha256(path))
    kept = _load(entry, path.name)
    if kept is not None:
        return kept
    extract = read_osm(path)
    try:
        _store(extract, entry)
    except OSError as error:
        log.warning("The layers of %s were not kept: %s", path.name, error)
    return extract


def entry_name(sha256: str) -> str:
    """Return the name of the entry of an extract with that hash."""
    return hashlib.sha256(f"{sha256}\n{reader_version()}".encode()).hexdigest()[:32]


@cache
def reader_version() -> str:
    """Return a hash of everything that decides which layers an extract becomes."""
    digest = hashlib.sha256()
    for name in READER:
        digest.update((resources.files("cityplan.sources") / name).read_bytes())
    digest.update(f"{gpd.__version__} {shapely.__version__}".encode())
    return digest.hexdigest()


def _load(entry: Path, source: str) -> OsmExtract | None:
    """Return what an entry holds; None where there is none or it is damaged."""
    if not entry.is_dir():
        return None
    try:
        meta = json.loads((entry / META).read_text(encoding="utf-8"))
        frames = {}
        for name, digest in meta["files"].items():
            if file_sha256(entry / name) != digest:
                raise ValueError(f"{name} was changed")  # noqa: TRY301 - as any other damage
            frames[name.removesuffix(".parquet")] = gpd.read_parquet(entry / name)
        return _extract(meta, frames, source)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pa.ArrowException) as error:
        log.warning("Kept layers %s are damaged and read anew: %s", entry.name, error)
        shutil.rmtree(entry, ignore_errors=True)
        return None


def _extract(
    meta: Mapping[str, Any], frames: dict[str, gpd.GeoDataFrame], source: str
) -> OsmExtract:
    counts = {
        name: InputCount(**{**row, "source": source, "parts": ()})
        for name, row in meta["counts"].items()
    }
    box = meta["extent"]
    return OsmExtract(
        layers={name: frames[name] for name in meta["counts"]},
        counts=counts,
        extent=shapely.from_wkt(box) if box else None,
        timestamp=meta["timestamp"],
        notes=tuple(Text(**note) for note in meta["notes"]),
    )


def _store(extract: OsmExtract, entry: Path) -> None:
    entry.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        dir=entry.parent, prefix=".fresh-", ignore_cleanup_errors=True
    ) as scratch:
        fresh = Path(scratch) / entry.name
        fresh.mkdir()
        files = {}
        for name, frame in extract.layers.items():
            file = fresh / f"{name}.parquet"
            frame.to_parquet(file, index=False, compression="zstd")
            files[file.name] = file_sha256(file)
        meta = {
            "files": files,
            "counts": {name: asdict(count) for name, count in extract.counts.items()},
            "extent": extract.extent.wkt if extract.extent is not None else None,
            "timestamp": extract.timestamp,
            "notes": [asdict(note) for note in extract.notes],
        }
        (fresh / META).write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")
        if not entry.exists():
            fresh.replace(entry)
