"""The same district as GeoPackage, GBK Shapefiles and displaced CSV gives the same answers."""

import warnings

import geopandas as gpd
import numpy as np
import pytest
import shapely

from cityplan.analyzers.life_circle import _Answer
from cityplan.analyzers.park_coverage import _Clause, _Greens
from cityplan.analyzers.toilet_density import _Answer as _Toilets
from cityplan.model.city import City
from cityplan.outputs.results_json import results_document
from cityplan.pipeline import run
from cityplan.spatial.datum import geometries_from_wgs84

LAYERS = {
    "streets": "roads_directed_osmnx_drive",
    "facilities": "amenities_osm_2024",
    "toilets": "amenities_osm_2024",
    "land_use": "landuse_geofabrik",
    "water": "water_geofabrik",
}
POINT_PER_CENT = 0.001
SAME_PLACE_M = 1.0


@pytest.fixture(scope="module")
def xixi(data_file):
    path = data_file("hangzhou/hangzhou_xixi.gpkg")
    return {name: gpd.read_file(path, layer=layer) for name, layer in LAYERS.items()}


def in_geopackage(rows, path):
    rows.to_file(path.parent / "all.gpkg", layer=path.name)
    return f'path = "all.gpkg"\nlayer = "{path.name}"'


def in_gbk_shapefile(rows, path):
    """CGCS2000, 3-degree zone 40, the number of the zone before the easting; no .cpg."""
    file = path.with_suffix(".shp")
    projected = rows.to_crs("EPSG:4528")
    assert (projected.total_bounds[[0, 2]] // 1_000_000 == 40).all()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names of columns are cut to ten letters
        projected.to_file(file, encoding="GBK")
    file.with_suffix(".cpg").unlink()
    return f'path = "{file.name}"'


def in_csv(datum):
    def write(rows, path):
        """Points by their coordinates, anything else as text; 7 decimals, as exports have."""
        file = path.with_suffix(".csv")
        shown = geometries_from_wgs84(rows.geometry.to_numpy(), datum=datum)
        table = rows.drop(columns="geometry")
        if path.name in {"facilities", "toilets"}:
            table = table.assign(经度=shapely.get_x(shown), 纬度=shapely.get_y(shown))
            keys = ""
        else:
            table = table.assign(图形=shapely.to_wkt(shown, rounding_precision=7))
            keys = '\nwkt = "图形"'
        table.to_csv(file, index=False, float_format="%.7f")
        return f'path = "{file.name}"\ndatum = "{datum}"{keys}'

    return write


FORMS = {
    "gpkg": in_geopackage,
    "shp": in_gbk_shapefile,
    "gcj02": in_csv("gcj02"),
    "bd09": in_csv("bd09"),
}


@pytest.fixture(scope="module")
def studies(xixi, tmp_path_factory):
    """Return form -> its study file."""
    made = {}
    for form, write in FORMS.items():
        folder = tmp_path_factory.mktemp(form)
        tables = [f"[layers.{name}]\n{write(rows, folder / name)}" for name, rows in xixi.items()]
        text = '[study]\nname = "西溪"\nlang = "zh"\n' + "\n".join(tables) + "\n"
        (folder / "study.toml").write_text(text, encoding="utf-8")
        made[form] = folder / "study.toml"
    return made


@pytest.fixture(scope="module")
def cities(studies):
    """Return form -> the city a run made, and the document it wrote."""
    made = {}
    for form, study in studies.items():
        kept = []

        def keep(*parts, kept=kept):
            kept.append(City(*parts))
            return kept[0]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("cityplan.pipeline.City", keep)
            document = results_document(run(study))
        made[form] = kept[0], document
    return made


@pytest.fixture(scope="module")
def documents(cities):
    return {form: document for form, (_, document) in cities.items()}


def measures(document):
    return {m["id"]: m for analyzer in document["analyzers"] for m in analyzer["measures"]}


OTHERS = [form for form in FORMS if form != "gpkg"]


@pytest.mark.parametrize("form", OTHERS)
def test_the_working_crs_and_the_rows_are_the_same(documents, form):
    first, other = documents["gpkg"], documents[form]
    assert other["study"]["crs"] == first["study"]["crs"] == "EPSG:4549"
    assert other["study"]["boundary_km2"] == pytest.approx(first["study"]["boundary_km2"], rel=1e-6)
    assert set(other["inputs"]) == set(first["inputs"])
    for name, count in first["inputs"].items():
        for key in ("read", "used", "rejected", "repaired"):
            assert other["inputs"][name][key] == count[key], (name, key)


def test_what_the_files_are_is_said(documents):
    def said(form, key):
        return {count[key] for count in documents[form]["inputs"].values()}

    assert said("shp", "encoding") == {"GB18030"}
    assert said("shp", "datum") == {"cgcs2000"}
    assert said("gcj02", "datum") == {"gcj02"}
    assert said("bd09", "datum") == {"bd09"}


def test_names_survive_gbk(cities):
    names = {
        form: sorted(cities[form][0].layers["toilets"]["name"].dropna()) for form in ("gpkg", "shp")
    }
    assert names["shp"] == names["gpkg"]
    assert any("\u4e00" <= letter <= "\u9fff" for name in names["gpkg"] for letter in name)


@pytest.mark.parametrize("form", OTHERS)
def test_counts_are_equal_and_shares_within_a_tenth_of_a_point(documents, form):
    first, other = measures(documents["gpkg"]), measures(documents[form])
    assert list(other) == list(first)
    differ = []
    for key, measure in first.items():
        assert other[key]["verdict"] == measure["verdict"], key
        for part in ("low", "value", "high"):
            a, b = measure[part], other[key][part]
            if a is None or (measure["unit"] == "count" and float(a).is_integer()):
                same = a == b
            elif measure["unit"] == "share":
                same = abs(a - b) <= POINT_PER_CENT
            else:
                same = b == pytest.approx(a, rel=1e-3)
            if not same:
                differ.append((key, part, a, b))
    assert differ == []


# --- who is served -----------------------------------------------------------


def served_states(city):
    """Return the homes of a city, and which of them reach what."""
    standard = city.standard
    circle, toilets, greens = _Answer(city, standard), _Toilets(city, standard), _Greens(city)
    states = {f"life_circle.{c.id}": circle.has[:, i] for i, c in enumerate(circle.categories)}
    states["toilet"] = toilets.near_home
    for clause in standard.park_clauses.values():
        one = _Clause(city, clause, greens)
        states[f"{clause.id}.network"], states[f"{clause.id}.radius"] = (
            one.by_network[0],
            one.by_radius,
        )
    return city.demand, states


@pytest.fixture(scope="module")
def served(cities):
    return {form: served_states(city) for form, (city, _) in cities.items()}


@pytest.mark.parametrize("form", OTHERS)
def test_every_home_that_changed_sides_is_listed_and_they_are_few(served, form):
    (homes, first), (others, second) = served["gpkg"], served[form]
    assert len(others) == len(homes) > 100
    tree = shapely.STRtree(others.points)
    twin, gap = tree.query_nearest(homes.points, return_distance=True, all_matches=False)
    assert twin[0].tolist() == list(range(len(homes)))
    assert len(set(twin[1])) == len(homes)
    assert gap.max() < SAME_PLACE_M

    listed = []
    for what, state in first.items():
        for home in np.flatnonzero(state != second[what][twin[1]]):
            x, y = shapely.get_coordinates(homes.points[home])[0]
            weight = homes.weight[home] / homes.weight.sum()
            listed.append(
                (what, f"{x:.1f}, {y:.1f}", f"{weight:.5%}", "lost" if state[home] else "won")
            )
    changed = {}
    for what, _, weight, _ in listed:
        changed[what] = changed.get(what, 0.0) + float(weight.rstrip("%")) / 100
    assert all(share <= POINT_PER_CENT for share in changed.values()), "\n".join(map(str, listed))
    print(f"{form}: {len(listed)} of {len(homes) * len(first)} states changed", *listed, sep="\n  ")
