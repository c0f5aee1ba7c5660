"""Whether the ledger is whole, and whether the tables say what it says: the invariants of a living site."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Integer, select, type_coerce
from sqlalchemy.orm import Session

from award.db.anchors import find_broken, read_anchors, root_at
from award.db.cycles import Adoption
from award.db.entries import Entry
from award.db.ledger import (
    FIRST,
    SITE,
    Checkpoint,
    LedgerLine,
    LedgerText,
    Log,
    canonical,
    list_heads,
    salted,
    walk_lines,
)
from award.db.ranking import RankingRun
from award.db.scoring import Assignment, Mark, Slot


@dataclass(frozen=True, slots=True)
class Found:
    """What is not as it must be: the log, the line where one is known, and what was expected and found."""

    log: str
    seq: int | None
    says: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A log that was read whole."""

    log: str
    size: int
    root: str


def check_ledger(db: Session, *, anchors: Path) -> tuple[list[Checked], list[Found]]:
    """Reads every log from its first line: chain, hashes, checkpoints, anchors, erasable texts; then compares entries,
    slots, cards, marks and runs with what the lines of each award say. Read it inside one consistent session."""
    checked: list[Checked] = []
    found: list[Found] = []
    for head in list_heads(db):
        size, root = root_at(db, head.log)
        checked.append(Checked(head.log, size, root))
        found += _chain(db, head.log)
    found += _checkpoints(db)
    found += [Found(each.anchor.log, None, each.says) for each in find_broken(db, read_anchors(anchors))]
    found += _texts(db)
    for adoption, log in db.execute(select(Adoption.id, Adoption.log).order_by(Adoption.id)).all():
        found += _tables(db, adoption, log)
    return checked, found


def _chain(db: Session, log: str) -> Iterator[Found]:
    prev, expected = FIRST, 1
    for row in walk_lines(db, log):
        if row.seq != expected:
            yield Found(log, row.seq, f"line {expected} is missing: the next one is {row.seq}")
        try:
            told = json.loads(row.line)
            same = canonical(told) == row.line
        except ValueError:
            same, told = False, {}
        if not same:
            yield Found(log, row.seq, "the line is not in its one canonical form")
        if (told.get("seq"), told.get("log", SITE), told.get("prev"), row.prev) != (row.seq, log, prev, prev):
            yield Found(log, row.seq, "the line does not continue the one before it")
        prev, expected = hashlib.sha256(b"\x00" + row.line.encode()).hexdigest(), row.seq + 1
        if row.leaf != prev:
            yield Found(log, row.seq, "the line was changed: its hash is another")


def _checkpoints(db: Session) -> Iterator[Found]:
    for point in db.execute(select(Checkpoint).order_by(Checkpoint.log, Checkpoint.size)).scalars():
        size, root = root_at(db, point.log, most=point.size)
        if (size, root) != (point.size, point.root):
            yield Found(point.log, None, f"the first {point.size} lines are not those of the checkpoint of that size")


def _texts(db: Session) -> Iterator[Found]:
    lines: dict[tuple[str, int], Any] = {}
    for text in db.execute(select(LedgerText).order_by(LedgerText.log, LedgerText.seq, LedgerText.path)).scalars():
        place: Any = lines.get((text.log, text.seq))
        if place is None:
            told = [json.loads(row.line) for row in _line(db, text.log, text.seq)]
            place = lines[text.log, text.seq] = told[0]["body"] if told else {}
        if _at(place, text.path) != {"salted": salted(text.salt, text.text)}:
            yield Found(text.log, text.seq, f"the text at {text.path} is not the one that was recorded")


def _line(db: Session, log: str, seq: int):  # type: ignore[no-untyped-def]
    return db.execute(select(LedgerLine.line).where(LedgerLine.log == log, LedgerLine.seq == seq)).all()


def _at(body: Any, path: str) -> Any:
    """What stands at a path such as notes/d1/commitment: names may hold a slash themselves, so the longest fits."""
    if not path or body is None:
        return body
    if isinstance(body, list):
        head, _, rest = path.partition("/")
        return _at(body[int(head)], rest) if head.isdigit() and int(head) < len(body) else None
    if isinstance(body, dict):
        for name in sorted(body, key=len, reverse=True):
            if path == name or path.startswith(f"{name}/"):
                return _at(body[name], path[len(name) + 1 :])
    return None


