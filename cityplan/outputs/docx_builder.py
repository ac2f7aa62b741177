"""A Word document under construction: numbered headings, captions, tables, contents."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.shared import Emu, Mm, Pt, RGBColor
from docx.table import _Cell

from cityplan.outputs.docx_parts import (
    add_bookmark,
    add_field,
    add_link,
    close_field,
    describe_picture,
    keep_in_one_piece,
    open_field,
    repeat_as_header,
    set_borders,
    set_cell_margins,
    set_widths,
    shade,
    update_fields_on_open,
)
from cityplan.outputs.docx_styles import (
    TABLE_NOTE,
    TABLE_SMALL,
    TABLE_TEXT,
    add_contents_tab,
    add_header_and_footer,
    begin_section,
    new_document,
    text_width_mm,
)
from cityplan.outputs.docx_table import Shown, table_rows
from cityplan.outputs.plain_text import harmless
from cityplan.outputs.style import VERDICTS
from cityplan.outputs.words import word
from cityplan.outputs.wrapping import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from docx.text.paragraph import Paragraph

    from cityplan.model.result import Verdict
    from cityplan.text import Language

_NUMERALS = "〇一二三四五六七八九十"
_HEADER_FILL, _LINE = "#dfe7ee", "#a9b5c0"
_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - fixed, so that the same report is the same file
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_TITLE_SPACE_PT = 6
_PICTURE_MARGIN = Mm(2)
_MOST_OF_PROPERTY = 250


@dataclass
class Builder:
    """Writes a document from top to bottom; the contents are filled in at the end."""

    lang: Language
    template: Path | None
    _chapters: list[tuple[str, str]] = field(default_factory=list)
    _chapter: int = 0
    _part: int = 0
    _counts: dict[str, int] = field(default_factory=dict)
    _contents: Paragraph | None = None
    _style_ids: dict[str, str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.document = new_document(self.template, self.lang)
        self.width_mm = text_width_mm(self.document.sections[0])
        names = {style.name for style in self.document.styles}
        self._table_style = "Table Grid" if "Table Grid" in names else None

    def title_page(self, header: str, lines: Sequence[tuple[str, str]]) -> None:
        """Write lines in the styles given, then begin a page for the contents."""
        add_header_and_footer(self.document.sections[0], harmless(header), self.lang)
        for style, text in lines:
            self.paragraph(text, style)
        self.document.paragraphs[-1].add_run().add_break(WD_BREAK.PAGE)
        self.paragraph(word("contents", self.lang), "TOC Heading")
        self._contents = self.document.add_paragraph(style="toc 1")

    def short_title(self, header: str, lines: Sequence[tuple[str, str]]) -> None:
        """Write a title above the text of the first page; the document has no contents."""
        add_header_and_footer(self.document.sections[0], harmless(header), self.lang)
        for style, text in lines:
            layout = self.paragraph(text, style).paragraph_format
            layout.space_before, layout.space_after = Pt(0), Pt(_TITLE_SPACE_PT)

    def page(self, *, landscape: bool = False) -> None:
        """Begin a new page that lies or stands."""
        section = begin_section(self.document, landscape=landscape, own=self.template is None)
        self.width_mm = text_width_mm(section)

    def chapter(self, text: str, *, number: str = "") -> None:
        """Write a heading of the first level, numbered unless it brings its own number."""
        if not number:
            self._chapter += 1
            number = (
                f"{chinese_numeral(self._chapter)}、" if self.lang == "zh" else f"{self._chapter} "
            )
        self._part = 0
        bookmark = f"_Toc{100_000 + len(self._chapters)}"
        heading = self.paragraph(f"{number}{text}", "Heading 1")
        add_bookmark(heading, bookmark, len(self._chapters))
        self._chapters.append((f"{number}{text}", bookmark))

    def part(self, text: str) -> None:
        """Write a numbered heading of the second level."""
        self._part += 1
        zh = f"（{chinese_numeral(self._part)}）"
        number = zh if self.lang == "zh" else f"{self._chapter}.{self._part} "
        self.paragraph(f"{number}{text}", "Heading 2")

    def paragraph(self, text: str, style: str = "Normal") -> Paragraph:
        """Write a paragraph."""
        paragraph = self.document.add_paragraph(harmless(text))
        paragraph._p.style = self._style_id(style)  # noqa: SLF001 - the public way is slow
        return paragraph

    def bullets(self, lines: Sequence[str], style: str = "List Bullet") -> None:
        """Write a list."""
        for line in lines:
            self.paragraph(line, style)

    def note(self, text: str) -> None:
        """Write small print, nothing for an empty text."""
        if text:
            self.paragraph(text, TABLE_NOTE)

    def verdict_heading(self, verdict: Verdict, text: str) -> None:
        """Write a heading of the third level in the colour and with the mark of a verdict."""
        look = VERDICTS[verdict]
        paragraph = self.paragraph("", "Heading 3")
        run = paragraph.add_run(harmless(f"{look.mark} {text}"))
        run.font.color.rgb = RGBColor.from_string(look.color.removeprefix("#").upper())

    def table(
        self,
        caption: str,
        header: Sequence[str],
        rows: Iterable[Sequence[str | Shown]],
        widths: Sequence[float],
        *,
        small: bool = False,
    ) -> None:
        """Write a captioned, numbered table whose header is repeated on every page; none without rows.

        Parameters
        ----------
        widths
            Of the columns, in proportion.
        small
            Whether the table is too wide or too long for letters of the usual size.
        """
        style = TABLE_SMALL if small else TABLE_TEXT
        rows = list(rows)
        if not rows:
            return
        self._caption("table_label", "Table", caption)
        table = self.document.add_table(1, len(header), style=self._table_style)
        set_cell_margins(table, 0.8 if small else 1.2, 0.4)
        if self.template is None or self._table_style is None:
            set_borders(table, _LINE)
        set_widths(table, [self.width_mm * width / sum(widths) for width in widths])
        first = table.rows[0]
        repeat_as_header(first)
        keep_in_one_piece(first)
        for cell, text in zip(first.cells, header, strict=True):
            paragraph = cell.paragraphs[0]
            paragraph._p.style = self._style_id(style)  # noqa: SLF001 - the public way is slow
            paragraph.add_run(harmless(text)).font.bold = True
            paragraph.paragraph_format.keep_with_next = True
            shade(cell, _HEADER_FILL)
        columns = [str(Emu(cell.width or 0).twips) for cell in first.cells]
        for row, element in zip(
            rows, table_rows(rows, style_id=self._style_id(style), widths=columns), strict=True
        ):
            table._tbl.append(element)  # noqa: SLF001
            for shown, cell in zip(row, element.tc_lst, strict=True):
                if isinstance(shown, Shown) and shown.picture is not None:
                    self._draw(_Cell(cell, table), shown.picture, shown.text)
        self.paragraph("", TABLE_NOTE)

    def picture(self, image: io.BytesIO, caption: str) -> None:
        """Write a picture as wide as the text, with a numbered caption below."""
        paragraph = self.document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.line_spacing = 1.0
        paragraph.paragraph_format.keep_with_next = True
        run = paragraph.add_run()
        run.add_picture(image, width=Mm(self.width_mm))
        describe_picture(run, caption)
        self._caption("figure_label", "Figure", caption).paragraph_format.keep_with_next = False

    def save(self, path: Path, *, title: str, comments: str) -> None:
        """Fill the contents in and write the document, the same bytes for the same text."""
        if self._contents is not None:
            self._fill_contents(self._contents)
            update_fields_on_open(self.document)
        about = self.document.core_properties
        about.title, about.comments = (
            shortened(harmless(text), _MOST_OF_PROPERTY) for text in (title, comments)
        )
        about.author = "cityplan"
        about.created = about.modified = _CREATED
        about.last_modified_by = "cityplan"
        about.language = "zh-CN" if self.lang == "zh" else "en-US"
        memory = io.BytesIO()
        self.document.save(memory)
        with zipfile.ZipFile(memory) as source, zipfile.ZipFile(path, "w") as target:
            for name in source.namelist():
                part = zipfile.ZipInfo(name, _ZIP_DATE)
                part.compress_type = zipfile.ZIP_DEFLATED
                target.writestr(part, source.read(name))

    def _caption(self, label: str, sequence: str, text: str) -> Paragraph:
        number = self._counts[sequence] = self._counts.get(sequence, 0) + 1
        paragraph = self.paragraph(f"{word(label, self.lang)} ", "Caption")
        add_field(paragraph, f"SEQ {sequence} \\* ARABIC", str(number))
        paragraph.add_run(harmless(f"  {text}"))
        return paragraph

    def _draw(self, cell: _Cell, image: io.BytesIO, text: str) -> None:
        paragraph = cell.paragraphs[0]
        paragraph.style = TABLE_SMALL
        run = paragraph.add_run()
        run.add_picture(image, width=Emu((cell.width or 0) - _PICTURE_MARGIN))
        describe_picture(run, harmless(text))

    def _style_id(self, name: str) -> str | None:
        """Return the id of a paragraph style, None for that of the text."""
        if name not in self._style_ids:
            styles = self.document.styles
            self._style_ids[name] = styles.get_style_id(name, WD_STYLE_TYPE.PARAGRAPH)
        return self._style_ids[name]

    def _fill_contents(self, entry: Paragraph) -> None:
        """Write a link per chapter inside a TOC field; its page numbers are the reader's to count."""
        add_contents_tab(self.document, self.width_mm)
        open_field(entry, 'TOC \\o "1-1" \\h \\z \\u')
        for number, (text, bookmark) in enumerate(self._chapters):
            if number:
                following = self.document.add_paragraph()
                entry._p.addnext(following._p)  # noqa: SLF001 - paragraphs are only added at the end
                entry = following
            entry.style = "toc 1"
            add_link(entry, bookmark, text)
        close_field(entry)


def chinese_numeral(number: int) -> str:
    """Write a number from 1 to 99 in Chinese."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _NUMERALS[ones]
    return ("" if tens == 1 else _NUMERALS[tens]) + "十" + (_NUMERALS[ones] if ones else "")
