"""Entries within a person's scope, their evidence, and the lists that show who has sent what."""

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from dataclasses import field as having
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from award.db.checking import ReturnedQuestion
from award.db.cycles import Adoption, Award, Cycle, Panel, Seat
from award.db.entries import Entry, Evidence
from award.db.people import Province, User
from award.db.scoring import Assignment, ScoringSession, Slot
from award.policy import Actor, may_see_runs

_WITHDREW = aliased(User)
MOST_ID = 2**63 - 1  # an address may name more than a database can count


SENT = (Entry.submitted_at, Entry.first_submitted_at, Cycle.deadline_at)  # what `is_late` asks of an entry


def is_late(sent_at: datetime | None, first_sent_at: datetime | None, deadline_at: datetime) -> bool:
    """Whether an entry was sent late: what came in time and was mended afterwards is not."""
    first = first_sent_at or sent_at
    return sent_at is not None and first is not None and first.replace(microsecond=0) > deadline_at


@dataclass(frozen=True, slots=True)
class Returned:
    """A question that the organizer gave back to be mended, and why; everything else of the entry stays locked."""

    field: str  # field code, or another code that answers may hold: "@label"
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """One entry with all that its pages show: whose it is, the rules it answers to, what is stored, until when."""

    id: int
    code: str
    adoption_id: int
    category: str
    number: int
    label: str
    state: str  # draft | submitted | not_presented | withdrawn
    province_code: str
    province_name_th: str
    province_name_en: str
    zone_number: int
    award_name_th: str
    award_name_en: str
    award_short_th: str
    award_short_en: str
    year: int  # Buddhist Era
    rules_text: str
    answers: dict[str, Any]  # field code -> text, or list of rows
    evidence_count: dict[str, int]  # field code -> files and links beside it now
    revision: int
    saved_at: datetime | None
    submitted_at: datetime | None
    submitted_by_th: str
    submitted_by_en: str
    receipt: str | None
    invented: bool
    opens_at: datetime
    deadline_at: datetime  # of the whole cycle
    due_at: datetime | None  # this entry's own, where the organizer opened it again
    reopened_at: datetime | None
    reopened_reason: str
    first_submitted_at: datetime | None  # stays when it is returned
    approval: str  # of the cycle: none | chain
    step: str  # with whom a draft is on its way up: "" (its officers) | director | chief
    withdrawn_at: datetime | None
    withdrawn_reason: str
    withdrawn_by_th: str
    withdrawn_by_en: str
    districts: int = 0  # how many the province has
    returned: tuple[Returned, ...] = ()  # open ones; none: nothing was returned, or the whole entry

    def is_open(self, field: str) -> bool:
        """Whether the organizer left this question to be changed: all of them, or it is among the returned ones."""
        return not self.returned or any(each.field == field for each in self.returned)

    def why_returned(self, field: str) -> str:
        """What the organizer wrote beside a returned question; "" for any other."""
        return next((each.reason for each in self.returned if each.field == field), "")

    @property
    def closes_at(self) -> datetime:
        """The last second in which this entry may be changed or sent."""
        return max(self.deadline_at, self.due_at) if self.due_at else self.deadline_at

    @property
    def stands_as_sent(self) -> bool:
        """Whether the organizer returned it and took that back: opened and sent in one act, as it was sent before."""
        return self.submitted_at is not None and self.submitted_at == self.reopened_at

    @property
    def is_late(self) -> bool:
        """Sent for the first time after the cycle's deadline, because the organizer opened it again."""
        return is_late(self.submitted_at, self.first_submitted_at, self.deadline_at)


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """A file or link beside a question. `number` counts within the field, removed ones included: it never changes."""

    id: int
    field: str
    kind: str  # file | link
    title: str  # what the officer called it; "" to use the field's label
    number: int
    url: str | None
    sha256: str | None
    size: int | None
    media_type: str | None
    added_at: datetime
    name: str = ""  # that a file came with
    received_sha256: str | None = None  # of a picture before it was painted anew
    given_by: str = ""  # a district that handed it to the officer


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A stored file that the person may download, and the tidy name it gets."""

    id: int
    entry_code: str
    field: str
    number: int
    sha256: str
    media_type: str


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One entry in a list."""

    id: int
    code: str
    adoption_id: int
    category: str
    province_code: str
    number: int
    label: str
    state: str
    submitted_at: datetime | None
    due_at: datetime | None
    reopened_at: datetime | None
    first_submitted_at: datetime | None
    step: str  # with whom a draft is on its way up
    deadline_at: datetime  # of the whole cycle
    answers: dict[str, Any] = having(default_factory=dict)  # only where the list needs them

    @property
    def is_late(self) -> bool:
        """Sent for the first time after the cycle's deadline."""
        return is_late(self.submitted_at, self.first_submitted_at, self.deadline_at)


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """Which entries are within the person's scope."""
    if may_see_runs(actor):
        return true()
    own = Entry.province_code.in_(actor.provinces) if actor.provinces else false()
    if not actor.duty_ids:
        return own
    # A member sees what is assigned to a seat held today, once it is sent, unless recused from it.
    assigned = (  # found by their ids, so that nobody else's entries are read
        select(Assignment.entry_id)
        .join(Seat, Seat.id == Assignment.seat_id)
        .where(Assignment.excused != "recused", Seat.duty_id.in_(actor.duty_ids))
    )
    return or_(own, and_(Entry.state.in_(("submitted", "not_presented")), Entry.id.in_(assigned)))


