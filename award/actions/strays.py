"""Files of the store that no record names: what a sending left that did not come to its end.

Never touched are a content that a record names, and one that was written within the last day: its act may be under way.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from award.actions.privacy import MACHINE
from award.actions.unit import unit
from award.clock import Clock
from award.db.engine import Database
from award.db.evidence_files import EvidenceFiles, Stored
from award.db.log_files import utc_now
from award.queries.stored_files import list_stored_files

YOUNG = timedelta(days=1)
FEW = 20  # so many may go from any store; of more, at most a tenth of what is there
_AT_ONCE = 20  # while these go, no file is taken


@dataclass(frozen=True, slots=True)
class Strays:
    """What no record names: `old` may go, `young` stays. `of`: how many contents the store holds in all."""

    old: tuple[Stored, ...]
    young: tuple[Stored, ...]
    of: int

    @property
    def are_too_many(self) -> bool:
        """Whether it looks like the store of another site, or like a database that was put back from a backup."""
        return len(self.old) > max(FEW, self.of // 10)


def find_strays(database: Database, files: EvidenceFiles, *, real_now: Callable[[], datetime] = utc_now) -> Strays:
    """Looks through the names of the store, and reads no file. Ages go by the machine's own time. Raises NotSaved where
    the store does not answer."""
    stored = files.stored()
    named = _named(database)  # read later: what was kept meanwhile is among them
    unnamed = sorted((each for each in stored if each.sha256 not in named), key=lambda each: each.sha256)
    edge = real_now() - YOUNG
    return Strays(
        tuple(each for each in unnamed if each.at < edge),
        tuple(each for each in unnamed if each.at >= edge),
        len(stored),
    )


def remove_strays(
    database: Database, clock: Clock, files: EvidenceFiles, *, sha256s: Collection[str],
    real_now: Callable[[], datetime] = utc_now,
) -> tuple[str, ...]:  # fmt: skip
    """Removes those of the contents that still are what `find_strays` found, and answers which. Each is looked at again
    while no file is on its way into the store, so that the site may serve meanwhile. How many went stands in the
    ledger. Raises NotSaved where the store does not answer."""
    gone: list[str] = []
    try:
        asked = sorted(sha256s)
        for start in range(0, len(asked), _AT_ONCE):
            with files.alone():
                named = _named(database)
                for sha256 in asked[start : start + _AT_ONCE]:
                    found = files.look_up(sha256)
                    if found is not None and found.at < real_now() - YOUNG and sha256 not in named:
                        files.remove(sha256)
                        gone.append(sha256)
    finally:
        if gone:
            with unit(database, clock, actor=MACHINE) as u:
                u.record("tidy", {"strays": len(gone)})
    return tuple(gone)


def _named(database: Database) -> set[str]:
    with database.reading() as db:
        return {each.sha256 for each in list_stored_files(db)}
