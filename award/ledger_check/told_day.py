"""What the lines of an award's log say of the tables of a scoring day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from award.ledger_check.chain import Line
from award.ledger_check.found import NO_TEXT, Text
from award.ledger_check.told_marking import ToldMarking


@dataclass(frozen=True, slots=True)
class Said:
    """One row that a line tells of: what is told in full, who did it, and what was written."""

    about: tuple[object, ...]
    actors: tuple[str, ...] = ()
    texts: tuple[Text, ...] = ()


@dataclass(slots=True)
class ToldAttendance:
    """What was said last of a member in a slot."""

    state: str | None = None
    arrived_at: datetime | None = None
    actor: str = ""
    allowed: Text = NO_TEXT


@dataclass(slots=True)
class ToldPaper:
    """A card entered from paper."""

    card: str
    revision: int
    sha256: str
    actor: str
    why: Text
    confirmed: bool = False


@dataclass(slots=True)
class ToldRequest:
    """A member asked for a card to be opened again; the answer, where one was given."""

    card: str
    changes: int
    actor: str
    why: Text
    answered: bool = False
    answer: Text = NO_TEXT


class ToldDay(ToldMarking):
    """An award's log, line after line: the acts around a scoring day."""

    def __init__(self) -> None:
        super().__init__()
        self.dropped: dict[int, Said] = {}
        self.moves: dict[int, list[Said]] = {}
        self.phases: dict[int, list[Said]] = {}
        self.notes: dict[int, list[Said]] = {}
        self.attendance: dict[tuple[int, str], ToldAttendance] = {}
        self.declarations: list[Said] = []
        self.papers: list[ToldPaper] = []
        self.requests: list[ToldRequest] = []

    def _move_slot(self, line: Line, body: dict[str, Any]) -> None:
        was, to = (datetime.fromisoformat(body[name]) for name in ("was", "starts_at"))
        self.slots[body["slot"]].starts_at = to
        self.moves.setdefault(body["slot"], []).append(Said((was, to), (line.actor,), (line.words_at("reason"),)))

    def _drop_slot(self, line: Line, body: dict[str, Any]) -> None:
        """Whatever was told of it goes with it, but for the line itself."""
        number = body["slot"]
        self.dropped[number] = Said((self.slots.pop(number).planned["province"],), (line.actor,),
                                    (line.words_at("reason"),))  # fmt: skip
        for rows in (self.moves, self.phases, self.notes):
            rows.pop(number, None)
        self.attendance = {place: told for place, told in self.attendance.items() if place[0] != number}
        self.cards = {alias: card for alias, card in self.cards.items() if card.slot != number}

    def _begin_phase(self, line: Line, body: dict[str, Any]) -> None:
        told = Said((body["phase"], body["seconds"]), (line.actor,))
        self.phases.setdefault(body["slot"], []).append(told)

    def _note_minutes(self, line: Line, body: dict[str, Any]) -> None:
        self.notes.setdefault(body["slot"], []).append(Said((), (line.actor,), (line.words_at("text"),)))

    def _record_attendance(self, line: Line, body: dict[str, Any]) -> None:
        told = self.attendance.setdefault((body["slot"], body["member"]), ToldAttendance())
        told.state = body["state"]
        told.arrived_at = datetime.fromisoformat(body["arrived_at"]) if body["arrived_at"] else None
        told.actor = line.actor
        if told.state == "present":
            told.allowed = NO_TEXT

    def _allow_member(self, line: Line, body: dict[str, Any]) -> None:
        self.attendance[body["slot"], body["member"]].allowed = line.words_at("reason")

    def _pass_chair(self, _: Line, body: dict[str, Any]) -> None:
        self.slots[body["slot"]].chair = body["member"]

    def _declare_interest(self, line: Line, body: dict[str, Any]) -> None:
        actors = (line.actor,) if line.act == "declare_interest" else ()
        about = body["session"], body["member"], body["kind"], body["proposed"]
        self.declarations.append(Said(about, actors, (line.words_at("reason"),)))
        self._excuse(body.get("freed", ()), "", NO_TEXT)
        self._excuse(body["cards"], "recused", line.words_at("reason"))

    _record_interest = _declare_interest

    def _send_card(self, line: Line, body: dict[str, Any]) -> None:
        super()._send_card(line, body)
        self.cards[body["card"]].paper = ""  # what came from paper is the member's own then

    def _enter_paper(self, line: Line, body: dict[str, Any]) -> None:
        self._record_marks(line, body)
        self._send_card(line, body)
        self.papers.append(
            ToldPaper(body["card"], body["revision"], body["photo_sha256"], line.actor, line.words_at("reason"))
        )
        self.cards[body["card"]].paper = "unconfirmed"

    def _confirm_paper(self, _: Line, body: dict[str, Any]) -> None:
        self.cards[body["card"]].paper = "confirmed"
        for paper in self.papers:
            if (paper.card, paper.revision) == (body["card"], body["revision"]):
                paper.confirmed = True

    def _ask_reopening(self, line: Line, body: dict[str, Any]) -> None:
        self.requests.append(ToldRequest(body["card"], body["changes"], line.actor, line.words_at("reason")))

    def _decline_reopening(self, line: Line, body: dict[str, Any]) -> None:
        self._answer([body["card"]], line.words_at("reason"))

    def _reopen(self, line: Line, slot: int, cards: list[str]) -> None:
        super()._reopen(line, slot, cards)
        self._answer(cards, NO_TEXT)

    def _answer(self, cards: Iterable[str], answer: Text) -> None:
        """Opened again (no text), or why not: every request that waited for it."""
        for request in self.requests:
            if request.card in cards and not request.answered:
                request.answered, request.answer = True, answer
