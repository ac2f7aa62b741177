"""The point with the least total weighted distance to all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from cityplan.spatial.arrays import Floats


def geometric_median(
    xy: Floats,
    weight: Floats,
    *,
    tolerance_m: float = 0.01,
    rounds: int = 200,
) -> Floats:
    """Return the geometric median by Weiszfeld's iteration.

    Parameters
    ----------
    xy
        Points, shape (n, 2), metres.
    weight
        Their weights; all zero counts as all equal.
    tolerance_m
        The iteration ends when a step is shorter.
    """
    weight = weight if weight.sum() > 0 else np.ones(len(xy))
    centre = np.average(xy, axis=0, weights=weight)
    for _ in range(rounds):
        pull = weight / np.maximum(np.hypot(*(xy - centre).T), tolerance_m)
        moved = np.average(xy, axis=0, weights=pull)
        if np.hypot(*(moved - centre)) < tolerance_m:
            break
        centre = moved
    return np.asarray(centre)
