"""The province's way in numbers: form, autosave, lists and search, in a round of 380 entries and in one of 20,000.

    .venv/bin/python -m bench.entries [--sizes 380 20000] [--requests 60] [--seed 2564]

A real server process, real sign-ins, one client after another so that a line is what one person waits; every answer is
checked, every save read back. The bare app (bench/bare.py) stands beside: one flushed commit, and a page that costs
nothing to make. Prints statements of one request, p50 and p95, the server's processor time for one request, the ratio
to bare, KiB of the answer, and memory.
"""

import argparse
import http.client
import json
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import event, text

from award.actions.words import keep_words
from award.app import create_app
from award.clock import Clock
from award.config import Settings
from award.db.engine import Database
from award.db.schema import upgrade_schema
from award.demo import load_demo
from award.demo.places import provinces_for
from award.evaluation import rules_of
from award.queries.cycles import list_award_cycles
from bench.client import Client, Saved, sign_in, work
from bench.machine import machine
from bench.round import MORNING
from bench.web import Server, free_port, percentile, running

WARM = 3  # requests that are not counted
LIVE = 8  # provinces whose entries are drafts
SEARCHES = {
    "search: a province": "ตราด",
    "search: a code": "to-23",
    "search: Thai digits": "๑๒๑๐",
    "search: another spelling": "ภาคใต้อ่าวไทย",
    "search: a letter wrong": "จันทรบุรี",
    "search: a file's title": "แผนปฏิบัติการ 12",
    "search: a letter of nearly all": "ก",
    "search: nothing like it": "ฑฒณฎฏฐ",
}
HEAD = f"{'':>34} {'statements':>10} {'p50':>8} {'p95 ms':>8} {'CPU ms':>7} {'to bare':>8} {'KiB':>7}"


