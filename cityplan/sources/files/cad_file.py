"""DXF drawings: closed lines become polygons, texts and blocks become points."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely

from cityplan.sources.files.faults import LayerInfo, not_installed, pick_layer, sha256_of, unusable
from cityplan.sources.files.raw import RawLayer
from cityplan.sources.layer_source import Source
from cityplan.text import Text

if TYPE_CHECKING:
    from cityplan.spatial.arrays import Geometry

SAGITTA_M = 0.05  # an arc is drawn by straight segments that leave it by no more
METRES, INSUNITS = 6, {
    1: (0.0254, "inches", "英寸"), 2: (0.3048, "feet", "英尺"), 4: (0.001, "millimetres", "毫米"),
    5: (0.01, "centimetres", "厘米"), 6: (1.0, "metres", "米"), 7: (1000.0, "kilometres", "千米"),
}  # fmt: skip
LINEAR = ("LINE", "LWPOLYLINE", "POLYLINE", "ARC", "CIRCLE", "ELLIPSE", "SPLINE")
NO_USE = "drawing entity of a type without use"
FEWEST_OF_LINE, FEWEST_OF_RING = 2, 4


def list_drawing_layers(path: Path, *, what: Text) -> list[LayerInfo]:
    """Return the layers of a drawing that have entities in model space."""
    return _layers(_open(path, what))


def read_drawing(source: Source, *, what: Text) -> RawLayer:
    """Read one layer of a drawing, in the drawing's own coordinates.

    Columns: ``layer``; ``text`` of texts; ``block``, the name of an inserted block;
    ``entity``, the type in the drawing.

    Raises
    ------
    InputFileError
        The file is no DXF, is a DWG, is empty, or ezdxf is not installed.
    StudyError
        There is no such layer, or several and none is named.
    """
    path = Path(source.path)
    drawing = _open(path, what)
    layers = _layers(drawing)
    position, notes = pick_layer(layers, source.layer, what, path)
    name = layers[position].name
    metres, unit_note = _unit(drawing, path.name)
    rows: list[dict[str, Any]] = []
    rejected: Counter[str] = Counter()
    for entity in drawing.modelspace():
        if entity.dxf.layer != name:
            continue
        shapes = list(_shapes(entity, SAGITTA_M / metres))
        if not shapes:
            rejected[entity.dxftype()] += 1
        rows += [{**_attributes(entity), "geometry": shape} for shape in shapes]
    if not rows:
        raise unusable(
            what, path,
            Text(
                en=f"has nothing usable in layer '{name}': lines, areas, points, texts or blocks",
                zh=f"的图层“{name}”中没有可用的线、面、点、文字或图块",
            ),
        )  # fmt: skip
    return RawLayer(
        frame=gpd.GeoDataFrame(rows, geometry="geometry"),
        source=f"{path.name}: {name}",
        sha256=sha256_of([path]),
        encoding=str(drawing.encoding),
        notes=(*notes, unit_note, *_rejected_note(rejected, path.name)),
        rejected={NO_USE: rejected.total()} if rejected else {},
    )


def _open(path: Path, what: Text) -> Any:
    if path.suffix.lower() == ".dwg":
        raise unusable(
            what, path,
            Text(en="is a DWG, whose format is secret: save it as DXF in the CAD program",
                 zh="是 DWG 格式，无法直接读取，请在 CAD 软件中另存为 DXF"),
        )  # fmt: skip
    try:
        from ezdxf import recover  # noqa: PLC0415 - an extra that not everybody installs
        from ezdxf.filemanagement import readfile  # noqa: PLC0415
        from ezdxf.lldxf.const import DXFError  # noqa: PLC0415
    except ImportError:
        raise not_installed(what, path, "cad") from None
    try:
        try:
            return readfile(path)
        except DXFError:
            return recover.readfile(path)[0]
    except (DXFError, OSError, ValueError, LookupError, AttributeError, TypeError):
        raise unusable(
            what, path,
            Text(en="is no readable DXF: save it again as DXF 2010 or newer",
                 zh="不是可读取的 DXF，请重新另存为 DXF（2010 或更高版本）"),
        ) from None  # fmt: skip


def _layers(drawing: Any) -> list[LayerInfo]:
    types: dict[str, Counter[str]] = {}
    for entity in drawing.modelspace():
        types.setdefault(entity.dxf.layer, Counter())[entity.dxftype()] += 1
    return [
        LayerInfo(name, ", ".join(kind for kind, _ in found.most_common(3)), found.total())
        for name, found in sorted(types.items())
    ]


def _unit(drawing: Any, file: str) -> tuple[float, Text]:
    """Return the metres in a unit of the drawing, and what the header says of it."""
    code = drawing.units
    metres, en, zh = INSUNITS.get(code, INSUNITS[METRES])
    if code not in INSUNITS:
        return metres, Text(
            en=f"The header of '{file}' states no unit: its coordinates are taken as they are.",
            zh=f"“{file}”文件头未声明单位，坐标按原值读取。",
        )
    return metres, Text(
        en=f"The header of '{file}' states {en} as its unit; coordinates are as drawn.",
        zh=f"“{file}”文件头声明的单位为{zh}，坐标按原值读取。",
    )


def _rejected_note(rejected: Counter[str], file: str) -> tuple[Text, ...]:
    if not rejected:
        return ()
    types = [f"{kind} ({count})" for kind, count in sorted(rejected.items())]
    return (
        Text(
            en=f"Entities of '{file}' that are no lines, areas, points, texts or blocks were left "
            f"out: {', '.join(types)}.",
            zh=f"“{file}”中非线、面、点、文字、图块的实体未采用：{'、'.join(types)}。",
        ),
    )


def _attributes(entity: Any) -> dict[str, str | None]:
    kind = entity.dxftype()
    text = None
    if kind == "TEXT":
        text = entity.plain_text()
    elif kind == "MTEXT":
        text = entity.plain_text(split=False)
    return {
        "layer": entity.dxf.layer,
        "text": text,
        "block": entity.dxf.name if kind == "INSERT" else None,
        "entity": kind,
    }


def _shapes(entity: Any, sagitta: float) -> Iterator[Geometry]:
    """Return the geometry of an entity; nothing where it has none that is of use."""
    kind = entity.dxftype()
    if kind in ("TEXT", "MTEXT", "INSERT", "POINT"):
        place = entity.dxf.location if kind == "POINT" else entity.dxf.insert
        yield from _finite([shapely.Point(place.x, place.y)])
    elif kind == "HATCH":
        yield from _finite(_hatch(entity, sagitta))
    elif kind in LINEAR:
        yield from _finite(_linear(entity, sagitta))


def _finite(shapes: Iterable[Geometry]) -> Iterator[Geometry]:
    for shape in shapes:
        if not shape.is_empty and all(math.isfinite(bound) for bound in shape.bounds):
            yield shape


def _points(path: Any, sagitta: float) -> list[tuple[float, float]]:
    return [(point.x, point.y) for point in path.flattening(sagitta)]


def _linear(entity: Any, sagitta: float) -> Iterator[Geometry]:
    from ezdxf.path import make_path  # noqa: PLC0415

    try:
        path = make_path(entity)
    except (TypeError, ValueError, ZeroDivisionError):
        return
    points = _points(path, sagitta)
    if path.is_closed and len(points) >= FEWEST_OF_RING:
        yield shapely.Polygon(points)
    elif len(points) >= FEWEST_OF_LINE:
        yield shapely.LineString(points)


def _hatch(entity: Any, sagitta: float) -> Iterator[Geometry]:
    """Return the area of a hatch: what an odd number of its outlines surround."""
    from ezdxf.path import from_hatch  # noqa: PLC0415

    area: Geometry = shapely.Polygon()
    for path in from_hatch(entity):
        points = _points(path, sagitta)
        if len(points) >= FEWEST_OF_RING - 1:
            outline = shapely.make_valid(
                shapely.Polygon(points), method="structure", keep_collapsed=False
            )
            area = shapely.symmetric_difference(area, outline)
    yield area
