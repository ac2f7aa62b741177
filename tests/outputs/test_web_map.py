import dataclasses
import datetime as dt
import re

import folium
import geopandas as gpd
import numpy as np
import pytest
import shapely
from axe_playwright_python.sync_playwright import Axe
from hand_made import FORMULA, HOSTILE, SCRIPT, UNITS, UTM, X, Y

from cityplan.errors import OutputError
from cityplan.model.ledger import make_ledger
from cityplan.model.plan_file import load_plan
from cityplan.model.standard import load_standard
from cityplan.outputs import web_page
from cityplan.outputs.offline import check_offline
from cityplan.outputs.tiles import osm_tiles, tianditu_tiles
from cityplan.outputs.web_map import build_map, explore, write_web_map
from cityplan.outputs.web_page import page_data

INK = """() => {
    const canvas = document.querySelector('canvas.cp-canvas');
    const dots = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    const colors = new Set();
    for (let i = 0; i < dots.length; i += 4) {
        if (dots[i + 3]) colors.add(dots[i] << 16 | dots[i + 1] << 8 | dots[i + 2]);
    }
    return colors.size;
}"""
PICTURE = "() => document.querySelector('canvas.cp-canvas').toDataURL()"
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def opened(browser_page, tmp_path):
    def open_map(report, *, viewport=None):
        write_web_map(report, tmp_path / "map.html")
        browser_page.page.set_viewport_size(viewport or {"width": 1440, "height": 900})
        browser_page.open(tmp_path / "map.html")
        browser_page.page.locator("body[data-ready]").wait_for()
        return browser_page

    return open_map


@pytest.fixture
def quiet(browser_page):
    """Whatever a test does on the page, nothing is asked of a network and nothing fails."""
    yield
    assert browser_page.requests == []
    assert browser_page.errors == []


pytestmark = pytest.mark.usefixtures("quiet")


