"""How long ranks take, beside the plain reimplementation that the tests hold the engine to and a bare integer loop.

    .venv/bin/python -m bench.engine [--rounds 5] [--entries 100000] [--seed 2564]

The demo round's 380 entries by the three 2564 rule sets, each explained in Thai; then invented contests of 76 x 5 x 8,
and 76, 2,000 and 100,000 x 5 x 10 (some three minutes). What is compared is compared first: same ranks, same totals.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
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
from scoring_rules.results import Evaluation, Standing
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
    """Every total by the plain reimplementation, in rationals; it is not asked for ranks."""
    award = rules.categories[0]
    return {entry.code: plain.tally(award, entry, given.cards[entry.code]).total for entry in given.entries}


def barely(given: Facts, weights: Mapping[str, int]) -> dict[str, int]:
    """Every entry's rank by ints alone: marks times weights added and sorted; nothing checked, kept or explained."""
    totals = [
        (sum(weights[path] * mark for card in given.cards[entry.code] for path, mark in card.marks.items()), entry.code)
        for entry in given.entries
    ]
    ranks: dict[str, int] = {}
    above, rank = None, 0
    for place, (total, code) in enumerate(sorted(totals, reverse=True), start=1):
        rank = rank if total == above else place
        above, ranks[code] = total, rank
    return ranks


def check_same(rules: RuleSet, given: Facts, weights: Mapping[str, int]) -> tuple[Standing, ...]:
    """What is compared in time must be the same work: ends the bench where a rank, or one of 2,000 totals, differs."""
    lines = evaluate(rules, given).rankings[0].standings
    if {line.entry: line.rank for line in lines} != barely(given, weights):
        raise SystemExit("engine and integer loop differ: nothing to compare")
    some = Facts(given.entries[:2_000], given.cards)
    totals = {line.entry: line.total for line in lines}
    if any(totals[code] != total for code, total in plainly(rules, some).items()):
        raise SystemExit("engine and plain reimplementation differ: nothing to compare")
    return lines


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
    weights = {leaf.path: int(leaf.points) for leaf in rules.categories[0].leaves}
    walls: list[float] = []

    def ours() -> None:
        began = time.perf_counter()
        evaluate(rules, given)
        walls.append(time.perf_counter() - began)

    took, bare_took = in_turns(rounds, ours, lambda: barely(given, weights))
    (plain_took,) = in_turns(1 if entries > 10_000 else rounds, lambda: plainly(rules, given))
    lines = check_same(rules, given, weights)
    marks = entries * members * criteria
    print(f"\n{entries:,} entries x {members} members x {criteria} criteria = {marks:,} marks; {rounds} rounds")
    print(f"{'evaluate':>26}: {spread(took)}; wall {spread(walls)}")
    print(f"{'marks per second':>26}: {marks / statistics.median(took):,.0f}")
    print(f"{'integer loop':>26}: {spread(bare_took)}; evaluate takes {ratio(took, bare_took):.1f} times that")
    print(
        f"{'plain reimplementation':>26}: {spread(plain_took)}; evaluate takes {ratio(took, plain_took):.2f} times that"
    )
    some = lines[:: max(1, entries // 1_000)]
    (told,) = in_turns(min(rounds, 3), lambda: [explain(line, "th") for line in some])
    print(f"{'explain one entry':>26}: {spread([each / len(some) for each in told])}")
    print(f"{'peak of evaluate':>26}: {peak(lambda: evaluate(rules, given)):.1f} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description="seconds, peak memory, ratio to the plain reimplementation")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--entries", type=int, default=100_000, help="of the largest contest")
    parser.add_argument("--seed", type=int, default=2564)
    asked = parser.parse_args()
    print(machine("ruamel.yaml"))
    print("seconds of processor time unless another is named: median (lowest-highest)")
    bench_demo(asked.rounds)
    for entries, criteria in ((76, 8), (76, 10), (2_000, 10), (asked.entries, 10)):
        rounds = asked.rounds if entries >= 1_000 else max(asked.rounds, 20)
        bench_contest(rounds, entries=entries, members=5, criteria=criteria, seed=asked.seed)


if __name__ == "__main__":
    main()
