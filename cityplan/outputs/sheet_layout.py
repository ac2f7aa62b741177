"""Where everything stands on a sheet: paper, scale, map and columns, in inches."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

Paper = Literal["A4", "A3"]

INCH_M = 0.0254
PAPERS_IN: dict[Paper, tuple[float, float]] = {"A4": (8.268, 11.693), "A3": (11.693, 16.535)}
_TEXT_SCALES: dict[Paper, float] = {"A4": 1.0, "A3": 1.25}
_MARGIN_IN = 0.42
_HEADER_IN = 0.84
_FOOTER_IN = 0.46
_NARROW_FOOTER_IN = 0.94
_NARROW_IN = 9.5
_GUTTER_IN = 0.22
_COLUMN_IN = 2.6
_WIDEST_COLUMN_IN = 3.4
_LOWEST_PANEL_IN = 2.8
_BOUNDARY_MARGIN_SHARE = 0.025
_WORTH_TURNING = 1.25


class Extent(NamedTuple):
    """West, south, east and north edge of a map, metres."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle of the page, inches from its lower left corner."""

    left: float
    bottom: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.width

    @property
    def top(self) -> float:
        """The upper edge."""
        return self.bottom + self.height


@dataclass(frozen=True, kw_only=True)
class SheetLayout:
    """A page and its parts.

    Attributes
    ----------
    width, height
        Of the page, inches.
    text_scale
        Text and marks grow with the paper, less than the map does.
    content
        What header and footer leave.
    map
        The map's frame.
    columns
        Where legend and figures stand, in the order they are filled.
    scale
        N of 1:N, a round number.
    extent
        What the map shows: the boundary in the middle.
    """

    paper: Paper
    width: float
    height: float
    text_scale: float
    content: Box
    map: Box
    columns: tuple[Box, ...]
    scale: int
    extent: Extent

    @property
    def is_narrow(self) -> bool:
        """Whether the title block needs a row of its own."""
        return self.width < _NARROW_IN * self.text_scale


def choose_layout(bounds: tuple[float, float, float, float], paper: Paper) -> SheetLayout:
    """Return the layout of the largest scale; the usual one unless another is clearly larger.

    Parameters
    ----------
    bounds
        West, south, east and north of the boundary, metres.
    """
    short, long = PAPERS_IN[paper]
    layouts = [
        _beside(long, short, bounds, paper),
        _beside(short, long, bounds, paper),
        _below(long, short, bounds, paper),
        _below(short, long, bounds, paper),
    ]
    best = layouts[0]
    for layout in layouts[1:]:
        if layout.scale * _WORTH_TURNING < best.scale:
            best = layout
    return best


def round_scale(ratio: float) -> int:
    """Return the round N of 1:N at or above ``ratio``, as printed scales are chosen."""
    power = 10.0 ** math.floor(math.log10(ratio))
    mantissa = ratio / power
    step = 0.1 if mantissa <= 2 else 0.25 if mantissa <= 5 else 0.5  # noqa: PLR2004
    return round(math.ceil(mantissa / step - 1e-9) * step * power)


def fitting_scale(bounds: tuple[float, float, float, float], box: Box) -> int:
    """Return N of the largest round scale at which ``bounds`` and a margin fit into a box."""
    west, south, east, north = bounds
    free = INCH_M * (1 - 2 * _BOUNDARY_MARGIN_SHARE)
    return round_scale(max((east - west) / box.width, (north - south) / box.height) / free)


def extent_at(bounds: tuple[float, float, float, float], box: Box, scale: int) -> Extent:
    """Return what a box shows at a scale with ``bounds`` in its middle."""
    west, south, east, north = bounds
    x, y = (west + east) / 2, (south + north) / 2
    half_width, half_height = (side * INCH_M * scale / 2 for side in (box.width, box.height))
    return Extent(x - half_width, y - half_height, x + half_width, y + half_height)


def _content(width: float, height: float, text_scale: float) -> Box:
    margin = _MARGIN_IN * text_scale
    narrow = width < _NARROW_IN * text_scale
    footer = (_NARROW_FOOTER_IN if narrow else _FOOTER_IN) * text_scale
    return Box(
        left=margin,
        bottom=margin + footer,
        width=width - 2 * margin,
        height=height - 2 * margin - footer - _HEADER_IN * text_scale,
    )


def _beside(
    width: float, height: float, bounds: tuple[float, float, float, float], paper: Paper
) -> SheetLayout:
    """Return the layout with the columns beside the map: as many as the city leaves room for."""
    text_scale = _TEXT_SCALES[paper]
    content = _content(width, height, text_scale)
    column, gutter = _COLUMN_IN * text_scale, _GUTTER_IN * text_scale
    wanted = content.height * (bounds[2] - bounds[0]) / (bounds[3] - bounds[1])
    two = 2 * column + gutter
    count = 2 if content.width - wanted - gutter >= two else 1
    if count == 2:  # noqa: PLR2004
        most = 2 * _WIDEST_COLUMN_IN * text_scale + gutter
        panel = min(max(content.width - wanted - gutter, two), most)
    else:
        panel = column
    map_box = Box(
        left=content.left,
        bottom=content.bottom,
        width=content.width - panel - gutter,
        height=content.height,
    )
    area = Box(
        left=map_box.right + gutter, bottom=content.bottom, width=panel, height=content.height
    )
    return _layout(width, height, content, map_box, _split(area, count, gutter), bounds, paper)


def _below(
    width: float, height: float, bounds: tuple[float, float, float, float], paper: Paper
) -> SheetLayout:
    """Return the layout with the map across the page and the columns below it."""
    text_scale = _TEXT_SCALES[paper]
    content = _content(width, height, text_scale)
    gutter = _GUTTER_IN * text_scale
    wanted = content.width * (bounds[3] - bounds[1]) / (bounds[2] - bounds[0])
    most = content.height - _LOWEST_PANEL_IN * text_scale - gutter
    map_height = min(max(wanted, 0.4 * content.height), most)
    panel = content.height - map_height - gutter
    map_box = Box(
        left=content.left,
        bottom=content.bottom + panel + gutter,
        width=content.width,
        height=map_height,
    )
    area = Box(left=content.left, bottom=content.bottom, width=content.width, height=panel)
    count = max(1, int((content.width + gutter) / (_COLUMN_IN * 0.88 * text_scale + gutter)))
    return _layout(width, height, content, map_box, _split(area, count, gutter), bounds, paper)


def _layout(
    width: float,
    height: float,
    content: Box,
    map_box: Box,
    columns: tuple[Box, ...],
    bounds: tuple[float, float, float, float],
    paper: Paper,
) -> SheetLayout:
    scale = fitting_scale(bounds, map_box)
    return SheetLayout(
        paper=paper,
        width=width,
        height=height,
        text_scale=_TEXT_SCALES[paper],
        content=content,
        map=map_box,
        columns=columns,
        scale=scale,
        extent=extent_at(bounds, map_box, scale),
    )


def _split(area: Box, count: int, gutter: float) -> tuple[Box, ...]:
    width = (area.width - (count - 1) * gutter) / count
    return tuple(
        Box(
            left=area.left + number * (width + gutter),
            bottom=area.bottom,
            width=width,
            height=area.height,
        )
        for number in range(count)
    )
