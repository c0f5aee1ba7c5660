"""The append-only record of every acknowledged act: canonical JSON lines, each holding the hash of the one before.

There is one log for each award of a year ("2564/transparent-office") and one for everything else ("site"). A line is
`json.dumps(sort_keys, no spaces)` of ASCII keys and strings, integers, booleans, null, lists and objects;
leaf = SHA-256(0x00 || line). It is written in the same transaction as the tables it speaks of.

No line holds what may have to be erased or kept from the public: people and seats of an award's log stand as aliases
that only the award's seal can open, free text as a salted hash whose salt and text lie in `ledger_text`.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, String, Table, Text, UniqueConstraint, bindparam, func, insert, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from award.db.base import Base, UtcTime
from award.db.cycles import Adoption

FIRST = "0" * 64
SITE = "site"
VERSION = 2  # 1: lines of the time when there was one log, without "log"
MOST = 2**53 - 1  # beyond it, programs that read JSON no longer agree on an integer


class LedgerLine(Base):
    """One acknowledged act. Lines are added, never changed: triggers refuse both (migration 0003)."""

    __tablename__ = "ledger_line"
    __table_args__ = (UniqueConstraint("log", "prev"),)  # a fork cannot be stored
    log: Mapped[str] = mapped_column(String(80), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcTime)
    line: Mapped[str] = mapped_column(Text)
    prev: Mapped[str] = mapped_column(String(64))
    leaf: Mapped[str] = mapped_column(String(64), unique=True)
    # The client's key, tied to person and purpose: a repeat finds its first receipt.
    key: Mapped[str | None] = mapped_column(String(80), unique=True)


class LedgerText(Base):
    """The free text behind a salted hash. Deleting the row erases the text; the line and its chain stay whole."""

    __tablename__ = "ledger_text"
    log: Mapped[str] = mapped_column(String(80), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    path: Mapped[str] = mapped_column(String(200), primary_key=True)  # reason, notes/d1: where in the body
    salt: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)


class Checkpoint(Base):
    """A log's root at a size, as the text that was signed and anchored."""

    __tablename__ = "checkpoint"
    log: Mapped[str] = mapped_column(String(80), primary_key=True)
    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    root: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)


# The lines of the site's log: "site", and after restores of its successors.
OF_SITE = or_(LedgerLine.log == SITE, LedgerLine.log.startswith(f"{SITE}#", autoescape=True))


def is_act(*verbs: str) -> ColumnElement[bool]:
    """Whether a line tells of one of these acts: the keys of a line are sorted, so it begins with its act."""
    return or_(*(LedgerLine.line.startswith(f'{{"act":"{verb}",', autoescape=True) for verb in verbs))


_APPEND = insert(cast(Table, LedgerLine.__table__))
_KEEP_TEXTS = insert(cast(Table, LedgerText.__table__))


@dataclass(frozen=True, slots=True)
class Private:
    """Free text in a body: the line keeps its salted hash, `ledger_text` the rest."""

    text: str


@dataclass(frozen=True, slots=True)
class Alias:
    """A seat or a card in a body ("seat z9-chair", "card 12"): the line keeps the alias that the log's seal gives it.
    A card's own number would tell whose it is, for they were numbered in the order of the seats."""

    what: str


@dataclass(frozen=True, slots=True)
class Unordered:
    """A list in a body whose order must tell nothing: it is written sorted, after aliases are in it."""

    items: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of an acknowledged act: `#1234 · 7f3a 91c0`, with what was done and when."""

    seq: int
    leaf: str
    at: datetime
    body: Mapping[str, Any]
    repeated: bool = False  # the same key had been acknowledged before
    log: str = SITE

    @property
    def text(self) -> str:
        """What people see and may quote: line number and the beginning of its hash."""
        return f"#{self.seq} · {self.leaf[:4]} {self.leaf[4:8]}"


@dataclass(frozen=True, slots=True)
class Head:
    """The last line of a log: the next one continues it."""

    seq: int = 0
    leaf: str = FIRST
    at: datetime | None = None

    def after(self, receipt: Receipt) -> "Head":
        """The head once `receipt`'s line is written."""
        return Head(receipt.seq, receipt.leaf, receipt.at)


