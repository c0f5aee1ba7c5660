"""The third reading of the rule vocabulary: every operation as the formula of a spreadsheet.

On the audit sheet a number is a whole count of units (a mark of 6.25 on quarter steps is 25 of 1/4; a mean over up to
five members is counted in sixtieths), so that a spreadsheet's binary arithmetic is exact: no number reaches 10^15, and
no numerator and denominator of a division reach 2^53 together. Operands are texts: a cell such as `$H{r}` or a block of
cells; braces are filled in per row. Only functions that Excel 2016, LibreOffice and Google Sheets share are used.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor, lcm

from scoring_rules.exact import Number, Rounding
from scoring_rules.rules import Bands, Drop, Linear, Panel, Scale

LARGEST = 10**15  # of a number in a cell: fifteen digits are kept and compared by every program
SAFE = 2**53  # of numerator and denominator together: below it, INT of their quotient is exact
MOST_NESTED = 60  # IFs inside each other; Excel allows 64
NONE = '""'  # what stands for a missing number: a text, so that SUM, COUNT and MEDIAN pass over it


class TooFine(Exception):
    """A spreadsheet cannot count this exactly; the message (Thai, English) says what and why."""

    def __init__(self, th: str, en: str):
        super().__init__(th, en)
        self.th, self.en = th, en


def when(condition: str, then: str, otherwise: str = NONE) -> str:
    """IF, with a missing number where the condition does not hold."""
    return f"IF({condition},{then},{otherwise})"


def every(conditions: Sequence[str]) -> str:
    """All conditions hold. A product of comparisons: AND over many cells has a limit, a product none."""
    if len(conditions) < 2:
        return conditions[0] if conditions else "1=1"
    return "*".join(f"({each})" for each in conditions) + "=1"


# From members to one value: `marks` is a block of cells, texts in it are members who do not count.
Combine = Callable[[str, int, str, Drop | None], str]


def mean(marks: str, share: int, seats: str, drop: Drop | None) -> str:
    """The sum, in shares of a unit into which every count of members goes whole."""
    return f"SUM({marks})*({share}/COUNT({marks}))"


def median(marks: str, share: int, seats: str, drop: Drop | None) -> str:
    """The middle one, or half of the two in the middle: a half is exact in binary."""
    return f"MEDIAN({marks})*{share}"


def summed(marks: str, share: int, seats: str, drop: Drop | None) -> str:
    """The mean times the seats."""
    return f"SUM({marks})*{seats}*({share}/COUNT({marks}))"


def trimmed_mean(marks: str, share: int, seats: str, drop: Drop | None) -> str:
    """The mean without the highest and lowest, from `when_at_least` members on."""
    if drop is None:
        return mean(marks, share, seats, None)
    off = [f"-LARGE({marks},{place + 1})" for place in range(drop.high)]
    off += [f"-SMALL({marks},{place + 1})" for place in range(drop.low)]
    kept = f"(SUM({marks}){''.join(off)})*({share}/(COUNT({marks})-{drop.high + drop.low}))"
    return f"IF(COUNT({marks})>={drop.when_at_least},{kept},{mean(marks, share, seats, None)})"


COMBINE: Mapping[str, Combine] = {"mean": mean, "median": median, "sum": summed, "trimmed_mean": trimmed_mean}


def shares(panel: Panel, members: int) -> int:
    """Into how many shares a unit is cut, so that every combined value of at most `members` marks is whole."""
    if panel.combine == "median":
        return 2
    counts = range(1, max(members, 1) + 1)
    if panel.combine == "trimmed_mean" and panel.drop is not None:
        off = panel.drop.high + panel.drop.low
        return lcm(*(count - off if count >= panel.drop.when_at_least else count for count in counts))
    return lcm(*counts)


# From a mark to points: both are straight lines, slope × mark + rise.
Straight = tuple[Number, Number]


def share_of_top(points: Number, scale: Scale) -> Straight:
    """points ÷ to for each step up from nothing."""
    return Fraction(points) / scale.to, 0


def share_of_range(points: Number, scale: Scale) -> Straight:
    """Nothing at `from`, all points at `to`."""
    slope = Fraction(points) / (scale.to - scale.from_)
    return slope, -slope * scale.from_


def as_points(points: Number, scale: Scale) -> Straight:
    """The mark itself."""
    return 1, 0


WORTH: Mapping[str, Callable[[Number, Scale], Straight]] = {
    "share_of_top": share_of_top,
    "share_of_range": share_of_range,
    "as_points": as_points,
}


def along(linear: Linear, points: Number) -> Straight:
    """The line of an indicator, before it is clamped."""
    slope = Fraction(points) / (linear.full_at - linear.zero_at)
    return slope, -slope * linear.zero_at


def finest(line: Straight, per: int) -> int:
    """In how many units per point the line comes out whole, for a number counted in 1/`per`."""
    slope, rise = line
    return lcm((Fraction(slope) / per).denominator, Fraction(rise).denominator)


def on(line: Straight, number: str, per: int, to: int) -> str:
    """The line's value in units of 1/`to`, of a number in units of 1/`per`."""
    slope, rise = (whole(Fraction(each) * to / share) for each, share in zip(line, (per, 1), strict=True))
    text = number if slope == 1 else f"{slope}*{number}"
    return text if rise == 0 else f"{text}{rise:+d}"


