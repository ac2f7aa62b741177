"""The parts of a Word document that python-docx leaves to raw markup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu

from cityplan.outputs.plain_text import harmless

if TYPE_CHECKING:
    from docx.document import Document
    from docx.styles.style import ParagraphStyle
    from docx.table import Table, _Cell, _Row
    from docx.text.paragraph import Paragraph
    from docx.text.run import Run

_THEME_FONTS = ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme")


def set_fonts(style: ParagraphStyle, latin: str, east_asian: str) -> None:
    """Set the fonts of a style for Latin and for Chinese letters.

    Without ``w:eastAsia`` Word writes Chinese in the font of its theme.
    """
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in _THEME_FONTS:
        fonts.attrib.pop(qn(f"w:{name}"), None)
    for name, font in (("ascii", latin), ("hAnsi", latin), ("cs", latin), ("eastAsia", east_asian)):
        fonts.set(qn(f"w:{name}"), font)


def set_language(document: Document, latin: str, east_asian: str) -> None:
    """Say which languages the document is written in, for spelling and line breaks."""
    properties = document.styles["Normal"].element.get_or_add_rPr()
    mark = _child(properties, "w:lang")
    mark.set(qn("w:val"), latin)
    mark.set(qn("w:eastAsia"), east_asian)


def add_field(paragraph: Paragraph, instruction: str, shown: str) -> Run:
    """Add a field such as ``PAGE`` with the text that shows until it is computed."""
    for kind in ("begin", None, "separate"):
        run = paragraph.add_run()
        if kind is None:
            code = OxmlElement("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = f" {instruction} "
            run._r.append(code)  # noqa: SLF001 - python-docx has no public way
        else:
            run._r.append(_mark(kind))  # noqa: SLF001
    result = paragraph.add_run(shown)
    paragraph.add_run()._r.append(_mark("end"))  # noqa: SLF001
    return result


def open_field(paragraph: Paragraph, instruction: str) -> None:
    """Begin a field whose result spans paragraphs, for example a table of contents."""
    paragraph.add_run()._r.append(_mark("begin"))  # noqa: SLF001
    code = OxmlElement("w:instrText")
    code.set(qn("xml:space"), "preserve")
    code.text = f" {instruction} "
    paragraph.add_run()._r.append(code)  # noqa: SLF001
    paragraph.add_run()._r.append(_mark("separate"))  # noqa: SLF001


def close_field(paragraph: Paragraph) -> None:
    """End a field begun with :func:`open_field`."""
    paragraph.add_run()._r.append(_mark("end"))  # noqa: SLF001


def update_fields_on_open(document: Document) -> None:
    """Ask Word to compute page numbers of the contents when the document is opened."""
    settings = document.settings.element
    after = ("w:hdrShapeDefaults", "w:footnotePr", "w:endnotePr", "w:compat")
    _child(settings, "w:updateFields", before=after).set(qn("w:val"), "true")


def add_bookmark(paragraph: Paragraph, name: str, number: int) -> None:
    """Put a bookmark around the text of a paragraph."""
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for mark in (start, end):
        mark.set(qn("w:id"), str(number))
    start.set(qn("w:name"), name)
    place = 1 if paragraph._p.pPr is not None else 0  # noqa: SLF001
    paragraph._p.insert(place, start)  # noqa: SLF001
    paragraph._p.append(end)  # noqa: SLF001


def add_link(paragraph: Paragraph, bookmark: str, text: str) -> None:
    """Add text that jumps to a bookmark of the same document."""
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), bookmark)
    run = paragraph.add_run(harmless(text))
    link.append(run._r)  # noqa: SLF001
    paragraph._p.append(link)  # noqa: SLF001


def repeat_as_header(row: _Row) -> None:
    """Repeat a row at the top of every page its table goes on to."""
    _child(row._tr.get_or_add_trPr(), "w:tblHeader").set(qn("w:val"), "true")  # noqa: SLF001


def keep_in_one_piece(row: _Row) -> None:
    """Keep a row from breaking across pages."""
    _child(row._tr.get_or_add_trPr(), "w:cantSplit").set(qn("w:val"), "true")  # noqa: SLF001


def shade(cell: _Cell, color: str) -> None:
    """Fill a cell; ``color`` is ``#rrggbb``."""
    properties = cell._tc.get_or_add_tcPr()  # noqa: SLF001
    mark = _child(properties, "w:shd", before=("w:vAlign",))
    mark.set(qn("w:val"), "clear")
    mark.set(qn("w:color"), "auto")
    mark.set(qn("w:fill"), color.removeprefix("#"))


def set_widths(table: Table, widths_mm: list[float]) -> None:
    """Fix the widths of columns, in the grid and in every cell: Word reads the one or the other."""
    table.autofit = False
    emu = [Emu(round(width * 36_000)) for width in widths_mm]
    for column, width in zip(table.columns, emu, strict=True):
        column.width = width
    for row in table.rows:
        for cell, width in zip(row.cells, emu, strict=True):
            cell.width = width


def set_cell_margins(table: Table, side_mm: float, top_mm: float) -> None:
    """Set the space between a table's text and its lines."""
    margins = _child(table._tbl.tblPr, "w:tblCellMar", before=("w:tblLook",))  # noqa: SLF001
    for side, width in (("top", top_mm), ("left", side_mm), ("bottom", top_mm), ("right", side_mm)):
        mark = _child(margins, f"w:{side}")
        mark.set(qn("w:w"), str(round(width * 56.7)))
        mark.set(qn("w:type"), "dxa")


def set_borders(table: Table, color: str) -> None:
    """Draw thin lines of one colour around all cells."""
    after = ("w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")
    borders = _child(table._tbl.tblPr, "w:tblBorders", before=after)  # noqa: SLF001
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = _child(borders, f"w:{side}")
        for key, value in (("val", "single"), ("sz", "4"), ("space", "0")):
            line.set(qn(f"w:{key}"), value)
        line.set(qn("w:color"), color.removeprefix("#"))


def describe_picture(run: Run, text: str) -> None:
    """Give the picture in a run the text that readers hear who cannot see it.

    It gets no margin either: LibreOffice adds one where a document names none.
    """
    for frame in run._r.iter(qn("wp:inline")):  # noqa: SLF001
        for side in ("distT", "distB", "distL", "distR"):
            frame.set(side, "0")
    for properties in run._r.iter(qn("wp:docPr")):  # noqa: SLF001
        properties.set("descr", harmless(text))


def _mark(kind: str) -> Any:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    return mark


def _child(parent: Any, tag: str, *, before: tuple[str, ...] = ()) -> Any:
    """Return a child element, made where it is missing; Word minds the order of children."""
    child = parent.find(qn(tag))
    if child is None:
        child = OxmlElement(tag)
        followers = [parent.find(qn(name)) for name in before]
        first = next((other for other in followers if other is not None), None)
        if first is None:
            parent.append(child)
        else:
            first.addprevious(child)
    return child
