"""Entries and files by the words kept of them (`db/words.py`): those that hold what is looked for and those that almost
do, the newest first, all within the person's scope.

Folded texts are kept with one byte for a letter, so that SQLite looks through a quarter of a million of them in some
thirty milliseconds, without the rest of the program waiting. Rows whose words are not filled in yet are read anew.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Select, func, literal, or_, select, true
from sqlalchemy.orm import Session

from award.db.entries import Entry, Evidence
from award.db.words import EntryWords, FileWords
from award.queries.likeness import allowed, almost_holding, fold, holding, parts_of

LOOKED_AT = 20_000  # of those that hold a part of every word; a letter is compared in no more than the newest of these
AT_A_TIME = 2_000
AT_ONCE = 10_000  # files that hold a part of every word: so many are taken along to what holds the words as typed
Known = tuple[str, int]  # a folded text and whose it is
_OTHER, _FIRST, _BITS = 0xA0, 0x80, 5  # folded texts hold no letter that would become one of these
_SPELT = re.compile("\xa0([\x80-\x9f]{5})")


def pack(folded: str) -> bytes:
    """Folded text in one byte for each Thai or plain Latin letter and six for any other. A word stands in a text
    where, and only where, the packed word stands in the packed text."""
    try:
        return folded.encode("iso8859_11")
    except UnicodeEncodeError:
        return b"".join(map(_pack_letter, folded))


def _pack_letter(letter: str) -> bytes:
    try:
        return letter.encode("iso8859_11")
    except UnicodeEncodeError:
        code = ord(letter)
        return bytes([_OTHER, *(_FIRST + (code >> at & 31) for at in range(4 * _BITS, -1, -_BITS))])


def unpack(packed: bytes) -> str:
    """The folded text."""
    text = packed.decode("iso8859_11")
    return _SPELT.sub(_spell, text) if chr(_OTHER) in text else text


def _spell(found: re.Match[str]) -> str:
    code = 0
    for letter in found[1]:
        code = code << _BITS | ord(letter) - _FIRST
    return chr(code)


def entry_text(code: str, label: str) -> str:
    """What is kept of an entry, folded."""
    return f"{fold(code)}\n{fold(label)}"


def file_text(title: str, name: str) -> str:
    """What is kept of a piece of evidence, folded."""
    return f"{fold(title)}\n{fold(name)}"


@dataclass
class EntryTexts:
    """The entries in a person's scope (`own`: their ids, None for all) by code, label and the names of province and
    award, which are given folded by code and by adoption."""

    db: Session
    own: Sequence[int] | None
    provinces: Mapping[str, str]
    awards: Mapping[int, str] = field(default_factory=dict)
    among: ColumnElement[bool] = field(default_factory=true)  # further conditions on EntryWords

    def where(self, words: Sequence[str]) -> ColumnElement[bool]:
        """The entries that hold the words, as a condition on Entry."""
        held = [ref for _, ref in holding(words, self._waiting)]
        stands = select(EntryWords.entry_id).where(self._scope, *(self._stands(word) for word in words))
        return or_(Entry.id.in_(stands), Entry.id.in_(held)) if held else Entry.id.in_(stands)

    def held(self, words: Sequence[str], most: int) -> list[Known]:
        """Those in which every word stands; the `most` newest."""
        rows = self.db.connection().execute(self._asked(most).where(*(self._stands(word) for word in words)))
        return _newest([*map(self._known, rows), *holding(words, self._waiting)], most)

    def near(self, words: Sequence[str], most: int, *, but: frozenset[int]) -> list[Known]:
        """Those in which every word almost stands, without these; the `most` newest."""
        hints = {word: self._near_places(word) for word in words if allowed(word)}
        stands = [self._almost(word, *hints[word]) if word in hints else self._stands(word) for word in words]
        rows = self.db.connection().execute(self._asked(LOOKED_AT).where(*stands)).all()

        def choose(some: list[Any]) -> list[Known]:
            for word, (provinces, awards) in hints.items():
                own = [(unpack(row.words), row.entry_id) for row in some
                       if row.province_code not in provinces and row.adoption_id not in awards]  # fmt: skip
                near = {ref for _, ref in almost_holding([word], own)}
                far = {ref for _, ref in own} - near
                some = [row for row in some if row.entry_id not in far]
            return [self._known(row) for row in some]

        found = _first([row for row in rows if row.entry_id not in but], choose, most)
        waiting = [each for each in almost_holding(words, self._waiting) if each[1] not in but]
        return _newest([*found, *waiting], most)

    @cached_property
    def _scope(self) -> ColumnElement[bool]:
        return self.among if self.own is None else self.among & EntryWords.entry_id.in_(_each(self.own))

    def _asked(self, most: int) -> Select:
        return (
            select(EntryWords.entry_id, EntryWords.province_code, EntryWords.adoption_id, EntryWords.words)
            .where(self._scope, EntryWords.words.is_not(None))
            .order_by(EntryWords.entry_id.desc())
            .limit(most)
        )

    @cached_property
    def _waiting(self) -> list[Known]:
        rows = self.db.execute(
            select(Entry.id, Entry.code, Entry.label, Entry.province_code, Entry.adoption_id)
            .where(Entry.id.in_(select(EntryWords.entry_id).where(self._scope, EntryWords.words.is_(None))))
            .order_by(Entry.id.desc())
        )
        return [(self._whole(entry_text(row.code, row.label), row), row.id) for row in rows]

    def _known(self, row: Any) -> Known:
        return self._whole(unpack(row.words), row), row.entry_id

    def _whole(self, own: str, row: Any) -> str:
        return "\n".join((own, self.provinces[row.province_code], self.awards.get(row.adoption_id, "")))

    def _stands(self, word: str) -> ColumnElement[bool]:
        return self._in(
            _stands(EntryWords.words, [word]),
            {code for code, text in self.provinces.items() if word in text},
            {number for number, text in self.awards.items() if word in text},
        )

    def _almost(self, word: str, provinces: set[str], awards: set[int]) -> ColumnElement[bool]:
        return self._in(_stands(EntryWords.words, parts_of(word)), provinces, awards)

    def _near_places(self, word: str) -> tuple[set[str], set[int]]:
        provinces = almost_holding([word], [(text, code) for code, text in self.provinces.items()])
        awards = almost_holding([word], [(text, number) for number, text in self.awards.items()])
        return {code for _, code in provinces}, {number for _, number in awards}

    def _in(self, own: ColumnElement[bool], provinces: set[str], awards: set[int]) -> ColumnElement[bool]:
        if len(provinces) == len(self.provinces):
            return true()
        if provinces:
            own = own | EntryWords.province_code.in_(_each(sorted(provinces)))
        return own | EntryWords.adoption_id.in_(_each(sorted(awards))) if awards else own


@dataclass
class FileTexts:
    """The evidence of the entries in a person's scope by title and name; None: of all."""

    db: Session
    own: Sequence[int] | None
    _all_near: Sequence[Any] | None = None  # whatever may be near, where that is not much: then it is asked once

    def held(self, words: Sequence[str], most: int) -> list[Known]:
        """Those in which every word stands; the `most` newest."""
        rows: Sequence[Any] = ()
        if any(map(allowed, words)):
            rows = self._may_be_near(words, AT_ONCE)
            self._all_near = rows if len(rows) < AT_ONCE else None
        if self._all_near is None:
            stands = (_stands(FileWords.words, [word]) for word in words)
            rows = self.db.connection().execute(self._asked(most).where(*stands)).all()
        return _newest(holding(words, [*map(self._known, rows), *self._waiting]), most)

    def near(self, words: Sequence[str], most: int, *, but: frozenset[int]) -> list[Known]:
        """Those in which every word almost stands, without these; the `most` newest."""
        rows = self._may_be_near(words, LOOKED_AT) if self._all_near is None else self._all_near
        found = _first(
            [row for row in rows if row.evidence_id not in but],
            lambda some: almost_holding(words, map(self._known, some)), most,
        )  # fmt: skip
        waiting = [each for each in almost_holding(words, self._waiting) if each[1] not in but]
        return _newest([*found, *waiting], most)

    def _may_be_near(self, words: Sequence[str], most: int) -> Sequence[Any]:
        stands = [_stands(FileWords.words, parts_of(word) if allowed(word) else [word]) for word in words]
        return self.db.connection().execute(self._asked(most).where(*stands)).all()

    @cached_property
    def _scope(self) -> ColumnElement[bool]:
        if self.own is None:
            return true()
        return FileWords.evidence_id.in_(select(Evidence.id).where(Evidence.entry_id.in_(_each(self.own))))

    def _asked(self, most: int) -> Select:
        return (
            select(FileWords.evidence_id, FileWords.words)
            .where(self._scope, FileWords.words.is_not(None))
            .order_by(FileWords.evidence_id.desc())
            .limit(most)
        )

    @cached_property
    def _waiting(self) -> list[Known]:
        rows = self.db.execute(
            select(Evidence.id, Evidence.title, Evidence.name)
            .where(
                Evidence.id.in_(select(FileWords.evidence_id).where(self._scope, FileWords.words.is_(None))),
                Evidence.removed_at.is_(None),
            )
            .order_by(Evidence.id.desc())
        )
        return [(file_text(row.title, row.name), row.id) for row in rows]

    @staticmethod
    def _known(row: Any) -> Known:
        return unpack(row.words), row.evidence_id


def _stands(column: Any, parts: Iterable[str]) -> ColumnElement[bool]:
    return or_(*(func.instr(column, literal(pack(part), LargeBinary)) > 0 for part in parts))


def _each(values: Sequence[Any]) -> Select[Any]:
    """Any number of values as one bound one."""
    return select(func.json_each(json.dumps(values)).table_valued("value").c.value)


def _first(rows: list[Any], choose: Callable[[list[Any]], list[Known]], most: int) -> list[Known]:
    """What is chosen of the rows, in their order, until there are `most`."""
    found: list[Known] = []
    for start in range(0, len(rows), AT_A_TIME):
        found += choose(rows[start : start + AT_A_TIME])
        if len(found) >= most:
            break
    return found[:most]


def _newest(known: list[Known], most: int) -> list[Known]:
    return sorted(known, key=lambda each: -each[1])[:most]
