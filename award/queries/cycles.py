"""What runs now: cycles, the rules adopted, panels."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Row, exists, func, select
from sqlalchemy.orm import Session

from award.db.cycles import Adoption, Award, Cycle, Panel, Seat
from award.db.entries import Entry
from award.db.people import Province, Zone
from award.db.scoring import Assignment, ScoringSession, Slot


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
    log: str  # its log in the ledger: 2564/transparent-office


_COLUMNS = (
    Adoption.id, Award.code, Award.name_th, Award.name_en, Award.short_th, Award.short_en, Cycle.year,
    Cycle.id, Cycle.opens_at, Cycle.deadline_at, Cycle.invented,
    Adoption.rule_set, Adoption.rules_sha256, Adoption.rules_text, Adoption.position, Adoption.log,
)  # fmt: skip


def list_award_cycles(db: Session) -> list[AwardCycle]:
    """All awards of all cycles, the newest cycle first, in the order of the day."""
    rows: Sequence[Row] = db.execute(
        select(*_COLUMNS)
        .join(Award, Award.id == Adoption.award_id)
        .join(Cycle, Cycle.id == Adoption.cycle_id)
        .order_by(Cycle.year.desc(), Adoption.position)
    ).all()
    return [AwardCycle(*row) for row in rows]


def find_award_cycle(db: Session, adoption_id: int) -> AwardCycle | None:
    """One award in its cycle."""
    row: Row | None = db.execute(
        select(*_COLUMNS)
        .join(Award, Award.id == Adoption.award_id)
        .join(Cycle, Cycle.id == Adoption.cycle_id)
        .where(Adoption.id == adoption_id)
    ).first()
    return AwardCycle(*row) if row else None


_HAS_INVENTED = select(exists().where(Cycle.invented))  # built once: every page asks


def has_invented_data(db: Session) -> bool:
    """Whether any cycle holds demo data: then every page says so."""
    return bool(db.execute(_HAS_INVENTED).scalar_one())


@dataclass(frozen=True, slots=True)
class ProvinceProgress:
    """How far one province is: counts only, never points. `sent` counts entries sent and still taking part."""

    code: str
    name_th: str
    name_en: str
    zone_number: int
    sent: int
    drafts: int
    slots: int
    closed: int
    cards: int  # that members must send for entries that were sent; excused ones are not counted
    cards_sent: int
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class ZoneProgress:
    """One inspection zone with its provinces; sums of theirs."""

    number: int
    name_th: str
    name_en: str
    seats: int
    provinces: tuple[ProvinceProgress, ...]

    def total(self, what: str) -> int:
        """The sum of `sent`, `slots`, `closed`, `cards`, … over the provinces."""
        return sum(getattr(each, what) for each in self.provinces)


def list_zone_progress(db: Session, *, cycle_id: int, stage: str) -> list[ZoneProgress]:
    """All zones of a cycle in order, with their provinces in dictionary order, in four statements."""
    entries = {row.province_code: row for row in _entry_counts(db, cycle_id)}
    cards = _card_counts(db, cycle_id, stage)
    provinces: dict[int, list[ProvinceProgress]] = defaultdict(list)
    for code, name_th, name_en, zone_number in db.execute(
        select(Province.code, Province.name_th, Province.name_en, Province.zone_number).order_by(
            Province.zone_number, Province.sort, Province.code
        )
    ):
        sent, marked = entries.get(code), cards.get(code, ())
        provinces[zone_number].append(
            ProvinceProgress(
                code, name_th, name_en, zone_number,
                sent=sent.sent if sent else 0,
                drafts=sent.drafts if sent else 0,
                slots=len(marked),
                closed=sum(row.state == "closed" for row in marked),
                cards=sum(row.cards for row in marked),
                cards_sent=sum(row.cards_sent for row in marked),
                days=tuple(sorted({row.day for row in marked})),
            )
        )  # fmt: skip
    seats = (
        select(Panel.zone_number, func.count(Seat.id).label("seats"))
        .join(Seat, Seat.panel_id == Panel.id)
        .where(Panel.cycle_id == cycle_id, Panel.stage == stage)
        .group_by(Panel.zone_number)
        .subquery()
    )
    zones: Sequence[Row] = db.execute(
        select(Zone.number, Zone.name_th, Zone.name_en, func.coalesce(seats.c.seats, 0))
        .join(seats, seats.c.zone_number == Zone.number, isouter=True)
        .order_by(Zone.number)
    ).all()
    return [ZoneProgress(number, th, en, held, tuple(provinces[number])) for number, th, en, held in zones]


def _entry_counts(db: Session, cycle_id: int) -> Sequence[Row]:
    return db.execute(
        select(
            Entry.province_code,
            func.count().filter(Entry.state.in_(("submitted", "not_presented"))).label("sent"),
            func.count().filter(Entry.state == "draft").label("drafts"),
        )
        .join(Adoption, Adoption.id == Entry.adoption_id)
        .where(Adoption.cycle_id == cycle_id)
        .group_by(Entry.province_code)
    ).all()


def _card_counts(db: Session, cycle_id: int, stage: str) -> dict[str, list[Row]]:
    """Province → its slots with how many cards each waits for and has."""
    to_send = (Assignment.excused == "") & (Entry.state == "submitted")
    rows = db.execute(
        select(
            ScoringSession.province_code, ScoringSession.day, Slot.id, Slot.state,
            func.count(Assignment.id).filter(to_send).label("cards"),
            func.count(Assignment.id).filter(to_send & (Assignment.state == "sent")).label("cards_sent"),
        )
        .join(ScoringSession, ScoringSession.id == Slot.session_id)
        .join(Panel, Panel.id == ScoringSession.panel_id)
        .join(Assignment, Assignment.slot_id == Slot.id, isouter=True)
        .join(Entry, Entry.id == Assignment.entry_id, isouter=True)
        .where(Panel.cycle_id == cycle_id, Panel.stage == stage)
        .group_by(ScoringSession.province_code, ScoringSession.day, Slot.id, Slot.state)
        .order_by(Slot.id)
    ).all()  # fmt: skip
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.province_code].append(row)
    return found
