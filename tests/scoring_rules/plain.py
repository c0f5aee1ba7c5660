"""Totals worked out again, slowly and in the most obvious way, sharing no code with the engine: fractions throughout.

Written from docs/rules-format.md. Only the rules and facts are read from the engine's own values.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from statistics import median

Numbers = dict[str, Fraction]


@dataclass
class Line:
    """Everything that a standing says about one entry, except its words."""

    entry: str
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


class Missing(Exception):
    """A number that the total needs is not there."""


def round_to(value, rounding):
    """Half up is half away from zero, half even to the even neighbour, down toward zero; None leaves it as it is."""
    if rounding is None:
        return Fraction(value)
    scaled = abs(Fraction(value)) * 10**rounding.places
    whole = scaled.numerator // scaled.denominator
    rest = scaled - whole
    if rounding.mode == "half_up" and rest >= Fraction(1, 2):
        whole += 1
    if rounding.mode == "half_even" and (rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2 == 1)):
        whole += 1
    return Fraction(whole if value >= 0 else -whole, 10**rounding.places)


# Numbers of an entry --------------------------------------------------------------------------------------------------


def indicator_value(indicator, fields):
    """The measured number, rounded; None where a field is missing or the denominator is 0."""
    if indicator.ratio is None:
        raw = fields.get(indicator.field)
    else:
        above, below = (fields.get(code) for code in indicator.ratio)
        if above is None or below is None or below == 0:
            return None
        raw = Fraction(indicator.times) * Fraction(above) / Fraction(below)
    return None if raw is None else round_to(raw, indicator.round)


def indicator_points(source, points, value):
    """Bands: the last edge reached, going the way of `better`. Linear: a straight line, clamped."""
    if source.linear is not None:
        share = (value - source.linear.zero_at) / Fraction(source.linear.full_at - source.linear.zero_at)
        return points * min(Fraction(1), max(Fraction(0), share))
    reached = Fraction(source.bands.beyond)
    if source.bands.better == "higher":
        for edge, worth in source.bands.edges:
            if value >= edge:
                reached = Fraction(worth)
    else:
        for edge, worth in reversed(source.bands.edges):
            if value <= edge:
                reached = Fraction(worth)
    return reached


def holds(condition, value):
    """Whether a number meets the condition."""
    if condition.compare == "at_least":
        return value >= condition.value
    return value <= condition.value if condition.compare == "at_most" else value == condition.value


# Marks ----------------------------------------------------------------------------------------------------------------


def kind(leaf):
    """`marks`, `checklist` or `indicator`."""
    return {"MarksSource": "marks", "ChecklistSource": "checklist", "IndicatorSource": "indicator"}[
        type(leaf.source).__name__
    ]


def mark_of(leaf, marks):
    """A member's mark on a leaf; ticked points of a checklist with every item given; None where it is blank."""
    if kind(leaf) == "marks":
        return Fraction(marks[leaf.path]) if leaf.path in marks else None
    ticks = [(marks.get(f"{leaf.path}/{item.code}"), item.points) for item in leaf.source.items]
    if any(tick is None for tick, _ in ticks):
        return None
    return sum((Fraction(points) for tick, points in ticks if tick), start=Fraction(0))


def lowest_mark(leaf, marks):
    """What a blank counts when it counts as the lowest: the bottom of the scale, or the items ticked so far."""
    if kind(leaf) == "marks":
        return Fraction(leaf.source.scale.from_)
    return sum((Fraction(i.points) for i in leaf.source.items if marks.get(f"{leaf.path}/{i.code}")), start=Fraction(0))


def worth(leaf, mark):
    """Points of a mark before rounding."""
    if kind(leaf) == "checklist" or leaf.source.worth == "as_points":
        return mark
    low, top = Fraction(leaf.source.scale.from_), Fraction(leaf.source.scale.to)
    if leaf.source.worth == "share_of_top":
        return leaf.points * mark / top
    return leaf.points * (mark - low) / (top - low)


def combine(panel, values, seats):
    """From the values that count to one; `sum` is their mean × the seats."""
    values = sorted(values)
    if panel.combine == "median":
        return Fraction(median(values))
    if panel.combine == "trimmed_mean" and len(values) >= panel.drop.when_at_least:
        values = values[panel.drop.low :]
        for _ in range(panel.drop.high):
            values.pop()
    mean = sum(values, start=Fraction(0)) / len(values)
    return mean * seats if panel.combine == "sum" else mean


@dataclass
class Counting:
    """Who counts for an entry: rows of marks by leaf path (None: blank and left out), and who of them stands."""

    rows: list[tuple[str, dict[str, Fraction | None], bool]] = field(default_factory=list)
    standing: int = 0
    refused: bool = False


