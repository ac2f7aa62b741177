"""How complete the inputs are, so that "not found in the data" is not read as "does not exist"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely

from cityplan.model.ways import FOR_WALKERS, public_roads
from cityplan.spatial.overlay import lines_near_any
from cityplan.text import Text

if TYPE_CHECKING:
    import geopandas as gpd

    from cityplan.model.area import StudyArea
    from cityplan.model.layers import Layers
    from cityplan.model.standard import Standard
    from cityplan.spatial.arrays import Bools, Floats

# A street this far from any building is empty, or its buildings are not in the data.
BUILDING_REACH_M = 60.0


@dataclass(frozen=True, kw_only=True)
class Quality:
    """One figure about the inputs, inside the boundary.

    Attributes
    ----------
    id
        Stable id.
    value
        A share (0..1) or a count; None where there is nothing to speak of.
    unit
        ``share`` or ``count``.
    meaning
        What follows for the results.
    """

    id: str
    title: Text
    value: float | None
    unit: str
    meaning: Text


def input_quality(layers: Layers, area: StudyArea, standard: Standard) -> tuple[Quality, ...]:
    """Return how much of what the analyses need is recorded."""
    return (
        *_roads(layers, area),
        *_buildings(layers, area),
        *_facilities(layers, area, standard),
        *_toilets(layers, area),
    )


def _inside(frame: gpd.GeoDataFrame, area: StudyArea) -> gpd.GeoDataFrame:
    shapely.prepare(area.boundary)
    return frame[shapely.intersects(area.boundary, frame.geometry.to_numpy())]


def _share(part: Floats, whole: Floats) -> float | None:
    total = float(whole.sum())
    return float(part.sum()) / total if total > 0 else None


def _roads(layers: Layers, area: StudyArea) -> list[Quality]:
    streets = _inside(layers["streets"], area)
    roads = streets[public_roads(streets)]
    length: Floats = shapely.length(roads.geometry.to_numpy())

    def of_length(recorded: Bools) -> float | None:
        return _share(length * recorded, length)

    on_foot = float(streets["highway"].isin(FOR_WALKERS).sum())
    buildings = layers["buildings"].geometry.to_numpy()
    beside = lines_near_any(roads.geometry.to_numpy(), buildings, BUILDING_REACH_M)
    return [
        Quality(
            id="roads.width_share",
            title=Text(en="Road length with a recorded width", zh="有宽度记录的道路长度占比"),
            value=of_length((roads["width_m"] > 0).to_numpy()),
            unit="share",
            meaning=Text(
                en="Other widths are taken from lanes or from the class.",
                zh="其余宽度按车道数或道路类别取值。",
            ),
        ),
        Quality(
            id="roads.lanes_share",
            title=Text(en="Road length with recorded lanes", zh="有车道数记录的道路长度占比"),
            value=of_length((roads["lanes"] > 0).to_numpy()),
            unit="share",
            meaning=Text(
                en="Lanes give the width where it is not recorded.",
                zh="无宽度记录时由车道数推算宽度。",
            ),
        ),
        Quality(
            id="roads.sidewalk_share",
            title=Text(en="Road length with recorded sidewalks", zh="有人行道记录的道路长度占比"),
            value=of_length(roads["sidewalk"].notna().to_numpy()),
            unit="share",
            meaning=Text(
                en="An unknown sidewalk is not no sidewalk: it widens the range of the road area.",
                zh="未记录不等于没有人行道，会扩大道路面积的区间。",
            ),
        ),
        Quality(
            id="roads.footways",
            title=Text(en="Footways, paths and steps", zh="步行道、小径与台阶"),
            value=on_foot,
            unit="count",
            meaning=Text(
                en="Without any, walks run along carriageways: a proxy.",
                zh="若为零，步行网络以车行道路代替（替代口径）。",
            ),
        ),
        Quality(
            id="roads.without_buildings_share",
            title=Text(
                en=f"Road length without a building within {BUILDING_REACH_M:.0f} m",
                zh=f"{BUILDING_REACH_M:.0f}米内无建筑的道路长度占比",
            ),
            value=of_length(~beside),
            unit="share",
            meaning=Text(
                en="Where it is high, buildings are missing in the data or the land is empty.",
                zh="比例高则数据缺少建筑，或沿线为空地。",
            ),
        ),
    ]


def _buildings(layers: Layers, area: StudyArea) -> list[Quality]:
    buildings = _inside(layers["buildings"], area)
    ground: Floats = shapely.area(buildings.geometry.to_numpy())
    return [
        Quality(
            id="buildings.count",
            title=Text(en="Buildings", zh="建筑"),
            value=float(len(buildings)),
            unit="count",
            meaning=Text(
                en="Homes are drawn from them; without any, from residential land.",
                zh="住宅据此推定；无建筑时按居住用地推定。",
            ),
        ),
        Quality(
            id="buildings.levels_share",
            title=Text(en="Building ground with recorded storeys", zh="有层数记录的建筑占地占比"),
            value=_share(ground * (buildings["levels"] > 0).to_numpy(), ground),
            unit="share",
            meaning=Text(
                en="Others take the median of their type and unit.",
                zh="其余取所在单元同类建筑的中位数。",
            ),
        ),
        Quality(
            id="buildings.use_share",
            title=Text(en="Building ground with a recorded use", zh="有用途记录的建筑占地占比"),
            value=_share(ground * (buildings["use"] != "unknown").to_numpy(), ground),
            unit="share",
            meaning=Text(
                en="A building without a use counts as a home unless something speaks against it.",
                zh="用途未记录的建筑如无反证按住宅计。",
            ),
        ),
    ]


def _facilities(layers: Layers, area: StudyArea, standard: Standard) -> list[Quality]:
    found = set(_inside(layers["facilities"], area)["category"])
    required = [c for c in standard.categories.values() if c.required]
    missing = [c.title for c in required if c.id not in found]
    names_en, names_zh = (t.en for t in missing), (t.zh for t in missing)
    return [
        Quality(
            id="facilities.categories_found_share",
            title=Text(
                en="Required facility categories with a record", zh="应配建设施类别中有记录者占比"
            ),
            value=1 - len(missing) / len(required) if required else None,
            unit="share",
            meaning=Text(
                en=f"Not found in the data, which is not the same as not there: {', '.join(names_en)}.",
                zh=f"数据中未检出（不等于不存在）：{'、'.join(names_zh)}。",
            )
            if missing
            else Text(en="All are recorded.", zh="均有记录。"),
        )
    ]


def _toilets(layers: Layers, area: StudyArea) -> list[Quality]:
    toilets = _inside(layers["toilets"], area)
    recorded = toilets["female_places"].notna() & toilets["male_places"].notna()
    return [
        Quality(
            id="toilets.places_share",
            title=Text(
                en="Toilet records with women's and men's places", zh="男女厕位均有记录的公厕占比"
            ),
            value=float(recorded.mean()) if len(toilets) else None,
            unit="share",
            meaning=Text(
                en="Without places the ratio of women's to men's cannot be judged.",
                zh="无厕位记录则无法判定男女厕位比。",
            ),
        )
    ]
