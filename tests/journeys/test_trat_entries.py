"""Trat's five entries from nothing to five receipts: on phones, over a line that breaks, up the office's chain."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, expect
from sqlalchemy import select, text

from award.answers.codes import list_fields
from award.answers.tidy import tidy_changes
from award.db.entries import Entry
from award.evaluation import rules_of
from award.queries.cycles import list_award_cycles
from scoring_rules.rules import Category
from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site
from tests.award.filled_books import fill, place_of
from tests.faults.program import award, free_port
from tests.journeys.bad_line import BadLine
from tests.journeys.filling import (
    PHONE,
    SAVED,
    attach_link,
    choose_file,
    fill_form,
    fit_districts,
    is_saved,
    is_waiting,
    large_pdf,
    tap,
    typed,
)
from tests.journeys.living import gap
from tests.journeys.serving import Person, signed_in
from tests.journeys.started import started
from tests.journeys.survival import is_kept

OFFICER, DIRECTOR, ORGANIZER, SECOND = "p23", "p23-director", "organizer", "organizer2"
NOW = "2021-07-19T08:15:00+07:00"
TRAT_DISTRICTS = 7
TO_MEND = "โปรดปรับสรุปให้บอกผลเป็นตัวเลข ก่อนเสนอพัฒนาการจังหวัด"
WHY = "ชื่อผลงานไม่ตรงกับประกาศของจังหวัด โปรดแก้ให้ตรงกัน"
CODES = ("to-23", "cpa-23", "wf-a-23", "wf-b-23", "wf-c-23")
NAMES = {
    "wf-a-23": "สำนักงานเลขานุการฯ อำเภอเกาะกูด จังหวัดตราด", "wf-b-23": "คณะทำงานฯ ตำบลบางปิด อำเภอแหลมงอบ จังหวัดตราด",
    "wf-c-23": "กลุ่มอาชีพซื้อขายมะพร้าวในชุมชน อำเภอเกาะช้าง จังหวัดตราด",
}  # fmt: skip


@dataclass
class Office:
    """The round as a process of its own behind a line that breaks, and what Trat answers in it."""

    site: BuiltSite
    line: BadLine
    people: dict[str, Person] = field(default_factory=dict)
    cuts: int = 0

    def value(self, sql: str, **values: Any) -> Any:
        with self.site.database.reading() as db:
            return db.execute(text(sql), values).scalar()

    def entry(self, code: str) -> Entry:
        with self.site.database.reading() as db:
            return db.execute(select(Entry).where(Entry.code == code)).scalar_one()

    def category(self, code: str) -> Category:
        entry = self.entry(code)
        with self.site.database.reading() as db:
            awards = {each.adoption_id: each for each in list_award_cycles(db)}
        return rules_of(awards[entry.adoption_id].rules_text).category(entry.category)

    def like(self, code: str) -> dict[str, Any]:
        """Answers that fit the form: those of the neighbour's whole entry."""
        own = self.entry(code)
        asked = select(Entry.answers).where(
            Entry.adoption_id == own.adoption_id, Entry.category == own.category, Entry.province_code == CHANTHABURI
        )
        with self.site.database.reading() as db:
            found = json.loads(db.execute(asked).scalar_one())
        for rows in (value for name, value in found.items() if name.startswith("@rows:")):
            fit_districts(rows, TRAT_DISTRICTS)
        return dict(tidy_changes(self.category(code), found).values)  # 440 for 440.00, as the program keeps it

    def answers(self, code: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.entry(code).answers)
        return found

    @contextmanager
    def cut(self, *who: str) -> Iterator[None]:
        """The line is dead meanwhile: what is sent breaks off, nothing new gets through."""
        with gap(*(self.people[each] for each in who)):
            self.line.tear()
            self.cuts += 1
            yield
            self.line.mend()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    site = build_site(tmp_path, approval="chain", live=(TRAT,), empty=(TRAT,), revision="r2", csrf=True)
    port = free_port()
    with started(site.settings.data, port=port, extra={"AWARD_NOW": NOW}):
        line = BadLine(port)
        try:
            yield Office(site, line)
        finally:
            line.close()


@contextmanager
def at_desks(browser: Browser, office: Office, *logins: str) -> Iterator[None]:
    with ExitStack() as together:
        for login in logins:
            desk = signed_in(browser, office.line.address, login, office.site.round.password)
            office.people[login] = together.enter_context(desk)
        yield


