"""What an office's work leaves of a person: in their own file, out of others' sight, gone when they are erased."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text

from award.actions import privacy
from award.actions.tidy import tidy
from award.config import Keeping
from award.db.checking import EntryCheck, FollowUp, FollowUpAct, LateRequest, ReturnedQuestion
from award.db.entries import Entry
from award.db.evidence_files import EvidenceFiles
from award.db.mail import MailOut
from award.db.office import Approval, ColleagueNote, Presence, SectionOwner
from award.db.reminders import Chaser, Reminder, ReminderTo
from award.db.uploads import Upload
from award.ledger_check import check_ledger
from award.queries.personal import PersonalData, collect_person
from tests.award.build import BuiltSite, build_site
from tests.award.test_privacy import end_duties, number_of, settle

WORD = "ถ้อยคำเฉพาะของบุคคลนี้"  # invented, and nowhere else
KEPT_WORD = "ให้ทำแผนของทุกอำเภอ"  # what the province is to do


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path)


def leave_traces(site: BuiltSite, person: int, *, recorded: bool = True) -> None:
    """A row of the person in each table of the province's way."""
    now = site.clock.now()
    with site.database.writing() as db:
        entry, adoption = db.execute(select(Entry.id, Entry.adoption_id).where(Entry.code == "to-23")).one()
        cycle = db.execute(text("select cycle_id from adoption where id = :id"), {"id": adoption}).scalar_one()

        def put(table: Any, **values: Any) -> int:
            return int(db.execute(insert(table).values(**values).returning(table.__table__.c[0])).scalar_one())

        put(SectionOwner, entry_id=entry, section="d1", user_id=person, at=now, by_id=person)
        put(Presence, entry_id=entry, user_id=person, section="d1", seen_at=now)
        put(ColleagueNote, entry_id=entry, section="d1", text=f"{WORD} 1", at=now, by_id=person)
        put(Approval, entry_id=entry, revision=1, step="director", act="return", note=f"{WORD} 2", at=now, by_id=person)
        put(
            EntryCheck,
            entry_id=entry,
            revision=1,
            fingerprint="0" * 64,
            outcome="accepted",
            note=f"{WORD} 3",
            at=now,
            by_id=person,
        )
        put(
            LateRequest,
            adoption_id=adoption,
            category="office",
            province_code="23",
            entry_id=entry,
            reason=f"{WORD} 5",
            asked_at=now,
            asked_by_id=person,
            allowed=False,
            answer=f"{WORD} 6",
            decided_at=now,
            decided_by_id=person,
        )
        follow_up = put(FollowUp, entry_id=entry, text=KEPT_WORD, owner_id=person)
        put(FollowUpAct, follow_up_id=follow_up, act="answer", text=f"{WORD} 7", at=now, by_id=person)
        put(Chaser, cycle_id=cycle, province_code="23", user_id=person, note=f"{WORD} 8", at=now, by_id=person)
        reminder = put(
            Reminder, cycle_id=cycle, subject="เตือน", made_at=now, made_by_id=person, sent_at=now, sent_by_id=person
        )
        mail = put(
            MailOut,
            user_id=person,
            address="somebody@example.invalid",
            subject=f"{WORD} 9",
            text=f"{WORD} 10",
            state="sent",
            queued_at=now,
            next_at=now,
            good_until=now,
        )
        put(ReminderTo, reminder_id=reminder, province_code="23", user_id=person, text="ยังไม่ส่ง", mail_id=mail)
        put(
            Upload,
            token="t" * 20,
            entry_id=entry,
            field="declaration",
            user_id=person,
            name=f"{WORD} 11.pdf",
            size=5,
            started_at=now,
            last_at=now,
        )
        if recorded:  # what an award's log tells
            put(
                ReturnedQuestion, entry_id=entry, field="title", reason=f"{WORD} 4", at=now, by_id=person, closed_at=now
            )
            gone = "state = 'withdrawn', withdrawn_at = '2021-07-01T02:00:00.000000Z', withdrawn_by_id = :p"
            db.execute(
                text(f"update entry set {gone}, withdrawn_reason = :w where id = :e"),
                {"p": person, "w": f"{WORD} 12", "e": entry},
            )
        db.commit()


