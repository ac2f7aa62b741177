"""Rows as they come: empty, far, double, mistyped. Each is counted with its cause."""

import numpy as np
import pandas as pd
import pytest
import shapely
from local_bench import SOUTH, WEST, at, frame, homes, rows_of, square, streets, warnings_of

from cityplan.errors import InputFileError, NothingToMeasureError, StudyError
from cityplan.model.place import MARGIN_M
from cityplan.sources.study import load_study

FAR = "beyond the margin around the boundary"


def test_empty_and_far_rows_are_counted_apart(bureau):
    shapes = [at(100, 100), None, shapely.Point(), at(0, 1_000 + 2 * MARGIN_M), at(90_000, 0)]
    toilets = frame(shapes, name=list("abcde"))
    inputs = bureau.check({"toilets": {"path": bureau.put("toilets.gpkg", toilets)}})
    assert rows_of(inputs, "toilets") == {"no geometry": 2, FAR: 2}
    assert warnings_of(inputs, "toilets") == ["no geometry"]
    assert inputs.layers["toilets"]["name"].tolist() == ["a"]


def test_coordinates_of_a_ledger(bureau):
    """Blank, nowhere on earth, at zero, exchanged: 60 good rows are used, no other is."""
    good = "".join(f"g{i},{510_000 + i},{3_350_000 + 5 * i}\n" for i in range(60))
    bad = "blank,,\nword,abc,3350000\nbeyond,1e12,5\nhuge,1e300,-1e300\nswapped,3350000,510000\n"
    path = bureau.put("toilets.csv", "名称,x,y\n" + good + bad)
    inputs = bureau.check({"toilets": {"path": path, "crs": "EPSG:4549"}})
    counted = rows_of(inputs, "toilets")
    assert counted["no coordinates"] == 2
    assert counted["no geometry"] + counted[FAR] == 3
    assert inputs.layers.counts["toilets"].read == 65
    assert sorted(inputs.layers["toilets"]["name"]) == sorted(f"g{i}" for i in range(60))
    assert any("nowhere on earth" in text for text in warnings_of(inputs, "toilets"))


def test_text_and_impossible_values_are_blank_and_warned_of(bureau):
    houses = homes()
    houses["层数"] = ["很高", "999", "-3", "", "6.0", "18"] + ["6"] * 19
    inputs = bureau.check({"buildings": {"path": bureau.put("b.gpkg", houses)}})
    assert rows_of(inputs, "buildings") == {
        "text where a number belongs: left empty": 1,
        "impossible value: left empty": 2,
    }
    levels = inputs.layers["buildings"]["levels"]
    assert levels.isna().sum() == 4
    assert levels.dropna().tolist() == [6, 18] + [6] * 19
    assert len(warnings_of(inputs, "buildings")) == 2
    assert any("很高" in found.what.en for found in inputs.checks)


def test_duplicates_and_label_points(bureau):
    houses = homes()
    labels = houses.head(5).set_geometry(houses.head(5).centroid)
    rows = pd.concat([houses, houses.head(3), labels])
    source = {"path": bureau.put("b.gpkg", rows), "columns": {"id": "编号"}}
    inputs = bureau.check({"buildings": source})
    assert rows_of(inputs, "buildings") == {
        "duplicate of another row": 3,
        "label point among polygons": 5,
    }
    assert inputs.layers["buildings"].area.sum() == pytest.approx(25 * 400, rel=1e-6)


def test_broken_polygons_are_mended_with_their_change_of_area(bureau):
    bow_tie = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    bow_tie = shapely.transform(bow_tie, lambda xy: xy + np.array([WEST, SOUTH]))
    flat = shapely.Polygon([(510_000, 3_350_000), (510_100, 3_350_000), (510_000, 3_350_000)])
    parks = frame([bow_tie, flat, square(500, 500, 100)], name=["a", "b", "c"])
    inputs = bureau.check({"parks": {"path": bureau.put("parks.gpkg", parks)}})
    assert rows_of(inputs, "parks") == {"no geometry": 1, "invalid polygon mended": 1}
    assert inputs.layers.counts["parks"].repaired_area_m2 == pytest.approx(5_000, rel=1e-3)
    assert inputs.layers["parks"].area.sum() == pytest.approx(15_000, rel=1e-3)


def test_the_wrong_kind_of_geometry_is_left_out_with_a_warning(bureau):
    lines = {"path": bureau.put("parks.gpkg", streets())}
    inputs = bureau.check({"parks": lines})
    assert rows_of(inputs, "parks") == {"wrong geometry type": 60}
    assert warnings_of(inputs, "parks") == ["wrong geometry type"]


def test_buildings_drawn_as_closed_lines_are_areas(bureau):
    houses = homes()
    open_line = shapely.LineString([(510_000, 3_350_000), (510_050, 3_350_000)])
    drawn = [*houses.geometry.exterior[:-1], open_line]
    lines = {"path": bureau.put("lines.gpkg", houses.set_geometry(drawn, crs=houses.crs))}
    inputs = bureau.check({"buildings": lines})
    assert rows_of(inputs, "buildings") == {
        "closed line taken as the outline of an area": len(houses) - 1,
        "wrong geometry type": 1,
    }
    area = inputs.layers["buildings"].area.sum()
    assert area == pytest.approx(houses.area[:-1].sum(), rel=1e-3)


