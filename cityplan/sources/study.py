"""The study file: which place, which data, which standard."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cityplan.errors import MissingFileError, StudyError
from cityplan.model.layers import CATALOGUE
from cityplan.model.output_options import OutputOptions, SheetFields
from cityplan.sources.layer_source import AreaSource, LayerSource
from cityplan.sources.osm_file import SUFFIXES
from cityplan.sources.toml_file import check_keys, read_toml
from cityplan.text import Text

STUDY_FILE = "study.toml"
DATABASES = ("postgresql://", "postgres://")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OsmSource(_Strict):
    """The OpenStreetMap extract."""

    path: Path


class OutputChoices(_Strict):
    """The table ``[report]``: what the user decides about the outputs."""

    prepared_by: str = ""
    sheet_number: str = ""
    approval_number: str = ""
    coordinates: bool = True
    pictures: bool = True
    template: Path | None = None
    tiles: Literal["none", "osm", "tianditu"] = "none"
    tianditu_key: str = ""

    def options(self) -> OutputOptions:
        """Return them as outputs take them."""
        sheet = SheetFields(
            prepared_by=self.prepared_by,
            sheet_number=self.sheet_number,
            approval_number=self.approval_number,
        )
        return OutputOptions(
            sheet=sheet,
            coordinates=self.coordinates,
            pictures=self.pictures,
            template=self.template,
            tiles=self.tiles,
            tianditu_key=self.tianditu_key,
        )


class Study(_Strict):
    """A study with every path absolute.

    Attributes
    ----------
    osm
        Absent: local layers only.
    layers
        Layer of the catalogue -> the local sources it is read from.
    boundary
        Absent: the hull of the streets.
    built_up
        Absent: a stand-in drawn from land uses and buildings.
    units
        Absent: the whole area is one unit.
    plan
        Shipped id or file of the action plan whose clauses are followed.
    reported
        Table of the figures departments report for it.
    lang
        Absent: the caller's.
    """

    name: str = Field(min_length=1)
    osm: OsmSource | None = None
    layers: dict[str, tuple[LayerSource, ...]] = Field(default_factory=dict)
    boundary: AreaSource | None = None
    built_up: AreaSource | None = None
    units: AreaSource | None = None
    standard: str = "cn-action-plan"
    plan: str | None = None
    reported: Path | None = None
    lang: Literal["zh", "en"] | None = None
    crs: str = "auto"
    report: OutputChoices = OutputChoices()

    def choosing(self, **chosen: bool) -> Study:
        """Return the study with other choices in ``[report]``, such as ``pictures=False``."""
        return self.model_copy(update={"report": self.report.model_copy(update=chosen)})


def load_study(
    path: Path | str,
    *,
    boundary: Path | str | None = None,
    built_up: Path | str | None = None,
    units: Path | str | None = None,
    standard: str | None = None,
    plan: str | None = None,
    reported: Path | str | None = None,
    lang: Literal["zh", "en"] | None = None,
) -> Study:
    """Read a study from a TOML file, a folder that holds one, or a bare extract.

    Parameters
    ----------
    path
        A study file (TOML), a folder with ``study.toml``, or an OpenStreetMap extract.
    boundary, built_up, units, standard, plan, reported, lang
        Override what the study says; paths are relative to the working folder.

    Raises
    ------
    MissingFileError
        There is nothing at ``path``.
    StudyError
        The study file has an unknown key, a missing or a wrong value.
    """
    path = Path(path)
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
        "boundary": _area(boundary),
        "built_up": _area(built_up),
        "units": _area(units),
        "standard": standard,
        "plan": plan,
        "reported": reported,
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
            en=f"There is no sample city '{name}': 'mingcheng', 'monaco' and 'toy' are shipped.",
            zh=f"没有名为“{name}”的示例城市，可用 mingcheng、monaco 与 toy。",
        )
    )


def _stem(path: Path) -> str:
    for suffix in SUFFIXES:
        if path.name.lower().endswith(suffix):
            return path.name[: -len(suffix)] or path.name
    return path.stem


def _area(path: Path | str | None) -> dict[str, Path | str] | None:
    return None if path is None else {"path": path}


def _read_toml(path: Path) -> dict[str, Any]:
    """Return the fields of a study, its paths made absolute."""
    data = read_toml(path, _file(path))
    _known(path, set(data), {"study", "osm", "layers", "report"}, "")
    for key in ("study", "osm", "layers", "report"):
        if not isinstance(data.get(key, {}), dict):
            raise _wrong(path, f"[{key}]", "must be a table")
    if not data.get("osm") and not data.get("layers"):
        raise _no_data(path)
    table = data.get("study", {})
    _known(path, set(table), set(Study.model_fields) - {"osm", "layers", "report"}, "study.")
    fields: dict[str, Any] = dict(table)
    folder = path.parent
    for key in ("boundary", "built_up", "units"):
        if key in fields:
            fields[key] = _located(path, fields[key], AreaSource, f"study.{key}.")
    _find_files(fields, folder)
    if "osm" in data:
        _known(path, set(data["osm"]), set(OsmSource.model_fields), "osm.")
        fields["osm"] = {key: folder / str(value) for key, value in data["osm"].items()}
    fields["layers"] = _layers(path, data.get("layers", {}))
    fields["report"] = _report(path, data.get("report", {}))
    return fields


def _find_files(fields: dict[str, Any], folder: Path) -> None:
    """Make the paths of a standard, a plan and a table of figures absolute."""
    for key in ("standard", "plan"):
        named = fields.get(key)
        if isinstance(named, str) and named.endswith(".toml"):
            fields[key] = str(folder / named)
    if isinstance(fields.get("reported"), str):
        fields["reported"] = folder / fields["reported"]


def _layers(path: Path, tables: dict[str, Any]) -> dict[str, list[Any]]:
    """Return layer -> its sources; one table or an array of tables."""
    _known(path, set(tables), set(CATALOGUE), "layers.")
    return {
        name: [
            _located(path, source, LayerSource, f"layers.{name}.")
            for source in (given if isinstance(given, list) else [given])
        ]
        for name, given in tables.items()
    }


def _report(path: Path, table: dict[str, Any]) -> dict[str, Any]:
    _known(path, set(table), set(OutputChoices.model_fields), "report.")
    template = table.get("template")
    return {**table, "template": path.parent / template} if isinstance(template, str) else table


def _located(path: Path, given: Any, model: type[BaseModel], prefix: str) -> Any:
    """Return a source with its path made absolute; a bare string is a path."""
    if isinstance(given, str):
        given = {"path": given}
    if not isinstance(given, dict):
        return given
    _known(path, set(given), set(model.model_fields), prefix)
    where = given.get("path")
    if not isinstance(where, str) or where.startswith(DATABASES):
        return given
    return {**given, "path": path.parent / where}


def _no_data(path: Path) -> StudyError:
    return StudyError(
        Text(
            en=f"Study file '{path}' names no data: give an extract ([osm] path = \"city.osm.pbf\") or "
            'local layers ([layers.streets] path = "roads.shp").',
            zh=f'研究文件“{path}”未指定任何数据，请给出 OpenStreetMap 数据（[osm] path = "city.osm.pbf"）'
            '或本地图层（[layers.streets] path = "roads.shp"）。',
        )
    )


def _known(path: Path, given: set[str], known: set[str], prefix: str) -> None:
    check_keys(_file(path), given, known, prefix)


def _file(path: Path) -> Text:
    return Text(en=f"Study file '{path}'", zh=f"研究文件“{path}”")


def _fault(path: Path, error: ValidationError) -> StudyError:
    first = error.errors()[0]
    parts = [str(part) for part in first["loc"] if part != 0]
    where = ".".join(part for part in parts if part.isidentifier() or part.isdigit())
    if first["type"] == "missing":
        where = {"osm": "[osm] path", "osm.path": "[osm] path", "name": "[study] name"}.get(
            where, where
        )
        return _wrong(path, where, "is missing")
    if first["type"] == "path_type":
        return _wrong(path, where, "must be a path in quotes")
    return _wrong(path, where, first["msg"][0].lower() + first["msg"][1:])


def _wrong(path: Path, where: str, fault: str) -> StudyError:
    return StudyError(
        Text(
            en=f"Study file '{path}': {where} {fault}. See the README's study file.",
            zh=f"研究文件“{path}”：{where} 有误（{fault}），请对照 README 的研究文件说明。",
        )
    )
