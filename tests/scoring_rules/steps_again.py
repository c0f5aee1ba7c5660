"""The numbers of an explanation computed again: each step from its inputs and what it says about itself, nothing else.

It shares no code with the engine; `again` knows every operation that the engine explains, and no other.
"""

from fractions import Fraction
from statistics import median

from tests.scoring_rules import plain


def again(step):
    """The value that the step must have. Raises KeyError for an operation that nobody could check by hand."""
    return OPERATIONS[step.operation](step.about, [each.value for each in step.inputs], step)


def _combine(about, inputs, step):
    marks = [Fraction(mark) for mark in about["marks"]]
    assert len(about["members"]) == len(marks)
    if about.get("of") == "totals":
        assert inputs == marks
    if about["how"] == "trimmed_mean":
        low, high = about["dropped_low"], about["dropped_high"]
        drop, ordered = about["drop"], sorted(marks)
        expected = (drop.low, drop.high) if len(marks) >= drop.when_at_least else (0, 0)
        assert (len(low), len(high)) == expected
        assert list(low) == ordered[: len(low)]
        assert list(high) == ordered[len(ordered) - len(high) :]
        kept = ordered[len(low) : len(ordered) - len(high)]
        return sum(kept) / len(kept)
    if about["how"] == "median":
        return median(marks)
    mean = sum(marks) / len(marks)
    return mean * about["seats"] if about["how"] == "sum" else mean


def _worth(about, inputs, step):
    (mark,) = inputs
    if about["worth"] in ("ticked", "as_points"):
        return mark
    scale, points = about["scale"], Fraction(about["points"])
    if about["worth"] == "share_of_top":
        return points * mark / scale.to
    return points * (mark - scale.from_) / (scale.to - scale.from_)


def _rounding(about, inputs, step):
    assert step.places == about["rounding"].places
    return plain.round_to(inputs[0], about["rounding"])


def _indicator(about, inputs, step):
    raw = about["raw"]
    if "numerator" in about and raw is not None:
        assert raw == Fraction(about["times"]) * about["numerator"] / about["denominator"]
    return None if raw is None else plain.round_to(raw, about["round"])


def _bands(about, inputs, step):
    found, bands = inputs[0], about["bands"]
    reached = [edge for edge, _ in bands.edges if (edge <= found if bands.better == "higher" else edge >= found)]
    edge = (max(reached) if bands.better == "higher" else min(reached)) if reached else None
    assert about["edge"] == edge
    return next((worth for at, worth in bands.edges if at == edge), bands.beyond)


def _linear(about, inputs, step):
    line = about["linear"]
    share = Fraction(inputs[0] - line.zero_at) / Fraction(line.full_at - line.zero_at)
    return about["points"] * max(Fraction(0), min(Fraction(1), share))


def _sum(about, inputs, step):
    return sum(inputs, start=Fraction(0))


def _adjustment(about, inputs, step):
    rule, found = about["rule"], about["found"]
    if rule.when is not None:
        assert about["holds"] is plain.holds(rule.when, found)
        change = rule.amount if about["holds"] else 0
    else:
        change = rule.amount * found
    return change if rule.at_most is None else min(rule.at_most, max(-rule.at_most, change))


def _floor(about, inputs, step):
    assert step.value > inputs[0]  # told only where it changed something
    return step.value


def _ceiling(about, inputs, step):
    assert step.value < inputs[0]
    return step.value


def _carry(about, inputs, step):
    this, earlier = inputs
    return about["share"] * Fraction(earlier) + (1 - Fraction(about["share"])) * this


def _spread(about, inputs, step):
    return max(about["totals"].values()) - min(about["totals"].values())


def _eligibility(about, inputs, step):
    met = step.value is not None and plain.holds(about["rule"].require, step.value)
    assert about["holds"] is met
    assert (about["missing"] is not None) is (step.value is None)
    return step.value


def _tie(about, inputs, step):
    values, order = about["values"], about["order"]
    if about["by"] in ("criterion", "indicator", "median", "spread"):
        assert sorted(values) == sorted(code for block in order for code in block)
        told = [{values[code] for code in block} for block in order]
        assert all(len(block) == 1 for block in told)  # who is equal stays together
        present = [value for block in told for value in block if value is not None]
        assert present in (sorted(set(present)), sorted(set(present), reverse=True))
    return step.value


def _as_it_is(about, inputs, step):
    return step.value


OPERATIONS = {
    "combine": _combine,
    "worth": _worth,
    "mark": _as_it_is,  # held against the member's card
    "rounding": _rounding,
    "indicator": _indicator,
    "bands": _bands,
    "linear": _linear,
    "sum": _sum,
    "total": _sum,
    "member_total": _sum,
    "adjustment": _adjustment,
    "adjusted": _sum,
    "floor": _floor,  # held against the rules
    "ceiling": _ceiling,
    "earlier": _as_it_is,  # held against the earlier results
    "carry": _carry,
    "member_totals": _spread,
    "shown_beside": _as_it_is,
    "eligibility": _eligibility,
    "tie": _tie,
    "tier": _as_it_is,  # held against the standing
    "place": _as_it_is,
}
