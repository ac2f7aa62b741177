"""Which streets end where they should go on?

Every end of a public motor road gets the first cause that fits: ``boundary``
(cut by the study or the extract), ``artefact`` (a drawing error: another road a
few metres away, unconnected), ``private_or_gate``, ``continues_other`` (as a
service way, footway or track), ``turning_head`` (turning circle or loop),
``barrier_ahead`` (water, railway or motorway before the next road), ``short``,
``through`` (真断头路: heads for a road within reach and stops), ``unexplained``.

Formula
    count = ends in the built-up area without boundary and artefact
    share = count / (count + junctions), nodes of paired carriageways as one
    length_share = length of dead-end trees / length of public roads

Data needed
    streets; water, railways and gates sharpen the causes.

Limits
    Whether a road was planned through is not in the map: ``through`` says that
    one is missing by geometry. ``noexit`` is a hint in OpenStreetMap, no proof, and
    is not used.

Source
    Types after practice (no national definition was found); spacing of streets
    from GB 50180-2018, 6.0.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import STRtree

from cityplan.model.city import cut_points
from cityplan.model.result import Measure, Result, Role, judge
from cityplan.model.road_ends import END, JUNCTION, RoadNetwork
from cityplan.model.unit_table import unit_table
from cityplan.model.ways import CLOSED, MOTORWAYS, ROAD_BLOCKS, TURNING, motorways, public_roads
from cityplan.spatial.branches import prune_trees
from cityplan.spatial.lookahead import Ahead, look_ahead, outward_bearing
from cityplan.spatial.overlay import near_any, region_of
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.model.city import City
    from cityplan.model.standard import Standard
    from cityplan.spatial.arrays import Bools, Floats, Ints, Shapes

NAME = "dead_ends"
NOT_COUNTED = ("boundary", "artefact")
CAUSES = (
    *NOT_COUNTED, "private_or_gate", "continues_other", "turning_head", "barrier_ahead",
    "short", "through", "unexplained",
)  # fmt: skip
TOUCH_M = 0.01
SAME_WAY_COS = 0.866  # within 30 degrees


@dataclass(frozen=True)
class _Answer:
    city: City
    standard: Standard

    @cached_property
    def network(self) -> RoadNetwork:
        return self.city.road_network

    @cached_property
    def ends(self) -> pd.DataFrame:
        """One row per end; ``first`` marks one of the carriageways of one road."""
        return self._every_end.assign(first=self._every_end["twin_of"] < 0)

    @cached_property
    def _every_end(self) -> pd.DataFrame:
        """Ends inside the boundary: node, branch, edge, bearing, loop, twin_of."""
        network, branches = self.network, self.network.branches
        rows = []
        for side, nodes in ((True, branches.start), (False, branches.end)):
            branch = np.flatnonzero((nodes >= 0) & (network.degree[np.maximum(nodes, 0)] == END))
            rows.append(pd.DataFrame({"node": nodes[branch], "branch": branch, "at_start": side}))
        table = pd.concat(rows, ignore_index=True).assign(loop=False)
        loops = pd.DataFrame(
            {"node": branches.start[network.loops], "branch": network.loops, "at_start": True}
        ).assign(loop=True)
        table = pd.concat([table, loops], ignore_index=True)
        table["x"], table["y"] = network.graph.xy[table["node"]].T
        points = shapely.points(table["x"], table["y"])
        table = table[shapely.intersects(self.city.area.boundary, points)]
        table = table.sort_values(["x", "y"]).reset_index(drop=True)
        lines = [branches.line(branch) for branch in table["branch"]]
        table["bearing"] = [
            outward_bearing(line, at_start=start)
            for line, start in zip(lines, table["at_start"], strict=True)
        ]
        table["length_m"] = branches.length_m[table["branch"]]
        table["edge"] = self._edge_at(table)
        return table.assign(twin_of=self._twins(table))

    def _edge_at(self, table: pd.DataFrame) -> Ints:
        """Return the edge at each end; of a loop, which has two, the first by coordinates."""
        graph = self.network.graph
        last = np.zeros(graph.nodes, dtype=np.int64)
        for nodes in (graph.u, graph.v):
            last[nodes] = np.arange(len(nodes))
        edge, loop = last[table["node"].to_numpy()], table["loop"].to_numpy(dtype=bool)
        edge[loop] = [self.network.branches.edges(b)[0] for b in table["branch"][loop]]
        return edge

    def _twins(self, table: pd.DataFrame) -> Ints:
        """Return, for the second of two carriageways that end side by side, the first's node."""
        oneway = self.network.edge_table["oneway"].fillna(0).to_numpy() != 0
        alone = ~oneway[table["edge"].to_numpy()]
        heading = np.column_stack([np.cos(table["bearing"]), np.sin(table["bearing"])])
        points = shapely.points(table["x"], table["y"])
        a, b = STRtree(points).query(
            points, predicate="dwithin", distance=self.standard.number("roads.pair_max_m")
        )
        second = (a < b) & ~alone[a] & ~alone[b]
        second &= (heading[a] * heading[b]).sum(axis=1) >= SAME_WAY_COS
        twin = np.full(len(table), -1, dtype=np.int64)
        twin[b[second]] = table["node"].to_numpy()[a[second]]
        return twin

    @cached_property
    def points(self) -> Shapes:
        return shapely.points(self.ends["x"], self.ends["y"])

    @cached_property
    def cause(self) -> Shapes:
        """The first cause that fits each end."""
        tests = {
            "boundary": self._at_boundary(),
            "artefact": self._beside_unconnected_road(),
            "private_or_gate": self._at_gate() | self._continues(private=True),
            "continues_other": self._continues(private=False),
            "turning_head": self._turns() | self.ends["loop"].to_numpy(dtype=bool),
            "barrier_ahead": self.ahead.barred,
            "short": self.ends["length_m"].to_numpy() < self.standard.number("dead_ends.short_m"),
            "through": np.isfinite(self.ahead.distance_m),
        }
        rank = pd.Series(np.select(list(tests.values()), range(len(tests)), default=len(tests)))
        # Carriageways that end side by side are one end: the first cause that fits either.
        road = self.ends["twin_of"].where(self.ends["twin_of"] >= 0, self.ends["node"])
        first = rank.groupby(road.to_numpy()).transform("min")
        return np.array([*tests, "unexplained"], dtype=object)[first.to_numpy()]

    def _at_boundary(self) -> Bools:
        area, distance = self.city.area, self.standard.number("dead_ends.boundary_m")
        outline = area.boundary.boundary
        shapely.prepare(outline)
        at_edge = np.asarray(shapely.dwithin(outline, self.points, distance))
        at_edge |= near_any(self.points, cut_points(self.city.layers["streets"]), TOUCH_M)
        if area.data_extent is not None:
            inner = area.data_extent.buffer(-distance)
            at_edge |= ~shapely.contains(inner, self.points)
        return at_edge

    def _beside_unconnected_road(self) -> Bools:
        """Another road within a few metres that the end's own junction does not lead to."""
        network, ends = self.network, self.ends
        branches = network.branches
        end, edge = STRtree(network.graph.lines).query(
            self.points, predicate="dwithin", distance=self.standard.number("dead_ends.artefact_m")
        )
        own = ends["branch"].to_numpy()[end]
        other = branches.of_edge[edge]
        junction = np.where(ends["at_start"], branches.end[ends["branch"]],
                            branches.start[ends["branch"]])[end]  # fmt: skip
        apart = (
            (other != own) & (branches.start[other] != junction) & (branches.end[other] != junction)
        )
        table = network.edge_table
        level = table["bridge"].to_numpy(dtype=bool) * 1 - table["tunnel"].to_numpy(dtype=bool) * 1
        apart &= level[edge] == level[ends["edge"].to_numpy()][end]
        found = np.zeros(len(ends), dtype=bool)
        found[end[apart]] = True
        return found & ~ends["loop"].to_numpy(dtype=bool)

    def _at_gate(self) -> Bools:
        nodes = self.city.layers["street_nodes"]
        gates = nodes.geometry.to_numpy()[nodes["kind"].isin(ROAD_BLOCKS).to_numpy()]
        return near_any(self.points, gates, self.standard.number("dead_ends.node_m"))

    def _turns(self) -> Bools:
        nodes = self.city.layers["street_nodes"]
        circles = nodes.geometry.to_numpy()[nodes["kind"].isin(TURNING).to_numpy()]
        return near_any(self.points, circles, self.standard.number("dead_ends.node_m"))

    def _continues(self, *, private: bool) -> Bools:
        streets = self.city.layers["streets"]
        others = ~public_roads(streets)
        closed = streets["access"].isin(CLOSED).to_numpy()
        others &= closed if private else ~closed
        touches = near_any(self.points, streets.geometry.to_numpy()[others], TOUCH_M)
        return touches & ~self.ends["loop"].to_numpy(dtype=bool)

    @cached_property
    def ahead(self) -> Ahead:
        network, layers = self.network, self.city.layers
        highway = network.edge_table["highway"].isin(MOTORWAYS).to_numpy()
        streets, water, rail = layers["streets"], layers["water"], layers["rail"]
        barriers = np.concatenate(
            [
                water.geometry.to_numpy()[~water["tunnel"].to_numpy(dtype=bool)],
                rail.geometry.to_numpy()[~rail["tunnel"].to_numpy(dtype=bool)],
                streets.geometry.to_numpy()[
                    motorways(streets) & ~streets["tunnel"].to_numpy(dtype=bool)
                ],
            ]
        )
        return look_ahead(
            self.ends[["x", "y"]].to_numpy(),
            self.ends["bearing"].to_numpy(),
            self.ends["branch"].to_numpy(),
            network.graph.lines[~highway],
            network.branches.of_edge[~highway],
            barriers,
            reach_m=self.standard.number("dead_ends.reach_m"),
            angle_rad=float(np.radians(self.standard.number("dead_ends.bearing_deg"))),
        )

    @cached_property
    def in_built_up(self) -> Bools:
        shape = self.city.area.built_up.geometry
        shapely.prepare(shape)
        return shapely.intersects(shape, self.points) & self.ends["first"].to_numpy(dtype=bool)

    @cached_property
    def counts(self) -> Bools:
        return ~np.isin(self.cause, NOT_COUNTED) & self.ends["first"].to_numpy(dtype=bool)

    @cached_property
    def unit(self) -> Ints:
        return region_of(self.points, self.city.area.units.geometry.to_numpy())

    def per_slot(self, rows: Bools) -> Floats:
        return _slots(self.unit[rows], len(self.city.area.units))

    @cached_property
    def junctions(self) -> Floats:
        """Junctions in the built-up area per unit and outside all, pairs as one."""
        network = self.network
        junction = network.degree >= JUNCTION
        junction[network.branches.start[network.loops]] = False
        rows = np.flatnonzero(junction)
        _, merged = np.unique(network.merged_node[rows], return_inverse=True)
        centre = [
            np.bincount(merged, network.graph.xy[rows, axis]) / np.bincount(merged)
            for axis in (0, 1)
        ]
        points = shapely.points(*centre)
        inside = shapely.intersects(self.city.area.built_up.geometry, points)
        unit = region_of(points[inside], self.city.area.units.geometry.to_numpy())
        return _slots(unit, len(self.city.area.units))

    @cached_property
    def tree_km(self) -> tuple[Floats, Floats]:
        """Kilometres in dead-end trees, and of all roads, per unit and outside all."""
        network = self.network
        ends = self.ends["node"].to_numpy()[self.counts & ~self.ends["loop"].to_numpy(dtype=bool)]
        twins = self._every_end["twin_of"].isin(ends)
        ends = np.append(ends, self._every_end["node"].to_numpy()[twins])
        in_tree = prune_trees(network.branches, ends, network.loops)
        weight = np.where(network.paired, 0.5, 1.0) / 1e3
        tree, parts = in_tree[network.branches.of_edge], self.city.built_up_parts
        lines = network.graph.lines
        return parts.lengths(lines[tree], weight[tree]), parts.lengths(lines, weight)


