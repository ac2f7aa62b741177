"""Map sheets for print: one per analysis and an overview, PNG and PDF, on A4 and A3."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from cityplan.model.output_options import SheetFields
from cityplan.model.result import Result
from cityplan.outputs.findings import (
    finding,
    is_judged,
    join,
    main_measure,
    worst_unit_sentence,
)
from cityplan.outputs.fonts import figure_language, font_families
from cityplan.outputs.map_body import add_map, draw_body
from cityplan.outputs.map_margins import add_footer, add_header, add_scale_and_north
from cityplan.outputs.overview_sheet import fill_overview
from cityplan.outputs.panel import Panel
from cityplan.outputs.picture import halved, png
from cityplan.outputs.shared import shelf, written_together
from cityplan.outputs.sheet_blocks import (
    add_basis,
    add_inset,
    add_key,
    add_legend,
    add_measures,
    start_key,
)
from cityplan.outputs.sheet_layout import PAPERS_IN, choose_layout
from cityplan.outputs.style import PAPER, VERDICTS
from cityplan.outputs.unit_labels import (
    Rect,
    draw_labels,
    marks_on_page,
    place_names,
    place_numbers,
    unit_labels,
)
from cityplan.outputs.words import pair

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from cityplan.model.report import Report
    from cityplan.outputs.picture import Pixels
    from cityplan.outputs.sheet_layout import Paper, SheetLayout
    from cityplan.text import Language

DPI = 300
HALF_DPI = DPI // 2
OVERVIEW = "overview"
FORMATS: dict[Paper, tuple[str, ...]] = {"A4": (".png", ".pdf"), "A3": (".pdf",)}
_BLANK = SheetFields()


def write_map_sheets(report: Report, folder: Path, *, fields: SheetFields = _BLANK) -> list[Path]:
    """Write the overview and one sheet per analysis that gave a result.

    Each is a PNG of 300 dpi and a PDF on A4 in ``folder``, and a PDF on A3 in its
    subfolder ``A3``: a picture of that size takes as long as all else. Without a Chinese font the sheets are in English; a log
    line says so.

    Parameters
    ----------
    fields
        Who made the sheets, their number, and the number of the map review.

    Returns
    -------
    list of Path
        The files, the overview first.
    """
    pictures = shelf(report)
    report = replace(report, lang=figure_language(report.lang))
    results = [result for result in report.results if isinstance(result, Result)]
    written = []
    with written_together(report), drawing_settings():
        for paper in PAPERS_IN:
            place = folder if paper == "A4" else folder / paper
            place.mkdir(parents=True, exist_ok=True)
            layout = choose_layout(report.area.boundary.bounds, paper)
            for number, result in enumerate([None, *results], start=1):
                name = OVERVIEW if result is None else result.analyzer
                stem = re.sub(r"[^0-9A-Za-z_-]+", "_", name)
                own = replace(fields, sheet_number=_numbered(fields.sheet_number, number))
                figure = _draw(report, result, layout, own)
                for suffix in FORMATS[paper]:
                    _save(figure, place / f"{stem}{suffix}", DPI, suffix[1:])
                    written.append(place / f"{stem}{suffix}")
                    if suffix == ".png" and pictures is not None and result is not None:
                        pictures["picture", name] = png(halved(_pixels(figure)), dpi=HALF_DPI)
    return written


def sheet_picture(report: Report, result: Result) -> BytesIO:
    """Return the sheet of one analysis as a PNG of 150 dpi.

    Where the sheets of the report have been written already, theirs is used.
    """
    drawn = (shelf(report) or {}).get(("picture", result.analyzer))
    if drawn is not None:
        return BytesIO(drawn)
    picture = BytesIO()
    draw_sheet(report, result, picture, dpi=HALF_DPI)
    picture.seek(0)
    return picture


def draw_sheet(
    report: Report,
    result: Result,
    target: Path | BinaryIO,
    *,
    dpi: float = DPI,
    lang: Language | None = None,
    paper: Paper = "A4",
    fields: SheetFields = _BLANK,
) -> None:
    """Draw the sheet of one analysis into a file or a buffer.

    Parameters
    ----------
    target
        A path, whose suffix ``.png`` or ``.pdf`` says the format, or a buffer for
        a PNG.
    lang
        Language of the sheet; the report's where not given.
    """
    _draw_into(report, result, target, dpi=dpi, lang=lang, paper=paper, fields=fields)


def draw_overview(
    report: Report,
    target: Path | BinaryIO,
    *,
    dpi: float = DPI,
    lang: Language | None = None,
    paper: Paper = "A4",
    fields: SheetFields = _BLANK,
) -> None:
    """Draw the overview of all analyses into a file or a buffer; see :func:`draw_sheet`."""
    _draw_into(report, None, target, dpi=dpi, lang=lang, paper=paper, fields=fields)


def map_figure(
    report: Report, result: Result | None, *, paper: Paper = "A4", fields: SheetFields = _BLANK
) -> Figure:
    """Return the sheet of one analysis, or of all for None, as a figure."""
    report = replace(report, lang=figure_language(report.lang))
    with drawing_settings():
        return _draw(report, result, choose_layout(report.area.boundary.bounds, paper), fields)


def _draw_into(
    report: Report,
    result: Result | None,
    target: Path | BinaryIO,
    *,
    dpi: float,
    lang: Language | None,
    paper: Paper,
    fields: SheetFields,
) -> None:
    report = replace(report, lang=lang or report.lang)
    figure = map_figure(report, result, paper=paper, fields=fields)
    suffix = target.suffix.lower() if isinstance(target, Path) else ""
    with drawing_settings():
        _save(figure, target, dpi, "pdf" if suffix == ".pdf" else "png")


@contextmanager
def drawing_settings() -> Iterator[None]:
    """Set what a drawing needs of matplotlib; its own settings are left alone.

    Type 3 fonts: matplotlib takes a second and more to embed a Chinese font
    as type 42, for every file.
    """
    settings: dict[Any, Any] = {
        "font.family": font_families(),
        "text.parse_math": False,
        "axes.unicode_minus": False,
        "hatch.linewidth": 0.45,
        "pdf.fonttype": 3,
        "pdf.compression": 3,
        "path.simplify": True,
    }
    with mpl.rc_context(settings):
        yield


def _save(figure: Figure, target: Path | BinaryIO, dpi: float, kind: str) -> None:
    """Save a figure so that the same report gives the same file."""
    if kind == "pdf":
        metadata: dict[str, Any] = {"Creator": "cityplan", "CreationDate": None}
        figure.savefig(target, format="pdf", dpi=dpi, metadata=metadata)
        return
    figure.set_dpi(dpi)
    figure.canvas.draw()
    picture = png(_pixels(figure), dpi=dpi)
    if isinstance(target, Path):
        target.write_bytes(picture)
    else:
        target.write(picture)


def _pixels(figure: Figure) -> Pixels:
    """Return what was drawn last, as rows of red, green and blue."""
    canvas = cast("FigureCanvasAgg", figure.canvas)
    return np.asarray(canvas.renderer.buffer_rgba())[:, :, :3]


def _numbered(sheet_number: str, number: int) -> str:
    return f"{sheet_number}-{number}" if sheet_number else ""


def _draw(
    report: Report, result: Result | None, layout: SheetLayout, fields: SheetFields
) -> Figure:
    figure = Figure(figsize=(layout.width, layout.height), facecolor=PAPER)
    FigureCanvasAgg(figure)
    if result is None:
        fill_overview(figure, layout, report)
    else:
        _fill_sheet(figure, layout, report, result)
    add_footer(figure, layout, report, fields, report.lang)
    return figure


def _fill_sheet(figure: Figure, layout: SheetLayout, report: Report, result: Result) -> None:
    lang, box, extent = report.lang, layout.map, layout.extent
    _add_finding(figure, layout, report, result)
    axes = add_map(figure, box, extent)
    body = draw_body(axes, result, report, extent, layout.scale)
    taken = add_scale_and_north(
        figure, axes, layout, report, box=box, extent=extent, scale=layout.scale
    )
    panel = Panel(figure, layout.columns, layout.text_scale)
    add_legend(panel, body, report, lang)
    add_measures(panel, result, report, lang)
    if not body.classes:
        add_inset(figure, panel, result, report, lang)
    labels = unit_labels(result, box, extent, layout.scale, lang)
    frame = Rect(box.left + 0.05, box.bottom + 0.05, box.right - 0.05, box.top - 0.05)
    marks = marks_on_page(result, box, extent, layout.scale)
    named = place_names(labels, frame, taken, text_scale=layout.text_scale, avoid=marks)
    placed = place_numbers(
        labels, named, frame, taken, most=start_key(panel, len(labels) - len(named)),
        text_scale=layout.text_scale,
    )  # fmt: skip
    draw_labels(figure, axes, placed, layout.text_scale)
    add_key(panel, labels, placed, lang)
    add_basis(panel, result, lang)


def _add_finding(figure: Figure, layout: SheetLayout, report: Report, result: Result) -> None:
    lang, measure = report.lang, main_measure(result)
    look = VERDICTS[measure.verdict]
    sentences = (
        finding(result, report.standard, lang),
        worst_unit_sentence(result, measure, lang),
    )
    mark = f"{look.mark} " if is_judged(measure) else ""
    title = pair(report.area.name, result.title.get(lang), lang)
    add_header(figure, layout, title, mark + join(sentences, lang), color=look.color)
