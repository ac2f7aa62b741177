"""Rows as a file holds them, before anything is known about their meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd

    from cityplan.text import Text


@dataclass(frozen=True, kw_only=True)
class RawLayer:
    """One layer of a file, one table of a database or one sheet of a workbook.

    Attributes
    ----------
    frame
        Attributes as they were written, and geometry in whatever coordinates the
        file has; ``crs`` is None where the file does not say.
    source
        File and layer, for messages and provenance; never a password.
    sha256
        Of the file; of the rows where there is no file.
    encoding
        Character set the text was read with; empty where the format fixes it.
    notes
        What was assumed or noticed while reading.
    rejected
        Cause -> rows of the source that are not in ``frame``.
    repaired
        Cause -> rows in ``frame`` that were mended.
    """

    frame: gpd.GeoDataFrame
    source: str
    sha256: str
    encoding: str = ""
    notes: tuple[Text, ...] = ()
    rejected: Mapping[str, int] = field(default_factory=dict)
    repaired: Mapping[str, int] = field(default_factory=dict)
