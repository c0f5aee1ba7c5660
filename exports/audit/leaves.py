"""From marks and indicators to points: who can have a total, combined marks, points of leaves and of criteria."""

from fractions import Fraction
from math import lcm

from exports.audit.columns import YES_NO, Columns, Counted, Find, Units, block_of, said
from exports.audit.facts import Facts, looks_at
from exports.audit.lines import Known, Line
from exports.audit.marks import Marks
from exports.formulas import (
    COMBINE,
    WORTH,
    Straight,
    along,
    clamped,
    every,
    finest,
    on,
    on_bands,
    shares,
    when,
    whole,
)
from scoring_rules.exact import Number
from scoring_rules.exact import rounded as exactly_rounded
from scoring_rules.indicators import measure
from scoring_rules.marks import Leaf, indicator_points
from scoring_rules.rules import Carries, Category, Criterion, IndicatorSource, MarksSource
from scoring_rules.words import Words

COUNTABLE = Words("ข้อมูลครบ คิดคะแนนรวมได้ (1/0)", "Complete: a total can be made (1/0)")


class Leaves:
    """The columns from what indicators are worth to the points of the roots. `ok` says who can have a total, `points`
    holds the column of every criterion, `measured` of every indicator leaf: its points even where there is no total."""

    def __init__(self, columns: Columns, category: Category, marks: Marks, facts: Facts, carries: Carries | None):
        self.columns, self.category, self.marks, self.facts = columns, category, marks, facts
        self.rounding = category.rounding
        self.combines = Combining(columns, category, marks.slots)
        self.measured = {
            leaf.path: self._measured(leaf, leaf.source)
            for leaf in category.leaves
            if isinstance(leaf.source, IndicatorSource)
        }
        self.ok = self._countable(carries)
        self.points: dict[str, Counted] = {}
        for path, of in self.measured.items():
            label = category.criterion(path).label
            self._keep(path, columns.add(f"points:{path}", label, points_of(path), self.if_ok(of.cell), of.units))
        for leaf, block in zip(marks.sheet.leaves, marks.leaves, strict=True):
            self._keep(leaf.criterion.path, self._marked(leaf, block))
        for root in category.criteria:
            self._node(root)

    def if_ok(self, text: str) -> str:
        """The formula, for entries that can have a total."""
        return when(f"{self.ok.cell}=1", text)

    def _keep(self, path: str, column: Counted) -> Counted:
        self.points[path] = column
        return column

    def _countable(self, carries: Carries | None) -> Counted:
        """1 where nothing is missing that the rules ask for before there may be a total."""
        panel, columns = self.category.panel, self.columns
        tests = [f"{columns['state'].cell}=0"]
        if "refuse" in (panel.missing.recused, panel.missing.absent):
            tests.append(f"{columns['held'].cell}=0")
        if panel.missing.blank == "refuse":
            whole_cards = "+".join(f"N({given.cell})" for given in self.marks.given)
            tests.append(f"{whole_cards}={columns['standing'].cell}*{len(self.marks.places)}")
        tests.append(f"SUM({block_of(self.marks.counts)})>={panel.quorum}")
        if panel.missing.blank == "leave_out" and panel.applied_to == "marks":
            tests += [f"COUNT({block_of(block)})>0" for block in self.marks.leaves]
        needed = [leaf.source.indicator for leaf in self.category.leaves if isinstance(leaf.source, IndicatorSource)]
        tests += [f"ISNUMBER({self.facts.indicator(code).cell})" for code in dict.fromkeys(needed)]
        for rule in self.category.total.adjustments:
            tests.append(f"ISNUMBER({self.facts.read(*looks_at(rule)).cell})")
        if carries is not None:
            tests.append(f"ISNUMBER({columns['earlier'].cell})")
        return columns.add("ok", COUNTABLE, _has_total, f"IF({every(tests)},1,0)", YES_NO)

    def _marked(self, leaf: Leaf, block: list[Counted]) -> Counted:
        """Points of a leaf that members mark: their marks combined, then along the line that says what a mark is
        worth; each rounded as the rules say."""
        node, path = leaf.criterion, leaf.criterion.path
        combined = self.columns.add_for(
            self.rounding.combined,
            f"combined:{path}",
            said(node.label, "คะแนนที่รวมจากกรรมการ", "combined mark"),
            lambda line: line.standing.combined.get(path),
            lambda line: line.before_rounding("combined", path),
            self.if_ok(self.combines.text(block)),
            self.combines.units(block[0]),
        )
        line = worth_of(leaf)
        per = finest(line, combined.per)
        return self.columns.add_for(
            self.rounding.points,
            f"points:{path}",
            said(node.label, "คะแนน", "points"),
            points_of(path),
            lambda line: line.before_rounding("points", path),
            self.if_ok(on(line, combined.cell, combined.per, per)),
            Units(per, largest(line, combined.most), combined.negative or line[1] < 0),
        )

    def _measured(self, node: Criterion, source: IndicatorSource) -> Counted:
        """Points of an indicator, there wherever the indicator is, whoever marks."""
        indicator, rounding = self.category.indicator(source.indicator), self.rounding.points
        text, per = _from_indicator(node, source, self.facts.indicator(source.indicator))

        def before(line: Line) -> Number | None:
            return indicator_points(node, measure(self.category, indicator, line.entry.fields))

        def value(line: Line) -> Known:
            found = before(line)
            return None if found is None else exactly_rounded(found, rounding)

        title = said(node.label, "คะแนนจากตัวชี้วัด", "points")
        return self.columns.add_for(
            rounding, f"measured:{node.path}", title, value, before, text, Units(per, node.points)
        )

    def _node(self, node: Criterion) -> Counted:
        """Points of a criterion with parts: their sum."""
        if not node.parts:
            return self.points[node.path]
        parts = [self._node(part) for part in node.parts]
        text, units = sum_of(parts)
        key = f"points:{node.path}"
        return self._keep(node.path, self.columns.add(key, node.label, points_of(node.path), self.if_ok(text), units))


