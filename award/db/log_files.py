"""Log files beside the database: one line of JSON for each thing that happened, readable by their owner only.

They are no part of the record of marks: losing one loses no result, and writing one never holds up or breaks a request.
"""

import json
import logging
import os
import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

MOST_BYTES = 20 * 1024 * 1024  # then the file is closed and another begun, also within a day
LONGEST = 300  # characters of one text: nobody fills the disk with one request
_CLOSED = re.compile(r"(?P<name>[a-z]+)-(?P<day>\d{4}-\d{2}-\d{2})(?:-(?P<number>\d+))?\.jsonl")
_trouble = logging.getLogger("award.logs")


class SecondPlace(Protocol):
    """Where each line goes a second time, so that who owns this machine does not own the only copy."""

    def send(self, name: str, line: bytes) -> None:
        """Hands one line over at once or raises OSError."""


def one_line(values: Mapping[str, Any]) -> bytes:
    """One line of ASCII: whatever a text holds (line ends, letters that turn the writing round), it stays in it."""
    cut = {name: value[:LONGEST] if isinstance(value, str) else value for name, value in values.items()}
    return json.dumps(cut, separators=(",", ":"), ensure_ascii=True, default=str).encode("ascii") + b"\n"


def utc_now() -> datetime:
    """The machine's own time: a demo's clock is not the time at which somebody called."""
    return datetime.now(UTC)


class LogFile:
    """`folder/name.jsonl`, appended to; closed as `name-2026-11-21.jsonl` when its day is over or it is full.

    `write` never raises for the file's sake: what cannot be written is told once on the program's own log, and the
    first line that can be written again says how many are missing.
    """

    def __init__(
        self, folder: Path, name: str, *, second: SecondPlace | None = None, most_bytes: int = MOST_BYTES,
        now: Callable[[], datetime] = utc_now,
    ):  # fmt: skip
        self.file = folder / f"{name}.jsonl"
        self.name = name
        self._second, self._most_bytes, self._now = second, most_bytes, now
        self._turn = threading.Lock()
        self._open_file: int | None = None
        self._day = date.min
        self._size = 0
        self._lost = {"here": 0, "there": 0}

    def write(self, values: Mapping[str, Any]) -> None:
        """Appends `values` with the moment (`at`, UTC) before them."""
        now = self._now()
        line = one_line({"at": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), **values})
        with self._turn:
            self._try("here", line, lambda whole: self._append(whole, now.date()))
            second = self._second
            if second is not None:
                self._try("there", line, lambda whole: second.send(self.name, whole))

    def _try(self, place: str, line: bytes, put: Callable[[bytes], None]) -> None:
        lost = self._lost[place]
        try:
            put(line if not lost else one_line({"event": "log.gap", "lost": lost}) + line)
        except OSError as error:
            self._lost[place] += 1
            if not lost:
                where = self.file if place == "here" else f"the second place of {self.file.name}"
                _trouble.error("%s cannot be written (%s); told once until it can", where, error.strerror or error)
        else:
            self._lost[place] = 0

    def _append(self, line: bytes, day: date) -> None:
        if self._open_file is not None and os.fstat(self._open_file).st_nlink == 0:
            self.close()  # somebody took the file away: begin another instead of writing into nothing
        if self._open_file is None:
            self._open()
        if self._size and (day != self._day or self._size + len(line) > self._most_bytes):
            self._put_away()
            self._open()
        assert self._open_file is not None
        self._day = day
        self._size += os.write(self._open_file, line)

    def _open(self) -> None:
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._open_file = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        found = os.fstat(self._open_file)
        self._size = found.st_size
        self._day = datetime.fromtimestamp(found.st_mtime, UTC).date()

    def _put_away(self) -> None:
        self.close()
        taken = {each.name for each in closed_logs(self.file.parent) if each.log == self.name}
        place = f"{self.name}-{self._day}.jsonl"
        number = 2
        while place in taken:
            place, number = f"{self.name}-{self._day}-{number}.jsonl", number + 1
        self.file.rename(self.file.with_name(place))

    def close(self) -> None:
        """Closes the file; the next line opens it again."""
        if self._open_file is not None:
            os.close(self._open_file)
            self._open_file = None


@dataclass(frozen=True, slots=True)
class ClosedLog:
    """A log file whose day is over."""

    log: str
    day: date
    number: int
    path: Path

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name


def closed_logs(folder: Path) -> list[ClosedLog]:
    """The closed log files of a folder, the oldest first; files of any other name are none of ours."""
    found = []
    for path in folder.glob("*.jsonl"):
        named = _CLOSED.fullmatch(path.name)
        if named:
            found.append(ClosedLog(named["name"], date.fromisoformat(named["day"]), int(named["number"] or 1), path))
    return sorted(found, key=lambda each: (each.log, each.day, each.number))


def lines_of(folder: Path, name: str, *, holding: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """Every line of a log, the oldest first, that holds one of these texts (all, where none is asked for).

    A torn last line (the power went) is passed over.
    """
    wanted = [text.encode() for text in holding]
    files = [each.path for each in closed_logs(folder) if each.log == name] + [folder / f"{name}.jsonl"]
    for file in files:
        try:
            handle = file.open("rb")
        except FileNotFoundError:
            continue
        with handle:
            for line in handle:
                if line.endswith(b"\n") and (not wanted or any(text in line for text in wanted)):
                    yield json.loads(line)


class FolderCopy:
    """A second folder, best on another machine's disk. The same files, by day."""

    def __init__(self, folder: Path, *, now: Callable[[], datetime] = utc_now):
        self._folder, self._now = folder, now

    def send(self, name: str, line: bytes) -> None:
        """Appends the line to the day's file."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{name}-{self._now().date()}.jsonl"
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)


class SyslogCopy:
    """A syslog server, told by UDP (`host:port`) or this machine's own by its socket (`/dev/log`)."""

    NOTICE_OF_AUDIT = 13 * 8 + 5  # facility "log audit", severity "notice" (RFC 5424)

    def __init__(self, address: str):
        host, _, port = address.rpartition(":")
        self._address: str | tuple[str, int] = address if address.startswith("/") else (host, int(port))
        family = socket.AF_UNIX if address.startswith("/") else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)  # a full or silent receiver holds nobody up

    def send(self, name: str, line: bytes) -> None:
        """One datagram for each line."""
        for each in line.splitlines():
            self._socket.sendto(b"<%d>award-%s: %s" % (self.NOTICE_OF_AUDIT, name.encode(), each), self._address)

    def close(self) -> None:
        """Gives the socket back."""
        self._socket.close()


def second_place(setting: str) -> SecondPlace | None:
    """The second place of `log_copy`: "" for none, `syslog:host:port`, `syslog:/dev/log`, else a folder.

    Raises ValueError where the address cannot be read.
    """
    if not setting:
        return None
    if setting.startswith("syslog:"):
        return SyslogCopy(setting.removeprefix("syslog:"))
    return FolderCopy(Path(setting))
