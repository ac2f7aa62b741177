"""What every reader says when a file is missing, unusable, or not unambiguous."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from cityplan.errors import InputFileError, MissingFileError, StudyError
from cityplan.text import Text

SHOWN = 15
BLOCK = 2**20


class LayerInfo(NamedTuple):
    """A layer, sheet or table: its name, kind of geometry ("" unknown) and number of rows."""

    name: str
    geometry: str
    rows: int


def missing(what: Text, path: Path | str) -> MissingFileError:
    """Return the error for a file that is not there."""
    return MissingFileError(
        Text(
            en=f"The {what.en} '{path}' does not exist: check the path.",
            zh=f"{what.zh}文件“{path}”不存在，请检查路径。",
        )
    )


def unusable(what: Text, path: Path | str, fault: Text) -> InputFileError:
    """Return the error for a file that cannot be used; ``fault`` is the predicate."""
    return InputFileError(
        Text(en=f"The {what.en} '{path}' {fault.en}.", zh=f"{what.zh}文件“{path}”{fault.zh}。")
    )


def unknown(
    what: Text, path: Path | str, kind: Text, name: str, known: Iterable[str]
) -> StudyError:
    """Return the error for a layer or column that is not in the file, with the nearest names."""
    known = list(known)
    near = difflib.get_close_matches(name, known, n=SHOWN, cutoff=0.3)
    near = (near + [other for other in known if other not in near])[:SHOWN]
    return StudyError(
        Text(
            en=f"The {what.en} '{path}' has no {kind.en} '{name}': it has {', '.join(near)}"
            + ("." if len(near) == len(known) else " and others."),
            zh=f"{what.zh}文件“{path}”没有{kind.zh}“{name}”，"
            + ("现有" if len(near) == len(known) else "相近或部分名称有")
            + f"：{'、'.join(near)}。",
        )
    )


def pick_layer(
    layers: Sequence[LayerInfo], wanted: str | None, what: Text, path: Path | str
) -> tuple[int, tuple[Text, ...]]:
    """Return the position of the layer to read, and a note where it was chosen for the user.

    Raises
    ------
    StudyError
        There is no layer ``wanted``; or none was named and several hold rows.
    InputFileError
        No layer holds rows.
    """
    if wanted is not None:
        for position, layer in enumerate(layers):
            if layer.name == wanted:
                return position, ()
        kind = Text(en="layer", zh="图层")
        raise unknown(what, path, kind, wanted, [layer.name for layer in layers])
    filled = [position for position, layer in enumerate(layers) if layer.rows]
    # Beside its layers a GeoPackage of QGIS has a table of styles.
    filled = [position for position in filled if layers[position].geometry] or filled
    if not filled:
        raise unusable(
            what, path, Text(en="holds no features: export it again", zh="没有任何要素，请重新导出")
        )
    if len(filled) > 1:
        raise _ambiguous([layers[position] for position in filled], what, path)
    if len(layers) == 1:
        return 0, ()
    name = layers[filled[0]].name
    note = Text(
        en=f"Of the {len(layers)} layers of '{path}' only '{name}' holds features: it was read.",
        zh=f"“{path}”的{len(layers)}个图层中仅“{name}”含有要素，已读取该图层。",
    )
    return filled[0], (note,)


def _ambiguous(layers: Sequence[LayerInfo], what: Text, path: Path | str) -> StudyError:
    shown = [f"'{layer.name}' ({layer.geometry or '?'}, {layer.rows})" for layer in layers[:SHOWN]]
    shown_zh = [
        f"“{layer.name}”（{layer.geometry or '?'}，{layer.rows}）" for layer in layers[:SHOWN]
    ]
    return StudyError(
        Text(
            en=f"The {what.en} '{path}' has {len(layers)} layers: {', '.join(shown)}. "
            f'Say which, for example layer = "{layers[0].name}".',
            zh=f"{what.zh}文件“{path}”有{len(layers)}个图层：{'、'.join(shown_zh)}。"
            f'请指明其一，如 layer = "{layers[0].name}"。',
        )
    )


def not_installed(what: Text, path: Path | str, extra: str) -> InputFileError:
    """Return the error for a format whose library is an extra that is not installed."""
    return unusable(
        what, path,
        Text(
            en=f"""needs more software: pip install "cityplan[{extra}]\"""",
            zh=f"""需安装附加组件：pip install "cityplan[{extra}]\"""",
        ),
    )  # fmt: skip


def sha256_of(paths: Iterable[Path]) -> str:
    """Return the hash of files one after the other; of a folder, of the files in it."""
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                with file.open("rb") as stream:
                    while block := stream.read(BLOCK):
                        digest.update(block)
    return digest.hexdigest()
