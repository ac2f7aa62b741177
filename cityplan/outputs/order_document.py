"""A work order as a Word document: what is asked first, then where, then every clause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cityplan.outputs.docx_builder import Builder
from cityplan.outputs.docx_ledger import write_clauses
from cityplan.outputs.docx_styles import DETAIL, TABLE_NOTE
from cityplan.outputs.docx_table import Shown
from cityplan.outputs.gap_lists import abridged, remedies
from cityplan.outputs.gap_rows import affected
from cityplan.outputs.ledger_chapter import CHAPTER_COLUMNS
from cityplan.outputs.ledger_table import item_values
from cityplan.outputs.order_facts import opening, order_facts, order_title
from cityplan.outputs.words import pair, word
from cityplan.outputs.wrapping import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from cityplan.model.report import Report
    from cityplan.outputs.gap_rows import GapRow
    from cityplan.outputs.locator_map import Locator
    from cityplan.outputs.work_orders import Ask, Order

_MM_PER_INCH = 25.4
_FIRST_STEPS, _TO_REPORT, _ITEMS = 6, 30, 3
_NAME_COLUMNS = 60
_THUMBNAILS = 40


def write_order_document(
    order: Order, report: Report, path: Path, *, locator: Locator, template: Path | None
) -> None:
    """Write one work order.

    Parameters
    ----------
    template
        A ``.docx`` whose page and styles are used in place of those of GB/T 9704.
    """
    _OrderDocument(order, report, locator, template).write(path)


class _OrderDocument:
    """One order on its way into Word."""

    def __init__(
        self, order: Order, report: Report, locator: Locator, template: Path | None
    ) -> None:
        self.order, self.report, self.lang, self.locator = order, report, report.lang, locator
        self.gaps = abridged(order.gaps)
        self.out = Builder(self.lang, template)

    def write(self, path: Path) -> None:
        """Write the order from what is asked to the last clause."""
        title = order_title(self.order, self.report)
        self.out.short_title(title, [("Subtitle", title)])
        facts = [pair(*fact, self.lang) for fact in order_facts(self.order, self.report)]
        self.out.paragraph(self._w("semicolon").join(facts), TABLE_NOTE)
        self.out.paragraph(opening(self.order, self.report))
        self._asks()
        self._first_steps()
        self._to_report()
        if self.gaps:
            self._where()
        if self.order.kind == "department":
            self.out.page(landscape=True)
            self.out.chapter(self._w("order_all_clauses"))
            columns = {key: self._w(key) for key in CHAPTER_COLUMNS}
            write_clauses(self.out, self._w("order_all_clauses"), self.order.lines, columns)
        self.out.save(path, title=title, comments="; ".join(self.report.attribution))

    def _asks(self) -> None:
        self.out.chapter(self._w("order_asks"))
        if not self.order.asks:
            self.out.paragraph(self._w("order_asks_nothing"))
            return
        led = self.order.kind == "department"
        whose = "cooperating" if led else "lead"
        state = "present_state" if led else "city_verdict"
        self._table(
            "order_asks",
            {"task": 3.3, "asked": 3.6, state: 3.6, "by_when": 3.3, whose: 3.1,
             "order_gap_numbers": 3},
            (self._ask_cells(ask, whose) for ask in self.order.asks),
        )  # fmt: skip

    def _ask_cells(self, ask: Ask, whose: str) -> list[str | Shown]:
        cells = ask.line.cells
        present = f"{ask.line.mark} {cells['verdict']}"
        if self.order.kind == "department" and (values := self._deciding(ask)):
            present = pair(present, values, self.lang)
        when = cells["deadline"]
        if cells["days_left"]:
            when = self._w("in_brackets").format(text=when, more=cells["days_left"])
        gaps = self._w("order_gap_count").format(count=ask.gap_count, numbers=ask.gaps)
        return [
            f"{cells['ref']} {cells['task']}",
            cells["asks"],
            Shown(present, verdict=ask.line.look),
            when,
            cells[whose],
            gaps if ask.gap_count else "",
        ]

    def _deciding(self, ask: Ask) -> str:
        """Return the numbers that miss their target, else the first few."""
        items = ask.line.entry.items
        chosen = [item for item in items if item.verdict == "not_met"] or items[:_ITEMS]
        return item_values(chosen, self.lang, named=len(items) > 1)

    def _first_steps(self) -> None:
        steps = remedies(self.order.gaps, self.lang)
        if not steps:
            return
        self.out.chapter(self._w("order_actions"))
        for step in steps[:_FIRST_STEPS]:
            numbers = f"{self._w('problem_numbers')} {step.problems}"
            text = self._w("in_brackets").format(text=step.action, more=numbers)
            of = step.territory if self.order.kind == "department" else step.indicator
            self.out.paragraph(pair(self._name(of), text, self.lang), DETAIL)
        if len(steps) > _FIRST_STEPS:
            more = self._w("order_more_actions").format(count=len(steps) - _FIRST_STEPS)
            self.out.note(more)

    def _to_report(self) -> None:
        lacking = [line for line in self.order.lines if line.entry.verdict == "no_data"]
        if self.order.kind != "department" or not lacking:
            return
        self.out.chapter(self._w("order_to_report"))
        note = self.out.paragraph(self._w("order_to_report_note"), TABLE_NOTE)
        note.paragraph_format.keep_with_next = True
        self._table(
            "order_to_report",
            {"ref": 2.2, "task": 4.4, "reason": 9.2, "by_when": 2.9},
            (
                [line.cells[key] for key in ("ref", "task", "reason", "deadline")]
                for line in lacking[:_TO_REPORT]
            ),
        )

    def _where(self) -> None:
        out, order = self.out, self.order
        out.page(landscape=True)
        out.chapter(self._w("order_map"))
        image = self.locator.order_map(order.gaps, order.units, out.width_mm / _MM_PER_INCH)
        out.picture(image, self._w("order_map_caption").format(name=order.name))
        out.page(landscape=True)
        out.chapter(self._w("order_gap_list"))
        if len(self.gaps) < len(order.gaps):
            kept = self._w("order_kept")
            out.note(kept.format(shown=len(self.gaps), total=f"{len(order.gaps):,}"))
        self._table(
            "order_city_gaps",
            {"no": 1.2, "indicator": 4, "territory": 2.4, "present_value": 3, "standard_value": 2.4,
             "shortfall": 2.4, "proposed_action": 8, "lead": 3, "cooperating": 3.4, "deadline": 2.5},
            (
                [str(row.no), row.indicator, self._name(row.territory), row.present, row.standard,
                 row.shortfall, row.action, *self._who(row)]
                for row in self.gaps
                if row.level != "place"
            ),
            small=True,
        )  # fmt: skip
        places = [row for row in self.gaps if row.level == "place"]
        self._table(
            "order_place_gaps",
            {"no": 1.2, "indicator": 3, "territory": 2.2, "place": 3.2, "present_value": 3,
             "standard_value": 1.9, "shortfall": 2.2, "affected": 2, "proposed_action": 5.2,
             "lead": 2.6, "cooperating": 2.8, "deadline": 2.5, "thumbnail": 3.8},
            (self._place_cells(row, drawn=n < _THUMBNAILS) for n, row in enumerate(places)),
            small=True,
        )  # fmt: skip
        out.note(self._w("affected_note"))

    def _place_cells(self, row: GapRow, *, drawn: bool) -> list[str | Shown]:
        place = self._name(row.place)
        image = self.locator.thumbnail(row) if drawn else None
        return [
            str(row.no),
            row.indicator,
            self._name(row.territory),
            f"{place} ({row.coordinates})" if row.coordinates else place,
            row.present,
            row.standard,
            row.shortfall,
            affected(row.people, row.weight, self.lang),
            row.action,
            *self._who(row),
            Shown(f"{row.no} {place}", picture=image) if image is not None else "",
        ]

    def _who(self, row: GapRow) -> tuple[str, str, str]:
        who = row.responsibility
        lead = who.lead or self._w("not_named")
        return lead, self._w("comma").join(who.cooperating), who.deadline

    def _table(
        self,
        caption: str,
        widths: dict[str, float],
        rows: Iterable[Sequence[str | Shown]],
        *,
        small: bool = False,
    ) -> None:
        header = [self._w(key) for key in widths]
        self.out.table(self._w(caption), header, rows, list(widths.values()), small=small)

    def _name(self, name: str) -> str:
        return shortened(name, _NAME_COLUMNS)

    def _w(self, key: str) -> str:
        return word(key, self.lang)
