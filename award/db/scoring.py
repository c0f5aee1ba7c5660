"""Days, slots, who must mark what, and the marks: appended, never edited."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from award.db.base import Base, MarkValue, UtcTime


class ScoringSession(Base):
    """One video meeting: a panel hears one province on one day."""

    __tablename__ = "scoring_session"
    __table_args__ = (UniqueConstraint("panel_id", "province_code", "day"), Index("ix_scoring_session_day", "day"))
    id: Mapped[int] = mapped_column(primary_key=True)
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"))
    province_code: Mapped[str] = mapped_column(ForeignKey("province.code"), index=True)
    day: Mapped[date]
    channel: Mapped[str] = mapped_column(default="Zoom")
    call_url: Mapped[str] = mapped_column(default="")
    call_id: Mapped[str] = mapped_column(default="")
    call_passcode: Mapped[str] = mapped_column(default="")
    # Counts what anybody who looks on might see change; marks do not count. Asked every few seconds by every page.
    version: Mapped[int] = mapped_column(default=0, server_default="0")
    rehearsed_from: Mapped[datetime | None] = mapped_column(UtcTime)  # a rehearsal is going on since


class Slot(Base):
    """One award's turn in a scoring session. Marks are taken while it is open; closing it shows them to the panel."""

    __tablename__ = "slot"
    __table_args__ = (
        UniqueConstraint("session_id", "adoption_id"),
        CheckConstraint("state IN ('planned', 'open', 'closed')", name="state"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("scoring_session.id"))
    adoption_id: Mapped[int] = mapped_column(ForeignKey("adoption.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcTime)
    place_th: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(String(8), default="planned")
    opened_at: Mapped[datetime | None] = mapped_column(UtcTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    # Planned lengths; nobody said how long where they are empty.
    presenting_minutes: Mapped[int | None]
    questions_minutes: Mapped[int | None]
    scoring_minutes: Mapped[int | None]
    presenters: Mapped[str] = mapped_column(Text, default="", server_default="")  # positions, as the province writes
    exhibition_url: Mapped[str] = mapped_column(default="", server_default="")
    chaired_by_id: Mapped[int | None] = mapped_column(ForeignKey("seat.id"))  # the chair passed it on for this slot


class Assignment(Base):
    """A member (seat) must mark an entry in a slot. Its card is the latest mark of each criterion."""

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("entry_id", "seat_id"),
        CheckConstraint("state IN ('draft', 'sent')", name="state"),
        CheckConstraint("excused IN ('', 'recused', 'absent')", name="excused"),
        CheckConstraint("paper IN ('', 'unconfirmed', 'confirmed')", name="paper"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), index=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"))
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"), index=True)
    state: Mapped[str] = mapped_column(String(8), default="draft")
    revision: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(UtcTime)
    receipt: Mapped[str | None] = mapped_column(String(40))
    excused: Mapped[str] = mapped_column(String(8), default="")
    excused_reason: Mapped[str] = mapped_column(default="")
    paper: Mapped[str] = mapped_column(String(12), default="", server_default="")  # entered from a signed paper sheet


class Mark(Base):
    """One member, one criterion, one value at one revision. The highest revision of a criterion counts.

    `value` is empty where a member took a mark back; `note` is the member's note or reason for that criterion.
    """

    __tablename__ = "mark"
    __table_args__ = (UniqueConstraint("assignment_id", "revision", "criterion"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    revision: Mapped[int]
    criterion: Mapped[str] = mapped_column(String(200))  # leaf path, or leaf/item of a checklist
    value: Mapped[Decimal | None] = mapped_column(MarkValue)
    note: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UtcTime)


class Reopening(Base):
    """A sent card or a closed slot opened again, with the chair's written reason."""

    __tablename__ = "reopening"
    __table_args__ = (CheckConstraint("length(reason) > 0", name="reason"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), index=True)
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id"))
    revision: Mapped[int | None]  # the card's revision when it was reopened: marks after it are the change
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
