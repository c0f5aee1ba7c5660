"""What hostile insiders do: sign in at once, walk every address, look for what they may not know."""

import hashlib
import re
import secrets
import sqlite3
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import text

from award.clock import Clock
from award.db.schema import METADATA
from award.server import make_server
from tests.award.build import BuiltSite

PANEL = ("z9-chair", "z9-member", "z9-secretary")
NOBODY = ""
EVERYBODY = (NOBODY, "p22", "p23", "organizer", "auditor", *PANEL, "z10-chair", "z10-member")
IDS = {
    "entry": "select id from entry where code in ('to-23', 'wf-a-23', 'to-22')",
    "version": "select max(revision) from entry_revision",
    "note": "select coalesce(max(id), 1) from colleague_note",
    "evidence": "select min(id) from evidence union select max(id) from evidence",
    "file": "select min(id) from evidence union select max(id) from evidence",
    "upload": "select coalesce(max(id), 1) from upload",
    "card": "select a.id from assignment a join entry e on e.id = a.entry_id where e.code in ('to-23', 'to-22')",
    "slot": "select min(id) from slot group by session_id",
    "day": "select id from scoring_session",
    "seat": "select id from seat where code in ('z9-member', 'z10-member')",
    "panel": "select min(panel_id) from scoring_session",
    "paper": "select coalesce(max(id), 1) from paper_sheet",
    "ask": "select coalesce(max(id), 1) from reopening_request",
    "late": "select coalesce(max(id), 1) from late_request",
    "follow_up": "select coalesce(max(id), 1) from follow_up",
    "run": "select id from ranking_run union select 1 where not exists (select 1 from ranking_run)",
    "adoption": "select min(id) from adoption",
    "revision": "select '2564-r2' union select 'none'",
    "plan": "select coalesce(max(id), 1) from round_plan",
    "award": "select code from award",
    "passkey": "select coalesce(max(id), 1) from passkey",
    "sign_in": "select min(id) from sign_in",
    "person": "select id from user where login in ('p22', 'z9-member')",
    "duty": "select min(id) from duty",
    "asked": "select coalesce(max(id), 1) from one_time_link",
    "mail": "select coalesce(max(id), 1) from mail_out",
    "reminder": "select coalesce(max(id), 1) from reminder",
    "letter": "select coalesce(max(id), 1) from reminder_to",
    "identity": "select coalesce(max(id), 1) from identity",
    "provider": "select 'none'",
}
_PER_PAGE = re.compile(r'(name="csrf-token" content="|name="csrf_token" value="|name="key" value=")[^"]*')


def signed_in(site: BuiltSite, login: str, *, language: str = "en") -> FlaskClient:
    """A client with a sign-in of its own; the slow check of the password is tested elsewhere. "" signs nobody in."""
    client = site.client()
    client.set_cookie("language", language)
    if login:
        token = secrets.token_urlsafe(32)
        with site.database.writing() as db:
            db.execute(
                text(
                    "insert into sign_in (token_sha256, user_id, started_at, expires_at, last_seen_at, fresh_at) "
                    "select :token, id, '2021-07-01T00:00:00.000000Z', '2031-07-01T00:00:00.000000Z', "
                    "'2031-07-01T00:00:00.000000Z', '2031-07-01T00:00:00.000000Z' "
                    "from user where login = :login"
                ),
                {"token": hashlib.sha256(token.encode()).hexdigest(), "login": login},
            )
            db.commit()
        client.set_cookie("sign_in", token)
    return client


def give_duty(site: BuiltSite, login: str, *, role: str, province: str | None = None, zone: int | None = None) -> None:
    """Another duty for the same person."""
    with site.database.writing() as db:
        db.execute(
            text(
                "insert into duty (user_id, role, province_code, zone_number, title_th, title_en, acting, from_day) "
                "select id, :role, :province, :zone, title_th, title_en, 0, '2020-10-01' from user where login = :login"
            ),
            {"login": login, "role": role, "province": province, "zone": zone},
        )
        db.commit()


def freeze(site: BuiltSite, moment: datetime) -> None:
    """The clock stands still, so that two sites show the same."""
    vars(site.clock).update(vars(Clock(moment, source=lambda: moment)))


def addresses(site: BuiltSite) -> list[str]:
    """Every address that can be read, filled with ids of several provinces, slots and members."""
    with site.database.reading() as db:
        known = {name: [str(row[0]) for row in db.execute(text(sql)) if row[0]] for name, sql in IDS.items()}
    found: list[str] = []
    for rule in site.app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.rule.startswith("/assets/"):
            found += _filled(rule.rule, known)
    return sorted(found)


def searchable(site: BuiltSite) -> list[str]:
    """Those whose answer can be searched for a text: in the bytes of a PDF, which is packed, nothing would be found,
    and the minutes have an address for their text."""
    return [address for address in addresses(site) if not address.endswith(".pdf")]


def _filled(rule: str, known: dict[str, list[str]]) -> Iterator[str]:
    place = re.search(r"<[\w:]+>", rule)
    if place is None:
        yield rule
        return
    for value in known[place[0].strip("<>").removeprefix("int:")] if place[0] != "<entry>" else ["to-22"]:
        yield from _filled(rule.replace(place[0], value, 1), known)


def without_tokens(page: str) -> str:
    """The page without what is made anew for each page."""
    return _PER_PAGE.sub(r"\1", page)


def everything(site: BuiltSite, *, without: Collection[str] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables: what must not change when a thing is refused."""
    names = [table.name for table in METADATA.sorted_tables if table.name not in without]
    with closing(sqlite3.connect(site.settings.database)) as database:
        return {name: database.execute(f'select * from "{name}"').fetchall() for name in names}


@contextmanager
def served(site: BuiltSite) -> Iterator[int]:
    """The site behind the server that people meet, with its many threads; gives the port."""
    server = make_server(site.app, port=0, settings=site.settings)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server.effective_port
    finally:
        until = time.monotonic() + 5
        while server.active_channels and time.monotonic() < until:
            time.sleep(0.01)
        server.task_dispatcher.shutdown()
        server.close()
        thread.join(5)
