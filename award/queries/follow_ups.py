"""What is done about the inspectors' remarks: by whom, until when, how far."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from award.db.checking import FollowUp, FollowUpAct
from award.db.cycles import Adoption, Award, Seat
from award.db.entries import Entry
from award.db.people import Province, User
from award.db.scoring import Assignment, Slot
from award.policy import Actor
from award.queries.declarations import map_declarations
from award.queries.entries import MOST_ID, seen_by

# overdue: open, and its day is over. Every one of them is a tab of the list.
SHOWN = ("overdue", "open", "answered", "done", "dropped")


@dataclass(frozen=True, slots=True)
class FoundFollowUp:
    """A remark that is to be done something about, and about which entry it is."""

    id: int
    entry_id: int
    slot_id: int | None
    criterion: str
    text: str
    due_on: date | None
    state: str  # open | answered | done | dropped
    work_group: str
    owner_id: int | None
    owner_th: str | None
    owner_en: str | None
    code: str
    label: str
    category: str
    adoption_id: int
    province_code: str
    province_name_th: str
    province_name_en: str
    zone_number: int
    award_short_th: str
    award_short_en: str
    rules_sha256: str

    def is_overdue(self, today: date) -> bool:
        """Its day is over, and its province has not answered."""
        return self.state == "open" and self.due_on is not None and self.due_on < today


@dataclass(frozen=True, slots=True)
class Act:
    """Something said or done about it."""

    act: str  # begin | own | answer | accept | ask_again | drop
    text: str
    at: datetime
    by_th: str
    by_en: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are for a person."""

    overdue: int
    open: int  # overdue ones among them
    answered: int
    done: int
    dropped: int

    def of(self, shown: str) -> int:
        """How many a tab of the list holds."""
        return int(getattr(self, shown))


def _overdue(today: date) -> ColumnElement[bool]:
    return and_(FollowUp.state == "open", FollowUp.due_on < today)


def _where(query: Select[*tuple[Any, ...]], actor: Actor, zone: int) -> Select[*tuple[Any, ...]]:
    query = query.join(Entry, Entry.id == FollowUp.entry_id).where(seen_by(actor))
    if zone:
        here = select(Province.code).where(Province.zone_number == zone)
        query = query.where(Entry.province_code.in_(here))
    return query


def _whole(actor: Actor, zone: int = 0) -> Select[*tuple[Any, ...]]:
    found = select(
        FollowUp.id, FollowUp.entry_id, FollowUp.slot_id, FollowUp.criterion, FollowUp.text, FollowUp.due_on,
        FollowUp.state, FollowUp.work_group, FollowUp.owner_id, User.title_th, User.title_en, Entry.code, Entry.label,
        Entry.category, Entry.adoption_id, Entry.province_code, Province.name_th, Province.name_en,
        Province.zone_number, Award.short_th, Award.short_en, Adoption.rules_sha256,
    )  # fmt: skip
    return (
        _where(found, actor, zone)
        .join(Adoption, Adoption.id == Entry.adoption_id)
        .join(Award, Award.id == Adoption.award_id)
        .join(Province, Province.code == Entry.province_code)
        .outerjoin(User, User.id == FollowUp.owner_id)
    )


def find_follow_up(db: Session, actor: Actor, follow_up_id: int) -> FoundFollowUp | None:
    """It, if the person sees its entry: the office of its province, the panel that heard it, organizer and auditor."""
    if follow_up_id > MOST_ID:
        return None
    row = db.execute(_whole(actor).where(FollowUp.id == follow_up_id)).first()
    return None if row is None else FoundFollowUp(*row)


