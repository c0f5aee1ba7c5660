"""The main pages of every role, in both languages, on a phone and on a desk: usable by everyone, without a fault."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext
from sqlalchemy import select

from award.db.entries import Entry
from tests.award.build import TRAT, BuiltSite, build_site
from tests.award.scoring_day import ScoringDay, build_day
from tests.journeys.axe import DESK, Place, faults_of, look, violations
from tests.journeys.serving import serving


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


# By who looks: where, as whom, at what. The team, the history and earlier years of an entry are looked at while entries
# are collected (test_collecting_accessible.py); the day and the sheets before they are sent on a scoring day
# (test_scoring_day_accessible.py) and, before anything is declared, in test_card_offline.py.
PAGES = {
    "officer": (
        "morning", f"p{TRAT}",
        ["/e/", "/e/{to_23}", "/e/{wf_a_23}?check=1", "/e/{to_23}/submit", "/e/{to_23}/history/1"],
    ),
    "officer who sent": ("midday", "p22", ["/e/", "/e/{pa_22}", "/e/{pa_22}/receipt"]),
    "member": (
        "midday", "z9-member",
        ["/s/card/{own}/recuse", "/s/card/{closed}", "/s/slot/{slot}/sheet"],
    ),
    "chair": (
        "midday", "z9-chair",
        [
            "/s/{day}/chair", "/s/slot/{slot}/compare", "/s/card/{sent}",
            "/s/slot/{slot}/compare?order=widest", "/s/slot/{slot}/remarks", "/s/{day}/minutes",
        ],
    ),
    "organizer": (
        "midday", "organizer",
        [
            "/o/", "/e/", "/r/", "/r/run/{run}", "/r/run/{run}/members", "/r/run/{run}/why/to-22",
            "/r/run/{run}/whatif?points-d1=9", "/s/{over}/minutes?code=1234", "/s/{over}/news",
        ],
    ),
    "organizer, preparing": (
        "midday", "organizer",
        [
            "/rules/", "/rules/1", "/rules/1/compare/2564-r2", "/cycles/", "/cycles/{plan}",
            "/agenda/seating", "/agenda/10/seating",
        ],
    ),
    "auditor": ("midday", "auditor", ["/o/", "/s/{day}", "/r/run/{run}"]),
    "administrator": (
        "midday", "admin",
        ["/people/", "/people/3", "/people/3/duty", "/people/import", "/people/slips", "/people/waiting/many"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("role", PAGES)
def test_the_pages_of_every_role_are_usable_by_everyone(browser: Browser, request: pytest.FixtureRequest, role: str):
    at, login, paths = PAGES[role]
    assert look(browser, request.getfixturevalue(at), login, paths) == {}


@pytest.fixture
def stranger(browser: Browser, morning: Place) -> Iterator[BrowserContext]:
    """Nobody who signed in."""
    context = browser.new_context()
    yield context
    context.close()


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("path", ["/sign-in", "/e/1/nothing-there"])
def test_pages_before_signing_in_are_usable_by_everyone(
    stranger: BrowserContext, morning: Place, path: str, language: str
):
    stranger.add_cookies([{"name": "language", "value": language, "url": morning.address}])
    page = stranger.new_page()
    page.goto(morning.address + path)
    assert page.locator("h1").count() == 1
    assert faults_of(page, path) == {}


def test_what_shuts_people_out_is_found_at_the_size_where_it_does(stranger: BrowserContext, morning: Place):
    """A page without fault, then the same page with one of each kind put into it."""
    page = stranger.new_page()
    page.goto(f"{morning.address}/sign-in")
    assert faults_of(page, "before") == {}
    page.evaluate(
        """document.querySelector("main").insertAdjacentHTML("beforeend",
          "<img id=mute src=/favicon.ico><p id=pale>หมอก</p><details><summary>อีก</summary><input id=what></details>"
          + "<p id=small>จาง</p><p id=wide>กว้าง</p>");
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(`#pale { color: #ccc; background: #fff; }
          @media (max-width: 40rem) { #small { color: rgb(204 204 204); background: #fff; } #wide { width: 400px; } }`);
        document.adoptedStyleSheets.push(sheet);"""
    )
    found = faults_of(page, "after")
    assert set(found) == {
        "after at 1280: image-alt", "after at 1280: color-contrast", "after at 1280: label",
        "after at 360: image-alt", "after at 360: color-contrast", "after at 360: label",
        "after at 360: scrolls sideways",
    }  # fmt: skip
    told = {at: [target for target, _why in found[f"after at {at}: color-contrast"]] for at in (1280, 360)}
    assert told == {1280: [["#pale"]], 360: [["#pale"], ["#small"]]}
    assert [(each["id"], each["nodes"][0]["target"]) for each in violations(page, "#mute")] == [
        ("image-alt", ["#mute"])
    ]  # fmt: skip
    assert set(faults_of(page, "wide alone", [DESK])) == {
        "wide alone at 1280: image-alt", "wide alone at 1280: color-contrast", "wide alone at 1280: label",
        "wide alone at 360: scrolls sideways",
    }  # fmt: skip
