import dataclasses
import re
import zipfile

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm
from hand_made import FORMULA, SCRIPT

from cityplan.errors import InputFileError, MissingFileError
from cityplan.model.result import Result
from cityplan.outputs.docx_builder import chinese_numeral
from cityplan.outputs.docx_report import write_document
from cityplan.outputs.plain_text import harmless


@pytest.fixture
def path(report, tmp_path):
    write_document(report, tmp_path / "report.docx")
    return tmp_path / "report.docx"


@pytest.fixture
def document(path):
    return docx.Document(path)


def texts(document, style):
    return [p.text for p in document.paragraphs if p.style.name == style]


def fields(document):
    return [node.text.strip() for node in document.element.body.iter(qn("w:instrText"))]


def everything(document):
    return "\n".join(node.text or "" for node in document.element.body.iter(qn("w:t")))


def test_headings_have_real_styles_and_the_contents_name_them(document):
    chapters = texts(document, "Heading 1")
    assert chapters[:3] == ["一、总体结论", "二、公共厕所密度", "三、自定义分析"]
    assert "五、短板清单" in chapters
    assert chapters[-5:][0].startswith("附录A")
    assert "（一）可靠程度" in texts(document, "Heading 2")
    entries = [
        "".join(node.text or "" for node in paragraph._p.iter(qn("w:t")))
        for paragraph in document.paragraphs
        if paragraph.style.name == "toc 1"
    ]
    assert entries == chapters
    anchors = {link.get(qn("w:anchor")) for link in document.element.body.iter(qn("w:hyperlink"))}
    marks = {mark.get(qn("w:name")) for mark in document.element.body.iter(qn("w:bookmarkStart"))}
    assert len(anchors) == len(chapters)
    assert anchors <= marks


def test_tables_are_captioned_numbered_and_repeat_their_header(document):
    captions = [text for text in texts(document, "Caption") if text.startswith("表")]
    assert len(captions) == len(document.tables)
    numbers = [int(re.match(r"表 (\d+)", caption)[1]) for caption in captions]
    assert numbers == list(range(1, len(captions) + 1))
    for table in document.tables:
        first, *others = table.rows
        assert first._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:tblHeader")) is None for row in others)
    assert len([text for text in texts(document, "Caption") if text.startswith("图")]) == 2


def test_only_harmless_fields(document):
    kinds = {field.split()[0] for field in fields(document)}
    assert kinds == {"TOC", "SEQ"}
    footer = document.sections[0].footer._element
    assert [node.text.strip() for node in footer.iter(qn("w:instrText"))] == ["PAGE"]
    begun, ended = (
        sum(
            mark.get(qn("w:fldCharType")) == kind for mark in document.element.iter(qn("w:fldChar"))
        )
        for kind in ("begin", "end")
    )
    assert begun == ended
    assert document.settings.element.find(qn("w:updateFields")) is not None


def test_chinese_letters_have_a_chinese_font(document):
    for name in ("Normal", "Heading 1", "Heading 2", "Title", "Caption", "Table Text", "toc 1"):
        fonts = document.styles[name].element.rPr.rFonts
        assert re.search(r"[\u4e00-\u9fff]", fonts.get(qn("w:eastAsia"))), name
        assert fonts.get(qn("w:eastAsiaTheme")) is None


def test_page_is_that_of_the_official_document_and_the_wide_table_lies(document):
    first, *others = document.sections
    sides = (first.page_width, first.page_height, first.top_margin, first.bottom_margin,
             first.left_margin, first.right_margin)  # fmt: skip
    assert [round(side / Mm(1)) for side in sides] == [210, 297, 37, 35, 28, 26]
    lying = [section for section in others if section.page_width > section.page_height]
    assert len(lying) == 1
    (wide,) = [t for t in document.tables if len(t.columns) == 13]
    assert [cell.text for cell in wide.rows[0].cells] == [
        "序号", "指标", "属地", "位置", "现状值", "标准值", "缺口", "受影响人口", "建议措施",
        "牵头责任单位", "配合单位", "完成时限", "备注",
    ]  # fmt: skip
    width = sum(column.width for column in wide.columns)
    assert width <= lying[0].page_width - lying[0].left_margin - lying[0].right_margin + Mm(1)


