"""Put a study area together: one CRS, clean units, a built-up area or a stand-in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from shapely import STRtree

from cityplan.model.area import BuiltUp
from cityplan.spatial.built_up import built_up_proxies
from cityplan.spatial.overlay import polygons_only
from cityplan.text import Text

if TYPE_CHECKING:
    from pyproj import CRS

    from cityplan.model.layers import Layers
    from cityplan.model.standard import Standard
    from cityplan.spatial.arrays import Geometry, Shapes

URBAN_USES = (
    "residential", "commercial", "industrial", "institutional", "transport", "construction",
)  # fmt: skip
STREETS_OF_HOMES = ("residential", "living_street")
UNCOVERED_SHARE = 0.01  # of the boundary; less comes of edges that were drawn twice
SLIVER_M2 = 1.0
POLYGON_TYPES = (3, 6)


@dataclass(frozen=True)
class CleanUnits:
    """Units cut to the boundary and free of overlaps, and what was done to them."""

    frame: gpd.GeoDataFrame
    notes: tuple[Text, ...]


def clean_units(units: gpd.GeoDataFrame, boundary: Geometry) -> CleanUnits:
    """Cut units to the boundary; an overlap goes to the unit that comes first.

    Parameters
    ----------
    units
        Column ``unit`` and polygons, projected.
    """
    shapes = shapely.intersection(units.geometry.to_numpy(), boundary)
    overlapping = 0.0
    first, second = STRtree(shapes).query(shapes, predicate="intersects")
    for a, b in sorted(zip(first.tolist(), second.tolist(), strict=True)):
        if a < b:
            shared = shapely.intersection(shapes[a], shapes[b]).area
            if shared > 0:
                shapes[b] = shapely.difference(shapes[b], shapes[a])
                overlapping += shared
    shapes = np.array([polygons_only(shape) for shape in shapes], dtype=object)
    keep = shapely.area(shapes) > SLIVER_M2
    notes = []
    if overlapping > SLIVER_M2:
        notes.append(
            Text(
                en=f"Reporting units overlap by {overlapping / 1e6:.4f} km²: the overlap goes to the "
                "unit that comes first in the file.",
                zh=f"统计单元相互重叠{overlapping / 1e6:.4f}平方公里，重叠部分归入文件中靠前的单元。",
            )
        )
    if not keep.all():
        names = ", ".join(units["unit"].to_numpy()[~keep][:5])
        notes.append(
            Text(
                en=f"{int((~keep).sum())} reporting units lie outside the boundary and are left out "
                f"({names}).",
                zh=f"{int((~keep).sum())}个统计单元位于边界之外，未采用（{names}）。",
            )
        )
    if keep.any():
        notes += _uncovered(1 - float(shapely.area(shapes).sum()) / boundary.area)
    frame = gpd.GeoDataFrame({"unit": units["unit"].to_numpy()}, geometry=shapes, crs=units.crs)
    return CleanUnits(frame[keep].reset_index(drop=True), tuple(notes))


def _uncovered(share: float) -> list[Text]:
    """Say how much of the boundary lies in no unit, where it is more than edges drawn twice."""
    if share <= UNCOVERED_SHARE:
        return []
    return [
        Text(
            en=f"{share:.1%} of the boundary lies in no reporting unit: what is there stands under "
            "'outside units' and counts for the city only.",
            zh=f"边界内有{share:.1%}的面积不属于任何统计单元，其中内容列入“单元以外”，仅计入全市。",
        )
    ]


def stand_in_built_up(layers: Layers, boundary: Geometry, standard: Standard) -> BuiltUp:
    """Draw the built-up area from urban land uses and buildings, or take the boundary."""
    land, water = layers["land_use"], layers["water"].geometry.to_numpy()
    urban = np.concatenate(
        [
            land.geometry.to_numpy()[land["use"].isin(URBAN_USES).to_numpy()],
            layers["residential_land"].geometry.to_numpy(),
            layers["buildings"].geometry.to_numpy(),
        ]
    )
    shapely.prepare(boundary)
    if not shapely.intersects(boundary, urban).any():
        return BuiltUp(
            geometry=boundary,
            basis=Text(
                en=f"Built-up area unknown and no land uses or buildings to draw it from: the whole "
                f"boundary ({boundary.area / 1e6:.2f} km²) serves, which carries no verdict; name it as "
                "built_up.",
                zh=f"建成区未知，且无用地或建筑数据可推算：以整个边界范围（{boundary.area / 1e6:.2f}平方公里）代替，"
                "不足以作出判定，请用 built_up 指定。",
            ),
            is_proxy=True,
            is_unknown=True,
        )
    closing = standard.number("built_up.closing_m")
    others = [float(value) for value in standard.setting("built_up.alternatives_m").value]
    proxies = built_up_proxies(
        urban,
        water[np.isin(shapely.get_type_id(water), POLYGON_TYPES)],
        boundary,
        closings_m=[closing, *others],
        hole_min_m2=standard.number("built_up.hole_min_m2"),
    )
    main = proxies.pop(closing)
    span = ", ".join(f"{shape.area / 1e6:.2f}" for shape in proxies.values())
    gaps = "/".join(f"{distance:g}" for distance in proxies)
    basis = Text(
        en=f"Built-up area not given: a stand-in of {main.area / 1e6:.2f} km² drawn from urban "
        f"land uses and buildings ({span} km² with gaps of {gaps} m instead of {closing:g} m "
        "closed).",
        zh=f"未提供建成区：由城市用地与建筑推算，面积{main.area / 1e6:.2f}平方公里"
        f"（闭合距离取{gaps}米时分别为{span}平方公里）。",
    )
    held = _held_share(layers["streets"], main, boundary)
    unknown = held < standard.number("built_up.held_little_share")
    doubtful = held < standard.number("built_up.held_most_share")
    return BuiltUp(
        geometry=main,
        basis=basis + _misses(held, unknown=unknown) if doubtful else basis,
        is_proxy=True,
        alternatives={key: shape for key, shape in proxies.items() if shape.area > 0},
        is_unknown=unknown,
    )


def _held_share(streets: gpd.GeoDataFrame, built_up: Geometry, boundary: Geometry) -> float:
    """Return how much of the streets that homes stand on lies in the built-up area, by length."""
    lines = streets.geometry.to_numpy()[streets["highway"].isin(STREETS_OF_HOMES).to_numpy()]
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    lines, middle = (x[shapely.intersects(boundary, middle)] for x in (lines, middle))
    shapely.prepare(built_up)
    inside = shapely.length(lines[shapely.intersects(built_up, middle)]).sum()
    return float(inside / shapely.length(lines).sum()) if len(lines) else 1.0


def _misses(held: float, *, unknown: bool) -> Text:
    told = Text(
        en=f"Only {held:.0%} of the residential streets lie in it: elsewhere neither land uses nor "
        "buildings are mapped",
        zh=f"住宅区道路仅有{held:.0%}位于其中，其余地方缺少用地与建筑数据",
    )
    if unknown:
        return told + Text(
            en="and no verdict can rest on it; name the area as built_up.",
            zh="，不足以作出判定，请用 built_up 指定建成区。",
        )
    return told + Text(
        en="and it is too small; name the area as built_up.",
        zh="，推算面积偏小，请用 built_up 指定建成区。",
    )


def given_built_up(shapes: Shapes, boundary: Geometry) -> BuiltUp:
    """Cut a given built-up area to the boundary."""
    shape = polygons_only(shapely.intersection(shapely.union_all(shapes), boundary))
    return BuiltUp(
        geometry=shape,
        basis=Text(
            en=f"Built-up area as given, {shape.area / 1e6:.2f} km².",
            zh=f"建成区采用所提供范围，面积{shape.area / 1e6:.2f}平方公里。",
        ),
        is_proxy=False,
    )


def one_unit(name: str, boundary: Geometry, crs: CRS) -> gpd.GeoDataFrame:
    """Return the whole boundary as the only unit."""
    return gpd.GeoDataFrame({"unit": [name]}, geometry=[boundary], crs=crs)
