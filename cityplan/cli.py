"""The command line: words to calls, errors to sentences and exit codes."""

from __future__ import annotations

import json
import locale
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from cityplan.errors import CityplanError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cityplan.pipeline import CityReport
    from cityplan.sources.study import Study
    from cityplan.stages import Stages
    from cityplan.text import Language, Text

FAILED, SOME_FAILED, GAP, INTERRUPTED = 1, 3, 4, 130
FILE = click.Path(path_type=Path)
SAMPLE_EDGE = {
    "en": "Sample city Monaco: everything lies near the edge of the data, so what people reach in "
    "France is unknown and shares are lower bounds.",
    "zh": "示例城市摩纳哥：全境临近数据边缘，境外设施未知，各项覆盖率均为下限。",
}


def locale_language() -> Language:
    """Return zh where the user's locale is Chinese, else en."""
    named = next(
        (os.environ[k] for k in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(k)), ""
    )
    if not named:
        named = locale.getlocale()[0] or ""
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"


@contextmanager
def plain_errors(lang: Language) -> Iterator[None]:
    """Turn what goes wrong into one sentence on stderr and an exit code."""
    try:
        yield
    except CityplanError as error:
        click.echo(error.in_language(lang), err=True)
        sys.exit(FAILED)
    except KeyboardInterrupt:
        click.echo({"zh": "已中断。", "en": "Interrupted."}[lang], err=True)
        sys.exit(INTERRUPTED)
    except MemoryError:
        click.echo(
            {
                "zh": "内存不足：请提供边界以缩小范围，或换用内存更大的机器。",
                "en": "Not enough memory: give a boundary to narrow the area, or use a larger machine.",
            }[lang],
            err=True,
        )
        sys.exit(FAILED)


@contextmanager
def progress(lang: Language) -> Iterator[Stages]:
    """Show the running stage on a terminal, nothing elsewhere."""
    from rich.console import Console

    from cityplan.stages import Stages

    console = Console(stderr=True)
    if not console.is_terminal:
        yield Stages()
        return
    with console.status("") as status:

        def show(title: Text) -> None:
            status.update(title.get(lang))

        yield Stages(listener=show)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "CITYPLAN"}
)
@click.version_option(package_name="cityplan", message="%(prog)s %(version)s")
def main() -> None:
    """Measure a city against its plan: what is met, what is missed, where, by how much."""


_LANG = click.option("--lang", type=click.Choice(["zh", "en"]), help="Language of the outputs.")
_OUT = click.option("-o", "--output", "out", type=FILE, help="Output folder.")
_OVERWRITE = click.option("--overwrite", is_flag=True, help="Replace an earlier output.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print results.json to stdout.")


@main.command()
@click.argument("study", type=FILE)
@_OUT
@click.option("--boundary", type=FILE, help="Area to report on.")
@click.option("--built-up", type=FILE, help="Built-up area; else drawn from the data.")
@click.option("--units", type=FILE, help="Reporting units.")
@click.option("--only", help="Analyzers to run, separated by commas.")
@click.option("--standard", help="Standards profile: an id or a file.")
@_LANG
@_JSON
@_OVERWRITE
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
    fail_on_gap: bool,
) -> None:
    """Measure STUDY: a study file, a folder with one, or an OpenStreetMap extract."""
    with plain_errors(lang or locale_language()):
        from cityplan.sources.study import load_study

        loaded = load_study(
            study, boundary=boundary, built_up=built_up, units=units, standard=standard, lang=lang
        )
        names = [name.strip() for name in (only or "").split(",") if name.strip()]
        report = _measure_and_write(loaded, out, only=names, overwrite=overwrite, as_json=as_json)
        if fail_on_gap and _missed(report):
            sys.exit(GAP)


@main.command()
@_OUT
@_LANG
@_JSON
@_OVERWRITE
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
    check_folder(folder, overwrite=overwrite)
    with progress(lang) as stages:
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
    click.echo(f"{folder / 'map.html'}\n{folder / 'report.html'}", err=True)


def _missed(report: CityReport) -> bool:
    from cityplan.model.result import Skipped

    return any(
        measure.verdict == "not_met"
        for result in report.results
        if not isinstance(result, Skipped)
        for measure in result.measures
    )


