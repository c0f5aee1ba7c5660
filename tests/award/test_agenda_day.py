"""What a planned day is to its province and in calendars: changes in bold, who presents, files without the call."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import icalendar
import pytest
from flask.testing import FlaskClient

from award.clock import BANGKOK
from tests.award.build import TRAT, BuiltSite, build_site
from tests.award.scoring_day import ScoringDay
from tests.award.test_agenda import WHY, drop, find_trat, panel_of, whole
from tests.award.test_ledger_check import fill_in


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path, live=(TRAT,))


@pytest.fixture
def day(site: BuiltSite) -> ScoringDay:
    return find_trat(site)


@pytest.fixture
def organizer(site: BuiltSite) -> FlaskClient:
    return site.client_as("organizer")


# --- the province's page --------------------------------------------------------------------------------------------


def test_the_province_sees_its_day_and_says_who_presents(site: BuiltSite, day: ScoringDay) -> None:
    officer = site.client_as("p23")
    assert f'href="/s/{day.session}/province"' in officer.get("/e/").text
    page = officer.get(f"/s/{day.session}/province").text
    passcode = day.value("select call_passcode from scoring_session where id = :s", s=day.session)
    assert passcode in page and "https://example.invalid/call/23" in page
    assert page.split('id="turns"')[1].count("not sent yet") == 5
    address = f"/s/slot/{day.first_slot}/presentation"
    for wrong in ({"presenters": "1 2345 67890 12 3"}, {"exhibition_url": "ftp://files.example/a"}):
        assert day.post(officer, address, **{"presenters": "พัฒนาการจังหวัด", **wrong}).status_code == 422
    answer = day.post(officer, address, presenters="พัฒนาการจังหวัด\nผู้อำนวยการกลุ่มงาน",
                      exhibition_url="https://video.example/trat")  # fmt: skip
    assert answer.status_code == 303
    page = officer.get(f"/s/{day.session}/province").text
    assert 'href="https://video.example/trat"' in page and "ผู้อำนวยการกลุ่มงาน" in page
    day.open()
    answer = day.post(officer, address, presenters="อีกคน")
    assert answer.status_code == 423 and "อีกคน" in answer.text, "what was typed is shown"
    assert whole(site) == []


def test_the_province_is_ready_and_takes_it_back(site: BuiltSite, day: ScoringDay) -> None:
    officer, address = site.client_as("p23"), f"/s/{day.session}/province"
    assert "Ready to present" in officer.get(address).text
    for says, told in (("yes", "You are ready"), ("no", "Ready to present")):
        sent = {"who": "province", "ready": says, "back": address}
        assert day.post(officer, f"/s/slot/{day.first_slot}/ready", **sent).status_code == 303
        assert told in officer.get(address).text


def test_who_sees_the_page_of_a_province(site: BuiltSite, day: ScoringDay) -> None:
    address = f"/s/{day.session}/province"
    for login, status in (("p22", 404), ("z9-chair", 403), ("organizer", 200), ("auditor", 200)):
        assert site.client_as(login).get(address).status_code == status
    assert site.client().get(address).status_code == 302
    assert day.post(site.client_as("p22"), f"/s/slot/{day.first_slot}/presentation", presenters="x").status_code == 404
    page = site.client_as("organizer").get(address).text
    assert "/presentation" not in page, "only the province writes there"


def test_the_page_of_a_province_tells_nothing_of_marks_and_cards(site: BuiltSite, day: ScoringDay) -> None:
    fill_in(site)
    day.open()
    officer, address = site.client_as("p23"), f"/s/{day.session}/province"

    def shown() -> str:
        return re.sub(r'name="(key|csrf_token|csrf-token)" (value|content)="[^"]*"', "", officer.get(address).text)

    before = shown()
    member, card = site.client_as("z9-member"), day.card("z9-member")
    assert day.save(member, card, day.whole("5")).status_code == 200
    assert shown() == before
    assert not re.search(r"\d+ of \d+ (members|cards)", before)


# --- calendar files -------------------------------------------------------------------------------------------------


def events(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200 and answer.mimetype == "text/calendar"
    found = icalendar.Calendar.from_ical(answer.data)
    return {str(each["uid"]): each for each in found.walk("VEVENT")}


def test_a_calendar_keeps_its_numbers_and_counts_moves(
    site: BuiltSite, day: ScoringDay, organizer: FlaskClient
) -> None:
    address = f"/s/{day.session}/calendar.ics"
    officer = site.client_as("p23")
    first = events(officer.get(address))
    uid = f"slot-{day.first_slot}@award.local"
    assert len(first) == 3 and first[uid]["sequence"] == 0
    starts = first[uid]["dtstart"].dt
    assert (starts, str(starts.tzinfo)) == (datetime(2021, 7, 19, 9, tzinfo=BANGKOK), "Asia/Bangkok")
    assert "dtend" not in first[uid], "nobody said how long"
    day.post(organizer, f"/agenda/slot/{day.first_slot}/room", place="ห้องใหม่", presenting="20", questions="10",
             scoring="", form="x")  # fmt: skip
    day.post(organizer, f"/agenda/slot/{day.first_slot}/move", time="15.00", reason=WHY)
    day.post(organizer, f"/agenda/slot/{day.first_slot}/move", time="09.00", reason=WHY)
    again = events(officer.get(address))
    assert again.keys() == first.keys() and again[uid]["sequence"] == 2
    assert again[uid]["dtend"].dt == datetime(2021, 7, 19, 9, 30, tzinfo=BANGKOK)
    assert again[uid]["location"] == "ห้องใหม่"


def test_a_calendar_holds_no_way_into_the_call(site: BuiltSite, day: ScoringDay) -> None:
    about = day.value("select call_url || ' ' || call_id || ' ' || call_passcode from scoring_session where id = :s",
                      s=day.session)  # fmt: skip
    url, passcode = about.split(" ")[0], about.split(" ")[-1]
    number = about.removeprefix(url).removesuffix(passcode).strip()
    for login, page in (("p23", "/province"), ("z9-member", ""), ("organizer", "")):
        for address in (f"/s/{day.session}/calendar.ics", f"/agenda/{panel_of(day)}/calendar.ics"):
            answer = site.client_as(login).get(address)
            if answer.status_code == 403:
                assert (login, address.startswith("/agenda")) == ("p23", True)
                continue
            whole_text = answer.data.replace(b"\r\n ", b"").decode()
            assert f"/s/{day.session}{page}" in whole_text
            assert not any(secret in whole_text for secret in (url, passcode, number))


def test_a_calendar_is_folded_as_the_standard_asks(site: BuiltSite, day: ScoringDay) -> None:
    data = site.client_as("p23", language="th").get(f"/s/{day.session}/calendar.ics").data
    assert data.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert all(line.decode() for line in data.split(b"\r\n") if line), "no letter is cut in two"
    assert "จังหวัดตราด" in data.replace(b"\r\n ", b"").decode()


def test_a_dropped_slot_is_cancelled_in_the_calendar(site: BuiltSite, day: ScoringDay, organizer: FlaskClient) -> None:
    day.post(organizer, f"/agenda/slot/{day.first_slot}/move", time="15.00", reason=WHY)
    drop(day, organizer, day.first_slot)
    for address in (f"/s/{day.session}/calendar.ics", f"/agenda/{panel_of(day)}/calendar.ics"):
        found = events(organizer.get(address))[f"slot-{day.first_slot}@award.local"]
        assert (found["status"], found["sequence"]) == ("CANCELLED", 2)


def test_who_may_have_a_calendar(site: BuiltSite, day: ScoringDay) -> None:
    own, panel = f"/s/{day.session}/calendar.ics", f"/agenda/{panel_of(day)}/calendar.ics"
    for login, statuses in (
        ("p23", (200, 403)), ("p22", (404, 403)), ("z9-member", (200, 200)), ("z1-chair", (404, 404)),
        ("organizer", (200, 200)), ("auditor", (200, 200)),
    ):  # fmt: skip
        client = site.client_as(login)
        assert (client.get(own).status_code, client.get(panel).status_code) == statuses
