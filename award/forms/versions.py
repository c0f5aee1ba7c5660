"""What changed between two versions of an entry, as people read it: question by question, old and new."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from award.answers.codes import list_fields
from award.forms.entries import spoken
from scoring_rules.rules import Category, Field
from scoring_rules.words import Words

LABEL = "@label"
NAME = Field(LABEL, Words("ชื่อผู้ส่งผลงาน", "Who stands for the entry"), "text", required=True)
MOST_COMPARED = 200_000  # pairs of letters; beyond it a passage counts as wholly replaced
SHORT = 3  # letters that stayed between two changed passages: too few to be read as unchanged
_LETTERS = re.compile(r".[\u0e31\u0e33-\u0e3a\u0e47-\u0e4e]*", re.DOTALL)  # a Thai letter with its marks is one


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage of a text: `kind` is same, out (only in the old one) or new."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose answer is another one. `pieces` for texts; `lost` and `added` rows for tables."""

    field: Field
    old: str | Words
    new: str | Words
    pieces: tuple[Piece, ...] = ()
    lost: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    @property
    def is_restorable(self) -> bool:
        """Whether the older answer can be put back: who stands for an entry cannot be made nobody."""
        return self.field.code != LABEL or bool(self.old)


def list_changed(category: Category, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Field]:
    """The questions that the two versions answer differently, in the order of the form."""
    return [
        field
        for field in (NAME, *list_fields(category))
        if (before.get(field.code) or "") != (after.get(field.code) or "")
    ]


def list_changes(
    category: Category, before: Mapping[str, Any], after: Mapping[str, Any], *, language: str
) -> list[Change]:
    """The same with what the answers were and are."""
    return [
        _change(field, before.get(field.code) or "", after.get(field.code) or "", language)
        for field in list_changed(category, before, after)
    ]


def _change(field: Field, old: Any, new: Any, language: str) -> Change:
    if field.type == "table":
        rows, newer = _rows(field, old or [], language), _rows(field, new or [], language)
        match = SequenceMatcher(None, rows, newer, autojunk=False)
        lost = tuple(rows[at] for tag, *span in match.get_opcodes() if tag != "equal" for at in range(*span[:2]))
        added = tuple(newer[at] for tag, *span in match.get_opcodes() if tag != "equal" for at in range(*span[2:]))
        return Change(field, "", "", lost=lost, added=added)
    was, now = spoken(field, str(old), language=language)[1], spoken(field, str(new), language=language)[1]
    pieces = tuple(compare(was, now)) if isinstance(was, str) and isinstance(now, str) and old and new else ()
    return Change(field, was, now, pieces)


YES_NO = {"yes": Words("ใช่", "Yes"), "no": Words("ไม่ใช่", "No")}


def read_answer(field: Field, value: Any, language: str) -> str:
    """An answer as one text that people read; a table's rows stand on lines of their own."""
    if field.type == "table":
        return "\n".join(_rows(field, value or [], language))
    said = YES_NO.get(value, "") if field.type == "yes_no" else spoken(field, str(value), language=language)[1]
    return said if isinstance(said, str) else said.in_language(language)


def _rows(table: Field, rows: Sequence[Mapping[str, str]], language: str) -> list[str]:
    """Each row as one line: what stands in its cells, and the names of its ticks."""
    return [" · ".join(_cells(table, row, language)) for row in rows]


def _cells(table: Field, row: Mapping[str, str], language: str) -> Iterator[str]:
    for column in table.columns:
        text = row.get(column.code, "")
        if column.type == "yes_no":
            if text == "yes":
                yield f"✓ {column.label.in_language(language)}"
        elif text:
            said = spoken(column, text, language=language)[1]
            yield said if isinstance(said, str) else said.in_language(language)


def compare(old: str, new: str) -> Iterator[Piece]:
    """Both texts as passages that stayed, went and came, in reading order. Never parts a Thai letter from its marks."""
    ours, theirs = _LETTERS.findall(old), _LETTERS.findall(new)
    start = 0
    while start < min(len(ours), len(theirs)) and ours[start] == theirs[start]:
        start += 1
    end = 0
    while end < min(len(ours), len(theirs)) - start and ours[-1 - end] == theirs[-1 - end]:
        end += 1
    middle, newer = ours[start : len(ours) - end], theirs[start : len(theirs) - end]
    pieces = [
        Piece("same", "".join(ours[:start])),
        *_middle(middle, newer),
        Piece("same", "".join(ours[len(ours) - end :])),
    ]
    yield from (piece for piece in pieces if piece.text)


def _middle(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[Piece]:
    went, came = "", ""
    codes = [("replace", 0, len(ours), 0, len(theirs))]
    if len(ours) * len(theirs) <= MOST_COMPARED:
        codes = list(SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes())
    for tag, one, two, three, four in codes:
        if tag == "equal" and two - one > SHORT:
            yield from (Piece("out", went), Piece("new", came), Piece("same", "".join(ours[one:two])))
            went, came = "", ""
        else:
            went, came = went + "".join(ours[one:two]), came + "".join(theirs[three:four])
    yield from (Piece("out", went), Piece("new", came))
