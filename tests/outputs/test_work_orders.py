"""Work orders: who gets which gap, what a department reads, and names that try to break out."""

import dataclasses
import datetime as dt
import io
import zipfile

import docx
import openpyxl
import pytest
from hand_made import FORMULA, SCRIPT, text
from PIL import Image

import cityplan
from cityplan.ledgers import with_ledger
from cityplan.model.plan import Clause, Plan, Territory, Tie
from cityplan.outputs.gap_rows import gap_rows
from cityplan.outputs.locator_map import Locator
from cityplan.outputs.order_document import write_order_document
from cityplan.outputs.order_files import order_sheets, write_departments, write_territories
from cityplan.outputs.words import word
from cityplan.outputs.work_orders import department_orders, safe_stem, territory_orders
from cityplan.writing import write

DENSITY, RATIO = "toilet_density.per_km2", "toilet_density.female_male_ratio_crowded"
WAIT = "my_own.wait_m"


@pytest.fixture(scope="module")
def mingcheng():
    return cityplan.run(cityplan.sample("mingcheng"))


@pytest.fixture(scope="module")
def rows(mingcheng):
    return gap_rows(mingcheng, "zh")


@pytest.fixture(scope="module")
def folder(mingcheng, tmp_path_factory):
    folder = tmp_path_factory.mktemp("orders")
    write_departments(mingcheng, folder / "departments")
    write_territories(mingcheng, folder / "territories")
    return folder


def a_clause(ref, lead, *measures, deadline=None, cooperating=()):
    return Clause(
        ref=ref, kind="A", title=text(f"Task {ref}", f"任务{ref}"), lead=lead,
        cooperating=cooperating, deadline=deadline, target=text("as asked", "按要求"),
        tie=Tie(measures=measures) if measures else Tie(none=text("No number.", "无数值。")),
    )  # fmt: skip


def a_plan(*clauses, **more):
    names = {name for row in clauses for name in (*row.lead, *row.cooperating)}
    return Plan(
        id="p", title=text("Plan", "方案"), summary=text("s"), source="s", standard="toy",
        ends=None, departments={name: text(name) for name in sorted(names)}, clauses=clauses, **more,
    )  # fmt: skip


def planned(report, *clauses, **more):
    return with_ledger(report, a_plan(*clauses, **more), {}, {}, as_of=dt.date(2021, 6, 1))


def numbers(orders):
    return {row.no for order in orders for row in order.gaps}


def opened(path):
    book = openpyxl.load_workbook(path)
    sheets = {}
    for sheet in book:
        header, *lines = sheet.iter_rows(values_only=True)
        sheets[sheet.title] = [dict(zip(header, line, strict=True)) for line in lines]
    return sheets


def words_of(path):
    document = docx.Document(path)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


# --- who gets what -------------------------------------------------------------


def test_over_departments_the_gaps_are_those_of_the_report_with_a_department(mingcheng, rows):
    orders = department_orders(mingcheng)
    tied = {row.no for row in rows if row.responsibility.lead}
    assert numbers(orders) == tied
    assert 0 < len(tied) < len(rows), "some gaps have a department and some have none"
    leads = {name for entry in mingcheng.ledger.entries for name in entry.lead}
    assert {order.name for order in orders} == leads
    for order in orders:
        mine = {row.no for row in rows if order.name in row.responsibility.lead.split("、")}
        assert {row.no for row in order.gaps} == mine
        refs = [line.entry.ref for line in order.lines]
        assert refs == [e.ref for e in mingcheng.ledger.entries if order.name in e.lead]


def test_over_territories_the_gaps_are_all_that_lie_in_a_unit(mingcheng, rows):
    orders = territory_orders(mingcheng)
    assert [order.name for order in orders] == list(mingcheng.area.units["unit"])
    assert numbers(orders) == {row.no for row in rows if row.level != "city"}
    assert sum(len(order.gaps) for order in orders) == len(numbers(orders))
    for order in orders:
        assert {row.territory for row in order.gaps} == {order.name}


