"""From today's points of one criterion to the first at which an outcome changes: up or down, proven on the way.

While every pair that matters lies more than one rounding step apart, nothing can change. Where a pair comes nearer, all
places where a rounding, a tie-break or an eligibility rule may turn are known exactly; the outcome is asked at each of
them and between them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Literal

from scoring_rules.exact import Rounding, rounded
from scoring_rules.lines import Path
from scoring_rules.operations import COMPARE
from scoring_rules.results import Ranking, Standing
from scoring_rules.rules import Condition
from scoring_rules.weight_contest import Moved

What = Literal["winner", "advances"]
Pair = tuple[str, str]
MOST_STEPS = 600  # roundings of one entry while it lies close to another
MOST_ASKED = 150  # times that the whole rule is asked on one way


@dataclass(frozen=True, slots=True)
class End:
    """How far the outcome is known to stay. `after`: who holds it just beyond (None: all the way, or not known)."""

    at: Fraction
    included: bool
    proven: bool  # False: what follows is not determined exactly
    after: frozenset[str] | None = None


def placed(line: Standing) -> bool:
    """Whether a ranked line may go on: reasons name what keeps it from a place."""
    return line.rank is not None and not line.reasons


class Outcome:
    """Who wins, or who goes on, in one contest; and which pairs of entries it hangs on."""

    def __init__(self, ranking: Ranking, what: What, take: int, *, bounds: bool):
        self.what, self.take, self.bounds = what, take, bounds
        blocks: dict[int, list[str]] = {}
        for line in ranking.standings:
            if line.rank is not None and (what == "winner" or placed(line)):
                blocks.setdefault(line.rank, []).append(line.entry)
        self.above: list[str] = []
        self.border: list[str] = []  # equal to the end, with the cut among them
        self.below: list[str] = []
        for rank in sorted(blocks):
            block, ahead = blocks[rank], len(self.above) + len(self.border)
            if ahead + len(block) <= take:
                self.above += block
            elif ahead < take and not self.border:
                self.border = block
            else:
                self.below += block
        self.now = self.of(ranking)

    def is_like(self, other: "Outcome") -> bool:
        """Whether it hangs on the same entries, and is held by the same now."""
        return (self.above, self.border, self.below, self.now) == (other.above, other.border, other.below, other.now)

    def of(self, ranking: Ranking) -> frozenset[str]:
        """The outcome of a ranking."""
        if self.what == "winner":
            return frozenset(line.entry for line in ranking.standings if line.rank == 1)
        return frozenset(line.entry for line in ranking.standings if line.advances)

    def pairs(self, others: Sequence[str], *, by_pairs: bool) -> list[Pair]:
        """Pairs whose order decides the outcome. `others` may come in when a bound is met.

        Where ties are settled pair by pair, how two others stand to each other can decide between a third and them.
        """
        below = [*self.below, *others]
        if by_pairs:
            return list(combinations([*self.above, *self.border, *below], 2))
        pairs = [(one, other) for one in self.above for other in (*self.border, *below)]
        pairs += [(one, other) for one in self.border for other in below]
        return pairs + list(combinations(self.border, 2))


class Walk:
    """One outcome, one weight."""

    def __init__(self, moved: Moved, outcome: Outcome, totals: dict[str, Path]):
        self.moved, self.outcome, self.totals = moved, outcome, totals
        contest = moved.contest
        self.rounding: Rounding | None = contest.rounding
        self.unit = Fraction(1, 10**self.rounding.places) if self.rounding else Fraction(0)
        if self.rounding and self.rounding.mode == "down" and contest.category.total.floor < 0:
            self.unit *= 2  # cut off toward zero, numbers almost two steps apart are both 0
        listed = {*outcome.above, *outcome.border, *outcome.below}
        others = [code for code in totals if code not in listed] if contest.bounds else []
        by_pairs = any(rule.by == "pairwise" for rule in contest.category.tie_breaks)
        pairs = outcome.pairs(others, by_pairs=by_pairs)
        self.gaps = {(one, other): totals[one].minus(totals[other]) for one, other in pairs}
        self.today = {pair: gap.at(moved.now) for pair, gap in self.gaps.items()}

    def end(self, limit: Fraction) -> End:
        """The end of the outcome's interval toward `limit`, which is 0 or all of the parent's points."""
        slack, contest = self.moved.contest.slack, self.moved.contest
        if slack is None or (slack and contest.bounds):
            return End(self.moved.now, True, False)
        return self._apart(limit, 2 * slack) if slack else self._exactly(limit)

    def _apart(self, limit: Fraction, slack: Fraction) -> End:
        """As far as no pair comes so near that roundings on the way could turn it."""
        upward, found = self.moved.now < limit, []
        for gap in self.gaps.values():
            near = _first_within(self._part(gap, limit), self.unit + slack, from_start=upward)
            if near is not None:
                found.append(near)
        if not found:
            return End(limit, True, True)
        first = min(found, key=self._far)
        # one whole step apart is still apart; where nothing is rounded at the end, equal is not
        return End(first, bool(self.unit) or first == self.moved.now, False)

    def _exactly(self, limit: Fraction) -> End:
        places: set[Fraction] = set()
        starts: dict[Pair, Fraction] = {}
        unknown: list[Fraction] = []
        if limit == self.moved.now:
            return End(limit, True, True)
        for pair, gap in self.gaps.items():
            if len(gap.knots) == 2 and self.today[pair] > self.unit < gap.at(limit):
                continue  # straight, and apart at both ends
            part = self._part(gap, limit)
            start = _first_within(part, self.unit, from_start=self.moved.now < limit)
            if start is None:
                continue
            starts[pair] = start
            for low, high in _near(part, self.unit):
                found = self._turns(pair, low, high)
                places.update((low, high) if found is None else (low, high, *found))
                if found is None:
                    unknown.append(min((low, high), key=self._far))
        if self.moved.contest.bounds:
            places.update(self._bounds_met(limit))
        if not places and not starts:
            return End(limit, True, True)
        places |= {limit, *starts.values()}
        stop = min(map(self._far, unknown), default=None)
        return self._ask(sorted((each for each in places if self._far(each)), key=self._far), starts, stop)

    def _ask(self, places: Sequence[Fraction], starts: dict[Pair, Fraction], stop: Fraction | None) -> End:
        """Ask the outcome between and at these places, in the order of their distance, until it changes."""
        before, asked = self.moved.now, 0
        for place in places:
            if (stop is not None and self._far(before) >= stop) or asked > MOST_ASKED:
                return End(before, True, False)
            near = self._active(starts, before)
            for at, included in (((before + place) / 2, True), (place, False)):
                if not included:
                    near = self._active(starts, place)
                found, whole_rule = self._outcome(at, near)
                asked += whole_rule
                if found == self.outcome.now:
                    continue
                if included:  # who comes in is told of what lies just beyond, where others may not have turned yet
                    found, _ = self._outcome(self._just_beyond(before, at, near), near)
                return End(before if included else place, included, True, found)
            before = place
        return End(before, True, True)

    def _just_beyond(self, start: Fraction, at: Fraction, near: Sequence[str]) -> Fraction:
        """A place between `start` and `at` before any two of the near entries turn."""
        low, high = sorted((start, at))
        turns = [at]
        for pair in combinations(near, 2):
            turns += self._turns(pair, low, high) or ()
        return (start + min((each for each in turns if each != start), key=self._far)) / 2

    def _active(self, starts: dict[Pair, Fraction], place: Fraction) -> list[str]:
        """Entries of the pairs that have come near up to `place`; all of them where bounds decide as well."""
        if self.moved.contest.bounds:
            return list(self.totals)
        reached = self._far(place)
        return sorted({code for pair, start in starts.items() if self._far(start) <= reached for code in pair})

    def _outcome(self, at: Fraction, near: Sequence[str]) -> tuple[frozenset[str], bool]:
        """Who wins or goes on at so many points, and whether the whole rule had to be asked.

        Entries not near keep their order to all that matter, so they need not be counted again.
        """
        outcome = self.outcome
        if not near:
            return outcome.now, False
        sure = frozenset(code for code in outcome.above if code not in near)
        take = outcome.take - len(sure)
        if take <= 0:  # those near are near to each other only, behind all who are in
            return outcome.now, False
        if not outcome.bounds:
            first = self._first(at, near, take)
            if first is not None:
                return sure | first, False
        found = outcome.of(self.moved.at(at, near, take=take))
        return sure | found, True

    def _first(self, at: Fraction, near: Sequence[str], take: int) -> frozenset[str] | None:
        """The first `take` of these entries; None where neither totals nor plain tie-breaks separate them there."""
        values = {code: rounded(self.totals[code].at(at), self.rounding) for code in near}
        ordered = sorted(near, key=lambda code: values[code], reverse=True)
        if len(ordered) <= take or values[ordered[take - 1]] > values[ordered[take]]:
            return frozenset(ordered[:take])
        equal = values[ordered[take]]
        ahead = [code for code in ordered if values[code] > equal]
        keys = {code: self.moved.tie_key(code, at) for code in ordered if values[code] == equal}
        tied = sorted(keys, key=lambda code: keys[code], reverse=True)
        cut = take - len(ahead)
        return frozenset(ahead + tied[:cut]) if keys[tied[cut - 1]] > keys[tied[cut]] else None

    def _turns(self, pair: Pair, low: Fraction, high: Fraction) -> list[Fraction] | None:
        """Every place from `low` to `high` where the order of a near pair may turn; None where they are too many."""
        if low == high:
            return []
        paths = [self.totals[code].between(low, high) for code in pair]
        found = [knot for path in paths for knot in path.knots]
        if self.rounding is not None and any(paths[0].minus(paths[1]).values):
            for path in paths:
                steps = path.steps(self.rounding, MOST_STEPS)
                if steps is None:
                    return None
                found += steps
        found += [place for gap in self._tie_gaps(pair) for place in gap.between(low, high).crossings(Fraction(0))]
        return found

    def _tie_gaps(self, pair: Pair) -> list[Path]:
        """What tie-breaks compare, as far as this weight moves it: first minus second."""
        moved = self.moved
        gaps: list[Path] = []
        one, other = pair
        for rule in moved.contest.category.tie_breaks:
            if rule.by in ("criterion", "median", "spread"):
                first, second = (
                    moved.points(code, rule.code) if rule.by == "criterion" else moved.tie_value(code, rule.by)
                    for code in pair
                )
                if first is not None and second is not None:
                    gaps.append(first.minus(second))
            elif rule.by == "pairwise":
                mine, theirs = moved.members(one), moved.members(other)
                gaps += [mine[member].minus(theirs[member]) for member in mine.keys() & theirs.keys()]
        return gaps

    def _bounds_met(self, limit: Fraction) -> set[Fraction]:
        """Where an entry begins or ceases to meet a rule of eligibility that looks at points or at the total."""
        found: set[Fraction] = set()
        for rule in self.moved.contest.category.eligibility:
            for code, total in self.totals.items():
                if rule.require.what == "total":
                    found |= _met(self._part(total, limit), rule.require, self.rounding)
                elif rule.require.what == "criterion":
                    found.add(limit)  # with no points left, a bound on them is 0 as well
                    points = self.moved.points(code, rule.require.code)
                    if points is not None:
                        found |= _met(self._part(points, limit), rule.require, None)
        return found

    def _part(self, path: Path, limit: Fraction) -> Path:
        return path.between(*sorted((self.moved.now, limit)))

    def _far(self, place: Fraction) -> Fraction:
        return abs(place - self.moved.now)


def _first_within(gap: Path, bound: Fraction, *, from_start: bool) -> Fraction | None:
    """The first place (from the start, or from the end) where the gap is no more than `bound`."""
    found: list[Fraction] = []
    for start, end, low, high in gap.pieces():
        if low <= bound:
            found.append(start)
        if high <= bound:
            found.append(end)
        if (low - bound) * (high - bound) < 0:
            found.append(start + (end - start) * (bound - low) / (high - low))
    if not found:
        return None
    return min(found) if from_start else max(found)


def _near(gap: Path, bound: Fraction) -> list[tuple[Fraction, Fraction]]:
    """Where the gap's size is no more than `bound`: (from, to) of each straight piece."""
    found = []
    for start, end, low, high in gap.pieces():
        if low == high:
            if abs(low) <= bound:
                found.append((start, end))
            continue
        meets = sorted(start + (end - start) * (level - low) / (high - low) for level in (-bound, bound))
        first, last = max(start, meets[0]), min(end, meets[1])
        if first <= last:
            found.append((first, last))
    return found


def _met(path: Path, require: Condition, rounding: Rounding | None) -> set[Fraction]:
    """Where a condition on a path, rounded as named, turns true or false."""
    unit = Fraction(1, 10**rounding.places) if rounding else Fraction(0)
    bound = Fraction(require.value)
    low = bound // unit * unit if unit else bound
    levels = {bound, *(low + unit * half / 2 for half in range(-2, 5))}
    places = sorted({place for level in levels for place in path.crossings(level)} | {path.knots[0], path.knots[-1]})

    def holds(at: Fraction) -> bool:
        return COMPARE[require.compare](rounded(path.at(at), rounding), bound)

    found = set()
    for place, after in pairwise(places):
        between = holds((place + after) / 2)
        if holds(place) != between:
            found.add(place)
        if holds(after) != between:
            found.add(after)
    return found
