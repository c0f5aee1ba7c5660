"""The main pages of every role, in both languages, on a phone and on a desk: usable by everyone, without a fault."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize
from sqlalchemy import select

from award.db.entries import Entry
from tests.award.build import TRAT, BuiltSite, build_site
from tests.award.scoring_day import ScoringDay, build_day
from tests.journeys.serving import serving, signed_in

SIZES: tuple[ViewportSize, ...] = ({"width": 1280, "height": 800}, {"width": 360, "height": 740})
LOOK = {"resultTypes": ["violations"]}  # every rule of axe; only what is broken is reported


@dataclass(frozen=True, slots=True)
class Place:
    """A served site, and the numbers that the addresses of its pages hold."""

    site: BuiltSite
    address: str
    ids: dict[str, int]


def entry_ids(site: BuiltSite) -> dict[str, int]:
    with site.database.reading() as db:
        return {row.code.replace("-", "_"): row.id for row in db.execute(select(Entry.code, Entry.id))}


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Trat still writes its entries."""
    site = build_site(tmp_path_factory.mktemp("morning"), live=(TRAT,), csrf=True)
    with serving(site) as address:
        yield Place(site, address, entry_ids(site))


@pytest.fixture(scope="module")
def midday(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Trat's first slot is open: one card is sent, one half marked; the neighbour's are closed, and a run is made."""
    day = build_day(tmp_path_factory.mktemp("midday"))
    ids = prepare(day)
    with serving(day.site) as address:
        yield Place(day.site, address, ids)


def prepare(day: ScoringDay) -> dict[str, int]:
    day.open()
    day.send_all({"z9-chair": "4"})
    half = dict(list(day.whole("3").items())[:6])
    own = day.card("z9-member")
    assert day.save(day.site.client_as("z9-member"), own, half).status_code == 200
    organizer = day.site.client_as("organizer")
    made = organizer.post("/r/1/zone/calculate", data={"kind": "provisional", "key": "for the look of it"})
    assert made.status_code == 303
    plan = organizer.post("/cycles/", data={"year": "2565", "key": "for-the-look-of-a-plan"})
    day.change("delete from seat where panel_id = 10")  # to be seated anew
    closed = "select min(id) from slot where state = 'closed'"
    return entry_ids(day.site) | {
        "own": own, "sent": day.card("z9-chair"), "closed": day.card("z9-member", "to-22"), "day": day.session,
        "slot": int(day.value(closed)), "over": int(day.value(f"select session_id from slot where id = ({closed})")),
        "run": int(made.location.rpartition("/")[2]), "plan": int(plan.location.rpartition("/")[2]),
    }  # fmt: skip


def look(
    browser: Browser, place: Place, login: str, paths: list[str], language: str, sizes: Sequence[ViewportSize] = SIZES
) -> None:
    """Opens each path as this person and holds it to the same: no violation, no sideways scroll, no fault."""
    found: dict[str, Any] = {}
    with signed_in(browser, place.address, login, place.site.round.password, language=language) as person:
        for path in paths:
            found |= faults_of(person.go(path.format(**place.ids)), path, sizes)
    assert found == {}


def faults_of(page: Page, path: str, sizes: Sequence[ViewportSize] = SIZES) -> dict[str, Any]:
    """What is wrong with the page, everything on it unfolded, at each size; empty where nothing is."""
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    found: dict[str, Any] = {}
    for size in sizes:
        page.set_viewport_size(size)
        page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished))")
        at = f"{path} at {size['width']}"
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > size["width"]:
            found[f"{at}: scrolls sideways"] = width
        for each in Axe().run(page, options=LOOK).response["violations"]:
            found[f"{at}: {each['id']}"] = [(node["target"], node["failureSummary"]) for node in each["nodes"][:3]]
    return found


PAGES = {
    "officer writing": ("morning", f"p{TRAT}", ["/e/", "/e/{to_23}", "/e/{wf_a_23}?check=1", "/e/{to_23}/submit"]),
    "office together": (
        "morning", f"p{TRAT}", ["/e/{to_23}/team", "/e/{to_23}/history", "/e/{to_23}/history/1", "/e/{to_23}/earlier"],
    ),
    "officer who sent": ("midday", "p22", ["/e/", "/e/{pa_22}", "/e/{pa_22}/receipt"]),
    "member": ("midday", "z9-member", ["/s/", "/s/card/{own}", "/s/card/{own}/send", "/s/card/{own}/recuse"]),
    "member, locked": ("midday", "z9-member", ["/s/{day}", "/s/card/{closed}", "/s/slot/{slot}/sheet"]),
    "chair": ("midday", "z9-chair", ["/s/{day}/chair", "/s/slot/{slot}/compare", "/s/card/{sent}"]),
    "after a slot": (
        "midday", "z9-chair", ["/s/slot/{slot}/compare?order=widest", "/s/slot/{slot}/remarks", "/s/{day}/minutes"],
    ),
    "after a day": ("midday", "organizer", ["/s/{over}/minutes?code=1234", "/s/{over}/news"]),
    "organizer": ("midday", "organizer", ["/o/", "/e/", "/r/", "/r/run/{run}", "/r/run/{run}/members"]),
    "organizer, why": (
        "midday",
        "organizer",
        [
            "/r/run/{run}/why/to-22", "/r/run/{run}/whatif?points-d1=9", "/rules/", "/rules/1",
            "/rules/1/compare/2564-r2",
        ],
    ),
    "organizer, preparing": (
        "midday", "organizer", ["/cycles/", "/cycles/{plan}", "/agenda/seating", "/agenda/10/seating"]
    ),
    "auditor": ("midday", "auditor", ["/o/", "/s/{day}", "/r/run/{run}"]),
    "administrator": ("midday", "admin", ["/people/", "/people/3", "/people/3/duty"]),
    "administrator, many": ("midday", "admin", ["/people/import", "/people/slips", "/people/waiting/many"]),
}


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("role", PAGES)
def test_the_pages_of_every_role_are_usable_by_everyone(
    browser: Browser, request: pytest.FixtureRequest, role: str, language: str
):
    at, login, paths = PAGES[role]
    look(browser, request.getfixturevalue(at), login, paths, language)


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("path", ["/sign-in", "/e/1/nothing-there"])
def test_pages_before_signing_in_are_usable_by_everyone(browser: Browser, morning: Place, path: str, language: str):
    context = browser.new_context()
    context.add_cookies([{"name": "language", "value": language, "url": morning.address}])
    page = context.new_page()
    page.goto(morning.address + path)
    assert page.locator("h1").count() == 1
    assert faults_of(page, path) == {}
    context.close()
