"""What every test may use: a real browser, found on the machine, and a promise that it was not quietly left out."""

import gc
import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

# The first is the same engine without windows, tabs and menus around the page: half the work for the machine.
CHROMIUM_NAMES = (
    "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
    "msedge",
)  # fmt: skip
CHROMIUM_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
CHROMIUM_ARGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HOW_TO_GET_ONE = (
    "no Chromium found: apt install chromium-headless-shell, or .venv/bin/python -m playwright install chromium, "
    "or name one in AWARD_CHROMIUM"
)

chromium_key = pytest.StashKey[str | None]()
tally_key = pytest.StashKey[dict[str, str]]()


def find_chromium() -> str | None:
    """The path of a Chromium: AWARD_CHROMIUM, else one on the PATH, in its usual place, or Playwright's own."""
    named = os.environ.get("AWARD_CHROMIUM")
    if named:
        if not Path(named).is_file():
            raise pytest.UsageError(f"AWARD_CHROMIUM names no file: {named}")
        return named
    for found in (*map(shutil.which, CHROMIUM_NAMES), *CHROMIUM_PLACES):
        if found and Path(found).is_file():
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).is_file() else None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--require-browser",
        action="store_true",
        default=os.environ.get("AWARD_REQUIRE_BROWSER") == "1",
        help="a browser test that would be skipped fails (also: AWARD_REQUIRE_BROWSER=1)",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[chromium_key] = find_chromium()
    fates: dict[str, str] = {}
    config.stash[tally_key] = fates
    config.pluginmanager.register(Tally(fates))


def pytest_report_header(config: pytest.Config) -> str:
    return f"browser: {config.stash[chromium_key] or HOW_TO_GET_ONE}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Who uses the browser is a browser test, marked or not.
    for item in items:
        if {"browser", "chromium_path"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)
    # The longest files first: else one process ends with them alone, and the others wait.
    items.sort(key=lambda item: "journeys" not in item.path.parts)


def pytest_collection_finish() -> None:
    # What is loaded by now lives until the end: it need not be looked over for garbage again and again.
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped and collector.config.getoption("--require-browser"):
        report.outcome = "failed"
        report.longrepr = f"a whole module was skipped while a browser is required: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    required = item.config.getoption("--require-browser")
    if required and report.skipped and item.get_closest_marker("browser"):
        report.outcome = "failed"
        report.longrepr = f"a browser test was skipped while a browser is required: {report.longrepr}"
    return report


class Tally:
    """Which browser tests ran; counted where reports of all processes come together."""

    def __init__(self, fates: dict[str, str]):
        self.fates = fates

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if "browser" in report.keywords:
            if report.skipped:
                self.fates[report.nodeid] = "skipped"
            elif report.when == "call" or report.failed:
                self.fates[report.nodeid] = "run"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    fates = list(config.stash[tally_key].values())
    if fates:
        terminalreporter.write_line(f"browser tests: {fates.count('run')} run, {fates.count('skipped')} skipped")
    if "skipped" in fates and config.stash[chromium_key] is None:
        terminalreporter.write_line(HOW_TO_GET_ONE)
    tell_fault_tests(terminalreporter)


def tell_fault_tests(terminalreporter: pytest.TerminalReporter) -> None:
    """How many tests of tests/faults ran; and, loudly, what this machine could not run."""
    stats = terminalreporter.stats
    skipped = [report for report in stats.get("skipped", ()) if isinstance(report, pytest.TestReport)]
    left_out = sorted(
        str(report.longrepr[2]).removeprefix("Skipped: ")
        for report in skipped
        if isinstance(report.longrepr, tuple) and "NOT TESTED: " in report.longrepr[2]
    )
    for line in left_out:
        terminalreporter.write_line(line, red=True, bold=True)
    names = [each.nodeid for kind in ("passed", "failed") for each in stats.get(kind, ()) if hasattr(each, "nodeid")]
    run = len({name for name in names if name.startswith("tests/faults/")})
    if run or left_out:
        terminalreporter.write_line(f"fault tests: {run} run, {len(left_out)} not tested")


@pytest.fixture(scope="session")
def chromium_path(pytestconfig: pytest.Config) -> str:
    """The Chromium to drive; the test is skipped, with what to install, where the machine has none."""
    path = pytestconfig.stash[chromium_key]
    if path is None:
        pytest.skip(HOW_TO_GET_ONE)
    return path


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    """One headless Chromium for the whole run; take a fresh context from it in each test."""
    expect.set_options(timeout=15_000)  # a busy machine is slow, not wrong
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=list(CHROMIUM_ARGS))
        yield chromium
        chromium.close()
