"""The atlas: the order of cities, the tiers of their data, the page and the workbook."""

import json
import re

import openpyxl
import pytest

from cityplan.outputs.atlas import Entry, write_atlas
from cityplan.outputs.atlas_card import city_card
from cityplan.outputs.atlas_rows import CHECKS, quality_tier, tables
from cityplan.text import Text

HOSTILE = '=cmd|"/c calc"<script>alert(1)</script>'
GOOD = {check.id: check.at_least if check.at_least is not None else 0.0 for check in CHECKS}


def measure(name, value, verdict, *, gap=None, floor=10.0, kind="target"):
    return {
        "id": f"x.{name}", "title": {"en": name, "zh": f"指标{name}"}, "value": value,
        "unit": "share", "verdict": verdict, "gap": gap,
        "target": {"operator": ">=", "value": floor, "kind": kind},
    }  # fmt: skip


def entry(city, *verdicts, standard="s", quality=(), **more):
    """Return a city whose measures have verdicts, or (verdict, gap)."""
    measures = [
        measure(f"m{n}", 0.5, *([v] if isinstance(v, str) else v[:1]),
                gap=None if isinstance(v, str) else v[1])
        for n, v in enumerate(verdicts)
    ]  # fmt: skip
    results = {
        "standard": {"id": standard, "title": {"en": standard, "zh": standard}},
        "study": {"built_up": {"is_proxy": True}, "attribution": ["© somebody"]},
        "analyzers": [{"name": "x", "title": {"en": "X", "zh": "甲"}, "measures": measures}],
        "quality": [
            {"id": key, "value": value, "unit": "share", "title": {"en": key, "zh": key}}
            for key, value in dict(quality).items()
        ],
    }
    return Entry(
        city=city, folder=f"cities/{city}", results=results, card=None, cause=None, seconds=1.0,
        **more,
    )  # fmt: skip


def order(*entries):
    return [[(city.rank, city.entry.city) for city in table.cities] for table in tables(entries)]


def test_more_met_is_better_then_smaller_gaps():
    assert order(
        entry("all", "met", "met"),
        entry("none", ("not_met", 5.0), ("not_met", 5.0)),
        entry("near", "met", ("not_met", 1.0)),
        entry("far", "met", ("not_met", 9.0)),
    ) == [[(1, "all"), (2, "near"), (3, "far"), (4, "none")]]


def test_equal_cities_share_a_rank_and_the_next_one_does_not():
    found = order(entry("b", "met"), entry("a", "met"), entry("c", ("not_met", 1.0)))
    assert found == [[(1, "a"), (1, "b"), (3, "c")]]


def test_what_cannot_be_told_counts_for_neither_side():
    found = order(entry("open", "met", "cannot_tell"), entry("met", "met", "met"))
    assert [rank for rank, _ in found[0]] == [1, 1]


def test_a_city_of_which_nothing_can_be_told_comes_last():
    found = order(entry("dark", "cannot_tell"), entry("bad", ("not_met", 9.0)))
    assert [city for _, city in found[0]] == ["bad", "dark"]


def test_cities_of_different_standards_are_not_ranked_together():
    found = order(entry("a", "met", standard="1"), entry("b", ("not_met", 1.0), standard="2"))
    assert found == [[(1, "a")], [(1, "b")]]


def test_reference_figures_do_not_count():
    one = entry("a", "met")
    one.results["analyzers"][0]["measures"].append(measure("r", 1.0, "not_met", kind="reference"))
    assert tables([one])[0].cities[0].count("not_met") == 0


@pytest.mark.parametrize(
    ("missing", "tier"), [(0, "A"), (1, "A"), (2, "B"), (3, "B"), (4, "C"), (6, "C")]
)
def test_tiers(missing, tier):
    figures = dict(GOOD)
    given = figures.pop("built_up")
    for key in list(figures)[: min(missing, 5)]:
        figures[key] = (
            None if missing % 2 else 2.0 if key.endswith("without_buildings_share") else -1
        )
    results = entry("a", quality=figures).results
    results["study"]["built_up"]["is_proxy"] = missing == 6 or not given
    found, lacking = quality_tier(results)
    assert (found, len(lacking)) == (tier, missing)


