"""The command line: its words, its two streams and its exit codes."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import cityplan
from cityplan.analyzers import all_analyzers
from cityplan.cli import main
from cityplan.model.standard import available_standards, load_standard

ROOT = Path(__file__).parent.parent
TOY = ROOT / "sample_data" / "toy"
HEAVY = {"folium", "geopandas", "matplotlib", "numpy", "osmium", "osmnx", "pandas", "scipy"}
COMMANDS = ["", *main.commands]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
QUICK = ("--only", "toilet_density")


def run(*words, **environment):
    """Call the command line in this process."""
    return CliRunner(env=environment).invoke(main, [str(word) for word in words])


def call(*words, terminal=None, **environment):
    """Call the command line as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "cityplan", *map(str, words)],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if terminal is None else terminal,
        encoding="utf-8",
        cwd=ROOT,
        env={**os.environ, **environment},
    )


# --- help --------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_help_lists_every_option(command):
    words = [command] if command else []
    text = run(*words, "--help").stdout
    known = main.commands[command] if command else main
    for option in known.params:
        for spelling in option.opts:
            if spelling.startswith("-"):
                assert spelling in text
    for name in getattr(known, "commands", ()):
        assert name in text
    assert run(*words, "-h").stdout == text


def test_help_says_what_every_option_is_for():
    for name, command in main.commands.items():
        assert command.help, name
        options = [option for option in command.params if isinstance(option, click.Option)]
        assert all(option.help for option in options), name


@pytest.mark.parametrize("command", COMMANDS)
def test_help_imports_nothing_heavy(command):
    words = [command] if command else []
    started = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "cityplan", *words, "--help"],
        check=True,
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
    )
    imported = set(re.findall(r"^import time:.*\|\s*(\w+)", started.stderr, flags=re.MULTILINE))
    assert "click" in imported
    assert not HEAVY & imported


def test_version():
    found = run("--version")
    assert (found.exit_code, found.stdout.split()[-1]) == (0, cityplan.__version__)


@pytest.mark.parametrize(
    "words",
    [
        ["no-such-command"],
        ["run"],
        ["run", TOY, "--no-such-option"],
        ["run", TOY, "--lang", "de"],
        ["run", TOY, "one", "too", "many"],
        ["run", TOY, "-o"],
        ["check"],
        ["standards", "a", "b"],
    ],
    ids=lambda words: " ".join(str(word) for word in words[:1] + words[2:]),
)
def test_wrong_usage_is_two(words):
    found = run(*words)
    assert (found.exit_code, found.stdout) == (2, "")
    assert "Error: " in found.stderr
    assert "Traceback" not in found.stderr


# --- lists -------------------------------------------------------------------


def test_standards_are_listed():
    found = run("standards", "--lang", "en")
    assert (found.exit_code, found.stdout) == (0, "")
    for name in available_standards():
        assert name in found.stderr
    rows = json.loads(run("standards", "--json").stdout)
    assert [row["id"] for row in rows] == list(available_standards())


@pytest.mark.parametrize("name", available_standards())
def test_one_standard_tells_its_figures(name):
    targets = load_standard(name).targets
    found = run("standards", name, "--json")
    rows = json.loads(found.stdout)
    assert (found.exit_code, found.stderr) == (0, "")
    assert [row["measure"] for row in rows] == list(targets)
    assert all(row["source"] and row["confidence"] for row in rows)
    listed = run("standards", name)
    assert listed.stdout == ""
    assert all(measure in listed.stderr for measure in targets)


def test_unknown_standard_is_one():
    found = run("standards", "cn-action", "--lang", "en")
    assert (found.exit_code, found.stdout) == (1, "")
    assert "Did you mean 'cn-action-plan'?" in found.stderr


def test_analyzers_are_listed_with_their_measures():
    plan = load_standard("cn-action-plan")
    found = run("analyzers")
    assert (found.exit_code, found.stdout) == (0, "")
    rows = json.loads(run("analyzers", "--json").stdout)
    assert [row["analyzer"] for row in rows] == list(all_analyzers())
    for row, analyzer in zip(rows, all_analyzers().values(), strict=True):
        assert tuple(row["measures"]) == analyzer.measure_ids(plan)
        assert all(measure in found.stderr for measure in row["measures"])


def test_lists_speak_chinese():
    for words in (["standards"], ["analyzers"]):
        assert CHINESE.search(run(*words, "--lang", "zh").stderr)
        assert not CHINESE.search(run(*words, "--lang", "en").stderr)


# --- check -------------------------------------------------------------------


def test_check_judges_the_inputs_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = run("check", TOY, "--lang", "en")
    assert (found.exit_code, found.stdout) == (0, "")
    assert re.search(r"streets.*49.*49", found.stderr)
    assert re.search(r"\(6\): pitch of another category's size", found.stderr)
    assert "Built-up area as given, 1.96 km²." in found.stderr
    assert list(tmp_path.iterdir()) == []


