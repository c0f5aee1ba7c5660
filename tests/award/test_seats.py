"""A seat is handed over to a stand-in and back; the record and the verifier follow."""

import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text

from award.actions.duties import Proposal, confirm_duty, propose_duty
from award.db.people import Duty, User
from award.ledger_check import check_ledger
from exports.verifier.main import check_package
from exports.verifier.steps import FAIL
from tests.award.build import CHANTHABURI, TRAT, build_site
from tests.award.lived import NINE, begin, tick
from tests.award.scoring_day import ScoringDay, build_day, new_key
from tests.award.test_ledger_check import actor, fill_in
from tests.award.test_papers import enter

WHY = "คำสั่งที่ 114/2564 ไปราชการต่างจังหวัด"
TODAY = date(2021, 7, 19)


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    return build_day(tmp_path)


@pytest.fixture
def recorded(tmp_path: Path) -> ScoringDay:
    """The same with every act by the program's own ways: Trat's entry is sent, a stand-in's duty given by two."""
    site = build_site(tmp_path, provinces=(TRAT, CHANTHABURI), live=(TRAT,))
    fill_in(site)
    with site.database.reading() as db:
        asked = "select session_id, min(id) from slot where state = 'planned' and adoption_id = 1"
        session, slot = db.execute(text(asked)).one()
        user = db.execute(text("select id from user where login = 'z10-member'")).scalar_one()
    wanted = Proposal(
        user_id=user, role="member", acting=True, title_th="รักษาการแทน", title_en="Stand-in", from_day=TODAY,
        to_day=TODAY, zone_number=9,
    )  # fmt: skip
    propose_duty(site.database, site.clock, actor=actor(site, "organizer"), proposal=wanted, key=new_key())
    day = ScoringDay(site, session, (slot, slot, slot))
    duty = day.value("select max(id) from duty")
    confirm_duty(site.database, site.clock, actor=actor(site, "organizer2"), duty_id=duty, key=new_key())
    return day


def given(day: ScoringDay) -> int:
    """The duty of the stand-in whom two people gave it."""
    return int(day.value("select id from duty where title_en = 'Stand-in'"))


def stand_in(day: ScoringDay, login: str = "standin", **more: Any) -> int:
    """An account with a confirmed duty of zone 9, and its duty."""
    about = {"role": "member", "zone_number": 9, "from_day": TODAY, "to_day": TODAY, "acting": True}
    with day.site.database.writing() as db:
        password = db.query(User.password_hash).filter_by(login="organizer").scalar()
        made = insert(User).values(login=login, password_hash=password, title_th=login, title_en=login)
        user = db.execute(made.returning(User.id)).scalar_one()
        duty = db.execute(
            insert(Duty).values(**about | {"user_id": user, "title_th": login, "title_en": login} | more)
            .returning(Duty.id)
        ).scalar_one()  # fmt: skip
        db.commit()
    return int(duty)


def duty_of(day: ScoringDay, seat: str) -> int:
    return int(day.value("select duty_id from seat where code = :s", s=seat))


def hand_over(day: ScoringDay, duty: int, *, seat: str = "z9-member", who: str = "organizer", **more: Any) -> Any:
    form = {"seat": day.seat(seat), "was": duty_of(day, seat), "duty": duty, "reason": WHY} | more
    return day.post(day.site.client_as(who), "/agenda/9/seats", **form)


def whole(day: ScoringDay) -> list[Any]:
    """What the check of the record finds against the tables."""
    with day.site.database.reading(consistent=True) as db:
        return check_ledger(db, anchors=day.site.settings.anchors)[1]


