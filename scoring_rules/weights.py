"""Between which points a criterion could lie without another winner, or others going on: exact, one weight at a time.

Moving a weight means what it means in a trial (`rescale`): the criterion gets other points, from 0 to all that its
parent has, and its siblings share the rest in proportion. Nothing is claimed that is not proven: where rules round on
the way to the total, the interval is what is certain and `proven` is False.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from scoring_rules.engine import EarlierResults, evaluate
from scoring_rules.exact import Number, simplest
from scoring_rules.facts import Facts
from scoring_rules.lines import Path
from scoring_rules.results import Evaluation, Ranking
from scoring_rules.rules import Category, Criterion, RuleSet, Stage
from scoring_rules.totals import Carry
from scoring_rules.weight_contest import Contest, Moved
from scoring_rules.weight_walk import End, Outcome, Walk, What
from scoring_rules.words import Words

ROUNDED_ON_THE_WAY = Words(
    "เกณฑ์ปัดเศษก่อนรวมคะแนน จึงบอกได้เฉพาะช่วงที่แน่นอน ไม่ใช่ช่วงทั้งหมด",
    "The rules round before the total: only what is certain is told, not the whole interval.",
)
TOO_CLOSE = Words(
    "มีผลงานที่คะแนนใกล้กันมากตลอดช่วง จึงตรวจได้ไม่ครบทุกจุด",
    "Entries stay so close together that not every place could be checked.",
)


@dataclass(frozen=True, slots=True)
class Interval:
    """Points from `low` to `high`; `low_included`, `high_included`: whether the ends belong to it."""

    low: Number
    high: Number
    low_included: bool
    high_included: bool

    def holds(self, points: Number) -> bool:
        """Whether `points` lie in the interval."""
        above = points > self.low or (self.low_included and points == self.low)
        return above and (points < self.high or (self.high_included and points == self.high))


@dataclass(frozen=True, slots=True)
class Change:
    """What changes at one end: at `points` exactly, or (`beyond`) as soon as they are passed."""

    points: Number
    beyond: bool
    comes: tuple[str, ...]
    goes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stability:
    """How far one criterion's points could be moved while the same entries win (or go on).

    `points` are those of today and `whole` the parent's. `below` and `above` say what changes at each end: None where
    nothing does, or where it is not proven (then `reason` says why).
    """

    category: str
    group: str
    criterion: Criterion
    what: What
    who: tuple[str, ...]
    points: Number
    whole: Number
    interval: Interval
    below: Change | None
    above: Change | None
    proven: bool
    reason: Words | None = None


def weight_stability(
    rules: RuleSet,
    facts: Facts,
    *,
    stage: str,
    category: str | None = None,
    group: str | None = None,
    earlier: EarlierResults | None = None,
    evaluation: Evaluation | None = None,
    roots_only: bool = False,
    winner_only: bool = False,
) -> tuple[Stability, ...]:
    """Every criterion that has siblings, of every category and group (or those asked for), in file order.

    `evaluation` is that of the same rules and facts, where it is known already. "winner" is the set of rank 1,
    "advances" the set that goes on, where the stage names how many. Raises FactsRefused as `evaluate` does.
    """
    if evaluation is None:
        evaluation = evaluate(rules, facts, stage=stage, category=category, earlier=earlier)
    now = rules.stage(stage)
    found: list[Stability] = []
    for ranking in evaluation.rankings_of(stage=stage, category=category, group=group):
        kind = rules.category(ranking.category)
        contest = Contest(kind, now, ranking, facts, _carries(now, ranking, earlier))
        for node in _with_siblings(kind, roots_only=roots_only):
            found += _of_node(contest, now, ranking, node, winner_only=winner_only)
    return tuple(found)


def _of_node(
    contest: Contest, stage: Stage, ranking: Ranking, node: Criterion, *, winner_only: bool
) -> Iterator[Stability]:
    moved = Moved(contest, node)
    codes = [line.entry for line in ranking.standings if line.rank is not None or contest.bounds]
    totals = {code: moved.total(code) for code in codes if code in contest.bare}
    winner = Outcome(ranking, "winner", 1, bounds=contest.bounds)
    if not winner.now:
        return
    found = _stability(moved, winner, totals)
    yield found
    if stage.advance is None or winner_only:
        return
    goes_on = Outcome(ranking, "advances", stage.advance, bounds=contest.bounds)
    if not goes_on.below and not goes_on.border and not contest.bounds:
        yield _whole(moved, goes_on)
    elif stage.advance == 1 and goes_on.is_like(winner) and _by_one(found) and not contest.bounds:
        yield replace(found, what="advances")  # one goes on, and it is the winner, also beyond the ends
    else:
        yield _stability(moved, goes_on, totals)


def _stability(moved: Moved, outcome: Outcome, totals: dict[str, Path]) -> Stability:
    walk = Walk(moved, outcome, totals)
    low, high = walk.end(Fraction(0)), walk.end(moved.whole)
    proven = low.proven and high.proven
    reason = None if proven else TOO_CLOSE if moved.contest.slack == 0 else ROUNDED_ON_THE_WAY
    interval = Interval(simplest(low.at), simplest(high.at), low.included, high.included)
    return _said(moved, outcome, interval, _change(low, outcome), _change(high, outcome), reason)


def _by_one(found: Stability) -> bool:
    """Whether one entry alone wins, on the interval and beyond its ends (of entries that are equal, none may go on)."""
    changes = (each for each in (found.below, found.above) if each is not None)
    return len(found.who) == 1 and all(len(each.comes) == len(each.goes) == 1 for each in changes)


def _whole(moved: Moved, outcome: Outcome) -> Stability:
    """Everybody who may goes on, whatever the weights."""
    return _said(moved, outcome, Interval(0, simplest(moved.whole), True, True), None, None, None)


def _said(
    moved: Moved, outcome: Outcome, interval: Interval, below: Change | None, above: Change | None, reason: Words | None
) -> Stability:
    return Stability(
        category=moved.contest.category.code,
        group=moved.contest.ranking.group,
        criterion=moved.node,
        what=outcome.what,
        who=tuple(sorted(outcome.now)),
        points=moved.node.points,
        whole=simplest(moved.whole),
        interval=interval,
        below=below,
        above=above,
        proven=reason is None,
        reason=reason,
    )


def _change(end: End, outcome: Outcome) -> Change | None:
    if end.after is None:
        return None
    comes, goes = sorted(end.after - outcome.now), sorted(outcome.now - end.after)
    return Change(simplest(end.at), end.included, tuple(comes), tuple(goes))


def _with_siblings(category: Category, *, roots_only: bool) -> Iterator[Criterion]:
    """Criteria whose points can be moved: their parent has other parts with points."""
    families = [category.criteria]
    if not roots_only:
        families += [node.parts for node in category.nodes() if node.parts]
    for family in families:
        whole = sum(node.points for node in family)
        yield from (node for node in family if 0 < node.points < whole)


def _carries(stage: Stage, ranking: Ranking, earlier: EarlierResults | None) -> dict[str, Carry | None]:
    if stage.carries is None:
        return {}
    found: dict[str, Carry | None] = {}
    for line in ranking.standings:
        left = (earlier or {}).get((stage.carries.stage, line.entry))
        found[line.entry] = Carry(stage.carries, left.total_exact if left else None)
    return found
