"""What the store of evidence holds: the contents that records name, and how much of it an entry and a province have."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from award.db.entries import Entry, Evidence
from award.queries.papers import list_photos


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A stored content and every place where it stands or stood, as `entry/field`."""

    sha256: str
    places: tuple[str, ...]


def list_stored_files(db: Session) -> list[StoredFile]:
    """Every content that a record names, removed ones included, in the order of its first place."""
    places: dict[str, list[str]] = {}
    rows = db.execute(
        select(Evidence.sha256, Entry.code, Evidence.field)
        .join(Entry, Entry.id == Evidence.entry_id)
        .where(Evidence.kind == "file")
        .order_by(Evidence.id)
    )
    for sha256, entry, field in rows:
        if sha256 is not None:
            places.setdefault(sha256, []).append(f"{entry}/{field}")
    for sha256, place in list_photos(db):
        places.setdefault(sha256, []).append(place)
    return [StoredFile(sha256, tuple(dict.fromkeys(where))) for sha256, where in places.items()]


@dataclass(frozen=True, slots=True)
class Held:
    """How much is stored: distinct contents, and their bytes."""

    files: int
    size: int


def held_by_entry(db: Session, entry_id: int) -> Held:
    """The files beside the questions of an entry now."""
    return _held(db, Evidence.entry_id == entry_id, Evidence.removed_at.is_(None))


def held_by_province(db: Session, province_code: str) -> Held:
    """All files that a province ever sent, with those that were removed."""
    return _held(db, Evidence.entry_id.in_(select(Entry.id).where(Entry.province_code == province_code)))


def _held(db: Session, *which: ColumnElement[bool]) -> Held:
    once = select(func.max(Evidence.size).label("size")).where(Evidence.kind == "file", *which)
    contents = once.group_by(Evidence.sha256).subquery()
    total = select(func.count(), func.coalesce(func.sum(contents.c.size), 0)).select_from(contents)
    return Held(*db.execute(total).one())