def test_points_are_no_streets_to_draw_a_hull_around(bureau):
    points = frame([at(1, 1), at(900, 20), at(100, 800)], highway=["residential"] * 3)
    with pytest.raises(NothingToMeasureError, match="holds no streets"):
        bureau.check({"streets": {"path": bureau.put("s.gpkg", points)}}, boundary=False)


def test_a_file_without_rows_is_refused(bureau):
    path = bureau.put("empty.gpkg", frame([], name=[]))
    with pytest.raises(InputFileError, match="holds no features"):
        bureau.check({"toilets": {"path": path}})


# --- the place ---------------------------------------------------------------


def test_a_stray_street_does_not_stretch_the_hull(bureau):
    lines = streets().to_crs("EPSG:4326")
    stray = frame([shapely.LineString([at(0, 0), at(50, 0)])], highway=["residential"])
    stray = stray.to_crs("EPSG:4326").translate(-120, -30)
    rows = pd.concat([lines, lines.head(1).set_geometry(stray.array)])
    path = bureau.put("s.gpkg", rows)
    inputs = bureau.check({"streets": {"path": path}}, boundary=False)
    assert inputs.area.crs.to_epsg() == 4549
    assert inputs.area.boundary.area == pytest.approx(1e6, rel=1e-4)
    assert rows_of(inputs, "streets") == {FAR: 1}
    assert [text[:40] for text in warnings_of(inputs)] == [
        "1 streets lie more than 25 km from all o"
    ]


def test_a_layer_of_another_place_is_refused(bureau, command):
    facilities = frame([at(400_000, 0)], category=["market"])
    study = bureau.study({"facilities": {"path": bureau.put("f.gpkg", facilities)}})
    for words in (["check", study], ["run", study, "-o", bureau.folder / "out"]):
        done = command(*words, "--lang", "en", code=1)
        assert "do not meet" in done.stderr
        assert "f.gpkg" in done.stderr
    assert not (bureau.folder / "out").exists()


def test_units_that_overlap_or_lie_outside(bureau):
    units = frame(
        [square(0, 0, 600), square(400, 0, 600), square(5_000, 5_000, 100)], MC=["甲", "乙", "丙"]
    )
    toilets = frame([at(100, 100), at(500, 100), at(900, 100), at(100, 900)])
    keys = f'units = {{ path = "{bureau.put("u.gpkg", units)}", name = "MC" }}'
    report, document = bureau.run({"toilets": {"path": bureau.put("t.gpkg", toilets)}}, keys=keys)
    warned = warnings_of(report, "units")
    assert any("overlap by 0.1200 km²" in text for text in warned)
    assert any("1 reporting units lie outside" in text and "丙" in text for text in warned)
    table = report["toilet_density"].units.set_index("unit")["toilet_density.count"]
    assert table.to_dict() == {"甲": 2, "乙": 1, "outside units": 1}
    assert report["toilet_density"]["count"].value == 4
    assert {row["severity"] for row in document["checks"] if row["layer"] == "units"} == {"warning"}


# --- the study file ----------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "keys", "near"),
    [
        ("toilet", {}, "'toilets'"),
        ("toilets", {"datums": "gcj02"}, "'datum'"),
        ("toilets", {"colums": "x"}, "'columns'"),
        ("toilets", {"columns": {"femal_places": "女"}}, "'female_places'"),
        ("toilets", {"columns": {"female_places": "女厕未"}}, "'女厕位'"),
        ("toilets", {"datum": "gcj-02"}, r"layers\.toilets\.datum input should be 'wgs84'"),
        ("facilities", {"category": "convenience_stor"}, "'convenience_store'"),
    ],
)
def test_unknown_keys_suggest_the_nearest(bureau, layer, keys, near):
    path = bureau.put("t.gpkg", frame([at(1, 1)], 女厕位=[3]))
    with pytest.raises(StudyError, match=near):
        bureau.check({layer: {"path": path, **keys}})


def test_a_path_that_is_a_number(bureau):
    study = bureau.put("n.toml", '[study]\nname = "x"\n[layers.toilets]\npath = 5\n')
    with pytest.raises(StudyError, match=r"layers\.toilets\.path must be a path in quotes"):
        load_study(study)


def test_a_place_of_several_categories_is_told(bureau):
    places = frame([at(100, 100)], name=["西溪九年一贯制学校"], 类型=["九年一贯制学校"])
    inputs = bureau.check({"facilities": {"path": bureau.put("f.gpkg", places)}})
    assert {"primary_school", "junior_school"} < set(inputs.layers["facilities"]["category"])
    assert any(
        "1 rows count in several facility categories" in found.what.en for found in inputs.checks
    )
