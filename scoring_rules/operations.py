"""The closed vocabulary: every way in which a rule file can turn numbers into numbers.

Each operation is a small pure function on exact numbers, found by the word that rule files use for it:
`COMBINE["trimmed_mean"]`, `WORTH["share_of_top"]`, `COMPARE["at_least"]`, … A new need is a new word here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from math import lcm

from scoring_rules.exact import Number
from scoring_rules.rules import Bands, Drop, Linear, Scale


@lru_cache(maxsize=16_384)
def quotient(numerator: int, denominator: int) -> Number:
    """numerator / denominator in lowest terms, an int where it is whole. Raises ZeroDivisionError."""
    whole, rest = divmod(numerator, denominator)
    return Fraction(numerator, denominator) if rest else whole


def added(values: Iterable[Number]) -> Number:
    """The exact sum. Whole numbers and equal denominators are added as ints, which is what makes it fast."""
    numerator, denominator = 0, 1
    for value in values:
        other = value.denominator
        if other == denominator:
            numerator += value.numerator
        else:
            common = lcm(denominator, other)
            numerator = numerator * (common // denominator) + value.numerator * (common // other)
            denominator = common
    return quotient(numerator, denominator)


def times(first: Number, second: Number) -> Number:
    """The exact product."""
    return quotient(first.numerator * second.numerator, first.denominator * second.denominator)


def over(value: Number, divisor: Number) -> Number:
    """The exact quotient. Raises ZeroDivisionError."""
    return quotient(value.numerator * divisor.denominator, value.denominator * divisor.numerator)


def known(value: Number | None) -> Number:
    """The value itself. Raises ValueError where it is missing: a missing number is never counted as zero."""
    if value is None:
        raise ValueError("a number that counts is missing")
    return value


# From members to one value. `values` are the marks (or member totals) that count, at least one; `seats` is how many
# members there are with those left out; `drop` is what trimmed_mean drops.
Combine = Callable[[Sequence[Number], int, Drop | None], Number]


def mean(values: Sequence[Number], seats: int, drop: Drop | None) -> Number:
    """The arithmetic mean of the values that count."""
    total = sum(values)
    return quotient(total.numerator, total.denominator * len(values))


def median(values: Sequence[Number], seats: int, drop: Drop | None) -> Number:
    """The middle value; of an even count, the mean of the two in the middle."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return over(added(ordered[middle - 1 : middle + 1]), 2)


def summed(values: Sequence[Number], seats: int, drop: Drop | None) -> Number:
    """The mean × the number of seats: the plain sum where no member is left out."""
    total = sum(values)
    return quotient(total.numerator * seats, total.denominator * len(values))


def trimmed_mean(values: Sequence[Number], seats: int, drop: Drop | None) -> Number:
    """The mean without the `high` largest and `low` smallest; of all, with fewer values than `when_at_least`."""
    kept = trimmed(values, drop)[1]
    return mean(kept, len(kept), None)


def trimmed(values: Sequence[Number], drop: Drop | None) -> tuple[list[Number], list[Number], list[Number]]:
    """(dropped low, kept, dropped high), each ascending. Nothing is dropped with fewer values than `when_at_least`."""
    ordered = sorted(values)
    if drop is None or len(ordered) < drop.when_at_least:
        return [], ordered, []
    end = len(ordered) - drop.high
    return ordered[: drop.low], ordered[drop.low : end], ordered[end:]


COMBINE: Mapping[str, Combine] = {"mean": mean, "median": median, "sum": summed, "trimmed_mean": trimmed_mean}


# From a (combined) mark to points.
Worth = Callable[[Number, Number, Scale], Number]


def share_of_top(mark: Number, points: Number, scale: Scale) -> Number:
    """points × mark / to."""
    top = scale.to
    return quotient(
        points.numerator * mark.numerator * top.denominator, points.denominator * mark.denominator * top.numerator
    )


def share_of_range(mark: Number, points: Number, scale: Scale) -> Number:
    """points × (mark − from) / (to − from)."""
    return over(times(points, added((mark, -scale.from_))), added((scale.to, -scale.from_)))


def as_points(mark: Number, points: Number, scale: Scale) -> Number:
    """The mark itself."""
    return mark


WORTH: Mapping[str, Worth] = {"share_of_top": share_of_top, "share_of_range": share_of_range, "as_points": as_points}


# From a measured number to points or to a suggested mark.
def on_bands(value: Number, bands: Bands) -> Number:
    """Higher is better: the largest edge ≤ value counts; lower is better: the smallest edge ≥ value; else `beyond`."""
    edge = band_edge(value, bands)
    return bands.beyond if edge is None else dict(bands.edges)[edge]


def band_edge(value: Number, bands: Bands) -> Number | None:
    """The edge that counts for `value` (edges are inclusive), or None where it lies beyond all of them."""
    if bands.better == "higher":
        return max((edge for edge, _ in bands.edges if edge <= value), default=None)
    return min((edge for edge, _ in bands.edges if edge >= value), default=None)


def on_line(value: Number, linear: Linear, points: Number) -> Number:
    """points × (value − zero_at) / (full_at − zero_at), never below 0 nor above `points`."""
    share = over(added((value, -linear.zero_at)), added((linear.full_at, -linear.zero_at)))
    return times(points, min(max(share, 0), 1))


# Conditions of eligibility and of adjustments.
COMPARE: Mapping[str, Callable[[Number, Number], bool]] = {
    "at_least": lambda value, bound: value >= bound,
    "at_most": lambda value, bound: value <= bound,
    "equals": lambda value, bound: value == bound,
}


def bounded(value: Number, at_most: Number | None) -> Number:
    """`value` with its size kept within `at_most`; unchanged where there is no bound."""
    return value if at_most is None else max(-at_most, min(at_most, value))


def carried(earlier: Number, this: Number, share: Number) -> Number:
    """share × the earlier stage's total + (1 − share) × this stage's."""
    return added((times(share, earlier), times(added((1, -share)), this)))

