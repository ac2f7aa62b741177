"""What every analyzer promises, whichever it is: nothing here names one."""

import importlib
import math
from dataclasses import replace
from itertools import pairwise, product
from typing import get_args

import geopandas as gpd
import numpy as np
import pytest
from geopandas.testing import assert_geodataframe_equal
from shapely import LineString, Point, box

from cityplan.analyzers import all_analyzers, choose
from cityplan.errors import UnknownNameError
from cityplan.model.analyzer import Analyzer
from cityplan.model.area import BuiltUp
from cityplan.model.city import City
from cityplan.model.layers import CATALOGUE, InputCount, Layers, check_layers
from cityplan.model.result import OUTSIDE_UNITS, Result, Role, Skipped, Verdict
from cityplan.model.standard import available_standards, load_standard
from cityplan.pipeline import Stages, _analyze, check
from cityplan.sources.study import sample
from cityplan.text import Text

PLAN = load_standard("cn-action-plan")
ANALYZERS = all_analyzers()
each_analyzer = pytest.mark.parametrize("analyzer", ANALYZERS.values(), ids=ANALYZERS)
UNITS = {"share", "1/km2", "km/km2", "m", "count", "ratio"}
ROUNDING = 1e-9
SECTIONS = ("Formula", "Data needed", "Limits", "Source")
# What an analyzer may need besides layers, and the layers it is made of.
MADE_OF = {
    "roads": ("streets",),
    "ways": ("streets",),
    "demand": ("buildings", "residential_land"),
}
X, Y = 500_000, 3_542_000


@pytest.fixture(scope="module")
def toy():
    inputs = check(sample("toy"))
    return City(inputs.area, inputs.layers, PLAN)


@pytest.fixture(scope="module")
def monaco():
    inputs = check(sample())
    return City(inputs.area, inputs.layers, PLAN)


def keeps_the_contract(analyzer, city, standard):
    """Run an analyzer and check everything a result promises."""
    result = analyzer.run(city, standard)
    assert isinstance(result, Result)
    assert (result.analyzer, result.title) == (analyzer.name, analyzer.title)
    ids = analyzer.measure_ids(standard)
    assert tuple(measure.id for measure in result.measures) == ids
    for measure in result.measures:
        numbers_are_sound(measure, standard)
    table_is_sound(result, city, ids)
    for role, frame in result.shapes.items():
        assert role in get_args(Role)
        assert {"name", "kind"} <= set(frame.columns)
        assert frame.crs == city.area.crs
        assert not frame.geometry.isna().any()
    assert all(note.en and note.zh for note in result.notes)
    return result


def numbers_are_sound(measure, standard):
    assert measure.unit in UNITS
    assert measure.verdict in get_args(Verdict)
    assert measure.basis.en
    assert measure.basis.zh
    assert measure.target == standard.target(measure.id)
    if measure.target is not None:
        assert measure.target.unit == measure.unit, measure.id
    judged = measure.target is not None and measure.target.kind == "target"
    assert judged or measure.verdict in ("no_target", "cannot_tell"), measure.id
    if measure.value is None:
        assert measure.note is not None, f"{measure.id} is unknown and does not say why"
        assert measure.verdict in ("cannot_tell", "no_target")
        return
    span = [n for n in (measure.low, measure.value, measure.high) if n is not None]
    assert all(math.isfinite(number) for number in span), measure.id
    assert all(a <= b + ROUNDING for a, b in pairwise(span)), measure.id
    if measure.unit == "share":
        assert all(-ROUNDING <= number <= 1 + ROUNDING for number in span), measure.id
    assert all(number >= 0 for number in span), measure.id


def table_is_sound(result, city, ids):
    units = result.units
    assert list(units.columns) == ["unit", *ids, "geometry"]
    assert units.crs == city.area.crs
    names = city.area.units["unit"].tolist()
    assert units["unit"].tolist() in (names, [*names, OUTSIDE_UNITS])
    for measure in result.measures:
        known = units[measure.id].to_numpy(dtype=float)
        known = known[~np.isnan(known)]
        assert np.isfinite(known).all()
        assert (known >= 0).all()
        if measure.unit == "share":
            assert (known <= 1 + ROUNDING).all(), measure.id


