"""The table of reporting units: worst first, with a bar against the target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cityplan.outputs.findings import is_judged, main_measure, unit_name, unit_values
from cityplan.outputs.labels import measure_title
from cityplan.outputs.style import VERDICTS, format_value

if TYPE_CHECKING:
    from cityplan.model.report import Report
    from cityplan.model.result import Measure, Result, Verdict
    from cityplan.outputs.findings import UnitValue
    from cityplan.text import Language

MOST_COLUMNS = 7


@dataclass(frozen=True, kw_only=True)
class UnitCell:
    """A value of a unit; ``raw`` is the number of ``results.json``."""

    raw: float | None
    text: str
    verdict: Verdict
    mark: str


@dataclass(frozen=True, kw_only=True)
class UnitRow:
    """A unit; ``bar`` and the table's ``target`` are shares of the width of the bar."""

    unit: str
    bar: float | None
    cells: list[UnitCell]


@dataclass(frozen=True, kw_only=True)
class UnitTable:
    """Units by the main measure; at most a few columns, the judged ones first."""

    measure: Measure
    header: list[str]
    rows: list[UnitRow]
    target: float | None
    all_columns: bool


def unit_table(result: Result, report: Report, lang: Language) -> UnitTable:
    """Return the units of a result, worst first for its main measure."""
    main = main_measure(result)
    values = {m.id: {row.unit: row for row in unit_values(result, m)} for m in result.measures}
    known = [m for m in result.measures if any(_known(row) for row in values[m.id].values())]
    ordered = sorted(known, key=lambda m: (m is not main, not is_judged(m)))
    shown = ordered[:MOST_COLUMNS]
    order = list(values[main.id])
    rows = [
        UnitRow(
            unit=unit_name(unit, lang),
            bar=_share(values[main.id][unit].value, main, values[main.id]),
            cells=[_cell(values[m.id].get(unit), m, lang) for m in shown],
        )
        for unit in order
    ]
    return UnitTable(
        measure=main,
        header=[measure_title(m.id, report.standard).get(lang) for m in shown],
        rows=rows if shown else [],
        target=_share(main.target.floor, main, values[main.id]) if main.target else None,
        all_columns=len(shown) == len(known),
    )


def _known(row: UnitValue) -> bool:
    return row.value is not None


def _cell(row: UnitValue | None, measure: Measure, lang: Language) -> UnitCell:
    value = row.value if row is not None else None
    verdict = row.verdict if row is not None else "no_target"
    against = measure.target.floor if measure.target is not None else None
    return UnitCell(
        raw=value,
        text=format_value(value, measure.unit, lang, against=against),
        verdict=verdict,
        mark=VERDICTS[verdict].mark if is_judged(measure) else "",
    )


def _share(value: float | None, measure: Measure, rows: dict[str, UnitValue]) -> float | None:
    """Return a value as a share of the largest one, the target included."""
    if value is None:
        return None
    figures = [row.value for row in rows.values() if row.value is not None]
    if measure.target is not None:
        figures.append(measure.target.floor)
    longest = max(figures, default=0.0)
    return max(0.0, value / longest) if longest > 0 else 0.0
