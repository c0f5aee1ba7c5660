"""How long ranks take, and how that compares with the plain reimplementation that the tests hold the engine to.

    .venv/bin/python -m bench.engine [--rounds 5] [--entries 10000] [--seed 2564]

The demo round's 380 entries by the three 2564 rule sets, each explained in Thai; then invented contests of
76 x 5 x 8 and 10,000 x 5 x 10. What is compared is compared first: same ranks, same totals.
"""

import argparse
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

from award.db.engine import Database
from award.db.schema import upgrade_schema
from award.demo import load_demo
from award.evaluation import collect_facts, rules_of
from award.queries.cycles import list_award_cycles
from bench.machine import in_turns, machine, peak, ratio, spread
from scoring_rules.engine import evaluate
from scoring_rules.explain import explain
from scoring_rules.facts import Card, Facts
from scoring_rules.results import Evaluation
from scoring_rules.rules import RuleSet
from tests.scoring_rules import plain
from tests.scoring_rules.build import category, entry, facts, inner, marked, rule_set, scale


def demo_contests() -> list[tuple[RuleSet, Facts]]:
    """The three awards of the demo round, collected from a real database."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "award.sqlite3")
        upgrade_schema(database)
        load_demo(database)
        with database.reading() as db:
            found = [
                (rules_of(award.rules_text), collect_facts(db, award_cycle=award, stage="zone"))
                for award in list_award_cycles(db)
            ]
        database.close()
    return found


def contest(*, entries: int, members: int, criteria: int, seed: int) -> tuple[RuleSet, Facts]:
    """Whole marks 0 to 10 on `criteria` leaves under two nodes; equal totals share a rank."""
    chance = random.Random(seed)
    leaves = [marked(f"d{number % 2 + 1}/c{number}", 100 // criteria, on=scale(0, 10)) for number in range(criteria)]
    roots = [inner(code, *(leaf for leaf in leaves if leaf.path.startswith(code))) for code in ("d1", "d2")]
    rules = rule_set(category(*roots, ties=["share"]))
    codes = [f"e{number:06d}" for number in range(entries)]
    cards = {
        code: [Card(f"m{seat}", marks={leaf.path: chance.randint(3, 10) for leaf in leaves}) for seat in range(members)]
        for code in codes
    }
    return rules, facts([entry(code) for code in codes], cards)


def plainly(rules: RuleSet, given: Facts) -> dict[str, object]:
    """Every total by the plain reimplementation, a hundred entries at a time: it ranks each against every other."""
    totals: dict[str, object] = {}
    for first in range(0, len(given.entries), 100):
        some = Facts(given.entries[first : first + 100], given.cards)
        totals |= {code: total for code, (_, total) in plain.standings(rules.categories[0], some).items()}
    return totals


def check_same(rules: RuleSet, given: Facts) -> None:
    """What is compared in time must be the same work: ends the bench where a total or a rank differs."""
    lines = evaluate(rules, given).rankings[0].standings
    totals = plainly(rules, given)
    order = sorted(totals.values(), reverse=True)  # type: ignore[type-var]
    ranks = {total: order.index(total) + 1 for total in set(order)}
    if {line.entry: (line.rank, line.total) for line in lines} != {e: (ranks[t], t) for e, t in totals.items()}:
        raise SystemExit("engine and plain reimplementation differ: nothing to compare")


def explain_all(evaluations: list[Evaluation]) -> int:
    """Every standing told in Thai; the number of lines."""
    return sum(
        len(explain(line, "th"))
        for evaluation in evaluations
        for ranking in evaluation.rankings
        for line in ranking.standings
    )


def bench_demo(rounds: int) -> None:
    contests = demo_contests()

    def evaluate_all() -> list[Evaluation]:
        return [evaluate(rules, given, stage="zone") for rules, given in contests]

    evaluations = evaluate_all()
    works: dict[str, Callable[[], object]] = {
        "evaluate": evaluate_all,
        "explain": lambda: explain_all(evaluations),
        "result as JSON": lambda: [each.to_json() for each in evaluations],
        "facts as JSON": lambda: [given.to_json() for _, given in contests],
    }
    entries = sum(len(given.entries) for _, given in contests)
    cards = sum(len(each) for _, given in contests for each in given.cards.values())
    print(f"\ndemo round: {entries} entries, {cards} cards, {explain_all(evaluations):,} lines of explanation")
    for name, times in zip(works, in_turns(rounds, *works.values()), strict=True):
        print(f"{name:>26}: {spread(times)}")
    print(f"{'peak of evaluate + explain':>26}: {peak(lambda: explain_all(evaluate_all())):.1f} MiB")


def bench_contest(rounds: int, *, entries: int, members: int, criteria: int, seed: int) -> None:
    rules, given = contest(entries=entries, members=members, criteria=criteria, seed=seed)
    check_same(rules, given)
    ours, theirs = in_turns(rounds, lambda: evaluate(rules, given), lambda: plainly(rules, given))
    print(f"\n{entries:,} entries x {members} members x {criteria} criteria")
    print(f"{'evaluate, with steps':>26}: {spread(ours)}")
    print(f"{'plain reimplementation':>26}: {spread(theirs)}")
    print(f"{'ratio':>26}: {ratio(ours, theirs):.2f}")
    explained = [evaluate(rules, given)]
    (told,) = in_turns(min(rounds, 3), lambda: explain_all(explained))
    print(f"{'explain all':>26}: {spread(told)}")
    print(f"{'peak of evaluate':>26}: {peak(lambda: evaluate(rules, given)):.1f} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description="seconds, peak memory, ratio to the plain reimplementation")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--entries", type=int, default=10_000, help="of the large contest")
    parser.add_argument("--seed", type=int, default=2564)
    asked = parser.parse_args()
    print(machine("ruamel.yaml"))
    print("seconds of processor time: median (lowest-highest)")
    bench_demo(asked.rounds)
    bench_contest(max(asked.rounds, 20), entries=76, members=5, criteria=8, seed=asked.seed)
    bench_contest(min(asked.rounds, 3), entries=asked.entries, members=5, criteria=10, seed=asked.seed)


if __name__ == "__main__":
    main()
