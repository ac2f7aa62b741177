"""Fetch data, and measure many cities."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cityplan.cli.common import (
    FILE,
    JSON,
    LANG,
    SOME_FAILED,
    locale_language,
    names_in,
    plain_errors,
    print_json,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cityplan.sources.osm_online import Watch
    from cityplan.text import Language, Text


KEPT = {
    "en": "What was fetched is kept: the same command goes on from there.",
    "zh": "已下载的部分已保留，再次运行同一命令即可续传。",
}


@contextmanager
def fetch_progress(lang: Language) -> Iterator[Watch]:
    """Show how many tiles are there, on a terminal; waits are told everywhere."""
    from rich.console import Console
    from rich.progress import Progress

    from cityplan.sources.osm_online import Watch

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task({"zh": "下载", "en": "Fetching"}[lang], total=None)

        def tiles(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        def tell(text: Text) -> None:
            if console.is_terminal:
                bar.print(text.get(lang), markup=False)
            else:
                click.echo(text.get(lang), err=True)

        try:
            yield Watch(tiles=tiles, tell=tell)
        except KeyboardInterrupt:
            click.echo(KEPT[lang], err=True)
            raise


@click.command()
@click.argument("place", required=False)
@click.option("--boundary", type=FILE, help="Area to fetch, instead of a PLACE.")
@click.option("-o", "--output", "out", type=FILE, required=True, help="Folder to write.")
@click.option(
    "--margin",
    type=click.FloatRange(0, 50_000),
    default=2_000,
    show_default=True,
    help="Metres beyond the boundary.",
)
@click.option(
    "--overpass-url", envvar="CITYPLAN_OVERPASS_URL", show_envvar=True, help="Server of the data."
)
@click.option(
    "--nominatim-url",
    envvar="CITYPLAN_NOMINATIM_URL",
    show_envvar=True,
    help="Server of place names.",
)
@click.option(
    "--proxy", envvar="CITYPLAN_PROXY", show_envvar=True, help="Proxy for both; else the system's."
)
@LANG
@click.option("--overwrite", is_flag=True, help="Replace an earlier fetch.")
def fetch(  # noqa: PLR0913, PLR0917 - one parameter per option
    place: str | None,
    boundary: Path | None,
    out: Path,
    margin: float,
    overpass_url: str | None,
    nominatim_url: str | None,
    proxy: str | None,
    lang: Language | None,
    *,
    overwrite: bool,
) -> None:
    """Fetch OpenStreetMap data of PLACE, a name or an id such as R3221112, for `cityplan run`."""
    lang = lang or locale_language()
    if (place is None) == (boundary is None):
        raise click.UsageError(
            {
                "zh": "请给出地名或 --boundary 边界文件（二选一）。",
                "en": "Give a place or a boundary file (--boundary), one of the two.",
            }[lang]
        )
    with plain_errors(lang):
        from cityplan.sources.osm_online import Online
        from cityplan.sources.osm_online import fetch as fetch_city

        with fetch_progress(lang) as watch:
            city = fetch_city(
                place,
                boundary=boundary,
                out=out,
                margin_m=margin,
                overwrite=overwrite,
                online=Online(overpass_url=overpass_url, nominatim_url=nominatim_url, proxy=proxy),
                lang=lang,
                watch=watch,
            )
        for line in city.in_language(lang):
            click.echo(line, err=True)


@click.command()
@click.argument("cities", type=FILE)
@click.option("-o", "--output", "out", type=FILE, help="Folder of the batch.")
@click.option("--extract", type=FILE, help="OpenStreetMap extract that all cities share.")
@click.option("--standard", help="Standards profile: an id or a file.")
@click.option("--only", help="Analyzers to run, separated by commas.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; default: one per processor.")
@click.option("--scheduler", help="Dask scheduler: tcp://HOST:PORT, or local.")
@click.option("--cache", type=FILE, help="Folder for what is kept between batches.")
@click.option("--no-pictures", is_flag=True, help="Draw no map sheets: they take the longest.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first city that fails.")
@click.option("-n", "--dry-run", "dry", is_flag=True, help="List cities, time and memory only.")
@LANG
@JSON
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
    no_pictures: bool,
    fail_fast: bool,
    dry: bool,
    as_json: bool,
) -> None:
    """Measure many CITIES: a list (.toml, .csv, .gpkg) or a folder of studies and extracts."""
    spoken = lang or locale_language()
    with plain_errors(spoken):
        from cityplan import batching
        from cityplan.batching.showing import listed, shown_on_stderr, summed_up

        names = names_in(only)
        out = out or Path("cityplan-out") / f"batch-{cities.stem}"
        if standard is not None and standard.endswith(".toml"):
            standard = str(Path(standard).absolute())
        if dry:
            planned = batching.dry_run(
                cities, out, extract=extract, standard=standard, lang=lang, only=names, cache=cache,
                pictures=not no_pictures, jobs=jobs,
            )  # fmt: skip
            if as_json:
                print_json(planned.as_dict())
            else:
                click.echo("\n".join(listed(planned, spoken)), err=True)
            return
        with shown_on_stderr(spoken, lambda line: click.echo(line, err=True)) as shown:
            report = batching.batch(
                cities, out, extract=extract, standard=standard, lang=lang, only=names, jobs=jobs,
                scheduler=scheduler, fail_fast=fail_fast, cache=cache, pictures=not no_pictures,
                shown=shown,
            )  # fmt: skip
        if as_json:
            print_json(list(report.lines))
        click.echo("\n".join(summed_up(report, spoken)), err=True)
        if report.failed:
            sys.exit(SOME_FAILED)
