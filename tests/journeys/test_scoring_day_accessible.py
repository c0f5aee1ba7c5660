"""The pages of a scoring day, in both languages: usable by everyone, in half a window, with everything twice as large.

A page that is new fails here until it is named in one of the lists below.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ViewportSize

from tests.award.build import build_site
from tests.award.lived import NINE, begin, tick
from tests.award.scoring_day import ScoringDay, build_day, new_key
from tests.award.test_papers import enter
from tests.journeys import test_collecting_accessible as collecting
from tests.journeys import test_pages_accessible as others
from tests.journeys.axe import Place, look
from tests.journeys.serving import serving

SMALL: tuple[ViewportSize, ...] = ({"width": 360, "height": 480}, {"width": 640, "height": 400})

PAGES = {
    "member": (
        "noon", "z9-member",
        ["/s/", "/s/{day}", "/s/{day}/interest", "/s/card/{own}", "/s/card/{own}/send", "/s/{day}/minutes"],
    ),
    "secretary, a member on paper": (
        "noon", "z9-secretary",
        ["/s/card/{paper}", "/s/card/{paper}/paper/mine", "/s/slot/{slot}/papers", "/s/card/{own}/paper"],
    ),
    "chair": (
        "noon", "z9-chair",
        ["/s/{day}/chair", "/s/{day}/interest/{seat}", "/s/card/{asked}", "/agenda/slot/{later}/move",
         "/s/{over}/chair"],
    ),
    "rehearsal": (
        "rehearsal", "z9-member",
        ["/s/{day}/rehearsal", "/s/practice/{slot}", "/s/practice/{slot}/send", "/s/{day}"],
    ),
    "chair who rehearses": ("rehearsal", "z9-chair", ["/s/{day}/chair", "/s/{day}/rehearsal"]),
    "province": ("noon", "p23", ["/s/{day}/province", "/e/"]),
    "province, over": ("noon", "p22", ["/s/{over}/province"]),
    "organizer": (
        "noon", "organizer",
        ["/z/", "/z/wall", "/agenda/", "/agenda/9", "/agenda/9/plan", "/agenda/day/{day}",
         "/agenda/slot/{later}/move", "/agenda/9/seats", "/s/{day}"],
    ),
    "whoever checks": ("noon", "organizer", ["/verify", "/results/", "/privacy", "/my-data", "/r/run/{run}/public"]),
    "who keeps accounts": ("noon", "admin", ["/people/3/data"]),
    "executive": ("noon", "director", ["/z/"]),
}  # fmt: skip

# Pages that other tests hold to axe, by the file that does.
ELSEWHERE = {
    "tests/award/test_accounts_browser.py": {
        "accounts.overview", "accounts.app", "accounts.password", "accounts.confirm", "accounts.first_start",
        "accounts.forgot", "accounts.reset", "accounts.second", "invitations.accept", "invitations.invite",
        "oidc.own", "duties.propose", "duties.waiting", "mails.index",
    },
    "tests/award/test_score_sheets_browser.py": {"score_sheets.page"},
    "tests/award/test_checks_browser.py": {"checks.queue", "checks.entry"},
    "tests/award/test_coverage_browser.py": {"coverage.index", "reminders.index", "reminders.page"},
    "tests/award/test_chain_browser.py": {"late.page_for"},
}  # fmt: skip
NO_PAGE = {  # files, data and ways on
    "assets.own", "assets.library", "worker.code", "evidence.download", "papers.photo", "calendars.day",
    "calendars.panel", "cycles.rules_file", "plans.rules_file", "live.status", "live.network", "minutes.pdf",
    "minutes.text", "people_import.template",
    "oidc.begin", "oidc.begin_link", "oidc.come_back", "people.home", "publications.public_package",
    "ranking.workbook", "score_sheets.download", "verify.program", "zones.live",
    "chain.now", "entry_imports.template", "entry_sheets.download", "evidence.preview", "office.live",
}  # fmt: skip


@pytest.fixture(scope="module")
def noon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Trat presents: one sheet is sent and asked about, one half marked, one from paper; a slot was moved."""
    day = build_day(tmp_path_factory.mktemp("noon"))
    day.site.clock.set(NINE)
    ids = others.entry_ids(day.site) | live_until_noon(day)
    with serving(day.site) as address:
        yield Place(day.site, address, ids)


