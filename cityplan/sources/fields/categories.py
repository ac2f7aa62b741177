"""Facility categories of local rows: by ids, titles, map-service codes, words and names.

A word stands for OpenStreetMap tags, and the rules of ``tags.toml`` decide; so a clinic
of a private doctor is no community health centre here either.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from cityplan.errors import StudyError
from cityplan.model.standard import load_standard
from cityplan.sources.fields.rules import MIN_CONTAINED, plain
from cityplan.sources.fields.tagged import categories_of
from cityplan.sources.tag_rules import FACILITY, load_tag_rules
from cityplan.text import Text

UNRECOGNISED = "no facility category recognised"
# The profile whose Chinese titles tables are likely to use.
TITLES_OF = "cn-gb50180"
NOTHING = "-"
# A class of primary and middle schools says nothing of the level of one of them.
ANY_SCHOOL = "中小学"
_PARTS = re.compile(r"[;；,，|、>]+")
_AND = re.compile("[、/]")
_TYPECODE = re.compile(r"^\d{6}(?:\s*[|;]\s*\d{6})*$")
_CHINESE = re.compile(r"[一-鿿]")
COMMONEST = 8


@dataclass(frozen=True)
class Sorted:
    """Categories of each row, empty where none was recognised, and what to tell."""

    categories: list[tuple[str, ...]]
    notes: tuple[Text, ...]


@dataclass(frozen=True)
class _Tables:
    titles: dict[str, str]
    words: dict[str, str]
    inside: tuple[str, ...]
    endings: tuple[tuple[str, str], ...]
    anywhere: tuple[tuple[str, str], ...]
    typecodes: dict[str, str]
    tails: re.Pattern[str]


@cache
def known_categories() -> tuple[str, ...]:
    """Return the ids of all categories a rule or a standard names."""
    rules = load_tag_rules()
    targets = sorted(rules.nodes.targets | rules.areas.targets)
    return tuple(dict.fromkeys((*categories_of(targets), *load_standard(TITLES_OF).categories)))


def category_of(name: str, where: str) -> str:
    """Return the category a study names by id, or by its title in the standard.

    Raises
    ------
    StudyError
        There is no such category.
    """
    found = _tables().titles.get(plain(name))
    if found is not None:
        return found
    options = [*known_categories(), *_tables().titles]
    near = [
        _tables().titles.get(option, option)
        for option in difflib.get_close_matches(name, options, n=1, cutoff=0.4)
    ]
    known = ", ".join(load_standard(TITLES_OF).categories)
    raise StudyError(
        Text(
            en=f"{where}: there is no facility category '{name}'. "
            + (f"Did you mean '{near[0]}'?" if near else f"Known: {known}."),
            zh=f"{where}：没有设施类别“{name}”。"
            + (f"是否指“{near[0]}”？" if near else f"可用：{known}。"),
        )
    )


def sort_facilities(classes: Sequence[str | None], names: Sequence[str | None]) -> Sorted:
    """Return the categories of rows by their class, else by their name.

    Parameters
    ----------
    classes
        Category ids, titles of the standard, AMap type codes, Baidu tags or words.
    names
        Names of the places; they also refine a class (school -> primary school).
    """
    pairs = list(zip(classes, names, strict=True))
    found = {pair: _categories(*pair) for pair in dict.fromkeys(pairs)}
    categories = [found[pair] for pair in pairs]
    lost = Counter(
        (word or name or "") for (word, name), hit in zip(pairs, categories, strict=True) if not hit
    )
    notes = (_lost_note(lost),) if lost else ()
    return Sorted(categories, (*notes, *several_note(categories)))


def _categories(word: str | None, name: str | None) -> tuple[str, ...]:
    tables = _tables()
    if word is not None:
        key = plain(word)
        titled = tables.titles.get(key)
        if titled is not None and (titled == word or key not in tables.words):
            return (titled,)
        several = _enumerated(tables, word)
        if several:
            return several
        if _TYPECODE.match(word):
            hint, tags = "", _longest_beginning(tables.typecodes, word)
        else:
            hint, tags = _word_in(tables, word)
        if tags is not None:
            hint = hint.replace(ANY_SCHOOL, "")
            return _by_tags(tags, f"{name or ''} {hint}".strip())
    if name is None:
        return ()
    tags = _by_name(tables, name)
    return () if tags is None else _by_tags(tags, name)


def _enumerated(tables: _Tables, word: str) -> tuple[str, ...]:
    """Return the categories of "小学、初中" or "小学/初中": of each part, where all are known."""
    parts = [plain(part) for part in _AND.split(word)]
    if len(parts) == 1 or plain(word) in tables.words or not all(p in tables.words for p in parts):
        return ()
    found = [category for part in parts for category in _by_tags(tables.words[part], part)]
    return tuple(dict.fromkeys(found))


def _longest_beginning(codes: dict[str, str], word: str) -> str | None:
    code = word[:6]
    return next((codes[code[:n]] for n in range(6, 1, -1) if code[:n] in codes), None)


def _word_in(tables: _Tables, word: str) -> tuple[str, str | None]:
    """Return the word of a class and its tags: the whole, its last part, or one inside."""
    parts = [part for part in _PARTS.split(word) if part.strip()]
    for text in (word, *reversed(parts)):
        if plain(text) in tables.words:
            return text, tables.words[plain(text)]
    for text in reversed(parts):
        key = plain(text)
        inside = next((known for known in tables.inside if known in key), None)
        if inside is not None:
            return text, tables.words[inside]
    return "", None


def _by_name(tables: _Tables, name: str) -> str | None:
    core = name.strip()
    for word, tags in tables.anywhere:
        if word in core:
            return tags
    for _ in range(3):
        for word, tags in tables.endings:
            if core.casefold().endswith(word):
                return tags
        shorter = tables.tails.sub("", core)
        if shorter == core or not shorter:
            return None
        core = shorter
    return None


def _by_tags(text: str, name: str) -> tuple[str, ...]:
    """Return the categories tags stand for, by the rules for objects of an extract."""
    if text == NOTHING:
        return ()
    tags = dict(pair.split("=", 1) for pair in text.split())
    if "category" in tags:
        return tuple(tags["category"].split(";"))
    if name:
        tags["name"] = name
    rules = load_tag_rules()
    sized = rules.facility_area_m2
    found = categories_of([t for t in rules.areas.match(tags) if t.startswith(FACILITY)])
    return tuple(category for category in found if category not in sized)


@cache
def _tables() -> _Tables:
    file = resources.files("cityplan.sources.fields") / "categories.toml"
    data: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    titles = {plain(category): category for category in known_categories()}
    for category, row in load_standard(TITLES_OF).categories.items():
        for title in (row.title.zh, row.title.en):
            titles.setdefault(plain(title), category)
    words = {plain(word): tags for word, tags in data["words"].items()}
    names = sorted(data["names"].items(), key=lambda item: -len(item[0]))
    return _Tables(
        titles=titles,
        words=words,
        inside=tuple(
            sorted(
                (w for w in words if len(w) >= MIN_CONTAINED and _CHINESE.search(w)),
                key=lambda word: (words[word] != NOTHING, -len(word), word),
            )
        ),
        endings=tuple((word.casefold(), tags) for word, tags in names if word[0] != "*"),
        anywhere=tuple((word[1:], tags) for word, tags in names if word[0] == "*"),
        typecodes=data["typecodes"],
        tails=re.compile(data["tails"]["pattern"]),
    )


def _lost_note(lost: Counter[str]) -> Text:
    most = sorted(lost.items(), key=lambda item: (-item[1], item[0]))[:COMMONEST]
    words = ", ".join(f"{word[:20] or '(blank)'}: {count}" for word, count in most)
    words_zh = "、".join(f"{word[:20] or '（空）'}：{count}" for word, count in most)
    return Text(
        en=f"{sum(lost.values())} rows have no facility category cityplan recognises; the commonest: "
        f"{words}. Give a column of category ids, or category = for the whole layer.",
        zh=f"{sum(lost.values())}行无法识别设施类别，最常见的是：{words_zh}。"
        "可提供类别字段，或在研究文件中为整个图层指定 category。",
    )


def several_note(categories: Sequence[Sequence[str]]) -> tuple[Text, ...]:
    """Say that rows of several categories count once in each."""
    rows = sum(len(found) > 1 for found in categories)
    note = Text(
        en=f"{rows} rows count in several facility categories, once in each.",
        zh=f"{rows}行同时属于多个设施类别，在每个类别中各计一次。",
    )
    return (note,) if rows else ()
