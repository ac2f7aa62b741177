"""Is every home within a 15-minute walk of what daily life needs?

For each demand point, the walking distance along public ways to the nearest
facility of every category of the standard, both stretches off the network
included. A home is complete when every required category of which the data hold
at least one record is within the limit.

Formula
    reach(c) = weight of homes with distance(c) <= limit / weight of all homes
    complete = weight of homes with all required, recorded categories / the same

Data needed
    streets; buildings or residential land or population; facilities.

Limits
    A category without any record is "not found in the data", never "does not
    exist": ``low`` counts it as missing. Facilities beyond the boundary serve, but
    not those beyond the extract: homes that can walk out of the data are marked.
    Homes no way reaches count as not served; ``high`` counts them as served.

Source
    GB 50180-2018 appendix B (categories, groups), section 2.0.2 (15 minutes are
    800 to 1000 m); the action plan, part two (three) 1 (1).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from shapely import STRtree

from cityplan.model.gaps import demand_areas
from cityplan.model.result import Measure, Result, Role, judge
from cityplan.model.unit_table import unit_table
from cityplan.spatial.geometric_median import geometric_median
from cityplan.spatial.parallel import map_threads
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.model.city import City
    from cityplan.model.standard import Category, Standard
    from cityplan.spatial.arrays import Bools, Floats, Geometry, Ints, Shapes
    from cityplan.spatial.snap import Snap

BESIDE_WAY_M = 40.0
SNAP_CENTRE_M = 1_000.0


def missing_counts(cost_m: Floats, limit_m: Floats) -> Ints:
    """Count, per home, the categories beyond their limit; NaN is beyond.

    Parameters
    ----------
    cost_m
        Shape (homes, categories).
    limit_m
        One limit per category.
    """
    return np.asarray((~(cost_m <= limit_m)).sum(axis=1), dtype=np.int64)


@dataclass(frozen=True)
class _Answer:
    """Distances of one city, and everything counted from them."""

    city: City
    standard: Standard

    @cached_property
    def categories(self) -> list[Category]:
        return list(self.standard.categories.values())

    @cached_property
    def limit_m(self) -> Floats:
        if self.standard.setting("life_circle.limit_mode").value == "common":
            return np.full(len(self.categories), self.standard.number("life_circle.limit_m"))
        return np.array([category.limit_m for category in self.categories])

    @cached_property
    def facilities(self) -> gpd.GeoDataFrame:
        """Facilities of the standard's categories, in the order of their coordinates."""
        frame = self.city.layers["facilities"]
        frame = frame[frame["category"].isin([c.id for c in self.categories])]
        centre = shapely.centroid(frame.geometry.to_numpy())
        order = np.lexsort((frame["category"], shapely.get_y(centre), shapely.get_x(centre)))
        return frame.iloc[order].reset_index(drop=True)

    @cached_property
    def _snaps(self) -> tuple[Snap, Shapes]:
        """Where facilities are attached, with the category of each entrance."""
        first = self.facilities.drop_duplicates("id", keep="first")
        access = self.city.access_to(first)
        snap = self.city.snap_access(access)
        entrances_of: dict[object, list[int]] = {}
        for entrance, owner in enumerate(first["id"].to_numpy()[access.owner]):
            entrances_of.setdefault(owner, []).append(entrance)
        pairs = [
            (entrance, row)
            for row, identity in enumerate(self.facilities["id"])
            for entrance in entrances_of.get(identity, ())
        ]
        table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        return snap.take(table[:, 0]), self.facilities["category"].to_numpy()[table[:, 1]]

    @cached_property
    def sources(self) -> dict[str, Snap]:
        snap, category = self._snaps
        return {c.id: snap.take(category == c.id) for c in self.categories}

    @cached_property
    def present(self) -> Bools:
        recorded = set(self.facilities["category"])
        return np.array([c.id in recorded for c in self.categories])

    @cached_property
    def required(self) -> Bools:
        return np.array([c.required for c in self.categories])

    @cached_property
    def judged(self) -> Bools:
        """Required categories that the data hold."""
        return self.required & self.present

    @cached_property
    def cost_m(self) -> Floats:
        """Distance from every home to every category, NaN beyond the limit."""
        answers = self.city.walk.cost_to_nearest(
            self.city.demand_snap, self.sources, cutoff_m=float(self.limit_m.max())
        )
        return np.column_stack([answers[c.id].cost_m for c in self.categories])

    @cached_property
    def has(self) -> Bools:
        """Shape (homes, categories): which are within their limit."""
        return np.asarray(self.cost_m <= self.limit_m)

    def complete(self, limit_m: Floats) -> Bools:
        return missing_counts(self.cost_m[:, self.judged], limit_m[self.judged]) == 0

    def in_group(self, group: str) -> Bools:
        return np.array([c.group == group for c in self.categories])


