"""Erasing a person's data: proposed by one, done by another."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from award.db.base import Base, UtcTime


class Erasure(Base):
    """What was proposed for a person at their request; it waits until another confirms it or somebody withdraws it.
    From the command line of the machine there is only one: `proposed_by_id` is empty then."""

    __tablename__ = "erasure"
    __table_args__ = (
        CheckConstraint(
            "confirmed_by_id IS NULL OR (confirmed_by_id != proposed_by_id AND confirmed_by_id != user_id)",
            name="second_person",
        ),
        CheckConstraint("done_at IS NULL OR withdrawn_at IS NULL", name="one_end"),
        Index(
            "uq_erasure_waiting", "user_id", unique=True,
            sqlite_where=text("done_at IS NULL AND withdrawn_at IS NULL"),  # one waits at a time
        ),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcTime)
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    done_at: Mapped[datetime | None] = mapped_column(UtcTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcTime)