def test_there_are_analyzers():
    assert len(ANALYZERS) >= 5
    assert [analyzer.name for analyzer in choose()] == list(ANALYZERS)
    with pytest.raises(UnknownNameError):
        choose(["no_such_analyzer"])


@each_analyzer
def test_keeps_the_protocol(analyzer):
    module = importlib.import_module(f"cityplan.analyzers.{analyzer.name}")
    assert isinstance(analyzer, Analyzer)
    assert module.ANALYZER is analyzer
    assert isinstance(analyzer.title, Text)
    assert analyzer.title.en
    assert analyzer.title.zh
    assert analyzer.needs
    for alternatives in analyzer.needs:
        assert isinstance(alternatives, frozenset)
        assert alternatives <= {*CATALOGUE, *MADE_OF}


@each_analyzer
def test_docstring_tells_formula_data_limits_and_source(analyzer):
    text = importlib.import_module(f"cityplan.analyzers.{analyzer.name}").__doc__
    first, *_ = text.splitlines()
    assert first.endswith(("?", "."))
    places = [text.index(f"\n{section}\n    ") for section in SECTIONS]
    assert places == sorted(places)


@each_analyzer
@pytest.mark.parametrize("standard", available_standards())
def test_measure_ids_are_its_own_and_unique(analyzer, standard):
    ids = analyzer.measure_ids(load_standard(standard))
    assert isinstance(ids, tuple)
    assert ids
    assert len(set(ids)) == len(ids)
    assert all(key.startswith(f"{analyzer.name}.") for key in ids)


@each_analyzer
@pytest.mark.parametrize("standard", available_standards())
def test_contract_under_every_standard(toy, analyzer, standard):
    profile = load_standard(standard)
    keeps_the_contract(analyzer, City(toy.area, toy.layers, profile), profile)


@each_analyzer
def test_contract_on_a_real_city(monaco, analyzer):
    keeps_the_contract(analyzer, monaco, PLAN)


@each_analyzer
def test_layers_and_area_stay_as_they_were(toy, analyzer):
    city = City(toy.area, toy.layers, PLAN)
    before = {name: frame.copy(deep=True) for name, frame in city.layers.items()}
    units, shape = city.area.units.copy(deep=True), city.area.built_up.geometry.wkb
    analyzer.run(city, PLAN)
    for name, frame in before.items():
        assert_geodataframe_equal(city.layers[name], frame)
    assert_geodataframe_equal(city.area.units, units)
    assert city.area.built_up.geometry.wkb == shape


@each_analyzer
def test_same_answer_twice(toy, analyzer):
    first, second = (analyzer.run(City(toy.area, toy.layers, PLAN), PLAN) for _ in range(2))
    assert first.measures == second.measures
    assert_geodataframe_equal(first.units, second.units)
    for role, frame in first.shapes.items():
        assert_geodataframe_equal(second.shapes[role], frame)


# --- cities with little in them ----------------------------------------------


def only(city, *names):
    """Return the city with every layer empty but the named ones."""
    frames = {name: f if name in names else f.iloc[:0] for name, f in city.layers.items()}
    return City(city.area, Layers(frames, city.layers.counts), city.standard)


def minimal(analyzer):
    """Return every set of layers that is just enough for an analyzer."""
    choices = [
        [MADE_OF.get(name, (name,)) for name in sorted(alternatives)]
        for alternatives in analyzer.needs
    ]
    found = {tuple(sorted({n for names in chosen for n in names})) for chosen in product(*choices)}
    return sorted(found)


BARE = [(analyzer, names) for analyzer in ANALYZERS.values() for names in minimal(analyzer)]


