"""After the deadline a province asks, an organizer gives time or says why not; what is sent then is marked late."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from award.actions.checks import accept_entry
from award.actions.entries import begin_entry, reopen_entry
from award.actions.late import ask_late, ask_late_for, decide_late
from award.actions.returns import return_questions
from award.db.checking import LateRequest
from award.db.cycles import Cycle
from award.db.entries import Entry, EntryRevision, Evidence
from award.db.mail import MailOut
from award.db.people import User
from award.db.scoring import Assignment
from award.errors import Forbidden, Invalid, Locked, NotFound
from award.ledger_check import check_ledger
from award.queries.entries import find_entry
from award.queries.late import find_late_of_entry, list_late
from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site
from tests.award.scoring_day import new_key
from tests.award.test_chain import actor, approve, by_chain, entry_of, fill, give, send_on

WHY = "The bridge was flooded on the last day."


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    """One minute after the deadline; to-23 is filled in and was not sent, wf-c-23 was not begun."""
    built = build_site(tmp_path, provinces=(TRAT, CHANTHABURI), live=(TRAT,))
    fill(built)
    unbegin(built)
    built.clock.set(deadline(built) + timedelta(minutes=1))
    return built


def unbegin(site: BuiltSite, code: str = "wf-c-23") -> None:
    """The province has not begun this entry."""
    with site.database.writing() as db:
        begun = select(Entry.id).where(Entry.code == code).scalar_subquery()
        for table in (Assignment, EntryRevision, Evidence):
            db.execute(delete(table).where(table.entry_id == begun))
        db.execute(delete(Entry).where(Entry.code == code))
        db.commit()


def deadline(site: BuiltSite) -> datetime:
    with site.database.reading() as db:
        return db.execute(select(Cycle.deadline_at)).scalar_one()


def ask(site: BuiltSite, login: str = "p23", *, code: str = "to-23", reason: str = WHY, key: str = "") -> int:
    about: dict[str, Any] = {"entry_id": entry_of(site, code).id, "reason": reason, "key": key or new_key()}
    return ask_late(site.database, site.clock, actor=actor(site, login), **about)


def ask_for(site: BuiltSite, login: str = "p23", **more: Any) -> int:
    about: dict[str, Any] = {"adoption_id": 3, "category": "occupation_group", "province_code": TRAT}
    about |= {"label": "กลุ่มมะพร้าว", "reason": WHY, "key": new_key()} | more
    return ask_late_for(site.database, site.clock, actor=actor(site, login), **about)


def decide(site: BuiltSite, request: int, login: str = "organizer", *, allowed: bool = True, **more: Any) -> None:
    about: dict[str, Any] = {"until": site.clock.now() + timedelta(hours=2), "answer": "The flood is on record."}
    decide_late(
        site.database, site.clock, actor=actor(site, login), request_id=request, allowed=allowed, key=new_key(),
        **(about | more),
    )  # fmt: skip


def is_late(site: BuiltSite, code: str = "to-23") -> bool:
    with site.database.reading() as db:
        found = find_entry(db, actor(site, "p23"), entry_of(site, code).id)
    assert found is not None
    return found.is_late


def whole(site: BuiltSite) -> list[str]:
    with site.database.reading(consistent=True) as db:
        says = [each.says for each in check_ledger(db, anchors=site.settings.anchors)[1]]
    return [each for each in says if "wf-c-23" not in each and not each.startswith("duty")]


def test_what_is_allowed_is_sent_and_marked_late_with_the_organizers_reason(site: BuiltSite) -> None:
    request = ask(site)
    with pytest.raises(Locked, match="deadline was"):
        send_on(site, "p23")
    decide(site, request)
    assert send_on(site, "p23").step == "sent"
    assert is_late(site)
    assert entry_of(site).reopened_reason == "The flood is on record."
    with site.database.reading() as db:
        told = find_late_of_entry(db, entry_of(site).id)
    assert told is not None
    assert (told.allowed, told.reason) == (True, WHY)
    assert whole(site) == []


def test_what_is_declined_stays_closed_and_may_be_asked_again(site: BuiltSite) -> None:
    decide(site, ask(site), allowed=False, until=None)
    with pytest.raises(Locked, match="deadline was"):
        send_on(site, "p23")
    decide(site, ask(site))
    assert send_on(site, "p23").step == "sent"
    assert whole(site) == []


def test_what_was_not_even_begun_begins_with_the_request(site: BuiltSite) -> None:
    with pytest.raises(Locked, match="deadline was"):
        begin_entry(
            site.database, site.clock, actor=actor(site, "p23"), adoption_id=3, category="occupation_group",
            province_code=TRAT, label="กลุ่ม", key=new_key(),
        )  # fmt: skip
    key = new_key()
    request = ask_for(site, key=key)
    assert ask_for(site, key=key) == request
    with site.database.reading() as db:
        entry = db.execute(select(LateRequest.entry_id)).scalar_one()
        assert entry is not None
        found = find_entry(db, actor(site, "p23"), entry)
    assert found is not None
    assert (found.state, found.label, found.answers) == ("draft", "กลุ่มมะพร้าว", {})
    decide(site, request)
    with site.database.reading() as db:
        opened = find_entry(db, actor(site, "p23"), entry)
    assert opened is not None
    assert opened.closes_at > site.clock.now()
    assert whole(site) == []


def test_while_there_is_time_nothing_is_asked(site: BuiltSite) -> None:
    site.clock.set(deadline(site) + timedelta(milliseconds=500))
    for act in (ask, ask_for):
        with pytest.raises(Locked, match="still time"):
            act(site)


def test_who_asks_and_who_decides(site: BuiltSite) -> None:
    for login in ("p22", "z9-member"):
        with pytest.raises(NotFound):
            ask(site, login)
        with pytest.raises(NotFound):
            ask_for(site, login)
    for login in ("organizer", "auditor"):
        with pytest.raises(Forbidden):
            ask(site, login)
    request = ask(site)
    with pytest.raises(Locked, match="waits for the organizer"):
        ask(site)
    for login, refusal in (("p23", Forbidden), ("auditor", Forbidden), ("p22", NotFound), ("z9-chair", NotFound)):
        with pytest.raises(refusal):
            decide(site, request, login)
    decide(site, request)
    with pytest.raises(Locked, match="decided already"):
        decide(site, request, "organizer2")


@pytest.mark.parametrize("reason", ["", "too short", "x" * 2001])
def test_a_reason_that_says_nothing_is_refused(site: BuiltSite, reason: str) -> None:
    with pytest.raises(Invalid):
        ask(site, reason=reason)
    request = ask(site)
    with pytest.raises(Invalid):
        decide(site, request, answer=reason)
    with pytest.raises(Invalid):
        decide(site, request, until=site.clock.now())
    with pytest.raises(Invalid):
        decide(site, request, until=None)


def test_in_a_round_with_approval_the_whole_chain_has_the_longer_time(site: BuiltSite) -> None:
    by_chain(site)
    decide(site, ask(site))
    assert send_on(site, "p23").step == "director"
    assert approve(site, "p23-acting").step == "sent"
    assert is_late(site)


def test_each_sees_the_requests_within_their_scope_those_that_wait_first(site: BuiltSite) -> None:
    decide(site, ask(site), allowed=False, until=None)
    waiting = ask_for(site)
    with site.database.reading() as db:
        seen = [each.id for each in list_late(db, actor(site, "organizer"))]
        assert seen[0] == waiting
        assert len(list_late(db, actor(site, "p23"))) == 2
        assert list_late(db, actor(site, "p22")) == []
        assert list_late(db, actor(site, "z9-chair")) == []


def test_an_organizer_decides_nothing_for_their_own_office(site: BuiltSite) -> None:
    give(site, "organizer", "officer", TRAT)
    request, entry = ask(site, "organizer"), entry_of(site)
    about: dict[str, Any] = {"entry_id": entry.id, "until": site.clock.now() + timedelta(hours=1), "key": new_key()}
    own = actor(site, "organizer")
    with pytest.raises(Forbidden):
        decide(site, request)
    with pytest.raises(Forbidden):
        reopen_entry(site.database, site.clock, actor=own, reason=WHY, **about)
    client = site.client_as("organizer")
    assert "/decide" not in client.get("/late/").text
    assert f"/e/{entry.id}/return" not in client.get(f"/e/{entry.id}").text
    decide(site, request, "organizer2")
    send_on(site, "p23")
    with pytest.raises(Forbidden):
        return_questions(site.database, site.clock, actor=own, questions={"summary": WHY}, **about)
    with pytest.raises(Forbidden):
        accept_entry(site.database, site.clock, actor=own, entry_id=entry.id, seen="", note="", key=new_key())
    page = client.get(f"/e/check/{entry.id}").text
    assert f"/e/check/{entry.id}/accept" not in page
    assert f"/e/check/{entry.id}/return" not in page


def mails(site: BuiltSite) -> list[tuple[str, str]]:
    """Who was written to, and the subject, in order."""
    with site.database.reading() as db:
        asked = select(User.login, MailOut.subject).join(User, User.id == MailOut.user_id).order_by(MailOut.id)
        return [(login, subject) for login, subject in db.execute(asked)]


def test_organizers_of_other_offices_get_a_mail_when_a_request_comes_and_the_office_when_it_is_decided(
    tmp_path: Path,
) -> None:
    address = "https://awards.example.go.th"
    site = build_site(tmp_path, provinces=(TRAT, CHANTHABURI), live=(TRAT,), site_address=address)
    fill(site)
    unbegin(site)
    give(site, "p23-chief", "chief")
    give(site, "organizer2", "officer")  # of the office that asks: does not decide on its request
    with site.database.writing() as db:
        for login in ("p23", "p23-chief", "organizer", "organizer2"):
            db.execute(update(User).where(User.login == login).values(email=f"{login}@example.go.th"))
        db.commit()
    site.clock.set(deadline(site) + timedelta(minutes=1))
    about = {"adoption": 3, "category": "occupation_group", "province": TRAT, "label": "กลุ่มมะพร้าว", "reason": WHY}
    asked = site.client_as("p23").post("/late/ask", data={"key": new_key(), **about})
    assert asked.status_code == 303
    assert [login for login, _ in mails(site)] == ["organizer"]
    assert "a request to send late waits" in mails(site)[0][1]
    no = {"key": new_key(), "allowed": "no", "answer": "เหตุผลยังไม่เพียงพอ"}
    assert site.client_as("organizer").post("/late/1/decide", data=no).status_code == 303
    assert sorted(login for login, _ in mails(site)[1:]) == ["organizer2", "p23", "p23-chief"]


def test_requests_are_counted_on_the_first_pages_of_organizers_and_of_the_office(site: BuiltSite) -> None:
    organizer, office, neighbour = (site.client_as(login) for login in ("organizer", "p23", "p22"))
    assert "late-count" not in organizer.get("/o/").text + office.get("/e/").text
    request = ask_for(site)
    for page in (organizer.get("/o/"), organizer.get("/e/"), office.get("/e/")):
        assert "waiting for the organizer: 1" in page.text
    assert "late-count" not in neighbour.get("/e/").text
    decide(site, request)
    assert "allowed, not sent yet: 1" in office.get("/e/").text
    again = ask(site)
    decide(site, again, allowed=False, until=None)
    assert "not allowed, in the last 7 days: 1" in office.get("/e/").text
    site.clock.set(site.clock.now() + timedelta(days=8))
    assert "late-count" not in office.get("/e/").text
