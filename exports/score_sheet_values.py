"""What the formulas of a score sheet come to when it is written: kept beside them, for programs that do not compute."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from exports.form_book import Value
from exports.formulas import readable
from exports.score_sheet_layout import Layout, Line, SheetEntry
from exports.sheets.card_points import near, written
from exports.wording import NOTHING
from scoring_rules.exact import Number, rounded
from scoring_rules.indicators import Measured, measure_all
from scoring_rules.marks import Leaf, indicator_points, items_of
from scoring_rules.rules import IndicatorSource


@dataclass(frozen=True)
class Values:
    """What stands in the columns of one entry."""

    layout: Layout
    entry: SheetEntry

    @cached_property
    def _measured(self) -> Mapping[str, Measured]:
        return measure_all(self.layout.category, self.entry.fields)

    def given(self, line: Line) -> Number | None:
        """Points of an indicator's line; None where the indicator is missing."""
        source = line.criterion.source
        if not isinstance(source, IndicatorSource):
            return None
        earned = indicator_points(line.criterion, self._measured[source.indicator])
        return None if earned is None else rounded(earned, self.layout.category.rounding.points)

    def _marked(self, line: Line) -> Number | None:
        """Points of a marked line; of a checklist those ticked so far, where a formula can say them."""
        leaf = Leaf(line.criterion, self.layout.category.rounding.points)
        if line.kind != "checklist":
            mark = self.entry.marks.get(line.place)
            units = None if mark is None else leaf.units(mark)
            return None if units is None else leaf.points(units)
        ticks = {item: self.entry.marks.get(f"{line.code}/{item.code}") for item in items_of(line.criterion)}
        given = [tick for tick in ticks.values() if tick is not None]
        if not given or (len(given) < len(ticks) and readable("", leaf.rounding) is None):
            return None
        return rounded(sum(item.points * tick for item, tick in ticks.items() if tick is not None), leaf.rounding)

    def points(self, line: Line) -> Value:
        """What the points formula of a line shows."""
        return written(Leaf(line.criterion, self.layout.category.rounding.points), self._marked(line))

    @property
    def from_indicators(self) -> Number | None:
        """Points that nobody marks; None where there are none."""
        given = [value for line in self.layout.lines if (value := self.given(line)) is not None]
        return sum(given) if given else None

    @property
    def total(self) -> Value:
        """The total so far: with what indicators give, once there is a mark."""
        lines = [line for line in self.layout.lines if line.kind in ("mark", "checklist")]
        marked = [value for line in lines if (value := self._marked(line)) is not None]
        if self.entry.excused is not None:
            return ""
        if lines and not marked:
            return NOTHING
        share = self.from_indicators
        return NOTHING if share is None and not marked else near(sum(marked) + (share or 0))

    @property
    def blanks(self) -> int:
        """How many cells still wait for a mark."""
        return sum(line.place not in self.entry.marks for line in self.layout.lines if line.place)