@contextmanager
def on_phones(browser: Browser, office: Office, *logins: str) -> Iterator[dict[str, Person]]:
    with ExitStack() as together:
        for login in logins:
            phone = signed_in(browser, office.line.address, login, office.site.round.password, **PHONE)
            office.people[login] = together.enter_context(phone)
        yield office.people


def test_five_entries_from_nothing_to_receipts(browser: Browser, office: Office, tmp_path: Path) -> None:
    with on_phones(browser, office, OFFICER, DIRECTOR), at_desks(browser, office, ORGANIZER, SECOND):
        begin_five(office)
        the_long_form(office)
        a_file_on_a_bad_line(office)
        the_other_forms(office)
        the_workbook(office, tmp_path)
        up_to_the_director(office)
        the_director(office)
        the_acting_chief(office)
        the_chief(office)
        one_question_comes_back(office)
        the_receipts(office)
    assert office.cuts == 3
    checked = award("ledger", "check", data=office.site.settings.data, AWARD_NOW=NOW)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def begin_five(office: Office) -> None:
    """From the list where nothing is begun: an office stands for itself, any other is named."""
    page = office.people[OFFICER].go("/e/")
    assert office.value("select count(*) from entry where province_code = '23'") == 0
    for code in CODES:
        page = office.people[OFFICER].go("/e/")
        form = page.locator("form.begin").first
        if form.locator("[name=label]").count():
            form.locator("[name=label]").fill(NAMES[code])
        tap(form.locator("button"))
        page.wait_for_url(lambda url: url.split("?")[0].rstrip("/").rsplit("/", 1)[-1].isdigit())
        assert office.entry(code).label
    assert office.value("select count(*) from entry where province_code = '23'") == 5


