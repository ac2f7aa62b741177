"""Whether the territories (属地) of a plan are reporting units of the study."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from cityplan.model.checks import Check
from cityplan.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cityplan.model.area import StudyArea
    from cityplan.model.plan import Plan, Territory

SHOWN = 8
NEAR = 0.4
NO_DUTY = Text(
    en="what it answers for stands in no territory's work order",
    zh="其职责未写入任何属地工作任务单",
)


def territory_checks(plan: Plan, area: StudyArea) -> list[Check]:
    """Return a check per territory with unit names that no reporting unit bears.

    A warning; a note where the study has one unit, so that no territory is told apart.
    """
    names = [str(name) for name in area.units["unit"]]
    found = []
    for territory in plan.territories:
        unmatched = [name for name in territory.units if name not in names]
        if unmatched:
            found.append(_unmatched(territory, unmatched, names))
    return found


def _unmatched(territory: Territory, unmatched: Sequence[str], names: Sequence[str]) -> Check:
    title = territory.title
    none = len(unmatched) == len(territory.units)
    single = len(names) == 1
    return Check(
        layer="plan",
        severity="note" if single else "warning",
        rows=len(unmatched),
        what=Text(
            en=f"Territory '{title.en}' of the plan: no reporting unit is named "
            + " or ".join(f"'{name}'" for name in unmatched),
            zh=f"方案的属地“{title.zh}”：没有名为" + "、".join(f"“{name}”" for name in unmatched)
            + "的统计单元",
        ),
        done=NO_DUTY if none else Text(en="the other units carry its duty", zh="由其余单元承担其职责"),
        fix=_no_units() if single else _nearest(unmatched, names),
    )  # fmt: skip


def _no_units() -> Text:
    return Text(
        en="The study has one unit: give the territories as units in [study].",
        zh="本研究仅有一个单元，请在 [study] 中以 units 提供各属地范围。",
    )


def _nearest(unmatched: Sequence[str], names: Sequence[str]) -> Text:
    near = dict.fromkeys(
        match
        for name in unmatched
        for match in difflib.get_close_matches(name, names, n=2, cutoff=NEAR)
    )
    shown = list(near) or list(names[:SHOWN])
    more, more_zh = ("", "") if near or len(names) <= SHOWN else (" ...", "等")
    start = Text(en="Nearest", zh="相近的单元") if near else Text(en="The units are", zh="现有单元")
    return Text(
        en=f"{start.en}: {', '.join(shown)}{more}. Write the units' own names under "
        "[[territory]] units in the plan file.",
        zh=f"{start.zh}：{'、'.join(shown)}{more_zh}。请在方案文件 [[territory]] 的 units 中填写单元原名。",
    )