class Combining:
    """How many members become one, as the panel's rules say."""

    def __init__(self, columns: Columns, category: Category, slots: int):
        self.panel, self.seats = category.panel, columns["seats"]
        self.share = shares(category.panel, slots)

    def text(self, block: list[Counted]) -> str:
        """The formula over a block of members' cells."""
        return COMBINE[self.panel.combine](block_of(block), self.share, self.seats.cell, self.panel.drop)

    def units(self, one: Counted) -> Units:
        """Those of the combined value: shares of the unit in which `one` member is counted."""
        seats = self.seats.high if self.panel.combine == "sum" else 1
        return Units(one.per * self.share, one.most * seats, one.negative)


def _from_indicator(node: Criterion, source: IndicatorSource, measured: Counted) -> tuple[str, int]:
    """(formula, units per point) of what the indicator is worth; missing where it is missing."""
    if source.bands is not None:
        per = lcm(*(Fraction(value).denominator for _, value in (*source.bands.edges, (0, source.bands.beyond))))
        text = on_bands(measured.cell, measured.per, source.bands, per)
    else:
        assert source.linear is not None
        line = along(source.linear, node.points)
        per = lcm(finest(line, measured.per), Fraction(node.points).denominator)
        text = clamped(on(line, measured.cell, measured.per, per), 0, whole(Fraction(node.points) * per))
    return when(f"ISNUMBER({measured.cell})", text), per


def worth_of(leaf: Leaf) -> Straight:
    """The straight line from a mark to points; ticks of a checklist are points already."""
    source = leaf.criterion.source
    return WORTH[source.worth](leaf.criterion.points, source.scale) if isinstance(source, MarksSource) else (1, 0)


def largest(line: Straight, most: Number) -> Fraction:
    """The largest size on the line, of marks up to `most` in size."""
    return abs(Fraction(line[0])) * Fraction(most) + abs(Fraction(line[1]))


def sum_of(parts: list[Counted]) -> tuple[str, Units]:
    """The formula of the sum of columns, and its units: the finest of theirs."""
    per = lcm(*(part.per for part in parts))
    most = sum((part.most for part in parts), start=Fraction(0))
    return added_in(parts, per), Units(per, most, any(part.negative for part in parts))


def added_in(parts: list[Counted], per: int) -> str:
    """The columns added up in units of 1/`per`."""
    return "+".join(part.cell if part.per == per else f"{part.cell}*{per // part.per}" for part in parts)


def points_of(path: str) -> Find:
    """The engine's points of a criterion."""
    return lambda line: line.standing.points.get(path)


def _has_total(line: Line) -> Known:
    return int(line.standing.total_exact is not None)
