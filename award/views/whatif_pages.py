"""What the trial page shows: who would move, how far each weight may move, what hangs on one member. Values only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from award.evaluation import Recalculation
from award.forms.whatif import TrialForm
from exports.whatif_text import range_said
from scoring_rules.exact import Number, plain, shown
from scoring_rules.facts import Facts
from scoring_rules.leave_one_out import RankRange, leave_one_out
from scoring_rules.moves import Move, moves
from scoring_rules.results import Evaluation, Standing
from scoring_rules.rules import Category
from scoring_rules.weight_words import change_said, interval_said, points_text
from scoring_rules.weights import Change, Interval, Stability, weight_stability
from scoring_rules.whatif import list_members, points_of, tried, try_out, try_rules

STRIP = 200  # width of the strip that pictures a weight


@dataclass(frozen=True, slots=True)
class Mover:
    """One entry that would stand elsewhere. `up`: by how many ranks, below 0 for down, None where a rank is missing."""

    entry: str
    label: str
    group: str
    before: Standing | None
    after: Standing | None
    up: int | None
    totals: tuple[str, str]


@dataclass(frozen=True, slots=True)
class WeightRow:
    """One criterion's weight in words, and as places on a strip STRIP wide."""

    label: str
    path: str
    points: str
    whole: str
    said: str
    changes: tuple[str, ...]
    reason: str
    proven: bool
    now: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class TrialPage:
    """All of it. `tried` is empty where nothing is; `same`: entries that keep their rank, tier and going on."""

    category: Category
    group: str
    members: tuple[str, ...]
    points: Mapping[str, str]  # by path: what a criterion would have, where that is not what it has
    tried: tuple[str, ...]
    movers: tuple[Mover, ...]
    same: int
    winners: tuple[str, ...]  # rank 1 of the chosen group now
    groups: int  # rankings looked at
    weights: tuple[WeightRow, ...]
    ranges: tuple[tuple[RankRange, str], ...]  # only entries whose rank hangs on one member, with it in words
    steady: int  # entries that keep their rank whoever is left out


def members_of(facts: Facts, evaluation: Evaluation, *, category: str, group: str) -> tuple[str, ...]:
    """Members who have a card in the rankings looked at."""
    listed = {
        line.entry
        for ranking in evaluation.rankings
        if ranking.category == category and group in ("", ranking.group)
        for line in ranking.standings
    }
    return tuple(list_members(replace(facts, cards={c: cards for c, cards in facts.cards.items() if c in listed})))


def open_trial(
    again: Recalculation,
    form: TrialForm,
    *,
    stage: str,
    category: Category,
    group: str,
    names: Mapping[str, str],
    groups: Mapping[str, str],
    seats: Mapping[str, str],
    language: str,
) -> TrialPage:
    """The page for one category, of one group or (empty) of all. `names`: what entries are called, `groups` groups,
    `seats` members.

    Raises TrialRefused for what cannot be tried.
    """
    rankings = tuple(each for each in again.evaluation.rankings if each.category == category.code)
    here = tuple(each for each in rankings if group in ("", each.group))
    now = replace(again.evaluation, rankings=rankings)
    variant = form.variant
    found: Sequence[Move] = ()
    if variant and not form.errors:
        trial = try_out(
            again.rules, again.facts, variant, stage=stage, category=category.code, earlier=again.earlier, before=now
        )
        found = [each for each in moves(trial.before, trial.after) if group in ("", each.group)]
    movers = tuple(_mover(each, category.rounding.places) for each in found if _stands_elsewhere(each))
    stability = weight_stability(
        again.rules,
        again.facts,
        stage=stage,
        category=category.code,
        group=group or None,
        earlier=again.earlier,
        evaluation=now,
        roots_only=not group and len(here) > 1,
        winner_only=True,
    )
    left_out = leave_one_out(
        again.rules, again.facts, stage=stage, category=category.code, group=group or None, earlier=again.earlier,
        evaluation=now,
    )  # fmt: skip
    hanging = [each for each in left_out.ranges if each.now is not None and not _steady(each)]
    return TrialPage(
        category=category,
        group=group,
        members=members_of(again.facts, now, category=category.code, group=group),
        points=_points_then(again, form, category),
        tried=tuple(_tried(again, form, seats, language)),
        movers=movers,
        same=sum(len(ranking.standings) for ranking in here) - len(movers),
        winners=tuple(line.entry for each in here for line in each.standings if line.rank == 1),
        groups=len(here),
        weights=tuple(_weight_rows(stability, [node.path for node in category.nodes()], names, groups, language)),
        ranges=tuple(
            (each, range_said(each, lambda code: seats.get(code, code)).in_language(language)) for each in hanging
        ),
        steady=sum(each.now is not None for each in left_out.ranges) - len(hanging),
    )


