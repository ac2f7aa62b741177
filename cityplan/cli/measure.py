"""Measure one city: run, demo, check, ledger."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from cityplan.cli.common import (
    FILE,
    GAP,
    JSON,
    LANG,
    OUT,
    OVERWRITE,
    locale_language,
    names_in,
    plain_errors,
    print_json,
    progress,
)

if TYPE_CHECKING:
    from cityplan.pipeline import CityReport
    from cityplan.sources.study import Study
    from cityplan.text import Language


PLAIN_WIDTH = 160  # columns of a table that goes into a file
SAMPLE_EDGE = {
    "en": "Sample city Monaco: everything lies near the edge of the data, so what people reach in "
    "France is unknown and shares are lower bounds.",
    "zh": "示例城市摩纳哥：全境临近数据边缘，境外设施未知，各项覆盖率均为下限。",
}


@click.command()
@click.argument("study", type=FILE)
@OUT
@click.option("--boundary", type=FILE, help="Area to report on.")
@click.option("--built-up", type=FILE, help="Built-up area; else drawn from the data.")
@click.option("--units", type=FILE, help="Reporting units.")
@click.option("--only", help="Analyzers to run, separated by commas.")
@click.option("--standard", help="Standards profile: an id or a file.")
@LANG
@JSON
@OVERWRITE
@click.option("--no-pictures", is_flag=True, help="Draw no map sheets: they take the longest.")
@click.option("--no-coordinates", is_flag=True, help="Leave coordinates out of the gap lists.")
@click.option("--fail-on-gap", is_flag=True, help="Exit 4 when a target is missed.")
def run(  # noqa: PLR0913, PLR0917 - one parameter per option
    study: Path,
    out: Path | None,
    boundary: Path | None,
    built_up: Path | None,
    units: Path | None,
    only: str | None,
    standard: str | None,
    lang: Language | None,
    *,
    as_json: bool,
    overwrite: bool,
    no_coordinates: bool,
    no_pictures: bool,
    fail_on_gap: bool,
) -> None:
    """Measure STUDY: a study file, a folder with one, or an OpenStreetMap extract."""
    with plain_errors(lang or locale_language()):
        from cityplan.sources.study import load_study

        loaded = load_study(
            study, boundary=boundary, built_up=built_up, units=units, standard=standard, lang=lang
        )
        if no_coordinates:
            loaded = loaded.choosing(coordinates=False)
        if no_pictures:
            loaded = loaded.choosing(pictures=False)
        report = _measure_and_write(
            loaded, out, only=names_in(only), overwrite=overwrite, as_json=as_json
        )
        if fail_on_gap and _missed(report):
            sys.exit(GAP)


@click.command()
@OUT
@LANG
@JSON
@OVERWRITE
def demo(out: Path | None, lang: Language | None, *, as_json: bool, overwrite: bool) -> None:
    """Measure the sample city (Monaco), end to end, without any network."""
    with plain_errors(lang or locale_language()):
        from cityplan.sources.study import load_study, sample

        study = load_study(sample(), lang=lang)
        click.echo(SAMPLE_EDGE[lang or locale_language()], err=True)
        _measure_and_write(study, out, only=[], overwrite=overwrite, as_json=as_json)


def _measure_and_write(
    study: Study, out: Path | None, *, only: list[str], overwrite: bool, as_json: bool
) -> CityReport:
    from cityplan.pipeline import run as measure
    from cityplan.writing import check_folder, folder_name, write

    lang = study.lang or locale_language()
    folder = out or Path("cityplan-out") / folder_name(study.name)
    with plain_errors(lang), progress(lang) as stages:
        check_folder(folder, overwrite=overwrite)
        report = measure(study, only=only, lang=lang, stages=stages)
        write(report, folder, overwrite=overwrite, stages=stages)
    if as_json:
        click.echo((folder / "results.json").read_text(encoding="utf-8"))
    _summary(report, folder, lang)
    return report


def _summary(report: CityReport, folder: Path, lang: Language) -> None:
    """Say on stderr what was found and where the outputs lie."""
    from cityplan.outputs.findings import finding

    for result in report.results:
        click.echo(f"{result.title.get(lang)}: {finding(result, report.standard, lang)}", err=True)
    warned = sum(check.severity == "warning" for check in report.checks)
    if warned:
        click.echo(
            {
                "en": f"{warned} warnings about the inputs: see the report, or cityplan check.",
                "zh": f"输入数据有{warned}条警告：详见报告或 cityplan check。",
            }[lang],
            err=True,
        )
    click.echo(f"{folder / 'map.html'}\n{folder / 'report.html'}", err=True)


def _missed(report: CityReport) -> bool:
    from cityplan.model.result import Skipped

    return any(
        measure.verdict == "not_met"
        for result in report.results
        if not isinstance(result, Skipped)
        for measure in result.measures
    )


@click.command()
@click.argument("study", type=FILE)
@LANG
@JSON
def check(study: Path, lang: Language | None, *, as_json: bool) -> None:
    """Read and judge the inputs of STUDY, compute nothing."""
    with plain_errors(lang or locale_language()):
        from cityplan.outputs.input_words import input_document, input_lines
        from cityplan.pipeline import check as judge
        from cityplan.sources.study import load_study

        loaded = load_study(study, lang=lang)
        lang = loaded.lang or locale_language()
        with plain_errors(lang), progress(lang) as stages:
            found = judge(loaded, stages=stages)
        if as_json:
            print_json(input_document(found))
        else:
            click.echo("\n".join(input_lines(found, lang)), err=True)


@click.command()
@click.argument("where", metavar="STUDY|OUT", type=FILE)
@click.option("--plan", help="Action plan: an id or a file.")
@click.option("--as-of", help="The day, such as 2020-12-31; else today.")
@click.option("--earlier", type=FILE, help="Output folder of an earlier run, for the trend.")
@LANG
@JSON
def ledger(
    where: Path,
    plan: str | None,
    as_of: str | None,
    earlier: Path | None,
    lang: Language | None,
    *,
    as_json: bool,
) -> None:
    """Say clause by clause where the city stands: STUDY is measured anew, OUT only read."""
    with plain_errors(lang or locale_language()):
        from rich.console import Console

        from cityplan.ledgers import RESULTS, day_of, ledger_of_document, read_results
        from cityplan.outputs.ledger_table import ledger_summary, terminal_table
        from cityplan.outputs.results_json import ledger_document

        day = day_of(as_of)
        before = read_results(earlier) if earlier is not None else None
        if (where / RESULTS).is_file():
            document = read_results(where)
        else:
            document = _measured_document(where, plan, lang)
        lang = lang or cast("Language", document["study"]["lang"])
        found = ledger_of_document(document, plan=plan, as_of=day, earlier=before)
        if as_json:
            print_json(ledger_document(found))
            return
        console = Console(stderr=True)
        if not console.is_terminal:
            console.width = PLAIN_WIDTH
        console.print(terminal_table(found, lang))
        click.echo(ledger_summary(found, lang), err=True)


def _measured_document(study: Path, plan: str | None, lang: Language | None) -> dict[str, Any]:
    from cityplan.outputs.results_json import results_document
    from cityplan.pipeline import run as measure
    from cityplan.sources.study import load_study

    loaded = load_study(study, plan=plan, lang=lang)
    lang = loaded.lang or locale_language()
    with plain_errors(lang), progress(lang) as stages:
        report = measure(loaded, lang=lang, stages=stages)
    return results_document(report)
