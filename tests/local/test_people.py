"""People by unit, by point and by building: kept to the person, and by group."""

import numpy as np
import pytest
import shapely
from local_bench import SOUTH, WEST, at, frame, homes, square

from cityplan.model.demand import make_demand

QUARTERS = [(0, 0, 400, 400), (400, 0, 1_000, 400), (0, 400, 400, 1_000), (400, 400, 1_000, 1_000)]


def area(west, south, east, north):
    return shapely.box(WEST + west, SOUTH + south, WEST + east, SOUTH + north)


def demand(bureau, standard, layers):
    inputs = bureau.check(layers)
    return make_demand(inputs.layers, inputs.area, standard)


@pytest.fixture
def houses(bureau):
    return {"path": bureau.put("homes.gpkg", homes())}


def test_by_unit(bureau, standard, houses):
    zones = frame(
        [area(*corners) for corners in QUARTERS],
        人口=[100, 257, 313, 1], 老年人口=[20, 50, 60, 0], 儿童=[10, 20, 30, 1],
    )  # fmt: skip
    found = demand(
        bureau, standard, {"population": {"path": bureau.put("p.gpkg", zones)}, "buildings": houses}
    )
    assert found.is_people
    assert found.weight.sum() == pytest.approx(671, abs=1e-9)
    for zone, people in zip(zones.geometry, zones["人口"], strict=True):
        inside = shapely.intersects(zone, found.points)
        assert found.weight[inside].sum() == pytest.approx(people, abs=1e-9)
    assert found.groups["elderly"].sum() == pytest.approx(130, abs=1e-9)
    assert found.groups["children"].sum() == pytest.approx(61, abs=1e-9)


def test_zones_that_overlap_share_the_homes(bureau, standard, houses):
    zones = frame([square(0, 0, 1_000)] * 2, name=["男", "女"], 人口=[510, 490])
    found = demand(
        bureau, standard, {"population": {"path": bureau.put("p.gpkg", zones)}, "buildings": houses}
    )
    assert np.allclose(found.weight, 40)
    assert len(found) == 25


def test_by_point_households_of_one_house_are_added(bureau, standard, houses):
    """Three families of three at one door are nine people, not a record repeated."""
    families = frame([at(100, 100)] * 3 + [at(305, 105), at(940, 990)], 人口=[3, 3, 3, 40, 5])
    found = demand(
        bureau, standard,
        {"population": {"path": bureau.put("p.gpkg", families)}, "buildings": houses},
    )  # fmt: skip
    assert found.weight.sum() == pytest.approx(54, abs=1e-9)
    house = shapely.intersects(square(90, 90, 20), found.points)
    assert found.weight[house].tolist() == pytest.approx([9])
    assert found.weight[shapely.intersects(square(290, 90, 20), found.points)].sum() == 40


def test_ledgers_of_neighbours_are_both_counted(bureau, standard, houses):
    """Two files; one household is in both, another stands ten metres from its neighbour."""
    first = frame([at(100, 100), at(500, 500)], 人口=[3, 4])
    second = frame([at(100, 100), at(500, 510)], 人口=[3, 4])
    paths = [{"path": bureau.put(f"{n}.gpkg", rows)} for n, rows in enumerate((first, second))]
    found = demand(bureau, standard, {"population": paths, "buildings": houses})
    assert found.weight.sum() == pytest.approx(11, abs=1e-9)


def test_by_building(bureau, standard):
    counted = homes().assign(人口=range(1, 26), 老年人口=[1] * 25)
    found = demand(bureau, standard, {"buildings": {"path": bureau.put("b.gpkg", counted)}})
    assert found.is_people
    assert found.weight.sum() == sum(range(1, 26))
    assert found.groups["elderly"].sum() == 25


def test_by_building_and_by_unit_nobody_is_counted_twice(bureau, standard):
    counted = homes().assign(人口=[10] * 25)
    zones = frame([square(0, 0, 1_000)], 人口=[500])
    found = demand(
        bureau,
        standard,
        {
            "population": {"path": bureau.put("p.gpkg", zones)},
            "buildings": {"path": bureau.put("b.gpkg", counted)},
        },
    )
    assert found.weight.sum() == pytest.approx(500, abs=1e-9)
    assert "People recorded at buildings are not used" in found.basis.en


def test_zones_without_homes_keep_their_people(bureau, standard):
    zones = frame([square(0, 0, 500), square(500, 0, 500)], 人口=[100, 257])
    found = demand(bureau, standard, {"population": {"path": bureau.put("p.gpkg", zones)}})
    assert sorted(found.weight) == [100, 257]


def test_groups_reach_the_results(bureau, houses):
    """The old live in the west, where the toilet and the market are; children in the east."""
    west, east = area(0, 0, 600, 1_000), area(600, 0, 1_000, 1_000)
    zones = frame([west, east], 人口=[600, 400], 老年人口=[100, 0], 儿童=[0, 100])
    place = frame([at(200, 500)], name=["菜市场"], 类型=["菜市场"])
    report, document = bureau.run(
        {
            "population": {"path": bureau.put("p.gpkg", zones)},
            "buildings": houses,
            "toilets": {"path": bureau.put("t.gpkg", place)},
            "facilities": {"path": bureau.put("f.gpkg", place)},
        }
    )
    rows = {m["id"]: m for a in document["analyzers"] for m in a["measures"]}
    toilets = rows["toilet_density.demand_coverage_share"]
    assert toilets["by_group"].keys() == {"elderly", "children"}
    assert toilets["by_group"]["children"] == 0
    assert toilets["by_group"]["elderly"] > toilets["value"] > 0
    market = rows["life_circle.reach.market"]["by_group"]
    assert market["elderly"] > market["children"]
    assert report["life_circle"]["reach.market"].by_group == pytest.approx(market)
