"""The entry form on an island: opened again without a network, typed in, and sent when the network is back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.award.build import TRAT, build_site
from tests.award.test_entries import entry_of, save
from tests.award.test_entries_browser import Running, open_form, signed_in, stored
from tests.journeys.survival import is_kept

SOON = 40_000  # milliseconds: the outbox tries again every five seconds, on a busy machine later


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    server = Running(build_site(tmp_path, live=(TRAT,), csrf=True))
    yield server
    server.stop()


def test_the_form_opens_without_a_network_and_what_is_typed_arrives_later(browser: Browser, running: Running) -> None:
    with signed_in(browser, running, viewport={"width": 360, "height": 740}) as page:
        open_form(page, running)
        path = f"/e/{entry_of(running.site, f'to-{TRAT}').id}"
        is_kept(page, path)
        running.stop()
        page.reload()
        expect(page.locator(".kept-page")).to_be_visible()
        page.fill("#f-title", "พิมพ์บนเกาะกูด")
        expect(page.locator("#saving[data-now=waiting]")).to_be_visible(timeout=SOON)
        page.reload()
        expect(page.locator("#f-title")).to_have_value("พิมพ์บนเกาะกูด")
        running.start()
        expect(page.locator("#saving[data-now=saved]")).to_be_visible(timeout=SOON)
        expect(page.locator(".kept-page")).to_be_hidden(timeout=SOON)
    assert stored(running)["title"] == "พิมพ์บนเกาะกูด"


def test_what_a_colleague_saved_while_the_line_was_dead_is_not_overwritten(browser: Browser, running: Running) -> None:
    site, entry = running.site, entry_of(running.site, f"to-{TRAT}")
    with signed_in(browser, running, viewport={"width": 360, "height": 740}) as page:
        open_form(page, running)
        running.stop()
        page.fill("#f-title", "ของฉันบนเกาะ")
        page.fill("#f-summary", "สรุปบนเกาะ")
        expect(page.locator("#saving[data-now=waiting]")).to_be_visible(timeout=SOON)
        site.app.config["WTF_CSRF_ENABLED"] = False
        office = site.client_as(f"p{TRAT}")
        assert save(office, entry, {"title": "ของสำนักงาน", "items_page": "https://example.test/"}).status_code == 200
        running.start()
        box = page.locator("[data-dispute=title]")
        expect(box).to_contain_text("ของสำนักงาน", timeout=SOON)
        expect(page.locator("#f-title")).to_have_value("ของฉันบนเกาะ")
        expect(page.locator("#f-items_page")).to_have_value("https://example.test/")
        box.get_by_role("button", name="ใช้ของผู้อื่น").click()
        expect(page.locator("#saving[data-now=saved]")).to_be_visible(timeout=SOON)
    answers = stored(running)
    assert (answers["title"], answers["summary"]) == ("ของสำนักงาน", "สรุปบนเกาะ")
