"""One entry: from its members' marks to its exact total, with a Step for every number on the way."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from scoring_rules.exact import Number, Rounding, plain, rounded
from scoring_rules.facts import Card, Entry
from scoring_rules.indicators import Measured, measure_all, read_number
from scoring_rules.marks import Leaf, Sheet, indicator_points
from scoring_rules.operations import (
    COMBINE,
    COMPARE,
    added,
    band_edge,
    bounded,
    carried,
    known,
    quotient,
    times,
    trimmed,
)
from scoring_rules.panel import Counted, count
from scoring_rules.results import Status, Step
from scoring_rules.rules import Carries, Category, Condition, Criterion, Eligibility, IndicatorSource
from scoring_rules.words import Words

TOTAL = Words("คะแนนรวม", "Total")
ADJUSTED = Words("คะแนนหลังปรับเพิ่มและลด", "Total after adjustments")
FLOOR = Words("คะแนนหลังใช้ขอบล่าง", "Total kept above the floor")
CEILING = Words("คะแนนหลังใช้เพดาน", "Total kept under the ceiling")
CARRIED = Words("รวมคะแนนรอบก่อน", "With the earlier stage")
FINAL = Words("คะแนนรวมสุดท้าย", "Final total")
MEMBERS = Words("คะแนนรวมของกรรมการแต่ละคน", "Each member's total")
AS_SHOWN = Words("คะแนนรายเกณฑ์ (แสดงประกอบ)", "Points by criterion (shown beside the total)")


@dataclass(slots=True)
class Tally:
    """One entry before ranking. `status` is None where it takes a rank; `placed` is whether it may take a tier."""

    entry: Entry
    status: Status | None = None
    placed: bool = True
    total: Number | None = None
    total_exact: Number | None = None
    members: int = 0
    spread: Number | None = None
    points: dict[str, Number] = field(default_factory=dict)
    combined: dict[str, Number] = field(default_factory=dict)
    member_totals: dict[str, Number] = field(default_factory=dict)
    measured: dict[str, Measured] = field(default_factory=dict)
    reasons: list[Words] = field(default_factory=list)
    again: Callable[[], list[Step]] = list  # what made the numbers, run once more with its steps kept
    refused: list[tuple[str, str]] = field(default_factory=list)  # (member, path) of marks off the sheet

    @property
    def steps(self) -> list[Step]:
        """How the numbers came about, made anew each time it is asked for: kept, they would outweigh all the rest."""
        return self.again()


@dataclass(frozen=True, slots=True)
class Carry:
    """What an entry brings from an earlier stage; `total_exact` None where that stage has no total of it."""

    carries: Carries
    total_exact: Number | None


class _Missing(Exception):
    """A number that the total needs is not there; the entry is incomplete."""


class Totaller:
    """The rules of one category made ready; `tally` is then asked once per entry."""

    def __init__(self, category: Category):
        self.category, self.sheet = category, Sheet(category)
        self.number = {name: number for number, name in enumerate(self.sheet.names)}
        self.about = {node.path: {"path": node.path, "points": node.points} for node in category.nodes()}
        self.indicator_leaves = [
            (node, node.source) for node in category.leaves if isinstance(node.source, IndicatorSource)
        ]
        self.whole = {"points": category.full_mark}

    def tally(self, entry: Entry, cards: Sequence[Card], *, carry: Carry | None = None) -> Tally:
        """The entry's exact total as far as the rules let it have one, with every reason why not.

        A failed `not_eligible` rule on a field or an indicator decides before missing marks do: the entry is out
        whatever its marks would be.
        """
        if entry.state != "presented":
            return Tally(entry, entry.state)
        tally, _ = self._tally(entry, cards, carry)
        tally.again = partial(self._steps, entry, cards, carry)
        return tally

    def _steps(self, entry: Entry, cards: Sequence[Card], carry: Carry | None) -> list[Step]:
        return self._tally(entry, cards, carry)[1]

    def _tally(self, entry: Entry, cards: Sequence[Card], carry: Carry | None) -> tuple[Tally, list[Step]]:
        steps: list[Step] = []
        measured = measure_all(self.category, entry.fields)
        counted = count(self.sheet, cards)
        tally = Tally(entry, members=counted.standing, measured=measured, refused=counted.refused)
        if counted.refused:
            return tally, steps
        incomplete = list(counted.reasons)
        if not incomplete:
            try:
                self._total(tally, counted, carry, steps)
            except _Missing as why:
                incomplete += why.args
                tally.points, tally.combined, tally.member_totals, tally.spread = {}, {}, {}, None
                steps.clear()
        self._judge(tally, incomplete, steps)
        return tally, steps

    def _total(self, tally: Tally, counted: Counted, carry: Carry | None, steps: list[Step]) -> None:
        category = self.category
        working = _Working(self, tally, counted)
        roots = tuple(working.node(root) for root in category.criteria)
        if working.missing:
            raise _Missing(*working.missing)
        self._member_totals(tally, counted, steps)
        if category.panel.applied_to == "marks":
            step = Step("total", TOTAL, _sum(roots), None, roots, self.whole)
        else:
            step = working.combined_totals()
            steps.append(Step("shown_beside", AS_SHOWN, None, None, roots))
        step = self._adjusted(step, tally)
        if carry is not None:
            step = _with_earlier(step, carry)
        tally.total_exact = _value(step)
        tally.total = rounded(tally.total_exact, category.rounding.total)
        if category.rounding.total is not None:
            step = rounding_step(FINAL, step, category.rounding.total, "total")
        steps.insert(0, step)

    def _member_totals(self, tally: Tally, counted: Counted, steps: list[Step]) -> None:
        """Members' own totals, of those who marked every leaf; and their spread."""
        sheet = self.sheet
        fixed = added(
            rounded(known(indicator_points(leaf, tally.measured[source.indicator])), self.category.rounding.points)
            for leaf, source in self.indicator_leaves
        )
        rows = zip(counted.members, counted.rows[: counted.standing], strict=False)
        own = {member: sheet.own_total(cast("list[int]", row)) for member, row in rows if None not in row}
        if own:
            totals = {member: quotient(shares, sheet.per_point) for member, shares in own.items()}
            tally.member_totals = {m: added((total, fixed)) for m, total in totals.items()} if fixed else totals
            tally.spread = quotient(max(own.values()) - min(own.values()), sheet.per_point)
            about = {"totals": tally.member_totals, "alert": self.category.panel.spread_alert}
            steps.append(Step("member_totals", MEMBERS, tally.spread, None, (), about))

    def _adjusted(self, step: Step, tally: Tally) -> Step:
        """Adjustments in the order written, then the floor, then the ceiling. Steps only for what changed something."""
        rules = self.category.total
        if rules.adjustments:
            changes = tuple(self._adjustment(number, tally) for number in range(len(rules.adjustments)))
            value = _sum((step, *changes))
            step = Step("adjusted", ADJUSTED, value, None, (step, *changes), clause=rules.clause)
        for operation, label, bound in (("floor", FLOOR, rules.floor), ("ceiling", CEILING, rules.ceiling)):
            if _value(step) < bound if operation == "floor" else _value(step) > bound:
                step = Step(operation, label, bound, None, (step,), clause=rules.clause)
        return step

    def _adjustment(self, number: int, tally: Tally) -> Step:
        rule = self.category.total.adjustments[number]
        looked_at = rule.when or Condition(*(rule.per or ("field", "")), "equals", 0)
        found, missing = read_number(self.category, looked_at, tally.entry.fields, tally.measured)
        if found is None:
            raise _Missing(_needed(rule.label, missing))
        about: dict[str, Any] = {"rule": rule, "found": found, "what": looked_at}
        if rule.when is None:
            value = bounded(times(rule.amount, found), rule.at_most)
        else:
            about["holds"] = COMPARE[rule.when.compare](found, rule.when.value)
            value = bounded(rule.amount, rule.at_most) if about["holds"] else 0
        return Step("adjustment", rule.label, value, None, (), about, rule.clause)

    def _judge(self, tally: Tally, incomplete: Sequence[Words], steps: list[Step]) -> None:
        """Eligibility, and the status that follows."""
        failed: list[tuple[Eligibility, Words]] = []
        for rule in self.category.eligibility:
            found, missing = self._looked_at(rule.require, tally)
            if found is None and missing is None:
                continue  # a criterion or total of an incomplete entry: `incomplete` already says why
            holds = found is not None and COMPARE[rule.require.compare](found, rule.require.value)
            about = {"rule": rule, "holds": holds, "missing": missing}
            steps.append(Step("eligibility", rule.label, found, None, (), about, rule.clause))
            if not holds:
                failed.append((rule, missing or _not_met(rule, found)))
        out = [_failed(rule, why) for rule, why in failed if rule.otherwise == "not_eligible"]
        unplaced = [_failed(rule, why) for rule, why in failed if rule.otherwise == "not_placed"]
        tally.placed = not unplaced
        if out:
            tally.status, tally.reasons = "not_eligible", out
        elif incomplete:
            tally.status, tally.reasons = "incomplete", list(incomplete)
        else:
            tally.reasons = unplaced

    def _looked_at(self, require: Condition, tally: Tally) -> tuple[Number | None, Words | None]:
        if require.what == "criterion":
            return tally.points.get(require.code), None
        if require.what == "total":
            return ranked_on(self.category, tally), None
        return read_number(self.category, require, tally.entry.fields, tally.measured)


