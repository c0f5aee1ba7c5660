"""The one clock. Times are kept in UTC; "today" is the day in Bangkok."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

BANGKOK = ZoneInfo("Asia/Bangkok")


class Clock:
    """Tells the time; a demo or a test starts it at another moment and it runs on from there."""

    def __init__(self, start: datetime | None = None, *, source: Callable[[], datetime] = lambda: datetime.now(UTC)):
        self._source = source
        self._offset = timedelta(0)
        self.is_set = start is not None
        if start is not None:
            self.set(start)

    def set(self, moment: datetime) -> None:
        """From now on the clock runs from `moment` (aware)."""
        self.is_set = True
        self._offset = moment.astimezone(UTC) - self._source()

    def now(self) -> datetime:
        """The moment, aware, in UTC, to the microsecond."""
        return self._source() + self._offset

    def actual(self) -> datetime:
        """The machine's own time, also where a demo's clock is set: the codes of a phone's app are made from it."""
        return self._source()

    def today(self) -> date:
        """The day in Bangkok."""
        return self.now().astimezone(BANGKOK).date()
