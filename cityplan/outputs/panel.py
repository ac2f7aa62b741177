"""The columns beside a map: blocks of rows written downwards, one column after another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from cityplan.outputs.fonts import drawable, text_width
from cityplan.outputs.lettering import Lettering
from cityplan.outputs.sheet_layout import Box
from cityplan.outputs.style import INK
from cityplan.outputs.wrapping import wrapped

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

_TEXT_PT = 8.0
_HEADING_PT = 9.5
_LINE_SPACING = 1.3
_ROW_GAP_IN = 0.045
_BLOCK_GAP_IN = 0.16
_SWATCH_IN = (0.3, 0.14)
_INDENT_IN = 0.4
_MARK_IN = 0.19


class Panel:
    """Writes blocks into the columns of a sheet, in inches of the page.

    Parameters
    ----------
    columns
        In the order they are filled.
    text_scale
        Factor on all sizes.
    """

    def __init__(self, figure: Figure, columns: tuple[Box, ...], text_scale: float) -> None:
        self._figure = figure
        self._columns = list(columns)
        self._scale = text_scale
        self._column = self._columns.pop(0)
        self._y = self._column.top

    @property
    def width(self) -> float:
        """Width of a column."""
        return self._column.width

    @property
    def left(self) -> float:
        """Left edge of the column in use."""
        return self._column.left

    def room(self) -> float:
        """Return the height left in this column."""
        return self._y - self._column.bottom

    def rows(self) -> int:
        """Return how many rows of one line this column has room for."""
        return max(0, int(self.room() / self.row_height() + 1e-6))

    def line_height(self, size_pt: float = _TEXT_PT) -> float:
        """Return the height of a line of text."""
        return size_pt * self._scale * _LINE_SPACING / 72

    def row_height(self, lines: int = 1) -> float:
        """Return the height of a row of some lines."""
        return lines * self.line_height() + _ROW_GAP_IN * self._scale

    def heading_height(self) -> float:
        """Return the height of a heading."""
        return self.line_height(_HEADING_PT) + 0.04 * self._scale

    def start(self, height: float) -> None:
        """Begin a block: in the next column where ``height`` does not fit into this one."""
        top = self._y >= self._column.top
        if not top:
            self._y -= _BLOCK_GAP_IN * self._scale
        if self.room() < height and self._columns and not top:
            self._column = self._columns.pop(0)
            self._y = self._column.top

    def heading(self, text: str) -> None:
        """Write the heading of a block."""
        lines = self._wrapped(text, self.width, 1, _HEADING_PT * 1.06)
        self._text(lines, self._column.left, self._y, size_pt=_HEADING_PT, weight="bold")
        self._y -= self.heading_height()

    def row(
        self, text: str, *, color: str = INK, handles: tuple[Artist, ...] = (), lines: int = 3
    ) -> bool:
        """Write a row, with a legend swatch before it or none; False where no room is left."""
        indent = _INDENT_IN * self._scale if handles else 0.0
        block = self._wrapped(text, self.width - indent, lines, _TEXT_PT)
        count = block.count("\n") + 1
        height = self.row_height(count)
        if self.room() < height:
            return False
        for handle in handles:
            middle = self._y - self.line_height() / 2
            self._swatch(handle, self._column.left, middle)
        self._text(block, self._column.left + indent, self._y, size_pt=_TEXT_PT, color=color)
        self._y -= height
        return True

    def numbered(self, number: str, text: str, figure: str, *, color: str) -> bool:
        """Write a number, a name and, at the right edge, a figure; False without room."""
        if self.room() < self.row_height():
            return False
        size, left = _TEXT_PT, self._column.left
        indent = 0.24 * self._scale if number else 0.0
        taken = text_width(figure, size * self._scale) + 0.08
        name = self._wrapped(text, self.width - indent - taken, 1, size)
        if number:
            self._text(number, left, self._y, size_pt=size, color=color, weight="bold")
        self._text(name, left + indent, self._y, size_pt=size)
        self._text(figure, self._column.right, self._y, size_pt=size, color=color, align="right")
        self._y -= self.row_height()
        return True

    def take(self, height: float) -> Box:
        """Set a box as wide as the column aside and go on below it."""
        self._y -= height
        return Box(left=self._column.left, bottom=self._y, width=self.width, height=height)

    def marks(self, text: str, marks: list[tuple[str, str]]) -> bool:
        """Write a name and, at the right edge, marks with their colours; False without room."""
        if self.room() < self.row_height():
            return False
        step = _MARK_IN * self._scale
        width = self.width - len(marks) * step
        self._text(self._wrapped(text, width, 1, _TEXT_PT), self.left, self._y, size_pt=_TEXT_PT)
        for number, (mark, color) in enumerate(marks):
            x = self._column.right - (len(marks) - number - 0.5) * step
            self._text(mark, x, self._y, size_pt=_TEXT_PT, color=color, align="center")
        self._y -= self.row_height()
        return True

    def rest(self) -> Box:
        """Return what is left of the column."""
        return replace(self._column, height=self.room())

    def beside(self, left: float) -> Panel:
        """Return a panel of what is left of the column to the right of ``left``."""
        rest = replace(self.rest(), left=left, width=self._column.right - left)
        return Panel(self._figure, (rest,), self._scale)

    def lines_of(self, text: str, *, indented: bool, lines: int = 3) -> int:
        """Return how many lines a row of this text takes."""
        indent = _INDENT_IN * self._scale if indented else 0.0
        return self._wrapped(text, self.width - indent, lines, _TEXT_PT).count("\n") + 1

    def _wrapped(self, text: str, width: float, lines: int, size_pt: float) -> str:
        size = size_pt * self._scale
        return wrapped(
            drawable(text), width, lines=lines, width=lambda line: text_width(line, size)
        )

    def _text(
        self,
        text: str,
        x: float,
        y: float,
        *,
        size_pt: float,
        color: str = INK,
        weight: str = "normal",
        align: str = "left",
    ) -> None:
        self._figure.add_artist(
            Lettering(
                x, y, text, transform=self._figure.dpi_scale_trans,
                fontsize=size_pt * self._scale, color=color, weight=weight, ha=align, va="top",
                linespacing=_LINE_SPACING - 0.05,
            )
        )  # fmt: skip

    def _swatch(self, handle: Artist, left: float, middle: float) -> None:
        """Draw the handle of a legend entry: a patch, a line or a mark."""
        width, height = (side * self._scale for side in _SWATCH_IN)
        if isinstance(handle, Patch):
            mark: Artist = Rectangle(
                (left, middle - height / 2), width, height, facecolor=handle.get_facecolor(),
                edgecolor=handle.get_edgecolor(), hatch=handle.get_hatch(),
                linewidth=handle.get_linewidth(),
            )  # fmt: skip
        elif isinstance(handle, Line2D) and handle.get_marker() in ("", "None", None):
            mark = Line2D([left, left + width], [middle, middle])
            mark.update_from(handle)
        else:
            mark = Line2D([left + width / 2], [middle])
            mark.update_from(handle)
        mark.set_transform(self._figure.dpi_scale_trans)
        self._figure.add_artist(mark)
