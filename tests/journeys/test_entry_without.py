"""An entry from nothing to its receipt without a pointer, and without any code of ours in the browser."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from award.answers.codes import list_fields
from award.answers.tidy import tidy_changes
from award.db.entries import Entry
from award.evaluation import rules_of
from award.queries.cycles import list_award_cycles
from scoring_rules.rules import Category, Field
from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site
from tests.journeys.filling import is_saved, typed
from tests.journeys.serving import Person, serving, signed_in

OFFICER = f"p{TRAT}"
MOST_TABS = 600


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path, live=(TRAT,), empty=(TRAT,), csrf=True)


@pytest.fixture
def address(site: BuiltSite) -> Iterator[str]:
    with serving(site) as address:
        yield address


def form_of(site: BuiltSite, code: str) -> tuple[int, Category, dict[str, Any]]:
    """The entry, its form, and the answers of the neighbour's whole entry of the same kind."""
    with site.database.reading() as db:
        own = db.execute(select(Entry).where(Entry.code == code)).scalar_one()
        like = db.execute(
            select(Entry.answers).where(
                Entry.adoption_id == own.adoption_id, Entry.category == own.category,
                Entry.province_code == CHANTHABURI,
            )
        ).scalar_one()  # fmt: skip
        award = next(each for each in list_award_cycles(db) if each.adoption_id == own.adoption_id)
    category = rules_of(award.rules_text).category(own.category)
    return own.id, category, dict(tidy_changes(category, json.loads(like)).values)


def stored(site: BuiltSite, entry: int) -> Entry:
    with site.database.reading() as db:
        return db.get_one(Entry, entry)


def begin(person: Person, *, label: str) -> None:
    """Begins the last of the five by Tab and Enter alone."""
    page = person.go("/e/")
    last = page.locator("form.begin").last
    wanted = last.locator("[name=label]").get_attribute("id") or ""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == wanted:
            break
    page.keyboard.type(label)
    page.keyboard.press("Enter")
    page.wait_for_selector("#answers")


def fill_by_keyboard(page: Page, category: Category, answers: dict[str, Any]) -> None:
    """Tab from question to question, typing what the focus stands on, to the button that checks."""
    asked = {f"f-{field.code}": (field, answers[field.code]) for field in list_fields(category) if
             field.code in answers}  # fmt: skip
    tables = {each.code for each in category.fields if each.type == "table"}
    done: set[str] = set()
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        at = page.evaluate(
            "(() => { const at = document.activeElement; return { id: at.id, name: at.name ?? '', type: at.type ?? '',"
            " adds: at.matches('[data-add-row]') ? at.closest('[data-table]').dataset.question : '',"
            " checks: at.matches('[data-check]') }; })()"
        )
        if at["checks"]:
            break
        if at["adds"] in tables and at["adds"] not in done:
            done.add(at["adds"])
            type_table(page, category.field(at["adds"]), answers[at["adds"]])
        place = at["id"] if at["type"] != "radio" else f"f-{at['name']}"
        if place in asked and place not in done and asked[place][0].code not in tables:
            done.add(place)
            type_one(page, at["type"], *asked[place])
    else:
        raise AssertionError("the button that checks is never reached")
    missed = {place for place, (field, _) in asked.items() if field.type != "table"} - done
    assert not missed, f"never reached by Tab: {missed}"


def type_one(page: Page, kind: str, field: Field, value: str) -> None:
    if kind == "radio":
        page.keyboard.press("Space")
        if value == "no":
            page.keyboard.press("ArrowRight")
    elif field.type == "choice":
        for _ in range(1 + [option.code for option in field.options].index(value)):
            page.keyboard.press("ArrowDown")
    else:
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(typed(field, value))


