"""What the built-up area rests on where the study names none."""

import pytest
import shapely
from local_bench import SIDE, SOUTH, WEST, frame, square, streets

UNKNOWN = "no land uses or buildings to draw it from"


def toilets():
    """Return four toilets: 4 per km² of the district."""
    return frame(
        [square(x, y, 5).centroid for x in (250, 650) for y in (250, 650)], name=["公厕"] * 4
    )


@pytest.mark.parametrize("given", [True, False])
def test_without_anything_to_draw_it_from_there_is_no_verdict(bureau, given):
    narrow = streets().assign(车行道宽=4.0, sidewalk="no")
    layers = {
        "streets": {"path": bureau.put("streets.gpkg", narrow)},
        "toilets": {"path": bureau.put("toilets.gpkg", toilets())},
    }
    report, _ = bureau.run(layers, keys='built_up = "boundary.gpkg"' if given else "")
    verdicts = []
    for name in ("toilet_density.per_km2", "road_area_ratio.ratio"):
        measure = report[name.split(".")[0]][name]
        verdicts.append(measure.verdict)
        assert (UNKNOWN in measure.basis.en) is not given
    assert verdicts == (["met", "not_met"] if given else ["cannot_tell", "cannot_tell"])
    assert report["toilet_density"]["toilet_density.per_km2"].value == pytest.approx(4, rel=1e-3)
    assert report.area.built_up.km2 == pytest.approx((SIDE / 1000) ** 2, rel=1e-3)


def strip(width):
    """Return the west of the district."""
    return shapely.box(WEST, SOUTH, WEST + width, SOUTH + SIDE)


@pytest.mark.parametrize(("mapped", "doubted"), [(0.1, "no verdict"), (0.6, "too small"), (1, "")])
def test_a_stand_in_that_misses_the_city_carries_no_verdict(bureau, mapped, doubted):
    layers = {
        "streets": {"path": bureau.put("streets.gpkg", streets())},
        "toilets": {"path": bureau.put("toilets.gpkg", toilets())},
        "residential_land": {
            "path": bureau.put("homes.gpkg", frame([strip(mapped * SIDE)], 用地性质=["R2"]))
        },
    }
    report, _ = bureau.run(layers)
    measure = report["toilet_density"]["toilet_density.per_km2"]
    assert (measure.verdict == "cannot_tell") is (doubted == "no verdict")
    assert doubted in measure.basis.en
    assert ("residential streets lie in it" in measure.basis.en) is bool(doubted)
