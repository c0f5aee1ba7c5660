"""Everybody who is known and what they hold, as an import of people and its confirmation need it: all at once."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from award.db.accounts import OneTimeLink
from award.db.people import Duty, Province, User, Zone
from award.policy import OFFICE
from award.queries.duties import CAN_ENTER, DUTIES, DutyLine, is_current


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """An account with its duties in any state."""

    id: int
    login: str
    title_th: str
    title_en: str
    email: str | None
    disabled: bool
    duties: tuple[DutyLine, ...]


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A province, or a zone (its number as `code`); `zone` is where it lies."""

    code: str
    name_th: str
    name_en: str
    zone: int


@dataclass(frozen=True, slots=True)
class Known:
    """All accounts by sign-in name, and all places in their order."""

    people: Mapping[str, KnownPerson]
    provinces: tuple[KnownPlace, ...]
    zones: tuple[KnownPlace, ...]


@dataclass(frozen=True, slots=True)
class Invited:
    """An open account that nobody has entered yet; `until`: its link opens until then. `takes_two`: one person alone
    is shown no link of it. Its place is that of its first duty, `zone` that of the province."""

    id: int
    login: str
    title_th: str
    title_en: str
    email: str | None
    until: datetime | None
    takes_two: bool
    role: str
    province_code: str | None
    province_th: str | None
    province_en: str | None
    zone: int | None


def read_known(db: Session) -> Known:
    """Everybody and every place, in four statements however many there are."""
    duties: dict[int, list[DutyLine]] = defaultdict(list)
    for row in db.execute(DUTIES).all():
        duties[row.user_id].append(DutyLine(*row))
    rows = db.execute(
        select(User.id, User.login, User.title_th, User.title_en, User.email, User.disabled_at).order_by(User.login)
    ).all()
    people = {
        row.login: KnownPerson(
            row.id, row.login, row.title_th, row.title_en, row.email, row.disabled_at is not None,
            tuple(duties[row.id]),
        )
        for row in rows
    }  # fmt: skip
    return Known(people, *list_known_places(db))


def list_known_places(db: Session) -> tuple[tuple[KnownPlace, ...], tuple[KnownPlace, ...]]:
    """Provinces in dictionary order and zones by number."""
    provinces = db.execute(
        select(Province.code, Province.name_th, Province.name_en, Province.zone_number).order_by(Province.sort)
    ).all()
    zones = db.execute(select(Zone.number, Zone.name_th, Zone.name_en).order_by(Zone.number)).all()
    return (
        tuple(KnownPlace(*row) for row in provinces),
        tuple(KnownPlace(str(row.number), row.name_th, row.name_en, row.number) for row in zones),
    )


def list_invited(db: Session, *, today: date) -> list[Invited]:
    """Who has no password yet, by zone, province, role and sign-in name; those without a place come last."""
    until = (
        select(func.max(OneTimeLink.expires_at))
        .where(
            OneTimeLink.user_id == User.id, OneTimeLink.purpose == "invite", OneTimeLink.used_at.is_(None),
            OneTimeLink.sha256.is_not(None),
        )
        .scalar_subquery()
    )  # fmt: skip
    first = (
        select(func.min(Duty.id))
        .where(Duty.user_id == User.id, Duty.state.in_(("proposed", "confirmed")))
        .correlate(User)
        .scalar_subquery()
    )
    two = (
        select(Duty.id)
        .where(Duty.user_id == User.id, Duty.role.not_in(OFFICE), is_current(today), Duty.confirmed_by_id.is_not(None))
        .correlate(User)
        .exists()
    )
    rows = db.execute(
        select(
            User.id, User.login, User.title_th, User.title_en, User.email, until.label("until"), two.label("two"),
            Duty.role, Duty.province_code, Province.name_th, Province.name_en,
            func.coalesce(Duty.zone_number, Province.zone_number).label("zone"),
        )
        .outerjoin(Duty, Duty.id == first)
        .outerjoin(Province, Province.code == Duty.province_code)
        .where(User.disabled_at.is_(None), ~CAN_ENTER)
        .order_by(
            func.coalesce(Duty.zone_number, Province.zone_number).is_(None),
            func.coalesce(Duty.zone_number, Province.zone_number), Province.sort.is_not(None), Province.sort, Duty.role,
            User.login,
        )
    ).all()  # fmt: skip
    return [
        Invited(
            row.id, row.login, row.title_th, row.title_en, row.email, row.until, row.two, row.role or "",
            row.province_code, row.name_th, row.name_en, row.zone,
        )
        for row in rows
    ]  # fmt: skip


def list_held_now(db: Session, *, users: Collection[int], today: date) -> list[DutyLine]:
    """Confirmed duties of today and to come: of these people, and every chief and chair, whose place one person has."""
    wanted = is_current(today) & (Duty.user_id.in_(users) | Duty.role.in_(("chief", "chair")))
    return [DutyLine(*row) for row in db.execute(DUTIES.where(wanted)).all()]
