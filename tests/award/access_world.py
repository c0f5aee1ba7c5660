"""A small real site brought through the phases of a round by the real acts: one stored moment for each phase.

People have one signed-in client each that is good in every phase; `enter(phase)` puts the database back to it.
"""

import io
import json
import os
import re
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from flask.testing import FlaskClient
from pypdf import PdfWriter
from sqlalchemy import delete, insert, select, text, update
from werkzeug.test import TestResponse

from award.clock import BANGKOK
from award.db.accounts import Passkey
from award.db.cycles import Seat
from award.db.entries import Entry, EntryRevision, Evidence
from award.db.evidence_files import PREVIEWS
from award.db.people import Duty, SignIn, User
from award.db.scoring import Assignment
from award.views.received import FORMS, Form
from scoring_rules.cards import marked_leaves
from scoring_rules.marks import mark_places
from tests.award import scoring_day
from tests.award.access_table import NOBODY, AccessTable, Row, read_table
from tests.award.build import TRAT, BuiltSite, build_site
from tests.award.hostile import freeze, signed_in
from tests.award.scoring_day import ScoringDay

LOGINS = {
    NOBODY: "", "both": "both", "officer": "p23", "acting": "acting23", "director": "director23", "chief": "chief23",
    "neighbour": "p22", "member": "z9-member",
    "recused": "z9-secretary", "moved": "moved", "stranger": "z10-member", "chair": "z9-chair",
    "chair_other": "z10-chair", "organizer": "organizer", "auditor": "auditor",
    "administrator": "administrator", "executive": "executive",
    "ended": "ended", "not_yet": "not_yet", "proposed": "proposed",
}  # fmt: skip
EVERY_ROLE = (("officer", TRAT, None), ("director", TRAT, None), ("chief", TRAT, None), ("member", None, 9),
              ("chair", None, 9), ("organizer", None, None), ("auditor", None, None), ("administrator", None, None),
              ("executive", None, None))  # fmt: skip
SINCE, YESTERDAY, TODAY, TOMORROW = date(2020, 10, 1), date(2021, 7, 18), date(2021, 7, 19), date(2021, 7, 20)
OWN_WORDS = "ข้อมูลสมมติ: เปิดเผยทุกบาท เรื่องที่ 4417 ของตราด"
REASON = "ตามหลักฐานที่นำเสนอ"
JSON = {"Accept": "application/json"}
_keys = count(1)


def at(clock: str) -> datetime:
    """A time of the day of the round."""
    hour, minute = clock.split(":")
    return datetime(2021, 7, 19, int(hour), int(minute), tzinfo=BANGKOK)


def new_key() -> str:
    """A client's key that was not used before."""
    return f"access-key-{next(_keys):06d}"


@contextmanager
def drawn_alike(seed: int) -> Iterator[None]:
    """What is drawn by lot meanwhile (tokens, seals, the salts of the record) and the keys of a scoring day are the
    same with the same seed: two worlds that did the same are the same, and differ in what was done differently."""
    drawn = patch.object(secrets, "token_bytes", Random(seed).randbytes)
    with drawn, patch.object(scoring_day, "_keys", count(seed * 1_000_000)):
        yield


def small_pdf() -> io.BytesIO:
    """A whole file of one blank page, like no other."""
    writer, file = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.add_metadata({"/Title": new_key()})
    writer.write(file)
    file.seek(0)
    return file


@dataclass
class Moment:
    """A stored database, the time at which it stands, the evidence files there are, and the anchors of its logs."""

    stored: sqlite3.Connection
    now: datetime
    files: list[str]
    anchors: str


