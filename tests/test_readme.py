"""What the README lists is what there is, and its Chinese sister says the same."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from cityplan.analyzers import all_analyzers
from cityplan.cli import main
from cityplan.model.layers import CATALOGUE
from cityplan.model.standard import available_standards
from cityplan.sources.study import OutputChoices, Study, load_study

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "README.zh.md").read_text(encoding="utf-8")
SISTERS = {"README.md", "README.zh.md"}


# --- the README and the program ----------------------------------------------


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


def test_it_lists_every_layer():
    row = next(line for line in README.splitlines() if line.startswith("| which layers"))
    assert re.findall(r"`(\w+)`", row) == [name for name in CATALOGUE if name != "admin"]


def test_its_python_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    block = re.search(r"```python\n(.*?)```", README, flags=re.DOTALL).group(1)
    exec(compile(block, "README", "exec"), {})  # noqa: S102 - our own README
    assert (tmp_path / "out" / "monaco" / "map.html").stat().st_size > 100_000


def test_its_study_file_is_one_and_shows_every_key(tmp_path):
    block = re.search(r"```toml\n(.*?)```", README, flags=re.DOTALL).group(1)
    path = tmp_path / "study.toml"
    path.write_text(block, encoding="utf-8")
    study = load_study(path)
    assert study.layers["facilities"][0].mode == "add"
    keys = set(re.findall(r"^(\w+) =", block, flags=re.MULTILINE))
    assert {*Study.model_fields, *OutputChoices.model_fields} - keys == {"osm", "layers", "report"}


@pytest.mark.parametrize("text", [README, CHINESE], ids=["en", "zh"])
def test_its_files_exist(text):
    for name in re.findall(r"\]\(([^)#]+)\)", text):
        assert (ROOT / name).exists(), name
    inline = re.findall(r"`((?:scripts|notebooks|cityplan|sample_data)/[^`* ]+)`", text)
    assert len(inline) > 10
    for name in inline:
        assert (ROOT / name).exists(), name


def test_its_notebooks_are_all():
    found = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert [Path(cell).name for cell in first_cells("Ten lines of Python")] == found


# --- the README and README.zh.md ---------------------------------------------


@dataclass
class Section:
    """A heading with what has to be the same in both languages below it."""

    level: int
    title: str
    blocks: list
    rows: list
    spans: list
    links: list


def sections(text):
    """Return the sections of a README, code apart from prose."""
    code = []

    def put_aside(match):
        code.append(commands(*match.groups()))
        return f"@code {len(code) - 1}"

    # A comment in a code block is no heading.
    text = re.sub(r"^```(\w*)\n(.*?)^```$", put_aside, text, flags=re.MULTILINE | re.DOTALL)
    found = []
    for part in re.split(r"^(?=#+ )", text, flags=re.MULTILINE)[1:]:
        heading, _, body = part.partition("\n")
        prose = re.sub(r"^@code \d+$", "", body, flags=re.MULTILINE)
        found.append(
            Section(
                level=len(heading) - len(heading.lstrip("#")),
                title=heading.lstrip("# "),
                blocks=[code[int(n)] for n in re.findall(r"^@code (\d+)$", body, re.MULTILINE)],
                rows=[line for line in prose.splitlines() if line.startswith("| ")],
                spans=sorted(set(re.findall(r"`([^`\n]+)`", prose))),
                links=[n for n in re.findall(r"\]\(([^)]+)\)", prose) if n not in SISTERS],
            )
        )
    return found


def commands(kind, block):
    """Return the lines of a code block without the words that are translated."""
    gap = r"\s*#.*$" if kind else r"\s{2,}.*$"  # comments; in a plain block the second column
    return [kind, *(re.sub(gap, "", line) for line in block.splitlines())]


def figures(row):
    """Return the figures of a table's row; '1 200' and '1,200' are one figure."""
    joined = re.sub(r"(?<=\d)[ ,](?=\d{3}\b)", "", re.sub(r"`[^`]*`", "", row))
    return sorted(re.findall(r"\d+(?:\.\d+)?(?:e-\d+)?", joined))


PAIRS = list(zip(sections(README), sections(CHINESE), strict=False))


def test_both_have_the_same_headings():
    english, chinese = sections(README), sections(CHINESE)
    outline = [
        f"{'#' * e.level} {e.title}  |  {'#' * c.level} {c.title}"
        for e, c in zip(english, chinese, strict=False)
    ]
    assert [e.level for e in english] == [c.level for c in chinese], "\n".join(
        ["README.md  |  README.zh.md, in this order:", *outline]
    )


@pytest.mark.parametrize(("english", "chinese"), PAIRS, ids=[e.title for e, _ in PAIRS])
def test_a_section_says_the_same_in_both(english, chinese):
    """Code without its comments, tables with their figures, inline code, links."""
    where = f"README.md '{english.title}', README.zh.md '{chinese.title}'"
    assert len(english.blocks) == len(chinese.blocks), f"{where}: number of code blocks"
    for number, (ours, theirs) in enumerate(zip(english.blocks, chinese.blocks, strict=True), 1):
        differ = [f"{a!r}  |  {b!r}" for a, b in zip(ours, theirs, strict=False) if a != b]
        assert not differ, "\n".join([f"{where}: code block {number}", *differ])
        assert len(ours) == len(theirs), f"{where}: lines of code block {number}"
    assert len(english.rows) == len(chinese.rows), f"{where}: rows of tables"
    for ours, theirs in zip(english.rows, chinese.rows, strict=True):
        assert figures(ours) == figures(theirs), f"{where}: figures\n{ours}\n{theirs}"
        first = [re.findall(r"`[^`]+`", row.split(" | ")[0]) for row in (ours, theirs)]
        assert first[0] == first[1], f"{where}: first column\n{ours}\n{theirs}"
    lacks = {
        "only in README.md": sorted(set(english.spans) - set(chinese.spans)),
        "only in README.zh.md": sorted(set(chinese.spans) - set(english.spans)),
    }
    assert not any(lacks.values()), f"{where}: inline code {lacks}"
    assert english.links == chinese.links, f"{where}: links and pictures"


def test_the_sisters_name_each_other():
    assert "(README.zh.md)" in README
    assert "(README.md)" in CHINESE
    assert sum("\u4e00" <= letter <= "\u9fff" for letter in CHINESE) > 3000
