"""The interactive map: a folium map that needs no network, alone or in a notebook."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import folium
import geopandas as gpd
from branca.element import Element, Figure, MacroElement
from folium.template import Template
from folium.utilities import JsCode

from cityplan.outputs.facts import built_up_words, study_notes, study_sentence
from cityplan.outputs.offline import check_offline, leaflet_script, leaflet_style
from cityplan.outputs.style import BUILT_UP, INK, OUTLINE, PAPER
from cityplan.outputs.templating import page_template, template_text
from cityplan.outputs.web_analysis import Analysis, Layer, Look, analyses
from cityplan.outputs.web_data import collection, packed
from cityplan.outputs.words import word

if TYPE_CHECKING:
    from pathlib import Path

    from shapely import MultiPolygon, Polygon

    from cityplan.model.report import Report
    from cityplan.text import Language

_UNIT_LOOK = Look(color=OUTLINE, weight=1.2, dash="", fill=PAPER, opacity=0.0, radius=0.0)
# The shapes come packed, with the panel's script, and are added when the page opens.
_EMPTY: dict[str, Any] = {"type": "FeatureCollection", "features": []}


def build_map(report: Report) -> OfflineMap:
    """Return the report as a folium map that shows offline, in a notebook as well.

    Layers of folium that bring no script of their own may be added to it.
    """
    lang = report.lang
    views = analyses(report)
    page = _Page(title=f"{report.area.name} · {word('report', lang)}", lang=lang)
    map_ = OfflineMap(
        panel=_panel(report, views),
        label=word("map_of", lang).format(name=report.area.name),
    )
    page.add_child(map_)
    ground = _ground(report)
    for layer in ground:
        map_.add_child(layer)
    groups = [_add_analysis(map_, view, shown=number == 0) for number, view in enumerate(views)]
    map_.add_child(_Controls(report, views, groups, ground[:-1]))
    map_.fit_bounds(_bounds(report))
    _number(page)
    return map_


def write_web_map(report: Report, path: Path) -> None:
    """Write ``map.html``: one file that asks nothing of any network.

    Raises
    ------
    OutputError
        Something on the page would be loaded from elsewhere.
    """
    html = build_map(report).get_root().render()
    check_offline(html)
    path.write_text(html, encoding="utf-8", newline="\n")


class OfflineMap(folium.Map):
    """A folium map with Leaflet inside and a panel of findings beside it."""

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
        {{ this.panel }}
        <main id="map" class="cp-map"><div id="{{ this.get_name() }}" class="folium-map"
          role="region" tabindex="0" aria-label="{{ this.label|e }}"></div></main>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.map("{{ this.get_name() }}", {
            center: {{ this.location|tojson }}, crs: L.CRS.{{ this.crs }},
            ...{{ this.options|tojavascript }}
        });
        {% endmacro %}
        """
    )

    def __init__(self, *, panel: str, label: str) -> None:
        super().__init__(tiles=None, prefer_canvas=True, zoom_control=False, max_zoom=20)
        self.options |= {"zoom_control": False, "max_zoom": 20, "zoom_snap": 0.25}
        self.panel = panel
        self.label = label
        self.style = leaflet_style() + template_text("map.css")
        self.scripts = leaflet_script() + "\n" + template_text("map.js")


class _Page(Figure):
    """The page around the map: language and title set, no links."""

    _template = Template(
        '<!DOCTYPE html>\n<html lang="{{ this.lang }}">\n<head>\n'
        "<title>{{ this.title|e }}</title>\n{{ this.header.render(**kwargs) }}\n</head>\n"
        '<body class="cp-page">\n{{ this.html.render(**kwargs) }}\n'
        "<script>\n{{ this.script.render(**kwargs) }}\n</script>\n</body>\n</html>\n"
    )

    def __init__(self, *, title: str, lang: Language) -> None:
        super().__init__(title=title, height="640px")
        self.lang = "zh-CN" if lang == "zh" else "en"


