"""Starting the site: the newest schema, a demo round where there is nothing yet, runs, workbooks, then serving."""

import errno
import gc
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from award.actions.checkpoints import anchor_new_lines, read_witness
from award.actions.first_start import make_setup_code
from award.actions.mail import send_due
from award.actions.ranking import calculate_run
from award.actions.words import keep_words
from award.app import create_app
from award.claim import claimed
from award.clock import Clock
from award.config import Settings, read_settings
from award.db.cycles import Cycle
from award.db.engine import Database
from award.db.ledger import last_moment
from award.db.schema import open_existing, upgrade_schema
from award.demo import DemoRound, load_demo
from award.demo.earlier import tell_earlier
from award.demo.load import (
    AFTER_THE_DAY,
    COLLECTING_DEADLINE,
    COLLECTING_MORNING,
    LIVE_DEADLINE,
    LIVE_MORNING,
)
from award.demo.telling import tell_way
from award.errors import Incomplete, NotStarted
from award.gate import pass_gate
from award.outputs import write_together
from award.queries.cycles import list_award_cycles
from award.queries.people import find_actor_by_login
from award.queries.ranking import Run, find_latest_run
from award.queries.search import read_ahead
from award.regularly import Regularly
from award.server import make_server
from award.views.context import Site
from award.workbooks import run_workbook
from scoring_rules.words import Words

STAGE = "zone"
ANCHOR_EVERY, MAIL_EVERY, SIGHTINGS_EVERY, WORDS_EVERY = 600.0, 5.0, 10.0, 2.0  # seconds
KINDS_OF_RUN = {"official": Words("อย่างเป็นทางการ", "official"), "provisional": Words("ชั่วคราว", "provisional")}
SHOWN_LOGINS = (
    "organizer", "organizer2", "auditor", "admin", "director", "p23", "p23-strategy", "p23-director", "p23-chief",
    "z9-chair", "z9-member", "z9-secretary",
)  # fmt: skip
# Deadline of a demo round → when its clock begins.
BEGINS = {LIVE_DEADLINE: LIVE_MORNING, COLLECTING_DEADLINE: COLLECTING_MORNING}


def start(*, serve: bool, port: int, language: str = "th") -> None:
    """What `dev.py run` does, told in `language`. Raises NotStarted in one sentence where it may not start."""
    settings = read_settings()
    if serve:
        _check_port(port)
    with claimed(settings.data):
        _start(settings, serve=serve, port=port, language=language)


def _start(settings: Settings, *, serve: bool, port: int, language: str) -> None:
    started = time.perf_counter()
    database = Database(settings.database)
    upgrade_schema(database)
    _warn(settings, language)
    if not _has_cycle(database):
        made = load_demo(database, approval="chain", revision="r2")
        tell_way(database)
        tell_earlier(database)
        _keep_sign_ins(settings, made)
        told = Words(
            f"รอบสาธิต 2564 (ข้อมูลสมมติ): ผลงาน {made.entries} รายการ ใบให้คะแนน {made.cards} ใบ คะแนน {made.marks} ช่อง",
            f"Demo round 2564 (invented): {made.entries} entries, {made.cards} cards, {made.marks} marks.",
        )
        click.echo(told.in_language(language))
    settings = with_demo_clock(settings, database)
    keep_words(database, Clock(settings.now))  # whoever searches first finds them filled in
    for line in write_workbooks(database, Clock(settings.now), settings.workbooks):
        click.echo(line.in_language(language))
    database.close()
    seconds = f"{time.perf_counter() - started:.1f}"
    click.echo(Words(f"พร้อมใน {seconds} วินาที", f"Ready in {seconds} s.").in_language(language))
    sign_ins = settings.data / "demo_sign_ins.txt"
    if sign_ins.exists():
        click.echo(sign_ins.read_text(encoding="utf-8").rstrip())
    address = f"http://127.0.0.1:{port}/"
    click.echo(Words(f"ที่อยู่: {address}", f"Address: {address}").in_language(language))
    if serve:
        _serve(settings, port, language)


