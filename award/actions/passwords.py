"""Passwords: how one is kept, compared and chosen."""

import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import update

from award.actions.attempts import forget_attempts
from award.actions.links import end_links, use_link
from award.actions.notices import Notice, tell_person
from award.actions.sign_ins import Device, end_sign_ins, start_sign_in
from award.actions.unit import Unit, unit
from award.actions.weak_passwords import is_common
from award.clock import Clock
from award.db.engine import Database
from award.db.people import User
from award.errors import N_, Invalid
from award.policy import Actor

SHORTEST, LONGEST = 12, 200
_hasher = PasswordHasher()
AT_ONCE = 4  # each check takes 64 MB: a morning's sign-ins take turns instead of all the memory
_turn = threading.BoundedSemaphore(AT_ONCE)
# Compared for unknown sign-in names, so that they take as long to refuse as wrong passwords.
_NOBODY = _hasher.hash(secrets.token_hex(8))

TOO_SHORT = N_("Use at least 12 characters: three or four words that only you would put together are easy to remember.")
TOO_COMMON = N_("This password is one of those that are tried first. Put together words that do not belong together.")


def hash_password(password: str) -> str:
    """Argon2id with a salt of its own; only this text is stored."""
    return _hasher.hash(password)


def is_password(stored: str | None, typed: str) -> bool:
    """Whether `typed` is the password behind a stored hash; with no hash it takes as long and is not."""
    try:
        with _turn:
            _hasher.verify(stored or _NOBODY, typed)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return bool(stored)


def check_new_password(password: str, *, login: str) -> None:
    """Raises Invalid, with `details["field"]` "password", where a new password is too short, too long or among the
    first to be guessed. No kinds of characters are asked for: length is what counts."""
    if len(password) < SHORTEST:
        raise Invalid(TOO_SHORT, details={"field": "password"})
    if len(password) > LONGEST:
        raise Invalid(N_("At most 200 characters."), details={"field": "password"})
    if is_common(password, login=login):
        raise Invalid(TOO_COMMON, details={"field": "password"})


def set_password(u: Unit, user_id: int, password: str) -> None:
    """Stores a new password and ends what the old one had opened: every sign-in, every unused link, every lock.
    Raises Invalid as `check_new_password` does. The caller records the act."""
    user = u.db.get_one(User, user_id)
    check_new_password(password, login=user.login)
    u.db.execute(update(User).where(User.id == user_id).values(password_hash=hash_password(password)))
    end_sign_ins(u, user_id)
    end_links(u, user_id)
    forget_attempts(u, user.login)


def change_password(
    database: Database, clock: Clock, *, actor: Actor, password: str, device: Device, notice: Notice | None = None
) -> str:
    """A new password for the person signed in; every sign-in of theirs ends, this one goes on under the new token that
    is answered. Raises Invalid."""
    with unit(database, clock, actor=actor) as u:
        set_password(u, actor.user_id, password)
        token = start_sign_in(u, actor.user_id, device)
        tell_person(u, actor.user_id, notice)
        u.record("change_password", {})
    return token


def reset_password(database: Database, clock: Clock, *, link: str, password: str, notice: Notice | None = None) -> int:
    """A new password for whoever holds the link; answers whose. It signs nobody in: a second step stays a second step.
    Raises Invalid for a spent link, and for the password; then the link is not used up."""
    with unit(database, clock, actor=Actor.nobody()) as u:
        user_id = use_link(u, link, "reset")
        if user_id is None:
            raise RuntimeError("a link for a forgotten password always belongs to somebody")
        set_password(u, user_id, password)
        tell_person(u, user_id, notice)
        u.record("reset_password", {"user": f"u{user_id}"})
    return user_id
