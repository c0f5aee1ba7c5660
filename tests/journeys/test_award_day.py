"""One award day in real browsers: a province sends, three members mark, the chair closes, the organizer exports."""

import json
import re
from contextlib import ExitStack
from datetime import datetime
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
from playwright.sync_api import Browser, FilePayload, Locator, expect
from sqlalchemy import select

from award.clock import BANGKOK
from award.db.cycles import Seat
from award.db.entries import Entry, Evidence
from award.db.ranking import RankingRun
from award.db.scoring import Assignment, ScoringSession, Slot
from award.demo.answers import invent_answers
from award.evaluation import collect_facts, evaluate_stage, numbers_in, rules_of
from award.queries.cycles import AwardCycle
from scoring_rules.exact import shown
from scoring_rules.facts import Facts
from scoring_rules.indicators import measure_all
from scoring_rules.results import Evaluation, Standing
from scoring_rules.rules import Category, Field
from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site
from tests.corpus.parts import pdf
from tests.journeys.living import done
from tests.journeys.marking import awards, category_of, choose, exact, fill_card, note_of, own_total
from tests.journeys.serving import Person, serving, signed_in

MEMBERS = ("z9-chair", "z9-member", "z9-secretary")
THAI_DIGITS = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
Plan = dict[tuple[str, str], dict[str, str]]  # (entry, member) -> place -> mark as clicked


def test_one_award_day_from_the_provinces_form_to_the_organizers_workbook(browser: Browser, tmp_path: Path):
    site = build_site(tmp_path, provinces=(TRAT, CHANTHABURI), live=(TRAT,), csrf=True)
    password = site.round.password
    with serving(site) as address, ExitStack() as people:

        def enter(login: str) -> Person:
            return people.enter_context(signed_in(browser, address, login, password, reduced_motion="reduce"))

        officer = enter(f"p{TRAT}")
        for entry in entries_of_trat(site):
            send_entry(site, officer, entry)
        panel = {login: enter(login) for login in MEMBERS}
        organizer = enter("organizer")
        plan: Plan = {}
        for number, slot in enumerate(slots_of_trat(site)):
            site.clock.set(datetime(2021, 7, 19, 9 + 2 * number, 2, tzinfo=BANGKOK))
            hear_slot(site, panel, organizer, slot, plan)
        site.clock.set(datetime(2021, 7, 19, 15, 30, tzinfo=BANGKOK))
        for award in awards(site):
            check_result(site, organizer, award, plan)


# --- the province -------------------------------------------------------------------------------------------------


def entries_of_trat(site: BuiltSite) -> list[Entry]:
    with site.database.reading() as db:
        return list(db.execute(select(Entry).where(Entry.province_code == TRAT).order_by(Entry.id)).scalars())


def send_entry(site: BuiltSite, officer: Person, entry: Entry) -> None:
    """The draft is opened from the list, made whole by typing, checked, sent; the receipt is the one stored."""
    page, category = officer.page, category_of(site, entry)
    officer.go("/e/")
    page.click(f'a[href="/e/{entry.id}"] >> nth=0')
    wanted = invent_answers(category, quality=0.8, rng=Random(entry.id), title=entry.label)
    present = json.loads(entry.answers)
    for field in category.fields:
        question = page.locator(f'[data-question="{field.code}"]').first
        if field.type == "files":
            if field.code == first_files(category) or field.required:
                attach(question, field, upload=field.code == first_files(category))
        elif field.code in wanted and field.code not in present:
            type_answer(question, field, wanted[field.code])
    answers = present | {code: wanted[code] for code in wanted if code not in present}
    for code, measured in measure_all(category, numbers_in(category, answers)).items():
        if measured.value is not None:
            expect(page.locator(f'[data-result="{code}"] [data-value]').first).to_have_text(measured.step.shown)
    page.click("button[data-check]")
    page.wait_for_url(f"**/e/{entry.id}/submit")
    assert page.locator(".error-summary").all_inner_texts() == []
    for box in page.locator('input[name="confirmed"]').all():
        box.check()
    page.click("main form button")
    page.wait_for_url(f"**/e/{entry.id}/receipt")
    with site.database.reading() as db:
        stored = db.get_one(Entry, entry.id)
        files = db.execute(select(Evidence.sha256).where(Evidence.entry_id == entry.id)).scalars().all()
    assert stored.state == "submitted"
    assert stored.receipt
    expect(page.locator(".receipt-number")).to_have_text(stored.receipt)
    assert numbers_in(category, json.loads(stored.answers)) == numbers_in(category, answers)
    assert any(files), "the file that was chosen is stored"


