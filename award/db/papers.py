"""Signed paper sheets that somebody entered for a member."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from award.db.base import Base, UtcTime


class PaperSheet(Base):
    """A card that was entered from paper, with the photo of it. Unconfirmed until its member says it is theirs."""

    __tablename__ = "paper_sheet"
    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), index=True)
    revision: Mapped[int]  # of the card that came from this paper
    sha256: Mapped[str] = mapped_column(String(64))  # of the photo, in the evidence store
    media_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)  # why on paper
    at: Mapped[datetime] = mapped_column(UtcTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcTime)
