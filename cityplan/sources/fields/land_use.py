"""What a land-use code, title or word stands for; the system is named, never guessed."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from cityplan.errors import StudyError
from cityplan.sources.fields.rules import bare
from cityplan.sources.tag_rules import load_tag_rules
from cityplan.text import Text

# Layers one land-use source feeds.
DERIVED = ("residential_land", "parks", "green", "water")
_CODE = re.compile(r"^\s*([A-Z]{1,2}[0-9]{0,3}[a-z]?|[0-9]{1,6}(?:H[0-9])?[A-Z]?)(?![0-9A-Za-z])")
_DIGITS = re.compile(r"^([0-9]+)(?:\.0)?(.*)$")
SYSTEMS = ("gb50137", "gbt21010", "ydyh")


@dataclass(frozen=True, slots=True)
class LandClass:
    """What land of one class is used for, and the layer it also belongs to."""

    use: str
    layer: str | None


@dataclass(frozen=True)
class CodeTable:
    """One system of land-use codes."""

    title: Text
    source: str
    confidence: str
    pattern: re.Pattern[str]
    classes: Mapping[str, LandClass]
    names: Mapping[str, LandClass]

    def find(self, value: str) -> LandClass | None:
        """Return the class of a value by the longest code it begins with, else by its title."""
        code = code_in(value)
        if code is not None:
            code = self._padded(code)
            if self.pattern.fullmatch(code) is None:
                return None
            sizes = range(len(code), 0, -1)
            return next((self.classes[code[:n]] for n in sizes if code[:n] in self.classes), None)
        return self.names.get(bare(value))

    def _padded(self, code: str) -> str:
        """Give back the zero a column of numbers has lost: codes have pairs of digits."""
        match = _DIGITS.match(code)
        lost = match is not None and len(match[1]) % 2 == 1
        return f"0{code}" if lost else code


@cache
def load_code_tables() -> Mapping[str, CodeTable]:
    """Read the shipped ``land_use_codes.toml``."""
    return {
        name: CodeTable(
            title=Text(**table["title"]),
            source=table["source"],
            confidence=table["confidence"],
            pattern=re.compile(table["pattern"]),
            classes={row["code"]: _class(row) for row in table["codes"]},
            names={bare(row["name"]): _class(row) for row in table["codes"]},
        )
        for name, table in _data().items()
        if name in SYSTEMS
    }


@cache
def _data() -> dict[str, Any]:
    file = resources.files("cityplan.sources.fields") / "land_use_codes.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def _words() -> Mapping[str, LandClass]:
    """Titles on which all systems agree, plain words, and cityplan's own values."""
    found: dict[str, LandClass | None] = {}
    for table in load_code_tables().values():
        for name, land in table.names.items():
            found[name] = land if found.get(name, land) == land else None
    words = {name: land for name, land in found.items() if land is not None}
    for row in _data()["words"]:
        words |= {bare(name): _class(row) for name in row["names"]}
    own = {land.use for table in load_code_tables().values() for land in table.classes.values()}
    for use in sorted(own | load_tag_rules().land_use.targets):
        words[bare(use)] = LandClass(use, "residential_land" if use == "residential" else None)
    return words


def _class(row: Mapping[str, str]) -> LandClass:
    return LandClass(row["use"], row.get("layer"))


def code_in(value: str) -> str | None:
    """Return the code a value begins with, None where there is none or another follows."""
    value = value.strip().removesuffix(".0")
    match = _CODE.match(value)
    if match is None or re.search(r"[0-9A-Za-z]", value[match.end() :]):
        return None
    return match[1]


def systems_that_know(values: Sequence[str]) -> dict[str, float]:
    """Return the share of the codes each system knows."""
    codes = [value for value in values if code_in(value) is not None]
    if not codes:
        return {}
    return {
        name: sum(table.find(code) is not None for code in codes) / len(codes)
        for name, table in load_code_tables().items()
    }


def known_share(values: Sequence[str], system: str | None) -> float:
    """Return the share of values that are codes of a system (of any, if None) or known words."""
    if not values:
        return 0.0
    if system is None:
        known = sum(bare(value) in _words() for value in values) / len(values)
        shares = systems_that_know(values)
        codes = sum(code_in(value) is not None for value in values) / len(values)
        return max(known, codes * max(shares.values(), default=0.0))
    table = load_code_tables()[system]
    return sum(table.find(value) is not None for value in values) / len(values)


def classify(
    values: Sequence[str | None], system: str | None, where: str
) -> list[LandClass | None]:
    """Return the land class of each value, None where nothing is known about it.

    Parameters
    ----------
    values
        Codes, titles or words.
    system
        Of the codes; None where the values are titles or words.
    where
        The source, for the message.

    Raises
    ------
    StudyError
        The values are codes and nobody said of which system.
    """
    texts = [value for value in values if value]
    if system is None and sum(code_in(text) is not None for text in texts) > len(texts) / 2:
        raise _unnamed(texts, where)
    distinct = set(texts)
    if system is None:
        known = {text: _words().get(bare(text)) for text in distinct}
    else:
        table = load_code_tables()[system]
        known = {text: table.find(text) for text in distinct}
    return [known[value] if value else None for value in values]


def unknown_note(values: Sequence[str | None], classes: Sequence[LandClass | None]) -> Text | None:
    """List the values no class is known for, the commonest first."""
    lost = Counter(value or "" for value, land in zip(values, classes, strict=True) if land is None)
    if not lost:
        return None
    most = sorted(lost.items(), key=lambda item: (-item[1], item[0]))[:8]
    words = ", ".join(f"{value or '(blank)'}: {count}" for value, count in most)
    words_zh = "、".join(f"{value or '（空）'}：{count}" for value, count in most)
    return Text(
        en=f"{sum(lost.values())} rows have a land use nobody knows ({words}): correct the code, "
        "or code_system in the study file.",
        zh=f"{sum(lost.values())}行的用地代码或名称无法识别（{words_zh}），"
        "请核对代码或研究文件中的 code_system。",
    )


def system_note(system: str) -> Text:
    """Say which table of codes was used and how sure it is."""
    table = load_code_tables()[system]
    return Text(
        en=f"Land-use codes read as {table.title.en}; table: {table.source} "
        f"(confidence {table.confidence}).",
        zh=f"用地代码按{table.title.zh}解读（代码表可信度 {table.confidence}，待与正式文本核对）。",
    )


def _unnamed(values: Sequence[str], where: str) -> StudyError:
    shares = systems_that_know(values)
    rows = ", ".join(f"{name} ({shares[name]:.0%} of the codes)" for name in SYSTEMS)
    rows_zh = "、".join(f"{name}（可识别{shares[name]:.0%}的代码）" for name in SYSTEMS)
    sample = ", ".join(sorted(set(values))[:4])
    return StudyError(
        Text(
            en=f"{where} holds land-use codes ({sample}) and the study does not say of which system: "
            f"add code_system = one of {rows}.",
            zh=f"{where}含用地代码（{sample}），研究文件未说明所属分类：请加 code_system，"
            f"可选{rows_zh}。",
        )
    )
