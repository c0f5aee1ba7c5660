"""A scoring day while it is lived: what the chair set in motion, who is there, who is ready, what is noted.

None of it decides a mark. `ScoringSession.version` counts what anybody might see change; see `actions/news.py`.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from award.db.base import Base, UtcTime

PHASES = ("presenting", "questions", "scoring", "discussion", "done")
ATTENDANCE = ("present", "late", "absent")
NO_SEAT = text("seat_id IS NULL")
INTERESTS = ("none", "former_post", "relative", "other")


class Phase(Base):
    """The chair set a part of a slot in motion; the last one is on now. `seconds`: its countdown, None without."""

    __tablename__ = "phase"
    __table_args__ = (
        CheckConstraint(f"phase IN {PHASES}", name="phase"),
        CheckConstraint("seconds >= 0", name="seconds"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), index=True)
    phase: Mapped[str] = mapped_column(String(16))
    seconds: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(UtcTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))


class Attendance(Base):
    """Whether a member was there in a slot, as the chair ticked it last. No row: nobody said so.

    `arrived_at` tells when somebody came who was late. `allowed_reason`: why the chair lets a member who missed the
    presentation send cards all the same.
    """

    __tablename__ = "attendance"
    __table_args__ = (
        CheckConstraint(f"state IN {ATTENDANCE}", name="state"),
        CheckConstraint("(state = 'late') = (arrived_at IS NOT NULL)", name="arrived"),
    )
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(8))
    arrived_at: Mapped[datetime | None] = mapped_column(UtcTime)
    allowed_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    at: Mapped[datetime] = mapped_column(UtcTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))


class Ready(Base):
    """Somebody is ready for a slot: a member (`seat_id`) or the province (no seat). Taken back by deleting."""

    __tablename__ = "ready"
    __table_args__ = (
        UniqueConstraint("slot_id", "seat_id"),
        Index("uq_ready_slot_id_province", "slot_id", unique=True, sqlite_where=NO_SEAT, postgresql_where=NO_SEAT),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    seat_id: Mapped[int | None] = mapped_column(ForeignKey("seat.id"))
    at: Mapped[datetime] = mapped_column(UtcTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))


class MinutesNote(Base):
    """What the chair wants the minutes of a slot to say. Added, never changed."""

    __tablename__ = "minutes_note"
    id: Mapped[int] = mapped_column(primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))


class ReopeningRequest(Base):
    """A member asks the chair to open a sent or closed card again. Answered by opening it, or with a reason why not."""

    __tablename__ = "reopening_request"
    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), index=True)
    changes: Mapped[int]  # how many changes did not arrive in time; 0: the member wants to change something
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    answered_at: Mapped[datetime | None] = mapped_column(UtcTime)
    answer: Mapped[str] = mapped_column(Text, default="", server_default="")  # why not; "" where it was opened


class Declaration(Base):
    """A member says whether they have an interest in the province of a scoring session. The last one counts.

    `kind` other than "none" recuses the member from every entry of the session. `reason` is needed then, and where a
    duty held before speaks against "none". `by_id` is whose word it is, also where the chair wrote it down: whoever
    takes over the seat declares anew.
    """

    __tablename__ = "declaration"
    __table_args__ = (
        CheckConstraint(f"kind IN {INTERESTS}", name="kind"),
        Index("ix_declaration_session_id_seat_id", "session_id", "seat_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("scoring_session.id"))
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    kind: Mapped[str] = mapped_column(String(16))
    proposed: Mapped[str] = mapped_column(Text, default="", server_default="")  # the duty that the program pointed at
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    at: Mapped[datetime] = mapped_column(UtcTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))


class Sighting(Base):
    """When a member's page of a scoring session last asked, and how many changes waited on the device. Told together,
    every few seconds: several processes see who has lost the network."""

    __tablename__ = "sighting"
    session_id: Mapped[int] = mapped_column(ForeignKey("scoring_session.id"), primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcTime)
    unsent: Mapped[int] = mapped_column(default=0)
