"""A ski-jumping competition of two rounds by the rule file ski_jumping (tests/data/ski_jumping)."""

from scoring_rules.engine import Earlier, evaluate
from scoring_rules.exact import parse_number, shown
from scoring_rules.facts import Card, Entry, Facts
from scoring_rules.operations import known
from scoring_rules.reader import read_rules_file
from scoring_rules.results import Ranking
from tests.contests import EXAMPLES, Compared, compare, rows

RULES = EXAMPLES / "ski_jumping" / "2556-r1.yaml"
HILL, JUDGES, FIELDS = "large_hill_k120", "ABCDE", ("distance", "gate_points", "wind_points")


def jumps(round_number: str) -> dict[str, dict[str, str]]:
    """The published jumps of a round, by jumper."""
    return {row["jumper"]: row for row in rows("ski_jumping", "jumps.csv") if row["round"] == round_number}


def given(round_number: str) -> Facts:
    """The facts of a round: distance, gate and wind points, and five marks of style."""
    entries, cards = [], {}
    for code, jump in jumps(round_number).items():
        entries.append(Entry(code, HILL, code, fields={name: parse_number(jump[name]) for name in FIELDS}))
        cards[code] = tuple(Card(judge, marks={"style": parse_number(jump[judge])}) for judge in JUDGES)
    return Facts(tuple(entries), cards)


def both_rounds() -> tuple[Ranking, Ranking]:
    """Round 1, and round 2 of those who went on, carrying what they had."""
    rules = read_rules_file(RULES)
    second = evaluate(rules, given("2"), stage="round_2", category=HILL, earlier=earlier()).rankings[0]
    return first_round(), second


def first_round() -> Ranking:
    """Round 1."""
    return evaluate(read_rules_file(RULES), given("1"), stage="round_1", category=HILL).rankings[0]


def earlier() -> dict[tuple[str, str], Earlier]:
    """What each jumper has from round 1."""
    return {("round_1", line.entry): Earlier(line.total_exact, line.advances) for line in first_round().standings}


def compared() -> list[Compared]:
    """Points and places of round 1, who goes on, points of both rounds and final places."""
    first, second = both_rounds()
    rules, before = read_rules_file(RULES), jumps("1")
    alone = evaluate(rules, given("2"), stage="round_1", category=HILL).rankings[0]  # by themselves
    final = {row["jumper"]: row for row in rows("ski_jumping", "final.csv")}
    name = "ski jumping 2013"
    return [
        *(
            compare(name, f"{what}, round {number}", ours, {code: jump[column] for code, jump in jumps(number).items()})
            for number, ranking in (("1", first), ("2", alone))
            for what, column, ours in (
                ("points", "points", {line.entry: shown(known(line.total), 1) for line in ranking.standings}),
                ("places", "place_in_round", {line.entry: str(line.rank) for line in ranking.standings}),
            )
        ),
        compare(
            name,
            "who goes on",
            {line.entry: line.advances for line in first.standings},
            {code: code in final for code in before},
        ),
        compare(
            name,
            "points of both rounds",
            {line.entry: shown(known(line.total_exact) * 2, 1) for line in second.standings},
            {code: row["points"] for code, row in final.items()},
        ),
        compare(
            name,
            "final places",
            {line.entry: str(line.rank) for line in second.standings},
            {code: row["place"] for code, row in final.items()},
        ),
    ]