def test_a_seat_goes_to_a_stand_in_who_declares_and_marks_and_then_back(recorded: ScoringDay) -> None:
    day = recorded
    first, duty = duty_of(day, "z9-member"), given(day)
    old = day.site.client_as("z9-member")
    day.declare(old)
    page = day.site.client_as("organizer").get("/agenda/9/seats").text
    assert "Stand-in (acting)" in page
    assert hand_over(day, duty).status_code == 303
    assert duty_of(day, "z9-member") == duty
    card = day.card("z9-member")
    assert old.get(f"/s/card/{card}").status_code == 404, "the former holder has no part in it now"
    day.open()
    new = day.site.client_as("z10-member")
    assert "Before your first mark" in new.get("/s/").text, "a declaration is its person's"
    assert day.save(new, card, day.whole()).status_code == 200
    undeclared = day.post(new, f"/s/card/{card}/send", base_revision=day.revision(card))
    assert undeclared.status_code == 423
    day.declare(new)
    assert day.send(new, card).status_code == 303
    day.send_all({"z9-chair": "4", "z9-secretary": "3"})
    day.close()
    page = day.site.client_as("organizer").get("/agenda/9/seats").text
    assert WHY in page and "Who held this seat since when" in page
    assert hand_over(day, first).status_code == 303
    assert duty_of(day, "z9-member") == first
    assert whole(day) == []


def test_side_by_side_each_card_stands_under_whoever_held_the_seat_when_it_was_sent(recorded: ScoringDay) -> None:
    day, duty = recorded, given(recorded)
    then = str(day.value("select title_en from duty where id = :d", d=duty_of(day, "z9-member")))
    day.open()
    day.send_all({"z9-chair": "4", "z9-member": "3", "z9-secretary": "3"})
    day.close()
    day.site.clock.set(NINE + timedelta(hours=2))
    assert hand_over(day, duty).status_code == 303
    chair = day.site.client_as("z9-chair")
    for page in (f"/s/slot/{day.first_slot}/compare", f"/s/{day.session}/chair"):
        text = chair.get(page).text
        totals = text[text.index("member-total" if "compare" in page else 'class="totals"') - 600 :][:3000]
        assert then in totals and "Stand-in" not in totals, page


def test_a_seat_changes_hands_only_with_a_fresh_proof_of_who_it_is(recorded: ScoringDay) -> None:
    day = recorded
    first = duty_of(day, "z9-member")
    day.change("update sign_in set fresh_at = '2021-07-01T00:00:00.000000Z'")
    organizer = day.site.client_as("organizer")
    day.change("update sign_in set fresh_at = '2021-07-01T00:00:00.000000Z'")
    form = {"seat": day.seat("z9-member"), "was": first, "duty": given(day), "reason": WHY}
    asked = day.post(organizer, "/agenda/9/seats", **form)
    assert asked.status_code == 401 and WHY in asked.text, "what was written is carried along"
    assert duty_of(day, "z9-member") == first


def test_every_award_is_told_and_a_package_of_the_day_is_whole(recorded: ScoringDay) -> None:
    """The whole day: a declaration taken back, a paper sheet confirmed, a stand-in; the verifier follows each act."""
    day, duty = recorded, given(recorded)
    lines = 'select count(distinct log) from ledger_line where line like \'%"act":"seat_panel"%\''
    before = day.value(lines.replace("distinct log", "*"))
    chair = day.site.client_as("z9-chair")
    day.declare(chair, interest="other", reason="เคยเป็นที่ปรึกษา")
    day.declare(chair)
    day.declare(day.site.client_as("z9-member"), interest="relative", reason="เป็นญาติ")
    assert hand_over(day, duty).status_code == 303
    assert day.value(lines) == 3 and day.value(lines.replace("distinct log", "*")) == before + 3
    new = day.site.client_as("z10-member")
    day.declare(new)
    day.open()
    by_chair = f"/s/{day.session}/interest/{day.seat('z9-secretary')}"
    assert day.post(chair, by_chair, interest="none", reason="แจ้งทางโทรศัพท์").status_code == 303
    day.send_all({"z9-chair": "4", "z9-secretary": "3"})
    card = day.card("z9-member")
    assert enter(day, day.site.client_as("z9-secretary"), card).status_code == 303
    assert day.post(new, f"/s/card/{card}/paper/mine", base_revision=1).status_code == 303
    assert whole(day) == []
    day.close()
    organizer = day.site.client_as("organizer")
    assert day.post(organizer, "/r/1/zone/calculate", kind="official").status_code in (302, 303)
    run = day.value("select max(id) from ranking_run")
    answer = day.site.client_as("auditor").post(f"/r/run/{run}/package", data={"edition": "auditor"})
    assert answer.status_code == 200, answer.text
    file = day.site.settings.data / "package.zip"
    file.write_bytes(io.BytesIO(answer.data).read())
    answer.close()
    failed = [each.said.en for each in check_package(str(file), keys=[], anchors=[], older="") if each.state == FAIL]
    assert failed == []
    assert whole(day) == []


