"""Jinja templates of the pages: everything is escaped, a misspelt name is an error."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from cityplan.outputs.plain_text import harmless
from cityplan.outputs.words import words

if TYPE_CHECKING:
    from jinja2 import Template

    from cityplan.text import Language


def page_template(name: str, lang: Language) -> Template:
    """Return a template that knows the fixed words of ``lang`` as ``w``."""
    html_lang = "zh-CN" if lang == "zh" else "en"
    return _environment().get_template(name, globals={"w": words(lang), "html_lang": html_lang})


def template_text(name: str) -> str:
    """Return a script or style of the templates folder as it stands."""
    source, _, _ = _loader().get_source(_environment(), name)
    return source


def _harmless(value: object) -> object:
    """Clean texts of the data; what is already markup stays as it is."""
    return harmless(value) if type(value) is str else value


@cache
def _loader() -> PackageLoader:
    return PackageLoader("cityplan.outputs", "templates")


@cache
def _environment() -> Environment:
    return Environment(
        loader=_loader(),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
