"""What people of a demo round did beside entries and marks, by the program's own acts: who answers for which section,
notes to colleagues, what an organizer looked through and returned, who follows a province up, what became of remarks.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from itertools import cycle
from typing import Any

from sqlalchemy import select

from award.actions.checks import accept_entry
from award.actions.coverage import assign_follower
from award.actions.follow_ups import accept_follow_up, answer_follow_up, begin_follow_up, own_follow_up
from award.actions.office import list_sections, own_sections, write_note
from award.actions.returns import return_questions
from award.actions.sending import fingerprint
from award.clock import BANGKOK, Clock
from award.db.engine import Database
from award.db.entries import Entry
from award.db.ledger import last_moment
from award.db.office import WORK_GROUPS
from award.db.people import Province, User
from award.db.scoring import Assignment, Slot
from award.demo.texts import INVENTED
from award.policy import Actor
from award.queries.entries import find_entry, list_evidence
from award.queries.people import find_actor_by_login

NOTES_TO_COLLEAGUES = (
    ("general", f"ขอตัวเลขอำเภอเกาะกูดเพิ่มอีก 1 รายการก่อนเสนอ ผอ. ({INVENTED})"),
    ("d2", f"ลิงก์หน้าเพจเปลี่ยนชื่อแล้ว ช่วยตรวจก่อนส่ง ({INVENTED})"),
)
REMARKS = (  # entry, what is to be done, work group, answer, accepted
    ("to-23", "เพิ่มหลักฐานรายอำเภอของแผนพัฒนาชุมชนใสสะอาด และเผยแพร่บนเว็บไซต์จังหวัด", "strategy", "", False),
    ("pa-54", "ทบทวนข้อมูลครัวเรือนที่คัดแยกขยะเปียกให้ตรงกันทุกอำเภอ", "information", "ตรวจสอบครบทุกอำเภอแล้ว ปรับข้อมูล 2 อำเภอ",
     False),
    ("wf-a-80", "ปรับลิงก์เอกสารหลักฐานให้เปิดได้จากภายนอก", "promotion", "แก้ไขลิงก์ครบทุกรายการแล้ว", True),
)  # fmt: skip


class _People:
    """Who acts, by login, as of a moment; each act has a key of its own and comes a little after the one before."""

    def __init__(self, database: Database, begins: datetime):
        self.database, self.at, self._keys = database, begins, 0

    def of(self, login: str) -> Actor:
        with self.database.reading() as db:
            found = find_actor_by_login(db, login, today=self.clock.today())
        if found is None:
            raise LookupError(login)
        return found

    @property
    def clock(self) -> Clock:
        return Clock(self.at)

    def act(self, login: str) -> tuple[Clock, dict[str, Any]]:
        """The clock, and who acts with which key."""
        self.at += timedelta(seconds=15)
        self._keys += 1
        return self.clock, {"actor": self.of(login), "key": f"demo-{self._keys:08d}"}


def tell_way(database: Database) -> None:
    """Adds to a round that was just loaded; of each kind what its entries and people allow. All of it takes place right
    after the last act on record."""
    with database.reading() as db:
        begins, logins = last_moment(db), set(db.execute(select(User.login)).scalars())
        codes = {row.code: row.id for row in db.execute(select(Entry.code, Entry.id))}
        is_heard = db.execute(select(Slot.id).where(Slot.state != "planned").limit(1)).first() is not None
        of_round = select(Entry.id).where(Entry.state == "submitted").order_by(Entry.province_code, Entry.id)
        sent = db.execute(of_round).scalars().all()
    if begins is None:
        return
    people = _People(database, begins)
    if "to-23" in codes and "p23-strategy" in logins:
        _tell_office(people, codes["to-23"])
    if not is_heard and len(sent) > 2:
        _tell_checks(people, sent)
        _tell_following(people)
    for code, text, group, answer, is_accepted in REMARKS:
        if code in codes:
            _tell_remark(people, codes[code], text, group, answer, is_accepted=is_accepted)


def _tell_office(people: _People, entry_id: int) -> None:
    """Trat's long form: a work group and a person for each section, and two notes."""
    clock, by = people.act("p23")
    with people.database.reading() as db:
        found = find_entry(db, by["actor"], entry_id)
    assert found is not None
    both = (by["actor"].user_id, people.of("p23-strategy").user_id)
    owners = dict(zip(list_sections(found), zip(cycle(WORK_GROUPS[1:]), cycle(both), strict=False), strict=False))
    own_sections(people.database, clock, **by, entry_id=entry_id, owners=owners)
    for login, (section, text) in zip(("p23-strategy", "p23"), NOTES_TO_COLLEAGUES, strict=True):
        clock, by = people.act(login)
        write_note(people.database, clock, **by, entry_id=entry_id, section=section, text=text)


