"""Roots of the logs that were written down, to show on a screen and to print on minutes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, func, not_, or_, select
from sqlalchemy.orm import Session

from award.db.cycles import Adoption, Seat
from award.db.ledger import Checkpoint, LedgerLine, is_act, read_site_log
from award.db.people import Duty, User
from award.queries.duties import is_held


@dataclass(frozen=True, slots=True)
class KeptRoot:
    """A log's root at a size, with the text that was signed."""

    log: str
    size: int
    root: str
    at: datetime
    note: str

    @property
    def groups(self) -> tuple[str, ...]:
        """The root in 16 groups of four, as people compare it."""
        return tuple(self.root[place : place + 4] for place in range(0, len(self.root), 4))


_COLUMNS = (Checkpoint.log, Checkpoint.size, Checkpoint.root, Checkpoint.at, Checkpoint.note)


def find_root(db: Session, log: str) -> KeptRoot | None:
    """The newest root of a log that was written down."""
    row = db.execute(select(*_COLUMNS).where(Checkpoint.log == log).order_by(Checkpoint.size.desc()).limit(1)).first()
    return KeptRoot(*row) if row else None


def map_roots(db: Session, adoption_ids: Collection[int]) -> dict[int, KeptRoot]:
    """The newest root of each award's log, where there is one."""
    newest = select(Checkpoint.log, func.max(Checkpoint.size).label("size")).group_by(Checkpoint.log).subquery()
    rows = db.execute(
        select(Adoption.id, *_COLUMNS)
        .join(Checkpoint, Checkpoint.log == Adoption.log)
        .join(newest, (newest.c.log == Checkpoint.log) & (newest.c.size == Checkpoint.size))
        .where(Adoption.id.in_(adoption_ids))
        .order_by(Adoption.id)
    ).all()
    return {row[0]: KeptRoot(*row[1:]) for row in rows}


def list_told(db: Session, *, today: date, panel_id: int | None = None) -> list[int]:
    """Who gets a root by mail: auditors, with the members of a panel or else with the organizers; those with an
    address, an account that is open and a duty that is held today."""
    seated = select(Seat.duty_id).where(Seat.panel_id == panel_id)
    who = Duty.role == "organizer" if panel_id is None else Duty.id.in_(seated)
    asked = (
        select(User.id)
        .join(Duty, Duty.user_id == User.id)
        .where(or_(Duty.role == "auditor", who), is_held(today), User.email.is_not(None), User.disabled_at.is_(None))
        .distinct()
        .order_by(User.id)
    )
    return list(db.execute(asked).scalars())


def list_grown_logs(db: Session) -> list[str]:
    """Logs of awards that have lines after their last checkpoint, by name."""
    kept = select(func.max(Checkpoint.size)).where(Checkpoint.log == Adoption.log).scalar_subquery()
    size = select(func.max(LedgerLine.seq)).where(LedgerLine.log == Adoption.log).scalar_subquery()
    asked = select(Adoption.log).where(size > func.coalesce(kept, 0)).order_by(Adoption.log)
    return list(db.execute(asked).scalars())


def find_grown_site_log(db: Session) -> str | None:
    """The site's log, where it has lines after its last checkpoint but for those that tell of its own roots: else each
    checkpoint would call for the next."""
    name = read_site_log(db).name
    kept = select(func.max(Checkpoint.size)).where(Checkpoint.log == name).scalar_subquery()
    its_own = and_(is_act("checkpoint"), LedgerLine.line.contains(f'"body":{{"log":"{name}",', autoescape=True))
    news = select(LedgerLine.seq).where(
        LedgerLine.log == name, LedgerLine.seq > func.coalesce(kept, 0), not_(its_own)
    )  # fmt: skip
    return name if db.execute(news.limit(1)).first() is not None else None
