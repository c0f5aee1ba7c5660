"""Every version of an entry as it was saved, and what became of its files: for the history that people read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from award.db.entries import EntryRevision, Evidence
from award.db.people import User


@dataclass(frozen=True, slots=True)
class SavedVersion:
    """One save: who, when, which way it came, all answers as they were then. `label`: None where it was not kept."""

    revision: int
    label: str | None
    answers: Mapping[str, Any]
    way: str  # form | sheet | import | earlier
    at: datetime
    user_id: int
    by_th: str
    by_en: str


@dataclass(frozen=True, slots=True)
class PieceLine:
    """A file or link of the entry, also one that was taken away."""

    field: str
    kind: str
    title: str
    name: str
    added_at: datetime
    removed_at: datetime | None
    by_th: str
    by_en: str


_ASKED = select(
    EntryRevision.revision, EntryRevision.label, EntryRevision.answers, EntryRevision.way, EntryRevision.saved_at,
    EntryRevision.saved_by_id, User.title_th, User.title_en,
).join(User, User.id == EntryRevision.saved_by_id)  # fmt: skip


def list_versions(db: Session, entry_id: int, *, up_to: int, most: int) -> list[SavedVersion]:
    """At most so many versions, the newest first, none newer than `up_to`."""
    rows = db.execute(
        _ASKED.where(EntryRevision.entry_id == entry_id, EntryRevision.revision <= up_to)
        .order_by(EntryRevision.revision.desc())
        .limit(most)
    )
    return [SavedVersion(row[0], row[1], json.loads(row[2]), *row[3:]) for row in rows]


def find_saved_version(db: Session, entry_id: int, revision: int) -> SavedVersion | None:
    """One save of the entry; None where there is none with this number."""
    found = list_versions(db, entry_id, up_to=min(revision, 2**31), most=1)
    return found[0] if found and found[0].revision == revision else None


def list_pieces(db: Session, entry_id: int) -> list[PieceLine]:
    """All files and links that ever stood beside questions of the entry, the newest first."""
    rows = db.execute(
        select(
            Evidence.field, Evidence.kind, Evidence.title, Evidence.name, Evidence.added_at, Evidence.removed_at,
            User.title_th, User.title_en,
        )
        .join(User, User.id == Evidence.added_by_id)
        .where(Evidence.entry_id == entry_id)
        .order_by(Evidence.id.desc())
    )  # fmt: skip
    return [PieceLine(*row) for row in rows]
