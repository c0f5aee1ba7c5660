"""A scoring day in all zones at once: 54 members who mark, 500 open pages that look on, and chairs who go on.

    .venv/bin/python -m bench.live [--seconds 180] [--pollers 500] [--every 2.5] [--save-every 5] [--act-every 5]

A real server process as `award serve` starts it; this process drives it over kept connections. Every answer is checked,
every acknowledged mark is read back, and the ledger is held against the tables at the end.
"""

import argparse
import asyncio
import os
import random
import secrets
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import event, text

from award.actions.slots import reopen_slot
from award.app import create_app
from award.clock import Clock
from award.config import Settings
from award.db.engine import Database
from award.db.schema import upgrade_schema
from award.demo import load_demo
from award.demo.load import AFTER_THE_DAY
from award.evaluation import mark_text, rules_of
from award.ledger_check import check_ledger
from award.queries.cards import find_card
from award.queries.cycles import list_award_cycles
from award.queries.people import find_actor_by_login
from bench.client import Client, Saved, sign_in
from bench.live_client import Line, Measured, Member, Page, due, post
from bench.machine import machine
from bench.round import choices_of
from bench.web import Server, free_port, percentile, running

PHASES = ("presenting", "questions", "scoring", "discussion")
REASON = "เปิดช่วงให้คะแนนอีกครั้งเพื่อวัดความเร็ว (ข้อมูลสมมติ)"
AFTER = 4.0  # seconds in which pages still look on when nobody saves any more


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone's session that goes on: its open slot, and the cards of its members."""

    session: int
    slot: int
    province: str
    chair: str
    cards: dict[str, Saved]  # login → card


def prepare(folder: Path) -> tuple[str, list[Zone]]:
    """The demo round with one slot of each of 18 zones opened again, by the chairs' own act; and the password."""
    database, clock = Database(folder / "award.sqlite3"), Clock(AFTER_THE_DAY)
    upgrade_schema(database)
    password = load_demo(database).password
    with database.reading() as db:
        rules = next(rules_of(each.rules_text) for each in list_award_cycles(db) if each.adoption_id == 1)
        rows = db.execute(text(
            "select n.id as session, s.id as slot, n.province_code as province, z.login as chair, e.category "
            "from scoring_session n join slot s on s.session_id = n.id and s.adoption_id = 1 "
            "join seat c on c.panel_id = n.panel_id and c.kind = 'chair' join user z on z.id = c.duty_id "
            "join entry e on e.province_code = n.province_code and e.adoption_id = 1 "
            "where (select count(*) from assignment a where a.slot_id = s.id and a.excused != '') = 0 "
            "group by n.panel_id order by n.panel_id"
        )).all()  # fmt: skip
    zones = []
    for row in rows:
        with database.reading() as db:
            chair = find_actor_by_login(db, row.chair, today=clock.today())
        assert chair is not None
        reopen_slot(database, clock, actor=chair, slot_id=row.slot, reason=REASON, key=f"bench-live-{row.slot}")
        with database.reading() as db:
            own = db.execute(
                text("select a.id, c.code from assignment a join seat c on c.id = a.seat_id where a.slot_id = :slot"),
                {"slot": row.slot},
            ).all()
            cards = {}
            for number, login in own:
                card = find_card(db, number)
                assert card is not None
                values = {place: mark_text(value) for place, value in card.marks.items()}
                choices = choices_of(rules.category(row.category))
                cards[login] = Saved(f"/s/card/{number}/marks", card.revision, choices, values)
        zones.append(Zone(row.session, row.slot, row.province, row.chair, cards))
    database.close()
    return password, zones


