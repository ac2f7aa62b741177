"""What several outputs need of one report is worked out once while they are written."""

from __future__ import annotations

from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cityplan.model.report import Report

P = ParamSpec("P")
Answer = TypeVar("Answer")
_shelves: dict[int, dict[Any, Any]] = {}


@contextmanager
def written_together(report: Report) -> Iterator[None]:
    """Keep what is worked out for a report until its outputs are written, no longer.

    Outside, nothing is kept: who changes the tables of a report and asks again
    gets the new answer.
    """
    _shelves[id(report)] = {}
    try:
        yield
    finally:
        _shelves.pop(id(report), None)


def shelf(report: Report) -> dict[Any, Any] | None:
    """Return what was put aside for a report whose outputs are being written, else None."""
    return _shelves.get(id(report))


def worked_out_once(
    function: Callable[Concatenate[Report, P], Answer],
) -> Callable[Concatenate[Report, P], Answer]:
    """Let a function of a report work once per set of arguments; nobody may change its answer."""

    @wraps(function)
    def answer(report: Report, /, *args: P.args, **kwargs: P.kwargs) -> Answer:
        known = shelf(report)
        if known is None:
            return function(report, *args, **kwargs)
        key = (function, args, tuple(sorted(kwargs.items())))
        if key not in known:
            known[key] = function(report, *args, **kwargs)
        found: Answer = known[key]
        return found

    return answer
