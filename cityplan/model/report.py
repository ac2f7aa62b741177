"""Everything a run found out: the only thing outputs accept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cityplan.model.output_options import OutputOptions
from cityplan.model.result import Result, Skipped
from cityplan.text import Language, Text

if TYPE_CHECKING:
    from cityplan.model.area import StudyArea
    from cityplan.model.checks import Check
    from cityplan.model.layers import InputCount
    from cityplan.model.ledger import Ledger
    from cityplan.model.plan import Plan
    from cityplan.model.quality import Quality
    from cityplan.model.standard import Standard


@dataclass(frozen=True, kw_only=True)
class Responsibility:
    """Who answers for a measure and until when, as the plan names them in the report's language."""

    lead: str = ""
    cooperating: tuple[str, ...] = ()
    deadline: str = ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """Study area, standard, results and provenance.

    Attributes
    ----------
    inputs
        Layer name -> what was read, used, repaired and rejected.
    options
        What the user decided about the outputs.
    checks
        What was noticed about the inputs.
    quality
        How complete the inputs are.
    notes
        What was assumed about the study itself.
    provenance
        Versions, parameters, CRS and seconds per stage, ready for JSON.
    attribution
        Credits that every output must carry.
    responsibilities
        Measure id -> who answers for it; only what a plan says, empty without one.
    plan, ledger
        The plan the study names and where each of its clauses stands.
    """

    area: StudyArea
    standard: Standard
    lang: Language
    results: tuple[Result | Skipped, ...]
    inputs: Mapping[str, InputCount]
    notes: tuple[Text, ...]
    provenance: Mapping[str, Any]
    attribution: tuple[str, ...]
    options: OutputOptions = field(default_factory=OutputOptions)
    checks: tuple[Check, ...] = ()
    quality: tuple[Quality, ...] = ()
    responsibilities: Mapping[str, Responsibility] = field(default_factory=dict)
    plan: Plan | None = None
    ledger: Ledger | None = None

    def __getitem__(self, analyzer: str) -> Result | Skipped:
        for result in self.results:
            if result.analyzer == analyzer:
                return result
        raise KeyError(analyzer)
