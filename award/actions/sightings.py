"""Whose pages of a scoring day ask, and how many changes wait on their devices."""

from datetime import datetime

from sqlalchemy.dialects.sqlite import insert

from award.actions.gathered import Gathered, Place
from award.actions.unit import Unit
from award.db.live import Sighting


class Sightings(Gathered[tuple[datetime, int]]):
    """When a member's page asked and what waited there, by scoring session and seat."""

    def note(self, *, session_id: int, seat_id: int, at: datetime, unsent: int) -> None:
        """A member's page asked just now."""
        self.keep((session_id, seat_id), (at, unsent))

    def write(self, u: Unit, told: dict[Place, tuple[datetime, int]]) -> None:
        """The newest of each."""
        new = insert(Sighting)
        rows = [
            {"session_id": session, "seat_id": seat, "seen_at": at, "unsent": unsent}
            for (session, seat), (at, unsent) in told.items()
        ]
        u.db.execute(
            new.on_conflict_do_update(
                index_elements=["session_id", "seat_id"], where=Sighting.seen_at <= new.excluded.seen_at,
                set_={"seen_at": new.excluded.seen_at, "unsent": new.excluded.unsent},
            ),
            rows,
        )  # fmt: skip
