"""Where everything stands in an entry's form as a workbook: the same places for writing it and for reading it back.

One sheet for each part of the form, questions down; one for each table (projects, rows by district), because a table
in a cell is a table nobody fills in. Values only.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from exports.cell_text import legal_sheet_name
from exports.score_sheet_layout import ABOUT
from scoring_rules.rules import Field, Indicator
from scoring_rules.words import Words

__all__ = ["ABOUT"]

FORMAT = "award-entry-book/1"
YES, NO = Words("ใช่", "Yes"), Words("ไม่ใช่", "No")
BRING_BACK = Words(
    "กรอกแล้วส่งคืนเจ้าหน้าที่จังหวัด ซึ่งนำไฟล์เข้าทางหน้าเดิมของระบบ ระบบแสดงทุกช่องที่จะเปลี่ยนให้ดูก่อนบันทึก การกรอกไฟล์นี้ยังไม่ใช่การส่งผลงาน",
    "Give the filled file back to the provincial officer, who brings it in on the page it came from: every change is "
    "shown before it is stored. Filling this file does not send the entry.",
)

# Of the sheet of a part: questions down.
CODE, QUESTION, ANSWER, EXPECTED = 1, 2, 3, 4
HEADS, FIRST_LINE = 4, 5
# Of the sheet of a table: rows down, columns across.
NUMBER, FIRST_COLUMN = 1, 2
COLUMN_EXPECTED, COLUMN_CODES, COLUMN_HEADS, FIRST_ROW = 4, 5, 6, 7
MOST_ROWS_OFFERED = 50

LineKind = Literal["heading", "question", "table", "files", "result"]
Block = Words | Field | Indicator  # a heading, a question, a number worked out from questions above it


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the form: a dimension, or what belongs to the entry as a whole."""

    code: str
    label: Words
    blocks: tuple[Block, ...]

    @property
    def fields(self) -> Iterator[Field]:
        """The questions of this part."""
        return (block for block in self.blocks if isinstance(block, Field))


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a part's sheet."""

    row: int
    kind: LineKind
    block: Block

    @property
    def code(self) -> str:
        """What stands in the code column; blank for a heading, which asks nothing."""
        if isinstance(self.block, Words):
            return ""
        return f"#{self.block.code}" if isinstance(self.block, Indicator) else self.block.code

    @property
    def label(self) -> Words:
        """What the row says."""
        return self.block if isinstance(self.block, Words) else self.block.label