class _Working:
    """The tree of one entry while it is computed."""

    def __init__(self, rules: Totaller, tally: Tally, counted: Counted):
        self.rules, self.tally, self.counted = rules, tally, counted
        self.category = rules.category
        self.missing: list[Words] = []
        self.columns = list(zip(*counted.rows, strict=True)) or [()] * len(rules.sheet.leaves)
        self.members = tuple(counted.members)
        # what every leaf's sentence says about this entry's panel
        self.panel: dict[str, Any] = {"how": self.category.panel.combine, "seats": counted.seats}
        if counted.left_out:
            self.panel["left_out"] = tuple(counted.left_out)
        if counted.lowest:
            self.panel["lowest"] = tuple(counted.lowest)

    def node(self, node: Criterion) -> Step:
        """Points of a criterion. Fills `points` and `combined`, and `missing` where a leaf has none."""
        if node.parts:
            parts = tuple([self.node(part) for part in node.parts])
            value = _sum(parts)
            step = Step("sum", node.label, value, None, parts, self.rules.about[node.path], node.clause)
        elif isinstance(node.source, IndicatorSource):
            step = self.indicator_leaf(node, node.source)
        else:
            step = self.marked_leaf(self.rules.number[node.path])
        self.tally.points[node.path] = step.value  # type: ignore[assignment]
        return step

    def marked_leaf(self, number: int) -> Step:
        leaf = self.rules.sheet.leaves[number]
        column = self.columns[number]
        about: dict[str, Any]
        if None not in column:
            marks, about = column, {"members": self.members, **self.panel}
        else:
            marks, about = self._without_blanks(column)
        if number in self.counted.filled:
            about["lowest"] = (*about.get("lowest", ()), *self.counted.filled[number])
        if not marks:
            self.missing.append(_nobody_marked(leaf.criterion))
            return Step("combine", leaf.criterion.label, 0)
        return self._worth(leaf, self._combined(leaf, marks, about))

    def _without_blanks(self, column: Sequence[int | None]) -> tuple[tuple[int | None, ...], dict[str, Any]]:
        pairs = list(zip(self.members, column, strict=True))
        blank = tuple((member, "blank") for member, units in pairs if units is None)
        given = [(member, units) for member, units in pairs if units is not None]
        about = {"members": tuple(member for member, _ in given), **self.panel}
        about["left_out"] = (*self.panel.get("left_out", ()), *blank)
        return tuple(units for _, units in given), about

    def _combined(self, leaf: Leaf, units: Sequence[Any], about: dict[str, Any]) -> Step:
        panel = self.category.panel
        combined = COMBINE[panel.combine](units, self.counted.seats, panel.drop)
        if leaf.per_mark != 1:
            combined = times(combined, leaf.mark(1))
            units = [leaf.mark(each) for each in units]
        about["marks"] = units
        if panel.drop is not None:
            low, _, high = trimmed(units, panel.drop)
            about |= {"drop": panel.drop, "dropped_low": low, "dropped_high": high}
        node = leaf.criterion
        step = Step("combine", node.label, combined, None, (), about, panel.clause)
        if self.category.rounding.combined is not None:
            step = rounding_step(node.label, step, self.category.rounding.combined, "combined")
        self.tally.combined[node.path] = _value(step)
        return step

    def _worth(self, leaf: Leaf, combined: Step) -> Step:
        node = leaf.criterion
        step = Step("worth", node.label, leaf.worth(_value(combined)), None, (combined,), leaf.about, node.clause)
        return step if leaf.rounding is None else rounding_step(node.label, step, leaf.rounding, "points")

    def indicator_leaf(self, node: Criterion, source: IndicatorSource) -> Step:
        measured = self.tally.measured[source.indicator]
        value = indicator_points(node, measured)
        if value is None or measured.value is None:
            self.missing.append(_needed(node.label, measured.missing))
            return Step("bands", node.label, 0)
        about: dict[str, Any] = {"path": node.path, "points": node.points}
        if source.bands is not None:
            about |= {"bands": source.bands, "edge": band_edge(measured.value, source.bands)}
        else:
            about["linear"] = source.linear
        operation = "bands" if source.bands is not None else "linear"
        step = Step(operation, node.label, value, None, (measured.step,), about, node.clause)
        rounding = self.category.rounding.points
        return step if rounding is None else rounding_step(node.label, step, rounding, "points")

    def combined_totals(self) -> Step:
        """`applied_to: totals`: each counting member's own total, then combined."""
        panel, rounding = self.category.panel, self.category.rounding.combined
        indicator_steps = [self.indicator_leaf(node, source) for node, source in self.rules.indicator_leaves]
        members = tuple(
            self._member_total(member, row, indicator_steps)
            for member, row in zip(self.members, self.counted.rows, strict=True)
        )
        if not members:
            raise _Missing(Words("ไม่มีกรรมการที่นับคะแนนได้", "No member's marks count"))
        totals = [_value(step) for step in members]
        about: dict[str, Any] = {"members": self.members, "marks": totals, "of": "totals", **self.panel}
        if panel.drop is not None:
            low, _, high = trimmed(totals, panel.drop)
            about |= {"drop": panel.drop, "dropped_low": low, "dropped_high": high}
        combined = COMBINE[panel.combine](totals, self.counted.seats, panel.drop)
        step = Step("combine", TOTAL, combined, None, members, about, panel.clause)
        return step if rounding is None else rounding_step(TOTAL, step, rounding, "combined")

    def _member_total(self, member: str, row: Sequence[int | None], others: Sequence[Step]) -> Step:
        steps = []
        for leaf, units in zip(self.rules.sheet.leaves, row, strict=True):
            assert units is not None  # blanks are left out, filled or refused before
            mark = Step("mark", leaf.criterion.label, leaf.mark(units), None, (), {"member": member})
            steps.append(self._worth(leaf, mark))
        steps += others
        label = Words(f"คะแนนรวมของกรรมการ {member}", f"Member {member}'s total")
        return Step("member_total", label, _sum(steps), None, tuple(steps), {"member": member})


