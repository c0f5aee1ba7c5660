"""A province whose slot is closed is told before it sends: nothing is heard there unless the chair opens it again."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from award.errors import Locked
from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site
from tests.award.test_chain import approve, by_chain, entry_of, fill, hand_back, send_on
from tests.award.test_chain_pages import post
from tests.award.test_late import ask_for, deadline, decide, unbegin
from tests.award.test_returns import give_back

TOLD = "This entry cannot be sent now"


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    """Trat's entry is filled in and nobody has sent it."""
    built = build_site(tmp_path, provinces=(TRAT, CHANTHABURI), live=(TRAT,))
    fill(built)
    return built


def put_slots(site: BuiltSite, state: str) -> None:
    """All slots of Trat's panel stand so."""
    with site.database.writing() as db:
        db.execute(text(f"update slot set state = '{state}' where session_id in "
                        "(select id from scoring_session where province_code = '23')"))  # fmt: skip
        db.commit()


def test_the_last_look_says_that_the_slot_is_closed_and_offers_no_sending(site: BuiltSite) -> None:
    officer, page = site.client_as("p23"), f"/e/{entry_of(site).id}/submit"
    assert TOLD not in officer.get(page).text
    assert "Send the entry<" in officer.get(page).text
    put_slots(site, "closed")
    assert TOLD in officer.get(page).text
    assert "Send the entry<" not in officer.get(page).text
    assert post(officer, page).status_code == 423
    assert entry_of(site).state == "draft"


def test_an_entry_that_was_returned_is_not_sent_into_a_closed_slot_either(site: BuiltSite) -> None:
    send_on(site, "p23")
    give_back(site, "summary")
    put_slots(site, "closed")  # its cards of before are there: the record of them is closed
    with pytest.raises(Locked, match="closed the slot"):
        send_on(site, "p23")
    put_slots(site, "open")
    assert send_on(site, "p23").step == "sent"


def test_nothing_goes_up_the_office_that_its_head_could_not_send(site: BuiltSite) -> None:
    by_chain(site)
    put_slots(site, "closed")
    with pytest.raises(Locked, match="closed the slot"):
        send_on(site, "p23")
    put_slots(site, "open")
    send_on(site, "p23")
    put_slots(site, "closed")
    director = site.client_as("p23-director").get(f"/e/{entry_of(site).id}").text
    assert TOLD in director and "Approve and pass on" not in director
    with pytest.raises(Locked, match="closed the slot"):
        approve(site, "p23-director")
    assert hand_back(site, "p23-director").step == ""


def test_who_asks_to_send_late_and_who_decides_are_told(site: BuiltSite) -> None:
    unbegin(site)
    site.clock.set(deadline(site) + timedelta(minutes=1))
    officer, page = site.client_as("p23"), "/late/ask?adoption=3&category=occupation_group&province=23"
    assert TOLD not in officer.get(page).text
    assert TOLD not in officer.get(f"/late/ask/{entry_of(site).id}").text
    put_slots(site, "closed")
    assert TOLD in officer.get(page).text
    assert TOLD in officer.get(f"/late/ask/{entry_of(site).id}").text
    request = ask_for(site)
    with pytest.raises(Locked, match="could not be sent"):
        decide(site, request)
    decide(site, request, allowed=False, until=None)