def _whole() -> Select[*tuple[Any, ...]]:
    """Everything about entries in one statement, so that a save stays within its few."""
    evidence = (
        select(func.aggregate_strings(Evidence.field, ","))
        .where(Evidence.entry_id == Entry.id, Evidence.removed_at.is_(None))
        .scalar_subquery()
    )
    asked = func.json_array(ReturnedQuestion.id, ReturnedQuestion.field, ReturnedQuestion.reason, ReturnedQuestion.at)
    returned = (
        select(func.json_group_array(asked))
        .where(ReturnedQuestion.entry_id == Entry.id, ReturnedQuestion.closed_at.is_(None))
        .scalar_subquery()
    )
    return (
        select(
            Entry, Province.name_th, Province.name_en, Province.zone_number, Province.districts,
            Award.name_th.label("award_th"), Award.name_en.label("award_en"), Award.short_th, Award.short_en,
            Cycle.year, Cycle.opens_at, Cycle.deadline_at, Cycle.approval, Adoption.rules_text,
            _WITHDREW.title_th.label("gone_th"), _WITHDREW.title_en.label("gone_en"),
            User.title_th.label("by_th"), User.title_en.label("by_en"), evidence.label("evidence"),
            returned.label("returned"),
        )
        .join(Adoption, Adoption.id == Entry.adoption_id)
        .join(Award, Award.id == Adoption.award_id)
        .join(Cycle, Cycle.id == Adoption.cycle_id)
        .join(Province, Province.code == Entry.province_code)
        .outerjoin(User, User.id == Entry.submitted_by_id)
        .outerjoin(_WITHDREW, _WITHDREW.id == Entry.withdrawn_by_id)
    )  # fmt: skip


def find_entry(db: Session, actor: Actor, entry_id: int) -> FoundEntry | None:
    """The entry, if it is within the person's scope: officers their province's, members what is assigned to a seat
    they hold today once it is sent, organizer and auditor all. None otherwise, and where there is no such entry."""
    if entry_id > MOST_ID:
        return None
    row = db.execute(_whole().where(Entry.id == entry_id, seen_by(actor))).first()
    return None if row is None else _found(row)


def _found(row: Row[Any]) -> FoundEntry:
    entry: Entry = row.Entry
    return FoundEntry(
        id=entry.id,
        code=entry.code,
        adoption_id=entry.adoption_id,
        category=entry.category,
        number=entry.number,
        label=entry.label,
        state=entry.state,
        province_code=entry.province_code,
        province_name_th=row.name_th,
        province_name_en=row.name_en,
        zone_number=row.zone_number,
        districts=row.districts,
        award_name_th=row.award_th,
        award_name_en=row.award_en,
        award_short_th=row.short_th,
        award_short_en=row.short_en,
        year=row.year,
        rules_text=row.rules_text,
        answers=json.loads(entry.answers),
        evidence_count=dict(Counter(row.evidence.split(","))) if row.evidence else {},
        revision=entry.revision,
        saved_at=entry.saved_at,
        submitted_at=entry.submitted_at,
        submitted_by_th=row.by_th or "",
        submitted_by_en=row.by_en or "",
        receipt=entry.receipt,
        invented=entry.invented,
        opens_at=row.opens_at,
        deadline_at=row.deadline_at,
        due_at=entry.due_at,
        reopened_at=entry.reopened_at,
        reopened_reason=entry.reopened_reason,
        first_submitted_at=entry.first_submitted_at,
        approval=row.approval,
        step=entry.step,
        withdrawn_at=entry.withdrawn_at,
        withdrawn_reason=entry.withdrawn_reason,
        withdrawn_by_th=row.gone_th or "",
        withdrawn_by_en=row.gone_en or "",
        returned=_returned(row.returned),
    )


def _returned(found: str) -> tuple[Returned, ...]:
    rows = sorted(json.loads(each) if isinstance(each, str) else each for each in json.loads(found))
    return tuple(Returned(field, reason, datetime.fromisoformat(at)) for _, field, reason, at in rows)


