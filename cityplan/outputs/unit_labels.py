"""Labels of units that do not collide: a name where it fits, else a number with a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from matplotlib.patches import Circle
from matplotlib.patheffects import withStroke

from cityplan.outputs.findings import is_judged, main_measure, unit_name, unit_values
from cityplan.outputs.fonts import drawable, text_width
from cityplan.outputs.lettering import Lettering
from cityplan.outputs.shapes import reporting_units
from cityplan.outputs.sheet_layout import INCH_M
from cityplan.outputs.style import INK, PAPER, VERDICTS, format_value
from cityplan.outputs.thinning import thinned
from cityplan.outputs.wrapping import shortened, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cityplan.model.result import Result, Verdict
    from cityplan.outputs.sheet_layout import Box, Extent
    from cityplan.outputs.thinning import Geometries
    from cityplan.text import Language

    Floats = np.ndarray[Any, np.dtype[np.float64]]

_SIZE_PT = 7.0
_NUMBER_PT = 6.5
_LINE_SPACING = 1.2
_GAP_IN = 0.025
_LONGEST_LINE_IN = 1.15
_FOREIGN_MOST = 0.12
_OWN_LEAST = 0.55
_GRID = (9, 4)
_NUMBER_RADIUS_IN = 0.085
_LEADER_STEPS = 6
_DIRECTIONS = 12
_LABEL_ORDER = 120
_TOLERANCE_IN = 0.01
_AVOIDED_POINTS = 200
_POINT_RADIUS_IN = 0.06
_COARSE_IN = 0.04
_HALO_PT = 2.2
_DIGIT_EM, _PAD_EM = 0.74, 0.22  # height of a figure, and what the disc behind it adds


class Rect(NamedTuple):
    """West, south, east and north edge on the page, inches."""

    west: float
    south: float
    east: float
    north: float

    def overlaps(self, other: Rect) -> bool:
        """Whether two rectangles share more than an edge."""
        return (
            self.west < other.east
            and other.west < self.east
            and self.south < other.north
            and other.south < self.north
        )


@dataclass(frozen=True, kw_only=True)
class UnitLabel:
    """A unit in words, its shape on the page and the middle of its widest part."""

    unit: str
    name: str
    value: str
    verdict: Verdict
    judged: bool
    shape: shapely.Geometry
    centre: tuple[float, float]

    @property
    def figure(self) -> str:
        """The value with the mark of its verdict."""
        return f"{VERDICTS[self.verdict].mark} {self.value}" if self.judged else self.value


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A label on the page: its name or number, where it stands and what it points at."""

    label: UnitLabel
    name: str
    number: int | None
    x: float
    y: float
    anchor: tuple[float, float]
    rect: Rect


def unit_labels(
    result: Result, box: Box, extent: Extent, scale: int, lang: Language
) -> list[UnitLabel]:
    """Return the units of a result as labels, worst first; none where the city is one unit."""
    measure = main_measure(result)
    rows = {row.unit: row for row in unit_values(result, measure)}
    units = reporting_units(result)
    if len(units) <= 1:
        return []
    shapes = _on_page(np.asarray(units.geometry.array), box, extent, scale)
    circles = shapely.maximum_inscribed_circle(shapes, tolerance=_TOLERANCE_IN)
    centres = shapely.get_coordinates(shapely.get_point(circles, 0)).tolist()
    labels = {}
    for unit, shape, centre in zip(units["unit"].map(str), shapes, centres, strict=True):
        row = rows.get(unit)
        labels[unit] = UnitLabel(
            unit=unit,
            name=drawable(unit_name(unit, lang)) or "?",
            value=format_value(row.value if row else None, measure.unit, lang),
            verdict=row.verdict if row else "cannot_tell",
            judged=is_judged(measure),
            shape=shape,
            centre=(centre[0], centre[1]),
        )
    order = [unit for unit in rows if unit in labels]
    return [labels[unit] for unit in [*order, *(labels.keys() - rows.keys())]]


def marks_on_page(result: Result, box: Box, extent: Extent, scale: int) -> list[Rect]:
    """Return what the points of a result cover, where they are few enough to be avoided."""
    found = []
    for frame in result.shapes.values():
        shapes = frame.geometry.to_numpy()
        points = shapely.get_coordinates(shapes[shapely.get_dimensions(shapes) == 0])
        if len(points) <= _AVOIDED_POINTS:
            found.append(points)
    if not found:
        return []
    moved = _to_page(np.concatenate(found), box, extent, scale)
    side = 2 * _POINT_RADIUS_IN
    return [_rect(x, y, side, side) for x, y in moved.tolist()]


