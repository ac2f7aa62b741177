# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: -all
#     formats: ipynb,py:percent
#     notebook_metadata_filter: kernelspec,jupytext,-jupytext.text_representation.jupytext_version
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 一个文件，一项自己的分析：临水而居的人
# # An analysis of one's own in one file: people who live by the water
#
# 汛期先通知谁？本页写一项软件没有的分析：多少人住在河湖 150 米以内、在哪个街道。一项分析就是**一个文件**：开头写清问题、公式、数据、局限与出处，然后是一个纯函数、一个小小的 dataclass，最后一行 `ANALYZER = ...`。
#
# Whom to warn first when the water rises? This paper writes an analysis cityplan does not have: how many people live within 150 m of a river or lake, and in which subdistrict. An analysis is **one file**: question, formula, data, limits and source first, then a pure function, a small dataclass, and `ANALYZER = ...` as the last line.

# %%
import tempfile
from pathlib import Path

import cityplan

scratch = tempfile.TemporaryDirectory()
folder = Path(scratch.name)

# %% [markdown]
# ## 1. 文件 / The file
#
# 150 米是本页为演示取的数，不出自任何标准，所以写在文件里、说在依据里，也不设目标。
#
# The 150 m are this paper's own choice for the example and come from no standard; so they stand in the file, are said in the basis, and no target is set.

