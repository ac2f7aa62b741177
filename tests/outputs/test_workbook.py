import openpyxl
import pytest
from hand_made import FORMULA, SCRIPT

from cityplan.outputs.labels import measure_title
from cityplan.outputs.results_json import results_document
from cityplan.outputs.tables import sheet_name, write_tables
from cityplan.outputs.words import word


@pytest.fixture
def book(report, tmp_path):
    write_tables(report, tmp_path / "tables.xlsx")
    return openpyxl.load_workbook(tmp_path / "tables.xlsx")


def rows(sheet):
    header, *lines = sheet.iter_rows(values_only=True)
    return [dict(zip(header, line, strict=True)) for line in lines]


def cells(book):
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row]


def test_sheets(book):
    assert book.sheetnames == [
        "结论摘要", "公共厕所密度", "自定义分析", "短板清单", "问题清单", "整治建议清单",
        "输入数据", "数据质量", "输入检查", "采用标准", "成果来源",
    ]  # fmt: skip
    for sheet in book:
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref is not None


def test_summary_equals_results_json(report, book):
    document = results_document(report)
    measures = [m for analyzer in document["analyzers"] for m in analyzer["measures"]]
    summary = rows(book["结论摘要"])
    assert [row["指标编号"] for row in summary] == [m["id"] for m in measures]
    for row, measure in zip(summary, measures, strict=True):
        for heading, key in (
            ("现状值", "value"),
            ("下限", "low"),
            ("上限", "high"),
            ("缺口", "gap"),
        ):
            assert row[heading] == measure[key] or row[heading] == pytest.approx(measure[key])


def test_unit_sheets_equal_results_json(report, book):
    for analyzer in results_document(report)["analyzers"][:2]:
        titles = {measure_title(m["id"], report.standard).zh: m["id"] for m in analyzer["measures"]}
        table = rows(book[analyzer["title"]["zh"]])
        assert len(table) == len(analyzer["units"])
        for row, unit in zip(table, analyzer["units"], strict=True):
            name = unit["unit"].replace("outside units", "单元以外")
            assert row["单元"] == name
            assert {titles[t]: v for t, v in row.items() if t in titles} == {
                key: value for key, value in unit.items() if key != "unit"
            }


def test_gaps_name_city_units_and_places_but_not_what_lies_in_no_unit(book):
    gaps = rows(book["短板清单"])
    assert [row["序号"] for row in gaps] == list(range(1, len(gaps) + 1))
    levels = [row["层级"] for row in gaps]
    assert levels.count("全市") == 2 + 1  # one more that the data cannot tell
    assert levels.count("单元") == 2 + 3
    assert levels.count("位置") == 3 + 4
    assert all(row["属地"] != "单元以外" for row in gaps)
    worst = gaps[levels.index("位置")]
    assert worst["位置"] == SCRIPT
    assert worst["受影响人口"] == 1830
    assert worst["缺少"] == "菜市场、银行网点"
    assert all(row["牵头责任单位"] is None for row in gaps)


def test_verdicts_are_words_with_their_colour(book):
    sheet = book["公共厕所密度"]
    (column,) = [c.column for c in sheet[1] if c.value == "判定：建成区公厕密度"]
    words = [sheet.cell(row, column) for row in range(2, 7)]
    assert [cell.value for cell in words] == ["未达标", "无法判定", "达标", "未达标", "无目标值"]
    assert len({cell.fill.fgColor.rgb for cell in words}) == 4


def test_problems_and_remedies_refer_to_the_gaps(book):
    numbers = {row["序号"] for row in rows(book["短板清单"])}
    assert {row["序号"] for row in rows(book["问题清单"])} == numbers
    found = rows(book["整治建议清单"])
    assert [row["序号"] for row in found] == list(range(1, len(found) + 1))
    assert "新建或开放公厕 26 座" in found[0]["建议措施"]
    assert all(row["牵头责任单位"] is None for row in found)


def test_no_cell_is_a_formula_or_a_link(book):
    assert all(cell.data_type != "f" and cell.hyperlink is None for cell in cells(book))
    assert sum(cell.value == FORMULA for cell in cells(book)) >= 2


def test_numbers_carry_the_format_of_their_unit(book):
    sheet = book["自定义分析"]
    assert sheet["B2"].number_format == "0.0%"
    assert book["公共厕所密度"]["C2"].number_format == "0.00"


def test_standard_sheet_marks_what_is_not_verified(book):
    table = {row["项"]: row for row in rows(book["采用标准"])}
    assert table["my_own.walk_share"]["已核实"] == "否"
    assert table["toilet_density.per_km2"]["已核实"] == "是"
    assert table["green"]["数值"] == "绿地 ≥ 400 m²: 300 m；公园 2,000–5,000 m²: 300 m"


def test_same_report_same_file(report, tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        write_tables(report, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_english(english, tmp_path):
    write_tables(english, tmp_path / "t.xlsx")
    names = openpyxl.load_workbook(tmp_path / "t.xlsx").sheetnames
    assert names[0] == word("summary", "en")
    assert "Public toilets" in names


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a/b:c*?[d]'"], ["a b c   d"]),
        (["x" * 40, "X" * 40, "x" * 40], ["x" * 31, "X" * 29 + " 2", "x" * 29 + " 3"]),
        (["", "[]"], ["-", "- 2"]),
    ],
)
def test_sheet_names_are_safe_and_unique(names, expected):
    used = set()
    assert [sheet_name(name, used) for name in names] == expected
    assert all(len(name) <= 31 for name in expected)
