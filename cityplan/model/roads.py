"""The public roads of a city as chains, with class, pairs and widths."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from cityplan.model.ways import public_roads
from cityplan.spatial.chains import Chains, merge_chains, paired_share

if TYPE_CHECKING:
    from cityplan.model.layers import Layers
    from cityplan.model.standard import Standard
    from cityplan.spatial.arrays import Bools, Floats, Shapes

CHAIN_KEYS = (
    "highway", "name", "ref", "oneway", "width_m", "lanes", "sidewalk", "tunnel", "bridge",
    "level", "road_class", "red_line_m", "roundabout",
)  # fmt: skip
PAIRED = 0.5


@dataclass(frozen=True)
class Widths:
    """Full widths of each chain, metres, sidewalks included."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class Roads:
    """Public roads, each attribute chain once.

    Attributes
    ----------
    lines
        Chains in the direction of traffic.
    attributes
        One row per chain: the columns of ``CHAIN_KEYS`` and ``class``.
    pair_share
        How much of a chain runs beside the other carriageway of its road.
    """

    lines: Shapes
    attributes: pd.DataFrame
    pair_share: Floats
    standard: Standard

    @cached_property
    def class_id(self) -> Shapes:
        """Road class of the standard for each chain, empty where it has none."""
        return self.attributes["class"].to_numpy(dtype=object)

    def in_class(self, flag: str) -> Bools:
        """Return the chains whose class sets ``counts_in_area`` or ``counts_in_density``."""
        wanted = {key for key, row in self.standard.road_classes.items() if getattr(row, flag)}
        return np.isin(self.class_id, list(wanted))

    @property
    def length_weight(self) -> Floats:
        """One for a road drawn once, one half where both carriageways are drawn."""
        return 1.0 - 0.5 * self.pair_share

    @cached_property
    def width_known(self) -> Bools:
        """Which chains have a recorded width or number of lanes."""
        return (self.attributes["width_m"] > 0).to_numpy() | (
            self.attributes["lanes"] > 0
        ).to_numpy()

    def _of_class(self, field: str) -> Floats:
        figures = {key: getattr(row, field) for key, row in self.standard.road_classes.items()}
        return np.array([figures.get(key, 0.0) for key in self.class_id])

    @cached_property
    def _carriageways(self) -> Floats:
        """Half of what a whole road takes goes to each carriageway of a recognised pair."""
        return np.where(self.pair_share >= PAIRED, 0.5, 1.0)

    @cached_property
    def widths(self) -> Widths:
        """Carriageway plus sidewalks: recorded, else from lanes, else the class default."""
        table, spread = self.attributes, self.standard.number("roads.width_spread_share")
        recorded = table["width_m"].where(table["width_m"] > 0)
        from_lanes = table["lanes"].where(table["lanes"] > 0) * self._of_class("lane_m")
        default = self._of_class("carriageway_m") * self._carriageways
        carriageway = recorded.fillna(from_lanes).to_numpy()
        known = ~np.isnan(carriageway)
        walk = [self._sidewalks(case) for case in ("low", "value", "high")]
        return Widths(
            value=np.where(known, carriageway, default) + walk[1],
            low=np.where(known, carriageway, default * (1 - spread)) + walk[0],
            high=np.where(known, carriageway, default * (1 + spread)) + walk[2],
        )

    def _sidewalks(self, case: str) -> Floats:
        """Return the width of all sidewalks of a chain."""
        one = self._of_class("sidewalk_m")
        tag = self.attributes["sidewalk"]
        sides = tag.map({"both": 2.0, "left": 1.0, "right": 1.0, "no": 0.0}).to_numpy(dtype=float)
        extra = self.standard.number("roads.sidewalk_high_extra_m")
        unknown = {"low": 0.0 * one, "value": 2 * one, "high": 2 * (one + extra)}[case]
        without = one == 0
        return np.where(
            np.isnan(sides), np.where(without, 0.0, unknown * self._carriageways), sides * one
        )

    @cached_property
    def red_lines(self) -> Widths:
        """Widths between the red lines: recorded, else the range of the class."""
        recorded = self.attributes["red_line_m"].to_numpy()

        def case(field: str) -> Floats:
            default = self._of_class(field) * self._carriageways
            return np.where(recorded > 0, recorded * self._carriageways, default)

        return Widths(
            value=case("red_line_m"), low=case("red_line_low_m"), high=case("red_line_high_m")
        )


def build_roads(layers: Layers, standard: Standard) -> Roads:
    """Join the city's public streets to chains and recognise carriageway pairs."""
    streets = layers["streets"]
    streets = streets[public_roads(streets)]
    lines = streets.geometry.to_numpy().copy()
    backwards = streets["oneway"].to_numpy() < 0
    lines[backwards] = shapely.reverse(lines[backwards])
    table = streets[list(CHAIN_KEYS)].copy()
    table["oneway"] = table["oneway"].fillna(0).ne(0)
    keys = [pd.factorize(table[column], use_na_sentinel=False)[0] for column in CHAIN_KEYS]
    group = pd.factorize(pd.MultiIndex.from_arrays(keys))[0] if len(table) else np.zeros(0, int)
    first = table.assign(group=group).drop_duplicates("group").set_index("group").sort_index()
    chains: Chains = merge_chains(lines, group, directed=first["oneway"].to_numpy(dtype=bool))
    attributes = first.loc[chains.group].reset_index(drop=True)
    attributes["class"] = _classes(attributes, standard)
    share = paired_share(
        chains.lines,
        (attributes["oneway"] & ~attributes["roundabout"]).to_numpy(dtype=bool),
        name=pd.factorize(attributes["name"])[0],
        ref=pd.factorize(attributes["ref"])[0],
        road_class=pd.factorize(attributes["class"])[0],
        max_m=standard.number("roads.pair_max_m"),
    )
    return Roads(chains.lines, attributes, share, standard)


def _classes(attributes: pd.DataFrame, standard: Standard) -> pd.Series:
    """Return the road class: the recorded urban class first, else by highway tag."""
    of_highway = {
        highway: key for key, row in standard.road_classes.items() for highway in row.highways
    }
    recorded = attributes["road_class"].where(attributes["road_class"].isin(standard.road_classes))
    return recorded.fillna(attributes["highway"].map(of_highway)).fillna("")
