"""The rules of ``tags.toml`` against the same rules read naively, one condition after the other."""

import random
import re
import tomllib
from importlib import resources

import pytest

from cityplan.sources.tag_rules import FACILITY, load_tag_rules

TEXT = (resources.files("cityplan.sources") / "tags.toml").read_text(encoding="utf-8")
DATA = tomllib.loads(TEXT)
FACILITY_RULES = {FACILITY + name: rules for name, rules in DATA["facilities"].items()}
# The rules of a kind of object, written down apart from the loader.
RULES = {
    "ways": DATA["ways"],
    "nodes": DATA["nodes"] | DATA["points"] | FACILITY_RULES,
    "areas": DATA["areas"] | DATA["points"] | FACILITY_RULES,
    "land_use": DATA["use"],
    "building_use": DATA["building_use"],
}
OBJECTS = 4_000


def holds(condition, tags):
    """Answer one condition of tags.toml as its first lines explain it."""
    if condition.startswith("!"):
        return condition[1:] not in tags
    for sign in ("!~", "!=", "~", "="):
        key, found, value = condition.partition(sign)
        if found and re.fullmatch(r"[@\w:-]+", key):
            break
    if sign == "=" and value == "*":
        return key in tags
    if "~" in sign:
        holds = re.search(value, tags.get(key, ""), re.IGNORECASE) is not None
    else:
        holds = tags.get(key) in value.split("|")
    return holds != sign.startswith("!")


def naive(rules, tags):
    return [
        target
        for target, texts in rules.items()
        if any(all(holds(c, tags) for c in text.split(" & ")) for text in texts)
    ]


def tag(condition, chance):
    """Return a tag a condition speaks about, one that fulfils it or another."""
    key, sign, value = re.fullmatch(r"!?([@\w:-]+?)(?:(!~|!=|~|=)(.+))?", condition).groups()
    if sign is None or value == "*":
        return key, chance.choice(("yes", "no", "*"))
    return key, chance.choice((*value.split("|"), "else"))


def objects(rules):
    """Draw objects that fulfil rules in part and are tagged with other things as well."""
    chance = random.Random(7)
    texts = [text for found in rules.values() for text in found]
    every = [condition for text in texts for condition in text.split(" & ")]
    for _ in range(OBJECTS):
        wanted = chance.choice(texts).split(" & ")
        wanted += chance.sample(every, chance.randrange(4))
        tags = dict(tag(condition, chance) for condition in wanted if chance.random() < 0.9)
        yield tags | ({"source": "survey"} if chance.random() < 0.5 else {})


@pytest.mark.parametrize("kind", RULES)
def test_match_is_what_the_rules_say(kind):
    rule_set, rules = getattr(load_tag_rules(), kind), RULES[kind]
    matched = 0
    for tags in objects(rules):
        expected = naive(rules, tags)
        assert rule_set.match(tags) == expected, tags
        assert rule_set.first(tags) == (expected[0] if expected else None), tags
        matched += bool(expected)
    assert OBJECTS / 4 < matched < OBJECTS


@pytest.mark.parametrize("kind", RULES)
def test_what_matches_has_one_of_the_keys_libosmium_filters_by(kind):
    rule_set = getattr(load_tag_rules(), kind)
    for tags in objects(RULES[kind]):
        if rule_set.match(tags):
            in_file = {key for key in tags if not key.startswith("@")}
            assert not rule_set.keys.isdisjoint(in_file), tags
            assert not rule_set.needed_keys.isdisjoint(in_file), tags


def test_trees_nobody_protects_are_not_even_looked_at():
    nodes = load_tag_rules().nodes
    assert "natural" in nodes.keys
    assert nodes.needed_keys.isdisjoint({"natural", "species", "height"})
    assert nodes.match({"natural": "tree", "denotation": "landmark"}) == ["facilities/old_tree"]
