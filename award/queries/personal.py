"""Everything the site holds about one person: where each thing stands, what it is, what erasing the person does to it.

`HOLDINGS` is the list that the privacy notice speaks of. A table that names a person and is not in it fails a test.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from award.db.accounts import Authenticator, OneTimeLink, Passkey, RecoveryCode, WaitingStep
from award.db.agenda import DroppedSlot, PracticeCard, SlotMove
from award.db.checking import EntryCheck, FollowUp, FollowUpAct, LateRequest, ReturnedQuestion
from award.db.cycles import Adoption, Seat
from award.db.entries import Entry, EntryRevision, Evidence
from award.db.ledger import OF_SITE, SITE, LedgerLine, LedgerText, alias, list_heads
from award.db.live import Attendance, Declaration, MinutesNote, Phase, Ready, ReopeningRequest, Sighting
from award.db.log_files import lines_of
from award.db.mail import MailOut
from award.db.office import Approval, ColleagueNote, Presence, SectionOwner
from award.db.papers import PaperSheet
from award.db.people import Duty, Identity, SignIn, User
from award.db.plans import RoundPlan
from award.db.privacy import Erasure
from award.db.ranking import Publication, RankingRun, Resolution
from award.db.reminders import Chaser, Reminder, ReminderTo
from award.db.scoring import Assignment, Mark, Reopening
from award.db.uploads import Upload
from award.queries.file_reads import list_reads_by_person
from award.queries.tenures import Tenure, Tenures, list_tenures

# What opens a door is not handed out, not even to the person: a file of it may be lost.
SECRET = frozenset({
    "password_hash", "secret", "sha256", "token_sha256", "challenge", "credential_id", "public_key", "sign_count",
    "last_step", "text", "seal", "token",
})  # fmt: skip
# The province's or the committee's own, not the person's who pressed the button.
# Tables whose column "text" is what the person wrote, and nothing that opens a door.
OWN_TEXT = frozenset({"colleague_note", "follow_up_act"})
NOT_PERSONAL = frozenset({"answers", "facts", "result", "rules_text"})
ONLY_OWN = frozenset({
    "cards", "marks", "reopenings", "texts", "texts_about", "attendance", "declarations", "paper_sheets",
    "paper_entered", "reopening_requests", "minutes_notes", "practice_cards", "colleague_notes",
})  # fmt: skip
KEPT, DELETED, NAMELESS, EMPTIED = "kept", "deleted", "nameless", "emptied"


@dataclass(frozen=True, slots=True)
class Holding:
    """One place where a person stands. `fate` is what erasing does: kept (under a number that leads to nobody),
    deleted, nameless (titles, sign-in name and address replaced), emptied (what the person wrote is taken out)."""

    what: str  # the key in the file
    th: str
    en: str
    columns: tuple[ColumnElement[Any], ...]  # where the person stands
    fate: str

    @property
    def table(self) -> Any:
        """The table it stands in."""
        return self.columns[0].table


def _place(what: str, th: str, en: str, fate: str, *columns: Any) -> Holding:
    return Holding(what, th, en, tuple(column.__clause_element__() for column in columns), fate)


HOLDINGS = (
    _place("account", "บัญชีผู้ใช้", "The account", NAMELESS, User.id),
    _place("duties", "หน้าที่ที่ได้รับมอบหมาย", "Duties held", NAMELESS, Duty.user_id),
    _place("duties_decided", "หน้าที่ของผู้อื่นที่เสนอ ยืนยัน หรือยุติ", "Duties of others proposed, confirmed or ended", KEPT,
           Duty.proposed_by_id, Duty.confirmed_by_id, Duty.revoked_by_id),
    _place("sign_ins", "อุปกรณ์ที่เข้าสู่ระบบ", "Signed-in devices", DELETED, SignIn.user_id),
    _place("identities", "บัญชีของผู้ให้บริการยืนยันตัวตนภายนอก", "Accounts at other sign-in providers", DELETED,
           Identity.user_id),
    _place("one_time_links", "ลิงก์ใช้ครั้งเดียว", "One-time links", DELETED, OneTimeLink.user_id),
    _place("links_handed_over", "ลิงก์ของผู้อื่นที่ขอหรือส่งมอบ", "Links of others asked for or handed over", KEPT,
           OneTimeLink.asked_by_id, OneTimeLink.made_by_id),
    _place("authenticator", "แอปรหัสยืนยันตัวตน", "Code app", DELETED, Authenticator.user_id),
    _place("recovery_codes", "รหัสสำรอง", "Recovery codes", DELETED, RecoveryCode.user_id),
    _place("passkeys", "พาสคีย์", "Passkeys", DELETED, Passkey.user_id),
    _place("waiting_steps", "ขั้นตอนเข้าสู่ระบบที่ยังไม่เสร็จ", "Unfinished sign-in steps", DELETED, WaitingStep.user_id),
    _place("mails", "อีเมลที่ระบบส่งถึง", "Mails sent to this person", DELETED, MailOut.user_id),
    _place("rounds_prepared", "รอบที่เตรียมหรือเปิด", "Rounds prepared or opened", KEPT, RoundPlan.begun_by_id,
           RoundPlan.changed_by_id, RoundPlan.opened_by_id),
    _place("entries_sent", "ผลงานที่กดส่ง", "Entries sent", KEPT, Entry.submitted_by_id),
    _place("entries_saved", "ร่างผลงานที่บันทึก", "Versions of entries saved", KEPT, EntryRevision.saved_by_id),
    _place("evidence", "หลักฐานที่แนบ", "Evidence attached", KEPT, Evidence.added_by_id),
    _place("uploads", "ไฟล์ที่อยู่ระหว่างส่ง", "Files on their way in", DELETED, Upload.user_id),
    _place("withdrawals", "ผลงานที่ถอน", "Entries withdrawn", EMPTIED, Entry.withdrawn_by_id),
    _place("sections", "ส่วนของผลงานที่รับผิดชอบ หรือมอบหมาย", "Sections of entries answered for or given out", KEPT,
           SectionOwner.user_id, SectionOwner.by_id),
    _place("presence", "เวลาที่เปิดแบบกรอกครั้งสุดท้าย", "When a form was open last", DELETED, Presence.user_id),
    _place("colleague_notes", "โน้ตถึงเพื่อนร่วมงาน", "Notes to colleagues", EMPTIED, ColleagueNote.by_id),
    _place("approvals", "การเสนอและเห็นชอบผลงาน", "Entries sent on, approved or handed back", EMPTIED,
           Approval.by_id, Approval.duty_id),
    _place("late_requests", "คำขอส่งล่าช้า", "Requests to send late", EMPTIED, LateRequest.asked_by_id),
    _place("late_requests_decided", "คำขอส่งล่าช้าที่พิจารณา", "Requests to send late decided", EMPTIED,
           LateRequest.decided_by_id),
    _place("entry_checks", "ผลงานที่ตรวจ", "Entries looked through", EMPTIED, EntryCheck.by_id),
    _place("returned_questions", "ข้อที่ส่งกลับแก้ไข", "Questions returned", EMPTIED, ReturnedQuestion.by_id),
    _place("follow_ups", "ข้อเสนอแนะที่รับผิดชอบ", "Follow-ups of remarks answered for", KEPT, FollowUp.owner_id),
    _place("follow_up_acts", "สิ่งที่เขียนหรือทำกับข้อเสนอแนะ", "What was written or done about follow-ups", EMPTIED,
           FollowUpAct.by_id),
    _place("provinces_followed", "จังหวัดที่ติดตาม หรือมอบหมายให้ติดตาม", "Provinces followed up, or given to somebody",
           EMPTIED, Chaser.user_id, Chaser.by_id),
    _place("reminders", "หนังสือเตือนที่จัดทำหรือส่ง", "Reminders written or sent", KEPT,
           Reminder.made_by_id, Reminder.sent_by_id),
    _place("reminded", "หนังสือเตือนที่ส่งถึง", "Reminders addressed to this person", KEPT, ReminderTo.user_id),
    _place("erasures", "การลบข้อมูลที่เสนอหรือยืนยัน หรือที่มีผู้เสนอให้",
           "Erasures proposed or confirmed, by or for this person", KEPT,
           Erasure.user_id, Erasure.proposed_by_id, Erasure.confirmed_by_id),
    _place("seats", "ที่นั่งในคณะกรรมการ", "Seats on panels", KEPT, Seat.duty_id),
    _place("cards", "ใบให้คะแนน", "Score cards", EMPTIED, Assignment.seat_id),
    _place("marks", "คะแนนและหมายเหตุที่ให้", "Marks and notes given", EMPTIED, Mark.assignment_id),
    _place("reopenings", "การเปิดให้แก้ไขที่สั่ง", "Cards and slots opened again", EMPTIED, Reopening.by_id),
    _place("attendance", "การเข้าร่วมที่ประธานบันทึกไว้", "Attendance as the chair recorded it", EMPTIED, Attendance.seat_id),
    _place("attendance_recorded", "การเข้าร่วมของกรรมการที่บันทึก", "Attendance of members recorded", KEPT, Attendance.by_id),
    _place("declarations", "การแจ้งส่วนได้เสีย", "Declarations of interest", EMPTIED, Declaration.by_id),
    _place("ready", "การแจ้งว่าพร้อม", "Being ready, as it was said", DELETED, Ready.by_id, Ready.seat_id),
    _place("sightings", "เวลาที่หน้าคะแนนติดต่อระบบครั้งสุดท้าย", "When the page of a scoring day last asked", DELETED,
           Sighting.seat_id),
    _place("practice_cards", "ใบคะแนนของการซ้อม", "Cards of a rehearsal", DELETED, PracticeCard.seat_id),
    _place("paper_sheets", "ใบคะแนนกระดาษและภาพถ่าย", "Paper sheets, with their photos", EMPTIED,
           PaperSheet.assignment_id),
    _place("paper_entered", "ใบคะแนนกระดาษที่บันทึกแทน", "Paper sheets of others entered", EMPTIED, PaperSheet.by_id),
    _place("reopening_requests", "คำขอเปิดใบคะแนน", "Requests to open a card again", EMPTIED,
           ReopeningRequest.assignment_id, ReopeningRequest.by_id),
    _place("minutes_notes", "ข้อความสำหรับรายงานการประชุม", "Notes for the minutes", EMPTIED, MinutesNote.by_id),
    _place("phases", "ช่วงของการนำเสนอที่เริ่ม", "Parts of a slot set in motion", KEPT, Phase.by_id),
    _place("moves", "ช่วงเวลาที่เลื่อน", "Slots moved", KEPT, SlotMove.by_id),
    _place("drops", "ช่วงเวลาที่ยกเลิก", "Slots dropped", KEPT, DroppedSlot.by_id),
    _place("runs", "การคำนวณผลที่สั่ง", "Calculations started", KEPT, RankingRun.made_by_id),
    _place("publications", "ผลที่รับรอง ประกาศ หรือถอน", "Results certified, published or withdrawn", KEPT,
           Publication.certified_by_id, Publication.published_by_id, Publication.withdrawn_by_id),
    _place("resolutions", "มติคณะกรรมการที่บันทึก", "Committee decisions recorded", KEPT, Resolution.by_id),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of thing held about the person."""

    what: str
    th: str
    en: str
    fate: str
    rows: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class PersonalData:
    """All that is held about one person, as plain values: texts, whole numbers, true and false, nothing."""

    user_id: int
    sections: tuple[Section, ...]

    def section(self, what: str) -> Section:
        """The section of that key."""
        return next(each for each in self.sections if each.what == what)

    def for_others(self) -> "PersonalData":
        """Without what only the person may see: marks, notes and reasons, and which lines of an award's log are theirs.
        Who answers a request must not learn from it how somebody marked."""
        shown = [replace(each, rows=_of_site(each.rows)) if each.what == "acts" else each for each in self.sections]
        return PersonalData(self.user_id, tuple(each for each in shown if each.what not in ONLY_OWN))


