import dataclasses
import io
import itertools
import logging
import re
import warnings

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hand_made import HOSTILE, UTM
from matplotlib.patches import Rectangle
from PIL import Image

from cityplan.model.output_options import SheetFields
from cityplan.outputs import fonts, overview_sheet, static_map
from cityplan.outputs.lettering import Lettering
from cityplan.outputs.overview_sheet import unit_verdicts
from cityplan.outputs.panel import Panel
from cityplan.outputs.sheet_blocks import add_basis
from cityplan.outputs.sheet_layout import INCH_M, Box, choose_layout, round_scale
from cityplan.outputs.static_map import draw_overview, draw_sheet, map_figure, write_map_sheets
from cityplan.outputs.style import ROLES
from cityplan.outputs.thinning import thinned
from cityplan.outputs.unit_labels import Rect, place_names, place_numbers, unit_labels
from cityplan.text import Text

A4_PIXELS = {3507, 2480}


@pytest.fixture(autouse=True)
def _fresh_fonts():
    fonts.figure_language.cache_clear()
    yield
    fonts.figure_language.cache_clear()


def texts(figure):
    return [text.get_text() for text in lettering(figure)]


def lettering(figure):
    own = [artist for artist in figure.artists if isinstance(artist, Lettering)]
    return own + [text for axes in figure.axes for text in axes.texts]


