"""What runs now: cycles, the rules adopted, panels."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from award.db.cycles import Adoption, Award, Cycle


@dataclass(frozen=True, slots=True)
class AwardCycle:
    """One award in one cycle, with the rules adopted for it."""

    adoption_id: int
    code: str  # transparent-office
    name_th: str
    name_en: str
    short_th: str
    short_en: str
    year: int
    cycle_id: int
    opens_at: datetime
    deadline_at: datetime
    invented: bool
    rule_set: str
    rules_sha256: str
    rules_text: str
    position: int


_COLUMNS = (
    Adoption.id, Award.code, Award.name_th, Award.name_en, Award.short_th, Award.short_en, Cycle.year,
    Cycle.id, Cycle.opens_at, Cycle.deadline_at, Cycle.invented,
    Adoption.rule_set, Adoption.rules_sha256, Adoption.rules_text, Adoption.position,
)  # fmt: skip


def list_award_cycles(db: Session) -> list[AwardCycle]:
    """All awards of all cycles, the newest cycle first, in the order of the day."""
    rows = db.execute(
        select(*_COLUMNS)
        .join(Award, Award.id == Adoption.award_id)
        .join(Cycle, Cycle.id == Adoption.cycle_id)
        .order_by(Cycle.year.desc(), Adoption.position)
    ).all()
    return [AwardCycle(*row) for row in rows]


def find_award_cycle(db: Session, adoption_id: int) -> AwardCycle | None:
    row = db.execute(
        select(*_COLUMNS)
        .join(Award, Award.id == Adoption.award_id)
        .join(Cycle, Cycle.id == Adoption.cycle_id)
        .where(Adoption.id == adoption_id)
    ).first()
    return AwardCycle(*row) if row else None


def has_invented_data(db: Session) -> bool:
    """Whether any cycle holds demo data: then every page says so."""
    return bool(db.execute(select(exists().where(Cycle.invented))).scalar_one())
