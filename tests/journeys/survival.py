"""A scoring day served by `award serve` as a process that is really killed, and browsers on a disk that really die."""

import os
import re
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.award.scoring_day import ScoringDay
from tests.conftest import CHROMIUM_ARGS
from tests.faults.program import ROOT, free_port, serving
from tests.journeys.bad_line import BadLine
from tests.journeys.serving import enter
from tests.journeys.started import started

LINE = "#saving"
SOON = 20_000  # milliseconds: the outbox tries again every five seconds
RECORDED = '%"act":"record_marks"%'
NOW = "2021-07-19T09:15:00+07:00"


@dataclass
class Served:
    """The day behind a process of its own. `stop` kills it as a power cut would; `start` starts another."""

    day: ScoringDay
    port: int = field(default_factory=free_port)
    before: int = 0  # saves on record before the day was served
    _running: ExitStack = field(default_factory=ExitStack)
    _server: Any = None

    def __post_init__(self) -> None:
        self.before = self._recorded()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, code: Path = ROOT) -> None:
        """Serves the day; `code` is the folder of the program, where it is not the one of these tests."""
        data, extra = self.day.site.settings.data, {"AWARD_NOW": NOW, "PYTHONPATH": str(code)}
        begin = started if code == ROOT else serving
        self._server = self._running.enter_context(begin(data, port=self.port, extra=extra))

    def stop(self) -> None:
        self._server.kill()

    def end(self) -> None:
        self._running.close()

    def rows(self, card: int) -> list[tuple[int, str, str]]:
        """Every stored mark of a card in the order of saving: (revision, place, mark and note). A doubled one shows."""
        with self.day.site.database.reading() as db:
            found = db.connection().exec_driver_sql(
                "select revision, criterion, value, note from mark where assignment_id = ? order by revision, id",
                (card,),
            )
            return [(row[0], row[1], f"{'' if row[2] is None else row[2] // 10_000} {row[3]}".strip()) for row in found]

    def marks(self, card: int) -> dict[str, str]:
        """The latest of each place; fails where anything was stored twice in a row."""
        latest: dict[str, str] = {}
        for _revision, place, mark in self.rows(card):
            assert latest.get(place) != mark, f"{place}: {mark} is stored twice"
            latest[place] = mark
        return latest

    def saves(self) -> int:
        """How many saves the record holds since the day is served."""
        return self._recorded() - self.before

    def _recorded(self) -> int:
        return int(self.day.value("select count(*) from ledger_line where line like :act", act=RECORDED))


def sign_in(page: Page, address: str, login: str, password: str) -> None:
    page.goto(f"{address}/sign-in")
    page.fill("#login", login)
    page.fill("#password", password)
    page.click("main button")
    page.wait_for_url(lambda url: "/sign-in" not in url)


@contextmanager
def phone(browser: Browser, served: Served, login: str, **options: Any) -> Iterator[BrowserContext]:
    """A member's browser, signed in, in English so that sentences can be read here."""
    context = browser.new_context(reduced_motion="reduce", **options)
    try:
        prepare(context, served)
        enter(context, served.address, login, served.day.site.round.password)
        yield context
    finally:
        context.close()


def prepare(context: BrowserContext, served: Served) -> None:
    context.set_default_timeout(15_000)
    context.add_cookies([{"name": "language", "value": "en", "url": served.address}])


def open_card(context: BrowserContext, served: Served, card: int) -> Page:
    """The card, once its code runs and the page is kept on the device."""
    page = context.new_page()
    page.goto(f"{served.address}/s/card/{card}")
    is_kept(page, f"/s/card/{card}")
    return page


def kept(page: Page) -> dict[str, list[str]]:
    """What Cache Storage holds: by name of the cache, the paths."""
    found: dict[str, list[str]] = page.evaluate(
        """async () => Object.fromEntries(await Promise.all((await caches.keys()).map(async (name) =>
             [name, (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)])))"""
    )
    return found


