"""Mail that waits to be sent, written down with the act that causes it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from award.db.base import Base, UtcTime

MAIL_STATES = ("waiting", "sent", "failed", "expired")


class MailOut(Base):
    """One text mail to one address. `text` may hold a link that opens something: it is emptied once it is sent, or no
    longer good."""

    __tablename__ = "mail_out"
    __table_args__ = (
        CheckConstraint(f"state IN {MAIL_STATES}", name="state"),
        Index("ix_mail_out_state_next_at", "state", "next_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))  # whom it is for
    address: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    queued_at: Mapped[datetime] = mapped_column(UtcTime)
    good_until: Mapped[datetime] = mapped_column(UtcTime)  # its link ends then, so sending it later is no use
    next_at: Mapped[datetime] = mapped_column(UtcTime)  # not to be tried before
    attempts: Mapped[int] = mapped_column(default=0)
    said: Mapped[str] = mapped_column(Text, default="")  # what the mail server answered last
    sent_at: Mapped[datetime | None] = mapped_column(UtcTime)
