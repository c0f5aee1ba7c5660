"""The offline sheet by keyboard, brought back and stored: the site gone, or the sign-in ended, at the last step."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.award.filled_sheets import filled
from tests.award.scoring_day import ScoringDay, build_day
from tests.award.test_entries_browser import Running
from tests.award.test_score_sheets_pages import COMMITMENT, page_of

LOGIN = "z9-member"
WIDTHS = pytest.mark.parametrize("width", [360, 1280])


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    made = build_day(tmp_path, csrf=True)
    made.change("UPDATE slot SET state = 'open' WHERE id = :id", id=made.first_slot)
    return made


@pytest.fixture
def running(day: ScoringDay) -> Iterator[Running]:
    server = Running(day.site)
    yield server
    server.stop()


@contextmanager
def member(browser: Browser, running: Running, width: int) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": width, "height": 740}, accept_downloads=True)
    context.set_default_timeout(10_000)
    context.add_cookies([{"name": "language", "value": "th", "url": running.address}])
    page = context.new_page()
    sign_in(page, running)
    try:
        yield page
    finally:
        context.close()


def sign_in(page: Page, running: Running) -> None:
    page.goto(f"{running.address}/sign-in")
    page.fill("#login", LOGIN)
    page.fill("#password", running.site.round.password)
    page.click("main button")
    page.wait_for_url(lambda address: not address.endswith("/sign-in"))


def tab_to(page: Page, text: str) -> None:
    """Press Tab until what has this text is focused."""
    for _ in range(80):
        page.keyboard.press("Tab")
        focused = "document.activeElement.innerText || document.activeElement.id"
        if text in str(page.evaluate(focused)):
            return
    raise AssertionError(f"the keyboard does not get to {text}")


def previewed(page: Page, running: Running, day: ScoringDay, folder: Path) -> None:
    """From the day to the preview of one changed mark, by keyboard; no page is wider than the screen."""
    page.goto(f"{running.address}/s/{day.session}")
    tab_to(page, "ใบให้คะแนนออฟไลน์ (Excel)")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sheet")
    tab_to(page, "ดาวน์โหลดใบให้คะแนน")
    data = page.context.request.get(f"{running.address}/s/slot/{day.first_slot}/sheet.xlsx").body()
    sheet = folder / "filled.xlsx"
    sheet.write_bytes(filled(data, {COMMITMENT: 4}, page=page_of(data)))
    fits(page)
    tab_to(page, "file")
    page.set_input_files("#file", sheet)
    tab_to(page, "ดูว่าจะเปลี่ยนอะไรบ้าง")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("สิ่งที่ไฟล์จะเปลี่ยน")
    fits(page)
    tab_to(page, "บันทึกการเปลี่ยน 1 ช่อง")


def fits(page: Page) -> None:
    size = page.viewport_size
    assert size is not None
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], page.url


def marks(day: ScoringDay) -> int:
    return int(day.value("SELECT count(*) FROM mark WHERE assignment_id = :id", id=day.card(LOGIN)))


def stored(page: Page, day: ScoringDay) -> None:
    expect(page.locator(".receipt")).to_contain_text("เปลี่ยน 1 ช่อง")
    fits(page)
    assert marks(day) == 1


@WIDTHS
def test_a_site_that_is_gone_at_the_last_step_costs_nothing_and_says_what_to_do(
    browser: Browser, running: Running, day: ScoringDay, tmp_path: Path, width: int
) -> None:
    with member(browser, running, width) as page:
        previewed(page, running, day, tmp_path)
        running.stop()
        try:
            page.keyboard.press("Enter")
            told = page.locator("[data-barrier=away]")
            expect(told).to_contain_text("กดปุ่มเดิมอีกครั้งเมื่อเครือข่ายกลับมา")
            expect(told).to_be_focused()
            fits(page)
            assert marks(day) == 0
        finally:
            running.start()
        tab_to(page, "บันทึกการเปลี่ยน 1 ช่อง")
        page.keyboard.press("Enter")
        stored(page, day)


@WIDTHS
def test_a_sign_in_that_ended_at_the_last_step_costs_nothing_and_says_what_to_do(
    browser: Browser, running: Running, day: ScoringDay, tmp_path: Path, width: int
) -> None:
    with member(browser, running, width) as page:
        previewed(page, running, day, tmp_path)
        page.context.clear_cookies(name="sign_in")
        page.keyboard.press("Enter")
        told = page.locator("[data-barrier=signed-out]")
        expect(told).to_contain_text("โปรดเข้าสู่ระบบอีกครั้งในแท็บใหม่")
        expect(told).to_be_focused()
        fits(page)
        assert marks(day) == 0
        tab_to(page, "เข้าสู่ระบบในแท็บใหม่")
        with page.context.expect_page() as opened:
            page.keyboard.press("Enter")
        sign_in(opened.value, running)
        opened.value.close()
        tab_to(page, "บันทึกการเปลี่ยน 1 ช่อง")
        page.keyboard.press("Enter")
        stored(page, day)
