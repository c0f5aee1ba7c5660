"""A mark changed in the spreadsheet moves totals, ranks and tiers there as it moves them in the engine."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from exports.ranking_workbook import ranking_workbook
from scoring_rules.engine import evaluate
from scoring_rules.exact import Number, simplest
from scoring_rules.facts import Facts
from scoring_rules.rules import Category, MarksSource
from tests.random_facts import Contest, contest
from tests.recalculate import Where, Written, by_ironcalc, formulas, values, with_value
from tests.recalculated import MADE, workbook_of


@pytest.mark.parametrize("first", range(300, 320, 5))
def test_a_mark_changed_in_the_spreadsheet_moves_it_as_it_moves_the_engine(first):
    moved = 0
    for seed in range(first, first + 5):
        made = contest(seed)
        changed = _with_another_mark(made, Random(seed))
        if changed is not None:
            moved += _moves_alike(made, changed, seed)
    assert moved


def _with_another_mark(made: Contest, chance: Random) -> Facts | None:
    """The facts with one mark changed or taken away; None where nobody marked."""
    evaluation = evaluate(made.rules, made.facts, stage=made.stage, earlier=made.earlier)
    listed = {standing.entry for ranking in evaluation.rankings for standing in ranking.standings}
    places = [
        (entry.code, number, place)
        for entry in made.facts.entries
        if entry.code in listed
        for number, card in enumerate(made.facts.cards.get(entry.code, ()))
        if card.state == "standing"
        for place in sorted(card.marks)
    ]
    if not places:
        return None
    entry, number, place = chance.choice(places)
    cards = list(made.facts.cards[entry])
    marks = dict(cards[number].marks)
    others = _marks_on(made.rules.category(_category(made, entry)), place) - {marks[place]}
    if not others or chance.random() < 0.25:
        del marks[place]
    else:
        marks[place] = chance.choice(sorted(others))
    cards[number] = replace(cards[number], marks=marks)
    return replace(made.facts, cards={**made.facts.cards, entry: tuple(cards)})


def _category(made: Contest, entry: str) -> str:
    return next(each.category for each in made.facts.entries if each.code == entry)


def _marks_on(category: Category, place: str) -> set[Number]:
    for leaf in category.leaves:
        if leaf.path == place and isinstance(leaf.source, MarksSource):
            scale = leaf.source.scale
            steps = int((scale.to - scale.from_) / scale.step)
            return {simplest(Fraction(scale.from_ + scale.step * step)) for step in range(steps + 1)}
    return {0, 1}


def _moves_alike(made: Contest, changed: Facts, seed: int) -> bool:
    """Whether the change is seen at all; the recalculated file must say what a workbook of the changed facts says."""
    evaluation = evaluate(made.rules, made.facts, stage=made.stage, earlier=made.earlier)
    before = workbook_of(made.rules, made.facts, made.stage, made.earlier)
    same_places = ranking_workbook(
        rules=made.rules, facts=changed, evaluation=evaluation, stage=made.stage, provenance=MADE, language="en"
    )
    old, new, live = inputs(before), inputs(same_places), formulas(before)
    typed = {where for where in old.keys() | new.keys() if old.get(where) != new.get(where) and where[0][:4] == "Card"}
    ((sheet, cell),) = typed - live.keys()
    found = with_value(before, sheet, cell, new.get((sheet, cell)))  # type: ignore[arg-type]
    recalculated = {**inputs(found), **by_ironcalc(found)}
    after = workbook_of(made.rules, changed, made.stage, made.earlier)
    for name in {where[0] for where in live if where[0].startswith("Rank")}:
        assert _ranking(recalculated, name) == _ranking(values(after), name), seed
    return _ranking(values(before), name) != _ranking(values(after), name)


def inputs(xlsx: bytes) -> dict[Where, Written]:
    """The cells that hold values, not formulas."""
    live = formulas(xlsx).keys()
    return {where: value for where, value in values(xlsx).items() if where not in live}


SAID_BY_THE_SYSTEM = ("What decided a tie", "Remark", "Against the system", "Line on the audit sheet")


def _ranking(cells: Mapping[Where, Any], sheet: str) -> list[dict[str, Any]]:
    """The lines of a ranking sheet, first to last, without what only the system says."""
    rows: dict[int, dict[str, Any]] = {}
    for (name, cell), value in cells.items():
        if name == sheet:
            letters = cell.rstrip("0123456789")
            rows.setdefault(int(cell[len(letters) :]), {})[letters] = value
    head = min(number for number, row in rows.items() if row.get("B") == "Entry")
    titles = {letters: str(title) for letters, title in rows[head].items() if title not in SAID_BY_THE_SYSTEM}
    return [
        {title: _said(row.get(letters)) for letters, title in titles.items()}
        for number, row in sorted(rows.items())
        if number > head + 1 and row.get("B")
    ]


def _said(value: Any) -> Any:
    """A number to eleven digits, so that a decimal without end compares; nothing and an empty text are the same."""
    return f"{float(value) + 0:.11g}" if isinstance(value, Decimal | float | int) else value or ""
