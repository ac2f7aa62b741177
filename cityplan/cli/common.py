"""What commands share: languages, errors as sentences, progress, options."""

from __future__ import annotations

import json
import locale
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cityplan.errors import CityplanError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cityplan.stages import Stages
    from cityplan.text import Language, Text

FAILED, SOME_FAILED, GAP, INTERRUPTED = 1, 3, 4, 130
FILE = click.Path(path_type=Path)
LANG = click.option("--lang", type=click.Choice(["zh", "en"]), help="Language of the outputs.")
OUT = click.option("-o", "--output", "out", type=FILE, help="Output folder.")
OVERWRITE = click.option("--overwrite", is_flag=True, help="Replace an earlier output.")
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


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


def names_in(text: str | None) -> list[str]:
    """Return the names of a list separated by commas."""
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def print_json(document: Any) -> None:
    """Print one JSON document to stdout."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=1))