@dataclass(frozen=True, slots=True)
class Log:
    """A log to append to: its name, its head, and for an award's the seal behind its aliases."""

    name: str
    head: Head = field(default_factory=Head)
    seal: str = ""

    def alias(self, what: str) -> str:
        """How a person or seat stands in an award's log; who has the seal can work it out again, nobody else."""
        return alias(self.seal, what)

    def sealed(self, kind: str, sha256: str) -> str:
        """A fingerprint that only who has the seal can compare: a plain one of facts that name seats would tell, by
        trying, which alias is whose."""
        return hmac.new(bytes.fromhex(self.seal), f"{kind} {sha256}".encode(), hashlib.sha256).hexdigest()

    def member(self, seat_code: str) -> str:
        """The alias of a seat, under which its member's marks stand."""
        return self.alias(f"seat {seat_code}")

    @property
    def seal_sha256(self) -> str:
        """What the log's first line says of its seal."""
        return hashlib.sha256(self.seal.encode()).hexdigest()

    def actor(self, verb: str, code: str) -> str:
        """The alias of who acts; another one for each verb, so that acts of one person cannot be joined."""
        return self.alias(f"{verb} {code}") if self.seal else code


def alias(seal: str, what: str) -> str:
    """`a` and 15 hexadecimal digits of HMAC-SHA-256 under the seal."""
    return "a" + hmac.new(bytes.fromhex(seal), what.encode(), hashlib.sha256).hexdigest()[:15]


def card(number: int) -> Alias:
    """A card in a body."""
    return Alias(f"card {number}")


def seat(code: str) -> Alias:
    """A seat in a body."""
    return Alias(f"seat {code}")


def holder(seat_code: str, duty_id: int) -> Alias:
    """The duty through which a seat is held, in a body. Another alias for each seat, so that the public cannot join
    the seats of one person."""
    return Alias(f"seat {seat_code} duty {duty_id}")


