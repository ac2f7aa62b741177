"""The work orders as files: a document and a workbook for each department and territory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cityplan.outputs.gap_sheets import gap_sheet, remedy_sheet
from cityplan.outputs.ledger_sheet import counts_sheet, ledger_sheet
from cityplan.outputs.order_document import write_order_document
from cityplan.outputs.order_facts import opening, order_facts, order_title
from cityplan.outputs.sheet_cells import Sheet
from cityplan.outputs.tables import write_book
from cityplan.outputs.words import word
from cityplan.outputs.work_orders import department_orders, territory_orders

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cityplan.model.report import Report
    from cityplan.outputs.work_orders import Order
    from cityplan.text import Language


def write_departments(
    report: Report, folder: Path, *, template: Path | None = None, coordinates: bool = True
) -> list[Path]:
    """Write ``<department>.docx`` and ``.xlsx`` for each that leads a clause; none without a plan.

    Parameters
    ----------
    template
        A ``.docx`` whose page and styles the documents take.
    coordinates
        False leaves longitude and latitude out of the lists.
    """
    orders = department_orders(report, coordinates=coordinates)
    return _write(orders, report, folder, template, coordinates=coordinates)


def write_territories(
    report: Report, folder: Path, *, template: Path | None = None, coordinates: bool = True
) -> list[Path]:
    """Write ``<unit>.docx`` and ``.xlsx`` for each reporting unit; see :func:`write_departments`."""
    orders = territory_orders(report, coordinates=coordinates)
    return _write(orders, report, folder, template, coordinates=coordinates)


def _write(
    orders: Sequence[Order],
    report: Report,
    folder: Path,
    template: Path | None,
    *,
    coordinates: bool,
) -> list[Path]:
    if not orders:
        return []
    from cityplan.outputs.locator_map import Locator  # noqa: PLC0415 - slow to import

    folder.mkdir(parents=True, exist_ok=True)
    locator, written = Locator(report), []
    for order in orders:
        document, book = (folder / f"{order.stem}{suffix}" for suffix in (".docx", ".xlsx"))
        write_order_document(order, report, document, locator=locator, template=template)
        sheets = order_sheets(order, report, coordinates=coordinates)
        write_book(
            book, sheets, title=order_title(order, report), comments="; ".join(report.attribution)
        )
        written += [document, book]
    return written


def order_sheets(order: Order, report: Report, *, coordinates: bool = True) -> list[Sheet]:
    """Return the sheets of an order: summary, verdicts, clauses, gaps, remedies."""
    lang = report.lang
    gaps = gap_sheet(order.gaps, lang, coordinates=coordinates)
    if not order.gaps:
        nothing = (word("no_gaps", lang), *[None] * (len(gaps.header) - 1))
        gaps = replace(gaps, rows=[nothing])
    summary = Sheet(
        name=word(f"order_{order.kind}", lang),
        header=(word("key", lang), word("content", lang)),
        rows=[
            (word("name", lang), order.name),
            *order_facts(order, report),
            (word("summary", lang), opening(order, report)),
        ],
    )
    counts = counts_sheet([line.entry for line in order.lines], lang)
    return [
        summary,
        *([counts] if order.kind == "department" else ()),
        _clauses(order, lang),
        gaps,
        remedy_sheet(order.gaps, lang),
    ]


def _clauses(order: Order, lang: Language) -> Sheet:
    """Return the clauses, those that ask for something first, each with its gaps."""
    numbers = {ask.line.entry.ref: ask.gaps for ask in order.asks}
    entries = [line.entry for line in order.lines]
    entries.sort(key=lambda entry: [*numbers, entry.ref].index(entry.ref))
    clauses = ledger_sheet(entries, order.ledger, lang)
    name = "order_all_clauses" if order.kind == "department" else "order_clauses_here"
    return Sheet(
        name=word(name, lang),
        header=(*clauses.header, word("order_gap_numbers", lang)),
        rows=[
            (*cells, numbers.get(entry.ref, ""))
            for cells, entry in zip(clauses.rows, entries, strict=True)
        ],
    )
