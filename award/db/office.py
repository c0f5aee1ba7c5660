"""What a provincial office does with an entry before it is sent: sections, who is at it, notes, the way up the chain.

None of it decides a result, and notes to colleagues never leave the province.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from award.db.base import Base, UtcTime

WORK_GROUPS = ("", "strategy", "information", "promotion", "coordination")  # the four of every provincial office
ACTS = ("send", "approve", "return", "take_back")


class SectionOwner(Base):
    """Which work group, and who of it, answers for a section of an entry."""

    __tablename__ = "section_owner"
    __table_args__ = (CheckConstraint(f"work_group IN {WORK_GROUPS}", name="work_group"),)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    section: Mapped[str] = mapped_column(String(60), primary_key=True)  # code of a dimension, or "general"
    work_group: Mapped[str] = mapped_column(String(16), default="", server_default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(UtcTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))


class Presence(Base):
    """Who has an entry's form open, and where in it they wrote last. Told every few seconds, decides nothing."""

    __tablename__ = "presence"
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    section: Mapped[str] = mapped_column(String(60), default="", server_default="")
    seen_at: Mapped[datetime] = mapped_column(UtcTime)


class ColleagueNote(Base):
    """A note to colleagues of the office beside a section: nobody outside the province reads it."""

    __tablename__ = "colleague_note"
    __table_args__ = (Index("ix_colleague_note_entry_id", "entry_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"))
    section: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    removed_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Approval(Base):
    """One act on an entry's way up: sent on, approved, returned inside the office with a note, taken back."""

    __tablename__ = "approval"
    __table_args__ = (
        CheckConstraint(f"act IN {ACTS}", name="act"),
        CheckConstraint("step IN ('director', 'chief')", name="step"),
        Index("ix_approval_entry_id", "entry_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"))
    revision: Mapped[int]  # of the entry that the act was about
    step: Mapped[str] = mapped_column(String(8))  # sent to, approved as, returned by, taken back from
    act: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    at: Mapped[datetime] = mapped_column(UtcTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    duty_id: Mapped[int | None] = mapped_column(ForeignKey("duty.id"))  # through which it was done; tells acting
