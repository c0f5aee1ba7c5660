"""The ranking workbooks of past contests, each formula calculated again by an independent spreadsheet engine."""

from collections.abc import Iterator
from typing import Any

from exports.ranking_workbook import ranking_workbook
from scoring_rules.engine import EarlierResults, evaluate
from scoring_rules.facts import Facts
from scoring_rules.reader import read_rules_file
from scoring_rules.rules import RuleSet
from tests.contests import Compared, diving, juries, ski_jumping
from tests.exports.example import provenance
from tests.recalculate import by_ironcalc, compare


def contests() -> Iterator[tuple[str, RuleSet, Facts, str, EarlierResults | None]]:
    """(contest, rules, facts, stage, earlier) of each workbook."""
    broken: dict[str, Any] = {"ties": ["criterion:K4", "median", "share"]}
    yield juries.ONE_JURY, *juries.given(juries.ONE_JURY, **broken), "final", None
    yield juries.ZONES, *juries.given(juries.ZONES, groups="zone", **broken), "final", None
    yield "diving 2016", read_rules_file(diving.RULES), diving.given(), "final", None
    rules = read_rules_file(ski_jumping.RULES)
    yield "ski jumping 2013", rules, ski_jumping.given("1"), "round_1", None
    yield "ski jumping 2013", rules, ski_jumping.given("2"), "round_2", ski_jumping.earlier()


def compared() -> list[Compared]:
    """Every formula of every workbook, and those whose recalculated value is not the one written."""
    found = []
    for name, rules, facts, stage, earlier in contests():
        evaluation = evaluate(rules, facts, stage=stage, earlier=earlier)
        book = ranking_workbook(
            rules=rules, facts=facts, evaluation=evaluation, stage=stage, provenance=provenance(invented=False)
        )
        formulas = compare(book, by_ironcalc)
        wrong = tuple(
            f"{each.sheet}!{each.cell}: {each.recalculated}, written {each.written}"
            for each in (*formulas.different, *formulas.near)
        )
        found.append(Compared(name, f"formulas of its workbook, {stage}", formulas.formulas, wrong))
    return found
