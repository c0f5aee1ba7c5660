"""Who has not sent: provinces with entries that are still to come, who follows them up, and when they were reminded."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from award.db.cycles import Adoption
from award.db.entries import Entry
from award.db.people import Duty, Province, User
from award.db.reminders import Chaser, Reminder, ReminderTo
from award.queries.duties import is_held

SETTLED = ("submitted", "not_presented", "withdrawn")  # sent, or taken back for good: nothing is to come
PROVINCES = 100  # to a page
FOLLOWING = ("organizer", "chair", "member")  # whose holders may follow a province up


@dataclass(frozen=True, slots=True)
class Follower:
    """Who follows a province up, until when, and what was noted for them."""

    user_id: int
    title_th: str
    title_en: str
    due_at: datetime | None
    note: str


@dataclass(frozen=True, slots=True)
class MissingProvince:
    """A province of which something is still to come. `missing` counts it; `reminded_at`: the last reminder sent."""

    code: str
    name_th: str
    name_en: str
    zone_number: int
    missing: int
    follower: Follower | None
    reminded_at: datetime | None

    def is_overdue(self, now: datetime) -> bool:
        """Whether who follows it up should have been done."""
        return self.follower is not None and self.follower.due_at is not None and self.follower.due_at < now


@dataclass(frozen=True, slots=True)
class ZoneCoverage:
    """A zone in counts: its provinces, those that have sent everything, what is missing, and how many of the provinces
    with something missing nobody follows up."""

    number: int
    provinces: int
    complete: int
    missing: int
    unfollowed: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """All zones in counts, and the provinces of one page of those that were asked for."""

    zones: tuple[ZoneCoverage, ...]
    provinces: tuple[MissingProvince, ...]
    found: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.found // PROVINCES))

    @property
    def missing(self) -> int:
        """What is missing in the whole round."""
        return sum(zone.missing for zone in self.zones)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may be asked to follow a province up."""

    id: int
    title_th: str
    title_en: str
    zone_number: int | None
    role: str


_FOLLOWED: Select = (
    select(
        Province.code, Province.name_th, Province.name_en, Province.zone_number,
        Chaser.user_id, User.title_th.label("by_th"), User.title_en.label("by_en"), Chaser.due_at, Chaser.note,
    )
    .order_by(Province.zone_number, Province.sort, Province.code)
)  # fmt: skip


