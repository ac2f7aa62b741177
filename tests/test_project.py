"""What holds for the project as a whole, whatever it computes."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import cityplan

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MODULES = sorted((ROOT / "cityplan").rglob("*.py"))

HEAVY = {"folium", "geopandas", "matplotlib", "osmium", "osmnx", "pandas", "scipy"}
MAY_PRINT = {"cli.py", "__main__.py"}

# Written so that no pattern finds itself.
NOT_IN_FILES = {
    "a path of somebody's machine": r"(^|[^A-Za-z0-9._~-])"
    r"/(w[o]rk|r[o]ot|f[a]rm|(h[o]me|U[s]ers)/[A-Za-z][^/ ]*|tmp/e[n]v)/",
    "a package registry": r"(pypi|pyth[o]nhosted|npmj[s]|anac[o]nda|deb\.debi[a]n)\.org"
    r"|registry\.[a-z]+\.(com|org|io)",
    "a package index": r"(index-[u]rl|find-[l]inks|https?://[^ ]*/simpl[e])",
}


def test_version_is_the_metadata_s():
    assert cityplan.__version__ == metadata.version("cityplan") == PROJECT["project"]["version"]


def test_what_the_wheel_ships_exists():
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    for folder in [*wheel["only-include"], *wheel["sources"]]:
        assert any((ROOT / folder).iterdir()), folder


@pytest.mark.parametrize(
    "command",
    [["-c", "import cityplan"], ["-m", "cityplan", "--help"]],
    ids=["import cityplan", "cityplan --help"],
)
def test_starts_without_heavy_libraries(command):
    run = subprocess.run(
        [sys.executable, "-X", "importtime", *command],
        check=False,
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
    )
    assert run.returncode == 0, run.stderr
    imported = re.findall(r"^import time:.*\|\s*(\w+)\S*$", run.stderr, flags=re.MULTILINE)
    assert "cityplan" in imported
    assert HEAVY.isdisjoint(imported)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_are_short_and_silent(path):
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 400

    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    prints = [call.lineno for call in calls if isinstance(call, ast.Name) and call.id == "print"]
    assert path.name in MAY_PRINT or not prints


@pytest.mark.parametrize("pattern", NOT_IN_FILES.values(), ids=NOT_IN_FILES.keys())
def test_files_name_no_place_of_ours(pattern):
    hits = git("grep", "--untracked", "-nIE", pattern)
    assert hits.returncode == 1, hits.stdout + hits.stderr  # 1: nothing found


def test_files_are_small():
    names = git("ls-files", "-z", "--cached", "--others", "--exclude-standard").stdout.split("\0")
    paths = [ROOT / name for name in names if name]
    assert not [path for path in paths if path.is_file() and path.stat().st_size > 5_000_000]


def git(*arguments):
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("not a git checkout")
    return subprocess.run(
        ["git", "-C", ROOT, *arguments], check=False, capture_output=True, encoding="utf-8"
    )
