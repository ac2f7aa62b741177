"""From a name to one area: what is found, what is asked about, what is refused."""

import tomllib

import pytest
import shapely
from online_server import CITY, POINT, PROVINCE, row, rows

from cityplan.errors import PlaceError
from cityplan.sources.study import load_study


def test_one_area_among_points_is_the_place(fetch, server):
    server.on_search = rows(
        row(1, "明光市", POINT, osm_type="node", **{"class": "place"}),
        row(3221112, "明光市, 滁州市, 安徽省, 中国", CITY),
        row(9, "明光市体育场", CITY.buffer(0.1), **{"class": "leisure"}),
    )
    city = fetch("明光市", lang="zh")
    assert city.name == "明光市"
    assert "R3221112" in (city.folder / "ATTRIBUTION.txt").read_text(encoding="utf-8")
    assert server.asked[0].headers["Accept-Language"].startswith("zh")
    assert (
        tomllib.loads((city.folder / "study.toml").read_text("utf-8"))["study"]["name"] == "明光市"
    )


def test_several_areas_are_asked_about(fetch_refuses, server):
    server.on_search = rows(
        row(4, "Las Palmas, Canarias, España", PROVINCE, addresstype="province"),
        row(5, "Las Palmas, Sonora, México", CITY),
    )
    text = fetch_refuses(
        "Las Palmas",
        kind=PlaceError,
        says=("2 areas", "R4 Las Palmas, Canarias", "R5", "(province)"),
    )
    assert "R4 Las Palmas, Canarias" in text.zh
    assert server.queries == []


def test_two_names_of_the_same_ground_are_one_place(fetch, server):
    server.on_search = rows(row(4, "Toy City", CITY), row(5, "Toy District", CITY.buffer(1e-6)))
    assert fetch("Toy").name == "Toy City"


def test_an_id_is_looked_up(fetch, server):
    server.on_search = rows(row(3221112, "Toy City", CITY))
    fetch("r3221112")
    assert server.asked[0].path == "/lookup"
    assert server.asked[0].words["osm_ids"] == "R3221112"


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ([], ("was found", "R3221112", "--boundary")),
        ([row(1, "Toy, Nowhere", POINT)], ("point", "R1 Toy, Nowhere", "--boundary")),
        ([row(1, "Toy Street", shapely.LineString([(1, 1), (2, 2)]))], ("line", "--boundary")),
        ([row(1, "Russia", shapely.box(30, 50, 170, 70))], ("too large", ".osm.pbf")),
        ([row(1, "Two isles", CITY.union(shapely.box(-60, -50, -59.9, -49.9)))], "too large"),
    ],
    ids=["nothing", "point", "line", "country", "far apart"],
)
def test_what_is_no_place_to_fetch_is_refused(fetch_refuses, server, found, says):
    server.on_search = rows(*found)
    fetch_refuses("Toy", kind=PlaceError, says=says)
    assert server.queries == []


def test_a_hostile_name_stays_a_name(fetch, server):
    name = 'Toy"]\n[osm]\npath = "/etc/passwd" \x1b[31m \\'
    server.on_search = rows(row(1, "Toy", CITY, name=name))
    study = load_study(fetch("Toy").folder)
    assert study.osm.path.name == "extract.osm.pbf"
    assert study.name == 'Toy"] [osm] path = "/etc/passwd" [31m \\'
