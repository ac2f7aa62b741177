"""The parts of shared extracts: cut once, checked by their hash, cut again where damaged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cityplan.errors import CityplanError, OutputError
from cityplan.model.place import with_margin
from cityplan.sources.extracts.split import count_nodes, split
from cityplan.sources.osm_file import file_sha256
from cityplan.sources.study import OsmSource
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.batching.plan import City
    from cityplan.spatial.readings import Box

# Part of the hash of a part: to be raised when parts are cut differently.
CUT = "2"


@dataclass(frozen=True)
class _Part:
    """Where a city's part of an extract belongs."""

    city: City
    path: Path
    box: Box

    @property
    def sidecar(self) -> Path:
        return self.path.with_suffix(".json")

    def is_whole(self) -> bool:
        """Whether the part is there and is what it was when it was cut."""
        try:
            kept = json.loads(self.sidecar.read_text(encoding="utf-8"))
            self.city.nodes = int(kept["nodes"])
            return bool(file_sha256(self.path) == kept["sha256"])
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def keep(self, nodes: int) -> None:
        """Note what was cut."""
        self.city.nodes = nodes
        note = {"nodes": nodes, "sha256": file_sha256(self.path)}
        self.sidecar.write_text(json.dumps(note), encoding="utf-8")


def cut_parts(
    cities: Sequence[City], cache: Path, *, told: Callable[[Text], None]
) -> dict[str, Text]:
    """Give every city of a shared extract its own part of it.

    Studies are changed to the parts; each extract is read once for all cities that
    have none.

    Returns
    -------
    dict
        City -> why it has no part.

    Raises
    ------
    OutputError
        A part cannot be written.
    """
    faults: dict[str, Text] = {}
    for extract, parts in _by_extract(cities, cache / "parts", faults).items():
        lacking = [part for part in parts if not part.is_whole()]
        if lacking:
            told(_cutting(extract, len(lacking)))
        try:
            counts = split(extract, {part.path: part.box for part in lacking})
            for part in lacking:
                part.keep(counts[part.path])
        except CityplanError as error:
            faults |= {part.city.name: error.text for part in parts}
            continue
        except OSError as error:
            raise _no_room(cache, error) from None
        for part in parts:
            if part.city.nodes == 0:
                faults[part.city.name] = _nothing(part.city.name, extract)
            study = part.city.row.study
            assert study is not None  # noqa: S101 - cities without a study have no part
            there = study.model_copy(update={"osm": OsmSource(path=part.path)})
            part.city.row = replace(part.city.row, study=there)
    return faults


def count_parts(cities: Sequence[City], cache: Path) -> dict[str, Text]:
    """Count the nodes of every city of a shared extract, without cutting it."""
    faults: dict[str, Text] = {}
    for extract, parts in _by_extract(cities, cache / "parts", faults).items():
        unknown = [part for part in parts if not part.is_whole()]
        try:
            counts = count_nodes(extract, [part.box for part in unknown]) if unknown else []
        except CityplanError as error:
            faults |= {part.city.name: error.text for part in parts}
            continue
        for part, nodes in zip(unknown, counts, strict=True):
            part.city.nodes = nodes
        faults |= {p.city.name: _nothing(p.city.name, extract) for p in parts if not p.city.nodes}
    return faults


def _by_extract(
    cities: Sequence[City], folder: Path, faults: dict[str, Text]
) -> dict[Path, list[_Part]]:
    parts: dict[Path, list[_Part]] = {}
    for city in cities:
        extract = city.row.shared
        if extract is None or city.row.study is None:
            continue
        try:
            box = with_margin(city.row.bounds())
        except CityplanError as error:
            faults[city.name] = error.text
            continue
        digest = city.fingerprint["inputs"].get(str(extract))
        key = hashlib.sha256(f"{CUT}\n{digest}\n{box}".encode()).hexdigest()[:16]
        stem = extract.name.split(".")[0][:60]
        parts.setdefault(extract, []).append(_Part(city, folder / f"{stem}-{key}.osm.pbf", box))
    return parts


def _cutting(extract: Path, count: int) -> Text:
    return Text(
        en=f"Cutting '{extract.name}' into {count} cities",
        zh=f"将“{extract.name}”按{count}个城市切分",
    )


def _nothing(name: str, extract: Path) -> Text:
    return Text(
        en=f"'{extract}' holds nothing within the extent of '{name}': check that the extent is of "
        "the same place and in degrees of longitude and latitude.",
        zh=f"“{extract}”在“{name}”的范围内没有任何数据，请确认范围为同一地区且为经纬度坐标。",
    )


def _no_room(cache: Path, error: OSError) -> OutputError:
    return OutputError(
        Text(
            en=f"Cannot write the parts of the extract to '{cache}' ({error.strerror or error}): free "
            "some space or name another folder with --cache.",
            zh=f"无法将切分结果写入“{cache}”（{error.strerror or error}），请释放空间或用 --cache "
            "指定其他文件夹。",
        )
    )
