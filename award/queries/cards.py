"""One member's card: what is stored of it, what it is about, and, once its slot is closed, the whole panel's."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session, aliased

from award.db.cycles import Adoption, Award, Cycle, Panel, Seat
from award.db.entries import Entry
from award.db.live import Attendance, Declaration
from award.db.people import Duty, Province
from award.db.ranking import Publication, RankingRun
from award.db.scoring import Assignment, Mark, Reopening, ScoringSession, Slot
from award.queries.declarations import ATTENDED, SENDING, Sending
from award.queries.entries import SENT, is_late


@dataclass(frozen=True, slots=True)
class OldMark:
    """One stored mark of one revision; `value` is None where it was taken back."""

    revision: int
    criterion: str
    value: Decimal | None
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StoredCard:
    """A card as it stands, with the places it stands on. `marks` and `notes` hold the latest; blanks are not there."""

    id: int
    slot_id: int
    entry_id: int
    entry_code: str
    entry_state: str
    province_code: str
    category: str
    adoption_id: int
    rules_sha256: str
    seat_id: int
    seat_code: str
    duty_id: int
    duty_user_id: int
    duty_from: date
    duty_to: date | None
    duty_state: str
    state: str
    revision: int
    excused: str
    excused_reason: str
    sent_at: datetime | None
    receipt: str | None
    slot_state: str
    starts_at: datetime
    closed_at: datetime | None
    paper: str
    marks: Mapping[str, Decimal]
    notes: Mapping[str, str]
    history: tuple[OldMark, ...]


_CARD = (
    Assignment.id, Assignment.slot_id, Entry.id, Entry.code, Entry.state, Entry.province_code, Entry.category,
    Adoption.id, Adoption.rules_sha256, Seat.id, Seat.code,
    Duty.id, Duty.user_id, Duty.from_day, Duty.to_day, Duty.state,
    Assignment.state, Assignment.revision, Assignment.excused, Assignment.excused_reason,
    Assignment.sent_at, Assignment.receipt, Slot.state, Slot.starts_at, Slot.closed_at, Assignment.paper,
)  # fmt: skip
_MARK = (Mark.revision, Mark.criterion, Mark.value, Mark.note, Mark.at)
_CARDS = (
    select(*_CARD, *_MARK)
    .join(Slot, Slot.id == Assignment.slot_id)
    .join(Entry, Entry.id == Assignment.entry_id)
    .join(Adoption, Adoption.id == Slot.adoption_id)
    .join(Seat, Seat.id == Assignment.seat_id)
    .join(Duty, Duty.id == Seat.duty_id)
    .outerjoin(Mark, Mark.assignment_id == Assignment.id)
    .order_by(Entry.code, Seat.position, Assignment.id, Mark.revision, Mark.id)
)

# Built once: on the hot path, building a statement costs more than running it.
_ONE_CARD = _CARDS.where(Assignment.id == bindparam("card"))
_SEAT_CARDS = _CARDS.where(Assignment.slot_id == bindparam("slot"), Assignment.seat_id == bindparam("seat"))
# What a reader stepped back from, or prepares as an officer, shows its marks with the results, not before them.
_OWN, _OWN_SEAT = aliased(Assignment), aliased(Seat)
_STEPPED_BACK = (
    select(_OWN.entry_id)
    .join(_OWN_SEAT, _OWN_SEAT.id == _OWN.seat_id)
    .where(
        _OWN.slot_id == bindparam("slot"), _OWN.excused == "recused",
        _OWN_SEAT.duty_id.in_(bindparam("duties", expanding=True)),
    )
)  # fmt: skip
_LATER = aliased(Declaration)
_HAS_INTEREST = (
    select(Declaration.id)
    .join(_OWN_SEAT, _OWN_SEAT.id == Declaration.seat_id)
    .where(
        Declaration.session_id == Slot.session_id, Declaration.kind != "none",
        _OWN_SEAT.duty_id.in_(bindparam("duties", expanding=True)),
        ~select(_LATER.id)
        .where(
            _LATER.session_id == Declaration.session_id, _LATER.seat_id == Declaration.seat_id,
            _LATER.id > Declaration.id,
        )
        .exists(),
    )
    .correlate(Slot)
    .exists()
)  # fmt: skip
_IS_PUBLIC = (
    select(Publication.run_id)
    .join(RankingRun, RankingRun.id == Publication.run_id)
    .join(Panel, Panel.stage == RankingRun.stage)
    .join(ScoringSession, ScoringSession.panel_id == Panel.id)
    .where(
        ScoringSession.id == Slot.session_id, RankingRun.adoption_id == Slot.adoption_id,
        Publication.published_at.is_not(None), Publication.withdrawn_at.is_(None),
    )
    .correlate(Slot)
    .exists()
)  # fmt: skip
_CLOSED_CARDS = _CARDS.where(
    Assignment.slot_id == bindparam("slot"), Slot.state == "closed", Entry.state == "submitted",
    or_(
        _IS_PUBLIC,
        and_(
            Assignment.entry_id.not_in(_STEPPED_BACK), ~_HAS_INTEREST,
            Entry.province_code.not_in(bindparam("provinces", expanding=True)),
        ),
    ),
)  # fmt: skip


def find_card(db: Session, assignment_id: int) -> StoredCard | None:
    """A card with its marks, in one statement. Whose it is the caller must ask."""
    found = _cards(db.execute(_ONE_CARD, {"card": assignment_id}).all())
    return found[0] if found else None


def list_seat_cards(db: Session, *, slot_id: int, seat_id: int) -> list[StoredCard]:
    """The cards of one seat in a slot with their marks, in the order of entries, in one statement."""
    return _cards(db.execute(_SEAT_CARDS, {"slot": slot_id, "seat": seat_id}).all())


def list_closed_cards(
    db: Session, slot_id: int, *, duty_ids: Collection[int], provinces: Collection[str]
) -> list[StoredCard]:
    """All cards of a slot with their marks and history; empty unless the slot is closed, so that nothing can leak.

    Until the results of the award are public, who stepped back from an entry (through one of `duty_ids`), declared an
    interest for the day or answers for its province (`provinces`) is given none of its cards. Marks of an entry that
    was not sent or did not present decide nothing and are not shown: that can be taken back.
    """
    who = {"slot": slot_id, "duties": list(duty_ids), "provinces": list(provinces)}
    return _cards(db.execute(_CLOSED_CARDS, who).all())


def _cards(rows: Sequence[Any]) -> list[StoredCard]:
    about: dict[int, Any] = {}
    history: dict[int, list[OldMark]] = {}
    for row in rows:
        if row[0] not in about:
            about[row[0]] = row[: len(_CARD)]
            history[row[0]] = []
        if row[-4] is not None:  # its criterion; an empty card comes without a mark
            history[row[0]].append(OldMark(*row[len(_CARD) :]))
    return [_card(about[card], history[card]) for card in about]


def _card(columns: Any, history: list[OldMark]) -> StoredCard:
    latest = {mark.criterion: mark for mark in history}  # ordered by revision: the last one counts
    marks = {path: mark.value for path, mark in latest.items() if mark.value is not None}
    notes = {path: mark.note for path, mark in latest.items() if mark.note}
    return StoredCard(*(*columns, marks, notes, tuple(history)))


@dataclass(frozen=True, slots=True)
class CardAbout:
    """What the page of a card shows around the marks."""

    session_id: int
    version: int  # of the scoring session
    call_url: str
    province_th: str
    province_en: str
    award_th: str
    award_en: str
    label: str
    answers: str  # JSON text
    seat_kind: str
    zone_number: int
    title_th: str
    title_en: str
    acting: bool
    is_late: bool  # the entry was sent late
    sending: Sending


def get_card_about(db: Session, assignment_id: int) -> CardAbout:
    """In one statement, for a card that exists."""
    row: Any = db.execute(
        select(
            ScoringSession.id, ScoringSession.version, ScoringSession.call_url, Province.name_th, Province.name_en,
            Award.name_th, Award.name_en, Entry.label, Entry.answers,
            Seat.kind, Panel.zone_number, Duty.title_th, Duty.title_en, Duty.acting, *SENT, *SENDING,
        )
        .join_from(Assignment, Slot, Slot.id == Assignment.slot_id)
        .join(ScoringSession, ScoringSession.id == Slot.session_id)
        .join(Adoption, Adoption.id == Slot.adoption_id)
        .join(Award, Award.id == Adoption.award_id)
        .join(Cycle, Cycle.id == Adoption.cycle_id)
        .join(Entry, Entry.id == Assignment.entry_id)
        .join(Province, Province.code == Entry.province_code)
        .join(Seat, Seat.id == Assignment.seat_id)
        .join(Panel, Panel.id == Seat.panel_id)
        .join(Duty, Duty.id == Seat.duty_id)
        .outerjoin(Attendance, ATTENDED)
        .where(Assignment.id == assignment_id)
    ).one()  # fmt: skip
    about, sending = row[: -len(SENDING)], row[-len(SENDING) :]
    return CardAbout(*(*about[: -len(SENT)], is_late(*about[-len(SENT) :]), Sending(*sending)))


def get_stage_of_slot(db: Session, slot_id: int) -> str:
    """The code of the stage that a slot's panel sits at."""
    return db.execute(
        select(Panel.stage)
        .join(ScoringSession, ScoringSession.panel_id == Panel.id)
        .join(Slot, Slot.session_id == ScoringSession.id)
        .where(Slot.id == slot_id)
    ).scalar_one()


