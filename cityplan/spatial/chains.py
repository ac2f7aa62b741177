"""Roads as whole chains, and the pairs of carriageways among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from cityplan.spatial.arrays import Bools, Floats, Ints, Shapes

SAMPLE_M = 20.0
OPPOSITE_COS = -0.866  # within 30 degrees of the opposite direction


@dataclass(frozen=True)
class Chains:
    """Lines of the same attributes joined end to end.

    Attributes
    ----------
    lines
        LineStrings; one-way ones run in the direction of traffic.
    group
        The attribute group each chain was made of.
    """

    lines: Shapes
    group: Ints


def merge_chains(lines: Shapes, group: Ints, *, directed: Bools) -> Chains:
    """Join lines of one group where exactly two of them meet.

    Parameters
    ----------
    group
        Lines of the same number share all attributes that matter.
    directed
        Groups, by number, whose lines must keep their direction (one-way).
    """
    if len(lines) == 0:
        return Chains(np.zeros(0, dtype=object), np.zeros(0, dtype=np.int64))
    parts, row = shapely.get_parts(lines, return_index=True)
    number = group[row]
    order = np.argsort(number, kind="stable")
    names, dense = np.unique(number[order], return_inverse=True)
    bundles = shapely.multilinestrings(parts[order], indices=dense)
    oneway = directed[names]
    merged = np.empty(len(bundles), dtype=object)
    merged[oneway] = shapely.line_merge(bundles[oneway], directed=True)
    merged[~oneway] = shapely.line_merge(bundles[~oneway])
    chains, bundle = shapely.get_parts(merged, return_index=True)
    return Chains(chains, names[bundle])


@dataclass(frozen=True)
class _Samples:
    chain: Ints
    xy: Floats
    heading: Floats


def _sample(lines: Shapes, rows: Ints) -> _Samples:
    """Return points every 20 m or less, placed the same from either end, with headings."""
    length = shapely.length(lines[rows])
    count = np.maximum(1, np.ceil(length / SAMPLE_M)).astype(np.int64)
    which = np.repeat(np.arange(len(rows)), count)
    turn = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    step = length[which] / count[which]
    at = (turn + 0.5) * step
    chain = rows[which]
    before = shapely.get_coordinates(shapely.line_interpolate_point(lines[chain], at - step / 2))
    after = shapely.get_coordinates(shapely.line_interpolate_point(lines[chain], at + step / 2))
    heading = after - before
    norm = np.maximum(np.hypot(*heading.T), 1e-9)
    xy = shapely.get_coordinates(shapely.line_interpolate_point(lines[chain], at))
    return _Samples(chain, xy, heading / norm[:, None])


def paired_share(
    lines: Shapes,
    oneway: Bools,
    *,
    name: Ints,
    ref: Ints,
    road_class: Ints,
    max_m: float,
) -> Floats:
    """Return how much of each line runs beside the other carriageway of its road.

    The other carriageway is one-way too, runs in the opposite direction beside
    it, and has the same name; where a name is unknown, the same reference; where
    that is unknown too, the same class. Being one-way is no sign by itself, and a
    ring has no other carriageway.

    Parameters
    ----------
    lines
        LineStrings in the direction of traffic, metres.
    name, ref, road_class
        Codes; negative for unknown.
    max_m
        Farthest apart the carriageways may lie.
    """
    share = np.zeros(len(lines))
    rows = np.flatnonzero(np.asarray(oneway, dtype=bool) & ~shapely.is_closed(lines))
    if len(rows) == 0:
        return share
    samples = _sample(lines, rows)
    reach = float(np.hypot(max_m, SAMPLE_M))
    a, b = cKDTree(samples.xy).query_pairs(reach, output_type="ndarray").T
    opposite = (samples.heading[a] * samples.heading[b]).sum(axis=1) <= OPPOSITE_COS
    a, b = a[opposite], b[opposite]
    apart = samples.xy[b] - samples.xy[a]
    between = samples.heading[a] - samples.heading[b]  # the same for both, as they are opposite
    between /= np.hypot(*between.T)[:, None]
    along = np.abs((apart * between).sum(axis=1))
    across = np.sqrt(np.maximum((apart**2).sum(axis=1) - along**2, 0.0))
    beside = (along <= SAMPLE_M) & (across <= max_m)
    a, b = a[beside], b[beside]
    first, second = samples.chain[a], samples.chain[b]
    mates = _same_road(first, second, name, ref, road_class)
    paired = np.zeros(len(samples.chain), dtype=bool)
    paired[a[mates]] = paired[b[mates]] = True
    count = np.bincount(samples.chain, minlength=len(lines))
    hits = np.bincount(samples.chain, paired, minlength=len(lines))
    return np.divide(hits, count, out=share, where=count > 0)


def _same_road(
    a: Ints,
    b: Ints,
    name: Ints,
    ref: Ints,
    road_class: Ints,
) -> Bools:
    named = (name[a] >= 0) & (name[b] >= 0)
    numbered = (ref[a] >= 0) & (ref[b] >= 0)
    by_ref = np.where(numbered, ref[a] == ref[b], road_class[a] == road_class[b])
    return np.asarray(np.where(named, name[a] == name[b], by_ref) & (a != b))