def who_counts(category, cards):
    """Members with marks stand; the others, and blanks, are treated as `missing` says.

    Where the criteria ask members for nothing, every card that is there stands.
    """
    asked = [leaf for leaf in category.leaves if kind(leaf) != "indicator"]
    policy, counting = category.panel.missing, Counting()

    def without_marks(card, what):
        if what == "refuse":
            counting.refused = True
        if what == "lowest":
            counting.rows.append((card.member, {leaf.path: lowest_mark(leaf, {}) for leaf in asked}, False))

    for card in cards:
        if card.state == "recused":
            without_marks(card, policy.recused)
        elif card.state == "absent":
            without_marks(card, policy.absent)
        elif asked and not card.marks:
            without_marks(card, policy.blank)
        else:
            row = {leaf.path: mark_of(leaf, card.marks) for leaf in asked}
            if None in row.values():
                if policy.blank == "refuse":
                    counting.refused = True
                if policy.blank == "leave_out" and category.panel.applied_to == "totals":
                    continue
                if policy.blank == "lowest":
                    for leaf in asked:
                        if row[leaf.path] is None:
                            row[leaf.path] = lowest_mark(leaf, card.marks)
            counting.standing += 1
            counting.rows.append((card.member, row, True))
    if counting.standing < category.panel.quorum:
        counting.refused = True
    return counting


# One entry ------------------------------------------------------------------------------------------------------------


def tally(category, entry, cards, *, carries=None, earlier_total=None):
    """The entry's line before ranking: its numbers, and the status it has by itself."""
    line = Line(entry.code)
    if entry.state != "presented":
        line.status = entry.state
        return line
    found = {each.code: indicator_value(each, entry.fields) for each in category.indicators}
    line.indicators = {code: value for code, value in found.items() if value is not None}
    counting = who_counts(category, cards)
    line.members = counting.standing
    complete = not counting.refused
    if complete:
        try:
            _fill_in(line, category, entry, counting, len(cards), carries, earlier_total)
        except Missing:
            complete = False
            line.points, line.combined, line.member_totals, line.spread = {}, {}, {}, None
    _judge(line, category, entry, complete)
    return line


def _fill_in(line, category, entry, counting, seats, carries, earlier_total):
    rounding, panel = category.rounding, category.panel
    measured = {}
    for leaf in category.leaves:
        if kind(leaf) == "indicator":
            value = line.indicators.get(leaf.source.indicator)
            if value is None:
                raise Missing
            measured[leaf.path] = round_to(indicator_points(leaf.source, leaf.points, value), rounding.points)

    def points_of(node):
        if node.parts:
            line.points[node.path] = sum((points_of(part) for part in node.parts), start=Fraction(0))
        elif node.path in measured:
            line.points[node.path] = measured[node.path]
        else:
            marks = [row[node.path] for _, row, _ in counting.rows if row[node.path] is not None]
            if not marks:
                raise Missing
            line.combined[node.path] = round_to(combine(panel, marks, seats), rounding.combined)
            line.points[node.path] = round_to(worth(node, line.combined[node.path]), rounding.points)
        return line.points[node.path]

    def own_total(row):
        own = [round_to(worth(x, row[x.path]), rounding.points) for x in category.leaves if x.path not in measured]
        return sum(own, start=Fraction(0)) + sum(measured.values(), start=Fraction(0))

    total = sum((points_of(root) for root in category.criteria), start=Fraction(0))
    if panel.applied_to == "totals":
        if not counting.rows:
            raise Missing
        total = round_to(combine(panel, [own_total(row) for _, row, _ in counting.rows], seats), rounding.combined)
    whole = [(member, row) for member, row, stands in counting.rows if stands and None not in row.values()]
    line.member_totals = {member: own_total(row) for member, row in whole}
    if whole:
        line.spread = max(line.member_totals.values()) - min(line.member_totals.values())
    total = _adjusted(total, category, entry, line)
    if carries is not None:
        if earlier_total is None:
            raise Missing
        total = Fraction(carries.share) * Fraction(earlier_total) + (1 - Fraction(carries.share)) * total
    line.total_exact = total
    line.total = round_to(total, rounding.total)


def _adjusted(total, category, entry, line):
    for rule in category.total.adjustments:
        what, code = rule.per if rule.per is not None else (rule.when.what, rule.when.code)
        value = (entry.fields if what == "field" else line.indicators).get(code)
        if value is None:
            raise Missing
        change = Fraction(rule.amount)
        if rule.per is not None:
            change *= value
        elif not holds(rule.when, value):
            change = Fraction(0)
        if rule.at_most is not None:
            change = min(Fraction(rule.at_most), max(-Fraction(rule.at_most), change))
        total += change
    if total < category.total.floor:
        total = Fraction(category.total.floor)
    if total > category.total.ceiling:
        total = Fraction(category.total.ceiling)
    return total


def ranked_on(category, line):
    """The value that is compared."""
    return line.total if category.rounding.rank_on == "rounded" else line.total_exact


def _judge(line, category, entry, complete):
    out = False
    for rule in category.eligibility:
        require = rule.require
        if require.what in ("criterion", "total"):
            if not complete:
                continue  # incomplete is reason enough
            value = ranked_on(category, line) if require.what == "total" else line.points[require.code]
        else:
            value = (entry.fields if require.what == "field" else line.indicators).get(require.code)
        if value is None or not holds(require, value):
            out = out or rule.otherwise == "not_eligible"
            line.placed = line.placed and rule.otherwise != "not_placed"
    if out:
        line.status = "not_eligible"
    elif not complete:
        line.status = "incomplete"
