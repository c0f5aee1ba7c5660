"""The agenda: planned with its cards and lines, moved with a reason, clashes warned, the province told, calendars."""

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from award.clock import BANGKOK
from award.ledger_check import check_ledger
from award.queries.agenda import find_panel, list_panels, list_planned
from award.queries.clashes import find_clashes, list_sitters
from tests.award.build import CHANTHABURI, PHRAE, TRAT, BuiltSite, build_site
from tests.award.scoring_day import ScoringDay, new_key
from tests.award.test_ledger_check import fill_in

WHY = "ไฟฟ้าดับที่สำนักงาน"


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path, live=(TRAT,))


def find_trat(site: BuiltSite) -> ScoringDay:
    """Trat's day as it is planned; nobody said how long its slots last."""
    made = ScoringDay(site, 0, (0, 0, 0))
    made.session = made.value("select id from scoring_session where province_code = '23'")
    slots = str(made.value(f"select group_concat(id) from (select id from slot where session_id = {made.session})"))
    first, second, third = (int(each) for each in slots.split(","))
    made.change("update slot set presenting_minutes = null, questions_minutes = null, scoring_minutes = null")
    made.slots = first, second, third
    return made


@pytest.fixture
def day(site: BuiltSite) -> ScoringDay:
    return find_trat(site)


@pytest.fixture
def organizer(site: BuiltSite) -> FlaskClient:
    return site.client_as("organizer")


def panel_of(day: ScoringDay) -> int:
    return int(day.value("select id from panel where zone_number = 9"))


def plan(made: ScoringDay, client: FlaskClient, **changed: Any) -> Any:
    """Plans a slot of Trat; where it would clash, all the same."""
    sent = {
        "province": TRAT, "day": "20/7/2564", "channel": "Webex", "call_url": "https://call.example/trat",
        "slot-1": "yes", "slot-1-time": "๐๙.๓๐", "slot-1-place": "ห้องประชุมใหญ่", "slot-1-presenting": "๒๐",
    } | changed  # fmt: skip
    typed = {name: text for name, text in sent.items() if text is not None}
    answer = made.post(client, f"/agenda/{panel_of(made)}/plan", **typed)
    if answer.status_code == 200:
        answer = made.post(client, f"/agenda/{panel_of(made)}/plan", **typed, seen=seen_in(answer))
    return answer


def drop(day: ScoringDay, client: FlaskClient, slot: int) -> None:
    assert day.post(client, f"/agenda/slot/{slot}/drop", reason="จัดใหม่").status_code == 303


def whole(site: BuiltSite) -> list[Any]:
    with site.database.reading() as db:
        return check_ledger(db, anchors=site.settings.anchors)[1]


def test_the_agenda_says_what_is_planned_and_what_is_missing(day: ScoringDay, organizer: FlaskClient) -> None:
    page = organizer.get("/agenda/").text
    assert "2 of 2 provinces have a day" in page
    drop(day, organizer, day.first_slot)
    page = organizer.get(f"/agenda/{panel_of(day)}").text
    missing = page.split('id="missing"')[1].split("</section>")[0]
    assert "Trat" in missing and "Transparent" in missing and "Chanthaburi" not in missing
    assert "Slots that were dropped (1)" in page and "จัดใหม่" in page
    for slot in day.slots[1:]:
        drop(day, organizer, slot)
    assert day.value("select count(*) from scoring_session where id = :s", s=day.session) == 0, "its day went with them"
    assert "1 of 2 provinces have a day" in organizer.get("/agenda/").text


def test_an_empty_agenda_says_so(tmp_path: Path) -> None:
    site = build_site(tmp_path, provinces=(PHRAE,), live=(PHRAE,))
    day = ScoringDay(site, 0, (0, 0, 0))
    session = day.value("select id from scoring_session")
    panel = day.value("select panel_id from scoring_session")
    organizer = site.client_as("organizer")
    assert day.post(organizer, f"/agenda/day/{session}/drop", reason="ยกเลิก").status_code == 303
    assert "No day is planned for this panel" in organizer.get(f"/agenda/{panel}").text
    assert "no day yet" in organizer.get("/agenda/").text


CARDS = "select count(*) from assignment a join entry e on e.id = a.entry_id where e.code = 'to-23'"