def _slots(unit: Ints, units: int, weight: Floats | None = None) -> Floats:
    return np.bincount(np.where(unit < 0, units, unit), weight, minlength=units + 1).astype(float)


TITLE = Text(en="Dead-end roads", zh="断头路")


@dataclass(frozen=True)
class DeadEnds:
    """Analyzer ``dead_ends``."""

    name: str = NAME
    title: Text = TITLE
    rank: int = 20
    needs: tuple[frozenset[str], ...] = (frozenset({"roads"}),)

    def measure_ids(self, standard: Standard) -> tuple[str, ...]:  # noqa: ARG002
        """Return the ids of all measures, in order."""
        names = ("through_count", "count", "count_outside", "share", "length_share", "per_km2")
        return tuple(f"{NAME}.{n}" for n in (*names, *(f"cause.{cause}" for cause in CAUSES)))

    def run(self, city: City, standard: Standard) -> Result:
        """Measure the city and its units."""
        answer = _Answer(city, standard)
        rows = {measure.id: (measure, values) for measure, values in _measures(answer)}
        order = self.measure_ids(standard)
        return Result(
            analyzer=self.name,
            title=self.title,
            measures=tuple(rows[key][0] for key in order),
            units=unit_table(city.area, {key: rows[key][1] for key in order}),
            shapes=_shapes(answer),
        )


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)