def test_nobody_takes_over_marks_that_the_panel_has_not_seen(recorded: ScoringDay) -> None:
    day, duty = recorded, given(recorded)
    day.open()
    day.save(day.site.client_as("z9-member"), day.card("z9-member"), {"d1/commitment": "4"})
    refused = hand_over(day, duty)
    assert refused.status_code == 423 and "nobody takes over marks" in refused.text
    assert "it can be handed over once the chair has closed the slot" in day.site.client_as("organizer").get(
        "/agenda/9/seats"
    ).text  # fmt: skip
    day.send_all({"z9-chair": "4", "z9-secretary": "3"})
    chair, seat = day.site.client_as("z9-chair"), day.seat("z9-member")
    entry = day.value("select id from entry where code = 'to-23'")
    assert day.post(chair, f"/s/slot/{day.first_slot}/excuse", seat=seat, entry=entry, kind="absent", reason="ป่วย"
    ).status_code == 303  # fmt: skip
    assert hand_over(day, duty).status_code == 423, "also an excused draft stays its own holder's"
    day.close()
    assert hand_over(day, duty).status_code == 303
    assert whole(day) == []


def test_a_stand_in_does_not_confirm_what_another_signed(recorded: ScoringDay) -> None:
    day, duty, first = recorded, given(recorded), duty_of(recorded, "z9-member")
    day.open()
    day.declare(day.site.client_as("z9-member"))
    day.send_all({"z9-chair": "4", "z9-secretary": "3"})
    card = day.card("z9-member")
    assert enter(day, day.site.client_as("organizer"), card).status_code == 303
    day.close()
    assert hand_over(day, duty).status_code == 303
    mine = f"/s/card/{card}/paper/mine"
    refused = day.post(day.site.client_as("z10-member"), mine, base_revision=1)
    assert refused.status_code == 423 and "Somebody else held this seat" in refused.text
    assert hand_over(day, first).status_code == 303
    assert day.post(day.site.client_as("z9-member"), mine, base_revision=1).status_code == 303
    assert whole(day) == []


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"state": "proposed"}, "Choose a confirmed duty"),
        ({"state": "revoked"}, "Choose a confirmed duty"),
        ({"zone_number": 10}, "Choose a confirmed duty"),
        ({"role": "officer", "province_code": "23", "zone_number": None}, "Choose a confirmed duty"),
        ({"from_day": date(2021, 7, 20), "to_day": None}, "is not held on"),
        ({"from_day": date(2021, 7, 1), "to_day": date(2021, 7, 18)}, "is not held on"),
    ],
)
def test_which_duties_do_not_take_a_seat(day: ScoringDay, more: dict[str, Any], says: str) -> None:
    duty = stand_in(day, **more)
    refused = hand_over(day, duty)
    assert refused.status_code == 422 and says in refused.text and WHY in refused.text
    assert duty_of(day, "z9-member") != duty


