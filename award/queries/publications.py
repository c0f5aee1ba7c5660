"""Which runs are certified and published: for those who run the round, and for everybody."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, func, select
from sqlalchemy.orm import Session, aliased

from award.db.cycles import Adoption, Cycle, Panel
from award.db.ledger import LedgerLine
from award.db.people import User
from award.db.ranking import Publication, RankingRun
from award.db.scoring import ScoringSession, Slot
from award.queries.ranking import Run


@dataclass(frozen=True, slots=True)
class Published:
    """How far a run is on its way to the public; times are None where a step was not taken."""

    run_id: int
    certified_at: datetime
    certified_by_id: int
    certified_by_th: str
    certified_by_en: str
    published_at: datetime | None
    published_by_th: str
    published_by_en: str
    withdrawn_at: datetime | None
    withdrawn_reason: str
    seq: int | None  # the line of the log that published it

    @property
    def is_public(self) -> bool:
        """Whether everybody may see the run's ranking now."""
        return self.published_at is not None and self.withdrawn_at is None


def _publications():  # type: ignore[no-untyped-def]
    certifier, publisher = aliased(User), aliased(User)
    return (
        select(
            Publication.run_id, Publication.certified_at, Publication.certified_by_id,
            certifier.title_th, certifier.title_en, Publication.published_at,
            func.coalesce(publisher.title_th, ""), func.coalesce(publisher.title_en, ""),
            Publication.withdrawn_at, Publication.withdrawn_reason, Publication.seq,
        )
        .join(certifier, certifier.id == Publication.certified_by_id)
        .join(publisher, publisher.id == Publication.published_by_id, isouter=True)
    )  # fmt: skip


def find_publication(db: Session, run_id: int) -> Published | None:
    """How far a run is; None where it is not certified."""
    row: Row | None = db.execute(_publications().where(Publication.run_id == run_id)).first()
    return Published(*row) if row else None


def get_run_line(db: Session, run: Run) -> dict[str, Any]:
    """What a run's line in the log states: its public fingerprints, and the run of the stage before."""
    asked = (
        select(LedgerLine.line)
        .join(Adoption, Adoption.log == LedgerLine.log)
        .where(Adoption.id == run.adoption_id, LedgerLine.seq == run.seq)
    )
    body: dict[str, Any] = json.loads(db.execute(asked).scalar_one())["body"]
    return body


def is_any_slot_open(db: Session, adoption_id: int) -> bool:
    """Whether members mark entries of the award now: its log then holds marks that nobody else may see."""
    return bool(db.execute(select(exists().where(Slot.adoption_id == adoption_id, Slot.state == "open"))).scalar_one())


def list_begun_stages(db: Session, adoption_id: int) -> list[str]:
    """Stages of an award in which a slot was ever opened, by code."""
    rows = db.execute(
        select(Panel.stage)
        .join(ScoringSession, ScoringSession.panel_id == Panel.id)
        .join(Slot, Slot.session_id == ScoringSession.id)
        .where(Slot.adoption_id == adoption_id, Slot.state != "planned")
        .distinct()
        .order_by(Panel.stage)
    )
    return list(rows.scalars())


@dataclass(frozen=True, slots=True)
class PublicRun:
    """A published run: the newest of its award and stage that was not withdrawn."""

    run_id: int
    adoption_id: int
    stage: str
    year: int
    published_at: datetime


def list_public_runs(db: Session) -> list[PublicRun]:
    """The published run of each award and stage, the newest cycle first, in the order of the awards."""
    rows: Sequence[Row] = db.execute(
        select(RankingRun.id, RankingRun.adoption_id, RankingRun.stage, Cycle.year, Publication.published_at)
        .join(Publication, Publication.run_id == RankingRun.id)
        .join(Adoption, Adoption.id == RankingRun.adoption_id)
        .join(Cycle, Cycle.id == Adoption.cycle_id)
        .where(Publication.published_at.is_not(None), Publication.withdrawn_at.is_(None))
        .order_by(Cycle.year.desc(), Adoption.position, RankingRun.stage, RankingRun.id.desc())
    ).all()
    newest: dict[tuple[int, str], PublicRun] = {}
    for row in rows:
        newest.setdefault((row.adoption_id, row.stage), PublicRun(*row))
    return list(newest.values())
