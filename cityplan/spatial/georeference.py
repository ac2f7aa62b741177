"""Decide what a layer's coordinates are: what is certain is resolved, the rest refused.

A file may lack its CRS, name one its numbers contradict, or hold northing before
easting. Each decision leaves a note that says what was found and what was done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyproj import CRS
from pyproj.exceptions import ProjError

from cityplan.spatial.cgcs2000 import other_easting
from cityplan.spatial.crs_words import (
    SAME_LAYER,
    contradiction,
    differences,
    elsewhere,
    only_reading,
    outside_note,
    overruled,
    uncertain,
    unknown,
)
from cityplan.spatial.old_datums import refuse_old_datum
from cityplan.spatial.readings import WGS84, Box, Numbers, Reading, plausible, read_as, summarise
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.spatial.arrays import Floats

# Zones are used a little beyond their area; wrong readings are off by far more.
AREA_OF_USE_MARGIN_DEG = 3.0


@dataclass(frozen=True)
class Georeference:
    """What a layer's coordinates are.

    Attributes
    ----------
    crs
        To be used with easting or longitude first.
    swapped
        Whether x and y must be exchanged before.
    notes
        What was assumed or overruled, for the reader of the results.
    """

    crs: CRS
    swapped: bool
    notes: tuple[Text, ...]


def georeference(
    xy: Floats,
    *,
    what: Text,
    declared: CRS | None,
    stated: CRS | None,
    place: Box | None,
) -> Georeference:
    """Return what coordinates are.

    Parameters
    ----------
    xy
        Coordinates in the order of the file, (n, 2): all of a layer or a sample.
    what
        The layer, as the subject of a sentence: "The layer 'parks' (parks.shp)".
    declared
        CRS by the file itself.
    stated
        CRS by the study file; it overrides the file.
    place
        West, south, east, north of the study in degrees, where known.

    Raises
    ------
    CrsError
        It cannot be known for certain, what is said is impossible, or it is
        Beijing 1954 or Xian 1980 without parameters.

    Notes
    -----
    Certain is: a CRS whose area of use the numbers meet; the same CRS with x and y
    exchanged; the same CGCS2000 zone with or without its number; without a usable
    CRS, the only plausible reading (`readings.plausible`) that meets the place, or
    the only one in mainland China. EPSG:4490 is EPSG:4326: PROJ knows no shift
    between them, and theirs is below a metre.
    """
    numbers = summarise(xy)
    given = stated if stated is not None else declared
    if given is not None:
        refuse_old_datum(given, what)
    if numbers is None:
        crs = given if given is not None else CRS.from_epsg(WGS84)
        return Georeference(crs, swapped=False, notes=())
    if given is None:
        lack = Text(en=f"{what.en} does not say its CRS", zh=f"{what.zh}未说明坐标系")
        return _without_crs(numbers, lack, place)
    reading = _fitting(numbers, given)
    if reading is None:
        lack = contradiction(numbers, what, given, by_study=stated is not None)
        if stated is not None:
            raise uncertain(lack, plausible(numbers, place) or plausible(numbers, None))
        return _without_crs(numbers, lack, place)
    notes = overruled(what, declared, stated)
    if place is not None and not reading.meets(place):
        reading, beside = _beside_place(numbers, reading, place, what)
        notes += beside
    notes += differences(reading, given, what)
    return Georeference(reading.crs, reading.swapped, notes)


# --- with a CRS --------------------------------------------------------------


def _fitting(numbers: Numbers, crs: CRS) -> Reading | None:
    """Return the CRS, or its nearest relative, that puts the numbers where it is used."""
    relatives = [crs]
    if (code := other_easting(crs)) is not None:
        relatives.append(CRS.from_epsg(code))
    for relative in relatives:
        for swapped in (False, True):
            if (reading := _if_used_there(numbers, relative, swapped=swapped)) is not None:
                return reading
    return None


def _if_used_there(numbers: Numbers, crs: CRS, *, swapped: bool) -> Reading | None:
    try:
        reading = read_as(numbers, crs, swapped=swapped)
    except ProjError:
        return None
    if reading is None:
        return None
    lon, lat = reading.centre
    west, south, east, north = _area_of_use(crs)
    margin = AREA_OF_USE_MARGIN_DEG
    # An area that crosses the date line has its west east of its east.
    across = west > east and (lon >= west - margin or lon <= east + margin)
    along = west - margin <= lon <= east + margin or across
    return reading if along and south - margin <= lat <= north + margin else None


def _area_of_use(crs: CRS) -> Box:
    area = crs.area_of_use
    if area is None and (code := crs.to_epsg()) is not None:
        area = CRS.from_epsg(code).area_of_use
    if area is not None:
        return area.bounds
    operation = crs.coordinate_operation
    values = {p.name: p.value for p in operation.params} if operation is not None else {}
    if crs.is_projected and "Longitude of natural origin" in values:
        meridian = float(values["Longitude of natural origin"])
        return (meridian - 3.0, -80.0, meridian + 3.0, 84.0)
    return (-180.0, -90.0, 180.0, 90.0)


def _beside_place(
    numbers: Numbers, reading: Reading, place: Box, what: Text
) -> tuple[Reading, tuple[Text, ...]]:
    """Return the reading that meets the place, if exchanging x and y does it."""
    exchanged = read_as(numbers, reading.crs, swapped=not reading.swapped)
    if exchanged is not None and exchanged.meets(place):
        return exchanged, ()
    others = plausible(numbers, place)
    if others:
        raise uncertain(elsewhere(what, reading, place), others)
    return reading, (outside_note(what, reading, place),)


# --- without a CRS -----------------------------------------------------------


def _without_crs(numbers: Numbers, lack: Text, place: Box | None) -> Georeference:
    """Return the only plausible reading of numbers.

    Raises
    ------
    CrsError
        There are several, or none.
    """
    found = plausible(numbers, place) or plausible(numbers, None)
    if len(found) != 1:
        raise uncertain(lack, found) if found else unknown(numbers, lack)
    reading = found[0]
    notes = only_reading(reading, lack)
    if place is not None and not reading.meets(place):
        notes += (outside_note(SAME_LAYER, reading, place),)
    return Georeference(reading.crs, reading.swapped, notes)