def salted(salt: str, text: str) -> str:
    """The hash that stands for a free text in a line."""
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def canonical(value: Mapping[str, Any]) -> str:
    """One text for one value: sorted ASCII keys, no blanks, no floats. Raises ValueError for what has no such text."""
    _check(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _check(value: Any) -> None:
    if isinstance(value, Mapping):
        for name, each in value.items():
            if not (isinstance(name, str) and name.isascii()):
                raise ValueError(f"a key of a ledger line is ASCII text: {name!r}")
            _check(each)
    elif isinstance(value, list | tuple):
        for each in value:
            _check(each)
    elif isinstance(value, int):
        if abs(value) > MOST:
            raise ValueError(f"an integer of a ledger line has at most 53 bits: {value}")
    elif not (value is None or isinstance(value, str)):
        raise ValueError(f"a ledger line holds no {type(value).__name__}: {value!r}")


def leaf_of(line: str) -> str:
    """SHA-256 of a line, kept apart from hashes of hashes by a zero byte before it."""
    return hashlib.sha256(b"\x00" + line.encode()).hexdigest()


# Built once: every write needs one of them. The head is read by the primary key, from its end.
_HEAD = (
    select(LedgerLine.seq, LedgerLine.leaf, LedgerLine.at)
    .where(LedgerLine.log == bindparam("log"))
    .order_by(LedgerLine.seq.desc())
    .limit(1)
)
_HEAD_OF_AWARD = (
    select(Adoption.log, Adoption.seal, LedgerLine.seq, LedgerLine.leaf, LedgerLine.at)
    .join(LedgerLine, LedgerLine.log == Adoption.log, isouter=True)
    .where(Adoption.id == bindparam("adoption"))
    .order_by(LedgerLine.seq.desc())
    .limit(1)
)
_KNOWN = select(LedgerLine).where(LedgerLine.key == bindparam("key"))


def read_head(db: Session, log: str = SITE) -> Head:
    """The last line's number, hash and time; `Head()` before the first."""
    row = db.execute(_HEAD, {"log": log}).first()
    return Head(row.seq, row.leaf, row.at) if row else Head()


def read_log(db: Session, adoption_id: int) -> Log:
    """The log of an award of a year, to append to."""
    row = db.execute(_HEAD_OF_AWARD, {"adoption": adoption_id}).one()
    return Log(row.log, Head() if row.seq is None else Head(row.seq, row.leaf, row.at), row.seal)


def read_site_log(db: Session) -> Log:
    """The site's log, to append to: "site", or after a restore the last of its successors."""
    names = select(LedgerLine.log).where(LedgerLine.seq == 1, LedgerLine.log.startswith(f"{SITE}#", autoescape=True))
    name = max(db.execute(names).scalars(), key=_number, default=SITE)
    return Log(name, read_head(db, name))


def _number(log: str) -> int:
    return int(log.partition("#")[2] or 1)


def successor(log: str) -> str:
    """The name of the log that takes over where a log may not be continued: "2564/x#2" after "2564/x"."""
    return f"{log.partition('#')[0]}#{_number(log) + 1}"


def last_moment(db: Session) -> datetime | None:
    """The time of the last act in any log."""
    return db.execute(select(func.max(LedgerLine.at))).scalar_one()


def list_heads(db: Session) -> Sequence[Row]:
    """Each log with its size, by name."""
    return db.execute(
        select(LedgerLine.log, func.max(LedgerLine.seq).label("size")).group_by(LedgerLine.log).order_by(LedgerLine.log)
    ).all()


def walk_lines(db: Session, log: str, *, most: int | None = None) -> Iterator[Row]:
    """Lines of a log in order (seq, line, prev, leaf), up to `most` of them; never all in memory."""
    asked = select(LedgerLine.seq, LedgerLine.line, LedgerLine.prev, LedgerLine.leaf).where(LedgerLine.log == log)
    if most is not None:
        asked = asked.where(LedgerLine.seq <= most)
    yield from db.execute(asked.order_by(LedgerLine.seq).execution_options(yield_per=2000))


def find_receipt(db: Session, key: str) -> Receipt | None:
    """The receipt first given for a client's key."""
    row = db.execute(_KNOWN, {"key": key}).scalar_one_or_none()
    if row is None:
        return None
    return Receipt(row.seq, row.leaf, row.at, json.loads(row.line)["body"], repeated=True, log=row.log)


def find_text(db: Session, receipt: Receipt, path: str) -> str | None:
    """The free text at a place of an act's body; None where there was none, or it was erased."""
    asked = select(LedgerText.text).where(LedgerText.log == receipt.log, LedgerText.seq == receipt.seq)
    return db.execute(asked.where(LedgerText.path == path)).scalar_one_or_none()


def append_line(
    db: Session, *, log: Log, at: datetime, actor: str, verb: str, body: Mapping[str, Any], key: str | None = None
) -> Receipt:
    """Adds one line after the log's head. Time never runs backwards in a log; order is `seq`."""
    head = log.head
    moment = (at if head.at is None else max(at, head.at)).astimezone(UTC)
    texts: list[dict[str, Any]] = []
    told = _told(body, log, texts)
    line = canonical(
        {
            "act": verb,
            "actor": log.actor(verb, actor),
            "at": moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "body": told,
            "key": key,
            "log": log.name,
            "prev": head.leaf,
            "seq": head.seq + 1,
            "v": VERSION,
        }
    )
    leaf = leaf_of(line)
    about = {"log": log.name, "seq": head.seq + 1}
    db.execute(_APPEND, about | {"at": moment, "line": line, "prev": head.leaf, "leaf": leaf, "key": key})
    if texts:
        db.execute(_KEEP_TEXTS, [about | text for text in texts])
    return Receipt(head.seq + 1, leaf, moment, told, log=log.name)


def say_again(db: Session, *, log: Log, told: Mapping[str, Any], body: Mapping[str, Any]) -> Head:
    """Writes what a line of another log told (its act, actor, time and key) as the next line of `log`; for what takes
    over after a restore. The key stays with the first line: a repeat finds that one."""
    prev, seq = log.head.leaf, log.head.seq + 1
    line = canonical({**told, "body": body, "log": log.name, "prev": prev, "seq": seq, "v": VERSION})
    head = Head(seq, leaf_of(line), datetime.fromisoformat(told["at"]))
    about = {"log": log.name, "seq": seq, "at": head.at, "line": line, "prev": prev, "leaf": head.leaf, "key": None}
    db.execute(_APPEND, about)
    return head


def _told(body: Any, log: Log, texts: list[dict[str, Any]], path: str = "") -> Any:
    """`body` as the line keeps it: Private texts as salted hashes (salt and text go to `texts`), seats and cards as
    aliases, lists without an order sorted."""
    if isinstance(body, Alias):
        return log.alias(body.what)
    if isinstance(body, Unordered):
        return sorted(_told(each, log, texts, path) for each in body.items)
    if isinstance(body, Private):
        salt = secrets.token_hex(16)
        texts.append({"path": path, "salt": salt, "text": body.text})
        return {"salted": salted(salt, body.text)}
    if isinstance(body, Mapping):
        return {name: _told(each, log, texts, f"{path}/{name}".lstrip("/")) for name, each in body.items()}
    if isinstance(body, list | tuple):
        return [_told(each, log, texts, f"{path}/{place}") for place, each in enumerate(body)]
    return body
