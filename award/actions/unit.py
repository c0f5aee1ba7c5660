"""The unit of work: the only place that commits. One unit per action; a receipt exists only after COMMIT returned."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from award.clock import Clock
from award.db.engine import Database
from award.db.ledger import FIRST, Head, LedgerLine, Receipt, append_line, find_receipt
from award.errors import N_, Stale
from award.policy import Actor


@dataclass
class Unit:
    """One transaction under the write lock. `record` writes the ledger line; `receipt` is there once it committed."""

    db: Session
    now: datetime
    actor: Actor
    key: str | None
    head: Head
    repeated: Receipt | None = None
    receipt: Receipt | None = None
    _recorded: bool = field(default=False, repr=False)

    def record(self, verb: str, body: Mapping[str, Any]) -> Receipt:
        """Appends the action's line; call it once, after the rows are written. The receipt holds only after COMMIT."""
        if self._recorded:
            raise RuntimeError("one action leaves one line in the ledger")
        self._recorded = True
        self.receipt = append_line(
            self.db, head=self.head, at=self.now, actor=self.actor.code, verb=verb, body=body, key=self.key
        )
        return self.receipt


@contextmanager
def unit(
    database: Database, clock: Clock, *, actor: Actor, key: str | None = None, about: tuple[object, ...] = ()
) -> Iterator[Unit]:
    """`with unit(...) as u:` everything inside happens or nothing does.

    `key` is the client's, `about` plain values that say what it was sent for. The same of the same person was
    acknowledged before: `u.repeated` is the first receipt: return it, write nothing.
    Leaving the block normally commits; any exception rolls back. Whatever permits the write is to be read inside.
    """
    with database.writing() as db:
        work = _start(db, clock, actor=actor, key=None if key is None else _tied(key, actor, about))
        try:
            yield work
            db.flush()
            db.commit()
        except IntegrityError as error:
            db.rollback()
            # The database is the last judge; two people met in between, or a rule of the tables was broken.
            raise Stale(N_("Somebody else changed this at the same moment. Look again, then repeat.")) from error
        except BaseException:
            db.rollback()
            raise


def _tied(key: str, actor: Actor, about: tuple[object, ...]) -> str:
    """In other hands, or sent for anything else, the same key is another one: nobody meets a receipt of somebody else,
    and no act passes for done because another one was."""
    return f"{actor.code}:{hashlib.sha256(json.dumps([key, *about], sort_keys=True).encode()).hexdigest()}"


# Built once: every write begins with it. A key of None is met by no line.
_HEAD_AND_KEY = (
    select(
        LedgerLine.seq, LedgerLine.leaf, LedgerLine.at,
        select(LedgerLine.seq).where(LedgerLine.key == bindparam("key")).scalar_subquery().label("known"),
    )
    .order_by(LedgerLine.seq.desc())
    .limit(1)
)  # fmt: skip


def _start(db: Session, clock: Clock, *, actor: Actor, key: str | None) -> Unit:
    """Reads the ledger's head and, in the same statement, whether the key was acknowledged before."""
    row = db.execute(_HEAD_AND_KEY, {"key": key}).first()
    head = Head(row.seq, row.leaf, row.at) if row else Head(0, FIRST, None)
    repeated = find_receipt(db, key) if row and key and row.known is not None else None
    return Unit(db=db, now=clock.now(), actor=actor, key=key, head=head, repeated=repeated)
