"""Fixtures every test may use: the real cities, and a browser that has no network."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The same examples on every machine, however slow it is.
settings.register_profile(
    "cityplan", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("cityplan")

SCREENS = Path(__file__).parent / "_screens"
MARK_OF_FIXTURE = {"chromium": "browser", "test_data": "data"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that `scripts/test --full` gives."""
    parser.addoption(
        "--full", action="store_true", help="also run what takes minutes or needs LibreOffice"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs a browser or the real cities, so that `-m` can choose; skip what is slow."""
    for item in items:
        if item.get_closest_marker("full") and not config.getoption("--full"):
            item.add_marker(pytest.mark.skip(reason="only with --full"))
        for fixture, mark in MARK_OF_FIXTURE.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(mark)


# --- real cities -------------------------------------------------------------


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Return the folder of real cities, or skip where none is named."""
    folder = os.environ.get("CITYPLAN_TEST_DATA")
    if not folder:
        pytest.skip("CITYPLAN_TEST_DATA is not set: it names the folder of the real cities")
    path = Path(folder)
    if not path.is_dir():
        pytest.fail(f"CITYPLAN_TEST_DATA names no folder: {path}")
    return path


@pytest.fixture(scope="session")
def data_file(test_data: Path) -> Callable[[str], Path]:
    """Return a function that finds a file of ``test_data``, and fails where it is missing."""

    def find(name: str) -> Path:
        path = test_data / name
        if not path.exists():
            pytest.fail(f"CITYPLAN_TEST_DATA lacks {name}: {path}")
        return path

    return find


# --- browser -----------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Return the path of Chromium; without one skip, but fail where CI runs."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return Path(path)
    reason = "no chromium, chromium-browser or google-chrome on this machine"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass
class WatchedPage:
    """A page of a browser without network, and what it tried or complained about.

    Attributes
    ----------
    page
        Playwright's page.
    requests
        Addresses it asked for that are not on this machine: ``file:``, ``data:``
        and ``blob:`` do not count.
    errors
        Errors of its console, and exceptions nobody caught.
    """

    page: object
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, path: Path) -> None:
        """Open a file of this machine and wait until it is quiet."""
        self.page.goto(path.resolve().as_uri(), wait_until="load")

    def screenshot(self, name: str) -> Path:
        """Keep a picture of the whole page in ``tests/_screens``, for a person to look at."""
        SCREENS.mkdir(exist_ok=True)
        path = SCREENS / f"{name}.png"
        self.page.screenshot(path=path, full_page=True)
        return path


@pytest.fixture(scope="module")
def _browser(chromium: Path) -> Iterator[object]:
    # One browser per module and no longer: while playwright runs, this thread
    # has a running event loop, and a notebook test of another module needs none.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def browser_page(_browser: object) -> Iterator[WatchedPage]:
    """Yield a fresh page of headless Chromium with the network off."""
    context = _browser.new_context(offline=True)
    watched = WatchedPage(context.new_page())

    def on_request(request: object) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")):
            watched.requests.append(request.url)

    def on_console(message: object) -> None:
        if message.type == "error":
            watched.errors.append(message.text)

    context.on("request", on_request)
    watched.page.on("console", on_console)
    watched.page.on("pageerror", lambda error: watched.errors.append(str(error)))
    yield watched
    context.close()
