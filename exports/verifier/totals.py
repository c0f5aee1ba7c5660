"""One entry: from the marks of its members to its exact total, in fractions, as docs/rules-format.md says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from exports.verifier.amounts import ONE, ZERO, exact, number, rounded, shown
from exports.verifier.rules import Category, Node, Written
from exports.verifier.said import Said, fail

Numbers = dict[str, Fraction]
Fact = Mapping[str, Any]  # an entry or a card as facts.json holds it


@dataclass
class Line:
    """What a standing states of one entry, besides its words."""

    entry: str
    label: str
    status: str = "ranked"
    rank: int | None = None
    tied: bool = False
    total: Fraction | None = None
    total_exact: Fraction | None = None
    tier: str | None = None
    advances: bool = False
    decided_by: str | None = None
    members: int = 0
    spread: Fraction | None = None
    points: Numbers = field(default_factory=dict)
    combined: Numbers = field(default_factory=dict)
    member_totals: Numbers = field(default_factory=dict)
    indicators: Numbers = field(default_factory=dict)
    placed: bool = True
    changes: Fraction = ZERO  # by adjustments
    this: Fraction | None = None  # the total of this stage alone, where an earlier one is carried
    carried: Fraction | None = None  # that earlier one


class _Missing(Exception):
    """A number that the total needs is not there."""


def numbers_of(fact: Fact, key: str) -> Numbers:
    """The fields of an entry or the marks of a card as fractions."""
    return {code: exact(text) for code, text in fact[key].items()}


def measure(indicator: Written, fields: Numbers) -> Fraction | None:
    """The measured number, rounded; None where a field is missing or the denominator is zero."""
    source = indicator["from"]
    if "field" in source:
        value = fields.get(source["field"])
    else:
        above, below = (fields.get(code) for code in source["ratio"])
        if above is None or not below:
            return None
        value = number(source.get("times", "1")) * above / below
    return None if value is None else rounded(value, indicator.get("round"))


def measured_points(leaf: Node, value: Fraction) -> Fraction:
    """Points from a number: a straight line, clamped; or the last band reached."""
    written = leaf.written
    if "linear" in written:
        zero, full = number(written["linear"]["zero_at"]), number(written["linear"]["full_at"])
        return leaf.points * max(ZERO, min(ONE, (value - zero) / (full - zero)))
    bands = [(number(edge), number(points)) for edge, points in written["bands"]]
    if "below" in written:  # higher is better
        reached = [points for edge, points in bands if edge <= value]
        return reached[-1] if reached else number(written["below"])
    reached = [points for edge, points in bands if edge >= value]
    return reached[0] if reached else number(written["above"])


def _holds(condition: Written, value: Fraction) -> bool:
    if "at_least" in condition:
        return value >= number(condition["at_least"])
    if "at_most" in condition:
        return value <= number(condition["at_most"])
    return value == number(condition["equals"])


def _mark(leaf: Node, marks: Numbers) -> Fraction | None:
    """A member's mark; ticked points where every item is given; None where it is blank."""
    if leaf.source == "marks":
        return marks.get(leaf.path)
    return _ticked(leaf, marks) if all(place in marks for place in leaf.places()) else None


def _ticked(leaf: Node, marks: Numbers) -> Fraction:
    items = zip(leaf.places(), leaf.written["items"])  # noqa: B905 - both come from the items
    return sum((marks.get(place, ZERO) * number(item["points"]) for place, item in items), ZERO)


def _lowest(leaf: Node, marks: Numbers) -> Fraction:
    """What a blank counts where it counts as the lowest: the bottom of the scale, or what is ticked so far."""
    return number(leaf.written["scale"]["from"]) if leaf.source == "marks" else _ticked(leaf, marks)


def _worth(leaf: Node, mark: Fraction) -> Fraction:
    worth = leaf.written.get("worth")
    if leaf.source == "checklist" or worth == "as_points":
        return mark
    low, top = number(leaf.written["scale"]["from"]), number(leaf.written["scale"]["to"])
    if worth == "share_of_top":
        return leaf.points * mark / top
    return leaf.points * (mark - low) / (top - low)


