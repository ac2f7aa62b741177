"""What every sheet carries around its map: title, scale, north, sources, title block."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle
from matplotlib.transforms import Bbox
from matplotlib_scalebar.scalebar import ScaleBar

from cityplan.outputs.facts import crs_words, data_date, source_words
from cityplan.outputs.fonts import drawable, text_width
from cityplan.outputs.lettering import Lettering
from cityplan.outputs.sheet_layout import INCH_M
from cityplan.outputs.style import INK, MUTED, OUTLINE, PAPER
from cityplan.outputs.unit_labels import Rect
from cityplan.outputs.words import pair, word
from cityplan.outputs.wrapping import wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cityplan.model.output_options import SheetFields
    from cityplan.model.report import Report
    from cityplan.outputs.sheet_layout import Box, Extent, SheetLayout
    from cityplan.text import Language

_TITLE_PT, _FINDING_PT, _FOOTER_PT = 16.0, 9.5, 6.8
_NEAT_LINE_IN = 0.24
_BAR_IN = (1.55, 0.42)
_ARROW_IN = (0.3, 0.52)
_INSET_IN = 0.1
_CELL_IN = (1.4, 0.36)
_FRONT = 130


def add_header(
    figure: Figure, layout: SheetLayout, title: str, finding: str, *, color: str = INK
) -> None:
    """Draw the neat line of the sheet, its title and, below it, what was found."""
    scale, content = layout.text_scale, layout.content
    neat = _NEAT_LINE_IN * scale
    frame = Rectangle(
        (neat, neat), layout.width - 2 * neat, layout.height - 2 * neat, fill=False,
        edgecolor=INK, linewidth=0.9, transform=figure.dpi_scale_trans,
    )  # fmt: skip
    figure.add_artist(frame)
    top = layout.height - 0.4 * scale
    _write(figure, content.left, top, _fit(title, content.width, _TITLE_PT * 1.07 * scale, 1),
           size=_TITLE_PT * scale, weight="bold")  # fmt: skip
    text = _fit(finding, content.width, _FINDING_PT * scale, 2)
    _write(figure, content.left, top - 0.34 * scale, text, size=_FINDING_PT * scale, color=color)


def add_scale_and_north(
    figure: Figure,
    axes: Axes,
    layout: SheetLayout,
    report: Report,
    *,
    box: Box,
    extent: Extent,
    scale: int,
) -> list[Rect]:
    """Put scale bar and north arrow into the emptiest corners of a map.

    Returns
    -------
    list of Rect
        What they cover, inches on the page.
    """
    size, lang = layout.text_scale, report.lang
    bar, arrow = (tuple(side * size for side in sides) for sides in (_BAR_IN, _ARROW_IN))
    corner = _freest(
        [_corner(box, bar, name) for name in ("lower left", "lower right")],
        report, box=box, extent=extent, scale=scale,
    )  # fmt: skip
    tops = [_corner(box, arrow, name) for name in ("upper right", "upper left")]
    free = [rect for rect in tops if not rect.overlaps(corner)]
    north = _freest(free or tops, report, box=box, extent=extent, scale=scale)
    _background(figure, axes, corner)
    words = word("on_paper", lang).format(paper=layout.paper)
    ratio = f"1:{scale:,} ({words})" if lang == "en" else f"1:{scale:,}（{words}）"
    line = 0.14 * size
    axes.add_artist(
        Lettering(
            corner.west + 0.08 * size, corner.south + 0.06 * size, ratio,
            transform=figure.dpi_scale_trans, fontsize=7 * size, color=INK, va="bottom",
            zorder=_FRONT,
        )
    )  # fmt: skip
    anchor = Bbox.from_bounds(
        corner.west + 0.1 * size, corner.south + 0.09 * size + line, bar[0], bar[1]
    )
    scalebar = ScaleBar(
        1, "m", length_fraction=min(0.9, 1.05 * size / box.width),
        width_fraction=0.0035 * 6 / box.height * size, location="lower left", frameon=False,
        color=INK, scale_loc="right", border_pad=0, pad=0, sep=3,
        font_properties={"size": 7 * size},
        bbox_to_anchor=anchor, bbox_transform=figure.dpi_scale_trans,
    )  # fmt: skip
    scalebar.set_zorder(_FRONT)
    scalebar.set_clip_on(False)
    axes.add_artist(scalebar)
    _north(figure, axes, north, size, lang)
    return [corner, north]


def add_footer(
    figure: Figure, layout: SheetLayout, report: Report, fields: SheetFields, lang: Language
) -> None:
    """Write standard, coordinate system, data date and sources; draw the title block."""
    size, content = layout.text_scale, layout.content
    cell = (_CELL_IN[0] * size, _CELL_IN[1] * size)
    facts = (
        pair(word("crs", lang), crs_words(report.area.crs), lang),
        pair(word("data_date", lang), data_date(report) or word("date_unknown", lang), lang),
    )
    standard = pair(word("standard", lang), report.standard.title.get(lang), lang)
    credit = pair(word("credits", lang), source_words(report, lang), lang)
    top = content.bottom - 0.1 * size
    width = content.width if layout.is_narrow else content.width - 3 * cell[0] - 0.2 * size
    rows = [
        _fit(text, width, _FOOTER_PT * size, lines)
        for text, lines in ((standard, 1), ("   |   ".join(facts), 1), (credit, 2))
    ]
    _write(figure, content.left, top, "\n".join(rows), size=_FOOTER_PT * size, color=MUTED)
    left = content.right - 3 * cell[0]
    if layout.is_narrow:
        cell = (content.width / 3, cell[1])
        left, top = content.left, content.bottom - 0.62 * size
    values = {
        "prepared_by": fields.prepared_by,
        "sheet_number": fields.sheet_number,
        "approval_number": fields.approval_number,
    }
    for number, (key, value) in enumerate(values.items()):
        x, y = left + number * cell[0], top - cell[1]
        _cell(figure, (x, y), cell, word(key, lang), value, size)


def _cell(
    figure: Figure, corner: tuple[float, float], cell: tuple[float, float], title: str, value: str,
    size: float,
) -> None:  # fmt: skip
    x, y = corner
    figure.add_artist(
        Rectangle(corner, *cell, fill=False, edgecolor=OUTLINE, linewidth=0.6,
                  transform=figure.dpi_scale_trans)
    )  # fmt: skip
    _write(figure, x + 0.05 * size, y + cell[1] - 0.04 * size, title, size=6 * size, color=MUTED)
    inner = cell[0] - 0.1 * size
    text = _fit(value, inner, 8 * size, 1)
    _write(figure, x + 0.05 * size, y + 0.18 * size, text, size=8 * size)


def _freest(corners: list[Rect], report: Report, *, box: Box, extent: Extent, scale: int) -> Rect:
    """Return the corner of a map that covers least of the city; the first on a tie."""
    inches = INCH_M * scale

    def covered(rect: Rect) -> float:
        ground = shapely.box(
            extent.west + (rect.west - box.left) * inches,
            extent.south + (rect.south - box.bottom) * inches,
            extent.west + (rect.east - box.left) * inches,
            extent.south + (rect.north - box.bottom) * inches,
        )
        return round(report.area.boundary.intersection(ground).area / ground.area, 2)

    return min(corners, key=covered)


def _corner(box: Box, sides: tuple[float, ...], name: str) -> Rect:
    width, height = sides
    west = box.left + _INSET_IN if "left" in name else box.right - _INSET_IN - width
    south = box.bottom + _INSET_IN if "lower" in name else box.top - _INSET_IN - height
    return Rect(west, south, west + width, south + height)


def _background(figure: Figure, axes: Axes, rect: Rect) -> None:
    axes.add_artist(
        Rectangle(
            (rect.west, rect.south), rect.east - rect.west, rect.north - rect.south,
            transform=figure.dpi_scale_trans, facecolor=PAPER, alpha=0.82, edgecolor="none",
            zorder=_FRONT - 1,
        )
    )  # fmt: skip


def _north(figure: Figure, axes: Axes, rect: Rect, size: float, lang: Language) -> None:
    """Draw a two-sided needle with the letter above it."""
    _background(figure, axes, rect)
    x, bottom = (rect.west + rect.east) / 2, rect.south + 0.05 * size
    top, half, notch = rect.north - 0.17 * size, 0.09 * size, 0.07 * size
    for side, face in ((-1, INK), (1, PAPER)):
        axes.add_artist(
            Polygon(
                [(x, top), (x + side * half, bottom), (x, bottom + notch)], closed=True,
                transform=figure.dpi_scale_trans, facecolor=face, edgecolor=INK, linewidth=0.6,
                zorder=_FRONT,
            )
        )  # fmt: skip
    axes.add_artist(
        Lettering(
            x, top + 0.02 * size, word("north", lang), transform=figure.dpi_scale_trans,
            ha="center", va="bottom", fontsize=8 * size, weight="bold", color=INK, zorder=_FRONT,
            linespacing=1,
        )
    )  # fmt: skip


def add_rule(figure: Figure, left: float, right: float, y: float) -> None:
    """Draw a thin line across the page."""
    line = Line2D([left, right], [y, y], color=OUTLINE, linewidth=0.5)
    line.set_transform(figure.dpi_scale_trans)
    figure.add_artist(line)


def _fit(text: str, width: float, size: float, lines: int) -> str:
    return wrapped(drawable(text), width, lines=lines, width=lambda row: text_width(row, size))


def _write(
    figure: Figure, x: float, y: float, text: str, *, size: float, color: str = INK,
    weight: str = "normal",
) -> None:  # fmt: skip
    figure.add_artist(
        Lettering(
            x, y, text, transform=figure.dpi_scale_trans, fontsize=size, color=color,
            weight=weight, va="top", linespacing=1.3,
        )
    )  # fmt: skip
