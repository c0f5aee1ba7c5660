"""Eighty-one dives of the Olympic Games 2016 by the rule file diving (tests/data/diving)."""

from collections import defaultdict

from scoring_rules.engine import evaluate
from scoring_rules.exact import Number, parse_number, shown
from scoring_rules.facts import Card, Entry, Facts
from scoring_rules.operations import known
from scoring_rules.reader import read_rules_file
from tests.contests import EXAMPLES, Compared, compare, rows

RULES = EXAMPLES / "diving" / "2559-r1.yaml"
PANELS = {"A": "execution_a", "B": "execution_b", "S": "synchronisation", "J": "dive"}  # by a judge's letter
JUDGES = {
    "synchronised": ("A1", "A2", "A3", "B1", "B2", "B3", "S1", "S2", "S3", "S4", "S5"),
    "individual": ("J1", "J2", "J3", "J4", "J5", "J6", "J7"),
}


def code_of(dive: dict[str, str]) -> str:
    """The entry that a dive is: event, final place and round."""
    return f"{dive['event']}-{dive['place']}-{dive['round']}"


def given() -> Facts:
    """Each dive as an entry of the category of its degree of difficulty."""
    entries, cards = [], {}
    for kind, judges in JUDGES.items():
        for dive in rows("diving", f"{kind}.csv"):
            code = code_of(dive)
            entries.append(Entry(code, f"{kind}_{dive['difficulty'].replace('.', '_')}", code))
            marks = {judge: {PANELS[judge[0]]: parse_number(dive[judge])} for judge in judges}
            cards[code] = tuple(Card(judge, marks=own) for judge, own in marks.items())
    return Facts(tuple(entries), cards)


def compared() -> list[Compared]:
    """Points of each dive, totals of the medallists (dives added), and who comes first, second and third."""
    published = {code_of(dive): dive["points"] for kind in JUDGES for dive in rows("diving", f"{kind}.csv")}
    rankings = evaluate(read_rules_file(RULES), given()).rankings
    points = {line.entry: known(line.total_exact) for ranking in rankings for line in ranking.standings}
    totals: dict[tuple[str, str], Number] = defaultdict(int)
    for code, value in points.items():
        event, place, _ = code.split("-")
        totals[event, place] += value
    finals = {(row["event"], row["place"]): row["total"] for row in rows("diving", "totals.csv")}
    places = {
        (event, place): str(1 + sum(other > total for (of, _), other in totals.items() if of == event))
        for (event, place), total in totals.items()
    }
    return [
        compare("diving 2016", "points of dives", {code: shown(value, 2) for code, value in points.items()}, published),
        compare("diving 2016", "totals, dives added", {key: shown(total, 2) for key, total in totals.items()}, finals),
        compare("diving 2016", "medals by the totals", places, {key: key[1] for key in finals}),
    ]
