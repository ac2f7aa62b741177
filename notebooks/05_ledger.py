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
# # 方案台账与督办单：61 条任务，逐条对账
# # The plan ledger and work orders: 61 clauses, one by one
#
# 行动方案是一张承诺清单：谁牵头、何时完成、做到多少。本页把它与测算结果、部门填报数对上账，按部门列出欠账，再为另一座城市写一份自己的方案。
#
# An action plan is a list of promises: who leads, until when, how much. This paper holds it against what was measured and what departments report, lists what each department owes, and then writes a plan of another city.

# %% [markdown]
# ## 1. 方案是数据 / The plan is data
#
# `cityplan/plans/mingguang-2020.toml` 收录市级方案的 61 条任务：A 类可由 OpenStreetMap 一类的图层测算，B 类要本地图层或台账，N 类不涉及空间。
#
# The file holds the 61 clauses of the municipal plan: class A can be measured from layers such as OpenStreetMap's, B needs a local layer or a register, N has nothing to do with space.

# %%
import datetime as dt
import tempfile
from pathlib import Path

import pandas as pd

import cityplan
from cityplan.model.plan_file import load_plan

plan = load_plan("mingguang-2020")
print(plan.title.zh, plan.ends, len(plan.departments), "个部门 / departments")
pd.Series([clause.kind for clause in plan.clauses]).value_counts().sort_index().to_dict()

# %%
toilets = next(clause for clause in plan.clauses if clause.ref == "(二)2.(3)")
print(toilets.title.zh, "|", toilets.target.zh, "|", "、".join(toilets.lead), "|", toilets.deadline)
print(toilets.tie.measures)

# %% [markdown]
# ## 2. 部门填报数 / What departments report
#
# 清扫率、管网公里数这些地图上看不到的，由部门填报：一行一数，写明日期与来源。百分数写 `85%` 或 `0.85` 均可，但同一指标不得混写；日期认得中文写法。
#
# What no map shows is reported by departments: a row per value, with its day and source. Shares may be 85% or 0.85, but not both for one figure; Chinese dates are read.

# %%
scratch = tempfile.TemporaryDirectory()
folder = Path(scratch.name)
figures = folder / "figures.csv"
figures.write_text(
    """条款,指标,数值,日期,来源
(二)2.(1),sweeping_rate,71%,2020年6月,市城管执法局（示例）
(二)2.(1),sweeping_rate,88%,2020-12-31,市城管执法局（示例）
(一)3.(1),sewers_rebuilt_km,12.5,2020-06-30,市住建局（示例）
(一)3.(1),sewers_rebuilt_km,21,2020/12/31,市住建局（示例）
(二)1.(1),sorting_pilot_estates,1,2020-12-31,市城管执法局（示例）
(一)4.(2),food_waste_plant_built,否,2020-12-31,市城管执法局（示例）
""",
    encoding="utf-8",
)
pd.read_csv(figures)

# %% [markdown]
# ## 3. 对账 / The ledger
#
# 研究文件里写 `plan` 与 `reported` 两行即可；这里用虚构的明城作例子，数值均为示例。
#
# Two lines of the study file, `plan` and `reported`, are enough. The city is the made-up Mingcheng, and the figures are examples.
#
# ```toml
# [study]
# plan = "mingguang-2020"
# reported = "figures.csv"
# ```

# %%
study = cityplan.load_study(cityplan.sample("mingcheng"), plan="mingguang-2020")
study = study.model_copy(update={"reported": figures})
report = cityplan.run(study)
print(report.ledger.as_of, len(report.ledger.clauses), "条 / clauses")

# %% [markdown]
# 命令行上是 `cityplan ledger study.toml --as-of 2020-12-31`；在 Python 里，由一次测算即可得到任何一天的台账，不必重算。
#
# On the command line: `cityplan ledger study.toml --as-of 2020-12-31`. In Python the ledger of any day comes from one run, without measuring again.

# %%
from cityplan.ledgers import ledger_of_document
from cityplan.outputs.ledger_table import ledger_summary
from cityplan.outputs.results_json import results_document

document = results_document(report)


def ledger_on(day: str):
    """Return the ledger of the run on a day."""
    return ledger_of_document(document, as_of=dt.date.fromisoformat(day))


year_end = ledger_on("2020-12-31")
assert len(year_end.clauses) == 61
print(ledger_summary(year_end, "zh"))
print(ledger_summary(year_end, "en"))

# %%
rows = [
    (
        entry.ref,
        entry.title.zh,
        "、".join(entry.lead),
        entry.days_left,
        entry.verdict,
        entry.reason.zh,
    )
    for entry in year_end.clauses
]
columns = ["条款", "任务", "牵头", "剩余天数", "判定", "理由"]
table = pd.DataFrame(rows, columns=columns).set_index("条款")
table[table["判定"].isin(["met", "not_met"])]

# %% [markdown]
# **没有数就没有“达标”**：`met` 必有一个数；说不清的是 `cannot_tell`，没人填的是 `no_data`，无法量化的写明原因。
#
# **Nothing is met without a number**: what nobody can tell is `cannot_tell`, what nobody reported is `no_data`, and what cannot be measured says why.

# %%
for entry in year_end.entries:
    if entry.verdict == "met":
        assert any(item.value is not None for item in entry.items)
table.loc[table["判定"] == "not_measurable", ["任务", "理由"]].head(4)