@dataclass
class World:
    """`enter("scoring")`, then `ask(row, "member")`."""

    site: BuiltSite
    table: AccessTable
    clients: dict[str, FlaskClient]
    moments: dict[str, Moment] = field(default_factory=dict)
    phase: str = ""
    endpoints: dict[tuple[str, str], str] = field(default_factory=dict)
    _watch: sqlite3.Connection | None = None
    version: int = 0
    _ids: dict[tuple[str, str, str], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.endpoints = {
            (method, rule.rule): rule.endpoint
            for rule in self.site.app.url_map.iter_rules()
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        }

    # --- phases ---

    def keep(self, phase: str, now: datetime) -> None:
        """Stores the database as it is now as the beginning of a phase."""
        self.freshen(now)
        stored = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(self.site.settings.database)) as source:
            source.backup(stored)
        self.moments[phase] = Moment(stored, now, self.files(), self._anchors())

    def _anchors(self) -> str:
        file = self.site.settings.anchors
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def freshen(self, now: datetime) -> None:
        """Everybody who is signed in has just proved who they are."""
        with self.site.database.writing() as db:
            db.execute(update(SignIn).values(fresh_at=now))
            db.commit()

    def enter(self, phase: str) -> None:
        """Puts database and clock to the beginning of a phase."""
        moment = self.moments[phase]
        # A database put back without its anchors is what the program refuses to go on with.
        self.site.settings.anchors.write_text(moment.anchors, encoding="utf-8")
        self.site.database.engine.dispose()
        with closing(sqlite3.connect(self.site.settings.database)) as target:
            target.execute("PRAGMA synchronous=OFF")
            moment.stored.backup(target)
        for left_over in set(self.files()) - set(moment.files):
            Path(left_over).unlink()
        freeze(self.site, moment.now)
        self.phase = phase
        self._begin_watch()

    # --- what changed ---

    def _begin_watch(self) -> None:
        if self._watch is None:
            self._watch = sqlite3.connect(self.site.settings.database, check_same_thread=False)
        self.version = self._data_version()

    def _data_version(self) -> int:
        assert self._watch is not None
        return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def changed(self) -> list[str]:
        """Tables that are not as at the beginning of the phase; what `traces` names is not looked at."""
        if self._data_version() == self.version:
            return []
        assert self._watch is not None
        stored = self.moments[self.phase].stored
        names = [row[0] for row in stored.execute("select name from sqlite_master where type = 'table' order by 1")]
        return [name for name in names if self._rows(stored, name) != self._rows(self._watch, name)]

    def contents(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table, without what `traces` names."""
        assert self._watch is not None
        names = [
            row[0] for row in self._watch.execute("select name from sqlite_master where type = 'table' order by 1")
        ]
        return {name: self._rows(self._watch, name) for name in names}

    def counted(self) -> int:
        """A number that changes with every change of the database."""
        return self._data_version()

    def _rows(self, database: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
        if table in self.table.traces:
            return []
        columns = [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]
        asked = ", ".join(f'"{name}"' for name in columns if f"{table}.{name}" not in self.table.traces)
        return database.execute(f'select {asked} from "{table}" order by rowid').fetchall()

    def files(self) -> list[str]:
        """The evidence that is stored."""
        found = []
        for folder, _, names in os.walk(self.site.settings.evidence):
            if not folder.endswith(f"/{PREVIEWS}"):  # they can be painted again
                found += [f"{folder}/{name}" for name in names]
        return sorted(found)

    # --- requests ---

    def value(self, sql: str, **values: Any) -> Any:
        """One value straight from the database."""
        with self.site.database.reading() as db:
            return db.execute(text(sql), values).scalar()

    def rows(self, sql: str, **values: Any) -> list[Any]:
        """Rows straight from the database."""
        with self.site.database.reading() as db:
            return list(db.execute(text(sql), values).all())

    def place(self, name: str, who: str, at: Mapping[str, str]) -> Any:
        """What a place of an address or a form stands for, for one person; a number that nothing has where there is
        no such thing yet."""
        sql = {**self.table.places, **at}[name]
        known = (self.phase, f"{sql} {sorted(at.items())}", who)
        if known not in self._ids:
            inner = {each: self.place(each, who, at) for each in re.findall(r":(\w+)", sql) if each != "login"}
            binds = inner | ({"login": LOGINS[who]} if ":login" in sql else {})
            found = self.value(sql, **binds)
            self._ids[known] = 999_999 if found is None else found
        return self._ids[known]

    def filled(self, value: Any, who: str, at: Mapping[str, str]) -> Any:
        """`{card}` in texts, lists and mappings replaced; a text that is nothing else keeps the place's own type."""
        if isinstance(value, Mapping):
            return {name: self.filled(each, who, at) for name, each in value.items()}
        if not isinstance(value, str):
            return value
        if whole := re.fullmatch(r"\{(\w+)\}(0*)", value):
            found = self.place(whole[1], who, at)
            return int(f"{found}{whole[2]}") if isinstance(found, int) else f"{found}{whole[2]}"
        return re.sub(r"\{(\w+)\}", lambda each: str(self.place(each[1], who, at)), value)

    def address(self, row: Row, who: str) -> str:
        """The row's address with its places filled."""
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda part: str(self.place(part[1], who, row.at)), row.rule)

    def ask(self, row: Row, who: str, *, as_json: bool = False) -> TestResponse:
        """The row's request by one person. `as_json`: as the code of a page asks."""
        sent: dict[str, Any] = {}
        if row.method != "GET" and row.json is not None:
            sent["json"] = {"key": new_key(), **self.filled(row.json, who, row.at)}
        elif row.method != "GET":
            takes_key = "key" in FORMS.get(self.endpoints[row.method, row.rule], Form()).fields
            form = self.filled(row.form, who, row.at) | ({"key": new_key()} if takes_key else {})
            sent["data"] = form | ({row.file: (small_pdf(), "a.pdf")} if row.file else {})
        headers = JSON if as_json else {}
        client, address = self.clients[who], self.address(row, who)
        cookies = dict(client._cookies or {})
        answer = client.open(address, method=row.method, headers=headers, buffered=True, **sent)
        client._cookies = cookies  # who signed out is signed in again for the next cell
        return answer


