"""Erasing a person's data: what a scoring day left of them in the tables and on the disk."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from award.actions.unit import Unit
from award.db.agenda import PracticeCard
from award.db.cycles import Adoption, Seat
from award.db.entries import Evidence
from award.db.evidence_files import EvidenceFiles
from award.db.ledger import alias
from award.db.live import Attendance, Declaration, MinutesNote, Ready, ReopeningRequest, Sighting
from award.db.papers import PaperSheet
from award.db.scoring import Slot
from award.queries.personal import Act
from award.queries.tenures import Tenures

DECIDES_NOTHING = (Ready, PracticeCard, Sighting)


def empty_day(u: Unit, user_id: int, tenures: Tenures, acts: Sequence[Act], *, erased: str) -> frozenset[str]:
    """Takes the person's words, and those about them, out of the tables of the scoring day; `erased` stands in their
    place. Answers the SHA-256 of photos that no row needs any more: the caller removes the files after the commit."""
    for table in DECIDES_NOTHING:
        u.db.execute(delete(table).where(tenures.of_seats(table)))
    u.db.execute(delete(Ready).where(Ready.by_id == user_id))
    for column in (Declaration.reason, Declaration.proposed):
        u.db.execute(update(Declaration).where(Declaration.by_id == user_id, column != "").values({column: erased}))
    u.db.execute(update(MinutesNote).where(MinutesNote.by_id == user_id).values(text=erased))
    allowed = Attendance.allowed_reason != ""
    u.db.execute(update(Attendance).where(tenures.of_seats(Attendance), allowed).values(allowed_reason=erased))
    asked = tenures.of_cards(ReopeningRequest)
    u.db.execute(update(ReopeningRequest).where(asked).values(reason=erased))
    u.db.execute(update(ReopeningRequest).where(asked, ReopeningRequest.answer != "").values(answer=erased))
    _empty_answers(u, acts, erased=erased)
    own = tenures.of_cards(PaperSheet)
    photos = _photos(u.db, own)
    u.db.execute(update(PaperSheet).where(own | (PaperSheet.by_id == user_id)).values(reason=erased))
    u.db.execute(update(PaperSheet).where(own).values(size=0))
    return photos


def _empty_answers(u: Unit, acts: Sequence[Act], *, erased: str) -> None:
    """What the person wrote as a chair about others: their names are not in those rows, the acts lead to them."""
    declined = {str(act.body["card"]) for act in acts if act.verb == "decline_reopening"}
    allowed = {(int(act.body["slot"]), str(act.body["member"])) for act in acts if act.verb == "allow_member"}
    if not (declined or allowed):
        return
    seals = list(u.db.execute(select(Adoption.seal)).scalars())
    for number in u.db.execute(select(ReopeningRequest.assignment_id).where(ReopeningRequest.answer != "")).scalars():
        if declined & {alias(seal, f"card {number}") for seal in seals}:
            answered = ReopeningRequest.assignment_id == number, ReopeningRequest.answer != ""
            u.db.execute(update(ReopeningRequest).where(*answered).values(answer=erased))
    rows = select(Attendance.slot_id, Seat.id, Seat.code, Adoption.seal).join(Seat, Seat.id == Attendance.seat_id)
    rows = rows.join(Slot, Slot.id == Attendance.slot_id).join(Adoption, Adoption.id == Slot.adoption_id)
    for slot, seat, code, seal in u.db.execute(rows.where(Attendance.allowed_reason != "")).all():
        if (slot, alias(seal, f"seat {code}")) in allowed:
            one = Attendance.slot_id == slot, Attendance.seat_id == seat
            u.db.execute(update(Attendance).where(*one).values(allowed_reason=erased))


def _photos(db: Session, own: ColumnElement[bool]) -> frozenset[str]:
    """Photos of the person's own sheets that stand beside nothing else."""
    mine = set(db.execute(select(PaperSheet.sha256).where(own)).scalars())
    kept = set(db.execute(select(PaperSheet.sha256).where(~own, PaperSheet.size > 0)).scalars())
    beside = db.execute(select(Evidence.sha256).where(Evidence.sha256.in_(mine))).scalars()
    return frozenset(mine - kept - {each for each in beside if each})


def remove_photos(files: EvidenceFiles, photos: Iterable[str]) -> None:
    """Takes files out of the store; one that is gone already is none too many."""
    for sha256 in photos:
        files.remove(sha256)