def test_a_chairs_seat_needs_a_chair_and_nobody_holds_two(day: ScoringDay) -> None:
    duty = stand_in(day)
    assert hand_over(day, duty, seat="z9-chair").status_code == 422
    assert hand_over(day, duty_of(day, "z9-chair")).status_code == 422, "the chair holds another seat of the panel"
    assert hand_over(day, duty_of(day, "z9-member")).status_code == 422, "held through it already"
    assert hand_over(day, 999_999).status_code == 422
    assert hand_over(day, duty, reason="ป่วย").status_code == 422
    assert hand_over(day, duty, was=1).status_code == 409, "somebody else was first"
    assert hand_over(day, duty, seat="z10-member").status_code == 404, "a seat of another panel"
    assert hand_over(day, duty, sneaked="1").status_code == 400


def test_who_may_not_hand_a_seat_over(day: ScoringDay) -> None:
    duty = stand_in(day)
    for login in ("z9-chair", "z9-member", "p23", "auditor", "admin"):
        assert hand_over(day, duty, who=login).status_code == 403, login
    for login, status in (("auditor", 200), ("z9-chair", 403), ("p23", 403)):
        assert day.site.client_as(login).get("/agenda/9/seats").status_code == status
    assert day.site.client_as("organizer").get("/agenda/999/seats").status_code == 404
    assert "<form method" not in day.site.client_as("auditor").get("/agenda/9/seats").text.split("<main")[1]


def test_a_duty_that_ends_before_a_planned_day_is_warned_of_and_the_way_back_is_proposed(day: ScoringDay) -> None:
    first, duty = duty_of(day, "z9-member"), stand_in(day)
    hand_over(day, duty)
    day.change("update scoring_session set day = '2021-07-21' where id = :s", s=day.session)
    page = day.site.client_as("organizer").get("/agenda/9/seats").text
    assert "Nobody sits here on these days:" in page
    assert f'<option value="{first}" selected>' in page, "the one who held it before is proposed"


def test_handed_over_twice_with_one_key_is_once(day: ScoringDay) -> None:
    duty, client = stand_in(day), day.site.client_as("organizer")
    form = {"key": new_key(), "seat": day.seat("z9-member"), "was": duty_of(day, "z9-member"), "duty": duty,
            "reason": WHY}  # fmt: skip
    count = "select count(*) from ledger_line where line like '%seat_panel%'"
    assert client.post("/agenda/9/seats", data=form).status_code == 303
    before = day.value(count)
    assert client.post("/agenda/9/seats", data=form).status_code == 303
    assert day.value(count) == before


def test_the_page_takes_a_constant_number_of_statements(day: ScoringDay) -> None:
    client, counts = day.site.client_as("organizer"), []
    for number in range(2):
        with day.site.statements() as seen:
            assert client.get("/agenda/9/seats").status_code == 200
        counts.append(len(seen))
        hand_over(day, stand_in(day, f"standin{number}"))
    assert counts[0] == counts[1] <= 12


def test_nobody_takes_over_that_another_was_there_for_the_presentation(day: ScoringDay) -> None:
    """Else a stand-in who heard nothing would send cards as if they had."""
    day.site.clock.set(NINE)
    chair, duty = day.site.client_as("z9-chair"), stand_in(day)
    day.open()
    for phase in ("presenting", "questions"):
        assert begin(day, chair, phase).status_code == 303
    assert tick(day, chair, "z9-member", "present").status_code == 303
    refused = hand_over(day, duty)
    assert refused.status_code == 423 and "was there for a presentation" in refused.text
    assert tick(day, chair, "z9-member", "absent").status_code == 303
    let = {"seat": str(day.seat("z9-member")), "reason": "ฟังจากบันทึกภาพ แล้วทั้งหมด"}
    assert day.post(chair, f"/s/slot/{day.first_slot}/allow", **let).status_code == 303
    assert hand_over(day, duty).status_code == 423, "the leave was the former holder's"
    for state in ("present", "absent"):
        tick(day, chair, "z9-member", state)
    assert hand_over(day, duty).status_code == 303
