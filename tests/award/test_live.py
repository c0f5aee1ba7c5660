"""A scoring day while it is lived: the status that pages ask for, and the parts of a slot set in motion."""

import re
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from time import monotonic
from typing import Any

import pytest
from flask.testing import FlaskClient

from award.app import create_app
from award.clock import Clock
from tests.award.lived import NINE, begin, last_line, slot, status, tick
from tests.award.scoring_day import MEMBERS, ScoringDay, build_day, new_key


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    day = build_day(tmp_path)
    day.site.clock.set(NINE)
    return day


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


def test_unchanged_it_costs_one_statement_and_changed_four_and_marks_are_never_touched(day: ScoringDay) -> None:
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
    assert len(unchanged) == 1, "the version; who asks was found out a moment ago"
    assert len(changed) == 4, "the version, the sign-in, access and version together, the slots"
    for statement in (*unchanged, *changed, *kept):
        assert not re.search(r"\bmark\b", statement), statement


def test_unchanged_is_repeated_for_seconds_only_to_whom_it_was_told_and_as_the_whole_way_says_it(
    day: ScoringDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    member, address = day.site.client_as("z9-member"), f"/s/{day.session}/live"
    tag = member.get(address).headers["ETag"]
    asked = {"If-None-Match": tag}
    short = member.get(address, query_string={"unsent": "6"}, headers=asked)
    with day.site.statements() as counted:
        assert day.site.client_as("z9-chair").get(address, headers=asked).status_code == 304
        assert day.site.client_as("z10-member").get(address, headers=asked).status_code == 404
        assert day.site.client().get(address, headers={**asked, "Accept": "application/json"}).status_code == 401
    assert len(counted) > 4, "each of them was asked who they are"
    seat = day.seat("z9-member")
    assert day.site.app.extensions["award"].sightings.of(day.session)[seat][1] == 6
    assert member.get(address, query_string={"unsent": "x"}, headers=asked).status_code == 400
    day.change("delete from sign_in where user_id = (select id from user where login = 'z9-member')")
    assert member.get(address, headers=asked).status_code == 304, "that nothing changed may be heard for seconds more"
    monkeypatch.setattr("award.views.unchanged.monotonic", lambda: monotonic() + 11)
    assert member.get(address, headers={**asked, "Accept": "application/json"}).status_code == 401
    whole = day.site.client_as("z9-secretary").get(address, headers=asked)
    differing = {"X-Now", "Set-Cookie", "Content-Type", "Vary"}
    assert {k: v for k, v in short.headers if k not in differing} == {
        k: v for k, v in whole.headers if k not in differing
    }


def test_a_new_version_is_told_at_once_also_to_whom_the_old_one_was_repeated(day: ScoringDay) -> None:
    member, address = day.site.client_as("z9-member"), f"/s/{day.session}/live"
    tag = member.get(address).headers["ETag"]
    assert member.get(address, headers={"If-None-Match": tag}).status_code == 304
    day.open()
    told: Any = member.get(address, headers={"If-None-Match": tag}).json
    assert told["slots"][0]["state"] == "open"


def test_what_one_process_does_the_other_tells(day: ScoringDay) -> None:
    """Two applications on one database, each with answers of its own kept from before."""
    other = create_app(day.site.settings, clock=Clock(NINE))
    other.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    member, address = other.test_client(), f"/s/{day.session}/live"
    member.post("/sign-in", data={"login": "z9-member", "password": day.site.round.password})
    before = member.get(address)
    assert member.get(address, headers={"If-None-Match": before.headers["ETag"]}).status_code == 304
    begin(day, day.site.client_as("z9-chair"), "presenting")
    after = member.get(address, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert slot(day, member)["phase"] == "presenting"


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


def test_unchanged_leaves_no_line_in_the_access_log_and_everything_else_does(day: ScoringDay) -> None:
    member, address = day.site.client_as("z9-member"), f"/s/{day.session}/live"
    log = day.site.settings.logs / "access.jsonl"
    before = log.read_text().count(address)
    tag = member.get(address).headers["ETag"]
    for _ in range(3):
        assert member.get(address, headers={"If-None-Match": tag}).status_code == 304
    assert day.site.client_as("z10-member").get(address, headers={"If-None-Match": tag}).status_code == 404
    assert log.read_text().count(address) == before + 2, "what was told, and what was refused"