def type_table(page: Page, field: Field, rows: list[dict[str, str]]) -> None:
    """On the button that adds a row: Enter, then Tab through its boxes."""
    for number, row in enumerate(rows):
        page.keyboard.press("Enter")
        expect(page.locator(f"[id='f-{field.code}-{number}-{field.columns[0].code}']")).to_be_focused()
        ordered = sorted(field.columns, key=lambda column: column.type == "yes_no")
        for place, column in enumerate(ordered):
            if place:
                page.keyboard.press("Tab")
            expect(page.locator(f"[id='f-{field.code}-{number}-{column.code}']")).to_be_focused()
            if column.type == "yes_no" and row.get(column.code) == "yes":
                page.keyboard.press("Space")
            elif column.type != "yes_no" and column.code in row:
                page.keyboard.insert_text(typed(column, row[column.code]))
        page.keyboard.press("Tab")


def test_an_entry_is_begun_filled_in_and_sent_by_the_keyboard_alone(
    browser: Browser, site: BuiltSite, address: str
) -> None:
    with signed_in(browser, address, OFFICER, site.round.password, reduced_motion="reduce") as person:
        begin(person, label="กลุ่มอาชีพซื้อขายมะพร้าว อำเภอเกาะช้าง จังหวัดตราด")
        entry, category, answers = form_of(site, "wf-c-23")
        page = person.page
        fill_by_keyboard(page, category, answers)
        is_saved(page)
        page.keyboard.press("Enter")
        page.wait_for_url("**/submit")
        for _ in range(MOST_TABS):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.matches('main form button')"):
                break
            if page.evaluate("document.activeElement.matches('main form [type=checkbox]')"):
                page.keyboard.press("Space")
        page.keyboard.press("Enter")
        page.wait_for_url("**/receipt")
        sent = stored(site, entry)
        expect(page.locator(".receipt-number")).to_have_text(str(sent.receipt))
    assert json.loads(sent.answers) == answers


def test_an_entry_is_begun_filled_in_and_sent_without_any_code(browser: Browser, site: BuiltSite, address: str) -> None:
    """Two saves: a table shows one blank row more after each."""
    password = site.round.password
    with signed_in(browser, address, OFFICER, password, java_script_enabled=False) as person:
        page = person.go("/e/")
        page.locator("form.begin button").first.click()
        entry, category, answers = form_of(site, "to-23")
        page = person.go(f"/e/{entry}")
        for field in list_fields(category):
            if field.code in answers and field.type != "table":
                put(page, field, answers[field.code])
        rows = max(len(answers[field.code]) for field in category.fields if field.type == "table")
        for number in range(rows):
            for field in category.fields:
                if field.type == "table" and number < len(answers[field.code]):
                    put_row(page, field, number, answers[field.code][number])
            page.locator(".bar button").first.click()
            assert page.locator("main .error-summary").count() == 0, page.locator("main .error-summary").inner_text()
        assert json.loads(stored(site, entry).answers) == answers
        page.locator("#f-declaration summary").click()
        page.fill("#f-declaration-url", "https://example.invalid/declaration")
        page.locator("#f-declaration details button").click()
        expect(page.locator("#f-declaration .pieces li")).to_have_count(1)
        page.locator(".bar button[name=check]").click()
        page.wait_for_url("**/submit")
        for box in page.locator("main form [type=checkbox]").all():
            box.check()
        page.locator("main form button").last.click()
        expect(page.locator(".receipt-number")).to_have_text(str(stored(site, entry).receipt))


def put(page: Page, field: Field, value: str) -> None:
    if field.type == "yes_no":
        page.check(f"[id='f-{field.code}'] input[value='{value}']")
    elif field.type == "choice":
        page.select_option(f"[id='f-{field.code}']", value)
    else:
        page.fill(f"[id='f-{field.code}']", typed(field, value))


def put_row(page: Page, field: Field, number: int, row: dict[str, str]) -> None:
    for column in field.columns:
        place = f"[id='f-{field.code}-{number}-{column.code}']"
        if column.type == "yes_no":
            page.set_checked(place, row.get(column.code) == "yes")
        elif column.code in row:
            page.fill(place, typed(column, row[column.code]))