@pytest.fixture
def written(tmp_path):
    def write(lang="en", *more):
        card = {
            "width": 100, "height": 80, "boundary": "M0,0 100,0 100,80Z", "built_up": "M1,1 9,9",
            "maps": {"x": {
                "gap": {"areas": "M1,1 9,1 9,9Z", "lines": "M0,0 5,5", "points": [[3, 4]]},
                "served": {"areas": "M20,20 40,20 40,40Z", "lines": "", "points": [[30, 4]]},
            }},
        }  # fmt: skip
        good = entry("一号 城", "met", ("not_met", 2.5), "cannot_tell", quality=GOOD)
        object.__setattr__(good, "card", card)
        failed = Entry(
            city="bad", folder="cities/bad", results=None, card=None, seconds=0.0,
            cause=Text(en=f"no {HOSTILE}", zh=f"无 {HOSTILE}"),
        )  # fmt: skip
        lost = Entry(
            city="lost", folder="cities/lost", results=None, card=None, cause=None, seconds=1.0
        )
        entries = [good, entry(HOSTILE, "met"), failed, lost, *more]
        write_atlas(entries, tmp_path, lang=lang)
        return tmp_path

    return write


def test_workbook(written):
    book = openpyxl.load_workbook(written("zh") / "atlas.xlsx")
    ranking, measures, quality, failures = book.worksheets
    assert ranking.title.startswith("排名")
    rows = list(ranking.iter_rows(values_only=True))
    assert [(row[0], row[1]) for row in rows[1:]] == [(1, HOSTILE), (2, "一号 城")]
    assert rows[0][6:] == ("指标m0", "指标m1", "指标m2")
    assert rows[2][3:6] == (1, 1, 1)
    assert [row[5].value for row in measures.iter_rows(min_row=2)] == [
        "达标",
        "达标",
        "未达标",
        "无法判定",
    ]
    assert [row[1].value for row in quality.iter_rows(min_row=2)] == ["C", "A"]
    causes = {row[0].value: row[1].value for row in failures.iter_rows(min_row=2)}
    assert set(causes) == {"bad", "lost"}
    assert "无法读取" in causes["lost"]
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" and cell.hyperlink is None for cell in row)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_page_shows_sorts_and_asks_for_nothing(written, browser_page, lang):
    folder = written(lang)
    browser_page.open(folder / "atlas.html")
    page = browser_page.page
    cities = "#ranking tbody th"
    assert page.locator(cities).all_inner_texts() == [HOSTILE, "一号 城"]
    heads = page.locator("#ranking thead button")
    assert heads.count() == 9
    heads.nth(0).click()
    heads.nth(0).click()
    assert page.locator(cities).all_inner_texts() == ["一号 城", HOSTILE]
    assert page.locator("#ranking thead th").nth(0).get_attribute("aria-sort") == "descending"
    assert page.locator("#failures tbody tr").count() == 2
    link = page.locator("#maps a").last.get_attribute("href")
    assert link == "cities/%E4%B8%80%E5%8F%B7%20%E5%9F%8E/map.html"
    figure = page.locator("#maps svg[role=img]")
    assert figure.count() == 1
    assert figure.first.bounding_box()["height"] > 100
    assert (browser_page.requests, browser_page.errors) == ([], [])
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    assert [(rule["id"], rule["impact"]) for rule in found] == []
    browser_page.screenshot(f"atlas_{lang}")


def test_page_says_when_nothing_was_measured(tmp_path):
    write_atlas([], tmp_path, lang="en")
    text = (tmp_path / "atlas.html").read_text(encoding="utf-8")
    assert "No city has a result." in text
    assert len(openpyxl.load_workbook(tmp_path / "atlas.xlsx").worksheets) == 3


def test_page_escapes(written):
    text = (written() / "atlas.html").read_text(encoding="utf-8")
    assert "<script>alert" not in text
    assert not re.search(r"(src|href)=\"https?:", text)


def test_cards_are_small_and_hold_every_analysis():
    import cityplan

    report = cityplan.run(cityplan.sample())
    card = city_card(report)
    assert set(card["maps"]) == {result.analyzer for result in report.results}
    assert card["maps"]["toilet_density"]["gap"]["areas"].startswith("M")
    assert card["maps"]["toilet_density"]["facility"]["points"]
    assert len(json.dumps(card)) < 60_000
    xs = [float(x) for x in re.findall(r"[M ](-?[\d.]+),", card["boundary"])]
    assert (min(xs), max(xs)) == (pytest.approx(0, abs=1), pytest.approx(card["width"], abs=1))
