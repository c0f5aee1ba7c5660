"""The agenda in a real browser: a slot moved by pointer and by keys, seen at once by the province, on small windows."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.award.scoring_day import ScoringDay, build_day
from tests.award.test_entries_browser import Running
from tests.journeys.axe import violations

WHY = "ไฟฟ้าดับที่สำนักงาน"


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    made = build_day(tmp_path, csrf=True)
    made.change("update slot set presenting_minutes = 20, questions_minutes = 10, scoring_minutes = null")
    return made


@pytest.fixture
def running(day: ScoringDay) -> Iterator[Running]:
    server = Running(day.site)
    yield server
    server.stop()


@contextmanager
def signed_in(
    browser: Browser, running: Running, login: str, *, language: str = "en", width: int = 1280
) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": width, "height": 800}, has_touch=width < 500)
    context.add_cookies([{"name": "language", "value": language, "url": running.address}])
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{running.address}/sign-in")
    page.fill("#login", login)
    page.fill("#password", running.site.round.password)
    page.click("main button")
    page.wait_for_url(lambda address: "/sign-in" not in address)
    yield page
    context.close()
    assert faults == []


def panel_page(day: ScoringDay, running: Running) -> str:
    return f"{running.address}/agenda/{day.value('select panel_id from scoring_session where id = :s', s=day.session)}"


def starts_at(day: ScoringDay) -> str:
    return str(day.value("select starts_at from slot where id = :s", s=day.first_slot))[11:16]


def drag(page: Page, slot: str, by: int) -> None:
    """Takes a slot's handle `by` pixels down."""
    box = page.locator(f"{slot} .agenda-handle").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + by / 2, steps=3)
    page.mouse.move(x, y + by, steps=3)


@pytest.mark.parametrize("width", [1280, 360])
def test_a_slot_is_dragged_to_another_time_and_moved_back(
    browser: Browser, running: Running, day: ScoringDay, width: int
) -> None:
    slot = f"#slot-{day.first_slot}"
    with signed_in(browser, running, "organizer", width=width) as page:
        page.goto(panel_page(day, running))
        page.locator(slot).scroll_into_view_if_needed()
        drag(page, slot, 96)  # twelve steps of five minutes
        expect(page.locator(f"{slot} [data-shown]")).to_have_text("09:00 → 10:00")
        page.mouse.up()
        expect(page.locator(f"{slot} [name=reason]")).to_be_focused()
        assert starts_at(day) == "02:00", "nothing is saved before the reason is written"
        page.keyboard.type(WHY)
        page.click(f"{slot} details form button")
        expect(page.locator(f"{slot} .agenda-moved")).to_contain_text("Was 09:00 → 10:00")
        assert starts_at(day) == "03:00"
        page.click(f"{slot} .agenda-undo button")
        expect(page.locator(f"{slot} .agenda-moved")).to_have_count(0)
        assert starts_at(day) == "02:00"


def test_a_slot_is_moved_by_the_keyboard_alone(browser: Browser, running: Running, day: ScoringDay) -> None:
    slot = f"#slot-{day.first_slot}"
    with signed_in(browser, running, "organizer") as page:
        page.goto(panel_page(day, running))
        page.locator(f"{slot} .agenda-handle").focus()
        for _ in range(3):
            page.keyboard.press("Alt+ArrowDown")
        page.keyboard.press("Alt+ArrowUp")
        expect(page.locator(f"{slot} [data-shown]")).to_have_text("09:00 → 09:10")
        expect(page.locator("#told")).to_contain_text("09:00 becomes 09:10")
        page.keyboard.press("Escape")
        expect(page.locator(f"{slot} [data-shown]")).to_have_text("09:00")
        page.keyboard.press("Alt+ArrowDown")
        page.keyboard.press("Enter")
        page.keyboard.type(WHY)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator(f"{slot} .agenda-moved")).to_contain_text("Was 09:00 → 09:05")
        assert starts_at(day) == "02:05"


def test_without_code_a_slot_moves_by_its_form(browser: Browser, running: Running, day: ScoringDay) -> None:
    slot = f"#slot-{day.first_slot}"
    with signed_in(browser, running, "organizer") as page:
        page.route(re.compile(r"\.js"), lambda route: route.abort())
        page.goto(panel_page(day, running))
        expect(page.locator(f"{slot} .agenda-handle")).to_be_hidden()
        page.click(f"{slot} summary")
        page.fill(f"{slot} [name=time]", "๑๕.๐๐")
        page.fill(f"{slot} [name=reason]", WHY)
        page.click(f"{slot} details form button")
        expect(page.locator(f"{slot} .agenda-moved")).to_contain_text("Was 09:00 → 15:00")


