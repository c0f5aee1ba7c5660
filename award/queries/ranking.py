"""Runs: which there are, what one of them says, and where each award and stage stands. Runs are never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from award.db.cycles import Panel, Seat
from award.db.entries import Entry
from award.db.people import Duty, Province, User, Zone
from award.db.ranking import RankingRun
from award.db.scoring import ScoringSession, Slot
from award.queries.papers import unconfirmed_of


@dataclass(frozen=True, slots=True)
class Run:
    """One frozen calculation without its facts and result. `newest_id` is the last run of the same award and stage."""

    id: int
    adoption_id: int
    stage: str
    kind: Literal["provisional", "official"]
    rule_set: str
    rules_sha256: str
    facts_sha256: str
    result_sha256: str
    engine: str
    made_at: datetime
    by_th: str
    by_en: str
    newest_id: int
    seq: int | None = None  # its line in the award's log

    @property
    def is_newest(self) -> bool:
        """Whether no later run of the same award and stage exists."""
        return self.id == self.newest_id

    @property
    def code(self) -> str:
        """The short code that finds a printed page again: run number and the beginning of the result's SHA-256."""
        return run_code(self.id, self.result_sha256)


def run_code(run_id: int, result_sha256: str) -> str:
    """`3-1f2e3d4c`."""
    return f"{run_id}-{result_sha256[:8]}"


def _runs():  # type: ignore[no-untyped-def]
    newest = func.max(RankingRun.id).over(partition_by=(RankingRun.adoption_id, RankingRun.stage)).label("newest_id")
    whole = select(RankingRun.id, newest).subquery()
    return (
        select(
            RankingRun.id, RankingRun.adoption_id, RankingRun.stage, RankingRun.kind, RankingRun.rule_set,
            RankingRun.rules_sha256, RankingRun.facts_sha256, RankingRun.result_sha256, RankingRun.engine,
            RankingRun.made_at, User.title_th, User.title_en, whole.c.newest_id, RankingRun.seq,
        )
        .join(User, User.id == RankingRun.made_by_id)
        .join(whole, whole.c.id == RankingRun.id)
    )  # fmt: skip


def list_runs(db: Session, *, adoption_id: int | None = None, stage: str | None = None) -> list[Run]:
    """Runs (of one award, of one stage where asked), the newest first."""
    asked = _runs().order_by(RankingRun.id.desc())
    if adoption_id is not None:
        asked = asked.where(RankingRun.adoption_id == adoption_id)
    if stage is not None:
        asked = asked.where(RankingRun.stage == stage)
    return [Run(*row) for row in db.execute(asked).all()]


def find_run(db: Session, run_id: int) -> Run | None:
    """One run."""
    row = db.execute(_runs().where(RankingRun.id == run_id)).first()
    return Run(*row) if row else None


def find_latest_run(db: Session, adoption_id: int, stage: str) -> Run | None:
    """The newest run of an award and stage."""
    row = db.execute(
        _runs().where(RankingRun.adoption_id == adoption_id, RankingRun.stage == stage).order_by(RankingRun.id.desc())
    ).first()
    return Run(*row) if row else None


def find_official_run_before(db: Session, *, adoption_id: int, stage: str, before: int | None = None) -> int | None:
    """The last official run of an award and stage (made before run `before`, where given)."""
    asked = select(func.max(RankingRun.id)).where(
        RankingRun.adoption_id == adoption_id, RankingRun.stage == stage, RankingRun.kind == "official"
    )
    if before is not None:
        asked = asked.where(RankingRun.id < before)
    return db.execute(asked).scalar_one()


def get_facts_text(db: Session, run_id: int) -> str:
    """The frozen facts of a run, canonical JSON."""
    return db.execute(select(RankingRun.facts).where(RankingRun.id == run_id)).scalar_one()


def get_result_text(db: Session, run_id: int) -> str:
    """The frozen result of a run, JSON."""
    return db.execute(select(RankingRun.result).where(RankingRun.id == run_id)).scalar_one()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the slots of an award's stage are."""

    adoption_id: int
    stage: str
    slots: int
    closed: int
    last_closed_at: datetime | None
    unconfirmed: int  # cards that came from paper and wait for their members


def list_progress(db: Session, *, adoption_id: int | None = None) -> list[Progress]:
    """Slots and closed slots by award (of one where asked) and stage, where there are any."""
    closed = func.count(Slot.id).filter(Slot.state == "closed")
    rows = db.execute(
        select(
            Slot.adoption_id, Panel.stage, func.count(Slot.id), closed, func.max(Slot.closed_at),
            unconfirmed_of(Slot.adoption_id, Panel.stage),
        )
        .join(ScoringSession, ScoringSession.id == Slot.session_id)
        .join(Panel, Panel.id == ScoringSession.panel_id)
        .where(true() if adoption_id is None else Slot.adoption_id == adoption_id)
        .group_by(Slot.adoption_id, Panel.stage)
        .order_by(Slot.adoption_id, Panel.stage)
    ).all()  # fmt: skip
    return [Progress(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class SeatTitle:
    """A seat of a panel with the position of the person who holds it."""

    code: str
    kind: str  # chair | member | secretary
    zone_number: int
    title_th: str
    title_en: str


def list_seat_titles(db: Session, *, cycle_id: int, stage: str) -> list[SeatTitle]:
    """The seats of all panels of a cycle's stage, by zone and place on the panel."""
    rows = db.execute(
        select(Seat.code, Seat.kind, Panel.zone_number, Duty.title_th, Duty.title_en)
        .join(Panel, Panel.id == Seat.panel_id)
        .join(Duty, Duty.id == Seat.duty_id)
        .where(Panel.cycle_id == cycle_id, Panel.stage == stage)
        .order_by(Panel.zone_number, Seat.position)
    ).all()
    return [SeatTitle(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry comes from."""

    name_th: str
    name_en: str
    zone_number: int
    zone_th: str
    zone_en: str


def map_places(db: Session, *, adoption_id: int) -> Mapping[str, Place]:
    """Entry code → province and zone, for all entries of an award."""
    rows = db.execute(
        select(Entry.code, Province.name_th, Province.name_en, Zone.number, Zone.name_th, Zone.name_en)
        .join(Province, Province.code == Entry.province_code)
        .join(Zone, Zone.number == Province.zone_number)
        .where(Entry.adoption_id == adoption_id)
        .order_by(Entry.code)
    ).all()
    return {row[0]: Place(*row[1:]) for row in rows}