def ranked_on(category: Category, tally: Tally) -> Number | None:
    """The value that ranks are made on: the rounded or the exact total, as the rules say."""
    return tally.total if category.rounding.rank_on == "rounded" else tally.total_exact


def rounding_step(label: Words, step: Step, rounding: Rounding, stage: str) -> Step:
    """`step` rounded; `stage` names which of the rules' roundings it is: combined, points or total."""
    about = {"rounding": rounding, "stage": stage}
    return Step("rounding", label, rounded(_value(step), rounding), rounding.places, (step,), about)


def _with_earlier(step: Step, carry: Carry) -> Step:
    share, th, en = carry.carries.share, carry.carries.name.th, carry.carries.name.in_language("en")
    if carry.total_exact is None:
        raise _Missing(Words(f"ไม่มีคะแนนรวมของรอบ “{th}”", f"There is no total from stage “{en}”"))
    earlier = Step("earlier", Words(f"คะแนนรวมของรอบ “{th}”", f"Total of stage “{en}”"), carry.total_exact)
    value = carried(carry.total_exact, _value(step), share)
    return Step("carry", CARRIED, value, None, (step, earlier), {"share": share})


def _value(step: Step) -> Number:
    return known(step.value)


def _sum(steps: Sequence[Step]) -> Number:
    """The sum of steps that each have a value."""
    return added(cast("list[Number]", [step.value for step in steps]))


def _needed(label: Words, missing: Words | None) -> Words:
    why = missing or Words("ไม่มีค่า", "there is no value")
    return Words(f"{label.th}: {why.th}", f"{label.in_language('en')}: {why.in_language('en')}")


def _nobody_marked(node: Criterion) -> Words:
    return Words(
        f"ไม่มีกรรมการให้คะแนน “{node.label.th}” ({node.path})",
        f"No member has marked “{node.label.in_language('en')}” ({node.path})",
    )


COMPARED: Mapping[str, Words] = {
    "at_least": Words("ต้องไม่น้อยกว่า", "must be at least"),
    "at_most": Words("ต้องไม่เกิน", "must be at most"),
    "equals": Words("ต้องเท่ากับ", "must be"),
}


def _not_met(rule: Eligibility, found: Number | None) -> Words:
    compared, bound = COMPARED[rule.require.compare], plain(rule.require.value)
    value = "-" if found is None else plain(found)
    return Words(f"ได้ {value} {compared.th} {bound}", f"it is {value}; it {compared.en} {bound}")


def _failed(rule: Eligibility, why: Words) -> Words:
    return Words(f"{rule.label.th}: {why.th}", f"{rule.label.in_language('en')}: {why.in_language('en')}")