def test_the_province_and_the_panel_see_the_chairs_move_within_seconds(
    browser: Browser, running: Running, day: ScoringDay
) -> None:
    with (
        signed_in(browser, running, "p23", language="th", width=360) as province,
        signed_in(browser, running, "z9-member") as member,
        signed_in(browser, running, "z9-chair") as chair,
    ):
        province.goto(f"{running.address}/s/{day.session}/province")
        member.goto(f"{running.address}/s/{day.session}")
        expect(member.locator(".slot-time").first).to_have_text("09:00")
        chair.goto(f"{running.address}/s/{day.session}/chair")
        chair.click(f"#slot-{day.first_slot} a:has-text('Move to another time')")
        chair.fill("#time", "15.00")
        chair.fill("#reason", WHY)
        chair.click("main form.agenda-form button")
        chair.wait_for_url(re.compile(r"/chair"))
        moved = province.locator(f"#slot-{day.first_slot} .agenda-moved")
        expect(moved.locator("strong")).to_have_text("เดิม 09.00 น. → 15.00 น.")
        expect(moved).to_contain_text("แก้ไขเมื่อ 19 ก.ค. 64 08.1")
        assert moved.locator("strong").evaluate("element => getComputedStyle(element).fontWeight") == "700"
        expect(member.locator(".slot-time").last).to_have_text("15:00")
        assert province.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_rehearsal_in_browsers_practises_the_card_and_ends(
    browser: Browser, running: Running, day: ScoringDay
) -> None:
    with (
        signed_in(browser, running, "z9-chair") as chair,
        signed_in(browser, running, "z9-member", language="th", width=360) as member,
    ):
        member.goto(f"{running.address}/s/{day.session}")
        chair.goto(f"{running.address}/s/{day.session}/chair")
        chair.click("text=Rehearse this day")
        chair.click("text=Begin the rehearsal")
        banner = member.locator(".rehearsal-banner")
        expect(banner).to_contain_text("ซ้อม")
        banner.locator("a").click()
        member.click(f"a[href='/s/practice/{day.first_slot}']")
        if member.locator("#am-i-yes").is_visible():
            member.click("#am-i-yes")
        member.context.set_offline(True)
        for group in member.locator("fieldset.criterion").all():
            for place in group.locator("[data-place]").all():
                place.locator("input[value='4'], input[value='1']").last.check(force=True)
            group.locator("textarea").fill("ทดลองเขียนเหตุผล")
        expect(member.locator("#saving[data-now=waiting]")).to_be_visible()
        member.context.set_offline(False)
        expect(member.locator("#saving[data-now=saved]")).to_be_visible(timeout=20_000)
        member.click("#to-send")
        member.click("form.send button")
        expect(chair.locator("#sent")).to_contain_text("✓")
        chair.click("text=End the rehearsal and delete all of it")
        expect(chair.locator("text=Begin the rehearsal")).to_be_visible()
        assert day.value("select count(*) from practice_card") == 0
        assert day.value("select count(*) from mark where at > '2021-07-19'") == 0


def test_what_was_practised_too_late_is_forgotten_on_the_device(
    browser: Browser, running: Running, day: ScoringDay
) -> None:
    count = "async () => (await import('/assets/saving.js')).unsentCount()"
    with signed_in(browser, running, "z9-chair") as chair, signed_in(browser, running, "z9-member") as member:
        chair.goto(f"{running.address}/s/{day.session}/rehearsal")
        chair.click("text=Begin the rehearsal")
        member.goto(f"{running.address}/s/practice/{day.first_slot}")
        if member.locator("#am-i-yes").is_visible():
            member.click("#am-i-yes")
        member.context.set_offline(True)
        member.locator("fieldset.criterion input[value='3']").first.check(force=True)
        expect(member.locator("#saving[data-now=waiting]")).to_be_visible()
        chair.click("text=End the rehearsal and delete all of it")
        member.context.set_offline(False)
        assert member.evaluate(count) == 1
        member.goto(f"{running.address}/s/practice/{day.first_slot}")
        expect(member.locator("h1")).to_contain_text("Rehearsal of the scoring day")
        for _ in range(100):
            if member.evaluate(count) == 0:
                break
            member.wait_for_timeout(100)
        assert member.evaluate(count) == 0


@pytest.mark.parametrize("language", ["th", "en"])
def test_no_page_of_the_agenda_shuts_anybody_out(
    browser: Browser, running: Running, day: ScoringDay, language: str
) -> None:
    """The organizer's agenda, its days and a move are looked at in test_scoring_day_accessible.py."""
    panel = panel_page(day, running).removeprefix(running.address)
    own = f"/s/{day.session}"

    def look(page: Page, *addresses: str) -> None:
        for address in addresses:
            page.goto(running.address + address)
            found = violations(page)
            assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found] == [], address
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address

    with signed_in(browser, running, "organizer", language=language, width=360) as page:
        look(page, f"{panel}/plan?province=23", f"{own}/rehearsal", f"{own}/province")
    with signed_in(browser, running, "p23", language=language, width=360) as page:
        look(page, f"{own}/province")
    with signed_in(browser, running, "z9-chair", language=language, width=360) as page:
        page.goto(f"{running.address}{own}/rehearsal")
        page.click("main form button")
        look(page, f"{own}/rehearsal", f"/s/practice/{day.first_slot}", f"{own}/chair")
