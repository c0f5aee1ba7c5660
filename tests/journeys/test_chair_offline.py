"""The chair's presses while the server is stopped: ticks and notes arrive later, once; what decides is never late."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.award.scoring_day import build_day
from tests.journeys.survival import SOON, Served, phone

NOTE = "เริ่มช้า เพราะสัญญาณขัดข้อง"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    site = Served(build_day(tmp_path, csrf=True))
    site.start()
    yield site
    site.end()


def ticked(page: Page, served: Served, login: str, state: str) -> None:
    page.click(f"#there-{served.day.first_slot}-{served.day.seat(login)}-{state}")


def lines(served: Served, verb: str) -> int:
    return int(served.day.value("select count(*) from ledger_line where line like :act", act=f'%"act":"{verb}"%'))


def test_a_stopped_server_loses_no_tick_and_does_nothing_late(browser: Browser, served: Served) -> None:
    day = served.day
    before = {verb: lines(served, verb) for verb in ("record_attendance", "note_minutes", "open_slot")}

    def new(verb: str) -> int:
        return lines(served, verb) - before[verb]

    with phone(browser, served, "z9-chair") as context:
        page = context.new_page()
        page.goto(f"{served.address}/s/{day.session}/chair")
        presses = page.locator("#presses li")
        expect(page.locator("#stage .btn-stage")).to_have_text("Open this slot for marking")
        served.stop()

        ticked(page, served, "z9-chair", "present")
        ticked(page, served, "z9-member", "present")
        ticked(page, served, "z9-member", "absent")  # on second thoughts
        page.locator(f"#note-{day.first_slot}-more summary").click()
        page.fill(f"#note-{day.first_slot}", NOTE)
        page.get_by_role("button", name="Add the note").first.click()
        expect(presses.filter(has_text="Kept on this device")).to_have_count(4)
        expect(presses.filter(has_text=NOTE)).to_have_count(1)

        assert Axe().run(page).response["violations"] == []
        page.clock.install()
        page.click("#stage .btn-stage")
        expect(presses.filter(has_text="Not done yet")).to_have_count(1)
        for _ in range(8):
            page.clock.run_for(3_000)
        expect(presses.filter(has_text="not certain whether this was done")).to_have_count(1)

        served.start()
        page.clock.run_for(5_000)
        undone = presses.filter(has_text="This was not done: Open this slot")
        for _ in range(10):
            page.clock.run_for(3_000)
            if undone.count() and presses.count() == 1:
                break
        expect(undone).to_have_count(1)
        expect(presses).to_have_count(1)
        assert day.value("select state from slot where id = :s", s=day.first_slot) == "planned"
        assert new("open_slot") == 0
        assert (new("record_attendance"), new("note_minutes")) == (3, 1), "each once, in the order pressed"
        expect(page.locator("#stage .counts li").first).to_contain_text("1 of 3")
        expect(page.locator(f"#more-{day.first_slot} .note-said")).to_contain_text(NOTE)

        undone.get_by_role("button", name="Press again").click()
        expect(page.locator("#stage .btn-stage")).to_have_text("Start the presentation", timeout=SOON)
        assert new("open_slot") == 1


def test_a_tick_outlives_the_page_it_was_made_on(browser: Browser, served: Served) -> None:
    day, before = served.day, lines(served, "record_attendance")
    with phone(browser, served, "z9-chair") as context:
        page = context.new_page()
        page.goto(f"{served.address}/s/{day.session}/chair")
        expect(page.locator("#stage .btn-stage")).to_be_visible()
        served.stop()
        ticked(page, served, "z9-member", "present")
        expect(page.locator("#presses li").filter(has_text="Kept on this device")).to_have_count(1)
        page.close()
        served.start()
        page = context.new_page()
        page.goto(f"{served.address}/s/{day.session}/chair")
        expect(page.locator("#stage .counts li").first).to_contain_text("1 of 3", timeout=SOON)
        expect(page.locator("#presses li")).to_have_count(0)
    assert lines(served, "record_attendance") == before + 1
