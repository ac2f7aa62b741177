"""Write layers as the files of a bureau: Shapefiles in GBK, a GeoPackage, XLSX and CSV."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import xlsxwriter
from mingcheng_lib.ground import CRS, degrees, placed

from cityplan.spatial.datum import from_wgs84

MADE = datetime(2025, 6, 30, tzinfo=UTC)
LANGUAGE_BYTE = 29
# What a .dbf says about its letters: nothing, as most exports of domestic software, or
# code page 936, as ArcGIS.
UNSAID, CODE_PAGE_936 = 0x00, 0x4D


def write_shapefile(path, columns, geometry, *, language=UNSAID):
    """Write a Shapefile in GBK without a .cpg; names of columns have at most 10 bytes."""
    too_long = [name for name in columns if len(name.encode("gbk")) > 10]
    assert not too_long, too_long
    frame = gpd.GeoDataFrame(columns, geometry=[placed(shape) for shape in geometry], crs=CRS)
    pyogrio.write_dataframe(
        frame, path, driver="ESRI Shapefile", encoding="GBK", RESIZE="YES",
        DBF_DATE_LAST_UPDATE=f"{MADE:%Y-%m-%d}",
    )  # fmt: skip
    path.with_suffix(".cpg").unlink(missing_ok=True)
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    table[1:4] = bytes([MADE.year - 1900, MADE.month, MADE.day])
    table[LANGUAGE_BYTE] = language
    path.with_suffix(".dbf").write_bytes(bytes(table))


def write_geopackage(path, layer, columns, geometry):
    """Write a GeoPackage in longitude and latitude of CGCS2000."""
    frame = gpd.GeoDataFrame(columns, geometry=[placed(shape) for shape in geometry], crs=CRS)
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{MADE:%Y-%m-%dT%H:%M:%S.000Z}"})
    try:
        pyogrio.write_dataframe(frame.to_crs("EPSG:4490"), path, layer=layer, driver="GPKG")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def shown(places, datum):
    """Ground metres -> rounded longitude and latitude as a map of that datum shows them."""
    lon, lat = from_wgs84(*degrees(places).T, datum=datum)
    return np.round(np.column_stack([lon, lat]), 6).tolist()


def write_csv(path, header, rows):
    """Write a CSV file in GB18030 with the line ends of Windows."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    Path(path).write_bytes(text.getvalue().encode("gb18030"))


def write_ledger(path, title, header, rows):
    """Write a workbook with a title across the columns above the header."""
    book = xlsxwriter.Workbook(path)
    book.set_properties({"title": title, "created": MADE.replace(tzinfo=None)})
    sheet = book.add_worksheet("公厕台账")
    bold = book.add_format({"bold": True, "align": "center", "border": 1})
    sheet.merge_range(0, 0, 0, len(header) - 1, title, bold)
    sheet.write_row(1, 0, header, bold)
    for number, row in enumerate(rows, start=2):
        sheet.write_row(number, 0, ["" if cell is None else cell for cell in row])
    sheet.set_column(1, 1, 22)
    sheet.set_column(2, 3, 12)
    book.close()
