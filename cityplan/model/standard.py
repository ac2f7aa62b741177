"""Standards profiles: targets, settings and facility lists, read from TOML.

A profile may extend another one; its own rows then override rows of the same id.
What an overriding row leaves unsaid about its source is not inherited: such a
row counts as unverified. Keys: ``cityplan/standards/README.md``.
"""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from cityplan.errors import MissingFileError, StandardError, UnknownNameError
from cityplan.text import Text, did_you_mean

Operator = Literal[">=", "<=", "band"]
UNVERIFIED = "K"
SHARED_SETTINGS = "_method"


@dataclass(frozen=True, kw_only=True)
class Sourced:
    """Where a figure comes from and how sure it is.

    ``confidence`` is S1 (text seen), S2 (second-hand), V (checked by running
    code), K (general knowledge only), or a mixture such as ``S2+K``.
    """

    source: str
    clause: str
    confidence: str

    @property
    def verified(self) -> bool:
        """Whether the figure was found in a source."""
        return UNVERIFIED not in self.confidence


@dataclass(frozen=True, kw_only=True)
class Target(Sourced):
    """A figure a measure is held against.

    A ``band`` is met from ``low`` upwards: more than ``high`` is met with a note.
    A ``reference`` is shown for comparison and never judged.
    """

    measure: str
    title: Text
    operator: Operator
    unit: str
    kind: Literal["target", "reference"]
    value: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def floor(self) -> float:
        """The figure that decides: the value, or the lower end of a band."""
        figure = self.low if self.operator == "band" else self.value
        assert figure is not None  # noqa: S101 - the loader checks it
        return figure

    def met_by(self, value: float) -> bool:
        """Whether ``value`` reaches the target."""
        return value <= self.floor if self.operator == "<=" else value >= self.floor

    def gap(self, value: float) -> float:
        """Return how far ``value`` misses the target, 0 when it is met."""
        short = value - self.floor if self.operator == "<=" else self.floor - value
        return max(0.0, short)


@dataclass(frozen=True, kw_only=True)
class Setting(Sourced):
    """A parameter of a method: a number, a text or a list of them."""

    id: str
    value: Any
    unit: str


@dataclass(frozen=True, kw_only=True)
class Category(Sourced):
    """A facility category of the life circle."""

    id: str
    title: Text
    group: str
    tier: Literal["15", "10", "5", "block"]
    required: bool
    limit_m: float


@dataclass(frozen=True, kw_only=True)
class Band:
    """Parks or green of a size class count within ``distance_m``; min included, max not."""

    layer: Literal["park", "green"]
    min_m2: float
    distance_m: float
    max_m2: float = math.inf


@dataclass(frozen=True, kw_only=True)
class ParkClause(Sourced):
    """A clause on parks or green: met where any of its bands is."""

    id: str
    title: Text
    bands: tuple[Band, ...]


@dataclass(frozen=True, kw_only=True)
class RoadClass(Sourced):
    """Width defaults of a road class, in metres, for both directions together."""

    id: str
    title: Text
    highways: tuple[str, ...]
    carriageway_m: float
    lane_m: float
    sidewalk_m: float
    red_line_m: float
    red_line_low_m: float
    red_line_high_m: float
    counts_in_area: bool
    counts_in_density: bool


@dataclass(frozen=True, kw_only=True)
class Service(Sourced):
    """A service the plan asks for: counted, and with a distance also its coverage.

    Exactly one of ``category`` (of the facilities layer) and ``layer`` (of the
    catalogue) says where its records are. Without ``distance_m`` no share is
    measured, because no source gives a distance.
    """

    id: str
    title: Text
    category: str | None = None
    layer: str | None = None
    distance_m: float | None = None
    method: Literal["radius", "network"] = "radius"
    denominator: Literal["homes", "residential_land", "built_up_area"] = "homes"


@dataclass(frozen=True, kw_only=True)
class _Group:
    id: str
    title: Text


