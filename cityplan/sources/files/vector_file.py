"""Files that GDAL reads, and GeoParquet."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import pyogrio
import shapely
from pyogrio.errors import CRSError, DataLayerError, DataSourceError

from cityplan.sources.files import mapinfo
from cityplan.sources.files.encoding import LATIN1
from cityplan.sources.files.faults import LayerInfo, pick_layer, sha256_of, unusable
from cityplan.sources.files.places import Place, places_of
from cityplan.sources.files.raw import RawLayer
from cityplan.sources.files.shapefile import sidecars_of, text_of_shapefile, with_encoding
from cityplan.sources.files.xml_records import refuse_document_type
from cityplan.sources.layer_source import Source
from cityplan.text import Text

SUFFIXES = (".gpkg", ".shp", ".geojson", ".json", ".fgb", ".gdb", ".kml", *mapinfo.SUFFIXES)
ONE_LAYER = (".shp", ".geojson", ".json", ".fgb", *mapinfo.SUFFIXES)
SHOWN_WARNINGS = 5
LONGEST_REASON = 200

# How a file begins that is what its name says. GDAL itself would go by the
# content alone, and open recipes that fetch other files from disk or network.
_MAGIC = {
    ".gpkg": (b"SQLite format 3\0",),
    ".shp": (b"\x00\x00\x27\x0a",),
    ".geojson": (b"{", b"["),
    ".json": (b"{", b"["),
    ".fgb": (b"fgb",),
    ".kml": (b"<",),
    ".tab": (b"!table", b"!Table", b"!TABLE"),
    ".mif": (b"Version", b"VERSION", b"version"),
}
_RECIPES = (b"gdal_streamed_alg", b"OGRVRT")
_REPEATED_IDS = "Several features with id"
_HEAD_BYTES = 2**16
_FAILURES = (
    CRSError, DataLayerError, DataSourceError, RuntimeError, ValueError, OSError, IndexError,
    shapely.GEOSException,
)  # fmt: skip


class _Layer(NamedTuple):
    info: LayerInfo
    place: Place
    gdal_name: str


def list_vector_layers(path: Path, *, what: Text) -> list[LayerInfo]:
    """Return the layers of a file, a folder ``.gdb`` or an archive."""
    places, _ = places_of(path, SUFFIXES, what)
    return [layer.info for layer in _layers(places, path, what)]


def read_vector(source: Source, *, what: Text) -> RawLayer:
    """Read one layer; arcs become straight segments.

    Raises
    ------
    InputFileError
        The file is damaged, incomplete, empty or not what its name says.
    StudyError
        The layer is not in it, or is one of several.
    """
    path = Path(source.path)
    places, notes = places_of(path, SUFFIXES, what)
    single = len(places) == 1 and places[0].name.suffix.lower() in ONE_LAYER
    if single and source.layer in (None, places[0].name.stem, str(places[0].name)):
        chosen = _Layer(LayerInfo(places[0].name.stem, "", 0), places[0], "")
    else:
        layers = _layers(places, path, what)
        position, why = pick_layer([layer.info for layer in layers], source.layer, what, path)
        chosen, notes = layers[position], notes + why
    frame, encoding, more = _read(chosen, source, path, what)
    if len(frame) == 0:
        raise unusable(
            what, path, Text(en="holds no features: export it again", zh="没有任何要素，请重新导出")
        )
    name = path.name if single else f"{path.name}: {chosen.info.name}"
    files = sidecars_of(path) if path.suffix.lower() == ".shp" else [path]
    if path.suffix.lower() in mapinfo.SUFFIXES:
        files = mapinfo.files_of(path)
    return RawLayer(
        frame=frame,
        source=name,
        sha256=sha256_of(files),
        encoding=encoding,
        notes=notes + more,
    )


def _layers(places: list[Place], path: Path, what: Text) -> list[_Layer]:
    """Return the layers of all data sets; names that repeat get their folder in front."""
    found: list[_Layer] = []
    for place in places:
        shapefile = _check(place, path, what)
        with _gdal(what, path):
            for gdal_name, geometry in pyogrio.list_layers(place.address):
                info = pyogrio.read_info(
                    place.address,
                    layer=gdal_name,
                    encoding=LATIN1 if shapefile or _is_mapinfo(place) else None,
                    force_feature_count=True,
                )
                name = place.name.stem if place.name.suffix.lower() in ONE_LAYER else gdal_name
                layer = LayerInfo(str(name), str(geometry or ""), int(info["features"]))
                found.append(_Layer(layer, place, str(gdal_name)))
    names = [layer.info.name for layer in found]
    return [
        layer
        if names.count(layer.info.name) == 1
        else layer._replace(
            info=layer.info._replace(name=f"{layer.place.name.with_suffix('')}/{layer.info.name}")
        )
        for layer in found
    ]


def _read(
    layer: _Layer, source: Source, path: Path, what: Text
) -> tuple[gpd.GeoDataFrame, str, tuple[Text, ...]]:
    """Return the rows, the encoding of their text, and what there is to say about it."""
    place = layer.place
    shapefile = _check(place, path, what)
    choice = text_of_shapefile(place, source.encoding, what, path) if shapefile else None
    raw = _is_mapinfo(place) and not mapinfo.says_charset(place)
    with _gdal(what, path) as said:
        frame = _rows(layer, latin1=shapefile or raw, arrow=not raw)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise unusable(
            what, path,
            Text(
                en="is a table without geometry: give a layer with geometry, or its columns of "
                "coordinates in a CSV",
                zh="是没有几何的表格，请提供含几何的图层，或导出为含坐标列的 CSV",
            ),
        )  # fmt: skip
    notes = tuple(_as_note(text, path.name) for text in said)
    if raw:
        choice = mapinfo.text_of_mapinfo(frame, source.encoding, path.name)
    if choice is None:
        return frame, "", notes
    frame, unread = with_encoding(frame, choice.encoding, path.name)
    return frame, choice.encoding, choice.notes + unread + notes


def _is_mapinfo(place: Place) -> bool:
    return place.name.suffix.lower() in mapinfo.SUFFIXES


def _rows(layer: _Layer, *, latin1: bool, arrow: bool) -> Any:
    """Return the rows by way of Arrow, which is twice as fast but cannot straighten arcs."""
    read = functools.partial(
        pyogrio.read_dataframe,
        layer.place.address,
        layer=layer.gdal_name or None,
        encoding=LATIN1 if latin1 else None,
        on_invalid="warn",
    )
    try:
        return read(use_arrow=arrow)
    except NotImplementedError:
        return read(use_arrow=False)


def _check(place: Place, path: Path, what: Text) -> bool:
    """Refuse what is not what its name says; return whether it is a Shapefile."""
    suffix = place.name.suffix.lower()
    head = _head(place)
    if (head is None) != (suffix == ".gdb"):
        raise unusable(
            what, path,
            Text(en=f"is no {suffix}: of these, .gdb is a folder and all others are files",
                 zh=f"不是 {suffix} 数据（仅 .gdb 为文件夹，其余均为文件）"),
        )  # fmt: skip
    if head is None:
        return False
    if not head:
        raise unusable(what, path, Text(en="is empty: copy it again", zh="是空文件，请重新复制"))
    begin = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x1e")
    if suffix != ".kml" and not begin.startswith(_MAGIC[suffix]):
        raise unusable(
            what, path,
            Text(en=f"is no {suffix} file, whatever its name says: give a GeoPackage, GeoJSON or Shapefile",
                 zh=f"内容不是 {suffix} 格式，请提供 GeoPackage、GeoJSON 或 Shapefile"),
        )  # fmt: skip
    if any(recipe in head for recipe in _RECIPES):
        raise unusable(
            what, path,
            Text(en="is a recipe for GDAL, not data: export the data itself",
                 zh="是 GDAL 处理配方而非数据，请导出数据本身"),
        )  # fmt: skip
    if suffix == ".kml":
        again = place.open()
        if again is not None:
            with again:
                refuse_document_type(again, what, path)
    return suffix == ".shp"


def _head(place: Place) -> bytes | None:
    """Return how a file begins; None for a folder."""
    stream = place.open()
    if stream is None:
        return None
    with stream:
        return stream.read(_HEAD_BYTES)


@contextmanager
def _gdal(what: Text, path: Path) -> Iterator[list[str]]:
    """Collect GDAL's warnings; turn its errors into ours."""
    said: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield said
        except _FAILURES as error:
            reason = " ".join(str(error).split())[:LONGEST_REASON].rstrip(".")
            raise unusable(
                what, path,
                Text(
                    en="cannot be read as map data: give a GeoPackage, GeoJSON or Shapefile "
                    f"(GDAL: {reason})",
                    zh=f"无法按矢量数据读取，请提供 GeoPackage、GeoJSON 或 Shapefile（GDAL：{reason}）",
                ),
            ) from None  # fmt: skip
    said += list(dict.fromkeys(str(warning.message) for warning in caught))[:SHOWN_WARNINGS]


def _as_note(warning: str, file: str) -> Text:
    if warning.startswith(_REPEATED_IDS):
        return Text(
            en=f"Several rows of '{file}' have the same id: every one of them was read.",
            zh=f"“{file}”中有多行要素编号（id）相同，已全部读取。",
        )
    words = " ".join(warning.split())[:LONGEST_REASON]
    return Text(en=f"GDAL about '{file}': {words}", zh=f"GDAL 对“{file}”的提示：{words}")