def test_planning_gives_cards_for_what_was_sent(site: BuiltSite, day: ScoringDay, organizer: FlaskClient) -> None:
    fill_in(site)
    for slot in day.slots:
        drop(day, organizer, slot)
    assert day.value(CARDS) == 0
    answer = plan(day, organizer)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/agenda/{panel_of(day)}")
    row = day.value(
        "select group_concat(p.day || p.channel || p.call_url || ' ' || s.starts_at || s.place_th || "
        "s.presenting_minutes || coalesce(s.questions_minutes, '-')) from slot s join scoring_session p "
        "on p.id = s.session_id where p.province_code = '23'"
    )
    assert row == "2021-07-20Webexhttps://call.example/trat 2021-07-20T02:30:00.000000Zห้องประชุมใหญ่20-"
    assert day.value(CARDS) == 3
    assert whole(site) == []
    assert plan(day, organizer, **{"slot-1": None, "slot-3": "yes", "slot-3-time": "13.00"}).status_code == 303
    assert day.value("select count(*) from scoring_session where province_code = '23'") == 1, "added to the same day"
    assert whole(site) == []


def test_an_entry_sent_after_the_planning_gets_its_cards_then(
    site: BuiltSite, day: ScoringDay, organizer: FlaskClient
) -> None:
    drop(day, organizer, day.first_slot)
    assert plan(day, organizer, day="19/7/2564").status_code == 303
    assert day.value(CARDS) == 0
    fill_in(site)
    assert day.value(CARDS) == 3
    assert whole(site) == []


def test_a_number_once_given_to_a_slot_is_given_to_no_other(day: ScoringDay, organizer: FlaskClient) -> None:
    last = day.value("select max(id) from slot")
    drop(day, organizer, last)
    assert plan(day, organizer, **{"slot-1": None, "slot-3": "yes", "slot-3-time": "9:00"}).status_code == 303
    assert day.value("select max(id) from slot") == last + 1
    session = day.value("select max(id) from scoring_session")
    assert day.post(organizer, f"/agenda/day/{session}/drop", reason="จัดใหม่").status_code == 303
    assert plan(day, organizer, **{"slot-1": None, "slot-3": "yes", "slot-3-time": "9:00"}).status_code == 303
    assert day.value("select max(id) from scoring_session") == session + 1, "nor that of a dropped session"


def test_an_award_has_one_slot_for_a_province(day: ScoringDay, organizer: FlaskClient) -> None:
    answer = plan(day, organizer, day="26/7/2564")
    assert answer.status_code == 422
    assert "already has its slot for this province" in answer.text and "Move that slot instead" in answer.text


def seen_in(answer: Any) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', answer.text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"province": "54"}, "Choose the province."),
        ({"day": "31/2/2564"}, "Write a day such as"),
        ({"slot-1-time": "25.00"}, "Write a time such as"),
        ({"slot-1-presenting": "20.5"}, "Write whole minutes"),
        ({"slot-1": None}, "Choose at least one award"),
        ({"channel": " "}, "Choose or write how people meet"),
        ({"call_url": "javascript:alert(1)"}, "Write the whole address of the call"),
        ({"call_url": "https://user@call.example/"}, "Write the whole address of the call"),
    ],
)
def test_what_does_not_fit_is_said_and_kept(day: ScoringDay, organizer: FlaskClient, changed: Any, says: str) -> None:
    before = day.value("select count(*) from slot")
    answer = plan(day, organizer, **changed)
    assert answer.status_code == 422
    summary = answer.text.split('class="error-summary"')[1].split("</div>")[0]
    assert says in summary
    assert "ห้องประชุมใหญ่" in answer.text or "slot-1" in changed
    assert day.value("select count(*) from slot") == before