@dataclass(frozen=True, kw_only=True)
class Standard:
    """A standards profile."""

    id: str
    title: Text
    summary: Text
    targets: Mapping[str, Target]
    settings: Mapping[str, Setting]
    groups: Mapping[str, Text]
    categories: Mapping[str, Category]
    park_clauses: Mapping[str, ParkClause]
    road_classes: Mapping[str, RoadClass]
    services: Mapping[str, Service] = field(default_factory=dict)

    def target(self, measure_id: str) -> Target | None:
        """Return the target of a measure, or None."""
        return self.targets.get(measure_id)

    def number(self, setting_id: str) -> float:
        """Return a numeric setting, for example ``walk.snap_max_m``."""
        return float(self.setting(setting_id).value)

    def setting(self, setting_id: str) -> Setting:
        """Return a setting with its source."""
        try:
            return self.settings[setting_id]
        except KeyError:
            text = Text(
                en=f"Standard '{self.id}' has no setting '{setting_id}': add it to the profile.",
                zh=f"标准“{self.id}”缺少参数“{setting_id}”，请在标准文件中补充。",
            )
            raise StandardError(text) from None


def available_standards() -> tuple[str, ...]:
    """Return the ids of the shipped profiles."""
    folder = resources.files("cityplan") / "standards"
    names = (item.name for item in folder.iterdir())
    return tuple(
        sorted(n.removesuffix(".toml") for n in names if n.endswith(".toml") and n[0] != "_")
    )


def load_standard(name: str) -> Standard:
    """Load a shipped profile by id, or one's own by file path (ending in ``.toml``).

    Raises
    ------
    UnknownNameError
        The id is not a shipped profile.
    MissingFileError
        The named file does not exist.
    StandardError
        The file breaks the schema.
    """
    if not name.endswith(".toml"):
        return _load_shipped(name)
    path = Path(name)
    if not path.is_file():
        raise MissingFileError(
            Text(
                en=f"Standards file '{path}' does not exist: check the path.",
                zh=f"标准文件“{path}”不存在，请检查路径。",
            )
        )
    return _build(_read(path.read_bytes(), name), name)


@cache
def _load_shipped(name: str) -> Standard:
    return _build(_shipped(name), name)


def _shipped(name: str) -> dict[str, Any]:
    known = available_standards()
    if name not in (*known, SHARED_SETTINGS):
        unknown = Text(en=f"Unknown standard '{name}'.", zh=f"未知标准“{name}”。")
        raise UnknownNameError(unknown + did_you_mean(name, known))
    file = resources.files("cityplan") / "standards" / f"{name}.toml"
    return _read(file.read_bytes(), name)


