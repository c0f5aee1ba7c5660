"""From marks and facts to the exact total: combined marks, points, criteria, adjustments, bounds, earlier stage."""

from collections.abc import Callable
from fractions import Fraction
from math import lcm

from exports.audit.columns import Columns, Counted, Known, Line, block_of
from exports.audit.facts import Facts
from exports.audit.marks import Marks
from exports.formulas import (
    COMBINE,
    COMPARE,
    NONE,
    WORTH,
    along,
    clamped,
    every,
    finest,
    on,
    on_bands,
    rounded,
    shares,
    when,
    whole,
)
from exports.formulas import Line as Straight
from scoring_rules.exact import Number
from scoring_rules.exact import rounded as exactly_rounded
from scoring_rules.indicators import measure
from scoring_rules.marks import Leaf, indicator_points
from scoring_rules.rules import Adjustment, Carries, Category, Criterion, IndicatorSource, MarksSource
from scoring_rules.words import Words

COUNTABLE = Words("มีคะแนนครบ คิดคะแนนรวมได้ (1/0)", "Complete: a total can be made (1/0)")
BEFORE = Words(" ก่อนปัดเศษ", ", before rounding")
TOTALS_COMBINED = Words("คะแนนรวมของกรรมการ รวมกันแล้ว", "Members' totals combined")
ADJUSTED = Words("คะแนนของรอบนี้หลังปรับและใช้ขอบเขต", "This stage's total, adjusted and bounded")
EXACT = Words("คะแนนรวมที่แท้จริง", "Exact total")
TOTAL = Words("คะแนนรวมหลังปัดเศษ", "Total, rounded")


