"""What outputs share while they are written, pictures as PNG, and letters on a baseline."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from cityplan.outputs import static_map
from cityplan.outputs.docx_report import write_document
from cityplan.outputs.gap_rows import gap_rows
from cityplan.outputs.lettering import Lettering
from cityplan.outputs.picture import halved, png
from cityplan.outputs.shared import shelf, written_together
from cityplan.outputs.static_map import drawing_settings, write_map_sheets


def test_rows_are_kept_only_while_a_report_is_written(report):
    with written_together(report):
        assert gap_rows(report, "zh") is gap_rows(report, "zh")
        assert gap_rows(report, "zh") is not gap_rows(report, "en")
        bare = gap_rows(report, "zh", coordinates=False)
        assert all(row.lon is None for row in bare)
    assert shelf(report) is None
    assert gap_rows(report, "zh") is not gap_rows(report, "zh")


def test_nothing_is_kept_after_a_failure(report):
    with pytest.raises(OSError, match="full"), written_together(report):
        raise OSError("full")
    assert shelf(report) is None


def test_document_shows_the_sheets_drawn_before(report, tmp_path, monkeypatch):
    with written_together(report):
        write_map_sheets(report, tmp_path / "maps")
        monkeypatch.setattr(static_map, "draw_sheet", None)
        write_document(report, tmp_path / "r.docx")
    with Image.open(tmp_path / "maps" / "toilet_density.png") as sheet:
        even = sheet.crop((0, 0, sheet.width // 2 * 2, sheet.height // 2 * 2))
        expected = even.resize((sheet.width // 2, sheet.height // 2), Image.Resampling.BOX)
    with zipfile.ZipFile(tmp_path / "r.docx") as document:
        names = sorted(name for name in document.namelist() if "media/" in name)
        pictures = [Image.open(io.BytesIO(document.read(name))) for name in names]
    assert len(pictures) == 2
    shown = next(p for p in pictures if p.size == expected.size)
    assert shown.info["dpi"] == pytest.approx((150, 150), abs=0.1)
    off = [
        np.abs(np.asarray(p.convert("RGB"), int) - np.asarray(expected.convert("RGB"), int)).mean()
        for p in pictures
    ]
    assert min(off) < 0.5


@pytest.mark.parametrize("shape", [(4, 6, 3), (5, 7, 3), (2, 2, 3)])
def test_picture_is_read_as_it_was_written(shape):
    pixels = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    with Image.open(io.BytesIO(png(pixels, dpi=300))) as image:
        assert image.mode == "RGB"
        assert image.info["Software"] == "cityplan"
        assert np.array_equal(np.asarray(image), pixels)
    half = halved(pixels)
    assert half.shape == (shape[0] // 2, shape[1] // 2, 3)
    assert half[0, 0].tolist() == ((pixels[:2, :2].sum(axis=(0, 1), dtype=int) + 2) // 4).tolist()


@pytest.mark.parametrize("align", ["left", "center", "right"])
def test_letters_stand_where_matplotlib_puts_them(align):
    boxes = []
    with drawing_settings():
        for kind in (Lettering, static_map.mpl.text.Text):
            figure = static_map.Figure(figsize=(4, 1), dpi=200)
            canvas = static_map.FigureCanvasAgg(figure)
            figure.add_artist(
                kind(0.5, 0.8, "Hx 建成区\nAV", ha=align, va="top", fontsize=12, linespacing=1.2)
            )
            canvas.draw()
            dark = np.argwhere(np.asarray(canvas.buffer_rgba())[:, :, 0] < 128)
            boxes.append([*dark.min(axis=0), *dark.max(axis=0)])
    em = 12 / 72 * 200
    assert np.abs(np.subtract(*boxes)).max() < 0.12 * em
