"""The day of Trat as it was held: every slot closed, with what a chair records meanwhile, for what comes after it."""

from datetime import UTC, datetime
from typing import Any

from award.clock import BANGKOK
from tests.award.scoring_day import MEMBERS, ScoringDay

HOSTILE = '#import "x": * $a^2$ @ref *bold* _it_ `raw` <label> // c /* c */ = head #panic() \\u{1F600} [x] "q" ~ --'
FUND = ("wf-a-23", "wf-b-23", "wf-c-23")
REOPENED = "กรอกสลับแถวในเกณฑ์แรก"
NOTE = "ให้ปรับปรุงลิงก์ สขร.1"


def hold_day(day: ScoringDay) -> ScoringDay:
    """Marks differ, one card is opened again, one member is late, one recused, one entry did not present."""
    _hold_first(day)
    _, second, third = day.slots
    day.open(second)
    day.send_all({"z9-chair": "4", "z9-member": "4"}, "pa-23")
    stepped = day.post(
        day.site.client_as("z9-secretary"), f"/s/card/{day.card('z9-secretary', 'pa-23')}/recuse",
        reason="เคยดูแลโครงการนี้",
    )  # fmt: skip
    assert stepped.status_code == 303
    day.close(second)
    day.open(third)
    for entry in FUND[:2]:
        day.send_all(dict.fromkeys(MEMBERS, "4"), entry)
    entry_id = day.value("select id from entry where code = :c", c=FUND[2])
    away = day.post(
        day.site.client_as("z9-chair"), f"/s/slot/{third}/entries/{entry_id}/presence",
        presented="no", reason="ไฟฟ้าดับทั้งเกาะ",
    )  # fmt: skip
    assert away.status_code == 303
    day.close(third)
    return day


def _hold_first(day: ScoringDay) -> None:
    """The first slot as its chair runs it, from 09.00 to 10.12."""
    slot, late = day.first_slot, day.seat("z9-member")
    day.site.clock.set(moment("09:00"))
    chair = day.site.client_as("z9-chair")

    def act(when: str, what: str, **data: str) -> None:
        day.site.clock.set(moment(when))
        answer = day.post(chair, f"/s/slot/{slot}/{what}", **data)
        assert answer.status_code == 303, answer.text

    def begin(when: str, phase: str) -> None:
        last = day.value("select coalesce(max(id), 0) from phase where slot_id = :s", s=slot)
        act(when, "phase", phase=phase, minutes="10", after=str(last))

    act("09:00", "open")
    act("09:00", "attendance", seat=str(day.seat("z9-chair")), state="present")
    begin("09:01", "presenting")
    act("09:20", "attendance", seat=str(late), state="late", arrived="๐๙.๒๐")
    act("09:21", "allow", seat=str(late), reason="ได้ดูวีดิทัศน์การนำเสนอแล้ว")
    begin("09:31", "questions")
    begin("09:45", "scoring")
    day.send_all({"z9-chair": "5", "z9-member": "4", "z9-secretary": "3"})
    act("10:00", "close")
    begin("10:02", "discussion")
    card = day.card("z9-secretary")
    act("10:05", f"cards/{card}/reopen", reason=REOPENED)
    member = day.site.client_as("z9-secretary")
    assert day.save(member, card, {day.category().leaves[0].path: "5"}).status_code == 200
    assert day.send(member, card).status_code == 303
    act("10:10", "close")
    act("10:12", "note", text=NOTE)


def record(day: ScoringDay, table: str, **values: Any) -> None:
    """A row as the chair's page would write it."""
    names = ", ".join(values)
    places = ", ".join(f":{name}" for name in values)
    day.change(f"insert into {table} ({names}) values ({places})", **values)


def moment(clock_time: str) -> datetime:
    """A time of the day in Bangkok."""
    hour, minute = (int(part) for part in clock_time.split(":"))
    return datetime(2021, 7, 19, hour, minute, tzinfo=BANGKOK)


def at(clock_time: str) -> str:
    """The same as the database keeps it."""
    return moment(clock_time).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def record_more(day: ScoringDay, *, note: str = NOTE) -> None:
    """A move, a note and a paper sheet of the first slot, as rows."""
    slot, card = day.first_slot, day.card("z9-member")
    who = {"by_id": day.value("select id from user where login = 'z9-chair'")}
    record(
        day, "slot_move", slot_id=slot, was_at=at("08:30"), starts_at=at("09:00"), reason="ไฟฟ้าดับที่ศาลากลาง",
        at=at("08:10"), **who,
    )  # fmt: skip
    record(day, "minutes_note", slot_id=slot, text=note, at=at("10:14"), **who)
    day.change("update assignment set paper = 'unconfirmed' where id = :c", c=card)
    record(
        day, "paper_sheet", assignment_id=card, revision=1, sha256="0" * 64, media_type="image/jpeg", size=1,
        reason="เครื่องของกรรมการดับ", at=at("09:50"), **who,
    )  # fmt: skip
