"""The audit sheet of one category: its columns planned first, so that other sheets can name its cells; then written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from math import lcm

from exports import looks
from exports.audit.columns import TEXTS, Columns, Counted, Find, Units
from exports.audit.facts import Facts, FactsAt, sizes_of
from exports.audit.leaves import Leaves
from exports.audit.lines import Known, Line, give_places
from exports.audit.marks import CardsAt, Marks, by_name
from exports.audit.member_totals import MemberTotals
from exports.audit.outcome import Outcome
from exports.audit.places import STATUSES, Places
from exports.audit.totals import Totals
from exports.formulas import TooFine
from exports.material import Material
from exports.member_points import member_total
from exports.sheets.card_points import near
from exports.sheets.frame import open_sheet
from exports.wording import STATUS, decided_by, remark, tie_break
from exports.workbook import Book, Cell, Formula, letter_of
from scoring_rules.exact import Number
from scoring_rules.facts import Card, Resolution
from scoring_rules.operations import added
from scoring_rules.results import Ranking, Standing
from scoring_rules.rules import Category
from scoring_rules.words import Words

TITLE = Words("ตารางตรวจสอบ", "Audit")
ENTRY = Words("รหัสผลงาน", "Entry")
UNITS = Words("หน่วยนับ", "Counted in")
GROUP = Words("กลุ่ม", "Group")
LABEL = Words("หน่วยงาน/ผลงาน", "Office or work")
PROVINCE = Words("จังหวัด", "Province")
ZONE = Words("เขต", "Zone")
SEATS = Words("จำนวนกรรมการ", "Seats")
MARKING = Words("กรรมการที่ต้องให้คะแนน", "Members who mark")
HELD = Words("กรรมการที่ไม่ให้คะแนนจนยังคิดคะแนนรวมไม่ได้", "Missing members who hold the entry up")
EARLIER = Words("คะแนนรวมของรอบก่อน", "Total of the earlier stage")
REMARK = Words("หมายเหตุของระบบ", "The system's remark")
DECIDED = Words("สิ่งที่ตัดสินคะแนนเท่ากัน ตามระบบ", "What decided, says the system")
LARGEST_GROUP = 5_000  # entries: each place looks at all rows of its group, so that the time grows by the square
IN_LARGE_GROUPS = Words(
    "ในกลุ่มที่มีเกิน {} รายการ ลำดับที่และผลที่ตามมาเป็นค่าที่ระบบคำนวณ ส่วนคะแนนจนถึงคะแนนรวมเป็นสูตร",
    "In groups of more than {} entries, ranks and what follows are the system's values; marks to totals are formulas",
)
LONGEST = 8_000  # letters of a formula before rows are filled in; Excel reads 8,192
STATE = Words("นำเสนอ 0 · ไม่ได้นำเสนอ 1 · ถอนตัว 2", "Presented 0, did not present 1, withdrawn 2")
STATES = {"presented": 0, "not_presented": 1, "withdrawn": 2}
LEGENDS = (
    Words("ถ้อยคำแสดงสถานะ", "Words of status"),
    Words("ถ้อยคำแสดงระดับรางวัล", "Words of tiers"),
    Words("ถ้อยคำแสดงเกณฑ์เมื่อคะแนนเท่ากัน", "Words of tie-breaks"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """Where a ranking's lines lie on the audit sheet."""

    first: int
    last: int


