"""The site under load: a real server process, real sign-ins with CSRF, every answer checked, every save read back.

    .venv/bin/python -m bench.web [--entries 380] [--members 3] [--requests 320] [--seconds 10] [--seed 2564]

Prints a line for each operation at 1, 8 and 32 clients: requests per second, p50, p95 and p99, the server's processor
time for each request, its memory afterwards; then the statements of one request of each kind, and what was read back.
The bare app (bench/bare.py) is measured beside the saves, in the same minutes: compare the ratio, not the milliseconds.
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import event

from award.app import create_app
from award.clock import Clock
from award.config import Settings
from bench.client import Client, Saved, drive, sign_in
from bench.machine import machine
from bench.round import MORNING, Prepared, count_lost, prepare_round

LEVELS = (1, 8, 32)
TURNS = 5
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Server:
    """A server process of ours."""

    pid: int
    port: int
    started_in: float

    def processor(self) -> float:
        """Seconds of processor time so far (Linux; elsewhere 0)."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, line: str = "VmRSS") -> float:
        """MiB resident now (VmRSS) or at the highest (VmHWM); Linux, elsewhere 0."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return 0.0
        return next(int(each.split()[1]) / 1024 for each in status.splitlines() if each.startswith(line))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(arguments: Sequence[str], port: int, log: Path, **environment: str) -> Iterator[Server]:
    """A process that serves on `port` until the block ends; what it printed is in `log`."""
    began = time.perf_counter()
    with log.open("w") as printed:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, stdout=printed, stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        )  # fmt: skip
        try:
            while not _answers(port):
                if process.poll() is not None or time.perf_counter() - began > 60:
                    raise SystemExit(f"the server did not start: {log.read_text()}")
                time.sleep(0.02)
            yield Server(process.pid, port, time.perf_counter() - began)
        finally:
            process.terminate()
            process.wait(30)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def percentile(times: Sequence[float], share: int) -> float:
    """Milliseconds below which `share` per cent of the times lie (nearest rank)."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, max(0, -(-share * len(ordered) // 100) - 1))] * 1000


HEAD = f"{'':>28} {'clients':>7} {'requests':>8} {'per s':>7} {'p50':>8} {'p95':>8} {'p99 ms':>8} {'CPU ms':>7} RSS MiB"


@dataclass
class Tally:
    """What one kind of request took so far: seconds of each, the clock's and the server's processor time in all."""

    times: list[float] = field(default_factory=list)
    took: float = 0.0
    used: float = 0.0

    @property
    def median(self) -> float:
        return percentile(self.times, 50)


