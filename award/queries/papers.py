"""Cards that were entered from a signed paper sheet, and the photos of the sheets."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, ScalarSelect, func, select
from sqlalchemy.orm import Session, aliased

from award.db.cycles import Panel, Seat
from award.db.entries import Entry
from award.db.papers import PaperSheet
from award.db.people import User
from award.db.scoring import Assignment, Slot


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper sheet as it was entered. `revision`: of the card that came from it."""

    id: int
    assignment_id: int
    slot_id: int
    entry_code: str
    revision: int
    sha256: str
    media_type: str
    size: int
    reason: str
    at: datetime
    by_id: int
    confirmed_at: datetime | None

    @property
    def is_picture(self) -> bool:
        """Whether a page can show it; a PDF is downloaded."""
        return self.media_type.startswith("image/")


_PAPERS = (
    select(
        PaperSheet.id, PaperSheet.assignment_id, Assignment.slot_id, Entry.code, PaperSheet.revision,
        PaperSheet.sha256, PaperSheet.media_type, PaperSheet.size, PaperSheet.reason, PaperSheet.at, PaperSheet.by_id,
        PaperSheet.confirmed_at,
    )
    .join(Assignment, Assignment.id == PaperSheet.assignment_id)
    .join(Entry, Entry.id == Assignment.entry_id)
    .order_by(PaperSheet.id)
)  # fmt: skip


_SLOT, _PANEL = aliased(Slot), aliased(Panel)  # apart from those of a statement around them


def find_paper(db: Session, paper_id: int) -> Paper | None:
    """One paper sheet, whoever's. Who may see it the caller must ask."""
    row: Any = db.execute(_PAPERS.where(PaperSheet.id == paper_id)).first()
    return None if row is None else Paper(*row)


def list_papers(db: Session, assignment_id: int) -> list[Paper]:
    """Every paper sheet that was entered for a card, the last one last."""
    rows: Sequence[Any] = db.execute(_PAPERS.where(PaperSheet.assignment_id == assignment_id)).all()
    return [Paper(*row) for row in rows]


def map_papers(db: Session, slot_ids: Collection[int]) -> dict[int, Paper]:
    """By card: the last paper sheet entered in these slots, in one statement."""
    rows: Sequence[Any] = db.execute(_PAPERS.where(Assignment.slot_id.in_(slot_ids))).all()
    return {row[1]: Paper(*row) for row in rows}


def unconfirmed_of(adoption_id: Any, stage: Any) -> ScalarSelect[int]:
    """How many sent cards of an award and stage came from paper and were not confirmed by their members yet, as a
    column of another statement."""
    return (
        select(func.count(Assignment.id))
        .select_from(Assignment)
        .join(_SLOT, _SLOT.id == Assignment.slot_id)
        .join(Seat, Seat.id == Assignment.seat_id)
        .join(_PANEL, _PANEL.id == Seat.panel_id)
        .where(
            _SLOT.adoption_id == adoption_id, _PANEL.stage == stage, Assignment.paper == "unconfirmed",
            Assignment.state == "sent", Assignment.excused == "",
        )
        .scalar_subquery()
    )  # fmt: skip


def list_papers_at(db: Session, *, adoption_id: int, stage: str, at: datetime) -> Sequence[Row]:
    """Paper sheets of an award and stage that were entered until `at`, in time order, with who entered them."""
    return db.execute(
        select(
            PaperSheet.at, PaperSheet.reason, PaperSheet.confirmed_at, User.title_th, User.title_en,
            Entry.code.label("entry"), Seat.code.label("seat"),
        )
        .join(Assignment, Assignment.id == PaperSheet.assignment_id)
        .join(Slot, Slot.id == Assignment.slot_id)
        .join(Seat, Seat.id == Assignment.seat_id)
        .join(Panel, Panel.id == Seat.panel_id)
        .join(Entry, Entry.id == Assignment.entry_id)
        .join(User, User.id == PaperSheet.by_id)
        .where(Slot.adoption_id == adoption_id, Panel.stage == stage, PaperSheet.at <= at)
        .order_by(PaperSheet.at, PaperSheet.id)
    ).all()  # fmt: skip


def list_photos(db: Session) -> list[tuple[str, str]]:
    """SHA-256 and where it belongs, of every photo, in the order in which they came."""
    rows: Sequence[Any] = db.execute(_PAPERS).all()
    return [(row[5], f"{row[3]}/paper") for row in rows]
