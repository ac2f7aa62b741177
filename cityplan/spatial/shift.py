"""Find out whether a layer is displaced against the streets as GCJ-02 and BD-09 are.

Nothing is moved: the finding is a warning with the measured improvement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import shapely
from scipy.spatial import KDTree

from cityplan.spatial.datum import Datum, from_wgs84, in_mainland, to_wgs84
from cityplan.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cityplan.spatial.arrays import Floats, Shapes

Reading: TypeAlias = tuple[Literal["layer", "streets"], Datum]
READINGS: tuple[Reading, ...] = (
    ("layer", "gcj02"), ("layer", "bd09"), ("streets", "gcj02"), ("streets", "bd09"),
)  # fmt: skip

MIN_POINTS = 30
MAX_POINTS = 1_000
POINTS_PER_POLYGON = 8
# A point farther from the streets than the largest displacement is not among them.
NEAR_M = 1_500.0
# A point beyond this has nothing to do with the nearest street.
REACH_M = 50.0
STEP_M = 100.0
# Streets become points so close together that a distance is wrong by 3 m at most.
SPACING_M = 5.0
STANDOUT = 4.0
TURN_DEG = 15
APART_M = 200.0
METRES_PER_DEGREE = 111_195.0
NAMES = {"gcj02": "GCJ-02", "bd09": "BD-09"}


@dataclass(frozen=True)
class Fit:
    """How well a layer lies by the streets under one reading.

    Attributes
    ----------
    median_m
        Median distance of its points to the nearest street.
    standout
        By how many standard deviations the points follow the streets more closely
        than after displacements of the same length in other directions.
    """

    median_m: float
    standout: float


@dataclass(frozen=True)
class ShiftFinding:
    """Whether a layer and the streets differ by a known displacement.

    Attributes
    ----------
    points
        Points that were compared.
    given
        Fit of the layer as it is.
    fits
        Fit when the layer, or else the streets, are read in a datum of the maps.
    suspect
        The reading that fits much better than the given one, or None.
    """

    points: int
    given: Fit
    fits: Mapping[Reading, Fit]
    suspect: Reading | None

    def warning(self, what: Text) -> Text | None:
        """Return what to tell the user, or None where there is nothing to tell.

        Parameters
        ----------
        what
            The layer, as the subject of a sentence.
        """
        if self.suspect is None:
            return None
        side, datum = self.suspect
        name = NAMES[datum]
        before, after = self.given.median_m, self.fits[self.suspect].median_m
        read = {
            "layer": Text(en="it", zh="该图层"),
            "streets": Text(en="the streets", zh="道路"),
        }[side]
        return Text(
            en=f"{what.en} and the streets differ by a displacement like that of {name}: reading "
            f"{read.en} as {name} lowers the median distance to the nearest street from "
            f"{before:.0f} m to {after:.0f} m ({self.points} points). Nothing was moved. If that "
            f'is what it is, write datum = "{datum}" for {read.en}; if a datum was stated there '
            "already, check it.",
            zh=f"{what.zh}与道路之间存在类似 {name} 的偏移：将{read.zh}按 {name} 读取，"
            f"到最近道路的距离中位数由 {before:.0f} 米降至 {after:.0f} 米（{self.points} 个点）。"
            f'坐标未作改动。如确属此情况，请为{read.zh}写明 datum = "{datum}"；如已写明，请核对。',
        )


def find_shift(layer: Shapes, streets: Shapes) -> ShiftFinding | None:
    """Compare a layer with the streets as given, and displaced as the maps of China are.

    Parameters
    ----------
    layer
        Points, lines or polygons in WGS 84 longitude and latitude, as far as is known.
    streets
        Lines in the same.

    Returns
    -------
    ShiftFinding or None
        None outside mainland China, and where fewer than 30 points lie among the
        streets under every reading.

    Notes
    -----
    Measured is how much closer the points lie to the streets (distance cut at 50 m)
    than they would 100 m further on, in the mean of eight directions: things that
    stand along streets lose by any small step, random points do not. How much is
    chance is read off the layer itself, displaced as far in directions that mean
    nothing. A reading is suspected when it stands out of these by 4 of their
    standard deviations, more than any of them, and twice as much as the layer as
    given. Layers that do not follow streets, such as footprints of buildings, and
    small ones show nothing: no finding is no proof.
    """
    points = sample(layer)
    if len(points) == 0 or len(streets) == 0 or in_mainland(*points.T).mean() <= 0.5:  # noqa: PLR2004
        return None
    scale = METRES_PER_DEGREE * np.array([np.cos(np.radians(np.median(points[:, 1]))), 1.0])
    lines = shapely.segmentize(shapely.transform(streets, lambda xy: xy * scale), SPACING_M)
    tree = KDTree(shapely.get_coordinates(lines))
    points = points[tree.query(points * scale, distance_upper_bound=NEAR_M)[0] < NEAR_M]
    readings = {key: _moved(points, *key) * scale for key in READINGS}
    points = points * scale
    if len(points) < MIN_POINTS:
        return None
    chance = np.array([_contrast_m(tree, points + step) for step in _steps(points, readings)])

    def standout(contrast_m: float) -> float:
        return float((contrast_m - chance.mean()) / max(chance.std(), 1e-9))

    def fit(xy: Floats) -> Fit:
        return Fit(float(np.median(tree.query(xy)[0])), standout(_contrast_m(tree, xy)))

    given = fit(points)
    fits = {key: fit(xy) for key, xy in readings.items()}
    best = max(fits, key=lambda key: fits[key].standout)
    beaten = max(STANDOUT, standout(chance.max()), 2 * given.standout)
    suspected = fits[best].standout > beaten and fits[best].median_m < given.median_m
    return ShiftFinding(len(points), given, fits, best if suspected else None)


def sample(layer: Shapes) -> Floats:
    """Return up to 1000 points that stand for a layer, (n, 2), evenly by position in it.

    Points themselves, the middle of lines, and points at even distances around
    polygons, the same number for each.
    """
    parts = shapely.get_parts(layer[~shapely.is_missing(layer) & ~shapely.is_empty(layer)])
    kind = shapely.get_dimensions(parts)
    middles = shapely.line_interpolate_point(parts[kind == 1], 0.5, normalized=True)
    rings = shapely.get_exterior_ring(parts[kind == 2])  # noqa: PLR2004
    turn = np.arange(POINTS_PER_POLYGON) / POINTS_PER_POLYGON
    around = shapely.line_interpolate_point(rings[:, None], turn, normalized=True).ravel()
    xy = shapely.get_coordinates(np.concatenate([parts[kind == 0], middles, around]))
    if len(xy) > MAX_POINTS:
        xy = xy[np.linspace(0, len(xy) - 1, MAX_POINTS).astype(int)]
    return xy


def _moved(points: Floats, side: str, datum: Datum) -> Floats:
    """Return where the points would be: streets read as GCJ-02 leave the layer ahead of them."""
    move: Callable[..., tuple[Floats, Floats]] = to_wgs84 if side == "layer" else from_wgs84
    return np.column_stack(move(points[:, 0], points[:, 1], datum=datum))


def _steps(points: Floats, readings: Mapping[Reading, Floats]) -> Floats:
    """Return displacements as long as the known ones that lead to none of them."""
    known = {key: np.mean(xy - points, axis=0) for key, xy in readings.items()}
    lengths = [np.hypot(*step) for (side, _), step in known.items() if side == "layer"]
    steps = np.concatenate([_around(length, 360 // TURN_DEG) for length in lengths])
    gaps = np.hypot(*(steps[:, None] - np.array(list(known.values()))).transpose(2, 0, 1))
    return steps[(gaps > APART_M).all(axis=1)]


def _contrast_m(tree: KDTree, xy: Floats) -> float:
    """Return how much farther from the streets the points lie after a small step."""
    steps = np.vstack([np.zeros((1, 2)), _around(STEP_M, 8)])
    distance, _ = tree.query(xy + steps[:, None], distance_upper_bound=REACH_M)
    here, *there = np.minimum(distance, REACH_M).mean(axis=1)
    return float(np.mean(there) - here)


def _around(radius_m: float, count: int) -> Floats:
    angle = np.arange(count) * 2 * np.pi / count
    return radius_m * np.column_stack([np.cos(angle), np.sin(angle)])
