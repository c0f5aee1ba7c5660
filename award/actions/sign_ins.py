"""Sign-ins as rows: begun, seen, made fresh, ended. Functions of a unit, and the acts on one's own sign-ins."""

import secrets
from datetime import date, datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from award.actions.links import sha256_of
from award.actions.unit import Unit, unit
from award.clock import Clock
from award.db.accounts import WaitingStep
from award.db.engine import Database
from award.db.people import SignIn
from award.errors import NotFound, NotSaved
from award.policy import Actor
from award.queries.people import find_actor_by_token

STAYS = timedelta(hours=12)
TOLD_EVERY = timedelta(minutes=5)
Device = str  # "Chrome · Android": what a person knows a browser by


def start_sign_in(u: Unit, user_id: int, device: Device) -> str:
    """A new sign-in; answers the token for its cookie (256 random bits, stored as SHA-256). The caller records it.

    Its twelve hours and its ten fresh minutes begin now."""
    token = secrets.token_urlsafe(32)
    u.db.execute(delete(SignIn).where(SignIn.expires_at < u.now))
    u.db.execute(delete(WaitingStep).where(WaitingStep.expires_at < u.now))
    u.db.add(
        SignIn(
            token_sha256=sha256_of(token), user_id=user_id, started_at=u.now, expires_at=u.now + STAYS,
            last_seen_at=u.now, fresh_at=u.now, device=device[:60],
        )
    )  # fmt: skip
    return token


def end_sign_ins(u: Unit, user_id: int, *, but: int = 0) -> int:
    """Ends every sign-in of a person (but the one with this id), and what waits for its second step: the password was
    changed, the account disabled, a duty revoked. Answers how many ended. The caller records the act."""
    u.db.execute(delete(WaitingStep).where(WaitingStep.user_id == user_id))
    return u.change(delete(SignIn).where(SignIn.user_id == user_id, SignIn.id != but))


def renew_sign_in(u: Unit, actor: Actor) -> str:
    """The person has just proved again who it is: the sign-in goes on under another token, fresh from now on; the old
    one opens nothing. Raises NotFound where it has ended meanwhile. The caller records the act."""
    token = secrets.token_urlsafe(32)
    changed = u.change(
        update(SignIn)
        .where(SignIn.id == _own(actor), SignIn.user_id == actor.user_id)
        .values(token_sha256=sha256_of(token), fresh_at=u.now, last_seen_at=u.now)
    )
    if changed != 1:
        raise NotFound
    return token


def sign_out(database: Database, clock: Clock, *, actor: Actor, token: str) -> None:
    """Ends the sign-in of this browser."""
    with unit(database, clock, actor=actor) as u:
        u.db.execute(delete(SignIn).where(SignIn.token_sha256 == sha256_of(token)))
        u.record("sign_out", {})


def end_one(database: Database, clock: Clock, *, actor: Actor, sign_in_id: int) -> None:
    """Ends one of one's own sign-ins. Raises NotFound for anybody else's, as for none."""
    with unit(database, clock, actor=actor) as u:
        if u.change(delete(SignIn).where(SignIn.id == sign_in_id, SignIn.user_id == actor.user_id)) != 1:
            raise NotFound
        u.record("end_sign_ins", {"count": 1})


def end_others(database: Database, clock: Clock, *, actor: Actor) -> int:
    """Ends all of one's sign-ins but this one; answers how many."""
    with unit(database, clock, actor=actor) as u:
        count = end_sign_ins(u, actor.user_id, but=_own(actor))
        u.record("end_sign_ins", {"count": count})
    return count


def actor_of_token(db: Session, token: str, *, now: datetime, today: date, idle: timedelta = STAYS) -> Actor | None:
    """Who the cookie's token stands for, with today's duties; None when it is not (or no longer) valid, or was not
    used for `idle`."""
    return find_actor_by_token(db, sha256_of(token), now=now, today=today, idle_since=now - idle)


def tell_seen(database: Database, clock: Clock, *, actor: Actor) -> None:
    """Keeps that the sign-in is in use, at most every five minutes; no act, and nothing that any result depends on.

    It never holds up a page: while somebody writes, or the file cannot be written, it is left to the next request."""
    held = actor.sign_in
    if held is None or clock.now() - held.seen_at < TOLD_EVERY or database.write_lock.locked():
        return
    try:
        with unit(database, clock, actor=Actor.nobody()) as u:  # the program notes it, whoever it is
            u.db.execute(update(SignIn).where(SignIn.id == held.id).values(last_seen_at=u.now))
    except NotSaved:
        return  # the disk is full or another program writes: reading goes on, and the sign-in only ends a little sooner


def _own(actor: Actor) -> int:
    return actor.sign_in.id if actor.sign_in else 0