def test_names_in_the_data_are_text(document, path):
    text = everything(document)
    assert SCRIPT in text
    assert FORMULA in text
    with zipfile.ZipFile(path) as parts:
        assert not [name for name in parts.namelist() if "vba" in name.lower() or "embed" in name]
        for name in parts.namelist():
            if name.endswith(".rels"):
                assert 'TargetMode="External"' not in parts.read(name).decode()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a\x00b\x0bc\nd", "a b c d"),
        ("abc\u202egpj.exe", "abcgpj.exe"),
        ("\ud800x\ufffe\uffff", "x"),
        ("حديقة 🚻👨\u200d👩", "حديقة 🚻👨\u200d👩"),
    ],
)
def test_letters_no_document_takes_are_dropped(name, expected):
    assert harmless(name) == expected


@pytest.mark.parametrize("name", ["\x00\x08\x1b", "\u202e" * 5 + "x", "\ud800", "字" * 20_000])
def test_a_name_that_breaks_xml_breaks_nothing(report, tmp_path, name):
    area = dataclasses.replace(report.area, name=f"城{name}")
    write_document(dataclasses.replace(report, area=area), tmp_path / "r.docx")
    assert "城" in texts(docx.Document(tmp_path / "r.docx"), "Title")[0]


def test_pictures_say_what_they_show(document):
    shown = [node.get("descr") for node in document.element.body.iter(qn("wp:docPr"))]
    assert shown == ["公共厕所密度专题图", "自定义分析专题图"]


def test_same_report_same_file(report, path, tmp_path):
    write_document(report, tmp_path / "again.docx")
    assert path.read_bytes() == (tmp_path / "again.docx").read_bytes()


def test_a_skipped_run_is_still_a_document(report, tmp_path):
    skipped = tuple(r for r in report.results if not isinstance(r, Result))
    bare = dataclasses.replace(report, results=skipped, inputs={}, notes=())
    write_document(bare, tmp_path / "r.docx")
    text = everything(docx.Document(tmp_path / "r.docx"))
    assert "未发现短板。" in text
    assert "图层“streets”没有数据。" in text


def test_english(english, tmp_path):
    write_document(english, tmp_path / "r.docx")
    document = docx.Document(tmp_path / "r.docx")
    assert texts(document, "Heading 1")[:2] == ["1 In plain words", "2 Public toilets"]
    assert texts(document, "Caption")[0].startswith("Table 1  ")


def test_the_template_of_a_bureau_decides_how_it_looks(report, tmp_path):
    template = docx.Document()
    template.add_paragraph("Text of the template")
    template.sections[0].left_margin = Mm(12)
    template.styles["Heading 1"].font.name = "Bureau Sans"
    template.styles["Heading 1"].font.size = Mm(9)
    template.sections[0].header.paragraphs[0].text = "某市城管局"
    template.save(tmp_path / "bureau.docx")
    write_document(report, tmp_path / "r.docx", template=tmp_path / "bureau.docx")
    document = docx.Document(tmp_path / "r.docx")
    assert "Text of the template" not in everything(document)
    assert document.sections[0].left_margin == pytest.approx(Mm(12), abs=Mm(0.1))
    assert document.styles["Heading 1"].font.name == "Bureau Sans"
    assert document.sections[0].header.paragraphs[0].text == "某市城管局"
    assert texts(document, "Heading 1")[0] == "一、总体结论"
    assert "Table Text" in {style.name for style in document.styles}


def test_a_template_with_hardly_any_style_is_enough(report, tmp_path):
    template = docx.Document()
    for style in list(template.styles):
        if style.name not in {"Normal", "Default Paragraph Font", "Normal Table", "No List"}:
            style.delete()
    template.save(tmp_path / "bare.docx")
    write_document(report, tmp_path / "r.docx", template=tmp_path / "bare.docx")
    document = docx.Document(tmp_path / "r.docx")
    assert texts(document, "Heading 1")[0] == "一、总体结论"
    assert document.tables[0]._tbl.tblPr.find(qn("w:tblBorders")) is not None
    footer = document.sections[0].footer._element
    assert [node.text.strip() for node in footer.iter(qn("w:instrText"))] == ["PAGE"]


def test_a_bad_template_is_one_clear_sentence(report, tmp_path):
    with pytest.raises(MissingFileError, match="does not exist"):
        write_document(report, tmp_path / "r.docx", template=tmp_path / "none.docx")
    (tmp_path / "text.docx").write_text("no zip")
    with zipfile.ZipFile(tmp_path / "zip.docx", "w") as archive:
        archive.writestr("word/document.xml", "<broken")
    for name in ("text.docx", "zip.docx"):
        with pytest.raises(InputFileError, match="no Word document"):
            write_document(report, tmp_path / "r.docx", template=tmp_path / name)
    assert not (tmp_path / "r.docx").exists()


@pytest.mark.parametrize(
    ("number", "text"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (35, "三十五")]
)
def test_chinese_numerals(number, text):
    assert chinese_numeral(number) == text