def test_a_measure_of_several_clauses_goes_to_each_that_leads(report):
    early, late = dt.date(2020, 12, 31), dt.date(2021, 12, 31)
    report = planned(
        report,
        a_clause("1", ("甲局", "乙局"), DENSITY, deadline=late, cooperating=("丙局",)),
        a_clause("2", ("丙局",), DENSITY, RATIO, deadline=early),
        a_clause("3", ("丁局",)),
    )
    orders = {order.name: order for order in department_orders(report)}
    density = {row.no for row in gap_rows(report, "zh") if row.measure == DENSITY}
    ratio = {row.no for row in gap_rows(report, "zh") if row.measure == RATIO}
    assert density
    assert ratio
    assert numbers([orders["甲局"]]) == numbers([orders["乙局"]]) == density
    assert numbers([orders["丙局"]]) == density | ratio
    assert not orders["丁局"].gaps
    # each reads the deadline and the partners of its own clause
    assert {row.responsibility.deadline for row in orders["甲局"].gaps} == {"2021-12-31"}
    assert {row.responsibility.cooperating for row in orders["甲局"].gaps} == {("丙局",)}
    assert {row.responsibility.deadline for row in orders["丙局"].gaps} == {"2020-12-31"}
    # the report and the territories name them all, until the earliest day
    shown = next(row for row in gap_rows(report, "zh") if row.measure == DENSITY)
    assert shown.responsibility.lead == "甲局、乙局、丙局"
    assert shown.responsibility.deadline == "2020-12-31"
    for order in territory_orders(report):
        for row in order.gaps:
            if row.measure == DENSITY:
                assert row.responsibility.lead == "甲局、乙局、丙局"
            if row.measure == WAIT:
                assert not row.responsibility.lead


def test_a_territory_of_the_plan_says_what_it_answers_for(report):
    unit = str(report.area.units["unit"].iloc[0])
    zone = Territory(id="z", title=text("Zone"), units=(unit,), duty=text("All.", "负责落实。"))
    report = planned(report, a_clause("1", ("甲局",), DENSITY), territories=(zone,))
    first, *others = territory_orders(report)
    assert first.duty == "负责落实。"
    assert not any(order.duty for order in others)


def test_short_of_the_target_comes_first_then_the_deadline(mingcheng):
    for order in department_orders(mingcheng):
        entries = [ask.line.entry for ask in order.asks]
        keys = [(e.verdict != "not_met", e.deadline or dt.date.max) for e in entries]
        assert keys == sorted(keys)
        left = [line.entry for line in order.lines if line.entry not in entries]
        assert not any(entry.verdict == "not_met" for entry in left)


# --- what is written -------------------------------------------------------------


def test_two_departments_read_their_clauses_and_gaps(mingcheng, folder):
    orders = {order.name: order for order in department_orders(mingcheng)}
    for name in ("市城管执法局", "市自然资源和规划局"):
        order = orders[name]
        text_ = words_of(folder / "departments" / f"{name}.docx")
        sheets = opened(folder / "departments" / f"{name}.xlsx")
        clauses, gaps = sheets[word("order_all_clauses", "zh")], sheets[word("gaps", "zh")]
        assert {row["条款"] for row in clauses} == {line.entry.ref for line in order.lines}
        assert [row["序号"] for row in gaps] == [row.no for row in order.gaps]
        for cells, row in zip(gaps, order.gaps, strict=True):
            assert name in cells["牵头责任单位"]
            assert cells["属地"] == row.territory
            assert cells["配合单位"]
            assert cells["完成时限"] in {"2020-12-31", "2021-12-31"}
            assert cells["指标编号"] == row.measure
        for line in order.lines:
            assert line.entry.ref in text_
            assert line.entry.title.zh in text_
        for ask in order.asks:
            assert ask.line.entry.target.zh in text_
        counted = sheets[word("ledger_counts", "zh")]
        assert sum(row[word("clause_count", "zh")] for row in counted) == len(order.lines)
        assert f"短板 {len(order.gaps)} 项" in text_


