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
# # 一项指标的来龙去脉：道路面积率与它的假定
# # One indicator in depth: the road area ratio, assumption by assumption
#
# 行动方案要求道路面积率达到 15%。以随包附带的摩纳哥数据为例，这里先讲清问题、公式与数据，再把假定**一条一条地拨动**，看数值与判定各变多少，最后回答：要下结论，先补哪些数据。
#
# The plan asks for 15 % of the built-up area to be road. On the sample city Monaco this paper states the question, the formula and the data, then turns the assumptions **one at a time**, and ends with what has to be surveyed before anybody can give a verdict.
#
# © OpenStreetMap contributors, ODbL

# %% [markdown]
# ## 1. 问题、公式、数据 / Question, formula, data
#
# **问题**：建成区里有多少是道路？**公式**：建成区内道路面的并集面积 ÷ 建成区面积。有路面面状数据时直接采用；否则由中心线按宽度（车行道加人行道）展开：先用实测宽度，其次用车道数，最后用道路等级的默认宽度。
#
# **Question**: how much of the built-up area is road? **Formula**: area of the union of road surfaces inside the built-up area, over its area. A surface is a polygon where one is recorded, else a centre line widened to carriageway and sidewalks: the recorded width first, then the lanes, then the default of the class.
#
# 目标及其出处写在标准里 / the target and where it comes from stand in the standard:

# %%
import tempfile
from pathlib import Path

import pandas as pd

import cityplan

city = cityplan.sample("monaco")
target = cityplan.load_standard("cn-action-plan").target("road_area_ratio.ratio")
print(target.title.zh, target.operator, target.floor)
print(target.source, target.clause, target.confidence)

# %% [markdown]
# ## 2. 基准 / As it stands
#
# 摩纳哥没有给出建成区，近半路长没有宽度记录：数值有，判定没有。
#
# No built-up area is given, and nearly half of the length has no recorded width: there is a number, but no verdict.

# %%
base = cityplan.run(city, only=["road_area_ratio"])["road_area_ratio"]
ratio, known = base["ratio"], base["width_known_share"]
print(f"{ratio.low:.1%} .. {ratio.value:.1%} .. {ratio.high:.1%}  {ratio.verdict}")
print(f"有宽度或车道数记录的路长 / length with a recorded width or lanes: {known.value:.1%}")
print(ratio.basis.zh)
print(ratio.basis.en)
if ratio.note:
    print(ratio.note.zh)
    print(ratio.note.en)

# %% [markdown]
# 数据里的三个答案：低值假定没有人行道、车行道偏窄；高值相反。目标 15% 落在低值与高值之间，所以**无法判定**。这不是程序犹豫，而是数据没有说。
#
# Three answers: low takes narrower carriageways and no unrecorded sidewalks, high the opposite. The target lies between them, so the verdict is *cannot tell*: the data do not say.

# %% [markdown]
# ## 3. 拨动假定的办法 / How to turn an assumption
#
# 每条假定都是标准文件中的一行。`extends` 继承现有标准，只改一行；出处与把握程度也由你写明，报告照录。
#
# Every assumption is a row of the standard. `extends` inherits a shipped profile and changes one row; you write down where your figure comes from and how sure it is, and every report repeats it.

# %%
scratch = tempfile.TemporaryDirectory()
folder = Path(scratch.name)


def profile(name: str, row: str) -> str:
    """Write the plan's standard with one row changed; return its path."""
    path = folder / f"{name}.toml"
    path.write_text(
        f"""
id = "{name}"
extends = "cn-action-plan"
title = {{ en = "{name}", zh = "{name}" }}
summary = {{ en = "The action plan, one row changed.", zh = "行动方案，改动一行。" }}

{row}
source = "working paper: what if"
confidence = "K"
""",
        encoding="utf-8",
    )
    return str(path)


narrower = profile("branch-6m", '[[road_class]]\nid = "branch"\ncarriageway_m = 6')
no_sidewalk = profile("branch-no-sidewalk", '[[road_class]]\nid = "branch"\nsidewalk_m = 0')
surveyed = profile("spread-10", '[[setting]]\nid = "roads.width_spread_share"\nvalue = 0.1')
print(Path(narrower).read_text(encoding="utf-8"))

# %% [markdown]
# ## 4. 一次一条 / One at a time
#
# | 假定 / assumption | 基准 / as it stands | 改为 / turned to |
# |---|---|---|
# | 支路车行道默认宽 / default carriageway of branch roads | 8 m | 6 m |
# | 支路人行道默认宽 / default sidewalk of branch roads | 2.5 m 每侧 / each side | 0 |
# | 未知宽度的误差 / spread of unknown widths | ±30 % | ±10 %（抽样实测后 / after a sample survey） |
# | 建成区 / built-up area | 由用地与建筑勾绘 / drawn from land uses and buildings | 以市界代之 / the boundary itself |

