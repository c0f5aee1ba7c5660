"""A scoring day served by `award serve` at its demo hour, and the people who live it in browsers of their own."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, Response, expect
from sqlalchemy import select, text

from award.actions.entries import save_answers
from award.actions.evidence import attach_link
from award.actions.sending import submit_entry
from award.db.entries import Entry
from tests.award.build import CHANTHABURI, TRAT, build_site
from tests.award.scoring_day import ScoringDay, new_key
from tests.award.test_ledger_check import actor
from tests.faults.program import free_port
from tests.journeys.marking import category_of, choose, fill_card, note_of, own_total
from tests.journeys.serving import Person, signed_in
from tests.journeys.started import started

SEEN = 20_000  # milliseconds in which a page that looks every two to three seconds shows a change
GONE = ("net::ERR_", "Failed to load resource", "Failed to fetch", "status of 503")


def build_sent_day(folder: Path) -> ScoringDay:
    """Trat's day still to come, its five entries filled in and sent by the program's own ways."""
    site = build_site(folder, live=(TRAT,))
    with site.database.reading() as db:
        entries = db.execute(select(Entry).where(Entry.province_code == TRAT).order_by(Entry.id)).scalars().all()
        like = {entry.code: entry.answers for entry in db.execute(select(Entry)).scalars()}
    officer = actor(site, f"p{TRAT}")
    for entry in entries:
        about: dict[str, Any] = {"actor": officer, "entry_id": entry.id}
        category = category_of(site, entry)
        answers = json.loads(like[entry.code.replace(TRAT, CHANTHABURI)])
        save_answers(site.database, site.clock, **about, changes=answers, base_revision=entry.revision, key=new_key())
        for asked in category.fields:
            if asked.type == "files" and asked.required:
                address = f"https://example.invalid/{asked.code}"
                attach_link(site.database, site.clock, **about, field=asked.code, url=address, title="")
        sure = [each.code for each in category.indicators]
        submit_entry(site.database, site.clock, **about, key=new_key(), confirmed=sure)
    session = "select id from scoring_session where day = '2021-07-19' and province_code = :p"
    with site.database.reading() as db:
        number = int(db.execute(text(session), {"p": TRAT}).scalar_one())
        slots = "select id from slot where session_id = :s order by starts_at"
        first, second, third = db.execute(text(slots), {"s": number}).scalars()
    return ScoringDay(site, number, (first, second, third))


@dataclass
class Hours:
    """The program as a process whose clock is set by starting it anew: `at("11:00")`."""

    day: ScoringDay
    port: int = field(default_factory=free_port)
    _running: ExitStack = field(default_factory=ExitStack)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def at(self, clock: str) -> None:
        """Stops the program where it runs and starts it at this hour of the day."""
        self._running.close()
        # Hours go by in a moment: nobody is signed out for having been away meanwhile.
        extra = {"AWARD_NOW": f"2021-07-19T{clock}:00+07:00", "AWARD_IDLE_MINUTES": "720"}
        self._running.enter_context(started(self.day.site.settings.data, port=self.port, extra=extra))

    def stop(self) -> None:
        self._running.close()


@contextmanager
def gap(*people: Person) -> Iterator[None]:
    """While the network or the server is away, pages complain of just that, and of nothing else."""
    before = {id(person): len(person.faults) for person in people}
    yield
    for person in people:
        said = person.faults[before[id(person)] :]
        assert [each for each in said if not any(word in each for word in GONE)] == []
        del person.faults[before[id(person)] :]


# --- the chair ----------------------------------------------------------------------------------------------------


def step(page: Page, slot: int) -> Locator:
    """The one large button that says what the chair does next."""
    return page.locator(f"#stage #step-{slot}")


@contextmanager
def done(page: Page) -> Iterator[None]:
    """What is pressed inside was done, and the chair's page shows how it stands: its code sets the address then. What
    an earlier press still sets is not taken for it."""
    answers: list[Response] = []

    def note(answer: Response) -> None:
        if answer.request.method == "POST":
            answers.append(answer)

    page.on("response", note)
    with page.expect_navigation(url=lambda _: bool(answers)):
        yield
    page.remove_listener("response", note)
    assert answers[-1].status < 400, f"{answers[-1].url}: {answers[-1].status}"


def press_step(page: Page, slot: int, *, minutes: str = "", to: str = "") -> None:
    """Presses it once it is there; `minutes` for a part with a countdown; `to`: the step that it must be."""
    due = page.locator(f"#stage form[action$='{to}'] #step-{slot}") if to else step(page, slot)
    expect(due).to_be_visible(timeout=SEEN)
    if minutes:
        page.fill(f"#step-{slot}-minutes", minutes)
    with done(page):
        due.click()


def tick(page: Page, slot: int, seat: int, state: str) -> None:
    """Ticks who is there."""
    with done(page):
        page.click(f"#there-{slot}-{seat}-{state}")
    expect(page.locator(f"#there-{slot}-{seat}-{state}.active")).to_be_visible()


def unfold(page: Page, slot: int) -> None:
    """Who is there, who has sent, and more, of a slot."""
    if page.locator(f"#body-{slot}[open]").count() == 0:
        page.click(f"#body-{slot} > summary")


def give_reason(page: Page, form: str, reason: str) -> None:
    """Unfolds one of the forms that ask for a written reason, and sends it."""
    page.click(f"#{form}-more > summary")
    page.fill(f"#{form}", reason)
    with done(page):
        page.click(f"#{form}-more button")


# --- a member -----------------------------------------------------------------------------------------------------


def declare_none(person: Person) -> None:
    """No interest in the province of the day."""
    person.go("/s/").click("a.btn[href$='/interest']")
    person.page.check("input[name='interest'][value='none']")
    person.page.click("form.declare button")


def be_ready(person: Person, path: str, slot: int) -> None:
    """Presses the one button of a member, or of the province."""
    person.go(path).click(f"#ready-{slot}")
    expect(person.page.locator(f"#ready-{slot}.plain")).to_be_visible()


@dataclass
class Marks:
    """What the members gave so far: by entry and member the marks, and the own total as it stands on the page."""

    day: ScoringDay
    given: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    totals: dict[tuple[str, str], str] = field(default_factory=dict)

    def entry(self, code: str) -> Entry:
        with self.day.site.database.reading() as db:
            return db.execute(select(Entry).where(Entry.code == code)).scalar_one()

    def give(self, person: Person, login: str, code: str, *, only: str = "", by_keyboard: bool = False) -> None:
        """Opens the card, says who one is where that is asked, and marks every criterion; `only`: the mark for all."""
        entry = self.entry(code)
        category = category_of(self.day.site, entry)
        marks = choose(category, login, entry)
        marks = dict.fromkeys(marks, only) if only else marks
        page = person.go(f"/s/card/{self.day.card(login, code)}")
        if page.locator("#am-i").is_visible():
            page.click("#am-i-yes")
        fill_card(page, marks, note=note_of(login, code), by_keyboard=by_keyboard)
        self.given[code, login] = marks
        self.totals[code, login] = own_total(self.day.site, category, login, entry, marks)
        expect(page.locator("#total")).to_have_text(self.totals[code, login], timeout=SEEN)
        expect(page.locator('#saving[data-now="saved"]')).to_be_visible(timeout=SEEN)

    def change(self, person: Person, login: str, code: str, place: str, mark: str) -> None:
        """Another level on the open card."""
        entry = self.entry(code)
        marks = self.given[code, login] = self.given[code, login] | {place: mark}
        fill_card(person.page, {place: mark})
        self.totals[code, login] = own_total(self.day.site, category_of(self.day.site, entry), login, entry, marks)
        expect(person.page.locator("#total")).to_have_text(self.totals[code, login], timeout=SEEN)

    def hidden_from(self, login: str, html: str, where: str) -> None:
        """Neither a total nor a note of another member stands there."""
        for (code, other), total in self.totals.items():
            if other != login:
                assert note_of(other, code) not in html, f"{where}: {login} reads a note of {other}"
                found = re.search(rf"(?<![\d.]){re.escape(total)}(?![\d.])", html)
                assert found is None, f"{where}: {login} reads the total of {other}"


def send(person: Person) -> str:
    """From the open card over the page that asks once more; the receipt's number."""
    page = person.page
    page.click("#to-send")
    page.wait_for_url("**/send")
    assert page.locator("main .error-summary").all_inner_texts() == []
    page.click("form.send button")
    number = page.locator(".receipt .number").first
    expect(number).to_have_text(re.compile(r"^#\d+ · [0-9a-f]{4} [0-9a-f]{4}$"))
    return number.inner_text()


@contextmanager
def entered(browser: Browser, hours: Hours, *logins: str) -> Iterator[dict[str, Person]]:
    """These people, each in a browser of their own."""
    with ExitStack() as together:
        password = hours.day.site.round.password
        people = {}
        for login in logins:
            person = signed_in(browser, hours.address, login, password, reduced_motion="reduce")
            people[login] = together.enter_context(person)
            people[login].context.set_default_timeout(60_000)  # a busy machine is slow, not wrong
        yield people
