"""An entry as its office works on it: versions, who is at it, who answers for what, notes to colleagues."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, bindparam, func, select, type_coerce
from sqlalchemy.orm import Session

from award.db.entries import Entry, EntryRevision, Evidence
from award.db.office import ColleagueNote, Presence, SectionOwner
from award.db.people import User
from award.policy import Actor
from award.queries.entries import MOST_ID


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
