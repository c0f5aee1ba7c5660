"""What members noted becomes something to be done: by whom, until when, answered, accepted or asked for again."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from award.actions.follow_ups import ToDo, begin_follow_ups
from tests.award.build import CHANTHABURI, TRAT, build_site
from tests.award.results import publish_results
from tests.award.scoring_day import ScoringDay, build_day, new_key
from tests.award.test_chain import actor
from tests.award.test_ledger_check import ask
from tests.award.test_remarks import NOTES, mark

WHAT = "ปรับปรุงลิงก์ของแบบ สขร.1 ให้เปิดได้ทุกเดือน"
DONE = "แก้ไขลิงก์ครบทั้ง 12 เดือนแล้ว"


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    """Trat was heard: the first slot is closed, every member left a note."""
    built = build_day(tmp_path)
    built.open()
    mark(built)
    built.close()
    return built


def entry(day: ScoringDay) -> int:
    return int(day.value("select id from entry where code = 'to-23'"))


def make(day: ScoringDay, login: str = "z9-chair", **form: Any) -> Any:
    sent = {"key": new_key(), "entry": entry(day), "criterion": "", "text": WHAT, "due": "19/8/2564", **form}
    return day.site.client_as(login, language="en").post(f"/s/slot/{day.first_slot}/follow-ups", data=sent)


def act(day: ScoringDay, login: str, name: str, **form: Any) -> Any:
    number = int(day.value("select max(id) from follow_up"))
    client = day.site.client_as(login, language="en")
    return client.post(f"/follow-ups/{number}/{name}", data={"key": new_key(), **form})


def read(day: ScoringDay, login: str, address: str = "/follow-ups", status: int = 200) -> str:
    answer = day.site.client_as(login, language="en").get(address)
    assert answer.status_code == status, answer.text
    return str(answer.text)


def state(day: ScoringDay) -> str:
    return str(day.value("select state from follow_up order by id desc limit 1"))


def test_from_remark_to_done(day: ScoringDay) -> None:
    page = read(day, "z9-chair", f"/s/slot/{day.first_slot}/follow-ups")
    assert NOTES["z9-chair"] in page
    path = day.category().leaves[0].path
    assert make(day, criterion=path).status_code == 303
    assert WHAT in read(day, "p23") and WHAT in read(day, "organizer") and WHAT in read(day, "z9-member")
    assert act(day, "p23", "own", work_group="information", person="").status_code == 303
    assert "Information work group" in read(day, "organizer")
    assert act(day, "p23", "answer", text=DONE).status_code == 303
    assert state(day) == "answered"
    assert act(day, "z9-chair", "again", text="ขอหลักฐานของเดือนมิถุนายนด้วย", due="1/9/2564").status_code == 303
    assert (state(day), day.value("select due_on from follow_up")) == ("open", "2021-09-01")
    act(day, "p23", "answer", text=DONE + " พร้อมหลักฐาน")
    assert act(day, "organizer", "accept", text="").status_code == 303
    assert state(day) == "done"
    page = read(day, "p23", f"/follow-ups/{day.value('select id from follow_up')}")
    for said in (WHAT, DONE, "ขอหลักฐานของเดือนมิถุนายนด้วย", day.category().leaves[0].label.en.replace("'", "&#39;")):
        assert said in page
    told = "select count(*) from ledger_line where log = 'site' and json_extract(line, '$.act') like '%follow_up%'"
    assert day.value(told) == 6
    assert day.value(f"{told} and line like :words", words=f"%{DONE}%") == 0, "free text lies beside the log"


def test_the_province_learns_no_mark_and_not_who_noted_it(day: ScoringDay) -> None:
    make(day)
    page = read(day, "p23", f"/follow-ups/{day.value('select max(id) from follow_up')}")
    for note in NOTES.values():
        assert note not in page
    assert "remarks" in read(day, "p23", f"/s/slot/{day.first_slot}/remarks", 423)
    publish_results(day.site)
    assert WHAT in read(day, "p23", f"/s/slot/{day.first_slot}/remarks")


def test_only_who_decides_makes_them_and_only_after_the_slot(tmp_path: Path) -> None:
    day = build_day(tmp_path)
    day.open()
    assert make(day).status_code == 423
    assert make(day, "organizer").status_code == 423
    read(day, "z9-chair", f"/s/slot/{day.first_slot}/follow-ups", 423)
    mark(day)
    day.close()
    expected = {"z9-chair": 303, "z9-secretary": 303, "organizer": 303, "z9-member": 403, "auditor": 403, "p23": 403,
                "z10-chair": 404, "p22": 403}  # fmt: skip
    assert {login: make(day, login).status_code for login in expected} == expected
    assert day.value("select count(*) from follow_up") == 3


def test_who_stepped_back_decides_nothing(day: ScoringDay) -> None:
    make(day, "organizer")
    day.change(
        "update assignment set excused = 'recused' where seat_id = :seat and entry_id = :entry",
        seat=day.seat("z9-chair"), entry=entry(day),
    )  # fmt: skip
    assert make(day).status_code in (403, 404)
    assert act(day, "z9-chair", "drop", text="ไม่ต้องดำเนินการแล้วครับ").status_code == 404
    assert WHAT not in read(day, "z9-chair")
    assert make(day, "z9-secretary").status_code == 303


def test_another_province_sees_nothing_of_it(day: ScoringDay) -> None:
    make(day)
    number = day.value("select max(id) from follow_up")
    assert WHAT not in read(day, "p22")
    read(day, "p22", f"/follow-ups/{number}", 404)
    assert act(day, "p22", "answer", text=DONE).status_code == 404
    read(day, "organizer", "/follow-ups/999999", 404)


@pytest.mark.parametrize(
    ("login", "name", "form"),
    [
        ("z9-chair", "answer", {"text": DONE}),
        ("organizer", "own", {"work_group": "strategy"}),
        ("p23", "accept", {"text": ""}),
        ("z9-member", "drop", {"text": "ไม่ต้องดำเนินการแล้ว"}),
        ("auditor", "accept", {"text": ""}),
    ],
)
def test_each_side_has_its_own_part(day: ScoringDay, login: str, name: str, form: dict[str, str]) -> None:
    make(day)
    assert act(day, login, name, **form).status_code == 403
    assert state(day) == "open"


def test_each_act_in_its_state(day: ScoringDay) -> None:
    make(day)
    for name in ("accept", "again"):
        assert act(day, "organizer", name, text="ยังไม่มีคำตอบจากจังหวัด").status_code == 423
    assert act(day, "organizer", "drop", text="รวมกับเรื่องอื่นแล้ว ไม่ต้องตอบ").status_code == 303
    for name, login in (("answer", "p23"), ("own", "p23"), ("drop", "organizer"), ("accept", "organizer")):
        assert act(day, login, name, text=DONE).status_code in (423, 400), name
    assert state(day) == "dropped"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"text": "สั้น"}, "in 10 to 2,000 characters"),
        ({"text": "ก" * 2001}, "in 10 to 2,000 characters"),
        ({"due": "เร็ว ๆ นี้"}, "Write the day such as"),
        ({"due": "1/7/2564"}, "must not lie in the past"),
        ({"text": "เลขประจำตัว 1-1001-00012-31-8 ของผู้ให้ข้อมูล"}, "national ID number"),
    ],
)
def test_a_refusal_keeps_what_was_typed(day: ScoringDay, form: dict[str, str], words: str) -> None:
    answer = make(day, **form)
    assert answer.status_code == 422
    assert words in answer.text
    assert form.get("text", WHAT)[:2000] in answer.text and form.get("due", "19/8/2564") in answer.text
    assert day.value("select count(*) from follow_up") == 0


def test_answers_are_kept_too_where_they_are_refused(day: ScoringDay) -> None:
    make(day)
    answer = act(day, "p23", "answer", text="แก้แล้ว")
    assert answer.status_code == 422 and ">แก้แล้ว</textarea>" in answer.text
    act(day, "p23", "answer", text=DONE)
    answer = act(day, "organizer", "again", text="ขอหลักฐานของเดือนมิถุนายนด้วย", due="พรุ่งนี้")
    assert answer.status_code == 422 and "พรุ่งนี้" in answer.text and "ขอหลักฐานของเดือนมิถุนายน" in answer.text


def test_foreign_owners_criteria_and_entries_are_refused(day: ScoringDay) -> None:
    assert make(day, criterion="d9/nothing").status_code == 400
    assert make(day, entry="999999").status_code == 404
    assert make(day, entry="x").status_code == 400
    make(day)
    outsider = day.value("select id from user where login = 'p22'")
    for form in ({"work_group": "x"}, {"work_group": "", "person": outsider}, {"work_group": "", "person": "x"}):
        assert act(day, "p23", "own", **form).status_code == 400
    other = day.value("select id from entry where code = 'to-22'")
    assert make(day, entry=other).status_code in (403, 404)


def test_the_same_key_makes_one(day: ScoringDay) -> None:
    key = new_key()
    for _ in range(2):
        assert make(day, key=key).status_code == 303
    assert day.value("select count(*) from follow_up") == 1


def test_overdue_ones_stand_first_and_are_counted_on_first_pages(day: ScoringDay) -> None:
    make(day, text="เรื่องที่สอง กำหนดทีหลัง", due="1/12/2564")
    make(day, text="เรื่องที่หนึ่ง เกินกำหนดแล้ว", due="1/8/2564")
    make(day, text="เรื่องที่สาม ไม่มีกำหนดวัน", due="")
    day.site.clock.set(day.site.clock.now().replace(month=9))
    day.change("update sign_in set expires_at = '2031-01-01T00:00:00.000000Z'")
    page = read(day, "organizer")
    places = [page.index(each) for each in ("เรื่องที่หนึ่ง", "เรื่องที่สอง", "เรื่องที่สาม")]
    assert places == sorted(places) and "overdue since 1 August 2021" in page
    only = read(day, "organizer", "/follow-ups?show=overdue")
    assert "เรื่องที่หนึ่ง" in only and "เรื่องที่สอง" not in only
    assert "เรื่องที่หนึ่ง" not in read(day, "organizer", "/follow-ups?zone=3")
    for login, address in (("p23", "/e/"), ("z9-chair", "/s/"), ("organizer", "/o/")):
        assert "overdue: 1" in read(day, login, address), login


def test_the_list_takes_as_many_statements_for_one_as_for_many(day: ScoringDay) -> None:
    counts = []
    client = day.site.client_as("organizer")
    for _ in range(2):
        for number in range(3):
            make(day, text=f"{WHAT} {number}")
        with day.site.statements() as seen:
            client.get("/follow-ups")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 7


def test_due_days_are_days(day: ScoringDay) -> None:
    make(day, due="๑๙/๘/๒๕๖๔")
    with day.site.database.reading() as db:
        assert db.execute(text("select due_on from follow_up")).scalar_one() == date(2021, 8, 19).isoformat()


def test_both_sides_are_told_by_mail(tmp_path: Path) -> None:
    built = build_site(
        tmp_path, provinces=(TRAT, CHANTHABURI), live=(TRAT,), site_address="https://awards.example.go.th"
    )
    day = ScoringDay(built, 0, (int(ask(built, "select min(id) from slot where state = 'planned'")), 0, 0))
    day.change("update user set email = login || '@example.go.th' where login in ('p23', 'z9-chair')")
    day.change("update slot set state = 'closed', closed_at = opened_at where id = :slot", slot=day.first_slot)
    day.change(
        "update entry set state = 'submitted', submitted_at = '2021-07-19T01:00:00.000000Z' where code = 'to-23'"
    )
    assert make(day).status_code == 303
    act(day, "p23", "answer", text=DONE)
    act(day, "z9-chair", "again", text="ขอหลักฐานของเดือนมิถุนายนด้วย", due="")
    with built.database.reading() as db:
        mails = db.execute(text("select address, subject, text from mail_out order by id")).all()
    assert [mail.address.split("@")[0] for mail in mails] == ["p23", "z9-chair", "p23"]
    assert len({mail.subject for mail in mails}) == 3
    assert all("awards.example.go.th/follow-ups/" in mail.text and WHAT not in mail.text for mail in mails)


def several(day: ScoringDay, *picks: str, login: str = "z9-chair", **form: Any) -> Any:
    texts = {f"text-{pick}": WHAT for pick in picks}
    sent = {"key": new_key(), "kind": "several", "pick": list(picks), "due": "19/8/2564", **texts, **form}
    return day.site.client_as(login, language="en").post(f"/s/slot/{day.first_slot}/follow-ups", data=sent)


def picks_of(day: ScoringDay) -> list[str]:
    leaves = day.category().leaves
    return [f"{entry(day)}:{leaf.path}" for leaf in leaves[:3]]


def test_several_remarks_become_follow_ups_at_once(day: ScoringDay) -> None:
    picks, key = picks_of(day), new_key()
    assert "Several at once" in read(day, "z9-chair", f"/s/slot/{day.first_slot}/follow-ups")
    for _ in range(2):  # a second press makes no more of them
        assert several(day, *picks, key=key).status_code == 303
    assert day.value("select count(*) from follow_up") == 3
    assert [f"{entry(day)}:{path}" for (path,) in rows(day, "select criterion from follow_up order by id")] == picks
    told = "select count(*) from ledger_line where log = 'site' and json_extract(line, '$.act') = 'begin_follow_up'"
    assert day.value(told) == 3
    assert "Sent to the province: 3" in read(day, "z9-chair", f"/s/slot/{day.first_slot}/follow-ups?done=3")


def test_of_several_all_are_made_or_none(day: ScoringDay) -> None:
    picks = picks_of(day)
    refused = several(day, *picks, **{f"text-{picks[1]}": "สั้น"})
    assert refused.status_code == 422
    place = picks[1].replace(":", "-").replace("/", "-")
    assert f'href="#several-{place}"' in refused.text
    assert refused.text.count("checked") == 3 and WHAT in refused.text, "what was typed and ticked stays"
    assert several(day, *picks, due="40/13/2564").status_code == 422
    assert several(day).status_code == 422
    assert several(day, f"{entry(day)}:no/such").status_code == 400
    assert several(day, *picks, login="z9-member").status_code == 403
    assert several(day, *picks, login="z16-chair").status_code == 404
    assert day.value("select count(*) from follow_up") == 0


def rows(day: ScoringDay, statement: str) -> list[tuple[Any, ...]]:
    with day.site.database.reading() as db:
        return [tuple(row) for row in db.execute(text(statement))]


def test_the_office_gets_one_mail_about_several(day: ScoringDay) -> None:
    day.change("update user set email = 'office@trat.example.go.th' where login = 'p23'")
    asked = [ToDo(entry(day), leaf.path, WHAT) for leaf in day.category().leaves[:2]]
    begin_follow_ups(
        day.site.database, day.site.clock, actor=actor(day.site, "z9-chair"), slot_id=day.first_slot, asked=asked,
        due_on=None, key=new_key(), letter=lambda what, number, code, _: (f"{what} {number} {code}", "text"),
    )  # fmt: skip
    assert rows(day, "select address, subject from mail_out") == [("office@trat.example.go.th", "several 2 to-23")]
