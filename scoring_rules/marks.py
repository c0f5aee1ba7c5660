"""Marks of one category read against its scales, and a member's own total so far.

Marks are counted in whole *units* (on quarter steps a mark of 6.25 is 25 units), so that adding them is adding ints.
"""

from collections.abc import Mapping, Sequence
from math import lcm
from typing import Any

from scoring_rules.exact import Number, Rounding, plain, rounded
from scoring_rules.facts import Card
from scoring_rules.indicators import Measured, measure_all
from scoring_rules.operations import WORTH, added, on_bands, on_line, quotient
from scoring_rules.problems import FactsRefused, Problem
from scoring_rules.rules import Category, ChecklistSource, Criterion, IndicatorSource, Item, MarksSource
from scoring_rules.words import Words

Row = list[int | None]  # one member's marks in units, in the order of Sheet.leaves; None where blank


class Leaf:
    """A criterion that members mark: its scale counted in units, and what a mark is worth."""

    __slots__ = (
        "about", "bottom", "criterion", "mark_of_units", "per_mark", "points_of_units", "rounding", "shares_of_units",
        "step", "top", "whole_marks",
    )  # fmt: skip

    def __init__(self, criterion: Criterion, rounding: Rounding | None):
        self.criterion, self.rounding = criterion, rounding
        self.about: dict[str, Any] = {"path": criterion.path, "points": criterion.points}
        source = criterion.source
        if isinstance(source, MarksSource):
            scale = source.scale
            self.per_mark = lcm(scale.from_.denominator, scale.to.denominator, scale.step.denominator)
            self.bottom, self.top, self.step = (
                in_units(value, self.per_mark) for value in (scale.from_, scale.to, scale.step)
            )
            self.about |= {"worth": source.worth, "scale": scale}
        else:
            self.per_mark = lcm(*(item.points.denominator for item in items_of(criterion)))
            self.bottom, self.top, self.step = 0, in_units(criterion.points, self.per_mark), 1
            self.about |= {"worth": "ticked"}
        # Remembered, for the same few marks come again and again.
        self.whole_marks: dict[int, int] = {}
        self.mark_of_units: dict[int, Number] = {}
        self.points_of_units: dict[int, Number] = {}
        self.shares_of_units: dict[int, int] = {}

    @property
    def ticked(self) -> bool:
        """Whether it is a checklist."""
        return isinstance(self.criterion.source, ChecklistSource)

    def units(self, mark: Number) -> int | None:
        """The mark counted in units; None where it is off the scale or off its step."""
        count, rest = divmod(mark.numerator * self.per_mark, mark.denominator)
        if rest or not self.bottom <= count <= self.top or (count - self.bottom) % self.step:
            return None
        if type(mark) is int:
            self.whole_marks[mark] = count
        return count

    @property
    def two_marks(self) -> tuple[int, int]:
        """The two lowest marks, in units: they show in what fractions points come."""
        return self.bottom, self.bottom + self.step

    def mark(self, units: int) -> Number:
        """The mark that so many units are."""
        if self.per_mark == 1:
            return units
        found = self.mark_of_units.get(units)
        if found is None:
            found = self.mark_of_units[units] = quotient(units, self.per_mark)
        return found

    def worth(self, mark: Number) -> Number:
        """Points of a (combined) mark before `rounding.points`; ticked points are points already."""
        source = self.criterion.source
        if isinstance(source, MarksSource):
            return WORTH[source.worth](mark, self.criterion.points, source.scale)
        return mark

    def points(self, units: int) -> Number:
        """Points of one member's mark, rounded as `rounding.points` says."""
        found = self.points_of_units.get(units)
        if found is None:
            found = self.points_of_units[units] = rounded(self.worth(self.mark(units)), self.rounding)
        return found


