"""From a study to a report, and from a report to a folder of outputs."""

from __future__ import annotations

import datetime as dt
import platform
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cityplan.analyzers import choose
from cityplan.errors import NothingToMeasureError, UnknownNameError
from cityplan.ledgers import (
    RESULTS,
    day_of,
    ledger_of_document,
    plan_of,
    read_results,
    today,
    with_ledger,
)
from cityplan.model.city import City
from cityplan.model.layers import CATALOGUE
from cityplan.model.report import Report
from cityplan.model.result import Result, Skipped
from cityplan.model.standard import load_standard
from cityplan.model.territories import territory_checks
from cityplan.outputs.results_json import results_document
from cityplan.prepare import Inputs, prepare
from cityplan.sources.study import Study, load_study
from cityplan.stages import Stages
from cityplan.text import Text
from cityplan.writing import write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cityplan.model.analyzer import Analyzer
    from cityplan.model.area import StudyArea
    from cityplan.model.checks import Check
    from cityplan.model.ledger import Ledger
    from cityplan.model.plan import Plan
    from cityplan.outputs.web_map import OfflineMap
    from cityplan.text import Language

NEEDS = {
    "roads": Text(en="public streets for motor traffic", zh="公共机动车道路"),
    "ways": Text(en="public streets or paths to walk on", zh="公共步行道路"),
}
PACKAGES = ("cityplan", "geopandas", "shapely", "pyproj", "osmium", "scipy", "numpy")


class CityReport(Report):
    """A report that can draw and write itself."""

    def map(self) -> OfflineMap:
        """Return the interactive map, a ``folium.Map`` that shows offline."""
        from cityplan.outputs.web_map import build_map

        return build_map(self)

    def explore(self, analyzer: str) -> OfflineMap:
        """Return the map of one analysis alone, a ``folium.Map`` that shows offline.

        Raises
        ------
        UnknownNameError
            No analysis of this report has that name, or it was skipped.
        """
        from cityplan.outputs.web_map import explore

        found = next((result for result in self.results if result.analyzer == analyzer), None)
        if not isinstance(found, Result):
            known = ", ".join(r.analyzer for r in self.results if isinstance(r, Result))
            raise UnknownNameError(
                Text(
                    en=f"There is no result '{analyzer}' to explore; this report has: {known}.",
                    zh=f"没有可查看的结果“{analyzer}”，本报告包含：{known}。",
                )
            )
        return explore(found, self)

    def write(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Write every output into ``folder``; see :func:`write`."""
        return write(self, Path(folder), overwrite=overwrite)


def run(
    study: Study | str | Path,
    *,
    only: Sequence[str] = (),
    lang: Language = "en",
    stages: Stages | None = None,
    cache: Path | None = None,
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
    cache
        Folder where the layers of an extract are kept, so that another run on it,
        with another standard for example, need not read it again.

    Raises
    ------
    CityplanError
        An input is missing or unusable, or there is nothing to measure.
    """
    stages = stages or Stages()
    if not isinstance(study, Study):
        study = load_study(Path(study))
    analyzers, standard = choose(only), load_standard(study.standard)
    plan, reported, checks = plan_of(study, standard)
    inputs = prepare(study, standard, stages=stages, cache=cache)
    area, layers = inputs.area, inputs.layers
    city = City(area, layers, standard)
    results = tuple(_analyze(analyzer, city, stages) for analyzer in analyzers)
    if not any(_has_value(result) for result in results):
        raise NothingToMeasureError(_nothing(results))
    report = CityReport(
        area=area,
        standard=standard,
        lang=study.lang or lang,
        results=results,
        inputs=layers.counts,
        options=study.report.options(),
        checks=(*checks, *_territories(plan, area), *inputs.checks),
        quality=inputs.quality,
        notes=area.notes,
        provenance=_provenance(study, city, stages),
        attribution=inputs.attribution,
    )
    if plan is None:
        return report
    return with_ledger(report, plan, reported, layers, as_of=today())


def check(study: Study | str | Path, *, stages: Stages | None = None) -> Inputs:
    """Read and judge the inputs of a study as a run would, and measure nothing.

    Raises
    ------
    CityplanError
        An input is missing or unusable.
    """
    if not isinstance(study, Study):
        study = load_study(Path(study))
    standard = load_standard(study.standard)
    plan, _, checks = plan_of(study, standard)
    inputs = prepare(study, standard, stages=stages)
    found = (*checks, *_territories(plan, inputs.area), *inputs.checks)
    return replace(inputs, checks=found)


def ledger(
    where: Study | str | Path,
    *,
    plan: str | None = None,
    as_of: dt.date | str | None = None,
    earlier: str | Path | None = None,
) -> Ledger:
    """Say clause by clause of an action plan where a city stands on a day.

    Parameters
    ----------
    where
        An output folder of an earlier run, which is only read; or a study, which is
        measured anew.
    plan
        Id or file of the plan; absent: the one the study names.
    as_of
        The day, such as ``2020-12-31``; absent: today.
    earlier
        Output folder of an earlier run, for the trend.

    Raises
    ------
    CityplanError
        No plan is named, or an input is missing or unusable.
    """
    day = as_of if isinstance(as_of, dt.date) else day_of(as_of)
    before = read_results(Path(earlier)) if earlier is not None else None
    if not isinstance(where, Study) and (Path(where) / RESULTS).is_file():
        document = read_results(Path(where))
    else:
        study = where if isinstance(where, Study) else load_study(Path(where))
        study = study if plan is None else study.model_copy(update={"plan": plan})
        document = results_document(run(study))
    return ledger_of_document(document, plan=plan, as_of=day, earlier=before)


def _territories(plan: Plan | None, area: StudyArea) -> list[Check]:
    return [] if plan is None else territory_checks(plan, area)


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


def _has_value(result: Result | Skipped) -> bool:
    return isinstance(result, Result) and any(m.value is not None for m in result.measures)


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


def _provenance(study: Study, city: City, stages: Stages) -> dict[str, Any]:
    return {
        "cityplan": version("cityplan"),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "crs": city.area.crs.to_string(),
        "standard": city.standard.id,
        "parameters": {key: row.value for key, row in sorted(city.standard.settings.items())},
        "extract": study.osm.path.name if study.osm is not None else None,
        "walk_nodes": city.walk.graph.nodes if city.layers.has("streets") else 0,
        "walk_edges": len(city.walk.graph.u) if city.layers.has("streets") else 0,
        "demand_points": len(city.demand),
        "seconds": stages.seconds,
    }
