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
# # 多座城市，一次跑完
# # Several cities in one run
#
# 省里要比较各市，或者市里要比较各县：列一张清单，一次测算，一座出错不影响其他，中断了接着跑，最后得到一本图集。本页用两座小城演示：玩具城（OpenStreetMap 数据）与明城（规划部门数据，虚构），再故意加一座没有数据的城。
#
# A province compares its cities, a city its counties: write a list, measure all of it, and let one failure stop nobody else; what was interrupted goes on, and in the end there is an atlas. Two small cities here, the toy city (OpenStreetMap) and Mingcheng (a bureau's files, made up), and on purpose one without data.

# %%
import json
import tempfile
from pathlib import Path

import pandas as pd

import cityplan

scratch = tempfile.TemporaryDirectory()
folder = Path(scratch.name)

# %% [markdown]
# ## 1. 清单 / The list
#
# TOML、CSV、Excel 均可，也可以是一个图层（每座城市一个范围）或一个文件夹。每行给名称，以及一份研究文件或一份 OpenStreetMap 数据。
#
# TOML, CSV or Excel; a layer with an extent per city or a folder will do as well. A row gives a name, and a study file or an OpenStreetMap extract.

# %%
cities = folder / "cities.toml"
cities.write_text(
    f"""
[[city]]
name = "玩具城"
study = {json.dumps(str(cityplan.sample("toy") / "study.toml"))}

[[city]]
name = "明城"
study = {json.dumps(str(cityplan.sample("mingcheng") / "study.toml"))}

[[city]]
name = "无数据市"
study = "not-there/study.toml"
""",
    encoding="utf-8",
)
print(cities.read_text(encoding="utf-8"))

# %% [markdown]
# ## 2. 测算 / Run
#
# 每座城市一个进程，用满处理器；内存不够时自动少开。脚本里调用要放在 `if __name__ == "__main__":` 之下，笔记本里不必。命令行：`cityplan batch cities.toml -o out/cities`。
#
# A process per city, as many as processors, fewer where memory would not suffice. A script needs `if __name__ == "__main__":` around the call, a notebook does not. On the command line: `cityplan batch cities.toml -o out/cities`.

# %%
out, kept = folder / "out", folder / "kept"
done = cityplan.batch(cities, out, only=["toilet_density"], cache=kept, lang="zh")

accounts = pd.DataFrame(done.lines)[["city", "status", "seconds", "cause"]]
accounts["cause"] = [cause["zh"] if cause else "" for cause in accounts["cause"]]
accounts

# %% [markdown]
# 失败的那座写明原因，其余照常完成。
#
# The one that failed says why; the others are done.

# %%
assert [line["status"] for line in done.lines] == ["done", "done", "failed"]
print(done.failed[0]["cause"]["en"])

# %% [markdown]
# ## 3. 再跑一遍 / Run it again
#
# 没有变化的城市跳过，失败的重试；数据、标准或程序版本一变，就重新测算。
#
# Cities without a change are skipped and failed ones are tried again; a change of data, standard or version measures them anew.

# %%
again = cityplan.batch(cities, out, only=["toilet_density"], cache=kept, lang="zh")
{line["city"]: line["status"] for line in again.lines}

# %% [markdown]
# ## 4. 放在一起看 / Side by side
#
# 每座城市有自己的成果文件夹；`results.json` 里有每个数与判定，便于自行比较。`atlas.html` 与 `atlas.xlsx` 已经排好名次，并写明各城数据的可靠程度。
#
# Every city has its own folder of outputs, and `results.json` holds every number and verdict. `atlas.html` and `atlas.xlsx` rank the cities and say how far the data of each can be trusted.

# %%
rows = []
for line in done.lines:
    if line["status"] != "failed":
        results = json.loads((out / line["folder"] / "results.json").read_text(encoding="utf-8"))
        for analyzer in results["analyzers"]:
            rows += [
                (line["city"], m["id"], m["value"], m["verdict"])
                for m in analyzer["measures"]
                if m["verdict"] != "no_target"
            ]
pd.DataFrame(rows, columns=["city", "measure", "value", "verdict"]).pivot_table(
    index="measure", columns="city", values=["value", "verdict"], aggfunc="first"
)

# %%
print(*sorted(path.name for path in out.glob("[!.]*") if path.is_file()), sep="\n")
print(*sorted(path.name for path in (out / "cities").iterdir()), sep="\n")

# %% [markdown]
# 比较之前先看两件事：建成区是不是同一口径，数据是不是一样全。口径不同的数，排名没有意义。
#
# Before comparing, look at two things: is the built-up area drawn in the same way, and are the data equally complete? Numbers of different definitions do not rank.

# %%
scratch.cleanup()
