"""Rules that sort OpenStreetMap objects into layers, read from ``tags.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

# A dictionary, or osmium's own list of tags: looking a key up there costs a tenth of copying all.
Tags = Mapping[str, str]
Condition = Callable[[Tags], bool]
ANY = "*"

_CONDITION = re.compile(r"^(?P<absent>!)?(?P<key>[@\w:-]+?)(?:(?P<op>!~|!=|~|=)(?P<value>.+))?$")


@dataclass(frozen=True, slots=True)
class _Rule:
    target: str
    order: int
    rest: tuple[Condition, ...]


class RuleSet:
    """Rules indexed by their first condition, so that few are tried per object."""

    def __init__(self) -> None:
        self._by_key: dict[str, dict[str, list[_Rule]]] = {}
        self._targets = 0

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
    def targets(self) -> set[str]:
        """Every target a rule names."""
        rules = (
            rule for values in self._by_key.values() for found in values.values() for rule in found
        )
        return {rule.target for rule in rules}

    def match(self, tags: Tags) -> list[str]:
        """Return every target whose rules hold, in the order of the file."""
        found: dict[str, int] = {}
        for key, values in self._by_key.items():
            value = tags.get(key)
            if value is None:
                continue
            for choice in (value, ANY):
                for rule in values.get(choice, ()):
                    if rule.target not in found and _holds(rule, tags):
                        found[rule.target] = rule.order
        return sorted(found, key=found.__getitem__) if len(found) > 1 else list(found)

    def first(self, tags: Tags) -> str | None:
        """Return the first target that holds, or None."""
        matches = self.match(tags)
        return matches[0] if matches else None


def _holds(rule: _Rule, tags: Tags) -> bool:
    for condition in rule.rest:  # noqa: SIM110 - called a million times; a generator is slower
        if not condition(tags):
            return False
    return True


def _condition(text: str) -> Condition:
    match = _CONDITION.match(text)
    if match is None:
        message = f"tags.toml: cannot read the condition {text!r}"
        raise ValueError(message)
    key, op, value = match["key"], match["op"], match["value"]
    if match["absent"]:
        return lambda tags: key not in tags
    if op in ("~", "!~"):
        pattern, wanted = re.compile(value, re.IGNORECASE), op == "~"
        return lambda tags: (pattern.search(tags.get(key, "")) is not None) is wanted
    if value == ANY:
        return lambda tags: key in tags
    values, wanted = frozenset(value.split("|")), op == "="
    return lambda tags: (tags.get(key) in values) is wanted


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
