"""The first columns of the audit sheet: who counts, and every mark in whole units, read from the members' sheets."""

from collections.abc import Mapping
from dataclasses import dataclass

from exports.audit.columns import Columns, Counted, Text, Units
from exports.audit.lines import Known, Line
from exports.formulas import NONE, when
from scoring_rules.exact import Number
from scoring_rules.facts import Card
from scoring_rules.marks import Leaf, Sheet, mark_places
from scoring_rules.operations import added
from scoring_rules.rules import Category, ChecklistSource
from scoring_rules.words import Words

NAMES: Mapping[str, Words] = {
    "given": Words("จำนวนคะแนนที่กรรมการ {} ให้", "Marks given by member {}"),
    "counts": Words("กรรมการ {} นับเป็นผู้ให้คะแนน", "Member {} counts"),
    "mark": Words("{}: กรรมการ {}", "{}: member {}"),
}


@dataclass(frozen=True, slots=True)
class CardAt:
    """Where a card lies on its member's sheet: the name of each place (a column, or a row) between what is the same for
    all of its cells (`after` is the row of a card that is a row, `before` the column of one that is a column)."""

    sheet: str
    names: Mapping[str, str]
    ends: tuple[str, str]
    before: str = ""
    after: str = ""

    def cell(self, place: str) -> str:
        """The cell of one mark."""
        return f"{self.sheet}!{self._named(self.names[place])}"

    @property
    def all(self) -> str:
        """The block of all its marks."""
        return f"{self.sheet}!{self._named(self.ends[0])}:{self._named(self.ends[1])}"

    def _named(self, name: str) -> str:
        return f"{self.before}{name}{self.after}"


CardsAt = Mapping[tuple[str, str], CardAt]


class Marks:
    """The mark columns: for each leaf a block of cells, one for each member."""

    def __init__(self, columns: Columns, category: Category, sheet: Sheet, slots: int, cards_at: CardsAt):
        self.columns, self.category, self.sheet, self.slots = columns, category, sheet, slots
        self.cards_at, self.panel = cards_at, category.panel
        self.places = mark_places(category)
        self.whole_only = self.panel.missing.blank == "leave_out" and self.panel.applied_to == "totals"
        self.given = [self._given(slot) for slot in range(slots)]
        self.counts = [self._counts(slot) for slot in range(slots)]
        self.leaves = [[self._mark(leaf, slot) for slot in range(slots)] for leaf in sheet.leaves]

    def card(self, line: Line, slot: int) -> Card | None:
        """The card of a member who marks, or None."""
        card = line.cards[slot] if slot < len(line.cards) else None
        return card if card is not None and card.state == "standing" else None

    def _at(self, line: Line, card: Card) -> CardAt:
        return self.cards_at[line.entry.code, card.member]

    def _given(self, slot: int) -> Counted:
        def value(line: Line) -> Known:
            card = self.card(line, slot)
            return len(card.marks) if card else None

        def formula(line: Line) -> str | None:
            card = self.card(line, slot)
            return f"COUNT({self._at(line, card).all})" if card else None

        return self.columns.add(
            f"given{slot}", _named("given", slot), value, formula, Units(most=len(self.places) or 1)
        )

    def _counts(self, slot: int) -> Counted:
        """1 for a member who gave marks; only a whole card counts where the rules leave the others out."""
        least = len(self.places) if self.whole_only else min(1, len(self.places))
        given = self.given[slot].cell

        def value(line: Line) -> Known:
            card = self.card(line, slot)
            return int(len(card.marks) >= least) if card else None

        def formula(line: Line) -> str | None:
            return f"IF({given}>={least},1,0)".format(r=line.row) if self.card(line, slot) else None

        return self.columns.add(f"counts{slot}", _named("counts", slot), value, formula)

    def _mark(self, leaf: Leaf, slot: int) -> Counted:
        path = leaf.criterion.path
        label = leaf.criterion.label
        title = Words(
            NAMES["mark"].th.format(label.th, slot + 1), NAMES["mark"].en.format(label.in_language("en"), slot + 1)
        )
        text = self._ticks(leaf, slot) if leaf.ticked else self._level(leaf, slot)
        units = Units(leaf.per_mark, leaf.mark(max(abs(leaf.bottom), leaf.top)), leaf.bottom < 0)
        return self.columns.add(f"mark{slot}:{path}", title, lambda line: self.mark(leaf, line, slot), text, units)

    def _level(self, leaf: Leaf, slot: int) -> Text:
        path, per, counts = leaf.criterion.path, leaf.per_mark, self.counts[slot].cell
        otherwise = str(leaf.bottom) if self.panel.missing.blank == "lowest" else NONE

        def formula(line: Line) -> str | None:
            card = self.card(line, slot)
            if card is None:
                return None
            cell = self._at(line, card).cell(path)
            test = f"{counts}=1".format(r=line.row) if self.whole_only else f"ISNUMBER({cell})"
            return when(test, f"ROUND({cell}*{per},0)", otherwise)

        return formula

    def _ticks(self, leaf: Leaf, slot: int) -> Text:
        worth = [(place, units) for place, (owner, units) in self.sheet.items.items() if self._owns(leaf, owner)]
        counts, lowest = self.counts[slot].cell, self.panel.missing.blank == "lowest"

        def formula(line: Line) -> str | None:
            card = self.card(line, slot)
            if card is None:
                return None
            at = self._at(line, card).cell
            ticked = "+".join(f"N({at(place)})*{units}" for place, units in worth)
            if lowest:
                return ticked
            whole = f"COUNT({at(worth[0][0])}:{at(worth[-1][0]).rpartition('!')[2]})={len(worth)}"
            return when(f"{counts}=1".format(r=line.row) if self.whole_only else whole, ticked)

        return formula

    def _owns(self, leaf: Leaf, owner: int) -> bool:
        return self.sheet.leaves[owner] is leaf

    def mark(self, leaf: Leaf, line: Line, slot: int) -> Number | None:
        """The mark that counts for a leaf, as the rules treat what is missing; None where none counts."""
        card = line.cards[slot] if slot < len(line.cards) else None
        if card is None:
            return None
        missing = self.panel.missing
        if card.state != "standing":
            policy = missing.recused if card.state == "recused" else missing.absent
            return leaf.mark(leaf.bottom) if policy == "lowest" else None
        if self.whole_only and len(card.marks) < len(self.places):
            return None
        lowest = missing.blank == "lowest"
        if not isinstance(leaf.criterion.source, ChecklistSource):
            given = card.marks.get(leaf.criterion.path)
            return leaf.mark(leaf.bottom) if given is None and lowest else given
        ticks = [(card.marks.get(f"{leaf.criterion.path}/{item.code}"), item) for item in leaf.criterion.source.items]
        if not lowest and any(tick is None for tick, _ in ticks):
            return None
        return added(item.points for tick, item in ticks if tick)


def _named(kind: str, slot: int) -> Words:
    return Words(NAMES[kind].th.format(slot + 1), NAMES[kind].en.format(slot + 1))


def by_name(category: Category) -> bool:
    """Whether one member must stand in the same column for every entry of a group."""
    return any(rule.by == "pairwise" for rule in category.tie_breaks)
