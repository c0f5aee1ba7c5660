"""Members' notes on the criteria of a closed slot, collected: the province works on them afterwards."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from award.db.cycles import Panel
from award.db.ranking import Publication, RankingRun
from award.db.scoring import ScoringSession, Slot
from award.queries.cards import StoredCard, list_closed_cards


@dataclass(frozen=True, slots=True)
class Remark:
    """What one member wrote beside one criterion. `seat_id` is None for readers who are not told who it was."""

    entry_id: int
    criterion: str
    text: str
    seat_id: int | None


def list_remarks(db: Session, slot_id: int, *, duty_ids: Collection[int], provinces: Collection[str]) -> list[Remark]:
    """Notes of the members whose marks count, of the entries that a reader may see marks of (`list_closed_cards`), in
    one statement; by entry and criterion.

    Who answers for the entry's province (`provinces`) gets them once the results are public, without who wrote them
    and sorted by their words, so that the order does not tell either.
    """
    cards = list_closed_cards(db, slot_id, duty_ids=duty_ids, provinces=provinces)
    remarks = [
        remark
        for card in cards
        if card.state == "sent" and not card.excused
        for remark in _of(card, named=card.province_code not in provinces)
    ]
    return sorted(remarks, key=lambda each: (each.entry_id, each.criterion, each.text if each.seat_id is None else ""))


def _of(card: StoredCard, *, named: bool) -> list[Remark]:
    return [
        Remark(card.entry_id, criterion, text, card.seat_id if named else None)
        for criterion, text in card.notes.items()
    ]


def are_results_public(db: Session, slot_id: int) -> bool:
    """Whether everybody may see the results that a slot's marks went into."""
    asked = (
        select(Publication.run_id)
        .join(RankingRun, RankingRun.id == Publication.run_id)
        .join(Slot, Slot.adoption_id == RankingRun.adoption_id)
        .join(ScoringSession, ScoringSession.id == Slot.session_id)
        .join(Panel, (Panel.id == ScoringSession.panel_id) & (Panel.stage == RankingRun.stage))
        .where(Slot.id == slot_id, Publication.published_at.is_not(None), Publication.withdrawn_at.is_(None))
    )
    return bool(db.execute(select(asked.exists())).scalar_one())
