"""Workbooks of entries in a real browser: out to a district and in again on a phone, three mistakes, an import."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, Route, expect

from tests.award import test_entry_imports as many
from tests.award.build import TRAT, build_site
from tests.award.filled_books import answers_of, entry_of, fill, saved
from tests.award.test_entries_browser import Running
from tests.journeys.axe import violations

PICTURES = os.environ.get("PICTURES")  # a folder: then every page is kept as a picture to look at
WIDTHS = pytest.mark.parametrize("width", [360, 1280])


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    server = Running(build_site(tmp_path, live=(TRAT,), csrf=True))
    many.begin_offices(server.site)
    yield server
    server.stop()


def signed_in(browser: Browser, running: Running, login: str, width: int, *, language: str = "th") -> Page:
    context = browser.new_context(viewport={"width": width, "height": 740}, accept_downloads=True)
    context.set_default_timeout(15_000)
    context.add_cookies([{"name": "language", "value": language, "url": running.address}])
    page = context.new_page()
    page.goto(f"{running.address}/sign-in")
    page.fill("#login", login)
    page.fill("#password", running.site.round.password)
    page.click("main button")
    page.wait_for_url(lambda address: not address.endswith("/sign-in"))
    return page


def look_at(page: Page, name: str) -> None:
    """Usable by everyone, and no wider than the window."""
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    if PICTURES:
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)


@WIDTHS
def test_a_form_goes_to_a_district_and_comes_back_with_three_mistakes_then_without(
    browser: Browser, running: Running, width: int, tmp_path: Path
) -> None:
    page, entry = signed_in(browser, running, f"p{TRAT}", width), entry_of(running.site)
    page.goto(f"{running.address}/e/{entry.id}")
    page.get_by_role("link", name="แบบเป็นไฟล์ Excel").click()
    look_at(page, "fetch")
    page.get_by_label("ข้อมูลทั่วไป").check()
    page.get_by_label("ด้านบทบาทผู้บริหาร").check()
    page.get_by_label("ส่งให้อำเภอหรือกลุ่มงานใด").fill("อำเภอเกาะกูด")
    with page.expect_download() as waited:
        page.get_by_role("button", name="ดาวน์โหลดแบบ").click()
    assert waited.value.suggested_filename == "to-23-อำเภอเกาะกูด.xlsx"
    waited.value.save_as(tmp_path / "out.xlsx")
    data = (tmp_path / "out.xlsx").read_bytes()
    assert len(load_workbook(tmp_path / "out.xlsx").worksheets) == 4
    wrong = fill(data, {"districts_full": "เจ็ด", "districts_date": "32/7/2564", "plan_exists": "อาจจะ", "title": "ดี"})
    bring(page, wrong, tmp_path / "wrong.xlsx")
    expect(page.locator(".book-problems li")).to_have_count(3)
    expect(page.locator(".book-problems")).to_contain_text("ไม่ใช่ตัวเลข")
    look_at(page, "refused")
    right = fill(data, {"districts_full": "๗", "districts_date": "๑๙ ก.ค. ๒๕๖๔", "plan_exists": "ใช่", "title": "ดี"},
                 {("name", 2): "โครงการเกาะกูด", ("d1", 2): "ใช่"})  # fmt: skip
    bring(page, right, tmp_path / "right.xlsx")
    expect(page.locator("h1")).to_have_text("ไฟล์นี้จะเปลี่ยนอะไรบ้าง")
    look_at(page, "preview")
    page.get_by_role("button", name="บันทึกการเปลี่ยน").click()
    expect(page.locator(".receipt")).to_contain_text("บันทึกไฟล์แล้ว")
    look_at(page, "stored")
    after = answers_of(running.site)
    assert (after["title"], after["districts_date"], after["projects"][1]["name"]) == (
        "ดี", "2021-07-19", "โครงการเกาะกูด",
    )  # fmt: skip
    page.context.close()


@WIDTHS
def test_an_organizer_tries_an_import_then_does_it(
    browser: Browser, running: Running, width: int, tmp_path: Path
) -> None:
    page = signed_in(browser, running, "organizer", width)
    page.goto(f"{running.address}/e/import")
    look_at(page, "import")
    with page.expect_download() as waited:
        page.get_by_role("link", name="ดาวน์โหลดแฟ้มแม่แบบ").click()
    waited.value.save_as(tmp_path / "template.xlsx")
    book = load_workbook(tmp_path / "template.xlsx")
    many.put(book, many.OFFICE, "ตราด", {"title": "ชื่อใหม่ของตราด", "districts_date": "๑ ก.ค. ๒๕๖๔"})
    many.put(book, many.OFFICE, "แพร่", {"title": "แพร่โปร่งใส", "plan_exists": "ใช่", "districts_full": 8})
    many.put(book, many.OFFICE, "เชียงใหม่", {"title": "ก", "districts_full": "แปด"})
    bring(page, saved(book), tmp_path / "filled.xlsx")
    expect(page.locator("h1")).to_have_text("การนำเข้าจะทำอะไรบ้าง")
    expect(page.locator(".book-problems li")).to_have_count(1)
    look_at(page, "import-preview")
    page.get_by_role("button", name="นำเข้าผลงานเหล่านี้").click()
    expect(page.locator("#under-way-said")).to_have_text("นำเข้าแล้ว 2 จาก 2 รายการ")
    expect(page.locator("#under-way")).to_be_focused()
    expect(page.locator("[data-before]")).to_be_hidden()
    look_at(page, "import-report")
    page.context.close()


def bring(page: Page, data: bytes, file: Path) -> None:
    file.write_bytes(data)
    page.set_input_files("#file", str(file))
    page.locator("form[enctype] button").click()
    page.wait_for_load_state()


def test_an_import_tells_how_far_it_is_and_goes_on_after_the_line_broke_and_after_a_reload(
    browser: Browser, running: Running, tmp_path: Path
) -> None:
    page = signed_in(browser, running, "organizer", 360)
    running.site.app.config["WTF_CSRF_ENABLED"] = False
    book = many.template(running.site.client_as("organizer"))
    running.site.app.config["WTF_CSRF_ENABLED"] = True
    for province in ("Phrae", "Chiang Mai"):
        many.put(book, many.OFFICE, province, {"title": province})
        many.put(book, many.GROUPS, province, {"@label": f"กลุ่ม {province}"})
        many.put(book, "womens-fund/tambon_working_group", province, {"@label": f"คณะทำงาน {province}"})
    before = many.counts(running.site)[0]
    page.goto(f"{running.address}/e/import")
    bring(page, saved(book), tmp_path / "filled.xlsx")
    asked: list[int] = []

    def cut(route: Route) -> None:
        """The first answer is lost after it was given; after the second the page is left."""
        asked.append(len(asked))
        if len(asked) == 1:
            route.fetch()
        if len(asked) in (1, 3):
            route.abort()
        else:
            route.continue_()

    page.route("**/e/import/store", cut)
    store = page.get_by_role("button", name="นำเข้าผลงานเหล่านี้")
    store.wait_for()
    page.wait_for_load_state()  # before its code has come, the button sends the plain form
    store.click()
    expect(page.locator("#under-way progress")).to_have_attribute("value", "5", timeout=30_000)
    expect(page.locator("#under-way [data-barrier=away]")).to_be_visible(timeout=30_000)
    look_at(page, "importing")
    page.on("dialog", lambda dialog: dialog.accept())
    page.unroute("**/e/import/store")
    page.goto(f"{running.address}/e/import")
    page.get_by_role("button", name="นำเข้าต่อ").click()
    expect(page.locator("#under-way-said")).to_contain_text("6", timeout=30_000)
    expect(page.locator("#under-way tbody tr")).to_have_count(6)
    expect(page.locator("#under-way progress")).to_be_hidden()
    look_at(page, "imported")
    assert many.counts(running.site)[0] == before + 6
    page.reload()
    expect(page.locator("#go-on")).to_be_hidden()