def _measures(answer: _Answer) -> list[tuple[Measure, Floats]]:
    counted = answer.per_slot(answer.counts & answer.in_built_up)
    outside = answer.per_slot(answer.counts & ~answer.in_built_up)
    nodes = counted + answer.junctions
    trees, roads = answer.tree_km
    km2 = answer.city.built_up_km2
    tiny = km2 < 1e-6  # noqa: PLR2004 - a square metre
    causes = {c: answer.per_slot((answer.cause == c) & answer.in_built_up) for c in CAUSES}
    table = {
        "count": ("count", counted.sum(), counted),
        "count_outside": ("count", outside.sum(), outside),
        "through_count": ("count", causes["through"].sum(), causes["through"]),
        "share": ("share", _city(counted, nodes), _ratio(counted, nodes)),
        "length_share": ("share", _city(trees, roads), _ratio(trees, roads)),
        "per_km2": ("1/km2", _city(counted, km2), _ratio(counted, np.where(tiny, 0.0, km2))),
        **{f"cause.{c}": ("count", values.sum(), values) for c, values in causes.items()},
    }
    return [
        (
            judge(
                f"{NAME}.{name}", value, unit, standard=answer.standard, basis=_basis(answer),
                definition_verified=False,
            ),
            by_unit,
        )
        for name, (unit, value, by_unit) in table.items()
    ]  # fmt: skip


