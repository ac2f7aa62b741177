"""The Word report and a work order as LibreOffice prints it: `scripts/test --full`."""

import dataclasses
import os
import re
import shutil
import subprocess

import pytest
from hand_made import FORMULA, SCRIPT

import cityplan
from cityplan.outputs.docx_report import write_document
from cityplan.outputs.findings import join
from cityplan.outputs.locator_map import Locator
from cityplan.outputs.order_document import write_order_document
from cityplan.outputs.report_content import report_content
from cityplan.outputs.words import word
from cityplan.outputs.work_orders import department_orders

pytestmark = pytest.mark.full
TIMEOUT_S = 180


@pytest.fixture(scope="module")
def office():
    for name in ("soffice", "libreoffice"):
        if path := shutil.which(name):
            if shutil.which("pdftotext"):
                return path
            pytest.fail("pdftotext is missing: install poppler-utils")
    pytest.fail("LibreOffice is missing: install libreoffice-writer-nogui")


@pytest.fixture(scope="module")
def monaco():
    return cityplan.run(cityplan.sample("monaco"))


@pytest.fixture(scope="module")
def pages_of(office, tmp_path_factory):
    """Return a function that prints a document to PDF and returns the text of its pages."""

    def pages(path):
        folder = tmp_path_factory.mktemp("office")
        profile = (folder / "profile").as_uri()
        subprocess.run(
            [office, f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf",
             "--outdir", folder, path],
            check=True, capture_output=True, timeout=TIMEOUT_S, env={**os.environ, "HOME": str(folder)},
        )  # fmt: skip
        text = subprocess.run(
            ["pdftotext", "-layout", folder / f"{path.stem}.pdf", "-"], check=True,
            capture_output=True,
        ).stdout.decode()  # fmt: skip
        return text.split("\f")[:-1]

    return pages


@pytest.fixture(scope="module")
def printed(pages_of, tmp_path_factory):
    """Return a function that writes a report, prints it to PDF and returns its pages."""

    def pages(report):
        path = tmp_path_factory.mktemp("report") / "report.docx"
        write_document(report, path)
        return pages_of(path)

    return pages


def squeezed(text):
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_printed_pages_hold_headings_tables_and_numbers(monaco, printed, lang):
    report = dataclasses.replace(monaco, lang=lang)
    content = report_content(report)
    pages = printed(report)
    text = squeezed("".join(pages))
    contents = squeezed(pages[1])
    for title in (*(section.title for section in content.sections), word("gaps", lang),
                  word("problem_list", lang), word("remedy_list", lang)):  # fmt: skip
        assert squeezed(title) in contents
        assert text.count(squeezed(title)) >= 2
    assert squeezed(join((content.plain.counts,), lang)) in squeezed(pages[2])
    label = word("table_label", lang)
    numbers = [
        int(n) for n in re.findall(rf"^\s*{label} (\d+)\s\s?\S", "\n".join(pages), re.MULTILINE)
    ]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 15
    dash = "—" if lang == "zh" else "–"
    for number, page in enumerate(pages[1:], start=2):
        assert re.search(rf"{dash} ?{number} ?{dash}", page), f"page {number} has no number"
    for view in content.judged:
        assert squeezed(view.value) in text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_header_of_the_gap_table_is_on_every_page_of_it(monaco, printed, lang):
    report = dataclasses.replace(monaco, lang=lang)
    pages = [squeezed(page) for page in printed(report)]
    first, after = (
        max(
            n
            for n, page in enumerate(pages)
            if re.search(rf"[、\d]{squeezed(word(key, lang))}", page)
        )
        for key in ("gaps", "problem_list")
    )
    assert after - first > 3
    for page in pages[first:after]:
        assert squeezed(word("standard_value", lang)) in page
        assert squeezed(word("proposed_action", lang)) in page


def test_hostile_names_are_printed_as_they_are(report, printed):
    text = squeezed("".join(printed(report)))
    assert squeezed(SCRIPT) in text
    assert squeezed(FORMULA) in text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_work_order_says_on_its_first_page_what_is_asked(pages_of, tmp_path, lang):
    report = cityplan.run(cityplan.load_study(cityplan.sample("mingcheng"), lang=lang))
    order = next(o for o in department_orders(report) if o.stem == "市城管执法局")
    path = tmp_path / f"{order.stem}.docx"
    write_order_document(order, report, path, locator=Locator(report), template=None)
    pages = [squeezed(page) for page in pages_of(path)]
    first = pages[0]
    assert squeezed(order.name) in first
    assert squeezed(word("order_asks", lang)) in first
    urgent = [ask for ask in order.asks if ask.line.entry.verdict == "not_met"]
    assert len(urgent) == 3
    for ask in urgent:
        assert squeezed(ask.line.entry.ref) in first
        assert str(-ask.line.entry.days_left) in first
    text = "".join(pages)
    for key in ("order_map", "order_gap_list", "order_all_clauses", "order_to_report"):
        assert squeezed(word(key, lang)) in text
    for row in order.gaps:
        assert str(row.no) in text
