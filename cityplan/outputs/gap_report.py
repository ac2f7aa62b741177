"""The gap report as a page: plain sentences first, then every figure with what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cityplan.outputs.facts import built_up_words
from cityplan.outputs.gap_rows import affected
from cityplan.outputs.overview import overview
from cityplan.outputs.report_content import report_content
from cityplan.outputs.style import ROLES
from cityplan.outputs.style import VERDICTS as VERDICT_STYLES
from cityplan.outputs.templating import page_template
from cityplan.outputs.words import ROLES as ROLE_WORDS
from cityplan.outputs.words import VERDICTS, word

if TYPE_CHECKING:
    from pathlib import Path

    from cityplan.model.report import Report
    from cityplan.outputs.gap_lists import Remedy
    from cityplan.outputs.gap_rows import GapRow


def write_report(report: Report, path: Path, *, coordinates: bool = True) -> None:
    """Write ``report.html``: self-contained, no script, no request, in the report's language.

    Parameters
    ----------
    coordinates
        False leaves longitude and latitude out.
    """
    page = report_html(report, coordinates=coordinates)
    path.write_text(page, encoding="utf-8", newline="\n")


def report_html(report: Report, *, coordinates: bool = True) -> str:
    """Return the gap report as one page of HTML; all text of the data is escaped."""
    lang = report.lang
    content = report_content(report, coordinates=coordinates)

    def touched(row: GapRow | Remedy) -> str:
        return affected(row.people, row.weight, lang)

    def more_places(shown: int, total: int) -> str:
        text = word("more_places", lang).format(shown=shown, total=f"{total:,}")
        return text if shown < total else ""

    return page_template("report.html.j2", lang).render(
        c=content,
        maps={
            section.anchor: overview(section.result, report, lang)
            for section in content.sections
            if section.result is not None
        },
        touched=touched,
        more_places=more_places,
        marks={key: style.mark for key, style in VERDICT_STYLES.items()},
        role_words={key: text.get(lang) for key, text in ROLE_WORDS.items()},
        verdict_words={key: text.get(lang) for key, text in VERDICTS.items()},
        built_up_words=built_up_words(report, lang),
        gap_style=ROLES["gap"],
    )
