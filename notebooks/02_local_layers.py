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
# # 用规划部门自己的数据做一次体检
# # A check-up from a bureau's own files
#
# 本页以虚构的**明城**为例，走一遍规划师拿到数据后的全过程：看文件、写研究文件、检查、测算、看单元与短板、出图。
# 数据形制与部门手头的一致——GBK 的 Shapefile、CGCS2000 带号坐标、GCJ-02 的公厕台账、BD-09 的设施表——不用 OpenStreetMap，全程不联网。
#
# This page walks through **Mingcheng**, a made-up city, the way a planner would: look at the files, write the study file, check it, run it, read the units and the gaps, draw the map. The files are as bureaus have them (GBK Shapefiles, CGCS2000 with zone numbers, a toilet ledger in GCJ-02, facilities in BD-09). No OpenStreetMap, no network.

# %% [markdown]
# ## 1. 手头有什么 / What there is

# %%
import cityplan

city = cityplan.sample("mingcheng")
data = city / "规划数据"
print(
    *sorted(
        path.name for path in data.iterdir() if path.suffix in {".shp", ".gpkg", ".xlsx", ".csv"}
    ),
    sep="\n",
)

# %% [markdown]
# ## 2. 先看文件 / Look at a file first
#
# `inspect` 说明编码、坐标系、字段、样例值，并给出一段可直接粘贴的 `[layers.x]`。道路文件没有 `.cpg`、DBF 头也没有写编码，字段照样读得对；车行道宽与红线宽分得清。
#
# `inspect` tells the encoding, the CRS, the fields and a ready `[layers.x]` block. The road file says nothing about its letters, and yet they are read right; carriageway and red-line widths are told apart.

# %%
print(cityplan.inspect(data / "道路.shp"))

# %% [markdown]
# 公厕台账的表头在第二行，厕位分性别记录；男厕位与男小便位要相加。经纬度属于哪种坐标，文件里没有写——**程序不猜**，要由填报单位确认后写进研究文件。
#
# The ledger's header is in its second row, and places are recorded by sex: men's stalls and urinals are added. Which datum its longitudes and latitudes have, the file does not say, and **cityplan does not guess**: ask whoever filled it in, and write it down.

# %%
print(cityplan.inspect(data / "公厕台账.xlsx"))

# %% [markdown]
# ## 3. 写研究文件 / Write the study file
#
# 每个图层一段。坐标基准、用地代码所属标准这些猜不得的，都写明。
#
# One block per layer. What must not be guessed (datum, system of land-use codes) is written down.

# %%
study_file = (city / "study.toml").read_text(encoding="utf-8")
print(study_file)

# %% [markdown]
# ## 4. 先检查，后测算 / Check before you run
#
# 逐图层：读了多少、采用多少、修复与剔除多少及原因。
#
# Layer by layer: rows read, used, mended, left out, and why.

# %%
study = cityplan.load_study(city)
print(cityplan.check(study))

# %% [markdown]
# ## 5. 测算 / Run

# %%
report = cityplan.run(study)

import pandas as pd

rows = [
    (m.id, m.value, m.low, m.high, m.unit, m.verdict)
    for result in report.results
    for m in result.measures
    if m.target is not None
]
pd.DataFrame(rows, columns=["measure", "value", "low", "high", "unit", "verdict"]).round(3)

# %% [markdown]
# 没有一项被跳过，也没有用到 OpenStreetMap。
#
# Nothing was skipped, and OpenStreetMap was not used.

# %%
assert study.osm is None
[(result.analyzer, result.title.zh) for result in report.results]

# %% [markdown]
# ## 6. 手算核对 / Check by hand
#
# 台账 15 条，去掉重复 1 条、不开放 1 条、建成区外 1 条，应为 12 座；断头路应为 3 条。
# 15 records, less one duplicate, one closed, one beyond the built-up area: 12 toilets. Three true dead ends.

# %%
toilets, ends = report["toilet_density"], report["dead_ends"]
print(toilets["count"].value, toilets["count"].basis.zh)
print(ends["through_count"].value, ends["through_count"].basis.zh)
assert (toilets["count"].value, ends["through_count"].value) == (12, 3)

# %%
ends.shapes["gap"].drop(columns="geometry")

# %% [markdown]
# ## 7. 分单元 / By unit
#
# 老城达标，新区欠账：经开区每平方公里不到一座公厕。
#
# The old town meets the standard, the new quarters do not.

# %%
columns = {
    "toilet_density.count": "公厕（座）",
    "toilet_density.per_km2": "每平方公里",
    "toilet_density.missing": "缺口（座）",
}
table = toilets.units.set_index("unit")[list(columns)].rename(columns=columns)
circle = report["life_circle"].units.set_index("unit")
table["15分钟生活圈完整"] = circle["life_circle.complete_share"]
table["500米见园"] = report["park_coverage"].units.set_index("unit")[
    "park_coverage.park.network_share"
]
table.round(2)

# %% [markdown]
# ## 8. 短板在哪里、影响谁 / Where the gaps are, and whom they touch
#
# 人口来自社区台账，按住宅建筑面积分摊到楼栋，总数不变，因此可以说出影响多少人、其中老人与儿童的情形。
#
# People come from the communities' registers and are spread over homes with totals kept, so the gaps can be told in people, the old and the young apart.

# %%
gaps = report["life_circle"].shapes["gap"]
gaps.drop(columns="geometry").head(6)

# %%
complete = report["life_circle"]["complete_share"]
print(f"全体 / all: {complete.value:.1%}")
for group, share in complete.by_group.items():
    print(f"{group}: {share:.1%}")
print(complete.note.zh if complete.note else "")

# %% [markdown]
# ## 9. 地图 / The map

# %%
report.map()

# %% [markdown]
# ## 10. 交付 / Hand over
#
# 报告、表格、图层、图纸和 `results.json`，一个文件夹，数字一致。
#
# Report, tables, layers, map sheets and `results.json` in one folder, with the same numbers.
#
# ```python
# report.write("out/mingcheng")
# ```
