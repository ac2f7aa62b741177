"""What an analyzer is: one file that keeps this protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from cityplan.model.city import City
    from cityplan.model.result import Result
    from cityplan.model.standard import Standard
    from cityplan.text import Text


@runtime_checkable
class Analyzer(Protocol):
    """Measures one question about a city.

    Attributes
    ----------
    name
        Stable id, also the file's name.
    rank
        Where it stands in reports, lower first; the shipped ones follow the plan.
    needs
        Each entry is a set of alternatives of which the city must hold one: layers,
        or ``roads``, ``ways`` and ``demand`` (see :meth:`City.holds`).
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def title(self) -> Text: ...  # noqa: D102
    @property
    def rank(self) -> int: ...  # noqa: D102
    @property
    def needs(self) -> tuple[frozenset[str], ...]: ...  # noqa: D102

    def measure_ids(self, standard: Standard) -> tuple[str, ...]:
        """Return the ids of every measure the analyzer gives, in order."""
        ...

    def run(self, city: City, standard: Standard) -> Result:
        """Measure the city and its units."""
        ...
