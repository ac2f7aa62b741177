import dataclasses
import re
from html.parser import HTMLParser

import pytest
from hand_made import FORMULA, SCRIPT
from markupsafe import escape

from cityplan.model.result import Result
from cityplan.outputs.gap_report import report_html, write_report
from cityplan.outputs.gap_rows import gap_rows
from cityplan.outputs.offline import check_offline
from cityplan.outputs.results_json import results_document


class Reader(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.numbers, self.words = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "data":
            self.numbers.append(float(dict(attrs)["value"]))

    def handle_data(self, data):
        self.words.append(data.strip())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_holds_every_number_and_verdict(report, lang):
    report = dataclasses.replace(report, lang=lang)
    page = Reader(report_html(report))
    for analyzer in results_document(report)["analyzers"]:
        for measure in analyzer["measures"] if analyzer["status"] == "ok" else ():
            assert measure["title"][lang] in " ".join(page.words)
            if measure["value"] is not None:
                assert measure["value"] in page.numbers
        for row in analyzer["units"]:
            for key, value in row.items():
                if key != "unit" and value is not None:
                    assert value in page.numbers


def test_summary_says_what_is_missed_and_by_how_much(report, english):
    zh, en = report_html(report), report_html(english)
    assert "共评价 4 项指标：达标 1 项，未达标 2 项，数据无法判定 1 项。" in zh
    assert "Judged measures: 4. Met: 1. Not met: 2. The data cannot tell: 1." in en
    assert (
        "未达标，差 1.86 个/km²。4 个单元中有 2 个未达标。最差单元：明东街道，1.20 个/km²。" in zh
    )
    assert "missed by 0.04 percentage points" in en
    assert "未分析：图层“streets”没有数据。" in zh


def test_a_value_never_looks_like_the_target_it_misses(report):
    html = report_html(report)
    assert "14.96%" in html
    assert "15.0%，标准值" not in html


def test_unverified_figures_are_marked(report):
    html = report_html(report)
    assert "≥ 15%（未核实）" in html
    assert html.count('<span class="badge unverified">未核实</span>') >= 3


def test_names_in_the_data_are_text(report):
    html = report_html(report)
    assert "<script" not in html
    assert SCRIPT.replace("<", "&lt;").replace(">", "&gt;") in html
    assert "明光市 &lt;i&gt;test&lt;/i&gt;" in html
    assert FORMULA.replace("'", "&#39;") in html
    page = Reader(html)
    assert "script" not in page.tags
    assert "i" not in page.tags


def test_no_name_turns_the_direction_of_what_follows(report):
    area = dataclasses.replace(report.area, name="城\u202etxt.exe\x00")
    assert not re.search(
        "[\u202a-\u202e\u2066-\u2069\x00]", report_html(dataclasses.replace(report, area=area))
    )


def test_every_gap_stands_in_the_lists_with_what_to_do(report):
    page = report_html(report)
    rows = gap_rows(report, "zh")
    for heading in ("短板清单", "问题清单", "整治建议清单"):
        assert f"<h3>{heading}</h3>" in page
    (table,) = re.findall(
        r'<table class="gaps">(?:(?!</table>).)*牵头责任单位.*?</table>', page, re.DOTALL
    )
    assert table.count("<tr class=") == len(rows)
    assert all(escape(row.action) in page for row in rows)


def test_unverified_figures_have_an_annex_of_their_own(report):
    annex = report_html(report).partition("D. 未核实数值")[2].partition("<h3>")[0]
    assert "my_own.walk_share" in annex
    assert "toilet_density.per_km2" not in annex


def test_page_loads_nothing(report):
    html = report_html(report)
    check_offline(html)
    assert not re.search(r"<(link|img|iframe|script)\b", html)


def test_worst_unit_comes_first_and_unknown_last(report):
    html = report_html(report)
    names = re.findall(r'<th scope="row">([^<]*)</th>', html)[:5]
    assert names == [
        "明东街道",
        "经开区 &lt;b&gt;A&amp;B&lt;/b&gt;",
        "明南街道",
        "明光街道",
        "单元以外",
    ]


def test_language_and_title(report, english, tmp_path):
    for chosen, code, title in ((report, "zh-CN", "短板诊断报告"), (english, "en", "Gap report")):
        write_report(chosen, tmp_path / "r.html")
        html = (tmp_path / "r.html").read_text(encoding="utf-8")
        assert f'<html lang="{code}">' in html
        assert f"{title}</title>" in html


def test_a_skipped_run_is_still_a_report(report):
    skipped = tuple(r for r in report.results if not isinstance(r, Result))
    html = report_html(dataclasses.replace(report, results=skipped, inputs={}, notes=()))
    assert "共评价 0 项指标" in html


def test_opens_in_a_browser(report, english, tmp_path, browser_page):
    for name, chosen in (("zh", report), ("en", english)):
        write_report(chosen, tmp_path / "r.html")
        browser_page.open(tmp_path / "r.html")
        browser_page.screenshot(f"report_{name}")
        assert browser_page.page.locator("h1").inner_text() == "明光市 <i>test</i>"
        wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert browser_page.page.evaluate(wide)
    assert browser_page.requests == []
    assert browser_page.errors == []
