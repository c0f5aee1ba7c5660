"""Who has which entry's form open and where they write."""

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.dialects.sqlite import insert

from award.actions.gathered import Gathered, Place
from award.actions.unit import Unit
from award.db.office import Presence
from award.queries.office import Seen

STAYS = timedelta(seconds=25)  # after its last sign of life somebody is taken to have left
KEPT = timedelta(hours=1)  # then the row goes


class Presences(Gathered[Seen]):
    """People with forms, by entry and person."""

    def note(self, entry_id: int, seen: Seen) -> None:
        """Somebody's form asked just now."""
        self.keep((entry_id, seen.user_id), seen)

    def write(self, u: Unit, told: dict[Place, Seen]) -> None:
        """The newest of each; rows of long ago go."""
        u.change(delete(Presence).where(Presence.seen_at < u.now - KEPT))
        new = insert(Presence)
        rows = [
            {"entry_id": entry, "user_id": user, "section": each.section, "seen_at": each.at}
            for (entry, user), each in told.items()
        ]
        u.db.execute(
            new.on_conflict_do_update(
                index_elements=["entry_id", "user_id"], where=Presence.seen_at <= new.excluded.seen_at,
                set_={"section": new.excluded.section, "seen_at": new.excluded.seen_at},
            ),
            rows,
        )  # fmt: skip
