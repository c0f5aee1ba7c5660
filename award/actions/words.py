"""Filling in the words that searches look through, and looking whether they are what they should be.

No act: nothing is decided by them and no line is written. Where they are missing, a search takes longer and finds the
same; where they were spoiled outside the program, `award check` says so and `award check --mend` makes them anew.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from sqlalchemy import Select, Table, bindparam, delete, exists, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from award.actions.unit import Unit, unit
from award.clock import Clock
from award.db.engine import Database
from award.db.entries import Entry, Evidence
from award.db.words import EntryWords, FileWords, Folding, find_lost_triggers, put_triggers
from award.policy import Actor
from award.queries.likeness import fold
from award.queries.words import entry_text, file_text, pack

AT_A_TIME = 2_000  # rows of one transaction: nobody waits long behind it
LOOKED_THROUGH = 5_000  # rows read at a time where all are compared
_PROBES = ("จ.ตราด อ.เมือง ต.วังกระแจะ", "กลุ่มจังหวัดภาคใต้ฝั่งอ่าวไทย", "ฝั่ง", "เเม่ลํานํ้า", "ที่ บร ๐๐๑๙/ว ๑๒๑๐")
_ENTRIES = (
    select(Entry.id.label("ref"), Entry.code.label("first"), Entry.label.label("second"))
    .join(EntryWords, EntryWords.entry_id == Entry.id)
    .where(EntryWords.words.is_(None))
    .limit(AT_A_TIME)
)
_FILES = (
    select(
        Evidence.id.label("ref"), Evidence.title.label("first"), Evidence.name.label("second"), Evidence.removed_at
    )
    .join(FileWords, FileWords.evidence_id == Evidence.id)
    .where(FileWords.words.is_(None))
    .limit(AT_A_TIME)
)  # fmt: skip
_SET_ENTRY = (
    update(cast(Table, EntryWords.__table__))
    .where(EntryWords.entry_id == bindparam("ref"))
    .values(words=bindparam("made"))
)
_SET_FILE = (
    update(cast(Table, FileWords.__table__))
    .where(FileWords.evidence_id == bindparam("ref"))
    .values(words=bindparam("made"))
)
_IS_COMPLETE = select(
    exists(select(EntryWords.entry_id).where(EntryWords.words.is_(None))),
    exists(select(FileWords.evidence_id).where(FileWords.words.is_(None))),
    select(Folding.made_by).scalar_subquery(),
)


def keep_words(database: Database, clock: Clock) -> int:
    """Fills in all words that wait for it, first emptying those that were folded otherwise; answers how many rows."""
    made_by, count = _folding(), 0
    with database.reading() as db:
        *waits, before = db.execute(_IS_COMPLETE).one()
    if before != made_by:
        with unit(database, clock, actor=Actor.nobody()) as u:
            _empty(u)
            new = insert(Folding).values(id=1, made_by=made_by)
            u.db.execute(new.on_conflict_do_update(index_elements=["id"], set_={"made_by": made_by}))
    elif not any(waits):
        return 0
    while True:
        with unit(database, clock, actor=Actor.nobody()) as u:
            filled = _fill(u.db)
        if not filled:
            return count
        count += filled


def _empty(u: Unit) -> None:
    u.change(update(EntryWords).where(EntryWords.words.is_not(None)).values(words=None))
    u.change(update(FileWords).where(FileWords.words.is_not(None)).values(words=None))


def _fill(db: Session) -> int:
    entries = [{"ref": row.ref, "made": pack(entry_text(row.first, row.second))} for row in db.execute(_ENTRIES)]
    files = [{"ref": row.ref, "made": _of_file(row)} for row in db.execute(_FILES)]
    if entries:
        db.connection().execute(_SET_ENTRY, entries)
    if files:
        db.connection().execute(_SET_FILE, files)
    return len(entries) + len(files)


def _of_file(row: Any) -> bytes:
    return b"" if row.removed_at is not None else pack(file_text(row.first, row.second))


@cache
def _folding() -> str:
    """What tells this program's folding from another's: what becomes of every letter that people here type, and of
    some words."""
    blocks = ["".join(map(chr, range(first, first + 64))) for first in range(0x20, 0x2100, 64)]
    made = b"\n".join(pack(fold(each)) for each in (*blocks, *_PROBES))
    return hashlib.sha256(made).hexdigest()


@dataclass(frozen=True, slots=True)
class Spoiled:
    """What is wrong with the words: ids of entries and of evidence whose rows say something else, are missing or are
    left over; names of triggers that are gone. What only waits to be filled in is as it should be."""

    entries: tuple[int, ...]
    files: tuple[int, ...]
    triggers: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.entries or self.files or self.triggers)


def find_spoiled(db: Session) -> Spoiled:
    """Folds all texts and compares: some seconds for a quarter of a million."""
    return Spoiled(
        tuple(_spoiled_entries(db)), tuple(_spoiled_files(db)), tuple(find_lost_triggers(db.connection()))
    )  # fmt: skip


def mend_words(database: Database, clock: Clock) -> Spoiled:
    """Makes anew what is wrong, and fills it in; answers what it was."""
    with unit(database, clock, actor=Actor.nobody()) as u:
        found = find_spoiled(u.db)
        put_triggers(u.db.connection())
        for refs in _some(found.entries):
            u.change(delete(EntryWords).where(EntryWords.entry_id.in_(refs)))
            there = select(Entry.id, Entry.adoption_id, Entry.province_code).where(Entry.id.in_(refs))
            u.db.execute(insert(EntryWords).from_select(["entry_id", "adoption_id", "province_code"], there))
        for refs in _some(found.files):
            u.change(delete(FileWords).where(FileWords.evidence_id.in_(refs)))
            here = select(Evidence.id).where(Evidence.id.in_(refs))
            u.db.execute(insert(FileWords).from_select(["evidence_id"], here))
    keep_words(database, clock)
    return found


def _spoiled_entries(db: Session) -> Iterator[int]:
    asked = (
        select(
            Entry.id, Entry.code, Entry.label, Entry.adoption_id, Entry.province_code, EntryWords.words,
            EntryWords.adoption_id.label("of"), EntryWords.province_code.label("at"),
        )
        .outerjoin(EntryWords, EntryWords.entry_id == Entry.id)
        .order_by(Entry.id)
    )  # fmt: skip
    for row in _walk(db, asked, Entry.id):
        there = (row.of, row.at) == (row.adoption_id, row.province_code)
        if not there or row.words not in (None, pack(entry_text(row.code, row.label))):
            yield row.id
    yield from db.execute(_left_over(EntryWords.entry_id, Entry.id)).scalars()


def _spoiled_files(db: Session) -> Iterator[int]:
    asked = (
        select(
            Evidence.id, Evidence.title.label("first"), Evidence.name.label("second"), Evidence.removed_at,
            FileWords.evidence_id.label("at"), FileWords.words,
        )
        .outerjoin(FileWords, FileWords.evidence_id == Evidence.id)
        .order_by(Evidence.id)
    )  # fmt: skip
    for row in _walk(db, asked, Evidence.id):
        if row.at is None or row.words not in (None, _of_file(row)):
            yield row.id
    yield from db.execute(_left_over(FileWords.evidence_id, Evidence.id)).scalars()


def _walk(db: Session, asked: Select, by: Any) -> Iterator[Any]:
    last = -1
    while rows := db.execute(asked.where(by > last).limit(LOOKED_THROUGH)).all():
        yield from rows
        last = rows[-1].id


def _left_over(ref: Any, owner: Any) -> Select:
    return select(ref).where(~exists(select(owner).where(owner == ref))).order_by(ref)


def _some(refs: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    for start in range(0, len(refs), LOOKED_THROUGH):
        yield refs[start : start + LOOKED_THROUGH]