def _tell_checks(people: _People, sent: Sequence[int]) -> None:
    """An organizer looked three entries through: two are in order, of one two questions go back."""
    for entry_id in sent[:2]:
        clock, by = people.act("organizer")
        with people.database.reading() as db:
            found, evidence = find_entry(db, by["actor"], entry_id), list_evidence(db, entry_id)
        assert found is not None
        seen = fingerprint(found.answers, evidence)
        accept_entry(people.database, clock, **by, entry_id=entry_id, seen=seen, note="")
    clock, by = people.act("organizer")
    back = {
        "title": f"ชื่อผลงานยังไม่ตรงกับประกาศของจังหวัด ({INVENTED})",
        "summary": f"สรุปยังไม่บอกผลที่เกิดขึ้นเป็นตัวเลข ({INVENTED})",
    }
    until = datetime.combine((clock.now() + timedelta(days=6)).date(), time(16, 30), BANGKOK)
    return_questions(people.database, clock, **by, entry_id=sent[2], questions=back, until=until)


def _tell_following(people: _People) -> None:
    """Each organizer follows some provinces up."""
    with people.database.reading() as db:
        provinces = db.execute(select(Province.code).order_by(Province.sort)).scalars().all()
    due = datetime.combine((people.at + timedelta(days=2)).date(), time(12), BANGKOK)
    for login, some in (("organizer", provinces[:8:2]), ("organizer2", provinces[1:8:2])):
        clock, by = people.act("organizer")
        assign_follower(
            people.database, clock, **by, cycle_id=1, provinces=some, user_id=people.of(login).user_id, due_at=due,
            note=f"โทรหาเจ้าหน้าที่จังหวัด ({INVENTED})",
        )  # fmt: skip


def _tell_remark(people: _People, entry_id: int, text: str, group: str, answer: str, *, is_accepted: bool) -> None:
    """An inspector's remark becomes something to be done; the province says by whom, and what came of it."""
    with people.database.reading() as db:
        heard = select(Assignment.slot_id, Entry.province_code, Province.zone_number, Slot.state).select_from(Entry)
        heard = heard.join(Assignment, Assignment.entry_id == Entry.id).join(Slot, Slot.id == Assignment.slot_id)
        heard = heard.join(Province, Province.code == Entry.province_code).where(Entry.id == entry_id)
        slot = db.execute(heard.order_by(Assignment.id).limit(1)).first()
    if slot is None or slot.state != "closed":
        return
    chair, office, about = f"z{slot.zone_number}-chair", f"p{slot.province_code}", f"({INVENTED})"
    clock, by = people.act(chair)
    due = (clock.now() + timedelta(days=30)).date()
    number = begin_follow_up(
        people.database, clock, **by, slot_id=slot.slot_id, entry_id=entry_id, criterion="", text=f"{text} {about}",
        due_on=due,
    )  # fmt: skip
    clock, by = people.act(office)
    own_follow_up(people.database, clock, **by, follow_up_id=number, work_group=group, user_id=by["actor"].user_id)
    if answer:
        clock, by = people.act(office)
        answer_follow_up(people.database, clock, **by, follow_up_id=number, text=f"{answer} {about}")
    if is_accepted:
        clock, by = people.act(chair)
        accept_follow_up(people.database, clock, **by, follow_up_id=number, text="")