TITLE = Text(en="15-minute life circle", zh="15分钟生活圈")


@dataclass(frozen=True)
class LifeCircle:
    """Analyzer ``life_circle``."""

    name: str = "life_circle"
    title: Text = TITLE
    rank: int = 40
    needs: tuple[frozenset[str], ...] = (
        frozenset({"ways"}),
        frozenset({"demand"}),
        frozenset({"facilities"}),
    )

    def measure_ids(self, standard: Standard) -> tuple[str, ...]:
        """Return the ids of all measures, in order."""
        return (
            "life_circle.complete_share",
            "life_circle.mean_missing",
            *(f"life_circle.group.{group}" for group in standard.groups),
            *(f"life_circle.reach.{category}" for category in standard.categories),
        )

    def run(self, city: City, standard: Standard) -> Result:
        """Measure the city and its units."""
        answer = _Answer(city, standard)
        by_home = _home_values(answer)
        units = {key: _by_unit(answer, values) for key, values in by_home.items()}
        measures = tuple(
            _measure(answer, key, by_home.get(key)) for key in self.measure_ids(standard)
        )
        table = unit_table(city.area, {m.id: units.get(m.id, _nothing(city)) for m in measures})
        return Result(
            analyzer=self.name,
            title=self.title,
            measures=measures,
            units=table,
            shapes=_shapes(answer),
            notes=_notes(answer),
        )


def _nothing(city: City) -> Floats:
    return np.full(len(city.area.units) + 1, np.nan)


def _home_values(answer: _Answer) -> dict[str, Floats]:
    """Return measure id -> one value per home, for every measure the data can give."""
    values: dict[str, Floats] = {}
    if answer.judged.any():
        missing = missing_counts(answer.cost_m[:, answer.judged], answer.limit_m[answer.judged])
        values["life_circle.complete_share"] = (missing == 0).astype(float)
        values["life_circle.mean_missing"] = missing.astype(float)
    for group in answer.standard.groups:
        wanted = answer.in_group(group) & answer.judged
        if wanted.any():
            values[f"life_circle.group.{group}"] = answer.has[:, wanted].all(axis=1).astype(float)
    for number, category in enumerate(answer.categories):
        if answer.present[number]:
            values[f"life_circle.reach.{category.id}"] = answer.has[:, number].astype(float)
    return values


def _by_unit(answer: _Answer, values: Floats) -> Floats:
    """Weighted mean per unit and outside all."""
    demand, units = answer.city.demand, len(answer.city.area.units)
    slot = np.where(demand.unit < 0, units, demand.unit)
    total = np.bincount(slot, demand.weight, minlength=units + 1)
    part = np.bincount(slot, demand.weight * values, minlength=units + 1)
    return np.divide(part, total, out=np.full(units + 1, np.nan), where=total > 0)


def _mean(answer: _Answer, values: Floats) -> float | None:
    weight = answer.city.demand.weight
    total = weight.sum()
    return float((weight * values).sum() / total) if total > 0 else None


def _measure(answer: _Answer, key: str, values: Floats | None) -> Measure:
    standard, name = answer.standard, key.removeprefix("life_circle.")
    kind, _, item = name.partition(".")
    rows = _rows_behind(answer, kind, item)
    verified = all(answer.categories[i].verified for i in np.flatnonzero(rows))
    absent = [answer.categories[i].title for i in np.flatnonzero(rows & ~answer.present)]
    value = None if values is None else _mean(answer, values)
    low = high = None
    if value is not None and kind != "mean_missing":
        low = 0.0 if absent and kind != "reach" else value
        high = min(1.0, value + answer.city.lost_homes[0])
    return judge(
        key,
        value,
        "count" if kind == "mean_missing" else "share",
        standard=standard,
        basis=_basis(answer),
        low=low,
        high=high,
        note=_not_found(absent, no_rows=not rows.any()),
        definition_verified=verified,
        by_group={} if values is None else answer.city.demand.mean_by_group(values),
    )


def _rows_behind(answer: _Answer, kind: str, item: str) -> Bools:
    if kind == "reach":
        return np.array([c.id == item for c in answer.categories])
    if kind == "group":
        return answer.required & answer.in_group(item)
    return answer.required


def _not_found(absent: list[Text], *, no_rows: bool) -> Text | None:
    if no_rows:
        return Text(
            en="The standard requires no category of this group.",
            zh="标准对本组未规定应配建的设施类别。",
        )
    if not absent:
        return None
    return Text(
        en=f"Not found in the data: {', '.join(t.en for t in absent)}.",
        zh=f"数据中未检出：{'、'.join(t.zh for t in absent)}。",
    )


