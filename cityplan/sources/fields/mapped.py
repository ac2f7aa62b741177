"""A local layer in the catalogue's columns, with everything that was decided on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd

    from cityplan.text import Text

# Where a column came from that no single column of the source holds.
TAGS = "OpenStreetMap tags"


@dataclass(frozen=True, kw_only=True)
class Mapped:
    """A layer with the catalogue's columns, and what was done to get there.

    Attributes
    ----------
    frame
        The catalogue's columns, and of populations and buildings those of groups
        (``people_elderly``, ``people_children``); geometry and CRS as in the source.
    columns
        Catalogue column -> column of the source, or :data:`TAGS`.
    notes
        Which column became which, what could not be read, what was assumed.
    rejected, repaired
        Cause -> rows, as :class:`~cityplan.model.layers.InputCount` counts them.
    """

    frame: gpd.GeoDataFrame
    columns: Mapping[str, str]
    notes: tuple[Text, ...] = ()
    rejected: Mapping[str, int] = field(default_factory=dict)
    repaired: Mapping[str, int] = field(default_factory=dict)

    @property
    def read(self) -> int:
        """Rows read; a place in several facility categories is a row in each."""
        return len(self.frame) + sum(self.rejected.values())
