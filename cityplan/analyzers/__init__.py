"""The analyzers: every module here that ends in ``ANALYZER`` is one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

from cityplan.errors import UnknownNameError
from cityplan.text import Text, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cityplan.model.analyzer import Analyzer


@cache
def all_analyzers() -> dict[str, Analyzer]:
    """Return name -> analyzer, found in the modules of this package, in order of rank."""
    found: list[Analyzer] = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        analyzer = getattr(importlib.import_module(f"{__name__}.{module.name}"), "ANALYZER", None)
        if analyzer is not None:
            found.append(analyzer)
    return {item.name: item for item in sorted(found, key=lambda item: (item.rank, item.name))}


def choose(names: Iterable[str] = ()) -> list[Analyzer]:
    """Return the named analyzers, all of them where none is named.

    Raises
    ------
    UnknownNameError
        There is no analyzer of that name.
    """
    known = all_analyzers()
    chosen = list(names) or list(known)
    for name in chosen:
        if name not in known:
            unknown = Text(en=f"Unknown analyzer '{name}'.", zh=f"未知分析“{name}”。")
            raise UnknownNameError(unknown + did_you_mean(name, sorted(known)))
    return [known[name] for name in dict.fromkeys(chosen)]
