"""What a file holds, which layer it may be, and the block of a study file that says so."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from cityplan.errors import CityplanError
from cityplan.sources.fields.columns import candidates
from cityplan.sources.fields.land_use import (
    SYSTEMS,
    known_share,
    load_code_tables,
    systems_that_know,
)
from cityplan.sources.fields.layer_fit import columns_of, layers_like
from cityplan.sources.fields.mapped import TAGS
from cityplan.sources.fields.mapping import map_fields
from cityplan.sources.fields.values import read_texts
from cityplan.sources.files.open_source import THE_FILE, list_layers, read_raw
from cityplan.sources.inspection import FieldView, Inspection, LayerView
from cityplan.sources.layer_source import LayerSource
from cityplan.sources.osm_file import SUFFIXES, read_osm
from cityplan.spatial.georeference import georeference
from cityplan.spatial.readings import explain
from cityplan.text import Language, Text

if TYPE_CHECKING:
    import geopandas as gpd

    from cityplan.sources.files.raw import RawLayer

SAMPLE_ROWS = 2000
SAMPLE_CELLS = 3
DEGREES = 180.0


def inspect(path: Path | str, *, lang: Language = "en") -> Inspection:
    """Look into a file: its layers, columns, and the layer of the catalogue each may be.

    Parameters
    ----------
    path
        Any file a study may name, or a ``postgresql://`` address.
    lang
        Language of the comments in the proposed blocks.

    Raises
    ------
    CityplanError
        The file cannot be read.
    """
    shown = Path(path)
    if shown.name.lower().endswith(SUFFIXES):
        return Inspection(shown, _extract_views(shown))
    names = [layer.name for layer in list_layers(path)]
    several = len(names) > 1
    views = []
    for name in names or [shown.stem]:
        source = LayerSource(path=path, layer=name if several else None)
        try:
            raw = read_raw(source, what=THE_FILE)
        except CityplanError as error:
            if not several:
                raise
            views.append(_unreadable(name, error.text))
        else:
            views.append(_view(raw, source, name, lang))
    return Inspection(shown, tuple(views))


def _extract_views(path: Path) -> tuple[LayerView, ...]:
    """Return the layers an OpenStreetMap extract gives."""
    extract = read_osm(path)
    stamp = extract.timestamp or ""
    note = Text(
        en=f"OpenStreetMap data of {stamp[:10]}", zh=f"OpenStreetMap 数据日期：{stamp[:10]}"
    )
    views = [
        LayerView(
            name=name, rows=len(frame), crs=_crs_name(frame), geometry=_geometry_types(frame),
            encoding="", fields=(), fits=(), notes=(), toml="",
        )
        for name, frame in extract.layers.items()
    ]  # fmt: skip
    block = f"[osm]\npath = {_quoted(str(path))}\n"
    return (*views[:-1], replace(views[-1], notes=(note,) if stamp else (), toml=block))


def _unreadable(name: str, reason: Text) -> LayerView:
    return LayerView(
        name=name, rows=0, crs="", geometry={}, encoding="", fields=(), fits=(), notes=(reason,),
        toml="",
    )  # fmt: skip


def _view(raw: RawLayer, source: LayerSource, name: str, lang: Language) -> LayerView:
    frame = raw.frame
    sample = frame.head(SAMPLE_ROWS)
    fits = layers_like(sample, Path(str(source.path)).stem, name)
    where, lacking = _where(raw)
    notes = [*raw.notes, *where]
    columns: dict[str, str] = {}
    systems: dict[str, float] = {}
    if fits:
        columns, systems, told = _mapping(sample, fits[0].layer, source)
        notes += told
    becomes = {part: key for key, value in columns.items() for part in value.split(" + ")}
    return LayerView(
        name=name,
        rows=len(frame),
        crs=_crs_name(frame),
        geometry=_geometry_types(frame),
        encoding=raw.encoding,
        fields=tuple(_field(frame, column, becomes) for column in columns_of(frame)),
        fits=fits,
        notes=tuple(notes),
        toml=_block(fits[0].layer, source, raw, columns, systems, lang, lacking=lacking)
        if fits
        else "",
    )


# --- what is there ---------------------------------------------------------------------


def _crs_name(frame: gpd.GeoDataFrame) -> str:
    if frame.crs is None:
        return ""
    authority = frame.crs.to_authority()
    return f"{':'.join(authority)} {frame.crs.name}" if authority else str(frame.crs.name)


def _geometry_types(frame: gpd.GeoDataFrame) -> dict[str, int]:
    kinds = frame.geometry.geom_type.fillna("none").value_counts()
    return {str(kind): int(count) for kind, count in kinds.items()}


def _field(frame: gpd.GeoDataFrame, name: str, becomes: dict[str, str]) -> FieldView:
    texts = [text for text in read_texts(frame[name].tolist()) if text is not None]
    kind = "number" if pd.api.types.is_numeric_dtype(frame[name]) else "text"
    return FieldView(
        name=name,
        kind=kind,
        filled_share=len(texts) / len(frame) if len(frame) else 0.0,
        samples=tuple(text[:40] for text in list(dict.fromkeys(texts))[:SAMPLE_CELLS]),
        becomes=becomes.get(name, ""),
    )


def _where(raw: RawLayer) -> tuple[tuple[Text, ...], str]:
    """Return what there is to say about the coordinates, and the line a study file lacks."""
    shapes = np.asarray(raw.frame.geometry.array)
    xy = shapely.get_coordinates(shapes[~shapely.is_missing(shapes)])
    degrees = len(xy) > 0 and bool((np.nanmax(np.abs(xy), axis=0) <= DEGREES).all())
    line = 'datum = "wgs84"' if degrees else 'crs = "EPSG:4548"'
    if raw.frame.crs is None:
        return tuple(explain(xy)), line
    what = Text(en=f"'{raw.source}'", zh=f"“{raw.source}”")
    try:
        found = georeference(xy, what=what, declared=raw.frame.crs, stated=None, place=None)
    except CityplanError as error:
        return (error.text,), line
    return found.notes, ""


# --- the block ---------------------------------------------------------------------------


def _mapping(
    frame: gpd.GeoDataFrame, layer: str, source: LayerSource
) -> tuple[dict[str, str], dict[str, float], list[Text]]:
    """Return columns, shares of known codes by system, and notes, as reading would give them."""
    try:
        mapped = map_fields(frame, layer, source)
    except CityplanError as error:
        columns, shares = {}, {}
        names = columns_of(frame)
        for found in candidates(names, "land_use", "use") if layer == "land_use" else ():
            cells = [t for t in read_texts(frame[found.columns[0]].tolist()) if t is not None]
            if known_share(cells, None) > 0:
                columns, shares = {"use": found.columns[0]}, systems_that_know(cells)
                break
        return columns, shares, [error.text]
    columns = {
        key: value
        for key, value in mapped.columns.items()
        if value != TAGS and (key != "road_class" or mapped.columns.get("highway") != value)
    }
    return columns, {}, list(mapped.notes)


def _block(
    layer: str,
    source: LayerSource,
    raw: RawLayer,
    columns: dict[str, str],
    systems: dict[str, float],
    lang: Language,
    *,
    lacking: str,
) -> str:
    lines = [f"[layers.{layer}]", f"path = {_quoted(str(source.path))}"]
    if source.layer is not None:
        lines.append(f"layer = {_quoted(source.layer)}")
    if raw.encoding and raw.encoding.casefold() not in ("utf-8", "utf-8-sig", "utf8"):
        lines.append(f"encoding = {_quoted(raw.encoding)}")
    if lacking:
        lines += [f"# {_NO_CRS.get(lang)}", f"# {lacking}"]
    if columns:
        pairs = ", ".join(f"{key} = {_quoted(value)}" for key, value in columns.items())
        lines.append(f"columns = {{ {pairs} }}")
    if systems:
        lines.append(f"# {_WHICH_SYSTEM.get(lang)}")
        titles = load_code_tables()
        lines += [
            f'# code_system = "{name}"  # {titles[name].title.get(lang)}: {systems[name]:.0%}'
            for name in SYSTEMS
        ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Return a TOML string; JSON's escapes are TOML's, all but one."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


_NO_CRS = Text(
    en="the file does not say, or says wrongly, what its coordinates are: write datum (wgs84, cgcs2000, gcj02, bd09) or crs",
    zh="文件未说明坐标系或所述有误：请填写 datum（wgs84、cgcs2000、gcj02、bd09）或 crs",
)
_WHICH_SYSTEM = Text(
    en="land-use codes: keep the line of the system they belong to (share of codes it knows)",
    zh="用地代码：请保留所属分类的一行（百分比为该分类可识别的代码比例）",
)