def test_the_organizer_moves_a_slot_with_a_reason_and_back(
    site: BuiltSite, day: ScoringDay, organizer: FlaskClient
) -> None:
    address = f"/agenda/slot/{day.first_slot}/move"
    for wrong in ({"reason": " "}, {"time": "99"}, {"time": "09.00"}):
        assert day.post(organizer, address, **{"time": "15.00", "reason": WHY, **wrong}).status_code == 422
    answer = day.post(organizer, address, time="15.00", reason=WHY)
    assert (answer.status_code, answer.headers["Location"].split("#")[1]) == (303, f"slot-{day.first_slot}")
    page = organizer.get(f"/agenda/{panel_of(day)}").text
    assert "Was 09:00 → 15:00" in page and WHY in page and "Move back to 09:00" in page
    assert whole(site) == []
    assert day.post(organizer, address, time="09.00", reason="Moved back").status_code == 303
    page = organizer.get(f"/agenda/{panel_of(day)}").text
    assert "Was 09:00" not in page, "it stands where it stood"
    assert whole(site) == []


def test_on_the_day_the_chair_moves_a_slot_and_the_province_sees_it_in_bold(site: BuiltSite, day: ScoringDay) -> None:
    chair, province, address = site.client_as("z9-chair"), site.client_as("p23"), f"/agenda/slot/{day.first_slot}/move"
    assert f'href="{address}"' in chair.get(f"/s/{day.session}/chair").text
    version = day.value("select version from scoring_session where id = :s", s=day.session)
    answer = day.post(chair, address, time="15.00", reason=WHY)
    assert answer.headers["Location"] == f"/s/{day.session}/chair#slot-{day.first_slot}"
    assert day.value("select version from scoring_session where id = :s", s=day.session) > version, "every page is told"
    page = province.get(f"/s/{day.session}/province").text
    assert "<strong>Was 09:00 → 15:00</strong>" in page
    assert "changed 19 Jul 2021 08:1" in page and WHY in page
    assert page.index("11:00") < page.index("Was 09:00"), "in the order of the new times"
    for address in ("/s/", f"/s/{day.session}"):
        assert "<strong>Was 09:00 → 15:00</strong>" in site.client_as("z9-member").get(address).text
    assert whole(site) == []


def test_who_moves_what_and_when(site: BuiltSite, day: ScoringDay) -> None:
    address = f"/agenda/slot/{day.first_slot}/move"
    for login, status in (("z9-member", 403), ("p23", 403), ("auditor", 403), ("z1-chair", 404)):
        assert day.post(site.client_as(login), address, time="15.00", reason=WHY).status_code == status
    site.clock.set(datetime(2021, 7, 18, 9, tzinfo=BANGKOK))
    assert day.post(site.client_as("z9-chair"), address, time="15.00", reason=WHY).status_code == 403, "not the day yet"
    assert day.value("select count(*) from slot_move") == 0


def test_a_closed_slot_stays_and_an_open_one_moves_but_is_not_dropped(day: ScoringDay, organizer: FlaskClient) -> None:
    other = day.value("select s.id from slot s join scoring_session p on p.id = s.session_id "
                      "where p.province_code = '22' and s.state = 'closed' limit 1")  # fmt: skip
    answer = day.post(organizer, f"/agenda/slot/{other}/move", time="15.00", reason=WHY)
    assert answer.status_code == 423 and "This slot is closed" in answer.text
    assert day.post(organizer, f"/agenda/slot/{other}/drop", reason=WHY).status_code == 423
    day.open()
    assert day.post(organizer, f"/agenda/slot/{day.first_slot}/drop", reason=WHY).status_code == 423
    assert day.post(organizer, f"/agenda/slot/{day.first_slot}/move", time="15.00", reason=WHY).status_code == 303
    assert day.post(organizer, f"/agenda/day/{day.session}/drop", reason=WHY).status_code == 423
    assert day.post(organizer, f"/agenda/day/{day.session}/move", day="26/7/2564", reason=WHY).status_code == 423


def test_a_slot_with_something_on_record_is_not_dropped(day: ScoringDay, organizer: FlaskClient) -> None:
    chair = day.site.client_as("z9-chair")
    assert day.post(chair, f"/s/slot/{day.first_slot}/attendance", seat=day.seat("z9-member"), state="present",
                    form="x").status_code == 303  # fmt: skip
    answer = day.post(organizer, f"/agenda/slot/{day.first_slot}/drop", reason=WHY)
    assert answer.status_code == 423 and "Something was recorded in this slot" in answer.text


