"""How a scoring day came to be as it is planned, and rehearsing it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from award.db.base import Base, UtcTime


class SlotMove(Base):
    """A slot was moved to another time, or to another day with its whole scoring session. The province is shown it."""

    __tablename__ = "slot_move"
    id: Mapped[int] = mapped_column(primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), index=True)
    was_at: Mapped[datetime] = mapped_column(UtcTime)
    starts_at: Mapped[datetime] = mapped_column(UtcTime)
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))


class DroppedSlot(Base):
    """A planned slot that was taken out again before anything happened in it: calendars that know it are told so.

    `id` and `session_id` are those it had; `moves` counts how often it had been moved. No slot is given that id again.
    """

    __tablename__ = "dropped_slot"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    session_id: Mapped[int]
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"), index=True)
    province_code: Mapped[str] = mapped_column(ForeignKey("province.code"))
    adoption_id: Mapped[int] = mapped_column(ForeignKey("adoption.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcTime)
    moves: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))


class PracticeCard(Base):
    """What a member marks in a rehearsal. Nothing else reads it, and the end of the rehearsal deletes it."""

    __tablename__ = "practice_card"
    __table_args__ = (UniqueConstraint("slot_id", "seat_id"), Index("ix_practice_card_seat_id", "seat_id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    revision: Mapped[int] = mapped_column(default=0)
    marks: Mapped[str] = mapped_column(Text, default="{}")  # JSON text: place → as typed
    sent_at: Mapped[datetime | None] = mapped_column(UtcTime)
