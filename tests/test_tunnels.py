"""Tunnels are no ground: what they would add is told beside the ratio."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from shapely import box

from cityplan.analyzers import choose
from cityplan.model.city import City
from cityplan.model.standard import load_standard
from cityplan.pipeline import check
from cityplan.sources.study import load_study

MONACO = Path(__file__).parent.parent / "sample_data" / "monaco"


def test_what_tunnels_would_add_is_the_ratio_with_them_less_that_without():
    inputs = check(load_study(MONACO))
    standard = load_standard("cn-action-plan")
    (analyzer,) = choose(["road_area_ratio"])
    west, south, east, north = inputs.area.boundary.bounds
    part = box(west, south, (west + east) / 2, north).intersection(inputs.area.boundary)
    built_up = replace(inputs.area.built_up, geometry=part, alternatives={})
    area = replace(inputs.area, built_up=built_up)

    def ratio():
        return analyzer.run(City(area, inputs.layers, standard), standard).measures[0]

    without = ratio()
    told = float(re.search(r"([\d.]+) points higher", without.note.en).group(1))
    assert told > 0.5, "Monaco has tunnels"
    streets = inputs.layers["streets"]
    assert streets["tunnel"].any()
    streets["tunnel"] = False
    # Ends of tunnels meet those of streets: a disc at the mouth belongs to both.
    assert (ratio().value - without.value) * 100 == pytest.approx(told, rel=0.03)