def build_world(
    folder: Path,
    *,
    csrf: bool = False,
    given: tuple[str, str] = ("4", REASON),
    by_others: tuple[str, str] | None = None,
) -> World:
    """Every phase, made by the acts of the people whose turn it is.

    `given`: the mark and the note that the member gives everywhere, and `by_others` what the others of the panel give
    (the same, unless it is told); nothing else of the world depends on them."""
    global _keys
    _keys = count(1)  # the same keys in each world
    site = build_site(folder, live=(TRAT,), members=4, csrf=csrf)
    with drawn_alike(1):
        return _lived_through(site, given, by_others or given)


def _lived_through(site: BuiltSite, given: tuple[str, str], by_others: tuple[str, str]) -> World:
    freeze(site, at("8:15"))
    _add_people(site)
    world = World(site, read_table(), {who: signed_in(site, login) for who, login in LOGINS.items()})
    day = ScoringDay(site, world.value(world.table.places["day"]), (0, 0, 0))
    entry, slot = world.value("select id from entry where code = 'to-23'"), 0
    slot = world.value("select id from slot where session_id = :day and adoption_id = 1", day=day.session)

    def post(who: str, address: str, **sent: Any) -> None:
        data = sent if "/evidence" in address else {"key": new_key(), **sent}
        answer = world.clients[who].post(address, data=data)
        assert answer.status_code == 303, f"{who} {address}: {re.findall('data-refused.*', answer.text)}"

    def fill_card(who: str) -> int:
        card = day.card(LOGINS.get(who, who))
        client = world.clients.get(who) or signed_in(site, who)
        category = day.category()
        mark, note = given if who == "member" else by_others
        notes = {f"note:{leaf.path}": note for leaf in marked_leaves(category)}
        assert day.save(client, card, dict.fromkeys(mark_places(category), mark) | notes).status_code == 200
        return card

    day.change(
        "insert into follow_up (entry_id, slot_id, text) values (:entry, :slot, 'ปรับปรุงลิงก์ของแบบ สขร.1')",
        entry=entry, slot=slot,
    )  # fmt: skip
    post("organizer", "/cycles/", year="2565")
    # Trat fills in its entry
    post("officer", f"/e/{entry}/evidence", field="declaration", file=(small_pdf(), "a.pdf"))
    post("officer", f"/e/{entry}/evidence", field="declaration", url="https://example.invalid/first")
    post("officer", f"/e/{entry}/notes", section="general", text="โทรตามอำเภอวันพุธ")
    about = {"field": "declaration", "name": "waiting.pdf", "size": "1000", "mark": "time:1"}
    assert world.clients["officer"].post(f"/e/{entry}/uploads", data=about).status_code == 200
    answers = json.loads(world.value("select answers from entry where code = 'to-22'")) | {"summary": OWN_WORDS}
    saved = world.clients["officer"].post(
        f"/e/{entry}/answers",
        json={"key": new_key(), "base_revision": world.value("select revision from entry where id = :e", e=entry),
              "changes": answers},
    )  # fmt: skip
    assert saved.status_code == 200, saved.text
    post("recused", f"/s/card/{day.card('z9-secretary')}/recuse", reason="เป็นญาติ")
    for code in ("moved", "stranger"):
        post(
            "chair", f"/s/slot/{slot}/excuse",
            seat=str(day.seat(code)), entry=str(entry), kind="absent", reason="ไม่ได้ปฏิบัติหน้าที่",
        )  # fmt: skip
    post("organizer", "/r/1/zone/calculate", kind="provisional")
    deputy = {"role": "auditor", "title_th": "ผู้ช่วย", "title_en": "Deputy", "from_day": "19/7/2564"}
    post("organizer", f"/people/{world.value(world.table.places['person'])}/duty", **deputy)
    post("organizer", f"/people/{world.value(world.table.places['person'])}/link/ask")
    world.keep("open", at("8:15"))
    day.change("update cycle set opens_at = '2021-07-19T01:30:00.000000Z'")
    world.keep("draft", at("8:15"))
    world.enter("open")
    freeze(site, at("8:20"))
    post("officer", f"/e/{entry}/submit")
    freeze(site, at("8:56"))  # the deadline is over
    asked = world.value("select id from entry where code = 'wf-a-23'")
    post("officer", f"/late/ask/{asked}", reason="ไฟฟ้าดับทั้งอำเภอในวันสุดท้าย")
    world.keep("closed", at("9:00"))
    freeze(site, at("9:05"))
    post("chair", f"/s/slot/{slot}/open")
    post("member", f"/s/{day.session}/interest", interest="none")
    assert day.send(signed_in(site, "z9-member4"), fill_card("z9-member4")).status_code == 303
    card = fill_card("member")
    assert day.send(world.clients["chair"], fill_card("chair")).status_code == 303
    post("organizer", "/r/1/zone/calculate", kind="provisional")
    world.keep("scoring", at("9:30"))
    assert day.send(world.clients["member"], card).status_code == 303
    post("both", f"/s/card/{day.card('both')}/recuse", reason="เป็นเจ้าหน้าที่ของจังหวัด")
    post("chair", f"/s/slot/{slot}/close")
    post("organizer", "/r/1/zone/calculate", kind="official")
    world.keep("locked", at("10:00"))
    run, other = world.value("select max(id) from ranking_run"), signed_in(site, "organizer2")
    post("organizer", f"/r/run/{run}/certify")
    world.keep("certified", at("10:05"))
    assert other.post(f"/r/run/{run}/publish", data={"key": new_key()}).status_code == 303
    world.keep("announced", at("10:10"))
    for file in world.files():
        os.utime(file, (0, 0))  # the same in each world
    return world


