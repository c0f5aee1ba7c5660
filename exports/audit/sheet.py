"""The audit sheet of one category: its columns planned first, so that other sheets can name its cells; then written."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from math import lcm

from exports import looks
from exports.audit.columns import Columns, Counted, Known, Line
from exports.audit.facts import Facts, FactsAt
from exports.audit.marks import CardsAt, Marks, by_name, slots_of
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
from scoring_rules.facts import Card
from scoring_rules.results import Ranking, Standing
from scoring_rules.rules import Category
from scoring_rules.words import Words

TITLE = Words("ตารางตรวจสอบ", "Audit")
ENTRY = Words("รหัสผลงาน", "Entry")
UNITS = Words("หน่วยนับ", "Counted in")
STATE = Words("นำเสนอ 0 · ไม่ได้นำเสนอ 1 · ถอนตัว 2", "Presented 0, did not present 1, withdrawn 2")
STATES = {"presented": 0, "not_presented": 1, "withdrawn": 2}
LEGENDS = (
    Words("คำของสถานะ", "Words of status"),
    Words("คำของระดับรางวัล", "Words of tiers"),
    Words("คำของกติกาเมื่อคะแนนเท่ากัน", "Words of tie-breaks"),
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
            frozen_columns=1,
            pages_wide=0,
        )  # fmt: skip
        self._number()

    # What the lines are ---------------------------------------------------------------------------------------------

    def _collect(self) -> None:
        for ranking in self.material.of_category(self.category):
            panel = sorted({card.member for each in ranking.standings for card in self._cards(each)})
            lines = [self._line(ranking, place, panel) for place in range(len(ranking.standings))]
            _places(self.category, ranking, lines)
            self.lines += sorted(lines, key=lambda line: line.entry.code)

    def _cards(self, standing: Standing) -> Sequence[Card]:
        return sorted(self.material.facts.cards.get(standing.entry, ()), key=lambda card: card.member)

    def _line(self, ranking: Ranking, place: int, panel: Sequence[str]) -> Line:
        standing = ranking.standings[place]
        cards: Sequence[Card | None] = self._cards(standing)
        if by_name(self.category):
            known = {card.member: card for card in cards if card}
            cards = [known.get(member) for member in panel]
        line = Line(standing, self.material.entries[standing.entry], cards)
        line.known = {"group": ranking.group, "position": place + 1}
        for card in cards:
            if card is not None:
                line.known[f"total:{card.member}"] = member_total(self.material, self.category, card.member, standing)
        if self.material.stage.carries is not None:
            step = next((step for (kind, _), step in line.steps.items() if kind == "carry"), None)
            line.earlier = step.inputs[1].value if step else None
        self.at[standing.entry] = line
        return line

    def _plan(self, cards_at: CardsAt, facts_at: FactsAt) -> None:
        category, columns, panel = self.category, self.columns, self.category.panel
        columns.add("entry", ENTRY, lambda line: line.entry.code, per=0)
        columns.add("group", Words("กลุ่ม", "Group"), lambda line: line.known["group"], per=0)
        columns.add("label", Words("หน่วยงาน/ผลงาน", "Office or work"), lambda line: line.entry.label, per=0)
        columns.add("province", Words("จังหวัด", "Province"), _attribute("province"), per=0)
        columns.add("zone", Words("เขต", "Zone"), _attribute("zone"), per=0)
        columns.add("state", STATE, lambda line: STATES[line.entry.state], most=2)
        seats = [len(self._cards(line.standing)) for line in self.lines]
        columns.add("seats", Words("จำนวนกรรมการ", "Seats"), _count_cards, most=max(seats, default=1) or 1)
        columns.add(
            "standing",
            Words("กรรมการที่ต้องให้คะแนน", "Members who mark"),
            _count_standing,
            most=max(seats, default=1) or 1,
        )
        held = [state for state in ("recused", "absent") if getattr(panel.missing, state) == "refuse"]
        if held:
            title = Words("ผู้ไม่ให้คะแนนที่ทำให้จัดอันดับไม่ได้", "Missing members who hold the entry up")
            columns.add("held", title, _count_held(held), most=max(seats, default=1) or 1)
        carries = self.material.stage.carries
        if carries is not None:
            found = [line.earlier for line in self.lines if line.earlier is not None]
            columns.add(
                "earlier", Words("คะแนนรวมของรอบก่อน", "Total of the earlier stage"), lambda line: line.earlier,
                per=lcm(*(value.denominator for value in found)), most=max((abs(Fraction(value)) for value in found), default=Fraction(1)),
                negative=any(value < 0 for value in found),
            )  # fmt: skip
        facts = Facts(columns, category, self.lines, facts_at)
        panels = [sorted({card.member for each in ranking.standings for card in self._cards(each)})
                  for ranking in self.material.of_category(category)]  # fmt: skip
        slots = slots_of(category, panels, [[card.member for card in line.cards if card] for line in self.lines])
        marks = Marks(columns, category, self.material.score_sheet(category), slots, cards_at)
        totals = Totals(columns, category, marks, facts, carries)
        decided = [each for each in self.material.facts.resolutions
                   if (each.category, each.stage) == (category.code, self.material.stage.code)]  # fmt: skip
        resolutions = {
            group: list(some) for group, some in groupby(sorted(decided, key=lambda r: r.group), key=lambda r: r.group)
        }
        Places(columns, category, self.material.stage, facts, totals, resolutions)
        columns.add(
            "remark",
            Words("หมายเหตุของระบบ", "The system's remark"),
            lambda line: remark(self.material, line.standing),
            per=0,
        )
        columns.add(
            "decided_said",
            Words("กติกาที่ตัดสิน ตามระบบ", "What decided, says the system"),
            lambda line: decided_by(self.material, category, line.standing),
            per=0,
        )
        self.members = totals.members
        if any(len(column.formula) > 8000 for column in columns if isinstance(column.formula, str)):
            raise TooFine("มีสูตรที่ยาวเกินกว่าโปรแกรมตารางจะรับได้", "a formula would be longer than a spreadsheet takes")

    def _number(self) -> None:
        """Give each line its row and the rows of its group."""
        row = self.sheet.rows
        for group, some in groupby(self.lines, key=lambda line: str(line.known["group"])):
            lines = list(some)
            self.rows[group] = Row(row + 1, row + len(lines))
            for line in lines:
                row += 1
                line.row, line.first, line.last = row, self.rows[group].first, self.rows[group].last
        self.after = row

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
        text, number = self.book.look(looks.TEXT.but(wrap=False)), self.book.look(looks.WHOLE)
        columns = [(column, text if column.per == 0 else number) for column in self.columns]
        for line in self.lines:
            self.sheet.row([(column.cell(line), look) for column, look in columns])
        self.sheet.blank()
        for legend, title in enumerate(LEGENDS):
            row: list[Cell] = [(self.material.say(title), text)]
            self.sheet.row([*row, *((word, text) for word in self._legend(legend))])


def _units(per: int) -> str:
    return "" if per == 0 else "1" if per == 1 else f"1/{per}"


def _attribute(name: str) -> Callable[[Line], Known]:
    return lambda line: line.entry.attributes.get(name)


def _count_cards(line: Line) -> Known:
    return sum(card is not None for card in line.cards)


def _count_standing(line: Line) -> Known:
    return sum(card is not None and card.state == "standing" for card in line.cards)


def _count_held(states: Sequence[str]) -> Callable[[Line], Known]:
    return lambda line: sum(card is not None and card.state in states for card in line.cards)


def _places(category: Category, ranking: Ranking, lines: Sequence[Line]) -> None:
    """What is known of a whole group: places after each tie-break that compares one number, and how many share them."""
    ranked = [line for line in lines if line.standing.rank is not None]
    on = "total" if category.rounding.rank_on == "rounded" else "total_exact"
    keys: dict[str, list[Number]] = {line.entry.code: [getattr(line.standing, on)] for line in ranked}
    levels = [rule for rule in category.tie_breaks if rule.by != "share"]
    for number in range(len(levels) + 1):
        if number:
            rule = levels[number - 1]
            if rule.by not in ("criterion", "indicator", "spread"):
                break
            for line in ranked:
                keys[line.entry.code].append(_key(category, rule.by, rule.code, line.standing))
        _known_places(lines, keys, number)
    sharing = Counter(line.standing.rank for line in ranked)
    for line in lines:
        line.known["sharing"] = sharing[line.standing.rank]
        line.known[f"place{len(levels)}"] = line.standing.rank or 0


def _known_places(lines: Sequence[Line], keys: Mapping[str, list[Number]], number: int) -> None:
    counts = Counter(tuple(key) for key in keys.values())
    first, place = {}, 1
    for key in sorted(counts, reverse=True):
        first[key], place = place, place + counts[key]
    for line in lines:
        own = tuple(keys.get(line.entry.code, ()))
        line.known[f"place{number}"] = first.get(own, 0)
        line.known[f"size{number}"] = counts[own]


def _key(category: Category, by: str, code: str, standing: Standing) -> Number:
    if by == "criterion":
        return standing.points[code]
    if by == "spread":
        return Fraction(-(10**20)) if standing.spread is None else -standing.spread
    value = standing.indicators.get(code)
    if value is None:
        return Fraction(-(10**20))
    return value if category.indicator(code).better == "higher" else -value
