"""What keeps a person's data from being erased now, and what was proposed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session

from award.clock import BANGKOK
from award.db.cycles import Adoption, Cycle, Panel
from award.db.people import Duty, User
from award.db.privacy import Erasure
from award.db.ranking import Publication, RankingRun
from award.db.scoring import ScoringSession, Slot
from award.queries.duties import is_current


class Barrier(Enum):
    """Why a person's data cannot be erased now."""

    ERASED = "erased"
    DUTY = "duty"
    ROUND = "round"


@dataclass(frozen=True, slots=True)
class WaitingErasure:
    """An erasing that waits for its second person."""

    id: int
    user_id: int
    proposed_by_id: int | None
    proposed_at: datetime
    by_th: str | None
    by_en: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """A person as the pages about their data name them."""

    user_id: int
    login: str
    title_th: str
    title_en: str


def find_account(db: Session, user_id: int) -> Account | None:
    """The account; None where there is none."""
    row = db.execute(select(User.id, User.login, User.title_th, User.title_en).where(User.id == user_id)).first()
    return None if row is None else Account(*row)


def find_erasure(db: Session, user_id: int) -> WaitingErasure | None:
    """The erasing that waits for this person; None where none does."""
    row = db.execute(
        select(Erasure.id, Erasure.user_id, Erasure.proposed_by_id, Erasure.proposed_at, User.title_th, User.title_en)
        .outerjoin(User, User.id == Erasure.proposed_by_id)
        .where(Erasure.user_id == user_id, Erasure.done_at.is_(None), Erasure.withdrawn_at.is_(None))
    ).first()
    return None if row is None else WaitingErasure(*row)


def is_erased(db: Session, user_id: int) -> bool:
    """Whether this account's data were erased: it is nobody's from then on, and stays closed."""
    done = exists().where(Erasure.user_id == user_id, Erasure.done_at.is_not(None))
    return bool(db.execute(select(done)).scalar_one())


def list_barriers(db: Session, user_id: int, *, now: datetime, today: date) -> list[tuple[Barrier, int | None]]:
    """Every reason against erasing this person now, with the year of the round where one is running."""
    if is_erased(db, user_id):
        return [(Barrier.ERASED, None)]
    barriers: list[tuple[Barrier, int | None]] = []
    if db.execute(select(exists().where(Duty.user_id == user_id, is_current(today)))).scalar_one():
        barriers.append((Barrier.DUTY, None))
    held = select(Duty.from_day, Duty.to_day).where(Duty.user_id == user_id, Duty.state != "proposed")
    duties = db.execute(held.order_by(Duty.id)).all()
    for year, opens_at in db.execute(_running(now)).all():
        begins = opens_at.astimezone(BANGKOK).date()
        if any(duty.from_day <= today and (duty.to_day is None or duty.to_day >= begins) for duty in duties):
            barriers.append((Barrier.ROUND, year))
    return barriers


def _running(now: datetime) -> Select[int, datetime]:
    """Cycles before their deadline, with a slot that is not closed, or with an award whose result is not published."""
    unclosed = exists(
        select(Slot.id)
        .join(ScoringSession, ScoringSession.id == Slot.session_id)
        .join(Panel, Panel.id == ScoringSession.panel_id)
        .where(Panel.cycle_id == Cycle.id, Slot.state != "closed")
    )
    published = exists(
        select(Publication.run_id)
        .join(RankingRun, RankingRun.id == Publication.run_id)
        .where(
            RankingRun.adoption_id == Adoption.id, Publication.published_at.is_not(None),
            Publication.withdrawn_at.is_(None),
        )
    )  # fmt: skip
    unsettled = exists().where(Adoption.cycle_id == Cycle.id, ~published)
    return (
        select(Cycle.year, Cycle.opens_at)
        .where(or_(Cycle.deadline_at >= now, unclosed, unsettled))
        .order_by(Cycle.year)
    )


def count_frozen(db: Session, texts: Sequence[str]) -> int:
    """How many of these texts stand in a calculation's frozen facts: those are the grounds of a result and stay."""
    count = 0
    for text in sorted(set(texts)):
        written = json.dumps(text, ensure_ascii=False)
        found = exists().where(func.instr(RankingRun.facts, written) > 0)
        count += int(db.execute(select(found)).scalar_one())
    return count
