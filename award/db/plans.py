"""A round before it is opened: what one organizer prepares and another one opens. It keeps what was typed."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from award.db.base import Base, UtcTime
from award.db.cycles import APPROVALS

PLAN_STATES = ("draft", "opened", "discarded")
# approval of the round, order that appoints the committee, guideline, letters to governors, online report
PAPERS = ("approval", "order", "guideline", "letters", "report")


class RoundPlan(Base):
    """A round that is prepared. `revision` counts what was saved; whoever saved last does not open it."""

    __tablename__ = "round_plan"
    __table_args__ = (
        CheckConstraint(f"state IN {PLAN_STATES}", name="state"),
        CheckConstraint(f"approval IN {APPROVALS}", name="approval"),
        CheckConstraint("(state = 'opened') = (opened_by_id IS NOT NULL AND cycle_id IS NOT NULL)", name="opened"),
        CheckConstraint("opened_by_id IS NULL OR opened_by_id != changed_by_id", name="second_person"),
        Index("uq_round_plan_year", "year", unique=True, sqlite_where=text("state = 'draft'")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]  # Buddhist Era; one draft for each
    opens_at: Mapped[datetime | None] = mapped_column(UtcTime)
    deadline_at: Mapped[datetime | None] = mapped_column(UtcTime)
    approval: Mapped[str] = mapped_column(String(8), default="none", server_default="none")
    typed: Mapped[str] = mapped_column(Text, default="{}", server_default="{}")  # JSON: what was not understood
    state: Mapped[str] = mapped_column(String(10), default="draft", server_default="draft")
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    begun_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    begun_at: Mapped[datetime] = mapped_column(UtcTime)
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcTime)
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)  # opened or discarded
    cycle_id: Mapped[int | None] = mapped_column(ForeignKey("cycle.id"), unique=True)  # what it became


class PlannedAward(Base):
    """An award of a prepared round with the rules that are to decide it, as text."""

    __tablename__ = "planned_award"
    __table_args__ = (UniqueConstraint("plan_id", "award_code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("round_plan.id"), index=True)
    position: Mapped[int]  # order on the day: 1, 2, 3
    award_code: Mapped[str] = mapped_column(String(60))
    rule_set: Mapped[str] = mapped_column(String(120))
    rules_sha256: Mapped[str] = mapped_column(String(64))
    rules_text: Mapped[str] = mapped_column(Text)


class RoundPaper(Base):
    """A paper that a round stands on: its number and day. One without a row is missing, and is called so."""

    __tablename__ = "round_paper"
    __table_args__ = (CheckConstraint(f"kind IN {PAPERS}", name="kind"),)
    plan_id: Mapped[int] = mapped_column(ForeignKey("round_plan.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    number: Mapped[str] = mapped_column(String(80))  # as it stands on the paper
    day: Mapped[date]
