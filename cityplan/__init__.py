"""cityplan: where a city falls short of its plan, by how much, and where."""

from __future__ import annotations

import importlib
from importlib.metadata import version
from typing import Any

__version__ = version("cityplan")

_HOME = {
    "BatchReport": "cityplan.batching",
    "CityplanError": "cityplan.errors",
    "Measure": "cityplan.model.result",
    "Report": "cityplan.model.report",
    "Result": "cityplan.model.result",
    "Skipped": "cityplan.model.result",
    "Standard": "cityplan.model.standard",
    "Study": "cityplan.sources.study",
    "all_analyzers": "cityplan.analyzers",
    "available_standards": "cityplan.model.standard",
    "batch": "cityplan.batching",
    "check": "cityplan.pipeline",
    "fetch": "cityplan.sources.osm_online",
    "inspect": "cityplan.sources.inspect",
    "ledger": "cityplan.pipeline",
    "load_plan": "cityplan.model.plan_file",
    "load_standard": "cityplan.model.standard",
    "load_study": "cityplan.sources.study",
    "read_osm": "cityplan.sources.osm_file",
    "run": "cityplan.pipeline",
    "sample": "cityplan.sources.study",
}
__all__ = ["__version__", *_HOME]  # noqa: PLE0604 - the keys are strings


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOME:
        message = f"module 'cityplan' has no attribute '{name}'"
        raise AttributeError(message)
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
