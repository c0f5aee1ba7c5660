"""Tells the pages that look on that something changed: one number for each scoring session."""

from typing import cast

from sqlalchemy import Table, bindparam, select, update

from award.actions.unit import Unit
from award.db.scoring import Assignment, ScoringSession, Slot

SESSIONS = cast(Table, ScoringSession.__table__)
_NEXT = update(SESSIONS).values(version=SESSIONS.c.version + 1)
_OF_SLOT = _NEXT.where(SESSIONS.c.id == select(Slot.session_id).where(Slot.id == bindparam("slot")).scalar_subquery())
_OF_SESSION = _NEXT.where(SESSIONS.c.id == bindparam("session"))

_OF_ENTRY = _NEXT.where(
    SESSIONS.c.id.in_(
        select(Slot.session_id)
        .join(Assignment, Assignment.slot_id == Slot.id)
        .where(Assignment.entry_id == bindparam("entry"))
    )
)


def tell_slot(u: Unit, slot_id: int) -> None:
    """Every act that changes what is seen of a slot, other than marks, says so inside its unit."""
    u.db.execute(_OF_SLOT, {"slot": slot_id})


def tell_session(u: Unit, session_id: int) -> None:
    """The same for what concerns a whole scoring session."""
    u.db.execute(_OF_SESSION, {"session": session_id})


def tell_entry(u: Unit, entry_id: int) -> None:
    """The same for an entry, wherever somebody has a card for it."""
    u.db.execute(_OF_ENTRY, {"entry": entry_id})
