"""Streets as drawings have them: long lines that cross and end on each other without a vertex."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from local_bench import SIDE, SOUTH, STEP, WEST, at, frame, homes

from cityplan.model.road_ends import build_road_network
from cityplan.pipeline import check, run
from cityplan.sources.osm_file import read_osm

SAMPLES = Path(__file__).parents[2] / "sample_data"
TOY = SAMPLES / "toy"
BUILT_UP = 'built_up = "boundary.gpkg"'
LEVEL = "crossings of streets had no vertex in common: taken as level"
BRIDGES = "crossings of streets have no vertex in common: taken as bridges"
ENDS = "ends of streets had no vertex in common with the street they end on"


def line(*places):
    return shapely.LineString([(WEST + x, SOUTH + y) for x, y in places])


def grid():
    """Return the streets of the district as its twelve whole lines."""
    offsets = range(0, SIDE + 1, STEP)
    lines = [line((0, y), (SIDE, y)) for y in offsets] + [line((x, 0), (x, SIDE)) for x in offsets]
    return frame(lines, 等级=["支路"] * len(lines))


def study(bureau, rows):
    off_centre = homes().set_geometry(homes().translate(-7, -4))  # no street is as near as another
    market = frame([at(SIDE, SIDE)], 类别=["菜市场"])
    return {
        "streets": {"path": bureau.put("roads.gpkg", rows)},
        "buildings": {"path": bureau.put("homes.gpkg", off_centre)},
        "facilities": {"path": bureau.put("market.gpkg", market)},
    }


def told(inputs, words):
    return [found for found in inputs.checks if words in found.what.en]


def test_a_grid_of_whole_lines_is_the_grid_of_its_pieces(bureau):
    whole, document = bureau.run(study(bureau, grid()), keys=BUILT_UP)
    pieces = {k: v for k, v in study(bureau, grid()).items() if k != "streets"}
    expected, _ = bureau.run(pieces, keys=BUILT_UP)
    for name in ("life_circle.reach.market", "dead_ends.share", "dead_ends.count"):
        analyzer = name.split(".")[0]
        values = [report[analyzer][name].value for report in (whole, expected)]
        assert values[0] == pytest.approx(values[1], abs=1e-9), name
    assert document["analyzers"]
    # 6 x 6 places, less the four corners, where two lines end on each other's ends.
    [crossing], [ends] = told(whole, LEVEL), told(whole, ENDS)
    assert crossing.what.en.startswith("16 ")
    assert ends.what.en.startswith("16 ")
    assert (crossing.severity, ends.severity) == ("warning", "note")
    assert "no bridge or tunnel is recorded" in crossing.what.en
    assert "Mark bridges" in crossing.fix.en


def test_a_marked_bridge_is_passed_under(bureau):
    rows = grid().assign(桥梁=["是" if n == 2 else "否" for n in range(12)])
    inputs = bureau.check(study(bureau, rows))
    [crossing] = told(inputs, LEVEL)
    assert crossing.what.en.startswith("12 ")
    assert crossing.severity == "note"
    graph = build_road_network(inputs.layers, None).graph
    assert int((graph.degree() == 4).sum()) == 12


def test_a_layer_with_vertices_keeps_its_bridges(bureau):
    rows = gpd.GeoDataFrame(
        {"等级": ["支路"] * 61},
        geometry=[
            *(line((i * STEP, y), ((i + 1) * STEP, y)) for y in range(0, 1001, STEP) for i in range(5)),
            *(line((x, i * STEP), (x, (i + 1) * STEP)) for x in range(0, 1001, STEP) for i in range(5)),
            line((50, 50), (950, 940)),
        ],
        crs="EPSG:4549",
    )  # fmt: skip
    inputs = bureau.check(study(bureau, rows))
    assert [found.what.en.split()[0] for found in told(inputs, BRIDGES)] == ["8"]
    assert not told(inputs, LEVEL)


def test_a_new_street_is_joined_to_those_of_openstreetmap(bureau):
    """A local street ends half a metre short of the middle of one of the toy city."""
    toy = read_osm(TOY / "toy.osm").layers["streets"]
    metres = toy.estimate_utm_crs()
    road = toy.to_crs(metres).geometry.loc[toy["highway"] == "residential"].iloc[0]
    foot = road.interpolate(0.37, normalized=True)
    a, b = road.coords[0], road.coords[-1]
    side = np.array([a[1] - b[1], b[0] - a[0]]) / road.length
    new = shapely.LineString([np.array(foot.coords[0]) + side * d for d in (0.5, 12.0)])
    gpd.GeoDataFrame({"等级": ["支路"]}, geometry=[new], crs=metres).to_file(
        bureau.folder / "new.gpkg"
    )
    text = f'[study]\nname = "toy"\nboundary = "{TOY}/boundary.geojson"\n[osm]\npath = "{TOY}/toy.osm"\n'
    text += '[layers.streets]\npath = "new.gpkg"\nmode = "add"\n'
    path = bureau.folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    inputs = check(path)
    assert [found.what.en.split()[0] for found in told(inputs, ENDS)] == ["1"]


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0)])
def test_what_an_end_is_does_not_hang_on_the_order_of_rows(bureau, order):
    """A street goes over a bridge and ends three metres short of another, on the ground."""
    rows = frame(
        [
            line((100, 100), (100, 300)),
            line((100, 300), (100, 397)),
            line((50, 400), (900, 400)),
            line((-99, -99), (1099, -99), (1099, 1099), (-99, 1099), (-99, -99)),
        ],
        等级=["支路"] * 4,
        桥梁=["是", "否", "否", "否"],
    ).iloc[[*order, 3]]
    report, _ = bureau.run(study(bureau, rows), keys=BUILT_UP)
    assert report["dead_ends"]["dead_ends.cause.artefact"].value == 1


def test_monaco_drawn_without_vertices_measures_as_monaco(bureau):
    folder = SAMPLES / "monaco"
    streets = read_osm(folder / "monaco.osm.pbf").layers["streets"].to_crs("EPSG:32632")
    keep = ["name", "highway", "oneway", "bridge", "tunnel", "access", "foot", "service", "level"]
    key = streets[keep].astype(object).map(str).agg("|".join, axis=1)
    rows = []
    for _, group in streets.groupby(key.to_numpy()):
        oneway = bool((group["oneway"].fillna(0) != 0).any())
        joined = shapely.line_merge(
            shapely.multilinestrings(shapely.get_parts(group.geometry.to_numpy())), directed=oneway
        )
        raised = group[["bridge", "tunnel"]].to_numpy(dtype=bool).any()
        lines = shapely.get_parts(joined)
        lines = lines if raised else shapely.simplify(lines, 0.2)
        rows += [{**group.iloc[0][keep].to_dict(), "geometry": one} for one in lines]
    drawn = gpd.GeoDataFrame(rows, crs=streets.crs)
    bureau.put("drawn.gpkg", drawn)
    text = f'[study]\nname = "x"\nboundary = "{folder}/boundary.geojson"\n'
    text += f'[osm]\npath = "{folder}/monaco.osm.pbf"\n'
    (bureau.folder / "osm.toml").write_text(text, encoding="utf-8")
    text += '[layers.streets]\npath = "drawn.gpkg"\n'
    (bureau.folder / "drawn.toml").write_text(text, encoding="utf-8")
    only = ("life_circle", "park_coverage")
    osm, own = (run(bureau.folder / f"{name}.toml", only=only) for name in ("osm", "drawn"))
    for analyzer in only:
        for measure in osm[analyzer].measures:
            if measure.unit == "share" and measure.value is not None:
                other = own[analyzer][measure.id].value
                assert other == pytest.approx(measure.value, abs=0.02), measure.id
    assert told(own, LEVEL)
    assert told(own, ENDS)
