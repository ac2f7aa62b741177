"""The page, the document and the workbook hold the numbers of results.json."""

import dataclasses
import re
from html.parser import HTMLParser

import docx
import openpyxl
import pytest

import cityplan
from cityplan.outputs.docx_report import write_document
from cityplan.outputs.gap_report import write_report
from cityplan.outputs.ledger_table import LEDGER_VERDICTS
from cityplan.outputs.results_json import results_document
from cityplan.outputs.tables import write_tables
from cityplan.outputs.words import VERDICTS, word

SCALE = {"share": 100}
DIGITS = re.compile(r"[−-]?[\d,]+(?:\.\d+)?")


@pytest.fixture(scope="module", params=["toy", "monaco"])
def measured(request):
    plan = "mingguang-2020" if request.param == "monaco" else None
    return cityplan.run(cityplan.load_study(cityplan.sample(request.param), plan=plan))


@pytest.fixture(scope="module", params=["zh", "en"])
def written(request, measured, tmp_path_factory):
    report = dataclasses.replace(measured, lang=request.param)
    folder = tmp_path_factory.mktemp("formats")
    write_report(report, folder / "report.html")
    write_document(report, folder / "report.docx")
    write_tables(report, folder / "tables.xlsx")
    return report, folder


@pytest.fixture(scope="module")
def document(written):
    return results_document(written[0])


