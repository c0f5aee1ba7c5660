"""Many open pages in one cheap process: bare HTTP over kept connections, requests made before, answers hardly read."""

import asyncio
import json
import random
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.client import Client, Saved

AGAIN = 1.0  # seconds after which a page sends again what was not saved
SPREAD = 0.6  # seconds over which pages fetch a region anew, as static/live.js does


@dataclass(slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Measured:
    """Seconds of each request from the moment it was due, by kind; how late the driver itself sent; what was seen."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    late: list[float] = field(default_factory=list)
    codes: dict[tuple[str, int], int] = field(default_factory=dict)
    bytes_in: int = 0
    seen: dict[int, list[list[tuple[float, int]]]] = field(default_factory=dict)  # session → pages → (when, phase_at)
    pressed: dict[int, list[float]] = field(default_factory=dict)  # session → when the chair pressed
    broken: int = 0  # connections that the server closed
    again: int = 0  # saves that the server had not the time to take, sent again

    def add(self, kind: str, status: int, seconds: float, size: int) -> None:
        """One answer."""
        self.seconds.setdefault(kind, []).append(seconds)
        self.codes[kind, status] = self.codes.get((kind, status), 0) + 1
        self.bytes_in += size


class Line:
    """A connection kept open; opened again where the server closed it while nothing was asked."""

    def __init__(self, port: int, measured: Measured):
        self.port, self.measured = port, measured
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def ask(self, request: bytes) -> Answer:
        """Sends and reads the whole answer."""
        for again in (True, False):
            if self.writer is None:
                self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
            assert self.reader is not None
            try:
                self.writer.write(request)
                return await self._read(self.reader)
            except (asyncio.IncompleteReadError, ConnectionError):
                self.close()
                self.measured.broken += 1
                if not again:
                    raise
        raise AssertionError

    async def _read(self, reader: asyncio.StreamReader) -> Answer:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        status = int(head[0].split(" ", 2)[1])
        length = 0 if status == 304 else int(headers.get("content-length", "-1"))
        if length < 0:
            raise RuntimeError(f"an answer without its length: {head[0]}")
        body = await reader.readexactly(length)
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers, body)

    def close(self) -> None:
        """Ends it."""
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


def get(address: str, client: Client, *, accept: str = "application/json", tag: str = "") -> bytes:
    """A request as a page sends it."""
    fresh = f"If-None-Match: {tag}\r\n" if tag else ""
    return (
        f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accept}\r\nCookie: {client.cookies}\r\n{fresh}\r\n"
    ).encode()


def post(address: str, client: Client, body: bytes, kind: str, accept: str) -> bytes:
    """A form or JSON as a page sends it."""
    return (
        f"POST {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accept}\r\nCookie: {client.cookies}\r\n"
        f"X-CSRFToken: {client.token}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


async def due(begin: float, every: float, number: int, measured: Measured) -> float:
    """Waits for the moment of a request; answers when it was due."""
    at = begin + every * number
    await asyncio.sleep(max(0.0, at - time.monotonic()))
    measured.late.append(time.monotonic() - at)
    return at


@dataclass(slots=True)
class Page:
    """An open page that follows a scoring session. `region`: the part that is fetched anew when something changed."""

    client: Client
    session: int
    slot: int
    region: str
    unsent: str = ""  # "?unsent=0" on a member's page

    async def follow(self, port: int, measured: Measured, *, begin: float, until: float, every: float) -> None:
        """Polls until the end; notes when it saw each phase."""
        line, tag, version, number, phase = Line(port, measured), "", -1, 0, None
        own: list[tuple[float, int]] = []
        measured.seen.setdefault(self.session, []).append(own)
        address = f"/s/{self.session}/live{self.unsent}"
        while begin + every * number < until:
            at = await due(begin, every, number, measured)
            number += 1
            answer = await line.ask(get(address, self.client, tag=tag))
            measured.add("status", answer.status, time.monotonic() - at, len(answer.body))
            if answer.status == 200:
                tag, told = answer.headers["etag"], json.loads(answer.body)
                now = next((slot["phase_at"] or 0 for slot in told["slots"] if slot["id"] == self.slot), 0)
                if phase is not None and now != phase:
                    own.append((time.monotonic(), now))
                phase = now
                if version >= 0 and told["version"] != version and self.region:
                    await asyncio.sleep(random.random() * SPREAD)
                    began = time.monotonic()
                    page = await line.ask(get(self.region, self.client, accept="text/html"))
                    measured.add("region", page.status, time.monotonic() - began, len(page.body))
                version = told["version"]
            elif answer.status not in (304, 503):  # where the file was held too long, the page asks again next time
                raise RuntimeError(f"{address}: {answer.status} {answer.body[:200]!r}")
        line.close()


@dataclass(slots=True)
class Member:
    """A member who marks: one mark every so often, each acknowledged before the next."""

    client: Client
    saved: Saved
    acknowledged: list[tuple[int, str, str]] = field(default_factory=list)  # revision, name, value

    async def mark(self, port: int, measured: Measured, *, begin: float, until: float, every: float) -> None:
        """Saves until the end. A refusal ends the bench."""
        line, names, number = Line(port, measured), list(self.saved.choices), 0
        values, revision = dict(self.saved.values), self.saved.revision
        while begin + every * number < until:
            at = await due(begin, every, number, measured)
            name = names[number % len(names)]
            number += 1
            low, high = self.saved.choices[name]
            value = high if values.get(name) != high else low
            said = {"key": secrets.token_hex(16), "base_revision": revision, "changes": {name: value}}
            body = json.dumps(said).encode()
            request = post(self.saved.address, self.client, body, "application/json", "application/json")
            answer = await line.ask(request)
            while answer.status == 503:  # not saved, says the server: the page sends the same again, with the same key
                measured.again += 1
                await asyncio.sleep(AGAIN)
                answer = await line.ask(request)
            measured.add("save", answer.status, time.monotonic() - at, len(answer.body))
            if answer.status != 200:
                raise RuntimeError(f"{self.saved.address}: {answer.status} {answer.body[:300]!r}")
            told: dict[str, Any] = json.loads(answer.body)
            revision = told["revision"]
            values[name] = value
            self.acknowledged.append((revision, name, value))
        line.close()
