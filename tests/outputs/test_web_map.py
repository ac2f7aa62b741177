import dataclasses
import re

import folium
import geopandas as gpd
import numpy as np
import pytest
import shapely
from hand_made import SCRIPT, UTM, X, Y

from cityplan.errors import OutputError
from cityplan.outputs import web_data
from cityplan.outputs.offline import check_offline
from cityplan.outputs.web_map import build_map, write_web_map

READY = "document.body.hasAttribute('data-ready')"
INK = """() => {
    const canvas = document.querySelector('.leaflet-overlay-pane canvas');
    const dots = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    const colors = new Set();
    for (let i = 0; i < dots.length; i += 4) {
        if (dots[i + 3]) colors.add(dots[i] << 16 | dots[i + 1] << 8 | dots[i + 2]);
    }
    return colors.size;
}"""


@pytest.fixture
def opened(browser_page, tmp_path):
    def open_map(report):
        write_web_map(report, tmp_path / "map.html")
        browser_page.open(tmp_path / "map.html")
        browser_page.page.wait_for_function(READY)
        return browser_page

    return open_map


@pytest.mark.parametrize(("lang", "code"), [("zh", "zh-CN"), ("en", "en")])
def test_map_shows_with_no_network(report, opened, lang, code):
    watched = opened(dataclasses.replace(report, lang=lang))
    page = watched.page
    watched.screenshot(f"map_{lang}")
    assert page.evaluate("document.documentElement.lang") == code
    assert page.title().startswith("明光市 <i>test</i> · ")
    assert page.locator(".leaflet-container").count() == 1
    assert page.evaluate(INK) > 20
    assert page.locator(".leaflet-control-scale").count() == 1
    credits_ = page.locator(".leaflet-control-attribution").inner_text()
    assert "© OpenStreetMap contributors, ODbL" in credits_
    assert f"市住建局 {SCRIPT}" in credits_
    assert watched.requests == []
    assert watched.errors == []


def test_panel_tells_the_finding_of_every_analysis(report, opened):
    page = opened(report).page
    findings = page.locator(".cp-finding").all_inner_texts()
    assert findings[0].startswith("▲ 建成区公厕密度：1.14 个/km²，标准值 3–5 个/km²，未达标")
    assert findings[2].strip() == "未分析：图层“streets”没有数据。"
    assert page.locator("h1").inner_text() == "明光市 <i>test</i>"


def test_first_analysis_is_on_and_another_can_be_chosen(report, opened):
    page = opened(report).page
    radios = page.locator("[data-analysis]")
    assert [radios.nth(n).is_checked() for n in range(2)] == [True, False]
    assert page.locator("[data-body='0']").is_visible()
    assert not page.locator("[data-body='1']").is_visible()
    first = page.evaluate(INK)
    radios.nth(1).check()
    assert page.locator("[data-body='1']").is_visible()
    assert not page.locator("[data-body='0']").is_visible()
    page.wait_for_function(f"({INK})() !== {first}")


def test_layers_can_be_hidden(report, opened):
    page = opened(report).page
    for box in page.locator("[data-body='0'] [data-layer]").all():
        box.uncheck()
    page.wait_for_function(f"({INK})() < 20")


def test_worst_place_opens_its_pop_up_and_names_stay_text(report, opened):
    watched = opened(report)
    page = watched.page
    page.locator("[data-place]").first.click()
    popup = page.locator(".cp-popup")
    assert popup.locator("h3").inner_text() == SCRIPT
    text = popup.inner_text()
    for part in ("1,830", "菜市场、银行网点", "3–5 个/km²", "1.86 个/km²", "17 座公厕"):
        assert part in text
    assert page.locator(".cp-popup script").count() == 0
    assert watched.errors == []


def test_units_show_value_target_gap_and_verdict(report, opened):
    page = opened(report).page
    box = page.locator(".leaflet-container").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.55, box["y"] + box["height"] * 0.85)
    text = page.locator(".cp-popup").inner_text()
    for part in ("明南街道", "3.40 个/km²", "标准值", "达标", "依据"):
        assert part in text