def list_follow_ups(
    db: Session, actor: Actor, *, today: date, shown: str = "", zone: int = 0, most: int = 100, skip: int = 0
) -> list[FoundFollowUp]:
    """Those within the person's scope, the most pressing first: open ones by their day, then answered ones, then what
    is over. `shown`: one of SHOWN, "" for all."""
    query = _whole(actor, zone)
    if shown:
        query = query.where(_overdue(today) if shown == "overdue" else FollowUp.state == shown)
    rank = case({"open": 0, "answered": 1, "done": 2}, value=FollowUp.state, else_=3)
    query = query.order_by(rank, FollowUp.due_on.is_(None), FollowUp.due_on, FollowUp.id).limit(most).offset(skip)
    return [FoundFollowUp(*row) for row in db.execute(query)]


def list_of_entry(db: Session, actor: Actor, entry_id: int) -> list[FoundFollowUp]:
    """Those of one entry, as they were begun."""
    query = _whole(actor).where(FollowUp.entry_id == entry_id).order_by(FollowUp.id)
    return [FoundFollowUp(*row) for row in db.execute(query)]


def list_of_slot(db: Session, actor: Actor, slot_id: int) -> list[FoundFollowUp]:
    """Those that came out of one slot, as they were begun."""
    query = _whole(actor).where(FollowUp.slot_id == slot_id).order_by(FollowUp.id)
    return [FoundFollowUp(*row) for row in db.execute(query)]


def list_acts(db: Session, follow_up_id: int) -> list[Act]:
    """Everything said and done about it, in order."""
    query = (
        select(FollowUpAct.act, FollowUpAct.text, FollowUpAct.at, User.title_th, User.title_en)
        .join(User, User.id == FollowUpAct.by_id)
        .where(FollowUpAct.follow_up_id == follow_up_id)
        .order_by(FollowUpAct.id)
    )
    return [Act(*row) for row in db.execute(query)]


def count_follow_ups(db: Session, actor: Actor, *, today: date, zone: int = 0) -> Counts:
    """How many within the person's scope stand how."""
    columns = (
        func.count(FollowUp.id).filter(_overdue(today)),
        *(func.count(FollowUp.id).filter(FollowUp.state == each) for each in ("open", "answered", "done", "dropped")),
    )
    return Counts(*db.execute(_where(select(*columns).select_from(FollowUp), actor, zone)).one())


def list_judged(db: Session, actor: Actor, slot_id: int) -> set[int]:
    """The entries of a slot on whose follow-ups the person decides: any organizer; the chair, whoever chaired the slot,
    and the secretary of the panel that heard it, unless they stepped back from it or declared an interest. Nobody
    decides on those of their own office."""
    cards = (
        select(Assignment.entry_id, Seat.id, Slot.session_id)
        .join(Slot, Slot.id == Assignment.slot_id)
        .join(Seat, Seat.id == Assignment.seat_id)
        .join(Entry, Entry.id == Assignment.entry_id)
        .where(Assignment.slot_id == slot_id, Entry.province_code.not_in(actor.provinces))
        .order_by(Assignment.id)
    )
    if not actor.has("organizer"):
        cards = cards.where(
            Assignment.excused != "recused", Seat.duty_id.in_(actor.duty_ids),
            or_(Seat.kind.in_(("chair", "secretary")), Slot.chaired_by_id == Seat.id),
        )  # fmt: skip
    rows = db.execute(cards).all()
    if not rows or actor.has("organizer"):
        return {row.entry_id for row in rows}
    declared = map_declarations(db, [rows[0].session_id])
    free = {seat for session, seat in {(row.session_id, row.id) for row in rows} if _is_free(declared, session, seat)}
    return {row.entry_id for row in rows if row.id in free}


def _is_free(declared: Mapping[tuple[int, int], Any], session: int, seat: int) -> bool:
    last = declared.get((session, seat))
    return last is None or last.kind == "none"


def may_judge(db: Session, actor: Actor, *, entry_id: int, slot_id: int | None, province_code: str) -> bool:
    """Whether the person decides on the follow-ups of one entry: as `list_judged`; where they came out of no slot, an
    organizer."""
    if slot_id is None:
        return actor.has("organizer") and province_code not in actor.provinces
    return entry_id in list_judged(db, actor, slot_id)