def serve(*, port: int, language: str = "th") -> None:
    """Serves the site as it is, told in `language`. Raises NotStarted where it may not start."""
    settings = read_settings()
    _check_port(port)
    with claimed(settings.data):
        database = open_existing(settings.database)
        settings = with_demo_clock(settings, database)
        _tell_setup_code(settings, database, port, language)
        database.close()
        _serve(settings, port, language)


def _tell_setup_code(settings: Settings, database: Database, port: int, language: str) -> None:
    """On a site without any account: the code that makes the first ones, on this terminal and nowhere else."""
    code = make_setup_code(database, Clock(settings.now))
    if code is not None:
        address = settings.site_address or f"http://127.0.0.1:{port}"
        told = Words(
            f"ยังไม่มีบัญชีผู้ใช้ รหัสเริ่มต้นระบบ ใช้ได้ครั้งเดียวภายในหนึ่งชั่วโมง: {code}\nพิมพ์รหัสนี้ที่ {address}/first-start",
            f"Nobody has an account yet. Set-up code, good once and for an hour: {code}\n"
            f"Type it at {address}/first-start",
        )
        click.echo(told.in_language(language))


def upgrade() -> None:
    """Creates the database or brings it to the newest version."""
    settings = read_settings()
    with claimed(settings.data):
        database = Database(settings.database)
        upgrade_schema(database)
        keep_words(database, Clock(settings.now))
        database.close()


def _warn(settings: Settings, language: str) -> None:
    """Raises NotStarted where the gate does not open; says what is only to be known."""
    for warning in pass_gate(settings):
        click.echo(f"WARNING: {warning.in_language(language)}", err=True)


def _serve(settings: Settings, port: int, language: str) -> None:
    """Serves until interrupted."""
    app = create_app(settings)
    app.extensions["award"].database.ballast.take()
    server = make_server(app, port=port, settings=settings)
    _warm_up(app.extensions["award"])
    click.echo(Words("เปิดให้บริการแล้ว หยุดด้วย Ctrl-C", "Serving. Stop with Ctrl-C.").in_language(language))
    works = list(_regular_work(app.extensions["award"]))
    for work in works:
        work.start()
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
        for work in works:
            work.stop()


def _warm_up(site: Site) -> None:
    """What the first search would read once is read before anybody searches; and what the program holds from its start
    to its end is not looked through again and again for what might be let go."""
    with site.database.reading() as db:
        read_ahead(db, today=site.clock.today())
    gc.collect()
    gc.freeze()


def _regular_work(site: Site) -> Iterator[Regularly]:
    """What the server does by itself: roots leave the building, who was seen is told, mails go out."""
    settings, about = site.settings, (site.database, site.clock)
    witness = read_witness(origin=settings.origin, anchors=settings.anchors, log_key=settings.log_key)
    yield Regularly("anchors", ANCHOR_EVERY, partial(anchor_new_lines, *about, witness))
    yield Regularly("sightings", SIGHTINGS_EVERY, partial(site.sightings.flush, *about))
    yield Regularly("words", WORDS_EVERY, partial(keep_words, *about))
    yield Regularly("presences", SIGHTINGS_EVERY, partial(site.presences.flush, *about))
    if settings.smtp is not None:
        yield Regularly("mail", MAIL_EVERY, partial(send_due, *about, settings.smtp))


def with_demo_clock(settings: Settings, database: Database) -> Settings:
    """A demo round lives on its own day, going on from the last act, unless `AWARD_NOW` says otherwise: real time would
    be years too late for it."""
    with database.reading() as db:
        cycle = db.execute(select(Cycle).order_by(Cycle.year.desc()).limit(1)).scalar_one_or_none()
        last = last_moment(db)
    if settings.now is not None or cycle is None or not cycle.invented:
        return settings
    begins = BEGINS.get(cycle.deadline_at, AFTER_THE_DAY)
    return replace(settings, now=max(begins, last or begins))


