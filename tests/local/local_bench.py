"""A made-up district in Hangzhou, the files a bureau may send of it, and a study of them."""

import warnings
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from cityplan.outputs.results_json import results_document
from cityplan.pipeline import check, run

METRES = "EPSG:4549"
WEST, SOUTH = 510_000, 3_350_000
SIDE, STEP = 1_000, 200


def at(x, y):
    """Return a point this many metres from the district's corner."""
    return shapely.Point(WEST + x, SOUTH + y)


def square(x, y, side):
    """Return a square with its lower left corner there."""
    return shapely.box(WEST + x, SOUTH + y, WEST + x + side, SOUTH + y + side)


def frame(geometry, **columns):
    """Return rows in the metres of the district."""
    return gpd.GeoDataFrame(columns, geometry=list(geometry), crs=METRES)


def streets():
    """Return streets every 200 m both ways."""
    lines = []
    for offset in range(0, SIDE + 1, STEP):
        for ends in (((0, offset), (SIDE, offset)), ((offset, 0), (offset, SIDE))):
            corners = np.linspace(*ends, SIDE // STEP + 1) + np.array([WEST, SOUTH])
            lines += [shapely.LineString(corners[i : i + 2]) for i in range(len(corners) - 1)]
    return frame(lines, highway=["residential"] * len(lines))


def homes():
    """Return a building of 20 m by 20 m in the middle of each of the 25 blocks."""
    shapes = [
        square(x + 90, y + 90, 20) for y in range(0, SIDE, STEP) for x in range(0, SIDE, STEP)
    ]
    return frame(shapes, 用途=["住宅"] * 25, 层数=[6] * 25, 编号=[f"B{n}" for n in range(25)])


@dataclass
class Bureau:
    """A folder of files and the study file over them."""

    folder: Path
    tables: list[str] = field(default_factory=list)

    def put(self, name, rows, **options):
        """Write rows, in longitude and latitude unless they are a table, and return the path."""
        path = self.folder / name
        if isinstance(rows, str):
            path.write_text(rows, encoding="utf-8")
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of columns cut to ten letters
                rows.to_crs("EPSG:4326").to_file(path, **options)
        return path

    def study(self, layers, *, keys="", boundary=True, name="study.toml"):
        """Write a study of the streets of the district, or ``layers["streets"]``, and layers."""
        if boundary:
            area = self.put("boundary.gpkg", frame([square(0, 0, SIDE)], name=["一区"]))
            keys += f'\nboundary = "{area}"'
        if "streets" not in layers:
            layers = {"streets": {"path": self.put("streets.gpkg", streets())}, **layers}
        text = [f'[study]\nname = "x"\nlang = "en"\n{keys}']
        for layer, sources in layers.items():
            several = isinstance(sources, list)
            for source in sources if several else [sources]:
                head = f"[[layers.{layer}]]" if several else f"[layers.{layer}]"
                text.append(head + "".join(f"\n{k} = {_toml(v)}" for k, v in source.items()))
        path = self.folder / name
        path.write_text("\n".join(text) + "\n", encoding="utf-8")
        return path

    def check(self, layers, **options):
        """Judge the inputs."""
        return check(self.study(layers, **options))

    def run(self, layers, **options):
        """Measure, and return the report with its document."""
        report = run(self.study(layers, **options))
        return report, results_document(report)


def _toml(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f'"{k}" = {_toml(v)}' for k, v in value.items()) + " }"
    return f'"{value}"'


def warnings_of(inputs, layer=None):
    """Return what is warned of, in English."""
    return [
        found.what.en
        for found in inputs.checks
        if found.severity == "warning" and layer in (None, found.layer)
    ]


def rows_of(inputs, layer):
    """Return cause -> rows left out or mended of a layer."""
    count = inputs.layers.counts[layer]
    assert count.read == count.used + sum(count.rejected.values())
    assert count.used == len(inputs.layers[layer])
    return {**count.rejected, **count.repaired}
