"""The chair's page and a member's beside it, in two browsers: what one presses, the other sees within seconds."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.award.lived import NINE, tick
from tests.award.scoring_day import ScoringDay, build_day
from tests.journeys.axe import violations
from tests.journeys.serving import Person, serving, signed_in

SEEN_WITHIN = 4.0  # seconds from the chair's press to the member's screen


class Room:
    """A day that is served for real, and who has entered."""

    def __init__(self, browser: Browser, day: ScoringDay, address: str, people: ExitStack):
        self.browser, self.day, self.address, self.people = browser, day, address, people

    def enter(self, login: str, path: str, *, language: str = "en", width: int = 1280) -> Person:
        person = self.people.enter_context(
            signed_in(
                self.browser, self.address, login, self.day.site.round.password, language=language,
                viewport={"width": width, "height": 800},
            )
        )  # fmt: skip
        person.go(path)
        return person


@pytest.fixture
def room(browser: Browser, tmp_path: Path) -> Iterator[Room]:
    day = build_day(tmp_path, csrf=True)
    day.site.clock.set(NINE)
    day.change("update slot set presenting_minutes = 15, questions_minutes = 10, scoring_minutes = 10")
    with serving(day.site) as address, ExitStack() as people:
        yield Room(browser, day, address, people)


def seconds_left(countdown: Locator) -> int:
    minutes, seconds = countdown.inner_text().split(":")
    return int(minutes) * 60 + int(seconds)


def test_what_the_chair_presses_shows_on_a_members_screen_within_seconds(room: Room) -> None:
    day = room.day
    chair = room.enter("z9-chair", f"/s/{day.session}/chair")
    member = room.enter("z9-member", "/s/", language="th", width=360)
    officer = room.enter("p23", f"/s/{day.session}/province", language="th")
    chair.page.click("#stage .btn-stage")  # opens the slot for marking
    expect(member.page.locator(f"#slot-{day.first_slot}")).to_contain_text("เปิดให้คะแนนอยู่", timeout=SEEN_WITHIN * 1000)
    for phase, says in (("presentation", "นำเสนอ"), ("questions", "ถาม-ตอบ")):
        pressed = monotonic()
        chair.page.get_by_role("button", name=f"Start the {phase}").click()
        for screen in (member, officer):
            going = screen.page.locator(
                f"#slot-{day.first_slot} [data-live-phase], .going-large [data-live-phase]"
            ).first
            expect(going).to_have_text(says, timeout=SEEN_WITHIN * 1000)
        assert monotonic() - pressed < SEEN_WITHIN + 1
    countdown = member.page.locator(f"#slot-{day.first_slot} [data-countdown]")
    expect(countdown).to_be_visible()
    left = seconds_left(countdown)
    assert 580 <= left <= 600
    expect(countdown).not_to_have_text(f"{left // 60}:{left % 60:02d}")
    assert seconds_left(countdown) < left, "it runs"
    assert abs(seconds_left(chair.page.locator("#stage [data-countdown]")) - seconds_left(countdown)) <= 1


def test_ready_flags_reach_the_chair_while_the_page_stays_open(room: Room) -> None:
    day = room.day
    chair = room.enter("z9-chair", f"/s/{day.session}/chair")
    member = room.enter("z9-member", "/s/")
    ready = chair.page.locator("#stage .counts li").nth(1)
    expect(ready).to_contain_text("0 of 3")
    member.page.locator("form.ready button").first.click()
    expect(ready).to_contain_text("1 of 3", timeout=6000)


def test_nothing_that_is_typed_is_replaced(room: Room) -> None:
    day = room.day
    chair = room.enter("z9-chair", f"/s/{day.session}/chair")
    member = room.enter("z9-member", "/s/")
    page = chair.page
    page.locator(f"#note-{day.first_slot}-more summary").click()
    page.fill(f"#note-{day.first_slot}", "เริ่มช้า เพราะสัญญาณขัดข้อง")
    page.locator("h1").click()
    member.page.locator("form.ready button").first.click()
    expect(page.locator("#stage .counts li").nth(1)).to_contain_text("1 of 3", timeout=6000)
    expect(page.locator(f"#note-{day.first_slot}")).to_have_value("เริ่มช้า เพราะสัญญาณขัดข้อง")
    page.get_by_role("button", name="Add the note").first.click()
    expect(page.locator(f"#more-{day.first_slot} .note-said")).to_contain_text("สัญญาณขัดข้อง")


def test_a_lost_connection_is_told_calmly_and_ends_by_itself(room: Room) -> None:
    member = room.enter("z9-member", "/s/")
    line = member.page.locator("[data-connection]")
    expect(line).to_be_hidden()
    with member.page.expect_response(re.compile("/live")):
        pass
    member.context.set_offline(True)
    expect(line).to_contain_text("No connection since", timeout=15_000)
    member.context.set_offline(False)
    expect(line).to_be_hidden(timeout=15_000)
    member.faults.clear()  # the browser reports what it could not fetch


def test_a_slot_is_led_with_the_keyboard_alone(room: Room) -> None:
    day = room.day
    chair = room.enter("z9-chair", f"/s/{day.session}/chair")
    page = chair.page
    for says in ("Open this slot for marking", "Start the presentation", "Start the questions"):
        button = page.locator("#stage .btn-stage")
        expect(button).to_have_text(says)
        page.keyboard.press("Home")
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.classList.contains('btn-stage')"):
                break
        with page.expect_navigation():
            page.keyboard.press("Enter")
    expect(page.locator("#stage [data-live-phase]")).to_have_text("Questions and answers")
    present = page.locator(f"#there-{day.first_slot} button[value=present]").first
    present.focus()
    with page.expect_navigation():
        page.keyboard.press("Space")
    expect(page.locator("#stage .counts li").first).to_contain_text("1 of 3")


def test_without_script_the_page_leads_the_slot_too(room: Room) -> None:
    day = room.day
    with signed_in(
        room.browser, room.address, "z9-chair", day.site.round.password, language="en", java_script_enabled=False
    ) as chair:
        chair.go(f"/s/{day.session}/chair")
        for says in ("Open this slot for marking", "Start the presentation"):
            chair.page.get_by_role("button", name=says).first.click()
        expect(chair.page.locator("#stage [data-until]")).to_contain_text("until 09:15")


@pytest.mark.parametrize(("language", "width"), [("th", 360), ("en", 1280)])
def test_the_pages_of_a_day_that_goes_on_fit_and_are_accessible(room: Room, language: str, width: int) -> None:
    day = room.day
    day.site.app.config["WTF_CSRF_ENABLED"] = False
    by_hand = day.site.client_as("z9-chair")
    day.open()
    tick(day, by_hand, "z9-member", "late")
    tick(day, by_hand, "z9-secretary", "absent")
    last = {"phase": "presenting", "minutes": "15", "after": "0"}
    assert day.post(by_hand, f"/s/slot/{day.first_slot}/phase", **last).status_code == 303
    day.send_all({"z9-chair": "4"})
    day.post(by_hand, f"/s/card/{day.card('z9-chair')}/ask", changes="3", reason="เครือข่ายขัดข้อง")
    seat = str(day.seat("z9-member"))
    assert day.post(by_hand, f"/s/slot/{day.slots[1]}/pass", seat=seat, reason="ติดราชการ").status_code == 303
    day.site.app.config["WTF_CSRF_ENABLED"] = True
    for login, path in (
        ("z9-chair", f"/s/{day.session}/chair"),
        ("z9-member", f"/s/{day.session}"),
        ("z9-member", "/s/"),
    ):
        person = room.enter(login, path, language=language, width=width)
        person.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        found = violations(person.page)
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], path
        assert person.page.evaluate("document.documentElement.scrollWidth") <= width, path
