"""Pages of the way up: what waits for whom, deciding and taking back there, receipts, late requests, withdrawing."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from award.actions.entries import save_answers
from award.actions.evidence import attach_link
from award.db.cycles import Cycle
from award.db.mail import MailOut
from award.db.people import User
from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site
from tests.award.scoring_day import new_key
from tests.award.test_chain import actor, by_chain, entry_of, everything_above, fill, give, seen, send_on
from tests.award.test_late import unbegin

NOTE = "ตัวเลขหน้า 3 ไม่ตรงกับเอกสาร"


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    built = by_chain(build_site(tmp_path, provinces=(TRAT, CHANTHABURI), live=(TRAT,)))
    fill(built)
    return built


def post(client: FlaskClient, address: str, **form: Any) -> Any:
    return client.post(address, data={"key": new_key(), **form})


def path(site: BuiltSite) -> str:
    return f"/e/{entry_of(site).id}"


def after_the_deadline(site: BuiltSite) -> None:
    with site.database.reading() as db:
        deadline = db.execute(select(Cycle.deadline_at)).scalar_one()
    site.clock.set(deadline + timedelta(minutes=1))


def test_the_officer_is_told_who_decides_next_and_sees_where_the_entry_is(site: BuiltSite) -> None:
    officer, page = site.client_as("p23"), path(site)
    look = officer.get(f"{page}/submit").text
    assert "Post of p23-director" in look
    assert "Send to the group director" in look
    assert "Send the entry<" not in look
    assert "until 08:55" in look
    assert "08:55:00" in look
    sent = post(officer, f"{page}/submit", confirmed=everything_above(site))
    assert (sent.status_code, sent.location) == (303, page)
    shown = officer.get(page).text
    assert "Waits for the approval of a group director" in shown
    assert "<textarea" not in shown
    assert "Take it back to change it" in shown
    assert "Waits for the approval of a group director" in officer.get("/e/").text
    assert officer.get(f"{page}/submit").location == page


@pytest.mark.parametrize("change", ["answer", "link"])
def test_what_a_colleague_changed_after_the_last_look_is_not_sent_with_it(site: BuiltSite, change: str) -> None:
    chief, page, entry = site.client_as("p23-acting"), path(site), entry_of(site)
    form = {"confirmed": everything_above(site), "seen": seen_on(chief.get(f"{page}/submit").text)}
    about: dict[str, Any] = {"actor": actor(site, "p23"), "entry_id": entry.id}
    if change == "answer":
        changes = {"summary": "ไม่มีใครเห็น"}
        save_answers(site.database, site.clock, **about, changes=changes, base_revision=entry.revision, key=new_key())
    else:
        address = "https://example.invalid/unseen"
        attach_link(site.database, site.clock, **about, field="declaration", url=address, title="")
    answer = post(chief, f"{page}/submit", **form)
    assert answer.status_code == 409
    assert "was changed since you opened this page" in answer.text
    assert entry_of(site).state == "draft"
    assert post(chief, f"{page}/submit", **form | {"seen": seen_on(answer.text)}).location == f"{page}/receipt"


def seen_on(page: str) -> str:
    return re.findall(r'name="seen" value="([^"]+)"', page)[0]


def test_what_waits_stands_on_the_first_page_of_whom_it_waits_for(site: BuiltSite) -> None:
    director, chief = site.client_as("p23-director"), site.client_as("p23-acting")
    assert director.get("/").location == "/waiting"
    assert "Nothing waits for you now." in director.get("/waiting").text
    send_on(site, "p23")
    page = director.get("/waiting").text
    assert 'Waiting for me <span class="count">1</span>' in page
    assert "Read and decide" in page
    assert "ตำแหน่ง" in page or "Information officer" in page
    others = chief.get("/waiting").text
    assert "With others of the office" in others
    assert "Read and decide" in others, "the head may decide at any step"
    assert site.client_as("p23").get("/waiting").status_code == 403
    assert site.client_as("p22").get("/").location == "/e/"


def test_the_whole_way_by_buttons_ends_with_a_receipt_that_names_the_acting_head(site: BuiltSite) -> None:
    send_on(site, "p23")
    director, chief, page = site.client_as("p23-director"), site.client_as("p23-acting"), path(site)
    asked = director.get(page).text
    assert "This entry waits for your approval" in asked
    assert "Approve and pass on" in asked
    assert f'name="seen" value="{seen(site)}"' in asked
    assert post(director, f"{page}/approve", seen=seen(site)).location == page
    assert "Approve and pass on" not in director.get(page).text
    assert "You decide as: Post of p23-acting (acting)" in chief.get(page).text
    done = post(chief, f"{page}/approve", seen=seen(site))
    assert done.location == f"{page}/receipt"
    receipt = chief.get(done.location).text
    assert "Post of p23-director" in receipt
    assert "Post of p23-acting (acting)" in receipt
    assert "Approved and sent" in receipt
    thai = site.client_as("p23", language="th").get(done.location).text
    assert "หน้าที่ p23-acting (รักษาราชการแทน)" in thai
    assert "Approved and sent" in site.client_as("organizer").get(page).text


def test_a_note_is_read_in_the_office_and_nowhere_else(site: BuiltSite) -> None:
    send_on(site, "p23")
    director, page = site.client_as("p23-director"), path(site)
    assert post(director, f"{page}/hand-back", seen=seen(site), note="").status_code == 422
    done = post(director, f"{page}/hand-back", seen=seen(site), note=NOTE)
    assert "Returned to the officers with your note." in director.get(done.location).text
    assert "Returned to the officers" not in director.get("/waiting").text
    form = site.client_as("p23").get(page).text
    assert NOTE in form
    assert "<textarea" in form, "it can be changed again"
    send_on(site, "p23")
    post(site.client_as("p23-acting"), f"{page}/approve", seen=seen(site))
    assert NOTE in site.client_as("p23").get(page).text
    for login in ("organizer", "auditor", "z9-chair"):
        for address in (page, f"{page}/receipt"):
            assert NOTE not in site.client_as(login).get(address).text


def test_the_list_of_entries_tells_what_came_back_until_it_is_sent_on(site: BuiltSite) -> None:
    send_on(site, "p23")
    officer = site.client_as("p23")
    post(site.client_as("p23-director"), f"{path(site)}/hand-back", seen=seen(site), note=NOTE)
    assert "Returned within the office" in officer.get("/e/").text
    send_on(site, "p23")
    assert "Returned within the office" not in officer.get("/e/").text


def test_it_is_taken_back_by_a_button(site: BuiltSite) -> None:
    send_on(site, "p23")
    officer, page = site.client_as("p23"), path(site)
    assert post(officer, f"{page}/take-back").location == page
    assert "<textarea" in officer.get(page).text
    assert post(officer, f"{page}/take-back").status_code == 423


def test_where_nobody_heads_the_office_the_page_says_who_mends_it(site: BuiltSite) -> None:
    send_on(site, "p23-director")
    site.clock.set(site.clock.now() + timedelta(days=1))
    page = site.client_as("p23").get(path(site)).text
    assert "Nobody holds that duty today." in page


def test_mails_hold_the_sites_own_address(tmp_path: Path) -> None:
    site = by_chain(
        build_site(tmp_path, provinces=(TRAT, CHANTHABURI), live=(TRAT,), site_address="https://awards.example.go.th")
    )
    fill(site)
    with site.database.writing() as db:
        db.execute(update(User).where(User.login == "p23-director").values(email="director@example.go.th"))
        db.commit()
    post(site.client_as("p23"), f"{path(site)}/submit", confirmed=everything_above(site))
    with site.database.reading() as db:
        mail = db.execute(select(MailOut)).scalar_one()
    assert mail.address == "director@example.go.th"
    assert "รอการเห็นชอบ" in mail.subject
    assert f"https://awards.example.go.th{path(site)}" in mail.text
    assert "จังหวัดตราด" in mail.text


def test_an_entry_is_withdrawn_on_a_page_that_asks_why(site: BuiltSite) -> None:
    send_on(site, "p23-acting")
    chief, page = site.client_as("p23-acting"), path(site)
    assert f'href="{page}/withdraw"' in chief.get(page).text
    assert f'href="{page}/withdraw"' not in site.client_as("p23").get(page).text
    assert "head of the provincial office" in site.client_as("p23").get(f"{page}/withdraw").text
    refused = post(chief, f"{page}/withdraw", reason="short")
    assert refused.status_code == 422
    assert ">short</textarea>" in refused.text
    assert post(chief, f"{page}/withdraw", reason="The working group has dissolved.").location == page
    for login in ("p23", "organizer", "auditor"):
        shown = site.client_as(login).get(page).text
        assert "Withdrawn" in shown
        assert "The working group has dissolved." in shown
    assert "Open it again" in site.client_as("organizer").get(page).text
    assert "The working group has dissolved." in chief.get(f"{page}/receipt").text


def test_a_late_request_goes_from_the_list_to_the_organizer_and_back(site: BuiltSite) -> None:
    after_the_deadline(site)
    officer, organizer, page = site.client_as("p23"), site.client_as("organizer"), path(site)
    assert "Ask to send late" in officer.get(page).text
    assert "The deadline was" in officer.get(f"{page}/submit").text
    refused = post(officer, f"/late/ask/{entry_of(site).id}", reason="x")
    assert refused.status_code == 422
    assert post(officer, f"/late/ask/{entry_of(site).id}", reason="The bridge was flooded.").location == page
    assert "waits for the organizer" in officer.get(page).text
    asked = organizer.get("/late/").text
    assert "The bridge was flooded." in asked
    number = re.search(r'action="/late/(\d+)/decide"', asked)
    assert number is not None
    wrong = post(organizer, f"/late/{number[1]}/decide", allowed="yes", answer="On record, see the news.", day="x")
    assert wrong.status_code == 422
    assert "On record, see the news." in wrong.text
    assert "Write the new deadline as a day" in wrong.text
    decided = {"allowed": "yes", "answer": "On record, see the news.", "day": "19/7/2564", "time": "12.00"}
    assert post(organizer, f"/late/{number[1]}/decide", **decided).location == "/late/"
    assert "<textarea" in officer.get(page).text
    send_on(site, "p23-acting")
    for login in ("p23", "organizer"):
        client = site.client_as(login)
        assert "sent late" in client.get("/e/").text
        assert "sent late" in client.get(page).text
        receipt = client.get(f"{page}/receipt").text
        assert "sent late" in receipt
        assert "On record, see the news." in receipt


def test_what_was_not_begun_is_asked_for_from_the_list(site: BuiltSite) -> None:
    after_the_deadline(site)
    unbegin(site)
    officer = site.client_as("p23")
    link = re.search(r'href="(/late/ask\?[^"]*)"', officer.get("/e/").text)
    assert link is not None
    address = link[1].replace("&amp;", "&")
    page = officer.get(address).text
    assert "Who stands for it?" in page
    about = {"adoption": "3", "category": "occupation_group", "province": TRAT}
    kept = post(officer, "/late/ask", **about, label="กลุ่มมะพร้าว", reason="short")
    assert kept.status_code == 422
    assert 'value="กลุ่มมะพร้าว"' in kept.text
    assert post(officer, "/late/ask", **about, label="กลุ่มมะพร้าว", reason="The bridge was flooded.").status_code == 303
    assert "กลุ่มมะพร้าว" in site.client_as("organizer").get("/late/").text
    assert site.client_as("p22").get(address).status_code == 404


# --- receipts for everybody ---------------------------------------------------------------------------------------


def look_up(site: BuiltSite, number: str, fingerprint: str = "") -> Any:
    client = site.client()
    client.set_cookie("language", "en")
    return client.get("/verify/receipt", query_string={"number": number, "fingerprint": fingerprint})


def test_a_receipt_is_looked_up_without_signing_in_however_it_is_typed(site: BuiltSite) -> None:
    number = send_on(site, "p23-acting").receipt
    sheet = site.client_as("p23").get(f"{path(site)}/receipt").text
    fingerprint = re.search(r'class="fingerprint">([0-9a-f]{64})', sheet)
    assert fingerprint is not None
    thai = number.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
    for typed in (number, number.upper(), number.replace(" · ", " "), number.lstrip("#"), thai):
        page = look_up(site, typed, fingerprint[1])
        assert page.status_code == 200
        assert "to-23" in page.text
        assert "as this receipt says" in page.text
        assert "the one you typed" in page.text
    assert "not the one you typed" in look_up(site, number, "ab" * 32).text
    assert entry_of(site).label not in look_up(site, number).text, "who stands for it may be a person"


def test_a_receipt_that_no_longer_stands_says_why(site: BuiltSite) -> None:
    number = send_on(site, "p23-acting").receipt
    post(site.client_as("p23-acting"), f"{path(site)}/withdraw", reason="The working group has dissolved.")
    page = look_up(site, number).text
    assert "the province withdrew the entry" in page
    assert "as this receipt says" not in page


@pytest.mark.parametrize("number", ["#1 · 0000 0000", "#999999 · abcd abcd"])
def test_a_number_that_is_not_on_record_is_not_found(site: BuiltSite, number: str) -> None:
    assert "There is no such receipt" in look_up(site, number).text


@pytest.mark.parametrize("number", ["x", "#", "1234", "' or 1=1", "#1 · zzzz zzzz"])
def test_what_is_no_number_is_told_how_one_reads(site: BuiltSite, number: str) -> None:
    page = look_up(site, number)
    assert page.status_code == 422
    assert "A receipt number reads like" in page.text


def test_the_servers_time_is_told_to_whoever_counts(site: BuiltSite) -> None:
    told = site.client().get("/now").json
    assert told is not None
    assert 0 <= site.clock.now().timestamp() * 1000 - told["now"] < 5000


@pytest.mark.parametrize("address", ["/waiting", "/late/"])
def test_lists_take_the_same_statements_at_any_size(site: BuiltSite, address: str) -> None:
    give(site, "p23-chief", "chief")
    client = site.client_as("p23-chief")

    def counted() -> int:
        client.get(address)
        with site.statements() as seen_here:
            assert client.get(address).status_code == 200
        return len(seen_here)

    before = counted()
    send_on(site, "p23")
    after_the_deadline(site)
    for code in ("pa-23", "wf-a-23"):
        post(site.client_as("p23"), f"/late/ask/{entry_of(site, code).id}", reason="The bridge was flooded.")
    assert counted() == before <= 4
