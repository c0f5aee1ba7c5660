"""A log read once: its chain, its hashes and its erasable texts are checked while its lines pass by."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NoReturn

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from award.db.anchors import roots_at
from award.db.ledger import FIRST, SITE, Checkpoint, LedgerText, canonical, salted, walk_lines
from award.ledger_check.found import Found, Text


def _refuse(number: str) -> NoReturn:
    raise ValueError(number)


_READER = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse)
_WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_LONG = re.compile("[0-9]{16}")
_SALTED = '{"salted":"'  # in a canonical line; within a text its quotes are escaped


@dataclass(frozen=True, slots=True)
class Line:
    """A line with the texts behind it, by path. `missing`: how many of its texts are no longer kept."""

    seq: int
    act: str
    actor: str
    body: Any
    texts: dict[str, str]
    missing: int

    def words_at(self, path: str) -> Text:
        """The free text at a path of the body."""
        return Text(self.texts.get(path))


def read_lines(db: Session, log: str, found: list[Found]) -> Iterator[Line]:
    """The lines of a log that can be read, in order; what is wrong with them goes to `found`."""
    prev, expected = FIRST, 1
    texts = _Texts(db, log)
    for row in walk_lines(db, log):
        if row.seq != expected:
            found.append(Found(log, row.seq, f"line {expected} is missing: the next one is {row.seq}"))
        told = parsed(row.line)
        if told is None:
            found.append(Found(log, row.seq, "the line is not in its one canonical form"))
            told = {}
        if (told.get("seq"), told.get("log", SITE), told.get("prev"), row.prev) != (row.seq, log, prev, prev):
            found.append(Found(log, row.seq, "the line does not continue the one before it"))
        prev, expected = hashlib.sha256(b"\x00" + row.line.encode()).hexdigest(), row.seq + 1
        if row.leaf != prev:
            found.append(Found(log, row.seq, "the line was changed: its hash is another"))
        kept, body = texts.of(row.seq, found), told.get("body")
        for text in kept:
            if _at(body, text.path) != {"salted": salted(text.salt, text.text)}:
                found.append(Found(log, row.seq, f"the text at {text.path} is not the one that was recorded"))
        if isinstance(body, dict):
            missing = row.line.count(_SALTED) - len(kept)
            yield Line(
                row.seq, str(told.get("act")), str(told.get("actor")), body, {each.path: each.text for each in kept},
                missing,
            )  # fmt: skip
    texts.end(found)


class _Texts:
    """The texts of a log, walked beside its lines: never all in memory."""

    def __init__(self, db: Session, log: str) -> None:
        asked = select(LedgerText.seq, LedgerText.path, LedgerText.salt, LedgerText.text).where(LedgerText.log == log)
        self.log = log
        self.rows = iter(db.execute(asked.order_by(LedgerText.seq).execution_options(yield_per=2000)))
        self.next: Row[int, str, str, str] | None = next(self.rows, None)

    def of(self, seq: int, found: list[Found]) -> list[Row[int, str, str, str]]:
        """The texts of a line; those before it belong to no line."""
        kept = []
        while self.next is not None and self.next.seq <= seq:
            if self.next.seq == seq:
                kept.append(self.next)
            else:
                self._lost(found)
            self.next = next(self.rows, None)
        return kept

    def end(self, found: list[Found]) -> None:
        """After the last line."""
        while self.next is not None:
            self._lost(found)
            self.next = next(self.rows, None)

    def _lost(self, found: list[Found]) -> None:
        assert self.next is not None
        found.append(Found(self.log, self.next.seq, f"the text at {self.next.path} is not the one that was recorded"))


def parsed(line: str) -> dict[str, Any] | None:
    """The line as a value, or None where it is not the one text of that value."""
    try:
        told = _READER.decode(line)
        # Its keys are ASCII and its integers small where the whole line is; only other lines take the long way.
        plain = line.isascii() and not _LONG.search(line)
        return told if isinstance(told, dict) and (_WRITER.encode if plain else canonical)(told) == line else None
    except ValueError:
        return None


def check_points(db: Session) -> Iterator[Found]:
    """Every checkpoint is the root of that many lines; one walk for each log, however many it has."""
    points = db.execute(select(Checkpoint).order_by(Checkpoint.log, Checkpoint.size)).scalars()
    for log, of_log in groupby(points, key=lambda point: point.log):
        own = {point.size: point for point in of_log}
        _, roots = roots_at(db, log, own, most=max(own))
        for point in (point for size, point in own.items() if roots.get(size) != point.root):
            yield Found(point.log, None, f"the first {point.size} lines are not those of the checkpoint of that size")


def _at(body: Any, path: str) -> Any:
    """What stands at a path such as notes/d1/commitment: names may hold a slash themselves, so the longest fits."""
    if not path or body is None:
        return body
    if isinstance(body, list):
        head, _, rest = path.partition("/")
        return _at(body[int(head)], rest) if head.isdigit() and int(head) < len(body) else None
    if isinstance(body, dict):
        if path in body:
            return body[path]
        for name in sorted(body, key=len, reverse=True):
            if path.startswith(f"{name}/"):
                return _at(body[name], path[len(name) + 1 :])
    return None