def serious(page):
    found = Axe().run(page).response["violations"]
    return [
        (v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in {"serious", "critical"}
    ]


def tab(page, number):
    page.locator(f"[data-tab='{number}']").click()


# --- what is seen ------------------------------------------------------------


@pytest.mark.parametrize(("lang", "code"), [("zh", "zh-CN"), ("en", "en")])
def test_map_shows_with_no_network(report, opened, lang, code):
    watched = opened(dataclasses.replace(report, lang=lang))
    page = watched.page
    watched.screenshot(f"map_{lang}")
    assert page.evaluate("document.documentElement.lang") == code
    assert page.title().startswith("明光市 <i>test</i> · ")
    assert page.locator("h1").inner_text() == "明光市 <i>test</i>"
    assert page.evaluate(INK) > 20
    assert page.locator(".leaflet-control-scale").inner_text().endswith("km")
    credits_ = page.locator(".leaflet-control-attribution").inner_text()
    assert "© OpenStreetMap contributors, ODbL" in credits_
    assert f"市住建局 {SCRIPT}" in credits_


def test_overview_tells_every_analysis_with_its_verdict(report, opened):
    page = opened(report).page
    cards = page.locator(".cp-card")
    assert cards.count() == 3
    first = cards.nth(0).inner_text()
    for part in ("公共厕所密度", "▲ 未达标", "1.14 个/km²", "标准值 3–5 个/km²", "最差单元"):
        assert part in first
    assert "◇ 无法判定" not in first
    assert cards.nth(2).inner_text().endswith("未分析：图层“streets”没有数据。")
    counts = page.locator(".cp-counts li").all_inner_texts()
    assert [text.split() for text in counts] == [
        ["2", "▲", "未达标"],
        ["1", "◇", "无法判定"],
        ["1", "●", "达标"],
    ]


def test_what_is_missed_comes_first_with_every_measure_that_is_missed_or_open(
    report, toilets, own, opened
):
    good = dataclasses.replace(
        own, measures=(dataclasses.replace(own.measures[0], verdict="met"), *own.measures[1:])
    )
    page = opened(dataclasses.replace(report, results=(good, toilets))).page
    cards = page.locator(".cp-card")
    assert cards.locator(".cp-badge").all_inner_texts() == ["▲ 未达标", "● 达标"]
    assert page.locator(".cp-card-other").all_inner_texts() == [
        "◇ 人流集中场所女厕位与男厕位之比：— 标准值 ≥ 2"
    ]
    cards.nth(0).locator("button").click()
    assert page.locator(".cp-lead h2").inner_text() == "公共厕所密度"


def test_the_plan_is_counted_by_clauses(report, opened):
    plan = load_plan("mingguang-2020")
    ledger = make_ledger(plan, as_of=dt.date(2026, 11, 24), measured={}, reported={}, counted={})
    page = opened(dataclasses.replace(report, ledger=ledger)).page
    told = page.locator(".cp-plan").inner_text()
    assert plan.title.zh in told
    assert f"截至 2026-11-24，共 {len(ledger.clauses)} 条任务条款" in told
    numbers = [int(number) for number in page.locator(".cp-plan li b").all_inner_texts()]
    assert sum(numbers) == len(ledger.clauses)
    assert f"无数据 {sum(c.verdict == 'no_data' for c in ledger.clauses)}" in told


def test_a_study_without_a_plan_has_no_plan_on_its_map(report, opened):
    assert opened(report).page.locator(".cp-plan").count() == 0


def test_figures_keep_their_sign_and_unit_on_the_line(report, opened):
    page = opened(report).page
    kept = page.locator(".cp-card").nth(0).locator(".cp-finding .cp-unbroken").all_inner_texts()
    assert kept == ["1.14 个/km²", "3–5 个/km²", "1.86 个/km²"]


def test_roads_are_drawn_by_their_class_not_by_their_number(report, own, opened):
    roads = own.shapes["context"].copy()
    roads["kind"] = ["expressway"] * 9 + ["branch"] * 5 + ["arterial"] * 2
    drawn = dataclasses.replace(own, shapes={"facility": roads})
    page = opened(
        dataclasses.replace(report, standard=load_standard("cn-action-plan"), results=(drawn,))
    ).page
    named = page.locator(".cp-layers label > span:nth-of-type(1)").all_inner_texts()
    assert named == ["快速路（主路）", "主干路", "支路"]
    weights = page.evaluate("cityplan.data.analyses[0].layers.map(layer => layer.look.weight)")
    assert weights == sorted(weights)


def test_gaps_without_a_name_are_called_by_their_street(report, own, toilets, opened):
    streets = own.shapes["context"].iloc[:1]
    gaps = toilets.shapes["gap"].drop(columns=["label_zh"]).assign(name=UNITS[0], unit=UNITS[0])
    x, y = streets.geometry.iloc[0].coords[0]
    gaps = gaps.iloc[:2].set_geometry([shapely.Point(x + d, y).buffer(9) for d in (50, 9_000)])
    drawn = dataclasses.replace(own, shapes={"facility": streets, "gap": gaps.set_crs(UTM)})
    page = opened(dataclasses.replace(report, results=(drawn,))).page
    named = page.locator("#cp-table tbody th").all_inner_texts()
    assert sorted(text.strip() for text in named) == sorted(["路0附近", UNITS[0]])


def test_overview_lists_units_by_targets_missed(report, opened):
    page = opened(report).page
    rows = page.locator("#cp-table tbody tr").all_inner_texts()
    told = {row.split("\t")[0].strip(): row.split("\t")[1].strip() for row in rows}
    # Toilets: 1.2, none, 3.4, 2.96 of 3 per km²; walking: 10, 14.96, 20, 3 of 15 %.
    assert told == {UNITS[0]: "2", UNITS[1]: "1", UNITS[2]: "0", UNITS[3]: "2"}
    assert rows[-1].startswith(UNITS[2])


def test_a_card_opens_its_analysis_and_the_legend_follows(report, opened):
    page = opened(report).page
    before = page.evaluate(PICTURE)
    page.locator("[data-open='0']").click()
    assert page.locator("[data-tab='0'][aria-current=page]").count() == 1
    lead = page.locator(".cp-lead").inner_text()
    assert lead.startswith("公共厕所密度\n▲ 未达标")
    assert "建成区公厕密度：1.14 个/km²，标准值 3–5 个/km²，未达标，差 1.86 个/km²。" in lead
    legend = page.locator(".cp-legend").inner_text()
    for part in (
        "达标",
        "未达标，缺口超过目标的一半",
        "无法判定",
        "1 个单元",
        "短板",
        "建议",
        "建成区（推算）",
    ):
        assert part in legend
    assert page.evaluate(PICTURE) != before
    tab(page, 1)
    assert page.locator(".cp-role").all_inner_texts() == ["短板"]
    assert "真断头路" in page.locator(".cp-legend").inner_text()
    assert "背景要素 支路" in page.locator(".cp-legend").inner_text()
    assert "建议" not in page.locator(".cp-legend").inner_text()


def test_ground_that_lies_in_no_unit_is_in_the_legend(report, opened):
    legend = opened(report).page.locator(".cp-legend").inner_text()
    assert "单元以外" not in legend
    fewer = dataclasses.replace(report.area, units=report.area.units.iloc[1:])
    legend = opened(dataclasses.replace(report, area=fewer)).page.locator(".cp-legend").inner_text()
    assert "单元以外" in legend


def test_layers_can_be_hidden(report, opened):
    page = opened(report).page
    tab(page, 0)
    full = page.evaluate(INK)
    for box in page.locator("[data-layer]").all():
        box.uncheck()
    assert page.evaluate(INK) < full


def test_units_are_shaded_by_any_measure(report, opened):
    page = opened(report).page
    tab(page, 0)
    before = page.evaluate(PICTURE)
    choice = page.locator("#cp-measure")
    assert [text.strip() for text in choice.locator("option").all_inner_texts()] == [
        "建成区公厕数量", "建成区公厕密度", "公厕服务半径覆盖的建成区占比",
    ]  # fmt: skip
    choice.select_option(label="建成区公厕数量")
    assert page.evaluate("document.activeElement.id") == "cp-measure"
    assert page.evaluate(PICTURE) != before
    assert "统计单元 · 建成区公厕数量" in page.locator(".cp-classes").inner_text()
    assert page.locator(".cp-measure .cp-card-figure").inner_text().strip() == "17"


def test_figures_that_are_not_verified_are_marked(report, opened):
    page = opened(report).page
    tab(page, 1)
    assert "未核实" in page.locator(".cp-lead").inner_text()
    tab(page, 0)
    assert "未核实" not in page.locator(".cp-lead").inner_text()


# --- list, search and pop-ups -------------------------------------------------


def test_a_row_moves_the_map_and_opens_a_pop_up(report, opened):
    page = opened(report).page
    tab(page, 0)
    before = page.evaluate(PICTURE)
    first = page.locator("[data-row]").first
    assert first.inner_text() == SCRIPT
    first.focus()
    page.keyboard.press("Enter")
    text = page.locator(".cp-popup").inner_text()
    for part in (SCRIPT, "1,830", "菜市场、银行网点", "3–5 个/km²", "1.86 个/km²", "17 座公厕"):
        assert part in text
    assert page.evaluate(PICTURE) != before
    assert first.get_attribute("aria-pressed") == "true"
    assert page.locator(".cp-popup script").count() == 0
    page.keyboard.press("Escape")
    assert page.locator(".cp-popup").count() == 0


def test_the_list_is_walked_sorted_and_filtered_by_keyboard(report, opened):
    page = opened(report).page
    tab(page, 0)
    names = page.locator("[data-row]")
    assert names.nth(1).inner_text() == "南苑小区片区（标注）"
    names.first.focus()
    for key, at in (("ArrowDown", 1), ("End", 2), ("ArrowUp", 1), ("Home", 0)):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.innerText") == names.nth(at).inner_text()
    people = page.locator("[data-sort='people']")
    assert page.locator("[aria-sort]").inner_text().startswith("受影响人口")
    people.focus()
    page.keyboard.press("Enter")
    assert page.locator("[aria-sort=ascending]").count() == 1
    assert page.evaluate("document.activeElement.getAttribute('data-sort')") == "people"
    assert [n.strip() for n in names.all_inner_texts()][:2] == ["南苑小区片区（标注）", SCRIPT]
    page.locator(".cp-filter").fill("南苑")
    assert names.all_inner_texts() == ["南苑小区片区（标注）"]
    assert page.locator("#cp-rows").inner_text() == "显示 1 / 3 条"
    page.locator(".cp-filter").fill("no such place")
    assert "此处没有可列出的内容。" in page.locator("#cp-table").inner_text()


def test_units_list_tells_value_target_gap_and_verdict(report, opened):
    page = opened(report).page
    tab(page, 0)
    page.locator("[data-list=units]").click()
    rows = [
        [cell.strip() for cell in row.split("\t")]
        for row in page.locator("#cp-table tbody tr").all_inner_texts()
    ]
    assert rows[0] == [UNITS[0], "1.20 个/km²▲", "3–5 个/km²", "1.80 个/km²", "未达标"]
    assert [row[-1] for row in rows] == ["未达标", "未达标", "达标", "无法判定"]


def test_a_click_on_a_unit_tells_value_target_gap_and_basis(report, opened):
    page = opened(report).page
    tab(page, 0)
    for box in page.locator("[data-layer]").all():
        box.uncheck()
    box = page.locator("#cp-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.8)
    text = page.locator(".cp-popup").inner_text()
    for part in (UNITS[2], "3.40 个/km²", "标准值", "缺口", "达标", "17 座公厕，建成区 14.1 km²。"):
        assert part in text
    page.keyboard.press("Escape")
    assert page.locator(".cp-popup").count() == 0


def test_search_finds_names_of_all_analyses_and_goes_there(report, opened):
    page = opened(report).page
    box = page.get_by_role("combobox", name="按名称查找")
    box.fill("南苑")
    assert page.locator("#cp-found li").count() == 1
    page.keyboard.press("Enter")
    assert page.locator("[data-tab='0'][aria-current=page]").count() == 1
    assert page.locator(".cp-popup h3").inner_text() == "南苑小区片区（标注）"
    box.fill("明")
    assert page.locator("#cp-found li").count() == 3
    page.keyboard.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") == "cp-found-1"
    page.keyboard.press("Enter")
    assert page.locator(".cp-popup h3").inner_text() == UNITS[1]
    box.fill("nowhere at all")
    assert page.locator("#cp-found").inner_text() == "没有找到该名称。"


def test_hostile_names_stay_text(report, opened):
    page = opened(report).page
    for name in HOSTILE:
        box = page.locator("#cp-search input")
        box.fill(name[:40])
        assert page.locator("#cp-found bdi").first.inner_text().startswith(name[:20])
        page.keyboard.press("Enter")
        heading = page.locator(".cp-popup h3")
        assert heading.inner_text() == name
        popup, map_ = (
            page.locator(".leaflet-popup").bounding_box(),
            page.locator("#cp-map").bounding_box(),
        )
        assert popup["width"] < map_["width"]
        assert popup["height"] < map_["height"]
    scripts = page.locator("script").all_inner_texts()
    assert not any(text.strip() == "alert(1)" for text in scripts)
    assert page.locator("i").count() == 0
    assert FORMULA in page.content()


# --- language, print, phone, accessibility -------------------------------------


def test_language_is_switched_in_the_page(report, opened):
    page = opened(report).page
    tab(page, 0)
    switch = page.locator("#cp-lang")
    assert switch.inner_text() == "English"
    switch.click()
    assert page.evaluate("document.documentElement.lang") == "en"
    text = page.locator("body").inner_text()
    for part in (
        "Public toilets per km² of built-up area: 1.14 per km²",
        "Legend",
        "▲ not met",
        "Hide the list",
    ):
        assert part in text
    assert page.locator("[data-tab='0'][aria-current=page]").count() == 1
    assert page.locator(".leaflet-control-zoom-in").get_attribute("title") == "Zoom in"
    switch.click()
    assert "图例" in page.locator("body").inner_text()


def test_print_shows_map_finding_legend_and_list(report, opened):
    watched = opened(report)
    page = watched.page
    tab(page, 0)
    page.emulate_media(media="print")
    page.locator("body.cp-printing").wait_for()
    watched.screenshot("map_print")
    assert page.evaluate(INK) > 20
    for shown in ("#cp-map", ".cp-lead", ".cp-legend", "#cp-table"):
        assert page.locator(shown).is_visible()
    for hidden in ("#cp-tabs", "#cp-search", "#cp-print", ".cp-dock-head", ".leaflet-control-zoom"):
        assert not page.locator(hidden).is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440
    page.emulate_media(media="screen")
    page.locator("body:not(.cp-printing)").wait_for()


def test_page_fits_a_phone(report, opened):
    watched = opened(report, viewport=PHONE)
    page = watched.page
    watched.screenshot("map_phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    tab(page, 0)
    watched.screenshot("map_phone_analysis")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert (
        page.locator("#cp-map").bounding_box()["y"] < page.locator("#cp-panel").bounding_box()["y"]
    )
    page.locator("[data-row]").first.click()
    place = page.locator(".leaflet-popup").bounding_box()
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= PHONE["width"]
    assert page.locator("#cp-map").bounding_box()["y"] > -20


@pytest.mark.parametrize("viewport", [{"width": 1440, "height": 900}, PHONE])
def test_nothing_serious_from_axe(report, opened, viewport):
    page = opened(report, viewport=viewport).page
    assert serious(page) == []
    for number in (0, 1):
        tab(page, number)
        assert serious(page) == []
    page.locator("[data-row]").first.click()
    page.locator("details").first.evaluate("node => node.open = true")
    page.locator("#cp-lang").click()
    assert serious(page) == []


def test_page_says_what_it_is_without_its_script(report, tmp_path, browser_page):
    write_web_map(report, tmp_path / "map.html")
    page = browser_page.page.context.browser.new_context(java_script_enabled=False).new_page()
    page.goto((tmp_path / "map.html").as_uri())
    text = page.locator("#cp-panel").inner_text()
    assert "本地图需要启用 JavaScript。" in text
    assert "建成区公厕密度：1.14 个/km²，标准值 3–5 个/km²，未达标" in text


def test_an_old_browser_is_told_so(report, tmp_path, browser_page):
    write_web_map(report, tmp_path / "map.html")
    browser_page.page.add_init_script("delete window.DecompressionStream")
    browser_page.open(tmp_path / "map.html")
    assert browser_page.page.locator("#cp-old").is_visible()
    assert "浏览器版本过旧" in browser_page.page.locator("#cp-old").inner_text()


# --- size ------------------------------------------------------------------------


def points(count):
    rng = np.random.default_rng(0)
    xy = [X, Y] + rng.random((count, 2)) * [6000, 5000]
    return gpd.GeoDataFrame(
        {"name": [f"点{n}" for n in range(count)], "kind": "dot", "weight": range(count)},
        geometry=shapely.points(xy),
        crs=UTM,
    )


def test_crowded_points_are_counted_in_circles_that_open(report, toilets, opened):
    crowd = dataclasses.replace(toilets, shapes={"facility": points(3_000)})
    page = opened(dataclasses.replace(report, results=(crowd,))).page
    bubbles = "cityplan.canvas.bubbles.map(b => b.count)"
    assert sum(page.evaluate(bubbles)) >= 2_900
    assert "带数字的圆" in page.locator(".cp-legend").inner_text()
    x, y = page.evaluate(
        """() => { const b = cityplan.canvas.bubbles[0], at = cityplan.canvas._container.getBoundingClientRect();
                   return [at.left + b.x, at.top + b.y]; }"""
    )
    zoom = page.evaluate("cityplan.leaflet.getZoom()")
    page.mouse.click(x, y)
    assert page.evaluate("cityplan.leaflet.getZoom()") == zoom + 2


def test_a_page_over_its_budget_is_simplified_then_thinned_out_and_says_so(
    report, toilets, opened, monkeypatch
):
    monkeypatch.setattr(web_page, "BUDGET_BYTES", 700_000)
    big = dataclasses.replace(toilets, shapes={"facility": points(60_000)})
    page = opened(dataclasses.replace(report, results=(big,))).page
    page.locator("details").last.evaluate("node => node.open = true")
    about = page.locator("details").last.inner_text()
    assert "按权重从小到大省略 45,000 个要素。" in about
    assert "轮廓简化至 16 米" in about
    assert re.search(r"文件 0\.[3-7] MB（上限 0\.7 MB）", about)
    assert page.evaluate("cityplan.data.analyses[0].layers[0].shapes.count") == 15_000
    weights = page.evaluate(
        "(() => { const f = cityplan.data.analyses[0].layers[0].field.weight;"
        " return Math.min(...Array.from(f.column, (_, n) => cityplan.numberOf(f, n))); })()"
    )
    assert weights == 45_000


def test_a_small_page_is_kept_whole(report, opened):
    page = opened(report).page
    page.locator("details").last.evaluate("node => node.open = true")
    about = page.locator("details").last.inner_text()
    assert "轮廓简化至 1 米" in about
    assert "要素无省略" in about
    assert "由建筑与城镇用地外扩闭合推算。" in about


def test_shapes_arrive_where_they_are(report, toilets, opened):
    frame = points(200)
    one = dataclasses.replace(toilets, shapes={"facility": frame})
    page = opened(dataclasses.replace(report, results=(one,))).page
    seen = page.evaluate(
        """() => { const layer = cityplan.data.analyses[0].layers[0], s = layer.shapes;
          return Array.from({length: s.count}, (_, n) => {
            const at = cityplan.latLng(cityplan.anchor(s, n));
            return [cityplan.nameOf(layer, n), at.lng, at.lat]; }); }"""
    )
    degrees = frame.to_crs("EPSG:4326").set_index("name").geometry
    assert len(seen) == 200
    for name, lon, lat in seen:
        assert abs(degrees[name].x - lon) < 2e-6
        assert abs(degrees[name].y - lat) < 2e-6


def test_twenty_thousand_points_stay_small(report, toilets, tmp_path):
    big = dataclasses.replace(toilets, shapes={"facility": points(20_000)})
    write_web_map(dataclasses.replace(report, results=(big,)), tmp_path / "map.html")
    assert (tmp_path / "map.html").stat().st_size < 800_000


# --- notebook ----------------------------------------------------------------------


@pytest.mark.parametrize("draw", [build_map, lambda report: explore(report.results[1], report)])
def test_notebook_gets_a_folium_map_with_everything_inside(report, browser_page, tmp_path, draw):
    shown = draw(report)
    assert isinstance(shown, folium.Map)
    folium.CircleMarker([32.8, 117.03], radius=9).add_to(shown)
    page = f"<!DOCTYPE html><html><body>{shown._repr_html_()}</body></html>"
    (tmp_path / "notebook.html").write_text(page, encoding="utf-8")
    browser_page.open(tmp_path / "notebook.html")
    frame = browser_page.page.frame_locator("iframe")
    frame.locator("body[data-ready]").wait_for()
    browser_page.screenshot("notebook")
    assert frame.locator(".leaflet-container canvas.cp-canvas").count() == 1
    assert frame.locator(".leaflet-container .leaflet-interactive").count() == 1
    assert frame.locator("h1").inner_text() == "明光市 <i>test</i>"


def test_one_result_is_explored_without_an_overview(report, browser_page, tmp_path):
    explore(report.results[1], report).save(tmp_path / "one.html")
    browser_page.open(tmp_path / "one.html")
    page = browser_page.page
    page.locator("body[data-ready]").wait_for()
    assert page.locator("[data-tab]").count() == 1
    assert page.locator(".cp-lead h2").inner_text() == "自定义分析"


def test_report_of_a_run_explores_one_analysis():
    import cityplan

    report = cityplan.run(cityplan.sample("toy"))
    assert isinstance(report.explore("toilet_density"), folium.Map)
    with pytest.raises(LookupError, match=r"no result 'toilets' to explore; .*toilet_density"):
        report.explore("toilets")


def test_same_report_same_page(report, tmp_path):
    assert build_map(report).get_root().render() == build_map(report).get_root().render()
    pages = [tmp_path / "a.html", tmp_path / "b.html"]
    for path in pages:
        write_web_map(report, path)
    assert pages[0].read_bytes() == pages[1].read_bytes()


# --- no network -----------------------------------------------------------------------


def test_page_carries_leaflet_and_nothing_it_does_not_use(report, tmp_path):
    write_web_map(report, tmp_path / "map.html")
    for html in (build_map(report).get_root().render(), (tmp_path / "map.html").read_text("utf-8")):
        check_offline(html)
        assert "Leaflet 1.9.3" in html
        for unused in ("jquery", "bootstrap", "awesome", "cdn."):
            assert unused not in html.lower()


def test_page_forbids_itself_any_address(report, tmp_path):
    write_web_map(report, tmp_path / "map.html")
    html = (tmp_path / "map.html").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1]
    assert policy.startswith("default-src 'none'; ")
    assert "http" not in policy


def test_tiles_come_only_where_they_are_asked_for(report, tmp_path):
    assert '"tiles":null' not in page_data(report).packed
    for tiles, host in (
        (osm_tiles(), "https://tile.openstreetmap.org"),
        (tianditu_tiles("0123456789abcdef0123456789abcdef"), "https://*.tianditu.gov.cn"),
    ):
        write_web_map(report, tmp_path / "map.html", tiles=tiles)
        html = (tmp_path / "map.html").read_text(encoding="utf-8")
        assert f"img-src data: {host}" in html


def test_tiles_are_asked_of_their_own_host(report, tmp_path, browser_page):
    write_web_map(report, tmp_path / "map.html", tiles=tianditu_tiles("abcd1234"))
    page, asked = browser_page.page.context.browser.new_context(offline=True).new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "map.html").as_uri())
    page.locator("body[data-ready]").wait_for()
    far = [url for url in asked if url.startswith("http")]
    assert far
    assert all(
        re.match(r"https://t[0-7]\.tianditu\.gov\.cn/(vec|cva)_w/wmts\?.*tk=abcd1234$", u)
        for u in far
    )
    assert "天地图" in page.locator(".leaflet-control-attribution").inner_text()


def test_a_key_that_is_none_is_refused():
    with pytest.raises(OutputError, match="no key of Tianditu"):
        tianditu_tiles("' onload=alert(1) ")


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


def test_a_page_that_would_load_something_is_not_written(report, tmp_path, monkeypatch):
    from cityplan.outputs import web_map

    monkeypatch.setattr(
        web_map, "_style", lambda: "p { background: url(https://cdn.example/x.png) }"
    )
    with pytest.raises(OutputError, match=r"cdn\.example"):
        write_web_map(report, tmp_path / "map.html")
    assert not (tmp_path / "map.html").exists()
