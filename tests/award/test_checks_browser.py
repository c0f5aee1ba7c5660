"""Entries are looked through by keyboard alone, in Thai too; the same pages do without their code."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site
from tests.award.test_entries_browser import Running
from tests.award.test_returns import WHY, entry_of, fill_and_send
from tests.journeys.axe import violations


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    built = build_site(tmp_path, provinces=(TRAT, CHANTHABURI), live=(TRAT,), csrf=True)
    fill_and_send(built)
    return built


@pytest.fixture
def running(site: BuiltSite) -> Iterator[Running]:
    server = Running(site)
    yield server
    server.stop()


@contextmanager
def signed_in(browser: Browser, running: Running, *, code: bool = True, login: str = "organizer") -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, java_script_enabled=code, bypass_csp=code)
    context.set_default_timeout(10_000)
    context.add_cookies([{"name": "language", "value": "th", "url": running.address}])
    page = context.new_page()
    page.goto(f"{running.address}/sign-in")
    page.fill("#login", login)
    page.fill("#password", running.site.round.password)
    page.click("main form button")
    page.wait_for_url(lambda address: not address.endswith("/sign-in"))
    yield page
    context.close()


def test_returned_and_accepted_by_keyboard(browser: Browser, running: Running, site: BuiltSite) -> None:
    address = f"{running.address}/e/check/{entry_of(site).id}?award=1&zone=9"
    with signed_in(browser, running) as page:
        page.goto(address)
        assert violations(page) == []
        for _ in range(5):  # at once: the closed list still holds the focus until the next frame
            page.keyboard.press("?")
            expect(page.locator("#keys")).to_be_visible()
            page.keyboard.press("Escape")
            page.keyboard.press("2")
            expect(page.locator(":focus")).to_have_attribute("id", "s-d1")
        page.keyboard.press("1")
        page.keyboard.press("n")
        page.keyboard.press("n")
        place = page.evaluate("document.activeElement.dataset.question")
        page.keyboard.press("r")
        expect(page.locator(":focus")).to_have_attribute("name", f"reason-{place}")
        page.keyboard.insert_text(WHY)
        page.keyboard.press("a")  # a letter of the text, not an order
        page.keyboard.press("Escape")
        expect(page.locator("[data-count]")).to_have_text("1")
        page.keyboard.press("d")
        page.keyboard.insert_text("๒๐/๗/๒๕๖๔")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda address: f"/e/check/{entry_of(site).id}?" not in address)
        page.wait_for_load_state("networkidle")
        assert [(each.field, each.reason) for each in entry_of(site).returned] == [(place, WHY + "a")]
        # On a Thai keyboard the key of `a` gives ฟ: its place tells.
        page.evaluate(
            "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'ฟ', code: 'KeyA', bubbles: true}))"
        )
        page.wait_for_url("**/e/check?**done=1**")


def test_next_and_previous_go_through_the_list_and_the_keys_can_be_turned_off(
    browser: Browser, running: Running, site: BuiltSite
) -> None:
    with signed_in(browser, running) as page:
        page.goto(f"{running.address}/e/check")
        expect(page.locator("#keys-open")).to_be_visible()  # the page's code hears keys from then on
        names = page.locator(".check-name")
        page.keyboard.press("j")
        expect(names.nth(0)).to_be_focused()
        page.keyboard.press("j")
        expect(names.nth(1)).to_be_focused()
        page.keyboard.press("k")
        expect(names.nth(0)).to_be_focused()
        page.keyboard.press("o")
        page.wait_for_url("**/e/check/*")
        page.wait_for_load_state("networkidle")
        first = page.url
        page.keyboard.press("j")
        page.wait_for_url(lambda address: address != first)
        page.wait_for_load_state("networkidle")
        page.keyboard.press("k")
        page.wait_for_url(first)
        page.wait_for_load_state("networkidle")
        page.click("#keys-open")
        page.uncheck("#keys-on")
        page.click("#keys-close")
        page.reload(wait_until="networkidle")
        page.keyboard.press("j")
        page.wait_for_timeout(300)
        assert page.url == first


def test_reasons_not_sent_yet_are_not_left_behind_by_a_key(browser: Browser, running: Running, site: BuiltSite) -> None:
    address = f"{running.address}/e/check/{entry_of(site).id}?show=all"
    asked: list[str] = []
    with signed_in(browser, running) as page:

        def stay(dialog: Dialog) -> None:
            asked.append(dialog.type)
            dialog.dismiss()

        page.on("dialog", stay)
        page.goto(address)
        page.keyboard.press("n")
        page.keyboard.press("r")
        page.keyboard.insert_text(WHY)
        page.keyboard.press("Escape")
        for key in ("k", "a"):
            page.keyboard.press(key)
            page.wait_for_timeout(300)
        assert asked == ["beforeunload", "beforeunload"]
        assert page.url == address
        expect(page.locator("[data-reason]").filter(visible=True)).to_have_value(WHY)
    assert entry_of(site).state == "submitted" and not entry_of(site).returned


def test_without_its_code_the_page_returns_and_accepts(browser: Browser, running: Running, site: BuiltSite) -> None:
    with signed_in(browser, running, code=False) as page:
        page.goto(f"{running.address}/e/check/{entry_of(site).id}")
        page.locator("#q-summary summary").click()
        page.fill("#reason-summary", WHY)
        page.fill("#day", "20/7/2564")
        page.click("#return button")
        assert [each.field for each in entry_of(site).returned] == ["summary"]
        waiting = page.url
        page.click("#accept button")
        assert page.url != waiting


def test_the_province_sees_the_reason_and_only_that_question(
    browser: Browser, running: Running, site: BuiltSite
) -> None:
    with signed_in(browser, running) as page:
        page.goto(f"{running.address}/e/check/{entry_of(site).id}")
        page.locator("#q-summary summary").click()
        page.fill("#reason-summary", WHY)
        page.fill("#day", "20/7/2564")
        page.click("#return button")
    with signed_in(browser, running, login="p23") as page:
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{running.address}/e/{entry_of(site).id}")
        expect(page.get_by_text(WHY).first).to_be_visible()
        assert page.locator("[data-answer]").count() == 1
        page.fill("#f-summary", "เขียนสรุปใหม่ตามที่ขอ")
        expect(page.locator("#saving")).to_have_attribute("data-now", "saved")
        assert entry_of(site).answers["summary"] == "เขียนสรุปใหม่ตามที่ขอ"
        assert problems == []
        assert violations(page) == []
