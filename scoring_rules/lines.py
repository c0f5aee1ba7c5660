"""Functions of one weight that are straight between knots, exact: how a total changes while a weight is moved."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from scoring_rules.exact import Number, Rounding


@dataclass(frozen=True, slots=True)
class Path:
    """A continuous function, straight between its knots; defined from the first knot to the last, at least two."""

    knots: tuple[Fraction, ...]  # ascending
    values: tuple[Fraction, ...]

    @classmethod
    def through(cls, knots: Iterable[Fraction], at: Callable[[Fraction], Number]) -> "Path":
        """The function `at`, which must be straight between these knots."""
        ordered = tuple(sorted(set(knots)))
        return cls(ordered, tuple(Fraction(at(knot)) for knot in ordered))

    def at(self, place: Fraction) -> Fraction:
        """The value at `place`, which lies between the first knot and the last."""
        if place == self.knots[0]:
            return self.values[0]
        if place == self.knots[-1]:
            return self.values[-1]
        right = min(max(bisect_right(self.knots, place), 1), len(self.knots) - 1)
        start, end = self.knots[right - 1], self.knots[right]
        low, high = self.values[right - 1], self.values[right]
        if low == high:
            return low
        return low + (high - low) * (place - start) / (end - start)

    def pieces(self) -> Iterator[tuple[Fraction, Fraction, Fraction, Fraction]]:
        """(start, end, value at start, value at end) of every straight piece."""
        return zip(self.knots, self.knots[1:], self.values, self.values[1:], strict=False)

    def clamped(self, low: Number, high: Number) -> "Path":
        """Never below `low`, then never above `high`."""
        if all(low <= value <= high for value in self.values):
            return self
        knots = {*self.knots, *self.crossings(Fraction(low)), *self.crossings(Fraction(high))}
        return Path.through(knots, lambda place: min(max(self.at(place), Fraction(low)), Fraction(high)))

    def scaled(self, factor: Fraction, plus: Fraction) -> "Path":
        """`factor` times the function, and `plus`."""
        return Path(self.knots, tuple(value * factor + plus for value in self.values))

    def minus(self, other: "Path") -> "Path":
        """The difference; both are defined on the same range."""
        if self.knots == other.knots:
            return Path(self.knots, tuple(a - b for a, b in zip(self.values, other.values, strict=True)))
        return Path.through((*self.knots, *other.knots), lambda place: self.at(place) - other.at(place))

    def between(self, start: Fraction, end: Fraction) -> "Path":
        """The same function on a part of its range, start < end."""
        if (start, end) == (self.knots[0], self.knots[-1]):
            return self
        inside = (knot for knot in self.knots if start < knot < end)
        return Path.through((start, *inside, end), self.at)

    def crossings(self, level: Fraction) -> list[Fraction]:
        """Where the function meets `level`; a piece that lies on it gives its two ends."""
        found = []
        for start, end, low, high in self.pieces():
            if low == level:
                found.append(start)
            if high == level:
                found.append(end)
            if (low < level < high) or (high < level < low):
                found.append(start + (end - start) * (level - low) / (high - low))
        return found

    def steps(self, rounding: Rounding, most: int) -> list[Fraction] | None:
        """Every place where the rounded function may change; None where there are more than `most`."""
        unit = Fraction(1, 10**rounding.places)
        shift = Fraction(0) if rounding.mode == "down" else unit / 2
        found: list[Fraction] = []
        for start, end, low, high in self.pieces():
            if low == high:
                continue
            if abs(high - low) / unit > most:
                return None
            least, greatest = sorted((low, high))
            level = -((shift - least) // unit) * unit + shift  # the first boundary at or above `least`
            while level <= greatest:
                found.append(start + (end - start) * (level - low) / (high - low))
                level += unit
        return found


def straight(first: Number, last: Number, end: Fraction) -> Path:
    """The line from `first` at 0 to `last` at `end`."""
    return Path((Fraction(0), end), (Fraction(first), Fraction(last)))


def of_sorted(paths: Sequence[Path], value: Callable[[Sequence[Fraction]], Number]) -> Path:
    """A function of several paths that is straight while their order stays: a median, a trimmed mean, a spread."""
    knots = {knot for path in paths for knot in path.knots}
    for number, path in enumerate(paths):
        for other in paths[:number]:
            knots.update(path.minus(other).crossings(Fraction(0)))
    return Path.through(knots, lambda place: value([path.at(place) for path in paths]))