class Sheet:
    """The score sheet of a category: what members mark, found by the path that a mark names."""

    __slots__ = ("category", "columns", "items", "leaves", "names", "per_point", "scales", "shares", "whole_marks")

    def __init__(self, category: Category):
        self.category = category
        asked = [node for node in category.leaves if not isinstance(node.source, IndicatorSource)]
        self.leaves = tuple(Leaf(node, category.rounding.points) for node in asked)
        self.names = tuple(leaf.criterion.path for leaf in self.leaves)
        self.scales = {leaf.criterion.path: leaf for leaf in self.leaves if not leaf.ticked}
        self.columns = [(leaf.criterion.path, leaf, leaf.ticked) for leaf in self.leaves]
        self.whole_marks = [(leaf.criterion.path, leaf.whole_marks) for leaf in self.leaves]
        self.shares = [leaf.shares_of_units for leaf in self.leaves]
        # Points of one member's marks all come out whole in these shares of a point (worth is linear in the mark).
        self.per_point = lcm(*(leaf.points(at).denominator for leaf in self.leaves for at in leaf.two_marks))
        if category.rounding.points is not None:
            self.per_point = int(10**category.rounding.points.places)
        self.items = {
            f"{leaf.criterion.path}/{item.code}": (number, in_units(item.points, leaf.per_mark))
            for number, leaf in enumerate(self.leaves)
            for item in items_of(leaf.criterion)
        }

    def read(self, marks: Mapping[str, Number]) -> tuple[Row, list[str]]:
        """One member's marks in units, and the paths whose mark is refused (say why with `problem_with_mark`).

        A checklist is blank until each of its items is given as 1 or 0.
        """
        given = marks.get
        row: Row = [known.get(mark) if type(mark := given(path)) is int else None for path, known in self.whole_marks]
        if len(row) == len(marks) and None not in row:
            return row, []  # every mark is whole and has been seen before, as nearly all are
        row = []
        read = 0
        for path, leaf, ticked in self.columns:
            mark = None if ticked else marks.get(path)  # a checklist is read from its items
            units = None
            if mark is not None:
                units = leaf.whole_marks.get(mark) if type(mark) is int else None
                if units is None:
                    units = leaf.units(mark)
                read += units is not None
            row.append(units)
        if read == len(marks):
            return row, []
        return self._with_ticks(row, marks)

    def _with_ticks(self, row: Row, marks: Mapping[str, Number]) -> tuple[Row, list[str]]:
        ticked: dict[int, list[int]] = {}
        refused: list[str] = []
        for path, mark in marks.items():
            if path in self.items and mark in (0, 1):
                number, worth = self.items[path]
                ticked.setdefault(number, []).append(worth if mark else 0)
            elif path not in self.scales or self.scales[path].units(mark) is None:
                refused.append(path)
        for number, counts in ticked.items():
            if len(counts) == len(items_of(self.leaves[number].criterion)):
                row[number] = sum(counts)
        return row, refused

    def leaf_points(self, marks: Mapping[str, Number]) -> dict[str, Number]:
        """Points of each leaf that members mark, by path, from one member's marks; a blank leaf is not there."""
        row, _ = self.read(marks)
        return {
            name: leaf.points(units)
            for name, leaf, units in zip(self.names, self.leaves, row, strict=True)
            if units is not None
        }

    def own_total(self, row: Sequence[int]) -> int:
        """A member's total from marks in every leaf, in shares of 1/per_point."""
        try:
            return sum([shares[units] for shares, units in zip(self.shares, row, strict=True)])
        except KeyError:  # a mark that was not given before
            for leaf, units in zip(self.leaves, row, strict=True):
                leaf.shares_of_units[units] = in_units(leaf.points(units), self.per_point)
            return self.own_total(row)

    def ticked_so_far(self, marks: Mapping[str, Number], number: int) -> int:
        """Units of the ticked items of checklist `number`, the blank ones counted as not ticked."""
        return sum(worth for item, (owner, worth) in self.items.items() if owner == number and marks.get(item))


def items_of(leaf: Criterion) -> tuple[Item, ...]:
    """The items of a checklist; none for any other criterion."""
    return leaf.source.items if isinstance(leaf.source, ChecklistSource) else ()


def places_of(leaf: Criterion) -> tuple[str, ...]:
    """Where a leaf's marks go: its path, or one place for each item of a checklist; none for an indicator's leaf."""
    if isinstance(leaf.source, ChecklistSource):
        return tuple(f"{leaf.path}/{item.code}" for item in leaf.source.items)
    return (leaf.path,) if isinstance(leaf.source, MarksSource) else ()


def mark_places(category: Category) -> tuple[str, ...]:
    """Every place of a card, in the order written: a card is whole when each of them is marked."""
    return tuple(place for leaf in category.leaves for place in places_of(leaf))