def place_names(
    labels: list[UnitLabel],
    frame: Rect,
    taken: list[Rect],
    *,
    text_scale: float,
    avoid: Sequence[Rect] = (),
) -> list[Placed]:
    """Place the names that fit into their units, the largest unit first.

    Parameters
    ----------
    frame
        What no label may leave, on the page.
    taken
        Where nothing may stand.
    avoid
        Where a name stands only if there is no other place for it.
    """
    if not labels:
        return []
    shapes = np.array([label.shape for label in labels], dtype=object)
    shapely.prepare(shapes)
    tree, taken = shapely.STRtree(shapes), list(taken)
    placed = []
    for index in np.argsort(-shapely.area(shapes), kind="stable").tolist():
        found = _place_name(labels[index], frame, [*taken, *avoid], tree, text_scale)
        found = found or _place_name(labels[index], frame, taken, tree, text_scale)
        if found is not None:
            placed.append(found)
            taken.append(found.rect)
    return placed


def place_numbers(
    labels: list[UnitLabel],
    named: list[Placed],
    frame: Rect,
    taken: list[Rect],
    *,
    most: int,
    text_scale: float,
) -> list[Placed]:
    """Return the placed names and, for units without one, numbers in the order of the labels.

    Parameters
    ----------
    labels
        Worst first.
    most
        How many numbers the key has room for.
    """
    placed, names = list(named), {place.label.unit for place in named}
    taken = [*taken, *(place.rect for place in named)]
    number = 0
    for label in labels:
        if label.unit in names or number >= most:
            continue
        found = _place_number(label, number + 1, frame, taken, text_scale)
        if found is not None:
            number += 1
            placed.append(found)
            taken.append(found.rect)
    return placed


def draw_labels(figure: Figure, axes: Axes, placed: list[Placed], text_scale: float) -> None:
    """Write placed labels over the map, in the inches of the page."""
    halo = [withStroke(linewidth=_HALO_PT, foreground=PAPER)]
    inches = figure.dpi_scale_trans
    for place in placed:
        color = VERDICTS[place.label.verdict].color
        if place.number is None:
            size, top = _SIZE_PT * text_scale, place.rect.north - _GAP_IN / 2
            drop = (place.name.count("\n") + 1) * size * _LINE_SPACING / 72
            for text, y, ink in ((place.name, top, INK), (place.label.figure, top - drop, color)):
                axes.add_artist(
                    Lettering(
                        place.x, y, text, transform=inches, ha="center", va="top", fontsize=size,
                        color=ink, linespacing=_LINE_SPACING * 0.95, zorder=_LABEL_ORDER,
                        halo_pt=_HALO_PT, halo_color=PAPER,
                    )
                )  # fmt: skip
            continue
        if (place.x, place.y) != place.anchor:
            axes.plot(
                [place.anchor[0], place.x], [place.anchor[1], place.y], transform=inches,
                color=color, linewidth=0.7, zorder=_LABEL_ORDER - 1, path_effects=halo,
                marker="o", markersize=2.2, markevery=[0], scalex=False, scaley=False,
            )  # fmt: skip
        size, number = _NUMBER_PT * text_scale, str(place.number)
        radius = max(text_width(number, size), _DIGIT_EM * size / 72) / 2 + _PAD_EM * size / 72
        axes.add_artist(
            Circle(
                (place.x, place.y), radius, transform=inches, facecolor=color, edgecolor=PAPER,
                linewidth=0.7, clip_on=False, zorder=_LABEL_ORDER + 1,
            )
        )  # fmt: skip
        axes.add_artist(
            Lettering(
                place.x, place.y, number, transform=inches, ha="center", va="center",
                fontsize=size, color=PAPER, weight="bold", zorder=_LABEL_ORDER + 1,
            )
        )  # fmt: skip


def _on_page(shapes: Geometries, box: Box, extent: Extent, scale: int) -> Geometries:
    """Return shapes in inches of the page, without detail that no label depends on."""
    inches = INCH_M * scale
    coarse = thinned(shapes, _COARSE_IN * inches)
    moved = shapely.transform(coarse, lambda xy: _to_page(xy, box, extent, scale))
    return np.asarray(shapely.make_valid(moved))


def _to_page(places: Floats, box: Box, extent: Extent, scale: int) -> Floats:
    """Return places of the ground in inches of the page."""
    on_map = (places - [extent.west, extent.south]) / (INCH_M * scale)
    return on_map + np.array([box.left, box.bottom])


