"""What an award's log amounts to at a line: panels, slots, cards, entries, decisions, runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from exports.verifier.amounts import exact_text
from exports.verifier.canonical import canonical

TEN_THOUSAND = 10_000


@dataclass
class Panel:
    """Who may mark at a stage."""

    stage: str
    members: frozenset[str]
    seated: int = 0  # the line that did so: whoever acted for a member before it does so no longer
    voices: dict[str, str] = field(default_factory=dict)  # by member: who declared whether they have an interest


@dataclass
class Card:
    """One member's marks on one entry; `number` is its alias; `excused` is recused, absent or empty."""

    number: int | str
    slot: int
    entry: str
    member: str
    revision: int = 0
    sent: bool = False
    excused: str = ""
    reason_at: int = 0  # the line that holds the reason of the excuse
    marks: dict[str, int] = field(default_factory=dict)
    actors: dict[tuple[int, str], str] = field(default_factory=dict)  # by seating and act: who recorded and sent it
    own: bool = False  # its member marked on it
    paper: str = ""  # entered from a signed paper sheet: unconfirmed or confirmed
    asked: bool = False  # its member waits for an answer whether it is opened again
    interest: int = 0  # the scoring session in which its member declared one, not taken back since

    @property
    def state(self) -> str:
        """As closing a slot lists it."""
        return self.excused or ("sent" if self.sent else "draft")


@dataclass
class Slot:
    """When a province is heard: planned, open or closed; what is said of who was there counts as it was said last."""

    number: int
    panel: int
    stage: str
    state: str = "planned"
    was_closed: bool = False
    cards: list[int | str] = field(default_factory=list)
    heard: set[str] = field(default_factory=set)  # the entries of its cards
    pairs: set[tuple[str, str]] = field(default_factory=set)  # entry and member of each card
    starts_at: str = ""  # where a line told it
    heard_until: str = ""  # when the presentation was over
    came: dict[str, tuple[int, str, str]] = field(default_factory=dict)  # by member: line, attendance, time of arrival
    allowed: set[str] = field(default_factory=set)  # who may send cards although they missed the presentation


@dataclass
class Entry:
    """An entry: draft, submitted, not_presented or withdrawn; `fact` is what it last sent in."""

    code: str
    category: str
    state: str = "draft"
    fact: dict[str, Any] | None = None
    until: str = ""
    revision: int = 0
    marked: bool = False
    returned: frozenset[str] = frozenset()  # the only questions open to its province; none: all of them


@dataclass
class Run:
    """A calculation as its line states it."""

    number: int
    line: int
    stage: str
    kind: str
    body: Mapping[str, Any]
    facts: str  # the public facts as text, replayed
    certified: int = 0  # the line that did so
    published: int = 0
    withdrawn: int = 0


@dataclass
class Round:
    """Everything that the lines so far amount to."""

    opening: dict[str, Any] = field(default_factory=dict)
    panels: dict[int, Panel] = field(default_factory=dict)
    slots: dict[int, Slot] = field(default_factory=dict)
    cards: dict[int | str, Card] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    decisions: dict[tuple[str, str, str], list[Any]] = field(default_factory=dict)
    runs: dict[int, Run] = field(default_factory=dict)
    newest: dict[tuple[str, str], Run] = field(default_factory=dict)  # by stage and kind; kind "": of any

    def add_run(self, run: Run) -> None:
        """A run more, of a higher number than all before it."""
        self.runs[run.number] = self.newest[run.stage, run.kind] = self.newest[run.stage, ""] = run

    def newest_run(self, stage: str, *, kind: str = "", before: int = 0) -> Run | None:
        """The last run of a stage (of a kind, made before another)."""
        if not before:
            return self.newest.get((stage, kind))
        found = [
            run for run in self.runs.values() if run.stage == stage and kind in ("", run.kind) and run.number < before
        ]
        return max(found, key=lambda run: run.number) if found else None

    def facts(
        self,
        stage: str,
        *,
        member: Callable[[str], str] = str,
        reason: Callable[[Card], str] = lambda card: "",
    ) -> str:
        """The facts of a stage at this line, as facts.json writes them: sent entries, and the cards of closed slots.

        `member` turns an alias into the code that the facts use, `reason` gives the words of an excuse.
        """
        sent = {code: entry for code, entry in self.entries.items() if entry.state != "draft" and entry.fact}
        cards: dict[str, list[dict[str, Any]]] = {}
        for slot in self.slots.values():
            if slot.stage != stage or slot.state != "closed":
                continue
            for card in (self.cards[number] for number in slot.cards):
                if card.entry in sent and (card.excused or card.sent):
                    cards.setdefault(card.entry, []).append(_card_fact(card, member(card.member), reason))
        for given in cards.values():
            given.sort(key=lambda each: str(each["member"]))
        states = {"submitted": "presented"}
        entries = [{**(entry.fact or {}), "state": states.get(entry.state, entry.state)} for entry in sent.values()]
        data = {
            "cards": cards,
            "entries": sorted(entries, key=lambda each: str(each["code"])),
            "resolutions": sorted(decision for key, decision in self.decisions.items() if key[0] == stage),
        }
        return canonical(data)


def _card_fact(card: Card, member: str, reason: Callable[[Card], str]) -> dict[str, Any]:
    if card.excused:
        return {"member": member, "state": card.excused, "marks": {}, "reason": reason(card)}
    marks = {place: exact_text(Fraction(units, TEN_THOUSAND)) for place, units in card.marks.items()}
    return {"member": member, "state": "standing", "marks": marks, "reason": ""}
