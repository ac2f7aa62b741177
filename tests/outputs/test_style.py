"""The one style: apart for every eye, and the same in every output."""

import colorsys
import itertools
import re
from importlib import resources

import numpy as np
import pytest
from hand_made import target
from matplotlib.colors import to_rgb

from cityplan.outputs import classes, style
from cityplan.outputs.classes import classify_units, judged_classes
from cityplan.outputs.qgis_style import _ANGLES, _BRUSHES, _MARKERS
from cityplan.outputs.style import KIND_HATCHES, KIND_MARKERS, ROLES, VERDICTS

# Machado, Oliveira and Fernandes 2009, severity 1, for linear RGB.
EYES = {
    "normal": np.eye(3),
    "protan": np.array([
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]),
    "deutan": np.array([
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]),
    "tritan": np.array([
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ]),
}  # fmt: skip
RGB_TO_XYZ = np.array([
    [0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
])  # fmt: skip
WHITE = RGB_TO_XYZ.sum(axis=1)


def linear(color):
    values = np.array(to_rgb(color))
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(color, eye):
    """CIELAB of a colour as an eye sees it."""
    xyz = RGB_TO_XYZ @ np.clip(EYES[eye] @ linear(color), 0, 1) / WHITE
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def apart(one, other, eye):
    return float(np.linalg.norm(lab(one, eye) - lab(other, eye)))


def on(ground, color, opacity):
    """The colour of a half transparent area on a ground."""
    return tuple(opacity * np.array(to_rgb(color)) + (1 - opacity) * np.array(to_rgb(ground)))


def test_the_simulation_knows_red_from_green():
    assert apart("#d62728", "#2ca02c", "normal") > 100
    assert apart("#b35a00", "#7a7a00", "deutan") < 15
    assert lab("#ffffff", "protan") == pytest.approx([100, 0, 0], abs=0.5)


@pytest.mark.parametrize("eye", EYES)
def test_roles_stay_apart(eye):
    for (one, a), (other, b) in itertools.combinations(ROLES.items(), 2):
        assert apart(a.edge, b.edge, eye) > 12, (one, other)
        if "context" not in {one, other}:
            assert apart(a.fill, b.fill, eye) > 15, (one, other)
            areas = [on(style.PAPER, row.fill, row.opacity) for row in (a, b)]
            assert apart(*areas, eye) > 10, (one, other)


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("operator", [">=", "<="])
def test_classes_of_a_target_stay_apart(eye, operator):
    rows = judged_classes(target("a.b", operator, "share", value=0.5), "en")
    for one, other in itertools.combinations(rows, 2):
        assert apart(one.color, other.color, eye) > 8, (one.label, other.label)
    assert len({row.hatch for row in rows}) == len(rows)


@pytest.mark.parametrize("eye", EYES)
def test_steps_get_darker_one_by_one(eye):
    lightness = [lab(color, eye)[0] for color in classes._RAMP]
    assert all(light - dark > 7 for light, dark in itertools.pairwise(lightness))


@pytest.mark.parametrize("eye", EYES)
def test_verdicts_stay_apart_and_can_be_read_on_paper(eye):
    for one, other in itertools.combinations(VERDICTS.values(), 2):
        assert apart(one.color, other.color, eye) > 12, (one.mark, other.mark)
        assert one.mark != other.mark
    for look in VERDICTS.values():
        luminance = RGB_TO_XYZ[1] @ linear(look.color)
        assert 1.05 / (luminance + 0.05) >= 4.5


def test_no_colour_is_green_and_none_is_pure_red():
    text = (resources.files("cityplan.outputs") / "style.py").read_text(encoding="utf-8")
    text += (resources.files("cityplan.outputs") / "classes.py").read_text(encoding="utf-8")
    for color in re.findall(r"#[0-9a-f]{6}", text):
        hue, _, saturation = colorsys.rgb_to_hls(*to_rgb(color))
        if saturation > 0.2:
            assert not 75 < hue * 360 < 170, color
            assert 12 < hue * 360 < 345, color


def test_breaks_are_the_target_and_half_of_it():
    at_least = judged_classes(target("a.b", "band", "1/km2", low=3, high=5), "en")
    assert [row.figures for row in at_least] == [
        "≥ 3 per km²", "1.5–3 per km²", "< 1.5 per km²", "",
    ]  # fmt: skip
    assert [(row.low, row.high) for row in at_least] == [
        (3, None), (1.5, 3), (None, 1.5), (None, None),
    ]  # fmt: skip
    at_most = judged_classes(target("a.b", "<=", "m", value=500), "zh")
    assert [row.figures for row in at_most] == ["≤ 500 m", "500–750 m", "> 750 m", ""]


@pytest.mark.parametrize("operator", [">=", "<="])
def test_a_value_lies_within_the_ends_of_its_class(operator, toilets):
    goal = target("toilet_density.count", operator, "count", value=10)
    measure = toilets["count"]
    object.__setattr__(measure, "target", goal)
    values = [0.0, 4.9, 5.0, 5.1, 9.9, 10.0, 10.1, 14.9, 15.0, 15.1, 40.0]
    rows, indexes = classify_units(values, measure, "en")
    for value, index in zip(values, indexes, strict=True):
        row = rows[index]
        low = -np.inf if row.low is None else row.low
        high = np.inf if row.high is None else row.high
        assert low < value <= high if row.above else low <= value < high


def test_every_hatch_and_marker_has_its_like_in_qgis():
    hatches = {*KIND_HATCHES, *(row.hatch for row in ROLES.values()), "////", "..", "xx"}
    assert {hatch for hatch in hatches if hatch} <= set(_BRUSHES)
    markers = {*KIND_MARKERS, *(row.marker for row in ROLES.values())} - {""}
    assert markers <= set(_MARKERS)
    assert set(_ANGLES) <= set(_MARKERS)


def test_the_report_page_uses_the_colours_of_the_verdicts():
    folder = resources.files("cityplan.outputs") / "templates"
    page = (folder / "report.css").read_text(encoding="utf-8")
    told = dict(re.findall(r"td\.(\w+) \.mark { color: (#\w+); }", page))
    assert told
    assert told == {verdict: VERDICTS[verdict].color for verdict in told}
