"""From a study to a report, and from a report to a folder of outputs."""

from __future__ import annotations

import importlib
import logging
import platform
import shutil
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from cityplan.analyzers import choose
from cityplan.errors import (
    CityplanError,
    InputFileError,
    NothingToMeasureError,
    OutputError,
)
from cityplan.model.area import StudyArea
from cityplan.model.build_area import clean_units, given_built_up, one_unit, stand_in_built_up
from cityplan.model.city import City
from cityplan.model.layers import CATALOGUE, Layers, check_layers
from cityplan.model.place import data_extent, hull_of_streets, near_boundary, project, working_crs
from cityplan.model.report import Report
from cityplan.model.result import Result, Skipped
from cityplan.model.standard import load_standard
from cityplan.sources.areas import read_areas
from cityplan.sources.osm_file import OsmExtract, read_osm
from cityplan.sources.study import Study, load_study
from cityplan.spatial.overlay import polygons_only
from cityplan.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cityplan.model.analyzer import Analyzer
    from cityplan.model.standard import Standard
    from cityplan.outputs.web_map import OfflineMap
    from cityplan.text import Language

log = logging.getLogger(__name__)

OSM_CREDIT = "© OpenStreetMap contributors, ODbL"
NEEDS = {
    "roads": Text(en="public streets for motor traffic", zh="公共机动车道路"),
    "ways": Text(en="public streets or paths to walk on", zh="公共步行道路"),
}
PACKAGES = ("cityplan", "geopandas", "shapely", "pyproj", "osmium", "scipy", "numpy")


@dataclass
class Stages:
    """Seconds per stage, told to whoever listens."""

    listener: Callable[[Text], None] | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, key: str, title: Text) -> Iterator[None]:
        """Time a stage and announce it."""
        log.info("%s", title.en)
        if self.listener is not None:
            self.listener(title)
        start = time.perf_counter()
        yield
        self.seconds[key] = round(time.perf_counter() - start, 3)


