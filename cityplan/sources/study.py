"""The study file: which place, which data, which standard."""

from __future__ import annotations

import difflib
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cityplan.errors import InputFileError, MissingFileError, StudyError
from cityplan.sources.osm_file import SUFFIXES
from cityplan.text import Text

STUDY_FILE = "study.toml"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class UnitsSource(_Strict):
    """A file of reporting units and the column of their names."""

    path: Path
    name: str | None = None


class OsmSource(_Strict):
    """The OpenStreetMap extract."""

    path: Path


class Study(_Strict):
    """A study with every path absolute.

    Attributes
    ----------
    boundary
        Absent: the hull of the streets.
    built_up
        Absent: a stand-in drawn from land uses and buildings.
    units
        Absent: the whole area is one unit.
    lang
        Absent: the caller's.
    """

    name: str = Field(min_length=1)
    osm: OsmSource
    boundary: Path | None = None
    built_up: Path | None = None
    units: UnitsSource | None = None
    standard: str = "cn-action-plan"
    lang: Literal["zh", "en"] | None = None
    crs: str = "auto"


def load_study(
    path: Path,
    *,
    boundary: Path | None = None,
    built_up: Path | None = None,
    units: Path | None = None,
    standard: str | None = None,
    lang: Literal["zh", "en"] | None = None,
) -> Study:
    """Read a study from a TOML file, a folder that holds one, or a bare extract.

    Parameters
    ----------
    path
        ``study.toml``, a folder with one, or an OpenStreetMap extract.
    boundary, built_up, units, standard, lang
        Override what the study says; paths are relative to the working folder.

    Raises
    ------
    MissingFileError
        There is nothing at ``path``.
    StudyError
        The study file has an unknown key, a missing or a wrong value.
    """
    if path.is_dir():
        path = path / STUDY_FILE
    if not path.exists():
        raise MissingFileError(
            Text(
                en=f"'{path}' does not exist: give a study file, a folder with {STUDY_FILE}, or an "
                "OpenStreetMap extract.",
                zh=f"“{path}”不存在，请提供研究文件、含 {STUDY_FILE} 的文件夹或 OpenStreetMap 数据文件。",
            )
        )
    if path.name.lower().endswith(SUFFIXES):
        fields: dict[str, Any] = {"name": _stem(path), "osm": {"path": path}}
    else:
        fields = _read_toml(path)
    overrides = {
        "boundary": boundary,
        "built_up": built_up,
        "units": {"path": units} if units is not None else None,
        "standard": standard,
        "lang": lang,
    }
    given = {key: value for key, value in overrides.items() if value is not None}
    try:
        return Study(**Study(**fields).model_dump() | given)
    except ValidationError as error:
        raise _fault(path, error) from None


def sample(name: str = "monaco") -> Path:
    """Return the folder of a shipped sample city.

    Raises
    ------
    MissingFileError
        There is no such sample.
    """
    package = Path(str(resources.files("cityplan")))
    for folder in (package / "sample_data" / name, package.parent / "sample_data" / name):
        if (folder / STUDY_FILE).is_file():
            return folder
    raise MissingFileError(
        Text(
            en=f"There is no sample city '{name}': 'monaco' and 'toy' are shipped.",
            zh=f"没有名为“{name}”的示例城市，可用 monaco 与 toy。",
        )
    )


def _stem(path: Path) -> str:
    for suffix in SUFFIXES:
        if path.name.lower().endswith(suffix):
            return path.name[: -len(suffix)] or path.name
    return path.stem


def _read_toml(path: Path) -> dict[str, Any]:
    """Return the fields of a study, its paths made absolute."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputFileError(
            Text(
                en=f"Study file '{path}' is not valid TOML in UTF-8 ({error}): mend that place.",
                zh=f"研究文件“{path}”不是有效的 UTF-8 TOML（{error}），请修改该处。",
            )
        ) from None
    _known(path, set(data), {"study", "osm"}, "")
    for key in ("study", "osm"):
        if not isinstance(data.get(key, {}), dict):
            raise _wrong(path, f"[{key}]", "must be a table")
    table = data.get("study", {})
    _known(path, set(table), set(Study.model_fields) - {"osm"}, "study.")
    fields: dict[str, Any] = dict(table)
    folder = path.parent
    for key in ("boundary", "built_up"):
        if isinstance(fields.get(key), str):
            fields[key] = folder / fields[key]
    units = fields.get("units")
    if isinstance(units, str):
        units = {"path": units}
    if isinstance(units, dict):
        _known(path, set(units), set(UnitsSource.model_fields), "study.units.")
        fields["units"] = {**units, "path": folder / str(units.get("path", ""))}
    standard = fields.get("standard")
    if isinstance(standard, str) and standard.endswith(".toml"):
        fields["standard"] = str(folder / standard)
    if "osm" in data:
        _known(path, set(data["osm"]), set(OsmSource.model_fields), "osm.")
        fields["osm"] = {key: folder / str(value) for key, value in data["osm"].items()}
    return fields


def _known(path: Path, given: set[str], known: set[str], prefix: str) -> None:
    for key in sorted(given - known):
        near = difflib.get_close_matches(key, sorted(known), n=1, cutoff=0.4)
        options = near or sorted(known)
        raise StudyError(
            Text(
                en=f"Study file '{path}': unknown key '{prefix}{key}'. "
                + (f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(options)}."),
                zh=f"研究文件“{path}”：未知键“{prefix}{key}”。"
                + (f"是否指“{near[0]}”？" if near else f"可用：{'、'.join(options)}。"),
            )
        )


def _fault(path: Path, error: ValidationError) -> StudyError:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "missing":
        where = {"osm": "[osm] path", "osm.path": "[osm] path", "name": "[study] name"}.get(
            where, where
        )
        return _wrong(path, where, "is missing")
    return _wrong(path, where, first["msg"][0].lower() + first["msg"][1:])


def _wrong(path: Path, where: str, fault: str) -> StudyError:
    return StudyError(
        Text(
            en=f"Study file '{path}': {where} {fault}. See the README's study file.",
            zh=f"研究文件“{path}”：{where} 有误（{fault}），请对照 README 的研究文件说明。",
        )
    )