def list_evidence(db: Session, entry_id: int) -> list[EvidenceItem]:
    """What stands beside the questions now, in the order it was added; what was removed keeps its number."""
    rows = db.execute(select(Evidence).where(Evidence.entry_id == entry_id).order_by(Evidence.id)).scalars().all()
    items: list[EvidenceItem] = []
    numbers: dict[str, int] = {}
    for row in rows:
        numbers[row.field] = numbers.get(row.field, 0) + 1
        if row.removed_at is None:
            items.append(
                EvidenceItem(
                    id=row.id, field=row.field, kind=row.kind, title=row.title, number=numbers[row.field], url=row.url,
                    sha256=row.sha256, size=row.size, media_type=row.media_type, added_at=row.added_at,
                    name=row.name, received_sha256=row.received_sha256, given_by=row.given_by,
                )
            )  # fmt: skip
    return items


def find_file(db: Session, actor: Actor, evidence_id: int) -> FoundFile | None:
    """A stored file within the person's scope; None for links, removed files, and files of entries out of scope."""
    if evidence_id > MOST_ID:
        return None
    row = db.execute(
        select(Entry.code, Evidence.field, Evidence.sha256, Evidence.media_type, Entry.id)
        .join(Entry, Entry.id == Evidence.entry_id)
        .where(Evidence.id == evidence_id, Evidence.removed_at.is_(None), Evidence.kind == "file", seen_by(actor))
    ).first()
    if row is None:
        return None
    number = db.execute(
        select(func.count(Evidence.id)).where(
            Evidence.entry_id == row.id, Evidence.field == row.field, Evidence.id <= evidence_id
        )
    ).scalar_one()
    return FoundFile(evidence_id, row.code, row.field, number, row.sha256, row.media_type or "application/octet-stream")


def list_entry_lines(
    db: Session, *, cycle_id: int, provinces: Collection[str] | None = None, zone: int | None = None,
    adoption_id: int | None = None, with_answers: bool = False,
) -> list[EntryLine]:  # fmt: skip
    """The cycle's entries, in the order of the day, category as stored, and number."""
    columns: list[Any] = [
        Entry.id, Entry.code, Entry.adoption_id, Entry.category, Entry.province_code, Entry.number, Entry.label,
        Entry.state, Entry.submitted_at, Entry.due_at, Entry.reopened_at,
        Entry.first_submitted_at, Entry.step, Cycle.deadline_at, *([Entry.answers] if with_answers else []),
    ]  # fmt: skip
    # Of a few provinces by the index of provinces, not by that of the award with all its entries.
    which = Entry.adoption_id if provinces is None else Entry.adoption_id + 0
    query = (
        select(*columns)
        .join(Adoption, Adoption.id == which)
        .join(Cycle, Cycle.id == Adoption.cycle_id)
        .where(Adoption.cycle_id == cycle_id)
        .order_by(Adoption.position, Entry.category, Entry.province_code, Entry.number)
    )
    if provinces is not None:
        query = query.where(Entry.province_code.in_(provinces))
    if adoption_id is not None:
        query = query.where(Entry.adoption_id == adoption_id)
    if zone is not None:
        query = query.join(Province, Province.code == Entry.province_code).where(Province.zone_number == zone)
    return [EntryLine(*row[:14], *(json.loads(text) for text in row[14:])) for row in db.execute(query)]


def count_evidence(db: Session, entry_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """For each entry, how many files and links stand beside each field."""
    counts: dict[int, dict[str, int]] = {}
    rows = db.execute(
        select(Evidence.entry_id, Evidence.field)
        .where(Evidence.entry_id.in_(entry_ids), Evidence.removed_at.is_(None))
        .order_by(Evidence.id)
    )
    for entry_id, field in rows:
        fields = counts.setdefault(entry_id, {})
        fields[field] = fields.get(field, 0) + 1
    return counts


def has_scoring_begun(db: Session, entry_id: int) -> bool:
    """Whether a slot in which this entry is marked has been opened."""
    return bool(
        db.execute(
            select(
                exists(
                    select(Assignment.id)
                    .join(Slot, Slot.id == Assignment.slot_id)
                    .where(Assignment.entry_id == entry_id, Slot.state != "planned")
                )
            )
        ).scalar_one()
    )


def is_slot_closed(db: Session, *, adoption_id: int, province_code: str, stage: str) -> bool:
    """Whether the panel of a stage has closed the slot in which this award of a province is heard: what was not sent
    before is heard there no more, unless the chair opens the slot again."""
    heard = (
        select(Slot.id)
        .join(ScoringSession, ScoringSession.id == Slot.session_id)
        .join(Panel, Panel.id == ScoringSession.panel_id)
        .where(
            Slot.adoption_id == adoption_id, ScoringSession.province_code == province_code, Panel.stage == stage,
            Slot.state == "closed",
        )
    )  # fmt: skip
    return bool(db.execute(select(exists(heard))).scalar_one())
