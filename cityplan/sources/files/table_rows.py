"""Sheets of cells: from text with delimiters, from workbooks, from XML."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, load_workbook

from cityplan.sources.files.archive import check_contents
from cityplan.sources.files.encoding import UTF8, Sample, choose_encoding, decode
from cityplan.sources.files.faults import unusable
from cityplan.sources.files.xml_records import read_records
from cityplan.text import Text

TEXTS = (".csv", ".tsv", ".txt")
WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".ods", ".xls", ".et")
ZIPPED = b"PK\x03\x04"
DELIMITERS = (",", "\t", ";", "|")
LINES_LOOKED_AT = 50
_HEAD_BYTES = 2**12
LONGEST_CELL = 2**30
_BOMS = {b"\xef\xbb\xbf": UTF8, b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


@dataclass(frozen=True)
class Sheet:
    """Cells of one table: text, numbers, dates or None.

    Attributes
    ----------
    header
        Whether the first row is known to be the names of columns.
    """

    name: str
    rows: Sequence[Sequence[Any]]
    encoding: str = ""
    notes: tuple[Text, ...] = ()
    header: bool = False


def read_sheets(path: Path, what: Text, *, asked: str | None = None) -> list[Sheet]:
    """Return the sheets of a table, whatever its format; ``asked`` is the encoding to use.

    Raises
    ------
    InputFileError
        It is empty, damaged, encrypted or not what its name says.
    StudyError
        The text is not in the encoding ``asked`` for.
    """
    if path.stat().st_size == 0:
        raise unusable(what, path, Text(en="is empty: copy it again", zh="是空文件，请重新复制"))
    suffix = path.suffix.lower()
    if suffix in TEXTS:
        return [_text_sheet(path, what, asked)]
    if suffix in WORKBOOKS:
        return list(_workbook(path, what))
    with path.open("rb") as stream:
        tables = read_records(stream, what, path)
    return [_record_sheet(tag, rows) for tag, rows in tables.items()]


def _record_sheet(tag: str, rows: list[dict[str, str]]) -> Sheet:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return Sheet(tag, [names, *([row.get(name) for name in names] for row in rows)], header=True)


def _text_sheet(path: Path, what: Text, asked: str | None) -> Sheet:
    raw = path.read_bytes()
    encoding = next((name for bom, name in _BOMS.items() if raw.startswith(bom)), "")
    if not encoding and not asked and _is_wide(raw):
        raw, encoding = codecs.BOM_UTF16_LE + raw, "UTF-16"
    notes: tuple[Text, ...] = ()
    if not encoding or asked:
        choice = choose_encoding([Sample(raw)], file=path.name, asked=asked)
        encoding, notes = choice.encoding, choice.notes
    try:
        text = decode(raw, encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise unusable(
            what, path,
            Text(
                en="is not text (it holds NUL bytes or broken letters): save it as CSV UTF-8",
                zh="不是文本文件（含空字节或损坏字符），请另存为 CSV UTF-8",
            ),
        )  # fmt: skip
    with _long_cells():
        delimiter = _delimiter(text)
        try:
            rows = [
                [cell.strip() or None for cell in row]
                for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
            ]
        except csv.Error as error:
            raise unusable(
                what, path,
                Text(en=f"is no readable table ({error}): save it as CSV again",
                     zh=f"无法按表格读取（{error}），请重新另存为 CSV"),
            ) from None  # fmt: skip
        _check_quotes(text, delimiter, what, path)
    return Sheet(path.stem, rows, encoding, notes)


def _check_quotes(text: str, delimiter: str, what: Text, path: Path) -> None:
    line = _line_of_open_quote(text, delimiter)
    if line is None:
        return
    raise unusable(
        what, path,
        Text(
            en=f"has a quotation mark in line {line} that is not closed in its cell, which makes the "
            "rows after it part of that cell: close or remove it",
            zh=f"第{line}行单元格的引号没有闭合，其后的各行会并入该单元格，请补上或删除该引号",
        ),
    )  # fmt: skip


def _line_of_open_quote(text: str, delimiter: str) -> int | None:
    """Return the line of a quotation mark that is not closed in its cell and swallows other rows."""
    if '"' not in text:
        return None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            next(reader)
        except StopIteration:
            return None
        except csv.Error:
            if reader.line_num > line:
                return line


def _is_wide(raw: bytes) -> bool:
    """Whether every other byte of digits and commas is zero: UTF-16 without its mark."""
    head = raw[:_HEAD_BYTES]
    return head.count(0) > 0 and head[1::2].count(0) * 4 > len(head) // 2 and 0 not in head[::2]


@contextmanager
def _long_cells() -> Iterator[None]:
    """Allow cells as long as a polygon of a million vertices; the limit is the module's."""
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _delimiter(text: str) -> str:
    """Return the delimiter that cuts the first lines into the most columns, most evenly."""
    head = "".join(text.splitlines(keepends=True)[:LINES_LOOKED_AT])

    def evenness(delimiter: str) -> tuple[int, int]:
        widths = [
            len(row) for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
        ]
        usual = max(widths, key=lambda width: (widths.count(width), width), default=0)
        return (widths.count(usual) if usual > 1 else 0), usual

    return max(DELIMITERS, key=evenness)


def _workbook(path: Path, what: Text) -> Iterator[Sheet]:
    raw = path.read_bytes()
    if raw.startswith(ZIPPED):
        check_contents(path, what)
    try:
        workbook = load_workbook(io.BytesIO(raw))
        for meta in workbook.sheets_metadata:
            if "sheet" not in str(meta.typ).lower():
                continue
            rows = workbook.get_sheet_by_name(meta.name).to_python(skip_empty_area=False)
            yield Sheet(meta.name, [[_cell(value) for value in row] for row in rows])
    except (CalamineError, OSError, ValueError) as error:
        raise unusable(
            what, path,
            Text(
                en=f"cannot be read as a workbook ({error}): save it as .xlsx without a password",
                zh=f"无法按工作簿读取（{error}），请另存为不带密码的 .xlsx",
            ),
        ) from None  # fmt: skip


def _cell(value: Any) -> Any:
    """Return the value as people see it: whole numbers without a point, no empty text."""
    if isinstance(value, str):
        return value.strip().replace("\0", "") or None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