# %%
# %%writefile {folder}/waterside_homes.py
"""Who lives by the water?

Formula
    share = people (or dwelling floor area) within 150 m of water / all of it

Data needed
    water, and homes: buildings, residential land or population.

Limits
    A distance is no flood model: height, dikes and drains are not asked for.
    Homes are points (centres of buildings). Streams drawn as lines count as water,
    buried ones do not.

Source
    None: 150 m is an example, not a norm.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from shapely import STRtree

from cityplan.model.result import Result, judge
from cityplan.model.unit_table import unit_slots, unit_table
from cityplan.text import Text

NAME = "waterside_homes"
WITHIN_M = 150.0
DOT_M = 8.0  # how large a home is drawn
NO_PEOPLE = Text(
    en="The data hold no population: only shares can be told.",
    zh="数据中没有人口，只能给出比例。",
)


def near_water(points, water, *, within_m=WITHIN_M):
    """Return which points lie within a distance of any water, in metres."""
    near = np.zeros(len(points), dtype=bool)
    if len(water):
        near[STRtree(water).query(points, predicate="dwithin", distance=within_m)[0]] = True
    return near


@dataclass(frozen=True)
class WatersideHomes:
    """Share and number of people within 150 m of water."""

    name: str = NAME
    title: Text = Text(en="Homes by the water", zh="临水住宅")
    rank: int = 90
    needs: tuple[frozenset[str], ...] = (frozenset({"water"}), frozenset({"demand"}))

    def measure_ids(self, standard):
        """Return the ids of its measures."""
        return (f"{NAME}.share", f"{NAME}.people")

    def run(self, city, standard):
        """Measure the city and its units."""
        demand, units = city.demand, len(city.area.units)
        water = city.layers["water"]
        near = near_water(demand.points, water[~water["tunnel"]].geometry.to_numpy())
        people = demand.weight * near if demand.is_people else np.full(len(near), np.nan)
        everyone = np.ones(len(demand), dtype=bool)
        slot = unit_slots(demand.unit, units)
        basis = Text(
            en=f"Straight line of {WITHIN_M:.0f} m to the water's edge. {demand.basis.en}",
            zh=f"距水边直线{WITHIN_M:.0f}米。{demand.basis.zh}",
        )
        share = judge(
            f"{NAME}.share",
            demand.share(near),
            "share",
            standard=standard,
            basis=basis,
            by_group=demand.mean_by_group(near),
        )
        count = judge(
            f"{NAME}.people",
            people.sum(),
            "count",
            standard=standard,
            basis=basis,
            note=None if demand.is_people else NO_PEOPLE,
        )
        table = unit_table(
            city.area,
            {
                share.id: demand.share_by_unit(near, everyone, units),
                count.id: np.bincount(slot, people, minlength=units + 1),
            },
        )
        homes = gpd.GeoDataFrame(
            {"name": "", "kind": "waterside", "weight": demand.weight[near]},
            geometry=shapely.buffer(demand.points[near], DOT_M),
            crs=city.area.crs,
        )
        return Result(
            analyzer=NAME,
            title=self.title,
            measures=(share, count),
            units=table,
            shapes={"facility": homes},
        )


ANALYZER = WatersideHomes()

# %% [markdown]
# ## 2. 纯函数，手算核对 / The pure function, checked by hand
#
# 先在纸上：水是一条边长 10 米的正方形；点分别离它 140、150、160 米。150 米正好在限内。
#
# On paper first: water is a square of 10 m; three points lie 140, 150 and 160 m from it. 150 m is just within.

# %%
import sys

import shapely

sys.path.insert(0, scratch.name)
import waterside_homes

square = [shapely.box(0, 0, 10, 10)]
points = shapely.points([(150, 5), (160, 5), (170, 5)])
near = waterside_homes.near_water(points, square)
print(near)
assert near.tolist() == [True, True, False]

# %% [markdown]
# ## 3. 直接运行于玩具城 / Run it on the toy city
#
# `check` 读取并检查数据，`City` 把范围与图层合成一座城，分析直接作用于它。
#
# 玩具城的每个答案都可手算（`sample_data/toy/README.md`）：河在 x = 1066 至 1076；全城权重 296，只有住宅 R 在 (1085, 200)，离河 9 米，权重 6。所以应为 6 ÷ 296 = 2.027%，全在东南片 SE：6 ÷ 106 = 5.660%。
#
# `check` reads and judges the data, `City` makes one city of area and layers, and the analysis runs on it. Every answer of the toy city can be worked out on paper: the river is x = 1066 to 1076; of a weight of 296 only home R at (1085, 200), 9 m from the river, lies near it, with a weight of 6. So 6 / 296 = 2.027 %, all of it in SE: 6 / 106 = 5.660 %.

# %%
from cityplan.model.city import City

study = cityplan.load_study(cityplan.sample("toy"))
standard = cityplan.load_standard(study.standard)
inputs = cityplan.check(study)
toy = City(inputs.area, inputs.layers, standard)

result = waterside_homes.ANALYZER.run(toy, standard)
share = result["share"]
print(f"{share.value:.5f}", share.basis.en)
assert abs(share.value - 6 / 296) < 1e-6
result.units.drop(columns="geometry").round(5)

# %%
by_unit = result.units.set_index("unit")["waterside_homes.share"]
assert abs(by_unit["SE"] - 6 / 106) < 1e-6
assert (by_unit.drop("SE") == 0).all()
print(result["people"].value, result["people"].note.zh)

# %% [markdown]
# ## 4. 让 cityplan 自己找到它 / Let cityplan find it
#
# `cityplan/analyzers/` 里凡以 `ANALYZER` 结尾的文件都会被找到，没有登记表要改。长期使用，就把文件放进那个文件夹；试用时，把自己的文件夹并入搜索路径即可。此后地图、报告、命令行与契约测试（`tests/test_analyzer_contract.py`）都认得它。
#
# Every file in `cityplan/analyzers/` that ends in `ANALYZER` is found; there is no list to edit. For good, put the file there. To try it, add your folder to the search path. Maps, reports, the command line and the contract test (`tests/test_analyzer_contract.py`) then know it.

# %%
import cityplan.analyzers
from cityplan.model.analyzer import Analyzer

assert isinstance(waterside_homes.ANALYZER, Analyzer)
cityplan.analyzers.__path__.append(scratch.name)
cityplan.all_analyzers.cache_clear()
list(cityplan.all_analyzers())

# %% [markdown]
# ## 5. 用在一座有人口数据的城市 / On a city with people
#
# 明城（虚构）的人口来自社区台账，于是可以说人数，并把老人与儿童分开。
#
# Mingcheng (made up) has the registers of its communities, so the answer is in people, the old and the young apart.

# %%
report = cityplan.run(cityplan.sample("mingcheng"), only=["waterside_homes"])
answer = report["waterside_homes"]
print(f"{answer['people'].value:.0f} 人 / people, {answer['share'].value:.1%}")
for group, value in answer["share"].by_group.items():
    print(f"{group}: {value:.1%}")
answer.units.drop(columns="geometry").round(3)

# %% [markdown]
# 目标只写在标准文件里。要给它设目标，就在自己的标准中加一行 `[[target]]`，`measure = "waterside_homes.share"`，写明出处；没有出处的数不要写。
#
# Targets stand in standards only: for one, add a `[[target]]` with `measure = "waterside_homes.share"` and its source to a profile of your own. Do not write down a figure without a source.

# %%
report.explore("waterside_homes")

# %% [markdown]
# 收尾：撤回临时的搜索路径。
#
# Afterwards the search path is put back.

# %%
cityplan.analyzers.__path__.remove(scratch.name)
cityplan.all_analyzers.cache_clear()
sys.path.remove(scratch.name)
scratch.cleanup()
