"""Where one local layer comes from, as the study file says it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
CodeSystem = Literal["gb50137", "gbt21010", "ydyh"]


class Source(BaseModel):
    """Where rows are, and how to read them.

    Attributes
    ----------
    path
        A file, or a ``postgresql://`` address.
    layer
        Layer, sheet or table where the source has several.
    query
        SQL, for a database.
    x, y, wkt
        Columns of coordinates, where the source has no geometry of its own.
    crs
        Coordinate reference system, where the source does not say it or says it wrongly.
    datum
        Datum of longitude and latitude; never guessed.
    encoding
        Character set, where the source does not say it or says it wrongly.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path | str
    layer: str | None = None
    query: str | None = None
    x: str | None = None
    y: str | None = None
    wkt: str | None = None
    crs: str | None = None
    datum: Datum | None = None
    encoding: str | None = None


class AreaSource(Source):
    """Where the boundary, the built-up area or the reporting units come from.

    Attributes
    ----------
    name
        Column of the units' names.
    """

    name: str | None = None


class LayerSource(Source):
    """A table ``[layers.NAME]`` of a study file.

    Attributes
    ----------
    columns
        Catalogue column -> column of the source.
    category
        Facility category of every row.
    code_system
        Land-use codes of the source: GB 50137, GB/T 21010 (third land survey) or
        the 2020/2023 land and sea use classification (用地用海分类).
    mode
        Whether the layer takes the place of the one in the extract or joins it.
    """

    columns: dict[str, str] = Field(default_factory=dict)
    category: str | None = None
    code_system: CodeSystem | None = None
    mode: Literal["replace", "add"] = "replace"
