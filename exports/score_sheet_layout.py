"""Where everything stands on a score sheet: the same places for writing it and for reading it back. Values only."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Literal

from exports.cell_text import legal_sheet_name
from exports.material import Member
from scoring_rules.cards import NOTE
from scoring_rules.exact import Number
from scoring_rules.marks import items_of
from scoring_rules.rules import Category, ChecklistSource, Criterion, IndicatorSource, Item, RuleSet, Stage
from scoring_rules.words import Words

FORMAT = "award-score-sheet/1"
FROM_INDICATORS = Words("รวมคะแนนจากตัวชี้วัด", "Including points from indicators:")  # then how many
ABOUT = Words("ข้อมูลแฟ้ม", "About this file")
GUIDE = Words("คำอธิบายระดับ", "What the levels mean")
GONE = Words("ผลงานนี้ถอนตัวหรือไม่ได้นำเสนอ", "This entry was withdrawn or not presented")
BRING_BACK = Words(
    "กรอกแล้วให้ส่งกลับทางหน้าเดิมของระบบ ระบบแสดงทุกช่องที่จะเปลี่ยนให้ดูก่อนบันทึก แฟ้มนี้ยังไม่ใช่การส่งใบให้คะแนน",
    "Bring the filled file back on the page it came from: every change is shown before it is stored. "
    "Filling this file does not send the card.",
)

CODE, LABEL, FULL, SCALE, FIRST_ENTRY = 1, 2, 3, 4, 5
MARK, POINTS, REMARK = 0, 1, 2  # of the columns of an entry
PER_ENTRY = 3
ENTRY_LABELS, ENTRY_CODES, COLUMN_HEADS, FIRST_LINE = 4, 5, 6, 7

Kind = Literal["heading", "mark", "checklist", "item", "given"]


@dataclass(frozen=True, slots=True)
class Kept:
    """A member's marks and notes of one entry as they were at some time."""

    marks: Mapping[str, Number]
    notes: Mapping[str, str]


