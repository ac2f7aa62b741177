"""Where a data set lies: a file on disk, a folder, or a member of a zip archive."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol, cast

from cityplan.sources.files.archive import Members, gdal_name, members_of, open_archive
from cityplan.sources.files.faults import unusable
from cityplan.text import Text

ARCHIVES = (".zip", ".kmz")


class Place(Protocol):
    """A data set with its sidecar files."""

    @property
    def name(self) -> PurePosixPath:
        """The path to show: inside its archive, if it is in one."""

    @property
    def address(self) -> str:
        """What GDAL opens."""

    def open(self, suffix: str = "") -> BinaryIO | None:
        """Open the data set, or its sidecar with ``suffix``; None where there is none."""


@dataclass(frozen=True)
class OnDisk:
    """A file or folder."""

    path: Path

    @property
    def name(self) -> PurePosixPath:
        """Its name."""
        return PurePosixPath(self.path.name)

    @property
    def address(self) -> str:
        """Its path."""
        return str(self.path)

    def open(self, suffix: str = "") -> BinaryIO | None:
        """Open it, or a file beside it that differs in suffix and perhaps in case."""
        path = self.sidecar(suffix) if suffix else self.path
        return path.open("rb") if path is not None and path.is_file() else None

    def sidecar(self, suffix: str) -> Path | None:
        """Return the file beside it with another suffix."""
        for spelling in (suffix, suffix.upper()):
            path = self.path.with_suffix(spelling)
            if path.is_file():
                return path
        return None


@dataclass(frozen=True)
class InArchive:
    """A member of a zip archive; of a ``.gdb``, the folder in it."""

    path: Path
    members: Members
    name: PurePosixPath

    @property
    def address(self) -> str:
        """GDAL's path into the archive, under the name the archive has it."""
        raw = self.members.raw_names.get(str(self.name)) or self._folder()
        return f"/vsizip/{{{self.path.resolve()}}}/{gdal_name(raw)}"

    def _folder(self) -> str:
        depth = len(self.name.parts)
        for name, raw in self.members.raw_names.items():
            if self.name in PurePosixPath(name).parents:
                return str(PurePosixPath(*PurePosixPath(raw).parts[:depth]))
        return str(self.name)

    def open(self, suffix: str = "") -> BinaryIO | None:
        """Open it, or the member that differs in suffix only."""
        wanted = str(self.name.with_suffix(suffix) if suffix else self.name).lower()
        for name, raw in self.members.raw_names.items():
            if name.lower() == wanted:
                with zipfile.ZipFile(self.path) as archive:
                    return cast("BinaryIO", archive.open(raw))
        return None


def places_of(
    path: Path, suffixes: Sequence[str], what: Text
) -> tuple[list[Place], tuple[Text, ...]]:
    """Return the data sets at ``path`` whose suffix is one of ``suffixes``.

    Raises
    ------
    InputFileError
        An archive is damaged, or holds no such data set.
    """
    if path.suffix.lower() not in ARCHIVES:
        return [OnDisk(path)], ()
    with open_archive(path, what) as archive:
        members = members_of(archive, path.name)
    found: dict[PurePosixPath, None] = {}
    for name in members.raw_names:
        member = PurePosixPath(name)
        for whole in (member, *member.parents):
            if whole.suffix.lower() in suffixes and not name.endswith("/"):
                found[whole] = None
    if not found:
        raise unusable(
            what, path,
            Text(
                en="is an archive without map data: it should hold a Shapefile, GeoPackage, GeoJSON, "
                "KML, MapInfo file or File Geodatabase",
                zh="压缩包中没有矢量数据，应含 Shapefile、GeoPackage、GeoJSON、KML、MapInfo 文件或文件地理数据库",
            ),
        )  # fmt: skip
    return [InArchive(path, members, name) for name in found], members.notes