class Totals:
    """The columns from `countable` to `total`."""

    def __init__(self, columns: Columns, category: Category, marks: Marks, facts: Facts, carries: Carries | None):
        self.columns, self.category, self.marks, self.facts = columns, category, marks, facts
        self.carries = carries
        self.rounding = category.rounding
        self.combines = COMBINE[category.panel.combine]
        self.share = shares(category.panel, marks.slots)
        self.seats = columns["seats"]
        self.points: dict[str, Counted] = {}
        self.measured = {
            leaf.path: self._indicator_leaf(leaf, leaf.source)
            for leaf in category.leaves
            if isinstance(leaf.source, IndicatorSource)
        }
        self.ok = self._countable()
        for path, of in self.measured.items():
            self.points[path] = columns.add(
                f"points:{path}",
                category.criterion(path).label,
                _points(path),
                self._if_ok(of.cell),
                per=of.per,
                most=Fraction(of.high, of.per),
            )
        for asked, block in zip(marks.sheet.leaves, marks.leaves, strict=True):
            self.points[asked.criterion.path] = self._marked_leaf(asked, block)
        self.per_point = lcm(*(self.points[leaf.path].per for leaf in category.leaves))
        for root in category.criteria:
            self._node(root)
        self.members = self._member_totals()
        self._total()

    # Who can have a total -------------------------------------------------------------------------------------------

    def _countable(self) -> Counted:
        panel, columns = self.category.panel, self.columns
        tests = [f"{columns['state'].cell}=0"]
        if "refuse" in (panel.missing.recused, panel.missing.absent):
            tests.append(f"{columns['held'].cell}=0")
        counts = f"SUM({block_of(self.marks.counts)})"
        if panel.missing.blank == "refuse":
            whole_cards = "+".join(f"N({given.cell})" for given in self.marks.given)
            tests.append(f"{whole_cards}={columns['standing'].cell}*{len(self.marks.places)}")
        tests.append(f"{counts}>={panel.quorum}")
        if panel.missing.blank == "leave_out" and panel.applied_to == "marks":
            tests += [f"COUNT({block_of(block)})>0" for block in self.marks.leaves]
        needed = [leaf.source.indicator for leaf in self.category.leaves if isinstance(leaf.source, IndicatorSource)]
        tests += [f"ISNUMBER({self.facts.indicator(code).cell})" for code in dict.fromkeys(needed)]
        for rule in self.category.total.adjustments:
            tests.append(f"ISNUMBER({self.facts.read(*_looks_at(rule)).cell})")
        if self.carries is not None:
            tests.append(f"ISNUMBER({columns['earlier'].cell})")
        return columns.add(
            "ok", COUNTABLE, lambda line: int(line.standing.total_exact is not None), f"IF({every(tests)},1,0)"
        )

    def _if_ok(self, text: str) -> str:
        return when(f"{self.ok.cell}=1", text)

    # From marks to points -------------------------------------------------------------------------------------------

    def _marked_leaf(self, leaf: Leaf, block: list[Counted]) -> Counted:
        node, rounding = leaf.criterion, self.rounding.combined
        path, marks = node.path, block[0]
        label = Words(f"{node.label.th}: คะแนนรวมกรรมการ", f"{node.label.in_language('en')}: combined mark")
        text = self._if_ok(self.combines(block_of(block), self.share, self.seats.cell, self.category.panel.drop))
        most = Fraction(marks.high, marks.per) * (self.seats.high if self.category.panel.combine == "sum" else 1)
        shape = {"per": marks.per * self.share, "most": most, "negative": marks.negative}
        if rounding is None:
            combined = self.columns.add(
                f"combined:{path}", label, lambda line: line.standing.combined.get(path), text, **shape
            )  # type: ignore[arg-type]
        else:
            raw = self.columns.add(
                f"combined0:{path}", _before(label), lambda line: line.before_rounding("combined", path), text, **shape
            )  # type: ignore[arg-type]
            combined = self.columns.add_rounded(
                f"combined:{path}", label, lambda line: line.standing.combined.get(path), raw, rounding
            )
        return self._line(node, self._worth(leaf), combined)

    def _worth(self, leaf: Leaf) -> Straight:
        source = leaf.criterion.source
        if isinstance(source, MarksSource):
            return WORTH[source.worth](leaf.criterion.points, source.scale)
        return 1, 0

    def _line(self, node: Criterion, line: Straight, of: Counted) -> Counted:
        """Points of a leaf on a straight line of its combined mark, rounded as `rounding.points` says."""
        per = finest(line, of.per)
        text = self._if_ok(on(line, of.cell, of.per, per))
        most = abs(Fraction(line[0])) * Fraction(of.high, of.per) + abs(Fraction(line[1]))
        path, rounding = node.path, self.rounding.points
        title = Words(f"{node.label.th}: คะแนน", f"{node.label.in_language('en')}: points")
        value = _points(path)
        negative = of.negative or line[1] < 0
        if rounding is None:
            return self.columns.add(f"points:{path}", title, value, text, per=per, most=most, negative=negative)
        raw = self.columns.add(
            f"points0:{path}",
            _before(title),
            lambda each: each.before_rounding("points", path),
            text,
            per=per,
            most=most,
            negative=negative,
        )
        return self.columns.add_rounded(f"points:{path}", title, value, raw, rounding)

    def _indicator_leaf(self, node: Criterion, source: IndicatorSource) -> Counted:
        """Points of an indicator, there wherever the indicator is, whoever marks."""
        measured = self.facts.indicator(source.indicator)
        if source.bands is not None:
            per = lcm(*(Fraction(value).denominator for _, value in (*source.bands.edges, (0, source.bands.beyond))))
            text = on_bands(measured.cell, measured.per, source.bands, per)
        else:
            assert source.linear is not None
            line = along(source.linear, node.points)
            per = lcm(finest(line, measured.per), Fraction(node.points).denominator)
            text = clamped(on(line, measured.cell, measured.per, per), 0, whole(Fraction(node.points) * per))
        title = Words(f"{node.label.th}: คะแนนจากตัวชี้วัด", f"{node.label.in_language('en')}: points")
        text, rounding = f"IF(ISNUMBER({measured.cell}),{text},{NONE})", self.rounding.points
        category, indicator = self.category, self.category.indicator(source.indicator)

        def exact(line: Line) -> Number | None:
            return indicator_points(node, measure(category, indicator, line.entry.fields))

        def value(line: Line) -> Known:
            found = exact(line)
            return None if found is None else exactly_rounded(found, rounding)

        if rounding is None:
            return self.columns.add(f"measured:{node.path}", title, value, text, per=per, most=node.points)
        raw = self.columns.add(f"measured0:{node.path}", _before(title), exact, text, per=per, most=node.points)
        return self.columns.add_rounded(f"measured:{node.path}", title, value, raw, rounding)

    def _node(self, node: Criterion) -> Counted:
        """Points of a criterion with parts: their sum."""
        if not node.parts:
            return self.points[node.path]
        parts = [self._node(part) for part in node.parts]
        per = lcm(*(part.per for part in parts))
        self.points[node.path] = self.columns.add(
            f"points:{node.path}",
            node.label,
            _points(node.path),
            self._if_ok(_sum(parts, per)),
            per=per,
            most=sum(Fraction(part.high, part.per) for part in parts),
            negative=any(part.negative for part in parts),
        )
        return self.points[node.path]

    # Members' own totals --------------------------------------------------------------------------------------------

    def _member_totals(self) -> list[Counted]:
        """Each member's own total; with `applied_to: totals` those who count as lowest have a row total as well."""
        own = [self._own(leaf) for leaf in self.marks.sheet.leaves]
        fixed = list(self.measured.values())
        per = lcm(*(each for each, _, _ in own), *(each.per for each in fixed), 1)
        most = sum((most for _, _, most in own), start=sum(Fraction(each.high, each.per) for each in fixed))
        negative = any(block[0].negative for block in self.marks.leaves)
        there = [f"ISNUMBER({each.cell})" for each in fixed]
        panel = self.category.panel
        rows: list[Counted] = []
        if panel.applied_to == "totals":
            for slot in range(self.marks.slots):
                text = _sum_of(own, self.marks.leaves, slot, per, fixed)
                tests = [f"{self.ok.cell}=1", *(f"ISNUMBER({block[slot].cell})" for block in self.marks.leaves)]
                title = Words(f"คะแนนรวมที่นับของกรรมการ {slot + 1}", f"Total counted for member {slot + 1}")
                formula = self._row_formula(slot, when(every(tests), text))
                rows.append(
                    self.columns.add(
                        f"row{slot}", title, _row_total(slot), formula, per=per, most=most, negative=negative
                    )
                )
        totals = []
        for slot in range(self.marks.slots):
            whole_card = f"N({self.marks.given[slot].cell})={len(self.marks.places)}"
            if not self.marks.places:
                whole_card = f"N({self.marks.counts[slot].cell})=1"
            elif panel.missing.blank == "lowest":
                whole_card = f"(N({self.marks.counts[slot].cell})=1)*(({self.ok.cell}=1)+({whole_card})>0)=1"
            text = _sum_of(own, self.marks.leaves, slot, per, fixed)
            title = Words(f"คะแนนรวมของกรรมการ {slot + 1}", f"Total of member {slot + 1}")
            totals.append(
                self.columns.add(
                    f"member{slot}",
                    title,
                    self._member_total(slot),
                    when(every([whole_card, *there]), text),
                    per=per,
                    most=most,
                    negative=negative,
                )
            )
        self.rows = rows
        return totals

    def _row_formula(self, slot: int, text: str) -> Callable[[Line], str | None]:
        """Where nothing is marked at all, only the card says whether its member is counted."""

        def formula(line: Line) -> str | None:
            card = line.cards[slot] if slot < len(line.cards) else None
            if card is None:
                return None
            if card.state != "standing":
                missing = self.category.panel.missing
                if (missing.recused if card.state == "recused" else missing.absent) != "lowest":
                    return None
            return text.format(r=line.row)

        return formula

    def _own(self, leaf: Leaf) -> tuple[int, Callable[[str], str], Number]:
        """(units per point, formula of a mark cell, largest size) of the points of one member's mark."""
        line, rounding = self._worth(leaf), self.rounding.points
        per = finest(line, leaf.per_mark)
        top = max(abs(leaf.bottom), leaf.top)
        most = abs(Fraction(line[0])) * Fraction(top, leaf.per_mark) + abs(Fraction(line[1]))
        if rounding is None:
            return per, lambda cell: on(line, cell, leaf.per_mark, per), most
        high, negative = whole(Fraction(most * per).__ceil__()), leaf.bottom < 0

        def text(cell: str) -> str:
            return rounded(f"({on(line, cell, leaf.per_mark, per)})", per, rounding, high=high, negative=negative)

        return 10**rounding.places, text, most + 1

    def _member_total(self, slot: int) -> Callable[[Line], Known]:
        def value(line: Line) -> Known:
            card = self.marks.card(line, slot)
            return line.known.get(f"total:{card.member}") if card else None

        return value

    # The total ------------------------------------------------------------------------------------------------------

    def _total(self) -> None:
        rules = self.category.total
        base = self._base()
        changes = [self._adjustment(rule) for rule in rules.adjustments]
        parts = [base, *changes]
        bounds = [Fraction(bound) for bound in (rules.floor, rules.ceiling)]
        per = lcm(*(part.per for part in parts), *(bound.denominator for bound in bounds))
        low, high = (whole(bound * per) for bound in bounds)
        text = clamped(_sum(parts, per), low, high)
        most, negative = max(abs(bound) for bound in bounds), low < 0
        if self.carries is None:
            exact = self.columns.add("exact", EXACT, _exact, self._if_ok(text), per=per, most=most, negative=negative)
        else:
            this = self.columns.add(
                "this", ADJUSTED, _this_stage, self._if_ok(text), per=per, most=most, negative=negative
            )
            exact = self._carried(this, Fraction(self.carries.share))
        if self.rounding.total is not None:
            self.columns.add_rounded("total", TOTAL, lambda line: line.standing.total, exact, self.rounding.total)
        else:
            self.columns.by["total"] = exact

    def _base(self) -> Counted:
        panel, rounding = self.category.panel, self.rounding.combined
        if panel.applied_to == "marks":
            roots = [self.points[root.path] for root in self.category.criteria]
            per, most = lcm(*(root.per for root in roots)), sum(Fraction(root.high, root.per) for root in roots)
            title = Words("ผลรวมคะแนนทุกเกณฑ์", "Sum of all criteria")
            negative = any(root.negative for root in roots)
            return self.columns.add(
                "sum", title, _base_value, self._if_ok(_sum(roots, per)), per=per, most=most, negative=negative
            )
        row = self.rows[0]
        text = self._if_ok(self.combines(block_of(self.rows), self.share, self.seats.cell, panel.drop))
        most = Fraction(row.high, row.per) * (self.seats.high if panel.combine == "sum" else 1)
        per = row.per * self.share
        if rounding is None:
            return self.columns.add(
                "sum", TOTALS_COMBINED, _base_value, text, per=per, most=most, negative=row.negative
            )
        raw = self.columns.add(
            "sum0", _before(TOTALS_COMBINED), _base_raw, text, per=per, most=most, negative=row.negative
        )
        return self.columns.add_rounded("sum", TOTALS_COMBINED, _base_value, raw, rounding)

    def _adjustment(self, rule: Adjustment) -> Counted:
        found = self.facts.read(*_looks_at(rule))
        amount = Fraction(rule.amount)
        limit = None if rule.at_most is None else Fraction(rule.at_most)
        per = lcm(amount.denominator, *([limit.denominator] if limit is not None else []))
        if rule.when is None:
            per = lcm(per, finest((amount, 0), found.per))
            text, most = on((amount, 0), found.cell, found.per, per), abs(amount) * Fraction(found.high, found.per)
            if limit is not None:
                text, most = clamped(text, whole(-limit * per), whole(limit * per)), limit
        else:
            bounded = amount if limit is None else max(-limit, min(limit, amount))
            test = COMPARE[rule.when.compare](found.cell, rule.when.value, found.per)
            text, most = when(test, str(whole(bounded * per)), "0"), abs(bounded)

        def value(line: Line) -> Known:
            step = line.steps.get(("adjustment", rule.code))
            return step.value if step and line.standing.total_exact is not None else None

        return self.columns.add(
            f"adjustment:{rule.code}", rule.label, value, self._if_ok(text), per=per, most=most, negative=True
        )

    def _carried(self, this: Counted, share: Fraction) -> Counted:
        earlier = self.columns["earlier"]
        per = lcm(finest((share, 0), earlier.per), finest((1 - share, 0), this.per))
        before = on((share, 0), earlier.cell, earlier.per, per)
        now = on((1 - share, 0), this.cell, this.per, per)
        most = share * Fraction(earlier.high, earlier.per) + (1 - share) * Fraction(this.high, this.per)
        return self.columns.add(
            "exact", EXACT, _exact, self._if_ok(f"{before}+{now}"), per=per, most=most,
            negative=earlier.negative or this.negative,
        )  # fmt: skip


