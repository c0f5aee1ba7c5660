"""What the store of evidence holds: the contents that records name, and how much of it an entry and a province have."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session

from award.db.cycles import Adoption
from award.db.entries import Entry, Evidence
from award.queries.entries import MOST_ID, FoundEntry
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


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that the province has sent, to be used again beside another question. `id`: of the evidence."""

    id: int
    entry_id: int
    entry_code: str
    sha256: str
    received_sha256: str | None
    size: int
    media_type: str
    name: str
    title: str
    given_by: str


_SENT = (
    select(Evidence, Entry.code)
    .join(Entry, Entry.id == Evidence.entry_id)
    .where(Evidence.kind == "file", Evidence.removed_at.is_(None))
)
MOST_OFFERED = 200


def find_sent_file(db: Session, province_code: str, evidence_id: int) -> SentFile | None:
    """A file that stands beside a question of the province now; None for links, and where it is no such one."""
    if evidence_id > MOST_ID:
        return None
    row = db.execute(_SENT.where(Evidence.id == evidence_id, Entry.province_code == province_code)).first()
    return None if row is None else _sent(row)


def list_sent_files(db: Session, entry: FoundEntry) -> list[SentFile]:
    """What the province may use again in this entry: its files, each content once, those of the entry first, then those
    of the other entries of its round; the newest first in each."""
    own = select(Adoption.cycle_id).where(Adoption.id == entry.adoption_id).scalar_subquery()
    rows = db.execute(
        _SENT.join(Adoption, Adoption.id == Entry.adoption_id)
        .where(Entry.province_code == entry.province_code, Adoption.cycle_id == own)
        .order_by(Entry.id != entry.id, Evidence.id.desc())
        .limit(5 * MOST_OFFERED)
    )
    once: dict[str, SentFile] = {}
    for row in rows:
        once.setdefault(row.Evidence.sha256, _sent(row))
    return list(once.values())[:MOST_OFFERED]


def _sent(row: Row[Evidence, str]) -> SentFile:
    piece: Evidence = row.Evidence
    return SentFile(
        id=piece.id, entry_id=piece.entry_id, entry_code=row.code, sha256=piece.sha256 or "",
        received_sha256=piece.received_sha256, size=piece.size or 0, media_type=piece.media_type or "",
        name=piece.name, title=piece.title, given_by=piece.given_by,
    )  # fmt: skip