@pytest.mark.parametrize(
    ("analyzer", "names"), BARE, ids=[f"{a.name}: {', '.join(n)}" for a, n in BARE]
)
@pytest.mark.parametrize("place", ["toy", "monaco"])
def test_what_it_needs_is_enough(request, place, analyzer, names):
    city = only(request.getfixturevalue(place), *names)
    if any(city.layers.has(name) for name in names):
        keeps_the_contract(analyzer, city, PLAN)
    else:  # the toy city has no road surfaces
        assert isinstance(_analyze(analyzer, city, Stages()), Skipped)


def made_of(toy, **frames):
    """Return the toy city's area with nothing in it but what is given."""
    crs = toy.area.crs
    given = {name: gpd.GeoDataFrame(rows, crs=crs) for name, rows in frames.items()}
    none = InputCount(source="", sha256="", read=0, used=0)
    return City(toy.area, check_layers(given, dict.fromkeys(given, none), crs), PLAN)


def at(*places):
    return [(X + x, Y + y) for x, y in places]


RING = LineString(at((100, 100), (800, 100), (800, 800), (100, 800), (100, 100)))
CROSS = LineString(at((100, 100), (800, 800)))
HOME = {"geometry": [box(X + 200, Y + 110, X + 220, Y + 130)], "use": ["residential"], "id": ["h"]}
SHOP = {"geometry": [Point(X + 300, Y + 105)], "category": ["bank"], "id": ["s"]}
PARK = {"geometry": [box(X + 110, Y + 300, X + 210, Y + 400)], "kind": ["park"], "id": ["p"]}
TOILET = {"geometry": [Point(X + 300, Y + 110)], "id": ["t"]}


def streets(*lines, **columns):
    values = {"highway": "residential", "oneway": 0.0} | columns
    return {"geometry": list(lines)} | {k: [v] * len(lines) for k, v in values.items()}


PLACES = {"buildings": HOME, "facilities": SHOP, "parks": PARK, "toilets": TOILET}
LITTLE = {
    "a ring without ends": {"streets": streets(RING), **PLACES},
    "one street": {"streets": streets(CROSS), **PLACES},
    "footways only": {"streets": streets(RING, CROSS, highway="footway"), **PLACES},
    "private streets only": {"streets": streets(RING, access="private"), **PLACES},
    "motorway only": {"streets": streets(CROSS, highway="motorway", oneway=1.0), **PLACES},
    "tunnel only": {"streets": streets(CROSS, tunnel=True), **PLACES},
    "everything far away": {
        "streets": streets(LineString(at((1400, 1000), (1500, 1000)))),
        "buildings": HOME,
        "facilities": SHOP | {"geometry": [Point(X + 1500, Y)]},
        "parks": PARK | {"geometry": [box(X + 1300, Y, X + 1400, Y + 100)]},
        "toilets": TOILET | {"geometry": [Point(X + 1500, Y + 1000)]},
    },
    "nothing public": {
        "streets": streets(RING),
        "buildings": HOME,
        "facilities": SHOP,
        "parks": PARK | {"access": ["private"]},
        "toilets": TOILET | {"access": ["private"]},
    },
    "road surface only": {
        "road_surface": {"geometry": [box(X, Y, X + 900, Y + 20)], "kind": ["residential"]},
    },
}


@each_analyzer
@pytest.mark.parametrize("name", LITTLE)
def test_little_is_no_crash(toy, analyzer, name):
    city = made_of(toy, **LITTLE[name])
    result = _analyze(analyzer, city, Stages())
    if isinstance(result, Skipped):
        assert result.measure_ids == analyzer.measure_ids(PLAN)
        assert result.reason.en
        assert result.reason.zh
    else:
        keeps_the_contract(analyzer, city, PLAN)


@each_analyzer
def test_hardly_any_built_up_area_is_no_crash(toy, analyzer):
    speck = box(X + 300, Y + 300, X + 300.5, Y + 300.5)
    built_up = BuiltUp(geometry=speck, basis=Text(en="A speck.", zh="极小。"), is_proxy=False)
    city = City(replace(toy.area, built_up=built_up), toy.layers, PLAN)
    keeps_the_contract(analyzer, city, PLAN)
