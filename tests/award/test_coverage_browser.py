"""Search, lists, who has not sent, and reminders in a real browser: usable by everyone, on a phone too."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.award.build import CHANTHABURI, PHRAE, TRAT, BuiltSite, build_site
from tests.award.test_coverage import BEFORE, change
from tests.journeys.axe import PHONE, SIZES, faults_of
from tests.journeys.serving import serving, signed_in

Served = tuple[BuiltSite, str]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    site = build_site(
        tmp_path_factory.mktemp("coverage"), provinces=(TRAT, CHANTHABURI, PHRAE), live=(TRAT, PHRAE), csrf=True
    )
    site.clock.set(BEFORE)
    change(site, "update user set email = 'office@trat.example.go.th' where login = 'p23'")
    with serving(site) as address:
        yield site, address


@pytest.mark.parametrize("language", ["th", "en"])
def test_pages_of_search_and_lists_are_usable_by_everyone(browser: Browser, served: Served, language: str):
    """axe looks at the Thai pages at a desk and on a phone, at the English ones, of the same elements, on a phone."""
    site, address = served
    found: dict[str, object] = {}
    sizes = SIZES if language == "th" else (PHONE,)
    paths = ["/search", "/search?q=ตราด", "/search?q=ตราค", "/search?q=ไม่มีชื่อนี้เลย", "/e/",
             "/e/?state=draft", "/e/?text=ไม่มี", "/e/missing", "/e/missing?zone=9", "/reminders/"]  # fmt: skip
    with signed_in(browser, address, "organizer", site.round.password, language=language) as person:
        for path in paths:
            found |= faults_of(person.go(path), path, sizes)
    with signed_in(browser, address, "z9-chair", site.round.password, language=language) as person:
        found |= faults_of(person.go("/e/missing"), "nobody to follow up", sizes)
    assert found == {}


def test_an_organizer_drafts_looks_through_and_sends_reminders(browser: Browser, served: Served):
    site, address = served
    found: dict[str, object] = {}
    with signed_in(browser, address, "organizer", site.round.password, language="th") as person:
        page = person.go("/e/missing")
        page.set_viewport_size({"width": 360, "height": 640})
        page.get_by_role("button", name="เลือกทั้งหมดในหน้านี้").click()
        expect(page.locator("[data-ticked]")).to_have_text("เลือกไว้ 2 จังหวัด")
        expect(page.locator(".missing-bar button")).to_be_in_viewport()  # without scrolling past the list
        page.locator("[data-to-acts]").click()
        expect(page.locator("#person")).to_be_focused()
        page.set_viewport_size({"width": 1280, "height": 800})
        expect(page.locator('input[name="province"]:checked')).to_have_count(2)
        page.get_by_role("button", name="มอบให้ผู้นี้ติดตาม").click()  # without saying to whom
        expect(page.get_by_role("alert")).to_contain_text("โปรดเลือกผู้ติดตาม")
        expect(page.locator('input[name="province"]:checked')).to_have_count(2)
        found |= faults_of(page, "nobody chosen")
        page.get_by_role("button", name="ร่างหนังสือเร่งรัดถึงจังหวัดเหล่านี้").click()
        expect(page.locator("textarea")).to_have_count(2)
        found |= faults_of(page, "a draft")
        page.get_by_label("ข้อความถึงจังหวัดแพร่").fill("")
        page.get_by_role("button", name="ส่งหนังสือทุกฉบับที่ไม่ได้ยกเว้น").click()
        expect(page.get_by_role("alert")).to_contain_text("โปรดพิมพ์ข้อความ")
        found |= faults_of(page, "an empty letter")
        page.get_by_label("ไม่ส่งถึงจังหวัดนี้").nth(1).check()
        page.get_by_role("button", name="ส่งหนังสือทุกฉบับที่ไม่ได้ยกเว้น").click()
        expect(page.get_by_text("อีเมลรอส่ง")).to_have_count(1)
        expect(page.get_by_role("button", name="คัดลอกไปวางใน LINE ตราด")).to_be_visible()
        found |= faults_of(page, "sent")
        page.emulate_media(media="print")  # on paper a letter is its text, as long as it is, not a box
        expect(page.locator(".letter-print").first).to_be_visible()
        expect(page.locator("textarea").first).to_be_hidden()
        page.emulate_media(media="screen")
        person.faults[:] = [fault for fault in person.faults if "422" not in fault]  # refused on purpose, twice
    assert found == {}


def test_the_list_works_without_scripts(browser: Browser, served: Served):
    site, address = served
    with signed_in(browser, address, "organizer", site.round.password, language="th") as person:
        kept = person.page.context.storage_state()
    context = browser.new_context(java_script_enabled=False, storage_state=kept)
    page = context.new_page()
    page.goto(f"{address}/e/missing")
    page.get_by_label("ตราด", exact=True).check()
    page.get_by_label("ผู้ติดตาม", exact=True).last.select_option(index=1)
    page.get_by_role("button", name="มอบให้ผู้นี้ติดตาม").click()
    expect(page.get_by_role("status").first).to_contain_text("บันทึกผู้ติดตามแล้ว")
    page.goto(f"{address}/search")
    page.get_by_label("ท่านต้องการค้นหาอะไร").fill("จันทรบุรี")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="จังหวัด", exact=True)).to_be_visible()
    context.close()
