"""Rules that sort OpenStreetMap objects into layers, read from ``tags.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

# A dictionary, or osmium's own list of tags: looking a key up there costs a tenth of copying all.
Tags = Mapping[str, str]
Test = Callable[[str | None], bool]
NO_TAGS: Tags = {}
ANY = "*"
KNOWN_VALUES = 10_000

_CONDITION = re.compile(r"^(?P<absent>!)?(?P<key>[@\w:-]+?)(?:(?P<op>!~|!=|~|=)(?P<value>.+))?$")


@dataclass(frozen=True, slots=True)
class _Condition:
    key: str
    holds: Test
    needs_key: bool


@dataclass(frozen=True, slots=True)
class _Rule:
    target: str
    order: int
    rest: tuple[_Condition, ...]


class RuleSet:
    """Rules indexed by their first condition, so that few are tried per object."""

    def __init__(self) -> None:
        self._by_key: dict[str, dict[str, list[_Rule]]] = {}
        self._targets = 0
        self._rules_of = lru_cache(KNOWN_VALUES)(self._undecided)

    def add(self, target: str, rules: Sequence[str]) -> None:
        """Add the rules of one target."""
        self._targets += 1
        for rule in rules:
            first, *rest = rule.split(" & ")
            key, _, values = first.partition("=")
            compiled = _Rule(target, self._targets, tuple(_condition(text) for text in rest))
            for value in values.split("|"):
                self._by_key.setdefault(key, {}).setdefault(value, []).append(compiled)

    @property
    def keys(self) -> set[str]:
        """The tag keys the first conditions name."""
        return set(self._by_key)

    @property
    def needed_keys(self) -> set[str]:
        """Keys of which an object has one where any rule holds; rarer ones than ``keys``."""
        needs = [
            [key, *(c.key for c in rule.rest if c.needs_key)] for key, rule in self._all_rules()
        ]
        alone = {keys[0] for keys in needs if len(keys) == 1}
        return alone | {keys[-1] for keys in needs if alone.isdisjoint(keys)}

    @property
    def targets(self) -> set[str]:
        """Every target a rule names."""
        return {rule.target for _, rule in self._all_rules()}

    def match(self, tags: Tags) -> list[str]:
        """Return every target whose rules hold, in the order of the file."""
        found: dict[str, int] = {}
        get, unseen = tags.get, len(tags)
        get_other = get if unseen > 1 else NO_TAGS.get
        for key in self._by_key:
            value = get(key)
            if value is None:
                continue
            for target, order, conditions in self._rules_of(key, value):
                if target not in found:
                    for other, holds in conditions:
                        if not holds(get_other(other)):
                            break
                    else:
                        found[target] = order
            unseen -= 1
            if unseen == 0:
                break
        return sorted(found, key=found.__getitem__) if len(found) > 1 else list(found)

    def first(self, tags: Tags) -> str | None:
        """Return the first target that holds, or None."""
        matches = self.match(tags)
        return matches[0] if matches else None

    def _all_rules(self) -> Iterator[tuple[str, _Rule]]:
        for key, values in self._by_key.items():
            for rules in values.values():
                yield from ((key, rule) for rule in rules)

    def _undecided(self, key: str, value: str) -> list[tuple[str, int, list[tuple[str, Test]]]]:
        """Return the rules a tag leaves open: target, order and what other tags decide."""
        values = self._by_key[key]
        return [
            (rule.target, rule.order, [(c.key, c.holds) for c in rule.rest if c.key != key])
            for rule in (*values.get(value, ()), *values.get(ANY, ()))
            if all(c.holds(value) for c in rule.rest if c.key == key)
        ]


def _condition(text: str) -> _Condition:
    match = _CONDITION.match(text)
    if match is None:
        message = f"tags.toml: cannot read the condition {text!r}"
        raise ValueError(message)
    key, op, value = match["key"], match["op"], match["value"]
    if match["absent"]:
        return _Condition(key, lambda given: given is None, needs_key=False)
    holds = _wanted(op, value)
    # What only the reader adds (@relation) is no key of the file.
    return _Condition(key, holds, needs_key=not holds(None) and not key.startswith("@"))


def _wanted(op: str, value: str) -> Test:
    if op in ("~", "!~"):
        pattern, wanted = re.compile(value, re.IGNORECASE), op == "~"
        return lambda given: (pattern.search(given or "") is not None) is wanted
    if value == ANY:
        return lambda given: given is not None
    values, wanted = frozenset(value.split("|")), op == "="
    return lambda given: (given in values) is wanted


@dataclass(frozen=True)
class TagRules:
    """All rule sets of ``tags.toml``, by the kind of object they read."""

    ways: RuleSet
    nodes: RuleSet
    areas: RuleSet
    land_use: RuleSet
    building_use: RuleSet
    facility_area_m2: Mapping[str, tuple[float, float]]


FACILITY = "facilities/"


@cache
def load_tag_rules() -> TagRules:
    """Read the shipped ``tags.toml``."""
    file = resources.files("cityplan.sources") / "tags.toml"
    data: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    sets = {name: RuleSet() for name in ("ways", "nodes", "areas", "use", "building_use")}
    for name, rule_set in sets.items():
        for target, rules in data[name].items():
            rule_set.add(target, rules)
    for place in ("nodes", "areas"):
        for target, rules in data["points"].items():
            sets[place].add(target, rules)
        for category, rules in data["facilities"].items():
            sets[place].add(FACILITY + category, rules)
    return TagRules(
        ways=sets["ways"],
        nodes=sets["nodes"],
        areas=sets["areas"],
        land_use=sets["use"],
        building_use=sets["building_use"],
        facility_area_m2={
            k: (float(a), float(b)) for k, (a, b) in data["facility_area_m2"].items()
        },
    )
