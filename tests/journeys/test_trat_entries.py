"""Trat's five entries from nothing to five receipts: on phones, over a line that breaks, up the office's chain."""

import hashlib
import json
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
from tests.faults.program import Server, serving
from tests.journeys.bad_line import BadLine
from tests.journeys.filling import (
    PHONE,
    SAVED,
    attach_link,
    choose_file,
    fill_form,
    is_saved,
    is_waiting,
    large_pdf,
    tap,
    typed,
)
from tests.journeys.living import gap
from tests.journeys.serving import Person, signed_in

OFFICER, DIRECTOR, CHIEF, ORGANIZER = "p23", "p23-director", "p23-chief", "organizer"
NOW = "2021-07-09T09:00:00+07:00"
CODES = ("to-23", "cpa-23", "wf-a-23", "wf-b-23", "wf-c-23")
NAMES = {
    "wf-a-23": "สำนักงานเลขานุการฯ อำเภอเกาะกูด จังหวัดตราด", "wf-b-23": "คณะทำงานฯ ตำบลบางปิด อำเภอแหลมงอบ จังหวัดตราด",
    "wf-c-23": "กลุ่มอาชีพซื้อขายมะพร้าวในชุมชน อำเภอเกาะช้าง จังหวัดตราด",
}  # fmt: skip


@dataclass
class Office:
    """The round as a process of its own behind a line that breaks, and what Trat answers in it."""

    site: BuiltSite
    server: Server
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
        return dict(tidy_changes(self.category(code), found).values)  # 440 for 440.00, as the program keeps it

    def answers(self, code: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.entry(code).answers)
        return found

    @contextmanager
    def cut(self, *who: str) -> Iterator[None]:
        """The line is dead meanwhile: what is sent breaks off, nothing new gets through."""
        with gap(*(self.people[each] for each in who)):
            self.line.tear(3600)
            self.cuts += 1
            yield
            self.line.mend()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    site = build_site(tmp_path, approval="chain", live=(TRAT,), empty=(TRAT,), csrf=True)
    with serving(site.settings.data, extra={"AWARD_NOW": "2021-07-19T08:15:00+07:00"}) as server:
        line = BadLine(server.port)
        yield Office(site, server, line)
        line.close()


@contextmanager
def on_phones(browser: Browser, office: Office, *logins: str) -> Iterator[dict[str, Person]]:
    with ExitStack() as together:
        for login in logins:
            phone = signed_in(browser, office.line.address, login, office.site.round.password, **PHONE)
            office.people[login] = together.enter_context(phone)
        yield office.people


def test_five_entries_from_nothing_to_receipts(browser: Browser, office: Office, tmp_path: Path) -> None:
    with on_phones(browser, office, OFFICER):
        begin_five(office)
        the_long_form(office)
        a_file_on_a_bad_line(office)
        the_other_forms(office)
        the_workbook(office, tmp_path)


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
    with office.cut(OFFICER):
        fill_form(page, category, {each: answers[each] for each in second}, thai=True)
        is_waiting(page)
        assert office.answers(code).keys() == set(first)
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
