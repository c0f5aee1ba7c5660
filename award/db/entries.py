"""What provinces send: entries, every version of them, and their evidence."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from award.db.base import Base, UtcTime

STATES = ("draft", "submitted", "not_presented", "withdrawn")
STEPS = ("", "director", "chief")  # with whom a draft is on its way up the office's chain; "": with its officers
WAYS = ("form", "sheet", "import", "earlier")  # how a version came: typed, a workbook, many at once, last year's facts


class Entry(Base):
    """One entry. `answers` is JSON text, field code → what was typed (text, list of codes, list of rows)."""

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("adoption_id", "category", "province_code", "number"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("state IN ('draft', 'withdrawn') OR submitted_at IS NOT NULL", name="submitted"),
        CheckConstraint(f"step IN {STEPS}", name="step"),
        CheckConstraint("step = '' OR state = 'draft'", name="step_of_draft"),
        CheckConstraint("withdrawn_at IS NULL OR state = 'withdrawn'", name="withdrawn"),
        # Counted by zone and state without reading what stands in them.
        Index("ix_entry_adoption_id_state_step_province_code", "adoption_id", "state", "step", "province_code"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)  # to-23, wf-a-23: printed and spoken
    adoption_id: Mapped[int] = mapped_column(ForeignKey("adoption.id"), index=True)
    category: Mapped[str] = mapped_column(String(60))
    province_code: Mapped[str] = mapped_column(ForeignKey("province.code"), index=True)
    number: Mapped[int] = mapped_column(default=1)  # of the province in this category
    label: Mapped[str]  # who stands for it: the office, working group or occupation group
    state: Mapped[str] = mapped_column(String(16), default="draft")
    answers: Mapped[str] = mapped_column(Text, default="{}")
    revision: Mapped[int] = mapped_column(default=0)
    saved_at: Mapped[datetime | None] = mapped_column(UtcTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcTime)
    # Stays when it is returned: an entry that came in time and is mended afterwards is not late.
    first_submitted_at: Mapped[datetime | None] = mapped_column(UtcTime)
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    receipt: Mapped[str | None] = mapped_column(String(40))
    invented: Mapped[bool] = mapped_column(default=False)
    # The organizer opened it again for the province: until when, since when, and why.
    due_at: Mapped[datetime | None] = mapped_column(UtcTime)
    reopened_at: Mapped[datetime | None] = mapped_column(UtcTime)
    reopened_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    step: Mapped[str] = mapped_column(String(8), default="", server_default="")
    # The province took it back for good, with a reason that everybody who reads the entry sees.
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcTime)
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    withdrawn_reason: Mapped[str] = mapped_column(Text, default="", server_default="")


class EntryRevision(Base):
    """Every saved version, kept."""

    __tablename__ = "entry_revision"
    __table_args__ = (UniqueConstraint("entry_id", "revision"), CheckConstraint(f"way IN {WAYS}", name="way"))
    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"))
    revision: Mapped[int]
    answers: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(UtcTime)
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    label: Mapped[str | None]  # who stood for the entry then; None for versions from before it was kept
    way: Mapped[str] = mapped_column(String(8), default="form", server_default="form")


class Evidence(Base):
    """A file (stored once by SHA-256) or a link that proves an answer. Removed ones stay, marked."""

    __tablename__ = "evidence"
    __table_args__ = (
        CheckConstraint("(kind = 'file' AND sha256 IS NOT NULL) OR (kind = 'link' AND url IS NOT NULL)", name="kind"),
        Index("ix_evidence_entry_id_field", "entry_id", "field"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"))
    field: Mapped[str] = mapped_column(String(60))  # field code of the rule set
    kind: Mapped[str] = mapped_column(String(8))
    title: Mapped[str]
    url: Mapped[str | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None]
    media_type: Mapped[str | None] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(default="", server_default="")  # as it came, made safe to show
    received_sha256: Mapped[str | None] = mapped_column(String(64))  # of a picture before it was painted anew
    added_at: Mapped[datetime] = mapped_column(UtcTime)
    added_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    removed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    given_by: Mapped[str] = mapped_column(default="", server_default="")  # a district that handed it to the officer
