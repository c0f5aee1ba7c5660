"""A member declares an interest, or none, for each province of a day; who missed the presentation sends nothing."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from award.db.live import Phase
from award.db.people import Duty
from award.policy import has_missed
from award.queries.declarations import list_posts, years_before
from tests.award.build import CHANTHABURI, TRAT, build_site
from tests.award.scoring_day import ScoringDay, build_day

DAY = date(2021, 7, 19)


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    return build_day(tmp_path)


def excused(day: ScoringDay, login: str, slot: int = 0) -> str:
    return str(
        day.value(
            "select group_concat(distinct excused) from assignment where seat_id = :s and slot_id = :l",
            s=day.seat(login), l=day.slots[slot],
        )
    )  # fmt: skip


def hold_duty(day: ScoringDay, login: str, *, from_day: date, to_day: date | None, **more: object) -> int:
    """A duty in Trat that the person held."""
    user = day.value("select id from user where login = :l", l=login)
    about = {"role": "officer", "province_code": TRAT, "title_th": "พัฒนาการจังหวัดตราด", "title_en": "Chief of Trat"}
    with day.site.database.writing() as db:
        made = db.execute(
            insert(Duty).values(user_id=user, from_day=from_day, to_day=to_day, **about | more).returning(Duty.id)
        ).scalar_one()
        db.commit()
    return int(made)


def lines(day: ScoringDay, act: str) -> list[str]:
    with day.site.database.reading() as db:
        asked = text("select line from ledger_line where line like :a order by log, seq")
        return [row[0] for row in db.execute(asked, {"a": f'%"act":"{act}"%'})]


def test_the_board_asks_before_the_first_mark_and_then_says_what_was_declared(day: ScoringDay) -> None:
    client = day.site.client_as("z9-member")
    assert "Before your first mark: declare whether you have an interest in Trat" in client.get("/s/").text
    page = client.get(f"/s/{day.session}/interest")
    assert page.status_code == 200 and page.text.count('type="radio"') == 4 and "checked" not in page.text
    answer = day.declare(client)
    assert answer.status_code == 303 and answer.location == f"/s/{day.session}"
    board = client.get("/s/").text
    assert "No interest declared" in board and "Before your first mark" not in board
    assert excused(day, "z9-member") == "", "nothing was taken from the seat"


def test_an_interest_takes_every_card_of_the_day_from_the_seat_with_a_line_in_each_log(day: ScoringDay) -> None:
    client = day.site.client_as("z9-member")
    missing = day.declare(client, interest="relative")
    assert missing.status_code == 422 and "Write what the interest is" in missing.text
    assert day.declare(client, interest="relative", reason="พี่สาวเป็นประธานกลุ่ม").status_code == 303
    for slot in range(3):
        assert excused(day, "z9-member", slot) == "recused"
        assert excused(day, "z9-chair", slot) == ""
    told = lines(day, "declare_interest")
    assert len(told) == 3 and all('"kind":"relative"' in line for line in told)
    assert all("พี่สาว" not in line for line in told), "free text stands apart"
    day.open()
    assert day.save(client, day.card("z9-member"), {"d1/commitment": "4"}).status_code == 423
    assert "พี่สาวเป็นประธานกลุ่ม" in day.site.client_as("z9-chair").get(f"/s/{day.session}/chair").text
    assert "พี่สาวเป็นประธานกลุ่ม" not in day.site.client_as("z9-secretary").get(f"/s/{day.session}").text


def test_a_declaration_is_taken_back_until_the_first_slot_opens(day: ScoringDay) -> None:
    client = day.site.client_as("z9-member")
    assert day.post(client, f"/s/card/{day.card('z9-member', 'wf-a-23')}/recuse", reason="รู้จักผู้สมัคร").status_code == 303
    day.declare(client, interest="other", reason="ที่ปรึกษาโครงการ")
    assert excused(day, "z9-member") == "recused"
    assert day.declare(client, interest="none").status_code == 303
    assert excused(day, "z9-member") == ""
    own = day.value("select excused from assignment where id = :c", c=day.card("z9-member", "wf-a-23"))
    assert own == "recused", "what the member stepped back from alone stays so"
    day.open()
    late = day.declare(client, interest="other", reason="เพิ่งทราบ")
    assert late.status_code == 423 and "only the chair can change" in late.text
    chair = day.site.client_as("z9-chair")
    address = f"/s/{day.session}/interest/{day.seat('z9-member')}"
    assert day.post(chair, address, interest="other").status_code == 422, "the chair writes how the member said so"
    assert day.post(chair, address, interest="other", reason="แจ้งด้วยวาจาในห้องประชุม").status_code == 303
    assert excused(day, "z9-member") == "recused"
    assert len(lines(day, "record_interest")) == 3


def test_a_duty_of_the_last_two_years_is_pointed_at_and_none_needs_a_reason(day: ScoringDay) -> None:
    hold_duty(day, "z9-chair", from_day=date(2019, 10, 1), to_day=date(2020, 9, 30))
    client = day.site.client_as("z9-chair")
    page = client.get(f"/s/{day.session}/interest").text
    assert "Chief of Trat" in page and "30 September 2020" in page
    assert 'value="former_post" checked' in page
    refused = day.declare(client, interest="none")
    assert refused.status_code == 422 and "no interest" in refused.text
    assert day.declare(client, interest="none", reason="พ้นตำแหน่งก่อนรอบประเมิน").status_code == 303
    proposed, reason = day.row("select proposed, reason from declaration")
    assert "พัฒนาการจังหวัดตราด 1/10/2562 – 30/9/2563" in proposed and reason == "พ้นตำแหน่งก่อนรอบประเมิน"
    seen = client.get(f"/s/{day.session}/chair").text
    assert "พ้นตำแหน่งก่อนรอบประเมิน" in seen and "พัฒนาการจังหวัดตราด" in seen
    assert '"proposed":true' in lines(day, "declare_interest")[0]


def test_the_former_post_itself_is_reason_enough(day: ScoringDay) -> None:
    hold_duty(day, "z9-chair", from_day=date(2019, 10, 1), to_day=date(2020, 9, 30))
    assert day.declare(day.site.client_as("z9-chair"), interest="former_post").status_code == 303
    why = day.value("select excused_reason from assignment where id = :c", c=day.card("z9-chair"))
    assert why == "พัฒนาการจังหวัดตราด 1/10/2562 – 30/9/2563"


@pytest.mark.parametrize(
    ("from_day", "to_day", "more", "speaks"),
    [
        (date(2018, 10, 1), date(2019, 7, 19), {}, True),  # two years to the day
        (date(2018, 10, 1), date(2019, 7, 18), {}, False),
        (date(2021, 7, 19), None, {}, True),
        (date(2021, 7, 20), None, {}, False),
        (date(2020, 1, 1), None, {"state": "proposed"}, False),
        (date(2020, 1, 1), None, {"role": "member", "zone_number": 9}, True),  # any duty of that province
        (date(2020, 1, 1), None, {"role": "director"}, True),
        (date(2020, 1, 1), None, {"role": "chief", "acting": True}, True),
        (date(2020, 1, 1), None, {"province_code": "22"}, False),
    ],
)
def test_which_duties_speak_for_an_interest(day, from_day, to_day, more, speaks) -> None:
    hold_duty(day, "z9-member", from_day=from_day, to_day=to_day, **more)
    user = day.value("select id from user where login = 'z9-member'")
    with day.site.database.reading() as db:
        assert bool(list_posts(db, user_id=user, province_code=TRAT, day=DAY)) is speaks


def test_two_years_before_a_leap_day() -> None:
    assert years_before(date(2020, 2, 29)) == date(2018, 2, 28)


def test_no_card_is_sent_before_the_declaration_and_drafts_are_kept(day: ScoringDay) -> None:
    day.open()
    client, card = day.site.client_as("z9-member"), day.card("z9-member")
    assert day.save(client, card, day.whole()).status_code == 200
    page = client.get(f"/s/card/{card}/send").text
    assert f'href="/s/{day.session}/interest"' in page and "Send the card" not in page.split("<form")[-1]
    sent = day.post(client, f"/s/card/{card}/send", base_revision=day.revision(card))
    assert sent.status_code == 423 and f'href="/s/{day.session}/interest"' in sent.text
    assert day.declare(client).status_code == 303
    assert day.post(client, f"/s/card/{card}/send", base_revision=day.revision(card)).status_code == 303


def test_only_the_panel_declares_and_only_the_chair_for_others(day: ScoringDay) -> None:
    seat = day.seat("z9-chair")
    for login, status in (("z10-member", 404), ("p23", 403), ("organizer", 403), ("auditor", 403)):
        client = day.site.client_as(login)
        assert client.get(f"/s/{day.session}/interest").status_code == status, login
        assert day.declare(client).status_code == status, login
    member = day.site.client_as("z9-member")
    assert day.post(member, f"/s/{day.session}/interest/{seat}", interest="none").status_code == 403
    assert day.post(member, f"/s/{day.session}/interest", interest="none", sneaked="1").status_code == 400
    assert day.declare(member, interest="maybe").status_code == 422
    assert day.value("select count(*) from declaration") == 0


def test_declaring_twice_with_one_key_is_one_declaration(day: ScoringDay) -> None:
    client, form = day.site.client_as("z9-member"), {"key": "declared-once", "interest": "none"}
    for _ in range(2):
        assert client.post(f"/s/{day.session}/interest", data=form).status_code == 303
    assert day.value("select count(*) from declaration") == 1


def test_the_page_takes_a_constant_number_of_statements(day: ScoringDay) -> None:
    client = day.site.client_as("z9-member")
    counts = []
    for _ in range(2):
        with day.site.statements() as seen:
            client.get(f"/s/{day.session}/interest")
        counts.append(len(seen))
        for login in ("z9-chair", "z9-member", "z9-secretary"):
            day.declare(day.site.client_as(login))
    assert counts[0] == counts[1] <= 18


def missed(day: ScoringDay, state: str, arrived: str | None = None) -> None:
    """The chair's record of who was there, past the page."""
    with day.site.database.writing() as db:
        db.execute(
            insert(Phase).values(
                slot_id=day.first_slot, phase="questions", seconds=None, by_id=1, at=day.site.clock.now()
            )
        )
        db.commit()
    day.change(
        "insert into attendance (slot_id, seat_id, state, arrived_at, at, by_id) values (:l, :s, :state, :arrived, "
        "'2021-07-19T02:00:00.000000Z', 1)",
        l=day.first_slot, s=day.seat("z9-member"), state=state, arrived=arrived,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("state", "arrived", "status"),
    [
        ("absent", None, 423),
        ("late", "2021-07-19T01:16:00.000000Z", 423),  # the questions began at 08:15, Bangkok time
        ("late", "2021-07-19T01:10:00.000000Z", 303),  # late, and there for the presentation
        ("present", None, 303),
    ],
)
def test_who_missed_the_presentation_sends_once_the_chair_wrote_why(day, state, arrived, status) -> None:
    day.open()
    missed(day, state, arrived)
    client, card = day.site.client_as("z9-member"), day.card("z9-member")
    day.declare(client)
    assert day.save(client, card, day.whole()).status_code == 200, "drafts are saved"
    answer = day.send(client, card)
    assert answer.status_code == status
    if status == 423:
        assert "missed the presentation" in answer.text
        assert "missed the presentation" in client.get(f"/s/card/{card}").text
        day.change("update attendance set allowed_reason = 'ดูบันทึกการนำเสนอแล้ว'")
        assert day.send(client, card).status_code == 303


