"""Signing in and out. Server-side: a cookie copied before sign-out opens nothing after it."""

import hashlib
import secrets
import threading
from datetime import date, datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import delete
from sqlalchemy.orm import Session

from award.actions.unit import unit
from award.clock import Clock
from award.db.engine import Database
from award.db.people import SignIn
from award.errors import N_, Invalid
from award.policy import Actor
from award.queries.people import find_actor_by_token, find_user_by_login

STAYS = timedelta(hours=12)
_hasher = PasswordHasher()
AT_ONCE = 4  # each check takes 64 MB: a morning's sign-ins take turns instead of all the memory
_turn = threading.BoundedSemaphore(AT_ONCE)
# Checked for unknown logins, so that they take as long to refuse as wrong passwords.
_NOBODY = _hasher.hash(secrets.token_hex(8))


def hash_password(password: str) -> str:
    """Argon2 with a salt of its own; only this text is stored."""
    return _hasher.hash(password)


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in(database: Database, clock: Clock, *, login: str, password: str) -> str:
    """A new token for the cookie. Raises Invalid with the same words for an unknown login and a wrong password."""
    with database.reading() as db:
        user = find_user_by_login(db, login)
    known = user is not None and user.disabled_at is None
    try:
        with _turn:
            _hasher.verify(user.password_hash if user and known else _NOBODY, password)
        matches = known
    except (VerifyMismatchError, InvalidHashError):
        matches = False
    if not matches or user is None:
        raise Invalid(N_("The name or the password is not right. Check both; capital letters count in the password."))
    token = secrets.token_urlsafe(32)
    actor = Actor(user.id, user.login, user.title_th, user.title_en)
    with unit(database, clock, actor=actor) as u:
        u.db.add(SignIn(token_sha256=_sha256(token), user_id=user.id, started_at=u.now, expires_at=u.now + STAYS))
        u.db.execute(delete(SignIn).where(SignIn.expires_at < u.now))
        u.record("sign_in", {})
    return token


def sign_out(database: Database, clock: Clock, *, actor: Actor, token: str) -> None:
    """Ends the sign-in of this browser."""
    with unit(database, clock, actor=actor) as u:
        u.db.execute(delete(SignIn).where(SignIn.token_sha256 == _sha256(token)))
        u.record("sign_out", {})


def actor_of_token(db: Session, token: str, *, now: datetime, today: date) -> Actor | None:
    """Who the cookie's token stands for, with today's duties; None when it is not (or no longer) valid."""
    return find_actor_by_token(db, _sha256(token), now=now, today=today)
