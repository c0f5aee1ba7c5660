"""The ranking worked out again, slowly and in the most obvious way, sharing no arithmetic with the engine."""

from fractions import Fraction
from statistics import median


def worth(leaf, mark):
    low, top = leaf.source.scale.from_, leaf.source.scale.to
    if leaf.source.worth == "share_of_top":
        return leaf.points * mark / top
    return leaf.points * (mark - low) / (top - low) if leaf.source.worth == "share_of_range" else mark


def combine(panel, values, seats):
    if panel.combine == "median":
        return median(values)
    if panel.combine == "trimmed_mean" and len(values) >= panel.drop.when_at_least:
        values = sorted(values)[panel.drop.low : len(values) - panel.drop.high]
    return sum(values) / len(values) * (seats if panel.combine == "sum" else 1)


def half_up(value, places):
    return Fraction((value.numerator * 10**places * 2 + value.denominator) // (value.denominator * 2), 10**places)


def standings(category, facts):
    """{entry: (rank, total)} of cards without blanks; ties share their rank, entries below the quorum are left out."""
    panel, totals = category.panel, {}
    for entry in facts.entries:
        cards = facts.cards[entry.code]
        given = [{path: Fraction(m) for path, m in c.marks.items()} for c in cards if c.state == "standing"]
        if len(given) < panel.quorum:
            continue
        if panel.applied_to == "totals":
            own = [sum(worth(leaf, marks[leaf.path]) for leaf in category.leaves) for marks in given]
            total = combine(panel, own, len(cards))
        else:
            together = [(leaf, combine(panel, [m[leaf.path] for m in given], len(cards))) for leaf in category.leaves]
            total = sum(worth(leaf, mark) for leaf, mark in together)
        totals[entry.code] = half_up(Fraction(total), 2)
    return {code: (1 + sum(other > total for other in totals.values()), total) for code, total in totals.items()}