class CityReport(Report):
    """A report that can draw and write itself."""

    def map(self) -> OfflineMap:
        """Return the interactive map, a ``folium.Map`` that shows offline."""
        from cityplan.outputs.web_map import build_map

        return build_map(self)

    def write(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Write every output into ``folder``; see :func:`write`."""
        return write(self, Path(folder), overwrite=overwrite)


def run(
    study: Study | str | Path,
    *,
    only: Sequence[str] = (),
    lang: Language = "en",
    stages: Stages | None = None,
) -> CityReport:
    """Read the study's data and measure everything its standard asks for.

    Parameters
    ----------
    study
        A study, or the path of a study file, of a folder with one, or of an
        OpenStreetMap extract.
    only
        Names of the analyzers to run; empty for all.
    lang
        Language of the outputs where the study names none.

    Raises
    ------
    CityplanError
        An input is missing or unusable, or there is nothing to measure.
    """
    stages = stages or Stages()
    if not isinstance(study, Study):
        study = load_study(Path(study))
    analyzers, standard = choose(only), load_standard(study.standard)
    with stages.stage("read", Text(en="Reading the extract", zh="读取数据")):
        extract = read_osm(study.osm.path)
    with stages.stage("prepare", Text(en="Preparing layers and area", zh="整理图层与范围")):
        area, layers = _prepare(study, extract, standard)
    city = City(area, layers, standard)
    results = tuple(_analyze(analyzer, city, stages) for analyzer in analyzers)
    if all(isinstance(result, Skipped) for result in results):
        raise NothingToMeasureError(_nothing(results))
    return CityReport(
        area=area,
        standard=standard,
        lang=study.lang or lang,
        results=results,
        inputs=layers.counts,
        notes=area.notes,
        provenance=_provenance(study, city, stages),
        attribution=(OSM_CREDIT,),
    )


def check_inputs(study: Study, *, stages: Stages | None = None) -> tuple[StudyArea, Layers]:
    """Read and prepare everything a run would, and measure nothing."""
    stages = stages or Stages()
    with stages.stage("read", Text(en="Reading the extract", zh="读取数据")):
        extract = read_osm(study.osm.path)
    with stages.stage("prepare", Text(en="Preparing layers and area", zh="整理图层与范围")):
        return _prepare(study, extract, load_standard(study.standard))


def _analyze(analyzer: Analyzer, city: City, stages: Stages) -> Result | Skipped:
    with stages.stage(analyzer.name, analyzer.title):
        for alternatives in analyzer.needs:
            if not any(city.holds(name) for name in alternatives):
                return Skipped(
                    analyzer=analyzer.name,
                    title=analyzer.title,
                    reason=_lacking(alternatives),
                    measure_ids=analyzer.measure_ids(city.standard),
                )
        return analyzer.run(city, city.standard)


def _lacking(alternatives: frozenset[str]) -> Text:
    if alternatives == {"demand"}:
        return Text(
            en="No homes: the data hold neither residential buildings nor residential land nor "
            "population inside the boundary.",
            zh="无居住数据：边界内既无居住建筑、居住用地，也无人口数据。",
        )
    titles = [NEEDS.get(name) or CATALOGUE[name].title for name in sorted(alternatives)]
    return Text(
        en=f"The data hold no {' and no '.join(t.en for t in titles)}.",
        zh=f"数据中没有{'、'.join(t.zh for t in titles)}。",
    )


def _nothing(results: Sequence[Result | Skipped]) -> Text:
    reasons = list(dict.fromkeys(r.reason for r in results if isinstance(r, Skipped)))
    return Text(
        en="Nothing could be measured. "
        + " ".join(r.en for r in reasons)
        + " Check that the extract covers the place with its streets and buildings.",
        zh="没有可测算的内容。"
        + "".join(r.zh for r in reasons)
        + "请确认数据覆盖该地并包含道路与建筑。",
    )


def _prepare(study: Study, extract: OsmExtract, standard: Standard) -> tuple[StudyArea, Layers]:
    """Choose the CRS, project and check the layers, and put the area together."""
    notes: list[Text] = []
    if study.boundary is not None:
        file = read_areas(study.boundary, Text(en="boundary", zh="边界"))
        boundary_degrees = shapely.union_all(file.frame.geometry.to_numpy())
        notes.extend(file.notes)
    else:
        boundary_degrees = hull_of_streets(extract.layers.get("streets"), str(study.osm.path))
        notes.append(
            Text(
                en="No boundary given: the convex hull of the streets is reported on.",
                zh="未提供边界：以道路的凸包作为报告范围。",
            )
        )
    crs = working_crs(study.crs, boundary_degrees)
    frames, counts = near_boundary(extract.layers, extract.counts, boundary_degrees)
    if not any(len(frame) for frame in frames.values()):
        raise InputFileError(
            Text(
                en=f"The extract '{study.osm.path}' and the boundary '{study.boundary}' do not meet: "
                "they are of different places, or the boundary's CRS is wrong.",
                zh=f"数据“{study.osm.path}”与边界“{study.boundary}”不相交：两者不是同一地区，或边界坐标系有误。",
            )
        )
    layers = check_layers({n: f.to_crs(crs) for n, f in frames.items()}, counts, crs)
    boundary = polygons_only(project(boundary_degrees, crs))
    extent = data_extent(extract.extent, layers["streets"], crs)
    built_up = stand_in_built_up(layers, boundary, standard)
    if study.built_up is not None:
        file = read_areas(study.built_up, Text(en="built-up area", zh="建成区"))
        notes.extend(file.notes)
        built_up = given_built_up(file.frame.to_crs(crs).geometry.to_numpy(), boundary)
    if built_up.geometry.area == 0:
        raise InputFileError(
            Text(
                en=f"The built-up area '{study.built_up}' does not meet the boundary: check that "
                "both are of the same place and CRS.",
                zh=f"建成区“{study.built_up}”与边界不相交，请确认两者为同一地区且坐标系正确。",
            )
        )
    units = one_unit(study.name, boundary, crs)
    if study.units is not None:
        file = read_areas(
            study.units.path,
            Text(en="reporting units", zh="统计单元"),
            name_column=study.units.name,
        )
        cleaned = clean_units(file.frame.to_crs(crs), boundary)
        units = cleaned.frame
        notes.extend((*file.notes, *cleaned.notes))
    if len(units) == 0:
        raise InputFileError(
            Text(
                en=f"None of the reporting units of '{study.units and study.units.path}' lies in the "
                "boundary: check that both are of the same place and CRS.",
                zh=f"“{study.units and study.units.path}”中没有任何统计单元位于边界内，"
                "请确认两者为同一地区且坐标系正确。",
            )
        )
    area = StudyArea(
        name=study.name,
        crs=crs,
        boundary=boundary,
        built_up=built_up,
        units=units,
        data_extent=extent,
        notes=(*notes, built_up.basis),
    )
    return area, layers


def _provenance(study: Study, city: City, stages: Stages) -> dict[str, Any]:
    return {
        "cityplan": version("cityplan"),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "crs": city.area.crs.to_string(),
        "standard": city.standard.id,
        "parameters": {key: row.value for key, row in sorted(city.standard.settings.items())},
        "extract": study.osm.path.name,
        "walk_nodes": city.walk.graph.nodes if city.layers.has("streets") else 0,
        "walk_edges": len(city.walk.graph.u) if city.layers.has("streets") else 0,
        "demand_points": len(city.demand),
        "seconds": stages.seconds,
    }


OUTPUTS: tuple[tuple[str, str, str, Text], ...] = (
    ("map.html", "web_map", "write_web_map", Text(en="Drawing the web map", zh="制作网页地图")),
    ("maps", "static_map", "write_map_sheets", Text(en="Drawing the map sheets", zh="绘制图纸")),
    ("tables.xlsx", "tables", "write_tables", Text(en="Writing the tables", zh="写出表格")),
    ("layers.gpkg", "geo_package", "write_layers", Text(en="Writing the layers", zh="写出图层")),
    ("report.html", "gap_report", "write_report", Text(en="Writing the report", zh="撰写报告")),
    (
        "report.docx",
        "docx_report",
        "write_document",
        Text(en="Writing the document", zh="撰写 Word 报告"),
    ),
    ("results.json", "results_json", "write_results", Text(en="Writing results", zh="写出结果")),
)


def write(
    report: Report, folder: Path, *, overwrite: bool = False, stages: Stages | None = None
) -> Path:
    """Write every output into a folder, whole or not at all.

    Parameters
    ----------
    folder
        Must not exist, unless ``overwrite``; then it must be an earlier output.

    Raises
    ------
    OutputError
        The folder exists, is not ours, cannot be written, or the disk is full.
    """
    check_folder(folder, overwrite=overwrite)
    stages = stages or Stages()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            dir=folder.parent, prefix=f".{folder.name}-", ignore_cleanup_errors=True
        ) as scratch:
            fresh = Path(scratch) / "out"
            fresh.mkdir()
            for name, module, function, title in OUTPUTS:
                with stages.stage(f"write {name}", title):
                    writer = getattr(
                        importlib.import_module(f"cityplan.outputs.{module}"), function
                    )
                    writer(report, fresh / name)
            _put_in_place(fresh, folder)
    except OSError as error:
        if isinstance(error, CityplanError):
            raise
        raise OutputError(
            Text(
                en=f"Cannot write to '{folder}' ({error.strerror or error}): free some space or choose "
                "another folder with -o.",
                zh=f"无法写入“{folder}”（{error.strerror or error}），请释放空间或用 -o 指定其他文件夹。",
            )
        ) from None
    return folder


def check_folder(folder: Path, *, overwrite: bool) -> None:
    """Refuse a folder that exists, unless it is an earlier output to be replaced."""
    if not folder.exists():
        return
    if not overwrite:
        raise OutputError(
            Text(
                en=f"'{folder}' exists already: choose another folder with -o, or give --overwrite.",
                zh=f"“{folder}”已存在，请用 -o 指定其他文件夹，或加 --overwrite 覆盖。",
            )
        )
    if not folder.is_dir() or (any(folder.iterdir()) and not (folder / "results.json").exists()):
        raise OutputError(
            Text(
                en=f"'{folder}' is not an earlier output of cityplan, so it is not overwritten: "
                "choose another folder with -o.",
                zh=f"“{folder}”不是 cityplan 的输出，不予覆盖，请用 -o 指定其他文件夹。",
            )
        )


def _put_in_place(fresh: Path, folder: Path) -> None:
    """Rename the finished folder into place; the old one goes only once that worked."""
    if not folder.exists():
        fresh.replace(folder)
        return
    old = fresh.parent / "old"
    folder.replace(old)
    try:
        fresh.replace(folder)
    except OSError:
        old.replace(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