def in_units(value: Number, per_mark: int) -> int:
    """`value` in units of 1/per_mark; the caller knows that it comes out whole."""
    return value.numerator * (per_mark // value.denominator)


def indicator_points(leaf: Criterion, measured: Measured) -> Number | None:
    """Points of an indicator leaf before `rounding.points`; None where the indicator is missing."""
    source, value = leaf.source, measured.value
    if value is None or not isinstance(source, IndicatorSource):
        return None
    if source.bands is not None:
        return on_bands(value, source.bands)
    return None if source.linear is None else on_line(value, source.linear, leaf.points)


def running_total(category: Category, card: Card, fields: Mapping[str, Number]) -> tuple[Number, int]:
    """(points so far, leaves still blank): a member's own total from what is marked so far, exact.

    It is the member total that `evaluate` uses once nothing is blank: points from indicators are in it, points rounded
    as `rounding.points` says, before adjustments. Ticks given so far count though their checklist is still blank.
    Raises FactsRefused for a mark that the score sheet does not take.
    """
    sheet = Sheet(category)
    problems = check_marks(category, card.marks)
    if problems:
        raise FactsRefused(
            Problem("marks", 0, 0, path, "mark", says, Words("แก้คะแนนนี้", "Mend this mark."))
            for path, says in problems.items()
        )
    row, _ = sheet.read(card.marks)
    points = [
        leaf.points(sheet.ticked_so_far(card.marks, number) if units is None else units)
        for number, (leaf, units) in enumerate(zip(sheet.leaves, row, strict=True))
        if units is not None or leaf.ticked
    ]
    measured = measure_all(category, fields)
    for node in category.leaves:
        if isinstance(node.source, IndicatorSource):
            value = indicator_points(node, measured[node.source.indicator])
            if value is not None:
                points.append(rounded(value, category.rounding.points))
    return added(points), row.count(None)


def check_marks(category: Category, marks: Mapping[str, Number]) -> dict[str, Words]:
    """What is wrong with each mark that the score sheet does not take, by path; empty where all fit."""
    _, refused = Sheet(category).read(marks)
    found = ((path, problem_with_mark(category, path, marks[path])) for path in refused)
    return {path: says for path, says in found if says is not None}


def problem_with_mark(category: Category, path: str, value: Number) -> Words | None:
    """Why the score sheet does not take this mark (unknown path, off the scale, off its step) and what it expects."""
    for node in category.nodes():
        source = node.source
        if node.path == path and isinstance(source, MarksSource):
            scale = source.scale
            if scale.holds(value):
                return None
            low, high, step, given = (plain(each) for each in (scale.from_, scale.to, scale.step, value))
            return Words(
                f"คะแนน {given} ไม่อยู่ในมาตรวัด ต้องเป็น {low} ถึง {high} ทีละ {step}",
                f"A mark of {given} is not on the scale: it must be from {low} to {high} in steps of {step}.",
            )
        if path in places_of(node):
            if value in (0, 1):
                return None
            return Words(
                f"ค่า {plain(value)} ใช้กับรายการตรวจไม่ได้ ต้องเป็น 1 (มี) หรือ 0 (ไม่มี)",
                f"{plain(value)} is not a tick: it must be 1 (yes) or 0 (no).",
            )
        if node.path == path:
            return _not_marked_itself(node)
    paths = ", ".join(mark_places(category))
    return Words(
        f"ไม่มีเกณฑ์ “{path}” ในประเภทนี้ เกณฑ์ที่ให้คะแนนได้คือ {paths}",
        f"There is no criterion “{path}” in this category. Marks are given on {paths}.",
    )


def _not_marked_itself(node: Criterion) -> Words:
    """Why a criterion that does exist takes no mark."""
    if isinstance(node.source, IndicatorSource):
        return Words(
            f"“{node.path}” ได้คะแนนจากตัวชี้วัด กรรมการไม่ต้องให้คะแนน",
            f"“{node.path}” takes its points from an indicator; members give it no mark.",
        )
    parts = places_of(node) or [part.path for part in node.parts]
    return Words(
        f"“{node.path}” ให้คะแนนรวมไม่ได้ ให้ทีละส่วน: {', '.join(parts)}",
        f"“{node.path}” takes no mark as a whole; mark its parts: {', '.join(parts)}.",
    )
