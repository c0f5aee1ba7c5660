"""Who is who, on a date."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from award.db.accounts import Authenticator, Passkey
from award.db.base import UtcTime
from award.db.people import Duty, SignIn, User
from award.policy import Actor, HeldDuty, HeldSignIn


def find_user_by_login(db: Session, login: str) -> User | None:
    """The account, whatever the case of the letters typed."""
    return db.execute(select(User).where(User.login == login.strip().lower())).scalar_one_or_none()


# Built once: every request begins with one of them.
_ACTOR = (
    select(
        User.id, User.login, User.title_th, User.title_en, User.language,
        Duty.id.label("duty_id"), Duty.role, Duty.province_code, Duty.zone_number,
        Duty.title_th.label("duty_th"), Duty.title_en.label("duty_en"), Duty.acting,
    )
    .outerjoin(
        Duty,
        and_(
            Duty.user_id == User.id,
            Duty.state == "confirmed",
            Duty.from_day <= bindparam("today"),
            or_(Duty.to_day.is_(None), Duty.to_day >= bindparam("today")),
        ),
    )
    .where(User.disabled_at.is_(None))
    .order_by(Duty.id)
)  # fmt: skip
_BY_TOKEN = (
    _ACTOR.join(SignIn, SignIn.user_id == User.id)
    .add_columns(
        SignIn.id.label("sign_in_id"),
        SignIn.started_at,
        SignIn.fresh_at,
        SignIn.last_seen_at,
        or_(
            exists().where(Authenticator.user_id == User.id, Authenticator.confirmed_at.is_not(None)),
            exists().where(Passkey.user_id == User.id),
        ).label("second_factor"),
    )
    .where(
        SignIn.token_sha256 == bindparam("token"),
        SignIn.expires_at > bindparam("now"),
        func.coalesce(SignIn.last_seen_at, SignIn.started_at, type_=UtcTime) > bindparam("idle_since"),
    )
)
_BY_LOGIN = _ACTOR.where(User.login == bindparam("login"))
_BY_ID = _ACTOR.where(User.id == bindparam("user"))


def find_actor_by_token(
    db: Session, token_sha256: str, *, now: datetime, today: date, idle_since: datetime
) -> Actor | None:
    """The signed-in person with the duties of `today`, in one statement; None when signed out, expired, not seen after
    `idle_since`, or disabled."""
    asked = {"token": token_sha256, "now": now, "today": today, "idle_since": idle_since}
    rows = db.execute(_BY_TOKEN, asked).all()
    actor = _actor(rows)
    if actor is None:
        return None
    row = rows[0]
    held = HeldSignIn(
        id=row.sign_in_id,
        fresh_at=row.fresh_at or row.started_at,
        seen_at=row.last_seen_at or row.started_at,
        second_factor=row.second_factor,
    )
    return replace(actor, sign_in=held)


def find_actor_by_login(db: Session, login: str, *, today: date) -> Actor | None:
    """An account with the duties of `today`, for what the program does in somebody's name; None where it is unknown."""
    return _actor(db.execute(_BY_LOGIN, {"login": login, "today": today}).all())


def find_actor_by_id(db: Session, user_id: int, *, today: date) -> Actor | None:
    """An account with the duties of `today`, to be asked inside the act that they permit; None where it is disabled."""
    return _actor(db.execute(_BY_ID, {"user": user_id, "today": today}).all())


def _actor(rows: Sequence[Any]) -> Actor | None:
    if not rows:
        return None
    duties = tuple(
        HeldDuty(
            id=row.duty_id,
            role=row.role,
            province_code=row.province_code,
            zone_number=row.zone_number,
            title_th=row.duty_th,
            title_en=row.duty_en,
            acting=row.acting,
        )
        for row in rows
        if row.duty_id is not None
    )
    first = rows[0]
    return Actor(first.id, first.login, first.title_th, first.title_en, duties, first.language)
