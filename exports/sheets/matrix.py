"""The member × entry matrix: each member's own total, their mean, the spread, and where it asks for a discussion."""

from collections.abc import Mapping

from exports import looks
from exports.audit.sheet import Audit
from exports.formulas import COMPARE
from exports.material import Material
from exports.member_points import member_total
from exports.sheets.card_points import near
from exports.sheets.frame import open_sheet
from exports.sheets.ranking import CODE, LABEL, PROVINCE, RANK, TOTAL
from exports.wording import APPLIED, CARD_STATE, COMBINE, NOTHING, group_name
from exports.workbook import Book, Cell, Formula, Value, letter_of
from scoring_rules.exact import Number, plain
from scoring_rules.operations import added, over
from scoring_rules.results import Ranking, Standing
from scoring_rules.rules import Category
from scoring_rules.words import Words

TITLE = Words("คะแนนรายกรรมการ", "Totals by member")
FIXED = 4  # rank, code, label, province


def add_matrix(book: Book, material: Material, audits: Mapping[str, Audit]) -> None:
    """Adds one sheet with a block for each category and group; members are named in the block's heading."""
    say = material.say
    seats = max((len(material.panel(ranking)) for ranking in material.rankings), default=0)
    head = book.look(looks.HEADER)
    titles = [say(each) for each in (RANK, CODE, LABEL, PROVINCE)]
    titles += [say(Words(f"กรรมการ {seat}", f"Member {seat}")) for seat in range(1, seats + 1)]
    titles += [
        say(Words("ค่าเฉลี่ยของกรรมการ", "Mean of members")),
        say(Words("ส่วนต่างสูงสุด–ต่ำสุด", "Spread, highest to lowest")),
        say(TOTAL),
        say(Words("ข้อสังเกต", "Flag")),
    ]
    sheet = open_sheet(
        book,
        material,
        name=say(TITLE),
        title=TITLE,
        widths=[8, 12, 32, 14, *[18] * seats, 12, 12, 12, 22],
        header=[[(title, head) for title in titles]],
        frozen_columns=3,
        note=_beside(material),
    )
    for category in material.categories:
        block = _Block(book, material, category, seats, audits.get(category.code))
        for ranking in material.of_category(category):
            sheet.row(block.heading(ranking), merge=[(1, FIXED)])
            members = [member.code for member in material.panel(ranking)]
            for standing in ranking.standings:
                sheet.row(block.line(standing, members, sheet.rows + 1))


def _beside(material: Material) -> str | None:
    """Why the total need not be the mean of the members' totals; nothing where it is."""
    panels = {(category.panel.combine, category.panel.applied_to) for category in material.categories}
    if all(combine == "mean" for combine, _ in panels):
        return None
    ways = [
        Words(f"{COMBINE[how].th} {APPLIED[to].th}", f"{COMBINE[how].en}, {APPLIED[to].en}")
        for how, to in sorted(panels)
    ]
    th, en = "; ".join(way.th for way in ways), "; ".join(way.in_language("en") for way in ways)
    return material.say(Words(f"คะแนนรวมคิดตามเกณฑ์ ({th}) จึงอาจไม่เท่ากับค่าเฉลี่ยของกรรมการ",
                              f"The total follows the rules ({en}) and need not be the members' mean"))  # fmt: skip