def _place_name(
    label: UnitLabel,
    frame: Rect,
    taken: list[Rect],
    tree: shapely.STRtree,
    text_scale: float,
) -> Placed | None:
    """Return the first place near the centre where the name fits into its unit."""
    for name, width, height in _name_blocks(label, text_scale):
        places = np.array(_nudges(width, height)) + label.centre
        fits = _fits(places, width, height, label.shape, tree)
        for x, y in places[fits].tolist():
            rect = _rect(x, y, width, height)
            if _within(rect, frame) and not any(rect.overlaps(other) for other in taken):
                return Placed(
                    label=label, name=name, number=None, x=x, y=y, anchor=(x, y), rect=rect
                )
    return None


def _name_blocks(label: UnitLabel, text_scale: float) -> list[tuple[str, float, float]]:
    """Return the name in one line and broken into two, with the size of name and figure."""
    size = _SIZE_PT * text_scale
    most = _LONGEST_LINE_IN * text_scale

    def measure(text: str) -> float:
        return text_width(text, size)

    names = [shortened(label.name, 1.6 * most, width=measure)]
    half = max(measure(label.name) * 0.58, 0.35 * text_scale)
    broken = wrapped(label.name, min(half, most), lines=2, width=measure)
    if "…" not in broken and "\n" in broken:
        names.append(broken)
    blocks = []
    for name in names:
        text = f"{name}\n{label.figure}"
        lines = text.split("\n")
        width = max(measure(line) for line in lines) + 2 * _GAP_IN
        blocks.append((name, width, len(lines) * size * _LINE_SPACING / 72 + _GAP_IN))
    return blocks


def _place_number(
    label: UnitLabel,
    number: int,
    frame: Rect,
    taken: list[Rect],
    text_scale: float,
) -> Placed | None:
    """Return the nearest free place around the centre; a line leads back to the unit."""
    side = 2 * _NUMBER_RADIUS_IN * text_scale
    for x, y in _rings(label.centre, side * 0.75):
        rect = _rect(x, y, side, side)
        if _within(rect, frame) and not any(rect.overlaps(other) for other in taken):
            inside = label.shape.contains(shapely.Point(x, y))
            anchor = (x, y) if inside else label.centre
            return Placed(label=label, name="", number=number, x=x, y=y, anchor=anchor, rect=rect)
    return None


def _rings(centre: tuple[float, float], step: float) -> list[tuple[float, float]]:
    places = [(centre[0], centre[1])]
    angles = np.arange(_DIRECTIONS) * 2 * np.pi / _DIRECTIONS
    for ring in range(1, _LEADER_STEPS + 1):
        radius = ring * step
        xs, ys = centre[0] + radius * np.cos(angles), centre[1] + radius * np.sin(angles)
        places.extend(zip(xs.tolist(), ys.tolist(), strict=True))
    return places


def _nudges(width: float, height: float) -> list[tuple[float, float]]:
    places = [
        (dx * width, dy * height)
        for dx in (0, -0.2, 0.2, -0.4, 0.4)
        for dy in (0, -0.5, 0.5, -1.0, 1.0, -1.5, 1.5)
    ]
    return sorted(places, key=lambda place: (place[0] ** 2 + place[1] ** 2, place))


def _fits(
    places: Floats, width: float, height: float, own: shapely.Geometry, tree: shapely.STRtree
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Say at which places a text lies mostly in its own unit and hardly in another.

    A text is looked at in a grid of points; what lies in no unit is free.
    """
    across = (np.arange(_GRID[0]) + 0.5) / _GRID[0] - 0.5
    up = (np.arange(_GRID[1]) + 0.5) / _GRID[1] - 0.5
    grid = np.stack(np.meshgrid(across * width, up * height), axis=-1).reshape(-1, 2)
    x, y = (places[:, None, :] + grid[None, :, :]).reshape(-1, 2).T
    inside = np.asarray(shapely.contains_xy(own, x, y)).reshape(len(places), -1)
    fits = inside.mean(axis=1) >= _OWN_LEAST
    outside = np.flatnonzero(~inside.ravel() & np.repeat(fits, len(grid)))
    if len(outside):
        hits, _ = tree.query(shapely.points(x[outside], y[outside]), predicate="intersects")
        foreign = np.zeros(inside.size, dtype=bool)
        foreign[outside[hits]] = True
        fits &= foreign.reshape(inside.shape).mean(axis=1) <= _FOREIGN_MOST
    return fits


def _rect(x: float, y: float, width: float, height: float) -> Rect:
    return Rect(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _within(rect: Rect, frame: Rect) -> bool:
    return (
        rect.west >= frame.west
        and rect.south >= frame.south
        and rect.east <= frame.east
        and rect.north <= frame.north
    )