def test_without_attendance_nobody_is_held_up() -> None:
    assert not has_missed(state="", arrived_at=None, heard_until=None, allowed_reason="")


def test_a_panel_that_hears_two_provinces_on_a_day_is_asked_for_each(tmp_path: Path) -> None:
    site = build_site(tmp_path, provinces=(TRAT, CHANTHABURI), live=(TRAT, CHANTHABURI))
    day = ScoringDay(site, 0, (0, 0, 0))
    day.change("update scoring_session set day = '2021-07-19'")
    first, second = (
        day.value("select id from scoring_session where province_code = :p", p=p) for p in (TRAT, CHANTHABURI)
    )
    client = site.client_as("z9-member")
    assert client.get("/s/").text.count("Before your first mark") == 2
    onward = day.declare(client, first, interest="other", reason="ที่ปรึกษาของสำนักงาน")
    assert onward.location == f"/s/{second}/interest", "the next province of the day follows"
    page = client.get(onward.location).text
    assert page.count("not declared yet") == 1 and "Trat province" in page
    assert day.declare(client, second).location == f"/s/{second}"
    excused = "select count(*) from assignment a join slot l on l.id = a.slot_id where l.session_id = :s and excused"
    assert day.value(f"{excused} = 'recused'", s=second) == 0, "an interest concerns its own province only"
