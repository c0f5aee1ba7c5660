"""The unit of work: the only place that commits. One unit per action; a receipt exists only after COMMIT returned."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Delete, Update, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from award.clock import Clock
from award.db.engine import Database
from award.db.ledger import LedgerLine, Log, Receipt, append_line, find_receipt, read_log, read_site_log
from award.db.people import SignIn
from award.errors import N_, SignedOut, Stale, TooLate
from award.policy import Actor


@dataclass
class Unit:
    """One transaction under the write lock. `record` writes the ledger line; `receipt` is there once it committed."""

    db: Session
    now: datetime
    actor: Actor
    key: str | None
    repeated: Receipt | None = None
    receipt: Receipt | None = None
    _recorded: bool = field(default=False, repr=False)

    def log_of(self, adoption_id: int) -> Log:
        """The log of an award of a year: what an act on the award is recorded in."""
        return read_log(self.db, adoption_id)

    def change(self, statement: Update | Delete) -> int:
        """Changes or deletes rows; answers how many there were."""
        return cast(CursorResult[Any], self.db.execute(statement)).rowcount

    def record(self, verb: str, body: Mapping[str, Any], *, log: Log | None = None) -> Receipt:
        """Appends the action's line to `log` (else the site's); call it once, after the rows are written. Free text of
        the body is `Private`. The receipt holds only after COMMIT."""
        if self._recorded:
            raise RuntimeError("one action leaves one line in the ledger")
        self._recorded = True
        self.receipt = append_line(
            self.db, log=log or read_site_log(self.db), at=self.now, actor=self.actor.code, verb=verb,
            body=body, key=self.key,
        )  # fmt: skip
        return self.receipt

    def before(self, verb: str, body: Mapping[str, Any], *, log: Log) -> None:
        """What the act began with, a line of its own in the same transaction: an import begins an entry and fills it
        in. It comes before `record`, which carries the key."""
        if self._recorded:
            raise RuntimeError("what an act began with is recorded before it")
        append_line(self.db, log=log, at=self.now, actor=self.actor.code, verb=verb, body=body, key=None)

    def also(self, verb: str, body: Mapping[str, Any], *, log: Log) -> None:
        """The same act in the log of another award that it concerns: after `record`, once for each log."""
        if self.receipt is None or log.name == self.receipt.log:
            raise RuntimeError("an act is recorded first, and once in a log")
        append_line(self.db, log=log, at=self.now, actor=self.actor.code, verb=verb, body=body, key=None)


@contextmanager
def unit(
    database: Database, clock: Clock, *, actor: Actor, key: str | None = None, about: tuple[object, ...] = (),
    until: datetime | None = None,
) -> Iterator[Unit]:  # fmt: skip
    """`with unit(...) as u:` everything inside happens or nothing does.

    `key` is the client's, `about` plain values that say what it was sent for. The same of the same person was
    acknowledged before: `u.repeated` is the first receipt: return it, write nothing. Raises SignedOut where the
    sign-in that the actor came with has ended: whoever lost a duty or the account acts no more, however late it gets
    its turn. `until`: from then on nothing is done any more, however late a dead network brings it (TooLate); what was
    acknowledged before is still answered.
    Leaving the block normally commits; any exception rolls back. Whatever permits the write is to be read inside.
    """
    _record_jumps(database, clock)
    with database.writing() as db:
        work = _start(db, clock, actor=actor, key=None if key is None else _tied(key, actor, about))
        if until is not None and work.repeated is None and work.now > until:
            raise TooLate
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


def _record_jumps(database: Database, clock: Clock) -> None:
    """One line in the site's log for each time that the machine's clock was set meanwhile."""
    jumps = clock.take_jumps()
    try:
        while jumps:
            with unit(database, clock, actor=Actor.nobody()) as u:
                u.record("clock_anomaly", {"seconds": jumps[0].by // timedelta(seconds=1), "followed": False})
            del jumps[0]
    finally:
        clock.put_back(jumps)


def _tied(key: str, actor: Actor, about: tuple[object, ...]) -> str:
    """In other hands, or sent for anything else, the same key is another one: nobody meets a receipt of somebody else,
    and no act passes for done because another one was. Who it was cannot be read from it: it stands in award logs."""
    return hashlib.sha256(json.dumps([actor.code, key, *about], sort_keys=True).encode()).hexdigest()


# Built once: every write of a signed-in person begins with it. A key of None is met by no line.
_SIGN_IN_AND_KEY = (
    select(SignIn.id, LedgerLine.seq.label("known"))
    .outerjoin(LedgerLine, LedgerLine.key == bindparam("key"))
    .where(SignIn.id == bindparam("sign_in"), SignIn.user_id == bindparam("user"))
)


def _start(db: Session, clock: Clock, *, actor: Actor, key: str | None) -> Unit:
    """Reads whether the key was acknowledged before and, in the same statement, whether the actor's sign-in still is;
    without one it is the program itself, or somebody who is only about to prove who they are."""
    asked = key is not None
    if actor.sign_in is not None:
        about = {"key": key, "sign_in": actor.sign_in.id, "user": actor.user_id}
        row = db.execute(_SIGN_IN_AND_KEY, about).first()
        if row is None:
            raise SignedOut
        asked = row.known is not None
    repeated = find_receipt(db, key) if key is not None and asked else None
    return Unit(db=db, now=clock.now(), actor=actor, key=key, repeated=repeated)