def _seals(db: Session) -> dict[str, str]:
    """The seal of each award's log."""
    return {_base(log): seal for log, seal in db.execute(select(Adoption.log, Adoption.seal).order_by(Adoption.log))}


def _of_site(rows: tuple[Mapping[str, Any], ...]) -> tuple[Mapping[str, Any], ...]:
    return tuple(row for row in rows if _base(row["log"]) == SITE)


def _base(log: str) -> str:
    """The name a log had before any restore."""
    return log.partition("#")[0]


def _of_person(holding: Holding, user_id: int, tenures: Tenures) -> ColumnElement[bool]:
    """How the rows of a holding are found: by the person, or by a duty, seat or card of theirs."""
    by_column: dict[str, Callable[[ColumnElement[Any]], ColumnElement[bool]]] = {
        "duty_id": lambda column: column.in_(select(Duty.id).where(Duty.user_id == user_id)),
        "seat_id": lambda _: tenures.of_seats(holding.table.c),
        "assignment_id": lambda _: tenures.of_cards(holding.table.c),
    }
    found = (by_column.get(column.name, lambda each: each == user_id)(column) for column in holding.columns)
    return or_(*found)


def collect_person(db: Session, logs: Path, user_id: int, *, with_log_lines: bool = True) -> PersonalData:
    """Everything held about the person: each table, acts and texts in the ledger, the lines of the log files; these
    may be gigabytes to look through, so pages leave them out."""
    tenures = list_tenures(db, user_id)
    sections = [
        Section(each.what, each.th, each.en, each.fate, tuple(_rows(db, each, user_id, tenures))) for each in HOLDINGS
    ]
    acts, texts, opened = [], [], tuple(list_reads_by_person(logs, user_id))
    for act in list_acts(db, user_id):
        acts.append({"log": act.log, "line": act.seq, "at": act.at, "act": act.verb, "stands_as": act.actor})
        texts += [{"log": act.log, "line": act.seq, "at": act.at, "where": p, "text": t} for p, t in act.texts.items()]
    said = [{"log": each.log, "line": each.seq, "text": each.text} for each in list_texts_about(db, tenures)]
    about = [{"log": log, "line": seq, "line_text": line} for log, seq, line in _lines_about(db, user_id)]
    code = f"u{user_id}"
    sections += [
        Section("acts", "การกระทำในสมุดบันทึก", "Acts in the ledger", KEPT, tuple(acts)),
        Section("acts_about", "บรรทัดที่ผู้อื่นบันทึกถึง", "Lines of the ledger by others about this person", KEPT, tuple(about)),
        Section("texts", "ข้อความที่เขียน", "Texts written", EMPTIED, tuple(texts)),
        Section("texts_about", "ข้อความเกี่ยวกับผู้นี้และใบคะแนนของผู้นี้ ไม่ว่าผู้ใดเขียน",
                "What is written about this person and their cards, whoever wrote it", EMPTIED, tuple(said)),
        Section("files_read", "ไฟล์หลักฐานที่เปิด", "Evidence files opened", KEPT, opened),
    ]  # fmt: skip
    if with_log_lines:
        sections += _log_lines(logs, code)
    return PersonalData(user_id, tuple(sections))