# %%
RATIO = "road_area_ratio"
turned = {
    "基准 / as it stands": base,
    "支路车行道 6 m / branch 6 m": cityplan.load_study(city, standard=narrower),
    "支路无人行道 / no sidewalk": cityplan.load_study(city, standard=no_sidewalk),
    "宽度误差 ±10 % / spread": cityplan.load_study(city, standard=surveyed),
    "建成区=市界 / boundary": cityplan.load_study(city, built_up=city / "boundary.geojson"),
}
rows = {}
for label, case in turned.items():
    result = case if case is base else cityplan.run(case, only=[RATIO])[RATIO]
    m = result["ratio"]
    rows[label] = (m.low, m.value, m.high, 100 * (m.value - ratio.value), m.verdict)
table = pd.DataFrame.from_dict(
    rows, orient="index", columns=["low", "value", "high", "points", "verdict"]
)
table.style.format("{:.1%}", subset=["low", "value", "high"]).format("{:+.1f}", subset=["points"])

# %% [markdown]
# ## 5. 对判定意味着什么 / What it means for the verdict
#
# - **默认宽度与人行道**左右数值（支路不设人行道，少 5 个百分点），却没有一条能单独给出判定：低值始终够不到 15%。
# - **宽度误差**收到 ±10%，数值不变，区间收窄，低值越过 15%，判定由“无法判定”变为**达标**。也就是说，值得花的工夫在实测路宽，不在公式。这里的 ±10% 只是设想，要由抽样实测来证明。
# - **建成区**在这里几乎不影响结果，因为摩纳哥全境皆城；在城乡交错的城市，它往往是头一条要问的假定。
#
# Default widths and sidewalks move the value, branch roads without sidewalks by 5 points, but none of them alone gives a verdict: the low case stays short of 15 %. A spread of ±10 % leaves the value as it is and narrows the range, and *cannot tell* becomes **met**: the effort belongs into measuring widths, not into the formula. The ±10 % is supposed here; a sample survey has to prove it. The built-up area hardly matters, for Monaco is built over throughout; where town and country mix it is often the first thing to ask about.
#
# 先量哪些路？按未记录宽度的长度排序（单位：米）：
#
# Which streets first? Those with the longest unrecorded stretches, in metres:

# %%
streets = base.shapes["facility"]
unknown = streets[~streets["width_known"] & (streets["name"] != "")]
length = unknown.length.groupby([unknown["name"], unknown["kind"]]).sum()
length.sort_values(ascending=False).head(8).round(0).to_frame("metres")

# %% [markdown]
# ## 6. 同样的办法，另两项指标 / The same lever on two other indicators
#
# 公园最小面积 5 000 m² 还是 2 000 m²？十五分钟步行算 1 000 m 还是 800 m？以虚构的明城为例（人口来自社区台账）。
#
# Is a park one of 5 000 m² or of 2 000 m²? Is a 15-minute walk 1 000 m or 800 m? On the made-up city Mingcheng, in shares of its people.

# %%
mingcheng = cityplan.sample("mingcheng")
small_parks = profile(
    "parks-2000",
    '[[park_clause]]\nid = "park"\nbands = [{ layer = "park", min_m2 = 2000, distance_m = 500 }]',
)
shorter_walk = profile(
    "walk-800", '[[setting]]\nid = "life_circle.limit_m"\nvalue = 800\nunit = "m"'
)
plain = cityplan.run(mingcheng, only=["park_coverage", "life_circle"])
parks = cityplan.run(cityplan.load_study(mingcheng, standard=small_parks), only=["park_coverage"])
walk = cityplan.run(cityplan.load_study(mingcheng, standard=shorter_walk), only=["life_circle"])

PARK, SCHOOL, WHOLE = "park.network_share", "reach.primary_school", "complete_share"
pd.DataFrame(
    [
        ("500 米见园 / a park within 500 m", "≥ 5000 m²", plain["park_coverage"][PARK].value),
        ("500 米见园 / a park within 500 m", "≥ 2000 m²", parks["park_coverage"][PARK].value),
        ("小学可达 / a primary school", "1000 m", plain["life_circle"][SCHOOL].value),
        ("小学可达 / a primary school", "800 m", walk["life_circle"][SCHOOL].value),
        ("生活圈完整 / complete life circle", "1000 m", plain["life_circle"][WHOLE].value),
        ("生活圈完整 / complete life circle", "800 m", walk["life_circle"][WHOLE].value),
    ],
    columns=["指标 / measure", "假定 / assumption", "share"],
).style.format({"share": "{:.1%}"}).hide()

# %% [markdown]
# 见园的目标是人人 500 米：无论门槛取 5 000 还是 2 000 平方米都未达标，**判定不依赖这条假定**，短板的位置才依赖它。步行距离则相反，取值越短，生活圈越难完整；报告里应写明用的是哪一个。
#
# The park clause asks for everyone: it is missed with either size, so its verdict does not hang on that assumption, only the place of the gaps does. The length of the walk matters: the report has to say which one was used, and it does.

# %%
print(parks["park_coverage"][PARK].verdict, plain["park_coverage"][PARK].verdict)
scratch.cleanup()
