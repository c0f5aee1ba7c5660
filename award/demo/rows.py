"""The rows of the invented round, and the acts that become its lines."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from award.db.entries import Entry, EntryRevision, Evidence
from award.db.live import Attendance, Declaration, MinutesNote, Phase
from award.db.office import Approval
from award.db.scoring import Assignment, Mark, Reopening, ScoringSession, Slot


@dataclass(frozen=True, slots=True)
class Event:
    """Something acknowledged at a time: it becomes one ledger line; `row` gets its receipt."""

    at: datetime
    user_id: int
    adoption_id: int
    verb: str
    body: dict[str, Any]
    row: dict[str, Any] | None = None


@dataclass
class Round:
    """All rows to insert, by table, in the order in which tables depend on each other."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    revisions: list[dict[str, Any]] = field(default_factory=list)
    evidence: list[dict[str, Any]] = field(default_factory=list)
    approvals: list[dict[str, Any]] = field(default_factory=list)
    sessions: list[dict[str, Any]] = field(default_factory=list)
    slots: list[dict[str, Any]] = field(default_factory=list)
    assignments: list[dict[str, Any]] = field(default_factory=list)
    marks: list[dict[str, Any]] = field(default_factory=list)
    reopenings: list[dict[str, Any]] = field(default_factory=list)
    declarations: list[dict[str, Any]] = field(default_factory=list)
    phases: list[dict[str, Any]] = field(default_factory=list)
    attendance: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    @property
    def rows(self) -> dict[Any, list[dict[str, Any]]]:
        """Rows by table, tables before those that refer to them."""
        return {
            Entry: self.entries, EntryRevision: self.revisions, Evidence: self.evidence, Approval: self.approvals,
            ScoringSession: self.sessions, Slot: self.slots, Assignment: self.assignments,
            Mark: self.marks, Reopening: self.reopenings, Declaration: self.declarations, Phase: self.phases,
            Attendance: self.attendance, MinutesNote: self.notes,
        }  # fmt: skip
