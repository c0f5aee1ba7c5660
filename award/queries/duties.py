"""People and their duties as those see them who manage them: the list, one person, what waits for a second person."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from award.clock import BANGKOK
from award.db.accounts import OneTimeLink
from award.db.people import Duty, Identity, Province, SignIn, User, Zone
from award.policy import MANAGING, OFFICE, Actor, is_on

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class DutyLine:
    """A duty with its place and the people who gave and ended it."""

    id: int
    user_id: int
    role: str
    province_code: str | None
    zone_number: int | None
    title_th: str
    title_en: str
    acting: bool
    from_day: date
    to_day: date | None
    state: str  # proposed | confirmed | withdrawn | revoked
    proposed_by_id: int | None
    proposed_at: datetime | None
    confirmed_by_id: int | None
    confirmed_at: datetime | None
    revoked_at: datetime | None
    login: str
    disabled: bool  # the account is closed
    province_th: str | None
    province_en: str | None
    zone_th: str | None
    zone_en: str | None
    proposed_by: str | None  # sign-in names
    confirmed_by: str | None
    revoked_by: str | None
    links_by: str | None = None  # numbers of those to whom a link of the account was shown, with commas between
    email: str | None = None  # where mailed links of the account go: who confirms it sees it

    def had_link_from(self, user_id: int) -> bool:
        """Whether this manager was shown a link of the account, and so could be the one who signs in with it."""
        return str(user_id) in (self.links_by or "").split(",")

    def held_days(self) -> tuple[date, date | None] | None:
        """The days it is or was held; None for one that was ended before it began."""
        if self.revoked_at is None:
            return self.from_day, self.to_day
        last = self.revoked_at.astimezone(BANGKOK).date()
        return (self.from_day, min(last, self.to_day or last)) if last >= self.from_day else None

    def when(self, today: date) -> str:
        """waiting | now | coming | past, as it stands today."""
        if self.state == "proposed":
            return "waiting"
        if self.state != "confirmed":
            return "past"
        if is_on(today, self.from_day, self.to_day):
            return "now"
        return "coming" if today < self.from_day else "past"


@dataclass(frozen=True, slots=True)
class PersonLine:
    """An account in the list, with the duties of today and those to come."""

    id: int
    login: str
    title_th: str
    title_en: str
    state: str  # open | invited | closed
    duties: tuple[DutyLine, ...] = ()


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """One page of the list."""

    people: tuple[PersonLine, ...]
    found: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.found // PER_PAGE))


@dataclass(frozen=True, slots=True)
class Person:
    """An account with all its duties, the newest first; `sign_ins` counts browsers that are signed in now."""

    id: int
    login: str
    title_th: str
    title_en: str
    state: str
    language: str
    email: str | None
    disabled_at: datetime | None
    invited_until: datetime | None
    sign_ins: int
    duties: tuple[DutyLine, ...] = ()

    def duties_of(self, when: str, today: date) -> tuple[DutyLine, ...]:
        """Those that are waiting, now, coming or past."""
        return tuple(duty for duty in self.duties if duty.when(today) == when)


# Somebody accepted the invitation: by choosing a password, or by linking a sign-in elsewhere.
CAN_ENTER = or_(User.password_hash != "", exists().where(Identity.user_id == User.id))
_PROPOSER, _CONFIRMER, _REVOKER = aliased(User), aliased(User), aliased(User)
_LINKS_BY = (
    select(func.group_concat(OneTimeLink.made_by_id)).where(OneTimeLink.user_id == Duty.user_id).scalar_subquery()
)
DUTIES: Any = (
    select(
        Duty.id, Duty.user_id, Duty.role, Duty.province_code, Duty.zone_number, Duty.title_th, Duty.title_en,
        Duty.acting, Duty.from_day, Duty.to_day, Duty.state, Duty.proposed_by_id, Duty.proposed_at,
        Duty.confirmed_by_id, Duty.confirmed_at, Duty.revoked_at, User.login, User.disabled_at.is_not(None),
        Province.name_th, Province.name_en, Zone.name_th, Zone.name_en, _PROPOSER.login, _CONFIRMER.login,
        _REVOKER.login, _LINKS_BY, User.email,
    )
    .join(User, User.id == Duty.user_id)
    .outerjoin(Province, Province.code == Duty.province_code)
    .outerjoin(Zone, Zone.number == Duty.zone_number)
    .outerjoin(_PROPOSER, _PROPOSER.id == Duty.proposed_by_id)
    .outerjoin(_CONFIRMER, _CONFIRMER.id == Duty.confirmed_by_id)
    .outerjoin(_REVOKER, _REVOKER.id == Duty.revoked_by_id)
    .order_by(Duty.from_day.desc(), Duty.id.desc())
)  # fmt: skip


def find_duty(db: Session, _actor: Actor, duty_id: int) -> DutyLine | None:
    """A duty in any state; who may manage people sees all."""
    row = db.execute(DUTIES.where(Duty.id == duty_id)).first()
    return None if row is None else DutyLine(*row)


def list_duties_of(db: Session, user_id: int) -> list[DutyLine]:
    """All duties of a person in any state, those that begin last first."""
    return [DutyLine(*row) for row in db.execute(DUTIES.where(Duty.user_id == user_id)).all()]


def list_proposals(db: Session) -> list[DutyLine]:
    """What waits for a second person, the oldest first."""
    rows = db.execute(DUTIES.where(Duty.state == "proposed").order_by(None).order_by(Duty.proposed_at, Duty.id)).all()
    return [DutyLine(*row) for row in rows]


def count_managers(db: Session, *, today: date, without_duty: int = 0, without_user: int = 0) -> int:
    """People who may manage people today, each with an open account that somebody accepted."""
    return db.execute(
        select(func.count(Duty.user_id.distinct()))
        .join(User, User.id == Duty.user_id)
        .where(
            Duty.role.in_(MANAGING), is_held(today), User.disabled_at.is_(None), CAN_ENTER,
            Duty.id != without_duty, User.id != without_user,
        )
    ).scalar_one()  # fmt: skip


def takes_two(db: Session, user_id: int, *, today: date) -> bool:
    """Whether a link of this account takes two people: it holds, or is to hold, a confirmed duty that judges, runs,
    checks or manages. An officer's acts are bounded by the province and leave receipts.

    Not so while nobody has entered an account that the first start made: there is no second person before."""
    given = or_(Duty.confirmed_by_id.is_not(None), CAN_ENTER)
    held = (
        select(Duty.id)
        .join(User, User.id == Duty.user_id)
        .where(Duty.user_id == user_id, Duty.role.not_in(OFFICE), is_current(today), given)
    )
    return db.execute(held.limit(1)).first() is not None


def find_person(db: Session, _actor: Actor, user_id: int) -> Person | None:
    """An account with all its duties; who may manage people sees all."""
    signed_in = select(func.count(SignIn.id)).where(SignIn.user_id == User.id).scalar_subquery()
    invited = (
        select(func.max(OneTimeLink.expires_at))
        .where(
            OneTimeLink.user_id == User.id,
            OneTimeLink.purpose == "invite",
            OneTimeLink.used_at.is_(None),
            OneTimeLink.sha256.is_not(None),
        )
        .scalar_subquery()
    )
    row = db.execute(select(User, signed_in, invited, CAN_ENTER).where(User.id == user_id)).first()
    if row is None:
        return None
    user, sign_ins, until, can_enter = row
    state = _state(user.disabled_at, can_enter)
    return Person(
        user.id, user.login, user.title_th, user.title_en, state, user.language, user.email, user.disabled_at,
        until, sign_ins, tuple(list_duties_of(db, user_id)),
    )  # fmt: skip


def find_invited(db: Session, link_sha256: str, *, now: datetime) -> str | None:
    """The sign-in name that an invitation is for, while it opens its page; None for any other link."""
    return db.execute(
        select(User.login)
        .join(OneTimeLink, OneTimeLink.user_id == User.id)
        .where(
            OneTimeLink.sha256 == link_sha256, OneTimeLink.purpose == "invite", OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now, User.disabled_at.is_(None),
        )
    ).scalar_one_or_none()  # fmt: skip


def list_people(
    db: Session, *, today: date, text: str = "", province: str = "", zone: int | None = None, role: str = "",
    page: int = 1,
) -> PeoplePage:  # fmt: skip
    """Accounts by sign-in name, PER_PAGE to a page; those to whom all that is asked applies.

    `text` is part of a sign-in name or of a position; province, zone and role ask for duties held today or to come.
    """
    wanted: list[ColumnElement[bool]] = []
    if text:
        like = f"%{_escaped(text)}%"
        titled = select(literal(1)).where(
            Duty.user_id == User.id, is_current(today), or_(_like(Duty.title_th, like), _like(Duty.title_en, like))
        )
        wanted.append(
            or_(_like(User.login, like), _like(User.title_th, like), _like(User.title_en, like), titled.exists())
        )
    place = [Duty.role == role] if role else []
    place += [Duty.province_code == province] if province else []
    place += [Duty.zone_number == zone] if zone is not None else []
    if place:
        wanted.append(select(literal(1)).where(Duty.user_id == User.id, is_current(today), *place).exists())
    found = db.execute(select(func.count(User.id)).where(*wanted)).scalar_one()
    number = min(max(page, 1), max(1, -(-found // PER_PAGE)))
    rows = db.execute(
        select(User.id, User.login, User.title_th, User.title_en, User.disabled_at, CAN_ENTER)
        .where(*wanted)
        .order_by(User.login)
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    ).all()
    duties = _current_duties(db, [row.id for row in rows], today)
    people = tuple(
        PersonLine(
            row.id, row.login, row.title_th, row.title_en, _state(row.disabled_at, row[-1]),
            tuple(duties[row.id]),
        )
        for row in rows
    )  # fmt: skip
    return PeoplePage(people, found, number)


def list_places(db: Session) -> tuple[list[Any], list[Any]]:
    """Provinces in dictionary order and zones by number, to choose from."""
    provinces = db.execute(select(Province.code, Province.name_th, Province.name_en).order_by(Province.sort)).all()
    zones = db.execute(select(Zone.number, Zone.name_th, Zone.name_en).order_by(Zone.number)).all()
    return list(provinces), list(zones)


def _current_duties(db: Session, users: Collection[int], today: date) -> dict[int, list[DutyLine]]:
    held: dict[int, list[DutyLine]] = defaultdict(list)
    rows: Sequence[Any] = db.execute(DUTIES.where(Duty.user_id.in_(users), is_current(today))).all()
    for row in rows:
        held[row.user_id].append(DutyLine(*row))
    return held


def is_current(today: date) -> ColumnElement[bool]:
    """Confirmed, and not over yet."""
    return and_(Duty.state == "confirmed", or_(Duty.to_day.is_(None), Duty.to_day >= today))


def is_held(day: date) -> ColumnElement[bool]:
    """Confirmed, begun by that day, and not over before it."""
    return and_(is_current(day), Duty.from_day <= day)


def _like(column: Any, like: str) -> ColumnElement[bool]:
    return column.ilike(like, escape="\\")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _state(disabled_at: datetime | None, can_enter: bool) -> str:
    """closed; invited, as long as nobody accepted; open."""
    if disabled_at is not None:
        return "closed"
    return "open" if can_enter else "invited"