def _add_people(site: BuiltSite) -> None:
    """Accounts whose duties begin or end around today; one seat and card outlive the duty they hang on."""
    with site.database.writing() as db:

        def put(table: Any, **values: Any) -> int:
            return int(db.execute(insert(table).values(**values).returning(table.id)).scalar_one())

        def give(user: int, title: str, role: str, province: str | None, zone: int | None, **more: Any) -> int:
            about = {"role": role, "province_code": province, "zone_number": zone, "from_day": SINCE}
            return put(Duty, user_id=user, title_th=title, title_en=title, **about | more)

        # The one that was made cheap for the others: without any, a wrong password is compared as slowly as a real one.
        cheap = db.execute(select(User.password_hash).where(User.login == "p23")).scalar_one()

        def person(login: str) -> int:
            return put(User, login=login, password_hash=cheap, title_th=login, title_en=login)

        give(person("acting23"), "acting", "officer", TRAT, None, from_day=TODAY, to_day=TODAY, acting=True)
        give(person("director23"), "director", "director", TRAT, None)
        give(person("chief23"), "chief", "chief", TRAT, None, from_day=TODAY, to_day=TODAY, acting=True)
        for aside in ("administrator", "executive"):
            give(person(aside), aside, aside, None, None)
        for login, when in (
            ("ended", {"to_day": YESTERDAY}),
            ("not_yet", {"from_day": TOMORROW}),
            ("proposed", {"state": "proposed"}),
        ):
            user = person(login)
            for role in EVERY_ROLE:
                give(user, login, *role, **when)
        organizer = db.execute(select(User.id).where(User.login == "organizer")).scalar_one()
        give(organizer, "For oneself", "auditor", None, None, state="proposed")
        both, moved = person("both"), person("moved")
        give(both, "both", "officer", TRAT, None)
        stranger = db.execute(select(User.id).where(User.login == "z10-member")).scalar_one()
        held = {
            "both": give(both, "both", "member", None, 9),
            "moved": give(moved, "moved", "member", None, 9, to_day=YESTERDAY),
            "stranger": give(stranger, "stranger", "member", None, 9, state="proposed"),
        }
        put(Passkey, user_id=select(User.id).where(User.login == "p23").scalar_subquery(), credential_id="AAAA",
            public_key=b"", sign_count=0, name="โทรศัพท์", made_at=at("8:00"))  # fmt: skip
        here = give(moved, "moved", "member", None, 10, from_day=TODAY)
        put(Seat, panel_id=10, duty_id=here, kind="member", position=8, code="moved-here")
        card = db.execute(select(Assignment).join(Entry, Entry.id == Assignment.entry_id).where(Entry.code == "to-23"))
        about = card.scalars().first()
        assert about is not None
        for position, (code, duty) in enumerate(held.items(), start=8):
            seat = put(Seat, panel_id=9, duty_id=duty, kind="member", position=position, code=code)
            put(Assignment, slot_id=about.slot_id, entry_id=about.entry_id, seat_id=seat)
        # Trat has not begun its third entry for the women's fund: it may
        begun = select(Entry.id).where(Entry.code == "wf-c-23").scalar_subquery()
        for table in (Assignment, EntryRevision, Evidence):
            db.execute(delete(table).where(table.entry_id == begun))
        db.execute(delete(Entry).where(Entry.code == "wf-c-23"))
        db.commit()
