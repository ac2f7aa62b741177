"""Layers from the bureau's own files, as the study file names them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import shapely

from cityplan.model.checks import Check, notes
from cityplan.model.layers import CATALOGUE, InputCount
from cityplan.model.place import near_others
from cityplan.sources.fields.dedupe import tidy
from cityplan.sources.fields.mapped import TAGS
from cityplan.sources.fields.mapping import derive_layers, map_fields
from cityplan.sources.files.open_source import read_raw
from cityplan.sources.locating import locate
from cityplan.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from cityplan.sources.fields.mapped import Mapped
    from cityplan.sources.files.raw import RawLayer
    from cityplan.sources.layer_source import LayerSource
    from cityplan.sources.locating import Located
    from cityplan.spatial.arrays import Shapes
    from cityplan.spatial.readings import Box

STREETS, LAND_USE = "streets", "land_use"


@dataclass(frozen=True, kw_only=True)
class LocalLayer:
    """One layer of one source, in longitude and latitude.

    Attributes
    ----------
    layer
        Name in the catalogue.
    frame
        The catalogue's columns, EPSG:4326.
    count
        What became of the source's rows.
    checks
        What was noticed while reading.
    mode
        Whether it takes the place of what was read before, or joins it.
    positions
        Where all rows of the source are, also of those that are not of the layer.
    derived
        Whether it is land use that stands in for a layer of its own.
    is_osm
        Whether its meaning was read from OpenStreetMap tags.
    what
        The layer, as the subject of a sentence.
    """

    layer: str
    frame: gpd.GeoDataFrame
    count: InputCount
    checks: tuple[Check, ...]
    mode: Literal["replace", "add"]
    positions: Shapes
    derived: bool
    is_osm: bool
    what: Text


def read_layers(
    sources: Mapping[str, Sequence[LayerSource]], *, place: Box | None
) -> list[LocalLayer]:
    """Read every local layer of a study; several sources of one layer join each other.

    Parameters
    ----------
    place
        West, south, east, north of the study in degrees; absent, that of its streets.

    Raises
    ------
    CityplanError
        A source is missing, unreadable, or its meaning cannot be told.
    """
    read: list[LocalLayer] = []
    for name in sorted(sources, key=lambda name: name != STREETS):
        for number, source in enumerate(sources[name]):
            mode = "add" if number else source.mode
            read += read_local(name, source, mode=mode, place=place)
        if name == STREETS and place is None:
            place = _place_of(read[0].frame)
    return [item for item in read if not (item.derived and item.layer in sources)]


def _place_of(streets: gpd.GeoDataFrame) -> Box | None:
    """Return west, south, east and north of the streets, but for the few far from the others."""
    lines = streets.geometry.to_numpy()
    lines = lines[near_others(lines)]
    if len(lines) == 0:
        return None
    west, south, east, north = shapely.total_bounds(lines)
    return (west, south, east, north)


def read_local(
    name: str, source: LayerSource, *, mode: Literal["replace", "add"], place: Box | None
) -> list[LocalLayer]:
    """Read one source; land use also gives the layers it stands in for."""
    title = CATALOGUE[name].title
    raw = read_raw(source, what=Text(en=f"layer '{name}'", zh=f"图层“{title.zh}”"))
    what = Text(en=f"Layer '{name}' ({raw.source})", zh=f"图层“{title.zh}”（{raw.source}）")
    located = locate(raw, source, what=what, place=place)
    if name == LAND_USE:
        mapped = derive_layers(located.frame, source)
    else:
        mapped = {name: map_fields(located.frame, name, source)}
    return [
        _finished(layer, rows, raw, located, what, mode=mode, derived=layer != name)
        for layer, rows in mapped.items()
    ]


def _finished(
    layer: str,
    mapped: Mapped,
    raw: RawLayer,
    located: Located,
    what: Text,
    *,
    mode: Literal["replace", "add"],
    derived: bool,
) -> LocalLayer:
    """Unite pieces, drop repeated rows, and count."""
    clean = tidy(mapped.frame, layer)
    before = {} if derived else raw.rejected
    rejected = _sum(before, mapped.rejected, clean.rejected)
    count = InputCount(
        source=raw.source,
        sha256=raw.sha256,
        read=len(clean.frame) + sum(rejected.values()),
        used=len(clean.frame),
        repaired=_sum(raw.repaired, mapped.repaired, clean.repaired),
        rejected=rejected,
        datum=located.datum,
        encoding=raw.encoding,
    )
    read_notes = () if derived else (*raw.notes, *located.notes)
    return LocalLayer(
        layer=layer,
        frame=clean.frame,
        count=count,
        checks=(
            *notes(layer, (*read_notes, *mapped.notes)),
            *notes(layer, () if derived else located.doubts, "warning"),
        ),
        mode=mode,
        positions=located.frame.geometry.to_numpy(),
        derived=derived,
        is_osm=TAGS in mapped.columns.values(),
        what=what,
    )


def _sum(*causes: Mapping[str, int]) -> dict[str, int]:
    total: dict[str, int] = {}
    for rows in causes:
        for cause, count in rows.items():
            total[cause] = total.get(cause, 0) + count
    return total
