"""A line between browser and server that breaks in the middle of what is sent, stays away a while, and comes back."""

import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

FOR_GOOD = 3600.0  # seconds: longer than any test


@dataclass
class BadLine:
    """A port of its own that passes on to `to`. Each of `breaks` is a count of bytes towards the server: when so many
    have gone, every connection is torn and none is let in for `away` seconds. `slow`: bytes a second, 0 for no
    limit."""

    to: int
    breaks: Sequence[int] = ()
    away: float = 2.0
    slow: int = 0
    carried: int = 0
    broken: list[int] = field(default_factory=list)
    _until: float = 0.0
    _ends: set[socket.socket] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.left = sorted(self.breaks)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listening.getsockname()[1])
        self._letting_in = threading.Thread(target=self._accept, daemon=True)
        self._letting_in.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Ends the line and whatever it carries."""
        with suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)  # another thread waits there: closing alone tells it nothing
        self.listening.close()
        self.tear(FOR_GOOD)
        self._letting_in.join(5)

    def tear(self, away: float = FOR_GOOD) -> None:
        """Every connection breaks now, also one that is just being made."""
        with self._lock:
            self._until = time.monotonic() + away
            ends = tuple(self._ends)
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)  # another thread still reads

    def mend(self) -> None:
        self._until = 0.0

    def swallows(self, near: socket.socket, answer: bytes) -> bool:
        """Whether the line breaks instead of bringing this answer; a line of another kind may say so."""
        return False

    def hears(self, near: socket.socket, asked: bytes) -> None:
        """What goes to the server, for a line of another kind to note."""

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _through(self, near: socket.socket) -> socket.socket | None:
        """The connection to the server for one that came in; None while the line is away, or the server is."""
        try:
            far = socket.create_connection(("127.0.0.1", self.to))
        except OSError:
            return None
        with self._lock:  # either the line is known to be torn, or whoever tears it finds this one too
            if time.monotonic() >= self._until:
                self._ends |= {near, far}
                return far
        far.close()
        return None

    def _carry(self, near: socket.socket) -> None:
        far = self._through(near)
        if far is None:
            near.close()
            return
        threading.Thread(target=self._forth, args=(near, far), daemon=True).start()
        with suppress(OSError):
            while answer := far.recv(65536):
                if self.swallows(near, answer):
                    self.tear()
                    break
                near.sendall(answer)
        for end in (near, far):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        with self._lock:
            self._ends -= {near, far}

    def _forth(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while asked := near.recv(16384):
                if self.slow:
                    time.sleep(len(asked) / self.slow)
                with self._lock:
                    self.carried += len(asked)
                    torn = bool(self.left) and self.carried >= self.left[0]
                    if torn:
                        self.broken.append(self.left.pop(0))
                self.hears(near, asked)
                far.sendall(asked[: len(asked) // 2] if torn else asked)
                if torn:
                    self.tear(self.away)
                    return
