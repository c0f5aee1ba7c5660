"""Who has which entry's form open and where they write: kept in memory, told together every few seconds.

No act: nothing is decided by it and no line is written. Several processes see each other's people through the table.
"""

from collections.abc import Mapping
from datetime import timedelta
from threading import Lock

from sqlalchemy import delete
from sqlalchemy.dialects.sqlite import insert

from award.actions.unit import unit
from award.clock import Clock
from award.db.engine import Database
from award.db.office import Presence
from award.policy import Actor
from award.queries.office import Seen

STAYS = timedelta(seconds=25)  # after its last sign of life somebody is taken to have left
KEPT = timedelta(hours=1)  # then the row goes
Place = tuple[int, int]  # entry, person


class Presences:
    """The people of one process: those seen since they were told last."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen: dict[Place, Seen] = {}

    def note(self, entry_id: int, seen: Seen) -> None:
        """Somebody's form asked just now."""
        with self._lock:
            self._seen[entry_id, seen.user_id] = seen

    def of(self, entry_id: int) -> Mapping[int, Seen]:
        """What is not told yet of one entry, by person."""
        with self._lock:
            return {user: seen for (entry, user), seen in self._seen.items() if entry == entry_id}

    def flush(self, database: Database, clock: Clock) -> int:
        """Tells all of them in one transaction; answers how many. What could not be written is told next time."""
        with self._lock:
            seen, self._seen = self._seen, {}
        if not seen:
            return 0
        try:
            with unit(database, clock, actor=Actor.nobody()) as u:
                u.change(delete(Presence).where(Presence.seen_at < u.now - KEPT))
                rows = [
                    {"entry_id": entry, "user_id": user, "section": each.section, "seen_at": each.at}
                    for (entry, user), each in seen.items()
                ]
                new = insert(Presence)
                newer = {"section": new.excluded.section, "seen_at": new.excluded.seen_at}
                u.db.execute(
                    new.on_conflict_do_update(
                        index_elements=["entry_id", "user_id"], set_=newer,
                        where=Presence.seen_at <= new.excluded.seen_at,
                    ),
                    rows,
                )  # fmt: skip
        except BaseException:
            with self._lock:
                self._seen = seen | self._seen
            raise
        return len(seen)
