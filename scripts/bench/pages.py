"""One page of 50 000 polygons with pop-ups, ours against folium's GeoJson; and 200 000 buildings.

City blocks with six attributes are made by seed. Both pages hold all of them with
the same attributes in pop-ups; folium draws on canvas, which is its faster way, and
gets its coordinates rounded to six decimals, as ours are. The network is off: what
folium's page would load comes from this machine, Leaflet from the same package as
ours, and everything it does not need here for drawing and pop-ups is empty.
"""

from __future__ import annotations

import re
import statistics
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from shutil import which

import folium
import geopandas as gpd
import numpy as np
import shapely
from common import Table, in_turns, median_ratio
from playwright.sync_api import sync_playwright
from xstatic.pkg import leaflet

from cityplan.model.area import BuiltUp, StudyArea
from cityplan.model.report import Report
from cityplan.model.result import Measure, Result
from cityplan.model.standard import load_standard
from cityplan.outputs.web_map import write_web_map
from cityplan.text import Text

SEED = 20_26
UTM = "EPSG:32650"
CORNER = (500_000.0, 3_630_000.0)
BLOCKS, BUILDINGS = 50_000, 200_000
KINDS = ("residential", "commercial", "industrial", "school", "hospital", "office", "park", "mixed")
FIELDS = ["name", "kind", "people", "storeys", "built_year", "green_share"]
ROUNDS = 3
RATIO = "<= 0.15"
# Seconds from the start of the navigation until the frame after the next is painted.
PAINTED = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(
  () => done(performance.now() / 1000))))"""
INK = """() => { const c = document.querySelector('canvas');
  const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data, seen = new Set();
  for (let i = 0; i < d.length; i += 4) if (d[i + 3]) seen.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]);
  return seen.size; }"""


def blocks(count: int) -> gpd.GeoDataFrame:
    """Return city blocks of about 90 m with eight corners, streets between them."""
    rng = np.random.default_rng(SEED)
    side = int(np.ceil(np.sqrt(count)))
    column, row = np.divmod(np.arange(count), side)
    around = np.array([(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1)]) * 45.0
    corners = around + rng.normal(0, 6, (count, 8, 2))
    corners += np.column_stack([column, row])[:, None, :] * 110.0 + CORNER
    return gpd.GeoDataFrame(
        {
            "name": [f"Block {a}-{b}" for a, b in zip(column.tolist(), row.tolist(), strict=True)],
            "kind": rng.choice(KINDS, count),
            "people": rng.integers(0, 900, count),
            "storeys": rng.integers(1, 34, count),
            "built_year": rng.integers(1950, 2026, count),
            "green_share": rng.random(count).round(3),
        },
        geometry=shapely.polygons(corners),
        crs=UTM,
    )


def buildings(count: int) -> gpd.GeoDataFrame:
    """Return turned L-shaped houses of about 14 m; one in twenty has a name."""
    rng = np.random.default_rng(SEED)
    shape = np.array([(0, 0), (1, 0), (1, 0.6), (0.5, 0.6), (0.5, 1), (0, 1)])
    size = rng.uniform(9, 20, (count, 1, 2))
    turn = rng.uniform(0, np.pi, count)
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    corners = np.einsum("ijn,nkj->nki", turned, shape * size)
    corners += rng.uniform(0, 24_000, (count, 1, 2)) + CORNER
    return gpd.GeoDataFrame(
        {
            "name": [f"House {n}" if n % 20 == 0 else None for n in range(count)],
            "kind": rng.choice(KINDS, count),
            "storeys": rng.integers(1, 34, count),
        },
        geometry=shapely.polygons(corners),
        crs=UTM,
    )


def report_of(frame: gpd.GeoDataFrame) -> Report:
    """Return a report whose only result shows the shapes."""
    whole = shapely.box(*frame.total_bounds)
    one = gpd.GeoDataFrame({"unit": ["city"]}, geometry=[whole], crs=UTM)
    basis = Text(en="Made by seed.", zh="按种子生成。")
    title = Text(en="Shapes", zh="要素")
    measure = Measure(id="bench.count", value=float(len(frame)), unit="count", basis=basis)
    return Report(
        area=StudyArea(
            name="bench", crs=frame.crs, boundary=whole, units=one,
            built_up=BuiltUp(geometry=shapely.MultiPolygon([whole]), basis=basis, is_proxy=False),
        ),
        standard=load_standard("cn-action-plan"),
        lang="en",
        results=(
            Result(
                analyzer="bench", title=title, measures=(measure,), units=one,
                shapes={"context": frame},
            ),
        ),
        inputs={}, notes=(), provenance={}, attribution=(),
    )  # fmt: skip


def write_folium(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write the page the usual way."""
    degrees = frame.to_crs("EPSG:4326")
    rounded = shapely.transform(degrees.geometry.to_numpy(), lambda xy: np.round(xy, 6))
    degrees = degrees.set_geometry(rounded, crs="EPSG:4326")
    west, south, east, north = degrees.total_bounds
    page = folium.Map(tiles=None, prefer_canvas=True)
    folium.GeoJson(
        degrees,
        style_function=lambda _: {"color": "#8a949e", "fillColor": "#b9c0c7", "weight": 0.8},
        popup=folium.GeoJsonPopup(fields=FIELDS),
    ).add_to(page)
    page.fit_bounds([[south, west], [north, east]])
    page.save(path)


