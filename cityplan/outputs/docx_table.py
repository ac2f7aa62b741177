"""Rows of a table in Word as markup: a cell at a time through python-docx takes ten times as long."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from cityplan.outputs.plain_text import harmless
from cityplan.outputs.style import VERDICTS
from cityplan.outputs.wrapping import columns, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cityplan.model.result import Verdict

_MOST_COLUMNS = 2_000


@dataclass(frozen=True)
class Shown:
    """A cell of a table: its text, the verdict that colours it, whether it is a number.

    Attributes
    ----------
    picture
        An image as wide as the cell, in place of the text, which then describes it.
    """

    text: str
    verdict: Verdict | None = None
    number: bool = False
    picture: io.BytesIO | None = None


def table_rows(
    rows: Iterable[Sequence[str | Shown]], *, style_id: str | None, widths: Sequence[str]
) -> list[Any]:
    """Return rows as elements to append to a table; cells with a picture stay empty.

    Parameters
    ----------
    style_id
        Of the paragraphs, None for that of the text.
    widths
        Of the columns, in twentieths of a point.
    """
    starts = [_cell_start(width) for width in widths]
    named = f'<w:pStyle w:val="{escape(style_id)}"/>' if style_id else ""
    style = f"<w:p><w:pPr>{named}"
    markup = "".join(
        '<w:tr><w:trPr><w:cantSplit w:val="true"/></w:trPr>'
        + "".join(
            _cell(shown if isinstance(shown, Shown) else Shown(shown), start, style)
            for shown, start in zip(row, starts, strict=True)
        )
        + "</w:tr>"
        for row in rows
    )
    return list(parse_xml(f"<w:tbl {nsdecls('w')}>{markup}</w:tbl>"))


def _cell_start(width: str) -> str:
    return f'<w:tc><w:tcPr><w:tcW w:type="dxa" w:w="{width}"/>'


def _cell(shown: Shown, start: str, style: str) -> str:
    if shown.picture is not None:
        return f"{start}</w:tcPr>{style}</w:pPr></w:p></w:tc>"
    look = None if shown.verdict is None else VERDICTS[shown.verdict]
    shade = color = ""
    if look is not None:
        color = f'<w:rPr><w:color w:val="{look.color.removeprefix("#").upper()}"/></w:rPr>'
        if shown.verdict != "no_target":
            fill = look.soft.removeprefix("#")
            shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>'
    right = '<w:jc w:val="right"/>' if shown.number else ""
    return (
        f"{start}{shade}</w:tcPr>{style}{right}</w:pPr>"
        f"<w:r>{color}{_text(shown.text)}</w:r></w:p></w:tc>"
    )


def _text(raw: str) -> str:
    text = harmless(raw)
    if 2 * len(text) > _MOST_COLUMNS and columns(text) > _MOST_COLUMNS:
        text = shortened(text, _MOST_COLUMNS)
    if not text:
        return ""
    space = ' xml:space="preserve"' if text != text.strip() else ""
    return f"<w:t{space}>{escape(text)}</w:t>"