def _before(title: Words) -> Words:
    return Words(title.th + BEFORE.th, title.in_language("en") + BEFORE.in_language("en"))


def _points(path: str) -> Callable[[Line], Known]:
    return lambda line: line.standing.points.get(path)


def _exact(line: Line) -> Known:
    return line.standing.total_exact


def _row_total(slot: int) -> Callable[[Line], Known]:
    def value(line: Line) -> Known:
        card = line.cards[slot] if slot < len(line.cards) else None
        step = line.steps.get(("member_total", card.member)) if card else None
        return step.value if step else None

    return value


def _this_stage(line: Line) -> Known:
    step = next((step for (operation, _), step in line.steps.items() if operation == "carry"), None)
    return step.inputs[0].value if step else None


def _base_value(line: Line) -> Known:
    """The total before adjustments."""
    if line.standing.total_exact is None:
        return None
    rounded_totals = line.steps.get(("rounding", "combined "))
    if rounded_totals is not None:
        return rounded_totals.value
    step = line.steps.get(("total", "")) or line.steps.get(("combine", ""))
    return step.value if step else None


def _base_raw(line: Line) -> Known:
    return line.before_rounding("combined", "")


def _looks_at(rule: Adjustment) -> tuple[str, str]:
    if rule.when is not None:
        return rule.when.what, rule.when.code
    assert rule.per is not None
    return rule.per


def _sum(parts: list[Counted], per: int) -> str:
    return "+".join(each.cell if each.per == per else f"{each.cell}*{per // each.per}" for each in parts)


def _sum_of(
    own: list[tuple[int, Callable[[str], str], Number]],
    blocks: list[list[Counted]],
    slot: int,
    per: int,
    fixed: list[Counted],
) -> str:
    terms = []
    for (each, text, _), block in zip(own, blocks, strict=True):
        term = text(block[slot].cell)
        terms.append(term if each == per else f"({term})*{per // each}")
    terms += [each.cell if each.per == per else f"{each.cell}*{per // each.per}" for each in fixed]
    return "+".join(terms) or "0"