def _not_known(revision: str) -> Kept | None:
    return None


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """An entry as one member has to mark it, with their own marks and notes so far.

    `revision` names the state of the card, as text; `shut` says why it is not marked now (then its cells are locked);
    `excused` says in two or three words why this member never marks it: then nothing of it is blank or adds up.
    `late`: the province sent it after the deadline. `as_of` answers what the card held at an earlier revision, where
    that is known.
    """

    code: str
    category: str
    label: str
    marks: Mapping[str, Number] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Number] = field(default_factory=dict)
    revision: str = "0"
    shut: Words | None = None
    excused: Words | None = None
    late: bool = False
    as_of: Callable[[str], Kept | None] = field(default=_not_known, compare=False)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a card: a heading, a criterion to mark, a checklist with its items, or an indicator's points.

    `place` is where the mark of this row goes (a leaf's path, or leaf/item); "" where there is none to give.
    """

    row: int
    kind: Kind
    criterion: Criterion
    item: Item | None = None

    @property
    def code(self) -> str:
        """What stands in the code column."""
        return f"{self.criterion.path}/{self.item.code}" if self.item else self.criterion.path

    @property
    def place(self) -> str:
        """Where the mark goes."""
        return self.code if self.kind in ("mark", "item") else ""

    @property
    def note(self) -> str:
        """What the note of this row is called; "" where none is written."""
        return NOTE + self.criterion.path if self.kind in ("mark", "checklist") else ""

    @property
    def label(self) -> Words:
        """What the row asks."""
        return self.item.label if self.item else self.criterion.label


@dataclass(frozen=True)
class Layout:
    """The sheet of one category: criteria down, three columns for each entry."""

    category: Category
    name: str
    entries: tuple[str, ...]

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The rows of the card, in the order of the rules."""
        return tuple(
            Line(row, kind, criterion, item) for row, (kind, criterion, item) in enumerate(self._parts(), FIRST_LINE)
        )

    def _parts(self) -> Iterator[tuple[Kind, Criterion, Item | None]]:
        for node in self.category.nodes():
            if node.parts:
                yield "heading", node, None
            elif isinstance(node.source, IndicatorSource):
                yield "given", node, None
            elif isinstance(node.source, ChecklistSource):
                yield "checklist", node, None
                for item in items_of(node):
                    yield "item", node, item
            else:
                yield "mark", node, None

    @property
    def total_row(self) -> int:
        """The row of the member's own total."""
        return FIRST_LINE + len(self.lines)

    @property
    def last_row(self) -> int:
        """The row of the signature, the last one."""
        return self.total_row + 3

    def column(self, number: int, of: int = MARK) -> int:
        """The column of the entry's mark, points or note; entries count from 0."""
        return FIRST_ENTRY + PER_ENTRY * number + of

    def inputs(self, number: int) -> Iterator[tuple[str, Line, int]]:
        """(name of the change, row, column) of every cell in which an entry's member writes."""
        for line in self.lines:
            if line.place:
                yield line.place, line, self.column(number, MARK)
            if line.note:
                yield line.note, line, self.column(number, REMARK)

    def line(self, code: str) -> Line:
        """The row of that code. Raises KeyError."""
        return {line.code: line for line in self.lines}[code]


@dataclass(frozen=True)
class ScoreSheet:
    """One member's offline score sheet of one award at one stage: what it is made from, and what reading compares."""

    rules: RuleSet
    stage: Stage
    member: Member
    entries: tuple[SheetEntry, ...]
    made_at: datetime
    made_by: str | Words = ""
    bring_back: Words = BRING_BACK
    invented: bool = False
    language: str = "th"

    @cached_property
    def by_code(self) -> Mapping[str, SheetEntry]:
        """Entries by code."""
        return {entry.code: entry for entry in self.entries}

    @cached_property
    def identity(self) -> "Identity":
        """What the file says of itself."""
        return Identity(
            language=self.language,
            cycle=str(self.rules.cycle),
            rule_set=self.rules.id,
            rules_sha256=self.rules.sha256,
            stage=self.stage.code,
            member=self.member.code,
            entries=tuple((each.code, each.category, each.revision) for each in self.entries),
        )

    @cached_property
    def layouts(self) -> tuple[Layout, ...]:
        """One sheet for each category that has entries, in the order of the rules."""
        return layouts_of(self.rules, [(each.code, each.category) for each in self.entries], language=self.language)

    def say(self, said: Words | str) -> str:
        """The text in the sheet's language."""
        return said if isinstance(said, str) else said.in_language(self.language)

    def in_language(self, language: str) -> "ScoreSheet":
        """The same sheet in another language."""
        return replace(self, language=language)


def layouts_of(rules: RuleSet, entries: Sequence[tuple[str, str]], *, language: str) -> tuple[Layout, ...]:
    """The sheets of (entry code, category code) pairs, with the names they get in `language`."""
    taken = [name for words in (ABOUT, GUIDE) for name in (words.th, words.en)]
    made: list[Layout] = []
    for category in rules.categories:
        codes = tuple(code for code, of in entries if of == category.code)
        if codes:
            name = legal_sheet_name(category.label.in_language(language), [*taken, *(each.name for each in made)])
            made.append(Layout(category, name, codes))
    return tuple(made)


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose sheet a file is and of what: read back, it must be what it was. `entries`: (code, category, revision)."""

    language: str
    cycle: str
    rule_set: str
    rules_sha256: str
    stage: str
    member: str
    entries: tuple[tuple[str, str, str], ...]

    @property
    def check(self) -> str:
        """Sixteen digits that change when anything of it does: they tell a damaged file from a foreign one."""
        told = [FORMAT, *(getattr(self, name) for name in KEYS), [list(entry) for entry in self.entries]]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()[:16]


KEYS: Mapping[str, Words] = {
    "language": Words("ภาษาของแฟ้ม", "Language of the file"),
    "cycle": Words("ปี (พ.ศ.)", "Cycle (Buddhist Era)"),
    "rule_set": Words("เกณฑ์ฉบับที่", "Rule set"),
    "rules_sha256": Words("ลายพิมพ์ของเกณฑ์ (SHA-256)", "Fingerprint of the rules (SHA-256)"),
    "stage": Words("รอบ", "Stage"),
    "member": Words("รหัสกรรมการ", "Member code"),
}
FORMAT_KEY, ENTRY_KEY, CHECK_KEY = "format", "entry", "check"
