"""The notebooks run from top to bottom, offline, and are what their .py files say."""

import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

sys.path.insert(0, str(ROOT / "scripts"))

from pair_notebooks import paired, sources  # noqa: E402 - a script beside the tests


def name(path):
    return path.name


def source_of(notebook):
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")


def test_each_has_its_source_and_is_listed():
    assert [path.stem for path in NOTEBOOKS] == [path.stem for path in sources()]
    assert [path.stem[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04", "05", "06"]
    listed = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [path.stem for path in NOTEBOOKS if f"`{path.stem}`" not in listed] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_notebook_is_made_from_its_source(path):
    """Word for word, without outputs, paired for jupytext."""
    assert path.read_text(encoding="utf-8") == paired(path.with_suffix(".py")), (
        "run python scripts/pair_notebooks.py (after jupytext --sync, if the .ipynb was edited)"
    )
    notebook = nbformat.read(path, as_version=4)
    assert notebook.metadata.jupytext.formats == "ipynb,py:percent"
    assert not any(cell.get("outputs") for cell in notebook.cells), "outputs are stripped"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_prose_is_chinese_and_english(path):
    prose = "\n".join(
        cell.source
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "markdown"
    )
    chinese = sum("\u4e00" <= letter <= "\u9fff" for letter in prose)
    english = len([word for word in prose.split() if word.isascii() and word.isalpha()])
    assert chinese > 200
    assert english > 100


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_notebook_runs(path, tmp_path):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=180, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    ).execute()
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"
    pages = [
        output["data"]["text/html"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "text/html" in output.get("data", {})
    ]
    maps = [page for page in pages if "iframe" in page and "srcdoc" in page]
    code = source_of(notebook)
    assert len(maps) == code.count("report.map()") + code.count("report.explore(")
