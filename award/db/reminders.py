"""Who follows up a province that has not sent, and what was written to remind it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from award.db.base import Base, UtcTime


class Chaser(Base):
    """Who follows up a province's entries in a cycle, and by when."""

    __tablename__ = "chaser"
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"), primary_key=True)
    province_code: Mapped[str] = mapped_column(ForeignKey("province.code"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    due_at: Mapped[datetime | None] = mapped_column(UtcTime)
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    at: Mapped[datetime] = mapped_column(UtcTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))


class Reminder(Base):
    """A round of reminders: written, looked through, and sent or dropped."""

    __tablename__ = "reminder"
    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"), index=True)
    subject: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    sent_at: Mapped[datetime | None] = mapped_column(UtcTime)
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    dropped_at: Mapped[datetime | None] = mapped_column(UtcTime)


class ReminderTo(Base):
    """What a reminder says to one province; a mail where somebody of it has an address, else text to paste."""

    __tablename__ = "reminder_to"
    __table_args__ = (Index("ix_reminder_to_reminder_id", "reminder_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    reminder_id: Mapped[int] = mapped_column(ForeignKey("reminder.id"))
    province_code: Mapped[str] = mapped_column(ForeignKey("province.code"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))  # whom the mail is for; None: to be pasted
    text: Mapped[str] = mapped_column(Text)
    left_out_at: Mapped[datetime | None] = mapped_column(UtcTime)  # the organizer took it out before sending
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("mail_out.id"))
