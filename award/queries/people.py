"""Who is who, on a date."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from award.db.people import Duty, SignIn, User
from award.policy import Actor, HeldDuty


def find_user_by_login(db: Session, login: str) -> User | None:
    return db.execute(select(User).where(User.login == login.strip().lower())).scalar_one_or_none()


def find_actor_by_token(db: Session, token_sha256: str, *, now: datetime, today: date) -> Actor | None:
    """The signed-in person with the duties of `today`, in one statement; None when signed out, expired or disabled."""
    signed_in = select(SignIn.user_id).where(SignIn.token_sha256 == token_sha256, SignIn.expires_at > now)
    return _find_actor(db, User.id.in_(signed_in), today=today)


def find_actor_by_login(db: Session, login: str, *, today: date) -> Actor | None:
    """An account with the duties of `today`, for what the program does in somebody's name; None where it is unknown."""
    return _find_actor(db, User.login == login, today=today)


def _find_actor(db: Session, asked: ColumnElement[bool], *, today: date) -> Actor | None:
    valid = and_(Duty.user_id == User.id, Duty.from_day <= today, or_(Duty.to_day.is_(None), Duty.to_day >= today))
    rows = db.execute(
        select(
            User.id, User.login, User.title_th, User.title_en, User.language,
            Duty.id.label("duty_id"), Duty.role, Duty.province_code, Duty.zone_number,
            Duty.title_th.label("duty_th"), Duty.title_en.label("duty_en"), Duty.acting,
        )
        .outerjoin(Duty, valid)
        .where(asked, User.disabled_at.is_(None))
        .order_by(Duty.id)
    ).all()  # fmt: skip
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
