"""Whose pages ask, and how many changes wait on their devices: kept in memory, told together every few seconds.

No act: nothing is decided by it and no line is written. Several processes see each other's sightings through the table.
"""

from datetime import datetime
from threading import Lock

from sqlalchemy import bindparam, insert, select, tuple_, update

from award.actions.unit import unit
from award.clock import Clock
from award.db.engine import Database
from award.db.live import Sighting
from award.policy import Actor

_NEWER = (
    update(Sighting.__table__)  # type: ignore[arg-type]
    .where(
        Sighting.session_id == bindparam("session"),
        Sighting.seat_id == bindparam("seat"),
        Sighting.seen_at <= bindparam("at"),  # another process may have seen the member later
    )
    .values(seen_at=bindparam("at"), unsent=bindparam("count"))
)
Place = tuple[int, int]  # session, seat


class Sightings:
    """The sightings of one process since they were told last."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen: dict[Place, tuple[datetime, int]] = {}

    def note(self, *, session_id: int, seat_id: int, at: datetime, unsent: int) -> None:
        """A member's page asked just now."""
        with self._lock:
            self._seen[session_id, seat_id] = at, unsent

    def of(self, session_id: int) -> dict[int, tuple[datetime, int]]:
        """What is not told yet of one scoring session: when each seat was seen, and what waited there."""
        with self._lock:
            return {seat: seen for (session, seat), seen in self._seen.items() if session == session_id}

    def flush(self, database: Database, clock: Clock) -> int:
        """Tells all of them in one transaction; answers how many. What could not be written is told next time."""
        with self._lock:
            seen, self._seen = self._seen, {}
        if not seen:
            return 0
        try:
            self._write(database, clock, seen)
        except BaseException:
            with self._lock:
                self._seen = seen | self._seen
            raise
        return len(seen)

    def _write(self, database: Database, clock: Clock, seen: dict[Place, tuple[datetime, int]]) -> None:
        with unit(database, clock, actor=Actor.nobody()) as u:
            places = tuple_(Sighting.session_id, Sighting.seat_id)
            known = {(row[0], row[1]) for row in u.db.execute(
                select(Sighting.session_id, Sighting.seat_id).where(places.in_(list(seen)))
            )}  # fmt: skip
            old = [
                {"session": place[0], "seat": place[1], "at": at, "count": unsent}
                for place, (at, unsent) in seen.items()
                if place in known
            ]
            new = [
                {"session_id": place[0], "seat_id": place[1], "seen_at": at, "unsent": unsent}
                for place, (at, unsent) in seen.items()
                if place not in known
            ]
            if old:
                u.db.connection().execute(_NEWER, old)
            if new:
                u.db.execute(insert(Sighting), new)
