"""The pages of results, the round and the rules in a browser: on a phone, without violations, by keyboard alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.award.build import BuiltSite, build_site
from tests.award.results import FUND, TRANSPARENT, calculated, make_equal
from tests.award.test_entries_browser import Running
from tests.journeys.axe import violations


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    server = Running(build_site(tmp_path, csrf=True))
    yield server
    server.stop()


def sign_in(browser: Browser, running: Running, *, language: str, width: int) -> Page:
    """A page of the organizer; it fails the test where the browser reports an error."""
    context = browser.new_context(viewport={"width": width, "height": 800})
    context.add_cookies([{"name": "language", "value": language, "url": running.address}])
    page = context.new_page()
    page.on("console", lambda message: pytest.fail(message.text) if message.type == "error" else None)
    page.goto(f"{running.address}/sign-in")
    page.fill("#login", "organizer")
    page.fill("#password", running.site.round.password)
    page.click("main button")
    page.wait_for_url(f"{running.address}/o/")
    return page


def tied(site: BuiltSite) -> int:
    make_equal(site, "wf-c-23", "wf-c-22")
    return calculated(site, FUND)


@pytest.mark.parametrize(("language", "width"), [("th", 360), ("en", 1280)])
def test_a_tie_and_a_round_that_is_over_fit_and_are_accessible(
    browser: Browser, running: Running, language: str, width: int
) -> None:
    """The pages as they are on the day itself are walked in tests/journeys/test_pages_accessible.py."""
    calculated(running.site, TRANSPARENT)
    blocked = tied(running.site)
    page = sign_in(browser, running, language=language, width=width)
    for address in ["/o/", "/r/", f"/r/run/{blocked}", "/rules/3"]:
        page.goto(running.address + address)
        found = violations(page)
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_a_tie_is_decided_with_the_keyboard_alone(browser: Browser, running: Running) -> None:
    run = tied(running.site)
    page = sign_in(browser, running, language="en", width=1280)
    page.goto(f"{running.address}/r/run/{run}")
    page.focus("#place-wf-c-22")
    for keys in ("2", "Tab", "1", "Tab", "By the minutes of 19 July", "Tab", "Enter"):
        page.keyboard.press(keys) if len(keys) < 6 else page.keyboard.type(keys)
    expect(page.locator("#decided")).to_contain_text("Decision recorded.")
    page.goto(f"{running.address}/r/")
    page.locator("section", has_text="Women's fund · Inspection zone").get_by_text("official result").press("Enter")
    expect(page.locator(".kind")).to_have_text("Official result")
    first = page.locator("#g-occupation_group-9 tbody tr").first
    expect(first).to_contain_text("The committee's written decision")