@dataclass
class Bench:
    """The servers, how much is asked, and everything saved as it was acknowledged last."""

    server: Server
    bare: Server
    requests: int
    seconds: float
    acknowledged: dict[str, Saved]

    def ask(self, tally: Tally, server: Server, clients: Sequence[Client], *, requests: int, seconds: float) -> None:
        """Adds so many requests, of all clients together, to the tally."""
        before = server.processor()
        done, took = drive(clients, requests=max(1, requests // len(clients)), seconds=seconds)
        tally.used += server.processor() - before
        tally.took += took
        tally.times += [second for one in done for second in one.seconds]
        if server is self.server:
            self.acknowledged |= {saved.address: saved for one in done for saved in one.saves}

    def measure(self, name: str, clients: Sequence[Client], *, requests: int | None = None) -> None:
        """Asks our server and prints the line."""
        tally = Tally()
        self.ask(tally, self.server, clients, requests=requests or self.requests, seconds=self.seconds)
        self.say(name, len(clients), tally, self.server)

    def say(self, name: str, clients: int, tally: Tally, server: Server) -> None:
        count = len(tally.times)
        print(
            f"{name:>28} {clients:>7} {count:>8} {count / tally.took:>7.0f} {tally.median:>8.2f} "
            f"{percentile(tally.times, 95):>8.2f} {percentile(tally.times, 99):>8.2f} "
            f"{tally.used / count * 1000:>7.2f} {server.memory():>7.0f}",
            flush=True,
        )

    def now(self, saves: Sequence[Saved]) -> tuple[Saved, ...]:
        """Saves as they were acknowledged last."""
        return tuple(self.acknowledged.get(saved.address, saved) for saved in saves)


def measure_saves(bench: Bench, members: Sequence[tuple[Client, tuple[Saved, ...]]]) -> None:
    """One mark, a whole card and the bare app in turns, so that a slow minute hits all three, at every level."""
    for level in LEVELS:
        one, whole, bare = Tally(), Tally(), Tally()
        for_bare = [Client(bench.bare.port, saves=(Saved("/save", 1, {"d1/c1": ("4", "5")}),))] * level
        for _ in range(TURNS):
            requests, seconds = bench.requests // TURNS, bench.seconds / TURNS
            marks = [replace(c, saves=bench.now(saves), names_per_save=1) for c, saves in members[:level]]
            bench.ask(one, bench.server, marks, requests=requests, seconds=seconds)
            cards = [replace(c, saves=bench.now(saves)) for c, saves in members[:level]]
            bench.ask(whole, bench.server, cards, requests=requests, seconds=seconds)
            bench.ask(bare, bench.bare, for_bare, requests=requests, seconds=seconds)
        bench.say("save one mark", level, one, bench.server)
        bench.say("save a whole card", level, whole, bench.server)
        bench.say("bare Flask, one commit", level, bare, bench.bare)
        ratios = [f"{what} {tally.median / bare.median:.1f}" for what, tally in (("mark", one), ("card", whole))]
        print(f"{'ratio to bare, medians':>28} {level:>7} {'':>8} {', '.join(ratios)}", flush=True)


def measure_drafts(bench: Bench, officers: dict[str, Client], prepared: Prepared) -> None:
    for level in LEVELS:
        some = prepared.drafts[:level]
        clients = [replace(officers[login], saves=bench.now([saved])) for login, saved in some]
        bench.measure("save an answer", clients)


def measure_pages(bench: Bench, name: str, clients: Sequence[Client], *, requests: int | None = None) -> None:
    """The clients' own pages at every level."""
    for level in LEVELS:
        bench.measure(name, [clients[place % len(clients)] for place in range(level)], requests=requests)


def count_statements(folder: Path, prepared: Prepared) -> None:
    """Statements of one request of each kind, in a second application inside this process; saves change nothing."""
    app = create_app(Settings(data=folder, secret_key="for this bench only"), clock=Clock(MORNING))
    app.config["WTF_CSRF_ENABLED"] = False
    engine = app.extensions["award"].database.engine
    login, cards = next(iter(prepared.cards.items()))
    officer, draft = prepared.drafts[0]
    card = cards[0].address.removesuffix("/marks")
    name, choices = next(iter(cards[0].choices.items()))
    asked: dict[str, tuple[str, Callable[[Any], Any]]] = {
        "a member's day": (login, lambda client: client.get(prepared.days[login])),
        "open a card": (login, lambda client: client.get(card)),
        "save one mark": (login, lambda client: _post_mark(client, folder, card, name, choices)),
        "open an entry's form": (officer, lambda client: client.get(draft.address.removesuffix("/answers"))),
        "ranking": ("organizer", lambda client: client.get(f"/r/run/{prepared.runs[0]}")),
        "workbook": ("organizer", lambda client: client.get(f"/r/run/{prepared.runs[0]}/workbook")),
    }
    print("\nstatements of one request, signing in apart")
    for what, (who, ask) in asked.items():
        client = app.test_client()
        client.post("/sign-in", data={"login": who, "password": prepared.made.password})
        ask(client)  # what is read once and kept is read here
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any, seen: list[str] = seen) -> None:
            if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")):
                seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        answer = ask(client)
        event.remove(engine, "before_cursor_execute", note)
        print(f"{what:>28}: {len(seen):>3}   ({answer.status_code}, {len(answer.data) / 1024:.0f} KiB)")


def _post_mark(client: Any, folder: Path, card: str, name: str, choices: tuple[str, str]) -> Any:
    from award.db.engine import Database
    from award.queries.cards import find_card

    database = Database(folder / "award.sqlite3")
    with database.reading() as db:
        stored = find_card(db, int(card.rpartition("/")[2]))
    database.close()
    assert stored is not None
    now = str(stored.marks.get(name, "")).rstrip("0").rstrip(".")
    changes = {name: choices[1] if now == choices[0] else choices[0]}
    sent = {"key": f"statements-{time.monotonic_ns()}", "base_revision": stored.revision, "changes": changes}
    return client.post(f"{card}/marks", json=sent)


def main() -> None:
    parser = argparse.ArgumentParser(description="saves, pages, ranking and export under 1, 8 and 32 clients")
    parser.add_argument("--entries", type=int, default=380)
    parser.add_argument("--members", type=int, default=3)
    parser.add_argument("--requests", type=int, default=320, help="of each kind at each level, all together")
    parser.add_argument("--seconds", type=float, default=10, help="after which an operation asks nothing more")
    parser.add_argument("--seed", type=int, default=2564)
    asked = parser.parse_args()
    if asked.entries < 380 or asked.members < 2:
        parser.error("needs all 76 provinces (380 entries) and two members of each panel, to keep 32 members busy")
    print(machine("Flask", "waitress", "SQLAlchemy"))
    with tempfile.TemporaryDirectory(prefix="bench-web-") as name:
        run(Path(name), asked)


def run(folder: Path, asked: argparse.Namespace) -> None:
    data = folder / "data"
    data.mkdir(mode=0o700)  # the gate wants it private
    prepared = prepare_round(data, entries=asked.entries, members=asked.members, seed=asked.seed)
    made = prepared.made
    took = ", ".join(f"{what} {seconds:.2f} s" for what, seconds in prepared.took.items())
    print(f"{made.entries} entries, {made.cards} cards, {made.marks} marks; {took}")
    ports = free_port(), free_port()
    serve = ["-m", "award.cli", "serve", "--port", str(ports[0])]
    settings = {"AWARD_DATA": str(data), "AWARD_NOW": MORNING.isoformat(), "AWARD_LIMITS": "off"}
    with (
        running(serve, ports[0], folder / "log", **settings) as server,
        running(["-m", "bench.bare", str(ports[1]), str(folder)], ports[1], folder / "bare.log") as bare,
    ):
        print(
            f"first answer after {server.started_in:.2f} s with {server.memory():.0f} MiB; "
            f"bare {bare.started_in:.2f} s, {bare.memory():.0f} MiB"
        )
        bench = Bench(server, bare, asked.requests, asked.seconds, {})
        measure_all(bench, prepared)
        print(f"{'highest memory':>28}: {server.memory('VmHWM'):.0f} MiB, at rest now {server.memory():.0f} MiB")
    lost = count_lost(data, bench.acknowledged)
    names = sum(len(saved.values) for saved in bench.acknowledged.values())
    print(f"{'read back':>28}: {names} values of {len(bench.acknowledged)} cards and entries, {lost} differ")
    count_statements(data, prepared)
    if lost:
        raise SystemExit("an acknowledged save is not in the database")


def measure_all(bench: Bench, prepared: Prepared) -> None:
    port, password = bench.server.port, prepared.made.password
    began = time.perf_counter()
    members = [(sign_in(port, login, password), saves) for login, saves in prepared.cards.items()]
    officers = {login: sign_in(port, login, password) for login in {login for login, _ in prepared.drafts}}
    organizer = sign_in(port, "organizer", password)
    count = len(members) + len(officers) + 1
    print(f"{count} sign-ins, {(time.perf_counter() - began) / count * 1000:.0f} ms each\n\n{HEAD}")
    measure_saves(bench, members)
    measure_drafts(bench, officers, prepared)
    cards = [replace(c, pages=tuple(each.address.removesuffix("/marks") for each in saves)) for c, saves in members]
    measure_pages(bench, "open a card", cards)
    days = [replace(client, pages=(day,)) for (client, _), day in zip(members, prepared.days.values(), strict=True)]
    measure_pages(bench, "a member's day", days)
    forms = [replace(officers[login], pages=(s.address.removesuffix("/answers"),)) for login, s in prepared.drafts]
    measure_pages(bench, "open an entry's form", forms)
    first, *_, last = (f"/r/run/{run}" for run in prepared.runs)
    measure_pages(bench, "ranking, first award", [replace(organizer, pages=(first,))])
    measure_pages(bench, "ranking, last award", [replace(organizer, pages=(last,))])
    measure_pages(bench, "workbook, first award", [replace(organizer, pages=(f"{first}/workbook",))], requests=16)
    books = tuple(f"/r/run/{run}/workbook" for run in prepared.runs)
    bench.measure("workbooks of all awards", [replace(organizer, pages=books)], requests=len(books))


if __name__ == "__main__":
    main()
