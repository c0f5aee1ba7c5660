"""One ranking while one weight is moved: every total as an exact function of it, and the real rule at any place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property

from scoring_rules.exact import Number, Rounding
from scoring_rules.facts import Entry, Facts
from scoring_rules.lines import Path, of_sorted, straight
from scoring_rules.operations import COMBINE, known, median
from scoring_rules.ranking import rank
from scoring_rules.rescale import with_points
from scoring_rules.results import Ranking
from scoring_rules.rules import Category, ChecklistSource, Criterion, Stage
from scoring_rules.totals import Carry, Tally, Totaller

BEYOND = 10**30  # a floor and a ceiling that no total reaches


class Contest:
    """One category in one group as it stands: who is ranked, by which rules, from which cards."""

    def __init__(
        self, category: Category, stage: Stage, ranking: Ranking, facts: Facts, carries: Mapping[str, Carry | None]
    ):
        self.category, self.stage, self.ranking, self.carries = category, stage, ranking, carries
        listed = {line.entry for line in ranking.standings}
        self.entries: dict[str, Entry] = {each.code: each for each in facts.entries if each.code in listed}
        self.cards = facts.cards
        self.resolutions = [
            each
            for each in facts.resolutions
            if (each.category, each.stage, each.group) == (category.code, stage.code, ranking.group)
        ]
        self.bare_rules = _bare(category)
        bare = Totaller(self.bare_rules)
        tallies = [bare.tally(entry, self.cards.get(code, ())) for code, entry in self.entries.items()]
        self.bare: dict[str, Tally] = {each.entry.code: each for each in tallies if each.total_exact is not None}

    @property
    def rounding(self) -> Rounding | None:
        """The rounding of what is ranked on; None where the exact total is."""
        rounding = self.category.rounding
        return rounding.total if rounding.rank_on == "rounded" else None

    @cached_property
    def bounds(self) -> bool:
        """Whether a weight can make an entry eligible or not: a rule looks at points or at the total."""
        return any(rule.require.what in ("criterion", "total") for rule in self.category.eligibility)

    @cached_property
    def slack(self) -> Fraction | None:
        """How far roundings on the way can move a total from its exact function; None where no bound is known."""
        rounding, panel = self.category.rounding, self.category.panel
        seats = max((len(self.cards.get(code, ())) for code in self.bare), default=1)
        times = Fraction(seats if panel.combine == "sum" else 1)
        slack = times * len(self.category.leaves) * _most_moved(rounding.points)
        if rounding.combined is None:
            return slack
        if panel.applied_to == "totals":
            return slack + _most_moved(rounding.combined)
        ticked = any(isinstance(leaf.source, ChecklistSource) for leaf in self.category.leaves)
        return None if ticked else slack


class Moved:
    """A contest in which one criterion's points may be anything from 0 to its parent's; siblings share the rest."""

    def __init__(self, contest: Contest, node: Criterion):
        self.contest, self.node = contest, node
        above, _, _ = node.path.rpartition("/")
        self.parent = above
        category = contest.category
        self.now = Fraction(node.points)
        self.whole = Fraction(category.criterion(above).points if above else category.full_mark)
        self._ends: dict[str, tuple[Tally, Tally]] = {}

    def at(self, points: Fraction, codes: Iterable[str], *, take: int | None) -> Ranking:
        """The real rule's ranking of these entries at so many points; `take` of them go on."""
        contest = self.contest
        category = with_points(contest.category, {self.node.path: points})
        totaller = Totaller(category)
        tallies = [
            totaller.tally(contest.entries[code], contest.cards.get(code, ()), carry=contest.carries.get(code))
            for code in codes
        ]
        stage = replace(contest.stage, advance=take)
        return rank(category, stage, contest.ranking.group, tallies, contest.resolutions)

    def total(self, code: str) -> Path:
        """The entry's exact total over all points that the criterion may have, roundings on the way left aside."""
        contest, bare = self.contest, self.contest.bare[code]
        rules, exact = contest.category.total, Fraction(known(bare.total_exact))
        if contest.category.panel.applied_to == "marks":
            own, rest = self._shares(bare)
            others = exact - own - rest
            raw = straight(
                rest * self.whole / (self.whole - self.now) + others, own * self.whole / self.now + others, self.whole
            )
        else:
            raw = self._of_members(code)
        total = raw.clamped(rules.floor, rules.ceiling)
        carry = contest.carries.get(code)
        if carry is None or carry.total_exact is None:
            return total
        share = Fraction(carry.carries.share)
        return total.scaled(1 - share, share * carry.total_exact)

    def points(self, code: str, path: str) -> Path | None:
        """Points of a criterion above the one that is moved; None for any other: they keep who is ahead."""
        if not self.node.path.startswith(f"{path}/"):
            return None
        bare = self.contest.bare[code]
        own, rest = self._shares(bare)
        others = Fraction(bare.points[path]) - own - rest
        return straight(
            rest * self.whole / (self.whole - self.now) + others, own * self.whole / self.now + others, self.whole
        )

    def tie_key(self, code: str, at: Fraction) -> tuple[tuple[bool, Number], ...]:
        """What the first tie-breaks look at with so many points, greater first: as far as they are plain values."""
        contest, bare = self.contest, self.contest.bare[code]
        key: list[tuple[bool, Number]] = []
        for rule in contest.category.tie_breaks:
            if rule.by == "criterion":
                key.append((True, self._points_at(bare, rule.code, at)))
            elif rule.by == "indicator":
                value = bare.measured[rule.code].value
                lower = contest.category.indicator(rule.code).better == "lower"
                key.append((False, 0) if value is None else (True, -value if lower else value))
            else:
                break
        return tuple(key)

    def _points_at(self, bare: Tally, path: str, at: Fraction) -> Fraction:
        found = self.points(bare.entry.code, path)
        if found is not None:
            return found.at(at)
        points, below = Fraction(bare.points[path]), f"{self.parent}/" if self.parent else ""
        if path == self.node.path or path.startswith(f"{self.node.path}/"):
            return points * at / self.now
        if path.startswith(below):  # a sibling, or a part of one
            return points * (self.whole - at) / (self.whole - self.now)
        return points

    def members(self, code: str) -> dict[str, Path]:
        """Every member's own total."""
        first, last = self._at_ends(code)
        return {
            member: straight(total, last.member_totals[member], self.whole)
            for member, total in first.member_totals.items()
        }

    def tie_value(self, code: str, by: str) -> Path | None:
        """What the tie-breaks `median` and `spread` look at; None where no member marked everything."""
        paths = list(self.members(code).values())
        if not paths:
            return None
        if by == "median":
            return of_sorted(paths, lambda values: median(values, len(values), None))
        return of_sorted(paths, lambda values: max(values) - min(values))

    def _shares(self, bare: Tally) -> tuple[Fraction, Fraction]:
        """Points of the criterion, and of its siblings together."""
        own = Fraction(bare.points[self.node.path])
        if self.parent:
            return own, bare.points[self.parent] - own
        roots = sum((bare.points[root.path] for root in self.contest.category.criteria), start=Fraction(0))
        return own, roots - own

    def _of_members(self, code: str) -> Path:
        """applied_to: totals. Each member's total is straight; the way they are combined changes where two cross."""
        panel = self.contest.category.panel
        first, last = self._at_ends(code)
        if panel.combine in ("mean", "sum"):
            return straight(known(first.total_exact), known(last.total_exact), self.whole)
        paths = [straight(low, high, self.whole) for low, high in zip(_combined(first), _combined(last), strict=True)]

        def combined(values: Sequence[Fraction]) -> Number:
            return COMBINE[panel.combine](values, len(values), panel.drop)

        others = known(first.total_exact) - Fraction(combined([Fraction(each) for each in _combined(first)]))
        return of_sorted(paths, combined).scaled(Fraction(1), others)

    def _at_ends(self, code: str) -> tuple[Tally, Tally]:
        """The entry with the criterion at 0 points, and at all of its parent's."""
        found = self._ends.get(code)
        if found is None:
            contest = self.contest
            entry, cards = contest.entries[code], contest.cards.get(code, ())
            low, high = (Totaller(rules).tally(entry, cards) for rules in self._rules_at_ends)
            found = self._ends[code] = low, high
        return found

    @cached_property
    def _rules_at_ends(self) -> tuple[Category, Category]:
        bare = self.contest.bare_rules
        return with_points(bare, {self.node.path: 0}), with_points(bare, {self.node.path: self.whole})


def _bare(category: Category) -> Category:
    """The rules without what is not straight or hides a total: roundings of points, floor, ceiling, eligibility."""
    rounding = replace(category.rounding, points=None, total=None)
    if category.panel.applied_to == "totals":
        rounding = replace(rounding, combined=None)
    total = replace(category.total, floor=-BEYOND, ceiling=BEYOND)
    return replace(category, rounding=rounding, total=total, eligibility=())


def _combined(tally: Tally) -> Sequence[Number]:
    """The member totals that were combined, of stand-ins too, in the order of members."""
    for step in tally.steps[0].walk():
        if step.operation == "combine" and step.about.get("of") == "totals":
            marks: Sequence[Number] = step.about["marks"]
            return marks
    raise ValueError("no member totals were combined")


def _most_moved(rounding: Rounding | None) -> Fraction:
    """How far one rounding can move a number."""
    if rounding is None:
        return Fraction(0)
    unit = Fraction(1, 10**rounding.places)
    return unit if rounding.mode == "down" else unit / 2
