"""Every shape with its attributes and its style, for GIS: ``layers.gpkg``."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pandas as pd
import pyogrio
import shapely

from cityplan.outputs.facts import crs_words, data_date
from cityplan.outputs.gis_layers import ABOUT, DICTIONARY, STYLES, gis_layers
from cityplan.outputs.words import WORDS, word
from cityplan.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import geopandas as gpd

    from cityplan.model.report import Report
    from cityplan.outputs.gis_layers import GisLayer
    from cityplan.text import Language

_NOTHING = -1  # the dimension shapely gives a missing geometry
_DATE_OPTION = "OGR_CURRENT_DATE"
_CHANGED = "2000-01-01T00:00:00.000Z"


def write_layers(report: Report, path: Path) -> None:
    """Write ``layers.gpkg``: ground, units with all measures, shapes by analysis and role.

    Empty layers are left out. QGIS opens the layers as drawn everywhere else, by
    the table ``layer_styles``; the units have a style per analysis. The table
    ``data_dictionary`` says what each column means, ``about`` whose data it is and
    how to cite it, which also stands in the metadata of each layer. The same report
    gives the same file.
    """
    path.unlink(missing_ok=True)
    layers = [layer for layer in gis_layers(report) if len(layer.frame)]
    about = _about(report)
    metadata = dict(zip(about["key"], about["value"], strict=True))
    with _fixed_date():
        for layer in layers:
            pyogrio.write_dataframe(
                layer.frame,
                path,
                layer=layer.name,
                driver="GPKG",
                append=path.exists(),
                promote_to_multi=_can_be_multi(layer.frame),
                layer_options={"DESCRIPTION": layer.title.get(report.lang)},
                layer_metadata=metadata,
            )
        for name, table in (
            (DICTIONARY, _dictionary(layers, report)),
            (ABOUT, about),
            (STYLES, _styles(layers)),
        ):
            options = {"FID": "id"} if name == STYLES else {}
            pyogrio.write_dataframe(
                table, path, layer=name, driver="GPKG", append=True, layer_options=options
            )


def _can_be_multi(frame: gpd.GeoDataFrame) -> bool:
    """Whether all shapes are lines or all are areas, so that the layer can be of one type."""
    dimensions = set(shapely.get_dimensions(frame.geometry.to_numpy()).tolist())
    return dimensions - {_NOTHING} in ({1}, {2})


def _dictionary(layers: list[GisLayer], report: Report) -> pd.DataFrame:
    """Return what each layer, each column and each kind of shape means."""
    crs = crs_words(report.area.crs)
    shape = Text(en=WORDS["geometry"].en.format(crs=crs), zh=WORDS["geometry"].zh.format(crs=crs))
    rows = []
    for layer in layers:
        columns = {"": (layer.title, ""), "geom": (shape, "m"), **layer.meanings}
        for column, (meaning, unit) in columns.items():
            rows.append((layer.name, column, "", meaning.en, meaning.zh, unit))
        for kind, meaning in layer.kinds.items():
            rows.append((layer.name, "kind", kind, meaning.en, meaning.zh, ""))
    return pd.DataFrame(
        rows, columns=["layer", "column", "value", "meaning_en", "meaning_zh", "unit"]
    )


def _styles(layers: list[GisLayer]) -> pd.DataFrame:
    """Return the table in which QGIS looks for the styles of a GeoPackage."""
    rows = [
        {
            "f_table_catalog": "",
            "f_table_schema": "",
            "f_table_name": layer.name,
            "f_geometry_column": "geom",
            "styleName": name,
            "styleQML": qml,
            "styleSLD": "",
            "useAsDefault": number == 0,
            "description": name,
            "owner": "",
            "ui": "",
            "update_time": pd.Timestamp(_CHANGED),
        }
        for layer in layers
        for number, (name, qml) in enumerate(layer.styles.items())
    ]
    return pd.DataFrame(rows)


def _about(report: Report) -> pd.DataFrame:
    """Return what the file is about; the credits travel with the data."""
    sources = "; ".join(report.attribution)

    def citation(lang: Language) -> str:
        return word("citation", lang).format(
            name=report.area.name,
            standard=report.standard.title.get(lang),
            version=report.provenance.get("cityplan", ""),
            date=data_date(report) or word("date_unknown", lang),
            credits=sources,
        )

    facts = {
        "study": report.area.name,
        "standard": report.standard.title.get(report.lang),
        "crs": crs_words(report.area.crs),
        "data_date": data_date(report),
        "attribution": sources,
        "citation_en": citation("en"),
        "citation_zh": citation("zh"),
    }
    return pd.DataFrame({"key": list(facts), "value": list(facts.values())})


@contextmanager
def _fixed_date() -> Iterator[None]:
    """Let GDAL note a fixed date: a date of the run would make every file differ."""
    before = pyogrio.get_gdal_config_option(_DATE_OPTION)
    pyogrio.set_gdal_config_options({_DATE_OPTION: _CHANGED})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({_DATE_OPTION: before})
