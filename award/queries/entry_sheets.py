"""An entry as it was when a workbook of it was made."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from award.db.entries import Entry, EntryRevision
from award.db.people import Province


@dataclass(frozen=True, slots=True)
class PastEntry:
    """Answers and label at a revision; `label` None for versions from before it was kept with them."""

    answers: dict[str, Any]
    label: str | None


def find_past_entry(db: Session, entry_id: int, revision: int) -> PastEntry | None:
    """The entry as that revision left it; a begun one (revision 0) held no answers. None for a revision that it never
    had."""
    if revision == 0:
        return PastEntry({}, None)
    row = db.execute(
        select(EntryRevision.answers, EntryRevision.label).where(
            EntryRevision.entry_id == entry_id, EntryRevision.revision == revision
        )
    ).first()
    return None if row is None else PastEntry(json.loads(row.answers), row.label)


def count_districts(db: Session, entry_id: int) -> int:
    """How many districts the entry's province has."""
    asked = select(Province.districts).join(Entry, Entry.province_code == Province.code).where(Entry.id == entry_id)
    return int(db.execute(asked).scalar_one())
