"""The zones of CGCS2000: their EPSG codes, and the number in front of an easting.

A Gauss-Krueger zone has two codes: with its number in front of the easting
(39 500 000 m on the central meridian of zone 39) and without (500 000 m). The
3-degree zones are 25 to 45, the 6-degree ones 13 to 23; without the number the
6-degree zones are the same projections as the 3-degree zones of their meridian.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyproj import CRS

PREFIX_M = 1_000_000


@dataclass(frozen=True)
class Family:
    """Zones of one width, numbered from ``first`` to ``last``."""

    width_deg: int
    first: int
    last: int
    first_prefixed_epsg: int
    first_plain_epsg: int

    def central_meridian(self, zone: int) -> int:
        """Return the central meridian in degrees east."""
        return 3 * zone if self.width_deg == 3 else 6 * zone - 3  # noqa: PLR2004


THREE_DEGREES = Family(3, 25, 45, 4513, 4534)
SIX_DEGREES = Family(6, 13, 23, 4491, 4502)
FAMILIES = (THREE_DEGREES, SIX_DEGREES)


def epsg_of_prefix(easting_m: float) -> int | None:
    """Return the EPSG code of the zone whose number an easting carries, or None."""
    zone = int(easting_m // PREFIX_M)
    for family in FAMILIES:
        if family.first <= zone <= family.last:
            return family.first_prefixed_epsg + zone - family.first
    return None


def plain_epsgs() -> range:
    """Return the codes without number, by 3-degree meridian: they cover the 6-degree ones."""
    family = THREE_DEGREES
    return range(family.first_plain_epsg, family.first_plain_epsg + family.last - family.first + 1)


def other_easting(crs: CRS) -> int | None:
    """Return the EPSG code of the same zone with or without its number, or None."""
    code = crs.to_epsg()
    if code is None:
        return None
    for family in FAMILIES:
        for zone in range(family.first, family.last + 1):
            prefixed = family.first_prefixed_epsg + zone - family.first
            plain = family.first_plain_epsg + zone - family.first
            if code in (prefixed, plain):
                return plain if code == prefixed else prefixed
    return None
