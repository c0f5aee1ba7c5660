"""A slow line: what is typed before the page's own code has arrived is saved like everything else."""

import json
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import select

from award.db.entries import Entry
from tests.award.build import TRAT, build_site
from tests.award.scoring_day import build_day
from tests.journeys.serving import Person, serving, signed_in


def open_slowly(person: Person, path: str, code: str, *, seconds: float = 1.5) -> Page:
    """Opens a page whose code arrives late; it can be typed into meanwhile."""

    def late(route: Route) -> None:
        time.sleep(seconds)
        route.continue_()

    person.page.route(f"**/assets/{code}*", late)
    person.page.goto(person.address + path, wait_until="commit")
    return person.page


def test_an_answer_typed_before_the_forms_code_arrives_is_saved(browser: Browser, tmp_path: Path):
    site = build_site(tmp_path, live=(TRAT,), csrf=True)
    with site.database.reading() as db:
        entry = db.execute(select(Entry).where(Entry.code == f"to-{TRAT}")).scalar_one()
    with serving(site) as address, signed_in(browser, address, f"p{TRAT}", site.round.password) as officer:
        page = open_slowly(officer, f"/e/{entry.id}", "entry.js")
        page.fill('[name="summary"]', "พิมพ์ก่อนที่หน้าจะพร้อม")
        page.locator('label:has(input[name="plan_exists"][value="no"])').click()
        expect(page.locator("#saving[data-now='saved']")).to_be_visible()
        with site.database.reading() as db:
            stored = json.loads(db.get_one(Entry, entry.id).answers)
    assert (stored["summary"], stored["plan_exists"]) == ("พิมพ์ก่อนที่หน้าจะพร้อม", "no")


def test_a_mark_and_a_note_given_before_the_cards_code_arrives_are_saved(browser: Browser, tmp_path: Path):
    day = build_day(tmp_path, csrf=False)
    day.open()
    card = day.card("z9-member")
    place = next(iter(day.whole()))
    with serving(day.site) as address, signed_in(browser, address, "z9-member", day.site.round.password) as member:
        # A first visit: the worker that the board brought has the code already.
        member.page.evaluate("navigator.serviceWorker.ready.then((worker) => worker.unregister())")
        page = open_slowly(member, f"/s/card/{card}", "card.js")
        page.locator(f'[data-place="{place}"] label:has(input[value="4"])').click()
        page.fill(f'[name="note:{place}"]', "จดไว้ก่อนที่หน้าจะพร้อม")
        expect(page.locator("#saving[data-now='saved']")).to_be_visible()
        expect(page.locator(f'[name="{place}"][value="4"]')).to_be_checked()
    stored = day.value("select value from mark where assignment_id = :c and criterion = :p", c=card, p=place)
    note = day.value("select note from mark where assignment_id = :c and criterion = :p", c=card, p=place)
    assert (stored, note) == (40_000, "จดไว้ก่อนที่หน้าจะพร้อม")


def test_what_a_browser_remembers_after_a_reload_is_not_sent_as_a_change(browser: Browser, tmp_path: Path):
    day = build_day(tmp_path, csrf=False)
    day.open()
    card = day.card("z9-member")
    place = next(iter(day.whole()))
    with serving(day.site) as address, signed_in(browser, address, "z9-member", day.site.round.password) as member:
        page = member.go(f"/s/card/{card}")
        page.evaluate(f"document.querySelector('[name=\"note:{place}\"]').value = 'ไม่ได้พิมพ์'")
        page.reload()
        page.wait_for_timeout(700)
        expect(page.locator(f'[name="note:{place}"]')).to_have_value("")
    assert day.revision(card) == 0
