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
# # 快速上手：一座真实小城的体检
# # Quick start: a check-up of a small real city
#
# 本页读取随包附带的摩纳哥数据（OpenStreetMap，2023-12-26），做六项分析，看短板在哪里，并把结果画在离线地图上。全程不需要网络。
#
# This page reads the sample city shipped with the package (Monaco, OpenStreetMap of 2023-12-26), runs six analyses, looks at where the city falls short, and draws it on a map that works offline. No network is needed.
#
# © OpenStreetMap contributors, ODbL

# %% [markdown]
# ## 1. 读取与测算 / Load and analyze
#
# `cityplan.run` 接受研究文件、含研究文件的文件夹，或一份 `.osm.pbf`。
#
# `cityplan.run` takes a study file, a folder with one, or a bare `.osm.pbf`.

# %%
import cityplan

report = cityplan.run(cityplan.sample("monaco"))
[result.analyzer for result in report.results]

# %% [markdown]
# ## 2. 结论 / What was found
#
# 每个数都带着依据、区间和判定：达标、未达标，或者“数据不足以判定”。
#
# Every number comes with its basis, its range and a verdict: met, not met, or *cannot tell*.

# %%
import pandas as pd

rows = [
    (m.id, m.value, m.low, m.high, m.unit, m.verdict)
    for result in report.results
    for m in result.measures
    if m.target is not None
]
pd.DataFrame(rows, columns=["measure", "value", "low", "high", "unit", "verdict"]).round(3)

# %% [markdown]
# 为什么无法判定？看依据与说明。
#
# Why can the data not tell? Ask the measure for its basis and its note.

# %%
ratio = report["road_area_ratio"]["ratio"]
print(ratio.basis.zh)
print(ratio.basis.en)
print(ratio.note.en)

# %% [markdown]
# ## 3. 分单元 / By unit
#
# `units` 是一张 GeoDataFrame：每个统计单元一行，每项指标一列。
#
# `units` is a GeoDataFrame: a row per reporting unit, a column per measure.

# %%
units = report["park_coverage"].units
columns = ["unit", "park_coverage.park.network_share", "park_coverage.green.network_share"]
units[columns].sort_values(columns[1]).round(3)

# %% [markdown]
# ## 4. 短板在哪里 / Where the gaps are
#
# `shapes["gap"]` 是连片盲区，按影响大小排序；`kind` 说明缺的是哪一条。
#
# `shapes["gap"]` holds the contiguous blind spots, the largest first; `kind` says which clause they miss.

# %%
gaps = report["park_coverage"].shapes["gap"]
gaps.drop(columns="geometry").head(8)

# %% [markdown]
# ## 5. 假定一目了然 / What was assumed
#
# 没有给出的（建成区、出入口、宽度……）都写在报告里。
#
# What was not given (built-up area, entrances, widths ...) is said in the report.

# %%
for note in report.notes:
    print("·", note.zh)
    print("·", note.en)

# %% [markdown]
# ## 6. 地图 / The map

# %%
report.map()

# %% [markdown]
# ## 7. 写出全部成果 / Write everything
#
# `report.write("out/monaco")` 写出一个文件夹：地图、短板报告（网页与 Word）、表格、图层、图纸与 `results.json`。图纸按印刷精度绘制，最费时间；为了快，这里只写公厕一项。
#
# `report.write("out/monaco")` writes one folder: the map, the gap report (as a page and for Word), tables, layers, map sheets and `results.json`. Sheets are drawn for print, which takes most of the time; to be quick, only toilets are written here.

# %%
import tempfile
from pathlib import Path

toilets = cityplan.run(cityplan.sample("monaco"), only=["toilet_density"])
with tempfile.TemporaryDirectory() as folder:
    out = toilets.write(Path(folder) / "monaco")
    print(*sorted(path.relative_to(out).as_posix() for path in out.rglob("*.*")), sep="\n")
