"""What a package lists beside the ledger: hashes of evidence, and who stands behind its aliases."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from award.db.cycles import Adoption, Panel, Seat
from award.db.people import Duty, User
from award.db.scoring import Assignment, Slot
from award.queries.ranking import Run
from award.queries.ranking_material import list_evidence_at

COMMAND_LINE = 0  # who acts where nobody is signed in: the command line on the server


@dataclass(frozen=True, slots=True)
class PeopleOfLog:
    """Codes of the seats and numbers of the cards and people that an award's log may know."""

    seats: tuple[str, ...]
    cards: tuple[int, ...]
    users: tuple[int, ...]
    duties: tuple[int, ...]  # a seat is held through one


def list_people_of_log(db: Session, run: Run) -> PeopleOfLog:
    """All seats of the run's cycle, all cards of the award, and everybody with an account who ever held a duty."""
    seats = db.execute(
        select(Seat.code)
        .join(Panel, Panel.id == Seat.panel_id)
        .join(Adoption, Adoption.cycle_id == Panel.cycle_id)
        .where(Adoption.id == run.adoption_id)
        .order_by(Seat.code)
    ).scalars()
    users = db.execute(select(User.id).join(Duty, Duty.user_id == User.id).distinct().order_by(User.id)).scalars()
    asked = select(Assignment.id).join(Slot).where(Slot.adoption_id == run.adoption_id).order_by(Assignment.id)
    cards = db.execute(asked).scalars()
    duties = db.execute(select(Duty.id).order_by(Duty.id)).scalars()
    return PeopleOfLog(tuple(seats), tuple(cards), (COMMAND_LINE, *users), tuple(duties))


def list_evidence_hashes(db: Session, run: Run) -> list[tuple[str, str, str, str]]:
    """Entry, field, SHA-256 and size of every evidence file that stood when the run was made."""
    rows = list_evidence_at(db, adoption_id=run.adoption_id, at=run.made_at)
    return [(row.entry, row.field, row.sha256, str(row.size)) for row in rows if row.sha256]
