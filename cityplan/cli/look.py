"""Look at a file, a standard or the analyzers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click

from cityplan.cli.common import JSON, LANG, locale_language, plain_errors, print_json

if TYPE_CHECKING:
    from cityplan.text import Language


@click.command()
@click.argument("file", type=click.Path())
@LANG
@JSON
def inspect(file: str, lang: Language | None, *, as_json: bool) -> None:
    """Say what FILE holds: layers, CRS, encoding, fields, and a ready block for a study file."""
    lang = lang or locale_language()
    with plain_errors(lang):
        from cityplan.sources.inspect import inspect as look

        found = look(file, lang=lang)
        if as_json:
            print_json(found.as_dict())
        else:
            click.echo(found.in_language(lang), err=True)


@click.command()
@click.argument("name", required=False)
@LANG
@JSON
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


@click.command()
@click.option("--standard", default="cn-action-plan", help="Profile the measures depend on.")
@LANG
@JSON
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
            print_json(rows)
            return
        for row in rows:
            click.echo(f"{row['analyzer']}  {row['title']}", err=True)
            for measure in cast("tuple[str, ...]", row["measures"]):
                click.echo(f"    {measure}", err=True)


def _table(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo("  ".join(str(value) for value in row.values()), err=True)