def test_notebook_gets_a_folium_map_with_everything_inside(report, browser_page, tmp_path):
    shown = build_map(report)
    assert isinstance(shown, folium.Map)
    page = f"<!DOCTYPE html><html><body>{shown._repr_html_()}</body></html>"
    (tmp_path / "notebook.html").write_text(page, encoding="utf-8")
    browser_page.open(tmp_path / "notebook.html")
    frame = browser_page.page.frame_locator("iframe")
    frame.locator("body[data-ready]").wait_for()
    assert frame.locator(".leaflet-container").count() == 1
    assert browser_page.requests == []
    assert browser_page.errors == []


def test_same_report_same_page(report):
    assert build_map(report).get_root().render() == build_map(report).get_root().render()


def test_page_carries_leaflet_and_nothing_it_does_not_use(report):
    html = build_map(report).get_root().render()
    check_offline(html)
    assert "Leaflet 1.9.3" in html
    for unused in ("jquery", "bootstrap", "awesome", "cdn."):
        assert unused not in html.lower()


def test_an_element_that_needs_the_network_is_refused(report, tmp_path, monkeypatch):
    from cityplan.outputs import web_map

    shown = build_map(report)
    shown.add_child(folium.TileLayer("OpenStreetMap"))
    shown.get_root().header.add_child(
        folium.elements.CssLink("https://cdn.example/style.css"), name="far"
    )
    monkeypatch.setattr(web_map, "build_map", lambda _report: shown)
    with pytest.raises(OutputError, match=r"cdn\.example"):
        write_web_map(report, tmp_path / "map.html")
    assert not (tmp_path / "map.html").exists()


@pytest.mark.parametrize(
    "html",
    [
        '<script src="http://a.example/x.js"></script>',
        '<link rel="stylesheet" href="//a.example/x.css">',
        "<style>@import 'http://a.example/x.css';</style>",
        "<style>p { background: url( 'https://a.example/x.png' ) }</style>",
        '<p style="background: url(https://a.example/x.png)">',
        '<img src="https://a.example/x.png">',
        '<iframe src="https://a.example"></iframe>',
    ],
)
def test_whatever_would_be_loaded_is_refused(html):
    with pytest.raises(OutputError, match=r"a\.example"):
        check_offline(html)


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://a.example">x</a>',
        "<script>var name = \"url(http://a.example) @import 'http://a.example'\";</script>",
        "<p>url(http://a.example)</p>",
        "<style>p { background: url(data:image/png;base64,AA) }</style>",
    ],
)
def test_addresses_that_load_nothing_are_fine(html):
    check_offline(html)


def points(count):
    rng = np.random.default_rng(0)
    xy = [X, Y] + rng.random((count, 2)) * [6000, 5000]
    return gpd.GeoDataFrame(
        {"name": [f"点{n}" for n in range(count)], "kind": "dot", "weight": range(count)},
        geometry=shapely.points(xy),
        crs=UTM,
    )


def test_too_many_shapes_are_sampled_and_that_is_said(report, monkeypatch):
    monkeypatch.setattr(web_data, "MAX_FEATURES", 100)
    data = web_data.layer_data(points(250), report, "zh")
    assert len(data.collection["features"]) == 100
    assert data.total == 250
    assert data.collection["features"][0]["properties"]["v"][0] == "点249"
    assert data.notes == ["此处按权重显示 250 个要素中的 100 个，全部要素见 layers.gpkg。"]


def test_heavy_outlines_are_thinned_and_that_is_said(report, monkeypatch):
    monkeypatch.setattr(web_data, "MAX_VERTICES", 100)
    circle = shapely.Point(X + 3000, Y + 2500).buffer(2000, 400)
    frame = gpd.GeoDataFrame({"name": ["c"], "kind": ["c"]}, geometry=[circle], crs=UTM)
    data = web_data.layer_data(frame, report, "en")
    assert len(data.notes) == 1
    assert re.match(r"Outlines are simplified to \d+ m here", data.notes[0])
    (ring,) = data.collection["features"][0]["geometry"]["coordinates"][0]
    assert 20 < len(ring) <= 100


def test_coordinates_have_six_decimals(report):
    features = web_data.layer_data(points(5), report, "en").collection["features"]
    for feature in features:
        assert all(round(c, 6) == c for c in feature["geometry"]["coordinates"])


def test_twenty_thousand_points_stay_small(report, toilets, tmp_path):
    big = dataclasses.replace(toilets, shapes={"facility": points(20_000)})
    write_web_map(dataclasses.replace(report, results=(big,)), tmp_path / "map.html")
    assert (tmp_path / "map.html").stat().st_size < 2_000_000