# %% [markdown]
# ## 4. 换一天看 / Another day
#
# 期限以所指日期起算，晚于该日的填报数不计。2020 年 6 月 1 日尚无逾期，2022 年 1 月 1 日全部到期。
#
# Days are counted from the day named, and figures for later days are left out. Nothing is overdue on 1 June 2020; by 1 January 2022 every deadline has passed.

# %%
days = ["2020-06-01", "2020-12-31", "2022-01-01"]
ledgers = {day: ledger_on(day) for day in days}
overview = pd.DataFrame(
    {
        day: pd.Series([entry.verdict for entry in ledger.clauses]).value_counts()
        for day, ledger in ledgers.items()
    }
).fillna(0)
overview.loc["逾期未达标 / overdue"] = [
    sum(e.verdict == "not_met" and (e.days_left or 0) < 0 for e in ledger.clauses)
    for ledger in ledgers.values()
]
overview.astype(int)

# %% [markdown]
# 填报数带日期，所以看得出走势。
#
# Reported figures have dates, so the trend shows.

# %%
sweeping = next(entry for entry in year_end.clauses if entry.ref == "(二)2.(1)").main
for dated in sweeping.series:
    print(dated.date, f"{dated.value:.0%}", dated.source)
print(sweeping.verdict, sweeping.trend.direction, f"{sweeping.trend.change:+.0%}")

# %% [markdown]
# ## 5. 按牵头部门 / By lead department

# %%
owed = [
    (department, entry.ref, entry.title.zh, entry.verdict, entry.days_left)
    for entry in ledgers["2022-01-01"].clauses
    for department in entry.lead
    if entry.verdict in {"not_met", "no_data", "cannot_tell"}
]
owed = pd.DataFrame(owed, columns=["部门", "条款", "任务", "判定", "剩余天数"])
owed.pivot_table(
    index="部门", columns="判定", values="条款", aggfunc="count", fill_value=0
).sort_values("not_met", ascending=False)

# %% [markdown]
# ## 6. 另一座城市的方案 / The plan of another city
#
# 任何城市都可以带自己的方案来，格式见 `cityplan/plans/README.md`。下面是玩具城的三条：公厕对测算值，清扫对填报数，议事不可量化。
#
# Any city may bring its own plan; `cityplan/plans/README.md` tells how to write it. Three clauses for the toy city: toilets are measured, sweeping is reported, consultation has no number.

# %%
(folder / "toy-plan.toml").write_text(
    """
id = "toy-2030"
title = { en = "Toy city 2030", zh = "玩具城 2030" }
summary = { en = "Toilets, sweeping, consultation.", zh = "公厕、清扫、议事。" }
source = "example of a notebook"
standard = "cn-action-plan"
ends = 2030-12-31

[[department]]
name = "镇环卫所"
en = "Town Sanitation Office"

[[department]]
name = "镇建设办"
en = "Town Construction Office"

[[clause]]
ref = "1"
class = "A"
title = { en = "Public toilets", zh = "公共厕所" }
lead = ["镇环卫所"]
cooperating = ["镇建设办"]
deadline = 2030-06-30
target = { en = "3 to 5 per km²", zh = "每平方公里3至5座" }
[clause.tie]
measure = "toilet_density.per_km2"

[[clause]]
ref = "2"
class = "B"
title = { en = "Mechanised sweeping", zh = "机械化清扫" }
lead = ["镇环卫所"]
deadline = 2030-12-31
target = { en = "at least 70 %", zh = "70%以上" }
[[clause.tie.figure]]
id = "sweeping"
title = { en = "Mechanised sweeping rate", zh = "机械化清扫率" }
unit = "share"
operator = ">="
value = 0.7
source = "example of a notebook"
confidence = "K"

[[clause]]
ref = "3"
class = "N"
title = { en = "Consultation", zh = "议事协商" }
lead = ["镇建设办"]
target = { en = "held", zh = "开展" }
[clause.tie]
none = { en = "No number and no place.", zh = "无数值亦无位置。" }
""",
    encoding="utf-8",
)
(folder / "toy-figures.csv").write_text(
    "clause,value,date,source\n2,74%,2030-03-31,Town Sanitation Office (example)\n",
    encoding="utf-8",
)
toy = cityplan.load_study(
    cityplan.sample("toy"), plan=str(folder / "toy-plan.toml"), lang="zh"
).model_copy(update={"reported": folder / "toy-figures.csv"})
toy_report = cityplan.run(toy, only=["toilet_density"])
toy_ledger = ledger_of_document(
    results_document(toy_report),
    plan=str(folder / "toy-plan.toml"),
    as_of=dt.date(2030, 7, 1),
)
[(e.ref, e.title.zh, e.verdict, e.days_left, e.reason.zh) for e in toy_ledger.entries]

# %% [markdown]
# ## 7. 督办单 / Work orders
#
# `report.write` 写出全部成果。研究文件写明了方案时，`departments/` 下每个牵头部门一份：各条任务、短板位置、目标与期限、配合部门。
#
# `report.write` writes everything. With a plan in the study, `departments/` holds a file for each lead department: its clauses, where the gaps are, targets, deadlines and who helps.

# %%
out = toy_report.write(folder / "toy")
print(*sorted(path.name for path in out.iterdir()), sep="\n")
orders = out / "departments"
if orders.is_dir():
    print(*sorted(path.relative_to(out).as_posix() for path in orders.iterdir()), sep="\n")

# %%
scratch.cleanup()