def test_a_whole_day_moves_and_what_was_held_stays(site: BuiltSite, day: ScoringDay, organizer: FlaskClient) -> None:
    address = f"/agenda/day/{day.session}/move"
    for wrong in ({"day": "x"}, {"reason": ""}, {"day": "19/7/2564"}):
        assert day.post(organizer, address, **{"day": "26/7/2564", "reason": WHY, **wrong}).status_code == 422
    assert day.post(organizer, address, day="26/7/2564", reason=WHY).headers["Location"] == f"/agenda/day/{day.session}"
    assert "Was 19 Jul 2021 09:00 → 26 Jul 2021 09:00" in organizer.get(f"/agenda/{panel_of(day)}").text
    day.change("update slot set state = 'closed' where id = :s", s=day.first_slot)
    answer = day.post(organizer, address, day="27/7/2564", reason=WHY)
    seen = seen_in(answer)
    warned = re.search(r"<li>\s*(Trat has two days: .*?)\s*</li>", answer.text, re.DOTALL)
    assert warned, "warned: what was held stays on its day"
    assert warned[1].count("Trat") == 1 and warned[1].count("zone 9, ") == 2, "named once"
    answer = day.post(organizer, address, day="27/7/2564", reason=WHY, seen=seen)
    other = int(answer.headers["Location"].rsplit("/", 1)[1])
    assert other != day.session
    days = {row.day: len(row.slots) for row in planned(site) if row.province_code == TRAT}
    assert days == {date(2021, 7, 26): 1, date(2021, 7, 27): 2}
    assert day.value("select call_passcode from scoring_session where id = :s", s=other) == day.value(
        "select call_passcode from scoring_session where id = :s", s=day.session)  # fmt: skip


def planned(site: BuiltSite) -> Any:
    with site.database.reading() as db:
        return list_planned(db, provinces=(TRAT, CHANTHABURI))


def clashes(site: BuiltSite) -> list[tuple[str, bool]]:
    with site.database.reading() as db:
        panels = [panel.id for panel in list_panels(db)]
        found = find_clashes(list_planned(db, panel_ids=panels), list_sitters(db, panel_ids=panels))
    return [(each.kind, each.is_certain) for each in found]


@pytest.fixture
def two(tmp_path: Path) -> ScoringDay:
    """Trat and Phrae, of two zones, on one morning."""
    site = build_site(tmp_path, provinces=(TRAT, PHRAE), live=(TRAT, PHRAE))
    day = ScoringDay(site, 0, (0, 0, 0))
    day.session = day.value("select id from scoring_session where province_code = '23'")
    day.change("update scoring_session set call_url = 'https://call.example/' || id")
    day.change("update scoring_session set day = '2021-07-19'")
    day.change("update slot set starts_at = '2021-07-19' || substr(starts_at, 11), "
               "presenting_minutes = null, questions_minutes = null, scoring_minutes = null")  # fmt: skip
    return day


def test_two_zones_at_one_hour_are_no_clash_unless_somebody_must_be_at_both(two: ScoringDay) -> None:
    assert clashes(two.site) == []
    # The director of one training centre sits in both zones.
    person = two.value("select user_id from duty d join seat s on s.duty_id = d.id where s.code = 'z9-member'")
    two.change("update duty set user_id = :u where id = (select duty_id from seat where code = 'z16-member')", u=person)
    assert clashes(two.site) == [("person", True)]
    page = two.site.client_as("organizer").get("/agenda/").text
    assert "One person sits on both panels" in page and "Trat" in page and "Phrae" in page
    later = "update slot set starts_at = '2021-07-19T0' || (id % 3 + 7) || ':30:00.000000Z' where session_id = :s"
    two.change(later, s=two.session)
    assert clashes(two.site) == [("person", False)], "after the last slot of Phrae, whose length nobody said"
    two.change("update slot set presenting_minutes = 30")
    assert clashes(two.site) == [], "Phrae is done at 13.30, and Trat begins at 14.30"


def test_a_person_who_no_longer_holds_the_duty_is_at_one_place_only(two: ScoringDay) -> None:
    person = two.value("select user_id from duty d join seat s on s.duty_id = d.id where s.code = 'z9-member'")
    two.change("update duty set user_id = :u, to_day = '2021-07-18' "
               "where id = (select duty_id from seat where code = 'z16-member')", u=person)  # fmt: skip
    assert clashes(two.site) == []


