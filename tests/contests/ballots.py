"""Published ballots as rule sets: a ballot is a member, and a place on it is a mark.

What a rule set can say: Borda points, first places, rank sums, their order, and who beats every other one by one.
What it cannot: see CANNOT_SAY.
"""

from collections.abc import Callable, Mapping

from scoring_rules import evaluate
from scoring_rules.exact import plain
from scoring_rules.operations import known
from scoring_rules.results import Ranking
from scoring_rules.rules import Criterion
from tests.contests import Compared, compare, expected, rows
from tests.scoring_rules.build import card, category, entry, facts, marked, panel, rule_set, scale

BALLOTS = ("tennessee", "schulze_45", "three_cycle")
WINES = "winetaster_1998_9x9"
CANNOT_SAY = {
    "pairwise": "how many ballots put one above another belongs to two entries; a rule set gives numbers of one",
    "schulze_rank, schulze_strengths": "the strongest path runs through other pairs; a tie-break compares two directly",
    "kemeny_orders, kemeny_agreements": "the best of all orders is searched for; a rule set computes entry by entry",
    "kendall_W, kendall_p, judge_vs_rest": "they say how far judges agree, and rank nobody",
    "group_rank of rank sums": "a small sum is the better one, a total is better when higher: places are turned round",
}

Ballot = list[str]  # entries, best first


def ballots(name: str) -> list[Ballot]:
    """One list of entries for every voter."""
    return [
        row["order_best_first"].split(">")
        for row in rows("fairness", f"{name}.csv")
        for _ in range(int(row["ballots"]))
    ]


def by_place(name: str, worth: Callable[[int, int], int]) -> Mapping[str, Mapping[str, int]]:
    """{voter: {entry: mark}}, the mark being `worth(place, entries)` with places from 0."""
    return {
        f"V{number:03d}": {code: worth(place, len(ballot)) for place, code in enumerate(ballot)}
        for number, ballot in enumerate(ballots(name), 1)
    }


def ranked(
    marks: Mapping[str, Mapping[str, int]], leaf: Criterion, *, ceiling: int, ties: list[str] | None = None
) -> Ranking:
    """The ranking of one criterion whose mark is its points, summed over all voters."""
    entries = sorted({code for given in marks.values() for code in given})
    cards = {code: [card(voter, {leaf.path: given[code]}) for voter, given in marks.items()] for code in entries}
    rules = category(leaf, panel=panel(combine="sum"), ceiling=ceiling, ties=ties or ["share"])
    return evaluate(rule_set(rules), facts([entry(code) for code in entries], cards)).rankings[0]


def points(name: str, leaf: Criterion, worth: Callable[[int, int], int]) -> Ranking:
    """The ranking by the sum of what each ballot gives."""
    marks = by_place(name, worth)
    return ranked(marks, leaf, ceiling=len(marks) * int(leaf.points))


def borda(name: str) -> Ranking:
    """Last on a ballot is 0 points, and each place above it one more."""
    most = len(ballots(name)[0]) - 1
    return points(name, marked("place", most, on=scale(0, most, 1), worth="as_points"), lambda at, of: of - 1 - at)


def first_places(name: str) -> Ranking:
    """The number of ballots on which an entry is first."""
    return points(name, marked("first", 1, on=scale(0, 1, 1), worth="as_points"), lambda at, of: int(at == 0))


def beats_all(name: str) -> str | None:
    """Who beats every other one by one: every total is held at 1, so that all are tied and `pairwise` decides."""
    marks = by_place(name, lambda at, of: of - 1 - at)
    most = len(next(iter(marks.values()))) - 1
    leaf = marked("place", most, on=scale(0, most, 1), worth="as_points")
    first, *rest = ranked(marks, leaf, ceiling=1, ties=["pairwise", "share"]).standings
    assert {line.total for line in (first, *rest)} == {1}
    return None if first.tied else first.entry


def wine_places(turned: bool) -> Ranking:
    """Nine judges' places of nine wines added up; `turned`: first place is nine points, so that better is higher."""
    marks: dict[str, dict[str, int]] = {}
    for row in rows("fairness", f"{WINES}.csv"):
        place = int(row["rank"])
        marks.setdefault(row["judge"], {})[row["entry"]] = 10 - place if turned else place
    return ranked(marks, marked("place", 9, on=scale(1, 9, 1), worth="as_points"), ceiling=81)


def totals(ranking: Ranking) -> dict[str, str]:
    """Exact totals by entry."""
    return {line.entry: plain(known(line.total_exact)) for line in ranking.standings}


def ranks(ranking: Ranking) -> dict[str, int | None]:
    """Ranks by entry."""
    return {line.entry: line.rank for line in ranking.standings}


def compared() -> list[Compared]:
    """Everything of this module."""
    found = []
    for name in BALLOTS:
        published, by_points = expected(name), borda(name)
        first = {code: str(count) for code, count in published["plurality"].items()}
        found += [
            compare(name, "borda", totals(by_points), published["borda"]),
            compare(name, "borda_rank", ranks(by_points), published["borda_rank"]),
            compare(name, "plurality", totals(first_places(name)), first),
            compare(name, "condorcet_winner", {"winner": beats_all(name)}, {"winner": published["condorcet_winner"]}),
        ]
    published = expected(WINES)
    sums = {code: str(value) for code, value in published["rank_sum"].items()}
    found.append(compare(WINES, "rank_sum", totals(wine_places(turned=False)), sums))
    found.append(compare(WINES, "group_rank", ranks(wine_places(turned=True)), published["group_rank"]))
    return found