def get_answers(db: Session, entry_id: int) -> str:
    """An entry's answers as JSON text."""
    return db.execute(select(Entry.answers).where(Entry.id == entry_id)).scalar_one()


def map_answers(db: Session, entry_ids: Collection[int]) -> dict[int, str]:
    """Answers as JSON text by entry."""
    rows: Sequence[Any] = db.execute(
        select(Entry.id, Entry.answers).where(Entry.id.in_(entry_ids)).order_by(Entry.id)
    ).all()
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, slots=True)
class ReopeningShown:
    """When and why a card, or a whole slot (assignment_id None), was opened again."""

    assignment_id: int | None
    revision: int | None
    reason: str
    at: datetime


def list_reopenings(db: Session, slot_id: int) -> list[ReopeningShown]:
    """Every time the slot or one of its cards was opened again, in time order."""
    rows: Sequence[Any] = db.execute(
        select(Reopening.assignment_id, Reopening.revision, Reopening.reason, Reopening.at)
        .where(Reopening.slot_id == slot_id)
        .order_by(Reopening.at, Reopening.id)
    ).all()
    return [ReopeningShown(*row) for row in rows]


def was_closed_before(db: Session, slot_id: int) -> bool:
    """Whether a slot was closed and opened again: then its panel has seen all marks once."""
    whole = select(Reopening.id).where(Reopening.slot_id == slot_id, Reopening.assignment_id.is_(None))
    return bool(db.execute(select(whole.exists())).scalar_one())


def get_rules_text(db: Session, adoption_id: int) -> str:
    """The text of the rules adopted."""
    return db.execute(select(Adoption.rules_text).where(Adoption.id == adoption_id)).scalar_one()
