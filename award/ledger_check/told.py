"""What the lines of an award's log say of its tables."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from award.ledger_check.chain import Line
from award.ledger_check.found import NO_TEXT, Text

UNTOLD = Text(None)
EMPTY = hashlib.sha256(b"{}").hexdigest()  # answers before the first save


@dataclass(slots=True)
class ToldEntry:
    """An entry. What is None is told by no line yet."""

    begun: dict[str, Any]
    state: str = "draft"
    label: Text = UNTOLD
    answers: str = EMPTY
    revision: int = 0
    revisions: dict[int, tuple[str, str | None]] = field(default_factory=dict)  # hash, and who saved
    sent: dict[str, Any] | None = None
    sender: str = ""
    until: datetime | None = None
    reopened: Text = NO_TEXT
    ever_sent: bool = False
    missing: int = 0  # texts of its lines that are no longer kept

    @property
    def was_saved(self) -> bool:
        """Whether a line tells what it holds."""
        return bool(self.revisions)


@dataclass(slots=True)
class ToldSlot:
    """A slot, and when it was opened again."""

    planned: dict[str, Any]
    state: str = "planned"


@dataclass(slots=True)
class ToldCard:
    """A card: whose, of what, and how it stands."""

    slot: int
    entry: str
    member: str
    state: str = "draft"
    revision: int = 0
    excused: str = ""
    why: Text = NO_TEXT


@dataclass(slots=True)
class Publishing:
    """Who certified, published and withdrew a run."""

    certified: str = ""
    published: str = ""
    withdrawn: str = ""
    why: Text = NO_TEXT


class Told:
    """An award's log, line after line."""

    def __init__(self) -> None:
        self.opening: dict[str, Any] = {}
        self.entries: dict[str, ToldEntry] = {}
        self.attached: Counter[tuple[str, str, str, str | None]] = Counter()  # entry, field, sha256, received
        self.linked: list[tuple[str, str, Text]] = []
        self.removed: dict[int, tuple[str, str, str | None]] = {}
        self.panels: dict[int, dict[str, Any]] = {}
        self.slots: dict[int, ToldSlot] = {}
        self.cards: dict[str, ToldCard] = {}  # by alias
        self.marks: dict[tuple[str, int, str], tuple[int | None, Text, int]] = {}  # with the line's number
        self.reopenings: list[tuple[int, str | None, int | None, str, Text]] = []  # slot, card, revision, actor
        self.runs: dict[int, tuple[int, str, dict[str, Any]]] = {}
        self.resolutions: dict[int, tuple[str, dict[str, Any]]] = {}
        self.publications: dict[int, Publishing] = {}
        self.missing = 0

    @property
    def is_invented(self) -> bool:
        """A demo round: what came with it, drafts and links, was written without lines of its own."""
        return bool(self.opening.get("invented"))

    def read(self, line: Line) -> None:
        """Takes one line. Raises KeyError, TypeError, ValueError or AttributeError for a body that lacks something."""
        self.missing += line.missing
        entry = self.entries.get(line.body["entry"]) if "entry" in line.body else None
        if entry is not None:
            entry.missing += line.missing
        method = getattr(self, f"_{line.act}", None)
        if method is not None:
            method(line, line.body)

    def _open_round(self, _: Line, body: dict[str, Any]) -> None:
        self.opening = body

    # Entries ----------------------------------------------------------------------------------------------------------

    def _begin_entry(self, _: Line, body: dict[str, Any]) -> None:
        self.entries[body["entry"]] = ToldEntry(body)

    def _save_answers(self, line: Line, body: dict[str, Any]) -> None:
        entry = self.entries[body["entry"]]
        entry.answers, entry.revision = body["answers_sha256"], body["revision"]
        entry.revisions[entry.revision] = entry.answers, line.actor
        if "label" in body:
            entry.label = line.words_at("label")

    def _submit_entry(self, line: Line, body: dict[str, Any]) -> None:
        entry = self.entries[body["entry"]]
        entry.state, entry.sent, entry.sender, entry.ever_sent = "submitted", body, line.actor, True
        entry.label, entry.answers, entry.revision = Text(body["label"]), body["answers_sha256"], body["revision"]
        entry.revisions.setdefault(entry.revision, (entry.answers, None))
        for slot, card, member in body.get("cards", ()):
            self.cards[card] = ToldCard(slot, body["entry"], member)

    def _return_entry(self, line: Line, body: dict[str, Any]) -> None:
        entry = self.entries[body["entry"]]
        entry.state, entry.sent, entry.until = "draft", None, datetime.fromisoformat(body["until"])
        entry.reopened = line.words_at("reason")

    _extend_entry = _reopen_entry = _return_entry

    def _attach_file(self, _: Line, body: dict[str, Any]) -> None:
        self.attached[body["entry"], body["field"], body["sha256"], body.get("received_sha256")] += 1

    def _attach_link(self, line: Line, body: dict[str, Any]) -> None:
        self.linked.append((body["entry"], body["field"], line.words_at("url")))

    def _remove_evidence(self, _: Line, body: dict[str, Any]) -> None:
        self.removed[body["evidence"]] = body["entry"], body["field"], body["sha256"]

    # Marking ----------------------------------------------------------------------------------------------------------

    def _seat_panel(self, _: Line, body: dict[str, Any]) -> None:
        self.panels[body["panel"]] = body

    def _plan_slot(self, _: Line, body: dict[str, Any]) -> None:
        known = self.slots.get(body["slot"])
        self.slots[body["slot"]] = ToldSlot(body, known.state if known else "planned")
        for card, entry, member in body["cards"]:
            self.cards.setdefault(card, ToldCard(body["slot"], entry, member))

    def _open_slot(self, _: Line, body: dict[str, Any]) -> None:
        self.slots[body["slot"]].state = "open"

    def _close_slot(self, _: Line, body: dict[str, Any]) -> None:
        self.slots[body["slot"]].state = "closed"

    def _record_marks(self, line: Line, body: dict[str, Any]) -> None:
        self._card(line, body, "notes")

    def _record_sheet(self, line: Line, body: dict[str, Any]) -> None:
        for place, card in enumerate(body["cards"]):
            self._card(line, card, f"cards/{place}/notes")

    def _card(self, line: Line, body: dict[str, Any], notes: str) -> None:
        card, revision = body["card"], body["revision"]
        self.cards[card].state, self.cards[card].revision = "draft", revision
        for path, value in body["marks"].items():
            note = line.words_at(f"{notes}/{path}") if path in body["notes"] else NO_TEXT
            self.marks[card, revision, path] = value, note, line.seq

    def _send_card(self, _: Line, body: dict[str, Any]) -> None:
        self.cards[body["card"]].state, self.cards[body["card"]].revision = "sent", body["revision"]

    def _recuse(self, line: Line, body: dict[str, Any]) -> None:
        self.cards[body["card"]].excused, self.cards[body["card"]].why = "recused", line.words_at("reason")

    def _excuse_member(self, line: Line, body: dict[str, Any]) -> None:
        for card in body["cards"]:
            self.cards[card].excused = body["kind"]
            self.cards[card].why = line.words_at("reason") if body["kind"] else NO_TEXT

    def _record_presence(self, _: Line, body: dict[str, Any]) -> None:
        self.entries[body["entry"]].state = "submitted" if body["presented"] else "not_presented"

    def _reopen_card(self, line: Line, body: dict[str, Any]) -> None:
        self._reopen(line, body["slot"], [body["card"]])

    def _reopen_slot(self, line: Line, body: dict[str, Any]) -> None:
        self._reopen(line, body["slot"], body["cards"])

    def _reopen(self, line: Line, slot: int, cards: list[str]) -> None:
        why = line.words_at("reason")
        for card in cards:
            self.cards[card].state = "draft"
            self.reopenings.append((slot, card, self.cards[card].revision, line.actor, why))
        if self.slots[slot].state == "closed":
            self.reopenings.append((slot, None, None, line.actor, why))
        self.slots[slot].state = "open"

    # Results ----------------------------------------------------------------------------------------------------------

    def _calculate_run(self, line: Line, body: dict[str, Any]) -> None:
        self.runs[body["run"]] = line.seq, line.actor, body

    def _record_resolution(self, line: Line, body: dict[str, Any]) -> None:
        self.resolutions[body["resolution"]] = line.actor, body

    def _certify_run(self, line: Line, body: dict[str, Any]) -> None:
        self.publications[body["run"]] = Publishing(certified=line.actor)

    def _publish_run(self, line: Line, body: dict[str, Any]) -> None:
        self.publications[body["run"]].published = line.actor

    def _withdraw_publication(self, line: Line, body: dict[str, Any]) -> None:
        told = self.publications[body["run"]]
        told.withdrawn, told.why = line.actor, line.words_at("reason")
