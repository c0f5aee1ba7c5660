"""The entry form in a real browser: saved as one types, offline, two people at once, by keyboard, without code."""

import json
import re
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from award.db.entries import Entry, Evidence
from scoring_rules.exact import Rounding, parse_number, rounded, shown
from scoring_rules.operations import over
from tests.award.build import TRAT, BuiltSite, build_site
from tests.award.test_entries import entry_of, fill
from tests.award.test_entries_evidence import PDF
from tests.journeys.axe import violations
from tests.journeys.serving import enter


class Running:
    """The site behind a real server that can be stopped and started again at the same address."""

    def __init__(self, site: BuiltSite):
        self.site = site
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.server = make_server("127.0.0.1", self.port, self.answer, threaded=True)
        # Asked fifty times a second whether it should stop: each test stops one, and some in the middle.
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def answer(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """The site's answer, whole and closed before it is sent: this server forgets to close one whose reader left."""
        answer: Any = self.site.app(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            answer.close()

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    server = Running(build_site(tmp_path, live=(TRAT,), csrf=True))
    yield server
    server.stop()


@contextmanager
def signed_in(browser: Browser, running: Running, *, language: str = "th", **options: Any) -> Iterator[Page]:
    """A page of Trat's officer, where nothing is opened yet."""
    context = browser.new_context(**options)
    context.add_cookies([{"name": "language", "value": language, "url": running.address}])
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    enter(context, running.address, f"p{TRAT}", running.site.round.password)
    yield page
    context.close()
    assert faults == []


def open_form(page: Page, running: Running, code: str = f"to-{TRAT}") -> None:
    page.goto(f"{running.address}/e/{entry_of(running.site, code).id}")


def stored(running: Running, code: str = f"to-{TRAT}") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(entry_of(running.site, code).answers)
    return found


def saved(page: Page) -> None:
    expect(page.locator("#saving[data-now=saved]")).to_be_visible()


def test_what_one_types_is_saved_worked_out_and_made_plain(browser: Browser, running: Running) -> None:
    with signed_in(browser, running) as page:
        open_form(page, running)
        page.fill("#f-districts_full", "๑,๐๐๖")
        page.fill("#f-districts_all", "1,007")
        result = page.locator("[data-result=districts_with_full_plan]")
        expect(result.locator("[data-value]")).to_have_text("99.90")  # at once, before anything was sent
        page.fill("#f-districts_date", "19/7/2564")
        page.press("#f-districts_date", "Tab")
        saved(page)
        expect(page.locator("#f-districts_full")).to_have_value("1006")
        expect(page.locator("#f-districts_date")).to_have_value("19 กรกฎาคม 2564")
        expect(result.locator("[data-level]")).to_contain_text("ระดับที่ระบบเสนอ 5")
    answers = stored(running)
    assert [answers[code] for code in ("districts_full", "districts_all", "districts_date")] == [
        "1006",
        "1007",
        "2021-07-19",
    ]


def test_a_fault_is_said_above_its_field_and_in_the_list_that_leads_there(browser: Browser, running: Running) -> None:
    with signed_in(browser, running) as page:
        open_form(page, running)
        page.fill("#f-findings", "ไม่มี")
        page.fill("#f-title", "")
        expect(page.locator("#f-findings-error")).to_contain_text("ไม่ใช่ตัวเลข")
        expect(page.locator("#f-findings")).to_have_attribute("aria-invalid", "true")
        expect(page.locator("[data-todo-count]")).to_have_text("3")  # and the summary, blank from the start
        page.click("#todo summary")
        page.click("[data-jump=f-title]")
        expect(page.locator("#f-title")).to_be_focused()
        page.fill("#f-findings", "0")
        expect(page.locator("#f-findings-error")).to_be_hidden()


def test_nothing_typed_is_lost_while_the_server_is_away(browser: Browser, running: Running) -> None:
    with signed_in(browser, running) as page:
        open_form(page, running)
        running.stop()
        page.fill("#f-title", "พิมพ์ตอนไม่มีสัญญาณ")
        expect(page.locator("#saving[data-now=waiting]")).to_be_visible()
        running.start()
        page.evaluate("window.dispatchEvent(new Event('online'))")
        saved(page)
        assert stored(running)["title"] == "พิมพ์ตอนไม่มีสัญญาณ"


def test_an_unsent_change_comes_back_after_the_tab_was_closed(browser: Browser, running: Running) -> None:
    with signed_in(browser, running) as page:
        open_form(page, running)
        page.route("**/answers", lambda route: route.abort())
        page.fill("#f-title", "ก่อนปิดแท็บ")
        expect(page.locator("#saving[data-now=waiting]")).to_be_visible()
        other = page.context.new_page()
        page.close()
        open_form(other, running)
        expect(other.locator("#f-title")).to_have_value("ก่อนปิดแท็บ")
        saved(other)
    assert stored(running)["title"] == "ก่อนปิดแท็บ"


def test_two_people_on_one_question_see_both_versions_and_choose(browser: Browser, running: Running) -> None:
    with signed_in(browser, running) as mine, signed_in(browser, running) as theirs:
        for page in (mine, theirs):
            page.route("**/live?*", lambda route: route.abort())  # they hear of nothing before they save
        open_form(mine, running)
        open_form(theirs, running)
        theirs.fill("#f-title", "ของเขา")
        theirs.fill("#f-items_page", "https://example.test/theirs")
        saved(theirs)
        mine.fill("#f-title", "ของฉัน")
        box = mine.locator("[data-dispute=title]")
        expect(box).to_contain_text("ของเขา")
        expect(mine.locator("#f-title")).to_have_value("ของฉัน")
        expect(mine.locator("#f-items_page")).to_have_value("https://example.test/theirs")  # not in dispute
        box.get_by_role("button", name="ใช้ของฉัน").click()
        saved(mine)
        assert stored(running)["title"] == "ของฉัน"
        theirs.fill("#f-title", "ของเขาอีกครั้ง")
        theirs.locator("[data-dispute=title]").get_by_role("button", name="ใช้ของผู้อื่น").click()
        expect(theirs.locator("#f-title")).to_have_value("ของฉัน")
        theirs.wait_for_timeout(1200)
    assert (stored(running)["title"], stored(running)["items_page"]) == ("ของฉัน", "https://example.test/theirs")


def test_two_people_on_different_questions_are_not_asked(browser: Browser, running: Running) -> None:
    with signed_in(browser, running) as mine, signed_in(browser, running) as theirs:
        open_form(mine, running)
        open_form(theirs, running)
        theirs.fill("#f-summary", "ของเขา")
        saved(theirs)
        mine.fill("#f-title", "ของฉัน")
        saved(mine)
        expect(mine.locator("#f-summary")).to_have_value("ของเขา")
        expect(mine.locator("[data-dispute]")).to_have_count(0)
    assert (stored(running)["title"], stored(running)["summary"]) == ("ของฉัน", "ของเขา")


def test_projects_are_added_ticked_and_removed_with_the_keyboard(browser: Browser, running: Running) -> None:
    fill(running.site, f"to-{TRAT}")
    with signed_in(browser, running) as page:
        open_form(page, running)
        table = page.locator("[data-table][data-question=projects]")
        table.locator("[data-add-row]").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#f-projects-1-name")).to_be_focused()
        page.keyboard.type("โครงการที่สอง")
        page.locator("#f-projects-1-d2").focus()
        page.keyboard.press("Space")
        expect(page.locator("#f-projects-1-owner-error")).to_be_hidden()  # blanks are named in the list only
        expect(page.locator("[data-todo-count]")).to_have_text("3")
        assert stored(running)["projects"][1] == {"name": "โครงการที่สอง", "d2": "yes"}
        table.locator("[data-remove-row]").first.focus()
        page.keyboard.press("Enter")
        saved(page)
        expect(page.locator("[data-row]").filter(has=page.locator("#f-projects-1-name"))).to_contain_text("แถวที่ 1")
        page.wait_for_timeout(1200)
    assert [row["name"] for row in stored(running)["projects"]] == ["โครงการที่สอง"]


def test_a_file_is_attached_and_removed_without_leaving_the_page(
    browser: Browser, running: Running, tmp_path: Path
) -> None:
    large = tmp_path / "large.pdf"
    large.write_bytes(b"x" * (21 * 2**20))
    with signed_in(browser, running) as page:
        open_form(page, running)
        page.fill("#f-title", "พิมพ์ไว้ก่อน")
        box = page.locator("#f-declaration")
        box.locator("summary").click()
        box.get_by_role("button", name="แนบ").click()
        expect(box.locator("[data-error]")).to_have_text("โปรดเลือกไฟล์หรือใส่ลิงก์ก่อน")
        page.set_input_files("#f-declaration-file", large)
        box.get_by_role("button", name="แนบ").click()
        expect(box.locator("[data-error]")).to_contain_text("ใหญ่กว่า 20 MB")
        page.set_input_files("#f-declaration-file", {"name": "ก.pdf", "mimeType": "", "buffer": b"<html>"})
        box.get_by_role("button", name="แนบ").click()
        expect(box.locator(".on-the-way-said")).to_contain_text("ไม่ใช่ PDF")
        page.set_input_files("#f-declaration-file", {"name": "ก.pdf", "mimeType": "", "buffer": PDF})
        box.get_by_role("button", name="แนบ").click()
        expect(box.locator(".pieces li")).to_have_count(1)
        expect(box.locator("[data-error]")).to_be_hidden()
        expect(page.locator("#f-title")).to_have_value("พิมพ์ไว้ก่อน")
        box.get_by_role("button", name="นำออก").click()
        expect(box.locator(".pieces li")).to_have_count(0)
    with running.site.database.reading() as db:
        entry = select(Entry.id).where(Entry.code == f"to-{TRAT}").scalar_subquery()
        pieces = db.execute(select(Evidence).where(Evidence.entry_id == entry)).scalars().all()
    assert [piece.removed_at is not None for piece in pieces] == [True]


def test_an_entry_is_checked_sent_and_receipted(browser: Browser, running: Running) -> None:
    fill(running.site, f"to-{TRAT}")
    with signed_in(browser, running) as page:
        open_form(page, running)
        page.fill("#f-title", "เวอร์ชันสุดท้าย")
        page.get_by_role("button", name="ตรวจและส่ง").click()  # what was typed last is saved first
        page.wait_for_url("**/submit")
        page.get_by_role("button", name="ส่งผลงาน").click()
        page.wait_for_url("**/receipt")
        expect(page.locator(".receipt-number")).to_have_text(str(entry_of(running.site, f"to-{TRAT}").receipt))
        expect(page.locator(".fingerprint")).to_have_text(re.compile("[0-9a-f]{64}"))
    assert stored(running)["title"] == "เวอร์ชันสุดท้าย"


def test_a_browser_without_code_fills_in_and_sends_all_the_same(browser: Browser, running: Running) -> None:
    fill(running.site, f"to-{TRAT}")
    with signed_in(browser, running, java_script_enabled=False) as page:
        open_form(page, running)
        page.fill("#f-title", "ไม่มีจาวาสคริปต์")
        page.fill("#f-findings", "none")
        page.get_by_role("button", name="บันทึกร่าง").click()
        expect(page.locator("#f-findings-error")).to_contain_text("ไม่ใช่ตัวเลข")
        page.locator("#f-declaration summary").click()
        page.fill("#f-declaration-url", "https://trat.cdd.go.th/")
        page.locator("#f-declaration").get_by_role("button", name="แนบ").click()
        expect(page.locator("#f-declaration .pieces li")).to_have_count(1)
        page.fill("#f-findings", "0")
        page.get_by_role("button", name="ตรวจและส่ง").click()
        page.get_by_role("button", name="ส่งผลงาน").click()
        expect(page.locator(".receipt-number")).to_be_visible()
    assert stored(running)["title"] == "ไม่มีจาวาสคริปต์"


def test_the_page_and_the_server_work_out_the_same(browser: Browser, running: Running) -> None:
    cases = [
        {"top": top, "bottom": bottom, "times": "100", "places": str(places), "mode": mode}
        for top in ("0", "1", "7", "9727", "97.27", "-3", "0.005", "123456789012345", "1249.5")
        for bottom in ("1", "3", "8", "10000", "0.7", "2000", "123456789012344")
        for places in (0, 2)
        for mode in ("half_up", "half_even", "down")
    ]
    with signed_in(browser, running) as page:
        page.goto(f"{running.address}/e/")
        found = page.evaluate(
            """async (cases) => {
                const { ratioText } = await import("/assets/entry_numbers.js");
                return cases.map((each) => ratioText(each));
            }""",
            cases,
        )
        typed = page.evaluate(
            """async () => {
                const { ratioText } = await import("/assets/entry_numbers.js");
                const of = (top, bottom) => ratioText({ top, bottom, times: "100", places: "2", mode: "half_up" });
                const pairs = [["๙,๗๒๗", "10,000"], ["9,5", "10"], ["", "10"], ["1", "0"], ["1e5", "2"], ["5", null]];
                return pairs.map(([top, bottom]) => of(top, bottom));
            }"""
        )
    expected = [
        shown(
            rounded(
                over(100 * parse_number(case["top"]), parse_number(case["bottom"])),
                Rounding(int(case["places"]), case["mode"]),  # type: ignore[arg-type]
            ),
            int(case["places"]),
        )
        for case in cases
    ]
    assert found == expected
    assert typed == ["97.27", None, None, None, None, "500.00"]


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_whole_form_before_and_after_sending_is_usable_on_a_phone(
    browser: Browser, running: Running, language: str
) -> None:
    """The list, the form with blanks and a receipt are walked in tests/journeys/test_pages_accessible.py."""
    entry = fill(running.site, f"to-{TRAT}")
    found: dict[str, Any] = {}

    def look(path: str) -> None:
        page.goto(running.address + path)
        page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
        assert page.evaluate("document.documentElement.scrollWidth") == 360, path
        if language == "th":  # the same templates: one language is enough for the slow check
            faults = violations(page)
            found[path] = [(each["id"], [node["target"] for node in each["nodes"]][:3]) for each in faults]

    with signed_in(browser, running, language=language, viewport={"width": 360, "height": 740}) as page:
        for path in (f"/e/{entry.id}?check=1", f"/e/{entry.id}/submit"):
            look(path)
        page.locator("main form button").click()
        page.wait_for_url("**/receipt")
        look(f"/e/{entry.id}")
    assert found == {path: [] for path in found}