def test_check_refuses_what_run_refuses(tmp_path):
    found = run("check", tmp_path / "gone.toml", "--lang", "en")
    assert (found.exit_code, found.stdout) == (1, "")
    assert len(found.stderr.strip().splitlines()) == 1


# --- run ---------------------------------------------------------------------


def test_json_is_one_document_and_nothing_else(tmp_path):
    found = call("run", TOY, *QUICK, "-o", tmp_path / "out", "--json", "--lang", "en")
    assert found.returncode == 0, found.stderr
    document = json.loads(found.stdout)
    assert document == json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert [row["name"] for row in document["analyzers"]] == ["toilet_density"]


def test_without_json_stdout_is_empty(tmp_path):
    found = call("run", TOY, *QUICK, "-o", tmp_path / "out", "--lang", "en")
    assert (found.returncode, found.stdout) == (0, "")
    assert str(tmp_path / "out" / "report.html") in found.stderr
    assert "Traceback" not in found.stderr
    assert "Warning" not in found.stderr


def test_output_goes_under_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("run", TOY, *QUICK).exit_code == 0
    assert [path.name for path in (tmp_path / "cityplan-out").iterdir()] == ["Toy city"]


def test_a_name_is_no_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = tmp_path / "study.toml"
    for name in ("../../up", "..", "a:b|c"):
        study.write_text(
            f'[study]\nname = "{name}"\nboundary = "{TOY}/boundary.geojson"\n'
            f'[osm]\npath = "{TOY}/toy.osm"\n',
            encoding="utf-8",
        )
        assert run("run", study, *QUICK).exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cityplan-out", "study.toml"]
    assert len(list((tmp_path / "cityplan-out").iterdir())) == 3


def test_only_takes_several_and_keeps_their_order(tmp_path):
    names = "toilet_density, dead_ends"
    found = run("run", TOY, "--only", names, "-o", tmp_path / "out", "--json")
    assert [row["name"] for row in json.loads(found.stdout)["analyzers"]] == names.split(", ")


def test_options_override_the_study(tmp_path):
    words = ("--standard", "eu-who", "--units", TOY / "built_up.geojson", "--lang", "zh")
    found = run("run", TOY, *QUICK, *words, "-o", tmp_path / "out", "--json")
    document = json.loads(found.stdout)
    assert document["standard"]["id"] == "eu-who"
    assert document["study"]["lang"] == "zh"
    assert document["analyzers"][0]["units"][0]["unit"] == "Toy city"
    assert CHINESE.search(found.stderr)


def test_environment_sets_options(tmp_path):
    found = run("run", TOY, *QUICK, "-o", tmp_path / "a", CITYPLAN_RUN_LANG="zh")
    assert found.exit_code == 0
    assert CHINESE.search(found.stderr)
    settings = {"CITYPLAN_RUN_OUT": str(tmp_path / "b"), "CITYPLAN_RUN_ONLY": "toilet_density"}
    assert run("run", TOY, **settings).exit_code == 0
    assert (tmp_path / "b" / "results.json").exists()


@pytest.mark.parametrize("command", [("check",), ("run",), ("ledger",)])
def test_errors_are_in_the_language_of_the_study(tmp_path, command):
    study = tmp_path / "study.toml"
    study.write_text(
        '[study]\nname = "x"\nlang = "zh"\nplan = "mingguang-2020"\n[osm]\npath = "none.osm.pbf"\n',
        encoding="utf-8",
    )
    done = run(*command, study, LC_ALL="en_US.UTF-8")
    assert done.exit_code == 1
    assert CHINESE.search(done.stderr)


@pytest.mark.parametrize(("locale", "chinese"), [("zh_CN.UTF-8", True), ("en_US.UTF-8", False)])
def test_language_comes_from_the_locale(tmp_path, locale, chinese):
    found = run("run", TOY, *QUICK, "-o", tmp_path / "out", LC_ALL=locale)
    assert found.exit_code == 0
    assert bool(CHINESE.search(found.stderr)) == chinese


@pytest.mark.parametrize(("settings", "coloured"), [({"NO_COLOR": "1"}, False), ({}, True)])
def test_terminal_shows_progress_in_colour_unless_asked_not_to(settings, coloured):
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    environment = {"TERM": "xterm-256color", "NO_COLOR": "", **settings}
    try:
        found = call("check", TOY, "--lang", "en", terminal=theirs, **environment)
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
    finally:
        os.close(ours)
    assert (found.returncode, found.stdout) == (0, "")
    assert b"streets" in shown
    assert b"\x1b[" in shown  # the progress line moves the cursor
    assert bool(re.search(rb"\x1b\[[0-9;]*3[0-7]", shown)) == coloured


def _read(terminal):
    try:
        return os.read(terminal, 65_536)
    except OSError:  # the other side is closed
        return b""


def test_no_terminal_no_escape_codes(tmp_path):
    found = call("run", TOY, *QUICK, "-o", tmp_path / "out", FORCE_COLOR="", NO_COLOR="")
    assert found.returncode == 0
    assert "\x1b" not in found.stderr
