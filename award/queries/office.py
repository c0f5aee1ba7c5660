"""An entry as its office works on it: versions, who is at it, who answers for what, notes to colleagues."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import String, bindparam, exists, func, select, type_coerce
from sqlalchemy.orm import Session

from award.db.cycles import Adoption, Cycle
from award.db.entries import Entry, EntryRevision, Evidence
from award.db.office import ColleagueNote, Presence, SectionOwner
from award.db.people import Duty, User
from award.policy import OFFICE, Actor
from award.queries.duties import is_held
from award.queries.entries import MOST_ID, FoundEntry


@dataclass(frozen=True, slots=True)
class Version:
    """The answers of an entry as one save left them. `label`: None where it was not kept yet."""

    revision: int
    label: str | None
    answers: Mapping[str, Any]


EMPTY = Version(0, None, {})  # what an entry that was only begun holds


def find_version(db: Session, entry_id: int, revision: int) -> Version | None:
    """The version; revision 0 is the entry that was only begun. None where there is none."""
    if revision == 0:
        return EMPTY
    if not 0 < revision < 2**31:
        return None
    asked = select(EntryRevision.revision, EntryRevision.label, EntryRevision.answers)
    row = db.execute(asked.where(EntryRevision.entry_id == entry_id, EntryRevision.revision == revision)).first()
    return None if row is None else Version(row.revision, row.label, json.loads(row.answers))


@dataclass(frozen=True, slots=True)
class AtWork:
    """An entry as an open form follows it: what tells whether anything is new. `office` stands for owners and notes."""

    id: int
    revision: int
    state: str
    step: str
    evidence: str
    office: str


_NOTES = (
    select(func.count(ColleagueNote.id).concat("-").concat(func.count(ColleagueNote.removed_at)))
    .where(ColleagueNote.entry_id == Entry.id)
    .scalar_subquery()
)
_OWNERS = (
    select(func.coalesce(func.max(SectionOwner.at), "")).where(SectionOwner.entry_id == Entry.id).scalar_subquery()
)
_PIECES = (
    select(func.count(Evidence.id).concat("-").concat(func.count(Evidence.removed_at)))
    .where(Evidence.entry_id == Entry.id)
    .scalar_subquery()
)
_AT_WORK = select(
    Entry.id, Entry.revision, Entry.state, Entry.step, _PIECES, type_coerce(_OWNERS, String).concat(_NOTES)
).where(Entry.id == bindparam("entry"), Entry.province_code.in_(bindparam("provinces", expanding=True)))


def find_at_work(db: Session, actor: Actor, entry_id: int) -> AtWork | None:
    """The entry, for the people of its province's office; None for everybody else. One statement."""
    if not actor.provinces or entry_id > MOST_ID:
        return None
    row = db.execute(_AT_WORK, {"entry": entry_id, "provinces": list(actor.provinces)}).first()
    return None if row is None else AtWork(*row)


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody whose form was open just now. `section`: where they wrote last; "" for nowhere yet."""

    user_id: int
    title_th: str
    title_en: str
    section: str
    at: datetime


def list_present(db: Session, entry_id: int, *, since: datetime) -> list[Seen]:
    """Who had the form open since then, as far as it is told yet, in the order of accounts."""
    rows = db.execute(
        select(Presence.user_id, User.title_th, User.title_en, Presence.section, Presence.seen_at)
        .join(User, User.id == Presence.user_id)
        .where(Presence.entry_id == entry_id, Presence.seen_at >= since)
        .order_by(Presence.user_id)
    )
    return [Seen(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Owner:
    """Who answers for a section: a work group of the office, a person of it, or both."""

    section: str
    work_group: str
    user_id: int | None
    title_th: str
    title_en: str


@dataclass(frozen=True, slots=True)
class Note:
    """A note to colleagues. Nobody outside the office gets to see one."""

    id: int
    section: str
    text: str
    at: datetime
    by_id: int
    by_th: str
    by_en: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the office today."""

    user_id: int
    title_th: str
    title_en: str


def map_owners(db: Session, entry_id: int) -> dict[str, Owner]:
    """Who answers for which section."""
    rows = db.execute(
        select(SectionOwner.section, SectionOwner.work_group, SectionOwner.user_id, User.title_th, User.title_en)
        .outerjoin(User, User.id == SectionOwner.user_id)
        .where(SectionOwner.entry_id == entry_id)
        .order_by(SectionOwner.section)
    )
    return {row.section: Owner(row[0], row[1], row[2], row[3] or "", row[4] or "") for row in rows}


def list_notes(db: Session, entry_id: int) -> list[Note]:
    """The notes to colleagues that stand, the oldest first. Ask only for people of the entry's own office."""
    rows = db.execute(
        select(
            ColleagueNote.id, ColleagueNote.section, ColleagueNote.text, ColleagueNote.at, ColleagueNote.by_id,
            User.title_th, User.title_en,
        )
        .join(User, User.id == ColleagueNote.by_id)
        .where(ColleagueNote.entry_id == entry_id, ColleagueNote.removed_at.is_(None))
        .order_by(ColleagueNote.id)
    )  # fmt: skip
    return [Note(*row) for row in rows]


def list_colleagues(db: Session, province_code: str, *, today: date) -> list[Colleague]:
    """The people of a provincial office today, in the order of their accounts."""
    rows = db.execute(
        select(User.id, User.title_th, User.title_en)
        .where(
            exists(
                select(Duty.id).where(
                    Duty.user_id == User.id,
                    Duty.province_code == province_code,
                    Duty.role.in_(OFFICE),
                    is_held(today),
                )
            )
        )
        .order_by(User.id)
    )
    return [Colleague(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class EarlierEntry:
    """The province's entry of the same award and category in an earlier round."""

    code: str
    year: int  # Buddhist Era
    category: str
    rules_text: str
    answers: Mapping[str, Any]


def find_earlier(db: Session, entry: FoundEntry) -> EarlierEntry | None:
    """The newest earlier entry of the province in this award and category: of several in a year the one with the same
    number, else the first. None where there is none, or it was withdrawn."""
    award = select(Adoption.award_id).where(Adoption.id == entry.adoption_id).scalar_subquery()
    row = db.execute(
        select(Entry.code, Cycle.year, Entry.category, Adoption.rules_text, Entry.answers)
        .join(Adoption, Adoption.id == Entry.adoption_id)
        .join(Cycle, Cycle.id == Adoption.cycle_id)
        .where(
            Adoption.award_id == award, Entry.category == entry.category, Entry.province_code == entry.province_code,
            Cycle.year < entry.year, Entry.state != "withdrawn",
        )
        .order_by(Cycle.year.desc(), (Entry.number != entry.number), Entry.number, Entry.id)
        .limit(1)
    ).first()  # fmt: skip
    return None if row is None else EarlierEntry(*row[:4], json.loads(row[4]))
