"""The buildings of Mingcheng, laid out block by block from one seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from mingcheng_lib.ground import block_of_house
from mingcheng_lib.land import plan_bounds, water_shape
from mingcheng_lib.streets import bent


@dataclass(frozen=True)
class House:
    """A row of 建筑.shp, on the ground."""

    use: str | None
    storeys: int | None
    shape: object


@dataclass(frozen=True)
class Pattern:
    """How buildings stand on a block."""

    use: str
    length: float
    depth: float
    gap: float
    aisle: float
    storeys: tuple
    keep: float = 1.0
    jitter: float = 0.0
    most: int = 10_000


SLABS = Pattern("住宅", 46, 12, 16, 26, (5, 6, 6, 6, 7))
TOWERS = Pattern("住宅", 30, 17, 22, 30, (11, 18, 18, 24))
OLD_HOUSES = Pattern("住宅", 14, 9, 6, 9, (1, 2, 2, 3), keep=0.85, jitter=2.0)
VILLAGE = Pattern("住宅", 12, 10, 8, 12, (2, 2, 3), keep=0.75, jitter=2.0)
PATTERNS = {
    "A1": Pattern("办公", 56, 18, 24, 30, (4, 6, 8), most=5),
    "A2": Pattern("文化", 60, 40, 40, 40, (3, 4), most=2),
    "A33": Pattern("教育", 60, 14, 30, 30, (4, 5), most=4),
    "A4": Pattern("体育", 90, 60, 40, 40, (2,), most=1),
    "A5": Pattern("医疗", 50, 20, 20, 28, (5, 9, 12), most=5),
    "A6": Pattern("公建", 40, 14, 20, 24, (3, 4), most=3),
    "B1": Pattern("商业", 44, 26, 18, 20, (3, 4, 5), most=8),
    "B2": Pattern("办公", 36, 24, 34, 34, (8, 12, 16), most=7),
    "M1": Pattern("工业", 70, 30, 20, 22, (1, 1, 2), most=8),
    "M2": Pattern("工业", 50, 30, 26, 26, (1, 2), most=6),
    "W1": Pattern("仓储", 80, 34, 22, 24, (1,), most=6),
    "S3": Pattern("交通", 110, 26, 10, 10, (2,), most=1),
    "R2": SLABS, "R3": VILLAGE,
}  # fmt: skip
INSET_M = 7.0
UNKNOWN_STOREYS, UNKNOWN_USE = 0.06, 0.02


def pattern_of(lot):
    """Towers in the new quarters, small houses in the old town."""
    w, s, e, n = plan_bounds(lot.shape)
    u, v = (w + e) / 2, (s + n) / 2
    if lot.code == "R2":
        if 590 < u < 1000 and 740 < v < 1085:
            return OLD_HOUSES
        if u > 2080 or (1000 < u < 1500 and 1430 < v < 1800):
            return TOWERS
    return PATTERNS.get(lot.code)


def all_houses(lots, streets, walls, parks, seed):
    """Buildings in the order of their blocks, none on a street, a wall, water or another."""
    rng = np.random.default_rng(seed)
    kerbs = [bent(s).buffer((s.width or 8) / 2 + 3.5) for s in streets]
    kept_clear = shapely.union_all(
        [*kerbs, *(line.buffer(2.5) for _, line in walls), *water_shape().values(), *parks]
    )
    shapely.prepare(kept_clear)
    houses = []
    for lot in lots:
        pattern = pattern_of(lot)
        if pattern is not None:
            houses += _on_block(lot.shape.buffer(-INSET_M), pattern, kept_clear, rng)
    return houses


def _on_block(ground, pattern, kept_clear, rng):
    if ground.is_empty:
        return []
    shapely.prepare(ground)
    west, south, east, north = plan_bounds(ground)
    columns = _row(west, east, pattern.length, pattern.gap)
    rows = _row(south, north, pattern.depth, pattern.aisle)
    found = []
    for v in rows:
        for u in columns:
            du, dv = rng.uniform(-pattern.jitter, pattern.jitter, 2)
            turn = rng.normal(0, 0.05) if pattern.jitter else 0.0
            stands, storeys = rng.random() < pattern.keep, int(rng.choice(pattern.storeys))
            lost, vague = rng.random(2)
            shape = block_of_house(u + du, v + dv, pattern.length, pattern.depth, turn=turn)
            if not stands or not ground.contains(shape) or kept_clear.intersects(shape):
                continue
            found.append(
                House(
                    use=None if vague < UNKNOWN_USE and pattern.use == "住宅" else pattern.use,
                    storeys=None if lost < UNKNOWN_STOREYS else storeys,
                    shape=shape,
                )
            )
    every = np.linspace(0, len(found) - 1, min(pattern.most, len(found))).round().astype(int)
    return [found[i] for i in every]


def _row(low, high, size, gap):
    """Middles of as many things as fit, evenly over the whole length."""
    count = int((high - low + gap) // (size + gap))
    if count < 1:
        return []
    spare = (high - low - count * size - (count - 1) * gap) / (count + 1) if count else 0
    return [low + spare + size / 2 + i * (size + gap + spare) for i in range(count)]
