"""Files on their way in, piece by piece over a bad network."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from award.db.base import Base, UtcTime


class Upload(Base):
    """A file that is being sent. How much of it has come is told by the waiting file itself, not here."""

    __tablename__ = "upload"
    __table_args__ = (
        CheckConstraint("size > 0", name="size"),
        Index("ix_upload_entry_id", "entry_id"),
        Index("ix_upload_last_at", "last_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    # Made from person, question and file, so that the same one is met again; names the waiting file.
    token: Mapped[str] = mapped_column(String(50), unique=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"))
    field: Mapped[str] = mapped_column(String(60))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    name: Mapped[str]
    title: Mapped[str] = mapped_column(default="", server_default="")
    given_by: Mapped[str] = mapped_column(default="", server_default="")
    size: Mapped[int] = mapped_column(BigInteger)
    started_at: Mapped[datetime] = mapped_column(UtcTime)
    last_at: Mapped[datetime] = mapped_column(UtcTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcTime)
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id"))
    refused: Mapped[str] = mapped_column(Text, default="", server_default="")  # why its content was not taken
