"""By keyboard alone: a member declares, the secretary enters a paper sheet with its photo, the member confirms it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.award.scoring_day import ScoringDay, build_day
from tests.award.test_entries_browser import Running
from tests.award.test_papers import WHY, picture


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    made = build_day(tmp_path, csrf=True)
    made.change(
        "update slot set state = 'open', opened_at = '2021-07-19T01:15:00.000000Z' where id = :id", id=made.first_slot
    )
    made.change("update assignment set excused = 'absent' where seat_id = :s", s=made.seat("z9-secretary"))
    return made


@pytest.fixture
def running(day: ScoringDay) -> Iterator[Running]:
    server = Running(day.site)
    yield server
    server.stop()


@contextmanager
def signed_in(browser: Browser, running: Running, login: str) -> Iterator[Page]:
    """Somebody's own browser, as wide as a phone."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    context.set_default_timeout(10_000)
    context.add_cookies([{"name": "language", "value": "th", "url": running.address}])
    page = context.new_page()
    page.goto(f"{running.address}/sign-in")
    page.fill("#login", login)
    page.fill("#password", running.site.round.password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: not address.endswith("/sign-in"))
    yield page
    context.close()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until what the selector names has the focus."""
    for _ in range(250):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"the keyboard does not get to {selector}")


def type_sheet(page: Page, day: ScoringDay) -> None:
    """Every mark by the arrows, every note by typing, in the order of the form."""
    for name, text in sorted_like_the_form(page, day.whole("4")):
        if name.startswith("note:"):
            tab_to(page, f"textarea[name='{name}']")
            page.keyboard.insert_text(text)
        else:
            tab_to(page, f"input[name='{name}']")
            for _ in range(8):
                if page.evaluate("document.activeElement.value") == text:
                    break
                page.keyboard.press("ArrowUp")
            assert page.evaluate("document.activeElement.value") == text and page.evaluate(
                "document.activeElement.checked"
            )


def sorted_like_the_form(page: Page, whole: dict[str, str]) -> list[tuple[str, str]]:
    names = page.eval_on_selector_all("main form [name]", "fields => fields.map(field => field.name)")
    return [(name, whole[name]) for name in dict.fromkeys(names) if name in whole]


def test_declared_entered_from_paper_and_confirmed_by_keyboard(
    browser: Browser, running: Running, day: ScoringDay, tmp_path: Path
) -> None:
    photo = tmp_path / "ใบคะแนน.jpg"
    photo.write_bytes(picture().read())
    card = day.card("z9-member")
    with signed_in(browser, running, "z9-member") as page:
        page.goto(f"{running.address}/s/")
        tab_to(page, "a[href$='/interest']")
        page.keyboard.press("Enter")
        page.wait_for_url("**/interest")
        tab_to(page, "input[name='interest']")
        page.keyboard.press("Space")
        assert page.evaluate("document.activeElement.value") == "none"
        tab_to(page, "form.declare button")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/s/{day.session}")
        expect(page.locator("main")).to_contain_text("แจ้งว่าไม่มีส่วนได้เสีย")
    with signed_in(browser, running, "z9-secretary") as page:
        page.goto(f"{running.address}/s/card/{card}/paper")
        type_sheet(page, day)
        tab_to(page, "main form button")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("เทียบทุกแถวกับกระดาษ")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is wider than the screen"
        page.set_input_files("#photo", photo)  # the system's own window takes no keys here
        tab_to(page, "#why")
        page.keyboard.insert_text(WHY)
        tab_to(page, ".paper-buttons .btn-primary")
        page.keyboard.press("Enter")
        page.wait_for_url("**/papers**")
        expect(page.locator("#done")).to_contain_text("บันทึกจากกระดาษ ยังไม่ยืนยัน")
    with signed_in(browser, running, "z9-member") as page:
        page.goto(f"{running.address}/s/card/{card}")
        tab_to(page, "a[href$='/paper/mine']")
        page.keyboard.press("Enter")
        page.wait_for_url("**/paper/mine")
        assert page.evaluate("document.querySelector('.paper-photo img').naturalWidth") == 60, "the photo is shown"
        tab_to(page, "form.send button")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/s/card/{card}")
        expect(page.locator("#paper")).to_contain_text("ท่านยืนยันแล้ว")
    assert day.value("select paper from assignment where id = :c", c=card) == "confirmed"
