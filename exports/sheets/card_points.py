"""What a member's marks are worth, as formulas on the member's own sheet."""

from collections.abc import Callable, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from math import ceil

from exports.formulas import WORTH, finest, on, readable, rounded, when, whole
from exports.wording import NOTHING
from exports.workbook import Formula
from scoring_rules.exact import Number, Rounding, plain
from scoring_rules.exact import rounded as exactly_rounded
from scoring_rules.marks import Leaf, items_of
from scoring_rules.rules import MarksSource

BLANK = f'"{NOTHING}"'
UNENDING = 14  # decimals kept of a number without end: more than a sum of many is rounded to
_SEVENTEEN = Context(prec=17)


def near(value: Number) -> int | Decimal:
    """The number as a cell keeps it: exact where it has few decimals, else so many that no spreadsheet sees more."""
    if value.denominator == 1:
        return value.numerator
    return _SEVENTEEN.divide(Decimal(value.numerator), Decimal(value.denominator))


def points_of(leaf: Leaf, cell: Callable[[str], str]) -> str:
    """The formula of the points of one member's mark; `cell` says where the mark (or each tick) is."""
    there, number = _ticked(leaf, cell) if leaf.ticked else _marked(leaf, cell)
    return when(there, number, BLANK)


def _ticked(leaf: Leaf, cell: Callable[[str], str]) -> tuple[str, str]:
    items = items_of(leaf.criterion)
    cells = [cell(f"{leaf.criterion.path}/{item.code}") for item in items]
    ticked = "+".join(f"N({at})*{plain(item.points)}" for at, item in zip(cells, items, strict=True))
    units = "+".join(
        f"N({at})*{whole(Fraction(item.points) * leaf.per_mark)}" for at, item in zip(cells, items, strict=True)
    )
    return f"COUNT({cells[0]}:{cells[-1]})={len(items)}", _shown(leaf, ticked, units)


def _marked(leaf: Leaf, cell: Callable[[str], str]) -> tuple[str, str]:
    at = cell(leaf.criterion.path)
    (slope, rise), units = _line(leaf), f"ROUND({at}*{leaf.per_mark},0)"
    text = _product(at, Fraction(slope))
    if rise:
        text += f"{Fraction(rise).numerator:+d}" + (f"/{Fraction(rise).denominator}" if rise.denominator > 1 else "")
    return f"ISNUMBER({at})", _shown(leaf, text, units)


def _product(cell: str, slope: Fraction) -> str:
    text = cell if slope.numerator == 1 else f"{cell}*{slope.numerator}"
    return text if slope.denominator == 1 else f"{text}/{slope.denominator}"


def _shown(leaf: Leaf, number: str, units: str) -> str:
    """As people read it; by whole units where no spreadsheet function rounds as the rules do."""
    if leaf.rounding is None:
        return _without_dust(leaf, number)
    said = readable(number, leaf.rounding)
    if said is not None:
        return said
    line = _line(leaf)
    per = finest(line, leaf.per_mark)
    size = max(abs(Fraction(line[0]) * leaf.mark(at) + line[1]) for at in (leaf.bottom, leaf.top))
    high = ceil(size * per)
    text = rounded(
        f"({on(line, f'({units})', leaf.per_mark, per)})", per, leaf.rounding, high=high, negative=leaf.bottom < 0
    )
    return f"{text}/{10**leaf.rounding.places}"


def written(leaf: Leaf, value: Number | None) -> int | Decimal | str:
    """The system's value of what `points_of` computes."""
    if value is None:
        return NOTHING
    plain_product = leaf.rounding is None and leaf.per_mark == 1 and not _line(leaf)[1]
    return near(value if plain_product or leaf.rounding else rounded_to(value, decimals(finest_points(leaf), UNENDING)))


def rounded_to(value: Number, places: int) -> Number:
    """`value` to so many decimals, as ROUND does it."""
    return exactly_rounded(value, Rounding(places, "half_up"))


def _without_dust(leaf: Leaf, number: str) -> str:
    """Decimals added or multiplied in binary leave dust far behind the point; rounding to all their places removes it.
    Whole marks times a fraction need none."""
    whole_marks = leaf.per_mark == 1 and not _line(leaf)[1]
    return number if whole_marks else f"ROUND({number},{decimals(finest_points(leaf), UNENDING)})"


def _line(leaf: Leaf) -> tuple[Number, Number]:
    source = leaf.criterion.source
    return WORTH[source.worth](leaf.criterion.points, source.scale) if isinstance(source, MarksSource) else (1, 0)


def sum_of(cells: Sequence[str], value: Number | None, per: int) -> Formula:
    """The sum of points, where there are all. `per`: they come whole in 1/`per`. The sum is rounded to all its places
    (to twelve, where it has no end), which takes off the dust of binary addition and nothing else."""
    listed = ",".join(cells)
    text = f"ROUND(SUM({listed}),{decimals(per)})"
    found = NOTHING if value is None else near(rounded_to(value, decimals(per)))
    return Formula(when(f"COUNT({listed})={len(cells)}", text, BLANK), found)


def decimals(per: int, otherwise: int = 12) -> int:
    """How many decimals hold every multiple of 1/`per`; `otherwise` where none do."""
    return next((places for places in range(otherwise) if 10**places % per == 0), otherwise)


def finest_points(leaf: Leaf) -> int:
    """In which units the points of one member's mark come whole."""
    if leaf.rounding is not None:
        return int(10**leaf.rounding.places)
    return leaf.per_mark if leaf.ticked else finest(_line(leaf), leaf.per_mark)