def _log_lines(logs: Path, code: str) -> list[Section]:
    found = []
    for log, th, en in (
        ("access", "บันทึกการเข้าใช้ระบบ", "Access log"),
        ("security", "บันทึกเหตุการณ์ด้านความปลอดภัย", "Security log"),
    ):
        lines = lines_of(logs, log, holding=(f'"user":"{code}"',))
        found.append(Section(log, th, en, KEPT, tuple(line for line in lines if line.get("user") == code)))
    return found


def _rows(db: Session, holding: Holding, user_id: int, tenures: Tenures) -> Iterator[dict[str, Any]]:
    table = holding.table
    hidden = (SECRET | NOT_PERSONAL) - ({"text"} if table.name in OWN_TEXT else set())
    shown = [column for column in table.columns if column.name not in hidden]
    asked = select(*shown).where(_of_person(holding, user_id, tenures)).order_by(*table.primary_key)
    for row in db.execute(asked):
        yield {name: _plain(value) for name, value in row._mapping.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the ledger in which the person acted, with the free texts that are still behind it."""

    log: str
    seq: int
    at: str
    verb: str
    actor: str
    body: Mapping[str, Any]
    texts: Mapping[str, str]


def list_acts(db: Session, user_id: int) -> list[Act]:
    """What the person did, in every log, in order: under their code in the site's, under aliases in an award's, which
    only the award's seal leads back to them."""
    code = f"u{user_id}"
    actor, verb = func.json_extract(LedgerLine.line, "$.actor"), func.json_extract(LedgerLine.line, "$.act")
    seals = _seals(db)
    names = {}
    for log, _size in list_heads(db):  # with those that were closed after a restore: "2564/x", then "2564/x#2"
        if _base(log) in seals:
            verbs = db.execute(select(verb).where(LedgerLine.log == log).distinct()).scalars().all()
            names[log] = [alias(seals[_base(log)], f"{each} {code}") for each in verbs]
        else:
            names[log] = [code]
    acts = []
    for log, known in names.items():
        lines = db.execute(
            select(LedgerLine.seq, LedgerLine.line)
            .where(LedgerLine.log == log, actor.in_(known))
            .order_by(LedgerLine.seq)
        ).all()
        texts: dict[int, dict[str, str]] = {}
        of_log = select(LedgerText.seq, LedgerText.path, LedgerText.text).where(LedgerText.log == log)
        numbers = {seq for seq, _ in lines}
        for seq, path, text in db.execute(of_log.order_by(LedgerText.seq, LedgerText.path)):
            if seq in numbers:
                texts.setdefault(seq, {})[path] = text
        for seq, line in lines:
            said = json.loads(line)
            acts.append(Act(log, seq, said["at"], said["act"], said["actor"], said["body"], texts.get(seq, {})))
    return acts


@dataclass(frozen=True, slots=True)
class TextAbout:
    """A text that somebody else wrote about the person: why they were excused, may send, what their paper said."""

    log: str
    seq: int
    path: str
    text: str


# Acts whose texts are about a member, whoever wrote them.
ABOUT_MEMBERS = (
    "excuse_member", "recuse", "declare_interest", "record_interest", "allow_member", "enter_paper",
    "decline_reopening",
)  # fmt: skip


def list_texts_about(db: Session, tenures: Tenures) -> list[TextAbout]:
    """What is written about the person and their cards, whoever wrote it: it may speak of illness or kinship. Of a seat
    that others held too only what was written in the person's time."""
    held: dict[str, list[Tenure]] = {}
    seals = set(_seals(db).values())
    for tenure in tenures.all:
        numbers = db.execute(select(Assignment.id).where(Assignment.seat_id == tenure.seat_id)).scalars()
        for what in (f"seat {tenure.code}", *(f"card {number}" for number in numbers)):
            for seal in seals:
                held.setdefault(alias(seal, what), []).append(tenure)
    verb = func.json_extract(LedgerLine.line, "$.act")
    rows = db.execute(
        select(LedgerLine.log, LedgerLine.seq, LedgerLine.at, LedgerLine.line, LedgerText.path, LedgerText.text)
        .join(LedgerText, (LedgerText.log == LedgerLine.log) & (LedgerText.seq == LedgerLine.seq))
        .where(verb.in_(ABOUT_MEMBERS))
        .order_by(LedgerLine.log, LedgerLine.seq, LedgerText.path)
    )
    found = []
    for log, seq, at, line, path, text in rows:
        body = json.loads(line)["body"]
        named = (body.get("card"), body.get("member"), *(body.get("cards") or ()))
        if any(tenure.covers(at) for each in named for tenure in held.get(each, ())):
            found.append(TextAbout(log, seq, path, text))
    return found


def _lines_about(db: Session, user_id: int) -> list[tuple[str, int, str]]:
    """Lines of the site's log in whose body the person stands, by somebody else."""
    code = f"u{user_id}"
    rows = db.execute(
        select(LedgerLine.log, LedgerLine.seq, LedgerLine.line)
        .where(OF_SITE, LedgerLine.line.contains(f'"{code}"'))
        .order_by(LedgerLine.log, LedgerLine.seq)
    )
    return [(log, seq, line) for log, seq, line in rows if json.loads(line)["actor"] != code]
