"""From points to the total: base, adjustments, bounds, the earlier stage's share, rounding."""

from fractions import Fraction
from math import lcm

from exports.audit.columns import Columns, Counted, Units
from exports.audit.facts import Facts, looks_at
from exports.audit.leaves import Leaves, added_in, sum_of
from exports.audit.lines import Known, Line
from exports.audit.member_totals import MemberTotals
from exports.formulas import COMPARE, clamped, finest, on, when, whole
from scoring_rules.rules import Adjustment, Carries, Category
from scoring_rules.words import Words

SUM = Words("ผลรวมคะแนนทุกเกณฑ์", "Sum of all criteria")
TOTALS_COMBINED = Words("คะแนนที่รวมจากคะแนนรวมของกรรมการ", "Members' totals combined")
ADJUSTED = Words("คะแนนรวมของรอบนี้ หลังปรับเพิ่ม/ลดและจำกัดช่วง", "This stage's total, adjusted and bounded")
EXACT = Words("คะแนนรวมก่อนปัดเศษ", "Exact total")
TOTAL = Words("คะแนนรวมหลังปัดเศษ", "Total, rounded")


class Totals:
    """The columns from `sum` to `total`, which is the same as `exact` where the rules do not round it."""

    def __init__(
        self,
        columns: Columns,
        category: Category,
        facts: Facts,
        leaves: Leaves,
        members: MemberTotals,
        carries: Carries | None,
    ):
        self.columns, self.category, self.facts, self.leaves = columns, category, facts, leaves
        self.members = members
        rules = category.total
        parts = [self._base(), *(self._adjustment(rule) for rule in rules.adjustments)]
        floor, ceiling = Fraction(rules.floor), Fraction(rules.ceiling)
        per = lcm(*(part.per for part in parts), floor.denominator, ceiling.denominator)
        text = leaves.if_ok(clamped(added_in(parts, per), whole(floor * per), whole(ceiling * per)))
        units = Units(per, max(abs(floor), abs(ceiling)), floor < 0)
        if carries is None:
            exact = columns.add("exact", EXACT, _exact, text, units)
        else:
            exact = self._carried(columns.add("this", ADJUSTED, _this_stage, text, units), Fraction(carries.share))
        if category.rounding.total is None:
            columns.by["total"] = exact
        else:
            columns.add_rounded("total", TOTAL, lambda line: line.standing.total, exact, category.rounding.total)

    def _base(self) -> Counted:
        """The total before adjustments: the criteria added up, or the members' totals combined."""
        columns, category = self.columns, self.category
        if category.panel.applied_to == "marks":
            text, units = sum_of([self.leaves.points[root.path] for root in category.criteria])
            return columns.add("sum", SUM, _base_value, self.leaves.if_ok(text), units)
        combines, rows = self.leaves.combines, self.members.rows
        text = self.leaves.if_ok(combines.text(rows))
        return columns.add_for(
            category.rounding.combined, "sum", TOTALS_COMBINED, _base_value, _base_before, text, combines.units(rows[0])
        )

    def _adjustment(self, rule: Adjustment) -> Counted:
        """What the rule adds (below nothing: takes off): an amount where a condition holds, or so much for each unit
        of a number, at most `at_most` in size."""
        found = self.facts.read(*looks_at(rule))
        amount = Fraction(rule.amount)
        limit = None if rule.at_most is None else Fraction(rule.at_most)
        per = lcm(amount.denominator, *([limit.denominator] if limit is not None else []))
        if rule.when is None:
            per = lcm(per, finest((amount, 0), found.per))
            text, most = on((amount, 0), found.cell, found.per, per), abs(amount) * found.most
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
            f"adjustment:{rule.code}", rule.label, value, self.leaves.if_ok(text), Units(per, most, negative=True)
        )

    def _carried(self, this: Counted, share: Fraction) -> Counted:
        """The earlier stage's total and this stage's, each by its share."""
        earlier, rest = self.columns["earlier"], 1 - share
        per = lcm(finest((share, 0), earlier.per), finest((rest, 0), this.per))
        before, now = on((share, 0), earlier.cell, earlier.per, per), on((rest, 0), this.cell, this.per, per)
        units = Units(per, share * earlier.most + rest * this.most, earlier.negative or this.negative)
        return self.columns.add("exact", EXACT, _exact, self.leaves.if_ok(f"{before}+{now}"), units)


def _exact(line: Line) -> Known:
    return line.standing.total_exact


def _this_stage(line: Line) -> Known:
    return line.this


def _base_value(line: Line) -> Known:
    """The total before adjustments."""
    if line.standing.total_exact is None:
        return None
    rounded_totals = line.steps.get(("rounding", "combined "))
    if rounded_totals is not None:
        return rounded_totals.value
    step = line.steps.get(("total", "")) or line.steps.get(("combine", ""))
    return step.value if step else None


def _base_before(line: Line) -> Known:
    return line.before_rounding("combined")