def clamped(number: str, low: int, high: int) -> str:
    """Never below `low` nor above `high`."""
    return f"MAX({low},MIN({high},{number}))"


def on_bands(number: str, per: int, bands: Bands, to: int) -> str:
    """Higher is better: the largest edge that the number reaches; lower: the smallest that it keeps; else beyond."""
    if len(bands.edges) > MOST_NESTED:
        count = len(bands.edges)
        raise TooFine(
            f"มีช่วงคะแนน {count} ช่วง แต่สูตรซ้อนกันได้ {MOST_NESTED} ชั้น",
            f"there are {count} bands, and formulas nest {MOST_NESTED} deep",
        )
    text = str(whole(Fraction(bands.beyond) * to))
    ordered = bands.edges if bands.better == "higher" else tuple(reversed(bands.edges))
    compare = "at_least" if bands.better == "higher" else "at_most"
    for edge, value in ordered:
        text = when(COMPARE[compare](number, edge, per), str(whole(Fraction(value) * to)), text)
    return text


def at_least(number: str, bound: Number, per: int) -> str:
    """number ≥ bound, in whole units."""
    return f"{number}>={ceil(Fraction(bound) * per)}"


def at_most(number: str, bound: Number, per: int) -> str:
    """number ≤ bound, in whole units."""
    return f"{number}<={floor(Fraction(bound) * per)}"


def equals(number: str, bound: Number, per: int) -> str:
    """number = bound; never, where the bound lies between two units."""
    units = Fraction(bound) * per
    return f"{number}={units.numerator}" if units.denominator == 1 else "1=0"


COMPARE: Mapping[str, Callable[[str, Number, int], str]] = {
    "at_least": at_least,
    "at_most": at_most,
    "equals": equals,
}


# Rounding a whole count of 1/per to whole units of 10**-places; `number` may be negative.
def half_up(number: str, per: str, scale: int) -> str:
    """Half away from zero."""
    return f"INT((2*{number}*{scale}+{per})/(2*{per}))"


def half_even(number: str, per: str, scale: int) -> str:
    """To the nearest; exactly half goes to the even neighbour."""
    near = half_up(number, per, scale)
    halfway = f"2*{number}*{scale}+{per}={near}*2*{per}"
    return f"({near}-IF({halfway},{near}-2*INT({near}/2),0))"


def down(number: str, per: str, scale: int) -> str:
    """Toward zero."""
    return f"INT({number}*{scale}/{per})"


MODES: Mapping[str, Callable[[str, str, int], str]] = {"half_up": half_up, "half_even": half_even, "down": down}


def rounded(number: str, per: int | str, rounding: Rounding, *, high: int, negative: bool = False) -> str:
    """`number`/`per` in whole units of the last place. `high` is the largest size that the number can have."""
    scale = 10**rounding.places
    if isinstance(per, int) and 2 * high * scale + 3 * per >= SAFE:
        raise TooFine(
            f"ตัวเลขก่อนปัดเศษมีได้ถึง {high:,} หน่วย หน่วยละ 1/{per:,}",
            f"a number to be rounded may reach {high:,} units of 1/{per:,}",
        )
    size = f"ABS({number})" if negative else number
    text = MODES[rounding.mode](size, str(per), scale)
    return f"SIGN({number})*{text}" if negative else text


def readable(number: str, rounding: Rounding | None) -> str | None:
    """ROUND as people know it; None where no spreadsheet function rounds so."""
    if rounding is None:
        return number
    return f"ROUND({number},{rounding.places})" if rounding.mode == "half_up" else None


# Places, inside the block of a group. Every entry has a place so far; those still equal share it.
def first_places(key: str, keys: str, counts: str, counted: str) -> str:
    """1 + how many are higher; 0 for an entry that is not ranked."""
    return f"{counts}*(1+SUMPRODUCT({counted}*({keys}>{key})))"


def next_places(place: str, places: str, key: str, keys: str) -> str:
    """The place once the next rule has been asked: behind those of the same place who have the better key."""
    return f"IF({place}=0,0,{place}+SUMPRODUCT(({places}={place})*({keys}>{key})))"


def sharing(place: str, places: str) -> str:
    """How many stand on the same place."""
    return f"IF({place}=0,0,SUMPRODUCT(--({places}={place})))"


def pairwise_wins(place: str, places: str, totals: Sequence[tuple[str, str, str, str]]) -> str:
    """How many of the same place this entry beats: more members gave it the higher total than the reverse.

    `totals`: for each member (this entry's total, all totals, whether this has one, whether each has one).
    """
    balance = "+".join(f"{has}*({have})*SIGN({own}-{others})" for own, others, has, have in totals)
    return f"IF({place}=0,0,SUMPRODUCT(({places}={place})*(({balance})>0)))"


def whole(value: Number) -> int:
    """The value as an int; ValueError where units were chosen that do not hold it."""
    if value.denominator != 1:
        raise ValueError(f"{value} is not whole")
    return value.numerator