def missing_glyphs(figure):
    return {
        letter
        for text in lettering(figure)
        for letter in text.get_text().replace("\n", "")
        if not any(ord(letter) in fonts._letters(name) for name in text.get_fontfamily())
    }


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_sheets_are_drawn_without_a_missing_glyph(report, english, lang, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        paths = write_map_sheets(report if lang == "zh" else english, tmp_path / "maps")
    for result in (None, *report.results[:2]):
        assert not missing_glyphs(map_figure(report if lang == "zh" else english, result))
    stems = ["overview", "toilet_density", "my_own"]
    names = [f"{stem}{suffix}" for stem in stems for suffix in (".png", ".pdf")]
    told = [str(path.relative_to(tmp_path / "maps")) for path in paths]
    assert told == [*names, *(f"A3/{stem}.pdf" for stem in stems)]
    for path in paths:
        if path.suffix == ".pdf":
            assert path.read_bytes().startswith(b"%PDF-")
            continue
        with Image.open(path) as image:
            assert set(image.size) == A4_PIXELS
            assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
            assert len(image.convert("RGB").getcolors(maxcolors=1_000_000)) > 50


def test_a_missing_glyph_would_be_noticed(report, monkeypatch):
    monkeypatch.setattr(static_map, "font_families", lambda: [fonts.LATIN_FONT])
    assert "建" in missing_glyphs(map_figure(report, None))


def test_same_report_same_files(report, tmp_path):
    first = write_map_sheets(report, tmp_path / "a")
    second = write_map_sheets(report, tmp_path / "b")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_a_sheet_fits_into_a_buffer_at_any_resolution_and_in_both_languages(report, tmp_path):
    small, english = io.BytesIO(), io.BytesIO()
    draw_sheet(report, report.results[0], small, dpi=72)
    draw_sheet(report, report.results[0], english, dpi=72, lang="en")
    with Image.open(small) as image:
        assert max(image.size) == 841
    assert small.getvalue() != english.getvalue()
    draw_overview(report, tmp_path / "overview.pdf", dpi=72, lang="en")
    assert (tmp_path / "overview.pdf").read_bytes().startswith(b"%PDF-")


def test_sheet_says_what_a_sheet_must_say(report):
    told = texts(map_figure(report, report.results[0]))
    assert any(
        text.startswith("▲ 建成区公厕密度：1.14 个/km²，标准值 3–5 个/km²，未达标") for text in told
    )
    everything = "\n".join(told)
    for part in (
        "© OpenStreetMap contributors, ODbL", "EPSG:4548", "2026-11-02", "图例", "北", "制图单位",
        "图号", "审图号", "≥ 3 个/km²：达标", "1.5–3 个/km²：未达标", "A4 幅面",
    ):  # fmt: skip
        assert part in everything, part


def test_fields_are_blank_unless_given(report):
    titles = {"制图单位", "图号", "审图号"}
    blank = set(texts(map_figure(report, report.results[0])))
    fields = SheetFields(prepared_by="某规划院", sheet_number="TZ", approval_number="某S(2026)1号")
    given = set(texts(map_figure(report, report.results[0], fields=fields)))
    assert titles <= blank & given
    assert given - blank == {"某规划院", "TZ", "某S(2026)1号"}


def test_sheets_of_a_set_are_numbered(report, tmp_path, monkeypatch):
    numbers = []
    monkeypatch.setattr(
        static_map, "add_footer", lambda *args: numbers.append(args[3].sheet_number)
    )
    write_map_sheets(report, tmp_path, fields=SheetFields(sheet_number="TZ"))
    assert numbers == ["TZ-1", "TZ-2", "TZ-3"] * 2


def test_legend_names_what_is_drawn_and_nothing_else(report, toilets):
    whole = "\n".join(texts(map_figure(report, toilets)))
    assert "短板：盲区 (3)" in whole
    assert "建议：new toilet (1)" in whole
    assert "现有设施：菜市场 (5)" in whole
    only = dataclasses.replace(toilets, shapes={"gap": toilets.shapes["gap"]})
    part = "\n".join(texts(map_figure(report, only)))
    assert "短板：盲区 (3)" in part
    assert "现有设施" not in part
    assert "建议" not in part


def test_swatches_have_the_colours_of_their_roles(report, toilets):
    figure = map_figure(report, toilets)
    drawn = {
        artist.get_facecolor()[:3]: artist.get_hatch()
        for artist in figure.findobj(Rectangle)
        if artist.get_transform() is not None
    }
    for role in ("gap", "served"):
        fill = ROLES[role].fill
        color = tuple(int(fill[n : n + 2], 16) / 255 for n in (1, 3, 5))
        assert drawn[color] == ROLES[role].hatch


def test_roads_of_one_analysis_lead_the_eye_on_the_others(report, toilets, own):
    assert "道路" in texts(map_figure(report, toilets))
    assert "道路" not in texts(map_figure(report, own))


def test_a_result_without_shapes_shows_its_units_by_class(report, toilets):
    bare = dataclasses.replace(toilets, shapes={})
    whole = "\n".join(texts(map_figure(report, bare)))
    assert "< 1.5 个/km²：未达标，缺口超过目标的一半" in whole


@pytest.mark.parametrize("paper", ["A4", "A3"])
@pytest.mark.parametrize("shape", [0.2, 0.5, 0.8, 1.0, 1.4, 2.5, 6.0])
def test_scale_is_round_and_true_and_all_parts_stay_on_the_page(paper, shape):
    bounds = (500_000.0, 3_000_000.0, 500_000.0 + 12_000 * shape, 3_012_000.0)
    layout = choose_layout(bounds, paper)
    ground = layout.extent.east - layout.extent.west
    assert ground == pytest.approx(layout.map.width * INCH_M * layout.scale)
    assert layout.extent.north - layout.extent.south == pytest.approx(
        layout.map.height * INCH_M * layout.scale
    )
    assert re.fullmatch(r"[1-9]\d{0,2}0{2,}", str(layout.scale))
    assert layout.extent.west < bounds[0] < bounds[2] < layout.extent.east
    assert layout.extent.south < bounds[1] < bounds[3] < layout.extent.north
    boxes = [layout.map, *layout.columns]
    for box in boxes:
        assert 0 < box.left < box.right < layout.width
        assert 0 < box.bottom < box.top < layout.height
    for one, other in itertools.combinations(boxes, 2):
        assert not _rect(one).overlaps(_rect(other))


def test_the_page_turns_with_the_city():
    tall = choose_layout((0, 0, 3_000, 12_000), "A4")
    wide = choose_layout((0, 0, 12_000, 9_000), "A4")
    assert tall.width < tall.height
    assert wide.width > wide.height
    assert choose_layout((0, 0, 3_000, 12_000), "A3").scale < tall.scale


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [(99_999, 100_000), (100_001, 110_000), (21_000, 22_500), (61_000, 65_000), (7_001, 7_500)],
)
def test_scales_are_rounded_up(ratio, expected):
    assert round_scale(ratio) == expected


def _rect(box):
    return Rect(box.left, box.bottom, box.right, box.top)


