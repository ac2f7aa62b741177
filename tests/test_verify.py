"""Real cities against the independent calculation of ``scripts/verify``."""

import csv
from pathlib import Path

import pytest

import cityplan

FIGURES = Path(__file__).parent / "verify_figures.csv"
LEAST = 0.05  # as in scripts/verify


def figures(city):
    with FIGURES.open(encoding="utf-8") as file:
        return {row["measure"]: row for row in csv.DictReader(file) if row["city"] == city}


def compare(city, study):
    report = cityplan.run(study)
    ours = {m.id: m.value for result in report.results for m in result.measures}
    expected = figures(city)
    assert set(ours) == set(expected)
    wrong = {}
    for key, row in expected.items():
        if not row["independent"]:
            assert ours[key] is None, key
            continue
        independent, allowed = float(row["independent"]), float(row["tolerance"])
        off = abs(ours[key] - independent)
        if off > allowed * max(abs(independent), LEAST) + 1e-9:
            wrong[key] = (ours[key], independent)
    assert not wrong


def test_monaco():
    compare("monaco", cityplan.load_study(cityplan.sample("monaco")))


def test_las_palmas(data_file):
    study = cityplan.load_study(
        data_file("las_palmas/las_palmas.osm.pbf"),
        boundary=data_file("las_palmas/boundary.geojson"),
        units=data_file("las_palmas/school_districts.geojson"),
    )
    compare("las_palmas", study)


@pytest.mark.parametrize("city", ["monaco", "las_palmas"])
def test_the_table_is_of_use(city):
    """Most figures are known, and hardly any is exactly what we computed ourselves."""
    rows = figures(city)
    assert sum(bool(row["independent"]) for row in rows.values()) > 60
