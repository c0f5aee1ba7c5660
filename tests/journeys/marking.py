"""Marking in the browser: which marks a member gives, how they are typed or clicked, and what they add up to."""

import json
from random import Random

from playwright.sync_api import Page

from award.db.entries import Entry
from award.evaluation import numbers_in, rules_of
from award.queries.cycles import AwardCycle, list_award_cycles
from scoring_rules.exact import Number, parse_number, plain, shown
from scoring_rules.facts import Card
from scoring_rules.marks import running_total
from scoring_rules.rules import Category, ChecklistSource, MarksSource
from tests.award.build import BuiltSite

REASON = "พิจารณาตามหลักฐานที่นำเสนอต่อคณะกรรมการ"


def awards(site: BuiltSite) -> list[AwardCycle]:
    with site.database.reading() as db:
        return list_award_cycles(db)


def category_of(site: BuiltSite, entry: Entry) -> Category:
    award = next(each for each in awards(site) if each.adoption_id == entry.adoption_id)
    return rules_of(award.rules_text).category(entry.category)


def stored_answers(site: BuiltSite, entry: Entry) -> str:
    with site.database.reading() as db:
        return db.get_one(Entry, entry.id).answers


def choose(category: Category, login: str, entry: Entry) -> dict[str, str]:
    """A member's marks, different for each member, entry and criterion, on the scale of each."""
    chance = Random(f"{login} {entry.code}")
    marks = {}
    for leaf in category.leaves:
        if isinstance(leaf.source, MarksSource):
            scale = leaf.source.scale
            steps = int((scale.to - scale.from_) / scale.step)
            marks[leaf.path] = plain(scale.from_ + scale.step * chance.randint(steps // 2, steps))
        elif isinstance(leaf.source, ChecklistSource):
            marks |= {f"{leaf.path}/{item.code}": chance.choice("01") for item in leaf.source.items}
    return marks


def exact(marks: dict[str, str]) -> dict[str, Number]:
    return {place: parse_number(mark) for place, mark in marks.items()}


def note_of(login: str, entry: str) -> str:
    return f"ข้อสังเกตของ {login} ต่อ {entry}"


def own_total(site: BuiltSite, category: Category, login: str, entry: Entry, marks: dict[str, str]) -> str:
    """The own total of these marks as the engine adds it up and the page shows it."""
    numbers = numbers_in(category, json.loads(stored_answers(site, entry)))
    return shown(running_total(category, Card(login, marks=exact(marks)), numbers)[0], category.rounding.places)


def fill_card(page: Page, marks: dict[str, str], *, note: str = "", by_keyboard: bool = False) -> None:
    """Gives each mark on the open card, in order, and a reason where one is needed; `note` goes to the first criterion.
    By keyboard a digit gives the level and Enter goes on."""
    if by_keyboard:
        page.locator("fieldset.criterion input").first.focus()
    for place, mark in marks.items():
        box = page.locator(f'[data-place="{place}"]')
        box.first.wait_for()  # counting does not wait for the page
        if by_keyboard:
            page.keyboard.press(mark)
            page.keyboard.press("Enter")
        elif box.locator('input[type="radio"]').count():
            box.locator(f'label.choice:has(input[value="{mark}"])').click()
        else:
            box.locator("input").fill(mark)
    without_reason = page.locator("fieldset.criterion:has([data-need]:not([hidden])) textarea")
    while without_reason.count():  # one that is written no longer asks
        without_reason.first.fill(REASON)
    if note:
        page.locator("fieldset.criterion textarea").first.fill(note)
