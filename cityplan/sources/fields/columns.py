"""Which column of a source becomes which column of the catalogue."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cityplan.errors import LayerError, StudyError
from cityplan.model.layers import CATALOGUE
from cityplan.sources.fields.land_use import DERIVED
from cityplan.sources.fields.rules import FieldRules, Group, find_column, load_field_rules, plain
from cityplan.sources.layer_source import LayerSource
from cityplan.text import Text, did_you_mean

LAND_LAYERS = ("land_use", *DERIVED)
_SPAN = re.compile(r"(\d{1,3})\s*(?:岁|周岁)?\s*(?:[-~_—–至到]|to)\s*(\d{1,3})")
_FROM = re.compile(r"(\d{1,3})\s*(?:岁|周岁)?\s*(?:及)?\s*(?:以上|\+|plus|_?over|up$)")
_UP_TO = re.compile(r"(\d{1,3})\s*(?:岁|周岁)?\s*(?:及)?\s*(?:以下|以内)")
_OLDEST = 150.0
_PLUS = re.compile(r"\s*[+＋]\s*")  # noqa: RUF001 - typed with a Chinese keyboard


@dataclass(frozen=True)
class Found:
    """Columns of a source that make one of the catalogue; several are added."""

    columns: tuple[str, ...]
    by_user: bool = False

    def __str__(self) -> str:
        return " + ".join(self.columns)


def check_layer(layer: str) -> None:
    """Raise where the catalogue has no such layer.

    Raises
    ------
    LayerError
        It has none.
    """
    if layer not in CATALOGUE:
        unknown = Text(en=f"Unknown layer '{layer}'.", zh=f"未知图层“{layer}”。")
        raise LayerError(unknown + did_you_mean(layer, list(CATALOGUE)))


def columns_by_user(names: Sequence[str], layer: str, source: LayerSource) -> dict[str, Found]:
    """Return the columns a study maps itself; a sum is written ``a + b``.

    Parameters
    ----------
    names
        Columns of the source.

    Raises
    ------
    StudyError
        A column of the catalogue or of the source does not exist.
    """
    groups = [g.column for g in load_field_rules().groups if layer in g.layers]
    extra = ["use"] if layer in DERIVED else []
    state = ["state"] if layer in load_field_rules().state.layers else []
    known = [*CATALOGUE[layer].columns, *groups, *extra, *state]
    found = {}
    for column, value in source.columns.items():
        if column not in known:
            raise _unknown(f"[layers.{layer}] columns", column, known, "catalogue", "图层目录")
        parts = (value,) if value in names else tuple(_PLUS.split(value.strip()))
        actual = []
        for part in parts:
            if part not in names:
                label = f"[layers.{layer}] columns: {column} ="
                raise _unknown(label, part, names, str(source.path), str(source.path))
            actual.append(part)
        found[column] = Found(tuple(actual), by_user=True)
    return found


def _unknown(label: str, wrong: str, known: Sequence[str], where: str, where_zh: str) -> StudyError:
    by_plain = {plain(name): name for name in known}
    near = difflib.get_close_matches(plain(wrong), list(by_plain), n=1, cutoff=0.4)
    hint = by_plain[near[0]] if near else None
    return StudyError(
        Text(
            en=f"Study file: {label} '{wrong}': no such column in {where}. "
            + (f"Did you mean '{hint}'?" if hint else f"There are: {', '.join(known)}."),
            zh=f"研究文件：{label} “{wrong}”：{where_zh}中没有该字段。"
            + (f"是否指“{hint}”？" if hint else f"现有：{'、'.join(known)}。"),
        )
    )


def candidates(names: Sequence[str], layer: str, column: str) -> list[Found]:
    """Return the columns of a source that may be one of the catalogue, best first."""
    rules = load_field_rules()
    found = [Found(columns) for columns in _best(names, rules.synonyms(layer, column))]
    added = _sum(names, rules, layer, column)
    return [*found, *([Found(added)] if added else [])]


def _best(names: Sequence[str], synonyms: Sequence[str]) -> list[tuple[str, ...]]:
    """Return every column that goes by a synonym, in the order of the synonyms."""
    left = list(names)
    found: list[tuple[str, ...]] = []
    while left:
        name = find_column(left, synonyms)
        if name is None:
            break
        found.append((name,))
        left.remove(name)
    return found


def _sum(names: Sequence[str], rules: FieldRules, layer: str, column: str) -> tuple[str, ...]:
    """Return the first alternative of columns that add of which every one is there."""
    rule = rules.sums.get((layer, column))
    if rule is None:
        return ()
    for alternative in rule.alternatives:
        parts = [find_column(names, rule.groups[group]) for group in alternative]
        if all(part is not None for part in parts):
            return tuple(part for part in parts if part is not None)
    return ()


def group_columns(names: Sequence[str], layer: str) -> dict[str, Found]:
    """Return the columns of groups of the population, by name or by the ages in it."""
    rules = load_field_rules()
    found = {}
    for group in rules.groups:
        if layer not in group.layers:
            continue
        name = find_column(names, group.names)
        columns = (name,) if name is not None else _by_ages(names, group)
        if columns:
            found[group.column] = Found(columns)
    return found


def _by_ages(names: Sequence[str], group: Group) -> tuple[str, ...]:
    """Return the columns whose ages lie in a group and do not overlap, widest first."""
    spans = []
    for name in names:
        span = ages_of(name)
        if span is None:
            continue
        old = group.from_age_min is not None and span[0] >= group.from_age_min
        young = group.to_age_max is not None and span[1] <= group.to_age_max
        if old or young:
            spans.append((span[0], -span[1], name))
    chosen: list[str] = []
    last = -1.0
    for low, high, name in sorted(spans):
        if low > last:
            chosen.append(name)
            last = -high
    return tuple(chosen)


def ages_of(name: str) -> tuple[float, float] | None:
    """Return the ages a column's name speaks of; a name without years speaks of none."""
    span, upward, downward = _SPAN.search(name), _FROM.search(name), _UP_TO.search(name)
    if not re.search(r"岁|age|pop|people|^\D{0,2}\d", name, re.IGNORECASE):
        return None
    if span is not None:
        low, high = float(span[1]), float(span[2])
        return (low, high) if low < high <= _OLDEST else None
    if upward is not None:
        return float(upward[1]), _OLDEST
    if downward is not None:
        return 0.0, float(downward[1])
    return None


def describe(layer: str, found: Mapping[str, str], unused: Sequence[str]) -> Text:
    """Say which column became which, and which were left."""
    pairs = ", ".join(f"{column} = '{source}'" for column, source in found.items()) or "none"
    pairs_zh = "、".join(f"{column} = “{source}”" for column, source in found.items()) or "无"
    left = ", ".join(unused)
    return Text(
        en=f"Layer '{layer}', columns read: {pairs}." + (f" Not used: {left}." if left else ""),
        zh=f"图层“{layer}”采用的字段：{pairs_zh}。" + (f"未采用：{left}。" if left else ""),
    )