@pytest.fixture
def many(toilets):
    """A city of 81 units, most of them too small for their names."""
    edges = np.concatenate([np.linspace(0, 1200, 9), [6000]])
    names, shapes = [], []
    for (w, e), (s, n) in itertools.product(itertools.pairwise(edges), repeat=2):
        names.append(f"第{len(names) + 1}社区居民委员会")
        shapes.append(shapely.box(w, s, e, n))
    values = np.linspace(0, 6, len(names))
    units = gpd.GeoDataFrame(
        {"unit": names, "toilet_density.per_km2": values}, geometry=shapes, crs=UTM
    )
    return dataclasses.replace(toilets, units=units)


def test_labels_do_not_collide_and_small_units_get_numbers(many):
    box = Box(left=1, bottom=1, width=6, height=6)
    extent = static_map.choose_layout((0, 0, 6000, 6000), "A4").extent
    extent = type(extent)(0, 0, 6096, 6096)
    scale = 40_000
    labels = unit_labels(many, box, extent, scale, "zh")
    assert [label.value for label in labels][:2] == ["0.00 个/km²", "0.07 个/km²"]
    taken = [Rect(1.2, 1.2, 1.5, 1.5)]
    named = place_names(labels, _rect(box), taken, text_scale=1.0)
    placed = place_numbers(labels, named, _rect(box), taken, most=30, text_scale=1.0)
    assert {place.label.unit for place in named} >= {"第81社区居民委员会"}
    numbers = [place.number for place in placed if place.number is not None]
    assert numbers == list(range(1, 31))
    assert len({place.label.unit for place in placed}) == len(placed)
    rects = [place.rect for place in placed] + taken
    assert not any(one.overlaps(other) for one, other in itertools.combinations(rects, 2))
    for place in placed:
        assert place.rect.west >= box.left
        assert place.rect.north <= box.top
        assert place.label.shape.contains(shapely.Point(place.anchor))


def test_numbers_on_the_map_are_those_of_the_key(report, many):
    area = dataclasses.replace(
        report.area, units=many.units[["unit", "geometry"]], boundary=shapely.box(0, 0, 6000, 6000)
    )
    figure = map_figure(dataclasses.replace(report, area=area), many)
    on_map = {text.get_text() for text in figure.axes[0].texts if text.get_text().isdigit()}
    key = [text.get_text() for text in figure.artists if isinstance(text, Lettering)]
    assert len(on_map) > 10
    assert on_map == {text for text in key if text.isdigit()}
    names = [text.get_text().split("\n")[0] for text in figure.axes[0].texts]
    assert any("个单元见 tables.xlsx" in text for text in key)
    assert not {text for text in key if text.startswith("第")} & set(names)


def test_texts_stay_within_the_page(report, english):
    for chosen in (report, english):
        for result in (None, *chosen.results[:2]):
            figure = map_figure(chosen, result)
            page = figure.bbox
            for text in lettering(figure):
                box = text.get_window_extent()
                assert box.x0 >= page.x0, text.get_text()
                assert box.x1 <= page.x1, text.get_text()
                assert box.y0 >= page.y0, text.get_text()


@pytest.mark.parametrize("paper", ["A4", "A3"])
@pytest.mark.parametrize("width", [1_500, 6_000, 30_000])
def test_scale_bar_and_north_arrow_do_not_meet(report, paper, width, monkeypatch):
    boundary = shapely.transform(
        report.area.boundary, lambda xy: (xy - xy.min(axis=0)) * [width / 6_000, 1]
    )
    area = dataclasses.replace(report.area, boundary=boundary)
    places = []
    for module in (static_map, overview_sheet):
        draw = module.add_scale_and_north
        monkeypatch.setattr(
            module,
            "add_scale_and_north",
            lambda *args, _draw=draw, **options: (
                places.append(_draw(*args, **options)) or places[-1]
            ),
        )
    for result in (None, report.results[0]):
        map_figure(dataclasses.replace(report, area=area), result, paper=paper)
    assert len(places) == 2
    assert not any(bar.overlaps(north) for bar, north in places)


def test_overview_counts_verdicts_and_sorts_units(report):
    numbers, rows = unit_verdicts(report)
    assert numbers == [1, 2]
    assert rows[0] == ("明东街道", ["not_met", "not_met"])
    assert dict(rows)["明光街道"] == ["cannot_tell", "not_met"]
    assert [verdicts.count("not_met") for _, verdicts in rows] == [2, 2, 1, 0]
    whole = "\n".join(texts(map_figure(report, None)))
    assert "未分析：图层“streets”没有数据。" in whole
    assert "1 公共厕所密度" in whole


