"""Frozen calculations and the committee's decisions on ties."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from award.db.base import Base, UtcTime


class RankingRun(Base):
    """One calculation, frozen: rules hash, facts with their hash, engine version, result. `id` is the run number."""

    __tablename__ = "ranking_run"
    __table_args__ = (
        CheckConstraint("kind IN ('provisional', 'official')", name="kind"),
        Index("ix_ranking_run_adoption_id_stage", "adoption_id", "stage"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    adoption_id: Mapped[int] = mapped_column(ForeignKey("adoption.id"))
    stage: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(12))
    rule_set: Mapped[str] = mapped_column(String(120))
    rules_sha256: Mapped[str] = mapped_column(String(64))
    facts_sha256: Mapped[str] = mapped_column(String(64))
    facts: Mapped[str] = mapped_column(Text)  # Facts.to_json()
    engine: Mapped[str] = mapped_column(String(20))
    result: Mapped[str] = mapped_column(Text)  # Evaluation.to_json()
    result_sha256: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    seq: Mapped[int | None]  # its line in the award's log; none for runs of before there was one


class Publication(Base):
    """A run that an organizer certified, and a second one published; withdrawn with a reason, never removed."""

    __tablename__ = "publication"
    __table_args__ = (
        CheckConstraint("(published_at IS NULL) = (published_by_id IS NULL)", name="published"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name="withdrawn"),
        CheckConstraint("published_by_id IS NULL OR published_by_id <> certified_by_id", name="two_people"),
    )
    run_id: Mapped[int] = mapped_column(ForeignKey("ranking_run.id"), primary_key=True)
    certified_at: Mapped[datetime] = mapped_column(UtcTime)
    certified_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    published_at: Mapped[datetime | None] = mapped_column(UtcTime)
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    seq: Mapped[int | None]  # the line that published it: the public package ends there
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcTime)
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    withdrawn_reason: Mapped[str] = mapped_column(Text, default="", server_default="")


class Resolution(Base):
    """The committee's written decision on a tie. The latest for a category and group counts."""

    __tablename__ = "resolution"
    __table_args__ = (
        CheckConstraint("length(reason) > 0", name="reason"),
        Index("ix_resolution_adoption_id_stage", "adoption_id", "stage"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    adoption_id: Mapped[int] = mapped_column(ForeignKey("adoption.id"))
    stage: Mapped[str] = mapped_column(String(40))
    category: Mapped[str] = mapped_column(String(60))
    group: Mapped[str] = mapped_column(String(40))
    order: Mapped[str] = mapped_column(Text)  # entry codes, best first, separated by |
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
