"""Rows by district in a real browser: summed as one types, the difference told, mended, explained, sent; on a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select, update

from award.db.cycles import Adoption
from scoring_rules.reader import load_set
from tests.award.build import TRAT, build_site
from tests.award.test_entries_browser import Running, open_form, saved, signed_in, stored
from tests.journeys.axe import violations

CODE = f"pa-{TRAT}"
SHARE = "households_10_vegetables"
PHONE = {"width": 360, "height": 740}
NAMES = ("เมืองตราด", "คลองใหญ่", "เขาสมิง", "บ่อไร่", "แหลมงอบ", "เกาะกูด", "เกาะช้าง")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    site = build_site(tmp_path, live=(TRAT,), csrf=True)
    rules = load_set("cdd-policy-award/2564-r2")
    with site.database.writing() as db:
        which = select(Adoption.id).where(Adoption.rule_set.startswith("cdd-policy-award/"))
        values = {"rule_set": rules.id, "rules_sha256": rules.sha256, "rules_text": rules.text}
        db.execute(update(Adoption).where(Adoption.id == db.execute(which).scalar_one()).values(values))
        db.commit()
    server = Running(site)
    yield server
    server.stop()


def cell(page: Page, row: int, column: str) -> Locator:
    return page.locator(f'[name="@rows:{SHARE}:{row}:{column}"]')


def fill_rows(page: Page, *, growing: int, all_: int) -> None:
    for row, name in enumerate(NAMES):
        cell(page, row, "district").fill(name)
        cell(page, row, "top").fill(str(growing))
        cell(page, row, "bottom").fill(str(all_))


def test_rows_are_summed_as_one_types_and_the_difference_stays_until_it_is_mended(
    browser: Browser, running: Running
) -> None:
    with signed_in(browser, running, viewport=PHONE) as page:
        open_form(page, running, CODE)
        table = page.locator(f"[data-rows={SHARE}]")
        expect(table.locator("[data-row]")).to_have_count(7)  # Trat has seven districts
        page.fill("#f-households_growing", "๗๐๐")
        page.fill("#f-households_all", "1,400")
        fill_rows(page, growing=100, all_=200)
        expect(table.locator("[data-difference=top]")).to_have_text("0")
        why = page.locator(f"[data-beside={SHARE}] [data-why]")
        expect(why).to_be_hidden()
        cell(page, 6, "top").fill("๑,๐๙๙.")  # not a number yet: nothing is made up
        expect(table.locator("[data-total=top]")).to_have_text("–")
        cell(page, 6, "top").fill("๑,๐๙๙")
        expect(table.locator("[data-total=top]")).to_have_text("1,699")
        expect(table.locator("[data-difference=top]")).to_have_text("+999")
        expect(why).to_be_visible()
        page.keyboard.press("Tab")
        saved(page)
        expect(page.locator(f'[data-error="f-@rows:{SHARE}"]')).to_contain_text("+999")
        assert violations(page) == []
        why.locator("textarea").fill("เกาะช้างรายงานภายหลัง")
        page.fill(f'[name="@source:{SHARE}"]', "ทะเบียนครัวเรือน ณ 30 มิ.ย. 2564")
        page.keyboard.press("Tab")
        expect(page.locator(f'[data-error="f-@rows:{SHARE}"]')).to_be_hidden()
        saved(page)
        answers = stored(running, CODE)
        assert answers[f"@rows:{SHARE}"][6] == {"district": "เกาะช้าง", "top": "1099", "bottom": "200"}
        assert answers[f"@why:{SHARE}"] == "เกาะช้างรายงานภายหลัง"
        page.reload()
        expect(cell(page, 6, "top")).to_have_value("1099")
        other = page.locator('[name="@rows:knn_plots_done:0:district"]')
        expect(other).to_have_value(NAMES[0])  # named once, offered in the other table


def test_9727_in_place_of_97_27_is_refused_while_one_types_on(browser: Browser, running: Running) -> None:
    with signed_in(browser, running, language="en", viewport=PHONE) as page:
        open_form(page, running, CODE)
        page.fill("#f-households_growing", "9727")
        page.fill("#f-households_all", "100")
        page.keyboard.press("Tab")
        expect(page.locator("#f-households_growing-error")).to_contain_text("comes to 9727.00, more than 100")


def test_a_national_id_is_not_taken_and_what_else_was_typed_stays(browser: Browser, running: Running) -> None:
    with signed_in(browser, running, viewport=PHONE) as page:
        open_form(page, running, CODE)
        page.fill("#f-summary", "ผู้ประสานงาน 1-2345-67890-12-1")
        expect(page.locator("#message")).to_contain_text("1-xxxx-xxxxx-xx-1")
        expect(page.locator("#f-summary-error")).to_contain_text("1-xxxx-xxxxx-xx-1")
        page.locator("footer").scroll_into_view_if_needed()
        page.locator(".entry-main section").last.scroll_into_view_if_needed()
        expect(page.locator("#message .error-summary")).to_be_in_viewport()
        page.click("#message button")
        expect(page.locator("#f-summary")).to_be_focused()
        expect(page.locator("#f-summary")).to_have_value("ผู้ประสานงาน 1-2345-67890-12-1")
        with page.expect_response(lambda answer: answer.url.endswith("/answers") and answer.status == 200):
            page.fill("#f-title", "ชื่อผลงานที่พิมพ์หลังจากนั้น")  # held back is the one question only
        expect(page.locator("#saving")).to_have_attribute("data-now", "refused")
        expect(page.locator("#f-summary-error")).to_contain_text("1-xxxx-xxxxx-xx-1")
        assert stored(running, CODE)["title"] == "ชื่อผลงานที่พิมพ์หลังจากนั้น"
        expect(page.locator("#message")).to_contain_text("1-xxxx-xxxxx-xx-1")
        assert "summary" not in stored(running, CODE)
        page.fill("#f-summary", "ผู้ประสานงานของจังหวัด")
        saved(page)
        expect(page.locator("#message")).to_be_empty()
        expect(page.locator("#f-summary-error")).to_be_hidden()
    assert "67890" not in str(stored(running, CODE))


def test_rows_without_the_pages_code_are_saved_and_summed_by_the_server(browser: Browser, running: Running) -> None:
    with signed_in(browser, running, viewport=PHONE, java_script_enabled=False) as page:
        open_form(page, running, CODE)
        page.fill("#f-households_growing", "7000")
        page.fill("#f-households_all", "9000")
        fill_rows(page, growing=999, all_=1000)
        page.click(".bar-buttons button:not([data-check])")
        expect(page.locator(f"[data-rows={SHARE}] [data-difference=top]")).to_have_text("−7")
        expect(page.locator(f"[data-rows={SHARE}] [data-difference=bottom]")).to_have_text("−2,000")
        expect(page.locator(f"[data-beside={SHARE}] [data-why]")).to_be_visible()


def test_the_last_look_tells_what_the_rules_suggest_and_what_has_no_source(browser: Browser, running: Running) -> None:
    with signed_in(browser, running, language="en", viewport=PHONE) as page:
        open_form(page, running, CODE)
        page.fill("#f-households_growing", "900")
        page.fill("#f-households_all", "1000")
        page.keyboard.press("Tab")
        saved(page)
        page.goto(f"{page.url.split('?')[0].split('#')[0]}/submit")
        told = page.locator(".what-it-earns")
        expect(told).to_contain_text("90.00")
        expect(told).to_contain_text("Suggested level 5")
        expect(page.locator(".unproved", has_text="Numbers without a stated source")).to_contain_text(
            "Households growing"
        )
        assert violations(page) == []
        page.click(".unproved a[href*='@source:households_10_vegetables']")
        expect(page.locator(f'[name="@source:{SHARE}"]')).to_be_focused()
