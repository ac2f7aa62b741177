"""Hangzhou Xixi as local layers: everything runs, and the numbers agree with plain geometry."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from cityplan.analyzers import all_analyzers
from cityplan.outputs.results_json import results_document
from cityplan.pipeline import run

METRES = "EPSG:4549"
LAYERS = {
    "streets": "roads_directed_osmnx_drive",
    "facilities": "amenities_osm_2024",
    "toilets": "amenities_osm_2024",
    "land_use": "landuse_geofabrik",
    "water": "water_geofabrik",
}


@pytest.fixture(scope="module")
def file(data_file):
    return data_file("hangzhou/hangzhou_xixi.gpkg")


@pytest.fixture(scope="module")
def report(file, tmp_path_factory):
    tables = [f'[layers.{k}]\npath = "{file}"\nlayer = "{v}"\n' for k, v in LAYERS.items()]
    study = tmp_path_factory.mktemp("xixi") / "study.toml"
    study.write_text('[study]\nname = "杭州西溪"\n' + "".join(tables), encoding="utf-8")
    return run(study)


@pytest.fixture(scope="module")
def layers(file):
    return {name: gpd.read_file(file, layer=layer).to_crs(METRES) for name, layer in LAYERS.items()}


def test_every_analysis_runs(report):
    document = results_document(report)
    assert {a["name"]: a["status"] for a in document["analyzers"]} == dict.fromkeys(
        all_analyzers(), "ok"
    )
    assert document["study"]["crs"] == METRES
    assert document["study"]["built_up"]["is_proxy"]


def test_walks_run_on_carriageways_and_say_so(report):
    for measure in report["life_circle"].measures:
        assert "Proxy: the data hold carriageways only" in measure.basis.en
        assert "替代口径" in measure.basis.zh
    assert "Proxy" in report["park_coverage"]["park.network_share"].basis.en
    footways = next(row for row in report.quality if row.id == "roads.footways")
    assert footways.value == 0


def test_without_buildings_land_use_says_where_people_live(report):
    assert "buildings" not in report.inputs
    basis = report["toilet_density"]["demand_coverage_share"].basis.en
    assert "0 residential buildings" in basis
    assert "grid points stand for residential land without buildings" in basis
    assert report.provenance["demand_points"] > 1_000


def test_length_of_streets_after_dropping_reversed_twins(report, layers):
    """Plain: each geometry once, whichever way it runs, cut to the built-up area."""
    streets = layers["streets"]
    lines = shapely.set_precision(streets.geometry.to_numpy(), 0.001)
    once = {shapely.to_wkb(shapely.normalize(line)): line for line in lines}
    assert (
        len(once)
        == 3_166 - report.inputs["streets"].rejected["the same line drawn in the other direction"]
    )
    built_up = report.area.built_up.geometry
    length = shapely.length(shapely.intersection(list(once.values()), built_up)).sum() / 1_000
    density = length / report.area.built_up.km2
    found = report["road_area_ratio"]["density_km_per_km2"].value
    # pairs of one-way carriageways are one street: shorter, but never by half
    assert 0.6 * density < found <= density


def test_road_area_lies_between_bounds_of_plain_buffers(report, layers):
    built_up = report.area.built_up.geometry
    lines = shapely.intersection(shapely.union_all(layers["streets"].geometry.to_numpy()), built_up)
    narrow, wide = (
        shapely.area(shapely.intersection(shapely.buffer(lines, width / 2), built_up))
        / built_up.area
        for width in (3.5, 40)
    )
    ratio = report["road_area_ratio"]["ratio"]
    assert narrow < ratio.low < ratio.value < ratio.high < wide


def test_dead_ends_are_ends_of_the_plain_graph(report, layers):
    """No more ends than nodes that one street meets; those outside are counted apart."""
    lines = shapely.set_precision(layers["streets"].geometry.to_numpy(), 0.01)
    ends = np.round(shapely.get_coordinates(shapely.get_point(lines, [[0], [-1]]).ravel()), 2)
    pairs = np.sort(ends.reshape(2, -1, 2).view([("x", float), ("y", float)])[..., 0], axis=0)
    streets = np.unique(pairs, axis=1)
    _, meetings = np.unique(streets.ravel(), return_counts=True)
    plain = int((meetings == 1).sum())
    result = report["dead_ends"]
    causes = [m.value for m in result.measures if m.id.startswith("dead_ends.cause.")]
    assert sum(causes) <= plain
    found = result["count"].value + result["count_outside"].value
    assert 0.5 * plain < found <= plain


def test_toilets_are_22_records_merged_by_plain_distance(report, layers):
    rows = layers["toilets"][layers["toilets"]["amenity"] == "toilets"]
    assert len(rows) == report.inputs["toilets"].used == 22
    points = rows.geometry.to_numpy()
    linked = shapely.union_all(shapely.buffer(points, 10, quad_segs=64))
    merged = len(shapely.get_parts(linked))
    in_built_up = int(shapely.intersects(report.area.built_up.geometry, points).sum())
    density = report["toilet_density"]
    assert f"22 records in the data, 0 closed to the public, the others are {merged}" in (
        density["count"].basis.en
    )
    assert density["count"].value == pytest.approx(in_built_up, abs=22 - merged)
    inside = int(shapely.intersects(report.area.boundary, points).sum())
    together = density["count"].value + density["count_outside"].value
    assert inside - (22 - merged) <= together <= inside
    km2 = report.area.built_up.km2
    assert density["per_km2"].value == pytest.approx(density["count"].value / km2)


def test_parks_by_radius_agree_with_plain_circles(report, layers):
    land = layers["land_use"]
    parks = land[land["fclass"].isin(["park", "recreation_ground"])]
    used = report.inputs["parks"].used
    assert len(land[land["fclass"] == "park"]) == 43
    assert 43 <= used <= len(land[~land["fclass"].isin(["residential"])])
    assert 0.5 < report["park_coverage"]["park.radius_share"].value < 0.9
    clause = report.standard.park_clauses["park"]
    bodies = shapely.get_parts(shapely.union_all(shapely.buffer(parks.geometry.to_numpy(), 0.01)))
    covered = shapely.union_all(
        [
            shapely.buffer(body, band.distance_m)
            for band in clause.bands
            for body in bodies
            if band.min_m2 <= body.area < band.max_m2
        ]
    )
    homes = shapely.union_all(
        shapely.make_valid(land[land["fclass"] == "residential"].geometry.to_numpy())
    )
    built_up = report.area.built_up.geometry
    plain = shapely.intersection(homes, built_up)
    share = shapely.intersection(plain, covered).area / plain.area
    found = report["park_coverage"]["park.residential_land_share"].value
    assert found == pytest.approx(share, abs=0.03)
    straight = report["park_coverage"]["park.radius_share"].value
    assert report["park_coverage"]["park.network_share"].value <= straight
