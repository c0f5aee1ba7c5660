"""What the lines of an award's log say of its tables."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from award.ledger_check.chain import Line
from award.ledger_check.found import NO_TEXT, Text
from award.ledger_check.told_day import ToldDay
from award.ledger_check.told_marking import ToldCard

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
    withdrawer: str = ""
    withdrawn: Text = NO_TEXT
    given_back: list[tuple[str, str, Text]] = field(default_factory=list)  # question, who returned it, why (and others)
    returned: frozenset[str] = frozenset()  # those of them that are open
    missing: int = 0  # texts of its lines that are no longer kept

    @property
    def was_saved(self) -> bool:
        """Whether a line tells what it holds."""
        return bool(self.revisions)


@dataclass(slots=True)
class Publishing:
    """Who certified, published and withdrew a run."""

    certified: str = ""
    published: str = ""
    withdrawn: str = ""
    why: Text = NO_TEXT


class Told(ToldDay):
    """An award's log, line after line."""

    def __init__(self) -> None:
        super().__init__()
        self.opening: dict[str, Any] = {}
        self.entries: dict[str, ToldEntry] = {}
        self.attached: Counter[tuple[str, str, str, str | None]] = Counter()  # entry, field, sha256, received
        self.linked: list[tuple[str, str, Text]] = []
        self.removed: dict[int, tuple[str, str, str | None]] = {}
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
        entry.returned = frozenset()
        entry.label, entry.answers, entry.revision = Text(body["label"]), body["answers_sha256"], body["revision"]
        entry.revisions.setdefault(entry.revision, (entry.answers, None))
        for slot, card, member in body.get("cards", ()):
            self.cards[card] = ToldCard(slot, body["entry"], member)

    def _return_entry(self, line: Line, body: dict[str, Any]) -> None:
        entry = self.entries[body["entry"]]
        entry.state, entry.sent, entry.until = "draft", None, datetime.fromisoformat(body["until"])
        entry.reopened, entry.returned = line.words_at("reason"), frozenset()
        entry.withdrawer, entry.withdrawn = "", NO_TEXT

    _reopen_entry = _return_entry

    def _extend_entry(self, line: Line, body: dict[str, Any]) -> None:
        entry = self.entries[body["entry"]]
        still = entry.returned
        self._return_entry(line, body)
        entry.returned = still  # more time for these, and for nothing else

    def _return_questions(self, line: Line, body: dict[str, Any]) -> None:
        entry = self.entries[body["entry"]]
        still = entry.returned
        self._return_entry(line, body)
        entry.returned = still | frozenset(body["fields"])
        entry.given_back += [(each, line.actor, entry.reopened) for each in body["fields"]]

    def _withdraw_entry(self, line: Line, body: dict[str, Any]) -> None:
        entry = self.entries[body["entry"]]
        entry.state, entry.returned = "withdrawn", frozenset()
        entry.withdrawer, entry.withdrawn = line.actor, line.words_at("reason")

    def _attach_file(self, _: Line, body: dict[str, Any]) -> None:
        self.attached[body["entry"], body["field"], body["sha256"], body.get("received_sha256")] += 1

    def _attach_link(self, line: Line, body: dict[str, Any]) -> None:
        self.linked.append((body["entry"], body["field"], line.words_at("url")))

    def _remove_evidence(self, _: Line, body: dict[str, Any]) -> None:
        self.removed[body["evidence"]] = body["entry"], body["field"], body["sha256"]

    def _record_presence(self, _: Line, body: dict[str, Any]) -> None:
        self.entries[body["entry"]].state = "submitted" if body["presented"] else "not_presented"

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
