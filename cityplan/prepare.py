"""From a study to the area and the layers everything is measured on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely

from cityplan.errors import InputFileError
from cityplan.joining import join_layers, shift_checks
from cityplan.model.area import BuiltUp, StudyArea
from cityplan.model.build_area import clean_units, given_built_up, one_unit, stand_in_built_up
from cityplan.model.checks import Check, count_checks, notes
from cityplan.model.layers import (
    Layers,
)
from cityplan.model.place import (
    data_extent,
    hull_of_streets,
    near_others,
    project,
    working_crs,
)
from cityplan.model.quality import Quality, input_quality
from cityplan.sources.areas import read_areas
from cityplan.sources.extracts.extract_cache import read_osm_cached
from cityplan.sources.local import LocalLayer, read_layers
from cityplan.sources.osm_file import OsmExtract, read_osm
from cityplan.spatial.overlay import polygons_only
from cityplan.stages import Stages
from cityplan.text import Text

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from pyproj import CRS

    from cityplan.model.standard import Standard
    from cityplan.sources.layer_source import AreaSource
    from cityplan.sources.study import Study
    from cityplan.spatial.arrays import Geometry
    from cityplan.spatial.readings import Box

OSM_CREDIT = "© OpenStreetMap contributors, ODbL"
BOUNDARY = Text(en="boundary", zh="边界")
BUILT_UP = Text(en="built-up area", zh="建成区")
UNITS = Text(en="reporting units", zh="统计单元")
HULL = Text(
    en="No boundary given: the convex hull of the streets is reported on.",
    zh="未提供边界：以道路的凸包作为报告范围。",
)


@dataclass(frozen=True)
class Inputs:
    """What a run measures, and what was noticed about it.

    Attributes
    ----------
    checks
        What was found in the inputs and what was done about it.
    quality
        How complete they are.
    attribution
        Credits their licences ask for.
    """

    area: StudyArea
    layers: Layers
    checks: tuple[Check, ...]
    quality: tuple[Quality, ...]
    attribution: tuple[str, ...]

    def __str__(self) -> str:
        from cityplan.outputs.input_words import input_lines

        return "\n".join(input_lines(self, "en"))


def prepare(
    study: Study, standard: Standard, *, stages: Stages | None = None, cache: Path | None = None
) -> Inputs:
    """Read, check and project everything a study names.

    Parameters
    ----------
    cache
        Folder where the layers of an extract are kept, so that it is read once.

    Raises
    ------
    CityplanError
        An input is missing or unusable, or the inputs do not belong together.
    """
    stages = stages or Stages()
    with stages.stage("read", Text(en="Reading the data", zh="读取数据")):
        boundary = _read_area(study.boundary, BOUNDARY, None)
        extract = _read_extract(study, cache)
        place = _place(boundary, extract)
        local = read_layers(study.layers, place=place)
    with stages.stage("prepare", Text(en="Preparing layers and area", zh="整理图层与范围")):
        return _put_together(study, standard, boundary, extract, local)


def _read_extract(study: Study, cache: Path | None) -> OsmExtract | None:
    if study.osm is None:
        return None
    path = study.osm.path
    return read_osm(path) if cache is None else read_osm_cached(path, cache)


@dataclass(frozen=True)
class _Area:
    """Polygons of a file in degrees, united, with what was noted about them."""

    frame: gpd.GeoDataFrame
    shape: Geometry
    notes: tuple[Text, ...]


def _read_area(source: AreaSource | None, role: Text, place: Box | None) -> _Area | None:
    if source is None:
        return None
    file = read_areas(source, role, place=place)
    return _Area(file.frame, shapely.union_all(file.frame.geometry.to_numpy()), file.notes)


def _place(boundary: _Area | None, extract: OsmExtract | None) -> Box | None:
    """Return west, south, east and north of the study, where anything tells them."""
    if boundary is not None:
        return boundary.shape.bounds
    if extract is not None and "streets" in extract.layers:
        west, south, east, north = extract.layers["streets"].total_bounds
        return west, south, east, north
    return None


def _put_together(
    study: Study,
    standard: Standard,
    boundary: _Area | None,
    extract: OsmExtract | None,
    local: list[LocalLayer],
) -> Inputs:
    """Choose the CRS, project and check the layers, and put the area together."""
    assumed: list[Text] = list(boundary.notes) if boundary is not None else []
    shape = boundary.shape if boundary is not None else _hull(study, extract, local)
    strays: list[Text] = []
    if boundary is None:
        assumed.append(HULL)
        strays = _strays(extract, local)
    crs = working_crs(study.crs, shape)
    layers, checks = join_layers(study, shape, crs, extract, local)
    outline = polygons_only(project(shape, crs))
    built_up, built_notes = _built_up(study, layers, outline, shape, standard, crs)
    units, unit_notes, unit_doubts = _units(study, outline, shape, crs)
    area = StudyArea(
        name=study.name,
        crs=crs,
        boundary=outline,
        built_up=built_up,
        units=units,
        data_extent=data_extent(
            extract.extent if extract is not None and not _own(local, "streets") else None,
            layers["streets"],
            crs,
        ),
        notes=(*assumed, *built_notes, *unit_notes, *unit_doubts, built_up.basis),
    )
    found = [
        *notes("boundary", assumed),
        *notes("built_up", (*built_notes, built_up.basis)),
        *notes("units", unit_notes),
        *notes("units", unit_doubts, "warning"),
        *notes("streets", strays, "warning"),
        *notes("streets", extract.notes if extract is not None else ()),
        *checks,
        *shift_checks(local, extract),
        *count_checks(layers.counts),
    ]
    quality = input_quality(layers, area, standard)
    from_osm = extract is not None or any(item.is_osm for item in local)
    credits_ = (OSM_CREDIT,) if from_osm else ()
    return Inputs(area, layers, tuple(dict.fromkeys(found)), quality, credits_)


def _strays(extract: OsmExtract | None, local: list[LocalLayer]) -> list[Text]:
    """Tell of streets that lie too far from all others to be of the study."""
    own = [item.frame for item in local if item.layer == "streets"]
    drawn = own[0] if own else extract.layers.get("streets") if extract is not None else None
    if drawn is None:
        return []
    shapes = drawn.geometry.to_numpy()
    far = int((~near_others(shapes[~shapely.is_missing(shapes)])).sum())
    if far == 0:
        return []
    return [
        Text(
            en=f"{far} streets lie more than 25 km from all others: the hull leaves them out. Check "
            "their coordinates, or give a boundary.",
            zh=f"{far}条道路距其他道路均在25公里以上，未计入凸包范围，请核对坐标或提供边界。",
        )
    ]


def _own(local: list[LocalLayer], name: str) -> bool:
    return any(item.layer == name and item.mode == "replace" for item in local)


def _hull(study: Study, extract: OsmExtract | None, local: list[LocalLayer]) -> Geometry:
    own = [item for item in local if item.layer == "streets"]
    if own:
        return hull_of_streets(own[0].frame, own[0].count.source)
    source = study.osm.path if study.osm is not None else study.name
    return hull_of_streets(extract.layers.get("streets") if extract else None, str(source))


def _built_up(
    study: Study,
    layers: Layers,
    boundary: Geometry,
    degrees: Geometry,
    standard: Standard,
    crs: CRS,
) -> tuple[BuiltUp, tuple[Text, ...]]:
    """Return the built-up area as given, or a stand-in."""
    given = _read_area(study.built_up, BUILT_UP, degrees.bounds)
    if given is None:
        return stand_in_built_up(layers, boundary, standard), ()
    shapes = given.frame.to_crs(crs).geometry.to_numpy()
    built_up = given_built_up(shapes, boundary)
    if built_up.geometry.area == 0:
        path = study.built_up.path if study.built_up is not None else ""
        raise InputFileError(
            Text(
                en=f"The built-up area '{path}' does not meet the boundary: check that "
                "both are of the same place and CRS.",
                zh=f"建成区“{path}”与边界不相交，请确认两者为同一地区且坐标系正确。",
            )
        )
    return built_up, given.notes


def _units(
    study: Study, boundary: Geometry, degrees: Geometry, crs: CRS
) -> tuple[gpd.GeoDataFrame, tuple[Text, ...], tuple[Text, ...]]:
    """Return the reporting units, the whole boundary where none are given; notes and doubts."""
    given = _read_area(study.units, UNITS, degrees.bounds)
    if given is None:
        return one_unit(study.name, boundary, crs), (), ()
    cleaned = clean_units(given.frame.to_crs(crs), boundary)
    if len(cleaned.frame) == 0:
        path = study.units.path if study.units is not None else ""
        raise InputFileError(
            Text(
                en=f"None of the reporting units of '{path}' lies in the boundary: check that both "
                "are of the same place and CRS.",
                zh=f"“{path}”中没有任何统计单元位于边界内，请确认两者为同一地区且坐标系正确。",
            )
        )
    return cleaned.frame, given.notes, cleaned.notes
