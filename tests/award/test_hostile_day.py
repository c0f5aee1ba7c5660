"""Insiders on a scoring day: who stepped back decides nothing there, and sees no mark there."""

from pathlib import Path
from typing import Any

import pytest

from tests.award.lived import NINE, tick
from tests.award.scoring_day import ScoringDay, build_day

WHY = "ตามที่แจ้งในที่ประชุมวันนี้"
EXCUSED = "select excused from assignment where id = :id"


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    day = build_day(tmp_path)
    day.site.clock.set(NINE)
    return day


@pytest.fixture
def started(day: ScoringDay) -> ScoringDay:
    """The first slot is open, and two have sent."""
    day.open()
    day.send_all({"z9-member": "2", "z9-secretary": "4"})
    return day


def entry(day: ScoringDay) -> str:
    return str(day.value("select id from entry where code = 'to-23'"))


def excuse(day: ScoringDay, login: str, of: str, kind: str) -> Any:
    sent = {"seat": str(day.seat(of)), "entry": entry(day), "kind": kind, "reason": WHY}
    return day.post(day.site.client_as(login), f"/s/slot/{day.first_slot}/excuse", **sent)


def test_a_recused_chair_takes_no_member_out_and_no_entry_off(started: ScoringDay) -> None:
    day, chair = started, started.site.client_as("z9-chair")
    assert excuse(day, "z9-chair", "z9-chair", "recused").status_code == 303
    refused = excuse(day, "z9-chair", "z9-member", "absent")
    assert refused.status_code == 423 and "Pass the chair of" in refused.text
    gone = day.post(chair, f"/s/slot/{day.first_slot}/entries/{entry(day)}/presence", presented="no", reason=WHY)
    assert gone.status_code == 423
    card = day.card("z9-member")
    assert day.post(chair, f"/s/slot/{day.first_slot}/cards/{card}/reopen", reason=WHY).status_code == 423
    tick(day, chair, "z9-member", "absent")
    let = day.post(chair, f"/s/slot/{day.first_slot}/allow", seat=str(day.seat("z9-member")), reason=WHY)
    assert let.status_code == 423
    assert day.row("select excused, state from assignment where id = :id", id=card) == ("", "sent")


def test_a_recused_chair_does_not_turn_into_an_absent_one(started: ScoringDay) -> None:
    """An absent chair could close the slot and read what a recused one is not shown."""
    day, card = started, started.card("z9-chair")
    assert excuse(day, "z9-chair", "z9-chair", "recused").status_code == 303
    for kind in ("absent", ""):
        assert excuse(day, "z9-chair", "z9-chair", kind).status_code == 423
    assert day.value(EXCUSED, id=card) == "recused"


def test_a_recused_chair_who_takes_the_slot_back_opens_nothing_again(started: ScoringDay) -> None:
    day, chair = started, started.site.client_as("z9-chair")
    assert excuse(day, "z9-chair", "z9-chair", "recused").status_code == 303
    passing = f"/s/slot/{day.first_slot}/pass"
    assert day.post(chair, passing, seat=str(day.seat("z9-member")), reason=WHY).status_code == 303
    assert day.post(day.site.client_as("z9-member"), f"/s/slot/{day.first_slot}/close").status_code == 303
    assert day.post(chair, passing, seat="", reason="").status_code == 303
    assert day.post(chair, f"/s/slot/{day.first_slot}/reopen", reason=WHY).status_code == 423
    card = day.card("z9-member")
    assert day.post(chair, f"/s/slot/{day.first_slot}/cards/{card}/reopen", reason=WHY).status_code == 423
    assert day.value("select state from slot where id = :id", id=day.first_slot) == "closed"


def test_a_declared_interest_is_taken_back_by_a_declaration_only(day: ScoringDay) -> None:
    member = day.site.client_as("z9-member")
    assert day.declare(member, interest="relative", reason="พี่สาวเป็นประธานกลุ่ม").status_code == 303
    day.open()
    for kind in ("absent", ""):
        refused = excuse(day, "z9-chair", "z9-member", kind)
        assert refused.status_code == 423 and "declared an interest" in refused.text
    assert day.value(EXCUSED, id=day.card("z9-member")) == "recused"
    again = f"/s/{day.session}/interest/{day.seat('z9-member')}"
    assert day.post(day.site.client_as("z9-chair"), again, interest="none", reason=WHY).status_code == 303
    assert excuse(day, "z9-chair", "z9-member", "absent").status_code == 303


def test_who_stepped_back_is_not_made_absent_once_the_panel_has_seen_the_marks(day: ScoringDay) -> None:
    day.open()
    assert excuse(day, "z9-chair", "z9-member", "recused").status_code == 303
    day.send_all({"z9-chair": "3", "z9-secretary": "4"})
    day.close()
    reopened = f"/s/slot/{day.first_slot}/cards/{day.card('z9-chair')}/reopen"
    assert day.post(day.site.client_as("z9-chair"), reopened, reason=WHY).status_code == 303
    assert excuse(day, "z9-chair", "z9-member", "absent").status_code == 423
    assert day.value(EXCUSED, id=day.card("z9-member")) == "recused"


def test_an_interest_declared_by_who_was_absent_hides_the_marks_too(day: ScoringDay) -> None:
    day.open()
    assert excuse(day, "z9-chair", "z9-member", "absent").status_code == 303
    member = day.site.client_as("z9-member")
    assert day.declare(member, interest="relative", reason="พี่สาวเป็นประธานกลุ่ม").status_code == 303
    assert day.value(EXCUSED, id=day.card("z9-member")) == "absent"
    day.send_all({"z9-chair": "3", "z9-secretary": "4"})
    day.close()
    shown = f"/s/slot/{day.first_slot}/compare"
    own, other = (day.site.client_as(login).get(shown) for login in ("z9-member", "z9-secretary"))
    assert other.status_code == own.status_code == 200
    assert "<svg" in other.text and "<svg" not in own.text