def _read(data: bytes, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _broken(where, f"not UTF-8 ({error})", f"不是 UTF-8 编码（{error}）") from None
    except tomllib.TOMLDecodeError as error:
        raise _broken(where, f"not TOML ({error})", f"不是有效的 TOML（{error}）") from None


def _broken(where: str, fault_en: str, fault_zh: str) -> StandardError:
    return StandardError(
        Text(
            en=f"Standards file '{where}' is wrong: {fault_en}. "
            "Compare it with cityplan/standards/README.md.",
            zh=f"标准文件“{where}”有误：{fault_zh}。请对照 cityplan/standards/README.md 修改。",
        )
    )


_HEAD = ("id", "title", "summary", "extends")
_TABLES = ("target", "setting", "group", "category", "park_clause", "road_class", "service")
_CONFIDENCE = re.compile(r"(S1|S2|V|K)(\+(S1|S2|V|K))*")
_Row = TypeVar("_Row", Target, Setting, _Group, Category, ParkClause, RoadClass, Service, Band)
_Tables = dict[str, dict[str, dict[str, Any]]]


def _build(data: dict[str, Any], where: str) -> Standard:
    tables = _with_parents(data, where)
    for key, kind in (("id", str), ("title", Text), ("summary", Text)):
        if not _fits(data.get(key), kind):
            raise _broken(where, f"{key!r} is missing or malformed", f"“{key}”缺失或格式不对")
    groups = _rows(_Group, "group", tables, where)
    categories = _rows(Category, "category", tables, where)
    targets = _rows(Target, "target", tables, where)
    for category in categories.values():
        if category.group not in groups:
            label = f"[[category]] {category.id!r}: [[group]] {category.group!r}"
            raise _broken(where, f"{label} is missing", f"{label} 不存在")
    for target in targets.values():
        figures = (target.low, target.high) if target.operator == "band" else (target.value,)
        if None in figures:
            label = f"[[target]] {target.measure!r}"
            raise _broken(where, f"{label} lacks its figure", f"{label} 缺少数值")
    services = _rows(Service, "service", tables, where)
    for service in services.values():
        _check_service(service, where)
    return Standard(
        id=data["id"],
        title=Text(**data["title"]),
        summary=Text(**data["summary"]),
        targets=targets,
        settings=_rows(Setting, "setting", tables, where),
        groups={key: group.title for key, group in groups.items()},
        categories=categories,
        park_clauses=_rows(ParkClause, "park_clause", tables, where),
        road_classes=_rows(RoadClass, "road_class", tables, where),
        services=services,
    )


def _check_service(service: Service, where: str) -> None:
    label = f"[[service]] {service.id!r}"
    if (service.category is None) == (service.layer is None):
        fault = f"{label} needs either category or layer"
        raise _broken(where, fault, f"{label} 须在 category 与 layer 中择一填写")
    if service.method == "network" and service.denominator != "homes":
        fault = f"{label}: method 'network' serves denominator 'homes' only"
        raise _broken(where, fault, f"{label}：步行网络法（network）仅适用于 homes")


def _with_parents(data: dict[str, Any], where: str) -> _Tables:
    """Return table name -> row id -> row, the parents' rows overridden by one's own."""
    _check_keys(data, (*_HEAD, *_TABLES), "", where)
    tables: _Tables = {table: {} for table in _TABLES}
    if where != SHARED_SETTINGS:
        parent = str(data.get("extends", SHARED_SETTINGS))
        tables = _with_parents(_shipped(parent), parent)
    unsaid = {"source": where, "clause": "", "confidence": UNVERIFIED}
    for table, merged in tables.items():
        rows = data.get(table, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise _broken(where, f"write [[{table}]], not [{table}]", f"应写作 [[{table}]]")
        keys = [row.get("measure" if table == "target" else "id") for row in rows]
        for number, (key, row) in enumerate(zip(keys, rows, strict=True)):
            if not isinstance(key, str):
                raise _broken(where, f"a [[{table}]] without id", f"有 [[{table}]] 缺少 id")
            if key in keys[:number]:
                raise _broken(where, f"[[{table}]] {key!r} twice", f"[[{table}]] {key!r} 重复")
            inherited = merged.get(key, {})
            merged[key] = inherited | (unsaid if "source" in inherited else {}) | row
    return tables


def _rows(cls: type[_Row], table: str, tables: _Tables, where: str) -> dict[str, _Row]:
    return {
        key: _make(cls, row, f"[[{table}]] {key!r}", where) for key, row in tables[table].items()
    }


def _make(cls: type[_Row], row: dict[str, Any], label: str, where: str) -> _Row:
    """Build a row, its keys and types checked against the fields of ``cls``."""
    kinds = get_type_hints(cls)
    _check_keys(row, tuple(kinds), f"{label}: ", where)
    for spec in fields(cls):
        if spec.name not in row and spec.default is MISSING:
            raise _broken(where, f"{label} lacks {spec.name!r}", f"{label} 缺少“{spec.name}”")
    for key, value in row.items():
        code = key != "confidence" or _CONFIDENCE.fullmatch(str(value))
        if not code or (key == "source" and not value) or not _fits(value, kinds[key]):
            fault = f"{label}: {key} = {value!r}"
            raise _broken(where, f"{fault} is not allowed", f"{fault} 不合规定")
    built = dict(row)
    if "title" in row:
        built["title"] = Text(**row["title"])
    if "highways" in row:
        built["highways"] = tuple(row["highways"])
    if "bands" in row:
        bands = (_make(Band, band, f"{label} bands", where) for band in row["bands"])
        built["bands"] = tuple(bands)
    return cls(**built)


def _check_keys(row: dict[str, Any], known: tuple[str, ...], label: str, where: str) -> None:
    for key in row:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint_en = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
            hint_zh = f"是否指“{near[0]}”？" if near else f"可用：{'、'.join(known)}"
            raise _broken(
                where,
                f"{label}unknown key {key!r} ({hint_en})",
                f"{label}未知键“{key}”（{hint_zh}）",
            )


def _fits(value: object, kind: object) -> bool:
    """Whether a TOML value can stand for a field of type ``kind``."""
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    if kind is Text:
        parts = value if isinstance(value, dict) else {}
        return set(parts) == {"en", "zh"} and all(isinstance(p, str) and p for p in parts.values())
    if kind == tuple[Band, ...]:
        return isinstance(value, list) and value != [] and all(isinstance(b, dict) for b in value)
    if get_origin(kind) is tuple:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if kind in (float, float | None):
        return (
            isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        )
    return kind is Any or isinstance(value, bool if kind is bool else str)
