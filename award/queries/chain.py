"""The way of an entry up its office's chain: who did what with it, for whom it waits, who is in office today."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from award.db.cycles import Adoption, Award, Cycle
from award.db.entries import Entry, Evidence
from award.db.office import Approval
from award.db.people import Duty, Province, User
from award.policy import Actor
from award.queries.duties import is_held


@dataclass(frozen=True, slots=True)
class Act:
    """One act on the way up, told by the position through which it was done."""

    id: int
    entry_id: int
    act: str  # send | approve | return | take_back
    step: str  # sent to, approved as, returned by, taken back from
    note: str
    revision: int
    at: datetime
    by_id: int
    role: str  # of the duty it was done through; "" where an officer did it
    title_th: str
    title_en: str
    acting: bool


_ACTS = (
    select(
        Approval.id, Approval.entry_id, Approval.act, Approval.step, Approval.note, Approval.revision, Approval.at,
        Approval.by_id, func.coalesce(Duty.role, "").label("role"),
        func.coalesce(Duty.title_th, User.title_th).label("title_th"),
        func.coalesce(Duty.title_en, User.title_en).label("title_en"),
        func.coalesce(Duty.acting, false()).label("acting"),
    )
    .join(User, User.id == Approval.by_id)
    .outerjoin(Duty, Duty.id == Approval.duty_id)
    .order_by(Approval.id)
)  # fmt: skip


def list_acts(db: Session, entry_id: int) -> list[Act]:
    """Everything that was done with the entry on its way up, in order."""
    rows: Sequence[Any] = db.execute(_ACTS.where(Approval.entry_id == entry_id)).all()
    return [Act(*row) for row in rows]


def standing(acts: Sequence[Act]) -> tuple[Act, ...]:
    """The acts behind the version that is on its way or was sent: those after it was last returned, taken back or sent
    before. None of an earlier sending."""
    found: list[Act] = []
    for act in reversed(acts):
        done = act.act == "approve" and act.step == "chief"
        if act.act in ("return", "take_back") or (done and found):
            break
        found.append(act)
    return tuple(reversed(found))


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds a deciding duty of an office today."""

    user_id: int
    role: str  # director | chief
    title_th: str
    title_en: str
    acting: bool


def list_deciders(db: Session, province_code: str, *, today: date) -> list[Holder]:
    """Directors and heads of a provincial office today, in the order in which they took office."""
    rows: Sequence[Any] = db.execute(
        select(Duty.user_id, Duty.role, Duty.title_th, Duty.title_en, Duty.acting)
        .join(User, User.id == Duty.user_id)
        .where(
            Duty.province_code == province_code, Duty.role.in_(("director", "chief")), is_held(today),
            User.disabled_at.is_(None),
        )
        .order_by(Duty.from_day, Duty.id)
    ).all()  # fmt: skip
    return [Holder(*row) for row in rows]


def find_last_act(db: Session, entry_id: int) -> Act | None:
    """What was done last with the entry on its way up."""
    row: Any = db.execute(
        _ACTS.order_by(None).order_by(Approval.id.desc()).where(Approval.entry_id == entry_id).limit(1)
    ).first()
    return None if row is None else Act(*row)


def list_returned(db: Session, entries: Collection[int]) -> frozenset[int]:
    """Which of these entries came back within their office last, with a note, and were not sent on since."""
    last = select(func.max(Approval.id)).where(Approval.entry_id.in_(entries)).group_by(Approval.entry_id)
    asked = select(Approval.entry_id).where(Approval.id.in_(last), Approval.act == "return")
    return frozenset(db.execute(asked).scalars())


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry on its way up in an office: what it is, who sent it on and when, until when it can be sent."""

    id: int
    code: str
    label: str
    step: str
    province_code: str
    province_th: str
    province_en: str
    award_th: str
    award_en: str
    deadline_at: datetime
    due_at: datetime | None
    files: int
    sent_by_th: str
    sent_by_en: str
    sent_acting: bool
    sent_at: datetime | None

    @property
    def closes_at(self) -> datetime:
        """The last second in which it may be sent."""
        return max(self.deadline_at, self.due_at) if self.due_at else self.deadline_at


def list_waiting(db: Session, provinces: Collection[str]) -> list[Waiting]:
    """Every entry of these provinces that is on its way up, what closes first on top; one statement."""
    later = aliased(Approval)
    last = select(func.max(later.id)).where(later.entry_id == Entry.id).correlate(Entry).scalar_subquery()
    files = (
        select(func.count(Evidence.id))
        .where(Evidence.entry_id == Entry.id, Evidence.removed_at.is_(None))
        .correlate(Entry)
        .scalar_subquery()
    )
    rows: Sequence[Any] = db.execute(
        select(
            Entry.id, Entry.code, Entry.label, Entry.step, Entry.province_code, Province.name_th, Province.name_en,
            Award.name_th, Award.name_en, Cycle.deadline_at, Entry.due_at, files,
            func.coalesce(Duty.title_th, User.title_th, ""), func.coalesce(Duty.title_en, User.title_en, ""),
            func.coalesce(Duty.acting, false()), Approval.at,
        )
        .join(Adoption, Adoption.id == Entry.adoption_id)
        .join(Cycle, Cycle.id == Adoption.cycle_id)
        .join(Award, Award.id == Adoption.award_id)
        .join(Province, Province.code == Entry.province_code)
        .outerjoin(Approval, and_(Approval.entry_id == Entry.id, Approval.id == last))
        .outerjoin(User, User.id == Approval.by_id)
        .outerjoin(Duty, Duty.id == Approval.duty_id)
        .where(Entry.step != "", Entry.province_code.in_(provinces))
        .order_by(Cycle.deadline_at, Adoption.position, Entry.category, Entry.code)
    ).all()  # fmt: skip
    return [Waiting(*row) for row in rows]


def count_waiting(db: Session, actor: Actor) -> int:
    """How many entries wait for the person, at the step that is theirs."""
    own = [
        and_(Entry.province_code == duty.province_code, Entry.step == duty.role)
        for duty in actor.duties
        if duty.role in ("director", "chief")
    ]
    return db.execute(select(func.count(Entry.id)).where(or_(false(), *own))).scalar_one()
