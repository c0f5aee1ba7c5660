"""What a database must show after trouble: whole, each acknowledged receipt in it once, tables as its ledger says."""

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from award.db.engine import _prepare
from award.db.ledger import FIRST, alias, leaf_of


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A save that was answered 200: card, revision, and the receipt's text."""

    card: int
    revision: int
    receipt: str


@dataclass(frozen=True, slots=True)
class Proof:
    """`lost`: acknowledged and not there. `doubled`: one save written twice. `faults`: anything else."""

    lost: tuple[Acknowledged, ...]
    doubled: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        return not (self.lost or self.doubled or self.faults)


def prove(file: Path, acknowledged: Collection[Acknowledged], *, all_answered: bool) -> Proof:
    """Opens the file as the program does and looks. `all_answered`: every save that was sent was acknowledged in the
    end, so that any other line is a save done twice."""
    connection = sqlite3.connect(file, timeout=5)
    try:
        _prepare(connection, None)
        found = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if found != "ok":
            return Proof(tuple(acknowledged), (), (f"integrity: {found[:200]}",))
        return _look(connection, acknowledged, all_answered)
    except sqlite3.DatabaseError as error:
        return Proof(tuple(acknowledged), (), (f"cannot be read: {error}",))
    finally:
        connection.close()


def _look(connection: sqlite3.Connection, acknowledged: Collection[Acknowledged], all_answered: bool) -> Proof:
    faults: list[str] = []
    before: dict[str, str] = {}
    receipts: dict[tuple[int, int], str] = {}
    marks: dict[tuple[int, str], object] = {}
    numbers = {
        alias(seal, f"card {card}"): card
        for card, seal in connection.execute(
            "select c.id, a.seal from assignment c "
            "join slot s on s.id = c.slot_id join adoption a on a.id = s.adoption_id"
        )
    }
    doubled: list[str] = []
    for log, seq, line, prev, leaf in connection.execute(
        "select log, seq, line, prev, leaf from ledger_line order by log, seq"
    ):
        if prev != before.get(log, FIRST) or leaf != leaf_of(line):
            faults.append(f"{log} line {seq}: the chain is broken")
        before[log] = leaf
        if '"act":"record_marks"' not in line:
            continue
        body = json.loads(line)["body"]
        card = numbers[body["card"]]
        place = (card, body["revision"])
        if place in receipts:
            doubled.append(f"card {place[0]} has revision {place[1]} twice")
        receipts[place] = f"#{seq} · {leaf[:4]} {leaf[4:8]}"
        for criterion, mark in body["marks"].items():
            marks[card, criterion] = mark
    lost = tuple(each for each in acknowledged if receipts.get((each.card, each.revision)) != each.receipt)
    known = {(each.card, each.revision) for each in acknowledged}
    if all_answered:
        cards = {each.card for each in acknowledged}
        doubled += [
            f"card {place[0]}: revision {place[1]}" for place in receipts if place[0] in cards and place not in known
        ]
    stored = {
        (card, criterion): value
        for card, criterion, value in connection.execute(
            "select assignment_id, criterion, value from mark m where revision = (select max(revision) from mark o "
            "where o.assignment_id = m.assignment_id and o.criterion = m.criterion)"
        )
    }
    differing = [place for place, mark in marks.items() if stored.get(place) != mark]
    if differing:
        faults.append(f"tables and ledger differ at {differing[:3]}")
    return Proof(lost, tuple(doubled), tuple(faults))