class Audit:
    """One category's audit sheet. Raises TooFine where a spreadsheet could not count its numbers exactly."""

    def __init__(self, book: Book, material: Material, category: Category, cards_at: CardsAt, facts_at: FactsAt):
        self.book, self.material, self.category = book, material, category
        self.columns = Columns()
        self.lines: list[Line] = []
        self.rows: dict[str, Row] = {}  # group -> its rows
        self.at: dict[str, Line] = {}
        self._collect()
        self._plan(cards_at, facts_at)
        head, unit = book.look(looks.HEADER.but(size=12)), book.look(looks.FOR_NOTHING.but(size=12))
        several = len(material.rules.categories) > 1
        name = (
            Words(f"{TITLE.th} {category.label.th}", f"{TITLE.en} {category.label.in_language('en')}")
            if several
            else TITLE
        )
        self.sheet = open_sheet(
            book, material, name=material.say(name), title=name,
            widths=[12, *[11] * (len(self.columns.list) - 1)],
            header=[[(material.say(column.title), head) for column in self.columns],
                    [(_units(column.per), unit) for column in self.columns]],
            frozen_columns=1, note=self.note,
            pages_wide=0,
        )  # fmt: skip
        self._number()

    # What the lines are ---------------------------------------------------------------------------------------------

    def _collect(self) -> None:
        for ranking in self.material.of_category(self.category):
            panel = sorted({card.member for each in ranking.standings for card in self._cards(each)})
            lines = [
                self._line(ranking, position, standing, panel) for position, standing in enumerate(ranking.standings, 1)
            ]
            give_places(self.category, ranking, lines)
            self.lines += sorted(lines, key=lambda line: line.entry.code)

    def _cards(self, standing: Standing) -> list[Card]:
        return sorted(self.material.facts.cards.get(standing.entry, ()), key=lambda card: card.member)

    def _line(self, ranking: Ranking, position: int, standing: Standing, panel: Sequence[str]) -> Line:
        cards: Sequence[Card | None] = self._cards(standing)
        if by_name(self.category):
            known = {card.member: card for card in cards if card}
            cards = [known.get(member) for member in panel]
        line = Line(standing, self.material.entries[standing.entry], tuple(cards), ranking.group, position)
        line.totals = tuple(
            None if card is None else member_total(self.material, self.category, card.member, standing)
            for card in cards
        )
        if self.material.stage.carries is not None:
            line.this, line.earlier = line.carry()
            line.forget_steps()
        self.at[standing.entry] = line
        return line

    def _plan(self, cards_at: CardsAt, facts_at: FactsAt) -> None:
        material, category, columns = self.material, self.category, self.columns
        carries = material.stage.carries
        self._about()
        facts = Facts(columns, category, self.lines, facts_at)
        slots = max((len(line.cards) for line in self.lines), default=0) or 1
        marks = Marks(columns, category, material.score_sheet(category), slots, cards_at)
        leaves = Leaves(columns, category, marks, facts, carries)
        members = MemberTotals(columns, category, marks, leaves)
        totals = Totals(columns, category, facts, leaves, members, carries)
        places = Places(columns, category, facts, leaves, totals, self._resolutions())
        Outcome(columns, category, material.stage, places)
        columns.add("remark", REMARK, lambda line: remark(material, line.standing), units=TEXTS)
        columns.add("decided_said", DECIDED, lambda line: decided_by(material, category, line.standing), units=TEXTS)
        self.members = members.totals
        if any(len(column.formula) > LONGEST for column in columns if isinstance(column.formula, str)):
            raise TooFine("มีสูตรที่ยาวเกินกว่าโปรแกรมตารางจะรับได้", "a formula would be longer than a spreadsheet takes")

    def _about(self) -> None:
        """The columns that say which entry it is, whether it takes part, who marks it, and its earlier total."""
        columns, missing = self.columns, self.category.panel.missing
        columns.add("entry", ENTRY, lambda line: line.entry.code, units=TEXTS)
        columns.add("group", GROUP, lambda line: line.group, units=TEXTS)
        columns.add("label", LABEL, lambda line: line.entry.label, units=TEXTS)
        columns.add("province", PROVINCE, _attribute("province"), units=TEXTS)
        columns.add("zone", ZONE, _attribute("zone"), units=TEXTS)
        columns.add("state", STATE, lambda line: STATES[line.entry.state], units=Units(most=max(STATES.values())))
        seats = Units(most=max(map(_count_cards, self.lines), default=1) or 1)
        columns.add("seats", SEATS, _count_cards, units=seats)
        columns.add("standing", MARKING, _count_standing, units=seats)
        held = [state for state in ("recused", "absent") if getattr(missing, state) == "refuse"]
        if held:
            columns.add("held", HELD, _count_held(held), units=seats)
        if self.material.stage.carries is not None:
            found = [line.earlier for line in self.lines if line.earlier is not None]
            per = lcm(*(value.denominator for value in found))
            columns.add("earlier", EARLIER, lambda line: line.earlier, units=Units(per, *sizes_of(found)))

    def _resolutions(self) -> Mapping[str, Sequence[Resolution]]:
        """The committee's orders by group."""
        found: dict[str, list[Resolution]] = {}
        for each in self.material.facts.resolutions:
            if (each.category, each.stage) == (self.category.code, self.material.stage.code):
                found.setdefault(each.group, []).append(each)
        return found

    def _number(self) -> None:
        """Give each line its row and the rows of its group."""
        row = self.sheet.rows
        for group, some in groupby(self.lines, key=lambda line: line.group):
            lines = list(some)
            self.rows[group] = Row(row + 1, row + len(lines))
            for line in lines:
                row += 1
                line.row, line.first, line.last = row, self.rows[group].first, self.rows[group].last
        self.after = row

    def has_formulas(self, group: str) -> bool:
        """Whether places in this group are formulas: in a large one a spreadsheet would compute them for minutes."""
        rows = self.rows[group]
        return rows.last - rows.first < LARGEST_GROUP

    @property
    def note(self) -> str:
        """What must be said where some places are values; else nothing."""
        if all(len(ranking.standings) <= LARGEST_GROUP for ranking in self.material.of_category(self.category)):
            return ""
        return self.material.say(IN_LARGE_GROUPS).format(f"{LARGEST_GROUP:,}")

    # What other sheets ask ------------------------------------------------------------------------------------------

    def cell(self, key: str, entry: str) -> str:
        """The cell of a column in an entry's row, as formulas of other sheets write it."""
        return self.at_column(self.columns[key], entry)

    def at_column(self, column: Counted, entry: str) -> str:
        """The cell of any column in an entry's row."""
        return f"{self.sheet.quoted}!${column.letter}${self.at[entry].row}"

    def block(self, key: str, group: str) -> str:
        """The cells of a column in a group's rows."""
        letter, rows = self.columns[key].letter, self.rows[group]
        return f"{self.sheet.quoted}!${letter}${rows.first}:${letter}${rows.last}"

    def member(self, entry: str, member: str) -> Counted | None:
        """The column with this member's own total of the entry; None where the member has no card."""
        cards = self.at[entry].cards
        slot = next((slot for slot, card in enumerate(cards) if card is not None and card.member == member), None)
        return None if slot is None else self.members[slot]

    def number(self, column: Counted, entry: str, value: Number | None, nothing: str) -> Formula:
        """A cell elsewhere that shows the column's number in real units; `nothing` where it is missing."""
        cell = self.at_column(column, entry)
        shown = cell if column.per == 1 else f"{cell}/{column.per}"
        return Formula(f'IF(ISNUMBER({cell}),{shown},"{nothing}")', nothing if value is None else near(value))

    def indicator(self, code: str, entry: str, value: Number | None) -> Formula | int | Decimal | None:
        """The value of an indicator that the result depends on; the plain value of any other."""
        column = self.columns.by.get(f"indicator:{code}")
        if column is None:
            return None if value is None else near(value)
        return self.number(column, entry, value, "")

    def words(self, legend: int, number: str) -> str:
        """The formula of a word of a legend: 0 statuses, 1 tiers, 2 tie-breaks."""
        row, last = self.after + 2 + legend, letter_of(1 + max(len(self._legend(legend)), 1))
        return f"INDEX({self.sheet.quoted}!$B${row}:${last}${row},{number})"

    def _legend(self, legend: int) -> list[str]:
        say = self.material.say
        if legend == 0:
            return [say(STATUS[status]) for status in STATUSES]
        if legend == 1:
            return [say(tier.label) for tier in self.category.tiers]
        return [say(tie_break(self.category, rule)) for rule in self.category.tie_breaks]

    # Writing --------------------------------------------------------------------------------------------------------

    def write(self) -> None:
        """Add the rows, then the words that formulas of the ranking pick from."""
        text, number_look = self.book.look(looks.TEXT.but(wrap=False)), self.book.look(looks.WHOLE)
        columns = [(column, text if column.per == 0 else number_look) for column in self.columns]
        rules = self.category.total.adjustments
        places = self.columns.between("place0", "position")
        for line in self.lines:
            cells: list[Cell] = [(column.cell(line), look) for column, look in columns]
            if not self.has_formulas(line.group):
                for number in places:
                    cells[number] = (columns[number][0].known(line), number_look)
            self.sheet.row(cells)
            if rules and line.standing.total_exact is not None:
                line.changes = added(line.steps["adjustment", rule.code].value or 0 for rule in rules)
            line.forget_steps()
        self.sheet.blank()
        for legend, title in enumerate(LEGENDS):
            row: list[Cell] = [(self.material.say(title), text)]
            self.sheet.row([*row, *((word, text) for word in self._legend(legend))])


def _units(per: int) -> str:
    return "" if per == 0 else "1" if per == 1 else f"1/{per}"


def _attribute(name: str) -> Find:
    return lambda line: line.entry.attributes.get(name)


def _count_cards(line: Line) -> int:
    return sum(card is not None for card in line.cards)


def _count_standing(line: Line) -> Known:
    return sum(card is not None and card.state == "standing" for card in line.cards)


def _count_held(states: Sequence[str]) -> Find:
    return lambda line: sum(card is not None and card.state in states for card in line.cards)