def first_files(category: Category) -> str:
    return next(field.code for field in category.fields if field.type == "files")


def type_answer(question: Locator, field: Field, answer: Any) -> None:
    """Types as people do: numbers in Thai digits, days as 19/7/2564."""
    if field.type == "table":
        for number, row in enumerate(answer):
            if question.locator("[data-row]").count() <= number:
                question.locator("[data-add-row]").click()
            for column in field.columns:
                cell = question.locator(f'[name="{field.code}:{number}:{column.code}"]')
                put(cell, column, row[column.code])
    elif field.type == "yes_no":
        question.locator(f'label:has(input[value="{answer}"])').click()
    else:
        put(question.locator(f'[name="{field.code}"]'), field, answer)


def put(box: Locator, field: Field, answer: str) -> None:
    if field.type == "yes_no":
        box.set_checked(answer == "yes")
    elif field.type == "choice":
        box.select_option(answer)
    elif field.type == "date":
        year, month, day = map(int, answer.split("-"))
        box.fill(f"{day}/{month}/{year + 543}".translate(THAI_DIGITS))
    elif field.type in ("integer", "decimal"):
        box.fill(answer.translate(THAI_DIGITS))
    else:
        box.fill(answer)


def attach(question: Locator, field: Field, *, upload: bool) -> None:
    question.locator("summary").click()
    if upload:
        report = FilePayload(name="รายงานผลการดำเนินงาน.pdf", mimeType="application/pdf", buffer=pdf())
        question.locator('input[name="file"]').set_input_files(report)
    else:
        question.locator('input[name="url"]').fill(f"https://example.invalid/{field.code}")
    question.locator("[data-attach] button").click()
    expect(question.locator("[data-pieces] li")).to_have_count(1)


# --- the panel ----------------------------------------------------------------------------------------------------


def slots_of_trat(site: BuiltSite) -> list[int]:
    with site.database.reading() as db:
        return list(
            db.execute(
                select(Slot.id)
                .join(ScoringSession, ScoringSession.id == Slot.session_id)
                .where(ScoringSession.province_code == TRAT)
                .order_by(Slot.starts_at)
            ).scalars()
        )


def hear_slot(site: BuiltSite, panel: dict[str, Person], organizer: Person, slot: int, plan: Plan) -> None:
    """The chair opens, each member marks and sends, nobody sees another's marks, the chair closes, all see them."""
    chair = panel["z9-chair"]
    chair.go("/s/")
    chair.page.click('a[href$="/chair"]')
    with done(chair.page):
        chair.page.click(f"#step-{slot}")
    expect(chair.page.locator(f"#slot-{slot}.slot-open")).to_be_visible()
    totals: dict[str, dict[str, str]] = {}  # login -> entry -> own total
    for login, member in panel.items():
        totals[login] = {
            entry.code: mark_card(site, login, member, entry, plan)
            for entry in entries_of_trat(site)
            if slot_of(site, entry) == slot
        }
    for login, member in panel.items():
        assert member.status_of(f"/s/slot/{slot}/compare") == 423
        open_slot = member.go("/s/").locator(".slot-open")
        assert_hidden(login, totals, open_slot.inner_html())
    chair.page.click('a[href$="/chair"]')
    assert_hidden("z9-chair", totals, chair.page.locator(f"#slot-{slot}").inner_html())
    assert organizer.status_of(f"/s/slot/{slot}/compare") == 423
    with done(chair.page):
        chair.page.click(f'form.step[action="/s/slot/{slot}/close"] button')
    for member in panel.values():
        shown_now = member.go(f"/s/slot/{slot}/compare").locator("main").text_content() or ""
        for login, own in totals.items():
            for entry, total in own.items():
                assert total in shown_now
                assert note_of(login, entry) in shown_now


def assert_hidden(login: str, totals: dict[str, dict[str, str]], html: str) -> None:
    """Neither a total nor a note of another member stands in what this one sees of the open slot."""
    assert len(html) > 500
    for other, own in totals.items():
        for entry, total in own.items() if other != login else ():
            assert total not in html
            assert note_of(other, entry) not in html


def slot_of(site: BuiltSite, entry: Entry) -> int:
    return slots_of_trat(site)[entry.adoption_id - 1]


def card_of(site: BuiltSite, login: str, entry: Entry) -> int:
    with site.database.reading() as db:
        seat = select(Seat.id).where(Seat.code == login).scalar_subquery()
        asked = select(Assignment.id).where(Assignment.seat_id == seat, Assignment.entry_id == entry.id)
        return db.execute(asked).scalar_one()


