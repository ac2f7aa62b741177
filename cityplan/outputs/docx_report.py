"""The gap report as a Word document, the same sentences and numbers as the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cityplan.outputs.docx_builder import Builder
from cityplan.outputs.docx_ledger import write_ledger
from cityplan.outputs.docx_styles import DETAIL, FACT
from cityplan.outputs.docx_table import Shown
from cityplan.outputs.findings import join
from cityplan.outputs.gap_rows import affected
from cityplan.outputs.report_content import report_content
from cityplan.outputs.style import VERDICTS
from cityplan.outputs.words import pair, word
from cityplan.outputs.wrapping import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from cityplan.model.report import Report, Responsibility
    from cityplan.outputs.gap_lists import Remedy
    from cityplan.outputs.gap_rows import GapRow
    from cityplan.outputs.report_content import MeasureView, Section
    from cityplan.outputs.unit_table import UnitTable

_MOST_COLUMNS, _MOST_UNITS = 5, 60
_NAME_COLUMNS = 90
_ANNEXES = ("inputs", "assumptions", "standard", "unverified_figures", "provenance")


def write_document(
    report: Report, path: Path, *, template: Path | None = None, coordinates: bool = True
) -> None:
    """Write ``report.docx`` in the language of the report.

    Parameters
    ----------
    template
        A ``.docx`` whose page and styles are used in place of those of GB/T 9704.
    coordinates
        False leaves longitude and latitude out.

    Raises
    ------
    MissingFileError
        There is no such template.
    InputFileError
        The template cannot be read.
    """
    _Document(report, template, coordinates=coordinates).write(path)


class _Document:
    """One report on its way into Word."""

    def __init__(self, report: Report, template: Path | None, *, coordinates: bool) -> None:
        self.report, self.lang = report, report.lang
        self.content = report_content(report, coordinates=coordinates)
        self.out = Builder(self.lang, template)

    def write(self, path: Path) -> None:
        """Write the document from its title to its last annex."""
        content = self.content
        header = f"{content.name} · {content.title}"
        facts = [(FACT, pair(term, text, self.lang)) for term, text in content.facts]
        lines = [("Title", content.name), ("Subtitle", content.title), (FACT, content.subtitle)]
        self.out.title_page(header, [*lines, *facts])
        self._plain_page()
        for section in content.sections:
            self._section(section)
        if content.ledger is not None:
            write_ledger(self.out, content.ledger)
        self._gap_lists()
        self._annexes()
        self.out.save(path, title=header, comments=content.credits)

    def _plain_page(self) -> None:
        out, plain = self.out, self.content.plain
        out.page()
        out.chapter(self._w("plain_page"))
        out.paragraph(plain.counts)
        for verdict, heading, lines in plain.verdicts:
            out.verdict_heading(verdict, f"{heading} ({len(lines)})")
            out.bullets(lines)
        if plain.skipped:
            out.verdict_heading("no_target", self._w("skipped_heading"))
            out.bullets([pair(title, reason, self.lang) for title, reason in plain.skipped])
        out.part(self._w("sure_heading"))
        out.bullets(plain.sure)
        if self.content.judged:
            out.part(self._w("judged_measures"))
            self._table(
                self._w("judged_measures"),
                {"analyzer": 3.8, "measure": 6, "value": 6, "target": 3.6, "gap": 3.6,
                 "verdict": 3.6},
                ([view.analyzer, *self._measure_cells(view)] for view in self.content.judged),
            )  # fmt: skip
            out.note(self._w("star_unverified"))

    def _section(self, section: Section) -> None:
        out = self.out
        out.page()
        out.chapter(section.title)
        mark = VERDICTS[section.verdict or "no_target"].mark
        out.paragraph(f"{mark} {join((section.finding, section.worst_unit), self.lang)}")
        if section.result is None:
            return
        out.part(self._w("asks"))
        asked = [self._asked(view) for view in section.measures if view.target]
        out.bullets(asked or [self._w("asks_nothing")], DETAIL)
        if section.definitions:
            out.part(self._w("definitions"))
            meanings = [pair(name, meaning, self.lang) for name, meaning in section.definitions]
            out.bullets(meanings, DETAIL)
        self._measures(section)
        if section.units is not None:
            self._units(section, section.units)
        if self.report.options.pictures:
            from cityplan.outputs.static_map import sheet_picture  # noqa: PLC0415 - slow to import

            out.part(self._w("map"))
            caption = self._w("map_title").format(title=section.title)
            out.picture(sheet_picture(self.report, section.result), caption)
        if section.places:
            self._places(section)
        if section.remedies:
            out.part(self._w("what_to_do"))
            out.bullets([self._to_do(remedy) for remedy in section.remedies], DETAIL)

    def _measures(self, section: Section) -> None:
        out = self.out
        out.part(self._w("measures"))
        notes = list(dict.fromkeys(view.note for view in section.measures if view.note))

        def footnotes(view: MeasureView) -> str:
            note = f"[{len(section.bases) + notes.index(view.note) + 1}]" if view.note else ""
            return f"[{view.basis}]{note}"

        self._table(
            self._w("measures_of").format(title=section.title),
            {"measure": 7.5, "value": 6.5, "target": 3.8, "gap": 3.6, "verdict": 3.6, "basis": 2.2},
            ([*self._measure_cells(view), footnotes(view)] for view in section.measures),
        )
        for number, text in enumerate([*section.bases, *notes], start=1):
            out.note(f"[{number}] {text}")
        for note in section.notes:
            out.note(note)
        out.note(self._w("star_unverified") if any(v.unverified for v in section.measures) else "")

    def _units(self, section: Section, units: UnitTable) -> None:
        out, width = self.out, min(len(units.header), _MOST_COLUMNS)
        out.part(self._w("by_unit"))
        rows = []
        for row in units.rows[:_MOST_UNITS]:
            cells = [
                Shown(
                    f"{cell.mark} {cell.text}".strip(),
                    verdict=cell.verdict if cell.mark else None,
                    number=True,
                )
                for cell in row.cells[:width]
            ]
            rows.append([Shown(shortened(row.unit, _NAME_COLUMNS)), *cells])
        caption = self._w("unit_results").format(title=section.title)
        out.table(caption, [self._w("unit"), *units.header[:width]], rows, (5, *[4] * width))
        if len(units.rows) > _MOST_UNITS:
            out.note(self._w("units_kept").format(shown=_MOST_UNITS, total=len(units.rows)))
        if not units.all_columns or width < len(units.header):
            out.note(self._w("more_columns"))

    def _places(self, section: Section) -> None:
        out, shown, total = self.out, len(section.places), section.places_total
        out.part(self._w("worst_places"))
        self._table(
            self._w("places_of").format(title=section.title),
            {"no": 1.8, "indicator": 4, "territory": 4, "place": 6, "present_value": 6,
             "shortfall": 3.6, "affected": 4},
            (
                [str(row.no), row.indicator, self._territory(row), self._place(row), row.present,
                 row.shortfall, self._touched(row)]
                for row in section.places
            ),
        )  # fmt: skip
        if total > shown:
            out.note(self._w("more_places").format(shown=shown, total=f"{total:,}"))

    def _gap_lists(self) -> None:
        out, content = self.out, self.content
        out.page(landscape=True)
        out.chapter(self._w("gaps"))
        if not content.gaps:
            out.paragraph(self._w("no_gaps"))
            return
        out.note(join((self._w("departments_empty"), self._w("affected_note")), self.lang))
        out.note(content.kept)
        self._table(
            self._w("gaps"),
            {"no": 1.3, "indicator": 3, "territory": 3, "place": 4.4, "present_value": 3.2,
             "standard_value": 2.3, "shortfall": 2.4, "affected": 2.8, "proposed_action": 8,
             "lead": 2, "cooperating": 2, "deadline": 2, "remark": 3.2},
            (
                [str(row.no), row.indicator, self._territory(row), self._place(row), row.present,
                 row.standard, row.shortfall, self._touched(row), row.action,
                 *self._who(row.responsibility), row.remark]
                for row in content.gaps
            ),
            small=True,
        )  # fmt: skip
        out.chapter(self._w("problem_list"))
        self._table(
            self._w("problem_list"),
            {"no": 1.2, "territory": 3, "place": 5, "problem": 10, "affected": 4, "remark": 5},
            (
                [str(p.row.no), self._territory(p.row), self._place(p.row), p.sentence,
                 self._touched(p.row), p.row.remark]
                for p in content.problems
            ),
            small=True,
        )  # fmt: skip
        out.chapter(self._w("remedy_list"))
        self._table(
            self._w("remedy_list"),
            {"no": 1.2, "territory": 3, "proposed_action": 11, "place_count": 1.5,
             "problem_numbers": 2.5, "affected": 3.4, "lead": 2.2, "cooperating": 2.2,
             "deadline": 2},
            (
                [str(remedy.no), self._territory(remedy), remedy.action, str(remedy.places or ""),
                 remedy.problems, self._touched(remedy), *self._who(remedy.responsibility)]
                for remedy in content.remedies
            ),
            small=True,
        )  # fmt: skip

    def _annexes(self) -> None:
        out, content = self.out, self.content
        self._annex("inputs")
        self._table(
            self._w("inputs"),
            {"layer": 3, "source": 4, "rows_read": 1.8, "rows_used": 1.8, "rows_repaired": 1.6,
             "rows_rejected": 1.6, "causes": 7, "datum": 3},
            content.inputs,
            small=True,
        )  # fmt: skip
        self._table(
            self._w("input_quality"), {"figure": 6, "value": 2.5, "meaning": 12}, content.quality,
            small=True,
        )  # fmt: skip
        self._table(
            self._w("checks"),
            {"severity": 1.5, "layer": 3.5, "rows": 1.5, "finding": 10, "done": 3, "fix": 5},
            content.checks,
            small=True,
        )
        out.page()
        self._annex("assumptions")
        out.bullets(content.notes or [self._w("none")], DETAIL)
        self._annex("standard")
        out.bullets(content.standard, DETAIL)
        for table, figures in content.figures:
            self._table(
                table,
                {"name": 4, "figure": 7, "source": 7, "confidence": 2.5},
                (
                    [row.title, row.figure, f"{row.source} {row.clause}".strip(),
                     row.confidence if row.verified
                     else f"{row.confidence} ({self._w('unverified')})"]
                    for row in figures
                ),
                small=True,
            )  # fmt: skip
        self._annex("unverified_figures")
        out.note(self._w("unverified_note" if content.unverified else "no_unverified"))
        self._table(
            self._w("unverified_figures"),
            {"group": 4, "name": 5, "figure": 7, "confidence": 2.5},
            ([row.table, row.title, row.figure, row.confidence] for row in content.unverified),
            small=True,
        )
        self._annex("provenance")
        self._table(self._w("provenance"), {"key": 6, "value": 8}, content.provenance, small=True)

    def _annex(self, key: str) -> None:
        letter = "ABCDE"[_ANNEXES.index(key)]
        self.out.chapter(self._w(key), number=f"{self._w('annex').format(letter=letter)}  ")

    def _table(
        self,
        caption: str,
        widths: dict[str, float],
        rows: Iterable[Sequence[str | Shown]],
        *,
        small: bool = False,
    ) -> None:
        """Write a table; ``widths`` are keyed by the words of its header."""
        header = [self._w(key) for key in widths]
        self.out.table(caption, header, rows, list(widths.values()), small=small)

    def _w(self, key: str) -> str:
        return word(key, self.lang)

    def _asked(self, view: MeasureView) -> str:
        kind = join((view.target_kind, self._w("semicolon"), view.clause), "zh")
        return pair(
            view.title, self._w("in_brackets").format(text=view.target, more=kind), self.lang
        )

    def _measure_cells(self, view: MeasureView) -> list[str | Shown]:
        """Return title, value with its range, target, gap and verdict."""
        value = view.value
        if view.range:
            value = self._w("in_brackets").format(text=value, more=view.range)
        return [
            f"{view.title} *" if view.unverified else view.title,
            Shown(value, number=True),
            view.target,
            "" if view.verdict == "cannot_tell" else view.gap,
            Shown(f"{view.mark} {view.verdict_words}", verdict=view.verdict),
        ]

    def _to_do(self, remedy: Remedy) -> str:
        numbers = f"{self._w('problem_numbers')} {remedy.problems}"
        text = self._w("in_brackets").format(text=remedy.action, more=numbers)
        return pair(self._territory(remedy), text, self.lang)

    def _who(self, responsibility: Responsibility) -> tuple[str, str, str]:
        cooperating = self._w("comma").join(responsibility.cooperating)
        return responsibility.lead, cooperating, responsibility.deadline

    def _territory(self, row: GapRow | Remedy) -> str:
        return shortened(row.territory, _NAME_COLUMNS)

    def _place(self, row: GapRow) -> str:
        name = shortened(row.place, _NAME_COLUMNS)
        return f"{name} ({row.coordinates})" if row.coordinates else name

    def _touched(self, row: GapRow | Remedy) -> str:
        return affected(row.people, row.weight, self.lang)