def _combine(panel: Written, values: Sequence[Fraction], seats: int) -> Fraction:
    ordered, how = sorted(values), panel["combine"]
    count = len(ordered)
    if how == "median":
        return (ordered[(count - 1) // 2] + ordered[count // 2]) / 2
    if how == "trimmed_mean" and count >= int(panel["drop"]["when_at_least"]):
        ordered = ordered[int(panel["drop"]["low"]) : count - int(panel["drop"]["high"])]
    mean = sum(ordered, ZERO) / len(ordered)
    return mean * seats if how == "sum" else mean


@dataclass
class _Panel:
    """Whose marks count: rows of (member, mark by leaf or None, whether the member gave marks)."""

    rows: list[tuple[str, dict[str, Fraction | None], bool]] = field(default_factory=list)
    standing: int = 0
    complete: bool = True


def _scale(leaf: Node) -> tuple[Fraction, Fraction, Fraction]:
    """Lowest mark, highest mark and step; a thing to tick is 0 or 1."""
    if leaf.source != "marks":
        return ZERO, ONE, ONE
    scale = leaf.written["scale"]
    return number(scale["from"]), number(scale["to"]), number(scale["step"])


class Totaller:
    """The rules of one category; `line` is asked once for each entry."""

    def __init__(self, category: Category):
        self.category = category
        self.asked = [leaf for leaf in category.leaves if leaf.source != "indicator"]
        self.panel: Written = category.written["panel"]
        self.rounding = category.rounding
        self.scales = {place: _scale(leaf) for leaf in self.asked for place in leaf.places()}
        self.fitting: set[tuple[str, Fraction]] = set()  # remembered, for the same few marks come again and again

    def fits(self, place: str, mark: Fraction) -> bool:
        """Whether a mark lies on the scale of its place, and on a step of it."""
        if (place, mark) not in self.fitting:
            low, top, step = self.scales.get(place, (ONE, ZERO, ONE))
            if not low <= mark <= top or (mark - low) % step:
                return False
            self.fitting.add((place, mark))
        return True

    def check_mark(self, place: str, mark: Fraction, *, where: Said) -> None:
        """Raises Failed for a mark off its scale, or on a criterion that is not there."""
        if self.fits(place, mark):
            return
        if place not in self.scales:
            fail(f"{where.th}: ไม่มีเกณฑ์ “{place}”", f'{where.en}: there is no criterion "{place}"')
        low, top, step = self.scales[place]
        fail(
            f"{where.th}: {place} เป็น {shown(mark, 4)} ซึ่งไม่อยู่บนมาตรวัด {low}–{top} ทีละ {step}",
            f"{where.en}: {place} is {shown(mark, 4)}, which is not on the scale {low}–{top} in steps of {step}",
        )

    def own_points(self, leaf: Node, mark: Fraction) -> Fraction:
        """What one member's mark is worth."""
        return rounded(_worth(leaf, mark), self.rounding["points"])

    def fixed_points(self, indicators: Numbers) -> dict[str, Fraction | None]:
        """Points of the leaves that are measured; None where the number is missing."""
        found: dict[str, Fraction | None] = {}
        for leaf in self.category.leaves:
            if leaf.source == "indicator":
                value = indicators.get(leaf.written["indicator"])
                points = None if value is None else measured_points(leaf, value)
                found[leaf.path] = None if points is None else rounded(points, self.rounding["points"])
        return found

    def own_total(self, fields: Numbers, marks: Numbers) -> Fraction:
        """A member's total so far: what is marked, and what is measured."""
        given = ((leaf, _mark(leaf, marks)) for leaf in self.asked)
        own = sum((self.own_points(leaf, mark) for leaf, mark in given if mark is not None), ZERO)
        fixed = self.fixed_points(self.measured(fields)).values()
        return own + sum((points for points in fixed if points is not None), ZERO)

    def measured(self, fields: Numbers) -> Numbers:
        """The indicators that have a value."""
        found = {each["code"]: measure(each, fields) for each in self.category.listed("indicators")}
        return {code: value for code, value in found.items() if value is not None}

    def line(self, entry: Fact, cards: Sequence[Fact], *, carries: Written | None, earlier: Fraction | None) -> Line:
        """The entry's numbers and the status that it has by itself. Raises Failed for a mark off its scale."""
        line = Line(entry["code"], entry["label"])
        if entry["state"] != "presented":
            line.status = entry["state"]
            return line
        fields = numbers_of(entry, "fields")
        line.indicators = self.measured(fields)
        panel = self.who_counts(entry["code"], cards)
        line.members = panel.standing
        complete = panel.complete
        if complete:
            try:
                self._fill_in(line, fields, panel, len(cards), carries, earlier)
            except _Missing:
                complete = False
                line.points, line.combined, line.member_totals, line.spread = {}, {}, {}, None
        self._judge(line, fields, complete)
        return line

    def who_counts(self, entry: str, cards: Sequence[Fact]) -> _Panel:
        """Members with a mark stand; the others, and blanks, are treated as `missing` says."""
        panel, missing = _Panel(), self.panel["missing"]
        for card in cards:
            state, marks = card["state"], numbers_of(card, "marks") if card["state"] == "standing" else {}
            where = f"facts.json {entry} {card['member']}"
            for place, mark in marks.items():
                self.check_mark(place, mark, where=Said(where, where))
            row = {leaf.path: _mark(leaf, marks) for leaf in self.asked}
            policy = missing["blank"] if state == "standing" else missing[state]
            if state != "standing" or (self.asked and not marks):
                if policy == "refuse":
                    panel.complete = False
                if policy == "lowest":
                    panel.rows.append((card["member"], {leaf.path: _lowest(leaf, {}) for leaf in self.asked}, False))
                continue
            if None in row.values():
                if policy == "refuse":
                    panel.complete = False
                elif policy == "lowest":
                    for leaf in self.asked:
                        if row[leaf.path] is None:
                            row[leaf.path] = _lowest(leaf, marks)
                elif self.panel["applied_to"] == "totals":
                    continue
            panel.standing += 1
            panel.rows.append((card["member"], row, True))
        if panel.standing < int(self.panel["quorum"]):
            panel.complete = False
        return panel

    def _fill_in(
        self, line: Line, fields: Numbers, panel: _Panel, seats: int, carries: Written | None, earlier: Fraction | None
    ) -> None:
        fixed: Numbers = {}
        for path, points in self.fixed_points(line.indicators).items():
            if points is None:
                raise _Missing
            fixed[path] = points
        total = sum((self._node(root, line, fixed, panel, seats) for root in self.category.roots), ZERO)

        def own(row: Mapping[str, Fraction | None]) -> Fraction:
            marks = ((leaf, row[leaf.path]) for leaf in self.asked)
            return sum(
                (self.own_points(leaf, mark) for leaf, mark in marks if mark is not None), sum(fixed.values(), ZERO)
            )

        if self.panel["applied_to"] == "totals":
            if not panel.rows:
                raise _Missing
            total = rounded(
                _combine(self.panel, [own(row) for _, row, _ in panel.rows], seats), self.rounding["combined"]
            )
        line.member_totals = {
            member: own(row) for member, row, stands in panel.rows if stands and None not in row.values()
        }
        if line.member_totals:
            line.spread = max(line.member_totals.values()) - min(line.member_totals.values())
        total = self._adjusted(total, line, fields)
        if carries is not None:
            if earlier is None:
                raise _Missing
            line.this, line.carried, share = total, earlier, number(carries["share"])
            total = share * earlier + (1 - share) * total
        line.total_exact = total
        line.total = rounded(total, self.rounding["total"])

    def _node(self, node: Node, line: Line, fixed: Numbers, panel: _Panel, seats: int) -> Fraction:
        if node.parts:
            points = sum((self._node(part, line, fixed, panel, seats) for part in node.parts), ZERO)
        elif node.path in fixed:
            points = fixed[node.path]
        else:
            marks = [mark for _, row, _ in panel.rows for mark in [row[node.path]] if mark is not None]
            if not marks:
                raise _Missing
            combined = rounded(_combine(self.panel, marks, seats), self.rounding["combined"])
            line.combined[node.path] = combined
            points = rounded(_worth(node, combined), self.rounding["points"])
        line.points[node.path] = points
        return points

    def _adjusted(self, total: Fraction, line: Line, fields: Numbers) -> Fraction:
        rules = self.category.written["total"]
        before = total
        for rule in rules.get("adjustments") or []:
            asked = rule.get("per") or rule["when"]
            value = fields.get(asked["field"]) if "field" in asked else line.indicators.get(asked["indicator"])
            if value is None:
                raise _Missing
            amount = number(rule["add"]) if "add" in rule else -number(rule["subtract"])
            change = amount * value if "per" in rule else amount if _holds(asked, value) else ZERO
            if "at_most" in rule:
                most = number(rule["at_most"])
                change = max(-most, min(most, change))
            total += change
        line.changes = total - before
        return min(number(rules["ceiling"]), max(number(rules["floor"]), total))

    def ranked_on(self, line: Line) -> Fraction | None:
        """The value that ranks are made on."""
        return line.total if self.rounding["rank_on"] == "rounded" else line.total_exact

    def _judge(self, line: Line, fields: Numbers, complete: bool) -> None:
        out = False
        for rule in self.category.listed("eligibility"):
            require = rule["require"]
            if "criterion" in require or "total" in require:
                if not complete:
                    continue  # that it is incomplete is reason enough
                value = line.points[require["criterion"]] if "criterion" in require else self.ranked_on(line)
            else:
                value = (
                    fields.get(require["field"]) if "field" in require else line.indicators.get(require["indicator"])
                )
            if value is None or not _holds(require, value):
                out = out or rule["otherwise"] == "not_eligible"
                line.placed = line.placed and rule["otherwise"] != "not_placed"
        if out or not complete:
            line.status = "not_eligible" if out else "incomplete"