def pages_of(zones: Sequence[Zone], clients: dict[str, Client], count: int) -> list[Page]:
    """Open pages, dealt out over the zones in turn: of the members, of the province, of who watches over all."""
    kinds: list[Callable[[Zone], Page]] = [
        *(
            lambda zone, place=place: Page(
                clients[list(zone.cards)[place]], zone.session, zone.slot, f"/s/{zone.session}", "?unsent=0"
            )
            for place in range(3)
        ),
        lambda zone: Page(clients[f"p{zone.province}"], zone.session, zone.slot, f"/agenda/day/{zone.session}"),
        lambda zone: Page(clients["organizer"], zone.session, zone.slot, f"/s/{zone.session}"),
    ]
    return [kinds[number // len(zones) % len(kinds)](zones[number % len(zones)]) for number in range(count)]


async def press(
    zones: Sequence[Zone], clients: dict[str, Client], file: Path, port: int, measured: Measured, *,
    begin: float, until: float, every: float,
) -> None:  # fmt: skip
    """The chairs press "next" in turn, as a form does."""
    line, number = Line(port, measured), 0
    while begin + every * number < until:
        zone, phase = zones[number % len(zones)], PHASES[number // len(zones) % len(PHASES)]
        await due(begin, every, number, measured)
        with sqlite3.connect(file) as raw:
            asked = "select coalesce(max(id), 0) from phase where slot_id = ?"
            last = raw.execute(asked, (zone.slot,)).fetchone()[0]
        raw.close()
        number += 1
        said = urlencode({"key": secrets.token_hex(16), "phase": phase, "minutes": "10", "after": last})
        began = time.monotonic()
        kind = "application/x-www-form-urlencoded"
        answer = await line.ask(
            post(f"/s/slot/{zone.slot}/phase", clients[zone.chair], said.encode(), kind, "text/html")
        )
        measured.add("next", answer.status, time.monotonic() - began, len(answer.body))
        if answer.status == 503:
            continue
        if answer.status != 303:
            raise RuntimeError(f"next: {answer.status} {answer.body[:300]!r}")
        measured.pressed.setdefault(zone.session, []).append(began)


async def drive(
    zones: Sequence[Zone], clients: dict[str, Client], file: Path, port: int, asked: argparse.Namespace
) -> tuple[Measured, list[Member]]:
    """All of it at once, for the seconds asked."""
    measured, rng = Measured(), random.Random(asked.seed)
    members = [Member(clients[login], saved) for zone in zones for login, saved in zone.cards.items()]
    pages = pages_of(zones, clients, asked.pollers)
    begin = time.monotonic() + 1
    stop = begin + asked.seconds
    works = [
        member.mark(port, measured, begin=begin + rng.random() * asked.save_every, until=stop, every=asked.save_every)
        for member in members
    ]
    works += [
        page.follow(port, measured, begin=begin + rng.random() * asked.every, until=stop + AFTER, every=asked.every)
        for page in pages
    ]
    works.append(
        press(zones, clients, file, port, measured, begin=begin + 5, until=stop, every=asked.act_every)
    )  # after every page has asked once
    await asyncio.gather(*works)
    return measured, members


def screens(measured: Measured) -> tuple[list[float], list[float], int]:
    """Seconds from each press to each page that saw it, and to the last one; how many pages missed one."""
    each, last, missed = [], [], 0
    for session, presses in measured.pressed.items():
        for place, pressed in enumerate(presses):
            until = presses[place + 1] if place + 1 < len(presses) else float("inf")
            found = []
            for page in measured.seen.get(session, ()):
                seen = [when for when, _ in page if pressed <= when < until]
                missed += not seen
                found += [when - pressed for when in seen[:1]]
            each += found
            last.append(max(found, default=float("nan")))
    return each, last, missed


def read_back(file: Path, members: Sequence[Member]) -> tuple[int, int, int]:
    """Acknowledged saves, how many are not in the database as they were acknowledged, and how many stand there twice
    or were never acknowledged."""
    saves = lost = doubled = 0
    raw = sqlite3.connect(file)
    for member in members:
        card = int(member.saved.address.split("/")[-2])
        rows = raw.execute(
            "select revision, criterion, value from mark where assignment_id = ? and revision > ?",
            (card, member.saved.revision),
        ).fetchall()
        stored = {(revision, name): value for revision, name, value in rows}
        saves += len(member.acknowledged)
        lost += sum(
            stored.get((revision, name)) != int(value) * 10_000 for revision, name, value in member.acknowledged
        )
        doubled += len(rows) - len({(revision, name) for revision, name, _ in member.acknowledged} & set(stored))
    raw.close()
    return saves, lost, doubled


def count_statements(folder: Path, password: str, zone: Zone) -> Iterator[tuple[str, int, str]]:
    """Statements of one request of each kind, in a second application inside this process."""
    app = create_app(Settings(data=folder, secret_key="for this bench only"), clock=Clock(AFTER_THE_DAY))
    app.config["WTF_CSRF_ENABLED"] = False
    engine = app.extensions["award"].database.engine
    login, saved = next(iter(zone.cards.items()))
    client = app.test_client()
    client.post("/sign-in", data={"login": login, "password": password})
    address = f"/s/{zone.session}/live?unsent=0"
    tag = client.get(address).headers["ETag"]

    def save() -> Any:
        with app.extensions["award"].database.reading() as db:
            card = find_card(db, int(saved.address.split("/")[-2]))
        assert card is not None
        name, (low, high) = next(iter(saved.choices.items()))
        changes = {name: low if card.marks.get(name) == int(high) else high}
        return client.post(saved.address, json={"key": "k" * 20, "base_revision": card.revision, "changes": changes})

    asked: dict[str, Callable[[], Any]] = {
        "status, nothing new": lambda: client.get(address, headers={"If-None-Match": tag}),
        "status, made anew": lambda: (app.extensions["award"].statuses.clear(), client.get(address))[1],
        "status, made already": lambda: client.get(address),
        "a member's day (region)": lambda: client.get(f"/s/{zone.session}"),
        "save one mark": save,
    }
    for what, ask in asked.items():
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any, seen: list[str] = seen) -> None:
            if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")):
                seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        answer = ask()
        event.remove(engine, "before_cursor_execute", note)
        yield what, len(seen) - (2 if what == "save one mark" else 0), f"{answer.status_code}, {len(answer.data)} bytes"


def report(measured: Measured, server: Server, used: float, own: float, asked: argparse.Namespace) -> None:
    """The table."""
    print(f"\n{'':>26} {'requests':>8} {'per s':>7} {'p50':>8} {'p95':>8} {'p99':>8} {'max ms':>8}")
    for kind in ("save", "status", "region", "next"):
        times = measured.seconds.get(kind, [])
        if times:
            shares = " ".join(f"{percentile(times, share):8.1f}" for share in (50, 95, 99))
            span = asked.seconds + (AFTER if kind != "save" else 0)
            print(f"{kind:>26} {len(times):>8} {len(times) / span:>7.1f} {shares} {max(times) * 1000:8.1f}")
    saves, statuses = (measured.seconds.get(kind, []) for kind in ("save", "status"))
    if saves and statuses:
        shares = ", ".join(
            f"{percentile(saves, share) / percentile(statuses, share):.1f} at p{share}" for share in (50, 95, 99)
        )
        print(f"{'ratio save : status':>26} {shares}")
    held = sum(count for (_, code), count in measured.codes.items() if code == 503)
    print(f"{'not at once':>26} {measured.again} saves sent again after 503, {held} other answers 503")
    fresh, same = (measured.codes.get(("status", code), 0) for code in (200, 304))
    print(f"{'status 304':>26} {same / max(1, fresh + same):.1%} of {fresh + same}")
    each, last, missed = screens(measured)
    if each:
        acts = sum(map(len, measured.pressed.values()))
        p50, p95 = percentile(each, 50) / 1000, percentile(each, 95) / 1000
        print(
            f"{'next to all screens':>26} {acts} presses: a screen p50 {p50:.2f} s, p95 {p95:.2f} s; "
            f"the last screen p50 {percentile(last, 50) / 1000:.2f} s, max {max(last):.2f} s; {missed} missed"
        )
    span = asked.seconds + AFTER
    every = len(saves) + len(statuses) + len(measured.seconds.get("region", []))
    print(f"{'server':>26} {used / span:.0%} of a core, {used / every * 1000:.2f} ms of it for each request; "
          f"memory at most {server.memory('VmHWM'):.0f} MiB, now {server.memory():.0f}")  # fmt: skip
    print(
        f"{'this driver':>26} {own / span:.0%} of a core; sent late by p99 {percentile(measured.late, 99):.1f} ms, "
        f"{measured.broken} connections opened again, {measured.bytes_in / 1e6:.1f} MB read"
    )


def main() -> None:
    """Prints the table; ends with an error where a mark is lost or doubled."""
    parser = argparse.ArgumentParser(description="54 members of 18 zones saving beside open pages that follow the day")
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--pollers", type=int, default=500)
    parser.add_argument("--every", type=float, default=2.5, help="seconds between two questions of a page")
    parser.add_argument("--save-every", type=float, default=5)
    parser.add_argument("--act-every", type=float, default=5, help="seconds between two presses of “next”, any zone")
    parser.add_argument("--seed", type=int, default=2564)
    asked = parser.parse_args()
    print(machine("Flask", "waitress", "SQLAlchemy"))
    with tempfile.TemporaryDirectory(prefix="bench-live-") as name:
        run(Path(name), asked)


def run(folder: Path, asked: argparse.Namespace) -> None:
    """Prepares, drives, reports, reads back."""
    data = folder / "data"
    data.mkdir(mode=0o700)
    password, zones = prepare(data)
    port, file = free_port(), data / "award.sqlite3"
    serve = ["-m", "award.cli", "serve", "--port", str(port)]
    settings = {"AWARD_DATA": str(data), "AWARD_NOW": AFTER_THE_DAY.isoformat(), "AWARD_LIMITS": "off"}
    with running(serve, port, folder / "log", **settings) as server:
        logins = [login for zone in zones for login in zone.cards] + [f"p{zone.province}" for zone in zones]
        clients = {login: sign_in(port, login, password) for login in [*logins, "organizer"]}
        members = sum(len(zone.cards) for zone in zones)
        print(f"{len(zones)} zones, {members} members every {asked.save_every:g} s, {asked.pollers} pages every "
              f"{asked.every:g} s, a press every {asked.act_every:g} s, for {asked.seconds:g} s")  # fmt: skip
        used, own, load = server.processor(), time.process_time(), os.getloadavg()[0]
        measured, marked = asyncio.run(drive(zones, clients, file, port, asked))
        used, own = server.processor() - used, time.process_time() - own
        report(measured, server, used, own, asked)
        print(f"{'load average':>26} {load:.1f} before, {os.getloadavg()[0]:.1f} at the end")
    saves, lost, doubled = read_back(file, marked)
    print(f"{'read back':>26} {saves} acknowledged saves, {lost} lost, {doubled} doubled")
    database = Database(file)
    with database.reading(consistent=True) as db:
        found = check_ledger(db, anchors=data / "anchors.log")[1]
    database.close()
    print(f"{'ledger check':>26} {len(found)} findings")
    print("\nstatements of one request, signing in apart")
    for what, count, said in count_statements(data, password, zones[0]):
        print(f"{what:>26} {count:>3}   ({said})")
    if lost or doubled or found:
        raise SystemExit(f"an acknowledged mark is lost or doubled, or the record is not whole: {found[:3]}")


if __name__ == "__main__":
    main()