def get_coverage(
    db: Session, *, cycle_id: int, per_province: int, zone: int | None = None, followed_by: int | None = None,
    page: int = 1,
) -> Coverage:  # fmt: skip
    """Provinces that have not settled `per_province` entries, by zone and in dictionary order, in three statements.

    `zone`: only these. `followed_by`: a person's number; 0 for those that nobody follows up."""
    settled = count_settled(db, cycle_id=cycle_id)
    rows = db.execute(
        _FOLLOWED.outerjoin(Chaser, and_(Chaser.province_code == Province.code, Chaser.cycle_id == cycle_id)).outerjoin(
            User, User.id == Chaser.user_id
        )
    ).all()
    zones: dict[int, Counter[str]] = {}
    asked = []
    for row in rows:
        missing = max(0, per_province - settled[row.code])
        counts = zones.setdefault(row.zone_number, Counter())
        counts.update(
            provinces=1, complete=int(not missing), missing=missing, unfollowed=int(bool(missing) and not row.user_id)
        )
        is_asked = zone in (None, row.zone_number) and followed_by in (None, row.user_id or 0)
        if missing and is_asked:
            asked.append((row, missing))
    number = min(max(page, 1), max(1, -(-len(asked) // PROVINCES)))
    here = asked[(number - 1) * PROVINCES : number * PROVINCES]
    reminded = _reminded(db, cycle_id, [row.code for row, _ in here])
    names = ("provinces", "complete", "missing", "unfollowed")
    return Coverage(
        tuple(ZoneCoverage(number, *(counts[name] for name in names)) for number, counts in sorted(zones.items())),
        tuple(
            MissingProvince(
                row.code, row.name_th, row.name_en, row.zone_number, missing,
                Follower(row.user_id, row.by_th, row.by_en, row.due_at, row.note) if row.user_id else None,
                reminded.get(row.code),
            )
            for row, missing in here
        ),
        len(asked), number,
    )  # fmt: skip


def count_settled(db: Session, *, cycle_id: int, provinces: Collection[str] | None = None) -> Counter[str]:
    """Of each province (all, or these) how many entries of the cycle were sent or withdrawn, in one statement."""
    asked = (
        select(Entry.province_code, func.count())
        .where(
            Entry.adoption_id.in_(select(Adoption.id).where(Adoption.cycle_id == cycle_id)), Entry.state.in_(SETTLED)
        )
        .group_by(Entry.province_code)
    )
    if provinces is not None:
        asked = asked.where(Entry.province_code.in_(provinces))
    counts: Counter[str] = Counter()
    for code, count in db.execute(asked):
        counts[code] = count
    return counts


def _reminded(db: Session, cycle_id: int, provinces: Sequence[str]) -> dict[str, datetime]:
    rows = db.execute(
        select(ReminderTo.province_code, func.max(Reminder.sent_at))
        .join(Reminder, Reminder.id == ReminderTo.reminder_id)
        .where(
            Reminder.cycle_id == cycle_id, Reminder.sent_at.is_not(None), ReminderTo.left_out_at.is_(None),
            ReminderTo.province_code.in_(provinces),
        )
        .group_by(ReminderTo.province_code)
    )  # fmt: skip
    return {code: at for code, at in rows if at is not None}


def list_province_names(db: Session, provinces: Collection[str]) -> list[str]:
    """Their Thai names, in dictionary order."""
    asked = select(Province.name_th).where(Province.code.in_(provinces)).order_by(Province.sort, Province.code)
    return list(db.execute(asked).scalars())


def list_followers(db: Session, *, today: date) -> list[Person]:
    """Who may be asked to follow up, each once: organizers first, then those who sit for a zone, by zone."""
    rows = db.execute(
        select(User.id, Duty.title_th, Duty.title_en, Duty.zone_number, Duty.role)
        .join(Duty, Duty.user_id == User.id)
        .where(Duty.role.in_(FOLLOWING), User.disabled_at.is_(None), is_held(today))
        .order_by(Duty.zone_number.is_not(None), Duty.zone_number, Duty.role, User.id)
    )
    people: dict[int, Person] = {}
    for row in rows:
        people.setdefault(row.id, Person(*row))
    return list(people.values())


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who of a province's office a reminder goes to; `email` None: nobody has an address."""

    province_code: str
    user_id: int
    login: str
    title_th: str
    title_en: str
    email: str | None


def map_recipients(
    db: Session, provinces: Collection[str], *, today: date, roles: Collection[str] = ()
) -> dict[str, list[Recipient]]:
    """Of each province who gets its reminder: everybody of these roles of its office today who has an address, each
    once. Without roles, or where nobody of them has one, one person: with an address if anybody of the office has one,
    and who prepares the entries before who directs or heads."""
    order = {"officer": 0, "director": 1, "chief": 2}
    rows: Sequence[Any] = db.execute(
        select(Duty.province_code, User.id, User.login, Duty.title_th, Duty.title_en, User.email, Duty.role)
        .join(User, User.id == Duty.user_id)
        .where(
            Duty.province_code.in_(provinces), Duty.role.in_(order), User.disabled_at.is_(None), is_held(today)
        )
        .order_by(Duty.id)
    ).all()  # fmt: skip
    found: dict[str, dict[int, Recipient]] = {}
    rows = sorted(rows, key=lambda each: (not each.email, order[each.role]))
    for row in rows:
        if row.role in roles and row.email:
            found.setdefault(row.province_code, {}).setdefault(row.id, Recipient(*row[:6]))
    for row in rows:
        if row.province_code not in found:
            found[row.province_code] = {row.id: Recipient(*row[:6])}
    return {code: list(people.values()) for code, people in found.items()}
