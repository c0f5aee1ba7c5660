"""Members who save while a thousand connections only sit there: what idle and half-said requests cost the others.

    .venv/bin/python -m bench.sockets [--sockets 1000] [--members 32] [--requests 320] [--turns 3]

A third of the sockets say nothing, a third say half a request and stop, a third have asked for a page and stay open.
Saves are measured in turns without and with them; each is checked, and at the end how many sockets the server kept.
"""

import argparse
import secrets
import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bench.client import Client, Saved, drive, sign_in
from bench.machine import machine
from bench.round import MORNING, count_lost, prepare_round
from bench.web import Server, free_port, percentile, running

HALF = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nlogin="
ASKED = b"GET /assets/site.css HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@contextmanager
def sitting(port: int, count: int) -> Iterator[list[socket.socket]]:
    """So many open connections of the three kinds."""
    sockets: list[socket.socket] = []
    try:
        for number in range(count):
            each = socket.create_connection(("127.0.0.1", port), timeout=10)
            sockets.append(each)
            if number % 3:
                each.sendall(HALF if number % 3 == 1 else ASKED)
        yield sockets
    finally:
        for each in sockets:
            each.close()


def still_open(sockets: Sequence[socket.socket]) -> int:
    """How many the server has not closed."""
    found = 0
    for each in sockets:
        each.setblocking(False)
        try:
            while each.recv(65536):
                pass
        except BlockingIOError:
            found += 1
        except OSError:
            pass
    return found


def saved_in(clients: Sequence[Client], known: dict[str, Saved], *, requests: int) -> list[float]:
    """Seconds of each save; `known` holds each card as acknowledged last."""
    now = [replace(c, saves=tuple(known.get(s.address, s) for s in c.saves), names_per_save=1) for c in clients]
    done, _ = drive(now, requests=max(1, requests // len(clients)), seconds=15)
    known.update({saved.address: saved for each in done for saved in each.saves})
    return [seconds for each in done for seconds in each.seconds]


def say(what: str, times: Sequence[float], server: Server) -> None:
    p50, p95, p99 = (percentile(times, share) for share in (50, 95, 99))
    print(
        f"{what:>34} {len(times):>6} saves   p50 {p50:7.1f}   p95 {p95:7.1f}   p99 {p99:7.1f} ms"
        f"   {server.memory():.0f} MiB",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="saves beside connections that only sit there")
    parser.add_argument("--sockets", type=int, default=1000)
    parser.add_argument("--members", type=int, default=32)
    parser.add_argument("--requests", type=int, default=320, help="saves in each turn, all members together")
    parser.add_argument("--turns", type=int, default=3)
    asked = parser.parse_args()
    print(machine("Flask", "waitress", "SQLAlchemy"))
    with tempfile.TemporaryDirectory(prefix="bench-sockets-") as name:
        run(Path(name), asked)


def run(folder: Path, asked: argparse.Namespace) -> None:
    data = folder / "data"
    data.mkdir(mode=0o700)
    prepared = prepare_round(data, entries=380, members=3, seed=2564)
    port = free_port()
    serve = ["-m", "award.cli", "serve", "--port", str(port)]
    settings = {"AWARD_DATA": str(data), "AWARD_NOW": MORNING.isoformat(), "AWARD_LIMITS": "off"}
    with running(serve, port, folder / "log", **settings) as server:
        cards = list(prepared.cards.items())[: asked.members]
        clients = [replace(sign_in(port, login, prepared.made.password), saves=saves) for login, saves in cards]
        known: dict[str, Saved] = {}
        alone: list[float] = []
        beside: list[float] = []
        kept = 0
        for _ in range(asked.turns):
            alone += saved_in(clients, known, requests=asked.requests)
            with sitting(port, asked.sockets) as sockets:
                began = time.perf_counter()
                beside += saved_in(clients, known, requests=asked.requests)
                kept = still_open(sockets)
                took = time.perf_counter() - began
        say(f"{len(clients)} members alone", alone, server)
        say(f"beside {asked.sockets} open sockets", beside, server)
        print(f"{'':>34} after {took:.0f} s the server still kept {kept} of the {asked.sockets} sockets")
        _answers_a_newcomer(port, asked.sockets)
    lost = count_lost(data, known)
    print(f"{'read back':>34} {len(known)} cards, {lost} values differ")
    if lost:
        raise SystemExit("an acknowledged save is not in the database")


def _answers_a_newcomer(port: int, count: int) -> None:
    """How long somebody waits who comes while all of them sit there."""
    with sitting(port, count):
        began = time.perf_counter()
        with socket.create_connection(("127.0.0.1", port), timeout=30) as newcomer:
            newcomer.sendall(ASKED.replace(b"site.css", b"site.js?" + secrets.token_hex(4).encode()))
            first = newcomer.recv(12)
        print(f"{'':>34} a newcomer gets {first[9:12].decode()} in {(time.perf_counter() - began) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
