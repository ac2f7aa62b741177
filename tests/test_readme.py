"""What the README lists is what there is."""

import re
from pathlib import Path

from cityplan.analyzers import all_analyzers
from cityplan.cli import main
from cityplan.model.standard import available_standards

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def first_cells(heading):
    section = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `([^`]+)`", section, flags=re.MULTILINE)


def test_it_lists_every_analyzer():
    assert sorted(first_cells("The analyses")) == sorted(all_analyzers())


def test_it_lists_every_command():
    listed = {cell.split()[1] for cell in first_cells("Commands")}
    assert listed == set(main.commands)


def test_it_lists_every_standard():
    assert sorted(first_cells("Standards")) == sorted(available_standards())


def test_its_python_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    block = re.search(r"```python\n(.*?)```", README, flags=re.DOTALL).group(1)
    exec(compile(block, "README", "exec"), {})  # noqa: S102 - our own README
    assert (tmp_path / "out" / "monaco" / "map.html").stat().st_size > 100_000


def test_its_files_exist():
    for name in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / name).exists(), name
    for name in ("scripts/demo", "scripts/test", "notebooks/01_quickstart.ipynb"):
        assert name in README
        assert (ROOT / name).exists()