@pytest.fixture(scope="module")
def page(written):
    return Tables((written[1] / "report.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def word_tables(written):
    return captioned(docx.Document(written[1] / "report.docx"))


@pytest.fixture(scope="module")
def book(written):
    book = openpyxl.load_workbook(written[1] / "tables.xlsx")
    return {sheet.title: records(sheet.iter_rows(values_only=True)) for sheet in book}


class Tables(HTMLParser):
    """Class or heading of each table of a page -> its rows, cells as text and exact number."""

    def __init__(self, html):
        super().__init__()
        self.rows, self.numbers, self._cell = {}, set(), None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self._table = self.rows.setdefault(dict(attrs).get("class"), [])
        elif tag == "tr":
            self._table.append([])
        elif tag in {"td", "th"}:
            self._cell = []
        elif tag == "data":
            self.numbers.add(float(dict(attrs)["value"]))

    def handle_endtag(self, tag):
        if tag in {"td", "th"}:
            self._table[-1].append(" ".join("".join(self._cell).split()))
            self._cell = None

    def handle_data(self, data):
        if self._cell is not None:
            self._cell.append(data)


def captioned(document):
    """Return caption -> rows of texts for every table of a Word document."""
    tables, caption = {}, None
    for block in document.element.body.iterchildren():
        if block.tag.endswith("}p"):
            caption = "".join(node.text or "" for node in block.iter() if node.tag.endswith("}t"))
        elif block.tag.endswith("}tbl"):
            table = docx.table.Table(block, document)
            tables[caption.split("  ", 1)[1]] = [
                [cell.text for cell in row.cells] for row in table.rows
            ]
    return tables


def records(rows):
    header, *lines = rows
    return [dict(zip(header, line, strict=True)) for line in lines]


def shows(text, value, unit):
    """Whether a printed number is the exact one, rounded as printed."""
    if value is None:
        return text == "—"
    figure = DIGITS.search(text).group().replace(",", "").replace("−", "-")
    decimals = len(figure.partition(".")[2])
    return float(figure) == pytest.approx(
        value * SCALE.get(unit, 1), abs=0.5 * 10**-decimals + 1e-9
    )


def test_every_measure_stands_in_all_three(written, document, page, word_tables, book):
    lang = written[0].lang
    summary = {row[word("measure_id", lang)]: row for row in book[word("summary", lang)]}
    for analyzer in document["analyzers"]:
        caption = word("measures_of", lang).format(title=analyzer["title"][lang])
        in_word = {row[0].removesuffix(" *"): row for row in word_tables[caption][1:]}
        assert len(in_word) == len(analyzer["measures"])
        for measure in analyzer["measures"]:
            cells = in_word[measure["title"][lang]]
            assert shows(cells[1], measure["value"], measure["unit"]), measure["id"]
            assert cells[4].endswith(VERDICTS[measure["verdict"]].get(lang))
            row = summary[measure["id"]]
            for key in ("value", "low", "high", "gap"):
                assert row[word(key, lang)] == pytest.approx(measure[key])
            assert row[word("verdict", lang)] == VERDICTS[measure["verdict"]].get(lang)
            if measure["value"] is not None:
                assert measure["value"] in page.numbers


def test_every_unit_stands_in_all_three(written, document, page, word_tables, book):
    lang = written[0].lang
    compared = 0
    for analyzer in document["analyzers"]:
        titles = {measure["title"][lang]: measure for measure in analyzer["measures"]}
        units = {row["unit"].replace("outside units", word("outside_units", lang)): row
                 for row in analyzer["units"]}  # fmt: skip
        header, *lines = word_tables[
            word("unit_results", lang).format(title=analyzer["title"][lang])
        ]
        assert {line[0] for line in lines} == set(units)
        for line in lines:
            for title, text in zip(header[1:], line[1:], strict=True):
                measure = titles[title]
                value = units[line[0]][measure["id"]]
                plain = text.removeprefix("◇ ").removeprefix("○ ")
                assert shows(plain, value, measure["unit"]), (line[0], title)
                compared += 1
        for row in book[analyzer["title"][lang]]:
            unit = units[row[word("unit", lang)]]
            assert {titles[t]["id"]: row[t] for t in titles} == {
                key: pytest.approx(value) for key, value in unit.items() if key != "unit"
            }
        shown = [
            value for row in analyzer["units"] for value in row.values() if value in page.numbers
        ]
        assert len(shown) >= len(units)
    assert compared > 50


def test_gap_rows_are_the_same_in_all_three(written, document, page, word_tables, book):
    lang = written[0].lang
    keys = ("indicator", "territory", "standard_value", "shortfall", "proposed_action", "remark")
    sheet = {str(row[word("no", lang)]): row for row in book[word("gaps", lang)]}
    header, *lines = word_tables[word("gaps", lang)]
    in_word = {line[0]: dict(zip(header, line, strict=True)) for line in lines}
    html_header = page.rows["gaps"][0]
    in_page = [
        dict(zip(header, row, strict=True))
        for row in page.rows["gaps"]
        if len(row) == len(header) and row != header
    ]
    assert header in page.rows["gaps"], html_header
    assert len(in_page) == len(in_word)
    for row in (*in_page, *in_word.values()):
        other = sheet[row[word("no", lang)]]
        for key in keys:
            assert row[word(key, lang)] == (other[word(key, lang)] or ""), key
        assert other[word("place", lang)] in row[word("place", lang)]
    measures = {m["id"]: m for a in document["analyzers"] for m in a["measures"]}
    for row in sheet.values():
        if row[word("level", lang)] == word("city", lang):
            measure = measures[row[word("measure_id", lang)]]
            assert row[word("value_number", lang)] == pytest.approx(measure["value"])
    missed = sum(m["verdict"] in {"not_met", "cannot_tell"} and m["target"]["kind"] == "target"
                 for m in measures.values() if m["target"])  # fmt: skip
    assert missed == sum(row[word("level", lang)] == word("city", lang) for row in sheet.values())


def test_lists_have_the_same_lines(written, page, word_tables, book):
    lang = written[0].lang
    for key, name in (("problem_list", "problems"), ("remedy_list", "remedies")):
        lines = word_tables[word(key, lang)]
        assert [row[0] for row in lines] == [row[0] for row in page.rows[name]]
        sheet = {str(row[word("no", lang)]) for row in book[word(key, lang)]}
        assert {row[0] for row in lines[1:]} <= sheet


def test_the_ledger_is_the_same_in_all_three(written, document, page, word_tables, book):
    lang = written[0].lang
    if not document["ledger"]:
        assert "ledger" not in page.rows
        assert word("ledger", lang) not in {*word_tables, *book}
        return
    header, *lines = word_tables[word("ledger", lang)]
    assert page.rows["ledger"][0] == header
    assert len(lines) == len(page.rows["ledger"]) - 1 == len(book[word("ledger", lang)])
    assert len(lines) == len(document["ledger"]) == 69
    rows = zip(document["ledger"], lines, page.rows["ledger"][1:], book[word("ledger", lang)],
               strict=True)  # fmt: skip
    for entry, in_word, in_page, in_sheet in rows:
        words = dict(zip(header, in_word, strict=True))
        verdict = LEDGER_VERDICTS[entry["verdict"]].get(lang)
        assert words[word("ref", lang)] == in_sheet[word("ref", lang)] == entry["ref"]
        assert words[word("verdict", lang)].split(" ", 1)[1] == verdict
        assert in_sheet[word("verdict", lang)] == verdict
        assert [cell.split() for cell in in_page] == [cell.split() for cell in in_word]
        for key in ("task", "lead", "cooperating", "asks", "reason", "value"):
            assert words[word(key, lang)] == (in_sheet[word(key, lang)] or ""), key
        number = entry["items"][0]["value"] if entry["items"] else None
        assert in_sheet[word("value_number", lang)] == pytest.approx(number)
        assert in_sheet[word("days_number", lang)] == entry["days_left"]
        if number is not None:
            assert number in page.numbers
            shown = next(i for i in entry["items"] if i["value"] is not None)
            if shown["unit"] != "yes_no":
                text = words[word("value", lang)].split(word("colon", lang))[-1]
                text = text if len(entry["items"]) == 1 else words[word("value", lang)].split(
                    word("semicolon", lang))[0].split(word("colon", lang))[-1]  # fmt: skip
                assert shows(text, shown["value"], shown["unit"]), entry["ref"]


def test_ledger_counts_are_those_of_the_entries(written, document, page, word_tables, book):
    lang = written[0].lang
    if not document["ledger"]:
        return
    header, *lines = word_tables[word("ledger_counts", lang)]
    assert page.rows["ledger-counts"][0] == header
    for line, in_page, row, verdict in zip(
        lines, page.rows["ledger-counts"][1:], book[word("ledger_counts", lang)],
        LEDGER_VERDICTS, strict=True,
    ):  # fmt: skip
        mine = [entry for entry in document["ledger"] if entry["verdict"] == verdict]
        clauses = sum(entry["kind"] == "clause" for entry in mine)
        overdue = sum((e["days_left"] or 0) < 0 for e in mine) if verdict == "not_met" else 0
        assert line[1:] == in_page[1:]
        assert line[1:] == [str(clauses), str(len(mine) - clauses), str(overdue or "")]
        assert [row[title] for title in header[1:]] == [clauses, len(mine) - clauses, overdue]


def test_gaps_without_a_department_are_listed(written, page, word_tables, book):
    lang = written[0].lang
    if written[0].plan is None:
        return
    lead = word("lead", lang)
    orphans = [row for row in book[word("gaps", lang)] if not row[lead]]
    listed = book[word("no_department", lang)]
    assert sum(row[word("gap_count", lang)] for row in listed) == len(orphans)
    assert [row[:2] for row in word_tables[word("no_department", lang)][1:]] == [
        row[:2] for row in page.rows["unnamed"][1:]
    ]
    assert {row[word("indicator", lang)] for row in listed} == {
        row[word("indicator", lang)] for row in orphans
    }


def test_without_coordinates_there_are_none(written, tmp_path):
    report, folder = written
    places = re.compile(r"\d\.\d{5}, \d+\.\d{5}")
    assert places.search((folder / "report.html").read_text(encoding="utf-8"))
    write_report(report, tmp_path / "r.html", coordinates=False)
    write_document(report, tmp_path / "r.docx", coordinates=False)
    write_tables(report, tmp_path / "t.xlsx", coordinates=False)
    assert not places.search((tmp_path / "r.html").read_text(encoding="utf-8"))
    tables = captioned(docx.Document(tmp_path / "r.docx"))
    assert not any(places.search(cell) for rows in tables.values() for row in rows for cell in row)
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    headings = {cell.value for sheet in book for cell in sheet[1]}
    assert not headings & {word("longitude", report.lang), word("latitude", report.lang)}
