"""What the lines of an award's log say of panels, slots, cards and marks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from award.ledger_check.chain import Line
from award.ledger_check.found import NO_TEXT, Text


@dataclass(slots=True)
class ToldSlot:
    """A slot: how it was planned, how it stands, and what a line moved or passed on."""

    planned: dict[str, Any]
    state: str = "planned"
    starts_at: datetime | None = None
    chair: str | None = None  # the seat it was passed to


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
    paper: str = ""


class ToldMarking:
    """An award's log, line after line: what panels are, and what they mark."""

    def __init__(self) -> None:
        self.panels: dict[int, dict[str, Any]] = {}
        self.slots: dict[int, ToldSlot] = {}
        self.cards: dict[str, ToldCard] = {}  # by alias
        self.marks: dict[tuple[str, int, str], tuple[int | None, Text, int]] = {}  # with the line's number
        self.reopenings: list[tuple[int, str | None, int | None, str, Text]] = []  # slot, card, revision, actor

    def _seat_panel(self, _: Line, body: dict[str, Any]) -> None:
        self.panels[body["panel"]] = body

    def _plan_slot(self, _: Line, body: dict[str, Any]) -> None:
        known = self.slots.setdefault(body["slot"], ToldSlot(body))
        known.planned = body
        if "starts_at" in body:
            known.starts_at = datetime.fromisoformat(body["starts_at"])
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
        self._excuse([body["card"]], "recused", line.words_at("reason"))

    def _excuse_member(self, line: Line, body: dict[str, Any]) -> None:
        self._excuse(body["cards"], body["kind"], line.words_at("reason") if body["kind"] else NO_TEXT)

    def _excuse(self, cards: Iterable[str], kind: str, why: Text) -> None:
        for card in cards:
            self.cards[card].excused, self.cards[card].why = kind, why

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