@dataclass(frozen=True, slots=True)
class Prepared:
    """The round, its password, and the drafts to write in: officer's login and entry."""

    entries: int
    files: int
    password: str
    drafts: tuple[tuple[str, Saved], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of request as measured: seconds of each, what it is compared with, how large the last answer was."""

    name: str
    who: str
    address: str
    times: tuple[float, ...]
    bare: tuple[float, ...]
    size: int
    used: float  # processor time of the server for one request, seconds
    is_save: bool = False


def prepare(folder: Path, *, entries: int, seed: int) -> Prepared:
    """The demo round of this size, each file with a title of its own, as in life."""
    database = Database(folder / "award.sqlite3")
    upgrade_schema(database)
    live = [province.code for province in provinces_for(76)[::9]][:LIVE]
    made = load_demo(database, entries=entries, members=1, seed=seed, live=live)
    with database.writing() as db:
        db.execute(text("update evidence set title = title || ' ' || id"))
        db.commit()
    keep_words(database, Clock(MORNING))
    with database.reading() as db:
        rules = {award.adoption_id: rules_of(award.rules_text) for award in list_award_cycles(db)}
        rows = db.execute(
            text(
                "select id, adoption_id, category, province_code, revision from entry where state = 'draft' order by id"
            )
        ).all()
        files = db.execute(text("select count(*) from evidence")).scalar_one()
    database.close()
    drafts = []
    for number, adoption, category, province, revision in rows:
        fields = rules[adoption].category(category).fields
        code = next(field.code for field in fields if field.type == "long_text")
        texts = ("ข้อความสมมติแบบที่หนึ่ง", "ข้อความสมมติแบบที่สอง")
        drafts.append((f"p{province}", Saved(f"/e/{number}/answers", revision, {code: texts})))
    return Prepared(made.entries, files, made.password, tuple(drafts))


def ask(client: Client, requests: int, *, pages: Sequence[str] = (), saves: Sequence[Saved] = ()) -> Any:
    """One client that asks one thing after another; the first few are not counted: what is read once is read there."""
    asked = replace(client, pages=tuple(pages), saves=tuple(saves))
    warm = work(asked, requests=WARM, begin_at=0, until=float("inf"))
    return work(replace(asked, saves=warm.saves), requests=requests, begin_at=0, until=float("inf"))


def size_of(client: Client, address: str) -> int:
    """Bytes of one answer."""
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=60)
    connection.request("GET", address, headers={"Cookie": client.cookies, "Accept": "text/html"})
    body = connection.getresponse().read()
    connection.close()
    return len(body)


def measure(server: Server, bare: Server, prepared: Prepared, requests: int) -> tuple[list[Line], tuple[Saved, ...]]:
    """Every kind of request in turn, each beside the bare one of its kind in the same minute."""
    login, draft = prepared.drafts[0]
    officer, organizer = (sign_in(server.port, who, prepared.password) for who in (login, "organizer"))
    plain = Client(bare.port)
    bare_save = Saved("/save", 1, {"d1/c1": ("4", "5")})
    form = draft.address.removesuffix("/answers")
    began = time.perf_counter()
    work(replace(organizer, pages=("/search?q=%E0%B8%81",)), requests=1, begin_at=0, until=float("inf"))
    first = (time.perf_counter() - began) * 1000
    print(f"{'first search after the start':>34} {'':>10} {first:>8.1f}")
    lines, saves = [], (draft,)
    asked = [
        ("open a form", officer, login, form),
        ("save an answer", officer, login, ""),
        ("a province's entries", officer, login, "/e/"),
        ("all entries, first page", organizer, "organizer", "/e/"),
        ("all entries, a page further on", organizer, "organizer", "/e/?page=30"),
        ("all entries, drafts", organizer, "organizer", "/e/?state=draft"),
        ("all entries, by words", organizer, "organizer", f"/e/?text={quote('จันทบุรี')}"),
        ("who has not sent", organizer, "organizer", "/e/missing"),
        *((name, organizer, "organizer", f"/search?q={quote(typed)}") for name, typed in SEARCHES.items()),
    ]
    for name, client, who, address in asked:
        if address:
            beside = ask(plain, requests, pages=["/page"]).seconds
            before = server.processor()
            done = ask(client, requests, pages=[address])
            used, size = (server.processor() - before) / (requests + WARM), size_of(client, address)
        else:
            beside = ask(plain, requests, saves=[bare_save]).seconds
            before = server.processor()
            done = ask(client, requests, saves=saves)
            used, saves, size = (server.processor() - before) / (requests + WARM), done.saves, 0
        lines.append(Line(name, who, address or draft.address, done.seconds, beside, size, used, is_save=not address))
    return lines, saves


def statements(folder: Path, prepared: Prepared, lines: Sequence[Line], saved: Saved) -> dict[str, int]:
    """Statements of one request of each kind, in a second application inside this process."""
    app = create_app(Settings(data=folder, secret_key="for this bench only", limits=False), clock=Clock(MORNING))
    app.config["WTF_CSRF_ENABLED"] = False
    engine = app.extensions["award"].database.engine
    counts, clients = {}, {}
    for line in lines:
        if line.who not in clients:
            clients[line.who] = app.test_client()
            clients[line.who].post("/sign-in", data={"login": line.who, "password": prepared.password})
        client = clients[line.who]
        if line.is_save:
            (name, value), *_ = saved.values.items()
            changes = {name: next(text for text in saved.choices[name] if text != value)}
            body = {"key": "bench-entries-statements", "base_revision": saved.revision, "changes": changes}
            say = lambda: client.post(line.address, json=body)  # noqa: B023, E731  (used before the next turn)
            client.get(line.address.removesuffix("/answers"))
        else:
            say = lambda: client.get(line.address)  # noqa: B023, E731
            say()
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any, seen: list[str] = seen) -> None:
            if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")):
                seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        answer = say()
        event.remove(engine, "before_cursor_execute", note)
        if answer.status_code != 200:
            raise SystemExit(f"{line.address}: {answer.status_code} {json.dumps(answer.text[:200])}")
        counts[line.name] = len(seen)
    return counts


def run(folder: Path, *, entries: int, requests: int, seed: int) -> None:
    """One size, from an empty folder to the printed table. Ends the bench where a save is lost."""
    data = folder / "data"
    data.mkdir(mode=0o700)
    began = time.perf_counter()
    prepared = prepare(data, entries=entries, seed=seed)
    took = time.perf_counter() - began
    print(
        f"\n{prepared.entries} entries, {prepared.files} files and links with titles of their own; made in {took:.0f} s"
    )
    ports = free_port(), free_port()
    settings = {"AWARD_DATA": str(data), "AWARD_NOW": MORNING.isoformat(), "AWARD_LIMITS": "off"}
    with (
        running(["-m", "award.cli", "serve", "--port", str(ports[0])], ports[0], folder / "log", **settings) as server,
        running(["-m", "bench.bare", str(ports[1]), str(folder)], ports[1], folder / "bare.log") as bare,
    ):
        at_rest = server.memory()
        lines, saves = measure(server, bare, prepared, requests)
        after, highest, load = server.memory(), server.memory("VmHWM"), os.getloadavg()[0]
    counts = statements(data, prepared, lines, saves[0])  # saves once more
    lost = count_lost(data, saves)
    print(HEAD)
    for line in lines:
        ratio = percentile(line.times, 50) / percentile(line.bare, 50)
        size = f"{line.size / 1024:>7.0f}" if line.size else f"{'':>7}"
        print(
            f"{line.name:>34} {counts[line.name]:>10} {percentile(line.times, 50):>8.1f} "
            f"{percentile(line.times, 95):>8.1f} {line.used * 1000:>7.1f} {ratio:>8.1f} {size}"
        )
    pages = [second for line in lines if not line.is_save for second in line.bare]
    commits = [second for line in lines if line.is_save for second in line.bare]
    print(f"{'bare: page, commit (p50 ms)':>34} {'':>10} {percentile(pages, 50):>8.1f} {percentile(commits, 50):>8.1f}")
    print(
        f"memory at rest {at_rest:.0f} MiB, afterwards {after:.0f}, highest {highest:.0f}; load at the end {load:.1f}"
    )
    print(f"read back: {sum(len(each.values) for each in saves)} values, {lost} differ")
    if lost:
        raise SystemExit("an acknowledged save is not in the database")


def count_lost(data: Path, saves: Sequence[Saved]) -> int:
    """How many acknowledged values are not among the stored versions (the statement count saved one more)."""
    database, lost = Database(data / "award.sqlite3"), 0
    with database.reading() as db:
        for each in saves:
            number = int(each.address.split("/")[-2])
            stored = db.execute(
                text("select answers from entry_revision where entry_id = :id and revision = :revision"),
                {"id": number, "revision": each.revision},
            ).scalar_one_or_none()
            answers = json.loads(stored) if stored else {}
            lost += sum(answers.get(name) != value for name, value in each.values.items())
    database.close()
    return lost


def main() -> None:
    parser = argparse.ArgumentParser(description="form, autosave, lists and search at 380 and 20,000 entries")
    parser.add_argument("--sizes", type=int, nargs="+", default=[380, 20_000])
    parser.add_argument("--requests", type=int, default=60, help="of each kind")
    parser.add_argument("--seed", type=int, default=2564)
    asked = parser.parse_args()
    print(machine("Flask", "waitress", "SQLAlchemy", "rapidfuzz"))
    for entries in asked.sizes:
        if entries < 380:
            parser.error("needs all 76 provinces (380 entries)")
        with tempfile.TemporaryDirectory(prefix="bench-entries-") as name:
            run(Path(name), entries=entries, requests=asked.requests, seed=asked.seed)


if __name__ == "__main__":
    main()
