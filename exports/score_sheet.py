"""One member's score sheet to fill in without the network: Excel, LibreOffice and Google Sheets open it.

How it is laid out, and why: a member marks on a laptop, in a car, one entry after another but always comparing. So
there is one sheet for each category, criteria down and entries across; the criteria and the names of the entries stay
in sight while the rest moves. Each entry has three columns side by side: the mark, what it is worth, and the reason for
it, because a reason on a sheet of its own is a reason not written. What each level means shows as a remark on the
criterion and when a cell is entered, and stands on a sheet of its own for paper. Everything but the cells to fill is
locked (without a password: it guards against slips). The last sheet says whose file this is and of what, so that
reading it back can refuse what does not belong; nothing in the file is hidden.
"""

from collections.abc import Sequence
from fractions import Fraction

from exports.form_book import Allowed, FormBook, Value
from exports.formulas import readable, when
from exports.looks import (
    ALERT,
    BOLD,
    CENTRED,
    GROUP_FILL,
    HEADER,
    MUTED,
    PART,
    SIGNATURE,
    SUBTITLE,
    TEXT,
    TITLE,
    WARNING_LINE,
    Look,
    number,
)
from exports.score_sheet_about import (
    FILL_IN,
    FROM_INDICATOR,
    SMALL_CODE,
    TICK,
    draw_about,
    draw_guide,
    levels_of,
    scale_words,
    title_of,
    warnings_of,
)
from exports.score_sheet_layout import (
    CODE,
    COLUMN_HEADS,
    ENTRY_CODES,
    ENTRY_LABELS,
    FIRST_ENTRY,
    FROM_INDICATORS,
    FULL,
    LABEL,
    MARK,
    POINTS,
    REMARK,
    SCALE,
    Kept,
    Layout,
    Line,
    ScoreSheet,
    SheetEntry,
)
from exports.score_sheet_values import Values
from exports.sheets.card_points import BLANK, near, points_of, rounded_to
from exports.text_width import lines_needed
from exports.wording import COMMENT, NOTHING
from exports.workbook import letter_of
from scoring_rules.exact import Number, plain
from scoring_rules.indicators import suggested_mark
from scoring_rules.marks import Leaf, items_of
from scoring_rules.rules import MarksSource, Scale
from scoring_rules.words import Words

__all__ = ["Kept", "ScoreSheet", "SheetEntry", "score_sheet"]

WIDTHS = (13.0, 42.0, 7.0, 22.0)
ENTRY_WIDTHS = (9.0, 9.0)
NOTE_WIDTHS = {1: 60.0, 2: 38.0}  # by how many entries there are; 30 with more
ON_A_PAGE = 2  # entries side by side on paper
SCALE_ON_PAPER = 63  # percent: two entries and the criteria fit on A4
MOST_CHOICES = 21  # marks of a list to choose from; a longer scale is typed

FILL = "FFF9DB"
INPUT = Look(align="center", bold=True, size=18, fill=FILL)
NOTE_INPUT = Look(format="@", fill=FILL, vertical="top")  # as text: what begins with = stays what was written
SHUT_MARK = Look(align="center", fill=GROUP_FILL, colour=MUTED)
SHUT_NOTE = Look(fill=GROUP_FILL, colour=MUTED, vertical="top")
SMALL = Look(size=13, colour=MUTED)
OWN_TOTAL = Words("คะแนนรวมของท่านเท่าที่ให้แล้ว", "Your own total so far")
SIGNED, DATED = Words("ลงชื่อ", "Signed"), Words("วันที่", "Date")
SENT_LATE = Words("ส่งล่าช้า", "sent late")
STILL_BLANK = Words("ยังไม่ได้ให้คะแนน (ช่อง)", "Not marked yet (cells)")


def score_sheet(sheet: ScoreSheet) -> bytes:
    """The workbook (.xlsx) of one member: only the entries given, marks so far filled in, shut entries locked."""
    book = FormBook(title=title_of(sheet), made_by=sheet.say(sheet.made_by), made_at=sheet.made_at)
    for layout in sheet.layouts:
        _Page(book, sheet, layout).draw()
    draw_guide(book, sheet)
    draw_about(book, sheet)
    return book.finish()


