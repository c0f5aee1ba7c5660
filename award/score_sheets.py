"""A filled score sheet read back: every cell that would change, or every reason why the file is refused as a whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from award.tables.book_file import Book, BookSheet, read_book
from exports.cell_text import cell_text
from exports.score_sheet_layout import (
    ABOUT,
    CHECK_KEY,
    CODE,
    COLUMN_HEADS,
    ENTRY_CODES,
    ENTRY_KEY,
    FIRST_ENTRY,
    FIRST_LINE,
    FORMAT,
    FORMAT_KEY,
    GUIDE,
    KEYS,
    MARK,
    POINTS,
    Identity,
    Layout,
    Line,
    ScoreSheet,
    SheetEntry,
    layouts_of,
)
from exports.workbook import letter_of
from scoring_rules.cards import NOTE, read_changes
from scoring_rules.exact import Number, plain
from scoring_rules.fact_tables import brief
from scoring_rules.problems import FactsRefused, Problem
from scoring_rules.words import Words

FETCH_AGAIN = Words(
    "ดาวน์โหลดใบให้คะแนนใหม่ แล้วคัดลอกคะแนนลงช่องเดิม",
    "Download the score sheet again and copy your marks into the same cells.",
)
TICKS = {"TRUE": "1", "FALSE": "0"}


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that is not what is stored. `name` is the place, or `note:<leaf>`; a blank `new` takes it back."""

    name: str
    label: Words
    sheet: str
    cell: str
    old: str
    new: str

    @property
    def is_note(self) -> bool:
        """Whether it is a note, not a mark."""
        return self.name.startswith(NOTE)


@dataclass(frozen=True, slots=True)
class EntryChanges:
    """What the file would change of one entry. `marked_since`: its card was saved after the file was made."""

    entry: SheetEntry
    changes: tuple[Change, ...]
    marked_since: bool

    def as_typed(self) -> dict[str, str]:
        """The changes by name, as an action takes them."""
        return {change.name: change.new for change in self.changes}


@dataclass(frozen=True, slots=True)
class Preview:
    """What a filled sheet would do, entry by entry in its order. `not_in_file`: entries that came later."""

    entries: tuple[EntryChanges, ...]
    not_in_file: tuple[SheetEntry, ...]

    @property
    def changed(self) -> tuple[EntryChanges, ...]:
        """The entries with a change."""
        return tuple(each for each in self.entries if each.changes)

    @property
    def shut(self) -> tuple[EntryChanges, ...]:
        """Changed entries that may not be marked now: as long as there is one, nothing can be stored."""
        return tuple(each for each in self.changed if each.entry.shut is not None)

    @property
    def conflicts(self) -> tuple[EntryChanges, ...]:
        """Changed entries whose card was saved in between: the file would overwrite that."""
        return tuple(each for each in self.changed if each.marked_since)


def read_score_sheet(data: bytes, *, name: str, sheet: ScoreSheet) -> Preview:
    """What the filled file would change of `sheet`, the same member's sheet as it would be written now.

    Raises FactsRefused with every problem; then nothing of the file counts.
    """
    book = read_book(data, name=name)
    problems = _Problems(name)
    identity = _identity(book, problems)
    if identity is None:
        raise FactsRefused(problems.found)
    _compare(identity, sheet.identity, problems)
    if problems.found:
        raise FactsRefused(problems.found)
    readers: list[EntryChanges] = []
    codes = [(code, category) for code, category, _ in identity.entries]
    since = {code: sheet.by_code[code].revision != revision for code, _, revision in identity.entries}
    layouts = layouts_of(sheet.rules, codes, language=identity.language)
    _note_other_sheets(book, layouts, problems)
    for layout in layouts:
        page = book.sheet(layout.name)
        if page is None:
            says = Words(f"ไม่มีแผ่น “{layout.name}”", f'There is no sheet "{layout.name}".')
            remedy = Words("อย่าลบหรือเปลี่ยนชื่อแผ่น", "Do not delete or rename sheets.")
            problems.add(layout.name, "", "sheet_missing", says, remedy)
            continue
        reader = _Page(page, layout, problems)
        if reader.is_in_place():
            reader.note_strays()
            for number, code in enumerate(layout.entries):
                changes = tuple(reader.changes(number, sheet.by_code[code]))
                readers.append(EntryChanges(sheet.by_code[code], changes, since[code]))
    if problems.found:
        raise FactsRefused(problems.found)
    known = {code for code, _ in codes}
    return Preview(tuple(readers), tuple(entry for entry in sheet.entries if entry.code not in known))