def live_until_noon(day: ScoringDay) -> dict[str, int]:
    chair, member, organizer = (day.site.client_as(login) for login in ("z9-chair", "z9-member", "organizer"))
    first, own, paper = day.first_slot, day.card("z9-member"), day.card("z9-secretary")
    day.declare(member)
    assert day.post(member, f"/s/slot/{first}/ready", who="seat", ready="yes", back="/s/").status_code == 303
    day.open()
    assert begin(day, chair, "presenting", minutes="15").status_code == 303
    day.site.clock.set(NINE + timedelta(minutes=25))
    assert tick(day, chair, "z9-chair", "present").status_code == 303
    assert tick(day, chair, "z9-member", "late", arrived="09.20").status_code == 303
    assert day.post(chair, f"/s/slot/{first}/note", text="ภาพขาดหายสองนาที").status_code == 303
    day.send_all({"z9-chair": "4"})
    asked = day.post(chair, f"/s/card/{day.card('z9-chair')}/ask", reason="เลือกผิดข้อ", changes="0")
    assert asked.status_code == 303
    half = dict(list(day.whole("3").items())[:6])
    assert day.save(member, own, half).status_code == 200
    day.declare(day.site.client_as("z9-secretary"))
    assert enter(day, organizer, paper).status_code == 303
    moved = day.post(organizer, f"/agenda/slot/{day.slots[1]}/move", time="15.00", reason="ไฟฟ้าดับ", seen="")
    assert moved.status_code == 303, moved.text
    made = day.post(organizer, "/r/2/zone/calculate", kind="provisional")
    over = "select session_id from slot where state = 'closed' order by id limit 1"
    return {
        "own": own, "paper": paper, "asked": day.card("z9-chair"), "day": day.session, "slot": first,
        "run": int(made.location.rpartition("/")[2]), "seat": day.seat("z9-member"), "later": day.slots[2],
        "over": int(day.value(over)),
    }  # fmt: skip


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Trat's day is rehearsed, a practice card half marked."""
    day = build_day(tmp_path_factory.mktemp("rehearsal"))
    assert day.post(day.site.client_as("z9-chair"), f"/s/{day.session}/rehearsal/begin").status_code == 303
    half = dict(list(day.whole("3").items())[:6])
    sent = {"key": new_key(), "base_revision": 0, "changes": half}
    saved = day.site.client_as("z9-member").post(f"/s/practice/{day.first_slot}/marks", json=sent)
    assert saved.status_code == 200, saved.text
    with serving(day.site) as address:
        yield Place(day.site, address, {"day": day.session, "slot": day.first_slot})


@pytest.mark.parametrize("role", PAGES)
def test_the_pages_of_a_scoring_day_are_usable_by_everyone(browser: Browser, request: pytest.FixtureRequest, role: str):
    """They fit, too, in half a phone's window as beside a call, by touch, and on a laptop at 200 %; without motion
    where that is unwanted."""
    at, login, paths = PAGES[role]
    touched: dict[str, Any] = {"has_touch": True, "device_scale_factor": 2}
    assert look(browser, request.getfixturevalue(at), login, paths, SMALL, **touched) == {}


def test_every_page_is_in_a_list_of_pages_that_are_looked_at(tmp_path: Path):
    """A page of the site that no list names, and a name in the lists that no page has, are told here."""
    site = build_site(tmp_path)
    adapter = site.app.url_map.bind("localhost")
    named = set().union(NO_PAGE, *ELSEWHERE.values())
    numbers: dict[str, str] = defaultdict(lambda: "1")
    for _at, _login, paths in (*PAGES.values(), *others.PAGES.values(), *collecting.PAGES.values()):
        for path in paths:
            rule, _ = adapter.match(path.format_map(numbers).partition("?")[0], return_rule=True)
            named.add(rule.endpoint)
    named |= {"people.sign_in"}
    pages = {rule.endpoint for rule in site.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert pages - named == set(), "no axe looks at these"
    assert named - pages == set(), "these are no pages any more"