def test_one_call_link_and_one_province_twice_are_warned(two: ScoringDay) -> None:
    two.change("update scoring_session set call_url = 'https://call.example/same'")
    assert clashes(two.site) == [("call", True)]
    two.change("update scoring_session set call_url = '', province_code = '23'")
    assert clashes(two.site) == [("province", True)]


def test_a_clash_is_shown_before_saving_and_saved_when_asked_again(two: ScoringDay) -> None:
    organizer = two.site.client_as("organizer")
    person = two.value("select user_id from duty d join seat s on s.duty_id = d.id where s.code = 'z9-member'")
    two.change("update duty set user_id = :u where id = (select duty_id from seat where code = 'z16-member')", u=person)
    two.change("update scoring_session set day = '2021-07-20' where id = :s", s=two.session)
    two.change("update slot set starts_at = '2021-07-20' || substr(starts_at, 11) where session_id = :s", s=two.session)
    assert clashes(two.site) == []
    address = f"/agenda/day/{two.session}/move"
    answer = two.post(organizer, address, day="19/7/2564", reason=WHY)
    assert answer.status_code == 200 and "Nothing is saved yet" in answer.text
    assert two.value("select day from scoring_session where id = :s", s=two.session) == "2021-07-20"
    assert two.post(organizer, address, day="19/7/2564", reason=WHY, seen=seen_in(answer)).status_code == 303
    assert clashes(two.site) == [("person", True)]


def test_reading_an_agenda_takes_the_same_statements_for_one_row_and_three(two: ScoringDay) -> None:
    organizer = two.site.client_as("organizer")
    counts = []
    panel = two.value("select panel_id from scoring_session where id = :s", s=two.session)
    addresses = ("/agenda/", f"/agenda/{panel}", f"/agenda/day/{two.session}", f"/s/{two.session}/province")
    for slots in (3, 1):
        if slots == 1:
            two.change("delete from assignment")
            two.change("delete from slot where id not in (select min(id) from slot group by session_id)")
        counted = []
        for address in addresses:
            with two.site.statements() as seen:
                assert organizer.get(address).status_code == 200
            counted.append(len(seen))
        counts.append(counted)
    assert counts[0] == counts[1]


def test_the_agenda_is_for_organizers_and_auditors_look_on(site: BuiltSite, day: ScoringDay) -> None:
    panel = panel_of(day)
    for login, look, write in (("auditor", 200, 403), ("p23", 403, 403), ("z9-chair", 403, 403)):
        client = site.client_as(login)
        assert client.get("/agenda/").status_code == look
        assert client.get(f"/agenda/{panel}").status_code == look
        assert client.get(f"/agenda/{panel}/plan").status_code == write
        assert plan(day, client).status_code == write
        assert client.get(f"/agenda/day/{day.session}").status_code == write
        for address in (f"day/{day.session}/call", f"day/{day.session}/move", f"day/{day.session}/drop"):
            assert day.post(client, f"/agenda/{address}", reason=WHY).status_code == write
    assert site.client_as("organizer").get("/agenda/99").status_code == 404


def test_the_call_of_a_day_is_changed(site: BuiltSite, day: ScoringDay, organizer: FlaskClient) -> None:
    address = f"/agenda/day/{day.session}/call"
    sent = {"channel": "Session call", "call_url": "https://call.example/x", "call_id": "๑๒๓", "call_passcode": "เปิด"}
    assert day.post(organizer, address, **sent).status_code == 303
    assert "Join the call (Session call)" in site.client_as("z9-member").get(f"/s/{day.session}").text
    answer = day.post(organizer, address, **sent | {"call_url": "data:text/html,x"})
    assert answer.status_code == 422 and "data:text/html,x" in answer.text
    key = new_key()
    for _ in range(2):
        assert organizer.post(address, data={"key": key, **sent}).status_code == 303
    assert day.value('select count(*) from ledger_line where line like \'%"act":"change_session"%\'') == 2


def test_a_panel_is_found_whole(site: BuiltSite, day: ScoringDay) -> None:
    with site.database.reading() as db:
        found = find_panel(db, panel_of(day))
        assert found is not None and find_panel(db, 999) is None
    assert [place.code for place in found.provinces] == [CHANTHABURI, TRAT]
    assert (len(found.turns), found.missing) == (3, ())
