"""How often a sign-in name may be tried: five wrong passwords or codes in a quarter of an hour, known name or not."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from award.actions.unit import Unit, unit
from award.clock import Clock
from award.db.accounts import FailedSignIn
from award.db.engine import Database
from award.errors import N_, TooMany
from award.policy import Actor

MOST, WITHIN = 5, timedelta(minutes=15)
TOO_MANY = N_("Too many wrong tries with this sign-in name. Nothing can be tried with it before %(time)s.")


def key_of(login: str) -> str:
    """How a sign-in name stands among the tries: not readable, the same for every way of writing it."""
    return hashlib.sha256(login.strip().lower().encode()).hexdigest()


def count_attempt(database: Database, clock: Clock, *, login: str, limited: bool = True) -> int:
    """Counts a try before anything is compared, so that a hundred at once count as a hundred; answers its number.

    The right one takes it back (`forget_attempts`). Raises TooMany, also for the right password, naming the time from
    which on it can be tried again; what is refused so does not count. `limited`: false only where a setting says so."""
    with unit(database, clock, actor=Actor.nobody()) as u:
        until = locked_until(u, login)
        if limited and until is not None:
            raise TooMany(TOO_MANY, time=until)
        return note_attempt(u, login)


def locked_until(u: Unit, login: str) -> datetime | None:
    """When a name can be tried again; None for now."""
    u.db.execute(delete(FailedSignIn).where(FailedSignIn.at <= u.now - WITHIN))
    asked = select(FailedSignIn.at).where(FailedSignIn.login_sha256 == key_of(login)).order_by(FailedSignIn.at.desc())
    recent = u.db.execute(asked.limit(MOST)).all()
    return recent[-1].at + WITHIN if len(recent) == MOST else None


def note_attempt(u: Unit, login: str) -> int:
    """Counts one try; answers its number."""
    row = FailedSignIn(login_sha256=key_of(login), at=u.now)
    u.db.add(row)
    u.db.flush()
    return row.id


def take_back(u: Unit, attempt: int) -> None:
    """This try was right, but the sign-in has another step: earlier wrong ones still count."""
    u.db.execute(delete(FailedSignIn).where(FailedSignIn.id == attempt))


def forget_attempts(u: Unit, login: str) -> None:
    """The person has proved who it is: nothing counts any more."""
    u.db.execute(delete(FailedSignIn).where(FailedSignIn.login_sha256 == key_of(login)))
