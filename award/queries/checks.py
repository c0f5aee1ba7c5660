"""The organizers' queue: what was sent, how far each entry is looked through, and what changed since."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from award.db.checking import EntryCheck, ReturnedQuestion
from award.db.cycles import Adoption, Award, Cycle
from award.db.entries import Entry, EntryRevision, Evidence
from award.db.people import Province, User

# waiting: nobody looked yet; changed: it is another than it was, or came back; returned: it is with its province.
STANDINGS = ("waiting", "changed", "returned", "accepted")
TO_DO = ("waiting", "changed")


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the queue one wants to see; 0 and () for all."""

    zone: int = 0
    adoption_id: int = 0
    standings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueLine:
    """An entry in the queue."""

    id: int
    code: str
    label: str
    adoption_id: int
    award_short_th: str
    award_short_en: str
    province_name_th: str
    province_name_en: str
    zone_number: int
    standing: str
    submitted_at: datetime | None
    first_submitted_at: datetime | None
    deadline_at: datetime  # of the whole cycle
    due_at: datetime | None  # until when its province may mend it
    checked_at: datetime | None

    @property
    def is_late(self) -> bool:
        """Sent for the first time after the cycle's deadline."""
        first = self.first_submitted_at or self.submitted_at
        return first is not None and first.replace(microsecond=0) > self.deadline_at

    @property
    def closes_at(self) -> datetime:
        """Until when its province may mend it."""
        return max(self.deadline_at, self.due_at) if self.due_at else self.deadline_at


@dataclass(frozen=True, slots=True)
class Check:
    """One look through an entry, as it then stood."""

    revision: int
    fingerprint: str
    outcome: str  # accepted | returned
    note: str
    at: datetime
    by_th: str
    by_en: str


@dataclass(frozen=True, slots=True)
class Version:
    """An entry's answers as they stood at a revision."""

    answers: dict[str, Any]
    label: str | None  # None where it was not kept then


_LAST = aliased(EntryCheck)
_NEWEST = select(func.max(EntryCheck.id)).where(EntryCheck.entry_id == Entry.id).scalar_subquery()
_TOUCHED = exists(
    select(Evidence.id).where(
        Evidence.entry_id == Entry.id, or_(Evidence.added_at > _LAST.at, Evidence.removed_at > _LAST.at)
    )
)
_GIVEN_BACK = exists(
    select(ReturnedQuestion.id).where(ReturnedQuestion.entry_id == Entry.id, ReturnedQuestion.closed_at.is_(None))
)
_STANDING = case(
    (Entry.state == "draft", literal("returned")),
    (_LAST.id.is_(None), literal("waiting")),
    (or_(_LAST.outcome == "returned", Entry.revision > _LAST.revision, _TOUCHED), literal("changed")),
    else_=literal("accepted"),
).cast(String)


def _queue(query: Select[*tuple[Any, ...]], cycle_id: int, asked: Asked) -> Select[*tuple[Any, ...]]:
    """The cycle's entries that were sent, and those that came back to their provinces after they were."""
    query = (
        query.select_from(Entry)
        .join(Adoption, Adoption.id == Entry.adoption_id)
        .join(Province, Province.code == Entry.province_code)
        .outerjoin(_LAST, _LAST.id == _NEWEST)
        .where(
            Adoption.cycle_id == cycle_id,
            or_(
                Entry.state == "submitted",
                and_(Entry.state == "draft", or_(Entry.first_submitted_at.is_not(None), _GIVEN_BACK)),
            ),
        )
    )
    if asked.zone:
        query = query.where(Province.zone_number == asked.zone)
    if asked.adoption_id:
        query = query.where(Entry.adoption_id == asked.adoption_id)
    if asked.standings:
        query = query.where(_STANDING.in_(asked.standings))
    return query


# One award after the other, so that the same questions come one after the other; within it from zone to zone.
_ORDER = (
    Adoption.position, Entry.category, Province.zone_number, Province.sort, Province.code, Entry.number, Entry.id,
)  # fmt: skip


def list_queue(db: Session, *, cycle_id: int, asked: Asked, most: int, skip: int = 0) -> list[QueueLine]:
    """At most so many entries of the queue, in its order."""
    query = _queue(
        select(
            Entry.id, Entry.code, Entry.label, Entry.adoption_id, Award.short_th, Award.short_en, Province.name_th,
            Province.name_en, Province.zone_number, _STANDING, Entry.submitted_at, Entry.first_submitted_at,
            Cycle.deadline_at, Entry.due_at, _LAST.at,
        ),
        cycle_id, asked,
    )  # fmt: skip
    query = query.join(Award, Award.id == Adoption.award_id).join(Cycle, Cycle.id == Adoption.cycle_id)
    return [QueueLine(*row) for row in db.execute(query.order_by(*_ORDER).limit(most).offset(skip))]


def list_standings(db: Session, *, cycle_id: int, asked: Asked) -> list[tuple[int, str]]:
    """Entry and standing of the whole queue, in its order: where one is in it, and what comes next."""
    query = _queue(select(Entry.id, _STANDING), cycle_id, asked)
    return [(row[0], row[1]) for row in db.execute(query.order_by(*_ORDER))]


def count_standings(db: Session, *, cycle_id: int, asked: Asked) -> dict[str, int]:
    """How many entries have each standing."""
    counts = dict.fromkeys(STANDINGS, 0)
    query = _queue(select(_STANDING, func.count()), cycle_id, Asked(asked.zone, asked.adoption_id)).group_by(_STANDING)
    return counts | {row[0]: row[1] for row in db.execute(query)}


def list_checks(db: Session, entry_id: int) -> list[Check]:
    """Everything that organizers noted of an entry, the last look first."""
    query = (
        select(
            EntryCheck.revision, EntryCheck.fingerprint, EntryCheck.outcome, EntryCheck.note, EntryCheck.at,
            User.title_th, User.title_en,
        )
        .join(User, User.id == EntryCheck.by_id)
        .where(EntryCheck.entry_id == entry_id)
        .order_by(EntryCheck.id.desc())
    )  # fmt: skip
    return [Check(*row) for row in db.execute(query)]


def find_checked_version(db: Session, entry_id: int, revision: int) -> Version | None:
    """The answers at a revision; None where no version of that number was kept (nothing was saved until then)."""
    asked = select(EntryRevision.answers, EntryRevision.label)
    row = db.execute(asked.where(EntryRevision.entry_id == entry_id, EntryRevision.revision == revision)).first()
    return None if row is None else Version(json.loads(row.answers), row.label)


def list_removed_since(db: Session, entry_id: int, at: datetime) -> Collection[tuple[str, str]]:
    """Evidence that stood when the entry was looked through and is gone: field and what it was called."""
    query = (
        select(Evidence.field, func.coalesce(func.nullif(Evidence.title, ""), func.nullif(Evidence.name, ""), "–"))
        .where(Evidence.entry_id == entry_id, Evidence.added_at <= at, Evidence.removed_at > at)
        .order_by(Evidence.id)
    )
    return [(row[0], row[1]) for row in db.execute(query)]