def test_a_city_of_one_unit_has_sheets_too(report, toilets, own, tmp_path):
    one = report.area.units.dissolve().assign(unit="全市")
    area = dataclasses.replace(report.area, units=one)
    results = tuple(
        dataclasses.replace(result, units=result.units.iloc[:1].assign(unit="全市"))
        for result in (toilets, own)
    )
    whole = dataclasses.replace(report, area=area, results=results)
    assert len(write_map_sheets(whole, tmp_path)) == 9
    assert "统计单元" not in texts(map_figure(whole, results[0]))


def test_without_a_chinese_font_labels_are_english_and_one_warning_says_so(
    report, tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr(fonts, "cjk_font", lambda: None)
    fonts._advance.cache_clear()
    with caplog.at_level(logging.WARNING), warnings.catch_warnings():
        warnings.simplefilter("error")
        write_map_sheets(report, tmp_path)
        told = texts(map_figure(report, report.results[0]))
    fonts._advance.cache_clear()
    assert len([record for record in caplog.records if "No Chinese font" in record.message]) == 1
    assert any("Public toilets per km²" in text for text in told)
    assert not any("\u4e00" <= letter <= "\u9fff" for text in told for letter in text)


@pytest.mark.parametrize("text", HOSTILE)
def test_drawable_keeps_only_letters_a_font_has(text):
    kept = fonts.drawable(text)
    assert "🚻" not in kept
    assert "\n" not in kept
    assert fonts.drawable(kept) == kept


def test_width_of_text_is_that_of_the_drawn_text():
    figure = static_map.Figure(dpi=720)
    with static_map.drawing_settings():
        for text in ("建成区短板", "IES DE TAFIRA", "▲ 3.14 个/km²"):
            box = figure.text(0, 0, text, fontsize=10).get_window_extent()
            assert fonts.text_width(text, 10) == pytest.approx(box.width / 720, rel=0.06)


def test_thinning_keeps_every_shape_and_hole():
    ring = shapely.Point(0, 0).buffer(100, 64).difference(shapely.Point(0, 0).buffer(30, 64))
    speck, line = shapely.box(0, 0, 0.1, 0.1), shapely.LineString([(0, 0), (5, 0.1), (10, 0)])
    shapes = np.array([ring, speck, line, shapely.Point(1, 2)], dtype=object)
    thin = thinned(shapes, 1.0)
    assert shapely.get_num_coordinates(thin[0]) < shapely.get_num_coordinates(ring) / 3
    assert thin[0].area == pytest.approx(ring.area, rel=0.02)
    assert len(shapely.get_parts(thin[0])[0].interiors) == 1
    assert thin[1].area == pytest.approx(0.01)
    assert shapely.get_num_coordinates(thin[2]) == 2
    assert thin[3] == shapes[3]
    assert shapes[0] is ring


@pytest.mark.parametrize(
    ("width_m", "is_above"), [(9_000, True), (5_000, True), (2_000, False), (500, False)]
)
def test_the_legend_of_an_overview_map_stands_where_it_leaves_the_map_larger(width_m, is_above):
    bounds = (0, 0, width_m, 5_000)
    box, above = overview_sheet._map_box(2.5, 2.4, bounds, 0.5)
    assert above == is_above
    assert box.width / box.height == pytest.approx(width_m / 5_000)
    assert box.height <= 2.4 - 0.5 * above
    beside, _ = overview_sheet._map_box(2.5, 2.4, bounds, None)
    assert box.width >= beside.width
    assert above or box == beside


@pytest.mark.parametrize("room_in", [0.3, 0.9, 1.5, 4.0])
def test_no_heading_stands_without_its_text(toilets, room_in):
    figure = static_map.Figure()
    panel = Panel(figure, (Box(left=0, bottom=0, width=1.2, height=room_in),), 1.0)
    long = dataclasses.replace(
        toilets.measures[1], basis=Text(en="rests on much " * 12, zh="依据很多数据" * 20)
    )
    result = dataclasses.replace(toilets, measures=(toilets.measures[0], long))
    add_basis(panel, result, "zh")
    told = texts(figure)
    assert len(told) != 1
    assert bool(told) == (room_in > 2)