class _Page:
    """The sheet of one category."""

    def __init__(self, book: FormBook, sheet: ScoreSheet, layout: Layout):
        self.sheet, self.layout, self.category = sheet, layout, layout.category
        self.entries = [sheet.by_code[code] for code in layout.entries]
        wide = len(self.entries) > ON_A_PAGE
        self.note_width = NOTE_WIDTHS.get(len(self.entries), 30.0)
        self.widths = (*WIDTHS, *(*ENTRY_WIDTHS, self.note_width) * len(self.entries))
        self.page = book.sheet(
            layout.name,
            widths=self.widths,
            header=_whose(sheet),
            repeat_rows=(1, COLUMN_HEADS),
            repeat_columns=(CODE, SCALE) if wide else None,
            frozen=(COLUMN_HEADS, SCALE),
            scale=SCALE_ON_PAPER if wide else None,
        )
        self.lines_of_labels = 1
        self.points_look = number(self.category.rounding.places).but(colour=MUTED)

    def say(self, said: Words | str) -> str:
        return self.sheet.say(said)

    def draw(self) -> None:
        self._head()
        for line in self.layout.lines:
            self._line(line)
        for number_, entry in enumerate(self.entries):
            self._entry(number_, entry)
        self._foot()
        for last in range(ON_A_PAGE, len(self.entries), ON_A_PAGE):
            self.page.column_break(self.layout.column(last) - 1)

    def _head(self) -> None:
        put, sheet = self.page.put, self.sheet
        put(1, CODE, f"{title_of(sheet)} · {self.say(self.category.label)}", TITLE)
        seat = self.say(sheet.member.seat)
        who = f"{self.say(sheet.member.name)}{f' ({seat})' if seat else ''} · {self.say(sheet.stage.label)}"
        put(2, CODE, f"{who} · {self.say(FILL_IN)}", SUBTITLE)
        put(3, CODE, warnings_of(sheet), WARNING_LINE)
        heads = (
            (CODE, Words("รหัส", "Code")),
            (LABEL, Words("เกณฑ์", "Criterion")),
            (FULL, Words("เต็ม", "Full")),
            (SCALE, Words("มาตรวัด", "Scale")),
        )
        for column, head in heads:
            put(ENTRY_LABELS, column, None, HEADER)
            put(ENTRY_CODES, column, None, HEADER)
            put(COLUMN_HEADS, column, self.say(head), HEADER)

    def _line(self, line: Line) -> None:
        """What stands left of the entries."""
        page, criterion = self.page, line.criterion
        depth = criterion.path.count("/") + (line.item is not None)
        heading = line.kind == "heading"
        label = self.say(line.label)
        page.put(line.row, CODE, line.code, SMALL_CODE)
        look = PART if heading else (BOLD if line.kind == "checklist" else TEXT)
        page.put(line.row, LABEL, label, look.but(indent=depth))
        full = line.item.points if line.item else criterion.points
        page.put(line.row, FULL, near(full), CENTRED.but(bold=heading, fill=GROUP_FILL if heading else None))
        scale = self._scale(line)
        page.put(line.row, SCALE, scale, SMALL.but(fill=GROUP_FILL if heading else None, align="center"))
        lines = lines_needed(label, WIDTHS[LABEL - 1] - 2 * depth), lines_needed(scale, WIDTHS[SCALE - 1] * 1.2)
        page.height(line.row, max(lines))
        levels = "\n".join(self.say(text) for text in levels_of(line))
        if levels:
            page.remark(line.row, LABEL, f"{label}\n{levels}")

    def _scale(self, line: Line) -> str:
        source = line.criterion.source
        if line.item:
            return self.say(TICK)
        if isinstance(source, MarksSource):
            comment = self.say(COMMENT[source.comment])
            return "\n".join(text for text in (self.say(scale_words(source.scale)), comment) if text)
        return self.say(FROM_INDICATOR) if line.kind == "given" else ""

    def _entry(self, number_: int, entry: SheetEntry) -> None:
        page, layout = self.page, self.layout
        first, last = layout.column(number_), layout.column(number_, REMARK)
        label = "\n".join([entry.label, *(self.say(each) for each in (entry.late and SENT_LATE, entry.shut) if each)])
        head = HEADER if entry.shut is None else ALERT.but(align="center")
        for column in range(first, last + 1):
            page.put(ENTRY_LABELS, column, label if column == first else None, head)
            page.put(ENTRY_CODES, column, entry.code if column == first else None, HEADER.but(bold=False))
        page.merge(ENTRY_LABELS, first, last)
        self.lines_of_labels = max(self.lines_of_labels, lines_needed(label, sum(ENTRY_WIDTHS) + self.note_width - 4))
        page.height(ENTRY_LABELS, self.lines_of_labels)
        page.merge(ENTRY_CODES, first, last)
        for of, said in (
            (MARK, Words("คะแนน", "Mark")),
            (POINTS, Words("ได้", "Worth")),
            (REMARK, Words("เหตุผลหรือบันทึก", "Reason or note")),
        ):
            page.put(COLUMN_HEADS, layout.column(number_, of), self.say(said), HEADER)
        values = Values(layout, entry)
        for line in layout.lines:
            self._marks(line, number_, entry)
            at = layout.column(number_, POINTS)
            if line.kind == "given":
                value = values.given(line)
                page.put(line.row, at, NOTHING if value is None else near(value), self.points_look)
            elif line.kind in ("mark", "checklist"):
                page.formula(line.row, at, self._points(line, first), self.points_look, value=values.points(line))
            else:
                page.put(line.row, at, None, TEXT.but(fill=GROUP_FILL if line.kind == "heading" else None))

    def _marks(self, line: Line, number_: int, entry: SheetEntry) -> None:
        page, layout = self.page, self.layout
        mark, remark = layout.column(number_), layout.column(number_, REMARK)
        grey = GROUP_FILL if line.kind == "heading" else None
        if not line.place:
            page.put(line.row, mark, None, TEXT.but(fill=grey))
        elif entry.shut is not None:
            page.put(line.row, mark, _cell_of(entry.marks.get(line.place)), SHUT_MARK)
        else:
            page.input(line.row, mark, _cell_of(entry.marks.get(line.place)), INPUT)
            page.allow(line.row, mark, self._allowed(line))
            self._suggest(line, mark, entry)
        note = entry.notes.get(line.criterion.path, "") if line.note else ""
        if not line.note:
            page.put(line.row, remark, None, TEXT.but(fill=grey))
        elif entry.shut is not None:
            page.put(line.row, remark, note, SHUT_NOTE)
        else:
            page.input(line.row, remark, note, NOTE_INPUT)

    def _suggest(self, line: Line, column: int, entry: SheetEntry) -> None:
        suggested = suggested_mark(self.category, line.criterion, entry.fields) if line.kind == "mark" else None
        if suggested is not None:
            said = Words(
                f"ระบบเสนอ {plain(suggested)} จากตัวชี้วัด ถ้าให้ต่างจากนี้ต้องเขียนเหตุผล",
                f"The system suggests {plain(suggested)} from the indicator. A different mark needs a reason.",
            )
            self.page.remark(line.row, column, self.say(said))

    def _allowed(self, line: Line) -> Allowed:
        source = line.criterion.source
        scale = source.scale if isinstance(source, MarksSource) else Scale(0, 1, 1)
        said = self.say(scale_words(scale) if line.kind == "mark" else TICK)
        levels = "\n".join(self.say(text) for text in levels_of(line))
        return Allowed(
            choices=_choices(scale),
            formula=_on_scale(scale),
            title=self.say(line.label),
            prompt=f"{said}\n{levels}" if levels else said,
            refusal=self.say(Words(f"ใส่ได้เฉพาะ {said} หรือเว้นว่าง", f"Only {said}, or leave it blank.")),
        )

    def _points(self, line: Line, mark_column: int) -> str:
        """The formula of what the mark is worth; of a checklist, what is ticked so far."""
        letter = letter_of(mark_column)
        leaf = Leaf(line.criterion, self.category.rounding.points)
        if line.kind == "checklist":
            items = items_of(line.criterion)
            cells = [f"{letter}{line.row + place}" for place in range(1, len(items) + 1)]
            ticked = "+".join(f"N({at})*{plain(item.points)}" for at, item in zip(cells, items, strict=True))
            text = readable(ticked, self.category.rounding.points)
            if text is not None:
                return when(f"COUNT({cells[0]}:{cells[-1]})>0", text, BLANK)
        return points_of(leaf, lambda place: f"{letter}{self.layout.line(place).row}")

    def _foot(self) -> None:
        page, layout = self.page, self.layout
        total, blank, sign = layout.total_row, layout.total_row + 1, layout.last_row
        for row, said in ((total, OWN_TOTAL), (blank, STILL_BLANK)):
            for column in range(CODE, FIRST_ENTRY):
                page.put(row, column, None, PART)
            page.put(row, LABEL, self.say(said), PART)
        page.put(total, FULL, near(self.category.full_mark), PART.but(align="center"))
        for number_, entry in enumerate(self.entries):
            for row in (total, blank):
                for of in (MARK, POINTS, REMARK):
                    page.put(row, layout.column(number_, of), None, PART)
            self._sums(number_, entry)
        signed, dated = (Words(f"{said.th} {'.' * 40}", f"{said.en} {'.' * 40}") for said in (SIGNED, DATED))
        page.put(sign, LABEL, f"{self.say(signed)}\n({self.say(self.sheet.member.name)})\n{self.say(dated)}", SIGNATURE)
        page.height(sign, 3.5)

    def _sums(self, number_: int, entry: SheetEntry) -> None:
        """The total so far and the count of blanks; always formulas, so that what is read back is in place whoever is
        recused since."""
        page, layout, values = self.page, self.layout, Values(self.layout, entry)
        first, points = layout.column(number_), layout.column(number_, POINTS)
        total, blank = layout.total_row, layout.total_row + 1
        look = number(self.category.rounding.places).but(bold=True, fill=GROUP_FILL)
        if entry.excused is not None:
            said = self.say(entry.excused)
            page.formula(total, points, '""', look, value="")
            page.formula(blank, first, _quoted(said), PART.but(align="center", bold=False), value=said)
            page.merge(blank, first, layout.column(number_, REMARK))
            return
        marked = [line.row for line in layout.lines if line.kind in ("mark", "checklist")]
        leaves = [line.row for line in layout.lines if line.kind in ("mark", "checklist", "given")]
        asked = [line.row for line in layout.lines if line.place]
        begun = f"COUNT({_runs(letter_of(points), marked or leaves)})>0"
        summed = when(begun, f"SUM({_runs(letter_of(points), leaves)})", BLANK)
        page.formula(total, points, summed, look, value=values.total)
        blanks = f"{len(asked)}-COUNTA({_runs(letter_of(first), asked)})" if asked else "0"
        page.formula(blank, first, blanks, PART.but(align="center"), value=values.blanks)
        if (share := values.from_indicators) is not None:
            told = f"{self.say(FROM_INDICATORS)} {plain(rounded_to(share, self.category.rounding.places))}"
            page.put(total, layout.column(number_, REMARK), told, PART.but(bold=False))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _whose(sheet: ScoreSheet) -> str:
    name, code = sheet.say(sheet.member.name), sheet.member.code
    return code if name == code else f"{name} ({code})"


