"""Text of map sheets: laid out once, not twice for every file that is drawn.

matplotlib measures a text before it draws it, each time anew, and both take long
with a Chinese font. Here a line stands on a fixed baseline, so that it need not be
measured; pictures fill its outline, which is kept, and a PDF gets it as text.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

if TYPE_CHECKING:
    from matplotlib.backend_bases import RendererBase

_OUTLINE_PT = 100.0
_MOST_OUTLINES = 2_000
_RISE_EM = 0.35  # from the middle of a line down to its baseline
_SHARE_LEFT = {"left": 0.0, "center": 0.5, "right": 1.0}
_SHARE_ABOVE = {"top": 0.0, "center": 0.5, "bottom": 1.0}


class _Line(NamedTuple):
    outline: Path
    width_em: float


class Lettering(Text):
    """Upright text whose lines are as far apart as its size times its line spacing.

    Parameters
    ----------
    va
        Whether ``y`` is the top, the middle or the bottom of the lines.
    halo_pt, halo_color
        Width and colour of a line around the letters; none for 0.
    options
        Those of :class:`matplotlib.text.Text`.
    """

    def __init__(
        self, x: float, y: float, text: str, *, va: Literal["top", "center", "bottom"] = "top",
        linespacing: float = 1.2, halo_pt: float = 0.0, halo_color: str = "white", **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(x, y, text, va=va, linespacing=linespacing, **options)
        self._spacing = linespacing
        self._halo_pt, self._halo_color = halo_pt, halo_color

    def draw(self, renderer: RendererBase) -> None:
        """Draw the lines; see :meth:`matplotlib.text.Text.draw`."""
        lines = self.get_text().split("\n")
        size = cast("float", renderer.points_to_pixels(cast("float", self.get_fontsize())))
        x, y = self.get_transform().transform(self.get_position())
        step = size * self._spacing
        y += len(lines) * step * _SHARE_ABOVE[self.get_verticalalignment()]
        left = _SHARE_LEFT[self.get_horizontalalignment()]
        for number, line in enumerate(lines):
            if line:
                start = x - left * self._line(line).width_em * size if left else x
                self._draw_line(
                    renderer, line, start, y - (number + 0.5) * step - _RISE_EM * size, size
                )

    def _draw_line(
        self, renderer: RendererBase, line: str, x: float, y: float, size: float
    ) -> None:
        pen = renderer.new_gc()
        pen.set_snap(False)
        place = Affine2D().scale(size / _OUTLINE_PT).translate(x, y)
        if self._halo_pt:
            pen.set_foreground(self._halo_color)
            pen.set_linewidth(self._halo_pt)
            pen.set_joinstyle("round")
            renderer.draw_path(pen, self._line(line).outline, place)
        pen.set_foreground(self.get_color())
        is_picture = isinstance(renderer, RendererAgg)
        if is_picture:
            pen.set_linewidth(0)
            renderer.draw_path(pen, self._line(line).outline, place, pen.get_rgb())
        else:
            if renderer.flipy():
                y = renderer.get_canvas_width_height()[1] - y
            renderer.draw_text(pen, x, y, line, self.get_fontproperties(), 0)
        pen.restore()

    def _line(self, line: str) -> _Line:
        return _drawn(line, tuple(self.get_fontfamily()), self.get_fontweight())


@lru_cache(maxsize=_MOST_OUTLINES)
def _drawn(line: str, family: tuple[str, ...], weight: str | int) -> _Line:
    """Return the outline of a line from the start of its baseline, and its width."""
    font = FontProperties(family=list(family), weight=weight)
    drawn = TextPath((0, 0), line, size=_OUTLINE_PT, prop=font)
    points = np.asarray(drawn.vertices)
    right = float(points[:, 0].max()) if len(points) else 0.0
    return _Line(Path(points, drawn.codes), right / _OUTLINE_PT)
