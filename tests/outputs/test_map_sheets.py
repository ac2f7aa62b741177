import logging
import warnings

import numpy as np
import pytest
import shapely
from hand_made import HOSTILE
from PIL import Image

from cityplan.outputs import fonts, static_map
from cityplan.outputs.thinning import thinned


@pytest.fixture(autouse=True)
def _fresh_fonts():
    fonts.figure_language.cache_clear()
    yield
    fonts.figure_language.cache_clear()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_sheets_are_drawn_without_a_missing_glyph(report, english, lang, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        chosen = report if lang == "zh" else english
        paths = static_map.write_map_sheets(chosen, tmp_path / "maps")
    assert [path.name for path in paths] == ["toilet_density.png", "my_own.png"]
    for path in paths:
        with Image.open(path) as image:
            assert image.size == (2338, 1654)
            assert len(image.convert("RGB").getcolors(maxcolors=1_000_000)) > 50


def test_same_report_same_picture(report, tmp_path):
    first = static_map.write_map_sheets(report, tmp_path / "a")
    second = static_map.write_map_sheets(report, tmp_path / "b")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_sheet_says_the_finding_in_words(report):
    texts = {text.get_text() for text in static_map.draw_map_sheet(report.results[0], report).texts}
    assert any(
        text.startswith("▲ 建成区公厕密度：1.14 个/km²，标准值 3–5 个/km²，未达标")
        for text in texts
    )
    assert any("© OpenStreetMap contributors, ODbL" in text for text in texts)
    assert any("EPSG:4548" in text and "2026-11-02" in text for text in texts)


def test_legend_lies_beside_the_map(report):
    figure = static_map.draw_map_sheet(report.results[0], report)
    map_box = figure.axes[0].get_window_extent()
    legend = figure.legends[0].get_window_extent()
    assert legend.x0 >= map_box.x1
    assert legend.y0 >= 0


def test_without_a_chinese_font_labels_are_english_and_one_warning_says_so(
    report, tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr(fonts, "cjk_font", lambda: None)
    with caplog.at_level(logging.WARNING), warnings.catch_warnings():
        warnings.simplefilter("error")
        static_map.write_map_sheets(report, tmp_path)
        static_map.write_map_sheets(report, tmp_path)
        texts = [t.get_text() for t in static_map.draw_map_sheet(report.results[0], report).texts]
    assert len([record for record in caplog.records if "No Chinese font" in record.message]) == 1
    assert any("Public toilets per km²" in text for text in texts)
    assert not any("\u4e00" <= letter <= "\u9fff" for text in texts for letter in text)


@pytest.mark.parametrize("text", HOSTILE)
def test_drawable_keeps_only_letters_a_font_has(text):
    kept = fonts.drawable(text)
    assert "🚻" not in kept
    assert "\n" not in kept
    assert fonts.drawable(kept) == kept


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
