"""An action plan: clauses with answerable departments, deadlines and what each is tied to.

Plans are data, one TOML file each; their keys: ``cityplan/plans/README.md``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from cityplan.model.report import Responsibility
from cityplan.model.standard import Sourced
from cityplan.text import Language, Text

ClauseClass = Literal["A", "A/B", "B", "N"]
FigureUnit = Literal["share", "count", "km", "km2", "m", "ratio", "yes_no"]
GoalOperator = Literal[">=", "<="]
COMMA = Text(en=", ", zh="、")


@dataclass(frozen=True, kw_only=True)
class Figure(Sourced):
    """A figure a department reports; judged where the plan gives a number.

    Attributes
    ----------
    operator, value
        What the figure is held against; both None where the plan has no number.
    """

    id: str
    title: Text
    unit: FigureUnit
    operator: GoalOperator | None = None
    value: float | None = None


@dataclass(frozen=True, kw_only=True)
class Count(Figure):
    """How many records of a layer, or of one facility category, lie in the boundary."""

    layer: str
    category: str | None = None


@dataclass(frozen=True, kw_only=True)
class Tie:
    """What a clause is held against: one of measures, figures, a count, or nothing.

    Attributes
    ----------
    measures
        Ids of measures, as listed by ``cityplan analyzers``.
    none
        Why nothing can be measured.
    lacks
        What is missing for a fuller answer, for example a layer.
    """

    measures: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    count: Count | None = None
    none: Text | None = None
    lacks: Text | None = None


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One promise of the plan.

    Attributes
    ----------
    kind
        ``A`` measurable from layers such as OpenStreetMap's, ``B`` from a local
        layer or register, ``N`` not spatial.
    deadline
        The last day; None where the plan gives none.
    target
        What the plan asks, in words.
    """

    ref: str
    kind: ClauseClass
    title: Text
    lead: tuple[str, ...]
    cooperating: tuple[str, ...]
    deadline: dt.date | None
    target: Text
    tie: Tie


@dataclass(frozen=True, kw_only=True)
class Duty(Clause):
    """A standing duty beside the clauses: once, or every year until the plan ends."""

    every: Literal["year"] | None = None


@dataclass(frozen=True, kw_only=True)
class Territory:
    """A territory that answers for the whole plan within its bounds (属地).

    Attributes
    ----------
    units
        Names of the reporting units it is made of.
    """

    id: str
    title: Text
    units: tuple[str, ...]
    duty: Text


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A plan, as its file says.

    Attributes
    ----------
    standard
        The profile whose measures its clauses are tied to.
    ends
        Last day of the plan; yearly duties fall due up to then.
    departments
        Name as the clauses use it -> both languages.
    file, sha256
        Where it was read from, and the hash of what was read.
    """

    id: str
    title: Text
    summary: Text
    source: str
    standard: str
    ends: dt.date | None
    departments: Mapping[str, Text]
    clauses: tuple[Clause, ...]
    duties: tuple[Duty, ...] = ()
    territories: tuple[Territory, ...] = ()
    file: str = field(default="", compare=False)
    sha256: str = ""

    @property
    def rows(self) -> tuple[Clause, ...]:
        """Clauses, then duties."""
        return (*self.clauses, *self.duties)

    @property
    def figures(self) -> dict[str, tuple[Clause, Figure]]:
        """Figure id -> the clause or duty it belongs to, and the figure."""
        return {f.id: (row, f) for row in self.rows for f in row.tie.figures}

    @property
    def counts(self) -> tuple[Count, ...]:
        """Every count over a layer that a clause or duty is tied to."""
        return tuple(row.tie.count for row in self.rows if row.tie.count is not None)

    def responsibilities(self, lang: Language = "zh") -> dict[str, Responsibility]:
        """Return measure id -> who answers for it, as the plan names them in a language.

        Of several clauses tied to a measure all lead departments answer, until the
        earliest deadline.
        """
        tied: dict[str, list[Clause]] = {}
        for row in self.rows:
            for measure in row.tie.measures:
                tied.setdefault(measure, []).append(row)
        return {measure: self._answering(rows, lang) for measure, rows in tied.items()}

    def _answering(self, rows: Sequence[Clause], lang: Language) -> Responsibility:
        lead = dict.fromkeys(name for row in rows for name in row.lead)
        helping = dict.fromkeys(name for row in rows for name in row.cooperating)
        days = [row.deadline for row in rows if row.deadline is not None]
        named = {key: text.get(lang) for key, text in self.departments.items()}
        return Responsibility(
            lead=COMMA.get(lang).join(named[key] for key in lead),
            cooperating=tuple(named[key] for key in helping if key not in lead),
            deadline=min(days).isoformat() if days else "",
        )
