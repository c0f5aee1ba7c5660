"""The way up on a phone in a real browser: an acting head approves; deadlines by the server's clock; without code."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import select

from award.db.cycles import Cycle
from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site
from tests.award.test_chain import by_chain, entry_of, fill, send_on
from tests.award.test_late import ask
from tests.journeys.axe import violations
from tests.journeys.serving import serving, signed_in

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    built = by_chain(build_site(tmp_path, provinces=(TRAT, CHANTHABURI), live=(TRAT,)))
    fill(built)
    return built


@pytest.fixture
def address(site: BuiltSite) -> Iterator[str]:
    with serving(site) as here:
        yield here


def fits(page: Page) -> None:
    """Nothing sticks out of the screen, and axe has no complaint."""
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
    wrong = violations(page)
    assert [(each["id"], each["nodes"][0]["target"]) for each in wrong] == [], page.url


@pytest.mark.parametrize("code", [True, False])
def test_officer_director_and_acting_head_on_a_phone(
    browser: Browser, site: BuiltSite, address: str, code: bool
) -> None:
    about = PHONE | {"java_script_enabled": code}
    entry = f"/e/{entry_of(site).id}"
    password = site.round.password
    with signed_in(browser, address, "p23", password, **about) as officer:
        page = officer.go(f"{entry}/submit")
        for box in page.locator("input[name=confirmed]").all():
            box.check()
        page.get_by_role("button", name="เสนอผู้อำนวยการกลุ่มงาน").click()
        expect(page.get_by_role("main").get_by_text("รอผู้อำนวยการกลุ่มงานเห็นชอบ").first).to_be_visible()
        expect(page.locator("textarea")).to_have_count(0)
        if code:
            fits(page)
    with signed_in(browser, address, "p23-director", password, **about) as director:
        expect(director.page).to_have_url(f"{address}/waiting")
        director.page.get_by_role("link", name="อ่านและพิจารณา").click()
        director.page.get_by_role("link", name="พิจารณา", exact=True).click()
        director.page.get_by_role("button", name="เห็นชอบและเสนอต่อ").click()
        expect(director.page.get_by_role("main").get_by_text("รอพัฒนาการจังหวัดเห็นชอบ").first).to_be_visible()
    with signed_in(browser, address, "p23-acting", password, **about) as chief:
        expect(chief.page).to_have_url(f"{address}/waiting")
        if code:
            fits(chief.page)
        chief.page.get_by_role("link", name="อ่านและพิจารณา").click()
        if code:
            fits(chief.page)
        chief.page.get_by_role("button", name="เห็นชอบและส่งผลงานไปกรมฯ").click()
        expect(chief.page.locator(".receipt-number")).to_have_text(re.compile(r"#\d+ · [0-9a-f]{4} [0-9a-f]{4}"))
        expect(chief.page.locator(".approvals")).to_contain_text("หน้าที่ p23-acting (รักษาราชการแทน)")
        if code:
            fits(chief.page)
        chief.page.get_by_role("button", name="ตรวจสอบใบรับ").click()
        expect(chief.page.get_by_text("ยังเป็นไปตามใบรับนี้")).to_be_visible()
        if code:
            fits(chief.page)


def test_the_deadline_runs_by_the_servers_clock_whatever_the_phone_says(
    browser: Browser, site: BuiltSite, address: str
) -> None:
    with site.database.reading() as db:
        deadline = db.execute(select(Cycle.deadline_at)).scalar_one()
    site.clock.set(deadline - timedelta(seconds=40))
    with signed_in(browser, address, "p23", site.round.password, language="en", **PHONE) as officer:
        officer.context.add_init_script("const real = Date.now; Date.now = () => real() + 3 * 3600 * 1000;")
        page = officer.go(f"/e/{entry_of(site).id}/submit")
        left = page.locator(".countdown")
        expect(left).to_have_text(re.compile(r"^0 min [1-3]?\d s left$"))
        page.wait_for_timeout(1500)
        first = int(re.findall(r"(\d+) s", left.inner_text())[0])
        page.wait_for_timeout(3000)
        assert 1 <= first - int(re.findall(r"(\d+) s", left.inner_text())[0]) <= 5
        site.clock.set(deadline - timedelta(seconds=2))
        officer.go("/e/")
        expect(page.locator(".countdown")).to_have_text("The time is over.")  # the open page, as the time passes


def test_a_countdown_whose_code_was_lost_on_the_way_comes_later(
    browser: Browser, site: BuiltSite, address: str
) -> None:
    lost: list[str] = []

    def lose_the_first(route: Route) -> None:
        lost.append(route.request.url)
        if len(lost) == 1:
            route.abort()
        else:
            route.continue_()

    with signed_in(browser, address, "p23", site.round.password, language="en", **PHONE) as officer:
        officer.context.route("**/deadline.js*", lose_the_first)
        page = officer.go(f"/e/{entry_of(site).id}/submit")
        expect(page.locator(".countdown")).to_contain_text(" left")
        officer.faults = [fault for fault in officer.faults if "ERR_FAILED" not in fault]
    assert lost


def test_an_organizer_decides_late_requests_on_a_phone(browser: Browser, site: BuiltSite, address: str) -> None:
    with site.database.reading() as db:
        deadline = db.execute(select(Cycle.deadline_at)).scalar_one()
    site.clock.set(deadline + timedelta(minutes=1))
    with signed_in(browser, address, "p23", site.round.password, **PHONE) as officer:
        fits(officer.go(f"/late/ask/{entry_of(site).id}"))
    ask(site)
    with signed_in(browser, address, "organizer", site.round.password, **PHONE) as organizer:
        page = organizer.go("/late/")
        fits(page)
        page.get_by_label("เหตุผลของการพิจารณา").fill("น้ำท่วมตามประกาศของจังหวัด")
        page.get_by_label("ถึงวันที่").fill("19/7/2564")
        page.get_by_label("เวลา").fill("12.00")
        page.get_by_role("button", name="อนุญาตถึงเวลานั้น").click()
        expect(page.get_by_role("main")).to_contain_text("อนุญาตถึง 19 ก.ค. 64 12.00 น.")
    assert send_on(site, "p23-acting").step == "sent"
