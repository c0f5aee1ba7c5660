"""What the chair pressed while the network was away: done once, refused where it is late or another tick stands."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.award.lived import NINE, begin, tick
from tests.award.scoring_day import ScoringDay, build_day, new_key

JSON = {"Accept": "application/json"}


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    day = build_day(tmp_path)
    day.site.clock.set(NINE)
    return day


def press(
    day: ScoringDay, chair: FlaskClient, what: str, *, key: str = "", seconds: int = 15, **data: Any
) -> TestResponse:
    """As the page's code sends it: until so many seconds from now."""
    until = int((day.site.clock.now() + timedelta(seconds=seconds)).timestamp() * 1000)
    sent = {"key": key or new_key(), "until": str(until)} | data
    return chair.post(f"/s/slot/{day.first_slot}/{what}", data=sent, headers=JSON)


def state(day: ScoringDay) -> str:
    return str(day.value("select state from slot where id = :s", s=day.first_slot))


def test_a_press_is_answered_with_where_to_look_and_a_refusal_with_its_sentence(day: ScoringDay) -> None:
    chair = day.site.client_as("z9-chair")
    done = press(day, chair, "open")
    assert (done.status_code, done.json) == (200, {"address": f"/s/{day.session}/chair#stage"})
    early = press(day, chair, "close")
    assert early.status_code == 422
    assert early.json is not None
    assert early.json["id"] == "incomplete"
    assert any("has not sent the card" in says for says in early.json["missing"])


def test_a_press_that_comes_too_late_is_not_done_and_one_that_was_done_is_told_so(day: ScoringDay) -> None:
    chair = day.site.client_as("z9-chair")
    late = press(day, chair, "open", seconds=-1)
    assert late.status_code == 423
    assert late.json is not None
    assert late.json["id"] == "too_late"
    assert state(day) == "planned"
    key = new_key()
    assert press(day, chair, "open", key=key).status_code == 200
    lines = day.value("select count(*) from ledger_line")
    asked_later = press(day, chair, "open", key=key, seconds=-600)
    assert asked_later.status_code == 200, "the answer was lost on the way: it was done in time"
    assert day.value("select count(*) from ledger_line") == lines
    other = press(day, chair, "open", seconds=-600)
    assert other.json is not None
    assert other.json["id"] == "too_late", "another press of the same was not done"


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("close", {}),
        ("phase", {"phase": "presenting", "minutes": "", "after": "0"}),
        ("excuse", {"seat": "1", "entry": "1", "kind": "absent", "reason": "ป่วย"}),
        ("entries/1/presence", {"presented": "no", "reason": "ป่วย"}),
        ("allow", {"seat": "1", "reason": "ได้ดูบันทึกวิดีโอครบถ้วน"}),
        ("pass", {"seat": "", "reason": ""}),
        ("reopen", {"reason": "คะแนนข้อหนึ่งพิมพ์ผิดช่อง"}),
        ("cards/1/reopen", {"reason": "คะแนนข้อหนึ่งพิมพ์ผิดช่อง"}),
        ("requests/1/decline", {"reason": "คะแนนครบถ้วนอยู่แล้ว"}),
    ],
)
def test_nothing_that_decides_happens_by_itself_later(day: ScoringDay, what: str, data: dict[str, str]) -> None:
    day.open()
    chair, lines = day.site.client_as("z9-chair"), day.value("select count(*) from ledger_line")
    late = press(day, chair, what, seconds=-1, **data)
    assert late.json is not None
    assert (late.status_code, late.json["id"]) == (423, "too_late")
    assert day.value("select count(*) from ledger_line") == lines


def test_a_tick_that_waited_passes_over_none_that_was_made_meanwhile(day: ScoringDay) -> None:
    chair = day.site.client_as("z9-chair")
    assert tick(day, chair, "z9-member", "absent").status_code == 303  # from another device
    seat = str(day.seat("z9-member"))
    waited = chair.post(
        f"/s/slot/{day.first_slot}/attendance", headers=JSON,
        data={"key": new_key(), "seat": seat, "state": "present", "was": ""},
    )  # fmt: skip
    assert waited.status_code == 409
    assert waited.json is not None
    assert waited.json["error"].startswith("Meanwhile this member was ticked as absent.")
    assert day.value("select state from attendance") == "absent"
    assert tick(day, chair, "z9-member", "present", was="absent").status_code == 303
    assert tick(day, chair, "z9-member", "present", was="").status_code == 303, "it says the same"


def test_a_tick_says_when_the_member_came_not_when_the_network_did(day: ScoringDay) -> None:
    chair, key, seat = day.site.client_as("z9-chair"), new_key(), str(day.seat("z9-member"))
    day.site.clock.set(NINE + timedelta(minutes=40))
    for _ in range(2):  # the first answer was lost
        sent = {"key": key, "seat": seat, "state": "late", "was": "", "arrived": "09:05:30"}
        answer = chair.post(f"/s/slot/{day.first_slot}/attendance", data=sent, headers=JSON)
        assert answer.status_code == 200, answer.text
    assert day.value("select count(*) from ledger_line where line like '%record_attendance%'") == 1
    assert str(day.value("select arrived_at from attendance")).startswith("2021-07-19T02:05:30")
    assert "late, since 09:05" in chair.get(f"/s/{day.session}/chair").text


@pytest.mark.parametrize("arrived, missed", [("09:05:30.699", False), ("09:05:30.701", True)])
def test_who_came_in_the_second_in_which_the_presentation_ended(day: ScoringDay, arrived: str, missed: bool) -> None:
    """A tick cut down to its second would lie before the end, and let the member send."""
    chair, member = day.site.client_as("z9-chair"), day.site.client_as("z9-member")
    day.open()
    day.change(
        "insert into phase (slot_id, phase, at, by_id) "
        "select :slot, 'questions', '2021-07-19T02:05:30.700000Z', min(id) from user",
        slot=day.first_slot,
    )
    day.site.clock.set(NINE + timedelta(minutes=40))
    sent = {"key": new_key(), "seat": str(day.seat("z9-member")), "state": "late", "was": "", "arrived": arrived}
    assert chair.post(f"/s/slot/{day.first_slot}/attendance", data=sent, headers=JSON).status_code == 200
    card = day.card("z9-member")
    assert day.save(member, card, day.whole("3")).status_code == 200
    answer = day.send(member, card)
    assert answer.status_code == (423 if missed else 303)
    assert ("missed the presentation" in answer.text) == missed


def test_a_moment_that_no_page_of_ours_writes_is_not_understood(day: ScoringDay) -> None:
    chair = day.site.client_as("z9-chair")
    for until in ("soon", "-5", "1.5", "9" * 15):
        answer = day.post(chair, f"/s/slot/{day.first_slot}/open", until=until)
        assert answer.status_code == 400, until
    assert state(day) == "planned"
    assert begin(day, chair, "presenting", until="99999999999999").status_code == 303
