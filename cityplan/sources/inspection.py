"""What was found in a file: its layers, columns, and a block for the study file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cityplan.text import Language, Text

if TYPE_CHECKING:
    from cityplan.sources.fields.layer_fit import Fit


@dataclass(frozen=True)
class FieldView:
    """One column of a file.

    Attributes
    ----------
    filled_share
        Rows in which it is not blank.
    becomes
        Column of the catalogue in the layer that fits best, empty for none.
    """

    name: str
    kind: str
    filled_share: float
    samples: tuple[str, ...]
    becomes: str


@dataclass(frozen=True)
class LayerView:
    """One layer of a file.

    Attributes
    ----------
    geometry
        Geometry type -> rows.
    fits
        Layers of the catalogue, the best first.
    toml
        The block for the best one; empty where none fits.
    """

    name: str
    rows: int
    crs: str
    geometry: dict[str, int]
    encoding: str
    fields: tuple[FieldView, ...]
    fits: tuple[Fit, ...]
    notes: tuple[Text, ...]
    toml: str


@dataclass(frozen=True)
class Inspection:
    """A file and its layers."""

    path: Path
    layers: tuple[LayerView, ...]

    @property
    def toml(self) -> str:
        """The blocks of all layers that fit something."""
        return "\n".join(view.toml for view in self.layers if view.toml)

    def in_language(self, lang: Language) -> str:
        """Return everything as lines for a terminal."""
        return "\n".join(line for view in self.layers for line in _lines(view, lang))

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types."""
        return {
            "file": self.path.name,
            "layers": [
                asdict(view)
                | {"notes": [note.as_dict() for note in view.notes],
                   "fits": [fit.layer for fit in view.fits]}
                for view in self.layers
            ],
        }  # fmt: skip

    def __str__(self) -> str:
        return self.in_language("en")


def _lines(view: LayerView, lang: Language) -> Iterator[str]:
    geometry = ", ".join(f"{kind} {rows}" for kind, rows in view.geometry.items())
    yield f"{view.name}: {_HEAD.get(lang).format(rows=view.rows, geometry=geometry or '-')}"
    yield f"  {_CRS.get(lang)}{view.crs or _UNKNOWN.get(lang)}"
    if view.encoding:
        yield f"  {_ENCODING.get(lang)}{view.encoding}"
    for field in view.fields:
        becomes = f" -> {field.becomes}" if field.becomes else ""
        yield f"  {field.name} ({field.kind}, {field.filled_share:.0%}): {', '.join(field.samples)}{becomes}"
    yield from (f"  {note.get(lang)}" for note in view.notes)
    if view.toml:
        yield ""
        yield view.toml


_HEAD = Text(en="{rows} rows; {geometry}", zh="{rows}条；{geometry}")
_CRS = Text(en="CRS: ", zh="坐标系：")
_ENCODING = Text(en="encoding: ", zh="编码：")
_UNKNOWN = Text(en="not said", zh="未说明")