class _Problems:
    """Every problem of one file, in the order of its sheets and cells."""

    def __init__(self, file: str):
        self.file = file
        self.found: list[Problem] = []

    def add(self, sheet: str, cell: str, code: str, says: Words, remedy: Words) -> None:
        place = f"{sheet}!{cell}" if cell else sheet
        self.found.append(Problem(self.file, 0, 0, place, code, says, remedy))


def _cell(row: int, column: int) -> str:
    return f"{letter_of(column)}{row}"


def _identity(book: Book, problems: _Problems) -> Identity | None:
    """What the file says of itself; None (noted) where it says nothing, or where what it says was changed."""
    page = next((found for name in (ABOUT.th, ABOUT.en) if (found := book.sheet(name)) is not None), None)
    if page is None:
        says = Words("ไฟล์นี้ไม่ใช่ใบให้คะแนนของระบบนี้", "This is not a score sheet of this system.")
        wanted = Words(f"ใช้ไฟล์ที่ดาวน์โหลด ซึ่งมีแผ่น “{ABOUT.th}”", f'Use the downloaded file; it has a sheet "{ABOUT.en}".')
        problems.add("", "", "not_a_score_sheet", says, wanted)
        return None
    told: dict[str, list[str]] = {}
    entries: list[tuple[str, str, str]] = []
    for number in range(1, len(page.rows) + 1):
        key = page.at(number, 2)
        if key == ENTRY_KEY:
            entries.append((page.at(number, 3), page.at(number, 4), page.at(number, 5)))
        elif key:
            told.setdefault(key, []).append(page.at(number, 3))
    if told.get(FORMAT_KEY, [FORMAT]) != [FORMAT]:
        says = Words(
            f"รูปแบบของแฟ้มคือ “{brief(' '.join(told[FORMAT_KEY]))}” ไม่ใช่ “{FORMAT}”",
            f'The format is "{brief(" ".join(told[FORMAT_KEY]))}", not "{FORMAT}".',
        )
        problems.add(page.name, "", "format_unknown", says, FETCH_AGAIN)
        return None
    values = {key: told.get(key, [""])[0] for key in KEYS}
    identity = Identity(**values, entries=tuple(entries))
    if [len(told.get(key, [])) for key in (*KEYS, CHECK_KEY)] != [1] * (len(KEYS) + 1) or (
        told[CHECK_KEY][0] != identity.check
    ):
        says = Words(
            "ข้อมูลที่บอกว่าแฟ้มเป็นของใครและของอะไรถูกแก้ หรือไม่ครบ",
            "What says whose file this is and of what was changed, or is not whole.",
        )
        problems.add(page.name, "", "identity_damaged", says, FETCH_AGAIN)
        return None
    return identity


def _compare(found: Identity, wanted: Identity, problems: _Problems) -> None:
    """Note everything in which the file is not of what is asked for."""
    page = ABOUT.in_language(found.language)
    for key, label in KEYS.items():
        here, there = getattr(found, key), getattr(wanted, key)
        if key == "language" or here == there:
            continue
        english = label.in_language("en")
        says = Words(
            f"{label.th}ของแฟ้มคือ “{brief(here)}” แต่ที่ต้องใช้คือ “{brief(there)}”",
            f'{english} of the file is "{brief(here)}"; "{brief(there)}" is needed.',
        )
        problems.add(page, "", f"other_{key}", says, FETCH_AGAIN)
    if problems.found:
        return
    asked = {code: category for code, category, _ in wanted.entries}
    for code, category, _ in found.entries:
        if asked.get(code) != category:
            says = Words(
                f"ผลงาน “{brief(code)}” ไม่ใช่ผลงานที่ท่านต้องให้คะแนน",
                f'The entry "{brief(code)}" is not one you have to mark.',
            )
            problems.add(page, "", "entry_unknown", says, FETCH_AGAIN)


