"""The pages while entries are collected and after the days, as every role meets them: usable by everyone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from award.actions.publications import certify_run, publish_run
from award.db.checking import FollowUp, ReturnedQuestion
from award.db.entries import Entry
from award.db.scoring import ScoringSession, Slot
from award.demo.telling import tell_way
from tests.award.build import CHANTHABURI, PHRAE, TRAT, BuiltSite, build_site
from tests.award.results import TRANSPARENT, actor_of, calculated
from tests.award.scoring_day import new_key
from tests.award.test_privacy import put_file
from tests.journeys.axe import Place, look
from tests.journeys.serving import serving
from tests.journeys.test_pages_accessible import entry_ids


def numbers(site: BuiltSite) -> dict[str, int]:
    """What the addresses hold: entries by code; `back` was returned in part, `sent` was sent by the same province."""
    ids = entry_ids(site)
    with site.database.reading() as db:
        back = db.execute(select(ReturnedQuestion.entry_id).limit(1)).scalar()
        if back is not None:
            own = db.get_one(Entry, back)
            ids |= {"back": back, "province": int(own.province_code)}
        sent = select(Entry.id).where(Entry.state == "submitted").order_by(Entry.id).limit(1)
        ids |= {"sent": db.execute(sent).scalar_one()}
        follow_up = db.execute(select(FollowUp.id).order_by(FollowUp.id).limit(1)).scalar()
        of_trat = select(ScoringSession.id).where(ScoringSession.province_code == TRAT)
        slot = db.execute(select(Slot.id).where(Slot.session_id.in_(of_trat)).order_by(Slot.id).limit(1)).scalar_one()
        return ids | {"slot": slot} | ({"follow_up": follow_up} if follow_up is not None else {})


@pytest.fixture(scope="module")
def collecting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Three days before the deadline."""
    site = build_site(
        tmp_path_factory.mktemp("collecting"), provinces=(TRAT, CHANTHABURI, PHRAE), approval="chain",
        collecting=True, csrf=True,
    )  # fmt: skip
    tell_way(site.database)
    with serving(site) as address:
        yield Place(site, address, numbers(site))


@pytest.fixture(scope="module")
def afterwards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Every day is over, and remarks have become follow-ups."""
    site = build_site(tmp_path_factory.mktemp("afterwards"), provinces=(TRAT, PHRAE), approval="chain", csrf=True)
    tell_way(site.database)
    file = put_file(site)
    opened = {"file": file, "user": "u1", "entry": "to-23", "sha256": "0" * 12}
    site.app.extensions["award_logs"].reads.write(opened | {"read_at": "2021-07-19T08:00:00.000000Z"})
    run = published(site)
    with serving(site) as address:
        yield Place(site, address, numbers(site) | {"file": file, "run": run})


def published(site: BuiltSite) -> int:
    """The number of the first award's result, which everybody may see."""
    run = calculated(site, TRANSPARENT, "official")
    certify_run(site.database, site.clock, actor=actor_of(site), run_id=run, key=new_key())
    publish_run(site.database, site.clock, actor=actor_of(site, "organizer2"), run_id=run, key=new_key())
    return run


PAGES = {
    "officer": (
        "collecting", f"p{TRAT}",
        [
            "/e/{to_23}?check=1", "/e/{to_23}/submit", "/e/{to_23}/team", "/e/{to_23}/history", "/e/{to_23}/sheet",
            "/e/{to_23}/earlier", "/e/", "/e/{wf_c_23}", "/search?q=ตราด",
            "/late/ask?adoption=3&category=occupation_group&province=23",
        ],
    ),
    "officer, returned in part": ("collecting", "p{province}", ["/e/{back}", "/e/{back}/history"]),
    "director": ("collecting", f"p{TRAT}-director", ["/waiting", "/e/{pa_23}", "/e/"]),
    "chief": ("collecting", f"p{TRAT}-chief", ["/waiting", "/e/{wf_c_23}", "/e/{wf_c_23}/withdraw"]),
    "organizer": ("collecting", "organizer", ["/e/", "/e/{sent}/receipt", "/e/import", "/late/", "/search?q=๒๓"]),
    "anybody with a receipt": ("collecting", "auditor", ["/verify/receipt", "/verify/receipt?number=%231 · 0000 0000"]),
    "province afterwards": (
        "afterwards", f"p{TRAT}", ["/e/", "/e/{to_23}/receipt", "/follow-ups", "/follow-ups/{follow_up}"]
    ),
    "auditor afterwards": ("afterwards", "auditor", ["/files/{file}/readers", "/results/{run}"]),
    "chair afterwards": (
        "afterwards", "z9-chair", ["/follow-ups", "/follow-ups/{follow_up}", "/s/slot/{slot}/follow-ups"]
    ),
}  # fmt: skip


@pytest.mark.parametrize("role", PAGES)
def test_the_pages_of_the_province_s_way_are_usable_by_everyone(
    browser: Browser, request: pytest.FixtureRequest, role: str
) -> None:
    at, login, paths = PAGES[role]
    assert look(browser, request.getfixturevalue(at), login, paths) == {}
