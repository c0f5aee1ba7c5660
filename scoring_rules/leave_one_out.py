"""How much hangs on one member: every ranking once more without each member in turn. A trial; nothing is stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from scoring_rules.engine import EarlierResults, evaluate
from scoring_rules.facts import Facts
from scoring_rules.results import Evaluation, Ranking
from scoring_rules.rules import RuleSet
from scoring_rules.whatif import Variant, list_members, try_facts


@dataclass(frozen=True, slots=True)
class RankChange:
    """An entry's rank with all members and without one; None where it has none (quorum holds as written)."""

    entry: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class RankRange:
    """The ranks an entry takes when each member in turn is left out. `best` and `worst`: None where it has none at all.

    `now` is its rank with all members; `unranked_without` names members without whom it has no rank.
    """

    category: str
    group: str
    entry: str
    now: int | None
    best: int | None
    worst: int | None
    unranked_without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeaveOneOut:
    """`changes`: by category, group and member, the entries whose rank is another without that member (also nobody)."""

    changes: Mapping[tuple[str, str, str], tuple[RankChange, ...]]
    ranges: tuple[RankRange, ...]


def leave_one_out(
    rules: RuleSet,
    facts: Facts,
    *,
    stage: str,
    category: str | None = None,
    group: str | None = None,
    earlier: EarlierResults | None = None,
    evaluation: Evaluation | None = None,
) -> LeaveOneOut:
    """Each member who has a card in a ranking left out of it in turn, as in a trial: the seat is gone, quorum holds.

    `evaluation` is that of the same rules and facts, where it is known already. Raises FactsRefused as `evaluate` does.
    """
    if evaluation is None:
        evaluation = evaluate(rules, facts, stage=stage, category=category, earlier=earlier)
    changes: dict[tuple[str, str, str], tuple[RankChange, ...]] = {}
    ranges: list[RankRange] = []
    for ranking in evaluation.rankings_of(stage=stage, category=category, group=group):
        before = {line.entry: line.rank for line in ranking.standings}
        without = dict(_without_each(rules, _of(ranking, facts), ranking, earlier))
        for member, ranks in without.items():
            changes[ranking.category, ranking.group, member] = tuple(
                RankChange(entry, rank, ranks[entry]) for entry, rank in before.items() if ranks[entry] != rank
            )
        ranges += [_range(ranking, entry, before[entry], without) for entry in before]
    return LeaveOneOut(changes, tuple(ranges))


def _of(ranking: Ranking, facts: Facts) -> Facts:
    """The facts of one ranking only: the others need not be counted again."""
    listed = {line.entry for line in ranking.standings}
    here = (ranking.category, ranking.stage, ranking.group)
    return replace(
        facts,
        entries=tuple(entry for entry in facts.entries if entry.code in listed),
        cards={code: cards for code, cards in facts.cards.items() if code in listed},
        resolutions=tuple(each for each in facts.resolutions if (each.category, each.stage, each.group) == here),
    )


def _without_each(
    rules: RuleSet, facts: Facts, ranking: Ranking, earlier: EarlierResults | None
) -> Iterator[tuple[str, dict[str, int | None]]]:
    for member in list_members(facts):
        trial = evaluate(
            rules,
            try_facts(facts, Variant(without=(member,))),
            stage=ranking.stage,
            category=ranking.category,
            earlier=earlier,
        )
        again = trial.ranking(category=ranking.category, stage=ranking.stage, group=ranking.group)
        yield member, {line.entry: line.rank for line in again.standings}


def _range(ranking: Ranking, entry: str, now: int | None, without: Mapping[str, Mapping[str, int | None]]) -> RankRange:
    ranks = [rank for each in without.values() if (rank := each[entry]) is not None]
    unranked = tuple(member for member, each in without.items() if each[entry] is None) if now is not None else ()
    return RankRange(
        category=ranking.category,
        group=ranking.group,
        entry=entry,
        now=now,
        best=min(ranks, default=None),
        worst=max(ranks, default=None),
        unranked_without=unranked,
    )
