"""One member's sheet from the sign-in to the receipt: by keys alone with everything twice as large, and by thumb in the
small window that a messenger opens. (The chair by keys alone: tests/award/test_chair_browser.py.)"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.award.lived import NINE
from tests.award.scoring_day import ScoringDay, build_day
from tests.journeys.serving import serving

RECEIPT = re.compile(r"^#\d+ · [0-9a-f]{4} [0-9a-f]{4}$")
MESSENGER = (
    "Mozilla/5.0 (Linux; Android 13; Phone) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0.0.0 "
    "Mobile Safari/537.36 Line/14.0.0/IAB"
)


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    day = build_day(tmp_path, csrf=True)
    day.site.clock.set(NINE)
    day.change("update slot set state = 'open', opened_at = '2021-07-19T02:00:00.000000Z'")
    return day


@pytest.fixture
def address(day: ScoringDay) -> Iterator[str]:
    with serving(day.site) as address:
        yield address


def test_by_keys_alone_at_twice_the_size(browser: Browser, day: ScoringDay, address: str) -> None:
    context = browser.new_context(
        viewport={"width": 640, "height": 400}, device_scale_factor=2, reduced_motion="reduce"
    )  # a laptop's window at 200 %
    page = context.new_page()
    page.goto(f"{address}/s/")
    reach(page, "#login")
    page.keyboard.type("z9-member")
    reach(page, "#password")
    page.keyboard.type(day.site.round.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/s/")
    enter(page, "a.btn[href$='/interest']")
    reach(page, "input[name='interest']")
    page.keyboard.press("Space")
    enter(page, "form.declare button")
    enter(page, "a[href='/s/'], .back a")
    enter(page, f"a.card-link[href$='/card/{day.card('z9-member')}']")
    enter(page, "#am-i-yes")
    reach(page, "fieldset.criterion input")
    for number, place in enumerate(day.whole()):
        if not place.startswith("note:"):
            assert page.evaluate(f"document.activeElement.closest('[data-place=\"{place}\"]') !== null"), place
            page.keyboard.press("3" if number % 2 else "4")
            assert_in_sight(page)
            page.keyboard.press("Enter")
    give_reasons(page)
    expect(page.locator('#saving[data-now="saved"]')).to_be_visible()
    enter(page, "#to-send")
    page.wait_for_url("**/send")
    enter(page, "form.send button")
    expect(page.locator(".receipt .number").first).to_have_text(RECEIPT)
    context.close()


def test_by_thumb_in_the_window_of_a_messenger(browser: Browser, day: ScoringDay, address: str) -> None:
    context = browser.new_context(
        viewport={"width": 360, "height": 480}, has_touch=True, is_mobile=True, user_agent=MESSENGER
    )
    page = context.new_page()
    card = day.card("z9-member")
    page.goto(f"{address}/s/card/{card}")  # the link from a chat, without a sign-in: it comes back to the same page
    page.fill("#login", "z9-member")
    page.fill("#password", day.site.round.password)
    page.tap("main button")
    page.wait_for_url(f"**/s/card/{card}")
    page.tap("#am-i-yes")
    for number, place in enumerate(day.whole()):
        if not place.startswith("note:"):
            choice = page.locator(f'[data-place="{place}"] label.choice').nth(3 + number % 2)
            choice.tap()
            expect(choice.locator("input")).to_be_checked()
            box = choice.bounding_box()
            assert box is not None and box["height"] >= 44, f"{place}: {box} is less than a thumb"
    give_reasons(page)
    page.tap("#to-send")
    page.wait_for_url("**/send")
    assert page.locator("form.send button").count() == 0, "nothing is declared yet"
    page.tap("main a[href$='/interest']")
    page.locator("label.tick").first.tap()
    page.tap("form.declare button")
    page.wait_for_url(lambda url: not url.endswith("/interest"))
    page.goto(f"{address}/s/card/{card}/send")
    page.tap("form.send button")
    expect(page.locator(".receipt .number").first).to_have_text(RECEIPT)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()


def reach(page: Page, selector: str) -> None:
    """Presses the Tab key until the focus is there, and in sight."""
    page.locator(selector).first.wait_for()
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            assert_in_sight(page)
            return
    raise AssertionError(f"no way by Tab to {selector} on {page.url}")


def enter(page: Page, selector: str) -> None:
    reach(page, selector)
    page.keyboard.press("Enter")


def assert_in_sight(page: Page) -> None:
    """The focused control, or the label that shows it, lies in the window and not under the bar at its end."""
    page.wait_for_function(
        """() => {
          const focused = document.activeElement;
          const shown = focused.closest("label.choice") ?? focused;
          const { top, bottom, left, width } = shown.getBoundingClientRect();
          const at = document.elementFromPoint(left + width / 2, Math.min((top + bottom) / 2, innerHeight - 1));
          return top >= 0 && at !== null && (shown.contains(at) || at.contains(shown));
        }"""
    )


def give_reasons(page: Page) -> None:
    """Writes a reason wherever the page asks for one."""
    asked = page.locator("fieldset.criterion:has([data-need]:not([hidden])) textarea")
    while asked.count():
        asked.first.fill("ตามหลักฐานที่นำเสนอ")
