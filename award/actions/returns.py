"""The organizer gives single questions of a sent entry back to its province; everything else of it stays locked."""

from typing import cast

from sqlalchemy import Table, bindparam, update

from award.actions.unit import Unit
from award.db.checking import ReturnedQuestion

_OPEN = cast(Table, ReturnedQuestion.__table__)
_CLOSE = (
    update(_OPEN)
    .where(_OPEN.c.entry_id == bindparam("entry"), _OPEN.c.closed_at.is_(None))
    .values(closed_at=bindparam("now"))
)


def close_returned(u: Unit, entry_id: int) -> None:
    """No question of the entry is returned by itself any longer: it was sent again, or opened as a whole."""
    u.db.execute(_CLOSE, {"entry": entry_id, "now": u.now})
