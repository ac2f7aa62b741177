"""What the user decides about the outputs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class SheetFields:
    """The fields of a map sheet's title block, blank unless given.

    Attributes
    ----------
    prepared_by
        Who made the map (制图单位).
    sheet_number
        Number of the set (图号); the sheets of a run append ``-1``, ``-2`` and so on.
    approval_number
        Number of the map review (审图号). It is granted by an authority: never
        made up.
    """

    prepared_by: str = ""
    sheet_number: str = ""
    approval_number: str = ""


@dataclass(frozen=True, kw_only=True)
class OutputOptions:
    """What the user decides about the outputs.

    Attributes
    ----------
    sheet
        The title block of the map sheets.
    coordinates
        Whether gap lists tell coordinates.
    pictures
        Whether map sheets are drawn: what takes the longest.
    template
        A Word document whose styles the report takes.
    tiles
        Background the web map asks the network for; none without being asked.
    tianditu_key
        The user's own key of Tianditu (天地图).
    """

    sheet: SheetFields = SheetFields()
    coordinates: bool = True
    pictures: bool = True
    template: Path | None = None
    tiles: Literal["none", "osm", "tianditu"] = "none"
    tianditu_key: str = ""