def _note_other_sheets(book: Book, layouts: Sequence[Layout], problems: _Problems) -> None:
    """Note sheets that are not ours: what stands there is not read, and must not seem to be."""
    ours = {name for words in (ABOUT, GUIDE) for name in (words.th, words.en)} | {each.name for each in layouts}
    for page in book.sheets:
        if page.name not in ours and any(any(row) for row in page.rows):
            says = Words(
                "แผ่นนี้ไม่ใช่ของใบให้คะแนน และจะไม่ถูกอ่าน", "This sheet is not part of the score sheet and is not read."
            )
            remedy = Words("ลบแผ่นนี้ หรือเปลี่ยนชื่อกลับ", "Delete it, or give it its old name back.")
            problems.add(page.name, "", "sheet_unknown", says, remedy)


class _Page:
    """One sheet of the file against its layout."""

    def __init__(self, page: BookSheet, layout: Layout, problems: _Problems):
        self.page, self.layout, self.problems = page, layout, problems

    def _note(self, row: int, column: int, code: str, says: Words, remedy: Words) -> None:
        self.problems.add(self.layout.name, _cell(row, column), code, says, remedy)

    def is_in_place(self) -> bool:
        """Whether every row and column stands where it was written; each that does not is noted."""
        layout, before = self.layout, len(self.problems.found)
        wanted_rows = {line.code: line.row for line in layout.lines}
        wanted_columns = {code: layout.column(number) for number, code in enumerate(layout.entries)}
        height = len(self.page.rows)
        width = max((len(row) for row in self.page.rows), default=0)
        rows = [(row, self.page.at(row, CODE)) for row in range(FIRST_LINE, height + 1)]
        columns = [(column, self.page.at(ENTRY_CODES, column)) for column in range(FIRST_ENTRY, width + 1)]
        for place, code, says in _misplaced(rows, wanted_rows, Words("แถว", "row"), FIRST_LINE):
            self._note(place, CODE, code, says, FETCH_AGAIN)
        lettered = Words("คอลัมน์", "column")
        for place, code, says in _misplaced(columns, wanted_columns, lettered, FIRST_ENTRY):
            self._note(ENTRY_CODES, place, code, says, FETCH_AGAIN)
        return len(self.problems.found) == before

    def note_strays(self) -> None:
        """Note what was typed where nothing is read, and formulas of ours that are gone."""
        layout = self.layout
        inputs = {
            (line.row, column) for number in range(len(layout.entries)) for _, line, column in layout.inputs(number)
        }
        live = set(self._formulas())
        for row in range(FIRST_LINE, len(self.page.rows) + 1):
            for column in range(CODE, len(self.page.rows[row - 1]) + 1):
                text = self.page.at(row, column)
                if text and (row, column) not in inputs | live and not self._is_ours(row, column):
                    says = Words(
                        f"พบ “{brief(text)}” นอกช่องที่กรอกได้", f'Found "{brief(text)}" outside the cells to fill.'
                    )
                    remedy = Words("ย้ายไปช่องสีเหลือง หรือลบออก", "Move it to a yellow cell, or delete it.")
                    self._note(row, column, "typed_elsewhere", says, remedy)
        for row, column in sorted(live - self.page.formulas):
            text = brief(self.page.at(row, column))
            says = Words(f"สูตรของแฟ้มถูกแทนที่ พบ “{text}”", f'A formula of the sheet was replaced; found "{text}".')
            self._note(row, column, "formula_replaced", says, FETCH_AGAIN)

    def _formulas(self) -> Iterator[tuple[int, int]]:
        for number in range(len(self.layout.entries)):
            points = self.layout.column(number, POINTS)
            yield from ((line.row, points) for line in self.layout.lines if line.kind in ("mark", "checklist"))
            yield self.layout.total_row, points
            yield self.layout.total_row + 1, self.layout.column(number, MARK)

    def _is_ours(self, row: int, column: int) -> bool:
        """Whether the sheet itself says something here, besides what is live."""
        if column < FIRST_ENTRY:
            return row <= self.layout.last_row
        given = {line.row for line in self.layout.lines if line.kind == "given"}
        points = {self.layout.column(number, POINTS) for number in range(len(self.layout.entries))}
        return row <= COLUMN_HEADS or (row in given and column in points)

    def changes(self, number: int, entry: SheetEntry) -> Iterator[Change]:
        """Every cell of the entry that is not what is stored; what cannot be a mark or a note is noted."""
        for name, line, column in self.layout.inputs(number):
            place = (line.row, column)
            text = self.page.at(*place)
            if place in self.page.formulas:
                says = Words(
                    f"พบสูตรในช่องที่กรอก (ค่า “{brief(text)}”)", f'A cell to fill holds a formula (value "{brief(text)}").'
                )
                self._note(*place, "formula", says, Words("พิมพ์ค่าแทนสูตร", "Type the value instead."))
                continue
            if place in self.page.errors:
                says = Words("ช่องนี้แสดงข้อผิดพลาด เช่น #N/A", "This cell shows an error such as #N/A.")
                self._note(*place, "formula_error", says, Words("พิมพ์ค่าแทน", "Type the value instead."))
                continue
            if line.kind == "item":
                text = TICKS.get(text, text)
            change = self._change(name, line, text, entry)
            if isinstance(change, Words):
                self._note(*place, "note_too_long" if name.startswith(NOTE) else "mark", change, _remedy(name, text))
            elif change is not None:
                old, new = change
                yield Change(name, line.label, self.layout.name, _cell(*place), old, new)

    def _change(self, name: str, line: Line, text: str, entry: SheetEntry) -> tuple[str, str] | Words | None:
        """(old, new) where they differ; what is wrong with the text; None where nothing changes."""
        typed = read_changes(self.layout.category, {name: text})
        if name in typed.problems:
            return typed.problems[name]
        if name.startswith(NOTE):
            path = name.removeprefix(NOTE)
            old, new = entry.notes.get(path, ""), typed.notes[path]
            return None if _same(old, new) else (old, new)
        before, after = entry.marks.get(name), typed.marks[name]
        return None if before == after else (_shown(before), _shown(after))


