"""Where things stand in the pictures of a comparison, in whole units of a drawing. The numbers stand beside it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scoring_rules.exact import Number, plain
from scoring_rules.rules import Criterion

LEFT, RIGHT = 14, 306  # the line of a scale, in a drawing 320 wide
ROOM = 22  # a dot needs so much beside another one
BAR, TALLEST = 16, 24


@dataclass(frozen=True, slots=True)
class Dot:
    """A member's mark on a scale: `x` along it, `row` 0 on it, 1 above another dot, and so on."""

    number: int
    mark: str
    x: int
    row: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A criterion in the strip of a member: up (`higher` 1) or down (-1) from the panel's mean, `size` 0 to 24 tall."""

    node: Criterion
    x: int
    higher: int | None
    size: int


def dots(marks: Iterable[tuple[int, Number]], *, low: Number, high: Number) -> tuple[Dot, ...]:
    """Places members' marks (number, mark) between the ends of a scale; none covers another one."""
    ends: list[int] = []  # of each row: where its last dot stands
    placed = []
    for number, mark in sorted(marks, key=lambda each: (each[1], each[0])):
        x = LEFT + (int((mark - low) * (RIGHT - LEFT) // (high - low)) if high > low else 0)
        row = next((row for row, end in enumerate(ends) if x - end >= ROOM), len(ends))
        ends[row : row + 1] = [x]
        placed.append(Dot(number, plain(mark), x, row))
    return tuple(placed)


def bars(offs: Iterable[tuple[Criterion, Number | None, Number]]) -> tuple[Bar, ...]:
    """The strip of a member from (criterion, how far off the mean, length of its scale); what is off at all shows."""
    strip: list[Bar] = []
    for place, (node, off, length) in enumerate(offs):
        x = place * BAR
        if off is None:
            strip.append(Bar(node, x, None, 0))
            continue
        size = int((off if off > 0 else -off) * TALLEST // length) if length else 0
        strip.append(Bar(node, x, (off > 0) - (off < 0), max(size, 3) if off else 0))
    return tuple(strip)


def rows_of(placed: Sequence[Dot]) -> int:
    """How many rows the dots of a scale take."""
    return max((dot.row for dot in placed), default=0) + 1
