"""The card in a real browser: nothing marked is lost by a dead server, a closed tab, a sign-out, another window."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.award.scoring_day import ScoringDay, build_day
from tests.award.test_entries_browser import Running
from tests.journeys.axe import violations
from tests.journeys.serving import enter

SOON = 12_000  # milliseconds: the outbox tries again every five seconds


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    built = build_day(tmp_path, csrf=True)
    built.change("update slot set state = 'open', opened_at = '2021-07-19T02:00:00.000000Z'")
    return built


@pytest.fixture
def running(day: ScoringDay) -> Iterator[Running]:
    server = Running(day.site)
    yield server
    server.stop()


@contextmanager
def browsing(
    browser: Browser, running: Running, login: str, *, language: str = "en", **options: Any
) -> Iterator[BrowserContext]:
    """A browser in which somebody is signed in; reduced motion, so that nothing scrolls while it is clicked."""
    context = browser.new_context(reduced_motion="reduce", **options)
    context.set_default_timeout(15_000)
    context.add_cookies([{"name": "language", "value": language, "url": running.address}])
    enter(context, running.address, login, running.site.round.password)
    yield context
    context.close()


def open_card(context: BrowserContext, running: Running, card: int) -> Page:
    page = context.new_page()
    page.goto(f"{running.address}/s/card/{card}")
    return page


def give(page: Page, place: str, mark: str) -> None:
    page.click(f'[data-place="{place}"] label.choice:has(input[value="{mark}"])')


def marks(day: ScoringDay, card: int) -> dict[str, str]:
    """What is stored, by criterion: the latest mark and note."""
    with day.site.database.reading() as db:
        rows = db.connection().exec_driver_sql(
            "select criterion, value, note from mark where assignment_id = ? order by revision", (card,)
        )
        return {row[0]: f"{'' if row[1] is None else row[1] // 10_000} {row[2]}".strip() for row in rows}


def test_marks_made_while_the_server_is_down_are_kept_and_sent_afterwards(
    browser: Browser, running: Running, day: ScoringDay
) -> None:
    card = day.card("z9-member")
    with browsing(browser, running, "z9-member") as context:
        page = open_card(context, running, card)
        line = page.locator("#saving")
        give(page, "d1/commitment", "4")
        expect(line).to_have_text("Saved 08:15")
        expect(page.locator("#total")).to_have_text("6.40")
        running.stop()
        give(page, "d1/plans", "3")
        give(page, "d1/initiative", "5")
        page.fill("#c-note-d1--plans", "สัญญาณหายระหว่างทาง")
        expect(line).to_have_text("Waiting for the network (3 kept on this device)", timeout=SOON)
        expect(page.locator("#total-note")).to_be_visible()
        expect(page.locator("#blanks")).to_have_text("14 blank")
        assert marks(day, card) == {"d1/commitment": "4"}
        running.start()
        expect(line).to_have_text("Saved 08:15", timeout=SOON)
        expect(page.locator("#total")).to_have_text("17.40")
        assert marks(day, card) == {
            "d1/commitment": "4",
            "d1/plans": "3 สัญญาณหายระหว่างทาง",
            "d1/initiative": "5",
        }


def test_a_sign_in_that_ended_keeps_the_marks_until_one_signs_in_again(
    browser: Browser, running: Running, day: ScoringDay
) -> None:
    card = day.card("z9-member")
    with browsing(browser, running, "z9-member") as context:
        page = open_card(context, running, card)
        day.change("delete from sign_in")
        give(page, "d1/commitment", "5")
        expect(page.locator("#saving")).to_contain_text("Signed out. What you typed is kept")
        other = context.new_page()
        other.goto(f"{running.address}/sign-in")
        other.fill("#login", "z9-member")
        other.fill("#password", day.site.round.password)
        other.click("main button")
        other.wait_for_url(f"{running.address}/s/")
        expect(page.locator("#saving")).to_have_text("Saved 08:15", timeout=SOON)
        assert marks(day, card) == {"d1/commitment": "5"}


def test_a_slot_closed_meanwhile_shows_what_did_not_arrive(browser: Browser, running: Running, day: ScoringDay) -> None:
    card = day.card("z9-member")
    with browsing(browser, running, "z9-member") as context:
        page = open_card(context, running, card)
        running.stop()
        give(page, "d1/commitment", "1")
        expect(page.locator("#saving")).to_contain_text("Waiting", timeout=SOON)
        day.change(
            "update slot set state = 'closed', closed_at = '2021-07-19T03:30:00.000000Z' where id = :s",
            s=day.first_slot,
        )
        running.start()
        expect(page.locator("#told")).to_contain_text("The chair closed this slot on 19 Jul 2021 10:30", timeout=SOON)
        page.reload()
        kept = page.locator("#kept")
        expect(kept).to_contain_text("Kept on this device, and not accepted")
        expect(kept).to_contain_text("personal example: 1")
        assert marks(day, card) == {}
        kept.locator("button").click()
        page.reload()
        expect(kept).to_be_hidden()


def test_two_windows_ask_only_about_what_both_changed(browser: Browser, running: Running, day: ScoringDay) -> None:
    card = day.card("z9-member")
    with browsing(browser, running, "z9-member") as context:
        first, second = open_card(context, running, card), open_card(context, running, card)
        give(first, "d1/commitment", "4")
        expect(first.locator("#saving")).to_have_text("Saved 08:15")
        give(second, "d1/plans", "3")  # another criterion: nothing to ask
        expect(second.locator("#saving")).to_have_text("Saved 08:15")
        expect(second.locator("#conflict")).to_be_hidden()
        expect(second.locator('[data-place="d1/commitment"] input[value="4"]')).to_be_checked()
        give(second, "d1/commitment", "2")
        expect(second.locator("#saving")).to_have_text("Saved 08:15")
        give(first, "d1/commitment", "5")  # the first window still shows 4
        conflict = first.locator("#conflict")
        expect(conflict).to_contain_text("Here: 5 · Stored: 2")
        assert marks(day, card)["d1/commitment"] == "2"
        conflict.get_by_text("Keep what is here").click()
        expect(first.locator("#saving")).to_have_text("Saved 08:15")
        expect(conflict).to_be_hidden()
        assert marks(day, card) == {"d1/commitment": "5", "d1/plans": "3"}
        give(second, "d1/commitment", "1")
        expect(second.locator("#conflict")).to_contain_text("Here: 1 · Stored: 5")
        second.locator("#conflict").get_by_text("Take what is stored").click()
        expect(second.locator('[data-place="d1/commitment"] input[value="5"]')).to_be_checked()
        expect(second.locator("#conflict")).to_be_hidden()
        assert marks(day, card)["d1/commitment"] == "5"


def test_a_whole_card_by_keyboard_alone(browser: Browser, running: Running, day: ScoringDay) -> None:
    card = day.card("z9-member")
    with browsing(browser, running, "z9-member", language="th") as context:
        page = open_card(context, running, card)
        keys = page.keyboard
        page.focus(f'main a[href="/s/{day.session}/interest"]')  # first of all: is there an interest?
        keys.press("Enter")
        page.focus('[name="interest"][value="none"]')
        keys.press("Space")
        keys.press("Tab")
        keys.press("Tab")
        keys.press("Enter")
        page.wait_for_url(lambda address: not address.endswith("/interest"))
        page.goto(f"{running.address}/s/card/{card}")
        page.focus("#am-i-yes")
        keys.press("Enter")
        expect(page.locator("#am-i")).to_be_hidden()
        page.locator('[data-place="d1/commitment"] input').first.focus()
        for number in range(17):
            if page.evaluate("document.activeElement.closest('fieldset.criterion').dataset.suggested !== undefined"):
                keys.press(page.evaluate("document.activeElement.closest('fieldset.criterion').dataset.suggested"))
            else:
                keys.press("4" if number % 2 else "Numpad4")
            if number == 2:
                keys.press("ArrowDown")  # 5
            keys.press("Enter")
        expect(page.locator("#blanks")).to_have_text("ครบทุกข้อแล้ว")
        expect(page.locator("#to-send")).to_be_focused()
        keys.press("Enter")
        page.wait_for_url("**/send")
        page.locator("form.send button").focus()
        keys.press("Enter")
        expect(page.locator(".receipt")).to_contain_text("ส่งแล้ว")
    assert marks(day, card)["d1/initiative"] == "5"
    assert day.value("select state from assignment where id = :c", c=card) == "sent"


def test_the_next_blank_is_jumped_to_and_a_mark_can_be_taken_back(
    browser: Browser, running: Running, day: ScoringDay
) -> None:
    card = day.card("z9-member")
    with browsing(browser, running, "z9-member", viewport={"width": 360, "height": 740}) as context:
        page = open_card(context, running, card)
        give(page, "d1/commitment", "4")
        page.click("#next-blank")
        assert page.evaluate("document.activeElement.name") == "d1/plans"
        page.click('[data-place="d1/commitment"] .choice-blank')
        expect(page.locator("#blanks")).to_have_text("17 blank")
        expect(page.locator("#saving")).to_have_text("Saved 08:15")
        page.reload()
        expect(page.locator('[data-place="d1/commitment"] input:checked')).to_have_count(0)
    assert marks(day, card) == {"d1/commitment": ""}


def test_the_reason_is_asked_for_as_soon_as_the_mark_differs(
    browser: Browser, running: Running, day: ScoringDay
) -> None:
    with browsing(browser, running, "z9-member") as context:
        page = open_card(context, running, day.card("z9-member"))
        group = page.locator("#c-d1--plans")
        suggested = group.get_attribute("data-suggested")
        need = group.locator('[data-need="different"]')
        give(page, "d1/plans", suggested or "")
        expect(need).to_be_hidden()
        give(page, "d1/plans", "0")
        expect(need).to_be_visible()
        group.locator("textarea").fill("หลักฐานไม่ครบ")
        expect(need).to_be_hidden()


@pytest.mark.parametrize(("language", "width"), [("th", 360), ("en", 1280)])
def test_a_blank_card_and_the_chairs_day_have_no_fault_that_axe_finds_and_nothing_sticks_out(
    browser: Browser, running: Running, day: ScoringDay, language: str, width: int
) -> None:
    """The committee's other pages are walked in test_pages_accessible.py."""
    card = day.card("z9-chair")
    with browsing(browser, running, "z9-chair", language=language, viewport={"width": width, "height": 800}) as context:
        page = open_card(context, running, card)
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        for address in (f"/s/card/{card}", f"/s/card/{card}/send", "/s/", f"/s/card/{day.card('z9-chair', 'wf-a-23')}"):
            page.goto(running.address + address)
            found = violations(page)
            assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found] == [], address
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert faults == []