def mark_card(site: BuiltSite, login: str, member: Person, entry: Entry, plan: Plan) -> str:
    """Marks every place of the member's card and sends it; the own total as the engine adds it up."""
    page, category = member.page, category_of(site, entry)
    member.go("/s/")
    if page.locator("a.btn[href$='/interest']").count():  # asked once for the province
        page.click("a.btn[href$='/interest']")
        page.check("input[name='interest'][value='none']")
        page.click("form.declare button")
        member.go("/s/")
    page.click(f'a.card-link[href="/s/card/{card_of(site, login, entry)}"]')
    if not any(who == login for _, who in plan):
        page.click("#am-i-yes")  # asked once a day
    marks = plan[entry.code, login] = choose(category, login, entry)
    by_keyboard = login == "z9-member" and entry.code == f"to-{TRAT}"
    fill_card(page, marks, note=note_of(login, entry.code), by_keyboard=by_keyboard)
    total = own_total(site, category, login, entry, marks)
    expect(page.locator("#total")).to_have_text(total)
    page.click("#to-send")
    page.wait_for_url("**/send")
    expect(page.locator(".total strong")).to_have_text(total)
    assert page.locator("main .error-summary").all_inner_texts() == []
    page.click("form.send button")
    expect(page.locator(".receipt .number").first).to_have_text(re.compile(r"^#\d+ · [0-9a-f]{4} [0-9a-f]{4}$"))
    return total


# --- the organizer ------------------------------------------------------------------------------------------------


def check_result(site: BuiltSite, organizer: Person, award: AwardCycle, plan: Plan) -> None:
    """Calculated officially and downloaded: ranks and totals are those that the engine makes of what was clicked."""
    page = organizer.page
    organizer.go("/r/")
    calculate = f'form[action="/r/{award.adoption_id}/zone/calculate"]:has(input[name="kind"][value="official"]) button'
    page.click(calculate)
    page.wait_for_url("**/r/run/*")
    number = int(page.url.rpartition("/")[2])
    with site.database.reading() as db:
        rules = rules_of(award.rules_text)
        facts = collect_facts(db, award_cycle=award, stage="zone")
        run = db.get_one(RankingRun, number)
    assert run.kind == "official"
    assert run.facts == facts.to_json()
    assert_marks_are_those_clicked(facts, plan)
    evaluation = evaluate_stage(rules, facts, stage="zone")
    with page.expect_download() as download:
        page.click('a[href*="/workbook"]')
    book = openpyxl.load_workbook(BytesIO(Path(download.value.path()).read_bytes()), data_only=True)
    wanted = {(line.entry, line.rank, total_of(evaluation, line)) for line in lines_of(evaluation)}
    assert {line for sheet in book for line in ranking_in(sheet)} == wanted
    on_page = {
        (str(row.locator("td").nth(1).locator("a").get_attribute("href")).rpartition("/")[2],
         row.locator("td.rank").inner_text(), row.locator("td.total").inner_text())
        for row in page.locator("table.ranking tbody tr").all()
    }  # fmt: skip
    assert on_page == {(entry, str(rank or "–"), total or "–") for entry, rank, total in wanted}


def assert_marks_are_those_clicked(facts: Facts, plan: Plan) -> None:
    of_trat = [entry.code for entry in facts.entries if entry.code.endswith(f"-{TRAT}")]
    assert of_trat
    for code in of_trat:
        assert {card.member: dict(card.marks) for card in facts.cards[code]} == {
            login: exact(plan[code, login]) for login in MEMBERS
        }


def lines_of(evaluation: Evaluation) -> list[Standing]:
    return [line for ranking in evaluation.rankings for line in ranking.standings]


def total_of(evaluation: Evaluation, line: Standing) -> str | None:
    return None if line.total is None else shown(line.total, evaluation.rankings[0].places)


def ranking_in(sheet: Any) -> list[tuple[str, int | None, str | None]]:
    """(entry, rank, total) of each line of a ranking sheet; nothing for other sheets."""
    rows = list(sheet.iter_rows(values_only=True))
    heads = [row for row in rows if row[0] == "ลำดับที่"]
    if not heads:
        return []
    code, total = heads[0].index("รหัสผลงาน"), heads[0].index("คะแนนรวม")
    return [
        (row[code], row[0], None if row[total] is None else f"{row[total]:.2f}")
        for row in rows
        if isinstance(row[code], str) and re.fullmatch(r"[a-z]+(-[a-z])?-\w+", row[code])
    ]
