"""Awards, their cycle of a year, the rules adopted for it, and the panels that mark."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from award.db.base import Base, UtcTime

APPROVALS = ("none", "chain")


class Award(Base):
    """A prize that is given in one cycle after another."""

    __tablename__ = "award"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)  # transparent-office
    name_th: Mapped[str]
    name_en: Mapped[str]
    short_th: Mapped[str]
    short_en: Mapped[str]


class Cycle(Base):
    """One year's round. `invented` labels demo data wherever it shows."""

    __tablename__ = "cycle"
    __table_args__ = (
        CheckConstraint("deadline_at > opens_at", name="times"),
        CheckConstraint(f"approval IN {APPROVALS}", name="approval"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(unique=True)  # Buddhist Era
    opens_at: Mapped[datetime] = mapped_column(UtcTime)
    deadline_at: Mapped[datetime] = mapped_column(UtcTime)  # the last second in which an entry may be sent
    invented: Mapped[bool] = mapped_column(default=False)
    # Whether an entry goes up the office's chain (director, chief) before it is sent, or its officer sends it.
    approval: Mapped[str] = mapped_column(String(8), default="none", server_default="none")


class Adoption(Base):
    """The rule set that decides one award in one cycle, pinned by id, SHA-256 and text."""

    __tablename__ = "adoption"
    __table_args__ = (UniqueConstraint("cycle_id", "award_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"))
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"))
    position: Mapped[int]  # order on the day: 1, 2, 3
    rule_set: Mapped[str] = mapped_column(String(120))
    rules_sha256: Mapped[str] = mapped_column(String(64))
    rules_text: Mapped[str] = mapped_column(Text)
    adopted_at: Mapped[datetime] = mapped_column(UtcTime)
    log: Mapped[str] = mapped_column(String(80), unique=True)  # its log in the ledger: 2564/transparent-office
    seal: Mapped[str] = mapped_column(String(64))  # the secret behind the log's aliases


class Panel(Base):
    """The committee of one zone for all awards of a cycle, at one stage."""

    __tablename__ = "panel"
    __table_args__ = (UniqueConstraint("cycle_id", "stage", "zone_number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"))
    stage: Mapped[str] = mapped_column(String(40))
    zone_number: Mapped[int] = mapped_column(ForeignKey("zone.number"), index=True)


class Seat(Base):
    """A member's place on a panel, held through a duty and ending with it. `code` names it in results: `z9-chair`."""

    __tablename__ = "seat"
    __table_args__ = (
        UniqueConstraint("panel_id", "position"),
        UniqueConstraint("panel_id", "duty_id"),
        CheckConstraint("kind IN ('chair', 'member', 'secretary')", name="kind"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"))
    duty_id: Mapped[int] = mapped_column(ForeignKey("duty.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(40))
