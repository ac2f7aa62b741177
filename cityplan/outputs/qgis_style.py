"""QGIS styles (QML) with the colours, hatches and marks of every other output.

The elements are those QGIS 3 writes itself: ``renderer-v2`` with symbols, rules
or categories, and ``labeling``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from xml.etree import ElementTree as ET

from matplotlib.colors import to_rgba

from cityplan.outputs.style import (
    INK,
    KIND_HATCHES,
    KIND_MARKERS,
    OUTLINE,
    PAPER,
    ROLES,
    line_look,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cityplan.model.result import Role
    from cityplan.outputs.classes import UnitClass

Shape = Literal["marker", "line", "fill"]

_GEOMETRY_TYPES: dict[Shape, str] = {"marker": "0", "line": "1", "fill": "2"}
_MM_PER_PT = 0.3528
_LINE_WIDTH = 1.5
_BRUSHES = {
    "////": "b_diagonal", "\\\\\\\\": "f_diagonal", "||||": "vertical", "----": "horizontal",
    "++": "cross", "xx": "diagonal_x", "....": "dense6", "oo": "dense5", "..": "dense7",
    "//\\\\": "diagonal_x",
}  # fmt: skip
_MARKERS = {
    "o": "circle", ".": "circle", "X": "cross_fill", "*": "star", "^": "triangle", "s": "square",
    "D": "diamond", "v": "triangle", "P": "cross_fill", "<": "triangle", ">": "triangle",
    "h": "hexagon",
}  # fmt: skip
_ANGLES = {"v": "180", "<": "270", ">": "90", "P": "45"}


def role_style(role: Role, kinds: Sequence[tuple[str, str]], shape: Shape) -> str:
    """Return the style of the shapes of a role.

    Parameters
    ----------
    kinds
        Key and name of each kind, the one drawn the weakest first; with one or
        none all shapes look the same.
    shape
        What the layer holds.
    """
    symbols = [
        _role_symbol(role, rank, max(len(kinds), 1), shape) for rank in range(max(len(kinds), 1))
    ]
    if len(kinds) <= 1:
        return _document(_renderer("singleSymbol", symbols), shape)
    renderer = _renderer("categorizedSymbol", symbols, attr="kind")
    categories = ET.SubElement(renderer, "categories")
    for number, (kind, name) in enumerate(kinds):
        ET.SubElement(
            categories, "category", value=kind, label=name, symbol=str(number), render="true",
            type="string",
        )  # fmt: skip
    return _document(renderer, shape)


def area_style(*, fill: str | None, edge: str, width: float) -> str:
    """Return the style of a plain area, without a fill for None."""
    symbol = _symbol("fill", [_fill(fill or PAPER, 1.0 if fill else 0.0, edge, width, "solid")])
    return _document(_renderer("singleSymbol", [symbol]), "fill")


def class_style(column: str, classes: Sequence[UnitClass]) -> str:
    """Return the style of units by class of a column; breaks are those of the classes."""
    symbols, rules = [], ET.Element("rules", key="units")
    for number, row in enumerate(classes):
        layers = [_fill(row.color, 1.0, OUTLINE, 0.6, "solid")]
        if row.hatch:
            layers.append(_fill(OUTLINE, 1.0, OUTLINE, 0.0, _BRUSHES[row.hatch]))
        symbols.append(_symbol("fill", layers))
        ET.SubElement(
            rules, "rule", key=f"class{number}", filter=_filter(column, row),
            label=" ".join(filter(None, (row.figures, row.label))),
            symbol=str(number),
        )  # fmt: skip
    renderer = _renderer("RuleRenderer", symbols)
    renderer.insert(0, rules)
    return _document(renderer, "fill", label="unit")


def _filter(column: str, row: UnitClass) -> str:
    """Return the expression of a class."""
    if row.low is None and row.high is None:
        return f'"{column}" IS NULL'
    sides = []
    if row.low is not None:
        sides.append(f'"{column}" {">" if row.above else ">="} {row.low!r}')
    if row.high is not None:
        sides.append(f'"{column}" {"<=" if row.above else "<"} {row.high!r}')
    return " AND ".join(sides)


def _role_symbol(role: Role, rank: int, kinds: int, shape: Shape) -> ET.Element:
    style = ROLES[role]
    if shape == "line":
        color, width = line_look(style.edge, style.width * _LINE_WIDTH, rank, kinds)
        layer = {
            "line_color": _rgba(color), "line_width": _mm(width), "line_width_unit": "MM",
            "line_style": "solid", "capstyle": "round", "joinstyle": "round",
        }  # fmt: skip
        return _symbol("line", [("SimpleLine", layer)])
    rank = rank if kinds <= len(KIND_MARKERS) else 0
    if shape == "marker":
        marker = KIND_MARKERS[rank] or style.marker
        layer = {
            "name": _MARKERS[marker], "angle": _ANGLES.get(marker, "0"), "size": "2.6",
            "size_unit": "MM", "color": _rgba(style.fill), "outline_color": _rgba(style.edge),
            "outline_style": "solid", "outline_width": _mm(0.5), "outline_width_unit": "MM",
        }  # fmt: skip
        return _symbol("marker", [("SimpleMarker", layer)])
    layers = [_fill(style.fill, style.opacity, style.edge, style.width, "solid")]
    hatch = KIND_HATCHES[rank] or style.hatch
    if hatch:
        layers.append(_fill(style.edge, 1.0, style.edge, 0.0, _BRUSHES[hatch]))
    return _symbol("fill", layers)


def _fill(
    color: str, opacity: float, edge: str, width: float, brush: str
) -> tuple[str, Mapping[str, str]]:
    return "SimpleFill", {
        "color": _rgba(color, opacity), "style": brush, "outline_color": _rgba(edge),
        "outline_width": _mm(width), "outline_width_unit": "MM",
        "outline_style": "solid" if width else "no", "joinstyle": "round",
    }  # fmt: skip


def _symbol(shape: Shape, layers: Sequence[tuple[str, Mapping[str, str]]]) -> ET.Element:
    symbol = ET.Element("symbol", type=shape, alpha="1", clip_to_extent="1", force_rhr="0")
    for name, options in layers:
        layer = ET.SubElement(symbol, "layer", {
            "class": name, "enabled": "1", "locked": "0", "pass": "0",
        })  # fmt: skip
        table = ET.SubElement(layer, "Option", type="Map")
        for key, value in options.items():
            ET.SubElement(table, "Option", name=key, value=value, type="QString")
    return symbol


def _renderer(kind: str, symbols: Sequence[ET.Element], **attributes: str) -> ET.Element:
    renderer = ET.Element("renderer-v2", {"type": kind, "symbollevels": "0", **attributes})
    group = ET.SubElement(renderer, "symbols")
    for number, symbol in enumerate(symbols):
        symbol.set("name", str(number))
        group.append(symbol)
    return renderer


def _document(renderer: ET.Element, shape: Shape, *, label: str = "") -> str:
    root = ET.Element(
        "qgis", version="3.28.0", styleCategories="Symbology|Labeling",
        labelsEnabled="1" if label else "0",
    )  # fmt: skip
    root.append(renderer)
    if label:
        settings = ET.SubElement(ET.SubElement(root, "labeling", type="simple"), "settings")
        text = ET.SubElement(
            settings, "text-style", fieldName=label, isExpression="0", fontSize="8",
            fontSizeUnit="Point", textColor=_rgba(INK), textOpacity="1",
        )  # fmt: skip
        ET.SubElement(
            text, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM",
            bufferColor=_rgba(PAPER), bufferOpacity="1",
        )  # fmt: skip
        ET.SubElement(settings, "placement", placement="1", placementFlags="10")
        ET.SubElement(settings, "rendering", obstacle="1", fontMinPixelSize="3")
    ET.SubElement(root, "layerGeometryType").text = _GEOMETRY_TYPES[shape]
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(
        root, encoding="unicode"
    )


def _rgba(color: str, opacity: float = 1.0) -> str:
    return ",".join(str(round(channel * 255)) for channel in to_rgba(color, opacity))


def _mm(points: float) -> str:
    return f"{points * _MM_PER_PT:.3f}"