class _Controls(MacroElement):
    """Ties the panel to the layers once all of them exist."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        cityplan.start({{ this._parent.get_name() }}, "{{ this.data }}", [
        {%- for layer in this.ground %}{{ layer.get_name() }}, {% endfor -%}
        ], [
        {%- for group, layers in this.groups %}
            {group: {{ group.get_name() }}, layers: [
            {%- for layer, config in layers %}
                Object.assign({layer: {{ layer.get_name() }}}, {{ config|tojson }}),
            {%- endfor %}
            ]},
        {%- endfor %}
        ], {{ this.words|tojson }});
        {% endmacro %}
        """
    )

    def __init__(
        self,
        report: Report,
        views: list[Analysis],
        groups: list[tuple[folium.FeatureGroup, list[folium.GeoJson]]],
        ground: list[folium.GeoJson],
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Controls"
        self.ground = ground
        self.groups = [
            (group, list(zip(layers, (layer.popup for layer in view.layers), strict=True)))
            for view, (group, layers) in zip(views, groups, strict=True)
        ]
        self.data = packed([layer.collection for view in views for layer in view.layers])
        keys = ("zoom_in", "zoom_out", "close", "old_browser")
        self.words = {key: word(key, report.lang) for key in keys} | {
            "attribution": " | ".join(report.attribution)
        }


def _panel(report: Report, views: list[Analysis]) -> str:
    """Return the header and the panel of findings, legend and worst places."""
    lang = report.lang
    return page_template("map_panel.html.j2", lang).render(
        report=report,
        analyses=views,
        subtitle=study_sentence(report, lang),
        built_up_words=built_up_words(report, lang),
        notes=[note.get(lang) for note in study_notes(report)],
        unit_look=_UNIT_LOOK,
        built_up=BUILT_UP,
        ink=INK,
        outline=OUTLINE,
    )


def _ground(report: Report) -> list[folium.GeoJson]:
    """Return the ground from below: land, built-up area, boundary line; without pop-ups."""
    area = report.area

    def layer(shape: Polygon | MultiPolygon, style: dict[str, Any]) -> folium.GeoJson:
        frame = gpd.GeoDataFrame(geometry=[shape], crs=area.crs)
        frame = frame.set_geometry(frame.geometry.simplify(1.0))
        return folium.GeoJson(
            collection(frame, [{}]), control=False, interactive=False, style=style
        )

    ground = {"stroke": False, "fill_color": BUILT_UP, "fill_opacity": 1}
    edge = {"color": INK, "weight": 2, "fill": False}
    return [
        layer(area.boundary, {"stroke": False, "fill_color": PAPER, "fill_opacity": 1}),
        layer(area.built_up.geometry, ground),
        layer(area.boundary, edge),
    ]


def _add_analysis(
    map_: OfflineMap, view: Analysis, *, shown: bool
) -> tuple[folium.FeatureGroup, list[folium.GeoJson]]:
    group = folium.FeatureGroup(name=view.title, show=shown, control=False)
    map_.add_child(group)
    layers = [_geo_json(layer) for layer in view.layers]
    for layer in layers:
        group.add_child(layer)
    return group, layers


def _geo_json(layer: Layer) -> folium.GeoJson:
    """Return the still empty layer with its style."""
    if layer.look is None:
        palette = json.dumps([unit_class.color for unit_class in layer.classes])
        style = JsCode(
            f"function (feature) {{ return {{color: '{OUTLINE}', weight: 1.2, fillOpacity: 0.65, "
            f"fillColor: {palette}[feature.properties.c]}}; }}"
        )
        return folium.GeoJson(_EMPTY, name=layer.title, control=False, style=style)
    path = {
        "color": layer.look.color,
        "weight": layer.look.weight,
        "dashArray": layer.look.dash or None,
        "fillColor": layer.look.fill,
        "fillOpacity": layer.look.opacity,
        "radius": layer.look.radius,
    }
    to_point = f"function (feature, place) {{ return L.circleMarker(place, {json.dumps(path)}); }}"
    return folium.GeoJson(
        _EMPTY, name=layer.title, control=False, style=path, point_to_layer=JsCode(to_point)
    )


def _bounds(report: Report) -> list[list[float]]:
    boundary = gpd.GeoSeries([report.area.boundary], crs=report.area.crs).to_crs("EPSG:4326")
    west, south, east, north = boundary.total_bounds.tolist()
    return [[south, west], [north, east]]


def _number(element: Element) -> None:
    """Give every element a running number for an id, so that pages are the same every time."""
    queue, count = [element], 0
    while queue:
        current = queue.pop(0)
        current._id = f"{count}"  # noqa: SLF001 - folium draws it at random and has no setter
        queue += current._children.values()  # noqa: SLF001
        count += 1