def _runs(letter: str, rows: Sequence[int]) -> str:
    """`E7:E9,E12:E12`: rows as few blocks of cells."""
    blocks: list[list[int]] = []
    for row in rows:
        if blocks and blocks[-1][-1] == row - 1:
            blocks[-1][-1] = row
        else:
            blocks.append([row, row])
    return ",".join(f"{letter}{first}:{letter}{last}" for first, last in blocks)


def _cell_of(mark: Number | None) -> Value | None:
    return None if mark is None else near(mark)


def _choices(scale: Scale) -> tuple[str, ...]:
    """Every mark, where they are few."""
    count = int((scale.to - scale.from_) // scale.step) + 1
    return tuple(plain(scale.from_ + place * scale.step) for place in range(count)) if count <= MOST_CHOICES else ()


def _on_scale(scale: Scale) -> str:
    """True of a number on the scale and on a step; compared in whole steps, so that no binary fraction decides."""
    step, low = Fraction(scale.step), plain(scale.from_)
    steps = f"({{cell}}-{low})*{step.denominator}/{step.numerator}" if step != 1 else f"({{cell}}-{low})"
    whole = f"ABS({steps}-ROUND({steps},0))<0.000001"
    return f"AND(ISNUMBER({{cell}}),{{cell}}>={low},{{cell}}<={plain(scale.to)},{whole})"
