"""The second step of a sign-in: an app's codes (TOTP), and codes on paper for when the phone is lost."""

import hmac
import secrets
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import delete, update

from award.actions.links import sha256_of
from award.actions.notices import Notice, tell_person
from award.actions.sign_ins import end_sign_ins
from award.actions.unit import Unit, unit
from award.clock import Clock
from award.db.accounts import Authenticator, Passkey, RecoveryCode, WaitingStep
from award.db.engine import Database
from award.errors import N_, Invalid, NotFound
from award.policy import Actor
from award.queries.accounts import find_app, get_factors

SECONDS = 30  # of a time step; a code counts in its own, the one before and the one after
RECOVERY_CODES = 10
WAITS = timedelta(minutes=10)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another
_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
WRONG_FIRST = N_("This code is not right. Check that the phone sets its clock by itself, and type the next code.")


def wait_for_step(u: Unit, user_id: int) -> str:
    """The password was right; answers the token by which the browser comes back with the second step within ten
    minutes. It opens no page."""
    token = secrets.token_urlsafe(32)
    u.db.execute(delete(WaitingStep).where(WaitingStep.expires_at < u.now))
    u.db.add(WaitingStep(token_sha256=sha256_of(token), purpose="second", user_id=user_id, expires_at=u.now + WAITS))
    return token


def take_code(u: Unit, user_id: int, code: str, *, at: datetime) -> str | None:
    """Uses up a code of the person's app ("app") or a recovery code ("recovery"); None for any other, or a used one.

    `at` is the machine's own time. A code of the app is taken once; so are all codes before it. A recovery code stands
    in for a passkey as it does for the app."""
    plain = _plain(code)
    app = find_app(u.db, user_id, confirmed=True)
    step = _step_of(app[0], plain, at=at, after=app[1]) if app else None
    if step is not None:
        u.db.execute(update(Authenticator).where(Authenticator.user_id == user_id).values(last_step=step))
        u.db.execute(delete(WaitingStep).where(WaitingStep.user_id == user_id))
        return "app"
    used = u.change(
        update(RecoveryCode)
        .where(RecoveryCode.user_id == user_id, RecoveryCode.sha256 == sha256_of(plain), RecoveryCode.used_at.is_(None))
        .values(used_at=u.now)
    )
    if used != 1:
        return None
    u.db.execute(delete(WaitingStep).where(WaitingStep.user_id == user_id))
    return "recovery"


def begin_app(database: Database, clock: Clock, *, actor: Actor) -> None:
    """A new secret that waits for its first code; a working app stays until then. Nothing is recorded yet: nothing has
    changed for signing in."""
    with unit(database, clock, actor=actor) as u:
        if find_app(u.db, actor.user_id, confirmed=True) is not None:
            raise Invalid(N_("An app is set up already. Remove it first, then set up the new one."))
        u.db.execute(delete(Authenticator).where(Authenticator.user_id == actor.user_id))
        u.db.add(Authenticator(user_id=actor.user_id, secret=pyotp.random_base32(), made_at=u.now))


def confirm_app(
    database: Database, clock: Clock, *, actor: Actor, code: str, notice: Notice | None = None
) -> tuple[str, ...]:
    """The first code shows that the phone has the secret: from now on it is asked for. Answers the ten recovery codes,
    the only time they can be read. Raises Invalid for a wrong code, NotFound where no secret waits."""
    with unit(database, clock, actor=actor) as u:
        app = find_app(u.db, actor.user_id, confirmed=False)
        if app is None:
            raise NotFound
        step = _step_of(app[0], _plain(code), at=clock.actual(), after=app[1])
        if step is None:
            raise Invalid(WRONG_FIRST, details={"field": "code"})
        u.db.execute(
            update(Authenticator)
            .where(Authenticator.user_id == actor.user_id)
            .values(confirmed_at=u.now, last_step=step)
        )
        codes = make_codes(u, actor.user_id)
        tell_person(u, actor.user_id, notice)
        u.record("add_app", {})
    return codes


def remove_app(database: Database, clock: Clock, *, actor: Actor, notice: Notice | None = None) -> None:
    """The app is asked for no longer. The recovery codes go with the last second step: beside a passkey they stay.
    Raises NotFound where there is none."""
    with unit(database, clock, actor=actor) as u:
        if u.change(delete(Authenticator).where(Authenticator.user_id == actor.user_id)) == 0:
            raise NotFound
        drop_codes_of_nothing(u, actor.user_id)
        tell_person(u, actor.user_id, notice)
        u.record("remove_app", {})


def forget_factors(database: Database, clock: Clock, *, user_id: int) -> None:
    """For the day a phone is lost with its codes: the account has its password alone again, and every sign-in of it
    ends. Done by whoever has the machine's command line, and by nobody in a browser: there it would let one organizer,
    who may hand over a link for a new password, into the account of another. Raises NotFound where there is nothing."""
    with unit(database, clock, actor=Actor.nobody()) as u:
        if not get_factors(u.db, user_id).any:
            raise NotFound
        for table in (Authenticator, RecoveryCode, Passkey):
            u.db.execute(delete(table).where(table.user_id == user_id))
        end_sign_ins(u, user_id)
        u.record("forget_factors", {"user": f"u{user_id}"})


def remake_codes(database: Database, clock: Clock, *, actor: Actor, notice: Notice | None = None) -> tuple[str, ...]:
    """Ten new recovery codes, readable this once; the old ones open nothing. Raises NotFound where there is no second
    step that they could stand in for."""
    with unit(database, clock, actor=actor) as u:
        if not get_factors(u.db, actor.user_id).any:
            raise NotFound
        codes = make_codes(u, actor.user_id)
        tell_person(u, actor.user_id, notice)
        u.record("make_recovery_codes", {})
    return codes


def make_codes(u: Unit, user_id: int) -> tuple[str, ...]:
    """Ten recovery codes in place of the earlier ones, as their person reads them this once. Sixty random bits each:
    more than can be guessed from their hashes."""
    u.db.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = tuple("".join(secrets.choice(_LETTERS) for _ in range(12)) for _ in range(RECOVERY_CODES))
    u.db.add_all(RecoveryCode(user_id=user_id, sha256=sha256_of(code)) for code in codes)
    return tuple(f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes)


def drop_codes_of_nothing(u: Unit, user_id: int) -> bool:
    """Where the person has no second step left, the recovery codes go; whether it is so."""
    if get_factors(u.db, user_id).any:
        return False
    u.db.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    return True


def _plain(code: str) -> str:
    """As it is compared: without blanks and hyphens, small letters, Thai digits as the others."""
    return "".join(code.translate(_DIGITS).lower().split()).replace("-", "")


def _step_of(secret: str, code: str, *, at: datetime, after: int) -> int | None:
    """The time step that a code belongs to, where it is near `at` and later than `after`."""
    app, now = pyotp.TOTP(secret, interval=SECONDS), int(at.timestamp()) // SECONDS
    found = None
    for step in (now - 1, now, now + 1):
        if hmac.compare_digest(app.generate_otp(step).encode(), code.encode()) and step > after:
            found = step
    return found