def held(site: BuiltSite, person: int) -> PersonalData:
    with site.database.reading() as db:
        return collect_person(db, site.settings.logs, person)


def words_in(data: PersonalData, *, but: tuple[str, ...] = ()) -> str:
    return json.dumps([each.rows for each in data.sections if each.what not in but], ensure_ascii=False)


NEW = (
    "uploads", "withdrawals", "sections", "presence", "colleague_notes", "approvals", "late_requests",
    "late_requests_decided", "entry_checks", "returned_questions", "follow_ups", "follow_up_acts", "provinces_followed",
    "reminders", "reminded",
)  # fmt: skip


def test_a_person_takes_along_all_that_the_provinces_way_holds_of_them(site: BuiltSite) -> None:
    person, other = number_of(site, "p23"), number_of(site, "organizer")
    leave_traces(site, person)
    data = held(site, person)
    assert [what for what in NEW if len(data.section(what).rows) != 1] == []
    written = words_in(data)
    assert [number for number in (1, 2, 3, 4, 5, 6, 7, 8, 11, 12) if f"{WORD} {number}" not in written] == []
    assert "t" * 20 not in written, "what names a waiting file is not handed out"
    assert WORD not in words_in(held(site, other)), "and nobody else has it"


def test_who_answers_a_request_does_not_read_notes_that_stay_in_the_office(site: BuiltSite) -> None:
    person = number_of(site, "p23")
    leave_traces(site, person)
    assert f'{WORD} 1"' not in words_in(held(site, person).for_others())


@pytest.mark.parametrize("recorded", [False, True])
def test_erasing_takes_the_persons_words_and_leaves_what_concerns_the_province(site: BuiltSite, recorded: bool) -> None:
    person = end_duties(site, "p23")
    settle(site)
    leave_traces(site, person, recorded=recorded)
    privacy.erase_person(site.database, site.clock, user_id=person, evidence=EvidenceFiles(site.settings.evidence))
    content = site.settings.database.read_bytes()
    assert WORD.encode() not in content
    assert KEPT_WORD.encode() in content
    data = held(site, person)
    assert WORD not in words_in(data)
    assert [what for what in ("uploads", "presence") if data.section(what).rows] == []
    for what in (
        "colleague_notes",
        "approvals",
        "late_requests",
        "entry_checks",
        "follow_up_acts",
    ):
        assert privacy.ERASED in json.dumps(data.section(what).rows, ensure_ascii=False), what
    with site.database.reading() as db:
        assert db.execute(select(ReminderTo.mail_id)).scalar_one() is None
        assert db.execute(select(func.count(MailOut.id)).where(MailOut.user_id == person)).scalar_one() == 0
    if not recorded:  # the ledger knows nothing of what nobody did
        with site.database.reading(consistent=True) as db:
            assert check_ledger(db, anchors=site.settings.data / "none.log")[1] == []


def test_old_mails_go_though_a_reminder_pointed_to_them(site: BuiltSite) -> None:
    person = number_of(site, "p23")
    leave_traces(site, person)
    with site.database.writing() as db:
        db.execute(text("update mail_out set queued_at = '2011-01-01T00:00:00.000000Z'"))
        db.commit()
    evidence = EvidenceFiles(site.settings.evidence)
    tidy(site.database, site.clock, keeping=Keeping(), logs=site.settings.logs, evidence=evidence, dry_run=False)
    with site.database.reading() as db:
        assert db.execute(select(func.count(MailOut.id))).scalar_one() == 0
        assert db.execute(select(ReminderTo.mail_id, ReminderTo.text)).one() == (None, "ยังไม่ส่ง")
