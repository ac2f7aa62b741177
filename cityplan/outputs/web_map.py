"""The interactive map: ``map.html``, and the same page as a folium map in a notebook."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import folium
from branca.element import Element, Figure
from folium.template import Template

from cityplan.outputs.offline import check_offline, leaflet_script, leaflet_style
from cityplan.outputs.templating import page_template, template_text
from cityplan.outputs.web_page import findings, page_data
from cityplan.outputs.words import word

if TYPE_CHECKING:
    from pathlib import Path

    from cityplan.model.report import Report
    from cityplan.model.result import Result
    from cityplan.outputs.tiles import Tiles
    from cityplan.text import Language

SCRIPTS = (
    "map_text.js", "map_data.js", "map_marks.js", "map_draw.js", "map_canvas.js",
    "map_legend.js", "map_panel.js", "map_overview.js", "map_table.js", "map_search.js",
    "map_popup.js", "map_page.js",
)  # fmt: skip
_DATA = "@@cityplan-data@@"


def write_web_map(report: Report, path: Path, *, tiles: Tiles | None = None) -> None:
    """Write ``map.html``: one file that asks nothing of any network.

    Parameters
    ----------
    tiles
        A background that the page loads while it is shown; none without being asked.

    Raises
    ------
    OutputError
        Something on the page would be loaded from elsewhere.
    """
    data = page_data(report, tiles=tiles)
    shell = page_template("map.html.j2", report.lang).render(
        title=_title(report),
        style=_style(),
        scripts=_scripts(),
        body=_body(report),
        data=_DATA,
        hosts=tiles.hosts if tiles is not None else "",
    )
    check_offline(shell)
    before, _, after = shell.rpartition(_DATA)
    path.write_text(before + data.packed + after, encoding="utf-8", newline="\n")


def build_map(report: Report) -> OfflineMap:
    """Return the report as a folium map that shows offline, in a notebook as well.

    Layers of folium that bring no script of their own may be added to it.
    """
    page = _Page(title=_title(report), lang=report.lang)
    map_ = OfflineMap(report)
    page.add_child(map_)
    _number(page)
    return map_


def explore(result: Result, report: Report) -> OfflineMap:
    """Return one result of a report as a folium map that shows offline."""
    return build_map(dataclasses.replace(report, results=(result,)))


class OfflineMap(folium.Map):
    """A folium map with Leaflet, the shapes and the panel of findings inside."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - folium declares it so
    default_css: list[tuple[str, str]] = []  # noqa: RUF012
    _template = Template(
        """
        {% macro header(this, kwargs) %}
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <style>{{ this.style }}</style>
        <script>{{ this.scripts }}</script>
        {% endmacro %}
        {% macro html(this, kwargs) %}
        {{ this.body }}
        <script type="text/plain" id="cp-data">{{ this.data }}</script>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = cityplan.map();
        {% endmacro %}
        """
    )

    def __init__(self, report: Report) -> None:
        super().__init__(tiles=None, zoom_control=False)
        self.style = _style()
        self.scripts = _scripts()
        self.body = _body(report)
        self.data = page_data(report).packed


class _Page(Figure):
    """The page around the map: language and title set, no links."""

    _template = Template(
        '<!DOCTYPE html>\n<html lang="{{ this.lang }}">\n<head>\n'
        "<title>{{ this.title|e }}</title>\n{{ this.header.render(**kwargs) }}\n</head>\n"
        '<body class="cp-page">\n{{ this.html.render(**kwargs) }}\n'
        "<script>\n{{ this.script.render(**kwargs) }}\ncityplan.start();\n</script>\n</body>\n"
        "</html>\n"
    )

    def __init__(self, *, title: str, lang: Language) -> None:
        super().__init__(title=title, height="720px")
        self.lang = "zh-CN" if lang == "zh" else "en"


def _title(report: Report) -> str:
    return f"{report.area.name} · {word('report', report.lang)}"


def _body(report: Report) -> str:
    """Return the page without its data: places to fill, and the findings in plain words."""
    label = word("map_of", report.lang).format(name=report.area.name)
    return page_template("map_body.html.j2", report.lang).render(
        name=report.area.name, label=label, findings=findings(report), lang=report.lang
    )


def _style() -> str:
    return leaflet_style() + template_text("map.css")


def _scripts() -> str:
    ours = "\n".join(template_text(name) for name in SCRIPTS)
    return f"{leaflet_script()}\n{ours}"


def _number(element: Element) -> None:
    """Give every element a running number for an id, so that pages are the same every time."""
    queue, count = [element], 0
    while queue:
        current = queue.pop(0)
        current._id = f"{count}"  # noqa: SLF001 - folium draws it at random and has no setter
        queue += current._children.values()  # noqa: SLF001
        count += 1
