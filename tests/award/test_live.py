"""A scoring day while it is lived: the status that pages ask for, what the chair sets in motion, who may do it."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from flask.testing import FlaskClient

from award.clock import BANGKOK
from tests.award.scoring_day import MEMBERS, ScoringDay, build_day, new_key

NINE = datetime(2021, 7, 19, 9, 0, tzinfo=BANGKOK)


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    day = build_day(tmp_path)
    day.site.clock.set(NINE)
    return day


def version(day: ScoringDay) -> int:
    return int(day.value("select version from scoring_session where id = :id", id=day.session))


def status(day: ScoringDay, client: FlaskClient) -> dict[str, Any]:
    answer = client.get(f"/s/{day.session}/live")
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def slot(day: ScoringDay, client: FlaskClient, number: int = 0) -> dict[str, Any]:
    return next(each for each in status(day, client)["slots"] if each["id"] == day.slots[number])


def begin(day: ScoringDay, client: FlaskClient, phase: str, number: int = 0, **data: Any) -> Any:
    last = day.value("select coalesce(max(id), 0) from phase where slot_id = :s", s=day.slots[number])
    sent = {"phase": phase, "minutes": "", "after": str(last)} | data
    return day.post(client, f"/s/slot/{day.slots[number]}/phase", **sent)


def tick(day: ScoringDay, client: FlaskClient, login: str, state: str, **data: Any) -> Any:
    sent = {"seat": str(day.seat(login)), "state": state} | data
    return day.post(client, f"/s/slot/{day.first_slot}/attendance", **sent)


def last_line(day: ScoringDay, verb: str) -> dict[str, Any]:
    """The body of the latest line of a verb."""
    line = day.value(
        "select line from ledger_line where line like :like order by at desc, seq desc limit 1",
        like=f'%"act":"{verb}"%',
    )
    return dict(json.loads(line)["body"])


# --- the status ---------------------------------------------------------------------------------------------------


def test_the_status_is_small_and_tells_the_panel_counts_and_the_province_none(day: ScoringDay) -> None:
    chair, officer = day.site.client_as("z9-chair"), day.site.client_as("p23")
    told = status(day, chair)
    assert set(told) == {"version", "rehearsal", "now_slot", "next_slot", "slots"}
    assert (told["now_slot"], told["next_slot"], told["rehearsal"]) == (None, day.first_slot, False)
    first = told["slots"][0]
    assert first == {
        "id": day.first_slot, "state": "planned", "phase": "", "phase_at": None, "ends_at": None,
        "starts_at": int(NINE.timestamp() * 1000), "began_at": None, "ready_province": False,
        "done": 0, "cards": 3, "ready_seats": [], "asks": 0,
    }  # fmt: skip
    of_province = slot(day, officer)
    assert of_province.keys() == first.keys() - {"done", "cards", "ready_seats", "asks"}
    assert len(chair.get(f"/s/{day.session}/live").data) < 1000


def test_only_who_follows_the_day_is_told(day: ScoringDay) -> None:
    answers = {
        login: day.site.client_as(login).get(f"/s/{day.session}/live").status_code
        for login in (*MEMBERS, "organizer", "auditor", "p23", "p22", "z10-member", "admin")
    }
    assert answers == dict.fromkeys((*MEMBERS, "organizer", "auditor", "p23"), 200) | {
        "p22": 404, "z10-member": 404, "admin": 403,
    }  # fmt: skip
    asked = day.site.client().get(f"/s/{day.session}/live", headers={"Accept": "application/json"})
    assert asked.status_code == 401
    assert day.site.client_as("z9-member").get("/s/999999/live").status_code == 404


def test_unchanged_it_costs_two_statements_and_changed_three_and_marks_are_never_touched(day: ScoringDay) -> None:
    member, chair = day.site.client_as("z9-member"), day.site.client_as("z9-chair")
    address = f"/s/{day.session}/live"
    day.open()
    tag = member.get(address).headers["ETag"]
    with day.site.statements() as unchanged:
        answer = member.get(address, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == tag
    assert abs(int(answer.headers["X-Now"]) - NINE.timestamp() * 1000) < 60_000
    begin(day, chair, "presenting")
    with day.site.statements() as changed:
        fresh = member.get(address, headers={"If-None-Match": tag})
    assert fresh.status_code == 200
    assert fresh.headers["ETag"] != tag
    with day.site.statements() as kept:  # another member asks for the same version: its body is made already
        assert day.site.client_as("z9-secretary").get(address).json == fresh.json
    assert len(unchanged) == 2, "the sign-in, then access and version together"
    assert len(changed) == 3
    assert "slot" not in unchanged[1].split("FROM")[0]
    for statement in (*unchanged, *changed, *kept):
        assert not re.search(r"\bmark\b", statement), statement


def test_another_process_sees_the_change(day: ScoringDay) -> None:
    """The version comes from the database each time, whoever counted it on."""
    member = day.site.client_as("z9-member")
    before = member.get(f"/s/{day.session}/live")
    day.change(
        "update slot set state = 'open', opened_at = '2021-07-19T02:01:00.000000Z' where id = :s", s=day.first_slot
    )
    unasked = member.get(f"/s/{day.session}/live")
    assert unasked.json == before.json, "without a new version the old answer is good"
    day.change("update scoring_session set version = version + 1 where id = :s", s=day.session)
    assert slot(day, member)["state"] == "open"


def test_the_province_and_the_panel_have_answers_of_their_own(day: ScoringDay) -> None:
    member, officer = day.site.client_as("z9-member"), day.site.client_as("p23")
    tags = {client.get(f"/s/{day.session}/live").headers["ETag"] for client in (member, officer)}
    assert len(tags) == 2
    tag = member.get(f"/s/{day.session}/live").headers["ETag"]
    assert officer.get(f"/s/{day.session}/live", headers={"If-None-Match": tag}).status_code == 200


# --- phases -------------------------------------------------------------------------------------------------------


def test_the_chair_sets_the_parts_of_a_slot_in_motion_and_everybody_sees_when_they_end(day: ScoringDay) -> None:
    chair, officer = day.site.client_as("z9-chair"), day.site.client_as("p23")
    day.change("update slot set presenting_minutes = 15, scoring_minutes = null where id = :s", s=day.first_slot)
    assert begin(day, chair, "presenting").status_code == 303
    told = slot(day, officer)
    assert told["phase"] == "presenting"
    assert told["ends_at"] - told["phase_at"] == 15 * 60_000
    assert status(day, officer)["now_slot"] == day.first_slot
    assert status(day, officer)["next_slot"] == day.slots[1]
    assert last_line(day, "begin_phase") == {"slot": day.first_slot, "phase": "presenting", "seconds": 900}
    assert begin(day, chair, "questions", minutes="๒๐").status_code == 303, "Thai digits"
    told = slot(day, officer)
    assert told["ends_at"] - told["phase_at"] == 20 * 60_000
    assert told["began_at"] < told["phase_at"]
    assert begin(day, chair, "scoring").status_code == 303
    assert slot(day, officer)["ends_at"] is None, "nobody said how long"
    assert last_line(day, "begin_phase")["seconds"] is None


@pytest.mark.parametrize("minutes", ["0", "601", "ten", "-5", "1.5", "99999"])
def test_minutes_that_are_none_are_refused_and_kept_in_the_form(day: ScoringDay, minutes: str) -> None:
    answer = begin(day, day.site.client_as("z9-chair"), "presenting", minutes=minutes, form=f"steps-{day.first_slot}")
    assert answer.status_code == 422
    assert f'value="{minutes}"' in answer.text
    assert day.value("select count(*) from phase") == 0


def test_parts_fit_the_state_of_the_slot(day: ScoringDay) -> None:
    chair = day.site.client_as("z9-chair")
    assert begin(day, chair, "discussion").status_code == 423, "nothing to discuss yet"
    day.open()
    assert begin(day, chair, "scoring").status_code == 303
    day.send_all({"z9-chair": "4", "z9-member": "4", "z9-secretary": "4"})
    day.close()
    assert (slot(day, chair)["state"], slot(day, chair)["phase"]) == ("closed", ""), "its time for marking is over"
    assert status(day, chair)["now_slot"] is None
    for phase in ("presenting", "questions", "scoring"):
        assert begin(day, chair, phase).status_code == 423
    assert begin(day, chair, "discussion", minutes="5").status_code == 303
    assert status(day, chair)["now_slot"] == day.first_slot
    assert begin(day, chair, "done").status_code == 303
    assert status(day, chair)["now_slot"] is None
    assert begin(day, chair, "party").status_code == 422


def test_nothing_begins_before_the_day_but_for_a_rehearsal(day: ScoringDay) -> None:
    chair = day.site.client_as("z9-chair")
    day.site.clock.set(NINE - timedelta(days=1))
    assert begin(day, chair, "presenting").status_code == 423
    assert tick(day, chair, "z9-member", "present").status_code == 423
    day.change("update scoring_session set rehearsed_from = '2021-07-18T01:00:00.000000Z' where id = :s", s=day.session)
    assert begin(day, chair, "presenting").status_code == 303
    assert tick(day, chair, "z9-member", "present").status_code == 303


def test_two_devices_press_at_once_and_the_part_begins_once(day: ScoringDay) -> None:
    clients, answers, together = [day.site.client_as("z9-chair") for _ in range(2)], [], Barrier(2)

    def press(client: FlaskClient) -> None:
        data = {"key": new_key(), "phase": "presenting", "minutes": "15", "after": "0"}
        together.wait()
        answers.append(client.post(f"/s/slot/{day.first_slot}/phase", data=data).status_code)

    presses = [Thread(target=press, args=(client,)) for client in clients]
    for each in presses:
        each.start()
    for each in presses:
        each.join()
    assert sorted(answers) == [303, 409]
    assert day.value("select count(*) from phase") == 1


def test_a_press_sent_twice_is_one(day: ScoringDay) -> None:
    chair = day.site.client_as("z9-chair")
    data = {"key": "pressed-twice", "phase": "presenting", "minutes": "15", "after": "0"}
    for _ in range(2):
        assert chair.post(f"/s/slot/{day.first_slot}/phase", data=data).status_code == 303
    assert day.value("select count(*) from phase") == 1
    lines = 'select count(*) from ledger_line where line like \'%"act":"begin_phase"%\''
    assert day.value(lines) == 1


# --- who is there -------------------------------------------------------------------------------------------------


def test_attendance_is_ticked_late_comers_with_their_time(day: ScoringDay) -> None:
    chair = day.site.client_as("z9-chair")
    day.site.clock.set(NINE + timedelta(minutes=30))
    assert day.post(chair, f"/s/slot/{day.first_slot}/attendance/all").status_code == 303
    assert day.value("select count(*) from attendance where state = 'present'") == 3
    assert tick(day, chair, "z9-member", "late", arrived="๐๙.๒๐ น.").status_code == 303
    assert last_line(day, "record_attendance")["arrived_at"] == "2021-07-19T09:20:00+07:00"
    page = chair.get(f"/s/{day.session}/chair").text
    assert "late, since 09:20" in page
    assert tick(day, chair, "z9-secretary", "late").status_code == 303
    arrived = day.value("select arrived_at from attendance where seat_id = :s", s=day.seat("z9-secretary"))
    assert str(arrived).startswith("2021-07-19T02:30"), "without a time it is now"
    for wrong in ({"arrived": "25.00"}, {"arrived": "soon"}, {"arrived": "23.50"}):
        assert tick(day, chair, "z9-member", "late", **wrong).status_code == 422
    assert tick(day, chair, "z9-member", "asleep").status_code == 422
    assert tick(day, chair, "z9-member", "absent").status_code == 303
    assert day.value("select count(*) from attendance") == 3
    assert tick(day, chair, "z10-member", "present").status_code == 404


def test_all_present_leaves_those_alone_that_were_ticked(day: ScoringDay) -> None:
    chair = day.site.client_as("z9-chair")
    tick(day, chair, "z9-member", "absent")
    day.post(chair, f"/s/slot/{day.first_slot}/attendance/all")
    states = day.row("select group_concat(state) from (select state from attendance order by seat_id)")[0]
    assert sorted(states.split(",")) == ["absent", "present", "present"]


def test_who_missed_the_presentation_sends_only_with_the_chairs_reason(day: ScoringDay) -> None:
    day.open()
    chair, member, card = day.site.client_as("z9-chair"), day.site.client_as("z9-member"), day.card("z9-member")
    day.save(member, card, day.whole("4"))
    address, seat = f"/s/slot/{day.first_slot}/allow", str(day.seat("z9-member"))
    reason = "ได้ดูบันทึกวิดีโอการนำเสนอครบถ้วนแล้ว"
    assert day.post(chair, address, seat=seat, reason=reason).status_code == 423, (
        "nobody said that the member missed it"
    )
    tick(day, chair, "z9-member", "absent")
    assert day.send(member, card).status_code == 423
    assert day.post(chair, address, seat=seat, reason="ok").status_code == 422
    assert day.post(chair, address, seat=seat, reason=reason).status_code == 303
    assert day.send(member, card).status_code == 303
    assert set(last_line(day, "allow_member")) == {"slot", "member", "reason"}
    assert reason not in json.dumps(last_line(day, "allow_member"), ensure_ascii=False), (
        "free text stays out of the line"
    )
    assert reason in chair.get(f"/s/{day.session}/chair").text


def test_members_and_the_province_say_that_they_are_ready_and_take_it_back(day: ScoringDay) -> None:
    member, officer, chair = (day.site.client_as(login) for login in ("z9-member", "p23", "z9-chair"))
    address, lines = f"/s/slot/{day.first_slot}/ready", day.value("select count(*) from ledger_line")
    assert day.post(member, address, ready="yes", who="seat", back="/s/").headers["Location"] == "/s/"
    for _ in range(2):  # pressed twice
        assert day.post(officer, address, ready="yes", who="province").status_code == 303
    told = slot(day, chair)
    assert (told["ready_seats"], told["ready_province"]) == ([day.seat("z9-member")], True)
    before = version(day)
    assert day.post(member, address, ready="no", who="seat", back="//elsewhere.example/").headers["Location"] == "/"
    assert version(day) == before + 1
    assert slot(day, chair)["ready_seats"] == []
    assert day.value("select count(*) from ledger_line") == lines, "it decides nothing"
    for login, who in (("p23", "seat"), ("z9-member", "province"), ("p22", "province"), ("z10-member", "seat")):
        client = day.site.client_as(login)
        assert day.post(client, address, ready="yes", who=who).status_code == 404, (login, who)
    assert day.post(day.site.client_as("admin"), address, ready="yes", who="seat").status_code == 403


# --- passing the chair --------------------------------------------------------------------------------------------


def recuse_everywhere(day: ScoringDay, login: str) -> None:
    day.post(day.site.client_as(login), f"/s/card/{day.card(login)}/recuse", reason="เคยดำรงตำแหน่งในจังหวัดนี้")


def test_a_chair_who_is_recused_passes_the_slot_on_before_it_is_opened(day: ScoringDay) -> None:
    recuse_everywhere(day, "z9-chair")
    chair, member = day.site.client_as("z9-chair"), day.site.client_as("z9-member")
    refused = day.post(chair, f"/s/slot/{day.first_slot}/open")
    assert refused.status_code == 423
    assert "Pass the chair of it to another member first." in refused.text
    assert member.get(f"/s/{day.session}/chair").status_code == 403
    address = f"/s/slot/{day.first_slot}/pass"
    assert day.post(chair, address, seat=str(day.seat("z9-member")), reason=" ").status_code == 422
    assert day.post(chair, address, seat=str(day.seat("z10-member")), reason="x").status_code == 404
    passed = day.post(chair, address, seat=str(day.seat("z9-member")), reason="ประธานถอนตัวจากช่วงนี้")
    assert passed.status_code == 303
    assert set(last_line(day, "pass_chair")) == {"slot", "member", "reason"}

    page = member.get(f"/s/{day.session}/chair").text
    assert "Open this slot for marking" in page.split('id="stage"')[1].split('id="asked"')[0]
    assert f'action="/s/slot/{day.slots[1]}/open"' not in page, "this slot only"
    assert day.post(member, f"/s/slot/{day.slots[1]}/open").status_code == 403
    assert day.post(chair, f"/s/slot/{day.first_slot}/open").status_code == 423, "the panel's chair has passed it"
    assert day.post(member, f"/s/slot/{day.first_slot}/open").status_code == 303
    assert begin(day, member, "presenting").status_code == 303
    assert begin(day, chair, "questions").status_code == 423
    assert tick(day, member, "z9-chair", "present").status_code == 303
    day.send_all({"z9-member": "4", "z9-secretary": "4"})
    assert day.post(chair, f"/s/slot/{day.first_slot}/close").status_code == 423
    assert day.post(member, f"/s/slot/{day.first_slot}/close").status_code == 303
    again = day.post(
        member, f"/s/slot/{day.first_slot}/cards/{day.card('z9-secretary')}/reopen", reason="พบหลักฐานเพิ่มเติม"
    )
    assert again.status_code == 303
    back = day.post(member, address, seat="", reason="")
    assert back.headers["Location"] == f"/s/{day.session}", "no page of the chair any more"
    assert member.get(f"/s/{day.session}/chair").status_code == 403
    assert last_line(day, "pass_chair")["member"] is None


def test_the_panels_chair_takes_a_slot_back_and_others_pass_nothing(day: ScoringDay) -> None:
    chair, secretary = day.site.client_as("z9-chair"), day.site.client_as("z9-secretary")
    address, seat = f"/s/slot/{day.first_slot}/pass", str(day.seat("z9-member"))
    assert day.post(secretary, address, seat=seat, reason="ขอเป็นเอง").status_code == 403
    assert day.post(chair, address, seat="", reason="").status_code == 423, "nothing to take back"
    assert day.post(chair, address, seat=seat, reason="ติดราชการด่วน").status_code == 303
    assert day.post(secretary, address, seat=seat, reason="ขอเป็นเอง").status_code == 403
    assert "Take the chair back" in chair.get(f"/s/{day.session}/chair").text
    assert day.post(chair, address, seat="", reason="").status_code == 303
    assert day.post(chair, f"/s/slot/{day.first_slot}/open").status_code == 303


def test_nobody_who_is_recused_is_passed_the_chair(day: ScoringDay) -> None:
    recuse_everywhere(day, "z9-member")
    answer = day.post(
        day.site.client_as("z9-chair"),
        f"/s/slot/{day.first_slot}/pass",
        seat=str(day.seat("z9-member")),
        reason="ติดราชการ",
    )
    assert answer.status_code == 422
    assert "recused from the slot" in answer.text


# --- notes, requests, paper, network ------------------------------------------------------------------------------


def test_the_chair_notes_what_the_minutes_shall_say(day: ScoringDay) -> None:
    chair, address = day.site.client_as("z9-chair"), f"/s/slot/{day.first_slot}/note"
    note = "ไฟฟ้าดับ 5 นาที เริ่มนำเสนอใหม่"
    assert day.post(chair, address, text=" ").status_code == 422
    assert day.post(chair, address, text="ก" * 2001).status_code == 422
    assert day.post(chair, address, text=note).status_code == 303
    assert note in chair.get(f"/s/{day.session}/chair").text
    assert note not in json.dumps(last_line(day, "note_minutes"), ensure_ascii=False)
    assert day.post(day.site.client_as("z9-member"), address, text=note).status_code == 403


def test_opening_a_card_again_answers_who_asked_for_it(day: ScoringDay) -> None:
    day.open()
    day.send_all({"z9-chair": "4", "z9-member": "4"})
    chair, member, card = day.site.client_as("z9-chair"), day.site.client_as("z9-member"), day.card("z9-member")
    reason = "ขอแก้คะแนนข้อ 2 ตามที่หารือ"
    assert day.post(member, f"/s/card/{card}/ask", changes="0", reason=reason).status_code == 303
    assert slot(day, chair)["asks"] == 1
    page = chair.get(f"/s/{day.session}/chair").text
    assert reason in page
    assert "Leave it as it is" in page
    assert day.post(chair, f"/s/slot/{day.first_slot}/cards/{card}/reopen", reason="ให้แก้ไขตามที่ขอ").status_code == 303
    assert slot(day, chair)["asks"] == 0
    assert reason not in chair.get(f"/s/{day.session}/chair").text
    assert day.value("select answered_at is not null and answer = '' from reopening_request") == 1


def test_declining_shows_a_refusal_on_the_chairs_page(day: ScoringDay) -> None:
    day.open()
    day.send_all({"z9-member": "4"})
    chair, member, card = day.site.client_as("z9-chair"), day.site.client_as("z9-member"), day.card("z9-member")
    day.post(member, f"/s/card/{card}/ask", changes="2", reason="เครือข่ายขัดข้อง")
    ask = day.value("select id from reopening_request")
    address = f"/s/slot/{day.first_slot}/requests/{ask}/decline"
    refused = day.post(chair, address, reason="no", form=f"no-{ask}")
    assert refused.status_code == 422
    assert 'class="error-summary"' in refused.text
    assert ">no</textarea>" in refused.text, "what was typed is kept"
    assert day.post(chair, address, reason="ข้อมูลครบถ้วนตามที่ส่งแล้ว").status_code == 303
    assert slot(day, chair)["asks"] == 0


def test_a_paper_sheet_that_its_member_did_not_confirm_is_marked(day: ScoringDay) -> None:
    day.open()
    day.change("update assignment set state = 'sent', paper = 'unconfirmed' where id = :c", c=day.card("z9-member"))
    chair = day.site.client_as("z9-chair")
    assert "from paper, not confirmed by the member" in chair.get(f"/s/{day.session}/chair").text


def test_the_chair_sees_whose_network_is_gone(day: ScoringDay) -> None:
    chair, member = day.site.client_as("z9-chair"), day.site.client_as("z9-member")
    sightings = day.site.app.extensions["award"].sightings
    lines, before = day.value("select count(*) from ledger_line"), version(day)
    member.get(f"/s/{day.session}/live?unsent=6")
    chair.get(f"/s/{day.session}/live")
    day.site.client_as("p23").get(f"/s/{day.session}/live?unsent=3")
    lines += 1  # the officer's sign-in
    with day.site.statements() as written:
        assert sightings.flush(day.site.database, day.site.clock) == 2, "who holds no seat is not kept"
    assert len(written) == 2, "one transaction: who is known, and the new ones"
    assert day.row("select unsent from sighting where seat_id = :s", s=day.seat("z9-member"))[0] == 6
    network = chair.get(f"/s/{day.session}/chair/network").text
    assert "6 changes wait on the device" in network
    assert network.count("connected") == 2
    assert network.count("page not opened yet") == 1
    day.site.clock.set(NINE + timedelta(seconds=90))
    member.get(f"/s/{day.session}/live?unsent=0")
    sightings.flush(day.site.database, day.site.clock)
    network = chair.get(f"/s/{day.session}/chair/network").text
    assert "changes wait" not in network
    assert network.count("not seen since 09:00") == 1, "the chair's own page"
    assert sightings.flush(day.site.database, day.site.clock) == 0
    assert (day.value("select count(*) from ledger_line"), version(day)) == (lines, before)
    assert member.get(f"/s/{day.session}/live?unsent=many").status_code == 400
    assert member.get(f"/s/{day.session}/chair/network").status_code == 403


def test_a_sighting_of_another_process_is_not_set_back(day: ScoringDay) -> None:
    member, sightings = day.site.client_as("z9-member"), day.site.app.extensions["award"].sightings
    member.get(f"/s/{day.session}/live?unsent=1")
    sightings.flush(day.site.database, day.site.clock)
    later = (NINE + timedelta(minutes=5)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    day.change("update sighting set seen_at = :at, unsent = 4", at=later)
    member.get(f"/s/{day.session}/live?unsent=1")
    sightings.flush(day.site.database, day.site.clock)
    assert day.row("select unsent, seen_at from sighting") == (4, later)


# --- every act tells ----------------------------------------------------------------------------------------------


def test_every_act_tells_the_pages_and_saving_marks_does_not(day: ScoringDay) -> None:
    chair, member, secretary = (day.site.client_as(login) for login in MEMBERS)
    at, card, entry = (
        f"/s/slot/{day.first_slot}",
        day.card("z9-member"),
        day.value("select id from entry where code = 'to-23'"),
    )
    seat = str(day.seat("z9-member"))
    day.site.clock.set(NINE + timedelta(minutes=1))
    known = version(day)

    def told(what: str, answer: Any) -> None:
        nonlocal known
        assert answer.status_code == 303, (what, answer.text[-500:])
        assert version(day) > known, what
        known = version(day)

    for login, client in zip(MEMBERS, (chair, member, secretary), strict=True):
        told(f"declare {login}", day.declare(client))
    told("ready", day.post(member, f"{at}/ready", ready="yes", who="seat"))
    told("open", day.post(chair, f"{at}/open"))
    told("attendance", tick(day, chair, "z9-member", "late"))
    told("allow", day.post(chair, f"{at}/allow", seat=seat, reason="เห็นควรให้ส่งคะแนนได้"))
    told("phase", begin(day, chair, "presenting"))
    told("note", day.post(chair, f"{at}/note", text="เริ่มช้า 5 นาที"))
    told("excuse", day.post(chair, f"{at}/excuse", seat=seat, entry=str(entry), kind="absent", reason="ลาป่วย"))
    told("excuse no more", day.post(chair, f"{at}/excuse", seat=seat, entry=str(entry), kind="", reason="มาแล้ว"))
    told("presence", day.post(chair, f"{at}/entries/{entry}/presence", presented="no", reason="ไฟดับ"))
    told("presence after all", day.post(chair, f"{at}/entries/{entry}/presence", presented="yes", reason="ไฟมา"))
    told("pass", day.post(chair, f"{at}/pass", seat=seat, reason="ติดราชการ"))
    told("back", day.post(chair, f"{at}/pass", seat="", reason=""))
    for login, client in zip(MEMBERS, (chair, member, secretary), strict=True):
        assert day.save(client, day.card(login), day.whole("4")).status_code == 200
        assert version(day) == known, "saving marks tells nobody"
        told(f"send {login}", day.send(client, day.card(login)))
    told("ask", day.post(member, f"/s/card/{card}/ask", changes="0", reason="ขอแก้ไข"))
    ask = day.value("select max(id) from reopening_request")
    told("decline", day.post(chair, f"{at}/requests/{ask}/decline", reason="ครบถ้วนแล้วไม่ต้องแก้"))
    told("reopen a card", day.post(chair, f"{at}/cards/{card}/reopen", reason="พบหลักฐานเพิ่มเติม"))
    told("recuse", day.post(member, f"/s/card/{card}/recuse", reason="เป็นญาติกับผู้เสนอผลงาน"))
    told("close", day.post(chair, f"{at}/close"))
    told("discussion", begin(day, chair, "discussion"))
    told("reopen the slot", day.post(chair, f"{at}/reopen", reason="หารือร่วมกันอีกครั้ง"))


def test_no_act_of_the_day_was_forgotten_above(day: ScoringDay) -> None:
    walked = {
        "panel.open_slot", "panel.close_slot", "panel.excuse", "panel.presence", "panel.reopen_card",
        "panel.reopen_slot", "live.ready", "live.attendance", "live.allow", "live.phase", "live.note",
        "live.pass_chair", "requests.ask", "requests.decline", "scoring.send", "scoring.recuse",
    }  # fmt: skip
    of_attendance, marks_only = {"live.all_present"}, {"scoring.save_card"}
    posts = {rule.endpoint for rule in day.site.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    acts = {each for each in posts if each.split(".")[0] in ("panel", "live", "requests", "scoring")}
    assert acts == walked | of_attendance | marks_only


def test_sending_an_entry_brings_cards_and_tells(tmp_path: Path) -> None:
    from award.actions.news import tell_entry
    from award.actions.unit import unit
    from award.policy import Actor

    day = build_day(tmp_path)
    before = version(day)
    entry = day.value("select id from entry where code = 'wf-a-23'")
    with unit(day.site.database, day.site.clock, actor=Actor.nobody()) as u:
        tell_entry(u, entry)
    assert version(day) == before + 1


# --- the chair's page ---------------------------------------------------------------------------------------------


def stage(day: ScoringDay, client: FlaskClient) -> str:
    return client.get(f"/s/{day.session}/chair").text.split('id="stage"')[1].split('id="asked"')[0]


def test_the_largest_thing_is_what_to_do_next(day: ScoringDay) -> None:
    chair = day.site.client_as("z9-chair")

    def next_step() -> str:
        found = re.search(r'<button class="btn btn-primary btn-stage"[^>]*>([^<]*)</button>', stage(day, chair))
        return found[1] if found else "Waiting" if "Waiting for cards" in stage(day, chair) else ""

    assert next_step() == "Open this slot for marking"
    day.open()
    for phase, button in (
        ("presenting", "Start the presentation"), ("questions", "Start the questions"), ("scoring", "Start the time for marking"),
    ):  # fmt: skip
        assert next_step() == button
        begin(day, chair, phase)
    assert next_step() == "Waiting"
    assert "Director of the training centre" in stage(day, chair)
    day.send_all({"z9-chair": "5", "z9-member": "4", "z9-secretary": "2"})
    assert next_step() == "Close this slot"
    day.close()
    assert next_step() == "Start the discussion", "60 points apart"
    begin(day, chair, "discussion")
    assert next_step() == "Finish this slot"
    begin(day, chair, "done")
    assert next_step() == "Open this slot for marking", "of the next one"
    assert f"/s/slot/{day.slots[1]}/open" in stage(day, chair)


def test_the_chairs_page_never_shows_a_mark_before_closing(day: ScoringDay) -> None:
    day.open()
    begin(day, day.site.client_as("z9-chair"), "scoring")
    day.send_all({"z9-member": "2"})
    for address in (f"/s/{day.session}/chair", f"/s/{day.session}/live", f"/s/{day.session}/chair/network"):
        assert "40.00" not in day.site.client_as("z9-chair").get(address).text
