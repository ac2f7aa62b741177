"""Page and styles of the Word report: the page of GB/T 9704 with its fonts, or a bureau's own.

Margins 37, 35, 28 and 26 mm, headings in 黑体 and 楷体, text in 仿宋 of 16 pt, page
numbers between dashes are general knowledge of GB/T 9704-2012, not seen in a
source. Fonts are named, not shipped; who does not have them gets the reader's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.opc.exceptions import OpcError
from docx.shared import Mm, Pt, RGBColor

from cityplan.errors import InputFileError, MissingFileError
from cityplan.outputs.docx_parts import add_field, set_fonts, set_language
from cityplan.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from docx.document import Document
    from docx.section import Section, _Footer, _Header
    from docx.styles.style import ParagraphStyle

    from cityplan.text import Language

A4_MM = (210, 297)
_LANDSCAPE_MM = {"top": 28, "bottom": 26, "left": 22, "right": 22}
_PORTRAIT_MM = {"top": 37, "bottom": 35, "left": 28, "right": 26}
_HEAD = RGBColor(0x14, 0x32, 0x4A)
_INK = RGBColor(0x1D, 0x27, 0x33)
_MUTED = RGBColor(0x5C, 0x68, 0x75)
TABLE_TEXT, TABLE_SMALL, TABLE_NOTE = "Table Text", "Table Text Small", "Table Note"
FACT, DETAIL = "Report Fact", "List Bullet 2"


@dataclass(frozen=True)
class _Look:
    """A paragraph style; sizes and spaces in points, zh and en apart where they differ."""

    east_asian: str
    zh_pt: float
    en_pt: float
    bold: bool = False
    color: RGBColor = _INK
    before_pt: float = 0
    after_pt: float = 0
    line: float = 1.3
    centred: bool = False
    keep_with_next: bool = False


_SONG, _FANG, _KAI, _HEI = "宋体", "仿宋_GB2312", "楷体_GB2312", "黑体"
_LOOKS: Mapping[str, _Look] = {
    "Normal": _Look(_FANG, 16, 11, after_pt=4, line=1.35),
    "Title": _Look(
        "方正小标宋简体", 30, 32, bold=True, color=_HEAD, before_pt=120, after_pt=24, centred=True
    ),
    "Subtitle": _Look("方正小标宋简体", 24, 22, color=_HEAD, after_pt=96, centred=True),
    "Heading 1": _Look(
        _HEI, 18, 17, bold=True, color=_HEAD, before_pt=18, after_pt=8, keep_with_next=True
    ),
    "Heading 2": _Look(
        _KAI, 16, 13, bold=True, color=_HEAD, before_pt=12, after_pt=4, keep_with_next=True
    ),
    "Heading 3": _Look(
        _FANG, 14, 11.5, bold=True, color=_INK, before_pt=8, after_pt=3, keep_with_next=True
    ),
    "List Bullet": _Look(_FANG, 14, 10.5, after_pt=3, line=1.3),
    DETAIL: _Look(_FANG, 12, 10, after_pt=2, line=1.25),
    "Caption": _Look(
        _HEI, 10.5, 9.5, bold=True, before_pt=8, after_pt=4, centred=True, keep_with_next=True
    ),
    "TOC Heading": _Look(_HEI, 18, 17, bold=True, color=_HEAD, after_pt=10, centred=True),
    "toc 1": _Look(_FANG, 14, 11.5, before_pt=4, after_pt=4),
    TABLE_TEXT: _Look(_SONG, 9, 8.5, line=1.1),
    TABLE_SMALL: _Look(_SONG, 7.5, 7, line=1.05),
    TABLE_NOTE: _Look(_SONG, 9, 8.5, color=_MUTED, after_pt=2, line=1.15),
    FACT: _Look(_FANG, 14, 11, after_pt=4, line=1.3, centred=True),
    "Footer": _Look(_SONG, 12, 9, color=_MUTED, centred=True),
    "Header": _Look(_SONG, 9, 8.5, color=_MUTED, centred=True),
}


def new_document(template: Path | None, lang: Language) -> Document:
    """Return an empty document with page and styles.

    Parameters
    ----------
    template
        A ``.docx`` whose page, styles, header and footer are used; its text is
        left out. Styles it lacks are added.

    Raises
    ------
    MissingFileError
        There is no such template.
    InputFileError
        The template cannot be read as a Word document.
    """
    if template is None:
        document = docx.Document()
        set_language(document, "en-US", "zh-CN")
        _set_page(document.sections[0])
        document.sections[0].different_first_page_header_footer = True
        known = {style.name for style in document.styles}
        for name in _LOOKS:
            _add_style(document, name, lang, is_new=name not in known)
        return document
    document = _opened(template)
    body = document.element.body
    for child in list(body):
        if child is not body.sectPr:
            body.remove(child)
    known = {style.name for style in document.styles}
    for name in _LOOKS:
        if name not in known:
            _add_style(document, name, lang, is_new=True)
    return document


def begin_section(document: Document, *, landscape: bool, own: bool) -> Section:
    """Begin a new page that lies or stands, with our ``own`` margins or those of the template."""
    section = document.add_section(WD_SECTION.NEW_PAGE)
    wide = section.page_width is not None and section.page_width > (section.page_height or 0)
    section.different_first_page_header_footer = False
    if wide != landscape:
        section.page_width, section.page_height = section.page_height, section.page_width
        section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
        section.left_margin, section.right_margin, section.top_margin, section.bottom_margin = (
            section.top_margin, section.bottom_margin, section.left_margin, section.right_margin
        )  # fmt: skip
    if own:
        _set_margins(section, _LANDSCAPE_MM if landscape else _PORTRAIT_MM)
    return section


def text_width_mm(section: Section) -> float:
    """Return how wide text runs on the pages of a section."""
    width, left, right = section.page_width, section.left_margin, section.right_margin
    return float(((width or 0) - (left or 0) - (right or 0)) / 36_000)


def add_header_and_footer(section: Section, header: str, lang: Language) -> None:
    """Put a header and page numbers between dashes where the template has neither."""
    if _is_blank(section.header):
        section.header.paragraphs[0].text = header
    if _is_blank(section.footer):
        footer = section.footer.paragraphs[0]
        footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
        dash = "—" if lang == "zh" else "–"
        footer.add_run(f"{dash} ")
        add_field(footer, "PAGE", "1")
        footer.add_run(f" {dash}")


def add_contents_tab(document: Document, width_mm: float) -> None:
    """Give the entries of the contents a dotted line to their page number."""
    stops = document.styles["toc 1"].paragraph_format.tab_stops
    stops.add_tab_stop(Mm(width_mm), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)


def _is_blank(part: _Header | _Footer) -> bool:
    """Whether a header or footer shows nothing: no text, no picture, no field."""
    return not part.tables and all(
        not paragraph.text.strip() and not paragraph._p.xpath(".//w:drawing | .//w:fldChar")  # noqa: SLF001
        for paragraph in part.paragraphs
    )


def _set_page(section: Section) -> None:
    section.page_width, section.page_height = (Mm(side) for side in A4_MM)
    section.header_distance, section.footer_distance = Mm(18), Mm(22)
    _set_margins(section, _PORTRAIT_MM)


def _set_margins(section: Section, margins_mm: Mapping[str, int]) -> None:
    for side, width in margins_mm.items():
        setattr(section, f"{side}_margin", Mm(width))


def _add_style(document: Document, name: str, lang: Language, *, is_new: bool) -> None:
    look, styles = _LOOKS[name], document.styles
    style: ParagraphStyle = (
        styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH) if is_new else styles[name]
    )
    if is_new:
        style.base_style = styles["Normal"]
    set_fonts(style, "Times New Roman" if lang == "zh" else "Calibri", look.east_asian)
    font, layout = style.font, style.paragraph_format
    font.size = Pt(look.zh_pt if lang == "zh" else look.en_pt)
    font.bold, font.italic = look.bold, False
    font.color.rgb = look.color
    layout.space_before, layout.space_after = Pt(look.before_pt), Pt(look.after_pt)
    layout.line_spacing = look.line
    layout.keep_with_next = look.keep_with_next
    layout.alignment = WD_ALIGN_PARAGRAPH.CENTER if look.centred else None


def _opened(template: Path) -> Document:
    if not template.is_file():
        raise MissingFileError(
            Text(
                en=f"The report template '{template}' does not exist: give another file.",
                zh=f"报告模板“{template}”不存在，请另行指定。",
            )
        )
    try:
        return docx.Document(str(template))
    except (OpcError, BadZipFile, SyntaxError, KeyError, ValueError, OSError):
        raise InputFileError(
            Text(
                en=f"The report template '{template}' is no Word document: save it as .docx.",
                zh=f"报告模板“{template}”不是 Word 文档，请另存为 .docx 格式。",
            )
        ) from None