def test_places_have_a_thumbnail_and_the_order_a_map(mingcheng, folder):
    order = next(o for o in department_orders(mingcheng) if o.name == "市自然资源和规划局")
    document = docx.Document(folder / "departments" / f"{order.name}.docx")
    places = [row for row in order.gaps if row.level == "place"]
    assert len(document.inline_shapes) == 1 + len(places)
    heading = word("thumbnail", "zh")
    table = next(t for t in document.tables if t.rows[0].cells[-1].text == heading)
    for line, row in zip(table.rows[1:], places, strict=True):
        assert line.cells[0].text == str(row.no)
        assert line.cells[-1]._tc.xpath(".//pic:pic")
    with zipfile.ZipFile(folder / "departments" / f"{order.name}.docx") as parts:
        media = [n for n in parts.namelist() if n.endswith(".png")]
        widest = max(Image.open(io.BytesIO(parts.read(n))).width for n in media)
    assert widest > 1000


def test_a_department_without_a_gap_is_told_so(mingcheng, folder):
    name = "市供销社"
    assert not next(o for o in department_orders(mingcheng) if o.name == name).gaps
    assert "未发现由贵单位牵头整治的短板" in words_of(folder / "departments" / f"{name}.docx")
    sheets = opened(folder / "departments" / f"{name}.xlsx")
    assert [row["序号"] for row in sheets[word("gaps", "zh")]] == [word("no_gaps", "zh")]
    document = docx.Document(folder / "departments" / f"{name}.docx")
    assert not document.inline_shapes


def test_a_territory_reads_who_leads_and_where_nobody_is_named(mingcheng, folder):
    for order in territory_orders(mingcheng):
        text_ = words_of(folder / "territories" / f"{order.name}.docx")
        unnamed = sum(not row.responsibility.lead for row in order.gaps)
        assert unnamed
        assert f"{unnamed} 项方案未明确牵头单位" in text_
        assert word("not_named", "zh") in text_
        gaps = opened(folder / "territories" / f"{order.name}.xlsx")[word("gaps", "zh")]
        assert [row["序号"] for row in gaps] == [row.no for row in order.gaps]
        assert sum(row["牵头责任单位"] is None for row in gaps) == unnamed


def test_a_territory_without_a_gap_is_told_so(mingcheng, tmp_path):
    results = tuple(result for result in mingcheng.results if result.analyzer == "road_area_ratio")
    quiet = dataclasses.replace(mingcheng, results=results)
    assert not any(order.gaps for order in territory_orders(quiet))
    write_territories(quiet, tmp_path)
    assert "未发现辖区内的短板" in words_of(tmp_path / "北关街道.docx")
    sheets = opened(tmp_path / "北关街道.xlsx")
    assert [row["序号"] for row in sheets[word("gaps", "zh")]] == [word("no_gaps", "zh")]


def written_alone(report, name, path, **options):
    """Write the document of one department and return its order."""
    orders = department_orders(report, **options)
    order = next(order for order in orders if order.stem == name)
    write_order_document(order, report, path, locator=Locator(report), template=None)
    return order


def test_coordinates_can_be_left_out(mingcheng, tmp_path):
    order = written_alone(mingcheng, "市自然资源和规划局", tmp_path / "a.docx", coordinates=False)
    gaps = order_sheets(order, mingcheng, coordinates=False)[3]
    assert gaps.name == word("gaps", "zh")
    assert word("longitude", "zh") not in gaps.header
    assert "117.9" not in words_of(tmp_path / "a.docx")
    assert len(docx.Document(tmp_path / "a.docx").inline_shapes) > 1, "the maps stay"
    written_alone(mingcheng, "市自然资源和规划局", tmp_path / "b.docx")
    assert "117.9" in words_of(tmp_path / "b.docx")


