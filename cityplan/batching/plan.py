"""What a batch has to do: which cities, what each is made of, and what it will cost."""

from __future__ import annotations

import hashlib
import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cityplan.batching.worker import files_of
from cityplan.sources.osm_file import file_sha256
from cityplan.writing import folder_name

if TYPE_CHECKING:
    from cityplan.batching.journal import Line
    from cityplan.sources.city_rows import CityRow
    from cityplan.sources.study import Study

# What a city took of a processor on five real extracts, all outputs written: 24 000 nodes 11 s,
# 31 000 13 s, 180 000 19 s, 383 000 29 s, 3.45 million 183 s. And of memory: 31 000 0.6 GB, ten of
# 210 000 to 230 000 0.64 to 0.83 GB, 383 000 0.9 GB, 3.45 million 2.2 GB; the line lies above them.
SECONDS, SECONDS_PER_NODE = 10.0, 5e-5
GB, GB_PER_NODE = 0.75, 4.2e-7
# Nodes in a kilobyte of .osm.pbf: 57 where objects have many tags, 135 where few.
NODES_PER_BYTE = 0.135
ENOUGH_MEASURED = 3


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a city will take."""

    nodes: int
    seconds: float
    gb: float


@dataclass(kw_only=True)
class City:
    """A city of the batch and where its outputs go.

    Attributes
    ----------
    fingerprint
        Hashes of inputs and configuration, and the version: what decides whether an
        earlier result still holds.
    nodes
        Nodes of its extract, as far as known.
    """

    row: CityRow
    folder: str
    fingerprint: dict[str, Any]
    nodes: int = 0
    estimate: Estimate = field(default_factory=lambda: estimate(0))

    @property
    def name(self) -> str:
        """The city's name."""
        return self.row.name


def plan(rows: Sequence[CityRow], only: Sequence[str], lang: str) -> list[City]:
    """Give every city its folder and its fingerprint; every file is hashed once."""
    hashes: dict[Path, str | None] = {}
    taken: set[str] = set()
    return [
        City(
            row=row,
            folder=_own_folder(row.name, taken),
            fingerprint=fingerprint(row.study, only, lang, hashes) if row.study else {},
        )
        for row in rows
    ]


def _own_folder(name: str, taken: set[str]) -> str:
    plain = folder_name(name)
    unique, number = plain, 1
    while unique.casefold() in taken:
        number += 1
        unique = f"{plain}-{number}"
    taken.add(unique.casefold())
    return unique


def fingerprint(
    study: Study, only: Sequence[str], lang: str, hashes: dict[Path, str | None]
) -> dict[str, Any]:
    """Return the hashes a result depends on; None for a file that cannot be read."""
    inputs: dict[str, str | None] = {}
    for path in files_of(study):
        if path not in hashes:
            hashes[path] = _hash(path)
        inputs[str(path)] = hashes[path]
    said = study.model_dump(mode="json", exclude_none=True)
    config = {"study": _named(said), "only": list(only), "lang": lang}
    digest = hashlib.sha256(json.dumps(config, sort_keys=True).encode())
    digest.update(_shipped_standard(study.standard))
    return {
        "inputs": inputs,
        "config": digest.hexdigest(),
        "version": version("cityplan"),
        "database": any("://" in str(s.path) for row in study.layers.values() for s in row),
    }


def _named(value: Any, key: str = "") -> Any:
    """Leave folders out of paths: files are told apart by their hashes."""
    if isinstance(value, Mapping):
        return {name: _named(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_named(item) for item in value]
    return Path(value).name if key == "path" and "://" not in value else value


def _shipped_standard(name: str) -> bytes:
    file = resources.files("cityplan.standards") / f"{Path(name).name}.toml"
    return file.read_bytes() if file.is_file() else b""


def _hash(path: Path) -> str | None:
    try:
        return file_sha256(path)
    except OSError:
        return None


def is_unchanged(city: City, line: Line | None, cities: Path) -> bool:
    """Whether an earlier line says that the city is done and nothing has changed since."""
    if line is None or line["status"] == "failed" or not city.fingerprint:
        return False
    now = city.fingerprint
    if now["database"] or None in now["inputs"].values():
        return False
    same = all(line.get(key) == now[key] for key in ("config", "version"))
    hashes = sorted(map(str, line.get("inputs", {}).values()))
    same = same and hashes == sorted(map(str, now["inputs"].values()))
    result = cities / city.folder / "results.json"
    return same and result.is_file() and result.stat().st_size > 0


def estimate(nodes: int, lines: Sequence[Line] = ()) -> Estimate:
    """Return what a city of so many nodes takes.

    Parameters
    ----------
    lines
        Of cities this batch has measured: with three or more, their median ratio to
        the usual cost corrects the answer for this machine and its settings.
    """
    seconds, gb = SECONDS + SECONDS_PER_NODE * nodes, GB + GB_PER_NODE * nodes
    measured = [line for line in lines if line.get("nodes") and line.get("seconds")]
    if len(measured) >= ENOUGH_MEASURED:
        usual = [SECONDS + SECONDS_PER_NODE * line["nodes"] for line in measured]
        seconds *= statistics.median(
            line["seconds"] / cost for line, cost in zip(measured, usual, strict=True)
        )
        most = [
            line["peak_gb"] / (GB + GB_PER_NODE * line["nodes"])
            for line in measured
            if line.get("peak_gb")
        ]
        gb *= max([1.0, *most])
    return Estimate(nodes=nodes, seconds=seconds, gb=gb)


def nodes_by_size(row: CityRow) -> int:
    """Return about how many nodes a city's own extract has, from its size."""
    if row.study is None or row.study.osm is None or row.shared is not None:
        return 0
    try:
        return int(row.study.osm.path.stat().st_size * NODES_PER_BYTE)
    except OSError:
        return 0
