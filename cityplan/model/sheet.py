"""What only the maker of a map sheet can say."""

from __future__ import annotations

from dataclasses import dataclass


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