def _basis(answer: _Answer) -> Text:
    limits = sorted(set(answer.limit_m.tolist()))
    low, high = limits[0], limits[-1]
    span = f"{low:.0f}" if low == high else f"{low:.0f}-{high:.0f}"
    return (
        Text(
            en=f"Walking distance along public ways, limit {span} m.",
            zh=f"沿公共步行网络距离，限值{span}米。",
        )
        + answer.city.walk_basis
        + answer.city.demand.basis
    )


def _notes(answer: _Answer) -> tuple[Text, ...]:
    notes = []
    lost = answer.city.lost_homes[1]
    if lost is not None:
        notes.append(lost)
    if answer.judged.any():
        limit = float(answer.limit_m.max())
        narrow = min(answer.standard.number("life_circle.sensitivity_m"), limit)
        share = answer.city.demand.share(answer.complete(np.minimum(answer.limit_m, narrow)))
        if share is not None:
            notes.append(
                Text(
                    en=f"With {narrow:.0f} m instead: {share:.1%} of demand complete.",
                    zh=f"若按{narrow:.0f}米计：完整率为{share:.1%}。",
                )
            )
        edge = answer.city.edge_note(answer.complete(answer.limit_m), limit)
        if edge is not None:
            notes.append(edge)
    unspecified = (answer.city.layers["facilities"]["category"] == "school_unspecified").sum()
    if unspecified:
        notes.append(
            Text(
                en=f"{unspecified} schools have no recorded level: counted neither as primary nor "
                "as junior schools.",
                zh=f"{unspecified}所学校未标明学段，未计入小学或初中。",
            )
        )
    return tuple(notes)


def _shapes(answer: _Answer) -> dict[Role, gpd.GeoDataFrame]:
    city, judged = answer.city, answer.judged
    names = [c.id for c, used in zip(answer.categories, judged, strict=True) if used]
    lacking = ~answer.has[:, judged]
    short: Bools = np.asarray(lacking.any(axis=1))
    facilities = answer.facilities.rename(columns={"category": "kind"})[
        ["name", "kind", "geometry"]
    ]
    return {
        "gap": demand_areas(city, short, kind="blind_spot", lacking=lacking, names=names),
        "served": demand_areas(city, ~short, kind="complete"),
        "facility": facilities,
        "context": _catchments(answer, names),
    }


def _catchments(answer: _Answer, names: list[str]) -> gpd.GeoDataFrame:
    """Return what lies in the 15-minute catchment around each unit's centre."""
    city, centres = answer.city, _centres(answer)
    starts = city.walk.snap(np.array(list(centres.values()), dtype=object), max_m=SNAP_CENTRE_M)
    units = city.area.units["unit"].tolist()
    known = [(units[unit], starts.take(np.array([n]))) for n, unit in enumerate(centres)]
    rows = map_threads(
        lambda row: _catchment(answer, *row, names), [row for row in known if row[1].attached[0]]
    )
    columns = ["name", "kind", "found", "lacks", "geometry"]
    return gpd.GeoDataFrame(
        {column: [row[i] for row in rows] for i, column in enumerate(columns)},
        geometry="geometry",
        crs=city.area.crs,
    )


def _catchment(
    answer: _Answer, unit: str, start: Snap, names: list[str]
) -> tuple[str, str, int, str, Geometry]:
    """Return the catchment of one unit's centre."""
    walk, limit = answer.city.walk, float(answer.limit_m.max())
    reached = walk.cost_from(start, answer.sources, cutoff_m=limit)
    within = {c.id: m for c, m in zip(answer.categories, answer.limit_m, strict=True)}
    lacks = [name for name in names if not reached[name] <= within[name]]
    area = walk.catchment(start, cutoff_m=limit).area(beside_m=BESIDE_WAY_M)
    return unit, "catchment", len(names) - len(lacks), ", ".join(lacks), area


def _centres(answer: _Answer) -> dict[int, shapely.Point]:
    """Return unit -> its service station if known, else the median point of its demand."""
    demand, units = answer.city.demand, answer.city.area.units.geometry.to_numpy()
    stations = answer.facilities[answer.facilities["category"] == "community_station"]
    station, of_unit = STRtree(units).query(stations.geometry.to_numpy(), predicate="intersects")
    centres = {}
    for unit in range(len(units)):
        inside, homes = station[of_unit == unit], np.flatnonzero(demand.unit == unit)
        if len(inside):
            centres[unit] = stations.geometry.iloc[inside.min()].representative_point()
        elif len(homes):
            xy = shapely.get_coordinates(demand.points[homes])
            centres[unit] = shapely.Point(geometric_median(xy, demand.weight[homes]))
    return centres


ANALYZER = LifeCircle()