class _Block:
    """The rows of one category."""

    def __init__(self, book: Book, material: Material, category: Category, seats: int, audit: Audit | None):
        self.material, self.category, self.seats, self.audit = material, category, seats, audit
        self.places = category.rounding.places
        self.text, self.whole = book.look(looks.TEXT), book.look(looks.WHOLE)
        self.number = book.look(looks.number(self.places))
        self.nothing, self.alert = book.look(looks.FOR_NOTHING), book.look(looks.ALERT)
        self.part, self.part_name = book.look(looks.PART), book.look(looks.PART.but(align="center"))

    def heading(self, ranking: Ranking) -> list[Cell]:
        """Category and group, then who sits in which column."""
        say = self.material.say
        parts = [say(self.category.label) if len(self.material.rules.categories) > 1 else ""]
        parts.append(group_name(self.material, ranking))
        panel = self.material.panel(ranking)
        seats = [say(member.seat) for member in panel]
        names: list[Cell] = []
        for member, seat in zip(panel, seats, strict=True):
            # The seat alone is enough where it is the only one of its name; positions stand on the members' sheets.
            alone = bool(seat) and seats.count(seat) == 1
            names.append((seat if alone else f"{seat}\n{say(member.name)}".strip(), self.part_name))
        names += [(None, self.part)] * (self.seats + 4 - len(names))
        title = " · ".join(part for part in parts if part) or say(self.category.label)
        return [(title, self.part), *[(None, self.part)] * (FIXED - 1), *names]

    def line(self, standing: Standing, members: list[str], number: int) -> list[Cell]:
        """One entry: the members' totals as the engine gives them; a state in words where there is no total."""
        totals = standing.member_totals
        mean = over(added(totals.values()), len(totals)) if totals else None
        row: list[Cell] = [
            (self._rank(standing), self.whole),
            (standing.entry, self.text),
            (standing.label, self.text),
            (standing.attributes.get("province", ""), self.text),
        ]
        row += [self._total(standing, member) for member in members]
        row += [(None, self.text)] * (self.seats - len(members))
        row += [(value, self.number) for value in self._figures(standing, mean)]
        return [*row, self._flag(standing, f"{letter_of(FIXED + self.seats + 2)}{number}")]

    def _rank(self, standing: Standing) -> Value:
        if self.audit is None:
            return standing.rank
        cell = self.audit.cell("rank", standing.entry)
        return Formula(f'IF({cell}=0,"",{cell})', standing.rank if standing.rank is not None else "")

    def _figures(self, standing: Standing, mean: Number | None) -> list[Value]:
        """Mean of the members, spread, total."""
        if self.audit is None:
            return [None if value is None else near(value) for value in (mean, standing.spread, standing.total)]
        audit, entry = self.audit, standing.entry
        first, last = (audit.at_column(column, entry) for column in (audit.members[0], audit.members[-1]))
        counted = f"({audit.cell('ok', entry)}=1)*(COUNT({first}:{last.rpartition('!')[2]})>0)=1"
        all_of_them = f"{first}:{last.rpartition('!')[2]}"
        own = f"SUM({all_of_them})/(COUNT({all_of_them})*{audit.members[0].per})"
        return [
            Formula(f'IF({counted},{own},"")', "" if mean is None else near(mean)),
            audit.number(audit.columns["spread"], entry, standing.spread, ""),
            audit.number(audit.columns["total"], entry, standing.total, ""),
        ]

    def _flag(self, standing: Standing, spread: str) -> Cell:
        alert = self.category.panel.spread_alert
        if alert is None:
            return None, self.text
        said = Words(f"ควรหารือ: ต่างกันตั้งแต่ {plain(alert)} คะแนน", f"Discuss: {plain(alert)} points or more apart")
        text = self.material.say(said)
        flagged = standing.spread is not None and standing.spread >= alert
        look = self.alert if flagged else self.text
        if self.audit is None:
            return (text if flagged else None), look
        column = self.audit.columns["spread"]
        test = COMPARE["at_least"](self.audit.cell("spread", standing.entry), alert, column.per)
        live = f'IF(ISNUMBER({spread}),IF({test},"{text}",""),"")'
        return Formula(live, text if flagged else ""), look

    def _total(self, standing: Standing, member: str) -> Cell:
        value = member_total(self.material, self.category, member, standing)
        card = self.material.cards.get((standing.entry, member))
        state = NOTHING if card is None else self.material.say(CARD_STATE[card.state])
        column = self.audit.member(standing.entry, member) if self.audit else None
        if self.audit is not None and column is not None and card is not None and card.state == "standing":
            return self.audit.number(column, standing.entry, value, state), self.number
        return (near(value), self.number) if value is not None else (state, self.nothing)
