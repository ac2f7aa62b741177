"""Zip archives: which data sets lie in them, under which names.

Nothing is unpacked. GDAL reads members in place; names that leave the archive,
absolute ones and those of macOS's resource forks are never opened.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from cityplan.errors import InputFileError
from cityplan.sources.files.encoding import Sample, choose_encoding, decode
from cityplan.sources.files.faults import unusable
from cityplan.text import Text

UTF8_FLAG = 0x800
_ESCAPES = re.compile("(?:0x[0-9A-F]{2}){2,}")
# Spatial data shrink 3- to 30-fold. What is larger and denser than this is no map.
LARGEST_BYTES = 8 * 2**30
SUSPECT_BYTES, SUSPECT_RATIO = 2**29, 200


@dataclass(frozen=True)
class Members:
    """Members of an archive: readable name -> name under which zipfile and GDAL know it."""

    raw_names: dict[str, str]
    notes: tuple[Text, ...]


def open_archive(path: Path, what: Text) -> zipfile.ZipFile:
    """Open an archive after a look at how large it would get.

    Raises
    ------
    InputFileError
        It is damaged, encrypted, or swells beyond all measure.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise unusable(
            what,
            path,
            Text(en="is a damaged archive: copy it again", zh="压缩包已损坏，请重新复制"),
        ) from None
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    packed = max(sum(member.compress_size for member in members), 1)
    swells = unpacked > SUSPECT_BYTES and unpacked > SUSPECT_RATIO * packed
    if swells or unpacked > LARGEST_BYTES:
        archive.close()
        raise unusable(
            what, path,
            Text(
                en=f"would unpack to {unpacked / 2**30:.1f} GB: if that is right, unpack it and give "
                "the file in it",
                zh=f"解压后将达{unpacked / 2**30:.1f} GB，如确属正常，请解压后提供其中的文件",
            ),
        )  # fmt: skip
    if any(member.flag_bits & 1 for member in members):
        archive.close()
        raise unusable(
            what, path,
            Text(en="is encrypted: unpack it and give the file in it",
                 zh="已加密，请解压后提供其中的文件"),
        )  # fmt: skip
    return archive


def members_of(archive: zipfile.ZipFile, file: str) -> Members:
    """List the members with safe names; names in a Chinese set are decoded."""
    members = [
        member for member in archive.infolist() if not member.filename.startswith("__MACOSX")
    ]
    old = [
        m.filename.encode("cp437") for m in members if not m.flag_bits & UTF8_FLAG and _is_old(m)
    ]
    encoding = ""
    if old:
        try:
            encoding = choose_encoding([Sample(name) for name in old], file=file).encoding
        except InputFileError:
            encoding = "cp437"
    names: dict[str, str] = {}
    unsafe = 0
    for member in members:
        name = gdal_name(member.filename)
        if not member.flag_bits & UTF8_FLAG and _is_old(member):
            name = decode(name.encode("cp437"), encoding)
        if _is_unsafe(name) or _is_unsafe(member.filename):
            unsafe += 1
        else:
            names[name] = member.filename
    notes: tuple[Text, ...] = ()
    if unsafe:
        notes = (
            Text(
                en=f"{unsafe} members of '{file}' have names that lead out of the archive; "
                "they were not opened.",
                zh=f"“{file}”中{unsafe}个成员的路径指向压缩包之外，未打开。",
            ),
        )
    return Members(names, notes)


def gdal_name(raw: str) -> str:
    """Return the name under which GDAL knows a member.

    Where GDAL itself wrote letters it had no set for, they are ``0xE5 0x85 0xAC``,
    without the spaces; it reads them back as what they were.
    """
    return _ESCAPES.sub(lambda found: _unescaped(found[0]), raw)


def _unescaped(escapes: str) -> str:
    try:
        return bytes.fromhex(escapes.replace("0x", "")).decode()
    except UnicodeDecodeError:
        return escapes


def _is_old(member: zipfile.ZipInfo) -> bool:
    """Whether the name was written without Unicode, so that zipfile took it for cp437."""
    try:
        member.filename.encode("cp437")
    except UnicodeEncodeError:
        return False
    return not member.filename.isascii()


def _is_unsafe(name: str) -> bool:
    windows = PureWindowsPath(name)
    return bool(
        ".." in PurePosixPath(name).parts
        or ".." in windows.parts
        or windows.anchor
        or name.startswith("/")
        or "\0" in name
    )


def check_contents(path: Path, what: Text) -> None:
    """Refuse a workbook or other zipped document whose members are larger than they say.

    Raises
    ------
    InputFileError
        The archive is damaged, or a member is not what its header says.
    """
    with open_archive(path, what) as archive:
        try:
            damaged = archive.testzip()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
            damaged = path.name
    if damaged:
        raise unusable(
            what, path, Text(en="is damaged: copy it again", zh="文件已损坏，请重新复制")
        )
