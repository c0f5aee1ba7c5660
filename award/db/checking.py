"""What organizers do with entries: look them through, return single questions, decide on late ones; what is done about
the inspectors' remarks afterwards."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from award.db.base import Base, UtcTime
from award.db.office import WORK_GROUPS

FOLLOW_UP_STATES = ("open", "answered", "done", "dropped")
FOLLOW_UP_ACTS = ("begin", "own", "answer", "accept", "ask_again", "drop")


class EntryCheck(Base):
    """An organizer looked an entry through as it then stood: in order, or returned."""

    __tablename__ = "entry_check"
    __table_args__ = (
        CheckConstraint("outcome IN ('accepted', 'returned')", name="outcome"),
        Index("ix_entry_check_entry_id", "entry_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"))
    revision: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(64))  # of answers and evidence, as on the receipt
    outcome: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text, default="", server_default="")  # for organizers only
    at: Mapped[datetime] = mapped_column(UtcTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))


class ReturnedQuestion(Base):
    """A question that the province is to mend, while everything else stays locked. Closed when the entry is sent again
    or withdrawn; more time opens nothing else."""

    __tablename__ = "returned_question"
    __table_args__ = (Index("ix_returned_question_entry_id", "entry_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"))
    field: Mapped[str] = mapped_column(String(60))  # field code, or "@label"
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime)


class LateRequest(Base):
    """A province asks to send after the deadline; an organizer allows it until a moment, or says why not."""

    __tablename__ = "late_request"
    __table_args__ = (
        CheckConstraint("(decided_at IS NULL) = (allowed IS NULL)", name="decided"),
        CheckConstraint("allowed IS NULL OR (allowed = (until IS NOT NULL))", name="until"),
        Index("ix_late_request_adoption_id_province_code", "adoption_id", "province_code"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    adoption_id: Mapped[int] = mapped_column(ForeignKey("adoption.id"))
    category: Mapped[str] = mapped_column(String(60))
    province_code: Mapped[str] = mapped_column(ForeignKey("province.code"))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id"))  # None: not even begun
    reason: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    allowed: Mapped[bool | None]
    until: Mapped[datetime | None] = mapped_column(UtcTime)
    answer: Mapped[str] = mapped_column(Text, default="", server_default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class FollowUp(Base):
    """An inspector's remark as something to be done: by whom, until when, how far. It tells no mark."""

    __tablename__ = "follow_up"
    __table_args__ = (
        CheckConstraint(f"state IN {FOLLOW_UP_STATES}", name="state"),
        CheckConstraint(f"work_group IN {WORK_GROUPS}", name="work_group"),
        Index("ix_follow_up_entry_id", "entry_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"))
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id"))
    criterion: Mapped[str] = mapped_column(String(120), default="", server_default="")  # path; "" for the whole entry
    text: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(10), default="open", server_default="open")
    work_group: Mapped[str] = mapped_column(String(16), default="", server_default="")  # who in the office does it
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class FollowUpAct(Base):
    """What was said and done about a follow-up, in order; nothing of it changes afterwards."""

    __tablename__ = "follow_up_act"
    __table_args__ = (
        CheckConstraint(f"act IN {FOLLOW_UP_ACTS}", name="act"),
        Index("ix_follow_up_act_follow_up_id", "follow_up_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    follow_up_id: Mapped[int] = mapped_column(ForeignKey("follow_up.id"))
    act: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text, default="", server_default="")
    at: Mapped[datetime] = mapped_column(UtcTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
