"""What a package lists beside the ledger: hashes of evidence, and who stands behind its aliases."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from award.db.cycles import Adoption, Panel, Seat
from award.db.ledger import OF_SITE, LedgerLine, is_act
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
    """All seats of the run's cycle, those taken away among them, all cards of the award, and everybody with an account
    who ever held a duty."""
    of_cycle = select(Panel.id).join(Adoption, Adoption.cycle_id == Panel.cycle_id)
    panels = set(db.execute(of_cycle.where(Adoption.id == run.adoption_id)).scalars())
    standing = db.execute(select(Seat.code).where(Seat.panel_id.in_(panels))).scalars()
    seats = sorted({*standing, *_taken_away(db, panels)})
    users = db.execute(select(User.id).join(Duty, Duty.user_id == User.id).distinct().order_by(User.id)).scalars()
    asked = select(Assignment.id).join(Slot).where(Slot.adoption_id == run.adoption_id).order_by(Assignment.id)
    cards = db.execute(asked).scalars()
    duties = db.execute(select(Duty.id).order_by(Duty.id)).scalars()
    return PeopleOfLog(tuple(seats), tuple(cards), (COMMAND_LINE, *users), tuple(duties))


def _taken_away(db: Session, panels: Collection[int]) -> Iterator[str]:
    """Seats that the logs of awards tell of and no table knows any more: the site's log says which they were."""
    for line in db.execute(select(LedgerLine.line).where(OF_SITE, is_act("remove_seat"))).scalars():
        body = json.loads(line)["body"]
        if body["panel"] in panels:
            yield str(body["seat"])


def list_evidence_hashes(db: Session, run: Run) -> list[tuple[str, str, str, str]]:
    """Entry, field, SHA-256 and size of every evidence file that stood when the run was made."""
    rows = list_evidence_at(db, adoption_id=run.adoption_id, at=run.made_at)
    return [(row.entry, row.field, row.sha256, str(row.size)) for row in rows if row.sha256]