def write_workbooks(database: Database, clock: Clock, folder: Path) -> list[Words]:
    """Calculates a run for each demo award that has none (official; provisional where something blocks) and writes the
    workbook of its latest run. One line of text for each. Raises Refused where a file cannot be written; then none is.
    """
    with database.reading() as db:
        known = list_award_cycles(db)
    # A real run is a person's act; nobody was heard in the demo's year before.
    awards = [award for award in known if award.invented and award.year == known[0].year]
    books: list[tuple[Path, bytes]] = []
    lines = []
    for award in awards:
        run = _run_of(database, clock, award.adoption_id)
        if run is not None:
            with database.reading() as db:
                name, content = run_workbook(db, run.id)
            books.append((folder / name, content))
            kind = KINDS_OF_RUN[run.kind]
            lines.append(
                Words(
                    f"สมุดงาน: {folder / name} (การคำนวณที่ {run.id} {kind.th})",
                    f"Workbook: {folder / name} ({kind.en} run {run.id})",
                )
            )
    folder.mkdir(parents=True, exist_ok=True)
    write_together(books)
    return lines


def _run_of(database: Database, clock: Clock, adoption_id: int) -> Run | None:
    """The latest run of a demo award, calculated where there is none; None without an organizer to calculate it."""
    with database.reading() as db:
        run = find_latest_run(db, adoption_id, STAGE)
        organizer = find_actor_by_login(db, "organizer", today=clock.today())
    if run is not None or organizer is None:
        return run
    calculate = partial(calculate_run, database, clock, actor=organizer, adoption_id=adoption_id, stage=STAGE)
    try:
        calculate(kind="official")
    except Incomplete:
        calculate(kind="provisional")
    with database.reading() as db:
        return find_latest_run(db, adoption_id, STAGE)


def _has_cycle(database: Database) -> bool:
    with database.reading() as db:
        return db.execute(select(Cycle.id).limit(1)).first() is not None


def sign_in_lines(made: DemoRound) -> str:
    """The sign-ins of a demo round, for print and file."""
    known = [login for login in SHOWN_LOGINS if login in made.logins]
    rest = len(made.logins) - len(known)
    return (
        f"ชื่อผู้ใช้สาธิต (บุคคลสมมติ) รหัสผ่านเดียวกันทุกบัญชี / Demo sign-ins (invented people), password for all: "
        f"{made.password}\n"
        f"  {', '.join(known)}\n"
        f"  และอีก {rest} / and {rest} more: p<province code>, -director and -chief of it, z<zone>-chair, "
        "z<zone>-member, z<zone>-secretary\n"
    )


def _keep_sign_ins(settings: Settings, made: DemoRound) -> None:
    file = settings.data / "demo_sign_ins.txt"
    file.touch(mode=0o600)  # before anything is in it
    file.write_text(sign_in_lines(made), encoding="utf-8")
    file.chmod(0o600)


def demo(**chosen: Any) -> None:
    """`award demo`: a round of any size in an empty data folder. `chosen`: as for `load_demo`."""
    settings = read_settings()
    with claimed(settings.data):
        _demo(settings, chosen)


def _demo(settings: Settings, chosen: dict[str, Any]) -> None:
    database = Database(settings.database)
    upgrade_schema(database)
    started = time.perf_counter()
    made = load_demo(database, revision="r2", **chosen)
    tell_way(database)
    tell_earlier(database)
    keep_words(database, Clock(settings.now))
    database.close()
    _keep_sign_ins(settings, made)
    click.echo(
        f"{made.entries} entries, {made.cards} cards, {made.marks} marks in {settings.database} "
        f"({time.perf_counter() - started:.1f} s). ข้อมูลสมมติ / invented data."
    )
    click.echo(sign_in_lines(made).rstrip())


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                raise NotStarted(
                    f"Port {port} is in use or not allowed: choose another with --port.",
                    thai=f"พอร์ต {port} ถูกใช้อยู่หรือไม่ได้รับอนุญาต: เลือกพอร์ตอื่นด้วย --port",
                ) from error
            raise
