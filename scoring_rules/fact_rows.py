"""Facts as the tables that `award rank` reads: the way back from `fact_files.read_facts`."""

from collections.abc import Iterable, Iterator, Sequence

from scoring_rules.exact import plain
from scoring_rules.fact_entries import ATTRIBUTES
from scoring_rules.fact_tables import Table
from scoring_rules.facts import Card, Facts
from scoring_rules.marks import mark_places
from scoring_rules.rules import RuleSet

Rows = Iterable[Sequence[str]]


def tables_of(rules: RuleSet, facts: Facts, *, invented: bool = False) -> dict[str, Table]:
    """entries, marks (wide), and recusals and resolutions where there are any; lines by code, so always the same.

    `invented` marks each entry as made up. Read again, the tables give facts with the same fingerprint as long as
    labels and reasons are one line of tidy text.
    """
    entries = _entries(rules, facts, invented=invented)
    tables = {"entries": _table("entries", entries), "marks": _table("marks", _marks(rules, facts))}
    excused = [(code, card) for code, card in _cards(facts) if card.state != "standing"]
    if excused:
        rows = [[code, card.member, card.state, card.reason] for code, card in excused]
        tables["recusals"] = _table("recusals", [["entry", "member", "kind", "reason"], *rows])
    if facts.resolutions:
        decided = sorted([r.category, r.stage, r.group, "|".join(r.order), r.reason] for r in facts.resolutions)
        tables["resolutions"] = _table("resolutions", [["category", "stage", "group", "order", "reason"], *decided])
    return tables


def _table(name: str, rows: Rows) -> Table:
    header, *lines = rows
    return Table(name, tuple(header), [(line, tuple(cells)) for line, cells in enumerate(lines, start=2)])


def _entries(rules: RuleSet, facts: Facts, *, invented: bool) -> Iterator[list[str]]:
    known = dict.fromkeys(field.code for category in rules.categories for field in category.fields)
    given = {code for entry in facts.entries for code in entry.fields}
    fields = [code for code in known if code in given]
    said, says = (["invented"], ["1"]) if invented else ([], [])
    yield ["entry", "category", "label", *ATTRIBUTES, "status", *said, *fields]
    for entry in sorted(facts.entries, key=lambda each: each.code):
        places = [entry.attributes.get(name, "") for name in ATTRIBUTES]
        numbers = [plain(entry.fields[code]) if code in entry.fields else "" for code in fields]
        yield [entry.code, entry.category, entry.label, *places, entry.state, *says, *numbers]


def _marks(rules: RuleSet, facts: Facts) -> Iterator[list[str]]:
    paths = list(dict.fromkeys(path for category in rules.categories for path in mark_places(category)))
    yield ["entry", "member", *paths]
    for code, card in _cards(facts):
        if card.state == "standing":
            yield [code, card.member, *(plain(card.marks[path]) if path in card.marks else "" for path in paths)]


def _cards(facts: Facts) -> Iterator[tuple[str, Card]]:
    for code in sorted(facts.cards):
        for card in sorted(facts.cards[code], key=lambda each: each.member):
            yield code, card