@contextmanager
def chromium():
    """Yield a function that opens a page in a fresh context and returns it with its seconds."""
    home = Path(leaflet.BASE_DIR)
    near = {"leaflet.js": home / "leaflet.js", "leaflet.css": home / "leaflet.css"}
    found = which("chromium") or which("google-chrome")
    if found is None:
        sys.exit("No chromium on this machine: pages cannot be measured.")

    def local(route):
        name = route.request.url.rsplit("/", 1)[-1]
        if name in near:
            route.fulfill(path=near[name])
        else:
            route.fulfill(body="")

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu"]
        )

        @contextmanager
        def opened(path: Path, *, ready: str):
            context = browser.new_context(
                viewport={"width": 1440, "height": 900}, service_workers="block"
            )
            context.set_default_timeout(180_000)
            context.route(re.compile("^https?:"), local)
            page = context.new_page()
            page.goto(path.as_uri(), wait_until="load")
            page.locator(ready).wait_for(state="attached")
            seconds = page.evaluate(PAINTED)
            assert page.evaluate(INK) > 1, f"{path.name} shows nothing"
            yield page, seconds
            context.close()

        yield opened
        browser.close()


def pops_up(page, text: str) -> None:
    """Hold that a click on the middle of the map opens a pop-up with the attributes."""
    box = page.locator(".leaflet-container").bounding_box()
    shown = ""
    for step in range(40):
        x, y = box["x"] + box["width"] / 2 + 3 * step, box["y"] + box["height"] / 2 + 2 * step
        page.mouse.click(x, y)
        popup = page.locator(".leaflet-popup-content")
        shown = popup.inner_text() if popup.count() else ""
        if text in shown:
            return
    raise AssertionError(f"no attributes in the pop-up: {shown[:200]}")


def loaded(opened, path: Path, ready: str) -> float:
    with opened(path, ready=ready) as (_, seconds):
        return seconds


def main() -> None:
    table = Table("pages")
    frame, houses = blocks(BLOCKS), buildings(BUILDINGS)
    report, town = report_of(frame), report_of(houses)
    with tempfile.TemporaryDirectory() as folder, chromium() as opened:
        ours, peer, large = (Path(folder) / f"{name}.html" for name in ("ours", "peer", "large"))
        built = in_turns(
            {
                "ours": lambda: write_web_map(report, ours),
                "peer": lambda: write_folium(frame, peer),
            },
            rounds=ROUNDS,
        )
        seen = in_turns(
            {
                "ours": lambda: loaded(opened, ours, "body[data-ready]"),
                "peer": lambda: loaded(opened, peer, ".leaflet-container"),
            },
            rounds=ROUNDS,
        )
        for path, ready, text in (
            (ours, "body[data-ready]", "Built year"),
            (peer, ".leaflet-container", "built_year"),
        ):
            with opened(path, ready=ready) as (page, _):
                pops_up(page, text)
        sizes = [path.stat().st_size / 1e6 for path in (ours, peer)]
        table.goal(
            "size, 50 000 polygons", ours=sizes[0], peer=sizes[1], ratio=sizes[0] / sizes[1],
            limit=RATIO, unit="MB",
        )  # fmt: skip
        for name, seconds in (("build", built), ("first usable view", seen)):
            table.goal(
                name, ours=statistics.median(seconds["ours"]),
                peer=statistics.median(seconds["peer"]),
                ratio=median_ratio(seconds["ours"], seconds["peer"]), limit=RATIO,
            )  # fmt: skip
        start = time.perf_counter()
        write_web_map(town, large)
        table.note("build, 200 000 buildings", time.perf_counter() - start, "s")
        size = large.stat().st_size / 1e6
        table.goal(
            "size, 200 000 buildings", ours=size, peer=None, ratio=size, limit="<= 12", unit="MB"
        )
        load = statistics.median(loaded(opened, large, "body[data-ready]") for _ in range(ROUNDS))
        table.goal("usable, 200 000 buildings", ours=load, peer=None, ratio=load, limit="<= 6")
    table.close()


if __name__ == "__main__":
    main()
