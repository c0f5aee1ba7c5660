"""A small real site for tests: its own database, the demo loader's data, a clock that tests set, signed-in clients."""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event, update
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from award.app import create_app
from award.clock import BANGKOK, Clock
from award.config import Settings
from award.db.engine import Database
from award.db.people import User
from award.db.schema import upgrade_schema
from award.demo import DemoRound, load_demo
from award.demo.load import COLLECTING_MORNING
from award.policy import Actor
from award.queries.people import find_actor_by_login
from award.views.context import Site

TRAT, PHRAE, CHANTHABURI = "23", "54", "22"  # Trat and Chanthaburi are both in zone 9
AFTER_THE_DAY = datetime(2021, 7, 19, 16, 0, tzinfo=BANGKOK)
LIVE_MORNING = datetime(2021, 7, 19, 8, 15, tzinfo=BANGKOK)


@dataclass
class BuiltSite:
    """`client_as("z9-chair")` signs in; `clock.set(...)` moves time; `with site.statements() as counted:` lists SQL."""

    app: Flask
    settings: Settings
    round: DemoRound

    @property
    def database(self) -> Database:
        return self._site.database

    @property
    def clock(self) -> Clock:
        return self._site.clock

    @property
    def _site(self) -> Site:
        return self.app.extensions["award"]

    def client(self) -> FlaskClient:
        return self.app.test_client()

    def client_as(self, login: str, *, language: str = "en") -> FlaskClient:
        """A signed-in client; logins as in the demo: organizer, auditor, p23, z9-chair, z9-member, z9-secretary."""
        client = self.app.test_client()
        answer = client.post("/sign-in", data={"login": login, "password": self.round.password})
        assert answer.status_code == 302, answer.text
        client.set_cookie("language", language)
        return client

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """Every SQL statement executed meanwhile, without BEGIN, COMMIT and PRAGMA."""
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if not statement.startswith(("BEGIN", "COMMIT", "PRAGMA", "ROLLBACK")):
                seen.append(statement)

        event.listen(self.database.engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(self.database.engine, "before_cursor_execute", note)


def actor(site: BuiltSite, login: str) -> Actor:
    """Who that is today, with the duties of the day."""
    with site.database.reading() as db:
        found = find_actor_by_login(db, login, today=site.clock.today())
    assert found is not None
    return found


@lru_cache
def _prepared(
    provinces: tuple[str, ...], live: tuple[str, ...], members: int, round_: tuple[tuple[str, Any], ...]
) -> tuple[Path, DemoRound]:
    """A loaded database, made once per kind and copied for each test."""
    folder = Path(passing_folder("award-test-"))
    database = empty_database(folder / "award.sqlite3")
    made = load_demo(database, provinces=provinces, live=live, members=members, **dict(round_))
    with database.writing() as db:  # a cheap hash of the same password: hundreds of tests sign in
        cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(made.password)
        db.execute(update(User).values(password_hash=cheap))
        db.commit()
    database.close()
    return folder, made


def _remember_compiled_routes() -> None:
    """Two thirds of the time that an application takes to be made are spent on reading each address and compiling it to
    Python, the same for every application: here it is done once for each process."""
    compile_anew = Rule.compile
    known: dict[Any, Any] = {}

    def compile_once(self: Rule) -> None:
        assert self.map is not None
        if self.defaults:
            return compile_anew(self)
        asked = (self.rule, self.merge_slashes, self.subdomain, self.host, self.map.host_matching)
        if asked not in known:
            compile_anew(self)
            made = (self._parts, self._trace, self._converters, frozenset(self.arguments))
            known[asked] = *made, self._build.__func__, self._build_unknown.__func__  # type: ignore[attr-defined]
        self._parts, self._trace, self._converters, arguments, build, build_unknown = known[asked]
        self.arguments |= arguments
        self._build, self._build_unknown = build.__get__(self), build_unknown.__get__(self)
        return None

    Rule.compile = compile_once  # type: ignore[method-assign]


def _remember_compiled_statements() -> None:
    """Each database keeps the SQL of the statements it was asked; the tests' databases ask the same ones and share."""
    kept = LRUCache[Any, Any](4000)

    def alike(self: SQLiteDialect_pysqlite, other: object) -> bool:
        return type(self) is type(other)

    SQLiteDialect_pysqlite.__eq__ = alike  # type: ignore[method-assign, assignment]
    SQLiteDialect_pysqlite.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    open_anew = Database.__init__

    def open_sharing(self: Database, file: Path) -> None:
        open_anew(self, file)
        for each in (self.engine, self._alone, self._writing):
            each._compiled_cache = kept

    Database.__init__ = open_sharing  # type: ignore[method-assign]


# Only the tests make applications and databases by the thousand.
_remember_compiled_routes()
_remember_compiled_statements()


@lru_cache
def _empty() -> Path:
    """A database with every table and nothing in it, made once for each process."""
    file = Path(passing_folder("award-empty-")) / "award.sqlite3"
    database = Database(file)
    upgrade_schema(database)
    database.close()
    return file


def empty_database(file: Path) -> Database:
    """A new database in `file` that has every table: as `upgrade_schema` makes it, in a hundredth of the time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(_empty(), file)
    return Database(file)


@lru_cache
def _compiled_templates() -> str:
    """Where the sites of one run share their compiled templates."""
    return passing_folder("award-templates-")


def passing_folder(prefix: str) -> str:
    """A new folder that goes when the process ends: the tests' temporary files may lie in memory."""
    folder = tempfile.mkdtemp(prefix=prefix)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def build_site(
    folder: Path,
    *,
    provinces: tuple[str, ...] = (TRAT, CHANTHABURI),
    live: tuple[str, ...] = (),
    members: int = 3,
    csrf: bool = False,
    approval: str = "none",
    collecting: bool = False,
    empty: tuple[str, ...] = (),
    revision: str = "r1",
    **more: Any,
) -> BuiltSite:
    """A site with the demo data of `provinces` (Trat and its neighbour in zone 9, by default with every slot closed).

    `live`: provinces whose day is still to come; the clock then stands at 08:15 of 19 July 2564, else at 16:00.
    `approval`, `collecting`, `empty`, `revision`: as for `load_demo`; a round that is being collected stands at 9 July.
    `more`: settings, such as `limits=True`.
    """
    round_ = (("approval", approval), ("collecting", collecting), ("empty", tuple(empty)), ("revision", revision))
    prepared, made = _prepared(tuple(provinces), tuple(live), members, round_)
    data = folder / "data"
    shutil.copytree(prepared, data)
    # Clocks jump by hours and hundreds sign in from one address: what limits that is on where it is tested.
    chosen: dict[str, Any] = {"idle_minutes": 720, "limits": False, "second_factor": "offered"} | more
    settings = Settings(data=data, secret_key="a secret for tests only, never for a real site", **chosen)
    now = COLLECTING_MORNING if collecting else LIVE_MORNING if live or empty else AFTER_THE_DAY
    app = create_app(settings, clock=Clock(now))
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(_compiled_templates())
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=csrf, PROPAGATE_EXCEPTIONS=False)
    return BuiltSite(app, settings, made)