def test_english_orders_name_departments_in_english(mingcheng, tmp_path):
    english = dataclasses.replace(mingcheng, lang="en")
    written_alone(english, "市商务局", tmp_path / "a.docx")
    text_ = words_of(tmp_path / "a.docx")
    assert "Commerce Bureau: work order" in text_
    assert "Urban Management and Enforcement Bureau" in text_


def test_the_same_report_gives_the_same_files(mingcheng, folder, tmp_path):
    write_territories(mingcheng, tmp_path)
    for path in sorted(tmp_path.glob("*.docx")):
        assert path.read_bytes() == (folder / "territories" / path.name).read_bytes()


def test_without_a_plan_there_are_no_folders(report, tmp_path):
    write_departments(report, tmp_path / "departments")
    write_territories(report, tmp_path / "territories")
    assert not list(tmp_path.iterdir())


def test_a_run_writes_them(report, tmp_path):
    written = write(planned(report, a_clause("1", ("甲局",), DENSITY)), tmp_path / "out")
    assert sorted(path.name for path in (written / "departments").iterdir()) == [
        "甲局.docx", "甲局.xlsx",
    ]  # fmt: skip
    assert len(list((written / "territories").iterdir())) == 2 * len(report.area.units)
    plain = write(report, tmp_path / "plain")
    assert not (plain / "departments").exists()
    assert not (plain / "territories").exists()


# --- names ---------------------------------------------------------------------

NASTY = (
    "../../etc/passwd", "..", "CON", "nul.txt", "局/处:*?", "局 处", "长" * 300, SCRIPT, FORMULA,
    "a\x00b\nc", " . ", "市住建局",
)  # fmt: skip


@pytest.mark.parametrize("name", NASTY)
def test_a_file_name_stays_in_its_folder(name, tmp_path):
    stem = safe_stem(name, set())
    path = tmp_path / f"{stem}.docx"
    path.write_text("")
    assert list(tmp_path.iterdir()) == [path]
    assert path.resolve().parent == tmp_path.resolve()
    assert not set(stem) & set('<>:"/\\|?*\n\x00')
    assert stem.split(".")[0].upper() not in {"CON", "NUL"}
    assert stem == stem.strip(". ")


def test_file_names_keep_chinese_and_stay_apart():
    used = set()
    assert [safe_stem(name, used) for name in ("市住建局", "局/处", "局 处", "A", "a")] == [
        "市住建局", "局 处", "局 处 2", "A", "a 2",
    ]  # fmt: skip


def test_hostile_names_are_text(report, tmp_path):
    clauses = [a_clause(str(n), (name,), DENSITY) for n, name in enumerate(NASTY) if name.strip()]
    report = planned(report, *clauses)
    written = write_departments(report, tmp_path / "departments")
    written += write_territories(report, tmp_path / "territories")
    assert len(written) == 2 * (len(clauses) + len(report.area.units))
    assert len({str(path).casefold() for path in written}) == len(written)
    assert all(path.parent.parent == tmp_path for path in written)
    for path in written:
        if path.suffix == ".xlsx":
            cells = [
                cell for sheet in openpyxl.load_workbook(path) for row in sheet for cell in row
            ]
            assert not any(cell.data_type == "f" for cell in cells)
        else:
            docx.Document(path)


# --- the maps --------------------------------------------------------------------


def test_the_thumbnail_shows_the_gap(mingcheng, rows):
    locator = Locator(mingcheng)
    row = next(row for row in rows if row.shape is not None and row.shape.area > 0)
    with_gap = Image.open(locator.thumbnail(row)).convert("RGB")
    colors = with_gap.getcolors(100_000)
    orange = sum(n for n, (r, g, b) in colors if r - b > 60 and r > g > b)
    assert orange > 0.05 * with_gap.width * with_gap.height
    city = next(row for row in rows if row.level == "city")
    assert locator.thumbnail(city) is None
