"""A line between browser and server that breaks in the middle of what is sent, stays away a while, and comes back."""

import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field


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
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self.listening.close()
        self.tear(3600)

    def tear(self, away: float) -> None:
        """Every connection breaks now."""
        self._until = time.monotonic() + away
        for end in tuple(self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self._until = 0.0

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listening.accept()
            except OSError:
                return
            if time.monotonic() < self._until:
                near.close()
            else:
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self.to))
        except OSError:
            near.close()
            return
        self._ends |= {near, far}
        threading.Thread(target=self._forth, args=(near, far), daemon=True).start()
        with suppress(OSError):
            while answer := far.recv(65536):
                near.sendall(answer)
        for end in (near, far):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
            self._ends.discard(end)

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
                far.sendall(asked[: len(asked) // 2] if torn else asked)
                if torn:
                    self.tear(self.away)
                    return
