"""The append-only record of every acknowledged act: canonical JSON lines, each holding the hash of the one before.

A line is `json.dumps(sort_keys, no spaces)` of ASCII keys and strings, integers, booleans, null, lists and objects;
leaf = SHA-256(0x00 || line). It is written in the same transaction as the tables it speaks of.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import String, Text, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from award.db.base import Base, UtcTime

FIRST = "0" * 64


class LedgerLine(Base):
    """One acknowledged act. Lines are added, never changed."""

    __tablename__ = "ledger_line"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcTime)
    line: Mapped[str] = mapped_column(Text)
    prev: Mapped[str] = mapped_column(String(64), unique=True)  # unique: a fork cannot be stored
    leaf: Mapped[str] = mapped_column(String(64), unique=True)
    key: Mapped[str | None] = mapped_column(
        String(80), unique=True
    )  # the client's key: a repeat finds its first receipt


_APPEND = insert(LedgerLine.__table__)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of an acknowledged act: `#1234 · 7f3a 91c0`, with what was done and when."""

    seq: int
    leaf: str
    at: datetime
    body: Mapping[str, Any]
    repeated: bool = False  # the same key had been acknowledged before

    @property
    def text(self) -> str:
        """What people see and may quote: line number and the beginning of its hash."""
        return f"#{self.seq} · {self.leaf[:4]} {self.leaf[4:8]}"


@dataclass(frozen=True, slots=True)
class Head:
    """The last line: the next one continues it."""

    seq: int
    leaf: str
    at: datetime | None

    def after(self, receipt: Receipt) -> "Head":
        """The head once `receipt`'s line is written."""
        return Head(receipt.seq, receipt.leaf, receipt.at)


def canonical(value: Mapping[str, Any]) -> str:
    """One text for one value: sorted keys, no blanks, no floats."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def leaf_of(line: str) -> str:
    """SHA-256 of a line, kept apart from hashes of hashes by a zero byte before it."""
    return hashlib.sha256(b"\x00" + line.encode()).hexdigest()


def read_head(db: Session) -> Head:
    """The last line's number, hash and time."""
    row = db.execute(
        select(LedgerLine.seq, LedgerLine.leaf, LedgerLine.at).order_by(LedgerLine.seq.desc()).limit(1)
    ).first()
    return Head(row.seq, row.leaf, row.at) if row else Head(0, FIRST, None)


def find_receipt(db: Session, key: str) -> Receipt | None:
    """The receipt first given for a client's key."""
    row = db.execute(select(LedgerLine).where(LedgerLine.key == key)).scalar_one_or_none()
    if row is None:
        return None
    return Receipt(row.seq, row.leaf, row.at, json.loads(row.line)["body"], repeated=True)


def append_line(
    db: Session, *, head: Head, at: datetime, actor: str, verb: str, body: Mapping[str, Any], key: str | None = None
) -> Receipt:
    """Adds one line after `head`. Time never runs backwards in the ledger; order is `seq`."""
    moment = (at if head.at is None else max(at, head.at)).astimezone(UTC)
    line = canonical(
        {
            "act": verb,
            "actor": actor,
            "at": moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "body": body,
            "key": key,
            "prev": head.leaf,
            "seq": head.seq + 1,
            "v": 1,
        }
    )
    leaf = leaf_of(line)
    db.execute(_APPEND, {"seq": head.seq + 1, "at": moment, "line": line, "prev": head.leaf, "leaf": leaf, "key": key})
    return Receipt(head.seq + 1, leaf, moment, body)