def is_kept(page: Page, path: str) -> None:
    """Waits until the worker has the page."""
    until = time.monotonic() + 15
    while not any(path in paths for name, paths in kept(page).items() if name.startswith("pages:")):
        assert time.monotonic() < until, kept(page)
        page.wait_for_timeout(50)


def files_of(page: Page) -> list[str]:
    """The versions of the site whose files are kept."""
    return [name for name in kept(page) if name.startswith("files:")]


def replaced(page: Page, before: str) -> None:
    """Waits until the files of another version are kept, and those of this one no longer. A browser may let the worker
    of before end what it is doing."""
    until = time.monotonic() + 60
    while not (found := files_of(page)) or before in found:
        assert time.monotonic() < until, found
        page.wait_for_timeout(50)


def newer_site(folder: Path) -> Path:
    """A copy of the program in which an imported file of the sheet is another one, as after an update."""
    for name in ("award", "scoring_rules", "exports", "templates"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    changed = folder / "award" / "static" / "device.js"
    changed.write_text(changed.read_text(encoding="utf-8") + "export const NEWER = 1;\n", encoding="utf-8")
    return folder


def give(page: Page, place: str, mark: str) -> None:
    page.click(f'[data-place="{place}"] label.choice:has(input[value="{mark}"])')


def saved(page: Page) -> None:
    expect(page.locator(f'{LINE}[data-now="saved"]')).to_be_visible(timeout=SOON)


def waiting(page: Page, count: int) -> None:
    expect(page.locator(LINE)).to_have_text(
        f"Waiting for the network ({count} kept on this device)", timeout=SOON
    )  # fmt: skip


class Device:
    """A browser with a profile on the disk that can be killed like a phone whose battery dies, and opened again."""

    def __init__(self, browser: Browser, chromium_path: str, profile: Path, served: Served):
        self.browser, self.path, self.profile, self.served = browser, chromium_path, profile, served

    def on(self) -> BrowserContext:
        context = self.browser.browser_type.launch_persistent_context(
            str(self.profile), executable_path=self.path, args=[arg for arg in CHROMIUM_ARGS if arg != "--headless"],
            headless=True, reduced_motion="reduce",
        )  # fmt: skip
        prepare(context, self.served)
        return context

    def die(self) -> None:
        """Every process of this profile, at once, without a word."""
        own = self._processes()
        assert own, "no browser runs on this profile"
        for number in own:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        until = time.monotonic() + 10
        while self._processes():
            assert time.monotonic() < until
            time.sleep(0.02)
        for lock in self.profile.glob("Singleton*"):
            lock.unlink()

    def _processes(self) -> list[int]:
        named = str(self.profile).encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes()
                state = re.search(r"^State:\s+(\w)", (folder / "status").read_text(), re.MULTILINE)
            except OSError:
                continue
            if b"--user-data-dir=" + named in words and state and state[1] != "Z":
                found.append(int(folder.name))
        return found


class Line(BadLine):
    """A line that, once told `swallow_next`, swallows the answer to one save that the server has acknowledged. From
    then on it is torn: a browser asks again by itself otherwise."""

    def __init__(self, to: int):
        self.swallow_next = False
        self.swallowed: list[bytes] = []
        self._saving: set[socket.socket] = set()
        super().__init__(to)

    def hears(self, near: socket.socket, asked: bytes) -> None:
        """Which connections have a save on its way."""
        if asked.startswith((b"GET ", b"POST ", b"HEAD ")):  # else it is the rest of a body
            first = asked.split(b"\r\n")[0]
            is_save = first.startswith(b"POST ") and b"/marks " in first
            (self._saving.add if is_save else self._saving.discard)(near)

    def swallows(self, near: socket.socket, answer: bytes) -> bool:
        """The first answer to a save since it was told to."""
        if not (self.swallow_next and near in self._saving):
            return False
        self.swallow_next = False
        self.swallowed.append(answer)
        return True
