"""Work that comes back while the site serves: the mails that are due, the roots that leave the building."""

import logging
import threading
from collections.abc import Callable

_log = logging.getLogger("award.regularly")


class Regularly:
    """A thread that does one thing every so many seconds. One bad moment is logged and does not end it."""

    def __init__(self, name: str, every: float, do: Callable[[], object]):
        self._every, self._do = every, do
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begins; the first time comes after the first wait."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after the work in hand."""
        self._stop.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            try:
                self._do()
            except Exception:
                _log.exception("%s did not get its work done this time", self._thread.name)
