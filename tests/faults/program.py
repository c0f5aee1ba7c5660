"""The program as a process of its own: started, asked over HTTP, killed; and our C files, built where needed."""

import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

import pytest

from bench.client import Client, sign_in
from tests.faults.prepared import Card

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = Path(__file__).resolve().parent
LONGEST = 60  # seconds for a start


def not_tested(what: str, why: str) -> NoReturn:
    """Leaves the test out so that nobody can overlook it: the summary of the run says so, and CI fails."""
    pytest.skip(f"NOT TESTED: {what} ({why})")


@lru_cache
def preloaded(name: str, folder: str) -> Path:
    """`name`.c as a library to preload, built into `folder`."""
    library = Path(folder) / f"{name}.so"
    source = HERE / f"{name}.c"
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o", library, source, "-ldl", "-lpthread"],
        check=True, capture_output=True,
    )  # fmt: skip
    return library


def need_preloading(what: str) -> None:
    """Leaves the test out, loudly, where a library of ours cannot be built or preloaded."""
    if not sys.platform.startswith("linux"):
        not_tested(what, "only Linux can preload our library")
    if shutil.which("gcc") is None:
        not_tested(what, "no gcc: apt install gcc libc6-dev")


def environment(data: Path, **more: str) -> dict[str, str]:
    """The environment of a program on `data` that reads no settings of ours."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("AWARD_", "FLASK_"))}
    return {**own, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "AWARD_DATA": str(data), "AWARD_LIMITS": "off", **more}


def award(*arguments: str, data: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """One command of the program, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "award.cli", *arguments], cwd=data.parent, env=environment(data, **more),
        capture_output=True, text=True, timeout=LONGEST, check=False,
    )  # fmt: skip


@dataclass
class Server:
    """A running `award serve`; `said` is what it printed so far."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def kill(self) -> None:
        """As a power cut of the process: no handler runs."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    data: Path, *, port: int | None = None, before: Sequence[str] = (), extra: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """`award serve` on `data`, answering; ended when the block ends. `before`: what runs it, such as strace."""
    port = port or free_port()
    log = data.parent / f"served-{secrets.token_hex(3)}.log"
    with log.open("wb") as printed:
        process = subprocess.Popen(
            [*before, sys.executable, "-m", "award.cli", "serve", "--port", str(port)],
            cwd=data.parent, env=environment(data, **(extra or {})), stdout=printed, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        until = time.monotonic() + LONGEST
        while not listens(port):
            assert process.poll() is None and time.monotonic() < until, log.read_text(encoding="utf-8")
            time.sleep(0.02)
        yield Server(process, port, log)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
        (data / "ballast").unlink(missing_ok=True)  # 64 MiB for each test would be much


def listens(port: int) -> bool:
    """Whether anything answers at this port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said to a save. `status` 0: no answer came."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    retry_after: str | None = None
    seconds: float = 0.0


@dataclass
class Member:
    """A signed-in member with one card, who saves as the page's code does."""

    client: Client
    card: Card
    revision: int = 0
    turn: int = 0

    def next_save(self) -> dict[str, Any]:
        """A save that was not sent before: other marks than the last one."""
        self.turn += 1
        path, low, high = self.card.places[self.turn % len(self.card.places)]
        mark = low if (self.turn // len(self.card.places)) % 2 else high
        return {"key": secrets.token_hex(16), "base_revision": self.revision, "changes": {path: mark}}

    def send(self, save: Mapping[str, Any], *, timeout: float = 20) -> Answer:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.client.port, timeout=timeout)
        headers = {
            "Cookie": self.client.cookies, "X-CSRFToken": self.client.token,
            "Content-Type": "application/json", "Accept": "application/json",
        }  # fmt: skip
        began = time.monotonic()
        try:
            connection.request("POST", f"/s/card/{self.card.id}/marks", json.dumps(save), headers)
            answer = connection.getresponse()
            body = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return Answer(0, seconds=time.monotonic() - began)
        finally:
            connection.close()
        if answer.status == 200:
            self.revision = body["revision"]
        return Answer(answer.status, body, answer.getheader("Retry-After"), time.monotonic() - began)


def members(server: Server, cards: Sequence[Card], password: str) -> list[Member]:
    """The members of these cards, signed in through the page."""
    return [Member(sign_in(server.port, card.login, password), card) for card in cards]
