"""What a scoring day leaves in the tables beside what the lines say of it: moves, phases, attendance, notes,
declarations, paper sheets, requests. What a rehearsal in progress put there, no line tells, and its end takes away."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from award.db.agenda import DroppedSlot, SlotMove
from award.db.cycles import Seat
from award.db.ledger import Log
from award.db.live import Attendance, Declaration, MinutesNote, Phase, ReopeningRequest
from award.db.papers import PaperSheet
from award.db.scoring import Assignment, ScoringSession, Slot
from award.ledger_check.entries import Actor
from award.ledger_check.found import Found, differing, now
from award.ledger_check.told import Told
from award.ledger_check.told_day import Said

OF_SLOTS: tuple[tuple[str, str, Any, tuple[str, ...], str], ...] = (
    # how it is called, its verb, its table, what a line tells of a row, which text it holds
    ("move", "move_slot", SlotMove, ("was_at", "starts_at"), "reason"),
    ("phase", "begin_phase", Phase, ("phase", "seconds"), ""),
    ("note for the minutes", "note_minutes", MinutesNote, (), "text"),
)


class DayCheck:
    """The tables of one award's scoring days. `declared`: the declarations that a line of any award tells of."""

    def __init__(
        self, db: Session, adoption: int, log: Log, told: Told, *, actor: Actor, erasures: bool, declared: set[int]
    ) -> None:  # fmt: skip
        self.db, self.adoption, self.log, self.told = db, adoption, log, told
        self.actor, self.erasures, self.declared = actor, erasures, declared
        self.seats = {row.id: log.member(row.code) for row in db.execute(select(Seat.id, Seat.code))}
        self.cards = {
            number: log.alias(f"card {number}")
            for (number,) in db.execute(select(Assignment.id).join(Slot).where(Slot.adoption_id == adoption))
        }

    def found(self) -> Iterator[Found]:
        """Everything that is not as the lines say."""
        yield from self._slots()
        for what, verb, table, names, words in OF_SLOTS:
            recorded = {"move_slot": self.told.moves, "begin_phase": self.told.phases, "note_minutes": self.told.notes}
            yield from self._rows(what, verb, table, names, words, recorded[verb])
        yield from self._dropped()
        yield from self._attendance()
        yield from self._declarations()
        yield from self._papers()
        yield from self._requests()

    def says(self, text: str) -> Found:
        """A finding in this award's log."""
        return Found(self.log.name, None, text)

    def _slots(self) -> Iterator[Found]:
        asked = select(Slot.id, Slot.starts_at, Slot.chaired_by_id).where(Slot.adoption_id == self.adoption)
        for row in self.db.execute(asked.order_by(Slot.id)):
            told = self.told.slots.get(row.id)
            if told is None:
                continue  # said already
            chair = None if row.chaired_by_id is None else self.seats.get(row.chaired_by_id, "?")
            stored: dict[str, object] = {"starts_at": row.starts_at, "chaired by": chair}
            recorded: dict[str, object] = {"chaired by": told.chair}
            if told.starts_at is not None:
                recorded["starts_at"] = told.starts_at
            yield from differing(self.log.name, f"slot {row.id}", stored, recorded)

    def _of_slots(self, table: Any) -> Sequence[Row[Any]]:
        """The rows of a table of slots in their order, but for those of a rehearsal in progress."""
        asked = (
            select(table.__table__, ScoringSession.rehearsed_from)
            .join(Slot, Slot.id == table.slot_id)
            .join(ScoringSession, ScoringSession.id == Slot.session_id)
            .where(Slot.adoption_id == self.adoption)
            .order_by(*table.__table__.primary_key)
        )
        rows = self.db.execute(asked).all()
        return [row for row in rows if row.rehearsed_from is None or row.at < row.rehearsed_from]

    def _rows(
        self, what: str, verb: str, table: Any, names: tuple[str, ...], words: str, recorded: dict[int, list[Said]]
    ) -> Iterator[Found]:
        """Rows that are only ever added, each against the line of its slot in their order."""
        left = {slot: list(lines) for slot, lines in recorded.items()}
        for row in self._of_slots(table):
            lines, name = left.get(row.slot_id, []), f"slot {row.slot_id}, {what} (row {row.id})"
            if not lines:
                yield self.says(f"{name}: no line tells of it")
                continue
            told = lines.pop(0)
            stored = tuple(row._mapping[each] for each in names)
            if stored != told.about:
                yield self.says(f"{name}: {now(_shown(stored), _shown(told.about))}")
            yield from self._who(name, verb, row.by_id, told.actors)
            if words and not told.texts[0].fits(row._mapping[words], erasures=self.erasures):
                yield self.says(f"{name}: its {words} is not the one that was recorded")
        for slot, lines in sorted(left.items()):
            if lines:
                yield self.says(f"slot {slot}, {what}: a line tells of it, and the table lacks it")

    def _who(self, name: str, verb: str, by: int, actors: Sequence[str]) -> Iterator[Found]:
        if self.actor(verb, by) not in actors:
            yield self.says(f"{name}: who did it is not what was recorded")

    def _dropped(self) -> Iterator[Found]:
        left = dict(self.told.dropped)
        asked = select(DroppedSlot.__table__).where(DroppedSlot.adoption_id == self.adoption).order_by(DroppedSlot.id)
        for row in self.db.execute(asked):
            told, name = left.pop(row.id, None), f"dropped slot {row.id}"
            if told is None:
                yield self.says(f"{name}: no line tells of it")
                continue
            if (row.province_code,) != told.about:
                yield self.says(f"{name}, province: {now(row.province_code, told.about[0])}")
            yield from self._who(name, "drop_slot", row.by_id, told.actors)
            if not told.texts[0].fits(row.reason, erasures=self.erasures):
                yield self.says(f"{name}: its reason is not the one that was recorded")
        for number in sorted(left):
            yield self.says(f"dropped slot {number}: a line tells of it, and the table lacks it")

    def _attendance(self) -> Iterator[Found]:
        left = dict(self.told.attendance)
        for row in self._of_slots(Attendance):
            told = left.pop((row.slot_id, self.seats.get(row.seat_id, "?")), None)
            name = f"slot {row.slot_id}, attendance of seat {row.seat_id}"
            if told is None:
                yield self.says(f"{name}: no line tells of it")
                continue
            stored, recorded = (row.state, row.arrived_at), (told.state, told.arrived_at)
            if stored != recorded:
                yield self.says(f"{name}: {now(_shown(stored), _shown(recorded))}")
            if not told.allowed.fits(row.allowed_reason, erasures=self.erasures):
                yield self.says(f"{name}: why it may send cards is not what was recorded")
            yield from self._who(name, "record_attendance", row.by_id, (told.actor,))
        for slot, member in sorted(left):
            yield self.says(f"slot {slot}, attendance of {member}: a line tells of it, and the table lacks it")

    def _declarations(self) -> Iterator[Found]:
        """Each line has its row; whether each row has a line is asked once all awards were read: a session's awards
        may not all have been planned yet when somebody declared."""
        rows: dict[tuple[object, ...], list[Row[Any]]] = defaultdict(list)
        for row in self.db.execute(select(Declaration.__table__).order_by(Declaration.id)):
            member = self.seats.get(row.seat_id, "?")
            rows[row.session_id, member, row.kind, bool(row.proposed)].append(row)
        for told in self.told.declarations:
            name = f"declaration of {told.about[1]} in session {told.about[0]}"
            left = rows[told.about]
            if not left:
                yield self.says(f"{name}: a line tells of it, and the table lacks it")
                continue
            row = left.pop(0)
            self.declared.add(row.id)
            if not told.texts[0].fits(row.reason, erasures=self.erasures):
                yield self.says(f"{name} (row {row.id}): its reason is not the one that was recorded")
            if told.actors:
                yield from self._who(f"{name} (row {row.id})", "declare_interest", row.by_id, told.actors)

    def _papers(self) -> Iterator[Found]:
        asked = select(Assignment.id, Assignment.paper).join(Slot).where(Slot.adoption_id == self.adoption)
        for number, paper in self.db.execute(asked.order_by(Assignment.id)):
            card = self.told.cards.get(self.cards[number])
            if card is not None and card.paper != paper:
                yield self.says(f"card {number}, paper: {now(paper or 'none', card.paper or 'none')}")
        left = list(self.told.papers)
        asked_sheets = select(PaperSheet.__table__).join(Assignment).join(Slot).where(Slot.adoption_id == self.adoption)
        for row in self.db.execute(asked_sheets.order_by(PaperSheet.id)):
            alias, name = self.cards[row.assignment_id], f"paper of card {row.assignment_id} (row {row.id})"
            told = next((each for each in left if (each.card, each.revision) == (alias, row.revision)), None)
            if told is None:
                yield self.says(f"{name}: no line tells of it")
                continue
            left.remove(told)
            stored = {"photo": row.sha256, "confirmed": row.confirmed_at is not None}
            recorded = {"photo": told.sha256, "confirmed": told.confirmed}
            yield from differing(self.log.name, name, stored, recorded)
            yield from self._who(name, "enter_paper", row.by_id, (told.actor,))
            if not told.why.fits(row.reason, erasures=self.erasures):
                yield self.says(f"{name}: its reason is not the one that was recorded")
        for told in left:
            yield self.says(f"paper of card {told.card}, revision {told.revision}: the table lacks it")

    def _requests(self) -> Iterator[Found]:
        left = list(self.told.requests)
        asked = select(ReopeningRequest.__table__).join(Assignment).join(Slot).where(Slot.adoption_id == self.adoption)
        for row in self.db.execute(asked.order_by(ReopeningRequest.id)):
            alias = self.cards[row.assignment_id]
            name = f"request to open card {row.assignment_id} (row {row.id})"
            told = next((each for each in left if each.card == alias), None)
            if told is None:
                yield self.says(f"{name}: no line tells of it")
                continue
            left.remove(told)
            stored = {"changes": row.changes, "answered": row.answered_at is not None}
            recorded = {"changes": told.changes, "answered": told.answered}
            yield from differing(self.log.name, name, stored, recorded)
            yield from self._who(name, "ask_reopening", row.by_id, (told.actor,))
            for words, text in ((told.why, row.reason), (told.answer, row.answer)):
                if not words.fits(text, erasures=self.erasures):
                    yield self.says(f"{name}: its reason or answer is not the one that was recorded")
        for told in left:
            yield self.says(f"request to open card {told.card}: a line tells of it, and the table lacks it")


def untold_declarations(db: Session, declared: set[int]) -> Iterator[Found]:
    """Declarations that no line of any award tells of, in sessions of the awards that have logs."""
    for number, session in db.execute(select(Declaration.id, Declaration.session_id).order_by(Declaration.id)):
        if number not in declared:
            yield Found("site", None, f"declaration {number} in session {session}: no line tells of it")


def _shown(values: tuple[object, ...]) -> str:
    """Values of a row in a sentence."""
    return ", ".join(each.isoformat() if isinstance(each, datetime) else str(each) for each in values)