def _tried(again: Recalculation, form: TrialForm, seats: Mapping[str, str], language: str) -> Iterable[str]:
    if form.errors:
        return ()
    told = tried(again.rules, form.variant, name=lambda code: seats.get(code, code))
    return (each.in_language(language) for each in told)


def _steady(each: RankRange) -> bool:
    return each.best == each.worst == each.now and not each.unranked_without


def _points_then(again: Recalculation, form: TrialForm, category: Category) -> dict[str, str]:
    if form.errors or not points_of(category, form.variant):
        return {}
    then = try_rules(again.rules, form.variant).category(category.code)
    return {
        node.path: points_text(node.points)
        for node in then.nodes()
        if node.points != category.criterion(node.path).points
    }


def _stands_elsewhere(move: Move) -> bool:
    def told(line: Standing | None) -> tuple[object, ...]:
        return () if line is None else (line.rank, line.status, line.tier, line.advances)

    return told(move.before) != told(move.after)


def _mover(move: Move, places: int) -> Mover:
    before, after = move.before, move.after
    ranks = (before.rank if before else None), (after.rank if after else None)
    up = None if ranks[0] is None or ranks[1] is None else ranks[0] - ranks[1]
    totals = [shown(line.total, places) if line and line.total is not None else "–" for line in (before, after)]
    return Mover(move.entry, move.label, move.group, before, after, up, (totals[0], totals[1]))


def _weight_rows(
    found: Iterable[Stability], order: Sequence[str], names: Mapping[str, str], groups: Mapping[str, str], language: str
) -> Iterable[WeightRow]:
    """One row for each criterion, in this order: of the one group, or of all groups together (the narrowest)."""
    by_path: dict[str, list[Stability]] = {}
    for each in found:
        by_path.setdefault(each.criterion.path, []).append(each)
    for path, of_groups in sorted(by_path.items(), key=lambda each: order.index(each[0])):
        narrowest, ends = _together(of_groups)
        changes = []
        for stability, change in ends:
            said = change_said(stability, change, lambda code: names.get(code, code)).in_language(language)
            named = groups.get(stability.group, stability.group) if len(of_groups) > 1 else ""
            changes.append(f"{named}: {said}" if named else said)
        whole, interval = Fraction(narrowest.whole), narrowest.interval
        yield WeightRow(
            label=narrowest.criterion.label.in_language(language),
            path=path,
            points=plain(narrowest.points),
            whole=plain(narrowest.whole),
            said=interval_said(narrowest).in_language(language),
            changes=tuple(changes),
            reason=narrowest.reason.in_language(language) if narrowest.reason else "",
            proven=narrowest.proven,
            now=_place(narrowest.points, whole),
            low=_place(interval.low, whole),
            high=_place(interval.high, whole),
        )


def _together(found: Sequence[Stability]) -> tuple[Stability, list[tuple[Stability, Change]]]:
    """Where every group keeps its winner: the intersection of intervals, and what changes first at each end."""
    low = max(found, key=lambda each: (each.interval.low, not each.interval.low_included))
    high = min(found, key=lambda each: (each.interval.high, each.interval.high_included))
    interval = Interval(low.interval.low, high.interval.high, low.interval.low_included, high.interval.high_included)
    reason = next((each.reason for each in found if each.reason), None)
    whole = replace(found[0], interval=interval, proven=reason is None, reason=reason)
    ends = [(low, low.below), (high, high.above)]
    return whole, [(stability, change) for stability, change in ends if change is not None]


def _place(points: Number, whole: Fraction) -> int:
    """For drawing only."""
    return int(points * STRIP / whole)