@main.command()
@click.argument("cities", type=FILE)
@click.option("-o", "--output", "out", type=FILE, help="Folder of the batch.")
@click.option("--extract", type=FILE, help="OpenStreetMap extract that all cities share.")
@click.option("--standard", help="Standards profile: an id or a file.")
@click.option("--only", help="Analyzers to run, separated by commas.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; default: one per processor.")
@click.option("--scheduler", help="Dask scheduler: tcp://HOST:PORT, or local.")
@click.option("--cache", type=FILE, help="Folder for what is kept between batches.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first city that fails.")
@click.option("-n", "--dry-run", "dry", is_flag=True, help="List cities, time and memory only.")
@_LANG
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def batch(  # noqa: PLR0913, PLR0917 - one parameter per option
    cities: Path,
    out: Path | None,
    extract: Path | None,
    standard: str | None,
    only: str | None,
    jobs: int | None,
    scheduler: str | None,
    cache: Path | None,
    lang: Language | None,
    *,
    fail_fast: bool,
    dry: bool,
    as_json: bool,
) -> None:
    """Measure many CITIES: a list (.toml, .csv, .gpkg) or a folder of studies and extracts."""
    spoken = lang or locale_language()
    with plain_errors(spoken):
        from cityplan import batching
        from cityplan.batching.showing import listed, shown_on_stderr, summed_up

        names = [name.strip() for name in (only or "").split(",") if name.strip()]
        out = out or Path("cityplan-out") / f"batch-{cities.stem}"
        if standard is not None and standard.endswith(".toml"):
            standard = str(Path(standard).absolute())
        if dry:
            planned = batching.dry_run(
                cities, out, extract=extract, standard=standard, lang=lang, only=names, cache=cache,
                jobs=jobs,
            )  # fmt: skip
            if as_json:
                click.echo(json.dumps(planned.as_dict(), ensure_ascii=False, indent=1))
            else:
                click.echo("\n".join(listed(planned, spoken)), err=True)
            return
        with shown_on_stderr(spoken, lambda line: click.echo(line, err=True)) as shown:
            report = batching.batch(
                cities, out, extract=extract, standard=standard, lang=lang, only=names, jobs=jobs,
                scheduler=scheduler, fail_fast=fail_fast, cache=cache, shown=shown,
            )  # fmt: skip
        if as_json:
            click.echo(json.dumps(list(report.lines), ensure_ascii=False, indent=1))
        click.echo("\n".join(summed_up(report, spoken)), err=True)
        if report.failed:
            sys.exit(SOME_FAILED)


@main.command()
@click.argument("study", type=FILE)
@_LANG
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def check(study: Path, lang: Language | None, *, as_json: bool) -> None:
    """Read and judge the inputs of STUDY, compute nothing."""
    with plain_errors(lang or locale_language()):
        from cityplan.outputs.input_words import input_document, input_lines
        from cityplan.pipeline import check as judge
        from cityplan.sources.study import load_study

        loaded = load_study(study, lang=lang)
        lang = loaded.lang or locale_language()
        with progress(lang) as stages:
            found = judge(loaded, stages=stages)
        if as_json:
            click.echo(json.dumps(input_document(found), ensure_ascii=False, indent=1))
        else:
            click.echo("\n".join(input_lines(found, lang)), err=True)


@main.command()
@click.argument("file", type=click.Path())
@_LANG
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def inspect(file: str, lang: Language | None, *, as_json: bool) -> None:
    """Say what FILE holds: layers, CRS, encoding, fields, and a ready block for a study file."""
    lang = lang or locale_language()
    with plain_errors(lang):
        from cityplan.sources.inspect import inspect_file

        found = inspect_file(file, lang=lang)
        if as_json:
            click.echo(json.dumps(found.as_dict(), ensure_ascii=False, indent=1))
        else:
            click.echo(found.in_language(lang), err=True)


@main.command()
@click.argument("name", required=False)
@_LANG
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def standards(name: str | None, lang: Language | None, *, as_json: bool) -> None:
    """List the standards profiles, or the figures of one."""
    lang = lang or locale_language()
    with plain_errors(lang):
        from cityplan.model.standard import available_standards, load_standard

        if name is None:
            rows: list[Any] = [
                {"id": key, "title": load_standard(key).title.get(lang)}
                for key in available_standards()
            ]
        else:
            standard = load_standard(name)
            rows = [
                {
                    "measure": target.measure,
                    "figure": f"{target.operator} {target.floor:g}",
                    "kind": target.kind,
                    "source": target.source,
                    "clause": target.clause,
                    "confidence": target.confidence,
                }
                for target in standard.targets.values()
            ]
        _table(rows, as_json=as_json)


@main.command()
@click.option("--standard", default="cn-action-plan", help="Profile the measures depend on.")
@_LANG
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def analyzers(standard: str, lang: Language | None, *, as_json: bool) -> None:
    """List the analyzers and the measures each gives."""
    lang = lang or locale_language()
    with plain_errors(lang):
        from cityplan.analyzers import all_analyzers
        from cityplan.model.standard import load_standard

        profile = load_standard(standard)
        rows = [
            {"analyzer": name, "title": item.title.get(lang), "measures": item.measure_ids(profile)}
            for name, item in all_analyzers().items()
        ]
        if as_json:
            click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
            return
        for row in rows:
            click.echo(f"{row['analyzer']}  {row['title']}", err=True)
            for measure in cast("tuple[str, ...]", row["measures"]):
                click.echo(f"    {measure}", err=True)


def _table(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        click.echo("  ".join(str(value) for value in row.values()), err=True)
