"""The workbook: every measure, unit, gap, input and figure of the standard, ready to filter."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import xlsxwriter

from cityplan.outputs.plain_text import harmless
from cityplan.outputs.sheet_cells import Judged, Number, Sheet
from cityplan.outputs.style import VERDICTS, excel_format, is_number
from cityplan.outputs.table_rows import all_sheets
from cityplan.outputs.wrapping import columns

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from cityplan.model.report import Report
    from cityplan.model.result import Verdict
    from cityplan.outputs.sheet_cells import Cell

_SHEET_NAME_MOST = 31
_CELL_MOST = 32_000
_TITLE_MOST = 250
_WIDTH_LEAST, _WIDTH_MOST = 8, 56
_FORBIDDEN = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - fixed, so that the same report is the same file


def write_tables(report: Report, path: Path, *, coordinates: bool = True) -> None:
    """Write ``tables.xlsx`` in the language of the report.

    Texts are written as texts: no cell of the data becomes a formula or a link.

    Parameters
    ----------
    coordinates
        False leaves longitude and latitude out.
    """
    write_book(
        path,
        all_sheets(report, coordinates=coordinates),
        title=report.area.name,
        comments="; ".join(report.attribution),
    )


def write_book(path: Path, sheets: Iterable[Sheet], *, title: str, comments: str) -> None:
    """Write sheets as a workbook, filters, a frozen header, landscape for print.

    Texts are written as texts: no cell of the data becomes a formula or a link.
    The same sheets give the same file.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties(
            {"title": harmless(title)[:_TITLE_MOST], "comments": comments, "created": _CREATED}
        )
        formats = _Formats(book)
        used: set[str] = set()
        for sheet in sheets:
            _write(book.add_worksheet(sheet_name(sheet.name, used)), sheet, formats)


def sheet_name(name: str, used: set[str]) -> str:
    """Return a name Excel takes, unlike the ones in ``used``, and add it there."""
    plain = _FORBIDDEN.sub(" ", name).strip() or "-"
    unique, number = plain[:_SHEET_NAME_MOST], 1
    while unique.casefold() in used:
        number += 1
        unique = f"{plain[: _SHEET_NAME_MOST - len(str(number)) - 1]} {number}"
    used.add(unique.casefold())
    return unique


class _Formats:
    """The cell formats of a book, each made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._numbers: dict[str, Any] = {}
        self._verdicts: dict[Verdict, Any] = {}
        self.header = book.add_format(
            {
                "bold": True,
                "font_color": "#FFFFFF",
                "bg_color": "#14324A",
                "text_wrap": True,
                "valign": "vcenter",
                "border": 1,
                "border_color": "#C9D1D8",
            }
        )
        self.text = book.add_format({"valign": "top", "text_wrap": True})

    def verdict(self, verdict: Verdict) -> Any:
        """Return the format of a verdict's words: its colour beside what it says."""
        if verdict not in self._verdicts:
            style = VERDICTS[verdict]
            look = {"valign": "top", "font_color": style.color, "bg_color": style.soft}
            self._verdicts[verdict] = self._book.add_format(look)
        return self._verdicts[verdict]

    def number(self, pattern: str) -> Any:
        """Return the format of numbers written like ``pattern``."""
        if pattern not in self._numbers:
            look = {"num_format": pattern, "valign": "top"}
            self._numbers[pattern] = self._book.add_format(look)
        return self._numbers[pattern]


def _write(page: Any, sheet: Sheet, formats: _Formats) -> None:
    for column, heading in enumerate(sheet.header):
        page.write_string(0, column, harmless(heading), formats.header)
    for row, cells in enumerate(sheet.rows, start=1):
        for column, cell in enumerate(cells):
            _write_cell(page, row, column, cell, formats)
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(len(sheet.rows), 1), len(sheet.header) - 1)
    for column in range(len(sheet.header)):
        page.set_column(column, column, _width(sheet, column))
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def _write_cell(page: Any, row: int, column: int, cell: Cell, formats: _Formats) -> None:
    if isinstance(cell, Judged):
        page.write_string(row, column, cell.text, formats.verdict(cell.verdict))
        return
    value, unit = (cell.value, cell.unit) if isinstance(cell, Number) else (cell, "count")
    if isinstance(value, str):
        if value:
            page.write_string(row, column, harmless(value)[:_CELL_MOST], formats.text)
    elif is_number(value):
        page.write_number(row, column, value, formats.number(excel_format(value, unit)))


def _width(sheet: Sheet, column: int) -> float:
    """Return a width that shows most cells of a column without wrapping."""
    texts = [row[column] for row in sheet.rows[:500] if isinstance(row[column], str)]
    widest = max((columns(text) for text in texts if isinstance(text, str)), default=0)
    heading = min(columns(sheet.header[column]), 24)
    return float(min(max(widest, heading, _WIDTH_LEAST) + 3, _WIDTH_MOST))
