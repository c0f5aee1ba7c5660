"""The one clock. Times are kept in UTC; "today" is the day in Bangkok."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

BANGKOK = ZoneInfo("Asia/Bangkok")
TOLERATED = timedelta(seconds=2)  # more than this at once is no correction of a clock that goes
_NOTHING = timedelta(0)
_log = logging.getLogger("award.clock")


def _machine_time() -> datetime:
    return datetime.now(UTC)


def _since_boot() -> int:
    """Nanoseconds that nobody can set; where the system tells, those asleep count too."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    return time.monotonic_ns()


@dataclass(frozen=True, slots=True)
class Jump:
    """The machine's clock was set while we ran (or since the last act): by how much, negative backwards."""

    by: timedelta


class Clock:
    """Tells the time; a demo or a test starts it at another moment and it runs on from there.

    A machine's clock that is set by more than two seconds is not followed: no deadline opens again or passes because
    of it. The jump is noted, for the record; the next start takes the machine's time.
    """

    def __init__(
        self, start: datetime | None = None, *, source: Callable[[], datetime] | None = None,
        steady: Callable[[], int] | None = None,
    ):  # fmt: skip
        """`source` stands in for the machine's time; it is compared only with a `steady` (nanoseconds) given too."""
        self._source = source or _machine_time
        self._steady = steady or (None if source else _since_boot)
        self._offset = self._not_followed = _NOTHING
        self._last: tuple[datetime, int] | None = None
        self._jumps: list[Jump] = []
        self._lock = threading.Lock()
        self.is_set = start is not None
        if start is not None:
            self.set(start)

    def set(self, moment: datetime) -> None:
        """From now on the clock runs from `moment` (aware)."""
        self.is_set = True
        self._offset = moment.astimezone(UTC) - self._even()

    def now(self) -> datetime:
        """The moment, aware, in UTC, to the microsecond."""
        return self._even() + self._offset

    def not_before(self, moment: datetime) -> None:
        """Goes on from `moment`, the last act on record, where the machine's clock is behind it by more than a little:
        it was set back while nobody ran."""
        behind = moment - self.now()
        if behind > TOLERATED:
            self._keep_to(-behind)

    def take_jumps(self) -> list[Jump]:
        """The jumps since the last call, to be recorded."""
        if not self._jumps:
            return []
        with self._lock:
            taken, self._jumps = self._jumps, []
        return taken

    def put_back(self, jumps: list[Jump]) -> None:
        """Jumps that could not be recorded after all."""
        with self._lock:
            self._jumps = [*jumps, *self._jumps]

    def _even(self) -> datetime:
        """The machine's time without its jumps."""
        if self._steady is None:
            return self._source()
        with self._lock:
            before, wall, after = self._steady(), self._source(), self._steady()
            while after - before > 100_000_000:  # held up in between: the two would not be of one moment
                before, wall, after = self._steady(), self._source(), self._steady()
            if self._last is not None:
                by = wall - self._last[0] - timedelta(microseconds=(after - self._last[1]) // 1000)
                if abs(by) > TOLERATED:
                    self._keep_to(by)
            self._last = wall, after
            return wall + self._not_followed

    def _keep_to(self, jump: timedelta) -> None:
        self._not_followed -= jump
        self._jumps.append(Jump(jump))
        _log.warning(
            "the machine's clock jumped by %d s; the site keeps its own time: set the clock right, then start again",
            jump // timedelta(seconds=1),
        )

    def actual(self) -> datetime:
        """The machine's own time, also where a demo's clock is set: the codes of a phone's app are made from it."""
        return self._source()

    def today(self) -> date:
        """The day in Bangkok."""
        return self.now().astimezone(BANGKOK).date()