def _city(part: Floats, whole: Floats) -> float | None:
    return float(part.sum() / whole.sum()) if whole.sum() > 0 else None


def _basis(answer: _Answer) -> Text:
    left_out = int((np.isin(answer.cause, NOT_COUNTED) & answer.ends["first"]).sum())
    return (
        Text(
            en="Ends of public motor roads in the built-up area, one per road; "
            f"{left_out} cut by the edge or drawn wrong are left out.",
            zh=f"建成区内公共机动车道路末端，每路计一次；另有{left_out}处为边界截断或绘制误差，未计入。",
        )
        + answer.city.area.built_up.basis
    )


def _shapes(answer: _Answer) -> dict[Role, gpd.GeoDataFrame]:
    crs, ends = answer.city.area.crs, answer.ends
    names = answer.network.edge_table["name"].to_numpy(dtype=object)
    units = answer.city.area.units["unit"].tolist()
    frame = gpd.GeoDataFrame(
        {
            "name": names[ends["edge"].to_numpy()],
            "kind": answer.cause,
            "unit": [units[u] if u >= 0 else None for u in answer.unit],
            "length_m": ends["length_m"].round(1),
            "ahead_m": np.where(
                np.isfinite(answer.ahead.distance_m), answer.ahead.distance_m.round(1), np.nan
            ),
        },
        geometry=answer.points,
        crs=crs,
    )
    true = (answer.cause == "through") & answer.in_built_up
    links = (
        shapely.linestrings(
            [
                [(p.x, p.y), (t.x, t.y)]
                for p, t in zip(answer.points[true], answer.ahead.target[true], strict=True)
            ]
        )
        if true.any()
        else []
    )
    proposals = (
        frame[true]
        .assign(kind="missing_link")
        .set_geometry(gpd.GeoSeries(links, index=frame.index[true], crs=crs))
    )
    return {
        "gap": frame[true].reset_index(drop=True),
        "context": frame[~true & answer.in_built_up].reset_index(drop=True),
        "proposal": proposals.reset_index(drop=True),
    }


ANALYZER = DeadEnds()
