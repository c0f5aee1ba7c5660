"""The site behind the server that serves it in earnest, and people in real browsers whose every fault is noted."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response
from waitress import wasyncore

from award.server import make_server
from tests.award.build import BuiltSite


@contextmanager
def serving(site: BuiltSite) -> Iterator[str]:
    """The program's own server in a thread, on a port that was free; the address, such as `http://127.0.0.1:40123`."""
    server = make_server(site.app, port=0, settings=site.settings)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        # In the server's own thread: with nothing left to listen to, its loop ends.
        server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))
        thread.join(10)
        server.task_dispatcher.shutdown()
        assert not thread.is_alive(), "the server did not stop"


@dataclass
class Person:
    """Somebody signed in, in a browser of their own. `faults`: what no page may ever do."""

    context: BrowserContext
    page: Page
    address: str
    faults: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        """Opens a path of the site; the page must answer 200."""
        answer = self.page.goto(self.address + path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        return self.page

    def status_of(self, path: str) -> int:
        """What the server answers this person for a path, asked beside the page."""
        return self.context.request.get(self.address + path, max_redirects=0).status

    def text_of(self, path: str) -> str:
        """The HTML that this person gets for a path, asked beside the page."""
        return self.context.request.get(self.address + path).text()

    def watch(self, page: Page) -> None:
        """Notes errors of the console (the content security policy's among them), of code, and of requests."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"{self.page.url}: {message.text}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the person went on to another page, or it became a download
            self.faults.append(f"{request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.url}: {response.status}")


def enter(context: BrowserContext, address: str, login: str, password: str) -> None:
    """Signs somebody in beside any page, for a test that is about what comes afterwards."""
    token = re.search(r'name="csrf-token" content="([^"]+)"', context.request.get(f"{address}/sign-in").text())
    said = {"login": login, "password": password, "csrf_token": token[1] if token else ""}
    assert context.request.post(f"{address}/sign-in", form=said, max_redirects=0).status == 302, login


@contextmanager
def signed_in(
    browser: Browser, address: str, login: str, password: str, *, language: str = "th", **options: Any
) -> Iterator[Person]:
    """The person behind a login, signed in through the page; leaving the block asserts that no page had a fault."""
    context = browser.new_context(locale="th-TH", timezone_id="Asia/Bangkok", **options)
    context.set_default_timeout(15_000)
    try:
        context.add_cookies([{"name": "language", "value": language, "url": address}])
        person = Person(context, context.new_page(), address)
        person.watch(person.page)
        person.go("/sign-in")
        person.page.fill("#login", login)
        person.page.fill("#password", password)
        person.page.click("main button")
        person.page.wait_for_url(lambda url: not url.endswith("/sign-in"))
        yield person
    finally:
        context.close()
    assert person.faults == [], person.faults