@dataclass(frozen=True)
class PartPage:
    """The sheet of a part."""

    name: str
    part: Part

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Its rows, in the order of the form."""
        return tuple(Line(row, _kind(block), block) for row, block in enumerate(self.part.blocks, FIRST_LINE))

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        """The row of each code."""
        return {line.code: line.row for line in self.lines if line.code}

    @property
    def last_row(self) -> int:
        """The last row that says something."""
        return FIRST_LINE + len(self.lines) - 1


@dataclass(frozen=True)
class TablePage:
    """The sheet of a table with `count` rows to fill."""

    name: str
    field: Field
    count: int

    @property
    def last_row(self) -> int:
        """The last row to fill."""
        return FIRST_ROW + self.count - 1

    @property
    def row_of(self) -> Mapping[str, int]:
        """The row of each number."""
        return {str(number): FIRST_ROW + number - 1 for number in range(1, self.count + 1)}

    @property
    def column_of(self) -> Mapping[str, int]:
        """The column of each column code."""
        return {column.code: place for place, column in enumerate(self.field.columns, FIRST_COLUMN)}


def _kind(block: Block) -> LineKind:
    if isinstance(block, Words):
        return "heading"
    if isinstance(block, Indicator):
        return "result"
    return "table" if block.type == "table" else "files" if block.type == "files" else "question"


def pages_of(parts: Sequence[Part], rows: Mapping[str, int], *, language: str) -> tuple[PartPage | TablePage, ...]:
    """The sheets of these parts with the names they get in `language`; `rows` says how many each table offers."""
    taken = [ABOUT.th, ABOUT.en]
    made: list[PartPage | TablePage] = []

    def named(label: Words) -> str:
        short = label.in_language(language).partition(" (")[0]
        taken.append(legal_sheet_name(short, taken))
        return taken[-1]

    for part in parts:
        made.append(PartPage(named(part.label), part))
        made.extend(
            TablePage(named(each.label), each, rows.get(each.code, 0)) for each in part.fields if each.type == "table"
        )
    return tuple(made)


@dataclass(frozen=True, slots=True)
class Identity:
    """Which entry a file is of, as it was when: read back, it must be what it was."""

    language: str
    cycle: str
    rule_set: str
    rules_sha256: str
    entry: str
    revision: str
    parts: str  # codes of the parts in the file, by blanks
    rows: str  # how many rows each table offers: `projects=20 channels=10`
    for_whom: str  # a district, or blank

    @property
    def check(self) -> str:
        """Sixteen digits that change when anything of it does: they tell a damaged file from a foreign one."""
        told = [FORMAT, *(getattr(self, name) for name in KEYS)]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()[:16]

    @property
    def row_counts(self) -> dict[str, int]:
        """`rows` as numbers. Raises ValueError for a text that says none."""
        pairs = (each.rpartition("=") for each in self.rows.split())
        return {code: int(count) for code, _, count in pairs}


KEYS: Mapping[str, Words] = {
    "language": Words("ภาษาของแฟ้ม", "Language of the file"),
    "cycle": Words("ปี (พ.ศ.)", "Cycle (Buddhist Era)"),
    "rule_set": Words("เกณฑ์ฉบับที่", "Rule set"),
    "rules_sha256": Words("ลายพิมพ์ของเกณฑ์ (SHA-256)", "Fingerprint of the rules (SHA-256)"),
    "entry": Words("รหัสผลงาน", "Entry code"),
    "revision": Words("ทำจากฉบับบันทึกครั้งที่", "Made from revision"),
    "parts": Words("ส่วนของแบบในแฟ้มนี้", "Parts of the form in this file"),
    "rows": Words("จำนวนแถวของตาราง", "Rows of the tables"),
    "for_whom": Words("ส่งให้", "Sent to"),
}
FORMAT_KEY, CHECK_KEY = "format", "check"


@dataclass(frozen=True)
class EntryBook:
    """An entry's form to fill in away from the site: what the workbook is made from.

    `answers` by code (texts; rows of texts for tables), `files` how many stand beside each question, `results` what
    indicators come to now, `locked` the questions that may not be changed.
    """

    award: Words
    category: Words
    cycle: int
    rule_set: str
    rules_sha256: str
    proposed: bool
    entry: str
    label: str
    province: Words
    revision: int
    parts: tuple[Part, ...]
    answers: Mapping[str, Any]
    made_at: datetime
    made_by: Words
    files: Mapping[str, int] = field(default_factory=dict)
    results: Mapping[str, str] = field(default_factory=dict)
    locked: frozenset[str] = frozenset()
    districts: int = 0
    due: Words = field(default_factory=lambda: Words(""))
    for_whom: str = ""
    invented: bool = False
    language: str = "th"

    def say(self, said: Words | str) -> str:
        """The text in the book's language."""
        return said if isinstance(said, str) else said.in_language(self.language)

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """How many rows each table offers: those there are and some more, as many as the rules allow."""
        return {each.code: self._offered(each) for part in self.parts for each in part.fields if each.type == "table"}

    def _offered(self, table: Field) -> int:
        there = len(self.answers.get(table.code) or ())
        by_district = table.code[:1] == "@" and self.districts > 0
        wanted = self.districts + 3 if by_district else max(20, there + 10)
        return max(there, min(table.max_rows or MOST_ROWS_OFFERED, wanted))

    @cached_property
    def pages(self) -> tuple[PartPage | TablePage, ...]:
        """The sheets."""
        return pages_of(self.parts, self.rows, language=self.language)

    @cached_property
    def identity(self) -> Identity:
        """What the file says of itself."""
        return Identity(
            language=self.language,
            cycle=str(self.cycle),
            rule_set=self.rule_set,
            rules_sha256=self.rules_sha256,
            entry=self.entry,
            revision=str(self.revision),
            parts=" ".join(part.code for part in self.parts),
            rows=" ".join(f"{code}={count}" for code, count in self.rows.items()),
            for_whom=" ".join(self.for_whom.split()),
        )