def the_long_form(office: Office) -> None:
    """The first form: while the line is dead half of it is typed, the page is closed, opened again and goes on."""
    officer, code = office.people[OFFICER], "to-23"
    category, answers = office.category(code), office.like(code)
    codes = list(answers)
    first, second = codes[: len(codes) // 3], codes[len(codes) // 3 :]
    page = officer.go(f"/e/{office.entry(code).id}")
    fill_form(page, category, {each: answers[each] for each in first}, thai=True)
    is_saved(page)
    is_kept(page, f"/e/{office.entry(code).id}")
    with office.cut(OFFICER):
        fill_form(page, category, {each: answers[each] for each in second}, thai=True)
        is_waiting(page)
        assert office.answers(code).keys() == set(first)
        page.reload()  # the page comes from the phone, with all that was typed
        is_waiting(page)
        page.close()
        page = officer.page = officer.context.new_page()
        officer.watch(page)
    page = officer.go(f"/e/{office.entry(code).id}")
    is_saved(page)
    assert office.answers(code) == answers


def a_file_on_a_bad_line(office: Office) -> None:
    """A file is on its way when the line breaks: it goes on by itself where it stopped, and is whole."""
    officer, code = office.people[OFFICER], "to-23"
    page, content = officer.go(f"/e/{office.entry(code).id}"), large_pdf(900_000)
    office.line.slow = 200_000  # bytes a second: a village
    choose_file(page, "declaration", name="ประกาศเจตนารมณ์.pdf", content=content)
    expect(page.locator("#f-declaration .on-the-way-file progress:not([value='0'])")).to_be_visible(timeout=SAVED)
    with office.cut(OFFICER):
        away = page.locator("#upload-texts").get_attribute("data-away") or "?"
        expect(page.locator("#f-declaration .on-the-way-said")).to_have_text(away, timeout=SAVED)
        office.line.slow = 0
    expect(page.locator("#f-declaration .pieces li")).to_have_count(1, timeout=SAVED)
    stored = office.value("select sha256 from evidence where kind = 'file' order by id desc limit 1")
    assert stored == hashlib.sha256(content).hexdigest()


def the_other_forms(office: Office) -> None:
    """Three more forms, filled in one after the other; the fifth goes round the district as a workbook."""
    for code in ("cpa-23", "wf-b-23", "wf-c-23"):
        category, answers = office.category(code), office.like(code)
        page = office.people[OFFICER].go(f"/e/{office.entry(code).id}")
        fill_form(page, category, answers)
        for asked in category.fields:
            if asked.type == "files" and asked.required:
                attach_link(page, asked.code, f"https://example.invalid/{asked.code}")
        is_saved(page)
        assert office.answers(code) == answers


def the_workbook(office: Office, folder: Path) -> None:
    """The fifth form goes to the district as a workbook: it comes back with three mistakes, is refused by their cells,
    and is taken once they are mended."""
    officer, code = office.people[OFFICER], "wf-a-23"
    entry, category, answers = office.entry(code), office.category(code), office.like(code)
    sheet = f"/e/{entry.id}/sheet"
    page = officer.go(sheet)
    page.fill("#for", "อำเภอเกาะกูด")
    with page.expect_download() as download:
        tap(page.locator("form.fetch-book button"))
    blank = Path(download.value.path()).read_bytes()
    assert "เกาะกูด" in download.value.suggested_filename
    written = {}
    for asked in list_fields(category):
        if asked.code in answers and asked.type != "table":
            value = {"yes": "ใช่", "no": "ไม่ใช่"}.get(answers[asked.code], answers[asked.code])
            written[asked.code] = typed(asked, value, thai=True)
    wrong = {"open_cases": "ไม่มี", "debt_date": "31/2/2564", "debt_overdue": "-5"}
    book = load_workbook(BytesIO(blank))
    cells = {place_of(book, each)[1] for each in wrong}

    bring(officer, sheet, folder, fill(blank, written | wrong))
    said = page.locator(".book-problems li").all_inner_texts()
    assert len(said) == 3, said
    assert all(any(cell in each for each in said) for cell in cells), (cells, said)
    assert office.answers(code) == {}
    officer.faults.clear()  # the 422 of the refusal is what the console tells

    bring(officer, sheet, folder, fill(blank, written))
    assert page.locator(".book-changes tbody tr").count() >= len(written)
    tap(page.locator("form.book-confirm button"))
    expect(page.locator(".receipt .number")).to_be_visible()
    stored = office.answers(code)
    assert stored == answers
    assert office.value("select way from entry_revision where entry_id = :e order by id desc limit 1", e=entry.id) == (
        "sheet"
    )


def bring(officer: Person, sheet: str, folder: Path, data: bytes) -> None:
    """The filled file chosen on the page of the workbook."""
    page, file = officer.go(sheet), folder / "แบบกรอก.xlsx"
    file.write_bytes(data)
    page.set_input_files("#file", file)
    tap(page.locator("form:has(#file) button.btn-primary"))
    page.wait_for_selector(".book-problems, .book-changes")


def the_acting_chief(office: Office) -> None:
    """The head of the office is away: one organizer proposes that a director acts for today, another confirms it."""
    first, second = office.people[ORGANIZER], office.people[SECOND]
    person = office.value("select id from user where login = :login", login=DIRECTOR)
    page = first.go(f"/people/{person}/duty")
    page.select_option("#role", "chief")
    page.select_option("#province", TRAT)
    page.fill("#title_th", "พัฒนาการจังหวัดตราด")
    page.check("#acting")
    page.fill("#from_day", "19/7/2564")
    page.fill("#to_day", "19/7/2564")
    page.click("main form button.btn-primary")
    page = second.go(f"/people/{person}")
    page.click("form[action*='/confirm'] button")
    assert office.value("select count(*) from duty where acting and state = 'confirmed' and province_code = '23'") == 1


def send_on(office: Office, code: str) -> None:
    """From the form over the last look to whoever decides next."""
    entry = office.entry(code).id
    page = office.people[OFFICER].go(f"/e/{entry}")
    tap(page.locator("[data-check]"))
    page.wait_for_url("**/submit")
    assert page.locator(".error-summary li").all_inner_texts() == []
    for box in page.locator("main form [type=checkbox]").all():
        box.check()
    tap(page.locator("main form button.btn-lg"))
    page.wait_for_url(f"**/e/{entry}")


def up_to_the_director(office: Office) -> None:
    """The officer sends all five on. The line is cut as the first is sent: nothing happened, and it is sent again."""
    officer, first = office.people[OFFICER], office.entry(CODES[0]).id
    page = officer.go(f"/e/{first}/submit")
    for box in page.locator("main form [type=checkbox]").all():
        box.check()
    with office.cut(OFFICER):
        tap(page.locator("main form button.btn-lg"))
        page.wait_for_timeout(1500)
        assert office.entry(CODES[0]).step == ""
    for code in CODES:
        send_on(office, code)
        assert office.entry(code).step == "director"
    page = officer.go(f"/e/{first}")
    assert page.locator("[data-answer]").count() == 0, "what waits for approval is not changed"


def decide(person: Person, code_label: str, *, note: str = "") -> None:
    """From the list of what waits: reads the entry, approves it, or returns it with a note."""
    page = person.go("/")
    tap(page.locator(".waiting-card").filter(has_text=code_label).locator("a.btn").first)
    page.wait_for_selector("#decide")
    if note:
        page.fill("#note", note)
        tap(page.locator("form.hand-back button"))
        page.wait_for_url("**/waiting?done=returned")
    else:
        with page.expect_navigation():
            tap(page.locator("form[action$='/approve'] button"))


def the_director(office: Office) -> None:
    """Approves on the phone; one goes back with a note that the officer finds above the questions, is mended and sent
    on again."""
    director, officer = office.people[DIRECTOR], office.people[OFFICER]
    back, entry = "wf-b-23", office.entry("wf-b-23").id
    decide(director, back, note=TO_MEND)
    page = officer.go(f"/e/{entry}")
    expect(page.locator("#came-back")).to_contain_text(TO_MEND)
    page.fill("#f-summary", "ครัวเรือนสมาชิก ๑๒๐ ครัวเรือน มีรายได้เพิ่มขึ้น")
    is_saved(page)
    send_on(office, back)
    for code in CODES:
        decide(director, code)
        assert office.entry(code).step == "chief"


def the_chief(office: Office) -> None:
    """The same person now acts for the head of the office, and sends all five."""
    acting = office.people[DIRECTOR]
    for code in CODES:
        decide(acting, code)
        expect(acting.page.locator(".receipt-number")).to_have_text(str(office.entry(code).receipt))
        expect(acting.page.locator(".approvals")).to_contain_text("รักษาราชการแทน")
        assert office.entry(code).state == "submitted"


def one_question_comes_back(office: Office) -> None:
    """An organizer returns a single question with a reason and a new deadline; the province mends just that."""
    organizer, officer, acting = office.people[ORGANIZER], office.people[OFFICER], office.people[DIRECTOR]
    entry, before = office.entry("to-23"), office.answers("to-23")
    page = organizer.go(f"/e/check/{entry.id}")
    page.click("#q-title .give-back summary")
    page.fill("#reason-title", WHY)
    page.fill("#day", "19/7/2564")
    page.fill("#time", "16.30")
    with page.expect_navigation():
        page.click("form#return button")
    assert office.entry("to-23").state == "draft"
    page = officer.go(f"/e/{entry.id}")
    expect(page.locator("main")).to_contain_text(WHY)
    asked = page.locator("#answers [data-answer]:not([disabled])")
    assert {each.get_attribute("name") for each in asked.all()} == {"title"}
    page.fill("#f-title", "พัฒนาชุมชนใสสะอาด จังหวัดตราด ประจำปี ๒๕๖๔")
    is_saved(page)
    send_on(office, "to-23")
    decide(acting, "to-23")  # whoever heads the office decides at any step
    assert office.entry("to-23").state == "submitted"
    assert office.entry("to-23").receipt != entry.receipt
    changed = {code for code, value in office.answers("to-23").items() if value != before.get(code)}
    assert changed == {"title"}
    page = officer.go(f"/e/{entry.id}/history")
    expect(page.locator("main")).to_contain_text("ชื่อผลงาน")


def the_receipts(office: Office) -> None:
    """Five receipts with number, time and fingerprint, which anybody who holds one can look up."""
    for code in CODES:
        page = office.people[OFFICER].go(f"/e/{office.entry(code).id}/receipt")
        number = page.locator(".receipt-number").inner_text()
        assert number == office.entry(code).receipt
        found = re.fullmatch("[0-9a-f]{64}", "".join(page.locator(".fingerprint").inner_text().split()))
        assert found is not None
    page = office.people[OFFICER].go("/verify/receipt")
    page.fill("#number", number)
    tap(page.locator("main form button"))
    expect(page.locator("main")).to_contain_text(CODES[-1])
