"""What open pages tell every few seconds, kept in memory and told together to the database every few more.

No act: nothing is decided by it and no line is written. Several processes see each other's through the tables.
"""

from abc import ABC, abstractmethod
from threading import Lock
from typing import Generic, TypeVar

from award.actions.unit import Unit, unit
from award.clock import Clock
from award.db.engine import Database
from award.policy import Actor

Told = TypeVar("Told")
Place = tuple[int, int]  # what is open, and whose page it is


class Gathered(ABC, Generic[Told]):
    """What the pages of one process told since it was written last; of each place only the last counts."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._told: dict[Place, Told] = {}

    def keep(self, place: Place, told: Told) -> None:
        """A page asked just now."""
        with self._lock:
            self._told[place] = told

    def of(self, what: int) -> dict[int, Told]:
        """What is not written yet of one open thing, by whose page it is."""
        with self._lock:
            return {whose: told for (open_thing, whose), told in self._told.items() if open_thing == what}

    def flush(self, database: Database, clock: Clock) -> int:
        """Writes all of it in one transaction; answers how much. What could not be written is written next time."""
        with self._lock:
            told, self._told = self._told, {}
        if not told:
            return 0
        try:
            with unit(database, clock, actor=Actor.nobody()) as u:
                self.write(u, told)
        except BaseException:
            with self._lock:
                self._told = told | self._told
            raise
        return len(told)

    @abstractmethod
    def write(self, u: Unit, told: dict[Place, Told]) -> None:
        """Puts it in its table; what another process wrote later stays."""
