"""How much of the built-up area is road, and how dense is the network?

Formula
    ratio = area of the union of road surfaces in the built-up area / its area
    density = centre-line length of public streets, carriageway pairs once / area

A surface is a polygon where one is given, else the centre line widened to
carriageway plus sidewalks: the recorded width, else lanes times lane width, else
the default of the class, halved where a pair of one-way carriageways is drawn.

Data needed
    streets, or road surfaces.

Limits
    Where widths are unknown the ratio is a range: low without unrecorded
    sidewalks and with narrower defaults, high with wider ones. Motorways, tunnels,
    private and compound-internal ways are left out.

Source
    The State Council's opinions 2016-6, article 16 (15 %, 8 km per km²); class
    defaults from GB/T 51328-2018 and GB 50180-2018.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from shapely import STRtree

from cityplan.model.result import Measure, Result, Role, judge
from cityplan.model.unit_table import unit_table
from cityplan.spatial.overlay import polygon_parts
from cityplan.spatial.partition import make_partition
from cityplan.spatial.surface import road_bodies, surface_in_tiles
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.model.city import City
    from cityplan.model.roads import Roads
    from cityplan.model.standard import Standard
    from cityplan.spatial.arrays import Bools, Floats, Geometry, Ints, Shapes

NAME = "road_area_ratio"


@dataclass(frozen=True)
class _Answer:
    city: City
    standard: Standard

    @cached_property
    def roads(self) -> Roads:
        return self.city.roads

    @cached_property
    def region(self) -> Geometry:
        """The built-up area, or the widest of its stand-ins."""
        shapes = [self.city.area.built_up.geometry, *self.city.area.built_up.alternatives.values()]
        return max(shapes, key=lambda shape: shape.area)

    @cached_property
    def given(self) -> Shapes:
        """Road surfaces recorded as polygons."""
        return self.city.layers["road_surface"].geometry.to_numpy()

    @cached_property
    def lines(self) -> Shapes:
        """Centre lines without the parts that a recorded surface covers."""
        lines = self.roads.lines.copy()
        rows, surface = STRtree(self.given).query(lines, predicate="intersects")
        for row in np.unique(rows):
            covers = shapely.union_all(self.given[surface[rows == row]])
            lines[row] = shapely.difference(lines[row], covers)
        return lines

    @cached_property
    def on_ground(self) -> Bools:
        tunnel = self.roads.attributes["tunnel"].to_numpy(dtype=bool)
        return self.roads.in_class("counts_in_area") & ~tunnel

    @cached_property
    def near(self) -> Bools:
        """Which chains may cover some of the region, however wide they are taken."""
        widest = max(w.high.max(initial=0.0) for w in (self.roads.widths, self.roads.red_lines))
        shapely.prepare(self.region)
        return np.asarray(shapely.dwithin(self.region, self.lines, widest / 2))

    def bodies(self, width_m: Floats, rows: Bools) -> Shapes:
        """Return some chains near the region widened to their width, overlapping at junctions."""
        near = rows & self.near
        parts, index = shapely.get_parts(self.lines[near], return_index=True)
        return road_bodies(parts, width_m[near][index])

    def surface(self, width_m: Floats, rows: Bools) -> Shapes:
        """Return the road surface, recorded and of some chains, in separate pieces."""
        bodies = np.concatenate([self.bodies(width_m, rows), self.given])
        return surface_in_tiles(bodies, self.region)

    @cached_property
    def pieces(self) -> Shapes:
        return self.surface(self.roads.widths.value, self.on_ground)

    def covered_km2(self, pieces: Shapes) -> Floats:
        """Return what the pieces cover of the built-up area, per unit and outside all."""
        return self.city.built_up_parts.areas(pieces) / 1e6

    def ratio(self, km2: Floats) -> float:
        """Share of the built-up area."""
        return float(km2.sum() / self.city.area.built_up.km2)

    @cached_property
    def inside(self) -> tuple[Shapes, Ints, Ints]:
        """Centre lines cut to the built-up area, their chain and their unit."""
        return self.city.built_up_parts.cut_lines(self.roads.lines)

    def km_by_unit(self, rows: Bools) -> Floats:
        """Return kilometres of chains per unit and outside all, pairs once."""
        lines, chain, unit = self.inside
        km = shapely.length(lines) * self.roads.length_weight[chain] * rows[chain] / 1e3
        return np.bincount(unit, km, minlength=len(self.city.built_up_km2)).astype(float)


TITLE = Text(en="Road area and density", zh="道路面积率与路网密度")


@dataclass(frozen=True)
class RoadAreaRatio:
    """Analyzer ``road_area_ratio``."""

    name: str = NAME
    title: Text = TITLE
    rank: int = 10
    needs: tuple[frozenset[str], ...] = (frozenset({"roads", "road_surface"}),)

    def measure_ids(self, standard: Standard) -> tuple[str, ...]:
        """Return the ids of all measures, in order."""
        classes = (key for key, row in standard.road_classes.items() if row.counts_in_density)
        names = (
            "ratio", "ratio_red_line", "density_km_per_km2",
            *(f"density.{key}" for key in classes), "width_known_share",
        )  # fmt: skip
        return tuple(f"{NAME}.{name}" for name in names)

    def run(self, city: City, standard: Standard) -> Result:
        """Measure the city and its units."""
        answer = _Answer(city, standard)
        rows = [_ratio(answer), _red_line(answer), *_densities(answer), _width_known(answer)]
        return Result(
            analyzer=self.name,
            title=self.title,
            measures=tuple(measure for measure, _ in rows),
            units=unit_table(city.area, {measure.id: values for measure, values in rows}),
            shapes=_shapes(answer),
            notes=_notes(answer),
        )


_Row = tuple[Measure, "Floats"]


def _over_area(answer: _Answer, values: Floats) -> Floats:
    some = answer.city.built_up_km2 > 1e-6  # noqa: PLR2004 - a square metre
    return np.divide(values, answer.city.built_up_km2, out=np.full(len(values), np.nan), where=some)


def _ratio(answer: _Answer) -> _Row:
    area, widths = answer.city.area, answer.roads.widths
    km2 = answer.covered_km2(answer.pieces)
    value = answer.ratio(km2)
    bounds = [
        value,
        *(
            answer.ratio(answer.covered_km2(answer.surface(width, answer.on_ground)))
            for width in (widths.low, widths.high)
        ),
        *(
            float(make_partition([shape]).areas(answer.pieces)[0] / shape.area)
            for shape in area.built_up.alternatives.values()
        ),
    ]
    measure = judge(
        f"{NAME}.ratio",
        value,
        "share",
        standard=answer.standard,
        low=min(bounds),
        high=max(bounds),
        basis=Text(
            en="Paved width with sidewalks; unknown widths take the default of the class.",
            zh="路面宽度（含人行道）；宽度未知者取道路类别默认值。",
        )
        + area.built_up.basis,
        note=Text(
            en=f"With tunnels the ratio would be {_tunnels(answer) * 100:.2f} points higher. Widths of "
            "unrecorded roads vary by ±30 % (unverified).",
            zh=f"若计入隧道，比率提高{_tunnels(answer) * 100:.2f}个百分点。未记录宽度按±30%浮动（未经核实）。",
        ),
        definition_verified=False,
        uncertain=area.built_up.is_unknown,
    )
    return measure, _over_area(answer, km2)


def _tunnels(answer: _Answer) -> float:
    """Return how much of the built-up area only tunnels would cover."""
    tunnels = answer.roads.in_class("counts_in_area") & ~answer.on_ground
    if not tunnels.any():
        return 0.0
    below = surface_in_tiles(answer.bodies(answer.roads.widths.value, tunnels), answer.region)
    shared = polygon_parts(make_partition(below).cut(answer.pieces)[0])
    return answer.ratio(answer.covered_km2(below) - answer.covered_km2(shared))


def _red_line(answer: _Answer) -> _Row:
    widths = answer.roads.red_lines
    low, km2, high = (
        answer.covered_km2(answer.surface(width, answer.on_ground))
        for width in (widths.low, widths.value, widths.high)
    )
    measure = judge(
        f"{NAME}.ratio_red_line",
        answer.ratio(km2),
        "share",
        standard=answer.standard,
        low=answer.ratio(low),
        high=answer.ratio(high),
        basis=Text(
            en="Planning basis: width between the red lines, by class where unrecorded.",
            zh="规划口径：道路红线宽度，未记录者按道路类别取值。",
        )
        + answer.city.area.built_up.basis,
        definition_verified=False,
    )
    return measure, _over_area(answer, km2)


def _densities(answer: _Answer) -> list[_Row]:
    counted = answer.roads.in_class("counts_in_density")
    classes = [k for k, row in answer.standard.road_classes.items() if row.counts_in_density]
    rows: list[_Row] = []
    for key in (None, *classes):
        chosen = counted if key is None else counted & (answer.roads.class_id == key)
        km = answer.km_by_unit(chosen)
        name = "density_km_per_km2" if key is None else f"density.{key}"
        total = answer.city.area.built_up.km2
        measure = judge(
            f"{NAME}.{name}",
            km.sum() / total if total > 0 else None,
            "km/km2",
            standard=answer.standard,
            basis=Text(
                en=f"{km.sum():.1f} km of public streets, the two carriageways of a road once.",
                zh=f"公共道路中心线{km.sum():.1f}公里，双向分离车行道只计一次。",
            )
            + answer.city.area.built_up.basis,
            uncertain=answer.city.area.built_up.is_unknown,
        )
        rows.append((measure, _over_area(answer, km)))
    return rows


def _width_known(answer: _Answer) -> _Row:
    counted = answer.on_ground
    known, every = answer.km_by_unit(counted & answer.roads.width_known), answer.km_by_unit(counted)
    share = np.divide(known, every, out=np.full(len(every), np.nan), where=every > 0)
    measure = judge(
        f"{NAME}.width_known_share",
        known.sum() / every.sum() if every.sum() > 0 else None,
        "share",
        standard=answer.standard,
        basis=Text(
            en="Length of counted roads with a recorded width or number of lanes.",
            zh="计入道路中有宽度或车道数记录的长度占比。",
        ),
    )
    return measure, share


def _notes(answer: _Answer) -> tuple[Text, ...]:
    lines, chain, _ = answer.inside
    pairs = float((shapely.length(lines) * answer.roads.pair_share[chain]).sum() / 1e3)
    return (
        Text(
            en=f"{pairs:.1f} km of one-way carriageways are recognised as pairs; "
            f"{len(answer.given)} road surfaces are recorded as polygons.",
            zh=f"识别出成对单向车行道{pairs:.1f}公里；另有{len(answer.given)}个面状路面。",
        ),
    )


def _shapes(answer: _Answer) -> dict[Role, gpd.GeoDataFrame]:
    crs = answer.city.area.crs
    lines, chain, _ = answer.inside
    counted = answer.on_ground[chain] & (shapely.length(lines) > 0)
    frame = gpd.GeoDataFrame(
        {
            "name": answer.roads.attributes["name"].to_numpy(dtype=object)[chain],
            "kind": answer.roads.class_id[chain],
            "width_m": answer.roads.widths.value[chain].round(1),
            "width_known": answer.roads.width_known[chain],
        },
        geometry=lines,
        crs=crs,
    )
    return {"facility": frame[counted].reset_index(drop=True)}


ANALYZER = RoadAreaRatio()
