"""An organizer brings in entries from a file: each one whole or not at all, whatever becomes of the others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from award.actions.entries import LABEL, insert_entry, store_answers
from award.actions.unit import Unit, unit
from award.actions.writable import checked_key, entry_to_import
from award.clock import Clock
from award.db.engine import Database
from award.db.entries import Entry
from award.db.ledger import Receipt
from award.entry_sheets.many_plan import Planned
from award.errors import Forbidden
from award.policy import Actor, is_organizer


@dataclass(frozen=True, slots=True)
class EntryToImport:
    """One row of a file: `entry_id` None begins a new entry, named by `label`; `values` by code, as they are stored."""

    adoption_id: int
    category: str
    province_code: str
    entry_id: int | None
    label: str
    base_revision: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of one row."""

    entry_id: int
    code: str
    receipt: str


def to_import(planned: Planned) -> EntryToImport:
    """A row of a dry run, to be imported."""
    return EntryToImport(
        adoption_id=planned.section.adoption_id,
        category=planned.section.category.code,
        province_code=planned.place.code if planned.place else "",
        entry_id=planned.entry.id if planned.entry else None,
        label=planned.label,
        base_revision=planned.entry.revision if planned.entry else 0,
        values=planned.values,
    )


def import_entry(database: Database, clock: Clock, *, actor: Actor, row: EntryToImport, key: str | None) -> Imported:
    """Begins the entry where it is new, and stores its answers as the next revision, in one transaction. A repeat of
    `key` answers the first receipt.

    Raises Forbidden to anybody but organizers; NotFound, Locked, Stale and Invalid as for the province itself.
    """
    about = ("import_entry", row.adoption_id, row.category, row.province_code, row.entry_id, row.base_revision)
    with unit(database, clock, actor=actor, key=None if key is None else checked_key(key), about=about) as u:
        if not is_organizer(actor):
            raise Forbidden
        if u.repeated:
            return _imported(u, u.repeated)
        entry_id, changes = row.entry_id, dict(row.values)
        if entry_id is None:
            begun = insert_entry(
                u, adoption_id=row.adoption_id, category=row.category, province_code=row.province_code, label=row.label
            )
            entry_id, log = int(begun["id"]), u.log_of(row.adoption_id)
            changes.pop(LABEL, None)
            if not changes:
                return _imported(u, u.record("begin_entry", begun, log=log))
            u.before("begin_entry", begun, log=log)
        found = entry_to_import(u.db, actor, entry_id, now=u.now)
        saved = store_answers(u, found, changes=changes, base_revision=row.base_revision, way="import")
        return Imported(entry_id, found.code, saved.receipt)


def _imported(u: Unit, receipt: Receipt) -> Imported:
    code = str(receipt.body["entry"])
    return Imported(int(u.db.execute(select(Entry.id).where(Entry.code == code)).scalar_one()), code, receipt.text)