class _Told:
    """What the lines of an award's log say of its tables."""

    def __init__(self) -> None:
        self.marks: dict[tuple[str, int, str], tuple[int | None, int]] = {}  # by the alias of the card
        self.cards: dict[str, tuple[str, int]] = {}
        self.excused: dict[str, str] = {}
        self.slots: dict[int, str] = {}
        self.entries: dict[str, str] = {}
        self.runs: dict[int, tuple[str, str]] = {}
        self.rules = ""

    def read(self, act: str, body: Any, seq: int) -> None:
        """Takes one line."""
        if act == "open_round":
            self.rules = body["rules_sha256"]
        elif act == "begin_entry":
            self.entries[body["entry"]] = "draft"
        elif act == "submit_entry":
            self.entries[body["entry"]] = "submitted"
        elif act == "return_entry":
            self.entries[body["entry"]] = "draft"
        elif act == "record_presence":
            self.entries[body["entry"]] = "submitted" if body["presented"] else "not_presented"
        elif act in ("open_slot", "close_slot"):
            self.slots[body["slot"]] = "open" if act == "open_slot" else "closed"
        elif act in ("record_marks", "record_sheet"):
            for card in body["cards"] if act == "record_sheet" else [body]:
                self.cards[card["card"]] = ("draft", card["revision"])
                for path, value in card["marks"].items():
                    self.marks[card["card"], card["revision"], path] = (value, seq)
        elif act == "send_card":
            self.cards[body["card"]] = ("sent", body["revision"])
        elif act == "recuse":
            self.excused[body["card"]] = "recused"
        elif act == "excuse_member":
            self.excused |= dict.fromkeys(body["cards"], body["kind"])
        elif act in ("reopen_card", "reopen_slot"):
            for card in body["cards"] if act == "reopen_slot" else [body["card"]]:
                self.cards[card] = ("draft", self.cards.get(card, ("", 0))[1])
            self.slots[body["slot"]] = "open"
        elif act == "calculate_run":
            self.runs[body["run"]] = (body["sealed"]["facts"], body["sealed"]["result"])


def _tables(db: Session, adoption: int, log: str) -> Iterator[Found]:
    told = _Told()
    for row in walk_lines(db, log):
        line = json.loads(row.line)
        told.read(line["act"], line["body"], row.seq)
    if not told.rules:
        return  # a round of before its award had a log
    asked = select(Adoption.rules_sha256, Adoption.rules_text, Adoption.seal).where(Adoption.id == adoption)
    pinned = db.execute(asked).one()
    if pinned.rules_sha256 != told.rules or hashlib.sha256(pinned.rules_text.encode()).hexdigest() != told.rules:
        yield Found(log, 1, "the rules are not those that the round was opened with")
    yield from _entries(db, adoption, log, told)
    own = Log(log, seal=pinned.seal)
    yield from _cards(db, adoption, own, told)
    yield from _marks(db, adoption, own, told)
    runs = select(RankingRun.id, RankingRun.facts_sha256, RankingRun.result_sha256, RankingRun.facts, RankingRun.result)
    for run in db.execute(runs.where(RankingRun.adoption_id == adoption).order_by(RankingRun.id)):
        facts, result = (hashlib.sha256(text.encode()).hexdigest() for text in (run.facts, run.result))
        sealed = own.sealed("facts", facts), own.sealed("result", result)
        if sealed != told.runs.get(run.id) or (facts, result) != (run.facts_sha256, run.result_sha256):
            yield Found(log, None, f"run {run.id} is not what was recorded when it was calculated")


def _entries(db: Session, adoption: int, log: str, told: _Told) -> Iterator[Found]:
    stored = dict(db.execute(select(Entry.code, Entry.state).where(Entry.adoption_id == adoption)).all())
    for code in sorted(stored.keys() | told.entries.keys()):
        if stored.get(code) != told.entries.get(code):
            yield Found(log, None, f"entry {code}: {_now(stored.get(code), told.entries.get(code))}")
    slots = dict(db.execute(select(Slot.id, Slot.state).where(Slot.adoption_id == adoption)).all())
    for slot, state in sorted(slots.items()):
        if state != told.slots.get(slot, "planned"):
            yield Found(log, None, f"slot {slot}: {_now(state, told.slots.get(slot, 'planned'))}")


def _cards(db: Session, adoption: int, log: Log, told: _Told) -> Iterator[Found]:
    asked = select(Assignment.id, Assignment.state, Assignment.revision, Assignment.excused).join(Slot)
    for card in db.execute(asked.where(Slot.adoption_id == adoption).order_by(Assignment.id)):
        alias = log.alias(f"card {card.id}")
        recorded = (*told.cards.get(alias, ("draft", 0)), told.excused.get(alias, ""))
        if (card.state, card.revision, card.excused) != recorded:
            yield Found(log.name, None, f"card {card.id} ({alias}): {_now(tuple(card)[1:], recorded)}")


def _marks(db: Session, adoption: int, log: Log, told: _Told) -> Iterator[Found]:
    asked = (
        select(Mark.assignment_id, Mark.revision, Mark.criterion, type_coerce(Mark.value, Integer))
        .join(Assignment, Assignment.id == Mark.assignment_id)
        .join(Slot, Slot.id == Assignment.slot_id)
        .where(Slot.adoption_id == adoption)
    )
    stored = {
        (log.alias(f"card {card}"), revision, path): value for card, revision, path, value in db.execute(asked)
    }
    for place in sorted(stored.keys() | told.marks.keys()):
        card, revision, path = place
        recorded, seq = told.marks.get(place, (None, None))
        if place not in stored or place not in told.marks or stored[place] != recorded:
            now = stored.get(place, "nothing")
            yield Found(log.name, seq, f"mark of card {card}, revision {revision}, {path}: {_now(now, recorded)}")


def _now(stored: object, recorded: object) -> str:
    return f"the table says {stored}, the ledger {recorded}"