def _remedy(name: str, text: str) -> Words:
    if name.startswith(NOTE):
        return Words("ย่อข้อความ", "Shorten it.")
    return Words(f"แก้ “{brief(text)}” หรือลบให้ช่องว่าง", f'Mend "{brief(text)}", or clear the cell.')


def _shown(mark: Number | None) -> str:
    return "" if mark is None else plain(mark)


def _same(stored: str, found: str) -> bool:
    """Whether a note came back as it went out: programs differ in how they end lines and keep blanks."""
    return found.split() in (stored.split(), cell_text(stored).split())


def _misplaced(
    found: Sequence[tuple[int, str]], wanted: dict[str, int], what: Words, first: int
) -> Iterator[tuple[int, str, Words]]:
    """(place, problem, words) of codes that do not stand where they were written.

    Rows behind one that was inserted are not told again: only where the distance changes.
    """
    places: dict[str, list[int]] = {}
    for place, code in found:
        if code:
            places.setdefault(code, []).append(place)
    english = what.in_language("en")
    if not any(code in places for code in wanted):
        says = Words(f"รหัสของ{what.th}ไม่อยู่ที่เดิม มีการแทรกหรือย้าย", f"The codes of the {english}s are not where they were.")
        yield first, "moved", says
        return
    for code, at in places.items():
        if code not in wanted:
            yield (
                at[0],
                "moved",
                Words(f"ไม่รู้จักรหัส{what.th} “{brief(code)}”", f'The {english} code "{brief(code)}" is not known.'),
            )
        elif len(at) > 1:
            yield at[1], "moved", Words(f"{what.th} “{code}” ซ้ำ", f'The {english} "{code}" is there twice.')
    shift = 0
    for code, place in wanted.items():
        if code not in places:
            yield place, "moved", Words(f"{what.th} “{code}” หายไป", f'The {english} "{code}" is missing.')
            continue
        moved = places[code][0] - place
        if moved != shift:
            shift = moved
            if moved:
                yield places[code][0], "moved", _is_elsewhere(code, what, place, places[code][0])


def _is_elsewhere(code: str, what: Words, wanted: int, found: int) -> Words:
    lettered = what.in_language("en") == "column"
    there, here = (letter_of(each) if lettered else str(each) for each in (wanted, found))
    place = f"{what.in_language('en')} {there}"
    return Words(
        f"“{code}” ควรอยู่{what.th} {there} แต่อยู่{what.th} {here}: มีการแทรก ลบ หรือย้าย",
        f'"{code}" belongs in {place} but is in {here}: something was inserted, deleted or moved.',
    )
