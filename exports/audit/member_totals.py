"""Each member's own total: what their marks, rounded as the rules say, and the indicators are worth together."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, lcm

from exports.audit.columns import Columns, Counted, Find, Text, Units
from exports.audit.leaves import Leaves, added_in, largest, worth_of
from exports.audit.lines import Known, Line
from exports.audit.marks import Marks
from exports.formulas import every, finest, on, rounded, when
from scoring_rules.exact import Rounding
from scoring_rules.marks import Leaf
from scoring_rules.rules import Category
from scoring_rules.words import Words


@dataclass(frozen=True, slots=True)
class Own:
    """Points of one member's mark: how many units make a point, the formula from the mark's cell, the largest size."""

    per: int
    text: Callable[[str], str]
    most: Fraction


def own_points(leaf: Leaf, rounding: Rounding | None) -> Own:
    """What one member's mark for the leaf is worth."""
    line = worth_of(leaf)
    per = finest(line, leaf.per_mark)
    most = largest(line, Fraction(max(abs(leaf.bottom), leaf.top), leaf.per_mark))
    if rounding is None:
        return Own(per, lambda cell: on(line, cell, leaf.per_mark, per), most)

    def text(cell: str) -> str:
        number, high = f"({on(line, cell, leaf.per_mark, per)})", ceil(most * per)
        return rounded(number, per, rounding, high=high, negative=leaf.bottom < 0)

    return Own(10**rounding.places, text, most + 1)


class MemberTotals:
    """The columns of members' totals. `totals` are of whole cards, for the matrix and tie-breaks; `rows` are those that
    the panel combines, where it combines totals: members counted as lowest have one too."""

    def __init__(self, columns: Columns, category: Category, marks: Marks, leaves: Leaves):
        self.columns, self.category, self.marks, self.leaves = columns, category, marks, leaves
        self.own = [own_points(leaf, category.rounding.points) for leaf in marks.sheet.leaves]
        self.fixed = list(leaves.measured.values())
        parts: list[Own | Counted] = [*self.own, *self.fixed]
        most = sum((each.most for each in parts), start=Fraction(0))
        negative = any(block[0].negative for block in marks.leaves)
        self.units = Units(lcm(*(each.per for each in parts), 1), most, negative)
        slots = range(marks.slots)
        self.rows = [self._row(slot) for slot in slots] if category.panel.applied_to == "totals" else []
        self.totals = [self._total(slot) for slot in slots]

    def _sum(self, slot: int) -> str:
        """The points of one member's marks and of the indicators."""
        per, terms = self.units.per, []
        for own, block in zip(self.own, self.marks.leaves, strict=True):
            term = own.text(block[slot].cell)
            terms.append(term if own.per == per else f"({term})*{per // own.per}")
        if self.fixed:
            terms.append(added_in(self.fixed, per))
        return "+".join(terms) or "0"

    def _row(self, slot: int) -> Counted:
        cells = [f"ISNUMBER({block[slot].cell})" for block in self.marks.leaves]
        formula = when(every([f"{self.leaves.ok.cell}=1", *cells]), self._sum(slot))
        title = Words(f"คะแนนรวมของกรรมการ {slot + 1} ที่นำมาคิด", f"Total counted for member {slot + 1}")
        return self.columns.add(f"row{slot}", title, _counted(slot), self._of_members(slot, formula), self.units)

    def _of_members(self, slot: int, formula: str) -> Text:
        """Where nothing is marked at all, only the card says whether its member is counted."""
        missing = self.category.panel.missing

        def text(line: Line) -> str | None:
            card = line.cards[slot] if slot < len(line.cards) else None
            if card is None:
                return None
            if card.state != "standing":
                policy = missing.recused if card.state == "recused" else missing.absent
                if policy != "lowest":
                    return None
            return formula.format(r=line.row)

        return text

    def _total(self, slot: int) -> Counted:
        there = [f"ISNUMBER({each.cell})" for each in self.fixed]
        formula = when(every([self._whole_card(slot), *there]), self._sum(slot))
        title = Words(f"คะแนนรวมของกรรมการ {slot + 1}", f"Total of member {slot + 1}")
        return self.columns.add(f"member{slot}", title, self._known(slot), formula, self.units)

    def _whole_card(self, slot: int) -> str:
        given, counts = self.marks.given[slot].cell, self.marks.counts[slot].cell
        if not self.marks.places:
            return f"N({counts})=1"
        whole_card = f"N({given})={len(self.marks.places)}"
        if self.category.panel.missing.blank == "lowest":
            return f"(N({counts})=1)*(({self.leaves.ok.cell}=1)+({whole_card})>0)=1"
        return whole_card

    def _known(self, slot: int) -> Find:
        return lambda line: line.totals[slot] if self.marks.card(line, slot) else None


def _counted(slot: int) -> Find:
    def value(line: Line) -> Known:
        card = line.cards[slot] if slot < len(line.cards) else None
        step = line.steps.get(("member_total", card.member)) if card else None
        return step.value if step else None

    return value
