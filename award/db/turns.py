"""A lock that is given in the order it was asked for: under load nobody waits while others go twice."""

import threading
from collections import deque
from types import TracebackType


class Turns:
    """One holder at a time. Python's own lock may be taken again by who just gave it back, for seconds on end."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._held = False

    def acquire(self, *, timeout: float) -> bool:
        """Waits for its turn, `timeout` seconds at most; whether it came."""
        with self._guard:
            if not self._held:
                self._held = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=timeout):
            return True
        with self._guard:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return False
        return True  # it came in the last moment

    def locked(self) -> bool:
        """Whether somebody has the turn just now."""
        return self._held

    def __enter__(self) -> None:
        self.acquire(timeout=threading.TIMEOUT_MAX)

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.release()

    def release(self) -> None:
        """Gives the turn to whoever has waited longest."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False
