"""Fixtures of the tests of local layers."""

import pytest
from click.testing import CliRunner
from local_bench import Bureau

from cityplan.cli import main
from cityplan.model.standard import load_standard


@pytest.fixture
def bureau(tmp_path):
    """Return an empty folder that studies are made in."""
    return Bureau(tmp_path)


@pytest.fixture
def command():
    """Return a function that runs the command line and wants a sentence, never a traceback."""

    def command(*words, code):
        done = CliRunner().invoke(main, [str(word) for word in words])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
        assert done.exit_code == code, done.output
        assert "Traceback" not in done.output
        if code == 1:
            assert len(done.stderr.strip().splitlines()) == 1
            assert done.stderr.strip().endswith((".", "?", "。", "？"))
        return done

    return command


@pytest.fixture(scope="session")
def standard():
    return load_standard("cn-action-plan")
